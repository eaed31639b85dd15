/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window's end of the bus.
 *
 *     name appears -> Manager's properties -> version looked at -> objects -> READY
 *     name vanishes at any step -> GONE; what was under way is cancelled
 */

#include "config.h"

#include "window/weir-client.h"

#include <glib/gi18n.h>

#include "base/weir-clock.h"
#include "window/weir-format.h"

#define TICK_SECONDS 15

struct _WeirClient
{
  GObject parent;

  WeirClientState state;
  char *problem;             /* (owned) */
  WeirDBusManager *manager;  /* (owned) (nullable) */
  GDBusObjectManager *tree;  /* (owned) (nullable) */
  GListStore *accounts;      /* (owned) of WeirDBusAccount */
  GListStore *logins;        /* (owned) of WeirDBusLogin */
  GCancellable *cancellable; /* (owned) (nullable): of the meeting under way */
  unsigned watch_id;
  unsigned tick_id;
  int64_t now_us;
};

enum
{
  PROP_STATE = 1,
  PROP_PROBLEM,
  PROP_NOW,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

enum
{
  SIGNAL_EXCHANGES_CHANGED,
  SIGNAL_MODELS_CHANGED,
  SIGNAL_ACCOUNTS_CHANGED,
  N_SIGNALS,
};
static unsigned signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (WeirClientState,
                    weir_client_state,
                    G_DEFINE_ENUM_VALUE (WEIR_CLIENT_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (WEIR_CLIENT_GONE, "gone"),
                    G_DEFINE_ENUM_VALUE (WEIR_CLIENT_OUTDATED, "outdated"),
                    G_DEFINE_ENUM_VALUE (WEIR_CLIENT_READY, "ready"))
G_DEFINE_FINAL_TYPE (WeirClient, weir_client, G_TYPE_OBJECT)

static void
enter (WeirClient *self, WeirClientState state, const char *problem)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->problem, problem) != 0)
    {
      g_free (self->problem);
      self->problem = g_strdup (problem);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
    }
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
forget (WeirClient *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_list_store_remove_all (self->accounts);
  g_list_store_remove_all (self->logins);
  if (self->tree != NULL)
    g_signal_handlers_disconnect_by_data (self->tree, self);
  if (self->manager != NULL)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_clear_object (&self->tree);
  g_clear_object (&self->manager);
}

static void
give_up (WeirClient *self, GError *error)
{
  g_dbus_error_strip_remote_error (error);
  forget (self);
  enter (self, WEIR_CLIENT_GONE, error->message);
}

static double
tightness_of (WeirDBusAccount *account)
{
  GVariant *windows = weir_dbus_account_get_windows (account);
  g_autoptr (GVariant) tightest = NULL;
  double used = -1;

  if (windows == NULL || g_variant_n_children (windows) == 0)
    return -1;
  tightest = g_variant_get_child_value (windows, 0);
  g_variant_lookup (tightest, "used", "d", &used);
  return used;
}

static int
compare_accounts (gconstpointer first, gconstpointer second, gpointer user_data)
{
  WeirDBusAccount *a = WEIR_DBUS_ACCOUNT ((gpointer)first);
  WeirDBusAccount *b = WEIR_DBUS_ACCOUNT ((gpointer)second);
  double tightness = tightness_of (b) - tightness_of (a);
  int order = g_utf8_collate (weir_dbus_account_get_provider_name (a),
                              weir_dbus_account_get_provider_name (b));

  if (order != 0)
    return order;
  if (tightness != 0)
    return tightness > 0 ? 1 : -1;
  return g_utf8_collate (weir_dbus_account_get_label (a), weir_dbus_account_get_label (b));
}

static void
on_account_changed (GDBusProxy *proxy,
                    GVariant *changed,
                    GStrv invalidated,
                    WeirClient *self)
{
  g_signal_emit (self, signals[SIGNAL_ACCOUNTS_CHANGED], 0);
}

