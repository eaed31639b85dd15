/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of OpenAI Responses, written (API reference, "streaming events", read 2026-10):
 * which events are sent when.  Each block is an item of its own: announced, told in pieces,
 * told whole, and once more at the very end; clients are known that read only one of these.
 * A summary is announced with its first piece, so that thoughts of which only a signature
 * is known have none. */

#include "config.h"

#include "chat/weir-logprobs.h"
#include "chat/weir-loss.h"
#include "chat/weir-openai-responses-encode.h"

/* Names of events; those of other blocks are written out where they are sent. */
typedef struct
{
  const char *delta;
  const char *done;
  const char *text; /* the member of the latter that holds the whole text */
} Words;

static const Words block_words[WEIR_BLOCK_LAST] = {
  [WEIR_BLOCK_TEXT] = { "response.output_text.delta", "response.output_text.done", "text" },
  [WEIR_BLOCK_REFUSAL] = { "response.refusal.delta", "response.refusal.done", "refusal" },
  [WEIR_BLOCK_THINKING] = { "response.reasoning_summary_text.delta",
                            "response.reasoning_summary_text.done", "text" },
  [WEIR_BLOCK_TOOL_CALL] = { "response.function_call_arguments.delta",
                             "response.function_call_arguments.done", "arguments" },
  [WEIR_BLOCK_CUSTOM_CALL] = { "response.custom_tool_call_input.delta",
                               "response.custom_tool_call_input.done", "input" },
};

/* The item that an event is about. */
typedef struct
{
  const WeirFoldBlock *block;
  WeirBlockType type;
  unsigned index;
  gboolean carried;
} Item;

static void
begin (WeirResponsesEncoder *self, const char *name, GString *out, WeirJsonWriter *json)
{
  weir_encoder_begin_event (&self->base, name, out, json);
  weir_json_add_string (json, "type", name);
  weir_json_add_uint (json, "sequence_number", self->base.n_events - 1);
}

static void
begin_of_item (WeirResponsesEncoder *self,
               const char *name,
               const Item *item,
               GString *out,
               WeirJsonWriter *json)
{
  begin (self, name, out, json);
  weir_responses_add_item_id (self, json, "item_id", item->type, item->index);
  weir_json_add_uint (json, "output_index", item->index);
}

/* Texts and refusals stand in a part of their message, thoughts in one of a summary. */
static void
add_part_index (WeirJsonWriter *json, WeirBlockType type)
{
  if (type == WEIR_BLOCK_THINKING)
    weir_json_add_uint (json, "summary_index", 0);
  else if (type == WEIR_BLOCK_TEXT || type == WEIR_BLOCK_REFUSAL)
    weir_json_add_uint (json, "content_index", 0);
}

static void
say_response (WeirResponsesEncoder *self,
              const char *name,
              WeirResponseStatus status,
              const WeirResponseFailure *failure,
              GString *out)
{
  WeirJsonWriter json;

  begin (self, name, out, &json);
  weir_json_open (&json, "response");
  weir_responses_add_response (self, &json, status, failure);
  weir_encoder_end_event (&self->base, &json);
}

static void
ensure_created (WeirResponsesEncoder *self, GString *out)
{
  if (self->created)
    return;
  self->created = TRUE;
  say_response (self, "response.created", WEIR_RESPONSE_IN_PROGRESS, NULL, out);
  say_response (self, "response.in_progress", WEIR_RESPONSE_IN_PROGRESS, NULL, out);
}

static void
say_item (WeirResponsesEncoder *self, const Item *item, gboolean done, GString *out)
{
  WeirJsonWriter json;

  begin (self, done ? "response.output_item.done" : "response.output_item.added", out,
         &json);
  weir_json_add_uint (&json, "output_index", item->index);
  weir_responses_add_item (self, &json, "item", item->block, item->index,
                           done ? "completed" : "in_progress", done);
  weir_encoder_end_event (&self->base, &json);
}

/* The item with the signature of a call, at once. */
static void
say_carrier (WeirResponsesEncoder *self, const Item *item, GString *out)
{
  static const char *const names[]
      = { "response.output_item.added", "response.output_item.done" };
  WeirJsonWriter json;

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      begin (self, names[i], out, &json);
      weir_json_add_uint (&json, "output_index", item->index - 1);
      weir_responses_add_carrier (self, &json, "item", item->block, item->index - 1);
      weir_encoder_end_event (&self->base, &json);
    }
}

