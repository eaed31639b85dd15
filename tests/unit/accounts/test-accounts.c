/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is there, over restarts, lost files and lost secrets. */

#include "config.h"

#include "accounts-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/stat.h>

#define HOUR_US (3600 * (int64_t)G_USEC_PER_SEC)

static unsigned
count (AccountsPlace *place)
{
  g_autoptr (GPtrArray) list = weir_accounts_list (place->accounts);

  return list->len;
}

static WeirAccount *
add (AccountsPlace *place, const char *vendor_id)
{
  g_autoptr (GError) error = NULL;
  WeirAccount *account = accounts_place_add (place, vendor_id, "access-1", "refresh-1",
                                             HOUR_US, NULL, &error);

  g_assert_no_error (error);
  return account;
}

static void
test_stays (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");
  g_autoptr (WeirAccount) again = NULL;
  struct stat info;

  g_assert_cmpuint (account->generation, ==, 1);
  g_assert_cmpstr (account->settings.label, ==, "jane@example.org");
  accounts_place_assert_token (place, account->id, "access-1");
  accounts_place_restart (place);
  g_assert_cmpuint (count (place), ==, 1);
  again = weir_accounts_lookup (place->accounts, account->id);
  g_assert_cmpstr (again->identity.email, ==, "jane@example.org");
  g_assert_cmpint (again->expires_us, ==, account->expires_us);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_assert_token (place, account->id, "access-1");
  g_assert_cmpint (stat (place->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
}

static void
test_settings (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");
  const char *headers[] = { "X-One: 1", "X-Two: 2", NULL };
  const char *excluded[] = { "*-preview", NULL };
  WeirAccountSettings settings = { .label = (char *)"Work",
                                   .priority = -7,
                                   .weight = 3,
                                   .prefix = (char *)"work",
                                   .headers = (char **)headers,
                                   .excluded_models = (char **)excluded,
                                   .stop_at = 12.5,
                                   .any_client = TRUE };
  g_autoptr (WeirAccount) after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      weir_accounts_set_settings (place->accounts, account->id, &settings, &error));
  accounts_place_restart (place);
  after = weir_accounts_lookup (place->accounts, account->id);
  g_assert_cmpstr (after->settings.label, ==, "Work");
  g_assert_false (after->settings.enabled);
  g_assert_cmpint (after->settings.priority, ==, -7);
  g_assert_cmpuint (after->settings.weight, ==, 3);
  g_assert_cmpstr (after->settings.prefix, ==, "work");
  g_assert_cmpstrv (after->settings.headers, headers);
  g_assert_cmpstrv (after->settings.excluded_models, excluded);
  g_assert_cmpfloat (after->settings.stop_at, ==, 12.5);
  g_assert_true (after->settings.any_client);

  settings.weight = 0;
  g_assert_false (
      weir_accounts_set_settings (place->accounts, account->id, &settings, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
}

static void
test_again (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");
  g_autoptr (WeirAccount) again = NULL;
  g_autoptr (WeirAccount) other = NULL;
  g_autoptr (GError) error = NULL;

  again = accounts_place_add (place, "jane", "access-2", "refresh-2", HOUR_US, account->id,
                              &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->id, ==, account->id);
  g_assert_cmpuint (again->generation, ==, 2);
  accounts_place_assert_token (place, account->id, "access-2");
  g_assert_cmpuint (count (place), ==, 1);
  accounts_place_await_secrets (place, account->id, 1);

  other = accounts_place_add (place, "joe", "access-3", "refresh-3", HOUR_US, account->id,
                              &error);
  g_assert_null (other);
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_FORBIDDEN);
  accounts_place_restart (place);
  accounts_place_assert_token (place, account->id, "access-2");
}

static void
test_removed (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");
  g_autoptr (GError) error = NULL;

  g_assert_true (accounts_place_remove (place, account->id, FALSE, &error));
  accounts_place_pass (place, 0);
  g_assert_cmpuint (count (place), ==, 0);
  accounts_place_await_secrets (place, account->id, 0);
  accounts_place_restart (place);
  g_assert_cmpuint (count (place), ==, 0);
  g_assert_false (accounts_place_remove (place, account->id, FALSE, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
}

/* Between the row's going and the secret's, as if the program had been killed there. */
static void
test_removed_halfway (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");
  g_autoptr (GError) error = NULL;

  g_assert_true (weir_accounts_file_remove (place->accounts->file, account->id, &error));
  accounts_place_restart (place);
  g_assert_cmpuint (count (place), ==, 0);
  accounts_place_await_secrets (place, account->id, 0);
}

static void
test_secret_gone (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");

  accounts_place_close (place);
  g_assert_cmpint (g_remove (place->vault_place.path), ==, 0);
  accounts_place_restart (place);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_MISSING);
  accounts_place_assert_token (place, account->id, NULL);
}

static void
test_broken (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");
  g_autofree char *log = g_strconcat (place->path, "-wal", NULL);

  accounts_place_close (place);
  g_assert_true (
      g_file_set_contents (place->path, "no database at all, far from it", -1, NULL));
  g_remove (log);
  accounts_place_restart (place);
  g_assert_true (accounts_place_was_told (place, "set aside"));
  g_assert_true (accounts_place_was_told (place, "found in the vault: 1"));
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_assert_token (place, account->id, "access-1");
  accounts_place_restart (place);
  accounts_place_assert_token (place, account->id, "access-1");
}

static void
test_newer (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirVault) vault = NULL;
  g_autoptr (WeirAccounts) accounts = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *database = NULL;

  accounts_place_close (place);
  g_assert_cmpint (sqlite3_open (place->path, &database), ==, SQLITE_OK);
  sqlite3_exec (database, "PRAGMA user_version = 99", NULL, NULL, NULL);
  sqlite3_close (database);
  vault = weir_vault_new (WEIR_VAULT_FILE, place->vault_place.path);
  accounts = weir_accounts_new (place->path, vault, NULL, NULL, NULL, &error);
  g_assert_null (accounts);
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "newer version"));
  vault_close (g_steal_pointer (&vault));
}

