/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is sent to a sign-in, and what its answers mean. */

#include "config.h"

#include "providers/weir-oauth.h"

#define RANDOM WEIR_SLICE ("0123456789abcdef0123456789abcdef")
#define STATE "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"

static WeirSecret *
make (const char *text)
{
  return weir_secret_new (weir_slice_from_string (text));
}

static void
assert_secret (const WeirSecret *secret, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true ((secret != NULL) == (expected != NULL));
  if (secret == NULL)
    return;
  text = weir_slice_dup (weir_secret_reveal (secret));
  g_assert_cmpstr (text, ==, expected);
}

static WeirOauthClient
get_client (const char *id)
{
  return (WeirOauthClient){ .row = weir_provider_oauth_lookup (id) };
}

/* RFC 7636, appendix B: bytes, verifier, challenge */
static void
test_the_example_of_the_rfc (void)
{
  static const guint8 bytes[]
      = { 116, 24,  223, 180, 151, 153, 224, 37,  79, 250, 96, 125, 216, 173, 187, 186,
          22,  212, 37,  77,  105, 214, 191, 240, 91, 88,  5,  88,  83,  132, 141, 121 };
  WeirOauthClient client = get_client ("codex");
  g_autoptr (WeirSecret) verifier
      = weir_oauth_make_word ((WeirSlice){ (const char *)bytes, sizeof bytes });
  g_autoptr (WeirSecret) state = make (STATE);
  g_autofree char *url = weir_oauth_dup_authorize_url (&client, state, verifier);

  assert_secret (verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  g_assert_cmpstr (
      url, ==,
      "https://auth.openai.com/oauth/authorize?prompt=login&id_token_add_organizations=true"
      "&codex_cli_simplified_flow=true&response_type=code"
      "&client_id=app_EMoamEEZ73f0CkXaXp7hrann"
      "&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback"
      "&scope=openid%20email%20profile%20offline_access"
      "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
      "&code_challenge_method=S256&state=" STATE);
}

static void
test_a_word_is_as_long_as_its_chance (void)
{
  char bytes[96] = { 0 };
  g_autoptr (WeirSecret) shortest = weir_oauth_make_word ((WeirSlice){ bytes, 32 });
  g_autoptr (WeirSecret) longest = weir_oauth_make_word ((WeirSlice){ bytes, 96 });

  g_assert_cmpuint (weir_secret_reveal (shortest).length, ==, 43);
  g_assert_cmpuint (weir_secret_reveal (longest).length, ==, 128);
}

static void
test_a_code_is_redeemed_as_the_row_says (void)
{
  WeirOauthClient claude = get_client ("claude");
  WeirOauthClient codex = get_client ("codex");
  g_autoptr (WeirSecret) code = make ("c/1");
  g_autoptr (WeirSecret) verifier = make ("v");
  g_autoptr (WeirSecret) state = make ("s");
  g_auto (WeirOauthRequest) json = { 0 };
  g_auto (WeirOauthRequest) form = { 0 };

  weir_oauth_write_redeem (&claude, "http://localhost:1/a", code, verifier, state, &json);
  g_assert_cmpstr (json.content_type, ==, "application/json");
  assert_secret (json.body,
                 "{\"grant_type\":\"authorization_code\",\"code\":\"c/1\","
                 "\"redirect_uri\":\"http://localhost:1/a\",\"code_verifier\":\"v\","
                 "\"state\":\"s\","
                 "\"client_id\":\"9d1c250a-e61b-44d9-88ed-5944d1962f5e\"}");
  weir_oauth_write_redeem (&codex, "http://localhost:1/a", code, verifier, state, &form);
  g_assert_cmpstr (form.content_type, ==, "application/x-www-form-urlencoded");
  assert_secret (form.body, "grant_type=authorization_code&code=c%2F1"
                            "&redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fa&code_verifier=v"
                            "&client_id=app_EMoamEEZ73f0CkXaXp7hrann");
  g_assert_null (form.authorization);
}

static void
test_a_refresh_is_asked_for_as_the_row_says (void)
{
  g_autoptr (WeirSecret) secret = make ("s:&");
  g_autoptr (WeirSecret) token = make ("1//r");
  WeirOauthClient google = get_client ("antigravity");
  WeirOauthClient iflow = get_client ("iflow");
  g_auto (WeirOauthRequest) body = { 0 };
  g_auto (WeirOauthRequest) basic = { 0 };

  g_assert_false (weir_oauth_client_check (&google, NULL));
  google.client_secret = iflow.client_secret = secret;
  google.client_id = "other";
  g_assert_true (weir_oauth_client_check (&google, NULL));
  weir_oauth_write_refresh (&google, token, &body);
  assert_secret (body.body, "grant_type=refresh_token&refresh_token=1%2F%2Fr"
                            "&client_id=other&client_secret=s%3A%26");
  weir_oauth_write_refresh (&iflow, token, &basic);
  /* 10009311001:s%3A%26 */
  assert_secret (basic.authorization, "Basic MTAwMDkzMTEwMDE6cyUzQSUyNg==");
  assert_secret (basic.body, "grant_type=refresh_token&refresh_token=1%2F%2Fr"
                             "&client_id=10009311001");
}

static void
test_a_lacking_secret_is_the_configurations_matter (void)
{
  WeirOauthClient client = get_client ("gemini-cli");
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_oauth_client_check (&client, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "oauth-clients"));
}

