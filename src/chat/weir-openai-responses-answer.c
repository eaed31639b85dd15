/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of OpenAI Responses (API reference, "streaming events", read 2026-10).  The same
 * item may be told three times: by deltas, by its own done event and in the list of the
 * last event; clients are known that read only one of these, so servers are known that send
 * only one.  What was told already is not told again. */

#include "config.h"

#include "chat/weir-decoder.h"

/* An item's parts stand behind each other: key = item, part. */
#define PART_BITS 20

typedef gboolean (*WeirResponsesFunc) (WeirDecoder *self, GError **error);

static const WeirSlice delta_names[] = {
  { "response.output_text.delta", 26 },
  { "response.function_call_arguments.delta", 38 },
  { "response.reasoning_summary_text.delta", 37 },
  { "response.reasoning_text.delta", 29 },
  { "response.custom_tool_call_input.delta", 37 },
  { "response.refusal.delta", 22 },
};

static const WeirWord reasons[] = {
  { "max_output_tokens", WEIR_FINISH_LENGTH },
  { "max_tokens", WEIR_FINISH_LENGTH },
  { "content_filter", WEIR_FINISH_REFUSAL },
  { NULL, 0 },
};

static const WeirWord part_types[] = {
  { "output_text", WEIR_BLOCK_TEXT },
  { "refusal", WEIR_BLOCK_REFUSAL },
  { NULL, 0 },
};

static const WeirWord item_types[] = {
  { "reasoning", WEIR_BLOCK_THINKING },
  { "function_call", WEIR_BLOCK_TOOL_CALL },
  { "custom_tool_call", WEIR_BLOCK_CUSTOM_CALL },
  { "image_generation_call", WEIR_BLOCK_IMAGE },
  { NULL, 0 },
};

static const struct
{
  const char *format;
  WeirSlice media_type;
} image_formats[] = {
  { "png", { "image/png", 9 } },   { "jpeg", { "image/jpeg", 10 } },
  { "jpg", { "image/jpeg", 10 } }, { "webp", { "image/webp", 10 } },
  { "gif", { "image/gif", 9 } },
};

static uint64_t
get_key (uint64_t item, uint64_t part)
{
  return item << PART_BITS | (part & ((1u << PART_BITS) - 1));
}

static uint64_t
read_key (const WeirDecoder *self)
{
  return get_key (weir_decoder_lookup_uint (self, 0, "output_index", 0),
                  weir_decoder_lookup_uint (self, 0, "content_index", 0));
}

static gboolean
is_delta_name (WeirSlice name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (delta_names); i++)
    if (weir_slice_equal (name, delta_names[i]))
      return TRUE;
  return FALSE;
}

/* Without a name the type, where it is the first member as with the vendor itself. */
static gboolean
is_delta (WeirSlice name, WeirSlice data)
{
  static const WeirSlice start = { "{\"type\":\"", 9 };
  const char *type;
  const char *quote;

  if (name.length > 0)
    return is_delta_name (name);
  if (!weir_slice_has_prefix (data, start))
    return FALSE;
  type = data.text + start.length;
  quote = memchr (type, '"', data.length - start.length);
  return quote != NULL && is_delta_name ((WeirSlice){ type, (size_t)(quote - type) });
}

/* The open block of @key; opened as @event says where there is none. */
static WeirDecoderBlock *
ensure_block (WeirDecoder *self, uint64_t key, const WeirEvent *event, GError **error)
{
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, key);

  if (block != NULL && block->open)
    return block;
  return weir_decoder_open (self, key, event, error);
}

static gboolean
say_delta (WeirDecoder *self, WeirBlockType type, uint64_t key, GError **error)
{
  WeirEvent event = { .block_type = type };
  WeirDecoderBlock *block = ensure_block (self, key, &event, error);

  if (block == NULL)
    return FALSE;
  weir_decoder_say_delta (self, block, weir_decoder_lookup_text (self, 0, "delta"));
  return TRUE;
}

