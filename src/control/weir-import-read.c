/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One table of formats.  As of: CLIProxyAPI 6.9 and 7.2, its Copilot relative, Claude Code,
 * Codex CLI, Gemini CLI, Kiro and Copilot's editor plugins, read 2026-08 to 2026-10. */

#include "config.h"

#include "control/weir-import-read.h"

#include "base/weir-json.h"
#include "control/weir-identity.h"
#include "control/weir-import-hosts.h"
#include "control/weir-import-kiro.h"
#include "providers/weir-service-account.h"

#include <string.h>

/* A number of at least this is one of milliseconds. */
#define EPOCH_MS_MIN 1e11
#define EPOCH_MAX_S 32503680000.0 /* the year 3000 */

typedef struct
{
  const char *program;
  const char *marker;   /* member of the document that tells the format */
  const char *provider; /* (nullable): NULL is what `type` says */
  const char *inside;   /* (nullable): member that holds the tokens, where it is there */
  const char *access;
  const char *refresh; /* (nullable) */
  const char *id;      /* (nullable) */
  const char *expires; /* (nullable) */
} Format;

/* clang-format off */
static const Format formats[] = {
  /* program            marker            provider      inside           access          refresh          id          expires */
  { "Claude Code",      "claudeAiOauth",  "claude",     "claudeAiOauth", "accessToken",  "refreshToken",  NULL,       "expiresAt" },
  { "Codex",            "tokens",         "codex",      "tokens",        "access_token", "refresh_token", "id_token", NULL },
  { "Kiro",             "authMethod",     "kiro",       NULL,            "accessToken",  "refreshToken",  NULL,       "expiresAt" },
  { "CLIProxyAPI",      "github_token",   "copilot",    NULL,            "github_token", NULL,            NULL,       NULL },
  { "CLIProxyAPI",      "type",           NULL,         "token",         "access_token", "refresh_token", "id_token", "expired" },
  { "Gemini CLI",       "expiry_date",    "gemini-cli", NULL,            "access_token", "refresh_token", "id_token", "expiry_date" },
};
/* clang-format on */

void
weir_imported_clear (WeirImported *self)
{
  weir_oauth_answer_clear (&self->answer);
  g_free (self->plan);
  g_free (self->project);
  g_free (self->base_url);
  g_free (self->note);
  g_free (self->prefix);
  weir_secret_wipe_string (self->proxy_url);
  *self = (WeirImported){ 0 };
}

/* (transfer full) (nullable): printable ASCII without a blank. */
static WeirSecret *
dup_secret (const WeirJson *json, uint32_t object, const char *name)
{
  const uint32_t item = name != NULL ? weir_json_lookup (json, object, name) : 0;
  WeirSlice raw = { NULL, 0 };

  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return NULL;
  raw = weir_json_get_raw (json, item);
  raw = (WeirSlice){ raw.text + 1, raw.length - 2 };
  if (raw.length == 0 || raw.length > 2 * WEIR_OAUTH_TOKEN_MAX)
    return NULL;
  /* no token needs an escape, so none is copied into a buffer that stays */
  for (size_t i = 0; i < raw.length; i++)
    if (!g_ascii_isgraph (raw.text[i]) || raw.text[i] == '\\')
      return NULL;
  return weir_secret_new (raw);
}

/* (transfer full) (nullable): one line, not empty. */
static char *
dup_text (const WeirJson *json, uint32_t object, const char *name)
{
  const uint32_t item = weir_json_lookup (json, object, name);
  g_autofree char *text = item != 0 ? weir_json_dup_text (json, item) : NULL;

  if (text == NULL || *text == '\0' || strlen (text) > WEIR_IDENTITY_TEXT_MAX)
    return NULL;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      return NULL;
  return g_steal_pointer (&text);
}

/* A date, or seconds or milliseconds since 1970; 0: none of them. */
static int64_t
read_instant (const WeirJson *json, uint32_t object, const char *name)
{
  const uint32_t item = name != NULL ? weir_json_lookup (json, object, name) : 0;
  g_autofree char *text = NULL;
  g_autoptr (GTimeZone) utc = NULL;
  g_autoptr (GDateTime) date = NULL;
  uint64_t number = 0;
  double seconds = 0;

  if (item == 0)
    return 0;
  if (weir_json_get_uint (json, item, &number))
    seconds = (double)number >= EPOCH_MS_MIN ? (double)number / 1000 : (double)number;
  else
    {
      text = dup_text (json, object, name);
      utc = g_time_zone_new_utc ();
      date = text != NULL ? g_date_time_new_from_iso8601 (text, utc) : NULL;
      seconds = date != NULL ? (double)g_date_time_to_unix (date) : 0;
    }
  /* Go writes a time that it does not know as the year 1 */
  return seconds > 0 && seconds < EPOCH_MAX_S ? (int64_t)(seconds * G_USEC_PER_SEC) : 0;
}

