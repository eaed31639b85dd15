/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Vendors asked over loopback, in driven time: who is asked with what, what a refusal does,
 * and what stays over a restart. */

#include "config.h"

#include "control/weir-quota-watch.h"

#include <glib/gstdio.h>

#include "../proxy/far-end.h"
#include "accounts/weir-account-private.h"
#include "base/weir-clock.h"
#include "proxy/weir-trust.h"

/* An error, not one of WeirLimitReset. */
#define FAILED 1000
#define MINUTE ((int64_t)G_TIME_SPAN_MINUTE)

typedef struct
{
  int64_t offset_us; /* of the driven clock */
  WeirPoller *poller;
  WeirTrust *trust;
  WeirVendorCalls *calls;
  WeirQuotaWatch *watch;
  FarEnd *vendor;
  char *folder;
  char *history_path;
  GPtrArray *accounts; /* of WeirAccount */
  GString *told;       /* subjects of `read`, and events */
  unsigned n_renewed;  /* tokens that were asked for because one was refused */
  gboolean cannot_renew;
  gboolean has_token;
  GMutex lock; /* of what follows */
  GString *heads;
  unsigned n_asked;
  unsigned status;
  const char *body;
  const char *field; /* (nullable): a line of the head, with its end */
} Fixture;

/* --- the vendor --- */

static char *
respond (const char *head, gpointer data)
{
  Fixture *self = data;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  self->n_asked++;
  g_string_append (self->heads, head);
  return g_strdup_printf ("HTTP/1.1 %u Some\r\nContent-Type: application/json\r\n"
                          "%sContent-Length: %zu\r\n\r\n%s",
                          self->status, self->field != NULL ? self->field : "",
                          strlen (self->body), self->body);
}

static void
say (Fixture *self, unsigned status, const char *body)
{
  g_mutex_lock (&self->lock);
  self->status = status;
  self->body = body;
  g_string_truncate (self->heads, 0);
  g_mutex_unlock (&self->lock);
}

static unsigned
count_asked (Fixture *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return self->n_asked;
}

static gboolean
was_sent (Fixture *self, const char *text)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return strstr (self->heads->str, text) != NULL;
}

/* --- tokens --- */

static WeirSecret *
dup_token (const char *account, gpointer user_data)
{
  const Fixture *self = user_data;

  if (!self->has_token)
    return NULL;
  return weir_secret_new (self->n_renewed > 0 ? WEIR_SLICE ("second-token")
                                              : WEIR_SLICE ("first-token"));
}

typedef struct
{
  Fixture *fixture;
  WeirTokenFunc func;
  gpointer data;
} Waiting;

static gboolean
give_token (gpointer data)
{
  g_autofree Waiting *waiting = data;
  g_autoptr (WeirSecret) token = NULL;
  g_autoptr (GError) error = NULL;

  if (waiting->fixture->cannot_renew)
    error = g_error_new (WEIR_ERROR, WEIR_ERROR_UNAUTHORIZED, "sign in again");
  else
    token = dup_token ("", waiting->fixture);
  waiting->func (token, error, waiting->data);
  return G_SOURCE_REMOVE;
}

static void
ensure_token (const char *account,
              const WeirSecret *refused,
              GCancellable *cancellable,
              WeirTokenFunc func,
              gpointer data,
              gpointer user_data)
{
  Fixture *self = user_data;
  Waiting *waiting = g_new0 (Waiting, 1);

  self->n_renewed += refused != NULL ? 1 : 0;
  self->has_token = TRUE;
  *waiting = (Waiting){ .fixture = self, .func = func, .data = data };
  g_idle_add (give_token, waiting);
}

/* --- the watch --- */

static void
on_read (const char *subject, const WeirQuotaReading *reading, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_true (weir_quota_reading_says_something (reading));
  g_string_append_printf (self->told, "read %s; ", subject);
}

static void
on_event (const WeirQuotaEvent *event, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->told, "%s %s; ",
                          event->kind == WEIR_QUOTA_EVENT_RESET ? "reset" : "crossed",
                          event->subject);
}

static WeirSecret *
dup_access_token (const char *account, gpointer user_data)
{
  return weir_secret_new (WEIR_SLICE ("of-github"));
}

static void
begin_watch (Fixture *self)
{
  const WeirTokenSource tokens
      = { .dup = dup_token, .ensure = ensure_token, .user_data = self };
  static const WeirQuotaWatchFuncs funcs
      = { .read = on_read, .event = on_event, .dup_access_token = dup_access_token };

  self->watch = weir_quota_watch_new (self->poller, self->calls, &tokens,
                                      self->history_path, &funcs, self);
}

