/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Key files: what is taken for one, what is signed with it, and what an answer says. */

#include "config.h"

#include "providers/weir-service-account.h"

#include "base/weir-json.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <string.h>

#define NOW_S 1700000000
#define GRANT "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="

static gnutls_x509_privkey_t key;

/* The key as a member of JSON has it. */
static char *
dup_pem (void)
{
  gnutls_datum_t pem;
  g_auto (GStrv) lines = NULL;
  char *text;

  g_assert_cmpint (gnutls_x509_privkey_export2 (key, GNUTLS_X509_FMT_PEM, &pem), >=, 0);
  lines = g_strsplit ((const char *)pem.data, "\n", -1);
  text = g_strjoinv ("\\n", lines);
  gnutls_free (pem.data);
  return text;
}

static char *
make_file (const char *pem)
{
  return g_strdup_printf (
      "{\n  \"type\": \"service_account\",\n"
      "\t\"project_id\": \"my-project\", \"private_key_id\": \"k1\",\r\n"
      "  \"private_key\": \"%s\",\n"
      "  \"client_email\": \"weir@my-project.example\",\n"
      "  \"token_uri\": \"https://oauth2.googleapis.com/token\"\n}\n",
      pem);
}

static WeirSecret *
make_account (void)
{
  g_autofree char *pem = dup_pem ();
  g_autofree char *file = make_file (pem);
  g_autoptr (GError) error = NULL;
  WeirSecret *account = weir_service_account_new (weir_slice_from_string (file), &error);

  g_assert_no_error (error);
  return account;
}

static guchar *
decode (const char *part, gsize *out_length)
{
  g_autoptr (GString) text = g_string_new (part);

  for (gsize i = 0; i < text->len; i++)
    text->str[i] = text->str[i] == '-' ? '+' : text->str[i] == '_' ? '/' : text->str[i];
  while (text->len % 4 != 0)
    g_string_append_c (text, '=');
  return g_base64_decode (text->str, out_length);
}

