/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of OpenAI Chat Completions (API reference, "chat completion chunk", read
 * 2026-10) and of the servers that imitate it: their spellings of thinking, pictures and
 * calls are read here too. */

#include "config.h"

#include "chat/weir-decoder.h"

/* A call's key is its index. */
#define KEY_LEGACY_CALL ((uint64_t)1 << 40)
#define KEY_IMAGE ((uint64_t)2 << 40)

static const WeirWord finishes[] = {
  { "stop", WEIR_FINISH_STOP },
  { "length", WEIR_FINISH_LENGTH },
  { "tool_calls", WEIR_FINISH_TOOL_CALLS },
  { "function_call", WEIR_FINISH_TOOL_CALLS },
  { "content_filter", WEIR_FINISH_REFUSAL },
  /* what vendors let through of other dialects */
  { "eos", WEIR_FINISH_STOP },
  { "end_turn", WEIR_FINISH_STOP },
  { "max_tokens", WEIR_FINISH_LENGTH },
  { "model_length", WEIR_FINISH_LENGTH },
  { "tool_use", WEIR_FINISH_TOOL_CALLS },
  { "stop_sequence", WEIR_FINISH_STOP_SEQUENCE },
  { "safety", WEIR_FINISH_REFUSAL },
  { "refusal", WEIR_FINISH_REFUSAL },
  { "error", WEIR_FINISH_BROKEN },
  { "malformed_function_call", WEIR_FINISH_BROKEN },
  { NULL, 0 },
};

/* Members of a delta that have no event of their own. */
static const char *const raw_members[] = { "audio", "annotations", "reasoning_details" };

static gboolean
say_text (
    WeirDecoder *self, unsigned choice, WeirBlockType type, uint32_t item, GError **error)
{
  WeirSlice text = weir_decoder_get_text (self, item);
  WeirDecoderBlock *block;

  if (text.length == 0)
    return TRUE;
  block = weir_decoder_ensure_text (self, choice, type, error);
  if (block == NULL)
    return FALSE;
  weir_decoder_say_delta (self, block, text);
  return TRUE;
}

/* Mistral sends a list of parts: text, and thinking that is again a list of texts. */
static gboolean
read_parts (
    WeirDecoder *self, unsigned choice, WeirBlockType type, uint32_t parts, GError **error)
{
  const WeirJson *json = &self->json;

  for (uint32_t i = weir_json_first (json, parts); i != 0;
       i = weir_json_next (json, parts, i))
    if (!say_text (self, choice, type, weir_decoder_lookup_delta (self, i, "text"), error))
      return FALSE;
  return TRUE;
}

static gboolean
read_content (WeirDecoder *self, unsigned choice, uint32_t delta, GError **error)
{
  const WeirJson *json = &self->json;
  uint32_t content = weir_decoder_lookup_item (self, delta, "content");

  if (content == 0)
    return TRUE;
  if (weir_json_get_type (json, content) == WEIR_JSON_STRING)
    return say_text (self, choice, WEIR_BLOCK_TEXT,
                     weir_decoder_lookup_delta (self, delta, "content"), error);
  if (weir_json_get_type (json, content) != WEIR_JSON_ARRAY)
    return TRUE;
  for (uint32_t i = weir_json_first (json, content); i != 0;
       i = weir_json_next (json, content, i))
    {
      uint32_t thinking = weir_decoder_lookup_item (self, i, "thinking");

      if (!say_text (self, choice, WEIR_BLOCK_TEXT,
                     weir_decoder_lookup_delta (self, i, "text"), error))
        return FALSE;
      if (thinking != 0 && !read_parts (self, choice, WEIR_BLOCK_THINKING, thinking, error))
        return FALSE;
    }
  return TRUE;
}

/* DeepSeek, Moonshot and Qwen say reasoning_content, OpenRouter and Groq reasoning; some
 * say both with the same text. */
