/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of Anthropic Messages (API reference and streaming guide, read 2026-10). */

#include "config.h"

#include "chat/weir-decoder.h"

static const WeirWord finishes[] = {
  { "end_turn", WEIR_FINISH_STOP },
  { "max_tokens", WEIR_FINISH_LENGTH },
  { "model_context_window_exceeded", WEIR_FINISH_LENGTH },
  { "tool_use", WEIR_FINISH_TOOL_CALLS },
  { "stop_sequence", WEIR_FINISH_STOP_SEQUENCE },
  { "pause_turn", WEIR_FINISH_PAUSE },
  { "refusal", WEIR_FINISH_REFUSAL },
  { "sensitive", WEIR_FINISH_REFUSAL },
  { NULL, 0 },
};

static const WeirWord block_types[] = {
  { "text", WEIR_BLOCK_TEXT },
  { "thinking", WEIR_BLOCK_THINKING },
  { "redacted_thinking", WEIR_BLOCK_REDACTED_THINKING },
  { "tool_use", WEIR_BLOCK_TOOL_CALL },
  { NULL, 0 },
};

/* Errors page of the API reference, read 2026-10. */
static const WeirWord statuses[] = {
  { "invalid_request_error", 400 },
  { "authentication_error", 401 },
  { "billing_error", 402 },
  { "permission_error", 403 },
  { "not_found_error", 404 },
  { "request_too_large", 413 },
  { "rate_limit_error", 429 },
  { "api_error", 500 },
  { "timeout_error", 504 },
  { "overloaded_error", 529 },
  { NULL, 0 },
};

/* Without a name the type, where it is the first member as with the vendor itself. */
static gboolean
is_delta (WeirSlice name, WeirSlice data)
{
  if (name.length > 0)
    return weir_slice_equal (name, WEIR_SLICE ("content_block_delta"));
  return weir_slice_has_prefix (data, WEIR_SLICE ("{\"type\":\"content_block_delta\""));
}

static gboolean
is_finished (const WeirDecoder *self)
{
  return self->choices->len > 0 && g_array_index (self->choices, WeirDecoderChoice, 0).told;
}

/* An object with members, as a call's input is when it does not come in deltas. */
static gboolean
is_filled (const WeirDecoder *self, uint32_t item)
{
  return item != 0 && weir_json_get_type (&self->json, item) == WEIR_JSON_OBJECT
         && weir_json_first (&self->json, item) != 0;
}

/* A content block, whole or about to be filled. */
static WeirDecoderBlock *
open_block (WeirDecoder *self, uint32_t item, uint64_t key, GError **error)
{
  WeirSlice type = weir_decoder_lookup_text (self, item, "type");
  WeirEvent event = { .block_type = (WeirBlockType)weir_word_lookup (block_types, type,
                                                                     WEIR_BLOCK_OTHER) };
  uint32_t input = weir_decoder_lookup_item (self, item, "input");
  WeirDecoderBlock *block;

  if (event.block_type == WEIR_BLOCK_TOOL_CALL)
    {
      event.id = weir_decoder_lookup_text (self, item, "id");
      event.name = weir_decoder_lookup_text (self, item, "name");
    }
  if (event.block_type == WEIR_BLOCK_REDACTED_THINKING)
    event.signature = weir_decoder_lookup_text (self, item, "data");
  if (event.block_type == WEIR_BLOCK_OTHER)
    {
      event.name = type;
      event.raw = weir_json_get_raw (&self->json, item);
    }
  block = weir_decoder_open (self, key, &event, error);
  if (block == NULL)
    return NULL;
  if (event.block_type == WEIR_BLOCK_TEXT)
    weir_decoder_say_delta (self, block, weir_decoder_lookup_text (self, item, "text"));
  if (event.block_type == WEIR_BLOCK_THINKING)
    {
      weir_decoder_say_delta (self, block,
                              weir_decoder_lookup_text (self, item, "thinking"));
      weir_decoder_say_signature (self, block,
                                  weir_decoder_lookup_text (self, item, "signature"));
    }
  if (event.block_type == WEIR_BLOCK_TOOL_CALL && is_filled (self, input))
    weir_decoder_say_value (self, block, weir_json_get_raw (&self->json, input));
  return block;
}

