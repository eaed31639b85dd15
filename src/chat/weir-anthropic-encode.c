/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of Anthropic Messages, written (API reference and streaming guide, read 2026-10).
 * Every event has its name in front: the vendor's own libraries drop those that have not.
 * One block is open at a time; what others say meanwhile is kept until it closes. */

#include "config.h"

#include "chat/weir-anthropic-encode.h"
#include "chat/weir-loss.h"

static gboolean
is_call (WeirBlockType type)
{
  return type == WEIR_BLOCK_TOOL_CALL || type == WEIR_BLOCK_CUSTOM_CALL;
}

static void
init (WeirEncoder *base)
{
  WeirAnthropicEncoder *self = (WeirAnthropicEncoder *)base;

  weir_fold_init (&self->fold);
  self->open = WEIR_ANTHROPIC_NO_BLOCK;
}

static void
clear (WeirEncoder *base)
{
  WeirAnthropicEncoder *self = (WeirAnthropicEncoder *)base;

  weir_fold_clear (&self->fold);
}

static void
begin (WeirAnthropicEncoder *self, const char *name, GString *out, WeirJsonWriter *w)
{
  weir_encoder_begin_event (&self->base, name, out, w);
  weir_json_add_string (w, "type", name);
}

static void
finish (WeirAnthropicEncoder *self, WeirJsonWriter *w)
{
  weir_encoder_end_event (&self->base, w);
}

static void
ensure_started (WeirAnthropicEncoder *self, GString *out)
{
  WeirJsonWriter w;

  if (self->started)
    return;
  self->started = TRUE;
  begin (self, "message_start", out, &w);
  weir_json_open (&w, "message");
  weir_anthropic_encoder_write_head (self, &w);
  weir_json_open_array (&w, "content");
  weir_json_close (&w);
  weir_json_add_null (&w, "stop_reason");
  weir_json_add_null (&w, "stop_sequence");
  weir_anthropic_encoder_write_usage (self, &w);
  finish (self, &w);
}

/* The members of a block that is about to be filled. */
static void
write_empty_block (WeirAnthropicEncoder *self, WeirJsonWriter *w, const WeirEvent *event)
{
  switch (event->block_type)
    {
    case WEIR_BLOCK_TEXT:
    case WEIR_BLOCK_REFUSAL:
      weir_json_add_string (w, "type", "text");
      weir_json_add_string (w, "text", "");
      break;
    case WEIR_BLOCK_THINKING:
      weir_json_add_string (w, "type", "thinking");
      weir_json_add_string (w, "thinking", "");
      weir_json_add_string (w, "signature", "");
      break;
    case WEIR_BLOCK_REDACTED_THINKING:
      weir_anthropic_encoder_write_redacted (w, event->signature);
      break;
    case WEIR_BLOCK_TOOL_CALL:
    case WEIR_BLOCK_CUSTOM_CALL:
      weir_anthropic_encoder_write_call (self, w, event->id, event->name);
      weir_json_open (w, "input");
      weir_json_close (w);
      break;
    case WEIR_BLOCK_IMAGE:
    case WEIR_BLOCK_OTHER:
    case WEIR_BLOCK_LAST:
      break;
    }
}

static void
say_block_start (WeirAnthropicEncoder *self, const WeirEvent *event, GString *out)
{
  WeirJsonWriter w;

  begin (self, "content_block_start", out, &w);
  weir_json_add_uint (&w, "index", self->index++);
  if (event->block_type == WEIR_BLOCK_OTHER)
    weir_json_add_raw (&w, "content_block", event->raw);
  else
    {
      weir_json_open (&w, "content_block");
      write_empty_block (self, &w, event);
    }
  finish (self, &w);
}

static void
say_block_stop (WeirAnthropicEncoder *self, GString *out)
{
  WeirJsonWriter w;

  begin (self, "content_block_stop", out, &w);
  weir_json_add_uint (&w, "index", self->index - 1);
  finish (self, &w);
}

static void
say_delta (WeirAnthropicEncoder *self,
           const char *type,
           const char *member,
           WeirSlice text,
           GString *out)
{
  WeirJsonWriter w;

  begin (self, "content_block_delta", out, &w);
  weir_json_add_uint (&w, "index", self->index - 1);
  weir_json_open (&w, "delta");
  weir_json_add_string (&w, "type", type);
  weir_json_add_escaped (&w, member, text);
  finish (self, &w);
}

