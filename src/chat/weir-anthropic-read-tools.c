/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tools of an Anthropic Messages request, the choice between them, and how the answer
 * is to be thought out and spelt (API reference, read 2026-10). */

#include "config.h"

#include "chat/weir-anthropic.h"
#include "chat/weir-thinking.h"

typedef struct
{
  WeirSlice type;
  WeirSlice name;
  WeirSlice description;
  WeirSlice schema;
  gboolean strict;   /* -1: not said */
  gboolean deferred; /* -1: not said */
  uint32_t cache;
  WeirSearch search;
} Tool;

typedef struct
{
  WeirSlice type;
  WeirSlice name;
  gboolean alone; /* -1: not said */
} Choice;

typedef struct
{
  WeirSlice type;
  uint32_t budget;
  WeirSlice display;
} Thinking;

typedef struct
{
  WeirSlice effort;
  uint32_t format;
} OutputConfig;

typedef struct
{
  WeirSlice type;
  WeirSlice schema;
} Format;

#define TOOL(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Tool, field)                                      \
  }

static const WeirField function_fields[] = {
  TOOL ("type", TEXT, type),
  { "name", WEIR_FIELD_TEXT, offsetof (Tool, name), TRUE },
  TOOL ("description", TEXT, description),
  TOOL ("input_schema", RAW, schema),
  TOOL ("strict", BOOLEAN, strict),
  TOOL ("defer_loading", BOOLEAN, deferred),
  TOOL ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField provider_fields[] = {
  TOOL ("type", TEXT, type),
  TOOL ("name", TEXT, name),
  TOOL ("defer_loading", BOOLEAN, deferred),
  TOOL ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField search_fields[] = {
  TOOL ("type", TEXT, type),
  TOOL ("name", TEXT, name),
  TOOL ("user_location", RAW, search.location),
  TOOL ("allowed_domains", RAW, search.allowed),
  TOOL ("blocked_domains", RAW, search.blocked),
  TOOL ("max_uses", RAW, search.most),
  TOOL ("defer_loading", BOOLEAN, deferred),
  TOOL ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField choice_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Choice, type), TRUE },
  { "name", WEIR_FIELD_TEXT, offsetof (Choice, name) },
  { "disable_parallel_tool_use", WEIR_FIELD_BOOLEAN, offsetof (Choice, alone) },
  { NULL },
};

static const WeirField thinking_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Thinking, type), TRUE },
  { "budget_tokens", WEIR_FIELD_ITEM, offsetof (Thinking, budget) },
  { "display", WEIR_FIELD_TEXT, offsetof (Thinking, display) },
  { NULL },
};

static const WeirField output_fields[] = {
  { "effort", WEIR_FIELD_TEXT, offsetof (OutputConfig, effort) },
  { "format", WEIR_FIELD_OBJECT, offsetof (OutputConfig, format) },
  { NULL },
};

static const WeirField format_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Format, type), TRUE },
  { "schema", WEIR_FIELD_RAW, offsetof (Format, schema) },
  { NULL },
};

/* Tools of the vendor's own are dated; those that the client runs (bash, text_editor,
 * computer, memory) have schemas that only the vendor's models know. */
/* clang-format off */
static const struct
{
  const char *prefix;
  WeirToolType type;
} provider_tools[] = {
  { "web_search_", WEIR_TOOL_WEB_SEARCH },
  { "web_fetch_", WEIR_TOOL_URL_CONTEXT },
  { "code_execution_", WEIR_TOOL_CODE },
};

static const struct
{
  const char *word;
  WeirToolChoiceMode mode;
} modes[] = {
  { "auto", WEIR_CHOICE_AUTO },
  { "any", WEIR_CHOICE_REQUIRED },
  { "tool", WEIR_CHOICE_TOOL },
  { "none", WEIR_CHOICE_NONE },
};
/* clang-format on */

static WeirToolType
get_type (WeirSlice word)
{
  if (word.length == 0 || weir_slice_equal (word, WEIR_SLICE ("custom")))
    return WEIR_TOOL_FUNCTION;
  for (size_t i = 0; i < G_N_ELEMENTS (provider_tools); i++)
    if (weir_slice_has_prefix (word, weir_slice_from_string (provider_tools[i].prefix)))
      return provider_tools[i].type;
  return WEIR_TOOL_OTHER;
}

static const WeirField *
get_fields (WeirToolType type)
{
  if (type == WEIR_TOOL_FUNCTION)
    return function_fields;
  return type == WEIR_TOOL_WEB_SEARCH ? search_fields : provider_fields;
}

static gboolean
read_tool (WeirRequest *self, uint32_t object, GError **error)
{
  const WeirToolType type = get_type (weir_read_lookup_text (&self->json, object, "type"));
  WeirTool *tool = weir_request_add_tool (self, type);
  Tool read = { .strict = -1, .deferred = -1 };

  if (!weir_read_object (self, object, get_fields (type), &read, NULL, &tool->unknown,
                         error)
      || !weir_anthropic_read_cache_mark (self, read.cache, &tool->cache, &tool->unknown,
                                          error))
    return FALSE;
  tool->raw = weir_json_get_raw (&self->json, object);
  tool->type_name = read.type;
  tool->name = read.name;
  tool->description = read.description;
  tool->schema = read.schema;
  tool->search = read.search;
  tool->strict = weir_read_get_said (read.strict);
  tool->deferred = weir_read_get_said (read.deferred);
  return TRUE;
}

