/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Key files read, assertions signed, answers read.  Buffers that hold a private key or a
 * token never grow and are wiped. */

#include "config.h"

#include "providers/weir-service-account.h"

#include "base/weir-json-write.h"
#include "base/weir-json.h"

#include <gnutls/abstract.h>
#include <string.h>

#define GRANT "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
#define SCOPE "https://www.googleapis.com/auth/cloud-platform"
#define LASTS_S 3600
#define FILE_BYTES_MAX (32u << 10)
#define TEXT_MAX 512u
#define TOKEN_LASTS_MAX_S (24 * 3600)

static const char *const members[]
    = { "private_key", "client_email", "token_uri", "project_id" };

static gboolean
parse (WeirJson *json, WeirSlice text, GError **error)
{
  const WeirJsonLimits shallow = { .record_depth = 1 };

  if (text.length <= FILE_BYTES_MAX
      && weir_json_parse (json, text.text, text.length, &shallow, NULL)
      && weir_json_get_type (json, 0) == WEIR_JSON_OBJECT)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_CONFIG,
                         "it is no key file of a service account (a JSON object)");
}

static WeirSlice
get_text (const WeirJson *json, const char *name)
{
  const uint32_t item = weir_json_lookup (json, 0, name);

  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return (WeirSlice){ NULL, 0 };
  return weir_json_get_raw (json, item);
}

static gboolean
check (const WeirJson *json, GError **error)
{
  const uint32_t type = weir_json_lookup (json, 0, "type");

  if (type == 0 || !weir_json_equals (json, type, "service_account"))
    return weir_error_set (error, WEIR_ERROR_CONFIG,
                           "its \"type\" is not \"service_account\"");
  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (get_text (json, members[i]).length <= 2)
      return weir_error_set (error, WEIR_ERROR_CONFIG, "it has no \"%s\"", members[i]);
  return TRUE;
}

WeirSecret *
weir_service_account_new (WeirSlice file, GError **error)
{
  g_auto (WeirJson) json = { 0 };
  g_autofree char *line = NULL;
  WeirSecret *self;

  if (!parse (&json, file, error) || !check (&json, error))
    return NULL;
  /* a line end in JSON is white space; in a string it is written with a backslash */
  line = g_memdup2 (file.text, file.length);
  for (size_t i = 0; i < file.length; i++)
    if (g_ascii_iscntrl (line[i]))
      line[i] = ' ';
  self = weir_secret_new ((WeirSlice){ line, file.length });
  explicit_bzero (line, file.length);
  if (self == NULL)
    weir_error_set (error, WEIR_ERROR_CONFIG, "it is too long");
  return self;
}

static char *
dup_member (const WeirSecret *self, const char *name)
{
  g_auto (WeirJson) json = { 0 };
  const WeirSlice text = weir_secret_reveal (self);
  uint32_t item;

  if (!parse (&json, text, NULL))
    return NULL;
  item = weir_json_lookup (&json, 0, name);
  return item != 0 ? weir_json_dup_text (&json, item) : NULL;
}

char *
weir_service_account_dup_project (const WeirSecret *self)
{
  return dup_member (self, "project_id");
}

char *
weir_service_account_dup_email (const WeirSecret *self)
{
  return dup_member (self, "client_email");
}

gboolean
weir_service_account_has_endpoint (const WeirSecret *self, const char *url)
{
  g_autofree char *own = dup_member (self, "token_uri");

  return g_strcmp0 (own, url) == 0;
}

void
weir_service_account_ask_clear (WeirServiceAccountAsk *self)
{
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->body, weir_secret_unref);
}

/* RFC 4648, section 5, without padding. */
static void
append_base64 (GString *out, const void *bytes, size_t length)
{
  g_autofree char *text = g_base64_encode (bytes, length);

  for (const char *c = text; *c != '\0' && *c != '='; c++)
    g_string_append_c (out, *c == '+' ? '-' : *c == '/' ? '_' : *c);
}

static void
append_part (GString *out, const GString *json)
{
  append_base64 (out, json->str, json->len);
}

/* header.claims, which are signed. */
static void
write_claims (GString *out, const WeirJson *json, int64_t now_s)
{
  const WeirSlice key_id = get_text (json, "private_key_id");
  g_autoptr (GString) head = g_string_new (NULL);
  g_autoptr (GString) claims = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, head);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "alg", "RS256");
  weir_json_add_string (&w, "typ", "JWT");
  if (key_id.length > 0)
    weir_json_add_raw (&w, "kid", key_id);
  weir_json_close (&w);
  append_part (out, head);
  g_string_append_c (out, '.');
  weir_json_writer_init (&w, claims);
  weir_json_open (&w, NULL);
  weir_json_add_raw (&w, "iss", get_text (json, "client_email"));
  weir_json_add_string (&w, "scope", SCOPE);
  weir_json_add_raw (&w, "aud", get_text (json, "token_uri"));
  weir_json_add_int (&w, "iat", now_s);
  weir_json_add_int (&w, "exp", now_s + LASTS_S);
  weir_json_close (&w);
  append_part (out, claims);
}

