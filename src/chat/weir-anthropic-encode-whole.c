/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of Anthropic Messages as one document, and the members that a stream says too
 * (API reference, read 2026-10). */

#include "config.h"

#include "base/weir-json-edit.h"
#include "chat/weir-anthropic-encode.h"
#include "chat/weir-anthropic.h"
#include "chat/weir-loss.h"
#include "chat/weir-signature.h"
#include "chat/weir-tool-name.h"

/* By WeirFinish.  OTHER is the end of the turn, whatever its word was elsewhere. */
static const char *const finish_words[] = {
  [WEIR_FINISH_STOP] = "end_turn",       [WEIR_FINISH_LENGTH] = "max_tokens",
  [WEIR_FINISH_TOOL_CALLS] = "tool_use", [WEIR_FINISH_STOP_SEQUENCE] = "stop_sequence",
  [WEIR_FINISH_REFUSAL] = "refusal",     [WEIR_FINISH_PAUSE] = "pause_turn",
  [WEIR_FINISH_BROKEN] = "end_turn",     [WEIR_FINISH_OTHER] = "end_turn",
};
G_STATIC_ASSERT (G_N_ELEMENTS (finish_words) == WEIR_FINISH_LAST);

gboolean
weir_anthropic_encoder_is_own (const WeirAnthropicEncoder *self)
{
  return self->base.options.upstream == WEIR_DIALECT_ANTHROPIC;
}

void
weir_anthropic_encoder_report (WeirAnthropicEncoder *self, unsigned bit, const char *loss)
{
  if ((self->lost & bit) == 0)
    weir_encoder_report (&self->base, loss);
  self->lost |= bit;
}

/* FALSE: the dialect has no word for such a block, which is reported. */
gboolean
weir_anthropic_encoder_can_say (WeirAnthropicEncoder *self, WeirBlockType type)
{
  if (type == WEIR_BLOCK_IMAGE)
    weir_anthropic_encoder_report (self, 1u << type, WEIR_LOSS_ANSWER_IMAGE);
  if (type == WEIR_BLOCK_OTHER && !weir_anthropic_encoder_is_own (self))
    weir_anthropic_encoder_report (self, 1u << type, WEIR_LOSS_ANSWER_PART);
  if (type == WEIR_BLOCK_REFUSAL)
    weir_anthropic_encoder_report (self, 1u << type, WEIR_LOSS_ANSWER_REFUSAL);
  return type != WEIR_BLOCK_IMAGE
         && (type != WEIR_BLOCK_OTHER || weir_anthropic_encoder_is_own (self));
}

static void
add_count (WeirJsonWriter *w, const char *name, uint64_t count)
{
  if (count != WEIR_USAGE_UNKNOWN)
    weir_json_add_uint (w, name, count);
}

/* Here the cached and the newly cached tokens stand beside the others. */
void
weir_anthropic_encoder_write_usage (const WeirAnthropicEncoder *self, WeirJsonWriter *w)
{
  const WeirUsage *usage = &self->fold.usage;
  const uint64_t beside
      = weir_encoder_count (usage->cached) + weir_encoder_count (usage->cache_write);
  const uint64_t input = weir_encoder_count (usage->input);

  weir_json_open (w, "usage");
  weir_json_add_uint (w, "input_tokens", input - MIN (beside, input));
  add_count (w, "cache_creation_input_tokens", usage->cache_write);
  add_count (w, "cache_read_input_tokens", usage->cached);
  weir_json_add_uint (w, "output_tokens", weir_encoder_count (usage->output));
  weir_json_close (w);
}