static gboolean
read_reasoning (WeirDecoder *self, unsigned choice, uint32_t delta, GError **error)
{
  uint32_t content = weir_decoder_lookup_delta (self, delta, "reasoning_content");
  uint32_t plain = weir_decoder_lookup_delta (self, delta, "reasoning");

  if (weir_decoder_get_text (self, content).length == 0)
    content = plain;
  return say_text (self, choice, WEIR_BLOCK_THINKING, content, error);
}

static gboolean
read_images (WeirDecoder *self, unsigned choice, uint32_t delta, GError **error)
{
  uint32_t images = weir_decoder_lookup_item (self, delta, "images");
  const WeirJson *json = &self->json;

  if (images == 0)
    return TRUE;
  for (uint32_t i = weir_json_first (json, images); i != 0;
       i = weir_json_next (json, images, i))
    {
      uint32_t image = weir_decoder_lookup_item (self, i, "image_url");
      WeirSlice url = WEIR_SLICE ("");

      if (image != 0)
        url = weir_decoder_lookup_text (self, image, "url");
      if (url.length > 0
          && !weir_decoder_say_image_url (self, choice, KEY_IMAGE, url, error))
        return FALSE;
    }
  return TRUE;
}

static void
clear_pending (gpointer data)
{
  g_free (((WeirDecoderPending *)data)->id);
}

/* The id that came ahead of its call's name; *@out_at: where it is kept, or the end. */
static WeirSlice
lookup_pending (WeirDecoder *self, unsigned choice, uint64_t key, guint *out_at)
{
  if (self->pending == NULL)
    {
      self->pending = g_array_new (FALSE, FALSE, sizeof (WeirDecoderPending));
      g_array_set_clear_func (self->pending, clear_pending);
    }
  for (*out_at = 0; *out_at < self->pending->len; (*out_at)++)
    {
      const WeirDecoderPending *pending
          = &g_array_index (self->pending, WeirDecoderPending, *out_at);

      if (pending->key == key && pending->choice == choice)
        return weir_slice_from_string (pending->id);
    }
  return WEIR_SLICE ("");
}

/* Opens the call, or keeps its id while there is neither a name nor anything else to say.
 * *@out_block is NULL then. */
static gboolean
open_call (WeirDecoder *self,
           uint64_t key,
           WeirEvent *event,
           gboolean hasty,
           WeirDecoderBlock **out_block,
           GError **error)
{
  guint at;
  WeirSlice id = lookup_pending (self, event->choice, key, &at);

  if (event->id.length == 0)
    event->id = id;
  if (event->name.length > 0 || hasty)
    {
      *out_block = weir_decoder_open (self, key, event, error);
      if (at < self->pending->len)
        g_array_remove_index_fast (self->pending, at);
      return *out_block != NULL;
    }
  *out_block = NULL;
  if (at == self->pending->len && at < WEIR_DECODER_BLOCKS)
    {
      WeirDecoderPending pending = { event->choice, key, weir_slice_dup (event->id) };

      g_array_append_val (self->pending, pending);
    }
  return TRUE;
}

/* One piece of a call.  @function (0: none) holds name and @member, the arguments. */
static gboolean
read_call (WeirDecoder *self,
           uint64_t key,
           WeirEvent *event,
           uint32_t function,
           const char *member,
           GError **error)
{
  WeirDecoderBlock *block = weir_decoder_lookup (self, event->choice, key);
  uint32_t arguments = 0;
  gboolean is_text = TRUE;

  if (function != 0)
    {
      event->name = weir_decoder_lookup_text (self, function, "name");
      arguments = weir_decoder_lookup_item (self, function, member);
    }
  if (arguments != 0)
    is_text = weir_decoder_lookup_delta (self, function, member) != 0;
  /* Google's imitation gives every parallel call index 0: another id is another call */
  if (block != NULL && event->id.length > 0 && event->name.length > 0
      && block->id_hash != weir_decoder_hash_id (event->id))
    block = NULL;
  if (block == NULL)
    {
      gboolean hasty = arguments != 0
                       && (!is_text || weir_decoder_get_text (self, arguments).length > 0);

      if (!open_call (self, key, event, hasty, &block, error))
        return FALSE;
    }
  if (block == NULL)
    return TRUE;
  if (is_text)
    weir_decoder_say_delta (self, block, weir_decoder_get_text (self, arguments));
  else
    weir_decoder_say_value (self, block, weir_json_get_raw (&self->json, arguments));
  return TRUE;
}