static WeirConfig *
make_config (const Fixture *self)
{
  static const char *const hosts[]
      = { "api.anthropic.com", "chatgpt.com", "openrouter.ai", "api.github.com" };
  g_autoptr (GString) text = g_string_new ("proxy-url: direct\nvendor-hosts:\n");
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  WeirConfig *config;

  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    g_string_append_printf (text, "  https://%s: http://127.0.0.1:%u\n", hosts[i],
                            self->vendor->port);
  config = weir_config_parse (text->str, text->len, "test", &notices, &error);
  g_assert_no_error (error);
  return config;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  weir_clock_set_test_offset (&self->offset_us);
  g_mutex_init (&self->lock);
  self->heads = g_string_new (NULL);
  self->told = g_string_new (NULL);
  self->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  self->has_token = TRUE;
  say (self, 200, "{}");
  self->vendor = far_end_new (FAR_END_RESPOND, NULL);
  self->vendor->respond_data = self;
  self->vendor->respond = respond;
  self->folder = g_dir_make_tmp ("weir-quota-XXXXXX", NULL);
  self->history_path = g_build_filename (self->folder, "quota.db", NULL);
  self->poller = weir_poller_new (NULL);
  self->trust = weir_trust_new (NULL, &error);
  g_assert_no_error (error);
  config = make_config (self);
  self->calls = weir_vendor_calls_new (self->poller, G_TLS_DATABASE (self->trust), config);
  begin_watch (self);
}

static void
let_loop_run (void)
{
  for (unsigned i = 0; i < 20; i++)
    while (g_main_context_iteration (NULL, FALSE))
      ;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "quota.db", "quota.db-wal", "quota.db-shm" };

  weir_quota_watch_free (self->watch);
  let_loop_run ();
  weir_vendor_calls_free (self->calls);
  let_loop_run ();
  far_end_free (self->vendor);
  g_object_unref (self->trust);
  weir_poller_free (self->poller);
  g_ptr_array_unref (self->accounts);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      g_remove (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->history_path);
  g_string_free (self->heads, TRUE);
  g_string_free (self->told, TRUE);
  g_mutex_clear (&self->lock);
  weir_clock_set_test_offset (NULL);
}

/* Until the vendor was asked @n times, and its answer was read. */
static void
wait_asked (Fixture *self, unsigned n)
{
  const int64_t until_us = g_get_monotonic_time () + 200 * G_TIME_SPAN_MILLISECOND;

  while (count_asked (self) < n)
    g_main_context_iteration (NULL, TRUE);
  while (g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (count_asked (self), ==, n);
}

static WeirAccount *
make_account (const char *id, const char *provider, WeirAccountState state)
{
  WeirAccount *account = weir_account_new (id, weir_provider_oauth_lookup (provider));

  account->identity.vendor_id = g_strdup ("vendor-id-1");
  account->settings.enabled = TRUE;
  account->state = state;
  return account;
}

static void
set_account (Fixture *self, const char *id, const char *provider, WeirAccountState state)
{
  g_ptr_array_set_size (self->accounts, 0);
  g_ptr_array_add (self->accounts, make_account (id, provider, state));
  weir_quota_watch_set_accounts (self->watch, self->accounts);
}

static WeirQuotaView
get_view (Fixture *self, const char *subject)
{
  WeirQuotaView view;

  g_assert_cmpuint (weir_quota_board_list_windows (weir_quota_watch_get_board (self->watch),
                                                   subject, weir_clock_real_us (), &view,
                                                   1),
                    ==, 1);
  return view;
}

static void
test_an_account_is_asked_with_its_token (Fixture *self, gconstpointer data)
{
  say (self, 200, "{\"five_hour\":{\"utilization\":47.5}}");
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_true (was_sent (self, "GET /api/oauth/usage HTTP/1.1\r\n"));
  g_assert_true (was_sent (self, "\r\nAuthorization: Bearer first-token\r\n"));
  g_assert_true (was_sent (self, "\r\nanthropic-beta: oauth-2025-04-20\r\n"));
  g_assert_true (was_sent (self, "\r\nUser-Agent: weir/"));
  g_assert_cmpfloat (get_view (self, "claude-1").used_percent, ==, 47.5);
  g_assert_cmpint (get_view (self, "claude-1").source, ==, WEIR_QUOTA_FROM_USAGE);
  g_assert_cmpstr (self->told->str, ==, "read claude-1; ");
  g_assert_cmpuint (weir_quota_watch_refresh (self->watch, "claude-1"), ==, 1);
  wait_asked (self, 1);
  self->offset_us += WEIR_QUOTA_FLOOR_US;
  wait_asked (self, 2);
}

static void
test_a_token_that_is_not_there_is_waited_for (Fixture *self, gconstpointer data)
{
  self->has_token = FALSE;
  say (self, 200, "{\"rate_limit\":{\"primary_window\":{\"used_percent\":7}}}");
  set_account (self, "codex-1", "codex", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_true (was_sent (self, "\r\nChatGPT-Account-Id: vendor-id-1\r\n"));
  g_assert_cmpfloat (get_view (self, "codex-1").used_percent, ==, 7);
}

static void
test_a_refused_token_is_renewed_once (Fixture *self, gconstpointer data)
{
  WeirQuotaBoard *board = weir_quota_watch_get_board (self->watch);

  say (self, 401, "{}");
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_cmpuint (self->n_renewed, ==, 1);
  g_assert_cmpstr (weir_quota_board_get_sentence (board, "claude-1"), ==, "");
  self->offset_us += WEIR_QUOTA_FLOOR_US;
  wait_asked (self, 2);
  g_assert_true (was_sent (self, "Bearer second-token"));
  g_assert_cmpuint (self->n_renewed, ==, 1);
  g_assert_nonnull (
      strstr (weir_quota_board_get_sentence (board, "claude-1"), "sign in again"));
  self->offset_us += 1000 * MINUTE;
  g_assert_cmpuint (weir_quota_watch_refresh (self->watch, NULL), ==, 0);
  wait_asked (self, 2);
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  wait_asked (self, 2);
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_SIGN_IN);
  say (self, 200, "{\"five_hour\":{\"utilization\":1}}");
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 3);
  g_assert_cmpstr (weir_quota_board_get_sentence (board, "claude-1"), ==, "");
}

