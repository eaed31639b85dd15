/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes back from a sign-in.  The first byte chooses the reader, the second the row
 * and the status; the rest is what came.  What is read is bounded, nothing is read that was
 * not there, and no error text holds a planted state. */

#include "providers/weir-jwt-claims.h"
#include "providers/weir-oauth.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define STATE "Zq7Wm2Rt9Xc4Vb6NZq7Wm2Rt9Xc4Vb6NZq7Wm2Rt9Xc"
#define REFUSAL_MAX 220u

static const unsigned statuses[] = { 200, 0, 400, 401, 403, 404, 429, 500 };

static gboolean
holds (WeirSlice text, const char *needle)
{
  return text.length > 0 && g_strstr_len (text.text, (gssize)text.length, needle) != NULL;
}

static void
check_line (const char *text, size_t max)
{
  if (text == NULL)
    return;
  g_assert_cmpuint (strlen (text), <=, max);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
}

static void
check_redirect (const WeirProviderOauth *row, WeirSlice text)
{
  g_autoptr (WeirSecret) state = weir_secret_new (WEIR_SLICE (STATE));
  g_autoptr (WeirSecret) other = weir_secret_new (WEIR_SLICE ("other" STATE));
  g_auto (WeirOauthRedirect) redirect = { 0 };
  g_auto (WeirOauthRedirect) stolen = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean read = weir_oauth_read_redirect (row, state, text, &redirect, &error);

  g_assert_true (read == (error == NULL));
  g_assert_true (read == ((redirect.code != NULL) != (redirect.refusal != NULL)));
  check_line (redirect.refusal, REFUSAL_MAX);
  if (error != NULL)
    g_assert_null (strstr (error->message, STATE));
  if (!read)
    return;
  g_assert_cmpuint (text.length, <=, WEIR_OAUTH_REDIRECT_MAX + 64);
  /* one redirect never serves two sign-ins */
  g_assert_false (weir_oauth_read_redirect (row, other, text, &stolen, NULL));
  g_assert_null (stolen.code);
}

static void
check_secret (const WeirSecret *secret, gboolean expected, size_t max)
{
  if (expected)
    g_assert_nonnull (secret);
  if (secret != NULL)
    g_assert_cmpuint (weir_secret_reveal (secret).length, <=, max);
}

static void
check_answer (const WeirOauthAnswer *answer, WeirSlice body, unsigned status)
{
  gboolean tokens = answer->outcome == WEIR_OAUTH_TOKENS;
  gboolean code = answer->outcome == WEIR_OAUTH_CODE;

  g_assert_true ((answer->access_token != NULL) == tokens);
  g_assert_true (tokens || answer->refresh_token == NULL);
  g_assert_true ((answer->code != NULL) == code && (answer->verifier != NULL) == code);
  g_assert_true (!(tokens || code) || status == 200);
  if (status >= 500 || status == 0)
    g_assert_cmpint (answer->outcome, !=, WEIR_OAUTH_SIGN_IN_AGAIN);
  check_secret (answer->access_token, tokens, WEIR_OAUTH_TOKEN_MAX);
  check_secret (answer->id_token, FALSE, 2 * WEIR_OAUTH_TOKEN_MAX);
  if (answer->expires_in_us != 0)
    {
      g_assert_cmpint (answer->expires_in_us, >=, WEIR_OAUTH_EXPIRES_MIN_US);
      g_assert_cmpint (answer->expires_in_us, <=, WEIR_OAUTH_EXPIRES_MAX_US);
    }
  check_line (answer->reason, 40);
  check_line (answer->scope, 4096);
  check_line (answer->email, 320);
  if (body.length == 0)
    g_assert_false (tokens);
}

static void
check_answers (const WeirProviderOauth *row, unsigned status, WeirSlice body)
{
  g_autoptr (WeirSecret) before = weir_secret_new (WEIR_SLICE ("before"));
  g_auto (WeirOauthAnswer) tokens = { 0 };
  g_auto (WeirOauthAnswer) poll = { 0 };
  g_auto (WeirOauthAnswer) exchange = { 0 };

  weir_oauth_read_tokens (row, status, body, before, &tokens);
  check_answer (&tokens, body, status);
  if (tokens.outcome == WEIR_OAUTH_TOKENS)
    g_assert_nonnull (tokens.refresh_token);
  weir_oauth_read_poll (row, status, body, &poll);
  check_answer (&poll, body, status);
  weir_oauth_read_exchange (status, body, 1795168800 * (int64_t)G_USEC_PER_SEC, &exchange);
  check_answer (&exchange, body, status);
}

static void
check_device (const WeirProviderOauth *row, unsigned status, WeirSlice body)
{
  g_auto (WeirOauthDevice) device = { 0 };
  g_autoptr (GError) error = NULL;

  if (row->device_url == NULL)
    return;
  if (!weir_oauth_read_device (row, status, body, &device, &error))
    {
      g_assert_null (device.device_code);
      check_line (error->message, 200);
      return;
    }
  g_assert_cmpuint (status, ==, 200);
  g_assert_true (g_str_has_prefix (device.url, "https://"));
  check_line (device.user_code, 64);
  g_assert_cmpint (device.interval_us, >=, G_USEC_PER_SEC);
  g_assert_cmpint (device.interval_us, <=, 60 * G_USEC_PER_SEC);
}

static void
check_claims (WeirSlice token)
{
  g_auto (WeirJwtClaims) claims = { 0 };

  if (!weir_jwt_claims_read (token, &claims, NULL))
    {
      g_assert_null (claims.subject);
      return;
    }
  g_assert_true (holds (token, "."));
  check_line (claims.subject, WEIR_JWT_TEXT_MAX);
  check_line (claims.email, WEIR_JWT_TEXT_MAX);
  check_line (claims.account_id, WEIR_JWT_TEXT_MAX);
  check_line (claims.plan, WEIR_JWT_TEXT_MAX);
  g_assert_cmpint (claims.expires_at_us, >=, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  size_t n_rows;
  const WeirProviderOauth *rows = weir_provider_oauth_get_table (&n_rows);
  const WeirProviderOauth *row;
  unsigned status;
  WeirSlice rest;

  if (size < 2)
    return 0;
  row = &rows[data[1] % n_rows];
  status = statuses[data[1] / 16 % G_N_ELEMENTS (statuses)];
  rest = (WeirSlice){ (const char *)data + 2, size - 2 };
  switch (data[0] % 4)
    {
    case 0:
      check_redirect (row, rest);
      break;
    case 1:
      check_answers (row, status, rest);
      break;
    case 2:
      check_device (row, status, rest);
      break;
    case 3:
      check_claims (rest);
      break;
    }
  return 0;
}
