/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which rules hold for a request, and in which order they are applied. */

#include "config.h"

#include "providers/weir-payload-private.h"

#include "base/weir-error.h"

typedef struct
{
  const WeirPayload *const *sets; /* members nullable */
  unsigned n_sets;
  const WeirPayloadContext *context;
  WeirSlice original_text;
  WeirPayloadBody original; /* read when the first default asks */
  gboolean original_is_read;
  WeirPayloadBody body;
  GHashTable *failed; /* (owned) rules whose checks of the body do not hold */
  GHashTable *done;   /* (owned) paths of defaults that were applied */
} Applying;

static void
clear_applying (Applying *self)
{
  weir_payload_body_clear (&self->original);
  weir_payload_body_clear (&self->body);
  g_clear_pointer (&self->failed, g_hash_table_unref);
  g_clear_pointer (&self->done, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Applying, clear_applying)

/* `*` stands for any run; case counts.  Linear: only the last star is gone back to. */
static gboolean
matches_glob (const char *glob, WeirSlice text)
{
  const char *star = NULL;
  size_t at = 0;
  size_t star_at = 0;

  while (at < text.length)
    {
      if (*glob == '*')
        {
          star = ++glob;
          star_at = at;
        }
      else if (*glob != '\0' && *glob == text.text[at])
        {
          glob++;
          at++;
        }
      else if (star != NULL)
        {
          glob = star;
          at = ++star_at;
        }
      else
        return FALSE;
    }
  while (*glob == '*')
    glob++;
  return *glob == '\0';
}

static gboolean
is_called (const char *glob, const char *name)
{
  return name != NULL && matches_glob (glob, weir_slice_from_string (name));
}

/* @wanted (nullable): any. */
static gboolean
is_protocol (const char *wanted, const char *protocol)
{
  return wanted == NULL || (protocol != NULL && g_ascii_strcasecmp (wanted, protocol) == 0);
}

static gboolean
has_headers (const GPtrArray *headers, const WeirPayloadContext *context)
{
  for (unsigned i = 0; i < headers->len; i++)
    {
      const WeirPayloadHeader *header = g_ptr_array_index (headers, i);
      WeirSlice value;

      if (context->lookup_header == NULL
          || !context->lookup_header (context->lookup_data, header->name, &value)
          || !matches_glob (header->glob, value))
        return FALSE;
    }
  return TRUE;
}

/* All that can be said of an entry without its body. */
static gboolean
is_meant (const WeirPayloadModel *model, const WeirPayloadContext *context)
{
  return (is_called (model->name, context->upstream_model)
          || is_called (model->name, context->requested_base)
          || is_called (model->name, context->requested_model))
         && is_protocol (model->protocol, context->protocol)
         && is_protocol (model->from_protocol, context->from_protocol)
         && has_headers (model->headers, context);
}

static gboolean
is_rule_meant (const WeirPayloadRule *rule, const WeirPayloadContext *context)
{
  for (unsigned i = 0; i < rule->models->len; i++)
    if (is_meant (g_ptr_array_index (rule->models, i), context))
      return TRUE;
  return rule->models->len == 0;
}

static gboolean
does_check_hold (const WeirPayloadCheck *check, const WeirPayloadBody *body)
{
  const WeirJson *json = &body->json;
  uint32_t root;
  uint32_t item = 0;

  if (weir_payload_body_get_root (body, &root))
    item = weir_json_path_lookup (check->path, json, root);
  switch (check->kind)
    {
    case WEIR_PAYLOAD_TEST_MATCH:
      return item != 0 && weir_json_value_equals (&check->value, json, item);
    case WEIR_PAYLOAD_TEST_NOT_MATCH:
      return item == 0 || !weir_json_value_equals (&check->value, json, item);
    case WEIR_PAYLOAD_TEST_EXIST:
      return item != 0;
    case WEIR_PAYLOAD_TEST_NOT_EXIST:
      return item == 0;
    }
  return FALSE;
}

static gboolean
do_checks_hold (const GPtrArray *checks, const WeirPayloadBody *body)
{
  for (unsigned i = 0; i < checks->len; i++)
    if (!does_check_hold (g_ptr_array_index (checks, i), body))
      return FALSE;
  return TRUE;
}

/* The body is as it came. */
static gboolean
is_rule_checked (const WeirPayloadRule *rule,
                 const WeirPayloadContext *context,
                 const WeirPayloadBody *body)
{
  for (unsigned i = 0; i < rule->models->len; i++)
    {
      const WeirPayloadModel *model = g_ptr_array_index (rule->models, i);

      if (is_meant (model, context) && do_checks_hold (model->checks, body))
        return TRUE;
    }
  return rule->models->len == 0;
}

static gboolean
is_any_meant (const Applying *self)
{
  for (unsigned s = 0; s < self->n_sets; s++)
    for (unsigned i = 0; self->sets[s] != NULL && i < self->sets[s]->rules->len; i++)
      if (is_rule_meant (g_ptr_array_index (self->sets[s]->rules, i), self->context))
        return TRUE;
  return self->context->drop_tools != NULL && self->context->drop_tools[0] != NULL;
}

/* Conditions are those of the body before any rule: later on nothing depends on them. */
static void
collect_failed (Applying *self)
{
  self->failed = g_hash_table_new (NULL, NULL);
  for (unsigned s = 0; s < self->n_sets; s++)
    for (unsigned i = 0; self->sets[s] != NULL && i < self->sets[s]->rules->len; i++)
      {
        WeirPayloadRule *rule = g_ptr_array_index (self->sets[s]->rules, i);

        if (!is_rule_checked (rule, self->context, &self->body))
          g_hash_table_add (self->failed, rule);
      }
}

/* *out_has: the original has something at @path. */
static gboolean
look_at_original (Applying *self,
                  const WeirJsonPath *path,
                  gboolean *out_has,
                  GError **error)
{
  uint32_t root;

  if (!self->original_is_read
      && !weir_payload_body_init (&self->original, self->original_text, self->context->root,
                                  error))
    return FALSE;
  self->original_is_read = TRUE;
  /* the original may stand without the envelope */
  if (!weir_payload_body_get_root (&self->original, &root))
    root = 0;
  *out_has = weir_json_path_lookup (path, &self->original.json, root) != 0;
  return TRUE;
}

static gboolean
apply_default (Applying *self, const WeirPayloadValue *value, GError **error)
{
  gboolean has;

  if (g_hash_table_contains (self->done, value->text))
    return TRUE;
  if (!look_at_original (self, value->path, &has, error))
    return FALSE;
  if (has)
    return TRUE;
  g_hash_table_add (self->done, value->text);
  return weir_payload_body_set (&self->body, value->path,
                                (WeirSlice){ value->json, value->json_length }, error);
}

static gboolean
apply_value (Applying *self,
             WeirPayloadSection section,
             const WeirPayloadValue *value,
             GError **error)
{
  switch (section)
    {
    case WEIR_PAYLOAD_DEFAULT:
    case WEIR_PAYLOAD_DEFAULT_RAW:
      return apply_default (self, value, error);
    case WEIR_PAYLOAD_OVERRIDE:
    case WEIR_PAYLOAD_OVERRIDE_RAW:
      return weir_payload_body_set (&self->body, value->path,
                                    (WeirSlice){ value->json, value->json_length }, error);
    case WEIR_PAYLOAD_FILTER:
      return weir_payload_body_remove (&self->body, value->path, error);
    case WEIR_PAYLOAD_DROP_TOOLS:
    case WEIR_PAYLOAD_SECTION_LAST:
      break;
    }
  return TRUE;
}

/* One section of one set. */
static gboolean
apply_section (Applying *self, unsigned set, WeirPayloadSection section, GError **error)
{
  const GPtrArray *rules = self->sets[set] != NULL ? self->sets[set]->rules : NULL;

  for (unsigned i = 0; rules != NULL && i < rules->len; i++)
    {
      const WeirPayloadRule *rule = g_ptr_array_index (rules, i);

      if (rule->section != section || g_hash_table_contains (self->failed, rule))
        continue;
      for (unsigned k = 0; k < rule->values->len; k++)
        if (!apply_value (self, section, g_ptr_array_index (rule->values, k), error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
drop_tools (Applying *self, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (char **name = self->context->drop_tools; name != NULL && *name != NULL; name++)
    if (**name != '\0')
      g_ptr_array_add (names, *name);
  for (unsigned s = 0; s < self->n_sets; s++)
    for (unsigned i = 0; self->sets[s] != NULL && i < self->sets[s]->rules->len; i++)
      {
        const WeirPayloadRule *rule = g_ptr_array_index (self->sets[s]->rules, i);

        if (rule->section != WEIR_PAYLOAD_DROP_TOOLS
            || g_hash_table_contains (self->failed, rule))
          continue;
        for (unsigned k = 0; k < rule->values->len; k++)
          g_ptr_array_add (names,
                           ((WeirPayloadValue *)g_ptr_array_index (rule->values, k))->text);
      }
  return names->len == 0 || weir_payload_body_drop_tools (&self->body, names, error);
}

static gboolean
apply_all (Applying *self, GError **error)
{
  for (unsigned s = 0; s < self->n_sets; s++)
    if (!apply_section (self, s, WEIR_PAYLOAD_DEFAULT, error)
        || !apply_section (self, s, WEIR_PAYLOAD_DEFAULT_RAW, error))
      return FALSE;
  for (unsigned s = self->n_sets; s-- > 0;)
    if (!apply_section (self, s, WEIR_PAYLOAD_OVERRIDE, error)
        || !apply_section (self, s, WEIR_PAYLOAD_OVERRIDE_RAW, error))
      return FALSE;
  for (unsigned s = 0; s < self->n_sets; s++)
    if (!apply_section (self, s, WEIR_PAYLOAD_FILTER, error))
      return FALSE;
  return drop_tools (self, error);
}

gboolean
weir_payload_apply (const WeirPayload *const *sets,
                    unsigned n_sets,
                    const WeirPayloadContext *context,
                    WeirSlice original,
                    WeirSlice body,
                    GBytes **out_body,
                    GError **error)
{
  g_auto (Applying) self
      = { .sets = sets, .n_sets = n_sets, .context = context, .original_text = original };

  *out_body = NULL;
  if (!is_any_meant (&self))
    return TRUE;
  if (!weir_payload_body_init (&self.body, body, context->root, error))
    return FALSE;
  self.done = g_hash_table_new (g_str_hash, g_str_equal);
  collect_failed (&self);
  return apply_all (&self, error) && weir_payload_body_finish (&self.body, out_body, error);
}
