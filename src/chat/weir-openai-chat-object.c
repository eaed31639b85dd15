/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands in answers of OpenAI Chat Completions, whole or in pieces (API reference,
 * "chat completion object", read 2026-10), and the whole answer.  When pieces are sent is
 * said by the encoder's file. */

#include "config.h"

#include "chat/weir-openai-chat-encode.h"
#include "chat/weir-logprobs.h"
#include "chat/weir-loss.h"
#include "chat/weir-openai-chat.h"

/* There is no word of its own for stop sequences, nor for a pause. */
static const char *const finish_words[] = {
  [WEIR_FINISH_STOP] = "stop",
  [WEIR_FINISH_LENGTH] = "length",
  [WEIR_FINISH_TOOL_CALLS] = "tool_calls",
  [WEIR_FINISH_STOP_SEQUENCE] = "stop",
  [WEIR_FINISH_REFUSAL] = "content_filter",
  [WEIR_FINISH_PAUSE] = "stop",
  [WEIR_FINISH_BROKEN] = "error",
  [WEIR_FINISH_OTHER] = "stop",
};
G_STATIC_ASSERT (G_N_ELEMENTS (finish_words) == WEIR_FINISH_LAST);

gboolean
weir_chat_is_note (WeirSlice name)
{
  static const char *const notes[] = { "audio", "annotations", "reasoning_details" };

  for (size_t i = 0; i < G_N_ELEMENTS (notes); i++)
    if (weir_slice_equal (name, weir_slice_from_string (notes[i])))
      return TRUE;
  return FALSE;
}

void
weir_chat_encode_head (const WeirEncoder *self,
                       WeirJsonWriter *json,
                       const char *prefix,
                       const char *object,
                       WeirSlice upstream_id)
{
  const WeirEncodeOptions *options = &self->options;

  if (options->upstream == WEIR_DIALECT_OPENAI_CHAT && upstream_id.length > 0)
    weir_json_add_escaped (json, "id", upstream_id);
  else
    {
      g_string_assign (self->scratch, prefix);
      g_string_append (self->scratch, options->id);
      weir_json_add_string (json, "id", self->scratch->str);
    }
  weir_json_add_string (json, "object", object);
  weir_json_add_int (json, "created", options->created_s);
  weir_json_add_escaped (json, "model", options->model);
}

static void
add_detail (WeirJsonWriter *json, const char *name, uint64_t count)
{
  if (count != WEIR_USAGE_UNKNOWN)
    weir_json_add_uint (json, name, count);
}

void
weir_chat_encode_usage (WeirJsonWriter *json, const WeirUsage *usage)
{
  weir_json_open (json, "usage");
  weir_json_add_uint (json, "prompt_tokens", weir_encoder_count (usage->input));
  weir_json_add_uint (json, "completion_tokens", weir_encoder_count (usage->output));
  weir_json_add_uint (json, "total_tokens", weir_encoder_sum_total (usage));
  if (usage->cached != WEIR_USAGE_UNKNOWN || usage->cache_write != WEIR_USAGE_UNKNOWN)
    {
      weir_json_open (json, "prompt_tokens_details");
      add_detail (json, "cached_tokens", usage->cached);
      add_detail (json, "cache_write_tokens", usage->cache_write);
      weir_json_close (json);
    }
  if (usage->reasoning != WEIR_USAGE_UNKNOWN)
    {
      weir_json_open (json, "completion_tokens_details");
      add_detail (json, "reasoning_tokens", usage->reasoning);
      weir_json_close (json);
    }
  weir_json_close (json);
}

gboolean
weir_chat_encode_has_usage (const WeirEncoder *self)
{
  return self->options.request->include_usage == WEIR_YES;
}

void
weir_chat_encode_end (WeirEncoder *self,
                      const char *prefix,
                      const char *object,
                      const WeirFold *fold,
                      GString *out)
{
  WeirJsonWriter json;

  if (weir_chat_encode_has_usage (self))
    {
      weir_encoder_begin_event (self, NULL, out, &json);
      weir_chat_encode_head (self, &json, prefix, object, fold->id);
      weir_json_open_array (&json, "choices");
      weir_json_close (&json);
      weir_chat_encode_usage (&json, &fold->usage);
      weir_encoder_end_event (self, &json);
    }
  weir_encoder_say_line (self, "[DONE]", out);
}

void
weir_chat_encode_extra (WeirJsonWriter *json, WeirSlice signature)
{
  if (signature.length == 0)
    return;
  weir_json_open (json, "extra_content");
  weir_json_open (json, "google");
  weir_json_add_escaped (json, "thought_signature", signature);
  weir_json_close (json);
  weir_json_close (json);
}

