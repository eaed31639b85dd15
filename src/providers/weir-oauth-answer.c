/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a vendor's token and device endpoints answer.  A sign-in is worth more than any one
 * answer: only a word that the table knows, in an answer that is no server's trouble, ends
 * it. */

#include "config.h"

#include "providers/weir-oauth.h"

#include "base/weir-json.h"
#include "providers/weir-oauth-aws.h"

#include <math.h>
#include <string.h>

#define SECOND ((int64_t)G_USEC_PER_SEC)
#define REASON_MAX 40u
#define NUMBER_MAX 32u
#define TEXT_MAX 320u
#define URL_MAX 2048u
#define SCOPE_MAX 4096u
#define USER_CODE_MAX 64u

#define DEVICE_EXPIRES_US (15 * 60 * SECOND)
#define DEVICE_EXPIRES_MIN_US (60 * SECOND)
#define DEVICE_EXPIRES_MAX_US (30 * 60 * SECOND)
#define INTERVAL_US (5 * SECOND)
#define INTERVAL_MIN_US SECOND
#define INTERVAL_MAX_US (60 * SECOND)

/* clang-format off */
/* RFC 6749 5.2, RFC 8628 3.5; GitHub's "Authorizing OAuth apps" and Codex CLI's list of
 * what is final, both read 2026-10. */
static const struct
{
  const char *word;
  WeirOauthOutcome outcome;
} words[] = {
  { "authorization_pending",            WEIR_OAUTH_PENDING },
  { "deviceauth_authorization_pending", WEIR_OAUTH_PENDING },
  { "slow_down",                        WEIR_OAUTH_SLOW_DOWN },
  { "invalid_grant",                    WEIR_OAUTH_SIGN_IN_AGAIN },
  { "refresh_token_reused",             WEIR_OAUTH_SIGN_IN_AGAIN },
  { "refresh_token_expired",            WEIR_OAUTH_SIGN_IN_AGAIN },
  { "refresh_token_invalidated",        WEIR_OAUTH_SIGN_IN_AGAIN },
  { "bad_refresh_token",                WEIR_OAUTH_SIGN_IN_AGAIN },
  { "bad_verification_code",            WEIR_OAUTH_SIGN_IN_AGAIN },
  { "access_denied",                    WEIR_OAUTH_DENIED },
  { "authorization_declined",           WEIR_OAUTH_DENIED },
  { "expired_token",                    WEIR_OAUTH_EXPIRED },
  { "incorrect_device_code",            WEIR_OAUTH_EXPIRED },
  { "invalid_client",                   WEIR_OAUTH_CLIENT_REFUSED },
  { "unauthorized_client",              WEIR_OAUTH_CLIENT_REFUSED },
  { "deleted_client",                   WEIR_OAUTH_CLIENT_REFUSED },
  { "incorrect_client_credentials",     WEIR_OAUTH_CLIENT_REFUSED },
  { "device_flow_disabled",             WEIR_OAUTH_CLIENT_REFUSED },
  { "unsupported_grant_type",           WEIR_OAUTH_CLIENT_REFUSED },
};
/* clang-format on */

static gboolean
is_success (unsigned status)
{
  return status >= 200 && status < 300;
}

static gboolean
is_graphic (WeirSlice text)
{
  for (size_t i = 0; i < text.length; i++)
    if (!g_ascii_isgraph (text.text[i]))
      return FALSE;
  return TRUE;
}

static gboolean
parse (WeirSlice body, WeirJson *out)
{
  static const WeirJsonLimits limits = { .max_depth = 16, .max_items = 4096 };

  return body.length > 0 && body.length <= WEIR_OAUTH_ANSWER_MAX
         && weir_json_parse (out, body.text, body.length, &limits, NULL)
         && weir_json_get_type (out, 0) == WEIR_JSON_OBJECT
         && weir_json_check_names (out, 0, NULL);
}

/* The string @name of @object, or 0. */
static uint32_t
lookup_string (const WeirJson *json, uint32_t object, const char *name)
{
  uint32_t item = weir_json_lookup (json, object, name);

  return item != 0 && weir_json_get_type (json, item) == WEIR_JSON_STRING ? item : 0;
}

