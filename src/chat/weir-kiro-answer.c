/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of Kiro (the messages of GenerateAssistantResponse as the vendor's open
 * command-line program reads them, 2026-04; `contextUsageEvent` as other programs found it,
 * read 2026-11).  How full the context is comes in percent of a size that is not told, so
 * no count of tokens is made of it. */

#include "config.h"

#include "chat/weir-kiro.h"

#include "chat/weir-decoder.h"

#define EXCEPTION "exception."

/* What the vendor's errors stand for, where they come inside an answer. */
static const WeirWord statuses[] = {
  { "accessdeniedexception", 403 },
  { "conflictexception", 409 },
  { "internalserverexception", 500 },
  { "resourcenotfoundexception", 404 },
  { "servicequotaexceededexception", 402 },
  { "serviceunavailableexception", 503 },
  { "throttlingexception", 429 },
  { "validationexception", 400 },
  { NULL, 0 },
};

/* Something was said: if nothing more comes, this was all of it. */
static gboolean
begin (WeirDecoder *self, GError **error)
{
  if (weir_decoder_ensure_choice (self, 0, error) == NULL)
    return FALSE;
  weir_decoder_reopen (self, 0);
  self->vague = TRUE;
  return TRUE;
}

static gboolean
settle (WeirDecoder *self)
{
  weir_decoder_note_finish (self, 0, WEIR_FINISH_STOP, WEIR_SLICE (""));
  return TRUE;
}

static gboolean
read_text (WeirDecoder *self, uint32_t object, GError **error)
{
  const WeirSlice text = weir_decoder_lookup_text (self, object, "content");
  WeirDecoderBlock *block;

  if (text.length == 0)
    return TRUE;
  if (!begin (self, error))
    return FALSE;
  block = weir_decoder_ensure_text (self, 0, WEIR_BLOCK_TEXT, error);
  if (block == NULL)
    return FALSE;
  weir_decoder_say_delta (self, block, text);
  return settle (self);
}

static gboolean
say_redacted (WeirDecoder *self, WeirSlice data, GError **error)
{
  const WeirEvent event = {
    .block_type = WEIR_BLOCK_REDACTED_THINKING,
    .signature = data,
  };

  return weir_decoder_say_block (self, 0, &event, WEIR_SLICE (""), error);
}

static gboolean
read_thought (WeirDecoder *self, uint32_t object, GError **error)
{
  const WeirSlice text = weir_decoder_lookup_text (self, object, "text");
  const WeirSlice signature = weir_decoder_lookup_text (self, object, "signature");
  const WeirSlice redacted = weir_decoder_lookup_text (self, object, "redactedContent");
  WeirDecoderBlock *block;

  if (text.length + signature.length + redacted.length == 0)
    return TRUE;
  if (!begin (self, error))
    return FALSE;
  if (redacted.length > 0)
    return say_redacted (self, redacted, error) && settle (self);
  block = weir_decoder_ensure_text (self, 0, WEIR_BLOCK_THINKING, error);
  if (block == NULL)
    return FALSE;
  weir_decoder_say_delta (self, block, text);
  weir_decoder_say_signature (self, block, signature);
  return settle (self);
}

/* The open block of the call @id, or NULL. */
static WeirDecoderBlock *
find_call (WeirDecoder *self, WeirSlice id)
{
  WeirDecoderBlock *block = weir_decoder_lookup (self, 0, weir_decoder_hash_id (id));

  return block != NULL && block->open ? block : NULL;
}

static gboolean
has_open_call (const WeirDecoder *self)
{
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const WeirDecoderBlock *block = &g_array_index (self->blocks, WeirDecoderBlock, i);

      if (block->open && block->type == WEIR_BLOCK_TOOL_CALL)
        return TRUE;
    }
  return FALSE;
}

static WeirDecoderBlock *
ensure_call (WeirDecoder *self, uint32_t object, GError **error)
{
  const WeirEvent event = {
    .block_type = WEIR_BLOCK_TOOL_CALL,
    .id = weir_decoder_lookup_text (self, object, "toolUseId"),
    .name = weir_decoder_lookup_text (self, object, "name"),
  };
  WeirDecoderBlock *block = find_call (self, event.id);

  if (block != NULL)
    return block;
  if (event.name.length > 0)
    return weir_decoder_open (self, weir_decoder_hash_id (event.id), &event, error);
  weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "a call came without its name");
  return NULL;
}