static WeirSlice
lookup_logprobs (const WeirDecoder *self, uint32_t object)
{
  const uint32_t list = weir_decoder_lookup_item (self, object, "logprobs");

  if (list == 0 || weir_json_first (&self->json, list) == 0)
    return WEIR_SLICE ("");
  return weir_json_get_raw (&self->json, list);
}

static gboolean
read_text_delta (WeirDecoder *self, GError **error)
{
  self->logprobs = lookup_logprobs (self, 0);
  if (!say_delta (self, WEIR_BLOCK_TEXT, read_key (self), error))
    return FALSE;
  weir_decoder_settle_logprobs (self, 0);
  return TRUE;
}

static gboolean
read_refusal_delta (WeirDecoder *self, GError **error)
{
  return say_delta (self, WEIR_BLOCK_REFUSAL, read_key (self), error);
}

/* All parts of a reasoning item are one block. */
static gboolean
read_thinking_delta (WeirDecoder *self, GError **error)
{
  uint64_t item = weir_decoder_lookup_uint (self, 0, "output_index", 0);

  return say_delta (self, WEIR_BLOCK_THINKING, get_key (item, 0), error);
}

/* A call's name came with its item: without one it cannot be told. */
static gboolean
read_call_delta (WeirDecoder *self, GError **error)
{
  uint64_t item = weir_decoder_lookup_uint (self, 0, "output_index", 0);
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, get_key (item, 0));

  if (block == NULL || !block->open)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "arguments came for a call that was not announced");
  weir_decoder_say_delta (self, block, weir_decoder_lookup_text (self, 0, "delta"));
  return TRUE;
}

/* Summaries are paragraphs. */
static gboolean
read_summary_part (WeirDecoder *self, GError **error)
{
  uint64_t item = weir_decoder_lookup_uint (self, 0, "output_index", 0);
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, get_key (item, 0));

  if (block != NULL && block->open && block->fed)
    weir_decoder_say_delta (self, block, WEIR_SLICE ("\\n\\n"));
  return TRUE;
}

/* A part of a message whose text stands under @member of @part; @part 0: nothing yet. */
static gboolean
read_part (WeirDecoder *self, uint32_t part, uint64_t key, gboolean done, GError **error)
{
  WeirSlice type = weir_decoder_lookup_text (self, part, "type");
  WeirEvent event = { .raw = weir_json_get_raw (&self->json, part), .name = type };
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, key);
  WeirSlice text;

  event.block_type = (WeirBlockType)weir_word_lookup (part_types, type, WEIR_BLOCK_OTHER);
  if (event.block_type != WEIR_BLOCK_OTHER)
    event.raw = event.name = WEIR_SLICE ("");
  if (weir_slice_equal (type, WEIR_SLICE ("reasoning_text")))
    return TRUE; /* belongs to its item's block */
  if (block != NULL && !block->open)
    return TRUE;
  if (block == NULL)
    block = weir_decoder_open (self, key, &event, error);
  if (block == NULL)
    return FALSE;
  text = weir_decoder_lookup_text (
      self, part, event.block_type == WEIR_BLOCK_REFUSAL ? "refusal" : "text");
  if (!block->fed)
    {
      self->logprobs = lookup_logprobs (self, part);
      weir_decoder_say_delta (self, block, text);
      weir_decoder_settle_logprobs (self, 0);
    }
  if (done)
    weir_decoder_close (self, block);
  return TRUE;
}

static gboolean
read_part_added (WeirDecoder *self, GError **error)
{
  uint32_t part = weir_decoder_lookup_item (self, 0, "part");

  return part == 0 || read_part (self, part, read_key (self), FALSE, error);
}

static gboolean
read_part_done (WeirDecoder *self, GError **error)
{
  uint32_t part = weir_decoder_lookup_item (self, 0, "part");

  return part == 0 || read_part (self, part, read_key (self), TRUE, error);
}

