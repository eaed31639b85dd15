/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of Gemini (GenerateContentResponse, API reference, read 2026-10): every event of
 * a stream has the shape of a whole answer.  There is no last event, and some servers give
 * a finish reason with each one: a candidate is finished while the last thing heard of it
 * had a reason. */

#include "config.h"

#include "chat/weir-decoder.h"
#include "chat/weir-logprobs.h"

static const WeirWord finishes[] = {
  { "STOP", WEIR_FINISH_STOP },
  { "MAX_TOKENS", WEIR_FINISH_LENGTH },
  { "SAFETY", WEIR_FINISH_REFUSAL },
  { "RECITATION", WEIR_FINISH_REFUSAL },
  { "LANGUAGE", WEIR_FINISH_REFUSAL },
  { "BLOCKLIST", WEIR_FINISH_REFUSAL },
  { "PROHIBITED_CONTENT", WEIR_FINISH_REFUSAL },
  { "SPII", WEIR_FINISH_REFUSAL },
  { "IMAGE_SAFETY", WEIR_FINISH_REFUSAL },
  { "IMAGE_PROHIBITED_CONTENT", WEIR_FINISH_REFUSAL },
  { "IMAGE_RECITATION", WEIR_FINISH_REFUSAL },
  { "MALFORMED_FUNCTION_CALL", WEIR_FINISH_BROKEN },
  { "MALFORMED_RESPONSE", WEIR_FINISH_BROKEN },
  { "UNEXPECTED_TOOL_CALL", WEIR_FINISH_BROKEN },
  { "TOO_MANY_TOOL_CALLS", WEIR_FINISH_BROKEN },
  { "MISSING_THOUGHT_SIGNATURE", WEIR_FINISH_BROKEN },
  { NULL, 0 },
};

/* google.rpc.Code as HTTP, for errors that do not give the number. */
static const WeirWord statuses[] = {
  { "INVALID_ARGUMENT", 400 },  { "FAILED_PRECONDITION", 400 },
  { "UNAUTHENTICATED", 401 },   { "PERMISSION_DENIED", 403 },
  { "NOT_FOUND", 404 },         { "RESOURCE_EXHAUSTED", 429 },
  { "CANCELLED", 499 },         { "INTERNAL", 500 },
  { "UNKNOWN", 500 },           { "UNAVAILABLE", 503 },
  { "DEADLINE_EXCEEDED", 504 }, { NULL, 0 },
};

static const char *const raw_members[]
    = { "groundingMetadata", "citationMetadata", "urlContextMetadata" };

static gboolean
read_text (
    WeirDecoder *self, unsigned choice, uint32_t part, WeirSlice signature, GError **error)
{
  WeirSlice text
      = weir_decoder_get_text (self, weir_decoder_lookup_delta (self, part, "text"));
  uint32_t thought = weir_json_lookup (&self->json, part, "thought");
  WeirBlockType type = WEIR_BLOCK_TEXT;
  WeirDecoderBlock *block;

  if (text.length == 0 && signature.length == 0)
    return TRUE;
  if (thought != 0 && weir_json_get_type (&self->json, thought) == WEIR_JSON_TRUE)
    type = WEIR_BLOCK_THINKING;
  block = weir_decoder_ensure_text (self, choice, type, error);
  if (block == NULL)
    return FALSE;
  weir_decoder_say_delta (self, block, text);
  weir_decoder_say_signature (self, block, signature);
  return TRUE;
}

static gboolean
read_call (
    WeirDecoder *self, unsigned choice, uint32_t call, WeirSlice signature, GError **error)
{
  uint32_t arguments = weir_decoder_lookup_item (self, call, "args");
  WeirEvent event = {
    .choice = choice,
    .block_type = WEIR_BLOCK_TOOL_CALL,
    .id = weir_decoder_lookup_text (self, call, "id"),
    .name = weir_decoder_lookup_text (self, call, "name"),
    .signature = signature,
  };
  WeirDecoderBlock *block = weir_decoder_open (self, 0, &event, error);

  if (block == NULL)
    return FALSE;
  if (arguments != 0)
    weir_decoder_say_value (self, block, weir_json_get_raw (&self->json, arguments));
  weir_decoder_close (self, block);
  return TRUE;
}

