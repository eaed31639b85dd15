/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests of OpenAI Responses (API reference, "create a model response", read 2026-10):
 * the body and its settings.  Items and tools have files of their own. */

#include "config.h"

#include "chat/weir-logprobs.h"
#include "chat/weir-openai-responses.h"
#include "chat/weir-openai-responses-writer.h"
#include "chat/weir-openai-model.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-text.h"
#include "chat/weir-thinking.h"

/* Fewer are refused (seen 2026-10). */
#define OUTPUT_TOKENS_MIN 16

typedef struct
{
  WeirOption option;
  const char *name;
} OptionName;

/* What other dialects may say as well. */
static const OptionName common[] = {
  { WEIR_OPTION_TEMPERATURE, "temperature" },
  { WEIR_OPTION_TOP_P, "top_p" },
  { WEIR_OPTION_USER, "user" },
  { WEIR_OPTION_METADATA, "metadata" },
  { WEIR_OPTION_SAFETY_IDENTIFIER, "safety_identifier" },
  { WEIR_OPTION_PROMPT_CACHE_KEY, "prompt_cache_key" },
  { WEIR_OPTION_PROMPT_CACHE_RETENTION, "prompt_cache_retention" },
  { WEIR_OPTION_MAX_TOOL_CALLS, "max_tool_calls" },
};

/* What has a meaning in this dialect alone, or another one elsewhere. */
static const OptionName own[] = {
  { WEIR_OPTION_MAX_OUTPUT_TOKENS, "max_output_tokens" },
  { WEIR_OPTION_SERVICE_TIER, "service_tier" },
  { WEIR_OPTION_TOP_LOGPROBS, "top_logprobs" },
  { WEIR_OPTION_STORE, "store" },
  { WEIR_OPTION_INCLUDE, "include" },
  { WEIR_OPTION_TRUNCATION, "truncation" },
  { WEIR_OPTION_CONTEXT_MANAGEMENT, "context_management" },
  { WEIR_OPTION_STREAM_OPTIONS, "stream_options" },
  { WEIR_OPTION_PREVIOUS_RESPONSE, "previous_response_id" },
  { WEIR_OPTION_CONVERSATION, "conversation" },
  { WEIR_OPTION_PROMPT, "prompt" },
  { WEIR_OPTION_BACKGROUND, "background" },
};

static const WeirOption said_by_own[] = {
  WEIR_OPTION_MAX_OUTPUT_TOKENS,
  WEIR_OPTION_SERVICE_TIER,
  WEIR_OPTION_TOP_LOGPROBS,
  WEIR_OPTION_STORE,
  WEIR_OPTION_INCLUDE,
  WEIR_OPTION_TRUNCATION,
  WEIR_OPTION_CONTEXT_MANAGEMENT,
  WEIR_OPTION_STREAM_OPTIONS,
  WEIR_OPTION_PREVIOUS_RESPONSE,
  WEIR_OPTION_CONVERSATION,
  WEIR_OPTION_PROMPT,
  WEIR_OPTION_BACKGROUND,
  WEIR_OPTION_ITEM_REFERENCE,
  WEIR_OPTION_VERBOSITY,
  WEIR_OPTION_TEMPERATURE,
  WEIR_OPTION_TOP_P,
  WEIR_OPTION_USER,
  WEIR_OPTION_METADATA,
  WEIR_OPTION_SAFETY_IDENTIFIER,
  WEIR_OPTION_PROMPT_CACHE_KEY,
  WEIR_OPTION_PROMPT_CACHE_RETENTION,
  WEIR_OPTION_MAX_TOOL_CALLS,
  WEIR_OPTION_LOGPROBS, /* said by INCLUDE */
  WEIR_OPTION_LAST,
};