/* (transfer full) (nullable): printable ASCII without a space, of at most @max bytes. */
static WeirSecret *
dup_secret (const WeirJson *json, const char *name, size_t max)
{
  uint32_t item = lookup_string (json, 0, name);
  WeirSecret *secret = NULL;
  WeirSlice raw;
  GString *text;

  if (item == 0)
    return NULL;
  raw = weir_json_get_raw (json, item);
  /* decoded, a string is no longer than it is spelt: what is made here never grows */
  text = g_string_sized_new (raw.length + 1);
  weir_json_append_text (json, item, text);
  if (text->len <= max && is_graphic ((WeirSlice){ text->str, text->len }))
    secret = weir_secret_new ((WeirSlice){ text->str, text->len });
  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
  return secret;
}

/* (transfer full) (nullable): without control bytes, of at most @max bytes, not empty. */
static char *
dup_text (const WeirJson *json, uint32_t object, const char *name, size_t max)
{
  uint32_t item = lookup_string (json, object, name);
  g_autofree char *text = item != 0 ? weir_json_dup_text (json, item) : NULL;

  if (text == NULL || *text == '\0' || strlen (text) > max)
    return NULL;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return NULL;
  return g_steal_pointer (&text);
}

/* A number, also one that is spelt as a string. */
static gboolean
read_number (const WeirJson *json, const char *name, double *out)
{
  uint32_t item = weir_json_lookup (json, 0, name);
  char digits[NUMBER_MAX];
  WeirSlice raw;
  char *end;
  double value;

  if (item == 0)
    return FALSE;
  raw = weir_json_get_raw (json, item);
  if (weir_json_get_type (json, item) == WEIR_JSON_STRING)
    raw = (WeirSlice){ raw.text + 1, raw.length - 2 };
  else if (weir_json_get_type (json, item) != WEIR_JSON_NUMBER)
    return FALSE;
  if (raw.length == 0 || raw.length >= sizeof digits)
    return FALSE;
  memcpy (digits, raw.text, raw.length);
  digits[raw.length] = '\0';
  if (digits[0] != '-' && !g_ascii_isdigit (digits[0]))
    return FALSE;
  value = g_ascii_strtod (digits, &end);
  if (*end != '\0' || isnan (value))
    return FALSE;
  *out = value;
  return TRUE;
}

/* @seconds as microseconds between the bounds. */
static int64_t
bound (double seconds, int64_t min_us, int64_t max_us, gboolean *out_bounded)
{
  double us = seconds * (double)SECOND;

  *out_bounded = us < (double)min_us || us > (double)max_us;
  if (us < (double)min_us)
    return min_us;
  return us > (double)max_us ? max_us : (int64_t)us;
}

static int64_t
read_span (const WeirJson *json,
           const char *name,
           int64_t ordinary_us,
           int64_t min_us,
           int64_t max_us)
{
  gboolean bounded;
  double seconds;

  return read_number (json, name, &seconds) ? bound (seconds, min_us, max_us, &bounded)
                                            : ordinary_us;
}

/* (transfer full) (nullable): letters only, since a token has others too */
static char *
dup_word (const WeirJson *json, uint32_t object, const char *name)
{
  g_autofree char *text = dup_text (json, object, name, REASON_MAX);

  for (const char *p = text; p != NULL && *p != '\0'; p++)
    if (!g_ascii_islower (*p) && *p != '_')
      return NULL;
  return g_steal_pointer (&text);
}

/* `error` is a word, or with some an object that has one as `code` or `type`.  *out_error:
 * there is an `error` at all. */
static char *
dup_reason (const WeirJson *json, gboolean *out_error)
{
  uint32_t item = weir_json_lookup (json, 0, "error");
  char *word;

  *out_error = item != 0 && weir_json_get_type (json, item) != WEIR_JSON_NULL;
  if (!*out_error)
    return NULL;
  if (weir_json_get_type (json, item) != WEIR_JSON_OBJECT)
    return dup_word (json, 0, "error");
  word = dup_word (json, item, "code");
  return word != NULL ? word : dup_word (json, item, "type");
}

static WeirOauthOutcome
judge (unsigned status, const char *reason)
{
  WeirOauthOutcome outcome = WEIR_OAUTH_LATER;

  for (size_t i = 0; reason != NULL && i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i].word, reason) == 0)
      outcome = words[i].outcome;
  if (status != 0 && status != 429 && status < 500)
    return outcome;
  return outcome == WEIR_OAUTH_PENDING || outcome == WEIR_OAUTH_SLOW_DOWN
             ? outcome
             : WEIR_OAUTH_LATER;
}