/* A picture, or whatever else is no text and no call. */
static gboolean
read_other (
    WeirDecoder *self, unsigned choice, uint32_t part, WeirSlice signature, GError **error)
{
  uint32_t data = weir_decoder_lookup_item (self, part, "inlineData");
  uint32_t first = weir_json_first (&self->json, part);
  WeirEvent event
      = { .choice = choice, .block_type = WEIR_BLOCK_OTHER, .signature = signature };
  WeirSlice text = WEIR_SLICE ("");

  if (first == 0)
    return TRUE;
  if (data != 0)
    event.name = weir_decoder_lookup_text (self, data, "mimeType");
  if (weir_slice_has_prefix (event.name, WEIR_SLICE ("image/")))
    {
      event.block_type = WEIR_BLOCK_IMAGE;
      text = weir_decoder_lookup_text (self, data, "data");
    }
  else
    {
      event.name = weir_json_get_raw (&self->json, first);
      event.name = (WeirSlice){ event.name.text + 1, event.name.length - 2 };
      event.raw = weir_json_get_raw (&self->json, part);
    }
  return weir_decoder_say_block (self, 0, &event, text, error);
}

static gboolean
read_part (WeirDecoder *self, unsigned choice, uint32_t part, GError **error)
{
  WeirSlice signature = weir_decoder_lookup_text (self, part, "thoughtSignature");
  uint32_t call = weir_decoder_lookup_item (self, part, "functionCall");
  gboolean is_text = weir_decoder_lookup_item (self, part, "text") != 0;

  if (weir_json_get_type (&self->json, part) != WEIR_JSON_OBJECT)
    return TRUE;
  if (call != 0)
    return read_call (self, choice, call, signature, error);
  if (is_text)
    return read_text (self, choice, part, signature, error);
  return read_other (self, choice, part, signature, error);
}

