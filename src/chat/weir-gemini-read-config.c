/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a Gemini request says besides its contents: tools, their choice, and how to
 * generate. */

#include "config.h"

#include "chat/weir-gemini-read.h"
#include "chat/weir-gemini-schema.h"
#include "chat/weir-thinking.h"

typedef struct
{
  WeirSlice name;
  WeirSlice description;
  uint32_t openapi;
  uint32_t json_schema;
} FunctionFields;

static const WeirField function_fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (FunctionFields, name) },
  { "description", WEIR_FIELD_TEXT, offsetof (FunctionFields, description) },
  { "parameters", WEIR_FIELD_OBJECT, offsetof (FunctionFields, openapi) },
  { "parametersJsonSchema", WEIR_FIELD_ITEM, offsetof (FunctionFields, json_schema) },
  { .name = NULL },
};
static const WeirGeminiShape function_shape = { .fields = function_fields };

/* Tools that the vendor runs; whatever is not here is OTHER. */
static const struct
{
  const char *name;
  WeirToolType type;
} vendor_tools[] = {
  { "googleSearch", WEIR_TOOL_WEB_SEARCH },
  { "googleSearchRetrieval", WEIR_TOOL_WEB_SEARCH },
  { "codeExecution", WEIR_TOOL_CODE },
  { "urlContext", WEIR_TOOL_URL_CONTEXT },
};

typedef struct
{
  uint32_t calling;
} ToolConfigFields;

static const WeirField tool_config_fields[] = {
  { "functionCallingConfig", WEIR_FIELD_OBJECT, offsetof (ToolConfigFields, calling) },
  { .name = NULL },
};
static const WeirGeminiShape tool_config_shape
    = { .fields = tool_config_fields, .prefix = WEIR_GEMINI_TOOL_CONFIG };

typedef struct
{
  WeirSlice mode;
  uint32_t names;
} CallingFields;

static const WeirField calling_fields[] = {
  { "mode", WEIR_FIELD_TEXT, offsetof (CallingFields, mode) },
  { "allowedFunctionNames", WEIR_FIELD_ITEM, offsetof (CallingFields, names) },
  { .name = NULL },
};
static const WeirGeminiShape calling_shape
    = { .fields = calling_fields,
        .prefix = WEIR_GEMINI_TOOL_CONFIG ".functionCallingConfig" };

typedef struct
{
  uint32_t thinking;
  uint32_t stop;
  uint64_t choices;
  WeirSlice media_type;
  uint32_t openapi;
  uint32_t json_schema;
  uint32_t hidden_json_schema;
} GenerationFields;

/* `_responseJsonSchema`: the name of responseJsonSchema while it was a preview. */
static const WeirField generation_fields[] = {
  { "thinkingConfig", WEIR_FIELD_OBJECT, offsetof (GenerationFields, thinking) },
  { "stopSequences", WEIR_FIELD_ITEM, offsetof (GenerationFields, stop) },
  { "candidateCount", WEIR_FIELD_UINT, offsetof (GenerationFields, choices) },
  { "responseMimeType", WEIR_FIELD_TEXT, offsetof (GenerationFields, media_type) },
  { "responseSchema", WEIR_FIELD_OBJECT, offsetof (GenerationFields, openapi) },
  { "responseJsonSchema", WEIR_FIELD_ITEM, offsetof (GenerationFields, json_schema) },
  { "_responseJsonSchema", WEIR_FIELD_ITEM,
    offsetof (GenerationFields, hidden_json_schema) },
  { .name = NULL },
};
static const WeirGeminiShape generation_shape = { .fields = generation_fields,
                                                  .options = weir_gemini_generation_options,
                                                  .prefix = WEIR_GEMINI_GENERATION };

typedef struct
{
  uint32_t shown;
  uint32_t budget;
  WeirSlice level;
} ThinkingFields;

static const WeirField thinking_fields[] = {
  { "includeThoughts", WEIR_FIELD_ITEM, offsetof (ThinkingFields, shown) },
  { "thinkingBudget", WEIR_FIELD_ITEM, offsetof (ThinkingFields, budget) },
  { "thinkingLevel", WEIR_FIELD_TEXT, offsetof (ThinkingFields, level) },
  { .name = NULL },
};
static const WeirGeminiShape thinking_shape
    = { .fields = thinking_fields, .prefix = WEIR_GEMINI_GENERATION ".thinkingConfig" };

/* JSON Schema, the only one that a request holds: @openapi says the same in Gemini's own
 * way.  Either may be 0. */
static WeirSlice
settle_schema (WeirRequest *request, uint32_t json_schema, uint32_t openapi)
{
  g_autoptr (GString) widened = NULL;

  if (json_schema != 0)
    return weir_json_get_raw (&request->json, json_schema);
  if (openapi == 0)
    return WEIR_SLICE ("");
  widened = g_string_new (NULL);
  weir_gemini_schema_widen (weir_json_get_raw (&request->json, openapi), widened);
  return weir_request_copy (request, (WeirSlice){ widened->str, widened->len });
}

