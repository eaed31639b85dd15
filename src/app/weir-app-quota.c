/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The watch hears what answers tell and asks vendors; the proxy and the faces hear it. More
 * is asked while the window is open: its name on the bus says so. */

#include "config.h"

#include "app/weir-app-quota.h"

#include "app/weir-actions.h"

#include "control/weir-quota-conditions.h"

struct _WeirAppQuota
{
  WeirProxy *proxy;                     /* (unowned) */
  WeirAppAccounts *accounts;            /* (unowned) */
  WeirControl *control;                 /* (unowned) */
  WeirQuotaWatch *watch;                /* (owned) */
  WeirQuotaConditionsWatch *conditions; /* (owned) */
  unsigned window_id;                   /* of a watch of its name; 0: none */
};

static void
on_board_changed (const char *subject, gpointer user_data)
{
  WeirAppQuota *self = user_data;

  weir_control_quota_changed (self->control);
}

static void
on_read (const char *subject, const WeirQuotaReading *reading, gpointer user_data)
{
  WeirAppQuota *self = user_data;

  weir_proxy_note_quota (self->proxy, subject, reading);
}

static void
on_notice (const char *text, gpointer user_data)
{
  g_message ("%s", text);
}

static WeirSecret *
dup_access_token (const char *account, gpointer user_data)
{
  WeirAppQuota *self = user_data;

  return weir_accounts_dup_access_token (weir_app_accounts_get_accounts (self->accounts),
                                         account);
}

static void
on_conditions (const WeirQuotaConditions *conditions, gpointer user_data)
{
  WeirAppQuota *self = user_data;

  weir_quota_watch_set_conditions (self->watch, conditions);
  weir_proxy_set_sparing (self->proxy, conditions->saves_power || conditions->is_metered);
}

static void
on_accounts_changed (WeirAccounts *accounts, gpointer user_data)
{
  WeirAppQuota *self = user_data;
  g_autoptr (GPtrArray) list = weir_accounts_list (accounts);

  weir_quota_watch_set_accounts (self->watch, list);
}

static void
on_window_appeared (GDBusConnection *bus,
                    const char *name,
                    const char *owner,
                    gpointer data)
{
  WeirAppQuota *self = data;

  weir_quota_watch_set_watched (self->watch, TRUE);
}

static void
on_window_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  WeirAppQuota *self = data;

  weir_quota_watch_set_watched (self->watch, FALSE);
}

void
weir_app_quota_set_bus (WeirAppQuota *self, GDBusConnection *bus)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->window_id, g_bus_unwatch_name);
  weir_quota_watch_set_watched (self->watch, FALSE);
  if (bus != NULL)
    self->window_id = g_bus_watch_name_on_connection (
        bus, WEIR_WINDOW_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_window_appeared,
        on_window_vanished, self, NULL);
}

WeirAppQuota *
weir_app_quota_new (WeirProxy *proxy, WeirAppAccounts *accounts, WeirControl *control)
{
  static const WeirQuotaWatchFuncs funcs = { .changed = on_board_changed,
                                             .read = on_read,
                                             .notice = on_notice,
                                             .dup_access_token = dup_access_token };
  WeirAppQuota *self = g_new0 (WeirAppQuota, 1);
  g_autofree char *path = weir_quota_history_dup_default_path ();
  WeirAccounts *all = weir_app_accounts_get_accounts (accounts);
  WeirTokenSource tokens;

  self->proxy = proxy;
  self->accounts = accounts;
  self->control = control;
  weir_app_accounts_get_tokens (accounts, &tokens);
  self->watch = weir_quota_watch_new (weir_proxy_get_poller (proxy),
                                      weir_app_accounts_get_calls (accounts), &tokens, path,
                                      &funcs, self);
  self->conditions = weir_quota_conditions_watch_new (on_conditions, self);
  g_signal_connect (all, "changed", G_CALLBACK (on_accounts_changed), self);
  on_accounts_changed (all, self);
  weir_quota_watch_follow_keys (self->watch, proxy);
  weir_proxy_set_quota_func (proxy, weir_quota_watch_hear, self->watch);
  return self;
}

void
weir_app_quota_free (WeirAppQuota *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->window_id, g_bus_unwatch_name);
  weir_proxy_set_quota_func (self->proxy, NULL, NULL);
  g_signal_handlers_disconnect_by_data (weir_app_accounts_get_accounts (self->accounts),
                                        self);
  weir_quota_conditions_watch_free (self->conditions);
  weir_quota_watch_free (self->watch);
  g_free (self);
}

void
weir_app_quota_set_config (WeirAppQuota *self)
{
  if (self != NULL)
    weir_quota_watch_follow_keys (self->watch, self->proxy);
}

WeirQuotaWatch *
weir_app_quota_get_watch (WeirAppQuota *self)
{
  return self->watch;
}
