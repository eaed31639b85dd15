/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may come in: client keys. */

#include "config.h"

#include "store/weir-config-read.h"

#include "store/weir-config-private.h"

/* Consumes @client_key, which stands at @item.  Equal keys are found by digest: a file may
 * hold thousands. */
static void
add_client_key (WeirConfigReader *self,
                const WeirConfigNode *item,
                WeirConfigClientKey *client_key,
                GHashTable *seen)
{
  g_autoptr (WeirConfigClientKey) owned = client_key;
  char digest[17] = "";
  const WeirConfigNode *first = NULL;

  weir_secret_get_digest (client_key->key, digest);
  first = g_hash_table_lookup (seen, digest);
  if (first != NULL)
    {
      weir_config_report (self->notices, FALSE, item->start,
                          "api-keys holds the same key twice (lines %u and %u)",
                          first->start.line, item->start.line);
      return;
    }
  g_hash_table_insert (seen, g_strdup (digest), (gpointer)item);
  g_ptr_array_add (self->config->client_keys, g_steal_pointer (&owned));
}

void
weir_config_read_client_keys (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);
      g_autoptr (WeirConfigClientKey) client_key
          = weir_config_client_key_new (item->start.line);

      if (weir_config_node_is_null (item))
        weir_config_report (self->notices, FALSE, item->start,
                            "an empty item of %s is left out", key->path);
      else
        weir_config_read_secret (self, key, item, &client_key->key);
      if (client_key->key != NULL)
        add_client_key (self, item, g_steal_pointer (&client_key), seen);
    }
}
