/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rules between keys: who may come in from where, TLS, names that lead to each other.
 * Where the outcome differs from CLIProxyAPI's for the same file, a notice says so once. */

#include "config.h"

#include "base/weir-redact.h"
#include "store/weir-config-private.h"
#include "store/weir-config-table.h"
#include "store/weir-config-url.h"

#define MIN_KEY_CHARACTERS 20
#define SHOWN_BYTES 200

typedef struct
{
  const WeirConfig *config;   /* (unowned) */
  const WeirConfigNode *root; /* (unowned) (nullable) */
  GPtrArray *notices;         /* (unowned) of WeirConfigNotice */
} Checker;

/* The mark of a value, or the whole file where the key is absent. */
static WeirConfigMark
find_mark (const Checker *self, const char *key)
{
  const WeirConfigNode *node = weir_config_node_lookup (self->root, key);

  return node != NULL ? node->start : (WeirConfigMark){ 0 };
}

static void
check_reach (const Checker *self)
{
  const WeirConfig *config = self->config;
  gboolean has_keys = config->client_keys->len > 0;
  const WeirConfigNode *host = weir_config_node_lookup (self->root, "host");

  if (*config->host != '\0' && !config->listen_lan
      && !weir_config_is_loopback (config->host))
    weir_config_report (
        self->notices, TRUE, find_mark (self, "host"),
        "host %s would open the proxy to the network; set listen-lan: true if "
        "you mean it",
        config->host);
  if (config->listen_lan && !has_keys)
    weir_config_report (self->notices, TRUE, find_mark (self, "listen-lan"),
                        "listen-lan needs at least one entry in api-keys");
  if (config->allow_unauthenticated && weir_config_listens_wider (config))
    weir_config_report (self->notices, TRUE, find_mark (self, "allow-unauthenticated"),
                        "allow-unauthenticated is for this machine only; remove it, or "
                        "listen-lan");

  /* here CLIProxyAPI would do something else */
  if (host != NULL && host->kind == WEIR_CONFIG_NODE_SCALAR
      && weir_config_node_get_text (host).length == 0
      && weir_config_node_lookup (self->root, "listen-lan") == NULL)
    weir_config_report (
        self->notices, FALSE, find_mark (self, "host"),
        "an empty host listens on this machine only; set listen-lan: true to "
        "let others in");
  if (!has_keys && !config->listen_lan && !config->allow_unauthenticated)
    weir_config_report (
        self->notices, FALSE, find_mark (self, "api-keys"),
        "api-keys is empty, so every request is refused (401); add a key, or "
        "set allow-unauthenticated: true");
}

/* `your-api-key`, alone or numbered, as CLIProxyAPI's example has it. */
static gboolean
is_sample_key (WeirSlice text)
{
  WeirSlice stem = WEIR_SLICE ("your-api-key");

  if (!weir_slice_has_prefix (text, stem))
    return FALSE;
  for (size_t i = stem.length; i < text.length; i++)
    if (text.text[i] != '-' && !g_ascii_isdigit (text.text[i]))
      return FALSE;
  return text.length <= MIN_KEY_CHARACTERS;
}

static void
check_client_keys (const Checker *self)
{
  const WeirConfigNode *list = weir_config_node_lookup (self->root, "api-keys");
  gboolean fatal = weir_config_listens_wider (self->config);

  for (unsigned i = 0;
       list != NULL && list->kind == WEIR_CONFIG_NODE_LIST && i < list->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (list->children, i);
      WeirSlice text = weir_config_node_get_text (item);

      if (text.length == 0)
        continue;
      if (is_sample_key (text))
        {
          char *suggestion = weir_config_make_key ();

          weir_config_report (self->notices, fatal, item->start,
                              "\"%.*s\" is the published sample key; use: %s",
                              (int)text.length, text.text, suggestion);
          weir_secret_wipe_string (suggestion);
        }
      else if (g_utf8_strlen (text.text, (gssize)text.length) < MIN_KEY_CHARACTERS)
        weir_config_report (self->notices, fatal, item->start,
                            "item %u of api-keys is shorter than %d characters and can be "
                            "guessed; use a longer one",
                            i + 1, MIN_KEY_CHARACTERS);
    }
}

static void
check_tls (const Checker *self)
{
  const WeirConfig *config = self->config;

  if (config->tls_enable && (*config->tls_certificate == '\0' || *config->tls_key == '\0'))
    weir_config_report (self->notices, TRUE, find_mark (self, "tls"),
                        "tls.enable needs tls.cert and tls.key, paths of PEM files");
}

/* The model that @alias leads to is asked for under this name. */
static WeirSlice
get_model_text (const WeirConfigNode *models, unsigned index, const char *key)
{
  return weir_config_node_get_text (
      weir_config_node_lookup (g_ptr_array_index (models->children, index), key));
}

