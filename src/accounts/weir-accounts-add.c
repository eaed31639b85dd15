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

#include "accounts/weir-account-lock.h"
#include "base/weir-clock.h"

#include <string.h>
#include <unistd.h>

#define LOCK_PAUSE_MS 200
#define LOCK_TRIES_MAX 450 /* longer than a refresh of another program may take */

/* A sign-in on its way into the vault and the file. */
typedef struct
{
  WeirAccount *account; /* (owned): as it will be */
  WeirAccountTokens tokens;
  int lock;         /* (owned) descriptor, -1: none */
  unsigned n_tries; /* for it */
} Adding;

static Adding *
adding_new (const WeirAccountTokens *tokens)
{
  Adding *self = g_new0 (Adding, 1);

  self->lock = -1;
  weir_account_tokens_copy (tokens, &self->tokens);
  if (self->tokens.obtained_us == 0)
    self->tokens.obtained_us = weir_clock_real_us ();
  return self;
}

static void
adding_free (gpointer data)
{
  Adding *self = data;

  weir_account_unref (self->account);
  weir_account_tokens_clear (&self->tokens);
  if (self->lock >= 0)
    close (self->lock);
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
              const char *label,
              gboolean is_live)
{
  g_autofree char *id = make_id (self, row);
  WeirAccount *account = weir_account_new (id, row);

  weir_account_identity_copy (identity, &account->identity);
  if (label == NULL)
    label = identity->email != NULL ? identity->email : row->name;
  account->settings.label = g_strdup (label);
  account->settings.enabled = TRUE;
  account->settings.weight = 1;
  account->is_live = is_live;
  account->created_us = weir_clock_real_us ();
  return account;
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirAccounts *self = WEIR_ACCOUNTS (source);
  Adding *adding = g_task_get_task_data (task);
  WeirAccountsEntry *entry = weir_accounts_find (self, adding->account->id);
  g_autoptr (GError) error = NULL;

  /* the vault has the tokens: where the file could not be written the next start finds out
   */
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    weir_accounts_say (self,
                       g_strdup_printf ("%s is not in the file of accounts yet: %s.",
                                        adding->account->settings.label, error->message));
  entry->is_adding = FALSE;
  entry->is_hidden = FALSE;
  /* what the vault did not take is not wanted any more */
  weir_accounts_let_lock_go (entry);
  weir_accounts_erase (self, entry->account->id, entry->account->generation);
  weir_accounts_say_changed (self);
  weir_accounts_release (entry);
  g_task_return_pointer (task, weir_account_ref (entry->account),
                         (GDestroyNotify)weir_account_unref);
}

/* What the sign-in says of the account, which is whose tokens it has. */
static void
take_identity (WeirAccountsEntry *entry, const Adding *adding)
{
  WeirAccount *account = weir_account_copy (entry->account);

  weir_account_identity_merge (&account->identity, &adding->account->identity);
  account->is_live = adding->tokens.is_live;
  weir_refresh_set_live (entry->refresh, account->is_live);
  weir_accounts_take (entry, account);
}

static void
drop_half (WeirAccounts *self, WeirAccountsEntry *entry)
{
  char *id = g_strdup (entry->account->id);

  g_hash_table_add (self->removed, g_strdup (id));
  weir_accounts_run_job (self, weir_accounts_job_remove, id, g_free, NULL, NULL);
  weir_accounts_drop (self, entry);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  WeirAccounts *self = g_task_get_source_object (task);
  Adding *adding = g_task_get_task_data (task);
  WeirAccountsEntry *entry = weir_accounts_find (self, adding->account->id);
  GError *error = NULL;

  if (!weir_vault_store_finish (WEIR_VAULT (source), result, &error))
    {
      if (entry->is_adding)
        drop_half (self, entry);
      else
        weir_accounts_release (entry);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  take_identity (entry, adding);
  weir_accounts_feed (entry,
                      &(WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED,
                                           .tokens = &adding->tokens,
                                           .generation = adding->account->generation });
  weir_accounts_run_job (self, weir_accounts_job_commit, weir_account_ref (entry->account),
                         (GDestroyNotify)weir_account_unref, committed_cb, task);
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
      WeirAccountsEntry *entry = weir_accounts_find (self, adding->account->id);

      if (entry->is_adding)
        drop_half (self, entry);
      else
        weir_accounts_release (entry);
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_TOO_LARGE,
                               "the tokens are too large to be kept");
      g_object_unref (task);
      return;
    }
  weir_vault_store_async (self->vault, name, line, NULL, stored_cb, task);
}

static void store_known (WeirAccountsEntry *entry, gpointer data);

static gboolean
on_try_again (gpointer user_data)
{
  GTask *task = user_data;
  WeirAccounts *self = g_task_get_source_object (task);
  Adding *adding = g_task_get_task_data (task);

  store_known (weir_accounts_find (self, adding->account->id), task);
  return G_SOURCE_REMOVE;
}

