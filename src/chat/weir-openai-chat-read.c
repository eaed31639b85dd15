/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests of OpenAI Chat Completions (API reference, "create chat completion", read
 * 2026-10): the body and its settings.  Messages, tools and the many ways to ask for
 * thinking have files of their own. */

#include "config.h"

#include "chat/weir-openai-chat.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-thinking.h"

typedef struct
{
  WeirSlice model;
  gboolean stream;
  gboolean parallel; /* -1: not said */
  uint64_t n_choices;
  uint32_t messages;
  uint32_t tools;
  uint32_t tool_choice;
  uint32_t functions;
  uint32_t function_choice;
  uint32_t format;
  uint32_t search;
  uint32_t stop;
  uint32_t stream_options;
  uint32_t max_tokens;
  uint32_t max_completion_tokens;
  WeirChatThinking thinking;
} Body;

typedef struct
{
  gboolean include_usage; /* -1: not said */
} StreamOptions;

typedef struct
{
  WeirSlice type;
  uint32_t schema;
} Format;

typedef struct
{
  WeirSlice name;
  WeirSlice description;
  WeirSlice schema;
  gboolean strict; /* -1: not said */
} Schema;

#define BODY(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Body, field)                                      \
  }

static const WeirField body_fields[] = {
  BODY ("model", TEXT, model),
  BODY ("stream", BOOLEAN, stream),
  BODY ("messages", ARRAY, messages),
  BODY ("tools", ARRAY, tools),
  BODY ("tool_choice", ITEM, tool_choice),
  BODY ("functions", ARRAY, functions),
  BODY ("function_call", ITEM, function_choice),
  BODY ("parallel_tool_calls", BOOLEAN, parallel),
  BODY ("web_search_options", OBJECT, search),
  BODY ("response_format", OBJECT, format),
  BODY ("n", UINT, n_choices),
  BODY ("stop", ITEM, stop),
  BODY ("stream_options", OBJECT, stream_options),
  BODY ("max_tokens", ITEM, max_tokens),
  BODY ("max_completion_tokens", ITEM, max_completion_tokens),
  BODY ("reasoning_effort", TEXT, thinking.effort),
  BODY ("thinking", ITEM, thinking.thinking),
  BODY ("reasoning", ITEM, thinking.reasoning),
  BODY ("enable_thinking", ITEM, thinking.enable_thinking),
  BODY ("thinking_budget", ITEM, thinking.thinking_budget),
  BODY ("include_reasoning", ITEM, thinking.include_reasoning),
  { NULL },
};

/* clang-format off */
const WeirReadOption weir_chat_options[] = {
  { "temperature", WEIR_OPTION_TEMPERATURE, WEIR_READ_NUMBER },
  { "top_p", WEIR_OPTION_TOP_P, WEIR_READ_NUMBER },
  { "top_k", WEIR_OPTION_TOP_K, WEIR_READ_NUMBER },
  { "min_p", WEIR_OPTION_MIN_P, WEIR_READ_NUMBER },
  { "seed", WEIR_OPTION_SEED, WEIR_READ_NUMBER },
  { "presence_penalty", WEIR_OPTION_PRESENCE_PENALTY, WEIR_READ_NUMBER },
  { "frequency_penalty", WEIR_OPTION_FREQUENCY_PENALTY, WEIR_READ_NUMBER },
  { "repetition_penalty", WEIR_OPTION_REPETITION_PENALTY, WEIR_READ_NUMBER },
  { "logit_bias", WEIR_OPTION_LOGIT_BIAS, WEIR_READ_OBJECT },
  { "logprobs", WEIR_OPTION_LOGPROBS, WEIR_READ_TRUTH | WEIR_READ_NUMBER },
  { "top_logprobs", WEIR_OPTION_TOP_LOGPROBS, WEIR_READ_NUMBER },
  { "verbosity", WEIR_OPTION_VERBOSITY, WEIR_READ_STRING },
  { "user", WEIR_OPTION_USER, WEIR_READ_STRING },
  { "metadata", WEIR_OPTION_METADATA, WEIR_READ_OBJECT },
  { "safety_identifier", WEIR_OPTION_SAFETY_IDENTIFIER, WEIR_READ_STRING },
  { "service_tier", WEIR_OPTION_SERVICE_TIER, WEIR_READ_STRING },
  { "store", WEIR_OPTION_STORE, WEIR_READ_TRUTH },
  { "prompt_cache_key", WEIR_OPTION_PROMPT_CACHE_KEY, WEIR_READ_STRING },
  { "prompt_cache_retention", WEIR_OPTION_PROMPT_CACHE_RETENTION, WEIR_READ_STRING },
  { "prediction", WEIR_OPTION_PREDICTION, WEIR_READ_OBJECT },
  { "modalities", WEIR_OPTION_MODALITIES, WEIR_READ_LIST },
  { "audio", WEIR_OPTION_AUDIO, WEIR_READ_OBJECT },
  { NULL },
};
/* clang-format on */

static const WeirField stream_fields[] = {
  { "include_usage", WEIR_FIELD_BOOLEAN, offsetof (StreamOptions, include_usage) },
  { NULL },
};

static const WeirField format_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Format, type), TRUE },
  { "json_schema", WEIR_FIELD_OBJECT, offsetof (Format, schema) },
  { NULL },
};

static const WeirField schema_fields[] = {
  { "name", WEIR_FIELD_TEXT, offsetof (Schema, name) },
  { "description", WEIR_FIELD_TEXT, offsetof (Schema, description) },
  { "schema", WEIR_FIELD_RAW, offsetof (Schema, schema) },
  { "strict", WEIR_FIELD_BOOLEAN, offsetof (Schema, strict) },
  { NULL },
};

