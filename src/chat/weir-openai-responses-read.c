/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests of OpenAI Responses (API reference, "create a model response", read 2026-10):
 * the body and its settings.  Items and tools have files of their own. */

#include "config.h"

#include "chat/weir-openai-responses.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-thinking.h"

/* JSON types that an option may have, as bits. */
enum
{
  NUMBER = 1 << WEIR_JSON_NUMBER,
  STRING = 1 << WEIR_JSON_STRING,
  LIST = 1 << WEIR_JSON_ARRAY,
  OBJECT = 1 << WEIR_JSON_OBJECT,
  TRUTH = 1 << WEIR_JSON_FALSE | 1 << WEIR_JSON_TRUE,
};

typedef struct
{
  WeirSlice model;
  gboolean stream;
  gboolean parallel; /* -1: not said */
  uint32_t input;
  uint32_t instructions;
  uint32_t tools;
  uint32_t tool_choice;
  uint32_t text;
  uint32_t reasoning;
  uint32_t options[WEIR_OPTION_LAST];
} Body;

typedef struct
{
  WeirSlice verbosity;
  uint32_t format;
} Text;

typedef struct
{
  WeirSlice type;
  WeirSlice name;
  WeirSlice description;
  WeirSlice schema;
  gboolean strict; /* -1: not said */
} Format;

typedef struct
{
  WeirSlice effort;
  WeirSlice summary;
  WeirSlice old_summary;
} Reasoning;

#define BODY(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Body, field)                                      \
  }
#define OPTION(member, option)                                                             \
  {                                                                                        \
    member, WEIR_FIELD_ITEM, offsetof (Body, options) + sizeof (uint32_t) * (option)       \
  }

static const WeirField body_fields[] = {
  BODY ("model", TEXT, model),
  BODY ("stream", BOOLEAN, stream),
  BODY ("input", ITEM, input),
  BODY ("instructions", ITEM, instructions),
  BODY ("tools", ARRAY, tools),
  BODY ("tool_choice", ITEM, tool_choice),
  BODY ("parallel_tool_calls", BOOLEAN, parallel),
  BODY ("text", OBJECT, text),
  BODY ("reasoning", OBJECT, reasoning),
  OPTION ("max_output_tokens", WEIR_OPTION_MAX_OUTPUT_TOKENS),
  OPTION ("temperature", WEIR_OPTION_TEMPERATURE),
  OPTION ("top_p", WEIR_OPTION_TOP_P),
  OPTION ("top_logprobs", WEIR_OPTION_TOP_LOGPROBS),
  OPTION ("user", WEIR_OPTION_USER),
  OPTION ("metadata", WEIR_OPTION_METADATA),
  OPTION ("safety_identifier", WEIR_OPTION_SAFETY_IDENTIFIER),
  OPTION ("service_tier", WEIR_OPTION_SERVICE_TIER),
  OPTION ("store", WEIR_OPTION_STORE),
  OPTION ("include", WEIR_OPTION_INCLUDE),
  OPTION ("truncation", WEIR_OPTION_TRUNCATION),
  OPTION ("prompt_cache_key", WEIR_OPTION_PROMPT_CACHE_KEY),
  OPTION ("prompt_cache_retention", WEIR_OPTION_PROMPT_CACHE_RETENTION),
  OPTION ("context_management", WEIR_OPTION_CONTEXT_MANAGEMENT),
  OPTION ("max_tool_calls", WEIR_OPTION_MAX_TOOL_CALLS),
  OPTION ("stream_options", WEIR_OPTION_STREAM_OPTIONS),
  OPTION ("previous_response_id", WEIR_OPTION_PREVIOUS_RESPONSE),
  OPTION ("conversation", WEIR_OPTION_CONVERSATION),
  OPTION ("prompt", WEIR_OPTION_PROMPT),
  OPTION ("background", WEIR_OPTION_BACKGROUND),
  { NULL },
};

