/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Snapshots, what a user may set, and tokens as a line. */

#include "config.h"

#include "accounts/weir-account-private.h"
#include "accounts/weir-account-tokens.h"

static WeirSecret *
make_secret (const char *text)
{
  return weir_secret_new (weir_slice_from_string (text));
}

static WeirAccount *
make_account (const char *email)
{
  WeirAccount *account
      = weir_account_new ("claude-1", weir_provider_oauth_lookup ("claude"));

  account->identity.vendor_id = g_strdup ("user \"1\"\\");
  account->identity.email = g_strdup (email);
  account->settings.label = g_strdup ("One");
  account->settings.weight = 1;
  return account;
}

static void
test_masks (void)
{
  static const struct
  {
    const char *email;
    const char *masked;
  } cases[] = {
    { "jane@example.org", "j…@example.org" },
    { "Élise@example.org", "É…@example.org" },
    { "octocat", "o…" },
    { "", "…" },
    { "\xff\xfe", "…" },
    { NULL, "u…" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WeirAccount) account = make_account (cases[i].email);
      g_autofree char *masked = weir_account_dup_masked_identity (account);

      g_assert_cmpstr (masked, ==, cases[i].masked);
    }
}

static void
test_checks (void)
{
  const char *good[] = { "X-One: 1", "x: ", NULL };
  const char *bad[] = { "no colon", NULL };
  const char *split[] = { "X-One: 1\r\nX-Two: 2", NULL };
  const WeirAccountSettings fine
      = { .label = (char *)"One", .weight = 1, .headers = (char **)good };
  WeirAccountSettings wrong[10];

  g_assert_true (weir_account_settings_check (&fine, NULL));
  for (unsigned i = 0; i < G_N_ELEMENTS (wrong); i++)
    wrong[i] = fine;
  wrong[0].label = (char *)"";
  wrong[1].label = NULL;
  wrong[2].label = (char *)"two\nlines";
  wrong[3].weight = 0;
  wrong[4].weight = 1001;
  wrong[5].priority = 1001;
  wrong[6].stop_at = 100;
  wrong[7].stop_at = -1;
  wrong[8].headers = (char **)bad;
  wrong[9].headers = (char **)split;
  for (unsigned i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (weir_account_settings_check (&wrong[i], &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
    }
}

static void
test_line (void)
{
  g_autoptr (WeirAccount) account = make_account ("jane@example.org");
  g_auto (WeirAccountTokens) tokens = { .expires_us = 12, .obtained_us = 3 };
  g_auto (WeirAccountTokens) back = { 0 };
  g_auto (WeirAccountIdentity) identity = { 0 };
  g_autofree char *provider = NULL;
  g_autoptr (WeirSecret) line = NULL;

  tokens.access_token = make_secret ("a\"b\\c/é");
  tokens.refresh_token = make_secret ("r");
  tokens.short_lived = make_secret ("never kept");
  line = weir_account_tokens_write (&tokens, account);
  g_assert_true (weir_account_tokens_read (line, &back, &provider, &identity));
  g_assert_true (weir_secret_equal (back.access_token, tokens.access_token));
  g_assert_true (weir_secret_equal (back.refresh_token, tokens.refresh_token));
  g_assert_null (back.id_token);
  g_assert_null (back.short_lived);
  g_assert_cmpint (back.expires_us, ==, 12);
  g_assert_cmpint (back.obtained_us, ==, 3);
  g_assert_cmpstr (provider, ==, "claude");
  g_assert_cmpstr (identity.vendor_id, ==, "user \"1\"\\");
  g_assert_cmpstr (identity.email, ==, "jane@example.org");
  g_assert_null (identity.plan);
}

/* The ID token is the one that nothing depends on. */
static void
test_long (void)
{
  g_autoptr (WeirAccount) account = make_account (NULL);
  g_autofree char *text = g_strnfill (32 << 10, 'x');
  g_auto (WeirAccountTokens) tokens = { 0 };
  g_auto (WeirAccountTokens) back = { 0 };
  g_autoptr (WeirSecret) line = NULL;

  tokens.access_token = make_secret (text);
  tokens.id_token = make_secret (text);
  line = weir_account_tokens_write (&tokens, account);
  g_assert_true (weir_account_tokens_read (line, &back, NULL, NULL));
  g_assert_null (back.id_token);
  tokens.refresh_token = make_secret (text);
  g_assert_null (weir_account_tokens_write (&tokens, account));
}

static void
test_no_line (void)
{
  static const char *const lines[] = { "{}",
                                       "[]",
                                       "x",
                                       "{\"access_token\":1}",
                                       "{\"access_token\":\"\"}",
                                       "{\"access_token\":\"a\\nb\"}",
                                       "{\"access_token\":\"a\"" };

  for (unsigned i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (WeirSecret) line = make_secret (lines[i]);
      g_auto (WeirAccountTokens) tokens = { 0 };

      g_assert_false (weir_account_tokens_read (line, &tokens, NULL, NULL));
    }
}

static void
test_names (void)
{
  static const char *const others[]
      = { "api-key/one",        "account/one",    "account/@1",
          "account/one@",       "account/one@0",  "account/one@-1",
          "account/one@1x",     "account/one@01", "account/one@99999999999999999999",
          "account/escrow-key", "account/one@ 1" };
  uint64_t generation = 0;
  g_autofree char *name = weir_account_tokens_dup_name ("a@b-1", 42);
  g_autofree char *id = weir_account_tokens_parse_name (name, &generation);

  g_assert_cmpstr (name, ==, "account/a@b-1@42");
  g_assert_cmpstr (id, ==, "a@b-1");
  g_assert_cmpuint (generation, ==, 42);
  for (unsigned i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_null (weir_account_tokens_parse_name (others[i], &generation));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/shows-one-letter-of-who-it-is", test_masks);
  g_test_add_func ("/account/takes-no-setting-out-of-its-range", test_checks);
  g_test_add_func ("/tokens/come-back-from-their-line", test_line);
  g_test_add_func ("/tokens/that-are-too-long-lose-the-id-token-first", test_long);
  g_test_add_func ("/tokens/are-not-read-from-anything-else", test_no_line);
  g_test_add_func ("/tokens/have-names-with-a-generation", test_names);
  return g_test_run ();
}
