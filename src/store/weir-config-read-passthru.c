/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `passthru` and PASSTHRU_MODELS_JSON: a row a model.  A row that lacks something is an
 * error: nobody else would say why its model is not there. */

#include "config.h"

#include "store/weir-config-read.h"

#include "store/weir-config-private.h"

#define VARIABLE "PASSTHRU_MODELS_JSON"

static const char *const kind_providers[] = {
  [WEIR_CONFIG_CLAUDE] = "claude",
  [WEIR_CONFIG_CODEX] = "codex",
  [WEIR_CONFIG_COMPAT] = "compat",
};

static gboolean
is_given (const char *text)
{
  return text != NULL && *text != '\0';
}

/* The name that clients use, and the one in lists where that differs. */
static void
add_models (WeirConfigDraft *draft)
{
  const char *routing_name
      = is_given (draft->routing_name) ? draft->routing_name : draft->model;
  const char *names[] = { routing_name, draft->model };
  size_t n_names = strcmp (routing_name, draft->model) == 0 ? 1 : 2;

  for (size_t i = 0; i < n_names; i++)
    {
      WeirConfigModel *model = g_new0 (WeirConfigModel, 1);

      model->alias = g_strdup (names[i]);
      model->name = g_strdup (is_given (draft->upstream_model) ? draft->upstream_model
                                                               : draft->model);
      model->max_context_length
          = draft->real_context > 0 ? draft->real_context : draft->context_window;
      model->max_output = draft->real_output > 0 ? draft->real_output : draft->max_tokens;
      g_ptr_array_add (draft->entry.models, model);
    }
}

static void
complete (WeirConfigDraft *draft)
{
  WeirConfigEntry *entry = &draft->entry;
  gboolean keeps_model = draft->keeps_model < 0 ? entry->lenient : draft->keeps_model;
  gboolean keeps_provider
      = draft->keeps_provider < 0 ? entry->lenient : draft->keeps_provider;

  entry->is_passthru = TRUE;
  entry->lenient = keeps_model && keeps_provider;
  entry->request_retry = MAX (entry->request_retry, -1);
  entry->provider = g_strdup (kind_providers[entry->kind]);
  entry->name = g_strconcat ("passthru:", draft->model, NULL);
  weir_config_draft_complete_credentials (draft);
  add_models (draft);
}

static void
read_row (WeirConfigReader *self,
          const WeirConfigKey *key,
          const WeirConfigNode *node,
          GPtrArray *rows)
{
  g_auto (WeirConfigDraft) draft = { .keeps_model = -1, .keeps_provider = -1 };

  weir_config_entry_init (&draft.entry, WEIR_CONFIG_COMPAT, node->start.line);
  weir_config_reader_read_map (self, node, key->inside, &draft);
  if (!is_given (draft.model) || draft.entry.base_url == NULL)
    {
      weir_config_report (self->notices, TRUE, node->start, "row of passthru has no %s",
                          is_given (draft.model) ? "base-url" : "model");
      return;
    }
  complete (&draft);
  weir_config_draft_check_base_url (self, node, &draft.entry);
  g_ptr_array_add (rows, g_memdup2 (&draft.entry, sizeof draft.entry));
  draft.entry = (WeirConfigEntry){ 0 };
}

static void
read_rows (WeirConfigReader *self,
           const WeirConfigKey *key,
           const WeirConfigNode *value,
           GPtrArray *rows)
{
  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  self->list = key->path;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);

      if (item->kind == WEIR_CONFIG_NODE_MAP)
        read_row (self, key, item, rows);
      else
        weir_config_report (self->notices, TRUE, item->start,
                            "an item of passthru must be a map with model and base-url");
    }
  self->list = NULL;
}

void
weir_config_read_passthru (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field)
{
  read_rows (self, key, value, self->passthru);
}

/* Names are equal but for case. */
static void
replace_rows (GPtrArray *rows, GPtrArray *others)
{
  g_autoptr (GHashTable) names
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (unsigned i = 0; i < others->len; i++)
    {
      const WeirConfigEntry *other = g_ptr_array_index (others, i);

      g_hash_table_add (names, g_ascii_strdown (other->name, -1));
    }
  for (unsigned i = rows->len; i > 0; i--)
    {
      const WeirConfigEntry *row = g_ptr_array_index (rows, i - 1);
      g_autofree char *name = g_ascii_strdown (row->name, -1);

      if (g_hash_table_contains (names, name))
        g_ptr_array_remove_index (rows, i - 1);
    }
  g_ptr_array_extend_and_steal (rows, g_ptr_array_ref (others));
}

/* Lines and columns are the variable's, so they are part of the text. */
static void
report_for_variable (GPtrArray *notices, GPtrArray *own)
{
  for (unsigned i = 0; i < own->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (own, i);

      weir_config_report (notices, notice->fatal, (WeirConfigMark){ 0 },
                          VARIABLE ", line %u, column %u: %s", notice->line, notice->column,
                          notice->text);
    }
}

/* JSON is YAML. */
void
weir_config_read_passthru_variable (WeirConfigReader *self, const char *json)
{
  const WeirConfigKey *key = weir_config_table_lookup (WEIR_CONFIG_IN_FILE, "passthru");
  g_autoptr (GPtrArray) own = weir_config_notices_new ();
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_config_entry_free);
  g_autoptr (WeirConfigNode) root
      = weir_config_tree_new (weir_slice_from_string (json), own);
  GPtrArray *notices = self->notices;

  if (root != NULL && !weir_config_node_is_null (root))
    {
      self->notices = own;
      read_rows (self, key, root, rows);
      self->notices = notices;
    }
  for (unsigned i = 0; i < rows->len; i++)
    ((WeirConfigEntry *)g_ptr_array_index (rows, i))->line = 0;
  report_for_variable (notices, own);
  replace_rows (self->passthru, rows);
}

void
weir_config_add_passthru (WeirConfigReader *self)
{
  g_ptr_array_extend_and_steal (self->config->entries, g_ptr_array_ref (self->passthru));
}