/* Chat's stream_options ask for what every stream of this dialect brings. */
static const WeirOption said_by_others[] = {
  WEIR_OPTION_MAX_OUTPUT_TOKENS,
  WEIR_OPTION_SERVICE_TIER,
  WEIR_OPTION_SPEED,
  WEIR_OPTION_STORE,
  WEIR_OPTION_STREAM_OPTIONS,
  WEIR_OPTION_VERBOSITY,
  WEIR_OPTION_TEMPERATURE,
  WEIR_OPTION_TOP_P,
  WEIR_OPTION_USER,
  WEIR_OPTION_METADATA,
  WEIR_OPTION_SAFETY_IDENTIFIER,
  WEIR_OPTION_PROMPT_CACHE_KEY,
  WEIR_OPTION_PROMPT_CACHE_RETENTION,
  WEIR_OPTION_MAX_TOOL_CALLS,
  WEIR_OPTION_LOGPROBS,
  WEIR_OPTION_TOP_LOGPROBS,
  WEIR_OPTION_LAST,
};

/* Service tiers of all dialects, as JSON values. */
/* clang-format off */
static const struct
{
  const char *said;
  const char *tier;
} tiers[] = {
  { "\"auto\"", "auto" },
  { "\"default\"", "default" },
  { "\"flex\"", "flex" },
  { "\"priority\"", "priority" },
  { "\"scale\"", "scale" },
  { "\"standard_only\"", "default" },
  { "\"standard\"", "default" },
};
/* clang-format on */

gboolean
weir_responses_was_in (const WeirUnknown *unknown, WeirSlice object)
{
  const uintptr_t start = (uintptr_t)object.text;
  const uintptr_t place = (uintptr_t)unknown->value.text;

  return place >= start && place - start < object.length;
}

/* Clients of other dialects set how to sample for whatever model they get.  What other
 * vendors' clients call their user may be an account there: it
 * is not told, and often is longer than the service takes. */
static gboolean
is_kept_back (const WeirResponsesWriter *self, WeirOption option)
{
  const WeirDialect origin = self->request->origin;

  if (option == WEIR_OPTION_USER || option == WEIR_OPTION_SAFETY_IDENTIFIER)
    return origin == WEIR_DIALECT_ANTHROPIC || origin == WEIR_DIALECT_GEMINI;
  return !self->own
         && !weir_openai_model_takes (self->options->model, option,
                                      &self->request->thinking);
}

static void
write_options (WeirResponsesWriter *self, const OptionName *names, size_t n_names)
{
  for (size_t i = 0; i < n_names; i++)
    {
      const WeirSlice value = self->request->options[names[i].option];

      if (value.length > 0 && !is_kept_back (self, names[i].option))
        weir_json_add_raw (&self->json, names[i].name, value);
      else if (value.length > 0 && !weir_loss_is_harmless (names[i].option, value))
        weir_responses_report (self, weir_loss_get_option_word (names[i].option),
                               names[i].name);
    }
}

/* Too small a limit is what a probe asks for. */
static void
write_max_tokens (WeirResponsesWriter *self)
{
  const WeirSlice value = self->request->options[WEIR_OPTION_MAX_OUTPUT_TOKENS];
  g_autofree char *text = weir_slice_dup (value);

  if (value.length == 0)
    return;
  if (g_ascii_strtod (text, NULL) >= OUTPUT_TOKENS_MIN)
    {
      weir_json_add_raw (&self->json, "max_output_tokens", value);
      return;
    }
  weir_responses_report (self, WEIR_LOSS_RANGE, "max_output_tokens");
  weir_json_add_uint (&self->json, "max_output_tokens", OUTPUT_TOKENS_MIN);
}

/* Anthropic's speed is a tier here. */
static void
write_tier (WeirResponsesWriter *self)
{
  const WeirSlice said = self->request->options[WEIR_OPTION_SERVICE_TIER];
  const WeirSlice speed = self->request->options[WEIR_OPTION_SPEED];

  if (weir_slice_equal (speed, WEIR_SLICE ("\"fast\"")))
    {
      weir_json_add_string (&self->json, "service_tier", "priority");
      return;
    }
  if (said.length == 0)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (tiers); i++)
    if (weir_slice_equal_nocase (said, weir_slice_from_string (tiers[i].said)))
      {
        weir_json_add_string (&self->json, "service_tier", tiers[i].tier);
        return;
      }
  weir_responses_report (self, weir_loss_get_option_word (WEIR_OPTION_SERVICE_TIER),
                         "service_tier");
}

