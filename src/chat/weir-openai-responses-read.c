/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests of OpenAI Responses (API reference, "create a model response", read 2026-10):
 * the body and its settings.  Items and tools have files of their own. */

#include "config.h"

#include "chat/weir-openai-responses.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-thinking.h"

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
} Body;

typedef struct
{
  uint32_t verbosity;
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
  { NULL },
};

/* clang-format off */
static const WeirReadOption body_options[] = {
  { "max_output_tokens", WEIR_OPTION_MAX_OUTPUT_TOKENS, WEIR_READ_NUMBER },
  { "temperature", WEIR_OPTION_TEMPERATURE, WEIR_READ_NUMBER },
  { "top_p", WEIR_OPTION_TOP_P, WEIR_READ_NUMBER },
  { "top_logprobs", WEIR_OPTION_TOP_LOGPROBS, WEIR_READ_NUMBER },
  { "user", WEIR_OPTION_USER, WEIR_READ_STRING },
  { "metadata", WEIR_OPTION_METADATA, WEIR_READ_OBJECT },
  { "safety_identifier", WEIR_OPTION_SAFETY_IDENTIFIER, WEIR_READ_STRING },
  { "service_tier", WEIR_OPTION_SERVICE_TIER, WEIR_READ_STRING },
  { "store", WEIR_OPTION_STORE, WEIR_READ_TRUTH },
  { "include", WEIR_OPTION_INCLUDE, WEIR_READ_LIST },
  { "truncation", WEIR_OPTION_TRUNCATION, WEIR_READ_STRING },
  { "prompt_cache_key", WEIR_OPTION_PROMPT_CACHE_KEY, WEIR_READ_STRING },
  { "prompt_cache_retention", WEIR_OPTION_PROMPT_CACHE_RETENTION, WEIR_READ_STRING },
  { "context_management", WEIR_OPTION_CONTEXT_MANAGEMENT, WEIR_READ_ANY },
  { "max_tool_calls", WEIR_OPTION_MAX_TOOL_CALLS, WEIR_READ_NUMBER },
  { "stream_options", WEIR_OPTION_STREAM_OPTIONS, WEIR_READ_OBJECT },
  { "previous_response_id", WEIR_OPTION_PREVIOUS_RESPONSE, WEIR_READ_STRING },
  { "conversation", WEIR_OPTION_CONVERSATION, WEIR_READ_STRING | WEIR_READ_OBJECT },
  { "prompt", WEIR_OPTION_PROMPT, WEIR_READ_OBJECT },
  { "background", WEIR_OPTION_BACKGROUND, WEIR_READ_TRUTH },
  { NULL },
};
/* clang-format on */

static const WeirField text_fields[] = {
  { "format", WEIR_FIELD_OBJECT, offsetof (Text, format) },
  { "verbosity", WEIR_FIELD_ITEM, offsetof (Text, verbosity) },
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
read_format (WeirRequest *self, uint32_t object, GError **error)
{
  WeirFormat *format = &self->response_format;
  Format read = { .strict = -1 };

  if (!weir_read_object (self, object, format_fields, &read, "text.format", &self->unknown,
                         error))
    return FALSE;
  format->raw = weir_json_get_raw (&self->json, object);
  format->name = read.name;
  format->description = read.description;
  format->schema = read.schema;
  format->strict = weir_read_get_said (read.strict);
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

  if (!weir_read_object (self, object, text_fields, &read, "text", &self->unknown, error))
    return FALSE;
  if (read.verbosity != 0)
    {
      if (weir_json_get_type (&self->json, read.verbosity) != WEIR_JSON_STRING)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                               "text.verbosity must be a string");
      self->options[WEIR_OPTION_VERBOSITY]
          = weir_json_get_raw (&self->json, read.verbosity);
    }
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

  if (!weir_read_object (self, object, reasoning_fields, &read, "reasoning", &self->unknown,
                         error))
    return FALSE;
  thinking->raw = weir_json_get_raw (&self->json, object);
  weir_thinking_set_summary (thinking,
                             read.summary.length > 0 ? read.summary : read.old_summary);
  weir_thinking_set_level (thinking, read.effort);
  return TRUE;
}

/* How likely tokens are is asked for in the list of what is to be included. */
static void
note_logprobs (WeirRequest *self)
{
  const uint32_t list = weir_json_lookup (&self->json, 0, "include");

  for (uint32_t i = list != 0 ? weir_json_first (&self->json, list) : 0; i != 0;
       i = weir_json_next (&self->json, list, i))
    if (weir_json_get_type (&self->json, i) == WEIR_JSON_STRING
        && weir_json_equals (&self->json, i, WEIR_RESPONSES_INCLUDE_LOGPROBS))
      self->options[WEIR_OPTION_LOGPROBS] = WEIR_SLICE ("true");
}

static gboolean
read_instructions (WeirRequest *self, uint32_t item, GError **error)
{
  const WeirSlice text = weir_read_get_text (&self->json, item);
  WeirMessage *message;
  WeirPart *part;

  if (weir_json_get_type (&self->json, item) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "instructions must be a string");
  if (text.length == 0)
    return TRUE;
  message = weir_request_add_message (self, WEIR_ROLE_SYSTEM);
  message->top = message->plain = TRUE;
  part = weir_request_add_part (self, message, WEIR_PART_TEXT);
  part->text = text;
  return TRUE;
}

static gboolean
read_body (WeirRequest *self, GError **error)
{
  Body body = { .parallel = -1 };

  if (!weir_read_body (self, body_fields, body_options, &body, error))
    return FALSE;
  /* a background job that is not asked for is nothing to refuse */
  if (weir_slice_equal (self->options[WEIR_OPTION_BACKGROUND], WEIR_SLICE ("false")))
    self->options[WEIR_OPTION_BACKGROUND] = WEIR_SLICE ("");
  note_logprobs (self);
  self->model = body.model;
  self->stream = body.stream;
  self->form = body.stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE;
  self->tool_choice.parallel = weir_read_get_said (body.parallel);
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