static gboolean
read_schema (WeirRequest *self, uint32_t object, GError **error)
{
  WeirFormat *format = &self->response_format;
  Schema read = { .strict = -1 };

  if (object == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'json_schema' is missing");
  if (!weir_read_object (self, object, schema_fields, &read, "response_format.json_schema",
                         &self->unknown, error))
    return FALSE;
  format->name = read.name;
  format->description = read.description;
  format->schema = read.schema;
  format->strict = weir_read_get_said (read.strict);
  return TRUE;
}

static gboolean
read_format (WeirRequest *self, uint32_t object, GError **error)
{
  WeirFormat *format = &self->response_format;
  Format read = { 0 };

  if (!weir_read_object (self, object, format_fields, &read, "response_format",
                         &self->unknown, error))
    return FALSE;
  format->raw = weir_json_get_raw (&self->json, object);
  if (weir_slice_equal (read.type, WEIR_SLICE ("text")))
    format->type = WEIR_FORMAT_TEXT;
  else if (weir_slice_equal (read.type, WEIR_SLICE ("json_object")))
    format->type = WEIR_FORMAT_JSON;
  else if (weir_slice_equal (read.type, WEIR_SLICE ("json_schema")))
    format->type = WEIR_FORMAT_SCHEMA;
  else
    format->type = WEIR_FORMAT_OTHER;
  if (format->type != WEIR_FORMAT_SCHEMA)
    return TRUE;
  if (!read_schema (self, read.schema, error))
    return FALSE;
  if (format->schema.length == 0) /* the name alone asks for some object */
    format->type = WEIR_FORMAT_JSON;
  return TRUE;
}

static gboolean
add_stop (WeirRequest *self, uint32_t item, GError **error)
{
  if (weir_json_get_type (&self->json, item) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'stop' must be a string or an array of strings");
  weir_request_add_name (self, &self->stop, weir_read_get_text (&self->json, item));
  self->n_stop++;
  return TRUE;
}

static gboolean
read_stop (WeirRequest *self, uint32_t item, GError **error)
{
  const WeirJson *json = &self->json;

  if (weir_json_get_type (json, item) != WEIR_JSON_ARRAY)
    return add_stop (self, item, error);
  for (uint32_t i = weir_json_first (json, item); i != 0;
       i = weir_json_next (json, item, i))
    if (!add_stop (self, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_stream_options (WeirRequest *self, uint32_t object, GError **error)
{
  StreamOptions read = { .include_usage = -1 };

  if (!weir_read_object (self, object, stream_fields, &read, "stream_options",
                         &self->unknown, error))
    return FALSE;
  self->include_usage = weir_read_get_said (read.include_usage);
  self->options[WEIR_OPTION_STREAM_OPTIONS] = weir_json_get_raw (&self->json, object);
  return TRUE;
}

/* The newer name wins. */
static gboolean
read_limit (WeirRequest *self, const Body *body, GError **error)
{
  const uint32_t limits[] = { body->max_tokens, body->max_completion_tokens };

  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      if (limits[i] == 0)
        continue;
      if (weir_json_get_type (&self->json, limits[i]) != WEIR_JSON_NUMBER)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' must be a number",
                               i == 0 ? "max_tokens" : "max_completion_tokens");
      self->options[WEIR_OPTION_MAX_OUTPUT_TOKENS]
          = weir_json_get_raw (&self->json, limits[i]);
    }
  return TRUE;
}

static gboolean
read_tools (WeirRequest *self, const Body *body, GError **error)
{
  self->tool_choice.parallel = weir_read_get_said (body->parallel);
  return (body->tools == 0 || weir_chat_read_tools (self, body->tools, error))
         && (body->functions == 0
             || weir_chat_read_functions (self, body->functions, error))
         && (body->search == 0 || weir_chat_read_search (self, body->search, error))
         && (body->function_choice == 0
             || weir_chat_read_function_choice (self, body->function_choice, error))
         && (body->tool_choice == 0
             || weir_chat_read_tool_choice (self, body->tool_choice, error));
}

gboolean
weir_chat_read_body (WeirRequest *self, uint32_t *out_messages, GError **error)
{
  Body body = { .parallel = -1, .n_choices = 1 };

  if (!weir_read_body (self, body_fields, weir_chat_options, &body, error))
    return FALSE;
  self->model = body.model;
  self->stream = body.stream;
  self->form = body.stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE;
  self->n_choices = MAX (body.n_choices, 1);
  if (body.format != 0 && !read_format (self, body.format, error))
    {
      g_prefix_error (error, "response_format: ");
      return FALSE;
    }
  *out_messages = body.messages;
  return read_tools (self, &body, error)
         && (body.stop == 0 || read_stop (self, body.stop, error))
         && (body.stream_options == 0
             || read_stream_options (self, body.stream_options, error))
         && read_limit (self, &body, error)
         && weir_chat_read_thinking (self, &body.thinking, error);
}

static gboolean
read_request (WeirRequest *self, GError **error)
{
  uint32_t messages = 0;

  if (!weir_chat_read_body (self, &messages, error))
    return FALSE;
  if (messages == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'messages' is missing");
  return weir_chat_read_messages (self, messages, error)
         && weir_request_link_results (self, error);
}

WeirRequest *
weir_openai_chat_read_request (GBytes *body,
                               WeirSlice model,
                               gboolean stream,
                               GError **error)
{
  g_autoptr (WeirRequest) self = weir_request_new (WEIR_DIALECT_OPENAI_CHAT, body, error);

  if (self == NULL || !read_request (self, error))
    return NULL;
  weir_thinking_take_suffix (self);
  return g_steal_pointer (&self);
}
