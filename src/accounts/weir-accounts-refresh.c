/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tokens for who asks: those that are known. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

void
weir_accounts_ensure_token_async (WeirAccounts *self,
                                  const char *id,
                                  const WeirSecret *refused,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (WeirSecret) token = weir_accounts_dup_token (self, id);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_ensure_token_async);
  if (token != NULL && (refused == NULL || !weir_secret_equal (token, refused)))
    g_task_return_pointer (task, g_steal_pointer (&token),
                           (GDestroyNotify)weir_secret_unref);
  else
    g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_UPSTREAM,
                             "there is no token of %s that is valid now", id);
}

WeirSecret *
weir_accounts_ensure_token_finish (WeirAccounts *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
weir_accounts_drain_async (WeirAccounts *self,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_drain_async);
  g_task_return_boolean (task, TRUE);
}

void
weir_accounts_drain_finish (WeirAccounts *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));
}
