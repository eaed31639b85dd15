/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rules as they are built.  What they do to a body: weir-payload-apply.c. */

#include "config.h"

#include "providers/weir-payload-private.h"

#include "base/weir-error.h"

static const char *const section_names[] = {
  "default", "default-raw", "override", "override-raw", "filter", "drop-tools",
};

G_STATIC_ASSERT (G_N_ELEMENTS (section_names) == WEIR_PAYLOAD_SECTION_LAST);

gboolean
weir_payload_section_from_name (const char *name, WeirPayloadSection *out_section)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (section_names); i++)
    if (strcmp (name, section_names[i]) == 0)
      {
        *out_section = (WeirPayloadSection)i;
        return TRUE;
      }
  return FALSE;
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
free_value (gpointer data)
{
  WeirPayloadValue *self = data;

  g_free (self->path);
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
  g_ptr_array_unref (self->tests);
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

static WeirPayloadValue *
new_value (const char *path, WeirSlice json)
{
  WeirPayloadValue *value = g_new0 (WeirPayloadValue, 1);

  value->path = g_strdup (path);
  value->json = weir_slice_dup (json);
  value->json_length = json.length;
  return value;
}

gboolean
weir_payload_rule_add_value (WeirPayloadRule *self,
                             const char *path,
                             WeirSlice json,
                             GError **error)
{
  g_ptr_array_add (self->values, new_value (path, json));
  return TRUE;
}

gboolean
weir_payload_rule_add_path (WeirPayloadRule *self, const char *path, GError **error)
{
  g_ptr_array_add (self->values, new_value (path, (WeirSlice){ 0 }));
  return TRUE;
}

WeirPayloadModel *
weir_payload_rule_add_model (WeirPayloadRule *self, const char *name, const char *protocol)
{
  WeirPayloadModel *model = g_new0 (WeirPayloadModel, 1);

  model->name = g_strdup (name);
  model->protocol = g_strdup (protocol);
  model->headers = g_ptr_array_new_with_free_func (free_header);
  model->tests = g_ptr_array_new_with_free_func (free_value);
  g_ptr_array_add (self->models, model);
  return model;
}

void
weir_payload_model_set_from_protocol (WeirPayloadModel *self, const char *protocol)
{
  g_free (self->from_protocol);
  self->from_protocol = g_strdup (protocol);
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
  WeirPayloadValue *value = new_value (path, json);

  value->test = test;
  g_ptr_array_add (self->tests, value);
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
