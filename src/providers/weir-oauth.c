/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is sent: words of chance, the address for the browser, bodies of requests.  Bodies
 * hold secrets, so each is written into a buffer that is large enough from the start: one
 * that grew would leave copies behind. */

#include "config.h"

#include "providers/weir-oauth.h"

#include "base/weir-json-write.h"
#include "providers/weir-oauth-aws.h"

#include <string.h>

#define PARAMETERS_MAX 10
#define RANDOM_MAX 96

/* The most that a byte becomes: \u00XX in JSON, %XX in a form. */
#define GROWTH 6

typedef struct
{
  const char *name;
  WeirSlice value;
} Parameter;

typedef struct
{
  Parameter items[PARAMETERS_MAX];
  size_t n;
} Parameters;

static void
add_slice (Parameters *self, const char *name, WeirSlice value)
{
  g_assert (self->n < PARAMETERS_MAX);
  self->items[self->n++] = (Parameter){ name, value };
}

/* @value (nullable): then there is nothing to add. */
static void
add (Parameters *self, const char *name, const char *value)
{
  if (value != NULL)
    add_slice (self, name, weir_slice_from_string (value));
}

static void
add_secret (Parameters *self, const char *name, const WeirSecret *value)
{
  if (value != NULL)
    add_slice (self, name, weir_secret_reveal (value));
}

static void
append_escaped (WeirSlice text, GString *out)
{
  static const char digits[] = "0123456789ABCDEF";

  for (size_t i = 0; i < text.length; i++)
    {
      unsigned char c = (unsigned char)text.text[i];

      if (g_ascii_isalnum (c) || c == '-' || c == '.' || c == '_' || c == '~')
        g_string_append_c (out, (char)c);
      else
        {
          g_string_append_c (out, '%');
          g_string_append_c (out, digits[c >> 4]);
          g_string_append_c (out, digits[c & 15]);
        }
    }
}

static void
append_form (const Parameters *parameters, GString *out)
{
  for (size_t i = 0; i < parameters->n; i++)
    {
      if (i > 0)
        g_string_append_c (out, '&');
      g_string_append (out, parameters->items[i].name);
      g_string_append_c (out, '=');
      append_escaped (parameters->items[i].value, out);
    }
}

static void
append_json (const Parameters *parameters, GString *out)
{
  WeirJsonWriter writer;

  weir_json_writer_init (&writer, out);
  weir_json_open (&writer, NULL);
  for (size_t i = 0; i < parameters->n; i++)
    weir_json_add_text (&writer, parameters->items[i].name, parameters->items[i].value);
  weir_json_close (&writer);
}

static WeirSecret *
seal (GString *text)
{
  WeirSecret *secret = weir_secret_new ((WeirSlice){ text->str, text->len });

  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
  return secret;
}

static WeirSecret *
make_body (const Parameters *parameters, WeirOauthBodyKind kind)
{
  size_t room = 64;
  GString *text;

  for (size_t i = 0; i < parameters->n; i++)
    room += 16 + strlen (parameters->items[i].name)
            + GROWTH * parameters->items[i].value.length;
  text = g_string_sized_new (room);
  if (kind == WEIR_OAUTH_JSON)
    append_json (parameters, text);
  else
    append_form (parameters, text);
  return seal (text);
}

static const char *
get_client_id (const WeirOauthClient *client)
{
  return client->client_id != NULL ? client->client_id : client->row->client_id;
}

/* RFC 6749, 2.3.1: both are form-encoded before they are joined. */
static WeirSecret *
make_basic (const WeirOauthClient *client)
{
  WeirSlice id = weir_slice_from_string (get_client_id (client));
  WeirSlice secret = weir_secret_reveal (client->client_secret);
  GString *joined = g_string_sized_new (3 * (id.length + secret.length) + 8);
  GString *value;
  char *encoded;

  append_escaped (id, joined);
  g_string_append_c (joined, ':');
  append_escaped (secret, joined);
  encoded = g_base64_encode ((const guchar *)joined->str, joined->len);
  value = g_string_sized_new (strlen (encoded) + 16);
  g_string_append (value, "Basic ");
  g_string_append (value, encoded);
  weir_secret_wipe_string (encoded);
  explicit_bzero (joined->str, joined->allocated_len);
  g_string_free (joined, TRUE);
  return seal (value);
}