static void
on_interface_added (GDBusObjectManager *tree,
                    GDBusObject *object,
                    GDBusInterface *interface,
                    WeirClient *self)
{
  if (WEIR_DBUS_IS_ACCOUNT (interface))
    {
      g_signal_connect_object (interface, "g-properties-changed",
                               G_CALLBACK (on_account_changed), self, 0);
      g_list_store_insert_sorted (self->accounts, interface, compare_accounts, NULL);
      g_signal_emit (self, signals[SIGNAL_ACCOUNTS_CHANGED], 0);
    }
  else if (WEIR_DBUS_IS_LOGIN (interface))
    g_list_store_append (self->logins, interface);
}

static void
on_object_added (GDBusObjectManager *tree, GDBusObject *object, WeirClient *self)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);

  for (GList *each = interfaces; each != NULL; each = each->next)
    on_interface_added (tree, object, each->data, self);
}

static void
on_object_removed (GDBusObjectManager *tree, GDBusObject *object, WeirClient *self)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);
  unsigned position;

  for (GList *each = interfaces; each != NULL; each = each->next)
    {
      GListStore *list = WEIR_DBUS_IS_ACCOUNT (each->data) ? self->accounts : self->logins;

      if (g_list_store_find (list, each->data, &position))
        g_list_store_remove (list, position);
    }
  g_signal_emit (self, signals[SIGNAL_ACCOUNTS_CHANGED], 0);
}

static void
tree_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirClient) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusObjectManager) tree
      = weir_dbus_object_manager_client_new_finish (result, &error);
  g_autolist (GDBusObject) objects = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      give_up (self, error);
      return;
    }
  self->tree = g_steal_pointer (&tree);
  g_signal_connect (self->tree, "object-added", G_CALLBACK (on_object_added), self);
  g_signal_connect (self->tree, "object-removed", G_CALLBACK (on_object_removed), self);
  objects = g_dbus_object_manager_get_objects (self->tree);
  for (GList *each = objects; each != NULL; each = each->next)
    on_object_added (self->tree, each->data, self);
  enter (self, WEIR_CLIENT_READY, "");
}

static void
on_exchanges_changed (WeirDBusManager *manager, uint64_t newest, WeirClient *self)
{
  g_signal_emit (self, signals[SIGNAL_EXCHANGES_CHANGED], 0);
}

static void
on_models_changed (WeirDBusManager *manager, WeirClient *self)
{
  g_signal_emit (self, signals[SIGNAL_MODELS_CHANGED], 0);
}

static void
manager_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirClient) self = user_data;
  g_autoptr (GError) error = NULL;
  WeirDBusManager *manager = weir_dbus_manager_proxy_new_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      give_up (self, error);
      return;
    }
  self->manager = manager;
  if (weir_dbus_manager_get_protocol_version (manager) < WEIR_PROTOCOL_VERSION)
    {
      enter (self, WEIR_CLIENT_OUTDATED, "");
      return;
    }
  g_signal_connect (manager, "exchanges-changed", G_CALLBACK (on_exchanges_changed), self);
  g_signal_connect (manager, "models-changed", G_CALLBACK (on_models_changed), self);
  weir_dbus_object_manager_client_new (g_dbus_proxy_get_connection (G_DBUS_PROXY (manager)),
                                       G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START,
                                       g_dbus_proxy_get_name (G_DBUS_PROXY (manager)),
                                       WEIR_SERVICE_PATH, self->cancellable, tree_cb,
                                       g_object_ref (self));
}

static void
on_name_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  WeirClient *self = data;

  forget (self);
  enter (self, WEIR_CLIENT_CONNECTING, "");
  self->cancellable = g_cancellable_new ();
  weir_dbus_manager_proxy_new (bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, WEIR_SERVICE_NAME,
                               WEIR_SERVICE_PATH, self->cancellable, manager_cb,
                               g_object_ref (self));
}

static void
on_name_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  WeirClient *self = data;

  forget (self);
  enter (self, WEIR_CLIENT_GONE,
         bus == NULL ? _ ("There is no session bus to reach the service by.") : "");
}