static void
open_block (WeirAnthropicEncoder *self, const WeirEvent *event, GString *out)
{
  if (is_call (event->block_type) && event->signature.length > 0)
    {
      const WeirEvent carrier = {
        .block_type = WEIR_BLOCK_REDACTED_THINKING,
        .signature = weir_anthropic_encoder_carry (self, event->signature),
      };

      say_block_start (self, &carrier, out);
      say_block_stop (self, out);
    }
  self->open = event->block;
  self->type = event->block_type;
  self->sealed = FALSE;
  self->called = self->called || is_call (event->block_type);
  say_block_start (self, event, out);
}

/* The text of a custom call is no JSON: it stands in an object, which the first piece opens
 * and the block's end closes. */
static void
say_custom (WeirAnthropicEncoder *self, WeirSlice text, gboolean first, GString *out)
{
  g_string_assign (self->base.scratch, first ? "{\\\"input\\\":\\\"" : "");
  weir_json_escape (self->base.scratch, text, FALSE);
  say_delta (self, "input_json_delta", "partial_json",
             (WeirSlice){ self->base.scratch->str, self->base.scratch->len }, out);
}

static void
fill_block (WeirAnthropicEncoder *self, WeirSlice text, WeirSlice signature, GString *out)
{
  switch (self->type)
    {
    case WEIR_BLOCK_TEXT:
    case WEIR_BLOCK_REFUSAL:
      if (text.length > 0)
        say_delta (self, "text_delta", "text", text, out);
      break;
    case WEIR_BLOCK_THINKING:
      if (text.length > 0)
        say_delta (self, "thinking_delta", "thinking", text, out);
      if (signature.length > 0)
        {
          say_delta (self, "signature_delta", "signature", signature, out);
          self->sealed = TRUE;
        }
      break;
    case WEIR_BLOCK_CUSTOM_CALL:
      say_custom (self, text, !self->sealed, out);
      self->sealed = TRUE;
      break;
    case WEIR_BLOCK_TOOL_CALL:
    case WEIR_BLOCK_OTHER:
      say_delta (self, "input_json_delta", "partial_json", text, out);
      break;
    case WEIR_BLOCK_REDACTED_THINKING:
    case WEIR_BLOCK_IMAGE:
    case WEIR_BLOCK_LAST:
      break;
    }
}

static void
close_block (WeirAnthropicEncoder *self, GString *out)
{
  if (self->type == WEIR_BLOCK_THINKING && !self->sealed
      && !weir_anthropic_encoder_is_own (self))
    say_delta (self, "signature_delta", "signature",
               weir_anthropic_encoder_get_unsigned (self), out);
  if (self->type == WEIR_BLOCK_CUSTOM_CALL && !self->sealed)
    say_custom (self, WEIR_SLICE (""), TRUE, out);
  if (self->type == WEIR_BLOCK_CUSTOM_CALL)
    say_delta (self, "input_json_delta", "partial_json", WEIR_SLICE ("\\\"}"), out);
  say_block_stop (self, out);
  self->open = WEIR_ANTHROPIC_NO_BLOCK;
}

/* Writes what waited, up to the first block that is not closed: that one stays open. */
static void
write_waiting (WeirAnthropicEncoder *self, GString *out)
{
  while (self->open == WEIR_ANTHROPIC_NO_BLOCK && self->waiting < self->fold.blocks->len)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, self->waiting++);
      const WeirSlice signature = weir_fold_get_signature (block);
      const WeirEvent event = {
        .block = block->block,
        .block_type = block->type,
        .id = block->id,
        .name = block->name,
        .raw = block->raw,
        .signature = signature,
      };

      open_block (self, &event, out);
      if (weir_fold_get_text (block).length > 0 || block->type == WEIR_BLOCK_THINKING)
        fill_block (self, weir_fold_get_text (block), signature, out);
      if (block->closed)
        close_block (self, out);
    }
}

static gboolean
is_waiting (const WeirAnthropicEncoder *self)
{
  return self->waiting < self->fold.blocks->len;
}

static void
put_of_block (WeirAnthropicEncoder *self, const WeirEvent *event, GString *out)
{
  if (!weir_anthropic_encoder_can_say (self, event->block_type))
    return;
  ensure_started (self, out);
  if (event->type == WEIR_EVENT_BLOCK_OPEN && self->open == WEIR_ANTHROPIC_NO_BLOCK
      && !is_waiting (self))
    {
      open_block (self, event, out);
      if (event->block_type == WEIR_BLOCK_THINKING)
        fill_block (self, WEIR_SLICE (""), event->signature, out);
    }
  else if (event->type == WEIR_EVENT_BLOCK_OPEN || event->block != self->open)
    weir_fold_put (&self->fold, event);
  else if (event->type == WEIR_EVENT_DELTA)
    fill_block (self, event->text, event->signature, out);
  else
    {
      close_block (self, out);
      write_waiting (self, out);
    }
}