static void
test_devices_are_asked_and_polled_in_both_kinds (void)
{
  WeirOauthClient kimi = get_client ("kimi");
  WeirOauthClient codex = get_client ("codex");
  g_autoptr (WeirSecret) device = make ("d");
  g_auto (WeirOauthRequest) begin = { 0 };
  g_auto (WeirOauthRequest) poll = { 0 };
  g_auto (WeirOauthRequest) codex_begin = { 0 };
  g_auto (WeirOauthRequest) codex_poll = { 0 };

  weir_oauth_write_device (&kimi, &begin);
  assert_secret (begin.body, "client_id=17e5f671-d194-4dfb-9706-5516cb48c098");
  weir_oauth_write_poll (&kimi, device, "U", &poll);
  assert_secret (poll.body,
                 "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
                 "&device_code=d&client_id=17e5f671-d194-4dfb-9706-5516cb48c098");
  weir_oauth_write_device (&codex, &codex_begin);
  assert_secret (codex_begin.body, "{\"client_id\":\"app_EMoamEEZ73f0CkXaXp7hrann\"}");
  weir_oauth_write_poll (&codex, device, "U", &codex_poll);
  assert_secret (codex_poll.body, "{\"device_auth_id\":\"d\",\"user_code\":\"U\"}");
  g_assert_cmpstr (codex_poll.url, ==, codex.row->device_poll_url);
}

static void
test_a_token_is_exchanged_in_a_field (void)
{
  WeirOauthClient client = get_client ("copilot");
  g_autoptr (WeirSecret) token = make ("gho_1");
  g_auto (WeirOauthRequest) request = { 0 };

  weir_oauth_write_exchange (&client, token, &request);
  g_assert_cmpstr (request.method, ==, "GET");
  g_assert_null (request.body);
  assert_secret (request.authorization, "token gho_1");
}

