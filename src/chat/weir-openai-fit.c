/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Schemas of functions as OpenAI takes them (function calling guide, read 2026-10). */

#include "config.h"

#include "chat/weir-openai-fit.h"

#include "base/weir-json-edit.h"

#define NO_ARGUMENTS "{\"type\":\"object\",\"properties\":{}}"

/* Refused at the top of a function's schema. */
static const char *const alternatives[] = { "anyOf", "oneOf", "allOf", "enum", "not" };

static void
fit_type (WeirJsonEdit *edit, const WeirJson *json)
{
  const uint32_t type = weir_json_lookup (json, 0, "type");
  const uint32_t properties = weir_json_lookup (json, 0, "properties");

  if (type == 0 || weir_json_get_type (json, type) != WEIR_JSON_STRING
      || !weir_json_equals (json, type, "object"))
    weir_json_edit_set (edit, json, 0, "type", WEIR_SLICE ("\"object\""));
  if (properties == 0 || weir_json_get_type (json, properties) != WEIR_JSON_OBJECT)
    weir_json_edit_set (edit, json, 0, "properties", WEIR_SLICE ("{}"));
}

WeirSlice
weir_openai_fit_arguments (WeirSlice schema, GBytes **edited, gboolean *lost)
{
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  WeirSlice fitted;

  if (schema.length == 0 || !weir_json_parse (&json, schema.text, schema.length, NULL, NULL)
      || weir_json_get_type (&json, 0) != WEIR_JSON_OBJECT)
    return WEIR_SLICE (NO_ARGUMENTS);
  for (size_t i = 0; i < G_N_ELEMENTS (alternatives); i++)
    if (weir_json_lookup (&json, 0, alternatives[i]) != 0)
      {
        *lost = TRUE;
        weir_json_edit_remove (&edit, &json, 0, alternatives[i]);
      }
  fit_type (&edit, &json);
  if (weir_json_edit_is_empty (&edit))
    return schema;
  *edited = weir_json_edit_apply (&edit, schema);
  fitted.text = g_bytes_get_data (*edited, &fitted.length);
  return fitted;
}
