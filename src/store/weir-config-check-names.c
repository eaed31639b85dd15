/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names that lead to each other, to nothing, or to two things at once. */

#include "config.h"

#include "store/weir-config-check.h"

#include "base/weir-redact.h"
#include "providers/weir-echo.h"
#include "providers/weir-models.h"
#include "store/weir-config-table.h"

#define SHOWN_BYTES 200

/* The model that @alias leads to is asked for under this name. */
static WeirSlice
get_model_text (const WeirConfigNode *models, unsigned index, const char *key)
{
  return weir_config_node_get_text (
      weir_config_node_lookup (g_ptr_array_index (models->children, index), key));
}

static void
report_loop (const WeirConfigChecker *self,
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
check_aliases (const WeirConfigChecker *self, const WeirConfigNode *models)
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

static gboolean
is_called (const WeirConfigNode *node, const char *name)
{
  return weir_slice_equal (weir_config_node_get_text (node), weir_slice_from_string (name));
}

/* An alias of the built-in model cannot be had.  One that its own entry excludes leads to
 * nothing; CLIProxyAPI's example has such a pair, so it is no error. */
static void
check_claims (const WeirConfigChecker *self,
              const WeirConfigNode *entry,
              const WeirConfigNode *models)
{
  const WeirConfigNode *excluded = weir_config_node_lookup (entry, "excluded-models");

  for (unsigned i = 0; i < models->children->len; i++)
    {
      const WeirConfigNode *alias
          = weir_config_node_lookup (g_ptr_array_index (models->children, i), "alias");
      g_autofree char *name = weir_slice_dup (weir_config_node_get_text (alias));
      g_autofree char *shown = weir_redact (weir_slice_from_string (name), SHOWN_BYTES);
      unsigned n = excluded != NULL && excluded->kind == WEIR_CONFIG_NODE_LIST
                       ? excluded->children->len
                       : 0;

      if (alias == NULL)
        continue;
      if (self->config->echo_model && strcmp (name, WEIR_ECHO_MODEL) == 0)
        weir_config_report (self->notices, TRUE, alias->start,
                            "alias " WEIR_ECHO_MODEL
                            " is the built-in model's; choose another, or set "
                            "echo-model: false");
      for (unsigned j = 0; *name != '\0' && j < n; j++)
        {
          const WeirConfigNode *item = g_ptr_array_index (excluded->children, j);
          g_autofree char *glob = weir_slice_dup (weir_config_node_get_text (item));

          if (*glob == '\0' || !weir_glob_matches (glob, name))
            continue;
          weir_config_report (self->notices, FALSE, alias->start,
                              "alias \"%s\" leads to nothing: excluded-models of the same "
                              "entry (line %u) takes it out; remove one",
                              shown, item->start.line);
          break;
        }
    }
}

static void
check_list (const WeirConfigChecker *self, const WeirConfigNode *list)
{
  for (unsigned i = 0; i < list->children->len; i++)
    {
      const WeirConfigNode *entry = g_ptr_array_index (list->children, i);
      const WeirConfigNode *models = weir_config_node_lookup (entry, "models");
      const WeirConfigNode *disabled = weir_config_node_lookup (entry, "disabled");

      if (models == NULL || models->kind != WEIR_CONFIG_NODE_LIST)
        continue;
      check_aliases (self, models);
      if (disabled == NULL || is_called (disabled, "false"))
        check_claims (self, entry, models);
    }
}

static void
check_channels (const WeirConfigChecker *self)
{
  const WeirConfigNode *channels
      = weir_config_node_lookup (self->root, "oauth-model-alias");

  for (unsigned i = 1; channels != NULL && channels->kind == WEIR_CONFIG_NODE_MAP
                       && i < channels->children->len;
       i += 2)
    {
      const WeirConfigNode *models = g_ptr_array_index (channels->children, i);

      if (models->kind == WEIR_CONFIG_NODE_LIST)
        check_aliases (self, models);
    }
}

static void
check_entries (const WeirConfigChecker *self)
{
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    {
      const WeirConfigNode *list = NULL;

      if (key->type == WEIR_CONFIG_TYPE_ENTRIES)
        list = weir_config_node_lookup (self->root, key->path);
      if (list != NULL && list->kind == WEIR_CONFIG_NODE_LIST)
        check_list (self, list);
    }
}

/* Two upstreams under one name cannot be told apart in a log. */
static void
check_names (const WeirConfigChecker *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (unsigned i = 0; i < self->config->entries->len; i++)
    {
      const WeirConfigEntry *entry = g_ptr_array_index (self->config->entries, i);
      const WeirConfigEntry *first = NULL;
      g_autofree char *shown = NULL;

      if (entry->kind != WEIR_CONFIG_COMPAT || entry->is_passthru
          || strcmp (entry->name, entry->provider) == 0)
        continue;
      first = g_hash_table_lookup (seen, entry->name);
      if (first == NULL)
        {
          g_hash_table_insert (seen, entry->name, (gpointer)entry);
          continue;
        }
      shown = weir_redact (weir_slice_from_string (entry->name), SHOWN_BYTES);
      weir_config_report (self->notices, FALSE, (WeirConfigMark){ 0, entry->line, 1 },
                          "two entries are named \"%s\" (lines %u and "
                          "%u); give each its own name",
                          shown, first->line, entry->line);
    }
}

void
weir_config_check_names (const WeirConfigChecker *self)
{
  check_entries (self);
  check_channels (self);
  check_names (self);
}