/* Everything in front of the content. */
void
weir_anthropic_encoder_write_head (WeirAnthropicEncoder *self, WeirJsonWriter *w)
{
  if (weir_anthropic_encoder_is_own (self) && self->fold.id.length > 0)
    weir_json_add_escaped (w, "id", self->fold.id);
  else
    {
      g_string_assign (self->base.scratch, "msg_");
      g_string_append (self->base.scratch, self->base.options.id);
      weir_json_add_string (w, "id", self->base.scratch->str);
    }
  weir_json_add_string (w, "type", "message");
  weir_json_add_string (w, "role", "assistant");
  weir_json_add_escaped (w, "model", self->base.options.model);
}

/* What stands in front of the call that @signature belongs to.  Good until the scratch is
 * used again. */
WeirSlice
weir_anthropic_encoder_carry (WeirAnthropicEncoder *self, WeirSlice signature)
{
  g_string_assign (self->base.scratch, WEIR_ANTHROPIC_OF_CALL);
  g_string_append_len (self->base.scratch, signature.text, (gssize)signature.length);
  return (WeirSlice){ self->base.scratch->str, self->base.scratch->len };
}

/* What stands for the signature of a thought that has none. */
WeirSlice
weir_anthropic_encoder_get_unsigned (WeirAnthropicEncoder *self)
{
  if (weir_anthropic_encoder_is_own (self))
    return WEIR_SLICE ("");
  return weir_signature_wrap (self->base.options.upstream,
                              WEIR_SLICE (WEIR_ANTHROPIC_UNSIGNED), self->base.scratch);
}

/* The client's own vendor takes only some letters in an id, and may be asked next: other
 * vendors' ids are spelled in these at once.  The call and its result stay together. */
void
weir_anthropic_encoder_write_call (WeirAnthropicEncoder *self,
                                   WeirJsonWriter *w,
                                   WeirSlice id,
                                   WeirSlice name)
{
  weir_json_add_string (w, "type", "tool_use");
  weir_json_add_escaped (
      w, "id", weir_tool_name_map (id, WEIR_DIALECT_ANTHROPIC, self->base.scratch));
  weir_json_add_escaped (w, "name", name);
}

void
weir_anthropic_encoder_write_redacted (WeirJsonWriter *w, WeirSlice data)
{
  weir_json_add_string (w, "type", "redacted_thinking");
  weir_json_add_escaped (w, "data", data);
}

/* Some upstreams end with the same word whether or not there were calls. */
void
weir_anthropic_encoder_write_finish (const WeirAnthropicEncoder *self, WeirJsonWriter *w)
{
  static const WeirFoldChoice none = { .finish = WEIR_FINISH_OTHER };
  const WeirFoldChoice *choice
      = self->fold.choices->len > 0 ? weir_fold_get_choice (&self->fold, 0) : &none;
  WeirFinish reason = choice->finish;

  if (self->called && (reason == WEIR_FINISH_STOP || reason == WEIR_FINISH_OTHER))
    reason = WEIR_FINISH_TOOL_CALLS;
  if (!self->called && reason == WEIR_FINISH_TOOL_CALLS)
    reason = WEIR_FINISH_STOP;
  if (weir_anthropic_encoder_is_own (self) && choice->word.length > 0)
    weir_json_add_escaped (w, "stop_reason", choice->word);
  else
    weir_json_add_string (w, "stop_reason", finish_words[reason]);
  if (choice->stop_sequence.length > 0)
    weir_json_add_escaped (w, "stop_sequence", choice->stop_sequence);
  else
    weir_json_add_null (w, "stop_sequence");
}

static void
write_call (WeirAnthropicEncoder *self, WeirJsonWriter *w, const WeirFoldBlock *block)
{
  const WeirCall call = {
    .custom = block->type == WEIR_BLOCK_CUSTOM_CALL,
    .arguments = { WEIR_SPELLING_TEXT, weir_fold_get_text (block) },
  };
  const WeirSlice signature = weir_fold_get_signature (block);
  WeirSlice object;

  self->called = TRUE;
  if (signature.length > 0)
    {
      weir_json_open (w, NULL);
      weir_anthropic_encoder_write_redacted (
          w, weir_anthropic_encoder_carry (self, signature));
      weir_json_close (w);
    }
  weir_json_open (w, NULL);
  weir_anthropic_encoder_write_call (self, w, block->id, block->name);
  if (weir_call_get_object (&call, self->base.scratch, &object))
    weir_json_add_raw (w, "input", object);
  else
    {
      weir_encoder_report (&self->base, WEIR_LOSS_CALL_ARGUMENTS);
      weir_json_open (w, "input");
      weir_json_add_escaped (w, "input", weir_fold_get_text (block));
      weir_json_close (w);
    }
  weir_json_close (w);
}

