/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A file: one line that says whose it is and which generation, which is authenticated as
 * well; the nonce; the tokens, encrypted; the tag. */

#include "config.h"

#include "accounts/weir-escrow.h"

#include "store/weir-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define KEY_BYTES 32
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define HEAD_FORMAT "weir escrow 1 %s %" G_GUINT64_FORMAT "\n"
#define HEAD_PREFIX "weir escrow 1 "
#define FILE_MAX_BYTES ((size_t)128 << 10)

WeirSecret *
weir_escrow_make_key (void)
{
  unsigned char bytes[KEY_BYTES];
  char digits[2 * KEY_BYTES + 1];
  WeirSecret *key;

  if (gnutls_rnd (GNUTLS_RND_KEY, bytes, sizeof bytes) != 0)
    g_error ("no chance to be had for a key");
  for (unsigned i = 0; i < KEY_BYTES; i++)
    g_snprintf (digits + 2 * i, 3, "%02x", bytes[i]);
  key = weir_secret_new ((WeirSlice){ digits, sizeof digits - 1 });
  explicit_bzero (bytes, sizeof bytes);
  explicit_bzero (digits, sizeof digits);
  return key;
}

static gboolean
open_cipher (const WeirSecret *key, gnutls_aead_cipher_hd_t *out, GError **error)
{
  const WeirSlice digits = weir_secret_reveal (key);
  unsigned char bytes[KEY_BYTES] = { 0 };
  gnutls_datum_t datum = { bytes, sizeof bytes };
  gboolean ok = digits.length == 2 * KEY_BYTES;

  for (size_t i = 0; ok && i < digits.length; i++)
    {
      const int digit = g_ascii_xdigit_value (digits.text[i]);

      ok = digit >= 0;
      bytes[i / 2] = (unsigned char)(bytes[i / 2] << 4 | (digit & 15));
    }
  ok = ok && gnutls_aead_cipher_init (out, GNUTLS_CIPHER_AES_256_GCM, &datum) == 0;
  explicit_bzero (bytes, sizeof bytes);
  return ok || weir_error_set (error, WEIR_ERROR_IO, "the escrow's key cannot be used");
}

gboolean
weir_escrow_write (const char *folder,
                   const char *id,
                   uint64_t generation,
                   const WeirSecret *key,
                   const WeirSecret *line,
                   GError **error)
{
  const WeirSlice text = weir_secret_reveal (line);
  g_autofree char *path = g_build_filename (folder, id, NULL);
  g_autofree char *head = g_strdup_printf (HEAD_FORMAT, id, generation);
  const size_t head_bytes = strlen (head);
  size_t sealed_bytes = text.length + TAG_BYTES;
  g_autofree char *bytes = g_malloc (head_bytes + NONCE_BYTES + sealed_bytes);
  char *nonce = bytes + head_bytes;
  gnutls_aead_cipher_hd_t cipher;
  int code;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return weir_error_set (error, WEIR_ERROR_IO, "cannot make the folder %s: %s", folder,
                           g_strerror (errno));
  if (!open_cipher (key, &cipher, error))
    return FALSE;
  memcpy (bytes, head, head_bytes);
  code = gnutls_rnd (GNUTLS_RND_NONCE, nonce, NONCE_BYTES);
  if (code == 0)
    code = gnutls_aead_cipher_encrypt (cipher, nonce, NONCE_BYTES, head, head_bytes,
                                       TAG_BYTES, text.text, text.length,
                                       nonce + NONCE_BYTES, &sealed_bytes);
  gnutls_aead_cipher_deinit (cipher);
  if (code != 0)
    return weir_error_set (error, WEIR_ERROR_IO, "cannot encrypt: %s",
                           gnutls_strerror (code));
  return weir_file_replace (
      path, (WeirSlice){ bytes, head_bytes + NONCE_BYTES + sealed_bytes }, error);
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
  const char *nonce = text.text + head_bytes;
  g_autofree char *plain = NULL;
  size_t plain_bytes = 0;
  size_t sealed_bytes = 0;
  gnutls_aead_cipher_hd_t cipher;
  WeirSecret *line = NULL;

  if (head_bytes == 0 || text.length < head_bytes + NONCE_BYTES + TAG_BYTES)
    {
      weir_error_set (error, WEIR_ERROR_IO, "it is no escrow of this account");
      return NULL;
    }
  sealed_bytes = text.length - head_bytes - NONCE_BYTES;
  plain_bytes = sealed_bytes;
  if (!open_cipher (key, &cipher, error))
    return NULL;
  plain = g_malloc0 (plain_bytes);
  if (gnutls_aead_cipher_decrypt (cipher, nonce, NONCE_BYTES, text.text, head_bytes,
                                  TAG_BYTES, nonce + NONCE_BYTES, sealed_bytes, plain,
                                  &plain_bytes)
      == 0)
    line = weir_secret_new ((WeirSlice){ plain, plain_bytes });
  gnutls_aead_cipher_deinit (cipher);
  explicit_bzero (plain, sealed_bytes);
  if (line == NULL)
    weir_error_set (error, WEIR_ERROR_IO, "it is damaged, or of another key");
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
