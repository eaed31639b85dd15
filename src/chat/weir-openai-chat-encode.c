/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of OpenAI Chat Completions, written (API reference, "chat completion chunk", read
 * 2026-10): the chunks of a stream.  Thoughts and pictures, for which OpenAI has no word
 * here, are said as compatible vendors say them: `reasoning_content` and `images`.
 * Signatures travel in the places where OpenRouter and Google's imitation put theirs,
 * `reasoning_details` and `extra_content`, which the reader of requests knows.
 *
 * Elements of lists in a delta have an index, for libraries that put deltas together
 * without knowing the members; and a call's first piece has its id, type and name. */

#include "config.h"

#include "chat/weir-openai-chat-encode.h"
#include "chat/weir-loss.h"
#include "chat/weir-openai-chat.h"

typedef struct
{
  unsigned block;
  gboolean said; /* some of its arguments */
} Call;

typedef struct
{
  gboolean begun;
  gboolean finished;
  unsigned n_images;
  unsigned n_details;
  GArray *calls; /* (owned) (nullable) of Call */
} Choice;

static void
clear_choice (gpointer data)
{
  g_clear_pointer (&((Choice *)data)->calls, g_array_unref);
}

static void
clear_note (gpointer data)
{
  WeirChatNote *note = data;

  g_free (note->name);
  g_free (note->json);
}

static void
init (WeirEncoder *base)
{
  WeirChatEncoder *self = (WeirChatEncoder *)base;
  const WeirTool *tool = base->options.request->tools;

  weir_fold_init (&self->fold);
  self->functions = tool != NULL
                    && weir_slice_equal (tool->type_name, WEIR_SLICE (WEIR_CHAT_FUNCTIONS));
  self->choices = g_array_new (FALSE, TRUE, sizeof (Choice));
  g_array_set_clear_func (self->choices, clear_choice);
  self->notes = g_array_new (FALSE, FALSE, sizeof (WeirChatNote));
  g_array_set_clear_func (self->notes, clear_note);
}

static void
clear (WeirEncoder *base)
{
  WeirChatEncoder *self = (WeirChatEncoder *)base;

  weir_fold_clear (&self->fold);
  g_array_unref (self->choices);
  g_array_unref (self->notes);
}

static gboolean
is_call (WeirBlockType type)
{
  return type == WEIR_BLOCK_TOOL_CALL || type == WEIR_BLOCK_CUSTOM_CALL;
}

static void
begin_chunk (WeirChatEncoder *self, unsigned choice, GString *out, WeirJsonWriter *json)
{
  weir_encoder_begin_event (&self->base, NULL, out, json);
  weir_chat_encode_head (&self->base, json, WEIR_CHAT_PREFIX, WEIR_CHAT_CHUNK,
                         self->fold.id);
  if (weir_chat_encode_has_usage (&self->base))
    weir_json_add_null (json, "usage");
  weir_json_open_array (json, "choices");
  weir_json_open (json, NULL);
  weir_json_add_uint (json, "index", choice);
  weir_json_open (json, "delta");
}

/* Behind the delta.  @finish (escaped); empty: not yet. */
static void
end_choice (WeirChatEncoder *self, WeirSlice finish, WeirJsonWriter *json)
{
  if (finish.length > 0)
    weir_json_add_escaped (json, "finish_reason", finish);
  else
    weir_json_add_null (json, "finish_reason");
  weir_encoder_end_event (&self->base, json);
}

static void
end_chunk (WeirChatEncoder *self, WeirSlice finish, WeirJsonWriter *json)
{
  weir_json_close (json);
  end_choice (self, finish, json);
}

