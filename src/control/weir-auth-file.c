/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One document in the shape that each vendor's files have there; CLIProxyAPI 6.9 and its
 * Copilot relative, read 2026-08.  Written into a buffer that never grows, and wiped.  Left
 * out: what only the program that signed in knows (a device's id, a cookie), and client
 * secrets. */

#include "config.h"

#include "control/weir-auth-file.h"

#include "base/weir-json-write.h"

#include <string.h>

#define ESCAPED_MAX 6 /* bytes that JSON makes of one */
#define ROOM_BESIDE 2048
#define NAME_BYTES_MAX 100

/* What a vendor's file has that others have not. */
typedef struct
{
  const char *provider;
  const char *type;   /* as it is called there */
  const char *access; /* (nullable): the member that holds what serves; else as of others */
  const char *subject; /* (nullable): the member that tells whose it is */
  gboolean has_stamp;  /* expires_in, and timestamp in milliseconds */
  gboolean is_nested;  /* tokens are in an object of their own */
} Shape;

/* clang-format off */
static const Shape shapes[] = {
  /* provider       type           access          subject         stamp  nested */
  { "claude",       "claude",      NULL,           "account_uuid", FALSE, FALSE },
  { "codex",        "codex",       NULL,           "account_id",   FALSE, FALSE },
  { "copilot",      "copilot",     "github_token", NULL,           FALSE, FALSE },
  { "antigravity",  "antigravity", NULL,           NULL,           TRUE,  FALSE },
  { "gemini-cli",   "gemini",      NULL,           NULL,           FALSE, TRUE },
  { "iflow",        "iflow",       "api_key",      NULL,           FALSE, FALSE },
};
/* clang-format on */

/* What leads from a place to its name. */
#define LOCATION "/locations/"

static Shape
find_shape (const WeirAccount *account)
{
  for (size_t i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (strcmp (shapes[i].provider, account->row->id) == 0)
      return shapes[i];
  return (Shape){ .type = account->row->id, .subject = "account_id" };
}

static size_t
measure (const WeirSecret *secret)
{
  return secret != NULL ? weir_secret_reveal (secret).length * ESCAPED_MAX : 0;
}

static size_t
measure_text (const char *text)
{
  return text != NULL ? strlen (text) * ESCAPED_MAX : 0;
}

static void
add_secret (WeirJsonWriter *w, const char *name, const WeirSecret *secret)
{
  if (secret != NULL)
    weir_json_add_text (w, name, weir_secret_reveal (secret));
}

static void
add_text (WeirJsonWriter *w, const char *name, const char *text)
{
  if (text != NULL)
    weir_json_add_string (w, name, text);
}

static void
add_instant (WeirJsonWriter *w, const char *name, int64_t real_us)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (real_us / G_USEC_PER_SEC);
  g_autofree char *text
      = date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  if (real_us > 0)
    add_text (w, name, text);
}

static void
add_tokens (WeirJsonWriter *w, const WeirAccountTokens *tokens, const char *expires)
{
  add_secret (w, "access_token", tokens->access_token);
  add_secret (w, "refresh_token", tokens->refresh_token);
  add_secret (w, "id_token", tokens->id_token);
  add_instant (w, expires, tokens->expires_us);
}

/* Google's library keeps tokens with whom to ask for the next. */
static void
add_nested (WeirJsonWriter *w, const WeirAccount *account, const WeirAccountTokens *tokens)
{
  weir_json_open (w, "token");
  add_tokens (w, tokens, "expiry");
  weir_json_add_string (w, "token_type", "Bearer");
  weir_json_add_string (w, "token_uri", account->row->token_url);
  weir_json_add_string (w, "client_id", account->row->client_id);
  weir_json_close (w);
}

static void
add_stamp (WeirJsonWriter *w, const WeirAccountTokens *tokens)
{
  const int64_t lasts_us = tokens->expires_us - tokens->obtained_us;

  weir_json_add_int (w, "timestamp", tokens->obtained_us / 1000);
  weir_json_add_int (w, "expires_in", MAX (lasts_us, 0) / G_USEC_PER_SEC);
}

/* "https://HOST/v1" is what a host became when it was read. */
static void
add_host (WeirJsonWriter *w, const char *base_url)
{
  const char *host = base_url != NULL ? strstr (base_url, "://") : NULL;
  const char *end = host != NULL ? strchr (host + 3, '/') : NULL;

  if (end != NULL)
    weir_json_add_text (w, "resource_url",
                        (WeirSlice){ host + 3, (size_t)(end - host) - 3 });
}

static void
add_settings (WeirJsonWriter *w, const WeirAccount *account)
{
  const WeirAccountSettings *settings = &account->settings;

  if (g_strcmp0 (settings->label, account->identity.email) != 0)
    add_text (w, "note", settings->label);
  add_text (w, "prefix", settings->prefix);
  add_text (w, "proxy_url", settings->proxy_url);
  if (settings->priority != 0)
    weir_json_add_int (w, "priority", settings->priority);
  if (!settings->enabled)
    weir_json_add_boolean (w, "disabled", TRUE);
}

/* A key is JSON already, of one line. */
static void
add_key (WeirJsonWriter *w, const WeirAccount *account, const WeirAccountTokens *tokens)
{
  const char *base_url = account->identity.base_url;
  const char *location = base_url != NULL ? strstr (base_url, LOCATION) : NULL;

  weir_json_add_raw (w, "service_account", weir_secret_reveal (tokens->refresh_token));
  add_text (w, "location", location != NULL ? location + strlen (LOCATION) : NULL);
}

static void
write_document (WeirJsonWriter *w,
                const WeirAccount *account,
                const WeirAccountTokens *tokens)
{
  const Shape shape = find_shape (account);
  const gboolean is_copilot = strcmp (shape.type, "copilot") == 0;

  weir_json_open (w, NULL);
  weir_json_add_string (w, "type", shape.type);
  if (account->row->takes_key)
    add_key (w, account, tokens);
  else if (shape.access != NULL)
    add_secret (w, shape.access, tokens->access_token);
  else if (shape.is_nested)
    add_nested (w, account, tokens);
  else
    add_tokens (w, tokens, "expired");
  if (shape.has_stamp)
    add_stamp (w, tokens);
  add_text (w, is_copilot ? "username" : "email", account->identity.email);
  if (shape.subject != NULL)
    add_text (w, shape.subject, account->identity.vendor_id);
  add_text (w, "project_id", account->identity.project);
  if (!account->row->takes_key)
    add_host (w, account->identity.base_url);
  add_instant (w, "last_refresh", tokens->obtained_us);
  add_settings (w, account);
  weir_json_close (w);
}

GBytes *
weir_auth_file_write (const WeirAccount *account, const WeirAccountTokens *tokens)
{
  const WeirAccountIdentity *identity = &account->identity;
  const size_t room = measure (tokens->access_token) + measure (tokens->refresh_token)
                      + measure (tokens->id_token) + measure_text (identity->vendor_id)
                      + measure_text (identity->email) + measure_text (identity->project)
                      + measure_text (identity->base_url)
                      + measure_text (account->settings.label)
                      + measure_text (account->settings.prefix)
                      + measure_text (account->settings.proxy_url) + ROOM_BESIDE;
  GString *text = NULL;
  WeirJsonWriter w;
  size_t allocated = 0;
  size_t length = 0;

  /* Kiro's renewal belongs to a client that was registered for it, which the refresh token
   * holds here in a form that nobody else reads */
  if (account->is_live || tokens->access_token == NULL
      || strcmp (account->row->id, "kiro") == 0
      || (account->row->takes_key && tokens->refresh_token == NULL))
    return NULL;
  text = g_string_sized_new (room);
  allocated = text->allocated_len;
  weir_json_writer_init (&w, text);
  write_document (&w, account, tokens);
  g_assert (text->allocated_len == allocated);
  length = text->len;
  return g_bytes_new_take (g_string_free (text, FALSE), length);
}

char *
weir_auth_file_dup_name (const WeirAccount *account)
{
  const char *email = account->identity.email != NULL ? account->identity.email : "";
  const char *tail = strrchr (account->id, '-');
  GString *name = g_string_new (find_shape (account).type);

  if (*email != '\0')
    g_string_append_c (name, '-');
  for (const char *c = email; *c != '\0' && name->len < NAME_BYTES_MAX / 2; c++)
    g_string_append_c (name,
                       g_ascii_isalnum (*c) || strchr ("@._+-", *c) != NULL ? *c : '_');
  g_string_append_printf (name, "%s.json", tail != NULL ? tail : "");
  return g_string_free (name, FALSE);
}
