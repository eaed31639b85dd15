/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keys are compared as HMAC-SHA-256 digests under a key of this process, over all of them
 * and without an early exit, so that time says nothing about how near a guess was. */

#include "config.h"

#include "proxy/weir-client-keys.h"

#include "base/weir-clock.h"

#include <errno.h>
#include <sys/random.h>

#define DIGEST_BYTES 32
#define GUESSES_PER_MINUTE 10
#define PEERS_MAX 1024
#define CREDENTIALS_MAX 4

typedef struct
{
  guint8 digest[DIGEST_BYTES];
  char name[WEIR_KEY_NAME_BYTES];
} Key;

struct _WeirClientKeys
{
  GArray *keys; /* (owned) of Key */
  uint64_t generation;
  gboolean open;
  guint8 hmac_key[DIGEST_BYTES];
};

typedef struct
{
  double tokens;
  int64_t seen_us;
} Bucket;

struct _WeirGuessLimit
{
  GHashTable *buckets; /* (owned) peer (owned) -> Bucket (owned) */
};

static uint64_t last_generation;

static void
digest_of (const WeirClientKeys *self, WeirSlice text, guint8 out[DIGEST_BYTES])
{
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, self->hmac_key, DIGEST_BYTES);
  gsize length = DIGEST_BYTES;

  g_hmac_update (hmac, (const guchar *)text.text, (gssize)text.length);
  g_hmac_get_digest (hmac, out, &length);
}

static gboolean
same_bytes (const void *a, const void *b, size_t length)
{
  const volatile guint8 *left = a;
  const volatile guint8 *right = b;
  guint8 difference = 0;

  for (size_t i = 0; i < length; i++)
    difference |= (guint8)(left[i] ^ right[i]);
  return difference == 0;
}

WeirClientKeys *
weir_client_keys_new (GPtrArray *keys, gboolean open)
{
  WeirClientKeys *self = g_new0 (WeirClientKeys, 1);

  self->generation = ++last_generation;
  self->open = open;
  if (getrandom (self->hmac_key, DIGEST_BYTES, 0) != DIGEST_BYTES)
    g_error ("the kernel gives no random bytes: %s", g_strerror (errno));
  self->keys = g_array_sized_new (FALSE, TRUE, sizeof (Key), keys->len);
  for (unsigned i = 0; i < keys->len; i++)
    {
      const WeirConfigClientKey *entry = g_ptr_array_index (keys, i);
      const WeirSecret *secret = entry->key;
      char hex[17];
      Key key = { 0 };

      digest_of (self, weir_secret_reveal (secret), key.digest);
      weir_secret_get_digest (secret, hex);
      g_strlcpy (key.name, hex, sizeof key.name);
      g_array_append_val (self->keys, key);
    }
  return self;
}

void
weir_client_keys_free (WeirClientKeys *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->keys);
  explicit_bzero (self->hmac_key, DIGEST_BYTES);
  g_free (self);
}

gboolean
weir_client_keys_has (const WeirClientKeys *self, const char *name)
{
  for (guint i = 0; i < self->keys->len; i++)
    if (g_str_equal (g_array_index (self->keys, Key, i).name, name))
      return TRUE;
  return self->open;
}

/* The name of the key, or NULL. */
static const char *
find_key (const WeirClientKeys *self, WeirSlice text)
{
  guint8 digest[DIGEST_BYTES];
  const char *found = NULL;

  digest_of (self, text, digest);
  for (unsigned i = 0; i < self->keys->len; i++)
    {
      const Key *key = &g_array_index (self->keys, Key, i);

      if (same_bytes (key->digest, digest, DIGEST_BYTES))
        found = key->name;
    }
  return found;
}

static WeirSlice
strip_scheme (WeirSlice value)
{
  if (value.length > 7 && g_ascii_strncasecmp (value.text, "Bearer ", 7) == 0)
    {
      value.text += 7;
      value.length -= 7;
      while (value.length > 0 && *value.text == ' ')
        {
          value.text++;
          value.length--;
        }
    }
  return value;
}