/* An element of `reasoning_details`: a thought with its signature, or what is redacted.
 * The text stands here too: of several thoughts each must come back with its own. */
void
weir_chat_encode_detail (WeirJsonWriter *json,
                         gboolean redacted,
                         WeirSlice text,
                         WeirSlice signature)
{
  weir_json_add_string (json, "type", redacted ? "reasoning.encrypted" : "reasoning.text");
  if (!redacted)
    weir_json_add_escaped (json, "text", text);
  weir_json_add_escaped (json, redacted ? "data" : "signature", signature);
}

void
weir_chat_encode_logprobs (WeirJsonWriter *json, WeirSlice raw)
{
  if (raw.length == 0)
    return;
  weir_json_open (json, "logprobs");
  weir_logprobs_write (json, "content", raw);
  weir_json_add_null (json, "refusal");
  weir_json_close (json);
}

/* An empty media type: the block is a URL. */
void
weir_chat_encode_image (WeirEncoder *self, WeirJsonWriter *json, const WeirFoldBlock *block)
{
  GString *url = self->scratch;

  g_string_truncate (url, 0);
  if (block->name.length > 0)
    {
      g_string_append (url, "data:");
      g_string_append_len (url, block->name.text, (gssize)block->name.length);
      g_string_append (url, ";base64,");
    }
  weir_slice_append (weir_fold_get_text (block), url);
  weir_json_add_string (json, "type", "image_url");
  weir_json_open (json, "image_url");
  weir_json_add_escaped (json, "url", (WeirSlice){ url->str, url->len });
  weir_json_close (json);
}

/* Some upstreams say that they stopped when they called. */
WeirSlice
weir_chat_encode_finish (const WeirChatEncoder *self,
                         WeirFinish finish,
                         WeirSlice word,
                         gboolean called)
{
  if (called && finish == WEIR_FINISH_STOP)
    finish = WEIR_FINISH_TOOL_CALLS;
  if (self->functions && finish == WEIR_FINISH_TOOL_CALLS)
    return WEIR_SLICE ("function_call");
  if ((finish == WEIR_FINISH_OTHER || finish == WEIR_FINISH_BROKEN) && word.length > 0
      && self->base.options.upstream == WEIR_DIALECT_OPENAI_CHAT)
    return word;
  return weir_slice_from_string (finish_words[finish]);
}

/* The last word of a name holds. */
void
weir_chat_encode_keep_note (WeirChatEncoder *self, const WeirEvent *event)
{
  WeirChatNote note = { .choice = event->choice };

  if (!weir_chat_is_note (event->name))
    return;
  note.name = weir_slice_dup (event->name);
  note.json = weir_slice_dup (event->raw);
  for (guint i = self->notes->len; i > 0; i--)
    {
      const WeirChatNote *older = &g_array_index (self->notes, WeirChatNote, i - 1);

      if (older->choice == note.choice && strcmp (older->name, note.name) == 0)
        g_array_remove_index (self->notes, i - 1);
    }
  g_array_append_val (self->notes, note);
}

/* The texts of all blocks of @type as one member.  FALSE: there are none, and no member. */
static gboolean
write_text (const WeirChatEncoder *self,
            WeirJsonWriter *json,
            unsigned choice,
            WeirBlockType type,
            const char *name)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->fold.blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);

      if (block->choice == choice && block->type == type)
        weir_slice_append (weir_fold_get_text (block), text);
    }
  if (text->len > 0)
    weir_json_add_escaped (json, name, (WeirSlice){ text->str, text->len });
  return text->len > 0;
}

static void
write_function (WeirJsonWriter *json, const WeirFoldBlock *block)
{
  const gboolean custom = block->type == WEIR_BLOCK_CUSTOM_CALL;
  WeirSlice arguments = weir_fold_get_text (block);

  if (!custom && arguments.length == 0)
    arguments = WEIR_SLICE ("{}");
  weir_json_add_escaped (json, "name", block->name);
  weir_json_add_escaped (json, custom ? "input" : "arguments", arguments);
}

/* An element of a list in the message. */
static void
write_element (WeirChatEncoder *self, WeirJsonWriter *json, const WeirFoldBlock *block)
{
  const gboolean custom = block->type == WEIR_BLOCK_CUSTOM_CALL;

  weir_json_open (json, NULL);
  if (block->type == WEIR_BLOCK_IMAGE)
    weir_chat_encode_image (&self->base, json, block);
  else if (block->type == WEIR_BLOCK_THINKING
           || block->type == WEIR_BLOCK_REDACTED_THINKING)
    weir_chat_encode_detail (json, block->type == WEIR_BLOCK_REDACTED_THINKING,
                             weir_fold_get_text (block), weir_fold_get_signature (block));
  else
    {
      weir_json_add_escaped (json, "id", block->id);
      weir_json_add_string (json, "type", custom ? "custom" : "function");
      weir_chat_encode_extra (json, weir_fold_get_signature (block));
      weir_json_open (json, custom ? "custom" : "function");
      write_function (json, block);
      weir_json_close (json);
    }
  weir_json_close (json);
}

