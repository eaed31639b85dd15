/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rules of the user's about error answers, and what the oauth-* keys say of a channel, with
 * CLIProxyAPI's rules on which items are left out (its source of 7.2, read 2026-08). */

#include "config.h"

#include "store/weir-config-read.h"

#include "store/weir-config-private.h"

static void
rule_draft_clear (WeirConfigErrorRuleDraft *self)
{
  g_strfreev (self->match);
  g_strfreev (self->regexes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirConfigErrorRuleDraft, rule_draft_clear)

static const char *
find_lack (const WeirConfigErrorRuleDraft *draft)
{
  gboolean has_match = draft->match != NULL && draft->match[0] != NULL;
  gboolean has_regex = draft->regexes != NULL && draft->regexes[0] != NULL;

  if (draft->status == 0)
    return "status";
  if (draft->action < 0)
    return "action";
  return has_match || has_regex ? NULL : "match and no match-regexr";
}

static void
read_error_rule (WeirConfigReader *self,
                 const WeirConfigKey *key,
                 const WeirConfigNode *item,
                 GPtrArray *rules)
{
  g_auto (WeirConfigErrorRuleDraft) draft = { .action = -1 };
  g_autoptr (WeirErrorRule) rule = NULL;
  const char *lack = NULL;

  weir_config_reader_read_map (self, item, WEIR_CONFIG_IN_ERROR_RULE, &draft);
  lack = find_lack (&draft);
  if (lack != NULL)
    {
      weir_config_report (self->notices, FALSE, item->start,
                          "rule of %s left out: it has no %s", key->path, lack);
      return;
    }
  rule = weir_error_rule_new ((unsigned)draft.status, (WeirErrorRuleAction)draft.action);
  for (char **text = draft.match; text != NULL && *text != NULL; text++)
    weir_error_rule_add_match (rule, *text);
  for (char **pattern = draft.regexes; pattern != NULL && *pattern != NULL; pattern++)
    {
      g_autoptr (GError) error = NULL;
      const WeirConfigNode *list = weir_config_node_lookup (item, "match-regexr");

      if (!weir_error_rule_add_regex (rule, *pattern, &error))
        weir_config_report (self->notices, TRUE, list->start, "match-regexr: %s",
                            error->message);
    }
  g_ptr_array_add (rules, g_steal_pointer (&rule));
}

void
weir_config_read_error_rules (WeirConfigReader *self,
                              const WeirConfigKey *key,
                              const WeirConfigNode *value,
                              void *field)
{
  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_LIST))
    return;
  for (unsigned i = 0; i < value->children->len; i++)
    {
      const WeirConfigNode *item = g_ptr_array_index (value->children, i);

      if (item->kind == WEIR_CONFIG_NODE_MAP)
        read_error_rule (self, key, item, *(GPtrArray **)field);
      else
        weir_config_report (self->notices, TRUE, item->start,
                            "an item of %s must be a map with status, match and action",
                            key->path);
    }
}

/* Consumes @model. */
static void
add_alias (WeirConfigReader *self,
           const WeirConfigNode *item,
           WeirConfigModel *model,
           GHashTable *seen,
           GPtrArray *models)
{
  g_autoptr (WeirConfigModel) owned = model;
  g_autofree char *lower = NULL;
  const WeirConfigNode *first = NULL;

  if (model->name == NULL || *model->name == '\0' || model->alias == NULL
      || *model->alias == '\0')
    {
      weir_config_report (self->notices, FALSE, item->start,
                          "alias left out: it needs both name and alias");
      return;
    }
  if (g_ascii_strcasecmp (model->name, model->alias) == 0)
    {
      weir_config_report (self->notices, FALSE, item->start,
                          "alias left out: name and alias are the same");
      return;
    }
  lower = g_ascii_strdown (model->alias, -1);
  first = g_hash_table_lookup (seen, lower);
  if (first != NULL)
    {
      weir_config_report (self->notices, FALSE, item->start,
                          "alias left out: the one in line %u has the same name",
                          first->start.line);
      return;
    }
  g_hash_table_insert (seen, g_steal_pointer (&lower), (gpointer)item);
  g_ptr_array_add (models, g_steal_pointer (&owned));
}

void
weir_config_read_aliases (WeirConfigReader *self,
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
      WeirConfigModel *model = NULL;

      if (item->kind != WEIR_CONFIG_NODE_MAP)
        {
          weir_config_report (self->notices, TRUE, item->start,
                              "an item of %s must be a map with name and alias", key->path);
          continue;
        }
      model = g_new0 (WeirConfigModel, 1);
      weir_config_reader_read_map (self, item, WEIR_CONFIG_IN_ALIAS, model);
      add_alias (self, item, model, seen, *(GPtrArray **)field);
    }
}

static WeirConfigChannel *
ensure_channel (GPtrArray *channels, const char *name)
{
  for (unsigned i = 0; i < channels->len; i++)
    {
      WeirConfigChannel *channel = g_ptr_array_index (channels, i);

      if (strcmp (channel->name, name) == 0)
        return channel;
    }
  g_ptr_array_add (channels, weir_config_channel_new (name));
  return g_ptr_array_index (channels, channels->len - 1);
}

/* What a channel gets is the row of the same name in WEIR_CONFIG_IN_CHANNEL. */
void
weir_config_read_channels (WeirConfigReader *self,
                           const WeirConfigKey *key,
                           const WeirConfigNode *value,
                           void *field)
{
  const WeirConfigKey *inner = weir_config_table_lookup (key->inside, key->path);

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_MAP))
    return;
  for (unsigned i = 0; i + 1 < value->children->len; i += 2)
    {
      WeirSlice text = weir_config_node_get_text (g_ptr_array_index (value->children, i));
      const WeirConfigNode *list = g_ptr_array_index (value->children, i + 1);
      g_autofree char *name
          = g_ascii_strdown (text.length > 0 ? text.text : "", (gssize)text.length);

      if (*name != '\0' && !weir_config_node_is_null (list))
        weir_config_reader_read_value (self, inner, list,
                                       ensure_channel (*(GPtrArray **)field, name));
    }
}
