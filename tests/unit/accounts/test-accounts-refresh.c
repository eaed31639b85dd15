/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When tokens are renewed and what becomes of them, whatever the vendor, the vault and the
 * clock do. */

#include "config.h"

#include "accounts-vendor.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

static void
on_ensured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSecret) token
      = weir_accounts_ensure_token_finish (WEIR_ACCOUNTS (source), result, NULL);

  *(unsigned *)user_data += token != NULL;
}

/* I01 */
static void
test_many (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  unsigned n_served = 0;

  place->offset_us += HOUR_US;
  for (unsigned i = 0; i < 100; i++)
    weir_accounts_ensure_token_async (place->accounts, account->id, NULL, NULL, on_ensured,
                                      &n_served);
  accounts_place_pass (place, 0);
  g_assert_cmpuint (n_served, ==, 100);
  g_assert_cmpuint (place->n_sent, ==, 1);
  g_assert_false (vendor.is_revoked);
  accounts_place_assert_token (place, account->id, "access-2");
  accounts_place_restart (place);
  accounts_place_assert_token (place, account->id, "access-2");
}

/* I05, I11 */
static void
test_answer_lost (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .loses = TRUE };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);

  place->offset_us += HOUR_US;
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UPSTREAM);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_pass (place, 2 * G_USEC_PER_SEC);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_SIGN_IN);
  g_assert_true (accounts_place_was_told (place, "was lost on the way"));
  g_assert_cmpuint (place->n_sent, ==, 2);
  accounts_place_pass (place, DAY_US);
  g_assert_cmpuint (place->n_sent, ==, 2);
  accounts_place_restart (place);
  accounts_place_pass (place, DAY_US);
  g_assert_cmpuint (place->n_sent, ==, 2);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_SIGN_IN);
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UNAUTHORIZED);
}

/* I11: nothing but the vendor's own word ends a sign-in. */
static void
test_errors (AccountsPlace *place, gconstpointer data)
{
  static const struct
  {
    unsigned status;
    const char *body;
  } answers[] = {
    { 500, "{\"error\":\"invalid_grant\"}" },
    { 429, "{\"error\":\"rate_limited\"}" },
    { 403, "<html>blocked</html>" },
    { 401, "" },
    { 200, "<html>log in to this network</html>" },
    { 400, "{\"error\":\"something_new\"}" },
    { 400, "{\"error\":\"invalid_client\"}" },
    { 302, "" },
  };
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);

  place->offset_us += HOUR_US;
  for (unsigned i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const unsigned n_before = place->n_sent;

      vendor.status = answers[i].status;
      vendor.body = answers[i].body;
      accounts_place_pass (place, 9 * MINUTE_US);
      accounts_place_pass (place, MINUTE_US);
      g_assert_cmpuint (place->n_sent, >, n_before);
      accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
    }
  vendor.status = 0;
  accounts_place_pass (place, 10 * MINUTE_US);
  accounts_place_assert_token (place, account->id, "access-2");
}

/* I10 */
static void
test_refresh_token_kept (AccountsPlace *place, gconstpointer data)
{
  static const char *const members[]
      = { "", ",\"refresh_token\":\"refresh-1\"", ",\"refresh_token\":\"\"",
          ",\"refresh_token\":null" };
  Vendor vendor = { .status = 200 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);

  for (unsigned i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *body = g_strdup_printf (
          "{\"access_token\":\"other-%u\",\"expires_in\":3600%s}", i, members[i]);
      g_autofree char *token = g_strdup_printf ("other-%u", i);
      g_auto (WeirAccountTokens) tokens = { 0 };
      g_autofree char *kept = NULL;

      vendor.body = body;
      place->offset_us += HOUR_US;
      vendor_assert_ensured (place, account->id, NULL, token);
      weir_accounts_find_newest (place->accounts, account->id, &tokens);
      kept = weir_slice_dup (weir_secret_reveal (tokens.refresh_token));
      g_assert_cmpstr (kept, ==, "refresh-1");
    }
}

/* I16 */
static void
test_revoked_early (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);

  accounts_place_pass (place, 5 * MINUTE_US);
  vendor_assert_ensured (place, account->id, "access-1", "access-2");
  vendor_assert_ensured (place, account->id, "access-1", "access-2");
  g_assert_cmpuint (place->n_sent, ==, 1);
  /* no storm: what has just been given is not thrown away */
  vendor_assert_not_ensured (place, account->id, "access-2", WEIR_ERROR_UPSTREAM);
  g_assert_cmpuint (place->n_sent, ==, 1);
}

/* I13, I15: by age, whatever the wall clock says, also accounts that are switched off. */
static void
test_month (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_auto (WeirAccountSettings) settings = { 0 };

  weir_account_settings_copy (&account->settings, &settings);
  settings.enabled = FALSE;
  g_assert_true (
      weir_accounts_set_settings (place->accounts, account->id, &settings, NULL));
  for (unsigned i = 0; i < 30; i++)
    {
      accounts_place_pass (place, 40 * MINUTE_US);
      g_assert_cmpuint (vendor.number, ==, i + 1);
      accounts_place_pass (place, 12 * MINUTE_US);
      accounts_place_pass (place, MINUTE_US);
      g_assert_cmpuint (vendor.number, ==, i + 2);
    }
  g_assert_false (vendor.is_revoked);
}