static void
test_what_cannot_be_renewed_is_said (Fixture *self, gconstpointer data)
{
  self->cannot_renew = TRUE;
  say (self, 401, "{}");
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_nonnull (strstr (
      weir_quota_board_get_sentence (weir_quota_watch_get_board (self->watch), "claude-1"),
      "sign in again"));
  self->offset_us += 100 * MINUTE;
  wait_asked (self, 1);
}

static void
test_a_failure_keeps_the_numbers (Fixture *self, gconstpointer data)
{
  static const unsigned statuses[] = { 403, 429, 500, 200 };
  unsigned n = 1;

  say (self, 200, "{\"five_hour\":{\"utilization\":47.5}}");
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, n++);
  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      say (self, statuses[i], "{}");
      self->offset_us += WEIR_QUOTA_FLOOR_US;
      g_assert_cmpuint (weir_quota_watch_refresh (self->watch, "claude-1"), ==, 1);
      wait_asked (self, n++);
      g_assert_cmpfloat (get_view (self, "claude-1").used_percent, ==, 47.5);
      g_assert_cmpstr (weir_quota_board_get_sentence (
                           weir_quota_watch_get_board (self->watch), "claude-1"),
                       !=, "");
    }
}

/* Two hours are said, and not even the user's wish is sooner; nonsense, and less than the
 * floor, change nothing. */
static void
test_who_wants_to_be_left_alone_is (Fixture *self, gconstpointer data)
{
  static const char *const nothing[]
      = { "Retry-After: 0\r\n", "Retry-After: -9\r\n", "Retry-After: soon\r\n",
          "Retry-After: 1\r\nRetry-After: 2\r\n", NULL };
  unsigned n = 1;

  say (self, 429, "{}");
  self->field = "Retry-After: 7200\r\n";
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, n);
  self->offset_us += 119 * MINUTE;
  weir_quota_watch_refresh (self->watch, "claude-1");
  wait_asked (self, n);
  self->offset_us += 2 * MINUTE;
  wait_asked (self, ++n);
  self->field = NULL;
  self->offset_us += 121 * MINUTE;
  weir_quota_watch_refresh (self->watch, "claude-1");
  wait_asked (self, ++n);
  for (size_t i = 0; nothing[i] != NULL; i++)
    {
      self->field = nothing[i];
      self->offset_us += WEIR_QUOTA_FLOOR_US;
      weir_quota_watch_refresh (self->watch, "claude-1");
      wait_asked (self, ++n);
      self->offset_us += WEIR_QUOTA_FLOOR_US - MINUTE;
      weir_quota_watch_refresh (self->watch, "claude-1");
      wait_asked (self, n);
    }
}

