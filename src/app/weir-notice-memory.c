/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A hash table of times. */

#include "config.h"

#include "app/weir-notice-memory.h"

#include <string.h>

#define KEY_MAX_BYTES 256

struct _WeirNoticeMemory
{
  GHashTable *until_us; /* (owned) char * (owned) -> int64_t * (owned) */
};

WeirNoticeMemory *
weir_notice_memory_new (void)
{
  WeirNoticeMemory *self = g_new0 (WeirNoticeMemory, 1);

  self->until_us = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
weir_notice_memory_free (WeirNoticeMemory *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->until_us);
  g_free (self);
}

static void
drop_first_to_end (WeirNoticeMemory *self)
{
  GHashTableIter iter;
  gpointer key = NULL;
  gpointer value = NULL;
  const char *first = NULL;
  int64_t first_us = INT64_MAX;

  g_hash_table_iter_init (&iter, self->until_us);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (first == NULL || *(const int64_t *)value < first_us)
      {
        first = key;
        first_us = *(const int64_t *)value;
      }
  g_hash_table_remove (self->until_us, first);
}

void
weir_notice_memory_add (WeirNoticeMemory *self, const char *key, int64_t until_us)
{
  int64_t *known = g_hash_table_lookup (self->until_us, key);

  if (known != NULL)
    {
      *known = MAX (*known, until_us);
      return;
    }
  if (strlen (key) > KEY_MAX_BYTES || strchr (key, '\n') != NULL)
    return;
  if (g_hash_table_size (self->until_us) == WEIR_NOTICE_MEMORY_MAX)
    drop_first_to_end (self);
  g_hash_table_insert (self->until_us, g_strdup (key),
                       g_memdup2 (&until_us, sizeof until_us));
}

gboolean
weir_notice_memory_has (const WeirNoticeMemory *self, const char *key, int64_t now_us)
{
  const int64_t *until_us = g_hash_table_lookup (self->until_us, key);

  return until_us != NULL && *until_us > now_us;
}

gboolean
weir_notice_memory_remove (WeirNoticeMemory *self, const char *key)
{
  return g_hash_table_remove (self->until_us, key);
}

char *
weir_notice_memory_write (const WeirNoticeMemory *self, int64_t now_us)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GList) keys = g_hash_table_get_keys (self->until_us);

  keys = g_list_sort (g_steal_pointer (&keys), (GCompareFunc)strcmp);
  for (const GList *at = keys; at != NULL; at = at->next)
    {
      const int64_t *until_us = g_hash_table_lookup (self->until_us, at->data);

      if (*until_us > now_us)
        g_string_append_printf (out, "%" G_GINT64_FORMAT " %s\n", *until_us,
                                (const char *)at->data);
    }
  return g_string_free (out, FALSE);
}

void
weir_notice_memory_read (WeirNoticeMemory *self, WeirSlice text)
{
  g_autofree char *copy
      = text.length > 0 ? g_strndup (text.text, text.length) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);

  for (unsigned i = 0; lines[i] != NULL; i++)
    {
      char *end = NULL;
      const int64_t until_us = g_ascii_strtoll (lines[i], &end, 10);

      if (until_us > 0 && end != lines[i] && *end == ' ' && end[1] != '\0'
          && g_utf8_validate (end + 1, -1, NULL))
        weir_notice_memory_add (self, end + 1, until_us);
    }
}