/* clang-format off */
static const struct
{
  const char *text;
  const char *code;    /* NULL and no refusal: it is refused itself, … */
  const char *refusal;
  int fault;           /* … with this */
} redirects[] = {
  { "http://localhost:1455/auth/callback?code=C&state=" STATE,        "C", NULL, 0 },
  { " http://127.0.0.1:1455/auth/callback?state=" STATE "&code=C\n",  "C", NULL, 0 },
  { "http://[::1]:1455/auth/callback?code=C&state=" STATE "#_=_",     "C", NULL, 0 },
  { "/auth/callback?code=C&state=" STATE,                             "C", NULL, 0 },
  { "?code=C&state=" STATE,                                           "C", NULL, 0 },
  { "code=C&state=" STATE "&scope=openid+email&hd=%ff&",              "C", NULL, 0 },
  { "code=4%2F0A%41&state=" STATE "&iss=https%3A%2F%2Fauth.openai.com", "4/0AA", NULL, 0 },
  { "C#" STATE,                                                       "C", NULL, 0 },
  { "error=access_denied&state=" STATE, NULL, "access_denied", 0 },
  { "error=access_denied&error_description=The+user+said%20no&state=" STATE,
    NULL, "access_denied: The user said no", 0 },
  { "error=%3Cb%3E&error_description=x&state=" STATE, NULL, "refused", 0 },
  { "error=x&error_description=token%3Dverysecretthing&state=" STATE,
    NULL, "x: token=[redacted]", 0 },
  /* another's, or nobody's */
  { "code=C&state=",                       NULL, NULL, WEIR_ERROR_FORBIDDEN },
  { "code=C",                              NULL, NULL, WEIR_ERROR_FORBIDDEN },
  { "code=C&state=" STATE "x",             NULL, NULL, WEIR_ERROR_FORBIDDEN },
  { "C#x" STATE,                           NULL, NULL, WEIR_ERROR_FORBIDDEN },
  { "C#",                                  NULL, NULL, WEIR_ERROR_FORBIDDEN },
  { "C",                                   NULL, NULL, WEIR_ERROR_FORBIDDEN },
  { "error=access_denied",                 NULL, NULL, WEIR_ERROR_FORBIDDEN },
  { "code=C&state=" STATE "&iss=https%3A%2F%2Fevil.example", NULL, NULL,
    WEIR_ERROR_FORBIDDEN },
  /* broken */
  { "",                                    NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "http://",                             NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "#" STATE,                             NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "state=" STATE "&",                    NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=&state=" STATE,                  NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "error=&state=" STATE,                 NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=C&code=C&state=" STATE,          NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=C&c%6fde=D&state=" STATE,        NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=C&state=" STATE "&state=" STATE, NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=C&error=x&state=" STATE,         NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=%zz&state=" STATE,               NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=%4&state=" STATE,                NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=a%0ab&state=" STATE,             NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=%ff&state=" STATE,               NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "code=a b&state=" STATE,               NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "https://localhost:1455/auth/callback?code=C&state=" STATE, NULL, NULL,
    WEIR_ERROR_BAD_REQUEST },
  { "http://localhost:1456/auth/callback?code=C&state=" STATE, NULL, NULL,
    WEIR_ERROR_BAD_REQUEST },
  { "http://localhost:1455/auth/callback/x?code=C&state=" STATE, NULL, NULL,
    WEIR_ERROR_BAD_REQUEST },
  { "http://localhost.evil.example:1455/auth/callback?code=C&state=" STATE, NULL, NULL,
    WEIR_ERROR_BAD_REQUEST },
  { "http://evil.example/?code=C&state=" STATE, NULL, NULL, WEIR_ERROR_BAD_REQUEST },
  { "/callback?code=C&state=" STATE,       NULL, NULL, WEIR_ERROR_BAD_REQUEST },
};
/* clang-format on */

static void
test_a_redirect_is_a_code_a_refusal_or_nothing (void)
{
  const WeirProviderOauth *row = weir_provider_oauth_lookup ("codex");
  g_autoptr (WeirSecret) state = weir_oauth_make_word (RANDOM);

  assert_secret (state, STATE);
  for (size_t i = 0; i < G_N_ELEMENTS (redirects); i++)
    {
      g_auto (WeirOauthRedirect) redirect = { 0 };
      g_autoptr (GError) error = NULL;
      gboolean read = weir_oauth_read_redirect (
          row, state, weir_slice_from_string (redirects[i].text), &redirect, &error);

      g_test_message ("%s", redirects[i].text);
      assert_secret (redirect.code, redirects[i].code);
      g_assert_cmpstr (redirect.refusal, ==, redirects[i].refusal);
      g_assert_true (read == (redirect.code != NULL || redirect.refusal != NULL));
      if (read)
        continue;
      g_assert_error (error, WEIR_ERROR, redirects[i].fault);
      g_assert_null (strstr (error->message, STATE));
    }
}

