/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Vendors asked over loopback, in driven time: who is asked with what, what a refusal does,
 * and what stays over a restart. */

#include "config.h"

#include "control/weir-quota-watch.h"

#include "accounts/weir-account-private.h"
#include "base/weir-clock.h"
#include "quota-fixture.h"

/* An error, not one of WeirLimitReset. */
#define FAILED 1000

static void
test_an_account_is_asked_with_its_token (QuotaFixture *self, gconstpointer data)
{
  quota_fixture_say (self, 200, "{\"five_hour\":{\"utilization\":47.5}}");
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_true (quota_fixture_was_sent (self, "GET /api/oauth/usage HTTP/1.1\r\n"));
  g_assert_true (
      quota_fixture_was_sent (self, "\r\nAuthorization: Bearer first-token\r\n"));
  g_assert_true (quota_fixture_was_sent (self, "\r\nanthropic-beta: oauth-2025-04-20\r\n"));
  g_assert_true (quota_fixture_was_sent (self, "\r\nUser-Agent: weir/"));
  g_assert_cmpfloat (quota_fixture_get_view (self, "claude-1").used_percent, ==, 47.5);
  g_assert_cmpint (quota_fixture_get_view (self, "claude-1").source, ==,
                   WEIR_QUOTA_FROM_USAGE);
  g_assert_cmpstr (self->told->str, ==, "read claude-1; ");
  g_assert_cmpuint (weir_quota_watch_refresh (self->watch, "claude-1"), ==, 1);
  quota_fixture_wait_asked (self, 1);
  self->offset_us += WEIR_QUOTA_FLOOR_US;
  quota_fixture_wait_asked (self, 2);
}

static void
test_a_token_that_is_not_there_is_waited_for (QuotaFixture *self, gconstpointer data)
{
  self->has_token = FALSE;
  quota_fixture_say (self, 200,
                     "{\"rate_limit\":{\"primary_window\":{\"used_percent\":7}}}");
  quota_fixture_set_account (self, "codex-1", "codex", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_true (quota_fixture_was_sent (self, "\r\nChatGPT-Account-Id: vendor-id-1\r\n"));
  g_assert_cmpfloat (quota_fixture_get_view (self, "codex-1").used_percent, ==, 7);
}

static void
test_a_refused_token_is_renewed_once (QuotaFixture *self, gconstpointer data)
{
  WeirQuotaBoard *board = weir_quota_watch_get_board (self->watch);

  quota_fixture_say (self, 401, "{}");
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_cmpuint (self->n_renewed, ==, 1);
  g_assert_cmpstr (weir_quota_board_get_sentence (board, "claude-1"), ==, "");
  self->offset_us += WEIR_QUOTA_FLOOR_US;
  quota_fixture_wait_asked (self, 2);
  g_assert_true (quota_fixture_was_sent (self, "Bearer second-token"));
  g_assert_cmpuint (self->n_renewed, ==, 1);
  g_assert_nonnull (
      strstr (weir_quota_board_get_sentence (board, "claude-1"), "sign in again"));
  self->offset_us += 1000 * MINUTE;
  g_assert_cmpuint (weir_quota_watch_refresh (self->watch, NULL), ==, 0);
  quota_fixture_wait_asked (self, 2);
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  quota_fixture_wait_asked (self, 2);
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_SIGN_IN);
  quota_fixture_say (self, 200, "{\"five_hour\":{\"utilization\":1}}");
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 3);
  g_assert_cmpstr (weir_quota_board_get_sentence (board, "claude-1"), ==, "");
}

static void
test_what_cannot_be_renewed_is_said (QuotaFixture *self, gconstpointer data)
{
  self->cannot_renew = TRUE;
  quota_fixture_say (self, 401, "{}");
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_nonnull (strstr (
      weir_quota_board_get_sentence (weir_quota_watch_get_board (self->watch), "claude-1"),
      "sign in again"));
  self->offset_us += 100 * MINUTE;
  quota_fixture_wait_asked (self, 1);
}

static void
test_a_failure_keeps_the_numbers (QuotaFixture *self, gconstpointer data)
{
  static const unsigned statuses[] = { 403, 429, 500, 200 };
  unsigned n = 1;

  quota_fixture_say (self, 200, "{\"five_hour\":{\"utilization\":47.5}}");
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, n++);
  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      quota_fixture_say (self, statuses[i], "{}");
      self->offset_us += WEIR_QUOTA_FLOOR_US;
      g_assert_cmpuint (weir_quota_watch_refresh (self->watch, "claude-1"), ==, 1);
      quota_fixture_wait_asked (self, n++);
      g_assert_cmpfloat (quota_fixture_get_view (self, "claude-1").used_percent, ==, 47.5);
      g_assert_cmpstr (weir_quota_board_get_sentence (
                           weir_quota_watch_get_board (self->watch), "claude-1"),
                       !=, "");
    }
}

