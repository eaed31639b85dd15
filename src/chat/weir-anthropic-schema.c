/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON Schemas of other dialects' requests as Anthropic Messages takes them (tool use and
 * structured outputs guides, read 2026-10).  Everything but what is refused stays as it
 * came.
 *
 * Of an answer every object must forbid further members, and lengths, ranges and counts are
 * refused; a number under such a name can be nothing else: a property that is so called has
 * a schema as its value. */

#include "config.h"

#include "base/weir-json-edit.h"
#include "chat/weir-anthropic-writer.h"

#define NO_ARGUMENTS "{\"type\":\"object\",\"properties\":{}}"

static const char *const choices[] = { "anyOf", "oneOf", "allOf" };

static const char *const limits[] = {
  "minimum",    "maximum",       "exclusiveMinimum", "exclusiveMaximum",
  "multipleOf", "minLength",     "maxLength",        "minItems",
  "maxItems",   "minProperties", "maxProperties",
};

static gboolean
is_type_object (const WeirJson *json, uint32_t schema)
{
  const uint32_t type = weir_json_lookup (json, schema, "type");

  if (type == 0)
    return FALSE;
  if (weir_json_get_type (json, type) == WEIR_JSON_STRING)
    return weir_json_equals (json, type, "object");
  if (weir_json_get_type (json, type) != WEIR_JSON_ARRAY)
    return FALSE;
  for (uint32_t i = weir_json_first (json, type); i != 0;
       i = weir_json_next (json, type, i))
    if (weir_json_get_type (json, i) == WEIR_JSON_STRING
        && weir_json_equals (json, i, "object"))
      return TRUE;
  return FALSE;
}

static WeirSlice
apply (const WeirJsonEdit *edit, WeirSlice schema, GBytes **edited)
{
  WeirSlice result = schema;

  if (weir_json_edit_is_empty (edit))
    return schema;
  *edited = weir_json_edit_apply (edit, schema);
  result.text = g_bytes_get_data (*edited, &result.length);
  return result;
}

WeirSlice
weir_anthropic_fit_arguments (WeirSlice schema, GBytes **edited, gboolean *lost)
{
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  uint32_t type;

  if (schema.length == 0 || !weir_json_parse (&json, schema.text, schema.length, NULL, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return WEIR_SLICE (NO_ARGUMENTS);
  for (size_t i = 0; i < G_N_ELEMENTS (choices); i++)
    if (weir_json_lookup (&json, 0, choices[i]) != 0)
      {
        *lost = TRUE;
        weir_json_edit_remove (&edit, &json, 0, choices[i]);
      }
  type = weir_json_lookup (&json, 0, "type");
  if (type == 0 || weir_json_get_type (&json, type) != WEIR_JSON_STRING
      || !weir_json_equals (&json, type, "object"))
    weir_json_edit_set (&edit, &json, 0, "type", WEIR_SLICE ("\"object\""));
  return apply (&edit, schema, edited);
}

static void
close_object (WeirJsonEdit *edit, const WeirJson *json, uint32_t object, gboolean *lost)
{
  const uint32_t open = weir_json_lookup (json, object, "additionalProperties");

  if (!is_type_object (json, object)
      || (open != 0 && weir_json_get_type (json, open) == WEIR_JSON_FALSE))
    return;
  if (open != 0 && weir_json_get_type (json, open) == WEIR_JSON_OBJECT)
    *lost = TRUE;
  weir_json_edit_set (edit, json, object, "additionalProperties", WEIR_SLICE ("false"));
}

static void
remove_limits (WeirJsonEdit *edit, const WeirJson *json, uint32_t object, gboolean *lost)
{
  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      const uint32_t limit = weir_json_lookup (json, object, limits[i]);

      if (limit == 0 || weir_json_get_type (json, limit) != WEIR_JSON_NUMBER)
        continue;
      *lost = TRUE;
      weir_json_edit_remove (edit, json, object, limits[i]);
    }
}

WeirSlice
weir_anthropic_fit_answer (WeirSlice schema, GBytes **edited, gboolean *lost)
{
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };

  if (!weir_json_parse (&json, schema.text, schema.length, NULL, NULL))
    return schema;
  for (uint32_t i = 0; i < json.n_items; i++)
    if (weir_json_get_type (&json, i) == WEIR_JSON_OBJECT)
      {
        close_object (&edit, &json, i, lost);
        remove_limits (&edit, &json, i, lost);
      }
  return apply (&edit, schema, edited);
}