static void
write_schema (WeirResponsesWriter *self, const WeirFormat *format)
{
  WeirJsonWriter *json = &self->json;

  weir_json_add_escaped (json, "name",
                         format->name.length > 0 ? format->name : WEIR_SLICE ("response"));
  weir_responses_add_text (self, "description", format->description);
  weir_json_add_raw (json, "schema", format->schema);
  if (format->strict != WEIR_UNSAID)
    weir_json_add_boolean (json, "strict", format->strict == WEIR_YES);
}

static void
write_format (WeirResponsesWriter *self)
{
  static const char *const words[] = { NULL, "text", "json_object", "json_schema", NULL };
  const WeirFormat *format = &self->request->response_format;

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == WEIR_FORMAT_OTHER + 1);
  if (format->type == WEIR_FORMAT_OTHER)
    weir_responses_report (self, WEIR_LOSS_FORMAT, "response_format");
  if (words[format->type] == NULL)
    return;
  weir_json_open (&self->json, "format");
  weir_json_add_string (&self->json, "type", words[format->type]);
  if (format->type == WEIR_FORMAT_SCHEMA)
    write_schema (self, format);
  weir_json_close (&self->json);
}

/* The object `text` as it came, in this dialect alone. */
static WeirSlice
get_own_text (const WeirResponsesWriter *self)
{
  const WeirJson *json = &self->request->json;
  const uint32_t item = self->own ? weir_json_lookup (json, 0, "text") : 0;

  if (item == 0 || weir_json_get_type (json, item) == WEIR_JSON_NULL)
    return (WeirSlice){ NULL };
  return weir_json_get_raw (json, item);
}

static void
write_text (WeirResponsesWriter *self)
{
  const WeirSlice verbosity = self->request->options[WEIR_OPTION_VERBOSITY];
  const WeirSlice own_text = get_own_text (self);

  if (own_text.length > 0)
    {
      weir_json_add_raw (&self->json, "text", own_text);
      return;
    }
  if (self->request->response_format.type == WEIR_FORMAT_UNSAID && verbosity.length == 0)
    return;
  weir_json_open (&self->json, "text");
  write_format (self);
  if (verbosity.length > 0)
    weir_json_add_raw (&self->json, "verbosity", verbosity);
  weir_json_close (&self->json);
}

/* `max` is no word of this dialect, and the model decides where nothing is said. */
static void
write_effort (WeirResponsesWriter *self, const WeirThinking *thinking)
{
  const char *least = weir_openai_model_get_least (self->options->model);
  const WeirSlice level = weir_thinking_as_level (
      thinking, weir_openai_model_get_levels (self->options->model));

  if (thinking->mode == WEIR_THINKING_OFF)
    weir_json_add_string (&self->json, "effort", least);
  weir_responses_add_text (self, "effort", level);
  if ((thinking->mode == WEIR_THINKING_LEVEL && !weir_slice_equal (level, thinking->level))
      || (thinking->mode == WEIR_THINKING_OFF && strcmp (least, "none") != 0))
    weir_responses_report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
}

static void
write_reasoning (WeirResponsesWriter *self)
{
  const WeirThinking *thinking = &self->request->thinking;
  const WeirSlice summary
      = weir_thinking_as_summary (thinking, WEIR_DIALECT_OPENAI_RESPONSES);

  if (self->own && thinking->raw.length > 0 && !thinking->from_name)
    {
      weir_json_add_raw (&self->json, "reasoning", thinking->raw);
      return;
    }
  if ((thinking->mode == WEIR_THINKING_UNSAID || thinking->mode == WEIR_THINKING_AUTO)
      && summary.length == 0 && (!self->own || thinking->raw.length == 0))
    return;
  if (weir_openai_model_get_levels (self->options->model) == 0)
    {
      if (thinking->mode != WEIR_THINKING_OFF)
        weir_responses_report (self, WEIR_LOSS_THINKING, "thinking");
      return;
    }
  weir_json_open (&self->json, "reasoning");
  write_effort (self, thinking);
  weir_responses_add_text (self, "summary", summary);
  for (const WeirUnknown *unknown = self->request->unknown; unknown != NULL && self->own;
       unknown = unknown->next)
    if (weir_responses_was_in (unknown, thinking->raw))
      weir_responses_add_unknown (self, unknown, strlen ("reasoning."));
  weir_json_close (&self->json);
}