/* Options that are not here may be of any type. */
static const unsigned option_types[WEIR_OPTION_LAST] = {
  [WEIR_OPTION_MAX_OUTPUT_TOKENS] = NUMBER,
  [WEIR_OPTION_TEMPERATURE] = NUMBER,
  [WEIR_OPTION_TOP_P] = NUMBER,
  [WEIR_OPTION_TOP_LOGPROBS] = NUMBER,
  [WEIR_OPTION_USER] = STRING,
  [WEIR_OPTION_METADATA] = OBJECT,
  [WEIR_OPTION_SAFETY_IDENTIFIER] = STRING,
  [WEIR_OPTION_SERVICE_TIER] = STRING,
  [WEIR_OPTION_STORE] = TRUTH,
  [WEIR_OPTION_INCLUDE] = LIST,
  [WEIR_OPTION_TRUNCATION] = STRING,
  [WEIR_OPTION_PROMPT_CACHE_KEY] = STRING,
  [WEIR_OPTION_PROMPT_CACHE_RETENTION] = STRING,
  [WEIR_OPTION_MAX_TOOL_CALLS] = NUMBER,
  [WEIR_OPTION_STREAM_OPTIONS] = OBJECT,
  [WEIR_OPTION_PREVIOUS_RESPONSE] = STRING,
  [WEIR_OPTION_CONVERSATION] = STRING | OBJECT,
  [WEIR_OPTION_PROMPT] = OBJECT,
  [WEIR_OPTION_BACKGROUND] = TRUTH,
};

static const WeirField text_fields[] = {
  { "format", WEIR_FIELD_OBJECT, offsetof (Text, format) },
  { "verbosity", WEIR_FIELD_RAW, offsetof (Text, verbosity) },
  { NULL },
};

static const WeirField format_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Format, type), TRUE },
  { "name", WEIR_FIELD_TEXT, offsetof (Format, name) },
  { "description", WEIR_FIELD_TEXT, offsetof (Format, description) },
  { "schema", WEIR_FIELD_RAW, offsetof (Format, schema) },
  { "strict", WEIR_FIELD_BOOLEAN, offsetof (Format, strict) },
  { NULL },
};

static const WeirField reasoning_fields[] = {
  { "effort", WEIR_FIELD_TEXT, offsetof (Reasoning, effort) },
  { "summary", WEIR_FIELD_TEXT, offsetof (Reasoning, summary) },
  { "generate_summary", WEIR_FIELD_TEXT, offsetof (Reasoning, old_summary) },
  { NULL },
};

static gboolean
is_named (const WeirJson *json, uint32_t name, const WeirField *fields)
{
  for (; fields->name != NULL; fields++)
    if (weir_json_equals (json, name, fields->name))
      return TRUE;
  return FALSE;
}

gboolean
weir_responses_read_object (WeirRequest *self,
                            uint32_t object,
                            const WeirField *fields,
                            gpointer out,
                            const char *prefix,
                            WeirUnknown **unknown,
                            GError **error)
{
  const WeirJson *json = &self->json;

  if (!weir_json_check_names (json, object, error)
      || !weir_json_read_fields (json, object, fields, out, error))
    return FALSE;
  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    if (weir_json_get_type (json, i + 1) != WEIR_JSON_NULL && !is_named (json, i, fields))
      weir_request_add_unknown (self, unknown, prefix, i);
  return TRUE;
}

WeirSlice
weir_responses_lookup_text (const WeirJson *json, uint32_t object, const char *name)
{
  uint32_t item = weir_json_lookup (json, object, name);
  WeirSlice raw;

  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return (WeirSlice){ NULL };
  raw = weir_json_get_raw (json, item);
  return (WeirSlice){ raw.text + 1, raw.length - 2 };
}

WeirSaid
weir_responses_get_said (gboolean read)
{
  return read < 0 ? WEIR_UNSAID : read ? WEIR_YES : WEIR_NO;
}

/* A background job that is not asked for is nothing to refuse. */
static gboolean
read_options (WeirRequest *self, const Body *body, GError **error)
{
  const WeirJson *json = &self->json;

  for (unsigned i = 0; i < WEIR_OPTION_LAST; i++)
    {
      const uint32_t item = body->options[i];

      if (item == 0)
        continue;
      if (option_types[i] != 0
          && (option_types[i] >> weir_json_get_type (json, item) & 1) == 0)
        return weir_error_set (
            error, WEIR_ERROR_BAD_REQUEST, "field '%.*s' has a wrong type",
            (int)(json->items[item - 1].end - json->items[item - 1].start) - 2,
            json->text + json->items[item - 1].start + 1);
      if (i != WEIR_OPTION_BACKGROUND || weir_json_get_type (json, item) == WEIR_JSON_TRUE)
        self->options[i] = weir_json_get_raw (json, item);
    }
  return TRUE;
}