static int
read_priority (const WeirJson *json)
{
  const uint32_t item = weir_json_lookup (json, 0, "priority");
  g_autofree char *text = item != 0 ? weir_json_dup_text (json, item) : NULL;
  WeirSlice raw = item != 0 ? weir_json_get_raw (json, item) : (WeirSlice){ NULL, 0 };
  gint64 number = 0;

  if (item != 0 && text == NULL && raw.length < 8)
    text = weir_slice_dup (raw);
  if (text == NULL || !g_ascii_string_to_signed (text, 10, -1000, 1000, &number, NULL))
    return 0;
  return (int)number;
}

/* What CLIProxyAPI's users may have added to any file. */
static void
read_settings (const WeirJson *json, WeirImported *out)
{
  const uint32_t disabled = weir_json_lookup (json, 0, "disabled");

  out->disabled = disabled != 0 && weir_json_get_type (json, disabled) == WEIR_JSON_TRUE;
  out->note = dup_text (json, 0, "note");
  out->prefix = dup_text (json, 0, "prefix");
  out->proxy_url = dup_text (json, 0, "proxy_url");
  out->priority = read_priority (json);
}

/* The vendor named the host that serves it. */
static char *
dup_base_url (const WeirJson *json)
{
  g_autofree char *host = dup_text (json, 0, "resource_url");

  if (host == NULL)
    return NULL;
  if (g_str_has_prefix (host, "https://"))
    return g_steal_pointer (&host);
  for (const char *c = host; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (".-", *c) == NULL)
      return NULL;
  return g_strdup_printf ("https://%s/v1", host);
}

/* Members of which only one of two is there, and neither is a secret. */
static char *
dup_either (const WeirJson *json, uint32_t object, const char *name, const char *other)
{
  char *text = dup_text (json, object, name);

  return text != NULL ? text : dup_text (json, object, other);
}

static void
read_identity (const WeirJson *json, uint32_t tokens, WeirImported *out)
{
  out->answer.email = dup_either (json, 0, "email", "username");
  out->answer.subject = dup_either (json, tokens, "account_id", "account_uuid");
  if (out->answer.subject == NULL)
    out->answer.subject = dup_text (json, 0, "account_id");
  out->plan = dup_text (json, tokens, "subscriptionType");
  out->project = dup_either (json, 0, "project_id", "project");
  out->base_url = dup_base_url (json);
}

static gboolean
fail_unknown (GError **error)
{
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                         "This is no sign-in of a program that is known here.");
}

/* The row, or NULL. */
static const WeirProviderOauth *
find_row (const WeirJson *json, const Format *format, GError **error)
{
  g_autofree char *type = dup_text (json, 0, "type");
  const char *provider = format->provider != NULL ? format->provider : type;
  const WeirProviderOauth *row
      = provider != NULL ? weir_provider_oauth_lookup (provider) : NULL;

  if (row != NULL && !row->takes_key)
    return row;
  weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                  "This is a sign-in to a vendor that is not known here.");
  return NULL;
}

static gboolean
read_tokens (const WeirJson *json, const Format *format, WeirImported *out, GError **error)
{
  uint32_t tokens = format->inside != NULL ? weir_json_lookup (json, 0, format->inside) : 0;

  if (tokens != 0 && weir_json_get_type (json, tokens) != WEIR_JSON_OBJECT)
    return fail_unknown (error);
  out->program = format->program;
  out->answer.access_token = dup_secret (json, tokens, format->access);
  out->answer.refresh_token = dup_secret (json, tokens, format->refresh);
  out->answer.id_token = dup_secret (json, tokens, format->id);
  out->expires_us = read_instant (json, tokens, format->expires);
  if (out->expires_us == 0)
    out->expires_us = read_instant (json, tokens, "expiry");
  /* iFlow's API key is what serves, and it is not refreshed */
  if (strcmp (out->row->id, "iflow") == 0)
    {
      g_clear_pointer (&out->answer.access_token, weir_secret_unref);
      g_clear_pointer (&out->answer.refresh_token, weir_secret_unref);
      out->answer.access_token = dup_secret (json, 0, "api_key");
      out->expires_us = 0;
    }
  if (out->answer.access_token == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "The sign-in holds no token that can be used.");
  out->answer.outcome = WEIR_OAUTH_TOKENS;
  read_identity (json, tokens, out);
  if (strcmp (out->row->id, "kiro") == 0)
    weir_import_kiro_settle (json, out);
  read_settings (json, out);
  return TRUE;
}

/* --- service accounts --- */

/* A part of a path and of a host. */
static gboolean
is_place (const char *text)
{
  return *text != '\0'
         && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (text);
}

/* Where the project's models are (Vertex AI REST reference, "Service endpoint", read
 * 2026-10).  A project of a domain is "example.com:name". */