static void
describe_item (const WeirDecoder *self, uint32_t item, WeirEvent *out_event)
{
  WeirSlice type = weir_decoder_lookup_text (self, item, "type");
  unsigned block_type = weir_word_lookup (item_types, type, WEIR_BLOCK_OTHER);

  *out_event = (WeirEvent){ .block_type = (WeirBlockType)block_type };
  if (block_type == WEIR_BLOCK_TOOL_CALL || block_type == WEIR_BLOCK_CUSTOM_CALL)
    {
      out_event->id = weir_decoder_lookup_text (self, item, "call_id");
      out_event->name = weir_decoder_lookup_text (self, item, "name");
    }
  else if (block_type == WEIR_BLOCK_THINKING)
    out_event->id = weir_decoder_lookup_text (self, item, "id");
  else if (block_type == WEIR_BLOCK_OTHER)
    {
      out_event->name = type;
      out_event->raw = weir_json_get_raw (&self->json, item);
    }
}

static gboolean
is_message (const WeirDecoder *self, uint32_t item)
{
  return weir_slice_equal (weir_decoder_lookup_text (self, item, "type"),
                           WEIR_SLICE ("message"));
}

static gboolean
read_item_added (WeirDecoder *self, GError **error)
{
  uint64_t index = weir_decoder_lookup_uint (self, 0, "output_index", 0);
  uint32_t item = weir_decoder_lookup_item (self, 0, "item");
  WeirEvent event;

  /* messages are told by their parts, pictures and other items when they are done */
  if (item == 0 || is_message (self, item))
    return TRUE;
  describe_item (self, item, &event);
  if (event.block_type == WEIR_BLOCK_OTHER || event.block_type == WEIR_BLOCK_IMAGE)
    {
      weir_decoder_note_content (
          self); /* a search or picture is on its way: clients show it */
      return TRUE;
    }
  return ensure_block (self, get_key (index, 0), &event, error) != NULL;
}

static gboolean
read_message (WeirDecoder *self, uint32_t item, uint64_t index, GError **error)
{
  uint32_t content = weir_decoder_lookup_item (self, item, "content");
  const WeirJson *json = &self->json;
  uint64_t part = 0;

  for (uint32_t i = content != 0 ? weir_json_first (json, content) : 0; i != 0;
       i = weir_json_next (json, content, i), part++)
    if (!read_part (self, i, get_key (index, part), TRUE, error))
      return FALSE;
  return TRUE;
}

/* The texts of a reasoning item, which has a summary, a content or neither. */
static void
say_thoughts (WeirDecoder *self, WeirDecoderBlock *block, uint32_t item)
{
  static const char *const members[] = { "summary", "content" };
  const WeirJson *json = &self->json;

  for (size_t m = 0; m < G_N_ELEMENTS (members) && !block->fed; m++)
    {
      uint32_t list = weir_decoder_lookup_item (self, item, members[m]);

      for (uint32_t i = list != 0 ? weir_json_first (json, list) : 0; i != 0;
           i = weir_json_next (json, list, i))
        {
          if (block->fed)
            weir_decoder_say_delta (self, block, WEIR_SLICE ("\\n\\n"));
          weir_decoder_say_delta (self, block, weir_decoder_lookup_text (self, i, "text"));
        }
    }
}

static WeirSlice
lookup_media_type (const WeirDecoder *self, uint32_t item)
{
  WeirSlice format = weir_decoder_lookup_text (self, item, "output_format");

  for (size_t i = 0; i < G_N_ELEMENTS (image_formats); i++)
    if (weir_slice_equal (format, weir_slice_from_string (image_formats[i].format)))
      return image_formats[i].media_type;
  return image_formats[0].media_type;
}

