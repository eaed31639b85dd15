/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One account after the other:
 *
 *   [read] -> [key: its first token] -> keep -> settle -> next ... -> ids
 */

#include "config.h"

#include "control/weir-import.h"

#include "base/weir-clock.h"
#include "control/weir-import-bundle.h"
#include "control/weir-import-kiro.h"
#include "control/weir-import-places.h"
#include "control/weir-keep-account.h"
#include "control/weir-key-file.h"
#include "store/weir-file.h"

struct _WeirImport
{
  WeirVendorCalls *calls; /* (unowned) */
  WeirAccounts *accounts; /* (unowned) */
  GCancellable *stop;     /* (owned) */
};

static void
imported_free (gpointer data)
{
  weir_imported_clear (data);
  g_free (data);
}

GPtrArray *
weir_import_list_new (void)
{
  return g_ptr_array_new_with_free_func (imported_free);
}

WeirImport *
weir_import_new (WeirVendorCalls *calls, WeirAccounts *accounts)
{
  WeirImport *self = g_new0 (WeirImport, 1);

  self->calls = calls;
  self->accounts = accounts;
  self->stop = g_cancellable_new ();
  return self;
}

void
weir_import_free (WeirImport *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->stop);
  g_object_unref (self->stop);
  g_free (self);
}

WeirImported *
weir_import_read_file (const char *path, GError **error)
{
  GBytes *bytes = weir_file_read (path, WEIR_IMPORT_DOCUMENT_MAX, NULL, NULL, error);
  WeirImported *imported = NULL;
  WeirSlice text = { NULL, 0 };

  if (bytes == NULL)
    return NULL;
  text.text = g_bytes_get_data (bytes, &text.length);
  imported = g_new0 (WeirImported, 1);
  if (!weir_imported_read (text, imported, error))
    g_clear_pointer (&imported, imported_free);
  else if (strcmp (imported->row->id, "kiro") == 0)
    weir_import_kiro_add_client (path, imported);
  weir_file_wipe (bytes);
  return imported;
}

/* --- taking --- */

/* Lives as its task's data. */
typedef struct
{
  WeirVendorCalls *calls; /* (unowned) */
  WeirAccounts *accounts; /* (unowned) */
  GCancellable *stop;     /* (owned) */
  GPtrArray *imported;    /* (owned) */
  unsigned next;
  GPtrArray *ids; /* (owned) of char *, owned */
  GError *first;  /* (owned) (nullable): what went wrong first */
} Taking;

static void
taking_free (gpointer data)
{
  Taking *self = data;

  g_object_unref (self->stop);
  g_ptr_array_unref (self->imported);
  g_ptr_array_unref (self->ids);
  g_clear_error (&self->first);
  g_free (self);
}

/* What the user had set in the other program is kept; where it cannot be, ours stays.  So
 * does all of an account that was signed in to here. */
static void
settle (WeirAccounts *accounts, const WeirAccount *account, const WeirImported *imported)
{
  const WeirAccountIdentity identity = {
    .plan = imported->plan,
    .project = imported->project,
    .base_url = imported->base_url,
  };
  g_auto (WeirAccountSettings) settings = { 0 };
  g_autoptr (GError) error = NULL;

  if (imported->is_live && !account->is_live)
    return;
  weir_accounts_set_identity (accounts, account->id, &identity);
  if (imported->note == NULL && imported->prefix == NULL && imported->proxy_url == NULL
      && imported->priority == 0 && !imported->disabled)
    return;
  weir_account_settings_copy (&account->settings, &settings);
  if (imported->note != NULL)
    {
      g_free (settings.label);
      settings.label = g_strdup (imported->note);
    }
  g_free (settings.prefix);
  settings.prefix = g_strdup (imported->prefix);
  g_free (settings.proxy_url);
  settings.proxy_url = g_strdup (imported->proxy_url);
  settings.priority = imported->priority;
  settings.enabled = !imported->disabled;
  if (!weir_accounts_set_settings (accounts, account->id, &settings, &error))
    g_message ("settings of %s were not taken over: %s", account->id, error->message);
}