static void
test_a_key_is_asked_and_has_a_second_way (Fixture *self, gconstpointer data)
{
  g_autoptr (WeirSecret) key = weir_secret_new (WEIR_SLICE ("sk-or-key"));
  WeirQuotaCreditView credit;

  say (self, 403, "{}");
  weir_quota_watch_add_key (self->watch, "0123456789abcdef",
                            weir_quota_recipe_lookup ("openrouter"), key, NULL);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_true (was_sent (self, "GET /api/v1/credits HTTP"));
  g_assert_true (was_sent (self, "\r\nAuthorization: Bearer sk-or-key\r\n"));
  say (self, 200, "{\"data\":{\"usage\":2.5,\"limit\":10}}");
  self->offset_us += 2 * WEIR_QUOTA_FLOOR_US;
  wait_asked (self, 2);
  g_assert_true (was_sent (self, "GET /api/v1/key HTTP"));
  g_assert_cmpuint (weir_quota_board_list_credits (weir_quota_watch_get_board (self->watch),
                                                   "0123456789abcdef", &credit, 1),
                    ==, 1);
  g_assert_cmpfloat (credit.left, ==, 7.5);
}

static void
test_what_answers_tell_is_heard (Fixture *self, gconstpointer data)
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

  set_account (self, "qwen-1", "qwen", WEIR_ACCOUNT_READY);
  weir_quota_watch_hear ("nobody", NULL, self->watch);
  weir_quota_watch_hear ("qwen-1", NULL, self->watch);
  weir_quota_watch_hear ("qwen-1", &reading, self->watch);
  g_assert_cmpfloat (get_view (self, "qwen-1").used_percent, ==, 85);
  g_assert_cmpstr (self->told->str, ==, "crossed qwen-1; ");
  reading.allowances[0].used_percent = 90;
  weir_quota_watch_hear ("0123456789abcdef", &reading, self->watch);
  g_assert_true (weir_quota_board_get_tightest (weir_quota_watch_get_board (self->watch),
                                                weir_clock_real_us (), &tightest, &view));
  g_assert_cmpstr (tightest, ==, "qwen-1");
  self->offset_us += 61 * MINUTE;
  wait_asked (self, 0);
  g_assert_nonnull (strstr (self->told->str, "reset qwen-1; "));
  g_assert_cmpfloat (get_view (self, "qwen-1").used_percent, ==, WEIR_QUOTA_UNKNOWN);
}

