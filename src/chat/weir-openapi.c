/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Types of Gemini's schemas in lower case and limits as numbers (Gemini API reference,
 * "Schema", read 2026-10).  `nullable` stays as it is: what does not know it passes over
 * it. */

#include "config.h"

#include "chat/weir-openapi.h"

#include "base/weir-json.h"

/* clang-format off */
static const WeirSlice types[] = {
  { "\"STRING\"", 8 },
  { "\"NUMBER\"", 8 },
  { "\"INTEGER\"", 9 },
  { "\"BOOLEAN\"", 9 },
  { "\"ARRAY\"", 7 },
  { "\"OBJECT\"", 8 },
  { "\"NULL\"", 6 },
};

static const char *const limits[] = {
  "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties",
};

/* What stands in these is the user's data, no schema. */
static const char *const values[] = { "default", "example", "enum" };
/* clang-format on */

static gboolean
is_one_of (const WeirJson *json, uint32_t name, const char *const *words, size_t n_words)
{
  for (size_t i = 0; i < n_words; i++)
    if (weir_json_equals (json, name, words[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_type (WeirSlice text)
{
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (weir_slice_equal (text, types[i]))
      return TRUE;
  return FALSE;
}

/* Digits between quotes, and no 0 in front of more of them. */
static gboolean
is_quoted_number (WeirSlice text)
{
  if (text.length < 3 || (text.text[1] == '0' && text.length > 3))
    return FALSE;
  for (size_t i = 1; i + 1 < text.length; i++)
    if (!g_ascii_isdigit (text.text[i]))
      return FALSE;
  return TRUE;
}

/* Appends the string @value of the member @name as it is to be. */
static void
add_value (GString *out, const WeirJson *json, uint32_t name, WeirSlice value)
{
  if (weir_json_equals (json, name, "type") && is_type (value))
    for (size_t i = 0; i < value.length; i++)
      g_string_append_c (out, g_ascii_tolower (value.text[i]));
  else if (is_quoted_number (value)
           && is_one_of (json, name, limits, G_N_ELEMENTS (limits)))
    g_string_append_len (out, value.text + 1, (gssize)value.length - 2);
  else
    g_string_append_len (out, value.text, (gssize)value.length);
}

static void
convert (const WeirJson *json, GString *out)
{
  uint32_t done = 0;

  for (uint32_t i = 0; i < json->n_items;)
    {
      const WeirJsonItem *item = &json->items[i];

      if (item->type != WEIR_JSON_NAME)
        {
          i++;
          continue;
        }
      /* a property may be called as a word of schemas is: its value is then an object */
      if (is_one_of (json, i, values, G_N_ELEMENTS (values))
          && weir_json_get_type (json, i + 1) != WEIR_JSON_OBJECT)
        {
          i = json->items[i + 1].next;
          continue;
        }
      if (weir_json_get_type (json, i + 1) == WEIR_JSON_STRING)
        {
          const WeirJsonItem *value = &json->items[i + 1];

          g_string_append_len (out, json->text + done, (gssize)(value->start - done));
          add_value (out, json, i, weir_json_get_raw (json, i + 1));
          done = value->end;
        }
      i++;
    }
  g_string_append_len (out, json->text + done, (gssize)(json->length - done));
}

WeirSlice
weir_openapi_get_schema (WeirSlice schema, GString *scratch)
{
  g_auto (WeirJson) json = { 0 };

  if (!weir_json_parse (&json, schema.text, schema.length, NULL, NULL))
    return schema;
  g_string_truncate (scratch, 0);
  convert (&json, scratch);
  return (WeirSlice){ scratch->str, scratch->len };
}
