/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests of OpenAI Chat Completions (API reference, "create chat completion", read
 * 2026-10): the body and its settings.  Messages, parts and tools have files of their own.
 *
 * Most servers that speak this dialect are not OpenAI's, and some refuse a member that they
 * do not know.  So what came in this dialect goes on as it came, while requests of other
 * dialects are said in the words that all such servers share: `system` for developers,
 * max_tokens, texts as strings, and none of the settings for OpenAI's own storage, cache
 * and tiers.  Only what OpenAI's own models refuse is told by their names. */

#include "config.h"

#include "chat/weir-logprobs.h"
#include "chat/weir-openai-chat-writer.h"
#include "chat/weir-openai-chat.h"
#include "chat/weir-openai-model.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-text.h"
#include "chat/weir-thinking.h"
#include "chat/weir-tool-name.h"

#define STOP_MOST 4

/* Members of the body that are written apart from the others. */
static const char *const apart_members[]
    = { "model", "messages", "stream", "stream_options", NULL };
/* Those of legacy completions that are settled before a request is written. */
static const char *const legacy[]
    = { "prompt", "suffix", "echo", "best_of", "logprobs", NULL };
/* Those that a suffix of the model's name beats. */
static const char *const thinking_members[]
    = { "reasoning_effort", "thinking",          "reasoning", "enable_thinking",
        "thinking_budget",  "include_reasoning", NULL };

static const WeirOption said_by_responses[]
    = { WEIR_OPTION_MAX_OUTPUT_TOKENS, WEIR_OPTION_TEMPERATURE, WEIR_OPTION_TOP_P,
        WEIR_OPTION_VERBOSITY,         WEIR_OPTION_USER,        WEIR_OPTION_LOGPROBS,
        WEIR_OPTION_TOP_LOGPROBS,      WEIR_OPTION_LAST };

/* What other vendors' clients call their user may be an account there: it is not told. */
static const WeirOption said_by_others[] = { WEIR_OPTION_MAX_OUTPUT_TOKENS,
                                             WEIR_OPTION_TEMPERATURE,
                                             WEIR_OPTION_TOP_P,
                                             WEIR_OPTION_SEED,
                                             WEIR_OPTION_PRESENCE_PENALTY,
                                             WEIR_OPTION_FREQUENCY_PENALTY,
                                             WEIR_OPTION_LOGPROBS,
                                             WEIR_OPTION_TOP_LOGPROBS,
                                             WEIR_OPTION_LAST };

static gboolean
is_one_of (const WeirJson *json, uint32_t name, const char *const *names)
{
  for (; *names != NULL; names++)
    if (weir_json_equals (json, name, *names))
      return TRUE;
  return FALSE;
}

static void
copy_member (WeirChatWriter *self, uint32_t name)
{
  const WeirJson *json = &self->request->json;

  g_string_truncate (self->scratch, 0);
  weir_json_append_text (json, name, self->scratch);
  weir_json_add_raw (&self->json, self->scratch->str, weir_json_get_raw (json, name + 1));
}

/* The usage is always asked for: it is counted whether the client hears of it or not. */
static void
write_stream (WeirChatWriter *self)
{
  static const char *const own_words[] = { "include_usage", NULL };
  const WeirJson *json = &self->request->json;
  uint32_t options = 0;

  if (!self->options->stream)
    return;
  weir_json_add_boolean (&self->json, "stream", TRUE);
  weir_json_open (&self->json, "stream_options");
  weir_json_add_boolean (&self->json, "include_usage", TRUE);
  if (self->own)
    options = weir_json_lookup (json, 0, "stream_options");
  for (uint32_t i = options != 0 ? weir_json_first (json, options) : 0; i != 0;
       i = weir_json_next (json, options, i))
    if (!is_one_of (json, i, own_words))
      copy_member (self, i);
  weir_json_close (&self->json);
}

static void
write_level (WeirChatWriter *self, WeirSlice level)
{
  weir_chat_add_text (self, "reasoning_effort", level);
  if (level.length > 0 && !weir_slice_equal (level, self->request->thinking.level))
    weir_chat_report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
}

/* A budget says nothing of the model, so it becomes a level that all who know levels know;
 * a level was chosen for it and stays, if the model has it; `max` is no word here.  The
 * model decides where nothing is said. */
static void
write_effort (WeirChatWriter *self)
{
  const WeirThinking *thinking = &self->request->thinking;
  const unsigned known = weir_openai_model_get_levels (self->options->model);
  const unsigned common = known & WEIR_EFFORT_LOW_TO_HIGH;
  const unsigned levels
      = thinking->mode == WEIR_THINKING_BUDGET && common != 0 ? common : known;
  const WeirSlice level = weir_thinking_as_level (thinking, WEIR_EFFORT_ALL);
  const char *least;

  if (known == 0)
    {
      if (level.length > 0)
        weir_chat_report (self, WEIR_LOSS_THINKING, "thinking");
      return;
    }
  write_level (self, weir_thinking_as_level (thinking, levels));
  if (thinking->mode != WEIR_THINKING_OFF)
    return;
  least = weir_openai_model_get_least (self->options->model);
  weir_json_add_string (&self->json, "reasoning_effort", least);
  if (strcmp (least, "none") != 0)
    weir_chat_report (self, WEIR_LOSS_THINKING_LEVEL, "thinking");
}

