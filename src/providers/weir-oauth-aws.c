/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is sent to Amazon's sign-in.  Bodies hold secrets: each is written into a buffer
 * that is large enough from the start.  Kiro's own token endpoint as several open programs
 * found it, read 2026-11. */

#include "config.h"

#include "providers/weir-oauth-aws.h"

#include "base/weir-json-write.h"
#include "base/weir-json.h"

#include <string.h>

/* Who we are: a client registers under any name, and this is ours. */
#define CLIENT_NAME "Weir"
#define REGION "us-east-1"
#define REGION_MAX 32u
#define GROWTH 6 /* the most that a byte becomes in JSON */
/* What begins the word; then comes JSON in base64, which no file has to escape. */
#define MARK "aws:"

static size_t
measure (const WeirSecret *secret)
{
  return secret != NULL ? GROWTH * weir_secret_reveal (secret).length : 0;
}

static size_t
measure_text (const char *text)
{
  return text != NULL ? GROWTH * strlen (text) : 0;
}

/* (transfer full) (nullable) */
static WeirSecret *
seal (GString *text)
{
  WeirSecret *secret = weir_secret_new ((WeirSlice){ text->str, text->len });

  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
  return secret;
}

static void
add_secret (WeirJsonWriter *writer, const char *name, const WeirSecret *value)
{
  if (value != NULL)
    weir_json_add_text (writer, name, weir_secret_reveal (value));
}

static void
add_string (WeirJsonWriter *writer, const char *name, const char *value)
{
  if (value != NULL)
    weir_json_add_string (writer, name, value);
}

/* --- the word --- */

void
weir_oauth_aws_grant_clear (WeirOauthAwsGrant *self)
{
  weir_secret_unref (self->token);
  g_free (self->client_id);
  weir_secret_unref (self->client_secret);
  g_free (self->region);
  *self = (WeirOauthAwsGrant){ 0 };
}

WeirSecret *
weir_oauth_aws_grant_write (const WeirOauthAwsGrant *self)
{
  GString *text = g_string_sized_new (measure (self->token) + measure (self->client_secret)
                                      + measure_text (self->client_id)
                                      + measure_text (self->region) + 128);
  WeirJsonWriter writer;
  GString *word;
  char *encoded;

  weir_json_writer_init (&writer, text);
  weir_json_open (&writer, NULL);
  add_secret (&writer, "refreshToken", self->token);
  add_string (&writer, "clientId", self->client_id);
  add_secret (&writer, "clientSecret", self->client_secret);
  add_string (&writer, "region", self->region);
  weir_json_close (&writer);
  encoded = g_base64_encode ((const guchar *)text->str, text->len);
  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
  word = g_string_sized_new (strlen (encoded) + 16);
  g_string_append (word, MARK);
  g_string_append (word, encoded);
  weir_secret_wipe_string (encoded);
  return seal (word);
}

/* (transfer full) (nullable) */
static WeirSecret *
read_secret (const WeirJson *json, const char *name)
{
  const uint32_t item = weir_json_lookup (json, 0, name);
  GString *text;

  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return NULL;
  text = g_string_sized_new (weir_json_get_raw (json, item).length + 1);
  weir_json_append_text (json, item, text);
  return seal (text);
}

/* (transfer full) (nullable) */
static char *
read_text (const WeirJson *json, const char *name)
{
  const uint32_t item = weir_json_lookup (json, 0, name);

  return item != 0 ? weir_json_dup_text (json, item) : NULL;
}