static void
test_a_key_is_asked_and_has_a_second_way (QuotaFixture *self, gconstpointer data)
{
  g_autoptr (WeirSecret) key = weir_secret_new (WEIR_SLICE ("sk-or-key"));
  WeirQuotaCreditView credit;

  quota_fixture_say (self, 403, "{}");
  weir_quota_watch_add_key (self->watch, "0123456789abcdef",
                            weir_quota_recipe_lookup ("openrouter"), key, NULL);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_true (quota_fixture_was_sent (self, "GET /api/v1/credits HTTP"));
  g_assert_true (quota_fixture_was_sent (self, "\r\nAuthorization: Bearer sk-or-key\r\n"));
  quota_fixture_say (self, 200, "{\"data\":{\"usage\":2.5,\"limit\":10}}");
  self->offset_us += 2 * WEIR_QUOTA_FLOOR_US;
  quota_fixture_wait_asked (self, 2);
  g_assert_true (quota_fixture_was_sent (self, "GET /api/v1/key HTTP"));
  g_assert_cmpuint (weir_quota_board_list_credits (weir_quota_watch_get_board (self->watch),
                                                   "0123456789abcdef", &credit, 1),
                    ==, 1);
  g_assert_cmpfloat (credit.left, ==, 7.5);
}

static void
test_what_answers_tell_is_heard (QuotaFixture *self, gconstpointer data)
{
  WeirQuotaReading reading
      = { .n_allowances = 1,
          .allowances = { { .name = "5h",
                            .used_percent = 85,
                            .length_us = 300 * MINUTE,
                            .resets_at_us = weir_clock_real_us () + 60 * MINUTE,
                            .source = WEIR_QUOTA_FROM_FIELDS,
                            .read_at_us = weir_clock_real_us () } } };
  const char *tightest = NULL;
  WeirQuotaView view;

  quota_fixture_set_account (self, "qwen-1", "qwen", WEIR_ACCOUNT_READY);
  weir_quota_watch_hear ("nobody", NULL, self->watch);
  weir_quota_watch_hear ("qwen-1", NULL, self->watch);
  weir_quota_watch_hear ("qwen-1", &reading, self->watch);
  g_assert_cmpfloat (quota_fixture_get_view (self, "qwen-1").used_percent, ==, 85);
  g_assert_cmpstr (self->told->str, ==, "crossed qwen-1; ");
  reading.allowances[0].used_percent = 90;
  weir_quota_watch_hear ("0123456789abcdef", &reading, self->watch);
  g_assert_true (weir_quota_board_get_tightest (weir_quota_watch_get_board (self->watch),
                                                weir_clock_real_us (), &tightest, &view));
  g_assert_cmpstr (tightest, ==, "qwen-1");
  self->offset_us += 61 * MINUTE;
  quota_fixture_wait_asked (self, 0);
  g_assert_nonnull (strstr (self->told->str, "reset qwen-1; "));
  g_assert_cmpfloat (quota_fixture_get_view (self, "qwen-1").used_percent, ==,
                     WEIR_QUOTA_UNKNOWN);
}

static void
test_a_restart_shows_what_was_known (QuotaFixture *self, gconstpointer data)
{
  WeirQuotaView view;

  quota_fixture_say (self, 200, "{\"five_hour\":{\"utilization\":90,\"resets_at\":null}}");
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_cmpstr (self->told->str, ==, "crossed claude-1; read claude-1; ");
  g_string_truncate (self->told, 0);
  weir_quota_watch_free (self->watch);
  quota_fixture_begin_watch (self);
  weir_quota_watch_set_conditions (self->watch,
                                   &(WeirQuotaConditions){ .saves_power = TRUE });
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  while (weir_quota_board_list_windows (weir_quota_watch_get_board (self->watch),
                                        "claude-1", weir_clock_real_us (), &view, 1)
         == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpfloat (view.used_percent, ==, 90);
  /* for the pool, and nobody is told of it a second time */
  g_assert_cmpstr (self->told->str, ==, "read claude-1; ");
  self->offset_us += 1000 * MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_ptr_array_set_size (self->accounts, 0);
  weir_quota_watch_set_accounts (self->watch, self->accounts);
  g_assert_cmpuint (weir_quota_board_list_windows (weir_quota_watch_get_board (self->watch),
                                                   "claude-1", weir_clock_real_us (), &view,
                                                   1),
                    ==, 0);
}

static void
reset_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  int *out = user_data;
  g_autoptr (GError) error = NULL;
  WeirLimitReset reset;

  if (weir_quota_watch_reset_limit_finish (result, &reset, &error))
    *out = (int)reset;
  else
    *out = FAILED + error->code;
}

static void
test_a_limit_is_reset_by_hand (QuotaFixture *self, gconstpointer data)
{
  int out = -1;

  weir_quota_watch_reset_limit_async (self->watch, "nobody", NULL, reset_cb, &out);
  quota_fixture_let_loop_run ();
  g_assert_cmpint (out, ==, FAILED + WEIR_ERROR_NOT_FOUND);
  quota_fixture_set_account (self, "codex-1", "codex", WEIR_ACCOUNT_READY);
  quota_fixture_say (self, 200, "{\"code\":\"no_credit\"}");
  weir_quota_watch_reset_limit_async (self->watch, "codex-1", NULL, reset_cb, &out);
  quota_fixture_wait_asked (self, 2);
  g_assert_true (quota_fixture_was_sent (
      self, "POST /backend-api/wham/rate-limit-reset-credits/consume"));
  g_assert_true (quota_fixture_was_sent (self, "\r\nChatGPT-Account-Id: vendor-id-1\r\n"));
  g_assert_cmpint (out, ==, WEIR_LIMIT_RESET_NONE);
}