/* Nobody has a turn, and another program must not have one: generations would meet. */
static void
store_known (WeirAccountsEntry *entry, gpointer data)
{
  GTask *task = data;
  WeirAccounts *self = entry->owner;
  Adding *adding = g_task_get_task_data (task);
  g_autofree char *folder = g_path_get_dirname (self->path);
  const uint64_t highest = weir_accounts_find_highest (self, entry->account->id);

  if (entry->lock < 0
      && weir_account_lock_try (entry->account, folder, &adding->lock)
             == WEIR_ACCOUNT_LOCK_BUSY
      && adding->n_tries++ < LOCK_TRIES_MAX)
    {
      g_autoptr (GSource) source = g_timeout_source_new (LOCK_PAUSE_MS);

      g_source_set_callback (source, on_try_again, task, NULL);
      g_source_attach (source, self->context);
      return;
    }
  adding->account->generation = MAX (entry->account->generation, highest) + 1;
  store (task);
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

/* Signed in to here, and as good as what another program has. */
static gboolean
is_ours (const WeirAccountsEntry *entry)
{
  const WeirAccount *account = entry->account;

  return !account->is_live && account->state != WEIR_ACCOUNT_SIGN_IN
         && account->state != WEIR_ACCOUNT_MISSING;
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
  if (entry != NULL && entry->is_hidden)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_OVERLOADED,
                               "this account is being added or removed just now");
      return;
    }
  if (entry != NULL && tokens->is_live && is_ours (entry))
    {
      g_task_return_pointer (task, weir_account_ref (entry->account),
                             (GDestroyNotify)weir_account_unref);
      return;
    }
  adding = adding_new (tokens);
  g_task_set_task_data (task, adding, adding_free);
  if (entry != NULL)
    {
      adding->account = weir_account_copy (entry->account);
      weir_account_identity_merge (&adding->account->identity, identity);
      weir_accounts_hold (entry, store_known, g_steal_pointer (&task));
      return;
    }
  adding->account = make_account (self, row, identity, label, tokens->is_live);
  if (!weir_account_settings_check (&adding->account->settings, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  entry = weir_accounts_append (self, weir_account_copy (adding->account));
  entry->is_adding = TRUE;
  entry->is_held = TRUE;
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

typedef struct
{
  char *id; /* (owned) */
  gboolean revoke;
} Removal;

static void
removal_free (gpointer data)
{
  Removal *self = data;

  g_free (self->id);
  g_free (self);
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  WeirAccounts *self = WEIR_ACCOUNTS (source);
  const Removal *removal = g_task_get_task_data (task);
  WeirAccountsEntry *entry = weir_accounts_find (self, removal->id);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      entry->is_hidden = FALSE;
      weir_accounts_say_changed (self);
      weir_accounts_release (entry);
      g_task_return_error (task, error);
      return;
    }
  g_hash_table_add (self->removed, g_strdup (removal->id));
  weir_accounts_run_job (self, weir_accounts_job_empty_escrow,
                         g_build_filename (self->escrow, removal->id, NULL), g_free, NULL,
                         NULL);
  weir_accounts_drop (self, entry);
  weir_accounts_follow_vault (self);
  g_task_return_boolean (task, TRUE);
}

/* It is forgotten here, whatever comes. */
static void
on_revoked (unsigned status, WeirSlice body, gpointer data)
{
  g_object_unref (data);
}

static void
revoke_token (WeirAccountsEntry *entry)
{
  WeirAccounts *self = entry->owner;
  const WeirProviderOauth *row = entry->account->row;
  const WeirAccountTokens *tokens = weir_refresh_get_tokens (entry->refresh);
  WeirOauthClient client = { .row = row };
  g_auto (WeirOauthRequest) request = { 0 };

  /* what another program signed in to is not ours to end */
  if (self->is_over || row->revoke_url == NULL || entry->account->is_live || tokens == NULL
      || tokens->refresh_token == NULL || !self->client (row, &client, self->user_data))
    return;
  weir_oauth_write_revoke (&client, tokens->refresh_token, &request);
  self->send (&request, entry->account->settings.proxy_url, on_revoked, g_object_ref (self),
              self->user_data);
}

static void
remove_held (WeirAccountsEntry *entry, gpointer data)
{
  const Removal *removal = g_task_get_task_data (data);

  if (removal->revoke)
    revoke_token (entry);
  weir_accounts_run_job (entry->owner, weir_accounts_job_remove,
                         g_strdup (entry->account->id), g_free, removed_cb, data);
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
  Removal *removal = NULL;

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_remove_async);
  if (entry == NULL || entry->is_hidden)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                               "there is no account %s", id);
      return;
    }
  removal = g_new0 (Removal, 1);
  removal->id = g_strdup (id);
  removal->revoke = revoke;
  g_task_set_task_data (task, removal, removal_free);
  entry->is_hidden = TRUE;
  weir_accounts_fail_waiters (entry, WEIR_ERROR_NOT_FOUND, "it is being removed");
  weir_accounts_say_changed (self);
  weir_accounts_hold (entry, remove_held, g_steal_pointer (&task));
}

gboolean
weir_accounts_remove_finish (WeirAccounts *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