/* From the same dialect: a delta of a kind that the model has no word for, or an event. */
static void
put_raw (WeirAnthropicEncoder *self, const WeirEvent *event, GString *out)
{
  WeirJsonWriter w;

  if (!weir_anthropic_encoder_is_own (self))
    return;
  ensure_started (self, out);
  if (!weir_slice_has_suffix (event->name, WEIR_SLICE ("_delta"))
      || self->open == WEIR_ANTHROPIC_NO_BLOCK)
    return;
  begin (self, "content_block_delta", out, &w);
  weir_json_add_uint (&w, "index", self->index - 1);
  weir_json_add_raw (&w, "delta", event->raw);
  finish (self, &w);
}

static void
put_ping (WeirAnthropicEncoder *self, GString *out)
{
  WeirJsonWriter w;

  begin (self, "ping", out, &w);
  finish (self, &w);
}

/* The input's count of the same dialect comes right behind START: the start waits for it.
 */
static void
put_in_stream (WeirAnthropicEncoder *self, const WeirEvent *event, GString *out)
{
  switch (event->type)
    {
    case WEIR_EVENT_START:
      weir_fold_put (&self->fold, event);
      if (!weir_anthropic_encoder_is_own (self))
        ensure_started (self, out);
      break;
    case WEIR_EVENT_BLOCK_OPEN:
    case WEIR_EVENT_DELTA:
    case WEIR_EVENT_BLOCK_CLOSE:
      put_of_block (self, event, out);
      break;
    case WEIR_EVENT_USAGE:
    case WEIR_EVENT_FINISH:
      weir_fold_put (&self->fold, event);
      ensure_started (self, out);
      break;
    case WEIR_EVENT_PING:
      put_ping (self, out);
      break;
    case WEIR_EVENT_RAW:
      put_raw (self, event, out);
      break;
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_LAST:
      break;
    }
}

static void
put (WeirEncoder *base, const WeirEvent *event, GString *out)
{
  WeirAnthropicEncoder *self = (WeirAnthropicEncoder *)base;

  if (event->choice != 0)
    weir_anthropic_encoder_report (self, WEIR_ANTHROPIC_LOST_CHOICE,
                                   WEIR_LOSS_ANSWER_CHOICE);
  else if (base->options.form == WEIR_ANSWER_WHOLE)
    {
      if (weir_slice_equal (event->name, WEIR_SLICE ("citations_delta")))
        weir_anthropic_encoder_report (self, WEIR_ANTHROPIC_LOST_CITATIONS,
                                       WEIR_LOSS_CITATIONS);
      weir_fold_put (&self->fold, event);
    }
  else
    put_in_stream (self, event, out);
}

static void
end_stream (WeirAnthropicEncoder *self, GString *out)
{
  WeirJsonWriter w;

  ensure_started (self, out);
  while (self->open != WEIR_ANTHROPIC_NO_BLOCK || is_waiting (self))
    {
      if (self->open != WEIR_ANTHROPIC_NO_BLOCK)
        close_block (self, out);
      write_waiting (self, out);
    }
  begin (self, "message_delta", out, &w);
  weir_json_open (&w, "delta");
  weir_anthropic_encoder_write_finish (self, &w);
  weir_json_close (&w);
  weir_anthropic_encoder_write_usage (self, &w);
  finish (self, &w);
  begin (self, "message_stop", out, &w);
  finish (self, &w);
}

static gboolean
end (WeirEncoder *base, GString *out, GError **error)
{
  WeirAnthropicEncoder *self = (WeirAnthropicEncoder *)base;

  if (!weir_fold_check (&self->fold, error))
    return FALSE;
  if (base->options.form == WEIR_ANSWER_WHOLE)
    weir_anthropic_encoder_write_document (self, out);
  else
    end_stream (self, out);
  return TRUE;
}

const WeirEncoderClass weir_anthropic_encoder = {
  .dialect = WEIR_DIALECT_ANTHROPIC,
  .size = sizeof (WeirAnthropicEncoder),
  .init = init,
  .clear = clear,
  .put = put,
  .end = end,
};