static gboolean
read_grant (WeirSlice text, WeirOauthAwsGrant *out)
{
  static const WeirJsonLimits limits = { .max_depth = 2, .max_items = 32 };
  g_auto (WeirJson) json = { 0 };

  if (!weir_json_parse (&json, text.text, text.length, &limits, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return FALSE;
  out->token = read_secret (&json, "refreshToken");
  out->client_id = read_text (&json, "clientId");
  out->client_secret = read_secret (&json, "clientSecret");
  out->region = read_text (&json, "region");
  if (out->region != NULL && !weir_oauth_aws_is_region (out->region))
    g_clear_pointer (&out->region, g_free);
  if (out->token != NULL && (out->client_id != NULL) == (out->client_secret != NULL))
    return TRUE;
  weir_oauth_aws_grant_clear (out);
  return FALSE;
}

gboolean
weir_oauth_aws_grant_read (const WeirSecret *word, WeirOauthAwsGrant *out)
{
  const WeirSlice text = weir_secret_reveal (word);
  const size_t skip = sizeof MARK - 1;
  gsize length = 0;
  guchar *decoded;
  char *copy;
  gboolean is_one;

  if (!weir_slice_has_prefix (text, WEIR_SLICE (MARK)))
    return FALSE;
  copy = g_strndup (text.text + skip, text.length - skip);
  decoded = g_base64_decode (copy, &length);
  weir_secret_wipe_string (copy);
  is_one = length > 0 && read_grant ((WeirSlice){ (const char *)decoded, length }, out);
  explicit_bzero (decoded, length);
  g_free (decoded);
  return is_one;
}

void
weir_oauth_aws_renew (const WeirSecret *before, WeirSecret **token)
{
  g_auto (WeirOauthAwsGrant) grant = { 0 };
  WeirSecret *word;

  if (!weir_oauth_aws_grant_read (before, &grant))
    return;
  weir_secret_unref (grant.token);
  grant.token = weir_secret_ref (*token);
  word = weir_oauth_aws_grant_write (&grant);
  if (word == NULL)
    return;
  weir_secret_unref (*token);
  *token = word;
}

/* --- places --- */

gboolean
weir_oauth_aws_is_region (const char *text)
{
  if (*text == '\0' || strlen (text) > REGION_MAX)
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_islower (*text) && !g_ascii_isdigit (*text) && *text != '-')
      return FALSE;
  return TRUE;
}

/* arn:aws:codewhisperer:REGION:ACCOUNT:profile/NAME */
char *
weir_oauth_aws_dup_base_url (const char *profile)
{
  g_auto (GStrv) words = g_strsplit (profile, ":", 6);

  if (g_strv_length (words) < 6 || !weir_oauth_aws_is_region (words[3])
      || strcmp (words[3], REGION) == 0)
    return NULL;
  return g_strdup_printf ("https://q.%s.amazonaws.com", words[3]);
}

/* --- what is sent --- */

/* @url: of the row, or NULL where out->made_url is the one.  @body (transfer full). */
static void
write_post (const char *url, GString *body, WeirOauthRequest *out)
{
  out->method = "POST";
  out->url = url != NULL ? url : out->made_url;
  out->content_type = "application/json";
  out->body = seal (body);
}

void
weir_oauth_aws_write_register (const WeirOauthClient *client, WeirOauthRequest *out)
{
  g_auto (GStrv) scopes = g_strsplit (client->row->scope, " ", -1);
  GString *body = g_string_sized_new (1024);
  WeirJsonWriter writer;

  weir_json_writer_init (&writer, body);
  weir_json_open (&writer, NULL);
  weir_json_add_string (&writer, "clientName", CLIENT_NAME);
  weir_json_add_string (&writer, "clientType", "public");
  weir_json_open_array (&writer, "scopes");
  for (unsigned i = 0; scopes[i] != NULL; i++)
    weir_json_add_string (&writer, NULL, scopes[i]);
  weir_json_close (&writer);
  weir_json_open_array (&writer, "grantTypes");
  weir_json_add_string (&writer, NULL, WEIR_OAUTH_GRANT_DEVICE);
  weir_json_add_string (&writer, NULL, "refresh_token");
  weir_json_close (&writer);
  weir_json_close (&writer);
  write_post (client->row->register_url, body, out);
}

/* Begins a body that names the client; @room: bytes for what is added. */
static GString *
begin_body (const char *client_id,
            const WeirSecret *client_secret,
            size_t room,
            WeirJsonWriter *writer)
{
  GString *body = g_string_sized_new (measure_text (client_id) + measure (client_secret)
                                      + room + 256);

  weir_json_writer_init (writer, body);
  weir_json_open (writer, NULL);
  add_string (writer, "clientId", client_id);
  add_secret (writer, "clientSecret", client_secret);
  return body;
}

void
weir_oauth_aws_write_device (const WeirOauthClient *client, WeirOauthRequest *out)
{
  WeirJsonWriter writer;
  GString *body = begin_body (client->client_id, client->client_secret,
                              measure_text (client->row->start_url), &writer);

  weir_json_add_string (&writer, "startUrl", client->row->start_url);
  weir_json_close (&writer);
  write_post (client->row->device_url, body, out);
}

void
weir_oauth_aws_write_poll (const WeirOauthClient *client,
                           const WeirSecret *device_code,
                           WeirOauthRequest *out)
{
  WeirJsonWriter writer;
  GString *body = begin_body (client->client_id, client->client_secret,
                              measure (device_code), &writer);

  weir_json_add_string (&writer, "grantType", WEIR_OAUTH_GRANT_DEVICE);
  add_secret (&writer, "deviceCode", device_code);
  weir_json_close (&writer);
  write_post (client->row->token_url, body, out);
}

/* Kiro's own endpoint, which knows the sign-ins by Google and GitHub. */
static void
write_own_refresh (const char *region, const WeirSecret *token, WeirOauthRequest *out)
{
  WeirJsonWriter writer;
  GString *body = begin_body (NULL, NULL, measure (token), &writer);

  add_secret (&writer, "refreshToken", token);
  weir_json_close (&writer);
  out->made_url = g_strdup_printf ("https://prod.%s.auth.desktop.kiro.dev/refreshToken",
                                   region != NULL ? region : REGION);
  write_post (NULL, body, out);
}

void
weir_oauth_aws_write_refresh (const WeirOauthClient *client,
                              const WeirSecret *word,
                              WeirOauthRequest *out)
{
  g_auto (WeirOauthAwsGrant) grant = { 0 };
  const char *url = client->row->token_url;
  WeirJsonWriter writer;
  GString *body;

  if (!weir_oauth_aws_grant_read (word, &grant))
    {
      write_own_refresh (NULL, word, out);
      return;
    }
  if (grant.client_id == NULL)
    {
      write_own_refresh (grant.region, grant.token, out);
      return;
    }
  body = begin_body (grant.client_id, grant.client_secret, measure (grant.token), &writer);
  weir_json_add_string (&writer, "grantType", "refresh_token");
  add_secret (&writer, "refreshToken", grant.token);
  weir_json_close (&writer);
  if (grant.region != NULL && strcmp (grant.region, REGION) != 0)
    {
      out->made_url = g_strdup_printf ("https://oidc.%s.amazonaws.com/token", grant.region);
      url = NULL;
    }
  write_post (url, body, out);
}

void
weir_oauth_bind_client (const WeirOauthClient *client, WeirOauthAnswer *answer)
{
  WeirOauthAwsGrant grant = { 0 };
  g_autofree char *digest = NULL;
  WeirSecret *word;

  if (client->row->register_url == NULL || client->client_id == NULL)
    return;
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, client->client_id, -1);
  if (answer->subject == NULL)
    answer->subject = g_strdup_printf ("client-%.16s", digest);
  if (answer->refresh_token == NULL)
    return;
  grant.token = answer->refresh_token;
  grant.client_id = (char *)client->client_id;
  grant.client_secret = (WeirSecret *)client->client_secret;
  word = weir_oauth_aws_grant_write (&grant);
  if (word == NULL)
    return;
  weir_secret_unref (answer->refresh_token);
  answer->refresh_token = word;
}
