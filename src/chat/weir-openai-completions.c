/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Legacy completions (API reference, "create completion", read 2026-10) over chat.  The
 * prompt becomes the user's only message, and of the answer only texts are told. */

#include "config.h"

#include "chat/weir-openai-completions.h"

#include "chat/weir-loss.h"
#include "chat/weir-openai-chat-encode.h"
#include "chat/weir-openai-chat.h"
#include "chat/weir-thinking.h"

#define PREFIX "cmpl-"
#define OBJECT "text_completion"

typedef struct
{
  WeirEncoder base;
  WeirFold fold; /* of a stream only id and usage */
} CompletionsEncoder;

/* Members that chat has no word for, and the values that ask for nothing. */
static const struct
{
  const char *name;
  const char *harmless;
} refused[] = {
  { "suffix", "\"\"" },
  { "echo", "false" },
  { "best_of", "1" },
};

/* Takes the member out of those that are unknown to chat. */
static void
take_known (WeirRequest *self, const char *name)
{
  WeirUnknown **next = &self->unknown;

  while (*next != NULL && !weir_slice_equal ((*next)->name, weir_slice_from_string (name)))
    next = &(*next)->next;
  if (*next != NULL)
    *next = (*next)->next;
}

static gboolean
check_refused (WeirRequest *self, GError **error)
{
  const WeirJson *json = &self->json;

  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      const uint32_t item = weir_json_lookup (json, 0, refused[i].name);

      take_known (self, refused[i].name);
      if (item != 0 && weir_json_get_type (json, item) != WEIR_JSON_NULL
          && !weir_slice_equal (weir_json_get_raw (json, item),
                                weir_slice_from_string (refused[i].harmless)))
        return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                               "%s cannot be said to an upstream that speaks chat",
                               refused[i].name);
    }
  if (self->options[WEIR_OPTION_LOGPROBS].length > 0)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           "logprobs cannot be said to an upstream that speaks chat");
  return TRUE;
}