/* Tells what was not yet told of the item, and closes it. */
static gboolean
read_item (WeirDecoder *self, uint32_t item, uint64_t index, GError **error)
{
  uint64_t key = get_key (index, 0);
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, key);
  WeirEvent event;
  WeirSlice text;

  if (is_message (self, item))
    return read_message (self, item, index, error);
  if (block != NULL && !block->open)
    return TRUE;
  describe_item (self, item, &event);
  if (event.block_type == WEIR_BLOCK_IMAGE)
    {
      text = weir_decoder_lookup_text (self, item, "result");
      event.name = lookup_media_type (self, item);
      event.raw = weir_json_get_raw (&self->json, item);
      return text.length == 0 || weir_decoder_say_block (self, key, &event, text, error);
    }
  if (block == NULL)
    block = weir_decoder_open (self, key, &event, error);
  if (block == NULL)
    return FALSE;
  if (event.block_type == WEIR_BLOCK_THINKING)
    {
      say_thoughts (self, block, item);
      weir_decoder_say_signature (
          self, block, weir_decoder_lookup_text (self, item, "encrypted_content"));
    }
  else if (event.block_type != WEIR_BLOCK_OTHER && !block->fed)
    {
      text = weir_decoder_lookup_text (
          self, item, event.block_type == WEIR_BLOCK_CUSTOM_CALL ? "input" : "arguments");
      weir_decoder_say_delta (self, block, text);
    }
  weir_decoder_close (self, block);
  return TRUE;
}

static gboolean
read_item_done (WeirDecoder *self, GError **error)
{
  uint32_t item = weir_decoder_lookup_item (self, 0, "item");

  return item == 0
         || read_item (self, item, weir_decoder_lookup_uint (self, 0, "output_index", 0),
                       error);
}

static gboolean
read_created (WeirDecoder *self, GError **error)
{
  uint32_t response = weir_decoder_lookup_item (self, 0, "response");

  if (response != 0)
    weir_decoder_say_start (self, weir_decoder_lookup_text (self, response, "id"),
                            weir_decoder_lookup_text (self, response, "model"));
  return TRUE;
}

/* @response is finished: its items where none was told before, its counts, its end. */
static gboolean
read_response (WeirDecoder *self, uint32_t response, WeirSlice status, GError **error)
{
  const WeirJson *json = &self->json;
  uint32_t output = weir_decoder_lookup_item (self, response, "output");
  uint32_t details = weir_decoder_lookup_item (self, response, "incomplete_details");
  gboolean told = self->blocks->len > 0 || (self->sink == NULL && self->has_content);
  WeirFinish finish = WEIR_FINISH_STOP;
  uint64_t index = 0;

  weir_decoder_say_start (self, weir_decoder_lookup_text (self, response, "id"),
                          weir_decoder_lookup_text (self, response, "model"));
  for (uint32_t i = output != 0 && !told ? weir_json_first (json, output) : 0; i != 0;
       i = weir_json_next (json, output, i), index++)
    if (!read_item (self, i, index, error))
      return FALSE;
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, response, "usage"));

  if (weir_slice_equal (status, WEIR_SLICE ("incomplete")))
    {
      if (details != 0)
        status = weir_decoder_lookup_text (self, details, "reason");
      finish = (WeirFinish)weir_word_lookup (reasons, status, WEIR_FINISH_OTHER);
    }
  if (weir_decoder_ensure_choice (self, 0, error) == NULL)
    return FALSE;
  weir_decoder_say_finish (self, 0, finish, status, WEIR_SLICE (""));
  return TRUE;
}

static gboolean
read_end (WeirDecoder *self, WeirSlice status, GError **error)
{
  uint32_t response = weir_decoder_lookup_item (self, 0, "response");

  if (response == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "the last event holds no response");
  if (!read_response (self, response, status, error))
    return FALSE;
  weir_decoder_complete (self);
  return TRUE;
}

static gboolean
read_completed (WeirDecoder *self, GError **error)
{
  return read_end (self, WEIR_SLICE ("completed"), error);
}

static gboolean
read_incomplete (WeirDecoder *self, GError **error)
{
  return read_end (self, WEIR_SLICE ("incomplete"), error);
}

static gboolean
read_failed (WeirDecoder *self, GError **error)
{
  uint32_t response = weir_decoder_lookup_item (self, 0, "response");
  uint32_t cause = 0;

  if (response != 0)
    {
      weir_decoder_say_usage (self, weir_decoder_lookup_item (self, response, "usage"));
      cause = weir_decoder_lookup_item (self, response, "error");
    }
  if (!weir_openai_read_failure (self, cause))
    weir_decoder_fail (self, 0, 0, 0);
  return TRUE;
}

