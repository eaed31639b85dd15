/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Waiting, the vault and the configuration, for commands. */

#include "config.h"

#include "app/weir-command.h"

void
weir_command_keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

void
weir_command_await_result (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

gboolean
weir_command_ensure_unlocked (WeirVault *vault, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  while (weir_vault_get_state (vault) == WEIR_VAULT_STARTING)
    g_main_context_iteration (NULL, TRUE);
  if (weir_vault_get_state (vault) == WEIR_VAULT_UNLOCKED)
    return TRUE;
  weir_vault_unlock_async (vault, NULL, weir_command_keep_result, &result);
  weir_command_await_result (&result);
  return weir_vault_unlock_finish (vault, result, error);
}

WeirConfig *
weir_command_load_config (const WeirOptions *options, GError **error)
{
  g_autofree char *path = options->config_path != NULL ? g_strdup (options->config_path)
                                                       : weir_config_dup_default_path ();

  if (options->config_path == NULL && !g_file_test (path, G_FILE_TEST_EXISTS))
    return weir_config_parse ("", 0, path, NULL, error);
  return weir_config_load (path, NULL, error);
}