static void
remember (const WeirClientKeys *self, WeirKeyMemo *memo, WeirSlice text, const char *name)
{
  if (text.length > sizeof memo->bytes)
    return;
  memo->generation = self->generation;
  memo->length = (unsigned)text.length;
  memcpy (memo->bytes, text.text, text.length);
  g_strlcpy (memo->name, name, sizeof memo->name);
}

static gboolean
is_remembered (const WeirClientKeys *self, const WeirKeyMemo *memo, WeirSlice text)
{
  return memo->length > 0 && memo->generation == self->generation
         && memo->length == text.length && same_bytes (memo->bytes, text.text, text.length);
}

static unsigned
collect (const WeirHttpHead *head,
         gboolean query_allowed,
         char **query_key,
         WeirSlice out[CREDENTIALS_MAX])
{
  static const char *const fields[] = { "authorization", "x-api-key", "x-goog-api-key" };
  unsigned n = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      WeirSlice value = weir_http_head_get (head, fields[i]);

      if (i == 0)
        value = strip_scheme (value);
      if (value.length > 0)
        out[n++] = value;
    }
  if (query_allowed && head->query.length > 0)
    *query_key = weir_http_query_dup (head->query, "key");
  if (*query_key != NULL && **query_key != '\0')
    out[n++] = weir_slice_from_string (*query_key);
  return n;
}

static WeirKeyResult
check_shown (const WeirClientKeys *self,
             const WeirSlice *shown,
             unsigned n,
             WeirKeyMemo *memo,
             char out_name[WEIR_KEY_NAME_BYTES])
{
  const char *valid = NULL;

  if (n == 1 && is_remembered (self, memo, shown[0]))
    {
      g_strlcpy (out_name, memo->name, WEIR_KEY_NAME_BYTES);
      return WEIR_KEY_VALID;
    }
  for (unsigned i = 0; i < n; i++)
    {
      const char *name = find_key (self, shown[i]);

      if (name == NULL)
        continue;
      if (valid != NULL && valid != name)
        return WEIR_KEY_AMBIGUOUS;
      valid = name;
      if (n == 1)
        remember (self, memo, shown[i], name);
    }
  if (valid != NULL)
    g_strlcpy (out_name, valid, WEIR_KEY_NAME_BYTES);
  if (valid != NULL || self->open)
    return WEIR_KEY_VALID;
  return n == 0 ? WEIR_KEY_MISSING : WEIR_KEY_WRONG;
}

WeirKeyResult
weir_client_keys_check (const WeirClientKeys *self,
                        const WeirHttpHead *head,
                        gboolean query_allowed,
                        WeirKeyMemo *memo,
                        char out_name[WEIR_KEY_NAME_BYTES])
{
  char *query_key = NULL;
  WeirSlice shown[CREDENTIALS_MAX];
  unsigned n = collect (head, query_allowed, &query_key, shown);
  WeirKeyResult result;

  out_name[0] = '\0';
  result = check_shown (self, shown, n, memo, out_name);
  weir_secret_wipe_string (query_key);
  return result;
}

WeirGuessLimit *
weir_guess_limit_new (void)
{
  WeirGuessLimit *self = g_new0 (WeirGuessLimit, 1);

  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
weir_guess_limit_free (WeirGuessLimit *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->buckets);
  g_free (self);
}

gboolean
weir_guess_limit_take (WeirGuessLimit *self, const char *peer, int64_t now_us)
{
  Bucket *bucket = g_hash_table_lookup (self->buckets, peer);

  if (bucket == NULL)
    {
      if (g_hash_table_size (self->buckets) >= PEERS_MAX)
        g_hash_table_remove_all (self->buckets);
      bucket = g_new0 (Bucket, 1);
      bucket->tokens = GUESSES_PER_MINUTE;
      bucket->seen_us = now_us;
      g_hash_table_insert (self->buckets, g_strdup (peer), bucket);
    }
  bucket->tokens += (double)(now_us - bucket->seen_us) * GUESSES_PER_MINUTE
                    / (60.0 * (double)WEIR_USEC_PER_SEC);
  bucket->tokens = MIN (bucket->tokens, GUESSES_PER_MINUTE);
  bucket->seen_us = now_us;
  if (bucket->tokens < 1)
    return FALSE;
  bucket->tokens -= 1;
  return TRUE;
}
