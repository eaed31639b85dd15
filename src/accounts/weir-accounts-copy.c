/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens for another machine: taken while nobody renews them, or they would be those that
 * the vendor has just replaced. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

/* @data: a task (transfer full), whose data the copy is. */
static void
copy_held (WeirAccountsEntry *entry, gpointer data)
{
  g_autoptr (GTask) task = data;
  const WeirAccountTokens *tokens = weir_refresh_get_tokens (entry->refresh);
  WeirAccountTokens *copy = g_task_get_task_data (task);
  GError *error = NULL;

  if (entry->account->state == WEIR_ACCOUNT_SIGN_IN)
    weir_error_set (&error, WEIR_ERROR_UNAUTHORIZED, "%s has to be signed in again first",
                    entry->account->settings.label);
  else if (tokens == NULL)
    weir_error_set (&error, WEIR_ERROR_IO, "the secrets of %s cannot be read now",
                    entry->account->settings.label);
  else
    weir_account_tokens_copy (tokens, copy);
  weir_accounts_release (entry);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
copy_free (gpointer data)
{
  weir_account_tokens_clear (data);
  g_free (data);
}

void
weir_accounts_copy_tokens_async (WeirAccounts *self,
                                 const char *id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  WeirAccountsEntry *entry = weir_accounts_find (self, id);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_copy_tokens_async);
  g_task_set_task_data (task, g_new0 (WeirAccountTokens, 1), copy_free);
  if (entry == NULL || entry->is_hidden)
    g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                             "there is no account %s", id);
  else if (entry->account->is_live)
    g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_FORBIDDEN,
                             "%s belongs to another program, which renews it",
                             entry->account->settings.label);
  else
    weir_accounts_hold (entry, copy_held, g_steal_pointer (&task));
}

gboolean
weir_accounts_copy_tokens_finish (WeirAccounts *self,
                                  GAsyncResult *result,
                                  WeirAccountTokens *out,
                                  GError **error)
{
  WeirAccountTokens *copy = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  copy = g_task_get_task_data (G_TASK (result));
  *out = *copy;
  *copy = (WeirAccountTokens){ 0 };
  return TRUE;
}