static gboolean
read_message_start (WeirDecoder *self, WeirSlice data, GError **error)
{
  uint32_t message = weir_decoder_lookup_item (self, 0, "message");

  if (message == 0)
    return TRUE;
  weir_decoder_say_start (self, weir_decoder_lookup_text (self, message, "id"),
                          weir_decoder_lookup_text (self, message, "model"));
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, message, "usage"));
  return TRUE;
}

static gboolean
read_block_start (WeirDecoder *self, WeirSlice data, GError **error)
{
  uint32_t item = weir_decoder_lookup_item (self, 0, "content_block");
  uint64_t index = weir_decoder_lookup_uint (self, 0, "index", 0);

  if (item == 0 || is_finished (self))
    return TRUE;
  return open_block (self, item, index, error) != NULL;
}

static gboolean
read_block_delta (WeirDecoder *self, WeirSlice data, GError **error)
{
  uint64_t index = weir_decoder_lookup_uint (self, 0, "index", 0);
  uint32_t delta = weir_decoder_lookup_item (self, 0, "delta");
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, index);
  WeirSlice type;

  if (is_finished (self))
    return TRUE;
  if (delta == 0 || block == NULL || !block->open)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "a delta came for a block that is not open");
  type = weir_decoder_lookup_text (self, delta, "type");
  if (weir_slice_equal (type, WEIR_SLICE ("text_delta")))
    weir_decoder_say_delta (self, block, weir_decoder_lookup_text (self, delta, "text"));
  else if (weir_slice_equal (type, WEIR_SLICE ("thinking_delta")))
    weir_decoder_say_delta (self, block,
                            weir_decoder_lookup_text (self, delta, "thinking"));
  else if (weir_slice_equal (type, WEIR_SLICE ("input_json_delta")))
    weir_decoder_say_delta (self, block,
                            weir_decoder_lookup_text (self, delta, "partial_json"));
  else if (weir_slice_equal (type, WEIR_SLICE ("signature_delta")))
    weir_decoder_say_signature (self, block,
                                weir_decoder_lookup_text (self, delta, "signature"));
  else
    weir_decoder_say_raw (self, 0, type, weir_json_get_raw (&self->json, delta));
  return TRUE;
}

static gboolean
read_block_stop (WeirDecoder *self, WeirSlice data, GError **error)
{
  uint64_t index = weir_decoder_lookup_uint (self, 0, "index", 0);
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, index);

  if (block != NULL)
    weir_decoder_close (self, block);
  return TRUE;
}

/* @object holds stop_reason and stop_sequence.  A reason that is null is none yet. */
static gboolean
read_stop (WeirDecoder *self, uint32_t object, GError **error)
{
  WeirSlice word = weir_decoder_lookup_text (self, object, "stop_reason");
  WeirFinish finish = (WeirFinish)weir_word_lookup (finishes, word, WEIR_FINISH_OTHER);

  if (word.length == 0)
    return TRUE;
  if (weir_decoder_ensure_choice (self, 0, error) == NULL)
    return FALSE;
  weir_decoder_say_finish (self, 0, finish, word,
                           weir_decoder_lookup_text (self, object, "stop_sequence"));
  return TRUE;
}

/* The counts are totals, so they replace those of message_start. */
static gboolean
read_message_delta (WeirDecoder *self, WeirSlice data, GError **error)
{
  uint32_t delta = weir_decoder_lookup_item (self, 0, "delta");

  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, 0, "usage"));
  return delta == 0 || read_stop (self, delta, error);
}

static gboolean
read_message_stop (WeirDecoder *self, WeirSlice data, GError **error)
{
  if (is_finished (self))
    weir_decoder_complete (self);
  else
    weir_decoder_end (self);
  return TRUE;
}