WeirClient *
weir_client_new (void)
{
  return g_object_new (WEIR_TYPE_CLIENT, NULL);
}

WeirClientState
weir_client_get_state (WeirClient *self)
{
  g_return_val_if_fail (WEIR_IS_CLIENT (self), WEIR_CLIENT_GONE);

  return self->state;
}

WeirDBusManager *
weir_client_get_manager (WeirClient *self)
{
  g_return_val_if_fail (WEIR_IS_CLIENT (self), NULL);

  return self->state == WEIR_CLIENT_READY ? self->manager : NULL;
}

GListModel *
weir_client_get_accounts (WeirClient *self)
{
  g_return_val_if_fail (WEIR_IS_CLIENT (self), NULL);

  return G_LIST_MODEL (self->accounts);
}

GListModel *
weir_client_get_logins (WeirClient *self)
{
  g_return_val_if_fail (WEIR_IS_CLIENT (self), NULL);

  return G_LIST_MODEL (self->logins);
}

WeirDBusAccount *
weir_client_lookup_account (WeirClient *self, const char *id)
{
  g_return_val_if_fail (WEIR_IS_CLIENT (self), NULL);

  for (unsigned i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->accounts)); i++)
    {
      g_autoptr (WeirDBusAccount) account
          = g_list_model_get_item (G_LIST_MODEL (self->accounts), i);

      if (g_strcmp0 (weir_dbus_account_get_id (account), id) == 0)
        return g_steal_pointer (&account);
    }
  return NULL;
}

char *
weir_client_dup_seat_label (WeirClient *self, const char *seat, gboolean is_private)
{
  g_autoptr (WeirDBusAccount) account = weir_client_lookup_account (self, seat);

  if (account == NULL)
    return g_strdup (seat);
  return weir_format_private (weir_dbus_account_get_label (account), is_private);
}

char *
weir_client_dup_seat_name (WeirClient *self, const char *seat, gboolean is_private)
{
  g_autoptr (WeirDBusAccount) account = weir_client_lookup_account (self, seat);
  g_autofree char *label = weir_client_dup_seat_label (self, seat, is_private);

  if (account == NULL)
    return g_steal_pointer (&label);
  /* Translators: a vendor and the name of an account: "Claude – work". */
  return g_strdup_printf (C_ ("account", "%s – %s"),
                          weir_dbus_account_get_provider_name (account), label);
}

void
weir_client_sort (WeirClient *self)
{
  g_return_if_fail (WEIR_IS_CLIENT (self));

  g_list_store_sort (self->accounts, compare_accounts, NULL);
}

/* FALSE: it went meanwhile, or is another service's, whose accounts are listed anew. */
static gboolean
is_current (WeirClient *self, WeirDBusAccount *account)
{
  GDBusProxy *proxy = G_DBUS_PROXY (account);
  g_autoptr (GDBusInterface) current = NULL;

  if (self->tree == NULL)
    return FALSE;
  current = g_dbus_object_manager_get_interface (self->tree,
                                                 g_dbus_proxy_get_object_path (proxy),
                                                 g_dbus_proxy_get_interface_name (proxy));
  return current == G_DBUS_INTERFACE (account);
}

void
weir_client_set_hidden (WeirClient *self, WeirDBusAccount *account, gboolean is_hidden)
{
  unsigned position;
  gboolean is_listed;

  g_return_if_fail (WEIR_IS_CLIENT (self));

  is_listed = g_list_store_find (self->accounts, account, &position);
  if (is_hidden && is_listed)
    g_list_store_remove (self->accounts, position);
  else if (!is_hidden && !is_listed && is_current (self, account))
    g_list_store_insert_sorted (self->accounts, account, compare_accounts, NULL);
  g_signal_emit (self, signals[SIGNAL_ACCOUNTS_CHANGED], 0);
}

static void
start_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirClient) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && self->state != WEIR_CLIENT_READY)
    give_up (self, error);
}

