/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of tokens, against a vendor that gives a new refresh token with each renewal and
 * revokes everything when an old one is used again. */

#include "config.h"

#include "accounts-fixture.h"

#include "base/weir-clock.h"

#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#define MINUTE_US (60 * (int64_t)G_USEC_PER_SEC)
#define HOUR_US (3600 * (int64_t)G_USEC_PER_SEC)
#define DAY_US (24 * HOUR_US)

/* What the vendor is like. */
typedef struct
{
  unsigned number;     /* of the refresh token that it takes */
  gboolean is_revoked; /* an old one was used again */
  gboolean loses;      /* the next answer comes to nothing on the wire */
  unsigned status;     /* 0: it answers as it should */
  const char *body;    /* of another status */
  gboolean is_slow;    /* the test answers */
} Vendor;

static char *
dup_tokens (unsigned number)
{
  return g_strdup_printf ("{\"token_type\":\"Bearer\",\"access_token\":\"access-%u\","
                          "\"refresh_token\":\"refresh-%u\",\"expires_in\":3600}",
                          number, number);
}

static gboolean
holds (const WeirOauthRequest *request, const char *text)
{
  g_autofree char *body = weir_slice_dup (weir_secret_reveal (request->body));

  return strstr (body, text) != NULL;
}

static gboolean
vendor_answers (AccountsPlace *place,
                const WeirOauthRequest *request,
                unsigned *out_status,
                char **out_body)
{
  Vendor *vendor = place->vendor_data;
  g_autofree char *wanted = g_strdup_printf ("\"refresh-%u\"", vendor->number);

  if (vendor->is_slow)
    return FALSE;
  if (vendor->status != 0)
    {
      *out_status = vendor->status;
      *out_body = g_strdup (vendor->body);
      return TRUE;
    }
  vendor->is_revoked |= !holds (request, wanted);
  *out_status = vendor->is_revoked ? 400 : 200;
  *out_body = vendor->is_revoked ? g_strdup ("{\"error\":\"invalid_grant\"}")
                                 : dup_tokens (++vendor->number);
  if (vendor->loses)
    *out_status = 0;
  vendor->loses = FALSE;
  return TRUE;
}

static WeirAccount *
begin (AccountsPlace *place, Vendor *vendor, int64_t life_us)
{
  g_autoptr (GError) error = NULL;
  WeirAccount *account = NULL;

  vendor->number = 1;
  place->vendor = vendor_answers;
  place->vendor_data = vendor;
  account
      = accounts_place_add (place, "jane", "access-1", "refresh-1", life_us, NULL, &error);
  g_assert_no_error (error);
  return account;
}

static void
assert_ensured (AccountsPlace *place, const char *id, const char *refused, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = accounts_place_ensure (place, id, refused, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (token, ==, text);
}

static void
assert_not_ensured (AccountsPlace *place,
                    const char *id,
                    const char *refused,
                    WeirError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = accounts_place_ensure (place, id, refused, &error);

  g_assert_null (token);
  g_assert_error (error, WEIR_ERROR, (int)code);
}

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
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
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
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);

  place->offset_us += HOUR_US;
  assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UPSTREAM);
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
  assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UNAUTHORIZED);
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
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);

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
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);

  for (unsigned i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *body = g_strdup_printf (
          "{\"access_token\":\"other-%u\",\"expires_in\":3600%s}", i, members[i]);
      g_autofree char *token = g_strdup_printf ("other-%u", i);
      g_auto (WeirAccountTokens) tokens = { 0 };
      g_autofree char *kept = NULL;

      vendor.body = body;
      place->offset_us += HOUR_US;
      assert_ensured (place, account->id, NULL, token);
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
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);

  accounts_place_pass (place, 5 * MINUTE_US);
  assert_ensured (place, account->id, "access-1", "access-2");
  assert_ensured (place, account->id, "access-1", "access-2");
  g_assert_cmpuint (place->n_sent, ==, 1);
  /* no storm: what has just been given is not thrown away */
  assert_not_ensured (place, account->id, "access-2", WEIR_ERROR_UPSTREAM);
  g_assert_cmpuint (place->n_sent, ==, 1);
}