static void
test_a_long_redirect_is_refused (void)
{
  const WeirProviderOauth *row = weir_provider_oauth_lookup ("codex");
  g_autoptr (WeirSecret) state = make (STATE);
  g_autofree char *text = g_strnfill (WEIR_OAUTH_REDIRECT_MAX + 1, 'a');
  g_auto (WeirOauthRedirect) redirect = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_oauth_read_redirect (row, state, weir_slice_from_string (text),
                                            &redirect, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_TOO_LARGE);
}

#define DAY ((int64_t)24 * 3600 * G_USEC_PER_SEC)
#define MINUTE ((int64_t)60 * G_USEC_PER_SEC)

/* clang-format off */
static const struct
{
  const char *row;
  unsigned status;
  const char *body;
  WeirOauthOutcome outcome;
  const char *reason;
  int64_t expires_us;
} answers[] = {
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":3600}",        WEIR_OAUTH_TOKENS, NULL, 60 * MINUTE },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":\"3600\"}",    WEIR_OAUTH_TOKENS, NULL, 60 * MINUTE },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":-5}",          WEIR_OAUTH_TOKENS, NULL, MINUTE },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":0}",           WEIR_OAUTH_TOKENS, NULL, MINUTE },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":1e300}",       WEIR_OAUTH_TOKENS, NULL, 30 * DAY },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":1e999}",       WEIR_OAUTH_TOKENS, NULL, 30 * DAY },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":\"soon\"}",    WEIR_OAUTH_TOKENS, NULL, 0 },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":\"nan\"}",     WEIR_OAUTH_TOKENS, NULL, 0 },
  { "claude", 200, "{\"access_token\":\"a\",\"expires_in\":[]}",          WEIR_OAUTH_TOKENS, NULL, 0 },
  { "claude", 200, "{\"access_token\":\"a\",\"token_type\":\"bearer\"}",  WEIR_OAUTH_TOKENS, NULL, 0 },
  { "claude", 200, "{\"access_token\":\"a\",\"error\":null}",             WEIR_OAUTH_TOKENS, NULL, 0 },
  { "claude", 200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}",     WEIR_OAUTH_LATER, "unusable_answer", 0 },
  { "claude", 200, "{\"access_token\":\"a b\"}",                          WEIR_OAUTH_LATER, "unusable_answer", 0 },
  { "claude", 200, "{\"access_token\":\"\"}",                             WEIR_OAUTH_LATER, "unusable_answer", 0 },
  { "claude", 200, "{\"access_token\":7}",                                WEIR_OAUTH_LATER, "unusable_answer", 0 },
  { "claude", 200, "{\"access_token\":\"a\",\"access_token\":\"b\"}",     WEIR_OAUTH_LATER, "unusable_answer", 0 },
  { "claude", 200, "<html>",                                              WEIR_OAUTH_LATER, "unusable_answer", 0 },
  { "claude", 200, "",                                                    WEIR_OAUTH_LATER, "unusable_answer", 0 },
  { "claude", 302, "{\"access_token\":\"a\"}",                            WEIR_OAUTH_LATER, NULL, 0 },
  { "claude", 0,   "",                                                    WEIR_OAUTH_LATER, NULL, 0 },
  { "claude", 400, "{\"error\":\"invalid_grant\"}",           WEIR_OAUTH_SIGN_IN_AGAIN, "invalid_grant", 0 },
  { "codex",  401, "{\"error\":{\"code\":\"refresh_token_reused\",\"type\":\"x\"}}",
                                                              WEIR_OAUTH_SIGN_IN_AGAIN, "refresh_token_reused", 0 },
  { "claude", 400, "{\"error\":{\"type\":\"invalid_grant\"}}", WEIR_OAUTH_SIGN_IN_AGAIN, "invalid_grant", 0 },
  { "copilot", 200, "{\"error\":\"authorization_pending\"}",  WEIR_OAUTH_PENDING, "authorization_pending", 0 },
  { "copilot", 200, "{\"error\":\"slow_down\",\"interval\":10}", WEIR_OAUTH_SLOW_DOWN, "slow_down", 0 },
  { "copilot", 200, "{\"error\":\"access_denied\"}",          WEIR_OAUTH_DENIED, "access_denied", 0 },
  { "copilot", 200, "{\"error\":\"expired_token\"}",          WEIR_OAUTH_EXPIRED, "expired_token", 0 },
  { "kimi",   400, "{\"error\":\"invalid_client\"}",          WEIR_OAUTH_CLIENT_REFUSED, "invalid_client", 0 },
  { "kimi",   401, "{}",                                      WEIR_OAUTH_SIGN_IN_AGAIN, NULL, 0 },
  { "kimi",   403, "<html>",                                  WEIR_OAUTH_SIGN_IN_AGAIN, NULL, 0 },
  /* trouble on their side signs nobody out, whatever it says */
  { "claude", 401, "{}",                                      WEIR_OAUTH_LATER, NULL, 0 },
  { "claude", 403, "<html>blocked</html>",                    WEIR_OAUTH_LATER, NULL, 0 },
  { "claude", 500, "{\"error\":\"invalid_grant\"}",           WEIR_OAUTH_LATER, "invalid_grant", 0 },
  { "kimi",   503, "",                                        WEIR_OAUTH_LATER, NULL, 0 },
  { "claude", 429, "{\"error\":\"invalid_grant\"}",           WEIR_OAUTH_LATER, "invalid_grant", 0 },
  { "xai",    429, "{\"error\":\"slow_down\"}",               WEIR_OAUTH_SLOW_DOWN, "slow_down", 0 },
  { "claude", 400, "{\"error\":\"something_new\"}",           WEIR_OAUTH_LATER, "something_new", 0 },
  { "claude", 400, "{\"error\":\"sk-ant-oat01-secret\"}",     WEIR_OAUTH_LATER, NULL, 0 },
  { "claude", 400, "{\"error\":[\"invalid_grant\"]}",         WEIR_OAUTH_LATER, NULL, 0 },
};
/* clang-format on */