static void
write_post (const char *url,
            const Parameters *parameters,
            WeirOauthBodyKind kind,
            WeirOauthRequest *out)
{
  out->method = "POST";
  out->url = url;
  out->content_type
      = kind == WEIR_OAUTH_JSON ? "application/json" : "application/x-www-form-urlencoded";
  out->body = make_body (parameters, kind);
}

/* A request to the token endpoint, with our credentials where the row wants them. */
static void
write_grant (const WeirOauthClient *client, Parameters *parameters, WeirOauthRequest *out)
{
  add (parameters, "client_id", get_client_id (client));
  if (client->client_secret != NULL)
    {
      if (client->row->secret_place == WEIR_OAUTH_SECRET_IN_BODY)
        add_secret (parameters, "client_secret", client->client_secret);
      else if (client->row->secret_place == WEIR_OAUTH_SECRET_BASIC)
        out->authorization = make_basic (client);
    }
  write_post (client->row->token_url, parameters, client->row->token_body, out);
}

static char *
dup_base64url (const guint8 *bytes, size_t length)
{
  char *text = g_base64_encode (bytes, length);
  size_t end = strlen (text);

  while (end > 0 && text[end - 1] == '=')
    text[--end] = '\0';
  return g_strdelimit (g_strdelimit (text, "+", '-'), "/", '_');
}

/* RFC 7636, 4.2 */
static char *
dup_challenge (const WeirSecret *verifier)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  WeirSlice text = weir_secret_reveal (verifier);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *)text.text, (gssize)text.length);
  g_checksum_get_digest (checksum, digest, &length);
  return dup_base64url (digest, length);
}

gboolean
weir_oauth_client_check (const WeirOauthClient *self, GError **error)
{
  if (self->row->secret_place == WEIR_OAUTH_NO_SECRET || self->client_secret != NULL)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_CONFIG,
                         "%s asks for a client secret: oauth-clients has none for %s",
                         self->row->name, self->row->id);
}

WeirSecret *
weir_oauth_make_word (WeirSlice random)
{
  char *text;
  WeirSecret *word;

  g_return_val_if_fail (random.length >= WEIR_OAUTH_RANDOM_BYTES, NULL);
  g_return_val_if_fail (random.length <= RANDOM_MAX, NULL);
  text = dup_base64url ((const guint8 *)random.text, random.length);
  word = weir_secret_new (weir_slice_from_string (text));
  weir_secret_wipe_string (text);
  return word;
}

char *
weir_oauth_dup_authorize_url (const WeirOauthClient *client,
                              const WeirSecret *state,
                              const WeirSecret *verifier)
{
  const WeirProviderOauth *row = client->row;
  g_autofree char *challenge = dup_challenge (verifier);
  GString *url = g_string_new (row->authorize_url);
  Parameters ours = { 0 };

  g_string_append_c (url, strchr (row->authorize_url, '?') != NULL ? '&' : '?');
  for (const char *const *p = row->extra; p != NULL && *p != NULL; p += 2)
    {
      append_escaped (weir_slice_from_string (p[0]), url);
      g_string_append_c (url, '=');
      append_escaped (weir_slice_from_string (p[1]), url);
      g_string_append_c (url, '&');
    }
  add (&ours, "response_type", "code");
  add (&ours, "client_id", get_client_id (client));
  add (&ours, "redirect_uri", row->redirect_uri);
  add (&ours, "scope", row->scope);
  add (&ours, "code_challenge", challenge);
  add (&ours, "code_challenge_method", "S256");
  add_secret (&ours, "state", state);
  append_form (&ours, url);
  return g_string_free (url, FALSE);
}

void
weir_oauth_request_clear (WeirOauthRequest *self)
{
  g_free (self->made_url);
  g_clear_pointer (&self->body, weir_secret_unref);
  g_clear_pointer (&self->authorization, weir_secret_unref);
  *self = (WeirOauthRequest){ 0 };
}