static gboolean
read_ping (WeirDecoder *self, WeirSlice data, GError **error)
{
  weir_decoder_say_ping (self);
  return TRUE;
}

static gboolean
read_error (WeirDecoder *self, uint32_t object)
{
  uint32_t error = weir_decoder_lookup_item (self, object, "error");
  WeirSlice kind = weir_decoder_lookup_text (self, object, "type");
  uint32_t type = 0;
  uint32_t message = 0;

  if (error == 0 && !weir_slice_equal (kind, WEIR_SLICE ("error")))
    return FALSE;
  if (error != 0 && weir_json_get_type (&self->json, error) == WEIR_JSON_STRING)
    message = error;
  else if (error != 0)
    {
      type = weir_decoder_lookup_item (self, error, "type");
      message = weir_decoder_lookup_item (self, error, "message");
    }
  weir_decoder_fail (self, type, message,
                     weir_word_lookup (statuses, weir_decoder_get_text (self, type), 0));
  return TRUE;
}

static gboolean
read_error_event (WeirDecoder *self, WeirSlice data, GError **error)
{
  if (!read_error (self, 0))
    weir_decoder_fail (self, 0, 0, 0);
  return TRUE;
}

static const struct
{
  const char *type;
  gboolean (*read) (WeirDecoder *self, WeirSlice data, GError **error);
} kinds[] = {
  { "content_block_delta", read_block_delta }, { "content_block_start", read_block_start },
  { "content_block_stop", read_block_stop },   { "ping", read_ping },
  { "message_start", read_message_start },     { "message_delta", read_message_delta },
  { "message_stop", read_message_stop },       { "error", read_error_event },
};

static gboolean
read_event (WeirDecoder *self, WeirSlice name, WeirSlice data, GError **error)
{
  WeirSlice type = weir_decoder_lookup_text (self, 0, "type");

  /* a watcher trusts this name alone, so everybody must */
  if (type.length == 0 || weir_slice_equal (name, WEIR_SLICE ("content_block_delta")))
    type = name;
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (weir_slice_equal (type, weir_slice_from_string (kinds[i].type)))
      return kinds[i].read (self, data, error);
  if (type.length == 0 && read_error (self, 0))
    return TRUE;
  weir_decoder_say_raw (self, 0, type, data);
  return TRUE;
}

static gboolean
read_document (WeirDecoder *self, gboolean *out_answer, GError **error)
{
  const WeirJson *json = &self->json;
  uint32_t content = weir_decoder_lookup_item (self, 0, "content");
  uint64_t index = 0;

  *out_answer = content != 0
                && weir_slice_equal (weir_decoder_lookup_text (self, 0, "type"),
                                     WEIR_SLICE ("message"));
  if (!*out_answer)
    {
      /* a token count is a document of one number */
      weir_decoder_say_usage (self, weir_decoder_lookup_item (self, 0, "usage"));
      return TRUE;
    }
  weir_decoder_say_start (self, weir_decoder_lookup_text (self, 0, "id"),
                          weir_decoder_lookup_text (self, 0, "model"));
  for (uint32_t i = weir_json_first (json, content); i != 0;
       i = weir_json_next (json, content, i), index++)
    {
      WeirDecoderBlock *block = open_block (self, i, index, error);

      if (block == NULL)
        return FALSE;
      weir_decoder_close (self, block);
    }
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, 0, "usage"));
  if (!read_stop (self, 0, error) || weir_decoder_ensure_choice (self, 0, error) == NULL)
    return FALSE;
  weir_decoder_say_finish (self, 0, WEIR_FINISH_OTHER, WEIR_SLICE (""), WEIR_SLICE (""));
  return TRUE;
}

const WeirAnswerReader weir_anthropic_reader = {
  .dialect = WEIR_DIALECT_ANTHROPIC,
  .is_delta = is_delta,
  .read_event = read_event,
  .read_document = read_document,
  .read_error = read_error,
};