static void
test_an_answer_means_what_its_words_say (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (WeirOauthAnswer) answer = { 0 };

      g_test_message ("%u %s", answers[i].status, answers[i].body);
      weir_oauth_read_tokens (weir_provider_oauth_lookup (answers[i].row),
                              answers[i].status, weir_slice_from_string (answers[i].body),
                              NULL, &answer);
      g_assert_cmpint (answer.outcome, ==, answers[i].outcome);
      g_assert_cmpstr (answer.reason, ==, answers[i].reason);
      g_assert_cmpint (answer.expires_in_us, ==, answers[i].expires_us);
      assert_secret (answer.access_token, answer.outcome == WEIR_OAUTH_TOKENS ? "a" : NULL);
    }
}

static void
test_a_refresh_token_that_is_not_renewed_is_kept (void)
{
  const WeirProviderOauth *row = weir_provider_oauth_lookup ("claude");
  g_autoptr (WeirSecret) before = make ("old");
  g_auto (WeirOauthAnswer) kept = { 0 };
  g_auto (WeirOauthAnswer) renewed = { 0 };

  weir_oauth_read_tokens (row, 200, WEIR_SLICE ("{\"access_token\":\"a\"}"), before, &kept);
  assert_secret (kept.refresh_token, "old");
  weir_oauth_read_tokens (
      row, 200,
      WEIR_SLICE (
          "{\"access_token\":\"a\",\"refresh_token\":\"1\\/\\/n\",\"id_token\":\"i\","
          "\"scope\":\"x y\",\"account\":{\"uuid\":\"u\","
          "\"email_address\":\"a@example.org\"}}"),
      before, &renewed);
  assert_secret (renewed.refresh_token, "1//n");
  assert_secret (renewed.id_token, "i");
  g_assert_cmpstr (renewed.scope, ==, "x y");
  g_assert_cmpstr (renewed.email, ==, "a@example.org");
  g_assert_cmpstr (renewed.subject, ==, "u");
}