/* Everything as it came but what is said apart. */
static void
write_own_settings (WeirChatWriter *self)
{
  const WeirJson *json = &self->request->json;
  const gboolean is_legacy = weir_json_lookup (json, 0, "messages") == 0;
  const gboolean from_name = self->request->thinking.from_name;

  for (uint32_t i = weir_json_first (json, 0); i != 0; i = weir_json_next (json, 0, i))
    if (!is_one_of (json, i, apart_members) && !(is_legacy && is_one_of (json, i, legacy))
        && !(from_name && is_one_of (json, i, thinking_members)))
      copy_member (self, i);
  if (from_name)
    write_effort (self);
}

static void
write_schema (WeirChatWriter *self, const WeirFormat *format)
{
  const WeirSlice name = format->name.length > 0 ? format->name : WEIR_SLICE ("response");
  WeirJsonWriter *json = &self->json;

  weir_json_open (json, "json_schema");
  weir_json_add_escaped (
      json, "name", weir_tool_name_map (name, WEIR_DIALECT_OPENAI_CHAT, self->scratch));
  weir_chat_add_text (self, "description", format->description);
  weir_json_add_raw (json, "schema", format->schema);
  if (format->strict != WEIR_UNSAID)
    weir_json_add_boolean (json, "strict", format->strict == WEIR_YES);
  weir_json_close (json);
}

static void
write_format (WeirChatWriter *self)
{
  static const char *const words[] = { NULL, NULL, "json_object", "json_schema", NULL };
  const WeirFormat *format = &self->request->response_format;

  G_STATIC_ASSERT (G_N_ELEMENTS (words) == WEIR_FORMAT_OTHER + 1);
  if (format->type == WEIR_FORMAT_OTHER)
    weir_chat_report (self, WEIR_LOSS_FORMAT, "response_format");
  if (words[format->type] == NULL)
    return;
  weir_json_open (&self->json, "response_format");
  weir_json_add_string (&self->json, "type", words[format->type]);
  if (format->type == WEIR_FORMAT_SCHEMA)
    write_schema (self, format);
  weir_json_close (&self->json);
}

static void
write_stop (WeirChatWriter *self)
{
  unsigned n = 0;

  if (self->request->stop == NULL)
    return;
  if (!weir_openai_model_stops (self->options->model))
    {
      weir_chat_report (self, WEIR_LOSS_STOP, "model");
      return;
    }
  weir_json_open_array (&self->json, "stop");
  for (const WeirName *stop = self->request->stop; stop != NULL && n < STOP_MOST;
       stop = stop->next, n++)
    weir_json_add_escaped (&self->json, NULL, stop->name);
  weir_json_close (&self->json);
  if (self->request->n_stop > STOP_MOST)
    weir_chat_report (self, WEIR_LOSS_STOP, "stop");
}

/* How many other tokens to tell of is refused where nothing is told of the token itself. */
static gboolean
is_idle (const WeirChatWriter *self, WeirOption option)
{
  return (option == WEIR_OPTION_LOGPROBS || option == WEIR_OPTION_TOP_LOGPROBS)
         && !weir_logprobs_are_wanted (self->request);
}

/* Clients of other dialects set these for whatever model they get. */
static void
write_options (WeirChatWriter *self, const WeirOption *said)
{
  const gboolean reasons = weir_openai_model_reasons (self->options->model);

  for (; *said != WEIR_OPTION_LAST; said++)
    {
      const WeirSlice value = self->request->options[*said];

      if (value.length == 0 || is_idle (self, *said))
        continue;
      if (!weir_openai_model_takes (self->options->model, *said, &self->request->thinking))
        {
          if (!weir_loss_is_harmless (*said, value))
            weir_chat_report (self, weir_loss_get_option_word (*said), "model");
          continue;
        }
      if (*said == WEIR_OPTION_MAX_OUTPUT_TOKENS)
        weir_json_add_raw (&self->json, reasons ? "max_completion_tokens" : "max_tokens",
                           value);
      for (const WeirReadOption *option = weir_chat_options; option->name != NULL; option++)
        if (option->option == *said)
          weir_json_add_raw (&self->json, option->name, value);
    }
}

static gboolean
write_foreign_settings (WeirChatWriter *self, GError **error)
{
  const WeirRequest *request = self->request;
  const WeirWriteOptions *options = self->options;
  const WeirOption *said = request->origin == WEIR_DIALECT_OPENAI_RESPONSES
                               ? said_by_responses
                               : said_by_others;

  if (!weir_loss_check_options (request, WEIR_DIALECT_OPENAI_CHAT, said, options->on_loss,
                                options->user_data, error))
    return FALSE;
  weir_chat_write_tools (self);
  write_format (self);
  write_effort (self);
  write_options (self, said);
  write_stop (self);
  if (request->n_choices > 1)
    weir_json_add_uint (&self->json, "n", request->n_choices);
  weir_loss_report_unknown (options->on_loss, options->user_data, request->unknown, NULL);
  return TRUE;
}

static gboolean
write_body (WeirChatWriter *self, GError **error)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_escaped (&self->json, "model", self->options->model);
  if (!weir_chat_write_messages (self, error))
    return FALSE;
  if (self->own)
    write_own_settings (self);
  else if (!write_foreign_settings (self, error))
    return FALSE;
  write_stream (self);
  weir_json_close (&self->json);
  return TRUE;
}

gboolean
weir_openai_chat_write_request (const WeirRequest *request,
                                const WeirWriteOptions *options,
                                GString *out,
                                GError **error)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirChatWriter self = {
    .request = request,
    .options = options,
    .own = request->origin == WEIR_DIALECT_OPENAI_CHAT,
    .scratch = scratch,
  };

  gboolean is_written;

  weir_json_writer_init (&self.json, out);
  is_written = write_body (&self, error);
  g_clear_pointer (&self.answers, g_hash_table_unref);
  if (self.text != NULL)
    g_string_free (self.text, TRUE);
  return is_written;
}
