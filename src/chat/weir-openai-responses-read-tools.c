/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tools of an OpenAI Responses request and the choice between them (API reference,
 * "create a model response", read 2026-10; the namespaces as its own clients send them). */

#include "config.h"

#include "chat/weir-openai-responses.h"

typedef struct
{
  WeirSlice type;
  WeirSlice name;
  WeirSlice description;
  WeirSlice schema;
  WeirSlice format;
  gboolean strict; /* -1: not said */
  gboolean deferred;
  uint32_t tools;
  uint32_t filters;
  WeirSearch search;
} Tool;

typedef struct
{
  WeirSlice type;
  WeirSlice name;
  WeirSlice mode;
  uint32_t tools;
} Choice;

/* What a nested tool has from the namespace around it. */
typedef struct
{
  WeirSlice name;
  WeirSlice text;
  WeirUnknown *unknown; /* (nullable) goes to the first tool in it */
} Scope;

#define TOOL(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Tool, field)                                      \
  }
#define CHOICE(member, type, field)                                                        \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Choice, field)                                    \
  }

static const WeirField function_fields[] = {
  TOOL ("type", TEXT, type),
  { "name", WEIR_FIELD_TEXT, offsetof (Tool, name), TRUE },
  TOOL ("description", TEXT, description),
  TOOL ("parameters", RAW, schema),
  TOOL ("strict", BOOLEAN, strict),
  TOOL ("defer_loading", BOOLEAN, deferred),
  { NULL },
};

static const WeirField custom_fields[] = {
  TOOL ("type", TEXT, type),
  { "name", WEIR_FIELD_TEXT, offsetof (Tool, name), TRUE },
  TOOL ("description", TEXT, description),
  TOOL ("format", RAW, format),
  TOOL ("defer_loading", BOOLEAN, deferred),
  { NULL },
};

static const WeirField namespace_fields[] = {
  TOOL ("type", TEXT, type),
  { "name", WEIR_FIELD_TEXT, offsetof (Tool, name), TRUE },
  TOOL ("description", TEXT, description),
  { "tools", WEIR_FIELD_ARRAY, offsetof (Tool, tools), TRUE },
  { NULL },
};

static const WeirField search_fields[] = {
  TOOL ("type", TEXT, type),
  TOOL ("search_context_size", RAW, search.depth),
  TOOL ("user_location", RAW, search.location),
  TOOL ("filters", OBJECT, filters),
  { NULL },
};

static const WeirField filter_fields[] = {
  TOOL ("allowed_domains", RAW, search.allowed),
  TOOL ("blocked_domains", RAW, search.blocked),
  { NULL },
};

static const WeirField provider_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Tool, type), TRUE },
  { NULL },
};

static const WeirField choice_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Choice, type), TRUE },
  CHOICE ("name", TEXT, name),
  CHOICE ("mode", TEXT, mode),
  CHOICE ("tools", ARRAY, tools),
  { NULL },
};

/* The dated names of the search tool differ in their ends only. */
/* clang-format off */
static const struct
{
  WeirSlice prefix;
  WeirToolType type;
  const WeirField *fields;
} kinds[] = {
  { { "function", 8 }, WEIR_TOOL_FUNCTION, function_fields },
  { { "custom", 6 }, WEIR_TOOL_CUSTOM, custom_fields },
  { { "web_search", 10 }, WEIR_TOOL_WEB_SEARCH, search_fields },
  { { "image_generation", 16 }, WEIR_TOOL_IMAGE_GENERATION, provider_fields },
  { { "code_interpreter", 16 }, WEIR_TOOL_CODE, provider_fields },
};
/* clang-format on */

static WeirToolType
get_type (WeirSlice word, const WeirField **out_fields)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (weir_slice_equal (word, kinds[i].prefix)
        || (kinds[i].type == WEIR_TOOL_WEB_SEARCH
            && weir_slice_has_prefix (word, kinds[i].prefix)))
      {
        *out_fields = kinds[i].fields;
        return kinds[i].type;
      }
  *out_fields = provider_fields;
  return WEIR_TOOL_OTHER;
}

