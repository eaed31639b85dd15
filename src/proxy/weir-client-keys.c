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
  WeirClientKey key;
} Known;

struct _WeirClientKeys
{
  Known *known; /* (owned) all but the disabled ones */
  unsigned n_known;
  uint64_t generation;
  gboolean open;
  WeirClientKey nobody;
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
  self->known = g_new0 (Known, keys->len);
  for (unsigned i = 0; i < keys->len; i++)
    {
      const WeirConfigClientKey *config = g_ptr_array_index (keys, i);
      Known *known = &self->known[self->n_known];
      char hex[17];

      if (config->disabled)
        continue;
      digest_of (self, weir_secret_reveal (config->key), known->digest);
      weir_secret_get_digest (config->key, hex);
      g_strlcpy (known->key.name, hex, sizeof known->key.name);
      known->key.config = config;
      known->key.limits = (WeirLimitSet){
        .requests_per_minute = config->requests_per_minute,
        .tokens_per_minute = config->tokens_per_minute,
        .requests_per_day = config->requests_per_day,
        .concurrent = config->concurrent_requests,
      };
      self->n_known++;
    }
  return self;
}

void
weir_client_keys_free (WeirClientKeys *self)
{
  if (self == NULL)
    return;
  g_free (self->known);
  explicit_bzero (self->hmac_key, DIGEST_BYTES);
  g_free (self);
}

static gboolean
is_expired (const WeirClientKey *key, int64_t real_us)
{
  return key->config->expires_us != 0 && real_us >= key->config->expires_us;
}

const WeirClientKey *
weir_client_keys_lookup (const WeirClientKeys *self, const char *name, int64_t real_us)
{
  for (unsigned i = 0; i < self->n_known; i++)
    {
      const WeirClientKey *key = &self->known[i].key;

      if (g_str_equal (key->name, name) && !is_expired (key, real_us))
        return key;
    }
  return self->open ? &self->nobody : NULL;
}

/* (nullable) */
static const WeirClientKey *
find_key (const WeirClientKeys *self, WeirSlice text)
{
  guint8 digest[DIGEST_BYTES];
  const WeirClientKey *found = NULL;

  digest_of (self, text, digest);
  for (unsigned i = 0; i < self->n_known; i++)
    if (same_bytes (self->known[i].digest, digest, DIGEST_BYTES))
      found = &self->known[i].key;
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
remember (const WeirClientKeys *self,
          WeirKeyMemo *memo,
          WeirSlice text,
          const WeirClientKey *key)
{
  if (text.length > sizeof memo->bytes)
    return;
  memo->generation = self->generation;
  memo->key = key;
  memo->length = (unsigned)text.length;
  memcpy (memo->bytes, text.text, text.length);
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
             int64_t real_us,
             WeirKeyMemo *memo,
             const WeirClientKey **out_key)
{
  gboolean any_expired = FALSE;
  const WeirClientKey *valid = NULL;

  for (unsigned i = 0; i < n; i++)
    {
      const WeirClientKey *key = n == 1 && is_remembered (self, memo, shown[0])
                                     ? memo->key
                                     : find_key (self, shown[i]);

      if (key != NULL && is_expired (key, real_us))
        {
          any_expired = TRUE;
          key = NULL;
        }
      if (key == NULL)
        continue;
      if (valid != NULL && valid != key)
        return WEIR_KEY_AMBIGUOUS;
      valid = key;
    }
  if (valid != NULL && n == 1)
    remember (self, memo, shown[0], valid);
  *out_key = valid == NULL && self->open ? &self->nobody : valid;
  if (*out_key != NULL)
    return WEIR_KEY_VALID;
  if (any_expired)
    return WEIR_KEY_EXPIRED;
  return n == 0 ? WEIR_KEY_MISSING : WEIR_KEY_WRONG;
}

WeirKeyResult
weir_client_keys_check (const WeirClientKeys *self,
                        const WeirHttpHead *head,
                        gboolean query_allowed,
                        int64_t real_us,
                        WeirKeyMemo *memo,
                        const WeirClientKey **out_key)
{
  char *query_key = NULL;
  WeirSlice shown[CREDENTIALS_MAX];
  unsigned n = collect (head, query_allowed, &query_key, shown);
  WeirKeyResult result;

  *out_key = NULL;
  result = check_shown (self, shown, n, real_us, memo, out_key);
  weir_secret_wipe_string (query_key);
  return result;
}

/* --- rights --- */

static gboolean
matches_any (char **globs, const char *text)
{
  for (; *globs != NULL; globs++)
    if (weir_glob_matches (*globs, text))
      return TRUE;
  return FALSE;
}

/* Appends the forms of @name: as it is, and with each of its suffixes taken off. */
static void
add_forms (GPtrArray *forms, const char *name)
{
  g_autofree char *form = g_strdup (name);

  while (*form != '\0')
    {
      char *open = strrchr (form, '(');

      g_ptr_array_add (forms, g_strdup (form));
      if (open == NULL || !g_str_has_suffix (form, ")"))
        return;
      *open = '\0';
    }
}

static gboolean
any_matches (const GPtrArray *forms, char **globs)
{
  for (unsigned i = 0; i < forms->len; i++)
    if (matches_any (globs, g_ptr_array_index (forms, i)))
      return TRUE;
  return FALSE;
}

/* What may look to a person, or be read by a vendor, like another name. */
static gboolean
is_plain (const char *name)
{
  for (; *name != '\0'; name++)
    if (!g_ascii_isgraph (*name))
      return FALSE;
  return TRUE;
}

static gboolean
is_spelt_out (char **globs, const char *name)
{
  while (*globs != NULL && g_ascii_strcasecmp (*globs, name) != 0)
    globs++;
  return *globs != NULL && strchr (name, '*') == NULL;
}

gboolean
weir_client_key_allows_model (const WeirClientKey *self,
                              const char *requested,
                              const WeirModel *model)
{
  const WeirConfigClientKey *config = self->config;
  g_autoptr (GPtrArray) names = NULL;
  gboolean all_allowed = model != NULL && model->routes->len > 0;

  if (config == NULL
      || (*config->allowed_models == NULL && *config->excluded_models == NULL))
    return TRUE;
  if (!is_plain (requested) && !is_spelt_out (config->allowed_models, requested))
    return FALSE;
  names = g_ptr_array_new_with_free_func (g_free);
  add_forms (names, requested);
  if (model != NULL)
    add_forms (names, model->id);
  if (any_matches (names, config->excluded_models))
    return FALSE;
  for (unsigned i = 0; model != NULL && i < model->routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (model->routes, i);
      g_autoptr (GPtrArray) forms = g_ptr_array_new_with_free_func (g_free);

      add_forms (forms, route->upstream_name);
      if (any_matches (forms, config->excluded_models))
        return FALSE;
      all_allowed &= any_matches (forms, config->allowed_models);
    }
  return *config->allowed_models == NULL || all_allowed
         || any_matches (names, config->allowed_models);
}

/* --- guesses --- */

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