static WeirSlice
lookup_signature (WeirDecoder *self, uint32_t call)
{
  uint32_t extra = weir_decoder_lookup_item (self, call, "extra_content");
  uint32_t google = extra != 0 ? weir_decoder_lookup_item (self, extra, "google") : 0;

  if (google == 0)
    return WEIR_SLICE ("");
  return weir_decoder_lookup_text (self, google, "thought_signature");
}

static gboolean
read_calls (WeirDecoder *self, unsigned choice, uint32_t delta, GError **error)
{
  const WeirJson *json = &self->json;
  uint32_t calls = weir_decoder_lookup_item (self, delta, "tool_calls");
  uint32_t legacy = weir_decoder_lookup_item (self, delta, "function_call");
  uint64_t position = 0;

  for (uint32_t i = calls != 0 ? weir_json_first (json, calls) : 0; i != 0;
       i = weir_json_next (json, calls, i), position++)
    {
      uint32_t custom = weir_decoder_lookup_item (self, i, "custom");
      uint32_t function = weir_decoder_lookup_item (self, i, "function");
      uint64_t index = weir_decoder_lookup_uint (self, i, "index", position);
      WeirEvent event = {
        .choice = choice,
        .block_type = custom != 0 ? WEIR_BLOCK_CUSTOM_CALL : WEIR_BLOCK_TOOL_CALL,
        .id = weir_decoder_lookup_text (self, i, "id"),
        .signature = lookup_signature (self, i),
      };

      if (weir_json_get_type (json, i) != WEIR_JSON_OBJECT)
        continue;
      if (!read_call (self, index & UINT32_MAX, &event, custom != 0 ? custom : function,
                      custom != 0 ? "input" : "arguments", error))
        return FALSE;
    }
  if (legacy != 0)
    {
      WeirEvent event = { .choice = choice, .block_type = WEIR_BLOCK_TOOL_CALL };

      return read_call (self, KEY_LEGACY_CALL, &event, legacy, "arguments", error);
    }
  return TRUE;
}

static gboolean
read_delta (WeirDecoder *self, unsigned choice, uint32_t delta, GError **error)
{
  if (!read_reasoning (self, choice, delta, error)
      || !read_content (self, choice, delta, error)
      || !say_text (self, choice, WEIR_BLOCK_REFUSAL,
                    weir_decoder_lookup_delta (self, delta, "refusal"), error)
      || !read_images (self, choice, delta, error)
      || !read_calls (self, choice, delta, error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (raw_members); i++)
    {
      uint32_t item = weir_decoder_lookup_item (self, delta, raw_members[i]);

      if (item == 0)
        continue;
      weir_decoder_say_raw (self, choice, weir_slice_from_string (raw_members[i]),
                            weir_json_get_raw (&self->json, item));
      if (i == 0)
        weir_decoder_note_content (self); /* spoken words */
    }
  return TRUE;
}

static WeirSlice
lookup_logprobs (const WeirDecoder *self, uint32_t item)
{
  const uint32_t logprobs = weir_decoder_lookup_item (self, item, "logprobs");
  const uint32_t content
      = logprobs != 0 ? weir_decoder_lookup_item (self, logprobs, "content") : 0;

  if (content == 0 || weir_json_first (&self->json, content) == 0)
    return WEIR_SLICE ("");
  return weir_json_get_raw (&self->json, content);
}

/* @member: "delta" in a chunk, "message" in a whole answer. */
static gboolean
read_choice (
    WeirDecoder *self, uint32_t item, uint64_t position, const char *member, GError **error)
{
  uint64_t index = weir_decoder_lookup_uint (self, item, "index", position);
  uint32_t delta = weir_decoder_lookup_item (self, item, member);
  WeirSlice word = weir_decoder_lookup_text (self, item, "finish_reason");
  const WeirDecoderChoice *choice = weir_decoder_ensure_choice (self, index, error);

  if (choice == NULL)
    return FALSE;
  self->logprobs = lookup_logprobs (self, item);
  if (!choice->told && delta != 0 && !read_delta (self, (unsigned)index, delta, error))
    return FALSE;
  weir_decoder_settle_logprobs (self, (unsigned)index);
  /* legacy completions have their text right here */
  if (!choice->told
      && !say_text (self, (unsigned)index, WEIR_BLOCK_TEXT,
                    weir_decoder_lookup_delta (self, item, "text"), error))
    return FALSE;
  /* Moonshot puts the counts into the last choice */
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, item, "usage"));
  if (word.length > 0)
    weir_decoder_say_finish (
        self, (unsigned)index,
        (WeirFinish)weir_word_lookup (finishes, word, WEIR_FINISH_OTHER), word,
        WEIR_SLICE (""));
  return TRUE;
}

