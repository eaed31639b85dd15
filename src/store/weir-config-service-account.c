/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Key files of service accounts, which entries of vertex-api-key name: read with the
 * configuration, in its thread. */

#include "config.h"

#include "store/weir-config-private.h"

#include "providers/weir-service-account.h"
#include "store/weir-file.h"

#define FILE_BYTES_MAX (32u << 10)

static WeirSecret *
read_account (const char *path, GError **error)
{
  GBytes *bytes = weir_file_read (path, FILE_BYTES_MAX, NULL, NULL, error);
  WeirSecret *account = NULL;
  WeirSlice file;

  if (bytes == NULL)
    return NULL;
  file.text = g_bytes_get_data (bytes, &file.length);
  account = weir_service_account_new (file, error);
  weir_file_wipe (bytes);
  return account;
}

/* "~/" is the user's folder. */
static char *
dup_path (const char *path)
{
  return g_str_has_prefix (path, "~/")
             ? g_build_filename (g_get_home_dir (), path + 2, NULL)
             : g_strdup (path);
}

void
weir_config_read_service_accounts (WeirConfig *config, GPtrArray *notices)
{
  for (unsigned i = 0; i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);
      g_autoptr (GError) error = NULL;
      g_autofree char *path = NULL;
      WeirConfigCredential *credential;

      if (entry->service_account == NULL)
        continue;
      credential = g_ptr_array_index (entry->credentials, 0);
      path = dup_path (entry->service_account);
      credential->api_key = read_account (path, &error);
      if (credential->api_key == NULL)
        weir_config_report (notices, FALSE,
                            (WeirConfigMark){ .line = entry->line, .column = 1 },
                            "entry \"%s\" rests without its service account: %s",
                            entry->name, error->message);
    }
}