/* I13, I15: by age, whatever the wall clock says, also accounts that are switched off. */
static void
test_month (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
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
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);

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
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
  g_autofree char *escrow = g_build_filename (place->accounts->escrow, account->id, NULL);

  accounts_place_pass (place, 0);
  /* others may look into the file: the vault refuses it */
  g_assert_cmpint (g_chmod (place->vault_place.path, 0644), ==, 0);
  place->offset_us += HOUR_US;
  assert_ensured (place, account->id, NULL, "access-2");
  accounts_place_pass (place, 0);
  g_assert_true (accounts_place_was_told (place, "kept encrypted"));
  g_assert_true (g_file_test (escrow, G_FILE_TEST_EXISTS));
  /* and it goes on without the vault */
  place->offset_us += HOUR_US;
  assert_ensured (place, account->id, NULL, "access-3");

  /* a crash, and the vault is still closed */
  accounts_place_close (place);
  accounts_place_open_locked (place);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_LOCKED);
  assert_not_ensured (place, account->id, NULL, WEIR_ERROR_IO);
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

/* I20: an old file of secrets comes back. */
static void
test_rollback (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
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

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

/* I22 */
static void
test_removed_meanwhile (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .is_slow = TRUE };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *body = dup_tokens (2);

  accounts_place_pass (place, HOUR_US);
  accounts_place_pass (place, MINUTE_US);
  g_assert_cmpuint (place->n_sent, ==, 1);
  weir_accounts_remove_async (place->accounts, account->id, FALSE, NULL, keep_result,
                              &result);
  accounts_place_pass (place, 0);
  g_assert_null (result);
  g_assert_null (weir_accounts_lookup (place->accounts, account->id));
  accounts_place_answer (place, 200, body);
  accounts_place_pass (place, 0);
  g_assert_nonnull (result);
  g_assert_true (weir_accounts_remove_finish (place->accounts, result, NULL));
  g_clear_object (&result); /* it holds the accounts */
  accounts_place_await_secrets (place, account->id, 0);
  accounts_place_restart (place);
  g_assert_cmpuint (place->accounts->entries->len, ==, 0);
}

static void
on_drained (GObject *source, GAsyncResult *result, gpointer user_data)
{
  weir_accounts_drain_finish (WEIR_ACCOUNTS (source), result);
  *(gboolean *)user_data = TRUE;
}

/* I23 */
static void
test_drain (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .is_slow = TRUE };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
  g_autofree char *body = dup_tokens (2);
  gboolean is_drained = FALSE;

  accounts_place_pass (place, HOUR_US);
  accounts_place_pass (place, MINUTE_US);
  weir_accounts_drain_async (place->accounts, on_drained, &is_drained);
  accounts_place_pass (place, 5 * (int64_t)G_USEC_PER_SEC);
  g_assert_false (is_drained);
  accounts_place_answer (place, 200, body);
  accounts_place_pass (place, 0);
  g_assert_true (is_drained);
  accounts_place_restart (place);
  accounts_place_assert_token (place, account->id, "access-2");
}

static void
test_drain_gives_up (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .is_slow = TRUE };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
  gboolean is_drained = FALSE;

  accounts_place_pass (place, HOUR_US);
  accounts_place_pass (place, MINUTE_US);
  weir_accounts_drain_async (place->accounts, on_drained, &is_drained);
  accounts_place_pass (place, 16 * (int64_t)G_USEC_PER_SEC);
  g_assert_true (is_drained);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
}