static void
test_a_device_polls_until_there_is_a_code (void)
{
  const WeirProviderOauth *row = weir_provider_oauth_lookup ("codex");
  static const struct
  {
    unsigned status;
    const char *body;
    WeirOauthOutcome outcome;
  } polls[] = {
    { 403, "", WEIR_OAUTH_PENDING },
    { 404, "{\"error\":{\"code\":\"deviceauth_unknown\"}}", WEIR_OAUTH_PENDING },
    { 403, "{\"error\":\"access_denied\"}", WEIR_OAUTH_DENIED },
    { 500, "", WEIR_OAUTH_LATER },
    { 0, "", WEIR_OAUTH_LATER },
    { 200, "{}", WEIR_OAUTH_LATER },
    { 200, "", WEIR_OAUTH_LATER },
    { 200, "{\"authorization_code\":\"c\"}", WEIR_OAUTH_LATER },
    { 200, "{\"authorization_code\":\"c\",\"code_verifier\":\"v\"}", WEIR_OAUTH_CODE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (polls); i++)
    {
      g_auto (WeirOauthAnswer) answer = { 0 };

      weir_oauth_read_poll (row, polls[i].status, weir_slice_from_string (polls[i].body),
                            &answer);
      g_assert_cmpint (answer.outcome, ==, polls[i].outcome);
      assert_secret (answer.code, answer.outcome == WEIR_OAUTH_CODE ? "c" : NULL);
      assert_secret (answer.verifier, answer.outcome == WEIR_OAUTH_CODE ? "v" : NULL);
    }
}

static void
test_an_exchange_gives_a_token_for_a_while (void)
{
  g_auto (WeirOauthAnswer) answer = { 0 };
  g_auto (WeirOauthAnswer) gone = { 0 };
  g_auto (WeirOauthAnswer) no_plan = { 0 };
  g_auto (WeirOauthAnswer) trouble = { 0 };

  weir_oauth_read_exchange (200, WEIR_SLICE ("{\"token\":\"t\",\"expires_at\":1795168800}"),
                            (int64_t)1795167000 * G_USEC_PER_SEC, &answer);
  g_assert_cmpint (answer.outcome, ==, WEIR_OAUTH_TOKENS);
  assert_secret (answer.access_token, "t");
  g_assert_cmpint (answer.expires_in_us, ==, 30 * MINUTE);
  weir_oauth_read_exchange (401, WEIR_SLICE (""), 0, &gone);
  g_assert_cmpint (gone.outcome, ==, WEIR_OAUTH_SIGN_IN_AGAIN);
  weir_oauth_read_exchange (404, WEIR_SLICE (""), 0, &no_plan);
  g_assert_cmpint (no_plan.outcome, ==, WEIR_OAUTH_DENIED);
  weir_oauth_read_exchange (200, WEIR_SLICE ("<html>"), 0, &trouble);
  g_assert_cmpint (trouble.outcome, ==, WEIR_OAUTH_LATER);
}

static void
test_a_device_shows_where_to_go (void)
{
  g_auto (WeirOauthDevice) kimi = { 0 };
  g_auto (WeirOauthDevice) codex = { 0 };

  g_assert_true (weir_oauth_read_device (
      weir_provider_oauth_lookup ("kimi"), 200,
      WEIR_SLICE ("{\"device_code\":\"d\",\"user_code\":\"AB-CD\","
                  "\"verification_uri\":\"https://k.example/d\","
                  "\"verification_uri_complete\":\"https://k.example/d?c=AB-CD\","
                  "\"expires_in\":99999,\"interval\":0}"),
      &kimi, NULL));
  g_assert_cmpstr (kimi.user_code, ==, "AB-CD");
  g_assert_cmpstr (kimi.full_url, ==, "https://k.example/d?c=AB-CD");
  g_assert_cmpint (kimi.expires_in_us, ==, 30 * MINUTE);
  g_assert_cmpint (kimi.interval_us, ==, G_USEC_PER_SEC);
  g_assert_true (weir_oauth_read_device (
      weir_provider_oauth_lookup ("codex"), 200,
      WEIR_SLICE ("{\"device_auth_id\":\"d\",\"usercode\":\"U\",\"interval\":\"7\"}"),
      &codex, NULL));
  assert_secret (codex.device_code, "d");
  g_assert_cmpstr (codex.url, ==, "https://auth.openai.com/codex/device");
  g_assert_cmpint (codex.interval_us, ==, 7 * G_USEC_PER_SEC);
  g_assert_cmpint (codex.expires_in_us, ==, 15 * MINUTE);
}

static void
test_a_device_without_a_safe_page_is_refused (void)
{
  static const char *const bodies[] = {
    "",
    "[]",
    "{\"device_code\":\"d\",\"user_code\":\"U\"}",
    "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"http://k/\"}",
    "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"javascript:1\"}",
    "{\"device_code\":\"d\",\"user_code\":\"U\",\"verification_uri\":\"https://a b\"}",
    "{\"device_code\":\"d\",\"user_code\":\"\\u202eU\",\"verification_uri\":\"https://a\"}",
    "{\"user_code\":\"U\",\"verification_uri\":\"https://a\"}",
    "{\"error\":\"device_flow_disabled\"}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_auto (WeirOauthDevice) device = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (weir_oauth_read_device (weir_provider_oauth_lookup ("kimi"), 200,
                                              weir_slice_from_string (bodies[i]), &device,
                                              &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
      g_assert_null (device.device_code);
    }
}

static void
test_pages_of_a_row_on_this_machine_are_there (void)
{
  WeirProviderOauth row = *weir_provider_oauth_lookup ("kimi");
  g_auto (WeirOauthDevice) here = { 0 };
  g_auto (WeirOauthDevice) elsewhere = { 0 };

  row.device_url = "http://127.0.0.1:4/device";
  g_assert_true (weir_oauth_read_device (
      &row, 200,
      WEIR_SLICE ("{\"device_code\":\"d\",\"user_code\":\"U\","
                  "\"verification_uri\":\"http://127.0.0.1:4/page\"}"),
      &here, NULL));
  g_assert_false (weir_oauth_read_device (
      &row, 200,
      WEIR_SLICE ("{\"device_code\":\"d\",\"user_code\":\"U\","
                  "\"verification_uri\":\"http://127.0.0.1:44/page\"}"),
      &elsewhere, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oauth/the-example-of-the-rfc", test_the_example_of_the_rfc);
  g_test_add_func ("/oauth/a-word-is-as-long-as-its-chance",
                   test_a_word_is_as_long_as_its_chance);
  g_test_add_func ("/oauth/a-code-is-redeemed-as-the-row-says",
                   test_a_code_is_redeemed_as_the_row_says);
  g_test_add_func ("/oauth/a-refresh-is-asked-for-as-the-row-says",
                   test_a_refresh_is_asked_for_as_the_row_says);
  g_test_add_func ("/oauth/a-lacking-secret-is-the-configurations-matter",
                   test_a_lacking_secret_is_the_configurations_matter);
  g_test_add_func ("/oauth/devices-are-asked-and-polled-in-both-kinds",
                   test_devices_are_asked_and_polled_in_both_kinds);
  g_test_add_func ("/oauth/a-token-is-exchanged-in-a-field",
                   test_a_token_is_exchanged_in_a_field);
  g_test_add_func ("/oauth/a-redirect-is-a-code-a-refusal-or-nothing",
                   test_a_redirect_is_a_code_a_refusal_or_nothing);
  g_test_add_func ("/oauth/a-long-redirect-is-refused", test_a_long_redirect_is_refused);
  g_test_add_func ("/oauth/an-answer-means-what-its-words-say",
                   test_an_answer_means_what_its_words_say);
  g_test_add_func ("/oauth/a-refresh-token-that-is-not-renewed-is-kept",
                   test_a_refresh_token_that_is_not_renewed_is_kept);
  g_test_add_func ("/oauth/a-device-polls-until-there-is-a-code",
                   test_a_device_polls_until_there_is_a_code);
  g_test_add_func ("/oauth/an-exchange-gives-a-token-for-a-while",
                   test_an_exchange_gives_a_token_for_a_while);
  g_test_add_func ("/oauth/a-device-shows-where-to-go", test_a_device_shows_where_to_go);
  g_test_add_func ("/oauth/a-device-without-a-safe-page-is-refused",
                   test_a_device_without_a_safe_page_is_refused);
  g_test_add_func ("/oauth/pages-of-a-row-on-this-machine-are-there",
                   test_pages_of_a_row_on_this_machine_are_there);
  return g_test_run ();
}