/* The first chunk of a choice says who speaks. */
static Choice *
ensure_choice (WeirChatEncoder *self, unsigned index, GString *out)
{
  WeirJsonWriter json;
  Choice *choice;

  if (index >= self->choices->len)
    g_array_set_size (self->choices, index + 1);
  choice = &g_array_index (self->choices, Choice, index);
  if (choice->begun)
    return choice;
  choice->begun = TRUE;
  choice->calls = g_array_new (FALSE, TRUE, sizeof (Call));
  if (self->base.options.form != WEIR_ANSWER_SSE)
    return choice;
  begin_chunk (self, index, out, &json);
  weir_json_add_string (&json, "role", "assistant");
  weir_json_add_string (&json, "content", "");
  end_chunk (self, WEIR_SLICE (""), &json);
  return choice;
}

static void
say_member (
    WeirChatEncoder *self, unsigned choice, const char *name, WeirSlice text, GString *out)
{
  WeirJsonWriter json;

  if (text.length == 0)
    return;
  begin_chunk (self, choice, out, &json);
  weir_json_add_escaped (&json, name, text);
  end_chunk (self, WEIR_SLICE (""), &json);
}

static void
say_text (WeirChatEncoder *self, const WeirEvent *event, GString *out)
{
  WeirJsonWriter json;

  if (event->text.length == 0 && event->raw.length == 0)
    return;
  begin_chunk (self, event->choice, out, &json);
  weir_json_add_escaped (&json, "content", event->text);
  weir_json_close (&json);
  weir_chat_encode_logprobs (&json, event->raw);
  end_choice (self, WEIR_SLICE (""), &json);
}

static void
say_detail (WeirChatEncoder *self, Choice *choice, const WeirEvent *event, GString *out)
{
  const WeirFoldBlock *block = weir_fold_lookup (&self->fold, event->choice, event->block);
  WeirJsonWriter json;

  begin_chunk (self, event->choice, out, &json);
  weir_json_open_array (&json, "reasoning_details");
  weir_json_open (&json, NULL);
  weir_chat_encode_detail (&json, event->block_type == WEIR_BLOCK_REDACTED_THINKING,
                           block != NULL ? weir_fold_get_text (block) : WEIR_SLICE (""),
                           event->signature);
  weir_json_add_uint (&json, "index", choice->n_details++);
  weir_json_close (&json);
  weir_json_close (&json);
  end_chunk (self, WEIR_SLICE (""), &json);
}

/* Opens the object of a call: `tool_calls[index].function`, or the legacy `function_call`,
 * of which there is one. */
static void
begin_call (WeirChatEncoder *self,
            unsigned index,
            const WeirEvent *event,
            GString *out,
            WeirJsonWriter *json)
{
  const gboolean custom = event->block_type == WEIR_BLOCK_CUSTOM_CALL;
  const gboolean opens = event->type == WEIR_EVENT_BLOCK_OPEN;

  begin_chunk (self, event->choice, out, json);
  if (self->functions)
    {
      weir_json_open (json, "function_call");
      return;
    }
  weir_json_open_array (json, "tool_calls");
  weir_json_open (json, NULL);
  weir_json_add_uint (json, "index", index);
  if (opens)
    {
      weir_json_add_escaped (json, "id", event->id);
      weir_json_add_string (json, "type", custom ? "custom" : "function");
      weir_chat_encode_extra (json, event->signature);
    }
  weir_json_open (json, custom ? "custom" : "function");
}

/* @arguments: escaped. */
static void
end_call (WeirChatEncoder *self,
          const WeirEvent *event,
          WeirSlice arguments,
          WeirJsonWriter *json)
{
  const gboolean custom = event->block_type == WEIR_BLOCK_CUSTOM_CALL;

  weir_json_add_escaped (json, custom ? "input" : "arguments", arguments);
  weir_json_close (json);
  if (!self->functions)
    {
      weir_json_close (json);
      weir_json_close (json);
    }
  end_chunk (self, WEIR_SLICE (""), json);
}

static void
open_call (WeirChatEncoder *self, Choice *choice, const WeirEvent *event, GString *out)
{
  const Call call = { .block = event->block };
  WeirJsonWriter json;

  g_array_append_val (choice->calls, call);
  if (self->functions && choice->calls->len > 1)
    {
      weir_encoder_report (&self->base, WEIR_LOSS_ANSWER_PART);
      return;
    }
  begin_call (self, choice->calls->len - 1, event, out, &json);
  weir_json_add_escaped (&json, "name", event->name);
  end_call (self, event, WEIR_SLICE (""), &json);
}

