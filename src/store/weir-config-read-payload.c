/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `payload`: rules about request bodies.  A rule that cannot be kept is left out with a
 * notice, as CLIProxyAPI does (its source of 7.2, read 2026-08): the others still hold. */

#include "config.h"

#include "store/weir-config-read.h"

#include "store/weir-config-json.h"
#include "store/weir-config-private.h"

typedef struct
{
  WeirConfigReader *reader; /* (unowned) */
  WeirPayload *payload;     /* (unowned) */
  gboolean is_row;          /* of a row of passthru: its rules need no models */
  WeirPayloadSection section;
  WeirPayloadRule *rule;      /* (owned) (nullable): the one being made */
  const WeirConfigNode *item; /* (unowned) it */
} Making;

/* Consumes @error.  The rule being made is given up. */
static void
leave_out (Making *self, const WeirConfigNode *at, GError *error)
{
  weir_config_report (self->reader->notices, FALSE, at->start,
                      "rule of payload.%s left out: %s",
                      weir_payload_section_get_name (self->section), error->message);
  g_clear_error (&error);
  g_clear_pointer (&self->rule, weir_payload_rule_free);
}

G_GNUC_PRINTF (3, 4)
static void
leave_out_because (Making *self, const WeirConfigNode *at, const char *format, ...)
{
  GError *error = NULL;
  va_list arguments;

  va_start (arguments, format);
  error = g_error_new_valist (WEIR_ERROR, WEIR_ERROR_CONFIG, format, arguments);
  va_end (arguments);
  leave_out (self, at, error);
}

static void
add_value (Making *self, const WeirConfigNode *path_node, const WeirConfigNode *value)
{
  g_autofree char *path = weir_slice_dup (weir_config_node_get_text (path_node));
  g_autoptr (GString) json = g_string_new (NULL);
  gboolean is_raw = self->section == WEIR_PAYLOAD_DEFAULT_RAW
                    || self->section == WEIR_PAYLOAD_OVERRIDE_RAW;
  GError *error = NULL;

  if (is_raw && value->kind == WEIR_CONFIG_NODE_SCALAR)
    g_string_append_len (json, value->text, (gssize)value->length);
  else
    weir_config_node_write_json (value, json);
  if (!weir_payload_rule_add_value (self->rule, path, (WeirSlice){ json->str, json->len },
                                    &error))
    leave_out (self, value, error);
}

static void
add_path (Making *self, const WeirConfigNode *node)
{
  g_autofree char *path = weir_slice_dup (weir_config_node_get_text (node));
  GError *error = NULL;

  if (node->kind != WEIR_CONFIG_NODE_SCALAR || *path == '\0')
    leave_out_because (self, node, "its params must be a list of %s",
                       self->section == WEIR_PAYLOAD_FILTER ? "paths" : "tool names");
  else if (!weir_payload_rule_add_path (self->rule, path, &error))
    leave_out (self, node, error);
}

/* @params: a map of values, or a list of paths or names. */
static void
add_params (Making *self, const WeirConfigNode *params)
{
  gboolean takes_list
      = self->section == WEIR_PAYLOAD_FILTER || self->section == WEIR_PAYLOAD_DROP_TOOLS;
  unsigned step = takes_list ? 1 : 2;

  if (params == NULL || weir_config_node_is_null (params))
    {
      leave_out_because (self, self->item, "it has no params");
      return;
    }
  if (params->kind != (takes_list ? WEIR_CONFIG_NODE_LIST : WEIR_CONFIG_NODE_MAP))
    {
      leave_out_because (self, params, "its params must be a %s",
                         takes_list ? "list" : "map of path: value");
      return;
    }
  for (unsigned i = 0; self->rule != NULL && i + step <= params->children->len; i += step)
    if (takes_list)
      add_path (self, g_ptr_array_index (params->children, i));
    else
      add_value (self, g_ptr_array_index (params->children, i),
                 g_ptr_array_index (params->children, i + 1));
}

static void
add_test (Making *self,
          WeirPayloadModel *model,
          WeirPayloadTest test,
          const WeirConfigNode *path_node,
          const WeirConfigNode *value)
{
  g_autofree char *path = weir_slice_dup (weir_config_node_get_text (path_node));
  g_autoptr (GString) json = g_string_new (NULL);
  GError *error = NULL;

  if (value != NULL)
    weir_config_node_write_json (value, json);
  if (!weir_payload_model_add_test (model, test, path, (WeirSlice){ json->str, json->len },
                                    &error))
    leave_out (self, path_node, error);
}

/* @node: a list of maps or one map for a test of values; else a list of paths or one. */
static void
add_tests (Making *self,
           WeirPayloadModel *model,
           WeirPayloadTest test,
           const WeirConfigNode *node)
{
  gboolean has_values
      = test == WEIR_PAYLOAD_TEST_MATCH || test == WEIR_PAYLOAD_TEST_NOT_MATCH;
  WeirConfigNodeKind kind = has_values ? WEIR_CONFIG_NODE_MAP : WEIR_CONFIG_NODE_SCALAR;

  if (node->kind == WEIR_CONFIG_NODE_LIST)
    {
      for (unsigned i = 0; self->rule != NULL && i < node->children->len; i++)
        {
          const WeirConfigNode *item = g_ptr_array_index (node->children, i);

          if (item->kind != kind)
            leave_out_because (self, item, "its tests must be %s",
                               has_values ? "maps of path: value" : "paths");
          else
            add_tests (self, model, test, item);
        }
      return;
    }
  if (node->kind != kind)
    leave_out_because (self, node, "its tests must be a list");
  else if (!has_values)
    add_test (self, model, test, node, NULL);
  else
    for (unsigned i = 0; self->rule != NULL && i + 1 < node->children->len; i += 2)
      add_test (self, model, test, g_ptr_array_index (node->children, i),
                g_ptr_array_index (node->children, i + 1));
}

