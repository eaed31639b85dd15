/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The items of the vault's keyring: an item is known by its attribute "name" and our
 * schema.
 *
 * A locked collection answers a lookup with "nothing" and no error, so whether the default
 * collection is locked is asked beside every search. */

#include "config.h"

#include "accounts/weir-vault-keyring-private.h"

#include <unistd.h>

/* libsecret 0.20 installs this header for who asks which backend it is, and includes it
 * nowhere */
#define __SECRET_INSIDE_HEADER__
#include <libsecret/secret-backend.h>
#undef __SECRET_INSIDE_HEADER__

#define LOCKED_TEXT "the keyring is locked; unlock it"
#define NO_KEYRING_TEXT "there is no default keyring yet; unlocking makes one"
#define PORTAL_TEXT                                                                        \
  "the desktop's Secret portal gives no key to keep secrets with; allow it and try "       \
  "again, or set the option secrets to file"

static const SecretSchema schema = {
  WEIR_APPLICATION_ID,
  SECRET_SCHEMA_NONE,
  { { "name", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

static void
operation_free (gpointer data)
{
  WeirVaultOperation *self = data;

  weir_vault_found_free (self->found);
  weir_secret_unref (self->secret);
  g_clear_object (&self->service);
  g_free (self->name);
  g_free (self);
}

WeirVaultOperation *
weir_vault_operation_begin (WeirVaultKeyring *keyring, GTask *task)
{
  WeirVaultOperation *self = g_new0 (WeirVaultOperation, 1);

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

void
weir_vault_operation_fail (GTask *task, const char *what, const GError *reason)
{
  const gboolean is_locked = g_error_matches (reason, SECRET_ERROR, SECRET_ERROR_IS_LOCKED);

  g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_IO, "cannot %s: %s", what,
                           is_locked ? LOCKED_TEXT : reason->message);
}

/* --- look --- */

static void
end_look (GTask *task, WeirVaultState state, const char *problem)
{
  WeirVaultOperation *self = g_task_get_task_data (task);

  self->found->state = state;
  self->found->problem = g_strdup (problem);
  g_task_return_pointer (task, g_steal_pointer (&self->found),
                         (GDestroyNotify)weir_vault_found_free);
}

static void
look_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection
      = secret_collection_for_alias_finish (result, &error);

  if (error != NULL)
    end_look (task, WEIR_VAULT_MISSING, WEIR_VAULT_GONE_TEXT);
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
  WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->service = secret_service_get_finish (result, &error);
  if (self->service == NULL)
    {
      end_look (task, WEIR_VAULT_MISSING, WEIR_VAULT_GONE_TEXT);
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
add_item (WeirVaultOperation *self, SecretRetrievable *item)
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

void
weir_vault_keyring_forget_locked (WeirVaultKeyring *self)
{
  g_list_free_full (g_steal_pointer (&self->locked), g_object_unref);
}

/* Where the portal is away for a moment, libsecret takes a service to be there, and would
 * keep to that: next time it is asked anew. */
static void
end_lost (GTask *task)
{
  WeirVaultOperation *self = g_task_get_task_data (task);

  self->keyring->is_known = FALSE;
  secret_service_disconnect ();
  end_look (task, WEIR_VAULT_MISSING,
            self->keyring->is_portal ? PORTAL_TEXT : WEIR_VAULT_GONE_TEXT);
}

static void
look_search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GList *items = secret_password_search_finish (result, &error);

  weir_vault_keyring_forget_locked (self->keyring);
  for (GList *link = items; link != NULL; link = link->next)
    add_item (self, link->data);
  g_list_free_full (items, g_object_unref);
  if (error != NULL)
    end_lost (task);
  else if (self->keyring->is_portal)
    end_look (task, WEIR_VAULT_UNLOCKED, NULL);
  else
    secret_service_get (SECRET_SERVICE_NONE, g_task_get_cancellable (task), look_service_cb,
                        g_object_ref (task));
}

static void
search (GTask *task)
{
  g_autoptr (GHashTable) attributes = make_attributes (NULL);

  secret_password_searchv (
      &schema, attributes, SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS,
      g_task_get_cancellable (task), look_search_cb, g_object_ref (task));
}

/* In a sandbox, what the bus does not say is said of the portal. */
static const char *
explain_backend (const GError *error)
{
  const gboolean is_sandboxed
      = access ("/.flatpak-info", F_OK) == 0 || g_getenv ("SNAP_NAME") != NULL;

  return is_sandboxed && error->domain == G_IO_ERROR ? PORTAL_TEXT : WEIR_VAULT_GONE_TEXT;
}

static void
on_file_changed (WeirVaultKeyring *self)
{
  weir_vault_look_again (self->vault);
}

/* Of libsecret, 0.19 and later. */
static void
watch_file (WeirVaultKeyring *self)
{
  g_autofree char *path
      = g_build_filename (g_get_user_data_dir (), "keyrings", "default.keyring", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  if (self->monitor != NULL)
    return;
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_swapped (self->monitor, "changed", G_CALLBACK (on_file_changed), self);
}

/* It reads its file once; another program may have written since. */
static void
forget_file (const WeirVaultKeyring *self)
{
  if (self->is_portal)
    secret_service_disconnect ();
}

static void
look_backend_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretBackend) backend = secret_backend_get_finish (result, &error);

  if (backend == NULL)
    {
      end_look (task, WEIR_VAULT_MISSING, explain_backend (error));
      return;
    }
  self->keyring->is_known = TRUE;
  self->keyring->is_portal = !SECRET_IS_SERVICE (backend);
  if (self->keyring->is_portal)
    watch_file (self->keyring);
  search (task);
}

void
weir_vault_keyring_look (gpointer data, GTask *task)
{
  WeirVaultKeyring *keyring = data;
  WeirVaultOperation *self = weir_vault_operation_begin (keyring, task);

  forget_file (keyring);
  self->found = weir_vault_found_new ();
  if (keyring->is_known)
    search (task);
  else
    secret_backend_get (SECRET_BACKEND_NONE, g_task_get_cancellable (task), look_backend_cb,
                        g_object_ref (task));
}

/* --- write --- */

static void
read_back_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  SecretValue *value = secret_password_lookup_binary_finish (result, &error);
  g_autoptr (WeirSecret) back = copy_value (value);
  const gboolean is_there = value != NULL;

  if (is_there)
    secret_value_unref (value);
  if (error != NULL)
    weir_vault_operation_fail (task, "read back what was written", error);
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
  const WeirVaultOperation *self = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = make_attributes (self->name);

  secret_password_lookupv (&schema, attributes, g_task_get_cancellable (task), read_back_cb,
                           g_object_ref (task));
}

static void begin_write (GTask *task);

/* Once more, where another program has written to the portal's file meanwhile. */
static void
fail_write (GTask *task, const GError *reason)
{
  WeirVaultOperation *self = g_task_get_task_data (task);

  if (self->is_second || !g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG))
    {
      weir_vault_operation_fail (
          task, self->secret != NULL ? "store a secret" : "delete a secret", reason);
      return;
    }
  self->is_second = TRUE;
  forget_file (self->keyring);
  begin_write (task);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (secret_password_store_finish (result, &error))
    read_back (task);
  else
    fail_write (task, error);
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
    fail_write (task, error);
}

static void
begin_write (GTask *task)
{
  const WeirVaultOperation *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GHashTable) attributes = make_attributes (self->name);
  g_autofree char *label = g_strconcat ("Weir: ", self->name, NULL);
  SecretValue *value = NULL;

  if (self->secret == NULL)
    {
      secret_password_clearv (&schema, attributes, cancellable, cleared_cb,
                              g_object_ref (task));
      return;
    }
  value = secret_value_new (weir_secret_reveal (self->secret).text,
                            (gssize)weir_secret_reveal (self->secret).length, "text/plain");
  secret_password_storev_binary (&schema, attributes, SECRET_COLLECTION_DEFAULT, label,
                                 value, cancellable, stored_cb, g_object_ref (task));
  secret_value_unref (value);
}

void
weir_vault_keyring_write (gpointer data, const char *name, WeirSecret *secret, GTask *task)
{
  WeirVaultOperation *self = weir_vault_operation_begin (data, task);

  self->name = g_strdup (name);
  self->secret = secret != NULL ? weir_secret_ref (secret) : NULL;
  begin_write (task);
}