static void
assert_part (const char *part, const char *wanted)
{
  gsize length;
  g_autofree guchar *bytes = decode (part, &length);
  g_autofree char *text = g_strndup ((const char *)bytes, length);

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_who_holds_the_key_signs_for_himself (void)
{
  g_autoptr (WeirSecret) account = make_account ();
  g_auto (WeirServiceAccountAsk) ask = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree char *text = NULL;
  g_autofree guchar *signature = NULL;
  gnutls_pubkey_t public;
  gnutls_privkey_t private;
  gnutls_datum_t signed_data;
  gnutls_datum_t signature_data;
  gsize length;

  g_assert_true (weir_service_account_sign (account, NOW_S, &ask, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (ask.url, ==, "https://oauth2.googleapis.com/token");
  body = weir_slice_dup (weir_secret_reveal (ask.body));
  g_assert_true (g_str_has_prefix (body, GRANT));
  parts = g_strsplit (body + strlen (GRANT), ".", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  assert_part (parts[0], "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}");
  assert_part (parts[1], "{\"iss\":\"weir@my-project.example\",\"scope\":\"https://"
                         "www.googleapis.com/auth/cloud-platform\",\"aud\":\"https://"
                         "oauth2.googleapis.com/token\",\"iat\":1700000000,"
                         "\"exp\":1700003600}");
  text = g_strconcat (parts[0], ".", parts[1], NULL);
  signature = decode (parts[2], &length);
  signed_data = (gnutls_datum_t){ (guchar *)text, (unsigned)strlen (text) };
  signature_data = (gnutls_datum_t){ signature, (unsigned)length };
  gnutls_privkey_init (&private);
  gnutls_pubkey_init (&public);
  g_assert_cmpint (gnutls_privkey_import_x509 (private, key, 0), >=, 0);
  g_assert_cmpint (gnutls_pubkey_import_privkey (public, private, 0, 0), >=, 0);
  g_assert_cmpint (gnutls_pubkey_verify_data2 (public, GNUTLS_SIGN_RSA_SHA256, 0,
                                               &signed_data, &signature_data),
                   >=, 0);
  gnutls_pubkey_deinit (public);
  gnutls_privkey_deinit (private);
}

static void
test_a_key_file_is_one_line_that_says_the_same (void)
{
  g_autoptr (WeirSecret) account = make_account ();
  g_autofree char *project = weir_service_account_dup_project (account);
  g_autoptr (WeirSecret) again
      = weir_service_account_new (weir_secret_reveal (account), NULL);

  g_assert_cmpstr (project, ==, "my-project");
  g_assert_true (weir_secret_equal (account, again));
}

static void
test_what_is_no_key_file_is_said_to_be_none (void)
{
  static const char *const texts[] = {
    "",
    "AIzaSomeKey",
    "[]",
    "{\"type\":\"authorized_user\"}",
    "{\"type\":\"service_account\",\"private_key\":\"k\"}",
    "{\"type\":\"service_account\",\"private_key\":7,\"client_email\":\"e\"}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (weir_service_account_new (weir_slice_from_string (texts[i]), &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
      g_assert_null (strstr (error->message, "AIza"));
    }
}

static void
test_a_broken_key_does_not_sign (void)
{
  g_autofree char *file = make_file ("-----BEGIN PRIVATE KEY-----\\nAAAA");
  g_autoptr (WeirSecret) account
      = weir_service_account_new (weir_slice_from_string (file), NULL);
  g_auto (WeirServiceAccountAsk) ask = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (account);
  g_assert_false (weir_service_account_sign (account, NOW_S, &ask, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  g_assert_null (strstr (error->message, "AAAA"));
  g_assert_null (ask.body);
}

static void
test_an_answer_is_a_token_or_a_reason (void)
{
  static const struct
  {
    unsigned status;
    const char *body;
    const char *token; /* or NULL, and: */
    int64_t lasts_s;
    WeirError code;
  } rows[] = {
    { 200, "{\"access_token\":\"ya29.t\",\"expires_in\":3599}", "ya29.t", 3599, 0 },
    { 200, "{\"access_token\":\"t\"}", "t", 3600, 0 },
    { 200, "{\"access_token\":\"t\",\"expires_in\":99999999}", "t", 24 * 3600, 0 },
    { 200, "{\"access_token\":\"\"}", NULL, 0, WEIR_ERROR_UPSTREAM },
    { 200, "[", NULL, 0, WEIR_ERROR_UPSTREAM },
    { 400, "{\"error\":\"invalid_grant\"}", NULL, 0, WEIR_ERROR_UNAUTHORIZED },
    { 401, "{\"error\":\"invalid_client\"}", NULL, 0, WEIR_ERROR_UNAUTHORIZED },
    { 503, "{\"error\":{\"code\":503}}", NULL, 0, WEIR_ERROR_UPSTREAM },
    { 500, "", NULL, 0, WEIR_ERROR_UPSTREAM },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      int64_t lasts_s = 0;
      g_autoptr (WeirSecret) token = weir_service_account_read_answer (
          rows[i].status, weir_slice_from_string (rows[i].body), &lasts_s, &error);

      g_test_message ("%u %s", rows[i].status, rows[i].body);
      if (rows[i].token == NULL)
        g_assert_error (error, WEIR_ERROR, (int)rows[i].code);
      else
        g_assert_true (weir_slice_equal (weir_secret_reveal (token),
                                         weir_slice_from_string (rows[i].token)));
      g_assert_cmpint (lasts_s, ==, rows[i].lasts_s);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  gnutls_x509_privkey_init (&key);
  g_assert_cmpint (gnutls_x509_privkey_generate (key, GNUTLS_PK_RSA, 2048, 0), >=, 0);
  g_test_add_func ("/service-account/who-holds-the-key-signs-for-himself",
                   test_who_holds_the_key_signs_for_himself);
  g_test_add_func ("/service-account/a-key-file-is-one-line-that-says-the-same",
                   test_a_key_file_is_one_line_that_says_the_same);
  g_test_add_func ("/service-account/what-is-no-key-file-is-said-to-be-none",
                   test_what_is_no_key_file_is_said_to_be_none);
  g_test_add_func ("/service-account/a-broken-key-does-not-sign",
                   test_a_broken_key_does_not_sign);
  g_test_add_func ("/service-account/an-answer-is-a-token-or-a-reason",
                   test_an_answer_is_a_token_or_a_reason);
  status = g_test_run ();
  gnutls_x509_privkey_deinit (key);
  return status;
}
