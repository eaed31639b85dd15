/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tree becomes a snapshot, driven by the table: one function a type of value, in
 * weir-config-read-*.c.  The rules between keys are in weir-config-check.c. */

#include "config.h"

#include "store/weir-config-read.h"

#include "base/weir-redact.h"
#include "store/weir-config-private.h"

#define MAX_SUGGESTIONS 20
#define SHOWN_BYTES 64

gboolean
weir_config_reader_check_kind (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               WeirConfigNodeKind kind)
{
  if (value->kind == kind)
    return TRUE;
  return weir_config_refuse (self->notices, value->start, "%s must be a %s", key->path,
                             kind == WEIR_CONFIG_NODE_LIST
                                 ? "list (lines that begin with -)"
                                 : "map (lines of key: value)");
}

static void
read_section (WeirConfigReader *self,
              const WeirConfigKey *key,
              const WeirConfigNode *value,
              void *field)
{
  if (weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_MAP))
    weir_config_reader_read_map (self, value, key->inside, field);
}

/* Remembered for the one notice about all of them. */
static void
read_later (WeirConfigReader *self,
            const WeirConfigKey *key,
            const WeirConfigNode *value,
            void *field)
{
  g_autofree char *path = self->list == NULL
                              ? g_strdup (key->path)
                              : g_strdup_printf ("%s.%s", self->list, key->path);

  if (g_hash_table_contains (self->later_seen, path))
    return;
  if (self->later->len == 0)
    self->later_at = value->start;
  g_ptr_array_add (self->later, path);
  g_hash_table_add (self->later_seen, g_steal_pointer (&path));
}

static void
report_unknown (WeirConfigReader *self, const WeirConfigNode *name, unsigned place)
{
  g_autofree char *shown
      = weir_redact ((WeirSlice){ name->text, name->length }, SHOWN_BYTES);
  const WeirConfigKey *near = NULL;

  /* measuring distances is the one costly thing here */
  if (self->n_suggestions++ < MAX_SUGGESTIONS)
    near = weir_config_table_suggest (place, name->text);
  if (near != NULL)
    weir_config_report (self->notices, FALSE, name->start,
                        "unknown key \"%s\"; did you mean \"%s\"?", shown,
                        weir_config_key_get_name (near));
  else
    weir_config_report (self->notices, FALSE, name->start,
                        "unknown key \"%s\"; it has no effect", shown);
}

static void
read_node (WeirConfigReader *self,
           const WeirConfigKey *key,
           const WeirConfigNode *value,
           void *field)
{
  *(const WeirConfigNode **)field = value;
}

typedef void (*ReadValue) (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field);

static const ReadValue read_value[] = {
  [WEIR_CONFIG_TYPE_BOOL] = weir_config_read_bool,
  [WEIR_CONFIG_TYPE_PORT] = weir_config_read_port,
  [WEIR_CONFIG_TYPE_COUNT] = weir_config_read_unsigned,
  [WEIR_CONFIG_TYPE_SECONDS] = weir_config_read_unsigned,
  [WEIR_CONFIG_TYPE_NUMBER] = weir_config_read_int,
  [WEIR_CONFIG_TYPE_WORD] = weir_config_read_word,
  [WEIR_CONFIG_TYPE_SWITCH] = weir_config_read_bool,
  [WEIR_CONFIG_TYPE_DURATION] = weir_config_read_duration,
  [WEIR_CONFIG_TYPE_STRING] = weir_config_read_string,
  [WEIR_CONFIG_TYPE_HOST] = weir_config_read_host,
  [WEIR_CONFIG_TYPE_BASE_URL] = weir_config_read_base_url,
  [WEIR_CONFIG_TYPE_PROXY_URL] = weir_config_read_proxy_url,
  [WEIR_CONFIG_TYPE_PREFIX] = weir_config_read_prefix,
  [WEIR_CONFIG_TYPE_SECRET] = weir_config_read_secret,
  [WEIR_CONFIG_TYPE_TIME] = weir_config_read_time,
  [WEIR_CONFIG_TYPE_AMOUNT] = weir_config_read_amount,
  [WEIR_CONFIG_TYPE_TEXT] = weir_config_read_text,
  [WEIR_CONFIG_TYPE_STRINGS] = weir_config_read_strings,
  [WEIR_CONFIG_TYPE_GROUP_NAME] = weir_config_read_group_name,
  [WEIR_CONFIG_TYPE_PROVIDER] = weir_config_read_provider,
  [WEIR_CONFIG_TYPE_CLIENT_KEYS] = weir_config_read_client_keys,
  [WEIR_CONFIG_TYPE_GROUPS] = weir_config_read_groups,
  [WEIR_CONFIG_TYPE_ERROR_RULES] = weir_config_read_error_rules,
  [WEIR_CONFIG_TYPE_CHANNELS] = weir_config_read_channels,
  [WEIR_CONFIG_TYPE_ALIASES] = weir_config_read_aliases,
  [WEIR_CONFIG_TYPE_PAYLOAD] = weir_config_read_payload,
  [WEIR_CONFIG_TYPE_NODE] = read_node,
  [WEIR_CONFIG_TYPE_GLOBS] = weir_config_read_globs,
  [WEIR_CONFIG_TYPE_HEADERS] = weir_config_read_headers,
  [WEIR_CONFIG_TYPE_MODELS] = weir_config_read_models,
  [WEIR_CONFIG_TYPE_CREDENTIALS] = weir_config_read_credentials,
  [WEIR_CONFIG_TYPE_CREDENTIAL_KEYS] = weir_config_read_credential_keys,
  [WEIR_CONFIG_TYPE_ENTRIES] = weir_config_read_entries,
  [WEIR_CONFIG_TYPE_PASSTHRU] = weir_config_read_passthru,
  [WEIR_CONFIG_TYPE_OAUTH_CLIENTS] = weir_config_read_oauth_clients,
  [WEIR_CONFIG_TYPE_VENDOR_HOSTS] = weir_config_read_vendor_hosts,
  [WEIR_CONFIG_TYPE_SECTION] = read_section,
  [WEIR_CONFIG_TYPE_LATER] = read_later,
};
G_STATIC_ASSERT (G_N_ELEMENTS (read_value) == WEIR_CONFIG_TYPE_LAST);