static void
test_a_restart_shows_what_was_known (Fixture *self, gconstpointer data)
{
  WeirQuotaView view;

  say (self, 200, "{\"five_hour\":{\"utilization\":90,\"resets_at\":null}}");
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_cmpstr (self->told->str, ==, "crossed claude-1; read claude-1; ");
  g_string_truncate (self->told, 0);
  weir_quota_watch_free (self->watch);
  begin_watch (self);
  weir_quota_watch_set_conditions (self->watch,
                                   &(WeirQuotaConditions){ .saves_power = TRUE });
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  while (weir_quota_board_list_windows (weir_quota_watch_get_board (self->watch),
                                        "claude-1", weir_clock_real_us (), &view, 1)
         == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpfloat (view.used_percent, ==, 90);
  /* for the pool, and nobody is told of it a second time */
  g_assert_cmpstr (self->told->str, ==, "read claude-1; ");
  self->offset_us += 1000 * MINUTE;
  wait_asked (self, 1);
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
test_a_limit_is_reset_by_hand (Fixture *self, gconstpointer data)
{
  int out = -1;

  weir_quota_watch_reset_limit_async (self->watch, "nobody", NULL, reset_cb, &out);
  let_loop_run ();
  g_assert_cmpint (out, ==, FAILED + WEIR_ERROR_NOT_FOUND);
  set_account (self, "codex-1", "codex", WEIR_ACCOUNT_READY);
  say (self, 200, "{\"code\":\"no_credit\"}");
  weir_quota_watch_reset_limit_async (self->watch, "codex-1", NULL, reset_cb, &out);
  wait_asked (self, 2);
  g_assert_true (
      was_sent (self, "POST /backend-api/wham/rate-limit-reset-credits/consume"));
  g_assert_true (was_sent (self, "\r\nChatGPT-Account-Id: vendor-id-1\r\n"));
  g_assert_cmpint (out, ==, WEIR_LIMIT_RESET_NONE);
}

static void
test_the_end_of_resets_is_asked_for (Fixture *self, gconstpointer data)
{
  WeirQuotaBoard *board = weir_quota_watch_get_board (self->watch);
  const int64_t expires_us
      = (weir_clock_real_us () / G_USEC_PER_SEC + 30 * 86400) * G_USEC_PER_SEC;
  g_autofree char *list = NULL;
  WeirQuotaCreditView credit;

  say (self, 200, "{\"rate_limit_reset_credits\":{\"available_count\":2}}");
  set_account (self, "codex-1", "codex", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_cmpuint (weir_quota_board_list_credits (board, "codex-1", &credit, 1), ==, 1);
  g_assert_cmpfloat (credit.left, ==, 2);
  g_assert_cmpint (credit.expires_us, ==, 0);
  list = g_strdup_printf ("{\"available_count\":2,\"credits\":[{\"status\":\"available\","
                          "\"expires_at\":%" G_GINT64_FORMAT "}]}",
                          expires_us / G_USEC_PER_SEC);
  say (self, 200, list);
  self->offset_us += 3 * 60 * MINUTE;
  wait_asked (self, 2);
  g_assert_true (was_sent (self, "GET /backend-api/wham/rate-limit-reset-credits HTTP"));
  say (self, 200, "{\"rate_limit_reset_credits\":{\"available_count\":2}}");
  /* what is left has its turn at once, and does not take the end away */
  self->offset_us += WEIR_QUOTA_FLOOR_US;
  wait_asked (self, 3);
  g_assert_true (was_sent (self, "GET /backend-api/wham/usage HTTP"));
  g_assert_cmpuint (weir_quota_board_list_credits (board, "codex-1", &credit, 1), ==, 1);
  g_assert_cmpint (credit.expires_us, ==, expires_us);
}

static void
test_a_dump_has_no_secret (Fixture *self, gconstpointer data)
{
  g_autofree char *dump = NULL;

  say (self, 200, "{\"five_hour\":{\"utilization\":47.5}}");
  set_account (self, "claude-1", "claude", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  dump = weir_quota_watch_dump (self->watch);
  g_assert_true (g_str_has_prefix (
      dump, "{\"quotas\":[{\"subject\":\"claude-1\",\"asked\":true,\"sentence\":\"\","
            "\"windows\":[{\"id\":\"5h\",\"used_percent\":48,\"resets_in_s\":null,"));
  g_assert_null (strstr (dump, "token"));
}

static void
test_copilot_is_asked_with_the_token_behind (Fixture *self, gconstpointer data)
{
  say (self, 200,
       "{\"quota_snapshots\":{\"premium_interactions\":{\"percent_remaining\":40}}}");
  set_account (self, "copilot-1", "copilot", WEIR_ACCOUNT_READY);
  self->offset_us += MINUTE;
  wait_asked (self, 1);
  g_assert_true (was_sent (self, "GET /copilot_internal/user HTTP"));
  g_assert_true (was_sent (self, "\r\nAuthorization: token of-github\r\n"));
  g_assert_cmpfloat (get_view (self, "copilot-1").used_percent, ==, 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name)                                                                    \
  g_test_add ("/quota-watch/" path, Fixture, NULL, set_up, test_##name, tear_down)
  ADD ("an-account-is-asked-with-its-token", an_account_is_asked_with_its_token);
  ADD ("a-token-that-is-not-there-is-waited-for", a_token_that_is_not_there_is_waited_for);
  ADD ("a-refused-token-is-renewed-once", a_refused_token_is_renewed_once);
  ADD ("what-cannot-be-renewed-is-said", what_cannot_be_renewed_is_said);
  ADD ("a-failure-keeps-the-numbers", a_failure_keeps_the_numbers);
  ADD ("who-wants-to-be-left-alone-is", who_wants_to_be_left_alone_is);
  ADD ("a-key-is-asked-and-has-a-second-way", a_key_is_asked_and_has_a_second_way);
  ADD ("what-answers-tell-is-heard", what_answers_tell_is_heard);
  ADD ("a-restart-shows-what-was-known", a_restart_shows_what_was_known);
  ADD ("a-limit-is-reset-by-hand", a_limit_is_reset_by_hand);
  ADD ("the-end-of-resets-is-asked-for", the_end_of_resets_is_asked_for);
  ADD ("a-dump-has-no-secret", a_dump_has_no_secret);
  ADD ("copilot-is-asked-with-the-token-behind", copilot_is_asked_with_the_token_behind);
  return g_test_run ();
}
