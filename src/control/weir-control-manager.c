/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Manager's methods.  Each handler takes the call over and answers it exactly once. */

#include "config.h"

#include "control/weir-control-private.h"

static gboolean
on_start (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (weir_control_start (user_data, &error))
    weir_bus_manager_complete_start (manager, call);
  else
    weir_control_fail (call, error);
  return TRUE;
}

static gboolean
on_stop (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  weir_control_stop (user_data);
  weir_bus_manager_complete_stop (manager, call);
  return TRUE;
}

static gboolean
on_reload (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  WeirControl *self = user_data;

  g_ptr_array_add (self->reloaders, call);
  weir_control_reload (self);
  return TRUE;
}

static gboolean
on_quit (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  weir_bus_manager_complete_quit (manager, call);
  weir_control_quit (user_data);
  return TRUE;
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusMethodInvocation *call = user_data;
  g_autoptr (GError) error = NULL;

  if (weir_vault_unlock_finish (WEIR_VAULT (source), result, &error))
    g_dbus_method_invocation_return_value (call, NULL);
  else
    weir_control_fail (call, error);
}

static gboolean
on_unlock_secrets (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  WeirControl *self = user_data;

  if (self->vault == NULL)
    weir_bus_manager_complete_unlock_secrets (manager, call);
  else
    weir_vault_unlock_async (self->vault, self->ends, unlocked_cb, call);
  return TRUE;
}

static gboolean
on_refresh_quota (WeirBusManager *manager,
                  GDBusMethodInvocation *call,
                  const char *account,
                  gpointer user_data)
{
  weir_bus_manager_complete_refresh_quota (manager, call,
                                           weir_control_refresh (user_data, account));
  return TRUE;
}

static gboolean
on_begin_login (WeirBusManager *manager,
                GDBusMethodInvocation *call,
                const char *provider,
                GVariant *options,
                gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = weir_control_begin_login (user_data, provider, options, &error);

  if (path != NULL)
    weir_bus_manager_complete_begin_login (manager, call, path);
  else
    weir_control_fail (call, error);
  return TRUE;
}

static gboolean
on_list_providers (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  weir_bus_manager_complete_list_providers (manager, call, weir_control_list_providers ());
  return TRUE;
}

static gboolean
on_list_models (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  weir_bus_manager_complete_list_models (manager, call,
                                         weir_control_list_models (user_data));
  return TRUE;
}

static gboolean
on_test_model (WeirBusManager *manager,
               GDBusMethodInvocation *call,
               const char *model,
               gpointer user_data)
{
  weir_control_try_model (user_data, call, model);
  return TRUE;
}

static gboolean
on_list_exchanges (WeirBusManager *manager,
                   GDBusMethodInvocation *call,
                   unsigned limit,
                   gpointer user_data)
{
  weir_bus_manager_complete_list_exchanges (manager, call,
                                            weir_control_list_exchanges (user_data, limit));
  return TRUE;
}

static gboolean
on_list_usage (WeirBusManager *manager,
               GDBusMethodInvocation *call,
               gint64 since_us,
               gpointer user_data)
{
  weir_bus_manager_complete_list_usage (manager, call,
                                        weir_control_list_usage (user_data, since_us));
  return TRUE;
}

static gboolean
on_list_keys (WeirBusManager *manager, GDBusMethodInvocation *call, gpointer user_data)
{
  weir_bus_manager_complete_list_keys (manager, call, weir_control_list_keys (user_data));
  return TRUE;
}

static gboolean
on_check_config (WeirBusManager *manager,
                 GDBusMethodInvocation *call,
                 GUnixFDList *files,
                 GVariant *handle,
                 gpointer user_data)
{
  weir_control_check_config (call, files, handle);
  return TRUE;
}

static gboolean
on_get_diagnostics (WeirBusManager *manager,
                    GDBusMethodInvocation *call,
                    gpointer user_data)
{
  g_autofree char *text = weir_control_dup_diagnostics (user_data);

  weir_bus_manager_complete_get_diagnostics (manager, call, text);
  return TRUE;
}

void
weir_control_connect_manager (WeirControl *self)
{
  static const struct
  {
    const char *signal;
    GCallback handler;
  } handlers[] = {
    { "handle-start", G_CALLBACK (on_start) },
    { "handle-stop", G_CALLBACK (on_stop) },
    { "handle-reload", G_CALLBACK (on_reload) },
    { "handle-quit", G_CALLBACK (on_quit) },
    { "handle-unlock-secrets", G_CALLBACK (on_unlock_secrets) },
    { "handle-refresh-quota", G_CALLBACK (on_refresh_quota) },
    { "handle-begin-login", G_CALLBACK (on_begin_login) },
    { "handle-list-providers", G_CALLBACK (on_list_providers) },
    { "handle-list-models", G_CALLBACK (on_list_models) },
    { "handle-test-model", G_CALLBACK (on_test_model) },
    { "handle-list-exchanges", G_CALLBACK (on_list_exchanges) },
    { "handle-list-usage", G_CALLBACK (on_list_usage) },
    { "handle-list-keys", G_CALLBACK (on_list_keys) },
    { "handle-check-config", G_CALLBACK (on_check_config) },
    { "handle-get-diagnostics", G_CALLBACK (on_get_diagnostics) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (self->manager, handlers[i].signal, handlers[i].handler, self);
  weir_control_connect_imports (self);
  weir_control_connect_settings (self);
  weir_control_connect_exports (self);
}
