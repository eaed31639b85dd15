/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tools of an OpenAI Chat Completions request and the choice between them (API
 * reference, "create chat completion", read 2026-10), and `functions`, their legacy. */

#include "config.h"

#include "chat/weir-openai-chat.h"

typedef struct
{
  WeirSlice type;
  uint32_t function;
  uint32_t custom;
  uint32_t cache;
  WeirSlice name;
  WeirSlice description;
  WeirSlice schema;
  WeirSlice format;
  gboolean strict; /* -1: not said */
} Tool;

typedef struct
{
  WeirSlice type;
  uint32_t function;
  uint32_t custom;
  uint32_t allowed;
} Choice;

typedef struct
{
  WeirSlice depth;
  uint32_t location;
} Search;

typedef struct
{
  WeirSlice type;
  uint32_t approximate;
} Location;

typedef struct
{
  WeirSlice mode;
  uint32_t tools;
} Allowed;

typedef struct
{
  WeirSlice name;
} Named;

#define TOOL(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Tool, field)                                      \
  }

static const WeirField function_fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (Tool, name), TRUE },
  TOOL ("description", TEXT, description),
  TOOL ("parameters", RAW, schema),
  TOOL ("strict", BOOLEAN, strict),
  { NULL },
};

/* Some clients send the tools of Responses, without the inner object. */
static const WeirField flat_fields[] = {
  TOOL ("type", TEXT, type),
  TOOL ("cache_control", ITEM, cache),
  { "name", WEIR_FIELD_TEXT, offsetof (Tool, name), TRUE },
  TOOL ("description", TEXT, description),
  TOOL ("parameters", RAW, schema),
  TOOL ("format", RAW, format),
  TOOL ("strict", BOOLEAN, strict),
  { NULL },
};

static const WeirField custom_fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (Tool, name), TRUE },
  TOOL ("description", TEXT, description),
  TOOL ("format", RAW, format),
  { NULL },
};

static const WeirField outer_fields[] = {
  TOOL ("type", TEXT, type),
  TOOL ("function", OBJECT, function),
  TOOL ("custom", OBJECT, custom),
  TOOL ("cache_control", ITEM, cache),
  { NULL },
};

static const WeirField choice_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Choice, type), TRUE },
  { "function", WEIR_FIELD_OBJECT, offsetof (Choice, function) },
  { "custom", WEIR_FIELD_OBJECT, offsetof (Choice, custom) },
  { "allowed_tools", WEIR_FIELD_OBJECT, offsetof (Choice, allowed) },
  { NULL },
};

static const WeirField allowed_fields[] = {
  { "mode", WEIR_FIELD_TEXT, offsetof (Allowed, mode) },
  { "tools", WEIR_FIELD_ARRAY, offsetof (Allowed, tools), TRUE },
  { NULL },
};

static const WeirField named_fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (Named, name), TRUE },
  { NULL },
};

static const WeirField search_fields[] = {
  { "search_context_size", WEIR_FIELD_RAW, offsetof (Search, depth) },
  { "user_location", WEIR_FIELD_OBJECT, offsetof (Search, location) },
  { NULL },
};

static const WeirField location_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Location, type) },
  { "approximate", WEIR_FIELD_OBJECT, offsetof (Location, approximate) },
  { NULL },
};

/* clang-format off */
/* Tools that a vendor runs: known by their type, or by the one member that they have. */
static const struct
{
  const char *word;
  WeirToolType type;
} vendor_tools[] = {
  { "web_search", WEIR_TOOL_WEB_SEARCH },
  { "web_search_preview", WEIR_TOOL_WEB_SEARCH },
  { "google_search", WEIR_TOOL_WEB_SEARCH },
  { "code_interpreter", WEIR_TOOL_CODE },
  { "code_execution", WEIR_TOOL_CODE },
  { "url_context", WEIR_TOOL_URL_CONTEXT },
  { "image_generation", WEIR_TOOL_IMAGE_GENERATION },
};
/* clang-format on */

static gboolean
equals (WeirSlice text, const char *word)
{
  return weir_slice_equal (text, weir_slice_from_string (word));
}

static void
fill_vendor_tool (WeirRequest *self, uint32_t object, WeirTool *tool)
{
  const WeirJson *json = &self->json;
  const uint32_t first = weir_json_first (json, object);

  if (tool->type_name.length == 0 && first != 0)
    {
      const WeirSlice quoted = weir_json_get_raw (json, first);

      tool->type_name = (WeirSlice){ quoted.text + 1, quoted.length - 2 };
    }
  for (size_t i = 0; i < G_N_ELEMENTS (vendor_tools); i++)
    if (equals (tool->type_name, vendor_tools[i].word))
      tool->type = vendor_tools[i].type;
}

