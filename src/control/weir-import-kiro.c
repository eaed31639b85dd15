/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens and whom they were given to, put together. */

#include "config.h"

#include "control/weir-import-kiro.h"

#include "providers/weir-oauth-aws.h"
#include "store/weir-file.h"

#include <string.h>

#define HASH_MAX 64u

static const WeirJsonLimits limits = { .max_depth = 16, .max_items = 4096 };

/* The string called by either name, or 0. */
static uint32_t
lookup (const WeirJson *json, const char *name, const char *other)
{
  uint32_t item = weir_json_lookup (json, 0, name);

  if (item == 0)
    item = weir_json_lookup (json, 0, other);
  return item != 0 && weir_json_get_type (json, item) == WEIR_JSON_STRING ? item : 0;
}

/* (transfer full) (nullable) */
static char *
dup_text (const WeirJson *json, const char *name, const char *other)
{
  const uint32_t item = lookup (json, name, other);

  return item != 0 ? weir_json_dup_text (json, item) : NULL;
}

/* (transfer full) (nullable): what needs no escape, as it stands. */
static WeirSecret *
dup_secret (const WeirJson *json, const char *name, const char *other)
{
  const uint32_t item = lookup (json, name, other);
  WeirSlice raw;

  if (item == 0)
    return NULL;
  raw = weir_json_get_raw (json, item);
  raw = (WeirSlice){ raw.text + 1, raw.length - 2 };
  if (raw.length == 0 || raw.length > WEIR_OAUTH_TOKEN_MAX
      || memchr (raw.text, '\\', raw.length) != NULL)
    return NULL;
  return weir_secret_new (raw);
}

/* Where the vendor does not say whose it is: enough to tell its sign-ins apart. */
static void
set_subject (const WeirJson *json, const char *client_id, WeirImported *out)
{
  g_autofree char *provider = dup_text (json, "provider", "provider");
  const char *which = client_id != NULL ? client_id : provider;
  g_autofree char *digest = NULL;

  if (which == NULL || out->answer.subject != NULL)
    return;
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, which, -1);
  out->answer.subject = g_strdup_printf ("client-%.16s", digest);
}

static void
set_profile (const WeirJson *json, WeirImported *out)
{
  g_autofree char *profile = dup_text (json, "profileArn", "profile_arn");

  if (profile == NULL || !g_str_has_prefix (profile, "arn:"))
    return;
  g_free (out->project);
  out->project = g_strdup (profile);
  g_free (out->base_url);
  out->base_url = weir_oauth_aws_dup_base_url (profile);
  g_free (out->answer.profile);
  out->answer.profile = g_steal_pointer (&profile);
}

/* Google's and GitHub's need no client; nor does what does not say how it was got. */
static gboolean
needs_client (const WeirJson *json)
{
  g_autofree char *method = dup_text (json, "authMethod", "auth_method");

  return method != NULL && g_ascii_strcasecmp (method, "social") != 0;
}

/* @client: the document that names the client. */
static void
settle (const WeirJson *json, const WeirJson *client, WeirImported *out)
{
  g_auto (WeirOauthAwsGrant) known = { 0 };
  g_auto (WeirOauthAwsGrant) grant = { 0 };

  set_profile (json, out);
  if (out->answer.refresh_token != NULL
      && weir_oauth_aws_grant_read (out->answer.refresh_token, &known))
    return; /* it was written by weir */
  grant.token = dup_secret (json, "refreshToken", "refresh_token");
  grant.client_id = dup_text (client, "clientId", "client_id");
  grant.client_secret = dup_secret (client, "clientSecret", "client_secret");
  grant.region = dup_text (json, "region", "region");
  set_subject (json, grant.client_id, out);
  if (grant.client_id == NULL || grant.client_secret == NULL)
    {
      g_clear_pointer (&grant.client_id, g_free);
      g_clear_pointer (&grant.client_secret, weir_secret_unref);
    }
  if (grant.client_id == NULL && !needs_client (json) && grant.region == NULL)
    return; /* the token says it all */
  g_clear_pointer (&out->answer.refresh_token, weir_secret_unref);
  if (grant.token != NULL && (grant.client_id != NULL || !needs_client (json)))
    out->answer.refresh_token = weir_oauth_aws_grant_write (&grant);
}

static int64_t
read_instant (const WeirJson *json)
{
  g_autofree char *text = dup_text (json, "expiresAt", "expires_at");
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) date
      = text != NULL ? g_date_time_new_from_iso8601 (text, utc) : NULL;

  return date != NULL ? g_date_time_to_unix (date) * G_USEC_PER_SEC : 0;
}

void
weir_import_kiro_settle (const WeirJson *json, WeirImported *out)
{
  settle (json, json, out);
  if (out->expires_us == 0)
    out->expires_us = MAX (read_instant (json), 0);
}

/* --- the client's file --- */

static gboolean
is_hash (const char *text)
{
  if (text == NULL || *text == '\0' || strlen (text) > HASH_MAX)
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isxdigit (*text))
      return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): bytes that @out reads; to be wiped. */
static GBytes *
read_document (const char *path, WeirJson *out)
{
  GBytes *bytes = weir_file_read (path, WEIR_IMPORT_DOCUMENT_MAX, NULL, NULL, NULL);
  size_t length = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  if (text != NULL && weir_json_parse (out, text, length, &limits, NULL)
      && weir_json_get_type (out, 0) == WEIR_JSON_OBJECT)
    return bytes;
  weir_file_wipe (bytes);
  return NULL;
}

static void
add_from_beside (const char *path, const WeirJson *json, WeirImported *imported)
{
  g_autofree char *hash = dup_text (json, "clientIdHash", "client_id_hash");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = NULL;
  g_autofree char *beside = NULL;
  g_auto (WeirJson) client = { 0 };
  GBytes *bytes;

  if (!is_hash (hash))
    return;
  name = g_strconcat (hash, ".json", NULL);
  beside = g_build_filename (folder, name, NULL);
  bytes = read_document (beside, &client);
  if (bytes == NULL)
    return;
  g_clear_pointer (&imported->answer.subject, g_free);
  settle (json, &client, imported);
  weir_file_wipe (bytes);
}

void
weir_import_kiro_add_client (const char *path, WeirImported *imported)
{
  g_auto (WeirJson) json = { 0 };
  GBytes *bytes;

  if (imported->answer.refresh_token != NULL)
    return;
  bytes = read_document (path, &json);
  if (bytes == NULL)
    return;
  add_from_beside (path, &json, imported);
  weir_file_wipe (bytes);
}