static void
test_the_end_of_resets_is_asked_for (QuotaFixture *self, gconstpointer data)
{
  WeirQuotaBoard *board = weir_quota_watch_get_board (self->watch);
  const int64_t expires_us
      = (weir_clock_real_us () / G_USEC_PER_SEC + 30 * 86400) * G_USEC_PER_SEC;
  g_autofree char *list = NULL;
  WeirQuotaCreditView credit;

  quota_fixture_say (self, 200, "{\"rate_limit_reset_credits\":{\"available_count\":2}}");
  quota_fixture_set_account (self, "codex-1", "codex", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_cmpuint (weir_quota_board_list_credits (board, "codex-1", &credit, 1), ==, 1);
  g_assert_cmpfloat (credit.left, ==, 2);
  g_assert_cmpint (credit.expires_us, ==, 0);
  list = g_strdup_printf ("{\"available_count\":2,\"credits\":[{\"status\":\"available\","
                          "\"expires_at\":%" G_GINT64_FORMAT "}]}",
                          expires_us / G_USEC_PER_SEC);
  quota_fixture_say (self, 200, list);
  self->offset_us += 3 * 60 * MINUTE;
  quota_fixture_wait_asked (self, 2);
  g_assert_true (
      quota_fixture_was_sent (self, "GET /backend-api/wham/rate-limit-reset-credits HTTP"));
  quota_fixture_say (self, 200, "{\"rate_limit_reset_credits\":{\"available_count\":2}}");
  /* what is left has its turn at once, and does not take the end away */
  self->offset_us += WEIR_QUOTA_FLOOR_US;
  quota_fixture_wait_asked (self, 3);
  g_assert_true (quota_fixture_was_sent (self, "GET /backend-api/wham/usage HTTP"));
  g_assert_cmpuint (weir_quota_board_list_credits (board, "codex-1", &credit, 1), ==, 1);
  g_assert_cmpint (credit.expires_us, ==, expires_us);
}

static void
test_a_dump_has_no_secret (QuotaFixture *self, gconstpointer data)
{
  g_autofree char *dump = NULL;

  quota_fixture_say (self, 200, "{\"five_hour\":{\"utilization\":47.5}}");
  quota_fixture_set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  dump = weir_quota_watch_dump (self->watch);
  g_assert_true (g_str_has_prefix (
      dump, "{\"quotas\":[{\"subject\":\"claude-1\",\"asked\":true,\"sentence\":\"\","
            "\"windows\":[{\"id\":\"5h\",\"used_percent\":48,\"resets_in_s\":null,"));
  g_assert_null (strstr (dump, "token"));
}

static void
test_copilot_is_asked_with_the_token_behind (QuotaFixture *self, gconstpointer data)
{
  quota_fixture_say (
      self, 200,
      "{\"quota_snapshots\":{\"premium_interactions\":{\"percent_remaining\":40}}}");
  quota_fixture_set_account (self, "copilot-1", "copilot", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  quota_fixture_wait_asked (self, 1);
  g_assert_true (quota_fixture_was_sent (self, "GET /copilot_internal/user HTTP"));
  g_assert_true (quota_fixture_was_sent (self, "\r\nAuthorization: token of-github\r\n"));
  g_assert_cmpfloat (quota_fixture_get_view (self, "copilot-1").used_percent, ==, 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name)                                                                    \
  g_test_add ("/quota-watch/" path, QuotaFixture, NULL, quota_fixture_set_up, test_##name, \
              quota_fixture_tear_down)
  ADD ("an-account-is-asked-with-its-token", an_account_is_asked_with_its_token);
  ADD ("a-token-that-is-not-there-is-waited-for", a_token_that_is_not_there_is_waited_for);
  ADD ("a-refused-token-is-renewed-once", a_refused_token_is_renewed_once);
  ADD ("what-cannot-be-renewed-is-said", what_cannot_be_renewed_is_said);
  ADD ("a-failure-keeps-the-numbers", a_failure_keeps_the_numbers);
  ADD ("a-key-is-asked-and-has-a-second-way", a_key_is_asked_and_has_a_second_way);
  ADD ("what-answers-tell-is-heard", what_answers_tell_is_heard);
  ADD ("a-restart-shows-what-was-known", a_restart_shows_what_was_known);
  ADD ("a-limit-is-reset-by-hand", a_limit_is_reset_by_hand);
  ADD ("the-end-of-resets-is-asked-for", the_end_of_resets_is_asked_for);
  ADD ("a-dump-has-no-secret", a_dump_has_no_secret);
  ADD ("copilot-is-asked-with-the-token-behind", copilot_is_asked_with_the_token_behind);
  return g_test_run ();
}
