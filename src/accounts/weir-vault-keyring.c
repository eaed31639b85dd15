/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault's first choice: the Secret Service by libsecret (in a sandbox libsecret turns
 * to the Secret portal and a file of its own by itself; that one is never locked).  An item
 * is known by its attribute "name" and our schema.
 *
 * A locked collection answers a lookup with "nothing" and no error, so whether the default
 * collection is locked is asked beside every search. */

#include "config.h"

#include "accounts/weir-vault-private.h"

#include <libsecret/secret.h>

#define SERVICE "org.freedesktop.secrets"
#define INTERFACE "org.freedesktop.Secret."
#define N_SUBSCRIPTIONS 3

#define LOCKED_TEXT "the keyring is locked; unlock it"
#define NO_KEYRING_TEXT "there is no default keyring yet; unlocking makes one"
#define GONE_TEXT "no keyring service runs; start one, or set secrets: file"

static const SecretSchema schema = {
  WEIR_APPLICATION_ID,
  SECRET_SCHEMA_NONE,
  { { "name", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

typedef struct
{
  WeirVault *vault;      /* (unowned) */
  GCancellable *closing; /* (owned) */
  GDBusConnection *bus;  /* (owned) (nullable) */
  guint watch;           /* of the service's name, 0: none */
  guint subscriptions[N_SUBSCRIPTIONS];
  gboolean was_gone;
  GList *locked; /* (owned) of GDBusProxy: items of ours that the last look found locked */
} WeirVaultKeyring;

/* One operation under way. */
typedef struct
{
  WeirVaultKeyring *keyring; /* (unowned): lives while an operation does */
  WeirVaultFound *found;     /* (owned) (nullable) */
  char *name;                /* (owned) (nullable) */
  WeirSecret *secret;        /* (owned) (nullable) */
  SecretService *service;    /* (owned) (nullable) */
} Operation;

static void
operation_free (gpointer data)
{
  Operation *self = data;

  weir_vault_found_free (self->found);
  weir_secret_unref (self->secret);
  g_clear_object (&self->service);
  g_free (self->name);
  g_free (self);
}

static Operation *
operation_begin (WeirVaultKeyring *keyring, GTask *task)
{
  Operation *self = g_new0 (Operation, 1);

  self->keyring = keyring;
  g_task_set_task_data (task, self, operation_free);
  return self;
}

static GHashTable *
make_attributes (const char *name)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  if (name != NULL)
    g_hash_table_insert (attributes, (gpointer) "name", g_strdup (name));
  return attributes;
}

/* libsecret's and the bus's errors say what was refused and hold no secret. */
static void
return_failure (GTask *task, const char *what, const GError *reason)
{
  const gboolean is_locked = g_error_matches (reason, SECRET_ERROR, SECRET_ERROR_IS_LOCKED);

  g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_IO, "cannot %s: %s", what,
                           is_locked ? LOCKED_TEXT : reason->message);
}

/* --- look --- */

static void
end_look (GTask *task, WeirVaultState state, const char *problem)
{
  Operation *self = g_task_get_task_data (task);

  self->found->state = state;
  self->found->problem = g_strdup (problem);
  g_task_return_pointer (task, g_steal_pointer (&self->found),
                         (GDestroyNotify)weir_vault_found_free);
}

static void
look_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Operation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection
      = secret_collection_for_alias_finish (result, &error);

  if (error != NULL)
    end_look (task, WEIR_VAULT_MISSING, GONE_TEXT);
  else if (collection == NULL)
    end_look (task, WEIR_VAULT_LOCKED, NO_KEYRING_TEXT);
  else if (secret_collection_get_locked (collection) || self->keyring->locked != NULL)
    end_look (task, WEIR_VAULT_LOCKED, LOCKED_TEXT);
  else
    end_look (task, WEIR_VAULT_UNLOCKED, NULL);
}

static void
look_service_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Operation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->service = secret_service_get_finish (result, &error);
  if (self->service == NULL)
    {
      end_look (task, WEIR_VAULT_MISSING, GONE_TEXT);
      return;
    }
  secret_collection_for_alias (self->service, SECRET_COLLECTION_DEFAULT,
                               SECRET_COLLECTION_NONE, g_task_get_cancellable (task),
                               look_collection_cb, g_object_ref (task));
}

static WeirSecret *
copy_value (SecretValue *value)
{
  gsize length = 0;
  const char *text = value != NULL ? secret_value_get (value, &length) : NULL;

  return text != NULL ? weir_secret_new ((WeirSlice){ text, length }) : NULL;
}

/* The portal's items have their secrets with them, so no waiting is done for them. */
static WeirSecret *
read_item (SecretRetrievable *item)
{
  SecretValue *value = SECRET_IS_ITEM (item)
                           ? secret_item_get_secret (SECRET_ITEM (item))
                           : secret_retrievable_retrieve_secret_sync (item, NULL, NULL);
  WeirSecret *secret = copy_value (value);

  if (value != NULL)
    secret_value_unref (value);
  return secret;
}