static void
write_thought (WeirAnthropicEncoder *self, WeirJsonWriter *w, const WeirFoldBlock *block)
{
  const WeirSlice signature = weir_fold_get_signature (block);

  weir_json_open (w, NULL);
  weir_json_add_string (w, "type", "thinking");
  weir_json_add_escaped (w, "thinking", weir_fold_get_text (block));
  weir_json_add_escaped (w, "signature",
                         signature.length > 0 ? signature
                                              : weir_anthropic_encoder_get_unsigned (self));
  weir_json_close (w);
}

/* Its input came in pieces where the upstream streamed. */
static void
write_other (WeirJsonWriter *w, const WeirFoldBlock *block)
{
  g_autoptr (GString) input = g_string_new (NULL);
  g_autoptr (GBytes) edited = NULL;
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  WeirSlice raw = block->raw;
  WeirSlice value = { NULL };
  const WeirValue said = { WEIR_SPELLING_TEXT, weir_fold_get_text (block) };

  if (weir_fold_get_text (block).length > 0 && weir_value_get_json (&said, input, &value)
      && weir_json_parse (&json, raw.text, raw.length, NULL, NULL)
      && weir_json_get_type (&json, 0) == WEIR_JSON_OBJECT)
    {
      weir_json_edit_set (&edit, &json, 0, "input", value);
      edited = weir_json_edit_apply (&edit, raw);
      raw.text = g_bytes_get_data (edited, &raw.length);
    }
  weir_json_add_raw (w, NULL, raw);
}

static void
write_block (WeirAnthropicEncoder *self, WeirJsonWriter *w, const WeirFoldBlock *block)
{
  switch (block->type)
    {
    case WEIR_BLOCK_TEXT:
    case WEIR_BLOCK_REFUSAL:
      weir_json_open (w, NULL);
      weir_json_add_string (w, "type", "text");
      weir_json_add_escaped (w, "text", weir_fold_get_text (block));
      weir_json_close (w);
      break;
    case WEIR_BLOCK_THINKING:
      write_thought (self, w, block);
      break;
    case WEIR_BLOCK_REDACTED_THINKING:
      weir_json_open (w, NULL);
      weir_anthropic_encoder_write_redacted (w, weir_fold_get_signature (block));
      weir_json_close (w);
      break;
    case WEIR_BLOCK_TOOL_CALL:
    case WEIR_BLOCK_CUSTOM_CALL:
      write_call (self, w, block);
      break;
    case WEIR_BLOCK_OTHER:
      write_other (w, block);
      break;
    case WEIR_BLOCK_IMAGE:
    case WEIR_BLOCK_LAST:
      break;
    }
}

void
weir_anthropic_encoder_write_document (WeirAnthropicEncoder *self, GString *out)
{
  WeirJsonWriter w;

  weir_encoder_begin_document (&self->base, out, &w);
  weir_anthropic_encoder_write_head (self, &w);
  weir_json_open_array (&w, "content");
  for (guint i = 0; i < self->fold.blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);

      if (weir_anthropic_encoder_can_say (self, block->type))
        write_block (self, &w, block);
    }
  weir_json_close (&w);
  weir_anthropic_encoder_write_finish (self, &w);
  weir_anthropic_encoder_write_usage (self, &w);
  weir_encoder_end_document (&self->base, &w);
}
