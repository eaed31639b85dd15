/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A queue in the order of use and an index over it.  Items are kept as one text: a follower
 * repeats its forerunner's bytes, which costs memory but leaves nothing to be pieced
 * together when one of them is forgotten. */

#include "config.h"

#include "chat/weir-response-store.h"

#include "base/weir-error.h"
#include "base/weir-json-edit.h"

typedef struct
{
  GList link;   /* in @order */
  char *key;    /* (owned) owner, line feed, id */
  char *keeper; /* (owned) */
  char *items;  /* (owned) */
  char *whole;  /* (owned) */
  size_t length;
  size_t input_length;
  size_t whole_length;
  int64_t used_us;
} Entry;

struct _WeirResponseStore
{
  GHashTable *index; /* (owned) of key (the entry's) to Entry (unowned) */
  GQueue order;      /* of Entry (owned), longest unused first */
  unsigned max_count;
  size_t max_bytes;
  size_t bytes;
  int64_t max_age_us;
};

static char *
make_key (const char *owner, const char *id)
{
  return g_strconcat (owner, "\n", id, NULL);
}

static size_t
get_cost (const Entry *entry)
{
  return sizeof *entry + strlen (entry->key) + entry->length + entry->whole_length;
}

static void
forget (WeirResponseStore *self, Entry *entry)
{
  self->bytes -= get_cost (entry);
  g_hash_table_remove (self->index, entry->key);
  g_queue_unlink (&self->order, &entry->link);
  g_free (entry->key);
  g_free (entry->keeper);
  g_free (entry->items);
  g_free (entry->whole);
  g_free (entry);
}

static void
forget_old (WeirResponseStore *self, int64_t now_us)
{
  Entry *oldest;

  while ((oldest = g_queue_peek_head (&self->order)) != NULL
         && (now_us - oldest->used_us >= self->max_age_us || self->bytes > self->max_bytes
             || g_hash_table_size (self->index) > self->max_count))
    forget (self, oldest);
}

WeirResponseStore *
weir_response_store_new (unsigned max_count, size_t max_bytes, int64_t max_age_us)
{
  WeirResponseStore *self = g_new0 (WeirResponseStore, 1);

  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  self->max_count = max_count;
  self->max_bytes = max_bytes;
  self->max_age_us = max_age_us;
  return self;
}

void
weir_response_store_free (WeirResponseStore *self)
{
  if (self == NULL)
    return;
  while (!g_queue_is_empty (&self->order))
    forget (self, g_queue_peek_head (&self->order));
  g_hash_table_unref (self->index);
  g_free (self);
}

void
weir_response_store_put (WeirResponseStore *self,
                         const char *owner,
                         const char *id,
                         const WeirStoredResponse *response,
                         int64_t now_us)
{
  g_autofree char *key = make_key (owner, id);
  Entry *entry = g_hash_table_lookup (self->index, key);

  if (entry != NULL)
    forget (self, entry);
  entry = g_new0 (Entry, 1);
  entry->link.data = entry;
  entry->key = g_steal_pointer (&key);
  entry->keeper = g_strdup (response->keeper);
  entry->items = weir_slice_dup (response->items);
  entry->length = response->items.length;
  entry->input_length = response->input_length;
  entry->whole = weir_slice_dup (response->whole);
  entry->whole_length = response->whole.length;
  entry->used_us = now_us;
  g_queue_push_tail_link (&self->order, &entry->link);
  g_hash_table_insert (self->index, entry->key, entry);
  self->bytes += get_cost (entry);
  /* one that would drive out all the others goes itself */
  if (get_cost (entry) > self->max_bytes)
    forget (self, entry);
  forget_old (self, now_us);
}

gboolean
weir_response_store_lookup (WeirResponseStore *self,
                            const char *owner,
                            const char *id,
                            int64_t now_us,
                            WeirStoredResponse *out)
{
  g_autofree char *key = make_key (owner, id);
  Entry *entry;

  forget_old (self, now_us);
  entry = g_hash_table_lookup (self->index, key);
  if (entry == NULL)
    return FALSE;
  entry->used_us = now_us;
  g_queue_unlink (&self->order, &entry->link);
  g_queue_push_tail_link (&self->order, &entry->link);
  *out = (WeirStoredResponse){
    .items = { entry->items, entry->length },
    .input_length = entry->input_length,
    .whole = { entry->whole, entry->whole_length },
    .keeper = entry->keeper,
  };
  return TRUE;
}

void
weir_response_store_remove (WeirResponseStore *self, const char *owner, const char *id)
{
  g_autofree char *key = make_key (owner, id);
  Entry *entry = g_hash_table_lookup (self->index, key);

  if (entry != NULL)
    forget (self, entry);
}

unsigned
weir_response_store_count (const WeirResponseStore *self)
{
  return g_hash_table_size (self->index);
}

size_t
weir_response_store_get_bytes (const WeirResponseStore *self)
{
  return self->bytes;
}

/* What stands between the brackets of a list, without white space around it. */
static WeirSlice
strip_brackets (WeirSlice list)
{
  WeirSlice inner = { list.text + 1, list.length - 2 };

  while (inner.length > 0 && g_ascii_isspace (*inner.text))
    {
      inner.text++;
      inner.length--;
    }
  while (inner.length > 0 && g_ascii_isspace (inner.text[inner.length - 1]))
    inner.length--;
  return inner;
}

gboolean
weir_response_store_append_input (GString *out, const WeirJson *json, uint32_t input)
{
  WeirJsonType type = input != 0 ? weir_json_get_type (json, input) : WEIR_JSON_NULL;
  WeirSlice raw;

  if (type == WEIR_JSON_NULL)
    return TRUE;
  if (type != WEIR_JSON_ARRAY && type != WEIR_JSON_STRING)
    return FALSE;
  raw = weir_json_get_raw (json, input);
  if (type == WEIR_JSON_ARRAY)
    raw = strip_brackets (raw);
  if (raw.length > 0 && out->len > 0)
    g_string_append_c (out, ',');
  if (type == WEIR_JSON_ARRAY)
    {
      g_string_append_len (out, raw.text, (gssize)raw.length);
      return TRUE;
    }
  g_string_append (out, "{\"role\":\"user\",\"content\":");
  g_string_append_len (out, raw.text, (gssize)raw.length);
  g_string_append_c (out, '}');
  return TRUE;
}

GBytes *
weir_response_store_expand (WeirSlice body, WeirSlice items, GError **error)
{
  static const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  g_autoptr (GString) joined = g_string_sized_new (items.length + 256);
  g_autoptr (GString) input = NULL;

  if (!weir_json_parse (&json, body.text, body.length, &shallow, error))
    return NULL;
  g_string_append_len (joined, items.text, (gssize)items.length);
  if (weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT
      || !weir_response_store_append_input (joined, &json,
                                            weir_json_lookup (&json, 0, "input")))
    {
      weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "\"input\" must be a text or a list");
      return NULL;
    }
  input = g_string_sized_new (joined->len + 2);
  g_string_append_c (input, '[');
  g_string_append_len (input, joined->str, (gssize)joined->len);
  g_string_append_c (input, ']');
  weir_json_edit_remove (&edit, &json, 0, "previous_response_id");
  weir_json_edit_set (&edit, &json, 0, "input", (WeirSlice){ input->str, input->len });
  return weir_json_edit_apply (&edit, body);
}