static gboolean
read_inner (WeirRequest *self,
            uint32_t object,
            const WeirField *fields,
            Tool *read,
            WeirTool *tool,
            GError **error)
{
  if (!weir_read_object (self, object, fields, read, NULL, &tool->unknown, error))
    return FALSE;
  tool->name = read->name;
  tool->description = read->description;
  tool->schema = read->schema;
  tool->format = read->format;
  tool->strict = weir_read_get_said (read->strict);
  return TRUE;
}

static gboolean
read_tool (WeirRequest *self, uint32_t object, GError **error)
{
  const WeirJson *json = &self->json;
  const WeirSlice type = weir_read_lookup_text (json, object, "type");
  const gboolean custom = equals (type, "custom");
  const gboolean is_function
      = equals (type, "function")
        || (type.length == 0 && weir_json_lookup (json, object, "function") != 0);
  const gboolean is_flat = (is_function || custom)
                           && weir_json_lookup (json, object, "function") == 0
                           && weir_json_lookup (json, object, "custom") == 0;
  WeirTool *tool = weir_request_add_tool (self, custom        ? WEIR_TOOL_CUSTOM
                                                : is_function ? WEIR_TOOL_FUNCTION
                                                              : WEIR_TOOL_OTHER);
  Tool read = { .strict = -1 };
  uint32_t inner;

  tool->raw = weir_json_get_raw (json, object);
  tool->type_name = type;
  if (is_flat)
    {
      if (!read_inner (self, object, flat_fields, &read, tool, error))
        return FALSE;
      weir_chat_read_cache_mark (self, read.cache, &tool->cache);
      return TRUE;
    }
  if (!weir_read_object (self, object, outer_fields, &read, NULL, &tool->unknown, error))
    return FALSE;
  weir_chat_read_cache_mark (self, read.cache, &tool->cache);
  if (tool->type == WEIR_TOOL_OTHER)
    {
      fill_vendor_tool (self, object, tool);
      return TRUE;
    }
  inner = custom ? read.custom : read.function;
  if (inner == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' is missing",
                           custom ? "custom" : "function");
  return read_inner (self, inner, custom ? custom_fields : function_fields, &read, tool,
                     error);
}

gboolean
weir_chat_read_tools (WeirRequest *self, uint32_t list, GError **error)
{
  return weir_read_list (self, list, "tools", read_tool, error);
}

static gboolean
read_function (WeirRequest *self, uint32_t object, GError **error)
{
  WeirTool *tool = weir_request_add_tool (self, WEIR_TOOL_FUNCTION);
  Tool read = { .strict = -1 };

  tool->raw = weir_json_get_raw (&self->json, object);
  tool->type_name = WEIR_SLICE (WEIR_CHAT_FUNCTIONS);
  return read_inner (self, object, function_fields, &read, tool, error);
}

gboolean
weir_chat_read_functions (WeirRequest *self, uint32_t list, GError **error)
{
  return weir_read_list (self, list, WEIR_CHAT_FUNCTIONS, read_function, error);
}

/* What the others say beside the type stands one object deeper here. */
static gboolean
read_location (WeirRequest *self, uint32_t object, WeirTool *tool, GError **error)
{
  const WeirJson *json = &self->json;
  g_autoptr (GString) text = NULL;
  Location read = { 0 };
  WeirSlice inner;

  if (!weir_read_object (self, object, location_fields, &read, "user_location",
                         &tool->unknown, error))
    return FALSE;
  if (read.approximate == 0)
    return TRUE;
  inner = weir_json_get_raw (json, read.approximate);
  if (weir_json_lookup (json, read.approximate, "type") != 0)
    {
      tool->search.location = inner;
      return TRUE;
    }
  text = g_string_new ("{\"type\":\"approximate\"");
  if (weir_json_first (json, read.approximate) != 0)
    g_string_append_c (text, ',');
  g_string_append_len (text, inner.text + 1, (gssize)inner.length - 1);
  tool->search.location = weir_request_copy (self, (WeirSlice){ text->str, text->len });
  return TRUE;
}