/* Nothing of an answer that cannot be used is kept. */
static void
set_unusable (WeirOauthAnswer *out)
{
  weir_oauth_answer_clear (out);
  out->outcome = WEIR_OAUTH_LATER;
  out->reason = g_strdup ("unusable_answer");
}

/* What members are called. */
typedef struct
{
  const char *access;
  const char *refresh;
  const char *id;
  const char *type;
  const char *expires;
  const char *device;
  const char *user_code;
  const char *page;
  const char *full_page;
} Names;

static const Names ordinary_names
    = { "access_token", "refresh_token",    "id_token",
        "token_type",   "expires_in",       "device_code",
        "user_code",    "verification_uri", "verification_uri_complete" };
static const Names camel_names
    = { "accessToken", "refreshToken",    "idToken",
        "tokenType",   "expiresIn",       "deviceCode",
        "userCode",    "verificationUri", "verificationUriComplete" };

static const Names *
get_names (const WeirProviderOauth *row)
{
  return row->device_kind == WEIR_OAUTH_DEVICE_AWS ? &camel_names : &ordinary_names;
}

static gboolean
is_bearer (const WeirJson *json, const Names *names)
{
  uint32_t item = weir_json_lookup (json, 0, names->type);
  g_autofree char *type = dup_text (json, 0, names->type, TEXT_MAX);

  if (item == 0 || weir_json_get_type (json, item) == WEIR_JSON_NULL)
    return TRUE;
  return type != NULL && g_ascii_strcasecmp (type, "bearer") == 0;
}

/* The new refresh token, or the old one. */
static void
take_refresh_token (const WeirProviderOauth *row,
                    const WeirJson *json,
                    WeirSecret *before,
                    WeirOauthAnswer *out)
{
  out->refresh_token = dup_secret (json, get_names (row)->refresh, WEIR_OAUTH_TOKEN_MAX);
  if (before == NULL)
    return;
  if (out->refresh_token == NULL)
    out->refresh_token = weir_secret_ref (before);
  else if (row->device_kind == WEIR_OAUTH_DEVICE_AWS)
    weir_oauth_aws_renew (before, &out->refresh_token);
}

static void
take_tokens (const WeirProviderOauth *row,
             const WeirJson *json,
             WeirSecret *before,
             WeirOauthAnswer *out)
{
  const Names *names = get_names (row);
  /* Claude's answers, read 2026-10 */
  uint32_t account = weir_json_lookup (json, 0, "account");
  double seconds;

  out->access_token = dup_secret (json, names->access, WEIR_OAUTH_TOKEN_MAX);
  if (out->access_token == NULL || !is_bearer (json, names))
    {
      set_unusable (out);
      return;
    }
  out->outcome = WEIR_OAUTH_TOKENS;
  take_refresh_token (row, json, before, out);
  out->id_token = dup_secret (json, names->id, 2 * WEIR_OAUTH_TOKEN_MAX);
  out->scope = dup_text (json, 0, "scope", SCOPE_MAX);
  if (out->scope != NULL && !g_str_is_ascii (out->scope))
    g_clear_pointer (&out->scope, g_free);
  out->profile = dup_text (json, 0, "profileArn", TEXT_MAX);
  if (read_number (json, names->expires, &seconds))
    out->expires_in_us = bound (seconds, WEIR_OAUTH_EXPIRES_MIN_US,
                                WEIR_OAUTH_EXPIRES_MAX_US, &out->expires_bounded);
  if (account == 0)
    return;
  out->email = dup_text (json, account, "email_address", TEXT_MAX);
  out->subject = dup_text (json, account, "uuid", TEXT_MAX);
}

void
weir_oauth_answer_clear (WeirOauthAnswer *self)
{
  g_clear_pointer (&self->access_token, weir_secret_unref);
  g_clear_pointer (&self->refresh_token, weir_secret_unref);
  g_clear_pointer (&self->id_token, weir_secret_unref);
  g_clear_pointer (&self->code, weir_secret_unref);
  g_clear_pointer (&self->verifier, weir_secret_unref);
  g_free (self->scope);
  g_free (self->email);
  g_free (self->subject);
  g_free (self->profile);
  g_free (self->reason);
  *self = (WeirOauthAnswer){ 0 };
}

