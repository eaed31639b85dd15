/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Behind the head: the nonce; the text, encrypted; the tag, which is of the head, too. */

#include "config.h"

#include "accounts/weir-seal.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define KEY_BYTES 32
#define NONCE_BYTES 12
#define TAG_BYTES 16

WeirSecret *
weir_seal_make_key (void)
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

/* FALSE: it is no key.  The caller wipes @out. */
static gboolean
read_key (const WeirSecret *key, unsigned char out[KEY_BYTES])
{
  const WeirSlice digits = weir_secret_reveal (key);

  if (digits.length != 2 * KEY_BYTES)
    return FALSE;
  for (size_t i = 0; i < digits.length; i++)
    {
      const int digit = g_ascii_xdigit_value (digits.text[i]);

      if (digit < 0)
        return FALSE;
      out[i / 2] = (unsigned char)(out[i / 2] << 4 | digit);
    }
  return TRUE;
}

gboolean
weir_seal_is_key (const WeirSecret *text)
{
  unsigned char bytes[KEY_BYTES] = { 0 };
  const gboolean is_key = read_key (text, bytes);

  explicit_bzero (bytes, sizeof bytes);
  return is_key;
}

static gboolean
open_cipher (const WeirSecret *key, gnutls_aead_cipher_hd_t *out, GError **error)
{
  unsigned char bytes[KEY_BYTES] = { 0 };
  const gnutls_datum_t datum = { bytes, sizeof bytes };
  const gboolean ok
      = read_key (key, bytes)
        && gnutls_aead_cipher_init (out, GNUTLS_CIPHER_AES_256_GCM, &datum) == 0;

  explicit_bzero (bytes, sizeof bytes);
  return ok || weir_error_set (error, WEIR_ERROR_IO, "the key cannot be used");
}

GBytes *
weir_seal_close (WeirSlice head, const WeirSecret *key, WeirSlice text, GError **error)
{
  size_t sealed_bytes = text.length + TAG_BYTES;
  g_autofree char *bytes = g_malloc (head.length + NONCE_BYTES + sealed_bytes);
  char *nonce = bytes + head.length;
  gnutls_aead_cipher_hd_t cipher;
  int code;

  if (!open_cipher (key, &cipher, error))
    return NULL;
  memcpy (bytes, head.text, head.length);
  code = gnutls_rnd (GNUTLS_RND_NONCE, nonce, NONCE_BYTES);
  if (code == 0)
    code = gnutls_aead_cipher_encrypt (cipher, nonce, NONCE_BYTES, head.text, head.length,
                                       TAG_BYTES, text.text, text.length,
                                       nonce + NONCE_BYTES, &sealed_bytes);
  gnutls_aead_cipher_deinit (cipher);
  if (code != 0)
    {
      weir_error_set (error, WEIR_ERROR_IO, "cannot encrypt: %s", gnutls_strerror (code));
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&bytes),
                           head.length + NONCE_BYTES + sealed_bytes);
}

char *
weir_seal_open (WeirSlice bytes,
                size_t head_bytes,
                const WeirSecret *key,
                size_t *out_length,
                GError **error)
{
  const char *nonce = bytes.text + head_bytes;
  gnutls_aead_cipher_hd_t cipher;
  size_t sealed_bytes;
  size_t length;
  char *plain;

  if (bytes.length < head_bytes + NONCE_BYTES + TAG_BYTES)
    {
      weir_error_set (error, WEIR_ERROR_IO, "it is cut short");
      return NULL;
    }
  if (!open_cipher (key, &cipher, error))
    return NULL;
  sealed_bytes = bytes.length - head_bytes - NONCE_BYTES;
  length = sealed_bytes;
  plain = g_malloc0 (sealed_bytes);
  if (gnutls_aead_cipher_decrypt (cipher, nonce, NONCE_BYTES, bytes.text, head_bytes,
                                  TAG_BYTES, nonce + NONCE_BYTES, sealed_bytes, plain,
                                  &length)
      != 0)
    {
      explicit_bzero (plain, sealed_bytes);
      g_clear_pointer (&plain, g_free);
      weir_error_set (error, WEIR_ERROR_IO, "it is damaged, or of another key");
    }
  gnutls_aead_cipher_deinit (cipher);
  if (plain != NULL)
    *out_length = length;
  return plain;
}
