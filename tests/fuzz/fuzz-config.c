/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Configuration files: a snapshot or an error, never both; what can be edited reads back
 * as meant and is usable when the file was. */

#include "store/weir-config-edit.h"
#include "store/weir-config.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_client_keys (const WeirConfig *config)
{
  for (unsigned i = 0; i < config->client_keys->len; i++)
    {
      const WeirConfigClientKey *key = g_ptr_array_index (config->client_keys, i);

      g_assert (key->key != NULL && key->allowed_models != NULL);
      g_assert (key->excluded_models != NULL && key->accounts != NULL);
      for (char **group = key->groups; *group != NULL; group++)
        {
          gboolean found = strcmp (*group, "default") == 0;

          for (unsigned j = 0; j < config->groups->len; j++)
            found
                |= strcmp (((WeirConfigGroup *)g_ptr_array_index (config->groups, j))->name,
                           *group)
                   == 0;
          g_assert (found);
        }
    }
}

static void
check_entry (const WeirConfigEntry *entry)
{
  g_assert (entry->name != NULL && *entry->name != '\0');
  g_assert (weir_provider_lookup (entry->provider) != NULL);
  g_assert (entry->base_url == NULL || strstr (entry->base_url, "://") != NULL);
  g_assert (entry->base_url != NULL || !entry->is_passthru);
  g_assert (entry->prefix == NULL || strchr (entry->prefix, '/') == NULL);
  g_assert (entry->credentials->len > 0 && entry->excluded_models != NULL);
  g_assert (entry->drop_tools != NULL && entry->weight >= 0);
  g_assert (entry->request_retry >= -1 && entry->disable_cooling >= -1);
  for (unsigned i = 0; i < entry->credentials->len; i++)
    g_assert (((WeirConfigCredential *)g_ptr_array_index (entry->credentials, i))->weight
              >= 0);
  for (unsigned i = 0; i < entry->models->len; i++)
    {
      const WeirConfigModel *model = g_ptr_array_index (entry->models, i);

      g_assert (*model->name != '\0' && *model->alias != '\0');
    }
}

static void
check_snapshot (const WeirConfig *config)
{
  g_assert (config->host != NULL && config->proxy_url != NULL);
  g_assert (config->head_timeout_s >= 1 && config->silence_timeout_s >= 1);
  g_assert (config->client_keys->len > 0 || !config->listen_lan);
  g_assert (config->strategy < WEIR_STRATEGY_LAST && config->payload != NULL);
  g_assert (config->session_affinity_ttl_s > 0);
  check_client_keys (config);
  for (unsigned i = 0; i < config->entries->len; i++)
    check_entry (g_ptr_array_index (config->entries, i));
}

/* Adds a key and sets the port; NULL where the file's shape does not allow it. */
static GBytes *
edit (WeirSlice text)
{
  g_autoptr (GBytes) more
      = weir_config_edit_append_item (text, "api-keys", "0123456789-abcdefghij", NULL);
  WeirSlice next = { NULL, 0 };

  if (more == NULL)
    return NULL;
  next.text = g_bytes_get_data (more, &next.length);
  return weir_config_edit_set_scalar (next, "port", "4242", NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_memdup2 (data, size); /* an over-read is seen */
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirConfig) config = weir_config_parse (text, size, "f", &notices, &error);
  g_autoptr (WeirConfig) edited = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_assert ((config == NULL) == (error != NULL));
  for (unsigned i = 0; i < notices->len; i++)
    g_assert (!((const WeirConfigNotice *)g_ptr_array_index (notices, i))->fatal
              || config == NULL);
  if (config != NULL)
    check_snapshot (config);
  bytes = edit ((WeirSlice){ text, size });
  if (bytes == NULL || config == NULL)
    return 0;
  edited = weir_config_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "f",
                              NULL, NULL);
  g_assert (edited != NULL && edited->port == 4242);
  g_assert (edited->entries->len == config->entries->len);
  g_assert (edited->client_keys->len > 0);
  return 0;
}
