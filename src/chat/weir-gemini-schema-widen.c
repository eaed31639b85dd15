/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A Schema of Gemini's made JSON Schema: types in small letters, `nullable` as a type, and
 * whole numbers that may come as texts (they are int64 to the service) as numbers. */

#include "config.h"

#include "chat/weir-gemini-fields.h"
#include "chat/weir-gemini-schema.h"

#include "base/weir-json-write.h"

#define DEPTH_MAX 64

typedef enum
{
  MEMBER_COPIED,
  MEMBER_TYPE,
  MEMBER_DROPPED,
  MEMBER_NUMBER,
  MEMBER_SCHEMA,  /* one, or a list of them */
  MEMBER_SCHEMAS, /* an object of them by name */
} Member;

/* clang-format off */
static const struct
{
  const char *name;
  Member kind;
} members[] = {
  { "type",             MEMBER_TYPE },
  { "nullable",         MEMBER_DROPPED },
  { "propertyOrdering", MEMBER_DROPPED },
  { "example",          MEMBER_DROPPED },
  { "minItems",         MEMBER_NUMBER },
  { "maxItems",         MEMBER_NUMBER },
  { "minLength",        MEMBER_NUMBER },
  { "maxLength",        MEMBER_NUMBER },
  { "minProperties",    MEMBER_NUMBER },
  { "maxProperties",    MEMBER_NUMBER },
  { "items",            MEMBER_SCHEMA },
  { "anyOf",            MEMBER_SCHEMA },
  { "properties",       MEMBER_SCHEMAS },
};
/* clang-format on */

typedef struct
{
  const WeirJson *json;
  GString *out;
} Widener;

static void write_schema (Widener *self, uint32_t item, unsigned depth);

static void
append (Widener *self, WeirSlice text)
{
  g_string_append_len (self->out, text.text, (gssize)text.length);
}

static void
append_lower (Widener *self, WeirSlice text)
{
  for (size_t i = 0; i < text.length; i++)
    g_string_append_c (self->out, g_ascii_tolower (text.text[i]));
}

/* TYPE_UNSPECIFIED is no type. */
static gboolean
has_type (const WeirJson *json, uint32_t item)
{
  return weir_json_get_type (json, item) == WEIR_JSON_STRING
         && !weir_json_equals (json, item, "TYPE_UNSPECIFIED");
}

static void
write_type (Widener *self, uint32_t item, gboolean nullable)
{
  const WeirSlice raw = weir_json_get_raw (self->json, item);

  g_string_append (self->out, nullable ? "\"type\":[" : "\"type\":");
  append_lower (self, raw);
  if (nullable)
    g_string_append (self->out, ",\"null\"]");
}

static void
write_number (Widener *self, uint32_t item)
{
  WeirSlice raw = weir_json_get_raw (self->json, item);

  if (raw.length > 2 && raw.text[0] == '"')
    {
      const WeirSlice digits = { raw.text + 1, raw.length - 2 };
      size_t i = 0;

      while (i < digits.length && g_ascii_isdigit (digits.text[i]))
        i++;
      if (i == digits.length && (digits.text[0] != '0' || digits.length == 1))
        raw = digits;
    }
  append (self, raw);
}

static void
write_schemas (Widener *self, uint32_t item, unsigned depth)
{
  const WeirJson *json = self->json;
  const gboolean named = weir_json_get_type (json, item) == WEIR_JSON_OBJECT;
  gboolean first = TRUE;

  g_string_append_c (self->out, named ? '{' : '[');
  for (uint32_t i = weir_json_first (json, item); i != 0;
       i = weir_json_next (json, item, i))
    {
      if (!first)
        g_string_append_c (self->out, ',');
      first = FALSE;
      if (named)
        {
          append (self, weir_json_get_raw (json, i));
          g_string_append_c (self->out, ':');
        }
      write_schema (self, named ? i + 1 : i, depth + 1);
    }
  g_string_append_c (self->out, named ? '}' : ']');
}

static Member
get_member (const WeirJson *json, uint32_t name, const char **out_name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (weir_gemini_spells (json, name, members[i].name))
      {
        *out_name = members[i].name;
        return members[i].kind;
      }
  return MEMBER_COPIED;
}

static void
write_member (Widener *self, uint32_t name, gboolean nullable, unsigned depth)
{
  const WeirJson *json = self->json;
  const WeirJsonType type = weir_json_get_type (json, name + 1);
  const char *spelling = NULL;
  const Member kind = get_member (json, name, &spelling);

  if (kind == MEMBER_TYPE)
    {
      write_type (self, name + 1, nullable);
      return;
    }
  if (spelling != NULL)
    g_string_append_printf (self->out, "\"%s\":", spelling);
  else
    {
      append (self, weir_json_get_raw (json, name));
      g_string_append_c (self->out, ':');
    }
  if (kind == MEMBER_NUMBER)
    write_number (self, name + 1);
  else if (kind == MEMBER_SCHEMAS && type == WEIR_JSON_OBJECT)
    write_schemas (self, name + 1, depth);
  else if (kind == MEMBER_SCHEMA && type == WEIR_JSON_ARRAY)
    write_schemas (self, name + 1, depth);
  else if (kind == MEMBER_SCHEMA)
    write_schema (self, name + 1, depth + 1);
  else
    append (self, weir_json_get_raw (json, name + 1));
}

static void
write_schema (Widener *self, uint32_t item, unsigned depth)
{
  const WeirJson *json = self->json;
  const uint32_t mark = weir_gemini_lookup (json, item, "nullable");
  const gboolean nullable = mark != 0 && weir_json_get_type (json, mark) == WEIR_JSON_TRUE;
  gboolean first = TRUE;

  if (weir_json_get_type (json, item) != WEIR_JSON_OBJECT || depth >= DEPTH_MAX)
    {
      append (self, weir_json_get_raw (json, item));
      return;
    }
  g_string_append_c (self->out, '{');
  for (uint32_t i = weir_json_first (json, item); i != 0;
       i = weir_json_next (json, item, i))
    {
      const char *spelling = NULL;
      const Member kind = get_member (json, i, &spelling);

      if (kind == MEMBER_DROPPED || weir_json_get_type (json, i + 1) == WEIR_JSON_NULL
          || (kind == MEMBER_TYPE && !has_type (json, i + 1)))
        continue;
      if (!first)
        g_string_append_c (self->out, ',');
      first = FALSE;
      write_member (self, i, nullable, depth);
    }
  g_string_append_c (self->out, '}');
}

void
weir_gemini_schema_widen (WeirSlice schema, GString *out)
{
  g_auto (WeirJson) json = { 0 };
  Widener self = { .json = &json, .out = out };

  if (weir_json_parse (&json, schema.text, schema.length, NULL, NULL))
    write_schema (&self, 0, 0);
  else
    g_string_append_len (out, schema.text, (gssize)schema.length);
}