static gboolean
read_choices (WeirDecoder *self, uint32_t choices, const char *member, GError **error)
{
  const WeirJson *json = &self->json;
  uint64_t position = 0;

  weir_decoder_say_start (self, weir_decoder_lookup_text (self, 0, "id"),
                          weir_decoder_lookup_text (self, 0, "model"));
  for (uint32_t i = weir_json_first (json, choices); i != 0;
       i = weir_json_next (json, choices, i), position++)
    if (!read_choice (self, i, position, member, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_error (WeirDecoder *self, uint32_t object)
{
  WeirSlice kind = weir_decoder_lookup_text (self, object, "object");

  if (weir_openai_read_failure (self, weir_decoder_lookup_item (self, object, "error")))
    return TRUE;
  if (!weir_slice_equal (kind, WEIR_SLICE ("error"))) /* older vLLM: without a wrapper */
    return FALSE;
  weir_decoder_fail (self, weir_decoder_lookup_item (self, object, "type"),
                     weir_decoder_lookup_item (self, object, "message"), 0);
  return TRUE;
}

static gboolean
read_event (WeirDecoder *self, WeirSlice name, WeirSlice data, GError **error)
{
  uint32_t choices;

  if (read_error (self, 0))
    return TRUE;
  if (weir_slice_equal (name, WEIR_SLICE ("error")))
    {
      weir_decoder_fail (self, weir_decoder_lookup_item (self, 0, "type"),
                         weir_decoder_lookup_item (self, 0, "message"), 0);
      return TRUE;
    }
  choices = weir_decoder_lookup_item (self, 0, "choices");
  if (choices != 0 && !read_choices (self, choices, "delta", error))
    return FALSE;
  if (choices == 0)
    weir_decoder_say_raw (self, 0, name, data);
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, 0, "usage"));
  /* random padding against guessing texts by their length */
  weir_decoder_lookup_delta (self, 0, "obfuscation");
  return TRUE;
}

static gboolean
read_document (WeirDecoder *self, gboolean *out_answer, GError **error)
{
  uint32_t choices = weir_decoder_lookup_item (self, 0, "choices");

  *out_answer = choices != 0 && weir_json_first (&self->json, choices) != 0;
  if (*out_answer && !read_choices (self, choices, "message", error))
    return FALSE;
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, 0, "usage"));
  for (guint i = 0; i < self->choices->len; i++)
    if (g_array_index (self->choices, WeirDecoderChoice, i).seen)
      weir_decoder_say_finish (self, i, WEIR_FINISH_OTHER, WEIR_SLICE (""),
                               WEIR_SLICE (""));
  return TRUE;
}

const WeirAnswerReader weir_openai_chat_reader = {
  .dialect = WEIR_DIALECT_OPENAI_CHAT,
  .read_event = read_event,
  .read_document = read_document,
  .read_error = read_error,
  .done_word = TRUE,
};
