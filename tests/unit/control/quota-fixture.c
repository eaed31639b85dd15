/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The far end answers in a thread of its own; everything else is on the main loop. */

#include "config.h"

#include "quota-fixture.h"

#include <glib/gstdio.h>

#include "accounts/weir-account-private.h"
#include "base/weir-clock.h"

/* --- the vendor --- */

static char *
respond (const char *head, gpointer data)
{
  QuotaFixture *self = data;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  self->n_asked++;
  g_string_append (self->heads, head);
  return g_strdup_printf ("HTTP/1.1 %u Some\r\nContent-Type: application/json\r\n"
                          "%sContent-Length: %zu\r\n\r\n%s",
                          self->status, self->field != NULL ? self->field : "",
                          strlen (self->body), self->body);
}

void
quota_fixture_say (QuotaFixture *self, unsigned status, const char *body)
{
  g_mutex_lock (&self->lock);
  self->status = status;
  self->body = body;
  g_string_truncate (self->heads, 0);
  g_mutex_unlock (&self->lock);
}

static unsigned
count_asked (QuotaFixture *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return self->n_asked;
}

gboolean
quota_fixture_was_sent (QuotaFixture *self, const char *text)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return strstr (self->heads->str, text) != NULL;
}

/* --- tokens --- */

static WeirSecret *
dup_token (const char *account, gpointer user_data)
{
  const QuotaFixture *self = user_data;

  if (!self->has_token)
    return NULL;
  return weir_secret_new (self->n_renewed > 0 ? WEIR_SLICE ("second-token")
                                              : WEIR_SLICE ("first-token"));
}

typedef struct
{
  QuotaFixture *fixture;
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
  QuotaFixture *self = user_data;
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
  QuotaFixture *self = user_data;

  g_assert_true (weir_quota_reading_says_something (reading));
  g_string_append_printf (self->told, "read %s; ", subject);
}

static void
on_event (const WeirQuotaEvent *event, gpointer user_data)
{
  QuotaFixture *self = user_data;

  g_string_append_printf (self->told, "%s %s; ",
                          event->kind == WEIR_QUOTA_EVENT_RESET ? "reset" : "crossed",
                          event->subject);
}

static WeirSecret *
dup_access_token (const char *account, gpointer user_data)
{
  return weir_secret_new (WEIR_SLICE ("of-github"));
}

void
quota_fixture_begin_watch (QuotaFixture *self)
{
  const WeirTokenSource tokens
      = { .dup = dup_token, .ensure = ensure_token, .user_data = self };
  static const WeirQuotaWatchFuncs funcs
      = { .read = on_read, .event = on_event, .dup_access_token = dup_access_token };

  self->watch = weir_quota_watch_new (self->poller, self->calls, &tokens,
                                      self->history_path, &funcs, self);
}

static WeirConfig *
make_config (const QuotaFixture *self)
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

void
quota_fixture_set_up (QuotaFixture *self, gconstpointer data)
{
  g_autoptr (WeirConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  weir_clock_set_test_offset (&self->offset_us);
  g_mutex_init (&self->lock);
  self->heads = g_string_new (NULL);
  self->told = g_string_new (NULL);
  self->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  self->has_token = TRUE;
  quota_fixture_say (self, 200, "{}");
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
  quota_fixture_begin_watch (self);
}

void
quota_fixture_let_loop_run (void)
{
  for (unsigned i = 0; i < 20; i++)
    while (g_main_context_iteration (NULL, FALSE))
      ;
}

void
quota_fixture_tear_down (QuotaFixture *self, gconstpointer data)
{
  static const char *const names[] = { "quota.db", "quota.db-wal", "quota.db-shm" };

  weir_quota_watch_free (self->watch);
  quota_fixture_let_loop_run ();
  weir_vendor_calls_free (self->calls);
  quota_fixture_let_loop_run ();
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
void
quota_fixture_wait_asked (QuotaFixture *self, unsigned n)
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

void
quota_fixture_set_account (QuotaFixture *self,
                           const char *id,
                           const char *provider,
                           WeirAccountState state)
{
  g_ptr_array_set_size (self->accounts, 0);
  g_ptr_array_add (self->accounts, make_account (id, provider, state));
  weir_quota_watch_set_accounts (self->watch, self->accounts);
}

WeirQuotaView
quota_fixture_get_view (QuotaFixture *self, const char *subject)
{
  WeirQuotaView view;

  g_assert_cmpuint (weir_quota_board_list_windows (weir_quota_watch_get_board (self->watch),
                                                   subject, weir_clock_real_us (), &view,
                                                   1),
                    ==, 1);
  return view;
}