void
weir_oauth_write_redeem (const WeirOauthClient *client,
                         const char *redirect_uri,
                         const WeirSecret *code,
                         const WeirSecret *verifier,
                         const WeirSecret *state,
                         WeirOauthRequest *out)
{
  Parameters parameters = { 0 };

  add (&parameters, "grant_type", "authorization_code");
  add_secret (&parameters, "code", code);
  add (&parameters, "redirect_uri", redirect_uri);
  add_secret (&parameters, "code_verifier", verifier);
  if (client->row->sends_state)
    add_secret (&parameters, "state", state);
  write_grant (client, &parameters, out);
}

void
weir_oauth_write_refresh (const WeirOauthClient *client,
                          const WeirSecret *refresh_token,
                          WeirOauthRequest *out)
{
  Parameters parameters = { 0 };

  if (client->row->device_kind == WEIR_OAUTH_DEVICE_AWS)
    {
      weir_oauth_aws_write_refresh (client, refresh_token, out);
      return;
    }
  add (&parameters, "grant_type", "refresh_token");
  add_secret (&parameters, "refresh_token", refresh_token);
  add (&parameters, "scope", client->row->refresh_scope);
  write_grant (client, &parameters, out);
}

void
weir_oauth_write_revoke (const WeirOauthClient *client,
                         const WeirSecret *refresh_token,
                         WeirOauthRequest *out)
{
  Parameters parameters = { 0 };

  add_secret (&parameters, "token", refresh_token);
  add (&parameters, "token_type_hint", "refresh_token");
  add (&parameters, "client_id", get_client_id (client));
  write_post (client->row->revoke_url, &parameters, client->row->revoke_body, out);
}

void
weir_oauth_write_register (const WeirOauthClient *client, WeirOauthRequest *out)
{
  weir_oauth_aws_write_register (client, out);
}

void
weir_oauth_write_device (const WeirOauthClient *client, WeirOauthRequest *out)
{
  const WeirProviderOauth *row = client->row;
  Parameters parameters = { 0 };

  if (row->device_kind == WEIR_OAUTH_DEVICE_AWS)
    {
      weir_oauth_aws_write_device (client, out);
      return;
    }
  add (&parameters, "client_id", get_client_id (client));
  if (row->device_kind == WEIR_OAUTH_DEVICE_REDEEM)
    {
      write_post (row->device_url, &parameters, WEIR_OAUTH_JSON, out);
      return;
    }
  add (&parameters, "scope", row->scope);
  write_post (row->device_url, &parameters, WEIR_OAUTH_FORM, out);
}

void
weir_oauth_write_poll (const WeirOauthClient *client,
                       const WeirSecret *device_code,
                       const char *user_code,
                       WeirOauthRequest *out)
{
  const WeirProviderOauth *row = client->row;
  Parameters parameters = { 0 };

  if (row->device_kind == WEIR_OAUTH_DEVICE_AWS)
    {
      weir_oauth_aws_write_poll (client, device_code, out);
      return;
    }
  if (row->device_kind == WEIR_OAUTH_DEVICE_REDEEM)
    {
      add_secret (&parameters, "device_auth_id", device_code);
      add (&parameters, "user_code", user_code);
      write_post (row->device_poll_url, &parameters, WEIR_OAUTH_JSON, out);
      return;
    }
  add (&parameters, "grant_type", WEIR_OAUTH_GRANT_DEVICE);
  add_secret (&parameters, "device_code", device_code);
  write_grant (client, &parameters, out);
}

void
weir_oauth_write_exchange (const WeirOauthClient *client,
                           const WeirSecret *token,
                           WeirOauthRequest *out)
{
  WeirSlice text = weir_secret_reveal (token);
  GString *value = g_string_sized_new (text.length + 16);

  g_string_append (value, "token ");
  weir_slice_append (text, value);
  out->method = "GET";
  out->url = client->row->exchange_url;
  out->authorization = seal (value);
}