static gboolean
read_function (WeirRequest *request, uint32_t item, GError **error)
{
  FunctionFields fields = { 0 };
  WeirTool *tool = weir_request_add_tool (request, WEIR_TOOL_FUNCTION);

  tool->raw = weir_json_get_raw (&request->json, item);
  tool->type_name = WEIR_SLICE ("functionDeclarations");
  if (!weir_gemini_read_members (request, item, &function_shape, &fields, &tool->unknown,
                                 error))
    return FALSE;
  if (fields.name.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'name' is missing");
  if (fields.openapi != 0 && fields.json_schema != 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'parameters' excludes 'parametersJsonSchema'");
  tool->name = fields.name;
  tool->description = fields.description;
  tool->schema = settle_schema (request, fields.json_schema, fields.openapi);
  return TRUE;
}

static gboolean
read_functions (WeirRequest *request, uint32_t list, GError **error)
{
  const WeirJson *json = &request->json;
  unsigned index = 0;

  for (uint32_t i = weir_gemini_first (json, list); i != 0;
       i = weir_gemini_next (json, list, i), index++)
    if (!read_function (request, i, error))
      {
        g_prefix_error (error, "functionDeclarations[%u]: ", index);
        return FALSE;
      }
  return TRUE;
}

static WeirToolType
find_vendor_tool (const WeirJson *json, uint32_t name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (vendor_tools); i++)
    if (weir_gemini_spells (json, name, vendor_tools[i].name))
      return vendor_tools[i].type;
  return WEIR_TOOL_OTHER;
}

/* One tool object may hold several kinds of tools at once. */
static gboolean
read_tool (WeirRequest *request, uint32_t object, GError **error)
{
  const WeirJson *json = &request->json;

  if (weir_json_get_type (json, object) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "must be an object");
  if (!weir_json_check_names (json, object, error))
    return FALSE;
  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    {
      WeirSlice name = weir_json_get_raw (json, i);
      WeirTool *tool;

      if (weir_json_get_type (json, i + 1) == WEIR_JSON_NULL)
        continue;
      if (weir_gemini_spells (json, i, "functionDeclarations"))
        {
          if (!read_functions (request, i + 1, error))
            return FALSE;
          continue;
        }
      tool = weir_request_add_tool (request, find_vendor_tool (json, i));
      tool->raw = weir_json_get_raw (json, i + 1);
      tool->type_name = (WeirSlice){ name.text + 1, name.length - 2 };
    }
  return TRUE;
}

gboolean
weir_gemini_read_tools (WeirRequest *request, uint32_t list, GError **error)
{
  const WeirJson *json = &request->json;
  unsigned index = 0;

  for (uint32_t i = weir_gemini_first (json, list); i != 0;
       i = weir_gemini_next (json, list, i), index++)
    if (!read_tool (request, i, error))
      {
        g_prefix_error (error, "tools[%u]: ", index);
        return FALSE;
      }
  return TRUE;
}

static gboolean
read_names (WeirRequest *request,
            uint32_t list,
            const char *field,
            WeirName **names,
            size_t *out_count,
            GError **error)
{
  const WeirJson *json = &request->json;
  size_t count = 0;

  for (uint32_t i = weir_gemini_first (json, list); i != 0;
       i = weir_gemini_next (json, list, i), count++)
    {
      WeirSlice raw = weir_json_get_raw (json, i);

      if (weir_json_get_type (json, i) != WEIR_JSON_STRING)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s[%zu] must be a string",
                               field, count);
      weir_request_add_name (request, names, (WeirSlice){ raw.text + 1, raw.length - 2 });
    }
  *out_count = count;
  return TRUE;
}

/* VALIDATED lets the model choose as AUTO does, but holds its calls to their schemas. */
static WeirToolChoiceMode
get_choice_mode (WeirSlice word, size_t n_names)
{
  const gboolean any = weir_slice_equal (word, WEIR_SLICE ("ANY"));

  if (weir_slice_equal (word, WEIR_SLICE ("NONE")))
    return WEIR_CHOICE_NONE;
  if (any && n_names == 0)
    return WEIR_CHOICE_REQUIRED;
  if (any && n_names == 1)
    return WEIR_CHOICE_TOOL;
  if (!any && word.length > 0 && !weir_slice_equal (word, WEIR_SLICE ("AUTO"))
      && !weir_slice_equal (word, WEIR_SLICE ("VALIDATED"))
      && !weir_slice_equal (word, WEIR_SLICE ("MODE_UNSPECIFIED")))
    return WEIR_CHOICE_OTHER;
  if (n_names > 0)
    return WEIR_CHOICE_ALLOWED;
  return word.length > 0 ? WEIR_CHOICE_AUTO : WEIR_CHOICE_UNSAID;
}

