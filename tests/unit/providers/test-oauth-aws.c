/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Amazon's sign-in: what is sent, what is kept in the place of a refresh token, and what
 * the answers mean. */

#include "config.h"

#include "providers/weir-oauth-aws.h"

#include <string.h>

static WeirSecret *
make (const char *text)
{
  return weir_secret_new (weir_slice_from_string (text));
}

static char *
dup_body (const WeirOauthRequest *request)
{
  return weir_slice_dup (weir_secret_reveal (request->body));
}

static const WeirProviderOauth *
get_row (void)
{
  return weir_provider_oauth_lookup ("kiro");
}

static void
test_a_client_registers_under_our_name (void)
{
  const WeirOauthClient client = { .row = get_row () };
  g_auto (WeirOauthRequest) request = { 0 };
  g_autofree char *body = NULL;

  weir_oauth_write_register (&client, &request);
  body = dup_body (&request);
  g_assert_cmpstr (request.method, ==, "POST");
  g_assert_cmpstr (request.url, ==, "https://oidc.us-east-1.amazonaws.com/client/register");
  g_assert_cmpstr (
      body, ==,
      "{\"clientName\":\"Weir\",\"clientType\":\"public\",\"scopes\":["
      "\"codewhisperer:completions\",\"codewhisperer:analysis\","
      "\"codewhisperer:conversations\"],\"grantTypes\":[\"urn:ietf:params:oauth:"
      "grant-type:device_code\",\"refresh_token\"]}");
}

static void
test_a_registration_is_read_or_refused (void)
{
  static const struct
  {
    unsigned status;
    const char *body;
  } rows[] = {
    { 0, "" },
    { 500, "" },
    { 400, "{\"error\":\"invalid_client_metadata\"}" },
    { 200, "{}" },
    { 200, "{\"clientId\":\"c\"}" },
    { 200, "{\"clientId\":\"\",\"clientSecret\":\"s\"}" },
    { 200, "{\"clientId\":1,\"clientSecret\":\"s\"}" },
    { 200, "[]" },
  };
  g_autofree char *id = NULL;
  g_autoptr (WeirSecret) secret = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (weir_oauth_read_register (get_row (), rows[i].status,
                                                weir_slice_from_string (rows[i].body), &id,
                                                &secret, &error));
      g_assert_nonnull (error);
      g_assert_null (id);
      g_assert_null (secret);
    }
  g_assert_true (weir_oauth_read_register (
      get_row (), 200,
      WEIR_SLICE (
          "{\"clientId\":\"c\",\"clientSecret\":\"s\",\"clientSecretExpiresAt\":1}"),
      &id, &secret, NULL));
  g_assert_cmpstr (id, ==, "c");
}

static void
test_a_device_is_begun_and_asked_for_in_camel_case (void)
{
  g_autoptr (WeirSecret) secret = make ("s");
  g_autoptr (WeirSecret) code = make ("d\"");
  const WeirOauthClient client
      = { .row = get_row (), .client_id = "c", .client_secret = secret };
  g_auto (WeirOauthRequest) begun = { 0 };
  g_auto (WeirOauthRequest) polled = { 0 };
  g_auto (WeirOauthDevice) device = { 0 };
  g_autofree char *begin = NULL;
  g_autofree char *poll = NULL;

  weir_oauth_write_device (&client, &begun);
  begin = dup_body (&begun);
  g_assert_cmpstr (begin, ==,
                   "{\"clientId\":\"c\",\"clientSecret\":\"s\",\"startUrl\":"
                   "\"https://view.awsapps.com/start\"}");
  weir_oauth_write_poll (&client, code, "U", &polled);
  poll = dup_body (&polled);
  g_assert_cmpstr (poll, ==,
                   "{\"clientId\":\"c\",\"clientSecret\":\"s\",\"grantType\":"
                   "\"urn:ietf:params:oauth:grant-type:device_code\",\"deviceCode\":"
                   "\"d\\\"\"}");
  g_assert_true (weir_oauth_read_device (
      client.row, 200,
      WEIR_SLICE (
          "{\"deviceCode\":\"d\",\"userCode\":\"AB-CD\",\"verificationUri\":"
          "\"https://view.awsapps.com/start/#/device\",\"verificationUriComplete\":"
          "\"https://view.awsapps.com/start/#/device?user_code=AB-CD\",\"expiresIn\":"
          "600,\"interval\":1}"),
      &device, NULL));
  g_assert_cmpstr (device.user_code, ==, "AB-CD");
  g_assert_nonnull (device.full_url);
  g_assert_cmpint (device.expires_in_us, ==, 600 * (int64_t)G_USEC_PER_SEC);
  g_assert_cmpint (device.interval_us, ==, G_USEC_PER_SEC);
}