void
weir_oauth_read_tokens (const WeirProviderOauth *row,
                        unsigned status,
                        WeirSlice body,
                        WeirSecret *before,
                        WeirOauthAnswer *out)
{
  g_auto (WeirJson) json = { 0 };
  gboolean parsed = parse (body, &json);
  gboolean has_error = FALSE;

  if (parsed)
    out->reason = dup_reason (&json, &has_error);
  if (is_success (status) && !has_error)
    {
      if (parsed)
        take_tokens (row, &json, before, out);
      else
        set_unusable (out);
      return;
    }
  /* GitHub answers its errors with 200 */
  out->outcome = judge (status, out->reason);
  if (out->outcome == WEIR_OAUTH_LATER && row->status_is_final
      && (status == 401 || status == 403))
    out->outcome = WEIR_OAUTH_SIGN_IN_AGAIN;
  /* a client that was registered for this sign-in is gone with it; Kiro's own endpoint has
   * no word for a token that it does not know */
  if (row->device_kind == WEIR_OAUTH_DEVICE_AWS && before != NULL
      && (out->outcome == WEIR_OAUTH_CLIENT_REFUSED || status == 401))
    out->outcome = WEIR_OAUTH_SIGN_IN_AGAIN;
}

void
weir_oauth_read_poll (const WeirProviderOauth *row,
                      unsigned status,
                      WeirSlice body,
                      WeirOauthAnswer *out)
{
  g_auto (WeirJson) json = { 0 };
  gboolean has_error = FALSE;

  if (row->device_kind != WEIR_OAUTH_DEVICE_REDEEM)
    {
      weir_oauth_read_tokens (row, status, body, NULL, out);
      return;
    }
  if (parse (body, &json))
    out->reason = dup_reason (&json, &has_error);
  if (!is_success (status) || has_error || json.n_items == 0)
    {
      out->outcome = judge (status, out->reason);
      /* Codex CLI's sign-in, read 2026-10: both mean that nobody has agreed yet */
      if (out->outcome == WEIR_OAUTH_LATER && (status == 403 || status == 404))
        out->outcome = WEIR_OAUTH_PENDING;
      return;
    }
  out->outcome = WEIR_OAUTH_CODE;
  out->code = dup_secret (&json, "authorization_code", WEIR_OAUTH_REDIRECT_MAX);
  out->verifier = dup_secret (&json, "code_verifier", WEIR_OAUTH_REDIRECT_MAX);
  if (out->code == NULL || out->verifier == NULL)
    set_unusable (out);
}

void
weir_oauth_read_exchange (unsigned status,
                          WeirSlice body,
                          int64_t real_us,
                          WeirOauthAnswer *out)
{
  g_auto (WeirJson) json = { 0 };
  double seconds;

  if (!is_success (status))
    {
      /* the token is no longer one; or it is, and its account has no such plan */
      out->outcome = status == 401                    ? WEIR_OAUTH_SIGN_IN_AGAIN
                     : status == 403 || status == 404 ? WEIR_OAUTH_DENIED
                                                      : WEIR_OAUTH_LATER;
      return;
    }
  if (parse (body, &json))
    out->access_token = dup_secret (&json, "token", WEIR_OAUTH_TOKEN_MAX);
  if (out->access_token == NULL)
    {
      set_unusable (out);
      return;
    }
  out->outcome = WEIR_OAUTH_TOKENS;
  if (read_number (&json, "expires_at", &seconds))
    out->expires_in_us
        = bound (seconds - (double)real_us / (double)SECOND, WEIR_OAUTH_EXPIRES_MIN_US,
                 WEIR_OAUTH_EXPIRES_MAX_US, &out->expires_bounded);
}

/* Where a user is sent: https; or, in a row whose endpoints are on this machine, there. */
static gboolean
is_page (const WeirProviderOauth *row, const char *url)
{
  const char *path;

  if (!is_graphic (weir_slice_from_string (url)))
    return FALSE;
  if (g_str_has_prefix (url, "https://"))
    return TRUE;
  if (!g_str_has_prefix (row->device_url, "http://"))
    return FALSE;
  path = strchr (row->device_url + strlen ("http://"), '/');
  return path != NULL
         && strncmp (url, row->device_url, (size_t)(path + 1 - row->device_url)) == 0;
}

