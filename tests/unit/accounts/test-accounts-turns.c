/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Renewals beside other things: a removal, the end of the program, callers that leave,
 * other accounts, another program. */

#include "config.h"

#include "accounts-vendor.h"

#include "base/weir-clock.h"

#define CROWD 500

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
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *body = vendor_dup_tokens (2);

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
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autofree char *body = vendor_dup_tokens (2);
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
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
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
  vendor_assert_ensured (place, account->id, NULL, "short-1");
  vendor_assert_ensured (place, account->id, NULL, "short-1");
  g_assert_cmpuint (place->n_sent, ==, 1);
  /* renewed before its end while it is asked for */
  accounts_place_pass (place, 27 * MINUTE_US);
  accounts_place_assert_token (place, account->id, "short-2");
  /* and not when nobody wants it */
  accounts_place_pass (place, 27 * MINUTE_US);
  accounts_place_pass (place, DAY_US);
  g_assert_cmpuint (place->n_sent, <=, 3);
  vendor_assert_ensured (place, account->id, NULL, "short-4");
  accounts_place_pass (place, 2 * MINUTE_US);
  vendor_assert_ensured (place, account->id, "short-4", "short-5");

  vendor.status = 503;
  accounts_place_pass (place, HOUR_US);
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UPSTREAM);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  vendor.status = 401;
  accounts_place_pass (place, MINUTE_US);
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UNAUTHORIZED);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_SIGN_IN);
}

static gboolean
is_told_to_revoke (AccountsPlace *place,
                   const WeirOauthRequest *request,
                   unsigned *out_status,
                   char **out_body)
{
  g_assert_cmpstr (request->url, ==, "https://auth.openai.com/oauth/revoke");
  g_assert_true (vendor_is_told (request, "\"token\":\"refresh-1\""));
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

/* I21: what another program renews is not, until it is taken over. */
static void
test_live (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autoptr (WeirAccount) again = NULL;

  weir_accounts_set_live (place->accounts, account->id, TRUE);
  accounts_place_restart (place);
  accounts_place_pass (place, DAY_US);
  accounts_place_pass (place, MINUTE_US);
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UPSTREAM);
  g_assert_cmpuint (place->n_sent, ==, 0);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  weir_accounts_set_live (place->accounts, account->id, FALSE);
  accounts_place_pass (place, MINUTE_US);
  accounts_place_pass (place, MINUTE_US);
  accounts_place_assert_token (place, account->id, "access-2");

  /* a sign-in of ours takes it over, too */
  weir_accounts_set_live (place->accounts, account->id, TRUE);
  again = accounts_place_add (place, "jane", "access-7", "refresh-7", HOUR_US, NULL, NULL);
  g_assert_nonnull (again);
  g_assert_false (again->is_live);
}

/* It is nobody's to renew from its first moment on, also where its time is over already. */
static void
test_live_from_the_start (AccountsPlace *place, gconstpointer data)
{
  g_autoptr (WeirAccount) account = NULL;

  place->is_live = TRUE;
  account = accounts_place_add (place, "jane", "access-1", NULL, 1, NULL, NULL);
  g_assert_true (account->is_live);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_pass (place, MINUTE_US);
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UPSTREAM);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_restart (place);
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UPSTREAM);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
}

/* Another program's tokens do not replace a refresh token of ours. */
static void
test_ours_stays_ours (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { 0 };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autoptr (WeirAccount) same = NULL;

  place->is_live = TRUE;
  same = accounts_place_add (place, "jane", "access-7", NULL, HOUR_US, NULL, NULL);
  g_assert_cmpstr (same->id, ==, account->id);
  g_assert_false (same->is_live);
  accounts_place_pass (place, HOUR_US);
  accounts_place_pass (place, MINUTE_US);
  accounts_place_assert_token (place, account->id, "access-2");
}

/* A vendor that gives less than a minute is no reason for a storm. */
static void
test_short_life (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor
      = { .status = 200, .body = "{\"access_token\":\"brief\",\"expires_in\":5}" };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);

  place->offset_us += HOUR_US;
  vendor_assert_ensured (place, account->id, NULL, "brief");
  vendor_assert_ensured (place, account->id, NULL, "brief");
  g_assert_cmpuint (place->n_sent, ==, 1);
}

