/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A client of our own objects.  It asks our unique name, so it needs not wait until the
 * well-known one is taken, and asks nothing anew that is told anyway. */

#include "config.h"

#include "app/weir-tray-feed.h"

#include "app/weir-tray-feed-private.h"

#include "control/weir-control.h"
#include "control/weir-network.h"

#define GATHER_MS 50

struct _WeirTrayFeed
{
  GDBusConnection *bus; /* (owned) */
  void (*changed) (WeirTrayModel *model, gpointer user_data);
  gpointer user_data;
  GCancellable *cancellable;    /* (owned) */
  WeirBusManager *manager;      /* (owned) (nullable) */
  GDBusObjectManager *accounts; /* (owned) (nullable) */
  gboolean is_complete;         /* the accounts are known, or will not be */
  GVariant *providers;          /* (owned) (nullable) */
  GVariant *models;             /* (owned) (nullable) */
  WeirNetwork *network;         /* (owned) */
  unsigned gather_id;
};

static void
read_accounts (WeirTrayFeed *self, WeirTrayModel *model)
{
  GList *objects
      = self->accounts != NULL ? g_dbus_object_manager_get_objects (self->accounts) : NULL;

  for (GList *at = objects; at != NULL; at = at->next)
    {
      WeirBusAccount *account = weir_bus_object_peek_account (at->data);

      if (account != NULL)
        weir_tray_feed_read_account (model, account);
    }
  g_list_free_full (objects, g_object_unref);
}

static gboolean
gather_cb (gpointer user_data)
{
  WeirTrayFeed *self = user_data;
  g_autoptr (WeirTrayModel) model = weir_tray_model_new ();

  self->gather_id = 0;
  weir_tray_feed_read_manager (model, self->manager);
  read_accounts (self, model);
  if (self->providers != NULL)
    weir_tray_feed_read_providers (model, self->providers);
  if (self->models != NULL)
    weir_tray_feed_read_models (model, self->models);
  model->is_offline = !weir_network_is_available (self->network);
  weir_tray_feed_finish (model);
  self->changed (g_steal_pointer (&model), self->user_data);
  return G_SOURCE_REMOVE;
}

static void
gather_soon (WeirTrayFeed *self)
{
  if (self->gather_id == 0 && self->manager != NULL && self->is_complete)
    self->gather_id = g_timeout_add (GATHER_MS, gather_cb, self);
}

/* --- the manager --- */

static void
providers_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirTrayFeed *self = user_data; /* alive unless cancelled */
  g_autoptr (GVariant) providers = NULL;

  if (!weir_bus_manager_call_list_providers_finish (WEIR_BUS_MANAGER (source), &providers,
                                                    result, NULL))
    return;
  self->providers = g_steal_pointer (&providers);
  gather_soon (self);
}

static void
models_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirTrayFeed *self = user_data; /* alive unless cancelled */
  g_autoptr (GVariant) models = NULL;

  if (!weir_bus_manager_call_list_models_finish (WEIR_BUS_MANAGER (source), &models, result,
                                                 NULL))
    return;
  g_clear_pointer (&self->models, g_variant_unref);
  self->models = g_steal_pointer (&models);
  gather_soon (self);
}

static void
on_models_changed (WeirBusManager *manager, gpointer user_data)
{
  WeirTrayFeed *self = user_data;

  weir_bus_manager_call_list_models (manager, self->cancellable, models_cb, self);
}

/* Totals and the seat of the last answer change with every request: the tray shows
 * neither. */
static void
on_manager_changed (GDBusProxy *manager,
                    GVariant *changed,
                    const char *const *invalidated,
                    gpointer user_data)
{
  static const char *const shown[]
      = { "State", "Problem", "Endpoint", "Attention", "Secrets", NULL };
  GVariantIter iter;
  const char *name = NULL;

  g_variant_iter_init (&iter, changed);
  while (g_variant_iter_next (&iter, "{&sv}", &name, NULL))
    if (g_strv_contains (shown, name))
      {
        gather_soon (user_data);
        return;
      }
}

static void
manager_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirTrayFeed *self = user_data; /* alive unless cancelled */
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirBusManager) manager = weir_bus_manager_proxy_new_finish (result, &error);

  if (manager == NULL)
    return;
  self->manager = g_steal_pointer (&manager);
  g_signal_connect (self->manager, "g-properties-changed", G_CALLBACK (on_manager_changed),
                    self);
  g_signal_connect (self->manager, "models-changed", G_CALLBACK (on_models_changed), self);
  weir_bus_manager_call_list_providers (self->manager, self->cancellable, providers_cb,
                                        self);
  on_models_changed (self->manager, self);
  gather_soon (self);
}

/* --- the accounts --- */

static void
on_account (GDBusObjectManager *accounts, GDBusObject *object, gpointer user_data)
{
  gather_soon (user_data);
}

static void
on_account_changed (GDBusObjectManagerClient *accounts,
                    GDBusObjectProxy *object,
                    GDBusProxy *proxy,
                    GVariant *changed,
                    const char *const *invalidated,
                    gpointer user_data)
{
  gather_soon (user_data);
}

static void
accounts_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirTrayFeed *self = user_data; /* alive unless cancelled */
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusObjectManager) accounts
      = weir_bus_object_manager_client_new_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->is_complete = TRUE;
  gather_soon (self);
  if (accounts == NULL)
    return;
  self->accounts = g_steal_pointer (&accounts);
  g_signal_connect (self->accounts, "object-added", G_CALLBACK (on_account), self);
  g_signal_connect (self->accounts, "object-removed", G_CALLBACK (on_account), self);
  g_signal_connect (self->accounts, "interface-proxy-properties-changed",
                    G_CALLBACK (on_account_changed), self);
}

static void
on_network_changed (gpointer user_data)
{
  gather_soon (user_data);
}

WeirTrayFeed *
weir_tray_feed_new (GDBusConnection *bus,
                    void (*changed) (WeirTrayModel *model, gpointer user_data),
                    gpointer user_data)
{
  WeirTrayFeed *self = g_new0 (WeirTrayFeed, 1);
  const char *name = g_dbus_connection_get_unique_name (bus);

  self->bus = g_object_ref (bus);
  self->changed = changed;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  weir_bus_manager_proxy_new (bus, G_DBUS_PROXY_FLAGS_NONE, name, WEIR_CONTROL_PATH,
                              self->cancellable, manager_cb, self);
  weir_bus_object_manager_client_new (bus, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE, name,
                                      WEIR_CONTROL_PATH, self->cancellable, accounts_cb,
                                      self);
  self->network = weir_network_new (on_network_changed, self);
  return self;
}

static void
drop (WeirTrayFeed *self, gpointer object)
{
  if (object == NULL)
    return;
  g_signal_handlers_disconnect_by_data (object, self);
  g_object_unref (object);
}

void
weir_tray_feed_free (WeirTrayFeed *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->gather_id, g_source_remove);
  drop (self, self->manager);
  drop (self, self->accounts);
  weir_network_free (self->network);
  g_clear_pointer (&self->providers, g_variant_unref);
  g_clear_pointer (&self->models, g_variant_unref);
  g_clear_object (&self->bus);
  g_free (self);
}

void
weir_tray_feed_tell_again (WeirTrayFeed *self)
{
  gather_soon (self);
}