static gboolean
read_format (WeirRequest *self, uint32_t object, GError **error)
{
  WeirFormat *format = &self->response_format;
  Format read = { .strict = -1 };

  if (!weir_responses_read_object (self, object, format_fields, &read, "text.format",
                                   &self->unknown, error))
    return FALSE;
  format->raw = weir_json_get_raw (&self->json, object);
  format->name = read.name;
  format->description = read.description;
  format->schema = read.schema;
  format->strict = weir_responses_get_said (read.strict);
  if (weir_slice_equal (read.type, WEIR_SLICE ("text")))
    format->type = WEIR_FORMAT_TEXT;
  else if (weir_slice_equal (read.type, WEIR_SLICE ("json_object")))
    format->type = WEIR_FORMAT_JSON;
  else if (weir_slice_equal (read.type, WEIR_SLICE ("json_schema")))
    format->type = WEIR_FORMAT_SCHEMA;
  else
    format->type = WEIR_FORMAT_OTHER;
  if (format->type == WEIR_FORMAT_SCHEMA && format->schema.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'schema' is missing");
  return TRUE;
}

static gboolean
read_text (WeirRequest *self, uint32_t object, GError **error)
{
  Text read = { 0 };

  if (!weir_responses_read_object (self, object, text_fields, &read, "text", &self->unknown,
                                   error))
    return FALSE;
  self->options[WEIR_OPTION_VERBOSITY] = read.verbosity;
  if (read.format == 0 || read_format (self, read.format, error))
    return TRUE;
  g_prefix_error (error, "text.format: ");
  return FALSE;
}

static gboolean
read_reasoning (WeirRequest *self, uint32_t object, GError **error)
{
  WeirThinking *thinking = &self->thinking;
  Reasoning read = { 0 };

  if (!weir_responses_read_object (self, object, reasoning_fields, &read, "reasoning",
                                   &self->unknown, error))
    return FALSE;
  thinking->raw = weir_json_get_raw (&self->json, object);
  weir_thinking_set_summary (thinking,
                             read.summary.length > 0 ? read.summary : read.old_summary);
  weir_thinking_set_level (thinking, read.effort);
  return TRUE;
}

static gboolean
read_instructions (WeirRequest *self, uint32_t item, GError **error)
{
  WeirSlice raw = weir_json_get_raw (&self->json, item);
  WeirMessage *message;
  WeirPart *part;

  if (weir_json_get_type (&self->json, item) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "instructions must be a string");
  if (raw.length == 2)
    return TRUE;
  message = weir_request_add_message (self, WEIR_ROLE_SYSTEM);
  message->top = message->plain = TRUE;
  part = weir_request_add_part (self, message, WEIR_PART_TEXT);
  part->text = (WeirSlice){ raw.text + 1, raw.length - 2 };
  return TRUE;
}

static gboolean
read_body (WeirRequest *self, GError **error)
{
  Body body = { .parallel = -1 };

  if (!weir_responses_read_object (self, 0, body_fields, &body, NULL, &self->unknown, error)
      || !read_options (self, &body, error))
    return FALSE;
  self->model = body.model;
  self->stream = body.stream;
  self->form = body.stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE;
  self->tool_choice.parallel = weir_responses_get_said (body.parallel);
  return (body.instructions == 0 || read_instructions (self, body.instructions, error))
         && (body.input == 0 || weir_responses_read_input (self, body.input, error))
         && (body.tools == 0 || weir_responses_read_tools (self, body.tools, error))
         && (body.tool_choice == 0
             || weir_responses_read_tool_choice (self, body.tool_choice, error))
         && (body.text == 0 || read_text (self, body.text, error))
         && (body.reasoning == 0 || read_reasoning (self, body.reasoning, error))
         && weir_request_link_results (self, error);
}

WeirRequest *
weir_openai_responses_read_request (GBytes *body,
                                    WeirSlice model,
                                    gboolean stream,
                                    GError **error)
{
  g_autoptr (WeirRequest) self
      = weir_request_new (WEIR_DIALECT_OPENAI_RESPONSES, body, error);

  if (self == NULL || !read_body (self, error))
    return NULL;
  weir_thinking_take_suffix (self);
  return g_steal_pointer (&self);
}
