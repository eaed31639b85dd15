/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rules as they are built.  When they hold: weir-payload-apply.c; what they do to a
 * body: weir-payload-body.c and -tools.c. */

#include "config.h"

#include "providers/weir-payload-private.h"

#include "base/weir-error.h"

static const char *const section_names[] = {
  "default", "default-raw", "override", "override-raw", "filter", "drop-tools",
};

G_STATIC_ASSERT (G_N_ELEMENTS (section_names) == WEIR_PAYLOAD_SECTION_LAST);

const char *
weir_payload_section_get_name (WeirPayloadSection section)
{
  g_return_val_if_fail (section < WEIR_PAYLOAD_SECTION_LAST, NULL);

  return section_names[section];
}

static void
free_header (gpointer data)
{
  WeirPayloadHeader *self = data;

  g_free (self->name);
  g_free (self->glob);
  g_free (self);
}

static void
free_check (gpointer data)
{
  WeirPayloadCheck *self = data;

  weir_json_path_free (self->path);
  weir_json_value_clear (&self->value);
  g_free (self);
}

static void
free_value (gpointer data)
{
  WeirPayloadValue *self = data;

  g_free (self->text);
  weir_json_path_free (self->path);
  g_free (self->json);
  g_free (self);
}

static void
free_model (gpointer data)
{
  WeirPayloadModel *self = data;

  g_free (self->name);
  g_free (self->protocol);
  g_free (self->from_protocol);
  g_ptr_array_unref (self->headers);
  g_ptr_array_unref (self->checks);
  g_free (self);
}

WeirPayloadRule *
weir_payload_rule_new (WeirPayloadSection section)
{
  WeirPayloadRule *self = g_new0 (WeirPayloadRule, 1);

  self->section = section;
  self->models = g_ptr_array_new_with_free_func (free_model);
  self->values = g_ptr_array_new_with_free_func (free_value);
  return self;
}

void
weir_payload_rule_free (WeirPayloadRule *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->models);
  g_ptr_array_unref (self->values);
  g_free (self);
}

/* (transfer full) (nullable) */
static WeirJsonPath *
read_path (const char *text, GError **error)
{
  g_autoptr (GError) reason = NULL;
  WeirJsonPath *path = weir_json_path_new (text, &reason);

  if (path == NULL)
    weir_error_set (error, WEIR_ERROR_CONFIG, "`%s`: %s", text, reason->message);
  return path;
}

static gboolean
is_json (const char *path, WeirSlice json, GError **error)
{
  static const WeirJsonLimits limits = { .max_depth = 64 };
  g_auto (WeirJson) table = { 0 };
  g_autoptr (GError) reason = NULL;

  if (weir_json_parse (&table, json.text, json.length, &limits, &reason))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_CONFIG, "the value of `%s` is no JSON: %s", path,
                         reason->message);
}

/* (transfer none): a new value, or NULL when there are too many. */
static WeirPayloadValue *
add_value (WeirPayloadRule *self, const char *text, GError **error)
{
  WeirPayloadValue *value;

  if (self->values->len == WEIR_PAYLOAD_VALUES_MAX)
    {
      weir_error_set (error, WEIR_ERROR_CONFIG, "more than %u paths in one rule",
                      WEIR_PAYLOAD_VALUES_MAX);
      return NULL;
    }
  value = g_new0 (WeirPayloadValue, 1);
  value->text = g_strdup (text);
  g_ptr_array_add (self->values, value);
  return value;
}

gboolean
weir_payload_rule_add_value (WeirPayloadRule *self,
                             const char *path,
                             WeirSlice json,
                             GError **error)
{
  g_autoptr (WeirJsonPath) read = read_path (path, error);
  WeirPayloadValue *value;

  g_return_val_if_fail (self->section < WEIR_PAYLOAD_FILTER, FALSE);

  if (read == NULL || !is_json (path, json, error))
    return FALSE;
  value = add_value (self, path, error);
  if (value == NULL)
    return FALSE;
  value->path = g_steal_pointer (&read);
  value->json = weir_slice_dup (json);
  value->json_length = json.length;
  return TRUE;
}