/* Its arguments come in pieces of text; `stop` says that there are no more. */
static gboolean
read_call (WeirDecoder *self, uint32_t object, GError **error)
{
  const uint32_t input = weir_decoder_lookup_item (self, object, "input");
  const uint32_t stop = weir_decoder_lookup_item (self, object, "stop");
  WeirDecoderBlock *block;

  if (!begin (self, error))
    return FALSE;
  block = ensure_call (self, object, error);
  if (block == NULL)
    return FALSE;
  if (input != 0 && weir_json_get_type (&self->json, input) == WEIR_JSON_OBJECT)
    weir_decoder_say_value (self, block, weir_json_get_raw (&self->json, input));
  else
    weir_decoder_say_delta (self, block, weir_decoder_get_text (self, input));
  if (stop != 0 && weir_json_get_type (&self->json, stop) == WEIR_JSON_TRUE)
    weir_decoder_close (self, block);
  return has_open_call (self) || settle (self);
}

static gboolean
read_metadata (WeirDecoder *self, uint32_t object, GError **error)
{
  weir_decoder_say_usage (self, weir_decoder_lookup_item (self, object, "tokenUsage"));
  return TRUE;
}

static gboolean
read_invalid_state (WeirDecoder *self, uint32_t object, GError **error)
{
  weir_decoder_fail (self, weir_decoder_lookup_item (self, object, "reason"),
                     weir_decoder_lookup_item (self, object, "message"), 0);
  return TRUE;
}

/* Of documents and exceptions alike: {"message":…,"reason":…}. */
static gboolean
read_failure (WeirDecoder *self, uint32_t object, unsigned status)
{
  const uint32_t message = weir_decoder_lookup_item (self, object, "message");

  weir_decoder_fail (
      self, weir_decoder_lookup_item (self, object, "reason"),
      message != 0 ? message : weir_decoder_lookup_item (self, object, "Message"), status);
  return TRUE;
}

static const struct
{
  const char *name;
  gboolean (*read) (WeirDecoder *self, uint32_t object, GError **error);
} kinds[] = {
  { "assistantResponseEvent", read_text },
  { "reasoningContentEvent", read_thought },
  { "toolUseEvent", read_call },
  { "metadataEvent", read_metadata },
  { "messageMetadataEvent", read_metadata },
  { "invalidStateEvent", read_invalid_state },
};

/* What else comes (metering, how full the context is, sources of code and of the web,
 * proposals of what to ask next) no client has a place for. */
static gboolean
read_message (WeirDecoder *self, WeirSlice name, uint32_t object, GError **error)
{
  if (weir_slice_has_prefix (name, WEIR_SLICE (EXCEPTION)))
    {
      const size_t skip = sizeof EXCEPTION - 1;
      g_autofree char *type
          = g_ascii_strdown (name.text + skip, (gssize)(name.length - skip));

      return read_failure (self, object,
                           weir_word_lookup (statuses, weir_slice_from_string (type), 0));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (weir_slice_equal (name, weir_slice_from_string (kinds[i].name)))
      return kinds[i].read (self, object, error);
  weir_decoder_say_ping (self);
  return TRUE;
}

static gboolean
read_event (WeirDecoder *self, WeirSlice name, WeirSlice data, GError **error)
{
  return read_message (self, name, 0, error);
}

static gboolean
read_document (WeirDecoder *self, gboolean *out_answer, GError **error)
{
  const WeirJson *json = &self->json;
  const uint32_t events = weir_decoder_lookup_item (self, 0, "events");

  *out_answer = events != 0 && weir_json_get_type (json, events) == WEIR_JSON_ARRAY;
  if (!*out_answer)
    return TRUE;
  for (uint32_t i = weir_json_first (json, events); i != 0 && !self->ended;
       i = weir_json_next (json, events, i))
    {
      const uint32_t data = weir_decoder_lookup_item (self, i, "data");

      if (data != 0
          && !read_message (self, weir_decoder_lookup_text (self, i, "name"), data, error))
        return FALSE;
    }
  if (self->ended || weir_decoder_is_finished (self))
    return TRUE;
  return weir_error_set (error, WEIR_ERROR_CUT,
                         "the upstream ended its answer before it was whole");
}

static gboolean
read_error (WeirDecoder *self, uint32_t object)
{
  if (weir_decoder_lookup_item (self, object, "events") != 0
      || (weir_decoder_lookup_item (self, object, "message") == 0
          && weir_decoder_lookup_item (self, object, "Message") == 0))
    return FALSE;
  return read_failure (self, object, 0);
}

static const WeirAnswerReader reader = {
  .dialect = WEIR_DIALECT_ANTHROPIC,
  .read_event = read_event,
  .read_document = read_document,
  .read_error = read_error,
  .ends_unmarked = TRUE,
};

WeirDecoder *
weir_kiro_decoder_new (WeirAnswerForm form, WeirEventSink sink, gpointer user_data)
{
  return weir_decoder_new_of_reader (&reader, form, sink, user_data);
}