/* A part of a message or of a summary, announced or whole. */
static void
say_part (WeirResponsesEncoder *self, const Item *item, gboolean done, GString *out)
{
  const gboolean summary = item->type == WEIR_BLOCK_THINKING;
  const char *name = done ? "response.content_part.done" : "response.content_part.added";
  WeirJsonWriter json;

  if (summary)
    name = done ? "response.reasoning_summary_part.done"
                : "response.reasoning_summary_part.added";
  begin_of_item (self, name, item, out, &json);
  add_part_index (&json, item->type);
  if (summary)
    {
      weir_json_open (&json, "part");
      weir_json_add_string (&json, "type", "summary_text");
      weir_json_add_escaped (&json, "text",
                             done ? weir_fold_get_text (item->block) : WEIR_SLICE (""));
      weir_json_close (&json);
    }
  else
    weir_responses_add_part (&json, "part", item->block, done);
  weir_encoder_end_event (&self->base, &json);
}

static void
say_delta (WeirResponsesEncoder *self,
           const Item *item,
           const WeirEvent *event,
           GString *out)
{
  WeirJsonWriter json;

  begin_of_item (self, block_words[item->type].delta, item, out, &json);
  add_part_index (&json, item->type);
  weir_json_add_escaped (&json, "delta", event->text);
  if (item->type == WEIR_BLOCK_TEXT)
    weir_logprobs_write (&json, "logprobs", event->raw);
  weir_encoder_end_event (&self->base, &json);
}

static void
say_text_done (WeirResponsesEncoder *self, const Item *item, GString *out)
{
  const Words *words = &block_words[item->type];
  WeirSlice text = weir_fold_get_text (item->block);
  WeirJsonWriter json;

  if (item->type == WEIR_BLOCK_TOOL_CALL && text.length == 0)
    text = WEIR_SLICE ("{}");
  begin_of_item (self, words->done, item, out, &json);
  add_part_index (&json, item->type);
  if (item->type == WEIR_BLOCK_TOOL_CALL)
    weir_json_add_escaped (&json, "name", item->block->name);
  weir_json_add_escaped (&json, words->text, text);
  if (item->type == WEIR_BLOCK_TEXT)
    weir_logprobs_write (&json, "logprobs",
                         weir_fold_get_logprobs (item->block, self->base.scratch));
  weir_encoder_end_event (&self->base, &json);
}

/* How a picture comes along: nothing of it is shown before it is done. */
static void
say_picture (WeirResponsesEncoder *self, const char *name, const Item *item, GString *out)
{
  WeirJsonWriter json;

  begin_of_item (self, name, item, out, &json);
  weir_encoder_end_event (&self->base, &json);
}

static void
open_item (WeirResponsesEncoder *self, const Item *item, GString *out)
{
  if (item->carried)
    say_carrier (self, item, out);
  say_item (self, item, FALSE, out);
  if (item->type == WEIR_BLOCK_TEXT || item->type == WEIR_BLOCK_REFUSAL)
    say_part (self, item, FALSE, out);
  if (item->type == WEIR_BLOCK_IMAGE)
    {
      say_picture (self, "response.image_generation_call.in_progress", item, out);
      say_picture (self, "response.image_generation_call.generating", item, out);
    }
}

static void
feed_item (WeirResponsesEncoder *self,
           const Item *item,
           const WeirEvent *event,
           GString *out)
{
  const gboolean first = weir_fold_get_text (item->block).length == event->text.length;
  const gboolean scored = item->type == WEIR_BLOCK_TEXT && event->raw.length > 0;

  if ((event->text.length == 0 && !scored) || block_words[item->type].delta == NULL)
    return;
  if (item->type == WEIR_BLOCK_THINKING && first)
    say_part (self, item, FALSE, out);
  say_delta (self, item, event, out);
}

static void
close_item (WeirResponsesEncoder *self, const Item *item, GString *out)
{
  const gboolean summary
      = item->type == WEIR_BLOCK_THINKING && weir_fold_get_text (item->block).length > 0;

  if (item->type == WEIR_BLOCK_IMAGE)
    say_picture (self, "response.image_generation_call.completed", item, out);
  if (block_words[item->type].done != NULL
      && (summary || item->type != WEIR_BLOCK_THINKING))
    say_text_done (self, item, out);
  if (summary || item->type == WEIR_BLOCK_TEXT || item->type == WEIR_BLOCK_REFUSAL)
    say_part (self, item, TRUE, out);
  say_item (self, item, TRUE, out);
}