gboolean
weir_anthropic_read_tools (WeirRequest *self, uint32_t list, GError **error)
{
  return weir_read_list (self, list, "tools", read_tool, error);
}

static WeirToolType
get_type_of_tool (const WeirRequest *self, WeirSlice name)
{
  for (const WeirTool *tool = self->tools; tool != NULL; tool = tool->next)
    if (weir_slice_equal (tool->name, name))
      return tool->type;
  return WEIR_TOOL_FUNCTION;
}

gboolean
weir_anthropic_read_tool_choice (WeirRequest *self, uint32_t object, GError **error)
{
  WeirToolChoice *choice = &self->tool_choice;
  Choice read = { .alone = -1 };

  if (!weir_read_object (self, object, choice_fields, &read, "tool_choice", &self->unknown,
                         error))
    {
      g_prefix_error (error, "tool_choice: ");
      return FALSE;
    }
  choice->raw = weir_json_get_raw (&self->json, object);
  choice->mode = WEIR_CHOICE_OTHER;
  for (size_t i = 0; i < G_N_ELEMENTS (modes); i++)
    if (weir_slice_equal (read.type, weir_slice_from_string (modes[i].word)))
      choice->mode = modes[i].mode;
  if (read.alone >= 0)
    choice->parallel = read.alone ? WEIR_NO : WEIR_YES;
  if (choice->mode != WEIR_CHOICE_TOOL)
    return TRUE;
  choice->name = read.name;
  choice->type = get_type_of_tool (self, read.name);
  return read.name.length > 0
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                            "tool_choice: field 'name' is missing");
}

/* Without a budget, or with -1, the model decides. */
static void
read_budget (WeirRequest *self, uint32_t item)
{
  uint64_t budget;

  self->thinking.mode = WEIR_THINKING_AUTO;
  if (item != 0 && weir_json_get_uint (&self->json, item, &budget))
    weir_thinking_set_budget (&self->thinking, (int64_t)MIN (budget, INT64_MAX));
}

static gboolean
read_thinking (WeirRequest *self, uint32_t object, GError **error)
{
  WeirThinking *thinking = &self->thinking;
  Thinking read = { 0 };

  if (!weir_read_object (self, object, thinking_fields, &read, "thinking", &self->unknown,
                         error))
    {
      g_prefix_error (error, "thinking: ");
      return FALSE;
    }
  if (read.budget != 0 && weir_json_get_type (&self->json, read.budget) != WEIR_JSON_NUMBER)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "thinking: field 'budget_tokens' must be a number");
  thinking->raw = weir_json_get_raw (&self->json, object);
  weir_thinking_set_summary (thinking, read.display);
  if (weir_slice_equal (read.type, WEIR_SLICE ("disabled")))
    {
      thinking->mode = WEIR_THINKING_OFF;
      thinking->shown = WEIR_NO;
    }
  else
    read_budget (self, read.budget);
  return TRUE;
}

static gboolean
read_format (WeirRequest *self, uint32_t object, const char *where, GError **error)
{
  WeirFormat *format = &self->response_format;
  Format read = { 0 };

  if (!weir_read_object (self, object, format_fields, &read, where, &self->unknown, error))
    {
      g_prefix_error (error, "%s: ", where);
      return FALSE;
    }
  format->raw = weir_json_get_raw (&self->json, object);
  format->schema = read.schema;
  format->type = weir_slice_equal (read.type, WEIR_SLICE ("json_schema"))
                     ? WEIR_FORMAT_SCHEMA
                     : WEIR_FORMAT_OTHER;
  if (format->type == WEIR_FORMAT_SCHEMA && format->schema.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s: field 'schema' is missing",
                           where);
  return TRUE;
}

/* A budget is said more exactly than an effort. */
static gboolean
read_output_config (WeirRequest *self, uint32_t object, GError **error)
{
  WeirThinking *thinking = &self->thinking;
  OutputConfig read = { 0 };

  if (!weir_read_object (self, object, output_fields, &read, "output_config",
                         &self->unknown, error))
    {
      g_prefix_error (error, "output_config: ");
      return FALSE;
    }
  if (thinking->mode == WEIR_THINKING_UNSAID || thinking->mode == WEIR_THINKING_AUTO)
    weir_thinking_set_level (thinking, read.effort);
  return read.format == 0 || read_format (self, read.format, "output_config.format", error);
}

/* output_format is how structured outputs were asked for while in beta (structured outputs
 * guide, read 2026-10); output_config.format goes before it. */
gboolean
weir_anthropic_read_output (WeirRequest *self,
                            uint32_t thinking,
                            uint32_t output_config,
                            uint32_t output_format,
                            GError **error)
{
  if (thinking != 0 && !read_thinking (self, thinking, error))
    return FALSE;
  if (output_format != 0 && !read_format (self, output_format, "output_format", error))
    return FALSE;
  return output_config == 0 || read_output_config (self, output_config, error);
}