/* A piece of a call; its end says `{}` where nothing was said. */
static void
continue_call (WeirChatEncoder *self, Choice *choice, const WeirEvent *event, GString *out)
{
  const gboolean closes = event->type == WEIR_EVENT_BLOCK_CLOSE;
  WeirJsonWriter json;
  guint index = choice->calls->len;
  Call *call;

  while (index > 0 && g_array_index (choice->calls, Call, index - 1).block != event->block)
    index--;
  if (index == 0 || (self->functions && index > 1))
    return;
  call = &g_array_index (choice->calls, Call, index - 1);
  if (closes ? call->said || event->block_type == WEIR_BLOCK_CUSTOM_CALL
             : event->text.length == 0)
    return;
  call->said = TRUE;
  begin_call (self, index - 1, event, out, &json);
  end_call (self, event, closes ? WEIR_SLICE ("{}") : event->text, &json);
}

static void
say_image (WeirChatEncoder *self, Choice *choice, const WeirEvent *event, GString *out)
{
  const WeirFoldBlock *block = weir_fold_lookup (&self->fold, event->choice, event->block);
  WeirJsonWriter json;

  if (block == NULL)
    return;
  begin_chunk (self, event->choice, out, &json);
  weir_json_open_array (&json, "images");
  weir_json_open (&json, NULL);
  weir_chat_encode_image (&self->base, &json, block);
  weir_json_add_uint (&json, "index", choice->n_images++);
  weir_json_close (&json);
  weir_json_close (&json);
  end_chunk (self, WEIR_SLICE (""), &json);
}

static void
open_block (WeirChatEncoder *self, Choice *choice, const WeirEvent *event, GString *out)
{
  if (is_call (event->block_type))
    open_call (self, choice, event, out);
  else if (event->block_type == WEIR_BLOCK_REDACTED_THINKING)
    say_detail (self, choice, event, out);
}

static void
say_delta (WeirChatEncoder *self, Choice *choice, const WeirEvent *event, GString *out)
{
  if (event->block_type == WEIR_BLOCK_TEXT)
    say_text (self, event, out);
  else if (event->block_type == WEIR_BLOCK_REFUSAL)
    say_member (self, event->choice, "refusal", event->text, out);
  else if (event->block_type == WEIR_BLOCK_THINKING && event->signature.length > 0)
    say_detail (self, choice, event, out);
  else if (event->block_type == WEIR_BLOCK_THINKING)
    say_member (self, event->choice, "reasoning_content", event->text, out);
  else if (is_call (event->block_type))
    continue_call (self, choice, event, out);
}

static void
say_finish (WeirChatEncoder *self, Choice *choice, const WeirEvent *event, GString *out)
{
  WeirJsonWriter json;

  choice->finished = TRUE;
  begin_chunk (self, event->choice, out, &json);
  end_chunk (
      self,
      weir_chat_encode_finish (self, event->finish, event->text, choice->calls->len > 0),
      &json);
}

static void
say_note (WeirChatEncoder *self, const WeirEvent *event, GString *out)
{
  g_autofree char *name = NULL;
  WeirJsonWriter json;

  if (!weir_chat_is_note (event->name))
    return;
  ensure_choice (self, event->choice, out);
  name = weir_slice_dup (event->name);
  begin_chunk (self, event->choice, out, &json);
  weir_json_add_raw (&json, name, event->raw);
  end_chunk (self, WEIR_SLICE (""), &json);
}