/* Is @value what the key has where the file does not name it? */
static gboolean
is_initial (const WeirConfigKey *key, const WeirConfigNode *value)
{
  return key->initial != NULL
         && weir_slice_equal_nocase (weir_config_node_get_text (value),
                                     weir_slice_from_string (key->initial));
}

void
weir_config_reader_read_value (WeirConfigReader *self,
                               const WeirConfigKey *key,
                               const WeirConfigNode *value,
                               void *base)
{
  read_value[key->type](self, key, value, (char *)base + key->offset);
  if (key->is_idle && !is_initial (key, value))
    read_later (self, key, value, NULL);
}

void
weir_config_reader_read_map (WeirConfigReader *self,
                             const WeirConfigNode *map,
                             unsigned place,
                             void *base)
{
  for (unsigned i = 0; i + 1 < map->children->len; i += 2)
    {
      const WeirConfigNode *name = g_ptr_array_index (map->children, i);
      const WeirConfigNode *value = g_ptr_array_index (map->children, i + 1);
      const WeirConfigKey *key = weir_config_table_lookup (place, name->text);

      if (key == NULL)
        report_unknown (self, name, place);
      else if (key->type == WEIR_CONFIG_TYPE_LATER || !weir_config_node_is_null (value))
        weir_config_reader_read_value (self, key, value, base);
    }
}

static void
report_later (WeirConfigReader *self)
{
  g_autofree char *names = NULL;

  if (self->later->len == 0)
    return;
  g_ptr_array_add (self->later, NULL);
  names = g_strjoinv (", ", (char **)self->later->pdata);
  weir_config_report (self->notices, FALSE, self->later_at,
                      "accepted, but without effect in this version: %s", names);
}

static void
read_initial (WeirConfigReader *self)
{
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      WeirConfigNode value = { .kind = WEIR_CONFIG_NODE_SCALAR };
      gboolean is_empty = g_strcmp0 (key->initial, "\"\"") == 0;

      if (key->initial == NULL || key->type == WEIR_CONFIG_TYPE_CLIENT_KEYS)
        continue;
      value.text = is_empty ? (char *)"" : (char *)key->initial;
      value.length = strlen (value.text);
      read_value[key->type](self, key, &value, (char *)self->config + key->offset);
    }
}

/* The file's proxy-url is for every credential without one of its own. */
static void
hand_down_proxy_url (WeirConfig *config)
{
  for (unsigned i = 0; *config->proxy_url != '\0' && i < config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (config->entries, i);

      for (unsigned j = 0; j < entry->credentials->len; j++)
        {
          WeirConfigCredential *credential = g_ptr_array_index (entry->credentials, j);

          if (credential->proxy_url == NULL)
            credential->proxy_url = g_strdup (config->proxy_url);
        }
    }
}

static void
read_root (WeirConfigReader *self, const WeirConfigNode *root)
{
  if (root == NULL || weir_config_node_is_null (root))
    return;
  if (root->kind == WEIR_CONFIG_NODE_MAP)
    weir_config_reader_read_map (self, root, WEIR_CONFIG_IN_FILE, self->config);
  else
    weir_config_report (self->notices, TRUE, root->start,
                        "the file must hold lines of key: value, such as port: %d",
                        WEIR_CONFIG_DEFAULT_PORT);
}

void
weir_config_read (WeirConfig *config,
                  const WeirConfigNode *root,
                  const char *passthru,
                  GPtrArray *notices)
{
  g_autoptr (GPtrArray) later = g_ptr_array_new ();
  g_autoptr (GHashTable) later_seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_entry_free);
  WeirConfigReader self = {
    .config = config,
    .passthru = rows,
    .notices = notices,
    .later = later,
    .later_seen = later_seen,
  };

  read_initial (&self);
  read_root (&self, root);
  if (passthru != NULL)
    weir_config_read_passthru_variable (&self, passthru);
  weir_config_add_passthru (&self);
  hand_down_proxy_url (config);
  weir_config_settle_vault_names (&self);
  report_later (&self);
}