static gboolean
read_tool (WeirRequest *self, uint32_t object, Scope *scope, GError **error)
{
  const WeirField *fields;
  WeirToolType type
      = get_type (weir_read_lookup_text (&self->json, object, "type"), &fields);
  Tool read = { .strict = -1, .deferred = -1 };
  WeirTool *tool = weir_request_add_tool (self, type);

  tool->unknown = g_steal_pointer (&scope->unknown);
  if (!weir_read_object (self, object, fields, &read, NULL, &tool->unknown, error))
    return FALSE;
  if (read.filters != 0
      && !weir_read_object (self, read.filters, filter_fields, &read, "filters",
                            &tool->unknown, error))
    return FALSE;
  tool->raw = weir_json_get_raw (&self->json, object);
  tool->type_name = read.type;
  tool->search = read.search;
  tool->name = read.name;
  tool->scope = scope->name;
  tool->scope_text = scope->text;
  tool->description = read.description;
  tool->schema = read.schema;
  tool->format = read.format;
  tool->strict = weir_read_get_said (read.strict);
  tool->deferred = weir_read_get_said (read.deferred);
  return TRUE;
}

static gboolean read_list (WeirRequest *self, uint32_t list, Scope *scope, GError **error);

static gboolean
read_namespace (WeirRequest *self, uint32_t object, GError **error)
{
  Tool read = { 0 };
  Scope scope = { 0 };

  if (!weir_read_object (self, object, namespace_fields, &read, "namespace", &scope.unknown,
                         error))
    return FALSE;
  scope.name = read.name;
  scope.text = read.description;
  return read_list (self, read.tools, &scope, error);
}

/* One level: what calls itself a namespace inside of one is a tool nobody knows. */
static gboolean
read_list (WeirRequest *self, uint32_t list, Scope *scope, GError **error)
{
  const WeirJson *json = &self->json;
  unsigned index = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i), index++)
    {
      const gboolean nested = scope->name.length == 0
                              && weir_slice_equal (weir_read_lookup_text (json, i, "type"),
                                                   WEIR_SLICE ("namespace"));

      if (nested ? !read_namespace (self, i, error) : !read_tool (self, i, scope, error))
        {
          g_prefix_error (error, "tools[%u]: ", index);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
weir_responses_read_tools (WeirRequest *self, uint32_t tools, GError **error)
{
  return read_list (self, tools, &(Scope){ 0 }, error);
}

static gboolean
read_mode (WeirSlice word, WeirToolChoice *choice, GError **error)
{
  if (weir_slice_equal (word, WEIR_SLICE ("auto")))
    choice->mode = WEIR_CHOICE_AUTO;
  else if (weir_slice_equal (word, WEIR_SLICE ("none")))
    choice->mode = WEIR_CHOICE_NONE;
  else if (weir_slice_equal (word, WEIR_SLICE ("required")))
    choice->mode = WEIR_CHOICE_REQUIRED;
  else
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "tool_choice must be none, auto, required or an object");
  return TRUE;
}

/* Tools of the vendor's own have no name and cannot be listed here: raw says it. */
static void
read_allowed (WeirRequest *self, const Choice *read)
{
  const WeirJson *json = &self->json;
  WeirToolChoice *choice = &self->tool_choice;

  choice->mode = WEIR_CHOICE_ALLOWED;
  choice->required = weir_slice_equal (read->mode, WEIR_SLICE ("required"));
  for (uint32_t i = read->tools != 0 ? weir_json_first (json, read->tools) : 0; i != 0;
       i = weir_json_next (json, read->tools, i))
    {
      WeirSlice name = weir_read_lookup_text (json, i, "name");

      if (name.length > 0)
        weir_request_add_name (self, &choice->names, name);
    }
}

gboolean
weir_responses_read_tool_choice (WeirRequest *self, uint32_t item, GError **error)
{
  WeirToolChoice *choice = &self->tool_choice;
  const WeirField *ignored;
  Choice read = { 0 };

  choice->raw = weir_json_get_raw (&self->json, item);
  if (weir_json_get_type (&self->json, item) == WEIR_JSON_STRING)
    return read_mode (weir_read_get_text (&self->json, item), choice, error);
  if (!weir_read_object (self, item, choice_fields, &read, "tool_choice", &self->unknown,
                         error))
    {
      g_prefix_error (error, "tool_choice: ");
      return FALSE;
    }
  if (weir_slice_equal (read.type, WEIR_SLICE ("allowed_tools")))
    {
      read_allowed (self, &read);
      return TRUE;
    }
  choice->name = read.name;
  choice->type = get_type (read.type, &ignored);
  choice->mode = choice->type == WEIR_TOOL_OTHER ? WEIR_CHOICE_OTHER : WEIR_CHOICE_TOOL;
  if (read.name.length == 0
      && (choice->type == WEIR_TOOL_FUNCTION || choice->type == WEIR_TOOL_CUSTOM))
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "tool_choice.name is missing");
  return TRUE;
}