/* A row whose tokens never reached the vault. */
static void
test_half (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = add (place, "jane");
  g_autoptr (WeirAccount) half
      = weir_account_new ("claude-00000001", weir_provider_oauth_lookup ("claude"));

  half->identity.vendor_id = g_strdup ("joe");
  half->settings.label = g_strdup ("Joe");
  half->settings.weight = 1;
  g_assert_true (weir_accounts_file_put (place->accounts->file, half, NULL));
  accounts_place_restart (place);
  g_assert_cmpuint (count (place), ==, 1);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_restart (place);
  g_assert_cmpuint (place->accounts->entries->len, ==, 1);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*function) (AccountsPlace *place, gconstpointer data);
  } tests[] = {
    { "/accounts/stay-over-a-restart-with-their-tokens", test_stays },
    { "/accounts/keep-what-the-user-decided", test_settings },
    { "/accounts/sign-in-again-only-as-who-they-are", test_again },
    { "/accounts/that-are-removed-leave-no-secret", test_removed },
    { "/accounts/whose-removal-was-cut-short-do-not-come-back", test_removed_halfway },
    { "/accounts/without-their-secret-stay-and-say-so", test_secret_gone },
    { "/accounts/are-found-in-the-vault-when-their-file-is-broken", test_broken },
    { "/accounts/of-a-newer-program-are-refused-not-forgotten", test_newer },
    { "/accounts/that-never-got-tokens-are-no-accounts", test_half },
  };

  g_test_init (&argc, &argv, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, AccountsPlace, NULL, accounts_place_set_up,
                tests[i].function, accounts_place_tear_down);
  return g_test_run ();
}
