/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault's first choice: the Secret Service by libsecret.  In a sandbox libsecret turns
 * by itself to a file of its own, whose key it asks of the Secret portal; that one is never
 * locked, and there may be no service at all beside it.  What lies there is read and
 * written in weir-vault-keyring-items.c; here it is unlocked, and its life is followed. */

#include "config.h"

#include "accounts/weir-vault-keyring-private.h"

#define SERVICE "org.freedesktop.secrets"
#define INTERFACE "org.freedesktop.Secret."

/* --- unlock --- */

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (secret_service_unlock_finish (SECRET_SERVICE (source), result, NULL, &error) >= 0)
    g_task_return_boolean (task, TRUE);
  else
    weir_vault_operation_fail (task, "unlock the keyring", error);
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection
      = secret_collection_create_finish (result, &error);

  if (collection != NULL)
    g_task_return_boolean (task, TRUE);
  else
    weir_vault_operation_fail (task, "make a keyring", error);
}

static void
unlock_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection
      = secret_collection_for_alias_finish (result, &error);
  g_autoptr (GList) objects = g_list_copy (self->keyring->locked);

  if (error != NULL)
    {
      weir_vault_operation_fail (task, "ask the keyring", error);
      return;
    }
  if (collection == NULL)
    {
      secret_collection_create (self->service, "Default", SECRET_COLLECTION_DEFAULT,
                                SECRET_COLLECTION_CREATE_NONE,
                                g_task_get_cancellable (task), created_cb,
                                g_object_ref (task));
      return;
    }
  objects = g_list_prepend (objects, collection);
  secret_service_unlock (self->service, objects, g_task_get_cancellable (task), unlocked_cb,
                         g_object_ref (task));
}

static void
unlock_service_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->service = secret_service_get_finish (result, &error);
  if (self->service == NULL)
    {
      weir_vault_operation_fail (task, "ask the keyring", error);
      return;
    }
  secret_collection_for_alias (self->service, SECRET_COLLECTION_DEFAULT,
                               SECRET_COLLECTION_NONE, g_task_get_cancellable (task),
                               unlock_collection_cb, g_object_ref (task));
}

static void
keyring_unlock (gpointer data, GTask *task)
{
  WeirVaultKeyring *self = data;

  weir_vault_operation_begin (self, task);
  if (weir_vault_get_state (self->vault) != WEIR_VAULT_LOCKED)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  secret_service_get (SECRET_SERVICE_OPEN_SESSION, g_task_get_cancellable (task),
                      unlock_service_cb, g_object_ref (task));
}

/* --- what happens to the service --- */

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  WeirVaultKeyring *self = user_data;

  weir_vault_look_again (self->vault);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  WeirVaultKeyring *self = user_data;

  if (self->was_gone)
    weir_vault_look_again (self->vault);
  self->was_gone = FALSE;
}

/* It is not looked for again until it is there or somebody asks: a service that dies at
 * every start would be started for ever. */
static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  WeirVaultKeyring *self = user_data;

  self->was_gone = TRUE;
  secret_service_disconnect ();
  weir_vault_keyring_forget_locked (self);
  if (!self->is_portal && weir_vault_get_state (self->vault) != WEIR_VAULT_STARTING)
    weir_vault_lose (self->vault, WEIR_VAULT_GONE_TEXT);
}

static guint
subscribe (WeirVaultKeyring *self, const char *interface, const char *about)
{
  return g_dbus_connection_signal_subscribe (self->bus, SERVICE, interface, NULL, NULL,
                                             about, G_DBUS_SIGNAL_FLAGS_NONE, on_signal,
                                             self, NULL);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  WeirVaultKeyring *self = user_data;

  if (bus == NULL)
    return; /* closed, or no bus at all, which the look finds too */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  self->bus = g_steal_pointer (&bus);
  self->subscriptions[0] = subscribe (self, INTERFACE "Service", NULL);
  self->subscriptions[1] = subscribe (self, INTERFACE "Collection", NULL);
  self->subscriptions[2]
      = subscribe (self, "org.freedesktop.DBus.Properties", INTERFACE "Collection");
  self->watch
      = g_bus_watch_name_on_connection (self->bus, SERVICE, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                        on_appeared, on_vanished, self, NULL);
}

static gpointer
keyring_open (WeirVault *vault, const char *path)
{
  WeirVaultKeyring *self = g_new0 (WeirVaultKeyring, 1);

  self->vault = vault;
  self->closing = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SESSION, self->closing, bus_cb, self);
  return self;
}

static void
keyring_close (gpointer data)
{
  WeirVaultKeyring *self = data;

  g_cancellable_cancel (self->closing);
  g_clear_object (&self->closing);
  if (self->watch != 0)
    g_bus_unwatch_name (self->watch);
  for (unsigned i = 0; self->bus != NULL && i < WEIR_VAULT_KEYRING_SUBSCRIPTIONS; i++)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscriptions[i]);
  g_clear_object (&self->bus);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  weir_vault_keyring_forget_locked (self);
  g_free (self);
}

const WeirVaultBackend weir_vault_backend_keyring = {
  .name = "the keyring",
  .open = keyring_open,
  .close = keyring_close,
  .look = weir_vault_keyring_look,
  .write = weir_vault_keyring_write,
  .unlock = keyring_unlock,
};