static void
add_item (Operation *self, SecretRetrievable *item)
{
  g_autoptr (GHashTable) attributes = secret_retrievable_get_attributes (item);
  const char *name = attributes != NULL ? g_hash_table_lookup (attributes, "name") : NULL;
  const gboolean is_locked
      = SECRET_IS_ITEM (item) && secret_item_get_locked (SECRET_ITEM (item));

  if (is_locked)
    self->keyring->locked = g_list_prepend (self->keyring->locked, g_object_ref (item));
  if (name == NULL || !weir_vault_is_name (name))
    return;
  if (g_hash_table_lookup (self->found->secrets, name) == NULL)
    g_hash_table_insert (self->found->secrets, g_strdup (name),
                         is_locked ? NULL : read_item (item));
}

static void
forget_locked (WeirVaultKeyring *self)
{
  g_list_free_full (g_steal_pointer (&self->locked), g_object_unref);
}

static void
look_search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Operation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GList *items = secret_password_search_finish (result, &error);
  gboolean is_service = items == NULL;

  forget_locked (self->keyring);
  for (GList *link = items; link != NULL; link = link->next)
    {
      is_service |= SECRET_IS_ITEM (link->data);
      add_item (self, link->data);
    }
  g_list_free_full (items, g_object_unref);
  if (error != NULL)
    end_look (task, WEIR_VAULT_MISSING, GONE_TEXT);
  else if (is_service)
    secret_service_get (SECRET_SERVICE_NONE, g_task_get_cancellable (task), look_service_cb,
                        g_object_ref (task));
  else
    end_look (task, WEIR_VAULT_UNLOCKED, NULL);
}

static void
keyring_look (gpointer data, GTask *task)
{
  Operation *self = operation_begin (data, task);
  g_autoptr (GHashTable) attributes = make_attributes (NULL);

  self->found = weir_vault_found_new ();
  secret_password_searchv (
      &schema, attributes, SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS,
      g_task_get_cancellable (task), look_search_cb, g_object_ref (task));
}

/* --- write --- */

static void
read_back_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Operation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  SecretValue *value = secret_password_lookup_binary_finish (result, &error);
  g_autoptr (WeirSecret) back = copy_value (value);
  const gboolean is_there = value != NULL;

  if (is_there)
    secret_value_unref (value);
  if (error != NULL)
    return_failure (task, "read back what was written", error);
  else if (self->secret == NULL ? !is_there
                                : back != NULL && weir_secret_equal (back, self->secret))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_IO,
                             "the keyring holds something else than what was written as %s",
                             self->name);
}

static void
read_back (GTask *task)
{
  const Operation *self = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = make_attributes (self->name);

  secret_password_lookupv (&schema, attributes, g_task_get_cancellable (task), read_back_cb,
                           g_object_ref (task));
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (secret_password_store_finish (result, &error))
    read_back (task);
  else
    return_failure (task, "store a secret", error);
}

/* FALSE without an error: there was nothing. */
static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  secret_password_clear_finish (result, &error);
  if (error == NULL)
    read_back (task);
  else
    return_failure (task, "delete a secret", error);
}

static void
keyring_write (gpointer data, const char *name, WeirSecret *secret, GTask *task)
{
  Operation *self = operation_begin (data, task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GHashTable) attributes = make_attributes (name);
  g_autofree char *label = g_strconcat ("Weir: ", name, NULL);
  SecretValue *value = NULL;

  self->name = g_strdup (name);
  if (secret == NULL)
    {
      secret_password_clearv (&schema, attributes, cancellable, cleared_cb,
                              g_object_ref (task));
      return;
    }
  self->secret = weir_secret_ref (secret);
  value = secret_value_new (weir_secret_reveal (secret).text,
                            (gssize)weir_secret_reveal (secret).length, "text/plain");
  secret_password_storev_binary (&schema, attributes, SECRET_COLLECTION_DEFAULT, label,
                                 value, cancellable, stored_cb, g_object_ref (task));
  secret_value_unref (value);
}

/* --- unlock --- */

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (secret_service_unlock_finish (SECRET_SERVICE (source), result, NULL, &error) >= 0)
    g_task_return_boolean (task, TRUE);
  else
    return_failure (task, "unlock the keyring", error);
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
    return_failure (task, "make a keyring", error);
}

static void
unlock_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Operation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection
      = secret_collection_for_alias_finish (result, &error);
  g_autoptr (GList) objects = g_list_copy (self->keyring->locked);

  if (error != NULL)
    {
      return_failure (task, "ask the keyring", error);
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
  Operation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->service = secret_service_get_finish (result, &error);
  if (self->service == NULL)
    {
      return_failure (task, "ask the keyring", error);
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

  operation_begin (self, task);
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
  forget_locked (self);
  if (weir_vault_get_state (self->vault) != WEIR_VAULT_STARTING)
    weir_vault_lose (self->vault, GONE_TEXT);
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
  for (unsigned i = 0; self->bus != NULL && i < N_SUBSCRIPTIONS; i++)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscriptions[i]);
  g_clear_object (&self->bus);
  forget_locked (self);
  g_free (self);
}

const WeirVaultBackend weir_vault_backend_keyring = {
  .name = "the keyring",
  .open = keyring_open,
  .close = keyring_close,
  .look = keyring_look,
  .write = keyring_write,
  .unlock = keyring_unlock,
};