/* What is bound to a client goes out with it, in each generation. */
static void
test_tokens_are_renewed_by_the_client_that_got_them (void)
{
  g_autoptr (WeirSecret) secret = make ("s");
  const WeirOauthClient registered
      = { .row = get_row (), .client_id = "c", .client_secret = secret };
  const WeirOauthClient later = { .row = get_row () };
  g_auto (WeirOauthAnswer) first = { 0 };
  g_auto (WeirOauthAnswer) second = { 0 };
  g_auto (WeirOauthAnswer) third = { 0 };
  g_auto (WeirOauthRequest) request = { 0 };
  g_autofree char *body = NULL;

  weir_oauth_read_poll (later.row, 200,
                        WEIR_SLICE ("{\"accessToken\":\"a1\",\"refreshToken\":\"r1\","
                                    "\"tokenType\":\"Bearer\",\"expiresIn\":3600}"),
                        &first);
  g_assert_cmpint (first.outcome, ==, WEIR_OAUTH_TOKENS);
  g_assert_cmpint (first.expires_in_us, ==, 3600 * (int64_t)G_USEC_PER_SEC);
  weir_oauth_bind_client (&registered, &first);
  g_assert_true (g_str_has_prefix (first.subject, "client-"));
  weir_oauth_read_tokens (later.row, 200,
                          WEIR_SLICE ("{\"accessToken\":\"a2\",\"refreshToken\":\"r2\"}"),
                          first.refresh_token, &second);
  weir_oauth_read_tokens (
      later.row, 200,
      WEIR_SLICE ("{\"accessToken\":\"a3\",\"profileArn\":\"arn:aws:codewhisperer:x\"}"),
      second.refresh_token, &third);
  g_assert_true (third.refresh_token == second.refresh_token);
  g_assert_cmpstr (third.profile, ==, "arn:aws:codewhisperer:x");
  weir_oauth_write_refresh (&later, third.refresh_token, &request);
  body = dup_body (&request);
  g_assert_cmpstr (request.url, ==, "https://oidc.us-east-1.amazonaws.com/token");
  g_assert_cmpstr (body, ==,
                   "{\"clientId\":\"c\",\"clientSecret\":\"s\",\"grantType\":"
                   "\"refresh_token\",\"refreshToken\":\"r2\"}");
}

static void
assert_goes_to (const WeirOauthAwsGrant *grant, const char *url, const char *wanted)
{
  const WeirOauthClient client = { .row = get_row () };
  g_autoptr (WeirSecret) word = weir_oauth_aws_grant_write (grant);
  g_auto (WeirOauthRequest) request = { 0 };
  g_autofree char *body = NULL;

  weir_oauth_write_refresh (&client, word, &request);
  body = dup_body (&request);
  g_assert_cmpstr (request.url, ==, url);
  g_assert_cmpstr (body, ==, wanted);
}

static void
test_each_kind_is_renewed_where_it_came_from (void)
{
  g_autoptr (WeirSecret) token = make ("r");
  g_autoptr (WeirSecret) secret = make ("s");
  const WeirOauthClient client = { .row = get_row () };
  g_auto (WeirOauthRequest) request = { 0 };

  assert_goes_to (&(WeirOauthAwsGrant){ token, NULL, NULL, NULL },
                  "https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken",
                  "{\"refreshToken\":\"r\"}");
  assert_goes_to (&(WeirOauthAwsGrant){ token, NULL, NULL, (char *)"eu-central-1" },
                  "https://prod.eu-central-1.auth.desktop.kiro.dev/refreshToken",
                  "{\"refreshToken\":\"r\"}");
  assert_goes_to (&(WeirOauthAwsGrant){ token, (char *)"c", secret, (char *)"eu-west-1" },
                  "https://oidc.eu-west-1.amazonaws.com/token",
                  "{\"clientId\":\"c\",\"clientSecret\":\"s\",\"grantType\":"
                  "\"refresh_token\",\"refreshToken\":\"r\"}");
  /* no address is made of what is no region */
  assert_goes_to (&(WeirOauthAwsGrant){ token, NULL, NULL, (char *)"x.example/" },
                  "https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken",
                  "{\"refreshToken\":\"r\"}");
  weir_oauth_write_refresh (&client, token, &request);
  g_assert_cmpstr (request.url, ==,
                   "https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken");
}

