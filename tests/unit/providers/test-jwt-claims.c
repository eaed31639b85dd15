/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Claims are read where they are what they should be, and only there. */

#include "config.h"

#include "providers/weir-jwt-claims.h"

static char *
dup_base64url (const char *text)
{
  g_autofree char *padded = g_base64_encode ((const guchar *)text, strlen (text));

  for (char *p = padded; *p != '\0'; p++)
    if (*p == '+')
      *p = '-';
    else if (*p == '/')
      *p = '_';
    else if (*p == '=')
      {
        *p = '\0';
        break;
      }
  return g_steal_pointer (&padded);
}

static char *
dup_token (const char *payload)
{
  g_autofree char *head = dup_base64url ("{\"alg\":\"RS256\"}");
  g_autofree char *body = dup_base64url (payload);

  return g_strdup_printf ("%s.%s.c2lnbmF0dXJl", head, body);
}

static gboolean
read_text (const char *token, WeirJwtClaims *out)
{
  return weir_jwt_claims_read (weir_slice_from_string (token), out, NULL);
}

static void
test_a_codex_token_names_account_and_plan (void)
{
  g_autofree char *token
      = dup_token ("{\"sub\":\"auth0|1\",\"email\":\"a@example.org\",\"exp\":1795168800.5,"
                   "\"https://api.openai.com/auth\":{\"chatgpt_account_id\":\"acc-1\","
                   "\"chatgpt_plan_type\":\"plus\"}}");
  g_auto (WeirJwtClaims) claims = { 0 };

  g_assert_true (read_text (token, &claims));
  g_assert_cmpstr (claims.subject, ==, "auth0|1");
  g_assert_cmpstr (claims.email, ==, "a@example.org");
  g_assert_cmpstr (claims.account_id, ==, "acc-1");
  g_assert_cmpstr (claims.plan, ==, "plus");
  g_assert_cmpint (claims.expires_at_us, ==, 1795168800500000);
}

static void
test_an_access_token_has_the_mail_in_its_profile (void)
{
  g_autofree char *token
      = dup_token ("{\"https://api.openai.com/profile\":{\"email\":\"b@example.org\"}}");
  g_auto (WeirJwtClaims) claims = { 0 };

  g_assert_true (read_text (token, &claims));
  g_assert_cmpstr (claims.email, ==, "b@example.org");
  g_assert_null (claims.plan);
  g_assert_cmpint (claims.expires_at_us, ==, 0);
}

static void
test_odd_claims_are_absent (void)
{
  static const char *const payloads[] = {
    "{}",
    "{\"sub\":1,\"email\":null,\"exp\":\"1795168800\"}",
    "{\"sub\":\"\",\"email\":\"a\\nb\",\"exp\":-1}",
    "{\"sub\":\"a\\u0000b\",\"exp\":1e300}",
    "{\"sub\":[\"a\"],\"https://api.openai.com/auth\":\"x\"}",
    "{\"https://api.openai.com/auth\":[{\"chatgpt_plan_type\":\"pro\"}]}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_autofree char *token = dup_token (payloads[i]);
      g_auto (WeirJwtClaims) claims = { 0 };

      g_assert_true (read_text (token, &claims));
      g_assert_null (claims.subject);
      g_assert_null (claims.email);
      g_assert_null (claims.account_id);
      g_assert_null (claims.plan);
      g_assert_cmpint (claims.expires_at_us, ==, 0);
    }
}

static void
test_a_long_claim_is_absent (void)
{
  g_autofree char *name = g_strnfill (WEIR_JWT_TEXT_MAX + 1, 'a');
  g_autofree char *payload = g_strdup_printf ("{\"sub\":\"%s\",\"email\":\"a\"}", name);
  g_autofree char *token = dup_token (payload);
  g_auto (WeirJwtClaims) claims = { 0 };

  g_assert_true (read_text (token, &claims));
  g_assert_null (claims.subject);
  g_assert_cmpstr (claims.email, ==, "a");
}

static void
test_what_is_no_token_is_refused_without_a_quote (void)
{
  static const char *const tokens[] = {
    "",
    ".",
    "..",
    "e30",
    "e30.e30",
    "e30.e30.e30.e30",
    "e30.e30=.e30", /* padding */
    "e30.e31.e30",  /* not JSON, and bits that no byte needs */
    "e30.e3A.",     /* "{p" */
    "e30.e30 .e30", /* white space */
    "e30.e+0.e30",  /* the other alphabet */
    "e30.W10.e30",  /* an array */
    "e30.a.e30",    /* one digit is no byte */
    "e!0.e30.e30",  /* a bad head */
    "e30.e30.e/0",  /* a bad signature */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (WeirJwtClaims) claims = { 0 };

      g_assert_false (
          weir_jwt_claims_read (weir_slice_from_string (tokens[i]), &claims, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
      g_assert_null (strstr (error->message, "e30"));
    }
}

static void
test_a_claim_that_stands_twice_is_refused (void)
{
  g_autofree char *token = dup_token ("{\"sub\":\"a\",\"sub\":\"b\"}");
  g_auto (WeirJwtClaims) claims = { 0 };

  g_assert_false (read_text (token, &claims));
}

static void
test_size_is_bounded (void)
{
  g_autofree char *text = g_strnfill (WEIR_JWT_BYTES_MAX, 'A');
  g_autofree char *token = g_strdup_printf ("e30.e30.%s", text);
  g_auto (WeirJwtClaims) claims = { 0 };

  g_assert_false (read_text (token, &claims));
  token[WEIR_JWT_BYTES_MAX] = '\0';
  g_assert_true (read_text (token, &claims));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jwt-claims/a-codex-token-names-account-and-plan",
                   test_a_codex_token_names_account_and_plan);
  g_test_add_func ("/jwt-claims/an-access-token-has-the-mail-in-its-profile",
                   test_an_access_token_has_the_mail_in_its_profile);
  g_test_add_func ("/jwt-claims/odd-claims-are-absent", test_odd_claims_are_absent);
  g_test_add_func ("/jwt-claims/a-long-claim-is-absent", test_a_long_claim_is_absent);
  g_test_add_func ("/jwt-claims/what-is-no-token-is-refused-without-a-quote",
                   test_what_is_no_token_is_refused_without_a_quote);
  g_test_add_func ("/jwt-claims/a-claim-that-stands-twice-is-refused",
                   test_a_claim_that_stands_twice_is_refused);
  g_test_add_func ("/jwt-claims/size-is-bounded", test_size_is_bounded);
  return g_test_run ();
}