gboolean
weir_chat_read_search (WeirRequest *self, uint32_t object, GError **error)
{
  WeirTool *tool = weir_request_add_tool (self, WEIR_TOOL_WEB_SEARCH);
  Search read = { 0 };

  tool->raw = weir_json_get_raw (&self->json, object);
  tool->type_name = WEIR_SLICE ("web_search_options");
  if (weir_read_object (self, object, search_fields, &read, NULL, &tool->unknown, error)
      && (read.location == 0 || read_location (self, read.location, tool, error)))
    {
      tool->search.depth = read.depth;
      return TRUE;
    }
  g_prefix_error (error, "web_search_options: ");
  return FALSE;
}

/* `any` is Mistral's word. */
static gboolean
read_mode (WeirSlice word, WeirToolChoice *choice, const char *name, GError **error)
{
  if (equals (word, "auto"))
    choice->mode = WEIR_CHOICE_AUTO;
  else if (equals (word, "none"))
    choice->mode = WEIR_CHOICE_NONE;
  else if (equals (word, "required") || equals (word, "any"))
    choice->mode = WEIR_CHOICE_REQUIRED;
  else
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "%s must be none, auto, required or an object", name);
  return TRUE;
}

static gboolean
read_named (WeirRequest *self, uint32_t object, WeirToolType type, GError **error)
{
  WeirToolChoice *choice = &self->tool_choice;
  Named read = { 0 };

  if (!weir_read_object (self, object, named_fields, &read, "tool_choice", &self->unknown,
                         error))
    return FALSE;
  choice->mode = WEIR_CHOICE_TOOL;
  choice->type = type;
  choice->name = read.name;
  return TRUE;
}

/* Tools of the vendor's own have no name and cannot be listed here: raw says it. */
static gboolean
read_allowed (WeirRequest *self, uint32_t object, GError **error)
{
  const WeirJson *json = &self->json;
  WeirToolChoice *choice = &self->tool_choice;
  Allowed read = { 0 };

  if (!weir_read_object (self, object, allowed_fields, &read, "tool_choice.allowed_tools",
                         &self->unknown, error))
    return FALSE;
  choice->mode = WEIR_CHOICE_ALLOWED;
  choice->required = equals (read.mode, "required");
  for (uint32_t i = weir_json_first (json, read.tools); i != 0;
       i = weir_json_next (json, read.tools, i))
    {
      uint32_t inner = weir_json_lookup (json, i, "function");
      WeirSlice name;

      if (inner == 0)
        inner = weir_json_lookup (json, i, "custom");
      name = weir_read_lookup_text (json, inner != 0 ? inner : i, "name");
      if (name.length > 0)
        weir_request_add_name (self, &choice->names, name);
    }
  return TRUE;
}

static gboolean
read_choice_object (WeirRequest *self, uint32_t object, GError **error)
{
  Choice read = { 0 };

  if (!weir_read_object (self, object, choice_fields, &read, "tool_choice", &self->unknown,
                         error))
    return FALSE;
  if (equals (read.type, "allowed_tools") && read.allowed != 0)
    return read_allowed (self, read.allowed, error);
  if (equals (read.type, "function") && read.function != 0)
    return read_named (self, read.function, WEIR_TOOL_FUNCTION, error);
  if (equals (read.type, "custom") && read.custom != 0)
    return read_named (self, read.custom, WEIR_TOOL_CUSTOM, error);
  if (equals (read.type, "function") || equals (read.type, "custom")
      || equals (read.type, "allowed_tools"))
    {
      g_autofree char *type = weir_slice_dup (read.type);

      return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' is missing", type);
    }
  self->tool_choice.mode = WEIR_CHOICE_OTHER;
  return TRUE;
}

gboolean
weir_chat_read_tool_choice (WeirRequest *self, uint32_t item, GError **error)
{
  const WeirJson *json = &self->json;

  self->tool_choice.raw = weir_json_get_raw (json, item);
  if (weir_json_get_type (json, item) == WEIR_JSON_STRING)
    return read_mode (weir_read_get_text (json, item), &self->tool_choice, "tool_choice",
                      error);
  if (read_choice_object (self, item, error))
    return TRUE;
  g_prefix_error (error, "tool_choice: ");
  return FALSE;
}

gboolean
weir_chat_read_function_choice (WeirRequest *self, uint32_t item, GError **error)
{
  const WeirJson *json = &self->json;

  self->tool_choice.raw = weir_json_get_raw (json, item);
  if (weir_json_get_type (json, item) == WEIR_JSON_STRING)
    return read_mode (weir_read_get_text (json, item), &self->tool_choice, "function_call",
                      error);
  if (read_named (self, item, WEIR_TOOL_FUNCTION, error))
    return TRUE;
  g_prefix_error (error, "function_call: ");
  return FALSE;
}