static char *
dup_page (const WeirProviderOauth *row, const WeirJson *json, const char *name)
{
  g_autofree char *url = dup_text (json, 0, name, URL_MAX);

  return url != NULL && is_page (row, url) ? g_steal_pointer (&url) : NULL;
}

/* Names differ: Google's and Codex's are older than the RFC. */
static void
take_device (const WeirProviderOauth *row, const WeirJson *json, WeirOauthDevice *out)
{
  const Names *names = get_names (row);
  gboolean redeem = row->device_kind == WEIR_OAUTH_DEVICE_REDEEM;

  out->device_code = dup_secret (json, redeem ? "device_auth_id" : names->device,
                                 WEIR_OAUTH_REDIRECT_MAX);
  out->user_code = dup_text (json, 0, names->user_code, USER_CODE_MAX);
  if (out->user_code == NULL)
    out->user_code = dup_text (json, 0, "usercode", USER_CODE_MAX);
  if (out->user_code != NULL && !is_graphic (weir_slice_from_string (out->user_code)))
    g_clear_pointer (&out->user_code, g_free);
  out->url = dup_page (row, json, names->page);
  if (out->url == NULL)
    out->url = dup_page (row, json, "verification_url");
  if (out->url == NULL)
    out->url = g_strdup (row->device_page_url);
  out->full_url = dup_page (row, json, names->full_page);
  out->expires_in_us = read_span (json, names->expires, DEVICE_EXPIRES_US,
                                  DEVICE_EXPIRES_MIN_US, DEVICE_EXPIRES_MAX_US);
  out->interval_us
      = read_span (json, "interval", INTERVAL_US, INTERVAL_MIN_US, INTERVAL_MAX_US);
}

void
weir_oauth_device_clear (WeirOauthDevice *self)
{
  g_clear_pointer (&self->device_code, weir_secret_unref);
  g_free (self->user_code);
  g_free (self->url);
  g_free (self->full_url);
  *self = (WeirOauthDevice){ 0 };
}

/* What begins a sign-in by a device: FALSE where it is none. */
static gboolean
parse_beginning (const WeirProviderOauth *row,
                 unsigned status,
                 WeirSlice body,
                 WeirJson *out,
                 GError **error)
{
  g_autofree char *reason = NULL;
  gboolean has_error = FALSE;

  if (parse (body, out))
    reason = dup_reason (out, &has_error);
  if (reason != NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "%s refused the sign-in: %s",
                           row->name, reason);
  if (status == 0)
    return weir_error_set (error, WEIR_ERROR_UPSTREAM,
                           "%s cannot be reached; look at the network and try again",
                           row->name);
  if (is_success (status) && !has_error && out->n_items > 0)
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                         "%s gave no code for the sign-in (status %u)", row->name, status);
}

gboolean
weir_oauth_read_register (const WeirProviderOauth *row,
                          unsigned status,
                          WeirSlice body,
                          char **out_id,
                          WeirSecret **out_secret,
                          GError **error)
{
  g_auto (WeirJson) json = { 0 };
  g_autofree char *id = NULL;
  g_autoptr (WeirSecret) secret = NULL;

  if (!parse_beginning (row, status, body, &json, error))
    return FALSE;
  id = dup_text (&json, 0, "clientId", TEXT_MAX);
  secret = dup_secret (&json, "clientSecret", WEIR_OAUTH_TOKEN_MAX);
  if (id == NULL || secret == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "%s registered nobody for the sign-in", row->name);
  *out_id = g_steal_pointer (&id);
  *out_secret = g_steal_pointer (&secret);
  return TRUE;
}

gboolean
weir_oauth_read_device (const WeirProviderOauth *row,
                        unsigned status,
                        WeirSlice body,
                        WeirOauthDevice *out,
                        GError **error)
{
  g_auto (WeirJson) json = { 0 };

  if (!parse_beginning (row, status, body, &json, error))
    return FALSE;
  take_device (row, &json, out);
  if (out->device_code != NULL && out->user_code != NULL && out->url != NULL)
    return TRUE;
  weir_oauth_device_clear (out);
  return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                         "%s gave no usable code for the sign-in", row->name);
}