gboolean
weir_payload_rule_add_path (WeirPayloadRule *self, const char *path, GError **error)
{
  g_autoptr (WeirJsonPath) read = NULL;
  WeirPayloadValue *value;

  g_return_val_if_fail (self->section >= WEIR_PAYLOAD_FILTER, FALSE);

  if (self->section == WEIR_PAYLOAD_FILTER)
    {
      read = read_path (path, error);
      if (read == NULL)
        return FALSE;
    }
  else if (*path == '\0')
    return weir_error_set (error, WEIR_ERROR_CONFIG, "the name of a tool is empty");
  value = add_value (self, path, error);
  if (value == NULL)
    return FALSE;
  value->path = g_steal_pointer (&read);
  return TRUE;
}

/* (transfer full) (nullable): the name that is used here of a protocol of many names. */
static char *
dup_protocol (const char *name)
{
  if (name == NULL || *name == '\0')
    return NULL;
  if (g_ascii_strcasecmp (name, "responses") == 0
      || g_ascii_strcasecmp (name, "openai-responses") == 0)
    return g_strdup ("openai-response");
  return g_strdup (name);
}

WeirPayloadModel *
weir_payload_rule_add_model (WeirPayloadRule *self, const char *name, const char *protocol)
{
  WeirPayloadModel *model = g_new0 (WeirPayloadModel, 1);

  model->name = g_strdup (name);
  model->protocol = dup_protocol (protocol);
  model->headers = g_ptr_array_new_with_free_func (free_header);
  model->checks = g_ptr_array_new_with_free_func (free_check);
  g_ptr_array_add (self->models, model);
  return model;
}

void
weir_payload_model_set_from_protocol (WeirPayloadModel *self, const char *protocol)
{
  g_free (self->from_protocol);
  self->from_protocol = dup_protocol (protocol);
}

void
weir_payload_model_add_header (WeirPayloadModel *self, const char *name, const char *glob)
{
  WeirPayloadHeader *header = g_new0 (WeirPayloadHeader, 1);

  header->name = g_strdup (name);
  header->glob = g_strdup (glob);
  g_ptr_array_add (self->headers, header);
}

gboolean
weir_payload_model_add_test (WeirPayloadModel *self,
                             WeirPayloadTest test,
                             const char *path,
                             WeirSlice json,
                             GError **error)
{
  const gboolean compares
      = test == WEIR_PAYLOAD_TEST_MATCH || test == WEIR_PAYLOAD_TEST_NOT_MATCH;
  g_autoptr (WeirJsonPath) read = read_path (path, error);
  WeirPayloadCheck *check;
  WeirJsonValue value = { 0 };

  if (read == NULL || (compares && !is_json (path, json, error)))
    return FALSE;
  if (compares && !weir_json_value_init (&value, json, error))
    {
      weir_json_value_clear (&value);
      return FALSE;
    }
  check = g_new0 (WeirPayloadCheck, 1);
  check->kind = test;
  check->path = g_steal_pointer (&read);
  check->value = value;
  g_ptr_array_add (self->checks, check);
  return TRUE;
}

WeirPayload *
weir_payload_new (void)
{
  WeirPayload *self = g_atomic_rc_box_new0 (WeirPayload);

  self->rules = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_payload_rule_free);
  return self;
}

WeirPayload *
weir_payload_ref (WeirPayload *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_payload (gpointer data)
{
  WeirPayload *self = data;

  g_ptr_array_unref (self->rules);
}

void
weir_payload_unref (WeirPayload *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, clear_payload);
}

gboolean
weir_payload_add_rule (WeirPayload *self, WeirPayloadRule *rule, GError **error)
{
  if (self->rules->len == WEIR_PAYLOAD_RULES_MAX)
    {
      weir_payload_rule_free (rule);
      return weir_error_set (error, WEIR_ERROR_CONFIG, "more than %u rules",
                             WEIR_PAYLOAD_RULES_MAX);
    }
  g_ptr_array_add (self->rules, rule);
  return TRUE;
}

gboolean
weir_payload_is_empty (const WeirPayload *self)
{
  return self->rules->len == 0;
}