static void
add_headers (Making *self, WeirPayloadModel *model, const WeirConfigNode *node)
{
  if (node->kind != WEIR_CONFIG_NODE_MAP)
    {
      leave_out_because (self, node, "its headers must be a map of name: text");
      return;
    }
  for (unsigned i = 0; i + 1 < node->children->len; i += 2)
    {
      g_autofree char *name = weir_slice_dup (
          weir_config_node_get_text (g_ptr_array_index (node->children, i)));
      g_autofree char *glob = weir_slice_dup (
          weir_config_node_get_text (g_ptr_array_index (node->children, i + 1)));

      weir_payload_model_add_header (model, name, glob);
    }
}

static void
model_draft_clear (WeirConfigPayloadModelDraft *self)
{
  g_free (self->name);
  g_free (self->protocol);
  g_free (self->from_protocol);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirConfigPayloadModelDraft, model_draft_clear)

static void
add_model (Making *self, const WeirConfigNode *node)
{
  g_auto (WeirConfigPayloadModelDraft) draft = { 0 };
  WeirPayloadModel *model = NULL;

  if (node->kind != WEIR_CONFIG_NODE_MAP)
    {
      leave_out_because (self, node, "an item of its models must be a map with name");
      return;
    }
  weir_config_reader_read_map (self->reader, node, WEIR_CONFIG_IN_PAYLOAD_MODEL, &draft);
  if (draft.name == NULL || *draft.name == '\0')
    {
      leave_out_because (self, node, "an item of its models has no name; * is every model");
      return;
    }
  model = weir_payload_rule_add_model (self->rule, draft.name, draft.protocol);
  if (draft.from_protocol != NULL && *draft.from_protocol != '\0')
    weir_payload_model_set_from_protocol (model, draft.from_protocol);
  if (draft.headers != NULL)
    add_headers (self, model, draft.headers);
  for (unsigned i = 0; self->rule != NULL && i < G_N_ELEMENTS (draft.tests); i++)
    if (draft.tests[i] != NULL)
      add_tests (self, model, (WeirPayloadTest)i, draft.tests[i]);
}

static void
add_models (Making *self, const WeirConfigNode *models)
{
  if (models == NULL && self->is_row)
    return;
  if (models == NULL || models->kind != WEIR_CONFIG_NODE_LIST || models->children->len == 0)
    {
      leave_out_because (self, self->item,
                         "it has no list of models; [{name: \"*\"}] is every model");
      return;
    }
  for (unsigned i = 0; self->rule != NULL && i < models->children->len; i++)
    add_model (self, g_ptr_array_index (models->children, i));
}

static void
begin_rule (Making *self, const WeirConfigNode *item)
{
  self->rule = weir_payload_rule_new (self->section);
  self->item = item;
}

static void
end_rule (Making *self)
{
  GError *error = NULL;

  if (self->rule != NULL
      && !weir_payload_add_rule (self->payload, g_steal_pointer (&self->rule), &error))
    leave_out (self, self->item, error);
}

static void
read_rule (Making *self, const WeirConfigNode *item)
{
  WeirConfigPayloadRuleDraft draft = { 0 };

  begin_rule (self, item);
  if (item->kind == WEIR_CONFIG_NODE_MAP)
    {
      weir_config_reader_read_map (self->reader, item, WEIR_CONFIG_IN_PAYLOAD_RULE, &draft);
      add_models (self, draft.models);
      if (self->rule != NULL)
        add_params (self, draft.params);
    }
  else if (self->section == WEIR_PAYLOAD_DROP_TOOLS || self->is_row)
    add_path (self, item);
  else
    leave_out_because (self, item, "it must be a map with models and params");
  end_rule (self);
}

/* A row of passthru may hold the params themselves. */
static void
read_section (Making *self, const WeirConfigNode *node)
{
  if (node->kind == WEIR_CONFIG_NODE_MAP && self->is_row)
    {
      begin_rule (self, node);
      add_params (self, node);
      end_rule (self);
    }
  else if (node->kind == WEIR_CONFIG_NODE_LIST)
    for (unsigned i = 0; i < node->children->len; i++)
      read_rule (self, g_ptr_array_index (node->children, i));
  else
    weir_config_report (self->reader->notices, TRUE, node->start,
                        "payload.%s must be a list (lines that begin with -)",
                        weir_payload_section_get_name (self->section));
}

void
weir_config_read_payload (WeirConfigReader *self,
                          const WeirConfigKey *key,
                          const WeirConfigNode *value,
                          void *field)
{
  WeirPayload **payload = field;
  WeirConfigPayloadDraft draft = { { NULL } };

  if (!weir_config_reader_check_kind (self, key, value, WEIR_CONFIG_NODE_MAP))
    return;
  weir_config_reader_read_map (self, value, WEIR_CONFIG_IN_PAYLOAD, &draft);
  if (*payload == NULL)
    *payload = weir_payload_new ();
  for (unsigned i = 0; i < G_N_ELEMENTS (draft.sections); i++)
    {
      Making making = { .reader = self,
                        .payload = *payload,
                        .is_row = self->list != NULL,
                        .section = (WeirPayloadSection)i };

      if (draft.sections[i] != NULL)
        read_section (&making, draft.sections[i]);
    }
}
