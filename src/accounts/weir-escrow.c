/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A file: one line that says whose it is and which generation; and the tokens, sealed. */

#include "config.h"

#include "accounts/weir-escrow.h"

#include "accounts/weir-seal.h"
#include "store/weir-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define HEAD_FORMAT "weir escrow 1 %s %" G_GUINT64_FORMAT "\n"
#define HEAD_PREFIX "weir escrow 1 "
#define FILE_MAX_BYTES ((size_t)128 << 10)

gboolean
weir_escrow_write (const char *folder,
                   const char *id,
                   uint64_t generation,
                   const WeirSecret *key,
                   const WeirSecret *line,
                   GError **error)
{
  g_autofree char *path = g_build_filename (folder, id, NULL);
  g_autofree char *head = g_strdup_printf (HEAD_FORMAT, id, generation);
  g_autoptr (GBytes) sealed = NULL;
  WeirSlice bytes = { 0 };

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return weir_error_set (error, WEIR_ERROR_IO, "cannot make the folder %s: %s", folder,
                           g_strerror (errno));
  sealed = weir_seal_close (weir_slice_from_string (head), key, weir_secret_reveal (line),
                            error);
  if (sealed == NULL)
    return FALSE;
  bytes.text = g_bytes_get_data (sealed, &bytes.length);
  return weir_file_replace (path, bytes, error);
}

/* The length of the line that @text begins with, if that is a head of @id; else 0. */
static size_t
read_head (WeirSlice text, const char *id, uint64_t *out_generation)
{
  const char *end = text.length > 0 ? memchr (text.text, '\n', text.length) : NULL;
  g_autofree char *prefix = g_strconcat (HEAD_PREFIX, id, " ", NULL);
  g_autofree char *line = NULL;

  if (end == NULL)
    return 0;
  line = g_strndup (text.text, (size_t)(end - text.text));
  if (!g_str_has_prefix (line, prefix)
      || !g_ascii_string_to_unsigned (line + strlen (prefix), 10, 1, G_MAXINT64,
                                      out_generation, NULL))
    return 0;
  return (size_t)(end - text.text) + 1;
}

static WeirSecret *
unseal (WeirSlice text,
        const char *id,
        const WeirSecret *key,
        uint64_t *out_generation,
        GError **error)
{
  const size_t head_bytes = read_head (text, id, out_generation);
  g_autofree char *plain = NULL;
  size_t length = 0;
  WeirSecret *line = NULL;

  if (head_bytes == 0)
    {
      weir_error_set (error, WEIR_ERROR_IO, "it is no escrow of this account");
      return NULL;
    }
  plain = weir_seal_open (text, head_bytes, key, &length, error);
  if (plain == NULL)
    return NULL;
  line = weir_secret_new ((WeirSlice){ plain, length });
  explicit_bzero (plain, length);
  if (line == NULL)
    weir_error_set (error, WEIR_ERROR_IO, "it holds no tokens");
  return line;
}

WeirSecret *
weir_escrow_read (const char *folder,
                  const char *id,
                  const WeirSecret *key,
                  uint64_t *out_generation,
                  GError **error)
{
  g_autofree char *path = g_build_filename (folder, id, NULL);
  g_autoptr (GBytes) bytes = NULL;
  WeirSlice text = { 0 };
  WeirSecret *line;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  bytes = weir_file_read (path, FILE_MAX_BYTES, NULL, NULL, error);
  if (bytes == NULL)
    return NULL;
  text.text = g_bytes_get_data (bytes, &text.length);
  line = unseal (text, id, key, out_generation, error);
  if (line == NULL)
    g_prefix_error (error, "cannot use %s: ", path);
  return line;
}

gboolean
weir_escrow_remove (const char *folder, const char *id, GError **error)
{
  g_autofree char *path = g_build_filename (folder, id, NULL);

  return g_unlink (path) == 0 || errno == ENOENT
         || weir_error_set (error, WEIR_ERROR_IO, "cannot remove %s: %s", path,
                            g_strerror (errno));
}

char **
weir_escrow_list (const char *folder)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isalnum (*name) && strchr (name, '.') == NULL)
      g_strv_builder_add (builder, name);
  return g_strv_builder_end (builder);
}