gboolean
weir_gemini_read_tool_config (WeirRequest *request, uint32_t object, GError **error)
{
  WeirToolChoice *choice = &request->tool_choice;
  ToolConfigFields config = { 0 };
  CallingFields fields = { 0 };
  size_t n_names = 0;

  if (!weir_gemini_read_members (request, object, &tool_config_shape, &config,
                                 &request->unknown, error))
    return FALSE;
  if (config.calling == 0)
    return TRUE;
  if (!weir_gemini_read_members (request, config.calling, &calling_shape, &fields,
                                 &request->unknown, error)
      || !read_names (request, fields.names, "allowedFunctionNames", &choice->names,
                      &n_names, error))
    return FALSE;
  choice->raw = weir_json_get_raw (&request->json, config.calling);
  choice->mode = get_choice_mode (fields.mode, n_names);
  choice->required = weir_slice_equal (fields.mode, WEIR_SLICE ("ANY"));
  choice->type = WEIR_TOOL_FUNCTION;
  if (choice->mode == WEIR_CHOICE_TOOL)
    choice->name = choice->names->name;
  return TRUE;
}

/* A whole number, or -1. */
static gboolean
read_budget (const WeirJson *json, uint32_t item, int64_t *out_budget)
{
  WeirSlice raw = weir_json_get_raw (json, item);
  uint64_t value;

  if (weir_json_get_uint (json, item, &value))
    {
      *out_budget = value > INT64_MAX ? INT64_MAX : (int64_t)value;
      return TRUE;
    }
  *out_budget = -1;
  return weir_slice_equal (raw, WEIR_SLICE ("-1"));
}

static gboolean
read_thinking (WeirRequest *request, uint32_t object, GError **error)
{
  const WeirJson *json = &request->json;
  WeirThinking *thinking = &request->thinking;
  ThinkingFields fields = { 0 };
  WeirJsonType shown;
  int64_t budget;

  if (!weir_gemini_read_members (request, object, &thinking_shape, &fields,
                                 &request->unknown, error))
    return FALSE;
  thinking->raw = weir_json_get_raw (json, object);
  thinking->shown = WEIR_NO; /* thoughts are shown to who asks for it */
  if (fields.shown != 0)
    {
      shown = weir_json_get_type (json, fields.shown);
      if (shown != WEIR_JSON_TRUE && shown != WEIR_JSON_FALSE)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                               "field 'includeThoughts' must be true or false");
      thinking->shown = shown == WEIR_JSON_TRUE ? WEIR_YES : WEIR_NO;
    }
  if (fields.budget != 0)
    {
      if (!read_budget (json, fields.budget, &budget))
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                               "field 'thinkingBudget' must be a whole number from -1 on");
      weir_thinking_set_budget (thinking, budget);
    }
  if (fields.level.length > 0
      && !weir_slice_equal_nocase (fields.level, WEIR_SLICE ("THINKING_LEVEL_UNSPECIFIED")))
    weir_thinking_set_level (thinking, fields.level);
  return TRUE;
}

/* A schema without a media type is one for JSON all the same. */
static void
settle_format (WeirRequest *request, const GenerationFields *fields)
{
  WeirFormat *format = &request->response_format;
  const WeirSlice word = fields->media_type;

  if (word.text != NULL) /* with its quotes: raw is a JSON value */
    format->raw = (WeirSlice){ word.text - 1, word.length + 2 };
  format->schema = settle_schema (
      request, fields->json_schema != 0 ? fields->json_schema : fields->hidden_json_schema,
      fields->openapi);
  if (weir_slice_equal_nocase (word, WEIR_SLICE ("text/plain")))
    format->type = WEIR_FORMAT_TEXT;
  else if (word.length > 0
           && !weir_slice_equal_nocase (word, WEIR_SLICE ("application/json")))
    format->type = WEIR_FORMAT_OTHER;
  else if (format->schema.length > 0)
    format->type = WEIR_FORMAT_SCHEMA;
  else if (word.length > 0)
    format->type = WEIR_FORMAT_JSON;
}

gboolean
weir_gemini_read_generation (WeirRequest *request, uint32_t object, GError **error)
{
  GenerationFields fields = { .choices = 1 };

  if (!weir_gemini_read_members (request, object, &generation_shape, &fields,
                                 &request->unknown, error)
      || !read_names (request, fields.stop, "stopSequences", &request->stop,
                      &request->n_stop, error))
    return FALSE;
  request->n_choices = MAX (fields.choices, 1);
  settle_format (request, &fields);
  if (fields.thinking == 0)
    return TRUE;
  if (read_thinking (request, fields.thinking, error))
    return TRUE;
  g_prefix_error (error, "thinkingConfig: ");
  return FALSE;
}