static void take_next (GTask *task);

/* One could not be taken: @error (transfer full). */
static void
skip (GTask *task, GError *error)
{
  Taking *self = g_task_get_task_data (task);
  const WeirImported *imported = g_ptr_array_index (self->imported, self->next);

  g_message ("a sign-in to %s was not taken over: %s", imported->row->name, error->message);
  if (self->first == NULL)
    self->first = error;
  else
    g_error_free (error);
  self->next++;
  take_next (task);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Taking *self = g_task_get_task_data (task);
  const WeirImported *imported = g_ptr_array_index (self->imported, self->next);
  GError *error = NULL;
  g_autoptr (WeirAccount) account = weir_keep_account_finish (result, &error);

  if (g_cancellable_is_cancelled (self->stop))
    {
      g_clear_error (&error);
      return; /* there is nobody to tell */
    }
  if (account == NULL)
    {
      skip (task, error);
      return;
    }
  settle (self->accounts, account, imported);
  g_ptr_array_add (self->ids, g_strdup (account->id));
  self->next++;
  take_next (task);
}

static void
keep (GTask *task)
{
  const Taking *self = g_task_get_task_data (task);
  const WeirImported *imported = g_ptr_array_index (self->imported, self->next);

  weir_keep_account_async (self->calls, self->accounts, imported->row, &imported->answer,
                           NULL, NULL, imported->is_live, self->stop, kept_cb,
                           g_object_ref (task));
}

static void
key_asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Taking *self = g_task_get_task_data (task);
  WeirImported *imported = g_ptr_array_index (self->imported, self->next);
  GError *error = NULL;

  if (g_cancellable_is_cancelled (self->stop))
    return; /* there is nobody to tell */
  if (weir_key_file_ask_finish (result, &imported->answer, &error))
    keep (task);
  else
    skip (task, error);
}

/* Nobody renews a key: it is read from another program's folder once, and is ours then. */
static gboolean
has_key_already (const Taking *self, const WeirImported *imported)
{
  g_autoptr (GPtrArray) list = weir_accounts_list (self->accounts);

  for (unsigned i = 0; imported->is_live && i < list->len; i++)
    {
      const WeirAccount *account = g_ptr_array_index (list, i);

      if (account->row == imported->row && account->state != WEIR_ACCOUNT_SIGN_IN
          && account->state != WEIR_ACCOUNT_MISSING
          && g_strcmp0 (account->identity.vendor_id, imported->answer.subject) == 0)
        {
          g_ptr_array_add (self->ids, g_strdup (account->id));
          return TRUE;
        }
    }
  return FALSE;
}

static void
take_key (GTask *task, WeirImported *imported)
{
  Taking *self = g_task_get_task_data (task);

  if (has_key_already (self, imported))
    {
      self->next++;
      take_next (task);
      return;
    }
  imported->is_live = FALSE;
  weir_key_file_ask_async (self->calls, imported->row, imported->answer.refresh_token,
                           imported->proxy_url, self->stop, key_asked_cb,
                           g_object_ref (task));
}

static void
take_next (GTask *task)
{
  Taking *self = g_task_get_task_data (task);
  WeirImported *imported = NULL;

  if (self->next < self->imported->len)
    {
      imported = g_ptr_array_index (self->imported, self->next);
      /* one that is over is kept as one that is just over: it can be refreshed */
      if (imported->expires_us > 0)
        imported->answer.expires_in_us
            = MAX (imported->expires_us - weir_clock_real_us (), 1);
      if (imported->row->takes_key)
        take_key (task, imported);
      else
        keep (task);
      return;
    }
  if (self->ids->len == 0)
    {
      g_task_return_error (task, self->first != NULL
                                     ? g_steal_pointer (&self->first)
                                     : g_error_new (WEIR_ERROR, WEIR_ERROR_BAD_REQUEST,
                                                    "There is no sign-in in it."));
      return;
    }
  g_ptr_array_add (self->ids, NULL);
  g_task_return_pointer (task, g_strdupv ((char **)self->ids->pdata),
                         (GDestroyNotify)g_strfreev);
}