/* Signing in again makes good what the vendor had refused. */
static void
test_signed_in_again (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .status = 400, .body = "{\"error\":\"invalid_grant\"}" };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autoptr (WeirAccount) again = NULL;

  place->offset_us += HOUR_US;
  vendor_assert_not_ensured (place, account->id, NULL, WEIR_ERROR_UNAUTHORIZED);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_SIGN_IN);
  again = accounts_place_add (place, "jane", "access-7", "refresh-7", HOUR_US, account->id,
                              NULL);
  g_assert_nonnull (again);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  vendor_assert_ensured (place, account->id, NULL, "access-7");
  accounts_place_restart (place);
  accounts_place_assert_state (place, account->id, WEIR_ACCOUNT_READY);
  accounts_place_assert_token (place, account->id, "access-7");
}

/* I17: nobody waits for ever, and the refresh goes on. */
static void
test_patience (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .is_slow = TRUE };
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) left = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *body = vendor_dup_tokens (2);

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
  g_autoptr (WeirAccount) account = vendor_begin (place, &vendor, HOUR_US);
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

/* Every account of a crowd has a token that may be used. */
static gboolean
is_served (AccountsPlace *place, char **ids)
{
  for (unsigned i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (WeirSecret) token = weir_accounts_dup_token (place->accounts, ids[i]);

      if (token == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Until @n ask, or none is there who would. */
static void
await_askers (AccountsPlace *place, unsigned n)
{
  while (g_queue_get_length (&place->asked) < n
         && (place->accounts->n_turns > g_queue_get_length (&place->asked)
             || place->accounts->n_jobs > 0))
    g_main_context_iteration (NULL, TRUE);
}

/* (transfer full): the ids of that many accounts whose tokens were made in one minute. */
static char **
add_crowd (AccountsPlace *place, unsigned n)
{
  char **ids = g_new0 (char *, n + 1);

  for (unsigned i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("user-%u", i);
      g_autoptr (WeirAccount) account
          = accounts_place_add (place, name, "access-1", "refresh-1", HOUR_US, NULL, NULL);

      g_assert_nonnull (account);
      ids[i] = g_strdup (account->id);
    }
  return ids;
}

/* I14: each renewal takes two seconds, two go on at once, and nobody's token runs out
 * meanwhile. */
static void
test_crowd (AccountsPlace *place, gconstpointer data)
{
  Vendor vendor = { .is_slow = TRUE };
  unsigned n_answered = 0;
  g_auto (GStrv) ids = NULL;

  place->vendor = vendor_answers;
  place->vendor_data = &vendor;
  ids = add_crowd (place, CROWD);
  /* they were made in real time, which goes on: minutes of it on a slow machine */
  accounts_place_pass (place, 40 * MINUTE_US);
  g_assert_cmpuint (place->n_sent, ==, 0);
  for (int64_t us = 40 * MINUTE_US; us < 61 * MINUTE_US; us += 2 * G_USEC_PER_SEC)
    {
      place->offset_us += 2 * G_USEC_PER_SEC;
      weir_accounts_kick (place->accounts);
      g_main_context_iteration (NULL, TRUE);
      await_askers (place, 2);
      g_assert_cmpuint (g_queue_get_length (&place->asked), <=, 2);
      while (!g_queue_is_empty (&place->asked))
        {
          g_autofree char *body = vendor_dup_tokens (++n_answered + 1);

          accounts_place_answer (place, 200, body);
        }
      g_assert_true (is_served (place, ids));
    }
  accounts_place_pass (place, 0);
  g_assert_cmpuint (n_answered, ==, CROWD);
  g_assert_cmpuint (place->n_sent, ==, CROWD);
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
    { "/refresh/of-an-account-that-goes-does-not-bring-it-back", test_removed_meanwhile },
    { "/refresh/is-waited-for-at-the-end", test_drain },
    { "/refresh/is-not-waited-for-without-end", test_drain_gives_up },
    { "/refresh/of-short-lived-tokens-goes-on-while-they-are-wanted", test_exchange },
    { "/refresh/of-what-another-program-renews-waits-for-a-take-over", test_live },
    { "/accounts/of-another-program-are-its-own-from-the-start", test_live_from_the_start },
    { "/accounts/that-were-signed-in-to-here-stay-ours", test_ours_stays_ours },
    { "/refresh/of-tokens-that-live-seconds-is-no-storm", test_short_life },
    { "/refresh/that-was-refused-is-made-good-by-signing-in", test_signed_in_again },
    { "/accounts/that-are-removed-are-revoked-as-well-as-can-be", test_revoke },
    { "/refresh/takes-no-caller-longer-than-half-a-minute", test_patience },
    { "/refresh/is-done-by-one-of-two-programs", test_two_programs },
    { "/refresh/of-a-crowd-asks-for-two-at-once-and-is-in-time", test_crowd },
  };

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, AccountsPlace, NULL, accounts_place_set_up,
                tests[i].function, accounts_place_tear_down);
  return g_test_run ();
}
