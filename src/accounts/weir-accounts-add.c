/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How accounts come and go.
 *
 *   new:     row without generation -> vault -> row with it -> listed
 *   known:                             vault -> row
 *   removed: hidden -> row away, but noted -> vault erased -> note away
 *
 * A run that ends in between is made good by the next one (weir-accounts-vault.c): a row
 * without generation takes what the vault has, or goes; a note erases again. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

#include "base/weir-clock.h"

#include <string.h>

/* A sign-in on its way into the vault and the file. */
typedef struct
{
  WeirAccount *account; /* (owned): as it will be */
  WeirAccountTokens tokens;
} Adding;

static void
adding_free (gpointer data)
{
  Adding *self = data;

  weir_account_unref (self->account);
  weir_account_tokens_clear (&self->tokens);
  g_free (self);
}

/* (transfer full): an id that nobody has. */
static char *
make_id (WeirAccounts *self, const WeirProviderOauth *row)
{
  for (;;)
    {
      g_autofree char *id = g_strdup_printf ("%s-%08x", row->id, g_random_int ());

      if (weir_accounts_find (self, id) == NULL
          && !g_hash_table_contains (self->removed, id))
        return g_steal_pointer (&id);
    }
}

static WeirAccount *
make_account (WeirAccounts *self,
              const WeirProviderOauth *row,
              const WeirAccountIdentity *identity,
              const char *label)
{
  g_autofree char *id = make_id (self, row);
  WeirAccount *account = weir_account_new (id, row);

  weir_account_identity_copy (identity, &account->identity);
  if (label == NULL)
    label = identity->email != NULL ? identity->email : row->name;
  account->settings.label = g_strdup (label);
  account->settings.enabled = TRUE;
  account->settings.weight = 1;
  account->created_us = weir_clock_real_us ();
  return account;
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirAccounts *self = WEIR_ACCOUNTS (source);
  Adding *adding = g_task_get_task_data (task);
  const char *id = adding->account->id;
  WeirAccountsEntry *entry = weir_accounts_find (self, id);
  g_autoptr (GError) error = NULL;

  /* the vault has the tokens: where the file could not be written the next start finds out
   */
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    weir_accounts_say (self,
                       g_strdup_printf ("%s is not in the file of accounts yet: %s.",
                                        adding->account->settings.label, error->message));
  if (entry == NULL)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                               "the account was removed");
      return;
    }
  entry->is_adding = FALSE;
  entry->is_hidden = FALSE;
  weir_accounts_say_changed (self);
  weir_accounts_erase (self, id, entry->account->generation);
  g_task_return_pointer (task, weir_account_ref (entry->account),
                         (GDestroyNotify)weir_account_unref);
}

/* The account as it is by now, with what the sign-in says of it. */
static WeirAccount *
merge (const WeirAccountsEntry *entry, const Adding *adding)
{
  WeirAccount *account = weir_account_copy (entry->account);

  weir_account_identity_merge (&account->identity, &adding->account->identity);
  account->generation = adding->account->generation;
  account->expires_us = adding->tokens.expires_us;
  account->state = WEIR_ACCOUNT_READY;
  g_clear_pointer (&account->sentence, g_free);
  return account;
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirAccounts *self = g_task_get_source_object (task);
  Adding *adding = g_task_get_task_data (task);
  WeirAccountsEntry *entry = weir_accounts_find (self, adding->account->id);
  GError *error = NULL;

  if (!weir_vault_store_finish (WEIR_VAULT (source), result, &error))
    {
      if (entry != NULL && entry->account->generation == 0)
        {
          weir_accounts_run_job (self, weir_accounts_job_remove,
                                 g_strdup (adding->account->id), g_free, NULL, NULL);
          g_hash_table_add (self->removed, g_strdup (adding->account->id));
          weir_accounts_drop (self, entry);
        }
      g_task_return_error (task, error);
      return;
    }
  if (entry != NULL)
    {
      weir_accounts_use_tokens (entry, &adding->tokens);
      weir_accounts_take (entry, merge (entry, adding));
    }
  weir_accounts_run_job (
      self, weir_accounts_job_commit,
      weir_account_ref (entry != NULL ? entry->account : adding->account),
      (GDestroyNotify)weir_account_unref, committed_cb, g_steal_pointer (&task));
}