/* A string, or a list of one. */
static gboolean
read_prompt (WeirRequest *self, GError **error)
{
  const WeirJson *json = &self->json;
  uint32_t item = weir_json_lookup (json, 0, "prompt");
  WeirMessage *message;

  take_known (self, "prompt");
  if (item == 0 || weir_json_get_type (json, item) == WEIR_JSON_NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'prompt' is missing");
  if (weir_json_get_type (json, item) == WEIR_JSON_ARRAY)
    {
      const uint32_t first = weir_json_first (json, item);

      if (first == 0)
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'prompt' is empty");
      if (weir_json_next (json, item, first) != 0)
        return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                               "prompt must be one text: several, or one in tokens, cannot "
                               "be said to an upstream that speaks chat");
      item = first;
    }
  if (weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'prompt' must be a string");
  message = weir_request_add_message (self, WEIR_ROLE_USER);
  message->plain = TRUE;
  weir_request_add_part (self, message, WEIR_PART_TEXT)->text
      = weir_read_get_text (json, item);
  return TRUE;
}

static gboolean
read_request (WeirRequest *self, GError **error)
{
  uint32_t messages = 0;

  if (!weir_chat_read_body (self, &messages, error))
    return FALSE;
  if (messages != 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'messages' belongs to chat completions");
  return read_prompt (self, error) && check_refused (self, error);
}

WeirRequest *
weir_openai_completions_read_request (GBytes *body,
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

static void
init (WeirEncoder *base)
{
  weir_fold_init (&((CompletionsEncoder *)base)->fold);
}

static void
clear (WeirEncoder *base)
{
  weir_fold_clear (&((CompletionsEncoder *)base)->fold);
}

/* Calls cannot be told, so they are no reason either. */
static const char *
get_finish (WeirFinish finish)
{
  static const char *const words[] = {
    [WEIR_FINISH_STOP] = "stop",
    [WEIR_FINISH_LENGTH] = "length",
    [WEIR_FINISH_TOOL_CALLS] = "stop",
    [WEIR_FINISH_STOP_SEQUENCE] = "stop",
    [WEIR_FINISH_REFUSAL] = "content_filter",
    [WEIR_FINISH_PAUSE] = "stop",
    [WEIR_FINISH_BROKEN] = "error",
    [WEIR_FINISH_OTHER] = "stop",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (words) == WEIR_FINISH_LAST);

  return words[finish];
}

static gboolean
is_text (WeirBlockType type)
{
  return type == WEIR_BLOCK_TEXT || type == WEIR_BLOCK_REFUSAL;
}

/* @finish (nullable) */
static void
write_choice (WeirJsonWriter *json, unsigned index, WeirSlice text, const char *finish)
{
  weir_json_open (json, NULL);
  weir_json_add_escaped (json, "text", text);
  weir_json_add_uint (json, "index", index);
  weir_json_add_null (json, "logprobs");
  if (finish != NULL)
    weir_json_add_string (json, "finish_reason", finish);
  else
    weir_json_add_null (json, "finish_reason");
  weir_json_close (json);
}

static void
say (CompletionsEncoder *self,
     unsigned choice,
     WeirSlice text,
     const char *finish,
     GString *out)
{
  WeirJsonWriter json;

  weir_encoder_begin_event (&self->base, NULL, out, &json);
  weir_chat_encode_head (&self->base, &json, PREFIX, OBJECT, self->fold.id);
  weir_json_open_array (&json, "choices");
  write_choice (&json, choice, text, finish);
  weir_json_close (&json);
  if (weir_chat_encode_has_usage (&self->base))
    weir_json_add_null (&json, "usage");
  weir_encoder_end_event (&self->base, &json);
}

static void
report_of_block (CompletionsEncoder *self, WeirBlockType type)
{
  const char *loss = WEIR_LOSS_ANSWER_PART;

  if (type == WEIR_BLOCK_TEXT)
    return;
  if (type == WEIR_BLOCK_REFUSAL)
    loss = WEIR_LOSS_ANSWER_REFUSAL;
  else if (type == WEIR_BLOCK_IMAGE)
    loss = WEIR_LOSS_ANSWER_IMAGE;
  else if (type == WEIR_BLOCK_THINKING || type == WEIR_BLOCK_REDACTED_THINKING)
    loss = WEIR_LOSS_ANSWER_THINKING;
  weir_encoder_report (&self->base, loss);
}

static void
put (WeirEncoder *base, const WeirEvent *event, GString *out)
{
  CompletionsEncoder *self = (CompletionsEncoder *)base;
  const gboolean is_whole = base->options.form == WEIR_ANSWER_WHOLE;
  const gboolean is_delta = event->type == WEIR_EVENT_DELTA && is_text (event->block_type);

  if (event->type == WEIR_EVENT_BLOCK_OPEN)
    report_of_block (self, event->block_type);
  if (is_whole || event->type == WEIR_EVENT_START || event->type == WEIR_EVENT_USAGE)
    weir_fold_put (&self->fold, event);
  if (is_whole)
    return;
  if (is_delta && event->text.length > 0)
    say (self, event->choice, event->text, NULL, out);
  else if (event->type == WEIR_EVENT_FINISH)
    say (self, event->choice, WEIR_SLICE (""), get_finish (event->finish), out);
}

static void
write_document (CompletionsEncoder *self, GString *out)
{
  const WeirFold *fold = &self->fold;
  WeirJsonWriter json;

  weir_encoder_begin_document (&self->base, out, &json);
  weir_chat_encode_head (&self->base, &json, PREFIX, OBJECT, fold->id);
  weir_json_open_array (&json, "choices");
  for (guint i = 0; i < fold->choices->len; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint b = 0; b < fold->blocks->len; b++)
        {
          const WeirFoldBlock *block = weir_fold_get_block (fold, b);

          if (block->choice == i && is_text (block->type))
            weir_slice_append (weir_fold_get_text (block), text);
        }
      if (weir_fold_get_choice (fold, i)->seen)
        write_choice (&json, i, (WeirSlice){ text->str, text->len },
                      get_finish (weir_fold_get_choice (fold, i)->finish));
    }
  weir_json_close (&json);
  weir_chat_encode_usage (&json, &fold->usage);
  weir_encoder_end_document (&self->base, &json);
}

static gboolean
end (WeirEncoder *base, GString *out, GError **error)
{
  CompletionsEncoder *self = (CompletionsEncoder *)base;

  if (!weir_fold_check (&self->fold, error))
    return FALSE;
  if (base->options.form == WEIR_ANSWER_SSE)
    weir_chat_encode_end (base, PREFIX, OBJECT, &self->fold, out);
  else
    write_document (self, out);
  return TRUE;
}

const WeirEncoderClass weir_openai_completions_encoder = {
  .dialect = WEIR_DIALECT_OPENAI_CHAT,
  .size = sizeof (CompletionsEncoder),
  .init = init,
  .clear = clear,
  .put = put,
  .end = end,
};