/* In a stream: pictures, and thoughts that may be signed, must be gathered. */
static gboolean
is_gathered (const WeirChatEncoder *self, const WeirEvent *event)
{
  switch (event->type)
    {
    case WEIR_EVENT_START:
    case WEIR_EVENT_USAGE:
      return TRUE;
    case WEIR_EVENT_BLOCK_OPEN:
    case WEIR_EVENT_DELTA:
    case WEIR_EVENT_BLOCK_CLOSE:
      return event->block_type == WEIR_BLOCK_IMAGE
             || (event->block_type == WEIR_BLOCK_THINKING
                 && self->base.options.upstream != WEIR_DIALECT_OPENAI_CHAT);
    case WEIR_EVENT_FINISH:
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_PING:
    case WEIR_EVENT_RAW:
    case WEIR_EVENT_LAST:
      break;
    }
  return FALSE;
}

static void
put_in_stream (WeirChatEncoder *self, const WeirEvent *event, GString *out)
{
  if (is_gathered (self, event))
    weir_fold_put (&self->fold, event);
  switch (event->type)
    {
    case WEIR_EVENT_START:
      ensure_choice (self, 0, out);
      break;
    case WEIR_EVENT_BLOCK_OPEN:
      open_block (self, ensure_choice (self, event->choice, out), event, out);
      break;
    case WEIR_EVENT_DELTA:
      say_delta (self, ensure_choice (self, event->choice, out), event, out);
      break;
    case WEIR_EVENT_BLOCK_CLOSE:
      if (event->block_type == WEIR_BLOCK_IMAGE)
        say_image (self, ensure_choice (self, event->choice, out), event, out);
      else if (is_call (event->block_type))
        continue_call (self, ensure_choice (self, event->choice, out), event, out);
      break;
    case WEIR_EVENT_FINISH:
      say_finish (self, ensure_choice (self, event->choice, out), event, out);
      break;
    case WEIR_EVENT_RAW:
      say_note (self, event, out);
      break;
    case WEIR_EVENT_USAGE:
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_PING:
    case WEIR_EVENT_LAST:
      break;
    }
}

/* What the dialect has no word for, or the vendor's own; empty texts are nothing lost. */
static void
report_of_block (WeirChatEncoder *self, const WeirEvent *event)
{
  if (event->type != WEIR_EVENT_BLOCK_OPEN)
    return;
  if (event->block_type == WEIR_BLOCK_OTHER)
    weir_encoder_report (&self->base, WEIR_LOSS_ANSWER_PART);
  if (event->signature.length > 0
      && (event->block_type == WEIR_BLOCK_TEXT || event->block_type == WEIR_BLOCK_IMAGE
          || (self->functions && is_call (event->block_type))))
    weir_encoder_report (&self->base, WEIR_LOSS_ANSWER_SIGNATURE);
}

static void
put (WeirEncoder *base, const WeirEvent *event, GString *out)
{
  WeirChatEncoder *self = (WeirChatEncoder *)base;

  report_of_block (self, event);
  if (base->options.form == WEIR_ANSWER_SSE)
    put_in_stream (self, event, out);
  else if (event->type == WEIR_EVENT_RAW)
    weir_chat_encode_keep_note (self, event);
  else
    weir_fold_put (&self->fold, event);
}

/* The first choice begins before it is known that only others say something. */
static void
finish_the_silent (WeirChatEncoder *self, GString *out)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = &g_array_index (self->choices, Choice, i);

      if (choice->begun && !choice->finished)
        say_finish (self, choice, &(WeirEvent){ .choice = i }, out);
    }
}

static gboolean
end (WeirEncoder *base, GString *out, GError **error)
{
  WeirChatEncoder *self = (WeirChatEncoder *)base;

  if (!weir_fold_check (&self->fold, error))
    return FALSE;
  if (base->options.form == WEIR_ANSWER_SSE)
    {
      finish_the_silent (self, out);
      weir_chat_encode_end (base, WEIR_CHAT_PREFIX, WEIR_CHAT_CHUNK, &self->fold, out);
    }
  else
    weir_chat_encode_document (self, out);
  return TRUE;
}

const WeirEncoderClass weir_openai_chat_encoder = {
  .dialect = WEIR_DIALECT_OPENAI_CHAT,
  .size = sizeof (WeirChatEncoder),
  .init = init,
  .clear = clear,
  .put = put,
  .end = end,
};