static void
store (GTask *task)
{
  WeirAccounts *self = g_task_get_source_object (task);
  Adding *adding = g_task_get_task_data (task);
  g_autofree char *name
      = weir_account_tokens_dup_name (adding->account->id, adding->account->generation);
  g_autoptr (WeirSecret) line
      = weir_account_tokens_write (&adding->tokens, adding->account);

  if (line == NULL)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_TOO_LARGE,
                               "the tokens are too large to be kept");
      g_object_unref (task);
      return;
    }
  weir_vault_store_async (self->vault, name, line, NULL, stored_cb, task);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  WeirAccounts *self = WEIR_ACCOUNTS (source);
  Adding *adding = g_task_get_task_data (task);
  WeirAccountsEntry *entry = weir_accounts_find (self, adding->account->id);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      store (task);
      return;
    }
  if (entry != NULL)
    weir_accounts_drop (self, entry);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static gboolean
check (WeirAccounts *self,
       const WeirProviderOauth *row,
       const WeirAccountIdentity *identity,
       const char *replaces,
       GError **error)
{
  const WeirAccountsEntry *old
      = replaces != NULL ? weir_accounts_find (self, replaces) : NULL;

  if (identity->vendor_id == NULL || *identity->vendor_id == '\0')
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "the vendor did not say whose sign-in it is");
  if (replaces != NULL && (old == NULL || old->is_hidden))
    return weir_error_set (error, WEIR_ERROR_NOT_FOUND, "there is no account %s", replaces);
  if (old != NULL
      && (strcmp (old->account->row->id, row->id) != 0
          || strcmp (old->account->identity.vendor_id, identity->vendor_id) != 0))
    return weir_error_set (error, WEIR_ERROR_FORBIDDEN,
                           "that is a sign-in of somebody else; %s stays as it was",
                           old->account->settings.label);
  return TRUE;
}

void
weir_accounts_add_async (WeirAccounts *self,
                         const WeirProviderOauth *row,
                         const WeirAccountIdentity *identity,
                         const WeirAccountTokens *tokens,
                         const char *replaces,
                         const char *label,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  WeirAccountsEntry *entry = NULL;
  Adding *adding = NULL;
  GError *error = NULL;

  g_return_if_fail (tokens->access_token != NULL);
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_add_async);
  if (!check (self, row, identity, replaces, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  entry = weir_accounts_find_identity (self, row, identity->vendor_id);
  adding = g_new0 (Adding, 1);
  g_task_set_task_data (task, adding, adding_free);
  weir_account_tokens_copy (tokens, &adding->tokens);
  if (adding->tokens.obtained_us == 0)
    adding->tokens.obtained_us = weir_clock_real_us ();
  if (entry != NULL)
    {
      adding->account = weir_account_copy (entry->account);
      weir_account_identity_merge (&adding->account->identity, identity);
      adding->account->generation++;
      store (g_steal_pointer (&task));
      return;
    }
  adding->account = make_account (self, row, identity, label);
  if (!weir_account_settings_check (&adding->account->settings, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  weir_accounts_append (self, weir_account_copy (adding->account))->is_adding = TRUE;
  weir_accounts_run_job (self, weir_accounts_job_put, weir_account_copy (adding->account),
                         (GDestroyNotify)weir_account_unref, written_cb,
                         g_steal_pointer (&task));
  adding->account->generation = 1;
}

WeirAccount *
weir_accounts_add_finish (WeirAccounts *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- going --- */

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirAccounts *self = WEIR_ACCOUNTS (source);
  const char *id = g_task_get_task_data (task);
  WeirAccountsEntry *entry = weir_accounts_find (self, id);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (entry != NULL)
        entry->is_hidden = FALSE;
      weir_accounts_say_changed (self);
      g_task_return_error (task, error);
      return;
    }
  if (entry != NULL)
    weir_accounts_drop (self, entry);
  g_hash_table_add (self->removed, g_strdup (id));
  weir_accounts_follow_vault (self);
  g_task_return_boolean (task, TRUE);
}

void
weir_accounts_remove_async (WeirAccounts *self,
                            const char *id,
                            gboolean revoke,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  WeirAccountsEntry *entry = weir_accounts_find (self, id);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_remove_async);
  if (entry == NULL || entry->is_hidden)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                               "there is no account %s", id);
      return;
    }
  g_task_set_task_data (task, g_strdup (id), g_free);
  entry->is_hidden = TRUE;
  weir_accounts_say_changed (self);
  weir_accounts_run_job (self, weir_accounts_job_remove, g_strdup (id), g_free, removed_cb,
                         g_steal_pointer (&task));
}

gboolean
weir_accounts_remove_finish (WeirAccounts *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