/* Members of the body that nobody knows; those of objects in it went with them. */
static void
write_unknown (WeirResponsesWriter *self)
{
  const WeirRequest *request = self->request;
  const WeirSlice objects[]
      = { get_own_text (self), request->thinking.raw, request->tool_choice.raw };

  for (const WeirUnknown *unknown = request->unknown; unknown != NULL;
       unknown = unknown->next)
    {
      gboolean inside = FALSE;

      for (size_t i = 0; i < G_N_ELEMENTS (objects); i++)
        inside = inside || weir_responses_was_in (unknown, objects[i]);
      if (!inside)
        weir_responses_add_unknown (self, unknown, 0);
    }
}

/* Of how likely tokens were the vendor tells where it is to be included; models that think
 * tell nothing of it. */
static void
write_include (WeirResponsesWriter *self)
{
  const WeirSlice others = self->request->options[WEIR_OPTION_TOP_LOGPROBS];
  const gboolean wanted = weir_logprobs_are_wanted (self->request);
  const gboolean told = wanted && !is_kept_back (self, WEIR_OPTION_LOGPROBS);
  const gboolean thoughts
      = weir_openai_model_may_think (self->options->model, &self->request->thinking);

  if (wanted && !told)
    weir_responses_report (self, weir_loss_get_option_word (WEIR_OPTION_LOGPROBS),
                           "logprobs");
  if (wanted && !told && others.length > 0)
    weir_responses_report (self, weir_loss_get_option_word (WEIR_OPTION_TOP_LOGPROBS),
                           "top_logprobs");
  if (told && others.length > 0)
    weir_json_add_raw (&self->json, "top_logprobs", others);
  if (!told && !thoughts)
    return;
  weir_json_open_array (&self->json, "include");
  if (thoughts)
    weir_json_add_string (&self->json, NULL, "reasoning.encrypted_content");
  if (told)
    weir_json_add_string (&self->json, NULL, WEIR_RESPONSES_INCLUDE_LOGPROBS);
  weir_json_close (&self->json);
}

/* Nothing is kept on the vendor's server for clients that cannot ask for it, so thoughts
 * must come with all that is needed to go on from them. */
static void
write_settings (WeirResponsesWriter *self)
{
  const WeirRequest *request = self->request;
  const WeirSlice store = request->options[WEIR_OPTION_STORE];

  write_options (self, common, G_N_ELEMENTS (common));
  if (self->own)
    {
      write_options (self, own, G_N_ELEMENTS (own));
      write_unknown (self);
      return;
    }
  write_max_tokens (self);
  write_tier (self);
  weir_json_add_raw (&self->json, "store", store.length > 0 ? store : WEIR_SLICE ("false"));
  write_include (self);
  if (request->stop != NULL)
    weir_responses_report (self, WEIR_LOSS_STOP, "stop");
  weir_responses_report_unknown (self, request->unknown, NULL);
}

static gboolean
write_body (WeirResponsesWriter *self, GError **error)
{
  const WeirWriteOptions *options = self->options;

  if (!weir_loss_check_options (self->request, WEIR_DIALECT_OPENAI_RESPONSES,
                                self->own ? said_by_own : said_by_others, options->on_loss,
                                options->user_data, error))
    return FALSE;
  weir_json_open (&self->json, NULL);
  weir_json_add_escaped (&self->json, "model", options->model);
  weir_json_add_boolean (&self->json, "stream", options->stream);
  if (!weir_responses_write_messages (self, error))
    return FALSE;
  weir_responses_write_tools (self);
  write_text (self);
  write_reasoning (self);
  write_settings (self);
  weir_json_close (&self->json);
  return TRUE;
}

gboolean
weir_openai_responses_write_request (const WeirRequest *request,
                                     const WeirWriteOptions *options,
                                     GString *out,
                                     GError **error)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autoptr (GString) id = g_string_new (NULL);
  g_autoptr (GHashTable) answered = g_hash_table_new (NULL, NULL);
  WeirResponsesWriter self = {
    .request = request,
    .options = options,
    .own = request->origin == WEIR_DIALECT_OPENAI_RESPONSES,
    .scratch = scratch,
    .id = id,
    .answered = answered,
  };

  weir_json_writer_init (&self.json, out);
  return write_body (&self, error);
}