static char *
dup_project_url (const char *project, const char *location)
{
  const gboolean is_global = strcmp (location, "global") == 0;
  g_autofree char *escaped = g_uri_escape_string (project, ":", FALSE);

  return g_strdup_printf (
      "https://%s%saiplatform.googleapis.com/v1/projects/%s/locations/%s",
      is_global ? "" : location, is_global ? "" : "-", escaped, location);
}

/* The key's own file, or CLIProxyAPI's, which has it inside and says where. */
static gboolean
read_key (const WeirJson *json, uint32_t inside, WeirImported *out, GError **error)
{
  g_autofree char *location = inside != 0 ? dup_text (json, 0, "location") : NULL;
  g_autoptr (GError) problem = NULL;
  WeirSecret *key = weir_service_account_new (weir_json_get_raw (json, inside), &problem);

  if (key == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "The service account cannot be used: %s.", problem->message);
  out->row = weir_provider_oauth_lookup ("vertex");
  out->program = "Google Cloud";
  out->answer.refresh_token = key;
  out->answer.outcome = WEIR_OAUTH_TOKENS;
  if (!weir_service_account_has_endpoint (key, out->row->token_url))
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           "The service account gets its tokens elsewhere than at Google's "
                           "endpoint; the configuration can name it (vertex-api-key).");
  out->answer.subject = weir_service_account_dup_email (key);
  out->answer.email = g_strdup (out->answer.subject);
  out->project = inside != 0 ? dup_text (json, 0, "project_id") : NULL;
  if (out->project == NULL)
    out->project = weir_service_account_dup_project (key);
  if (location == NULL)
    location = g_strdup ("global");
  if (out->project == NULL || out->answer.subject == NULL || !is_place (location))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "The service account does not say which project it is of.");
  out->base_url = dup_project_url (out->project, location);
  if (inside != 0)
    read_settings (json, out);
  return TRUE;
}

/* --- Copilot --- */

/* Copilot's editor plugins: "github.com" or "github.com:CLIENT" holds user and token. */
static gboolean
read_copilot (const WeirJson *json, WeirImported *out)
{
  for (uint32_t name = weir_json_first (json, 0); name != 0;
       name = weir_json_next (json, 0, name))
    {
      WeirSlice raw = weir_json_get_raw (json, name);

      if (!weir_slice_has_prefix (raw, WEIR_SLICE ("\"github.com"))
          || weir_json_get_type (json, name + 1) != WEIR_JSON_OBJECT)
        continue;
      out->answer.access_token = dup_secret (json, name + 1, "oauth_token");
      if (out->answer.access_token == NULL)
        continue;
      out->row = weir_provider_oauth_lookup ("copilot");
      out->program = "GitHub Copilot";
      out->answer.outcome = WEIR_OAUTH_TOKENS;
      out->answer.email = dup_text (json, name + 1, "user");
      return TRUE;
    }
  return FALSE;
}

/* *out_inside: the item that holds the key itself. */
static gboolean
is_key_file (const WeirJson *json, uint32_t *out_inside)
{
  const uint32_t type = weir_json_lookup (json, 0, "type");
  const uint32_t inside = weir_json_lookup (json, 0, "service_account");
  const gboolean is_bare = type != 0 && weir_json_equals (json, type, "service_account");

  *out_inside = is_bare ? 0 : inside;
  return is_bare
         || (type != 0 && inside != 0 && weir_json_equals (json, type, "vertex")
             && weir_json_get_type (json, inside) == WEIR_JSON_OBJECT);
}

static gboolean
read_document (const WeirJson *json, WeirImported *out, GError **error)
{
  const Format *format = NULL;
  uint32_t inside = 0;

  if (is_key_file (json, &inside))
    return read_key (json, inside, out, error);
  for (size_t i = 0; i < G_N_ELEMENTS (formats) && format == NULL; i++)
    if (weir_json_lookup (json, 0, formats[i].marker) != 0)
      format = &formats[i];
  if (format == NULL)
    return read_copilot (json, out) || fail_unknown (error);
  out->row = find_row (json, format, error);
  return out->row != NULL && read_tokens (json, format, out, error);
}

gboolean
weir_imported_read (WeirSlice text, WeirImported *out, GError **error)
{
  static const WeirJsonLimits limits = { .max_depth = 16, .max_items = 4096 };
  g_auto (WeirJson) json = { 0 };

  if (weir_import_hosts_knows (text))
    return weir_import_hosts_read (text, out, error);
  if (text.length > WEIR_IMPORT_DOCUMENT_MAX
      || !weir_json_parse (&json, text.text, text.length, &limits, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT
      || !weir_json_check_names (&json, 0, NULL))
    return fail_unknown (error);
  if (read_document (&json, out, error))
    return TRUE;
  weir_imported_clear (out);
  return FALSE;
}