static void
test_words_that_are_none_hold_nothing (void)
{
  static const char *const words[] = {
    "r",
    "aws:",
    "aws:!!!",
    "aws:e30=" /* {} */,
    "aws:W10=" /* [] */,
    "aws:eyJyZWZyZXNoVG9rZW4iOiJyIiwiY2xpZW50SWQiOiJjIn0=" /* no secret */,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (WeirSecret) word = make (words[i]);
      WeirOauthAwsGrant grant = { 0 };

      g_assert_false (weir_oauth_aws_grant_read (word, &grant));
      g_assert_null (grant.token);
      g_assert_null (grant.client_id);
    }
}

static void
test_what_is_gone_for_good_is_signed_in_again (void)
{
  static const struct
  {
    unsigned status;
    const char *body;
    WeirOauthOutcome outcome;
  } rows[] = {
    { 400, "{\"error\":\"invalid_grant\"}", WEIR_OAUTH_SIGN_IN_AGAIN },
    { 401, "{\"error\":\"invalid_client\"}", WEIR_OAUTH_SIGN_IN_AGAIN },
    { 401, "{\"message\":\"Bad credentials\"}", WEIR_OAUTH_SIGN_IN_AGAIN },
    { 400, "{\"error\":\"slow_down\"}", WEIR_OAUTH_SLOW_DOWN },
    { 403, "", WEIR_OAUTH_LATER },
    { 500, "{\"error\":\"internal_server_error\"}", WEIR_OAUTH_LATER },
    { 0, "", WEIR_OAUTH_LATER },
    { 200, "{\"accessToken\":\"\"}", WEIR_OAUTH_LATER },
  };
  g_autoptr (WeirSecret) before = make ("r");

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (WeirOauthAnswer) answer = { 0 };

      weir_oauth_read_tokens (get_row (), rows[i].status,
                              weir_slice_from_string (rows[i].body), before, &answer);
      g_test_message ("%s", rows[i].body);
      g_assert_cmpint (answer.outcome, ==, rows[i].outcome);
    }
}

static void
test_a_profile_says_where_requests_go (void)
{
  static const struct
  {
    const char *profile;
    const char *url;
  } rows[] = {
    { "arn:aws:codewhisperer:us-east-1:1:profile/A", NULL },
    { "arn:aws:codewhisperer:eu-central-1:1:profile/A",
      "https://q.eu-central-1.amazonaws.com" },
    { "arn:aws:codewhisperer:evil.example/:1:profile/A", NULL },
    { "arn:aws:codewhisperer::1:profile/A", NULL },
    { "arn:aws", NULL },
    { "", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *url = weir_oauth_aws_dup_base_url (rows[i].profile);

      g_assert_cmpstr (url, ==, rows[i].url);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oauth-aws/a-client-registers-under-our-name",
                   test_a_client_registers_under_our_name);
  g_test_add_func ("/oauth-aws/a-registration-is-read-or-refused",
                   test_a_registration_is_read_or_refused);
  g_test_add_func ("/oauth-aws/a-device-is-begun-and-asked-for-in-camel-case",
                   test_a_device_is_begun_and_asked_for_in_camel_case);
  g_test_add_func ("/oauth-aws/tokens-are-renewed-by-the-client-that-got-them",
                   test_tokens_are_renewed_by_the_client_that_got_them);
  g_test_add_func ("/oauth-aws/each-kind-is-renewed-where-it-came-from",
                   test_each_kind_is_renewed_where_it_came_from);
  g_test_add_func ("/oauth-aws/words-that-are-none-hold-nothing",
                   test_words_that_are_none_hold_nothing);
  g_test_add_func ("/oauth-aws/what-is-gone-for-good-is-signed-in-again",
                   test_what_is_gone_for_good_is_signed_in_again);
  g_test_add_func ("/oauth-aws/a-profile-says-where-requests-go",
                   test_a_profile_says_where_requests_go);
  return g_test_run ();
}