static void
start_service (WeirClient *self, GDBusConnection *bus)
{
  enter (self, WEIR_CLIENT_CONNECTING, "");
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "StartServiceByName",
                          g_variant_new ("(su)", WEIR_SERVICE_NAME, 0),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          start_cb, g_object_ref (self));
}

static void
quit_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirClient) self = user_data;
  g_autoptr (GError) error = NULL;

  /* an old one may die before it answers: that is as good as an answer */
  weir_dbus_manager_call_quit_finish (WEIR_DBUS_MANAGER (source), result, &error);
  start_service (self, g_dbus_proxy_get_connection (G_DBUS_PROXY (source)));
}

void
weir_client_restart_service (WeirClient *self)
{
  g_autoptr (GDBusConnection) bus = NULL;

  g_return_if_fail (WEIR_IS_CLIENT (self));

  if (self->manager != NULL)
    {
      weir_dbus_manager_call_quit (self->manager, NULL, quit_cb, g_object_ref (self));
      return;
    }
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL); /* at hand: the watch has it */
  if (bus != NULL)
    start_service (self, bus);
}

int64_t
weir_client_get_now_us (WeirClient *self)
{
  g_return_val_if_fail (WEIR_IS_CLIENT (self), 0);

  return self->now_us;
}

static gboolean
tick_cb (gpointer user_data)
{
  WeirClient *self = user_data;

  self->now_us = weir_clock_real_us ();
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NOW]);
  return G_SOURCE_CONTINUE;
}

void
weir_client_set_watched (WeirClient *self, gboolean is_watched)
{
  g_return_if_fail (WEIR_IS_CLIENT (self));

  if (is_watched && self->tick_id == 0)
    {
      self->tick_id = g_timeout_add_seconds (TICK_SECONDS, tick_cb, self);
      tick_cb (self);
    }
  else if (!is_watched)
    g_clear_handle_id (&self->tick_id, g_source_remove);
}

static void
weir_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  WeirClient *self = WEIR_CLIENT (object);

  if (id == PROP_STATE)
    g_value_set_enum (value, (int)self->state);
  else if (id == PROP_PROBLEM)
    g_value_set_string (value, self->problem);
  else if (id == PROP_NOW)
    g_value_set_int64 (value, self->now_us);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weir_client_dispose (GObject *object)
{
  WeirClient *self = WEIR_CLIENT (object);

  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  g_clear_handle_id (&self->tick_id, g_source_remove);
  forget (self);
  G_OBJECT_CLASS (weir_client_parent_class)->dispose (object);
}

static void
weir_client_finalize (GObject *object)
{
  WeirClient *self = WEIR_CLIENT (object);

  g_clear_object (&self->accounts);
  g_clear_object (&self->logins);
  g_free (self->problem);
  G_OBJECT_CLASS (weir_client_parent_class)->finalize (object);
}

static void
weir_client_class_init (WeirClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = weir_client_dispose;
  object_class->finalize = weir_client_finalize;
  object_class->get_property = weir_client_get_property;

  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, WEIR_TYPE_CLIENT_STATE,
                                         WEIR_CLIENT_CONNECTING, flags);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, "", flags);
  props[PROP_NOW] = g_param_spec_int64 ("now", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_EXCHANGES_CHANGED] = g_signal_new (
      "exchanges-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MODELS_CHANGED] = g_signal_new ("models-changed", type, G_SIGNAL_RUN_LAST,
                                                 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ACCOUNTS_CHANGED] = g_signal_new (
      "accounts-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
weir_client_init (WeirClient *self)
{
  self->problem = g_strdup ("");
  self->now_us = weir_clock_real_us ();
  self->accounts = g_list_store_new (WEIR_DBUS_TYPE_ACCOUNT);
  self->logins = g_list_store_new (WEIR_DBUS_TYPE_LOGIN);
  self->watch_id = g_bus_watch_name (G_BUS_TYPE_SESSION, WEIR_SERVICE_NAME,
                                     G_BUS_NAME_WATCHER_FLAGS_AUTO_START, on_name_appeared,
                                     on_name_vanished, self, NULL);
}
