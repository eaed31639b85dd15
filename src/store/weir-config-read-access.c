/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may come in, and how far: client keys and groups. */

#include "config.h"

#include "store/weir-config-read.h"

#include "base/weir-redact.h"
#include "store/weir-config-private.h"

#define SHOWN_BYTES 64

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
      gboolean is_fatal
          = item->kind == WEIR_CONFIG_NODE_MAP || first->kind == WEIR_CONFIG_NODE_MAP;

      weir_config_report (self->notices, is_fatal, item->start,
                          "api-keys holds the same key twice (lines %u and %u)%s",
                          first->start.line, item->start.line,
                          is_fatal ? "; remove one, since each has rights of its own" : "");
      return;
    }
  g_hash_table_insert (seen, g_strdup (digest), (gpointer)item);
  g_ptr_array_add (self->config->client_keys, g_steal_pointer (&owned));
}

/* (transfer full) (nullable): said in the notices. */
static WeirConfigClientKey *
read_client_key (WeirConfigReader *self,
                 const WeirConfigKey *key,
                 const WeirConfigNode *item)
{
  g_autoptr (WeirConfigClientKey) client_key = weir_config_client_key_new (item->start);

  if (weir_config_node_is_null (item))
    {
      weir_config_report (self->notices, FALSE, item->start,
                          "an empty item of %s is left out", key->path);
      return NULL;
    }
  if (item->kind == WEIR_CONFIG_NODE_MAP)
    weir_config_reader_read_map (self, item, WEIR_CONFIG_IN_CLIENT_KEY, client_key);
  else
    weir_config_read_secret (self, key, item, &client_key->key);
  if (client_key->key != NULL)
    return g_steal_pointer (&client_key);
  if (item->kind == WEIR_CONFIG_NODE_MAP)
    weir_config_report (self->notices, FALSE, item->start,
                        "an item of %s without key is left out", key->path);
  return NULL;
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
  self->list = key->path;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);
      WeirConfigClientKey *client_key = read_client_key (self, key, item);

      if (client_key != NULL)
        add_client_key (self, item, client_key, seen);
    }
  self->list = NULL;
}

/* FALSE: said in the notices. */
static gboolean
check_group_name (WeirConfigReader *self,
                  const WeirConfigNode *item,
                  const WeirConfigGroup *group,
                  GHashTable *seen)
{
  const WeirConfigGroup *first = NULL;
  g_autofree char *shown = NULL;

  if (group->name == NULL)
    return weir_config_refuse (self->notices, item->start,
                               "a group needs a name of letters, digits, - and _");
  if (strcmp (group->name, "default") == 0)
    return weir_config_refuse (self->notices, item->start,
                               "\"default\" is what no group keeps for itself; give the "
                               "group another name");
  first = g_hash_table_lookup (seen, group->name);
  shown = weir_redact (weir_slice_from_string (group->name), SHOWN_BYTES);
  return first == NULL
         || weir_config_refuse (self->notices, item->start,
                                "two groups are named \"%s\" (lines %u and %u); give each "
                                "its own name",
                                shown, first->line, group->line);
}

void
weir_config_read_groups (WeirConfigReader *self,
                         const WeirConfigKey *key,
                         const WeirConfigNode *value,
                         void *field)
{
  GPtrArray *groups = *(GPtrArray **)field;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);
      g_autoptr (WeirConfigGroup) group = weir_config_group_new (item->start);

      if (item->kind == WEIR_CONFIG_NODE_MAP)
        weir_config_reader_read_map (self, item, WEIR_CONFIG_IN_GROUP, group);
      else
        weir_config_report (self->notices, TRUE, item->start,
                            "an item of groups must be a map with name");
      if (item->kind != WEIR_CONFIG_NODE_MAP || !check_group_name (self, item, group, seen))
        continue;
      g_hash_table_insert (seen, group->name, group);
      g_ptr_array_add (groups, g_steal_pointer (&group));
    }
}