/* @key is imported already. */
static gboolean
append_signature (GString *out, gsize start, gnutls_privkey_t key)
{
  const gnutls_datum_t text
      = { (unsigned char *)out->str + start, (unsigned)(out->len - start) };
  gnutls_datum_t signature = { NULL, 0 };

  if (gnutls_privkey_get_pk_algorithm (key, NULL) != GNUTLS_PK_RSA
      || gnutls_privkey_sign_data (key, GNUTLS_DIG_SHA256, 0, &text, &signature) < 0)
    return FALSE;
  g_string_append_c (out, '.');
  append_base64 (out, signature.data, signature.size);
  gnutls_free (signature.data);
  return TRUE;
}

static gboolean
sign (GString *out, gsize start, const WeirJson *json)
{
  const uint32_t item = weir_json_lookup (json, 0, "private_key");
  g_autoptr (GString) pem = g_string_sized_new (weir_json_get_raw (json, item).length + 1);
  gnutls_datum_t text;
  gnutls_privkey_t key;
  gboolean done;

  weir_json_append_text (json, item, pem);
  text = (gnutls_datum_t){ (unsigned char *)pem->str, (unsigned)pem->len };
  if (gnutls_privkey_init (&key) < 0)
    return FALSE;
  done = gnutls_privkey_import_x509_raw (key, &text, GNUTLS_X509_FMT_PEM, NULL, 0) >= 0
         && append_signature (out, start, key);
  gnutls_privkey_deinit (key);
  explicit_bzero (pem->str, pem->allocated_len);
  return done;
}

gboolean
weir_service_account_sign (const WeirSecret *self,
                           int64_t now_s,
                           WeirServiceAccountAsk *out,
                           GError **error)
{
  const WeirSlice text = weir_secret_reveal (self);
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GString) body = NULL;

  if (!parse (&json, text, error) || !check (&json, error))
    return FALSE;
  body = g_string_sized_new (text.length + 4096);
  g_string_append (body, GRANT);
  write_claims (body, &json, now_s);
  if (!sign (body, strlen (GRANT), &json))
    return weir_error_set (error, WEIR_ERROR_CONFIG,
                           "the private key of the service account does not sign");
  out->url = weir_json_dup_text (&json, weir_json_lookup (&json, 0, "token_uri"));
  out->body = weir_secret_new ((WeirSlice){ body->str, body->len });
  explicit_bzero (body->str, body->allocated_len);
  if (out->url != NULL && out->body != NULL)
    return TRUE;
  weir_service_account_ask_clear (out);
  return weir_error_set (error, WEIR_ERROR_CONFIG, "the service account has no endpoint");
}

/* RFC 6749, section 5.2. */
static void
read_refusal (unsigned status, const WeirJson *json, GError **error)
{
  const uint32_t item = json->n_items > 0 ? weir_json_lookup (json, 0, "error") : 0;
  const gboolean refused = item != 0
                           && (weir_json_equals (json, item, "invalid_grant")
                               || weir_json_equals (json, item, "invalid_client")
                               || weir_json_equals (json, item, "unauthorized_client"));

  if (refused)
    weir_error_set (error, WEIR_ERROR_UNAUTHORIZED,
                    "Google knows this service account or its key no longer");
  else
    weir_error_set (error, WEIR_ERROR_UPSTREAM,
                    "Google answered %u when asked for a token of the service account",
                    status);
}

WeirSecret *
weir_service_account_read_answer (unsigned status,
                                  WeirSlice body,
                                  int64_t *out_lasts_s,
                                  GError **error)
{
  const WeirJsonLimits shallow = { .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  const gboolean parsed = weir_json_parse (&json, body.text, body.length, &shallow, NULL)
                          && weir_json_get_type (&json, 0) == WEIR_JSON_OBJECT;
  WeirSlice token;
  uint64_t lasts_s = 0;
  uint32_t lasts;
  WeirSecret *secret;

  if (!parsed || status != 200)
    {
      read_refusal (status, &json, error);
      return NULL;
    }
  token = get_text (&json, "access_token");
  lasts = weir_json_lookup (&json, 0, "expires_in");
  /* a token has no character that JSON would escape (RFC 6749, appendix A.12) */
  secret = token.length > 2
               ? weir_secret_new ((WeirSlice){ token.text + 1, token.length - 2 })
               : NULL;
  if (secret == NULL)
    {
      read_refusal (status, &json, error);
      return NULL;
    }
  if (lasts == 0 || !weir_json_get_uint (&json, lasts, &lasts_s))
    lasts_s = LASTS_S;
  *out_lasts_s = (int64_t)MIN (lasts_s, TOKEN_LASTS_MAX_S);
  return secret;
}