static gboolean
read_parts (WeirDecoder *self, unsigned choice, uint32_t candidate, GError **error)
{
  const WeirJson *json = &self->json;
  uint32_t content = weir_decoder_lookup_item (self, candidate, "content");
  uint32_t parts = content != 0 ? weir_decoder_lookup_item (self, content, "parts") : 0;

  for (uint32_t i = parts != 0 ? weir_json_first (json, parts) : 0; i != 0;
       i = weir_json_next (json, parts, i))
    {
      weir_decoder_reopen (self, choice);
      if (!read_part (self, choice, i, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_candidate (WeirDecoder *self, uint32_t candidate, GError **error)
{
  g_autoptr (GString) logprobs = NULL;
  uint64_t index = weir_decoder_lookup_uint (self, candidate, "index", 0);
  uint32_t result = weir_decoder_lookup_item (self, candidate, "logprobsResult");
  WeirSlice word = weir_decoder_lookup_text (self, candidate, "finishReason");
  const WeirDecoderChoice *choice = weir_decoder_ensure_choice (self, index, error);

  if (result != 0 && self->sink != NULL)
    {
      logprobs = g_string_new (NULL);
      weir_logprobs_read_result (&self->json, result, logprobs);
      self->logprobs = (WeirSlice){ logprobs->str, logprobs->len };
    }
  if (choice == NULL || !read_parts (self, (unsigned)index, candidate, error))
    return FALSE;
  weir_decoder_settle_logprobs (self, (unsigned)index);
  for (size_t i = 0; i < G_N_ELEMENTS (raw_members); i++)
    {
      uint32_t item = weir_decoder_lookup_item (self, candidate, raw_members[i]);

      if (item != 0)
        weir_decoder_say_raw (self, (unsigned)index,
                              weir_slice_from_string (raw_members[i]),
                              weir_json_get_raw (&self->json, item));
    }
  if (word.length > 0 && !weir_slice_equal (word, WEIR_SLICE ("FINISH_REASON_UNSPECIFIED")))
    weir_decoder_note_finish (
        self, (unsigned)index,
        (WeirFinish)weir_word_lookup (finishes, word, WEIR_FINISH_OTHER), word);
  return TRUE;
}

/* A refused prompt has no candidate: the reason is the whole answer. */
static gboolean
read_feedback (WeirDecoder *self, uint32_t object, GError **error)
{
  uint32_t feedback = weir_decoder_lookup_item (self, object, "promptFeedback");
  WeirSlice word;

  if (feedback == 0)
    return TRUE;
  word = weir_decoder_lookup_text (self, feedback, "blockReason");
  if (word.length == 0 || weir_slice_equal (word, WEIR_SLICE ("BLOCK_REASON_UNSPECIFIED")))
    return TRUE;
  if (weir_decoder_ensure_choice (self, 0, error) == NULL)
    return FALSE;
  weir_decoder_note_finish (self, 0, WEIR_FINISH_REFUSAL, word);
  return TRUE;
}

static gboolean
read_error (WeirDecoder *self, uint32_t object)
{
  uint32_t error = weir_decoder_lookup_item (self, object, "error");
  uint32_t type;
  uint64_t code;

  if (error == 0)
    return FALSE;
  if (weir_json_get_type (&self->json, error) == WEIR_JSON_STRING)
    {
      weir_decoder_fail (self, 0, error, 0);
      return TRUE;
    }
  type = weir_decoder_lookup_item (self, error, "status");
  code = weir_decoder_lookup_uint (self, error, "code", 0);
  if (code < 400 || code >= 600)
    code = weir_word_lookup (statuses, weir_decoder_get_text (self, type), 0);
  weir_decoder_fail (self, type, weir_decoder_lookup_item (self, error, "message"),
                     (unsigned)code);
  return TRUE;
}

/* One event, or the whole answer, at @object.  *@out_answer: it has candidates or says why
 * there are none. */
static gboolean
read_answer (WeirDecoder *self, uint32_t object, gboolean *out_answer, GError **error)
{
  const WeirJson *json = &self->json;
  uint32_t candidates = weir_decoder_lookup_item (self, object, "candidates");
  uint32_t usage = weir_decoder_lookup_item (self, object, "usageMetadata");
  uint32_t feedback = weir_decoder_lookup_item (self, object, "promptFeedback");

  *out_answer = candidates != 0 || usage != 0 || feedback != 0;
  if (!*out_answer)
    return TRUE;
  weir_decoder_say_start (self, weir_decoder_lookup_text (self, object, "responseId"),
                          weir_decoder_lookup_text (self, object, "modelVersion"));
  for (uint32_t i = candidates != 0 ? weir_json_first (json, candidates) : 0; i != 0;
       i = weir_json_next (json, candidates, i))
    if (!read_candidate (self, i, error))
      return FALSE;
  weir_decoder_say_usage (self, usage);
  return read_feedback (self, object, error);
}

static gboolean
read_event (WeirDecoder *self, WeirSlice name, WeirSlice data, GError **error)
{
  gboolean answer;

  if (read_error (self, 0))
    return TRUE;
  if (weir_slice_equal (name, WEIR_SLICE ("error")))
    {
      weir_decoder_fail (self, 0, weir_decoder_lookup_item (self, 0, "message"), 0);
      return TRUE;
    }
  if (!read_answer (self, 0, &answer, error))
    return FALSE;
  if (!answer)
    weir_decoder_say_raw (self, 0, name, data);
  return TRUE;
}

/* Errors of streams without alt=sse, and those streams kept whole, are arrays. */
static gboolean
read_document (WeirDecoder *self, gboolean *out_answer, GError **error)
{
  const WeirJson *json = &self->json;
  gboolean answer = FALSE;

  if (weir_json_get_type (json, 0) == WEIR_JSON_OBJECT
      && !read_answer (self, 0, out_answer, error))
    return FALSE;
  if (weir_json_get_type (json, 0) == WEIR_JSON_ARRAY)
    for (uint32_t i = weir_json_first (json, 0); i != 0; i = weir_json_next (json, 0, i))
      {
        if (read_error (self, i))
          return TRUE;
        if (!read_answer (self, i, &answer, error))
          return FALSE;
        *out_answer = *out_answer || answer;
      }
  for (guint i = 0; i < self->choices->len; i++)
    {
      const WeirDecoderChoice *choice
          = &g_array_index (self->choices, WeirDecoderChoice, i);

      if (choice->seen && !choice->finished)
        weir_decoder_note_finish (self, i, WEIR_FINISH_OTHER, WEIR_SLICE (""));
    }
  return TRUE;
}

const WeirAnswerReader weir_gemini_reader = {
  .dialect = WEIR_DIALECT_GEMINI,
  .read_event = read_event,
  .read_document = read_document,
  .read_error = read_error,
  .ends_unmarked = TRUE,
  .array_document = TRUE,
};