static void
report_loop (const Checker *self,
             const WeirConfigNode *models,
             GArray *next,
             unsigned first)
{
  g_autoptr (GString) chain = g_string_new (NULL);
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autofree char *shown = NULL;
  const WeirConfigNode *model = g_ptr_array_index (models->children, first);
  WeirSlice name;
  unsigned at = first;

  do
    {
      const WeirConfigNode *step = g_ptr_array_index (models->children, at);

      name = get_model_text (models, at, "alias");
      g_string_append_len (chain, name.text, (gssize)name.length);
      g_string_append (chain, " -> ");
      g_string_append_printf (lines, "%s%u", at == first ? "" : ", ", step->start.line);
      at = g_array_index (next, unsigned, at);
    }
  while (at != first && chain->len < SHOWN_BYTES);
  name = get_model_text (models, first, "alias");
  g_string_append_len (chain, name.text, (gssize)name.length);
  shown = weir_redact ((WeirSlice){ chain->str, chain->len }, SHOWN_BYTES);
  weir_config_report (self->notices, TRUE, model->start, "alias loop: %s (lines %s)", shown,
                      lines->str);
}

/* next[i]: the first model whose alias is the name of model i; else i's own number. */
static GArray *
link_models (const WeirConfigNode *models)
{
  g_autoptr (GHashTable) by_alias
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GArray *next = g_array_new (FALSE, FALSE, sizeof (unsigned));

  for (unsigned i = 0; i < models->children->len; i++)
    {
      g_autofree char *alias = weir_slice_dup (get_model_text (models, i, "alias"));

      if (*alias != '\0' && !g_hash_table_contains (by_alias, alias))
        g_hash_table_insert (by_alias, g_steal_pointer (&alias), GUINT_TO_POINTER (i));
    }
  for (unsigned i = 0; i < models->children->len; i++)
    {
      g_autofree char *name = weir_slice_dup (get_model_text (models, i, "name"));
      gpointer found = NULL;
      unsigned target = i;

      if (get_model_text (models, i, "alias").length > 0
          && g_hash_table_lookup_extended (by_alias, name, NULL, &found))
        target = GPOINTER_TO_UINT (found);
      g_array_append_val (next, target);
    }
  return next;
}

/* Every model is walked over once: `walk` holds the number of the walk that saw it. */
static void
check_aliases (const Checker *self, const WeirConfigNode *models)
{
  g_autoptr (GArray) next = link_models (models);
  g_autofree unsigned *walk = g_new0 (unsigned, models->children->len + 1);

  for (unsigned i = 0; i < models->children->len; i++)
    {
      unsigned at = i;

      while (walk[at] == 0)
        {
          walk[at] = i + 1;
          at = g_array_index (next, unsigned, at);
        }
      if (walk[at] == i + 1 && g_array_index (next, unsigned, at) != at)
        report_loop (self, models, next, at);
    }
}

static void
check_entries (const Checker *self)
{
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      const WeirConfigNode *list = NULL;

      if (key->type == WEIR_CONFIG_TYPE_ENTRIES)
        list = weir_config_node_lookup (self->root, key->path);
      if (list == NULL || list->kind != WEIR_CONFIG_NODE_LIST)
        continue;
      for (unsigned j = 0; j < list->children->len; j++)
        {
          const WeirConfigNode *models
              = weir_config_node_lookup (g_ptr_array_index (list->children, j), "models");

          if (models != NULL && models->kind == WEIR_CONFIG_NODE_LIST)
            check_aliases (self, models);
        }
    }
}

/* Two upstreams under one name cannot be told apart in a log. */
static void
check_names (const Checker *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (unsigned i = 0; i < self->config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (self->config->entries, i);
      const WeirConfigEntry *first = NULL;
      g_autofree char *shown = NULL;

      if (entry->kind != WEIR_CONFIG_COMPAT)
        continue;
      first = g_hash_table_lookup (seen, entry->name);
      if (first == NULL)
        {
          g_hash_table_insert (seen, entry->name, (gpointer)entry);
          continue;
        }
      shown = weir_redact (weir_slice_from_string (entry->name), SHOWN_BYTES);
      weir_config_report (
          self->notices, FALSE, (WeirConfigMark){ 0, entry->line, 1 },
          "two entries of openai-compatibility are named \"%s\" (lines %u and "
          "%u); give each its own name",
          shown, first->line, entry->line);
    }
}

void
weir_config_check (const WeirConfig *config, const WeirConfigNode *root, GPtrArray *notices)
{
  Checker self = { .config = config, .root = root, .notices = notices };

  check_reach (&self);
  check_client_keys (&self);
  check_tls (&self);
  check_entries (&self);
  check_names (&self);
}