static gboolean
is_call (const WeirFoldBlock *block)
{
  return block->type == WEIR_BLOCK_TOOL_CALL || block->type == WEIR_BLOCK_CUSTOM_CALL;
}

static gboolean
is_image (const WeirFoldBlock *block)
{
  return block->type == WEIR_BLOCK_IMAGE;
}

static gboolean
is_signed (const WeirFoldBlock *block)
{
  return (block->type == WEIR_BLOCK_THINKING || block->type == WEIR_BLOCK_REDACTED_THINKING)
         && weir_fold_get_signature (block).length > 0;
}

/* The member @name with all blocks of @choice that are what @is says.  FALSE: there are
 * none, and no member. */
static gboolean
write_list (WeirChatEncoder *self,
            WeirJsonWriter *json,
            unsigned choice,
            const char *name,
            gboolean (*is) (const WeirFoldBlock *block))
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->fold.blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);

      if (block->choice != choice || !is (block))
        continue;
      if (!any)
        weir_json_open_array (json, name);
      any = TRUE;
      write_element (self, json, block);
    }
  if (any)
    weir_json_close (json);
  return any;
}

/* The legacy spelling has one call.  FALSE: there is none. */
static gboolean
write_function_call (WeirChatEncoder *self, WeirJsonWriter *json, unsigned choice)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->fold.blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);

      if (block->choice != choice || !is_call (block))
        continue;
      if (any)
        {
          weir_encoder_report (&self->base, WEIR_LOSS_ANSWER_PART);
          continue;
        }
      any = TRUE;
      weir_json_open (json, "function_call");
      write_function (json, block);
      weir_json_close (json);
    }
  return any;
}

/* `content` is null beside calls and refusals, and else a text, be it empty. */
static gboolean
write_message (WeirChatEncoder *self, WeirJsonWriter *json, unsigned choice)
{
  gboolean called;
  gboolean refused;

  weir_json_add_string (json, "role", "assistant");
  write_text (self, json, choice, WEIR_BLOCK_THINKING, "reasoning_content");
  write_list (self, json, choice, "reasoning_details", is_signed);
  called = self->functions ? write_function_call (self, json, choice)
                           : write_list (self, json, choice, "tool_calls", is_call);
  write_list (self, json, choice, "images", is_image);
  refused = write_text (self, json, choice, WEIR_BLOCK_REFUSAL, "refusal");
  if (!refused)
    weir_json_add_null (json, "refusal");
  if (write_text (self, json, choice, WEIR_BLOCK_TEXT, "content"))
    return called;
  if (called || refused)
    weir_json_add_null (json, "content");
  else
    weir_json_add_string (json, "content", "");
  return called;
}

static void
write_choice (WeirChatEncoder *self, WeirJsonWriter *json, unsigned index)
{
  const WeirFoldChoice *choice = weir_fold_get_choice (&self->fold, index);
  gboolean called;

  weir_json_open (json, NULL);
  weir_json_add_uint (json, "index", index);
  weir_json_open (json, "message");
  called = write_message (self, json, index);
  for (guint i = 0; i < self->notes->len; i++)
    {
      const WeirChatNote *note = &g_array_index (self->notes, WeirChatNote, i);

      if (note->choice == index)
        weir_json_add_raw (json, note->name, weir_slice_from_string (note->json));
    }
  weir_json_close (json);
  weir_chat_encode_logprobs (
      json, weir_fold_join_logprobs (&self->fold, index, self->base.scratch));
  weir_json_add_escaped (
      json, "finish_reason",
      weir_chat_encode_finish (self, choice->finish, choice->word, called));
  weir_json_close (json);
}

void
weir_chat_encode_document (WeirChatEncoder *self, GString *out)
{
  WeirJsonWriter json;

  weir_encoder_begin_document (&self->base, out, &json);
  weir_chat_encode_head (&self->base, &json, WEIR_CHAT_PREFIX, "chat.completion",
                         self->fold.id);
  weir_json_open_array (&json, "choices");
  for (guint i = 0; i < self->fold.choices->len; i++)
    if (weir_fold_get_choice (&self->fold, i)->seen)
      write_choice (self, &json, i);
  weir_json_close (&json);
  weir_chat_encode_usage (&json, &self->fold.usage);
  weir_encoder_end_document (&self->base, &json);
}