/* What Copilot answers: a token of half an hour for one that lives on. */
static gboolean
copilot_answers (AccountsPlace *place,
                 const WeirOauthRequest *request,
                 unsigned *out_status,
                 char **out_body)
{
  Vendor *vendor = place->vendor_data;

  g_assert_cmpstr (request->method, ==, "GET");
  *out_status = vendor->status != 0 ? vendor->status : 200;
  *out_body
      = g_strdup_printf ("{\"token\":\"short-%u\",\"expires_at\":%" G_GINT64_FORMAT "}",
                         ++vendor->number, weir_clock_real_us () / G_USEC_PER_SEC + 1800);
  return TRUE;
}

static void
test_exchange (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = NULL;

  place->provider = "copilot";
  place->vendor = copilot_answers;
  place->vendor_data = &vendor;
  account = accounts_place_add (place, "jane", "long-1", NULL, 0, NULL, NULL);
  accounts_place_assert_token (place, account->id, NULL);
  assert_ensured (place, account->id, NULL, "short-1");
  assert_ensured (place, account->id, NULL, "short-1");
  g_assert_cmpuint (place->n_sent, ==, 1);
  /* renewed before its end while it is asked for */
  accounts_place_pass (place, 27 * MINUTE_US);
  accounts_place_assert_token (place, account->id, "short-2");
  /* and not when nobody wants it */
  accounts_place_pass (place, 27 * MINUTE_US);
  accounts_place_pass (place, DAY_US);
  g_assert_cmpuint (place->n_sent, <=, 3);
  assert_ensured (place, account->id, NULL, "short-4");
  accounts_place_pass (place, 2 * MINUTE_US);
  assert_ensured (place, account->id, "short-4", "short-5");

  vendor.status = 503;
  accounts_place_pass (place, HOUR_US);
  assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UPSTREAM);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  vendor.status = 401;
  accounts_place_pass (place, MINUTE_US);
  assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UNAUTHORIZED);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_SIGN_IN);
}

static gboolean
is_told_to_revoke (AccountsPlace *place,
                   const WeirOauthRequest *request,
                   unsigned *out_status,
                   char **out_body)
{
  g_assert_cmpstr (request->url, ==, "https://auth.openai.com/oauth/revoke");
  g_assert_true (holds (request, "\"token\":\"refresh-1\""));
  *out_status = 500;
  return TRUE;
}

static void
test_revoke (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = NULL;

  place->provider = "codex";
  place->vendor = is_told_to_revoke;
  account
      = accounts_place_add (place, "jane", "access-1", "refresh-1", HOUR_US, NULL, NULL);
  g_assert_true (accounts_place_remove (place, account->id, TRUE, NULL));
  accounts_place_pass (place, 0);
  g_assert_cmpuint (place->n_sent, ==, 1);
  accounts_place_await_secrets (place, account->id, 0);
}

/* A vendor that gives less than a minute is no reason for a storm. */
static void
test_short_life (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor
      = { .status = 200, .body = "{\"access_token\":\"brief\",\"expires_in\":5}" };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);

  place->offset_us += HOUR_US;
  assert_ensured (place, account->id, NULL, "brief");
  assert_ensured (place, account->id, NULL, "brief");
  g_assert_cmpuint (place->n_sent, ==, 1);
}

/* Signing in again makes good what the vendor had refused. */
static void
test_signed_in_again (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .status = 400, .body = "{\"error\":\"invalid_grant\"}" };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
  g_autoptr (WeirAccount) again = NULL;

  place->offset_us += HOUR_US;
  assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UNAUTHORIZED);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_SIGN_IN);
  again = accounts_place_add (place, "jane", "access-7", "refresh-7", HOUR_US, account->id,
                              NULL);
  g_assert_nonnull (again);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  assert_ensured (place, account->id, NULL, "access-7");
  accounts_place_restart (place);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_assert_token (place, account->id, "access-7");
}