/* @imported (transfer full); @first (transfer full) (nullable). */
static void
begin_taking (WeirImport *self, GTask *task, GPtrArray *imported, GError *first)
{
  Taking *taking = g_new0 (Taking, 1);

  taking->calls = self->calls;
  taking->accounts = self->accounts;
  taking->stop = g_object_ref (self->stop);
  taking->imported = imported;
  taking->ids = g_ptr_array_new_with_free_func (g_free);
  taking->first = first;
  g_task_set_task_data (task, taking, taking_free);
  take_next (task);
}

void
weir_import_take_read_async (WeirImport *self,
                             GPtrArray *imported,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_import_take_read_async);
  begin_taking (self, task, imported, NULL);
}

/* What a bundle's documents become. */
typedef struct
{
  GPtrArray *imported; /* (unowned) */
  GError *first;       /* (owned) (nullable) */
} Reading;

static void
on_document (const char *name, WeirSlice text, gpointer user_data)
{
  Reading *self = user_data;
  WeirImported *imported = g_new0 (WeirImported, 1);
  g_autoptr (GError) error = NULL;

  if (weir_imported_read (text, imported, &error))
    {
      g_ptr_array_add (self->imported, imported);
      return;
    }
  imported_free (imported);
  if (*name != '\0')
    g_message ("%s was not taken over: %s", name, error->message);
  if (self->first == NULL)
    self->first = g_steal_pointer (&error);
}

void
weir_import_take_async (WeirImport *self,
                        GBytes *bytes,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GPtrArray) imported = weir_import_list_new ();
  Reading reading = { imported, NULL };
  GError *error = NULL;
  WeirSlice text = { NULL, 0 };

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_import_take_async);
  text.text = g_bytes_get_data (bytes, &text.length);
  if (!weir_bundle_read (text, on_document, &reading, &error) && imported->len == 0)
    {
      g_clear_error (&reading.first);
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);
  begin_taking (self, task, g_steal_pointer (&imported), reading.first);
}

char **
weir_import_take_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- finding --- */

void
weir_import_found_free (WeirImportFound *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->path);
  g_free (self->identity);
  g_free (self);
}

static void
find_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, weir_import_places_find (),
                         (GDestroyNotify)g_ptr_array_unref);
}

void
weir_import_find_async (WeirImport *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_import_find_async);
  g_task_run_in_thread (task, find_in_thread);
}

GPtrArray *
weir_import_find_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  WeirImported *imported = weir_import_places_read (data, &error);

  if (imported != NULL)
    g_task_return_pointer (task, imported, imported_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* What the reading's callback hands on. */
typedef struct
{
  WeirImport *import; /* (unowned): not touched once @stop is cancelled */
  GCancellable *stop; /* (owned) */
  GTask *task;        /* (owned) */
} Continuing;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Continuing *self = user_data;
  g_autoptr (GTask) task = self->task;
  g_autoptr (GCancellable) stop = self->stop;
  GError *error = NULL;
  WeirImported *imported = g_task_propagate_pointer (G_TASK (result), &error);
  GPtrArray *list = NULL;

  if (imported == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  list = weir_import_list_new ();
  g_ptr_array_add (list, imported);
  if (g_cancellable_is_cancelled (stop))
    g_ptr_array_unref (list);
  else
    begin_taking (self->import, task, list, NULL);
}

void
weir_import_take_found_async (WeirImport *self,
                              const char *id,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Continuing *continuing = g_new0 (Continuing, 1);
  g_autoptr (GTask) reading = NULL;

  continuing->import = self;
  continuing->stop = g_object_ref (self->stop);
  continuing->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (continuing->task,
                         (gpointer)(guintptr)weir_import_take_found_async);
  reading = g_task_new (NULL, NULL, read_cb, continuing);
  g_task_set_task_data (reading, g_strdup (id), g_free);
  g_task_run_in_thread (reading, read_in_thread);
}