/* Flat by the reference; with a wrapper, and the status beside it, over websockets. */
static gboolean
read_error_event (WeirDecoder *self, GError **error)
{
  uint64_t status = weir_decoder_lookup_uint (self, 0, "status", 0);

  if (!weir_openai_read_failure (self, weir_decoder_lookup_item (self, 0, "error")))
    weir_openai_read_bare_failure (self, 0);
  if (status >= 400 && status < 600)
    self->failure_status = (unsigned)status;
  return TRUE;
}

static const struct
{
  const char *type;
  WeirResponsesFunc read;
} kinds[] = {
  { "response.output_text.delta", read_text_delta },
  { "response.function_call_arguments.delta", read_call_delta },
  { "response.custom_tool_call_input.delta", read_call_delta },
  { "response.reasoning_summary_text.delta", read_thinking_delta },
  { "response.reasoning_text.delta", read_thinking_delta },
  { "response.refusal.delta", read_refusal_delta },
  { "response.reasoning_summary_part.added", read_summary_part },
  { "response.content_part.added", read_part_added },
  { "response.content_part.done", read_part_done },
  { "response.output_item.added", read_item_added },
  { "response.output_item.done", read_item_done },
  { "response.created", read_created },
  { "response.queued", read_created },
  { "response.in_progress", read_created },
  { "response.completed", read_completed },
  { "response.incomplete", read_incomplete },
  { "response.failed", read_failed },
  { "error", read_error_event },
};

/* Their text comes again with the part or the item. */
static const WeirWord repetitions[] = {
  { "response.output_text.done", TRUE },
  { "response.refusal.done", TRUE },
  { "response.function_call_arguments.done", TRUE },
  { "response.custom_tool_call_input.done", TRUE },
  { "response.reasoning_summary_text.done", TRUE },
  { "response.reasoning_summary_part.done", TRUE },
  { "response.reasoning_text.done", TRUE },
  { NULL, 0 },
};

static gboolean
read_event (WeirDecoder *self, WeirSlice name, WeirSlice data, GError **error)
{
  WeirSlice type = weir_decoder_lookup_text (self, 0, "type");

  /* a watcher trusts these names alone, so everybody must */
  if (is_delta_name (name) || type.length == 0)
    type = name;
  if (self->sink == NULL && is_delta_name (type))
    {
      /* under another name: the blocks it may belong to were never told to a watcher */
      weir_decoder_note_content (self);
      return TRUE;
    }
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (weir_slice_equal (type, weir_slice_from_string (kinds[i].type)))
      return kinds[i].read (self, error);
  if (type.length == 0
      && weir_openai_read_failure (self, weir_decoder_lookup_item (self, 0, "error")))
    return TRUE;
  if (!weir_word_lookup (repetitions, type, FALSE))
    weir_decoder_say_raw (self, 0, type, data);
  return TRUE;
}

static gboolean
read_error (WeirDecoder *self, uint32_t object)
{
  WeirSlice status = weir_decoder_lookup_text (self, object, "status");

  if (weir_openai_read_failure (self, weir_decoder_lookup_item (self, object, "error")))
    return TRUE;
  if (!weir_slice_equal (status, WEIR_SLICE ("failed")))
    return FALSE;
  weir_decoder_fail (self, 0, 0, 0);
  return TRUE;
}

static gboolean
read_document (WeirDecoder *self, gboolean *out_answer, GError **error)
{
  WeirSlice status = weir_decoder_lookup_text (self, 0, "status");
  uint32_t output = weir_decoder_lookup_item (self, 0, "output");

  /* queued and in_progress are background jobs, not answers */
  *out_answer
      = output != 0
        && (status.length == 0 || weir_slice_equal (status, WEIR_SLICE ("completed"))
            || weir_slice_equal (status, WEIR_SLICE ("incomplete")));
  if (*out_answer)
    return read_response (self, 0, status, error);
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, 0, "usage"));
  return TRUE;
}

const WeirAnswerReader weir_openai_responses_reader = {
  .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
  .is_delta = is_delta,
  .read_event = read_event,
  .read_document = read_document,
  .read_error = read_error,
};