/* I12 */
static void
test_sleep (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);

  accounts_place_pass (place, 3 * DAY_US);
  accounts_place_pass (place, MINUTE_US);
  accounts_place_assert_token (place, account->id, "access-2");
  g_assert_cmpuint (place->n_sent, ==, 1);
}

/* I06, I18: the vault fails between answer and store. */
static void
test_vault_fails (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autofree char *escrow = g_build_filename (place->accounts->escrow, account->id, NULL);

  accounts_place_pass (place, 0);
  /* others may look into the file: the vault refuses it */
  g_assert_cmpint (g_chmod (place->vault_place.path, 0644), ==, 0);
  place->offset_us += HOUR_US;
  vendor_assert_ensured (place, account->id, NULL, "access-2");
  accounts_place_pass (place, 0);
  g_assert_true (accounts_place_was_told (place, "kept encrypted"));
  g_assert_true (g_file_test (escrow, G_FILE_TEST_EXISTS));
  /* and it goes on without the vault */
  place->offset_us += HOUR_US;
  vendor_assert_ensured (place, account->id, NULL, "access-3");

  /* a crash, and the vault is still closed */
  accounts_place_close (place);
  accounts_place_open_closed (place, WEIR_VAULT_MISSING);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_LOCKED);
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_IO);
  g_assert_true (g_file_test (escrow, G_FILE_TEST_EXISTS));

  g_assert_cmpint (g_chmod (place->vault_place.path, 0600), ==, 0);
  g_assert_true (vault_unlock (place->vault, NULL));
  accounts_place_pass (place, 0);
  accounts_place_pass (place, 0);
  accounts_place_assert_token (place, account->id, "access-3");
  g_assert_false (g_file_test (escrow, G_FILE_TEST_EXISTS));
  accounts_place_restart (place);
  accounts_place_assert_token (place, account->id, "access-3");
  accounts_place_await_secrets (place, account->id, 1);
  g_assert_cmpuint (vendor.number, ==, 3);
  g_assert_false (vendor.is_revoked);
}

/* What cannot be written down is not sent: its answer could not be kept either. */
static void
test_file_fails (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  sqlite3 *other = NULL;

  accounts_place_pass (place, 0);
  g_assert_cmpint (sqlite3_open (place->path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  place->offset_us += HOUR_US;
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_IO);
  accounts_place_pass (place, 0);
  g_assert_true (accounts_place_was_told (place, "Is the disk full?"));
  g_assert_cmpuint (place->n_sent, ==, 0);
  g_assert_cmpint (sqlite3_close (other), ==, SQLITE_OK);
  accounts_place_pass (place, 2 * MINUTE_US);
  accounts_place_assert_token (place, account->id, "access-2");
}

/* I20: an old file of secrets comes back. */
static void
test_rollback (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autofree char *old = NULL;
  size_t length = 0;

  accounts_place_pass (place, 0);
  g_assert_true (g_file_get_contents (place->vault_place.path, &old, &length, NULL));
  for (unsigned i = 0; i < 3; i++)
    {
      accounts_place_pass (place, HOUR_US);
      accounts_place_pass (place, MINUTE_US);
    }
  g_assert_cmpuint (vendor.number, ==, 4);
  accounts_place_close (place);
  g_assert_true (g_file_set_contents_full (place->vault_place.path, old, (gssize)length,
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  accounts_place_restart (place);
  g_assert_true (accounts_place_was_told (place, "older than expected"));
  accounts_place_pass (place, MINUTE_US);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_SIGN_IN);
  g_assert_cmpuint (place->n_sent, ==, 4);
  accounts_place_restart (place);
  accounts_place_pass (place, DAY_US);
  g_assert_cmpuint (place->n_sent, ==, 4);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("weir-run-XXXXXX", NULL);
  static const struct
  {
    const char *name;
    void (*function) (AccountsPlace *place, gconstpointer data);
  } tests[] = {
    { "/refresh/a-hundred-who-ask-share-one", test_many },
    { "/refresh/an-answer-that-was-lost-is-asked-for-once-more", test_answer_lost },
    { "/refresh/only-the-vendors-word-ends-a-sign-in", test_errors },
    { "/refresh/without-a-new-refresh-token-the-old-one-stays", test_refresh_token_kept },
    { "/refresh/what-is-refused-early-is-renewed-once", test_revoked_early },
    { "/refresh/goes-by-age-also-of-accounts-that-are-off", test_month },
    { "/refresh/comes-once-after-a-long-sleep", test_sleep },
    { "/refresh/that-the-vault-does-not-take-lies-in-the-escrow", test_vault_fails },
    { "/refresh/that-cannot-be-written-down-is-put-off", test_file_fails },
    { "/refresh/of-what-a-backup-brought-back-is-tried-once", test_rollback },
  };

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, AccountsPlace, NULL, accounts_place_set_up,
                tests[i].function, accounts_place_tear_down);
  return g_test_run ();
}
