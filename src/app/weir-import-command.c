/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The service's own parts, without a proxy, as long as one file takes:
 *
 *   read -> unlock -> take -> drain -> ids */

#include "config.h"

#include "app/weir-import-command.h"

#include "app/weir-app.h"
#include "app/weir-command.h"
#include "app/weir-keys.h"
#include "control/weir-import-bundle.h"
#include "control/weir-import.h"
#include "proxy/weir-trust.h"
#include "store/weir-file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  WeirPoller *poller;     /* (owned) */
  WeirVendorCalls *calls; /* (owned) */
  WeirAccounts *accounts; /* (owned) (nullable) */
  WeirImport *import;     /* (owned) (nullable) */
} Parts;

static void
parts_clear (Parts *self)
{
  weir_import_free (self->import);
  g_clear_object (&self->accounts);
  weir_vendor_calls_free (self->calls);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_clear_pointer (&self->poller, weir_poller_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

/* (transfer full) (nullable) */
static GBytes *
read_input (GError **error)
{
  char *text = g_malloc (WEIR_BUNDLE_BYTES_MAX + 1);
  size_t length = 0;
  ssize_t n = 0;

  while (
      length <= WEIR_BUNDLE_BYTES_MAX
      && ((n = read (STDIN_FILENO, text + length, WEIR_BUNDLE_BYTES_MAX + 1 - length)) > 0
          || (n < 0 && errno == EINTR)))
    length += n > 0 ? (size_t)n : 0;
  if (n >= 0 && length <= WEIR_BUNDLE_BYTES_MAX)
    return g_bytes_new_take (text, length);
  explicit_bzero (text, length);
  g_free (text);
  weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                  "the standard input cannot be read, or holds more than sign-ins");
  return NULL;
}

static gboolean
open_parts (Parts *self, WeirConfig *config, WeirVault *vault, GError **error)
{
  g_autofree char *path = weir_accounts_dup_default_path ();
  g_autoptr (WeirTrust) trust = weir_trust_new (NULL, error);

  if (trust == NULL)
    return FALSE;
  self->poller = weir_poller_new (NULL);
  self->calls = weir_vendor_calls_new (self->poller, G_TLS_DATABASE (trust), config);
  self->accounts = weir_accounts_new (path, vault, weir_vendor_calls_send,
                                      weir_vendor_calls_get_client, self->calls, error);
  if (self->accounts == NULL)
    return FALSE;
  self->import = weir_import_new (self->calls, self->accounts);
  return TRUE;
}

static gboolean
take (Parts *self, GBytes *bytes, GError **error)
{
  g_autoptr (GAsyncResult) taken = NULL;
  g_autoptr (GAsyncResult) drained = NULL;
  g_auto (GStrv) ids = NULL;

  weir_import_take_async (self->import, bytes, weir_command_keep_result, &taken);
  weir_command_await_result (&taken);
  ids = weir_import_take_finish (taken, error);
  weir_accounts_drain_async (self->accounts, weir_command_keep_result, &drained);
  weir_command_await_result (&drained);
  weir_accounts_drain_finish (self->accounts, drained);
  for (char **id = ids; id != NULL && *id != NULL; id++)
    printf ("%s\n", *id);
  return ids != NULL;
}

static gboolean
run (const WeirOptions *options, WeirConfig *config, GError **error)
{
  g_autoptr (WeirVaultHome) home = weir_keys_open_home (config);
  WeirVault *vault = weir_vault_home_get_vault (home);
  g_auto (Parts) parts = { 0 };
  GBytes *bytes = g_str_equal (options->import_path, "-")
                      ? read_input (error)
                      : weir_file_read (options->import_path, WEIR_BUNDLE_BYTES_MAX, NULL,
                                        NULL, error);
  gboolean is_taken = FALSE;

  if (bytes == NULL)
    return FALSE;
  is_taken = weir_command_ensure_unlocked (vault, error)
             && open_parts (&parts, config, vault, error) && take (&parts, bytes, error);
  weir_file_wipe (bytes);
  return is_taken;
}

int
weir_import_command_run (const WeirOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = weir_command_load_config (options, &error);

  if (config == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return WEIR_EXIT_CONFIG;
    }
  if (run (options, config, &error))
    return WEIR_EXIT_OK;
  fprintf (stderr, "weir: %s\n", error->message);
  return g_error_matches (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST)
             ? WEIR_EXIT_USAGE
             : WEIR_EXIT_UNAVAILABLE;
}