static void
number_block (WeirResponsesEncoder *self)
{
  const WeirFoldBlock *block
      = weir_fold_get_block (&self->fold, self->fold.blocks->len - 1);
  WeirResponsesItem item = { .index = self->n_items };

  item.carried
      = (block->type == WEIR_BLOCK_TOOL_CALL || block->type == WEIR_BLOCK_CUSTOM_CALL)
        && weir_fold_get_signature (block).length > 0;
  if (item.carried)
    item.index++;
  self->n_items = item.index + 1;
  g_array_append_val (self->items, item);
  if (weir_responses_get_type (block) != block->type)
    weir_encoder_report (&self->base, WEIR_LOSS_ANSWER_IMAGE);
}

static void
put_block_event (WeirResponsesEncoder *self, const WeirEvent *event, GString *out)
{
  Item item = { NULL };

  for (guint i = self->items->len; i > 0 && item.block == NULL; i--)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i - 1);
      const WeirResponsesItem *known
          = &g_array_index (self->items, WeirResponsesItem, i - 1);

      if (block->block == event->block)
        item = (Item){ block, weir_responses_get_type (block), known->index,
                       known->carried };
    }
  if (item.block == NULL)
    return;
  if (event->type == WEIR_EVENT_BLOCK_OPEN)
    open_item (self, &item, out);
  else if (event->type == WEIR_EVENT_DELTA)
    feed_item (self, &item, event, out);
  else if (event->type == WEIR_EVENT_BLOCK_CLOSE)
    close_item (self, &item, out);
}

static gboolean
is_of_block (const WeirEvent *event)
{
  return event->type == WEIR_EVENT_BLOCK_OPEN || event->type == WEIR_EVENT_DELTA
         || event->type == WEIR_EVENT_BLOCK_CLOSE;
}

static void
init (WeirEncoder *encoder)
{
  WeirResponsesEncoder *self = (WeirResponsesEncoder *)encoder;

  weir_fold_init (&self->fold);
  self->items = g_array_new (FALSE, FALSE, sizeof (WeirResponsesItem));
}

static void
clear (WeirEncoder *encoder)
{
  WeirResponsesEncoder *self = (WeirResponsesEncoder *)encoder;

  weir_fold_clear (&self->fold);
  g_clear_pointer (&self->items, g_array_unref);
}

/* There is but one choice here. */
static void
put (WeirEncoder *encoder, const WeirEvent *event, GString *out)
{
  WeirResponsesEncoder *self = (WeirResponsesEncoder *)encoder;
  const guint n_blocks = self->fold.blocks->len;

  if (event->choice > 0)
    {
      if (event->type == WEIR_EVENT_BLOCK_OPEN)
        weir_encoder_report (encoder, WEIR_LOSS_ANSWER_CHOICE);
      return;
    }
  weir_fold_put (&self->fold, event);
  if (self->fold.blocks->len > n_blocks)
    number_block (self);
  if (encoder->options.form == WEIR_ANSWER_WHOLE)
    return;
  if (event->type == WEIR_EVENT_START)
    ensure_created (self, out);
  else if (is_of_block (event))
    put_block_event (self, event, out);
}

static gboolean
end (WeirEncoder *encoder, GString *out, GError **error)
{
  WeirResponsesEncoder *self = (WeirResponsesEncoder *)encoder;
  const WeirResponseStatus status = weir_responses_get_status (self);
  WeirJsonWriter json;

  if (!weir_fold_check (&self->fold, error))
    return FALSE;
  if (encoder->options.form != WEIR_ANSWER_WHOLE)
    {
      ensure_created (self, out);
      say_response (self,
                    status == WEIR_RESPONSE_COMPLETED ? "response.completed"
                                                      : "response.incomplete",
                    status, NULL, out);
      return TRUE;
    }
  weir_encoder_begin_document (encoder, out, &json);
  weir_responses_add_response (self, &json, status, NULL);
  weir_encoder_end_document (encoder, &json);
  return TRUE;
}

/* Limits have a word that clients wait on. */
static void
fail (WeirEncoder *encoder,
      WeirError code,
      unsigned status,
      const char *message,
      GString *out)
{
  WeirResponsesEncoder *self = (WeirResponsesEncoder *)encoder;
  const WeirErrorInfo *info
      = weir_error_get_info (status == 429 ? WEIR_ERROR_LIMITED : code);
  const WeirResponseFailure failure = { info->code, message };

  say_response (self, "response.failed", WEIR_RESPONSE_FAILED, &failure, out);
}

const WeirEncoderClass weir_openai_responses_encoder = {
  .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
  .size = sizeof (WeirResponsesEncoder),
  .init = init,
  .clear = clear,
  .put = put,
  .end = end,
  .fail = fail,
};