/* I17: nobody waits for ever, and the refresh goes on. */
static void
test_patience (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .is_slow = TRUE };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) left = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *body = dup_tokens (2);

  place->offset_us += HOUR_US;
  weir_accounts_ensure_token_async (place->accounts, account->id, NULL, NULL, keep_result,
                                    &result);
  weir_accounts_ensure_token_async (place->accounts, account->id, NULL, cancellable,
                                    keep_result, &left);
  accounts_place_pass (place, 29 * (int64_t)G_USEC_PER_SEC);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  accounts_place_pass (place, 2 * (int64_t)G_USEC_PER_SEC);
  g_assert_nonnull (result);
  g_assert_nonnull (left);
  g_assert_null (weir_accounts_ensure_token_finish (place->accounts, result, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UPSTREAM);
  g_assert_null (weir_accounts_ensure_token_finish (place->accounts, left, NULL));
  accounts_place_answer (place, 200, body);
  accounts_place_pass (place, 0);
  accounts_place_assert_token (place, account->id, "access-2");
}

/* I03: another program with the same sign-in, other folders and the same vault. */
static void
test_two_programs (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = begin (place, &vendor, HOUR_US);
  AccountsPlace other = { 0 };

  accounts_place_pass (place, 0);
  accounts_place_set_up_beside (&other, place);
  g_assert_cmpuint (other.accounts->entries->len, ==, 1);
  accounts_place_pass (place, HOUR_US);
  accounts_place_pass (place, MINUTE_US);
  accounts_place_pass (place, MINUTE_US);
  g_assert_cmpuint (place->n_sent + other.n_sent, ==, 1);
  g_assert_false (vendor.is_revoked);
  accounts_place_assert_token (place, account->id, "access-2");
  accounts_place_assert_token (&other, account->id, "access-2");
  accounts_place_tear_down (&other, NULL);
}

/* I14 */
static void
test_two_at_once (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .is_slow = TRUE };
  unsigned n_answered = 0;

  place->vendor = vendor_answers;
  place->vendor_data = &vendor;
  for (unsigned i = 0; i < 20; i++)
    {
      g_autofree char *id = g_strdup_printf ("user-%u", i);
      g_autoptr (WeirAccount) account
          = accounts_place_add (place, id, "access-1", "refresh-1", HOUR_US, NULL, NULL);

      g_assert_nonnull (account);
    }
  accounts_place_pass (place, HOUR_US);
  for (unsigned i = 0; i < 200 && n_answered < 20; i++)
    {
      accounts_place_pass (place, 2 * (int64_t)G_USEC_PER_SEC);
      g_assert_cmpuint (g_queue_get_length (&place->asked), <=, 2);
      while (!g_queue_is_empty (&place->asked))
        {
          g_autofree char *body = dup_tokens (++n_answered + 1);

          accounts_place_answer (place, 200, body);
        }
    }
  g_assert_cmpuint (n_answered, ==, 20);
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
    { "/refresh/of-what-a-backup-brought-back-is-tried-once", test_rollback },
    { "/refresh/of-an-account-that-goes-does-not-bring-it-back", test_removed_meanwhile },
    { "/refresh/is-waited-for-at-the-end", test_drain },
    { "/refresh/is-not-waited-for-without-end", test_drain_gives_up },
    { "/refresh/of-short-lived-tokens-goes-on-while-they-are-wanted", test_exchange },
    { "/refresh/of-tokens-that-live-seconds-is-no-storm", test_short_life },
    { "/refresh/that-was-refused-is-made-good-by-signing-in", test_signed_in_again },
    { "/accounts/that-are-removed-are-revoked-as-well-as-can-be", test_revoke },
    { "/refresh/takes-no-caller-longer-than-half-a-minute", test_patience },
    { "/refresh/is-done-by-one-of-two-programs", test_two_programs },
    { "/refresh/asks-for-two-accounts-at-once-not-more", test_two_at_once },
  };

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, AccountsPlace, NULL, accounts_place_set_up,
                tests[i].function, accounts_place_tear_down);
  return g_test_run ();
}
