/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frame around the dialects' readers: bytes in any cut become events or one document,
 * and the end of the transport becomes a verdict.  What an event means is the dialects'. */

#include "config.h"

#include "base/weir-json-write.h"
#include "chat/weir-decoder.h"

/* Enough for usage, finish reason and error of every dialect's document. */
#define WATCHED_DEPTH 3
/* A list of embeddings has millions of numbers; none of them is recorded. */
#define WATCHED_TOKENS (32u << 20)

static const WeirAnswerReader *const readers[] = {
  [WEIR_DIALECT_OPENAI_CHAT] = &weir_openai_chat_reader,
  [WEIR_DIALECT_OPENAI_RESPONSES] = &weir_openai_responses_reader,
  [WEIR_DIALECT_ANTHROPIC] = &weir_anthropic_reader,
  [WEIR_DIALECT_GEMINI] = &weir_gemini_reader,
};
G_STATIC_ASSERT (G_N_ELEMENTS (readers) == WEIR_DIALECT_LAST);

/* In a watched stream most events change nothing that is kept. */
static gboolean
pass_over (WeirDecoder *self, WeirSlice name, WeirSlice data)
{
  if (data.length == 0 || data.text[0] != '{')
    return FALSE;
  if (self->reader->is_delta != NULL && self->reader->is_delta (name, data))
    {
      weir_decoder_note_content (self);
      return TRUE;
    }
  if (!self->has_content
      || !weir_skeleton_match (&self->skeleton, data, self->counts.counts))
    return FALSE;
  if (self->skeleton.has_numbers)
    weir_usage_settle (&self->usage, self->reader->dialect, &self->counts);
  return TRUE;
}

static WeirSlice
trim (WeirSlice text)
{
  while (text.length > 0 && g_ascii_isspace (text.text[text.length - 1]))
    text.length--;
  while (text.length > 0 && g_ascii_isspace (text.text[0]))
    {
      text.text++;
      text.length--;
    }
  return text;
}

/* The message of @cause is ours and names an offset, so it may be handed on. */
static gboolean
set_bad_json (GError **error, const char *what, const GError *cause)
{
  return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "%s is no JSON: %s", what,
                         cause->message);
}

static gboolean
read_done (WeirDecoder *self)
{
  if (!self->reader->done_word)
    {
      weir_decoder_say_ping (self);
      return TRUE;
    }
  if (weir_decoder_is_finished (self))
    weir_decoder_complete (self);
  else
    weir_decoder_end (self);
  return TRUE;
}

/* An event's name is any bytes but a line end; what events say is JSON-escaped.  Names that
 * mean something are plain words, so nearly always @name is what it was. */
static WeirSlice
escape_name (WeirSlice name, GString **scratch)
{
  size_t i = 0;

  while (i < name.length
         && (g_ascii_isalnum (name.text[i]) || name.text[i] == '_' || name.text[i] == '.'))
    i++;
  if (i == name.length)
    return name;
  *scratch = g_string_new (NULL);
  weir_json_escape (*scratch, name, FALSE);
  return (WeirSlice){ (*scratch)->str, (*scratch)->len };
}

static gboolean
read_event (WeirDecoder *self, WeirSlice name, WeirSlice data, GError **error)
{
  g_autoptr (GString) scratch = NULL;
  g_autoptr (GError) cause = NULL;
  WeirSlice event = trim (data);

  if (event.length == 0)
    {
      weir_decoder_say_ping (self);
      return TRUE;
    }
  if (weir_slice_equal (event, WEIR_SLICE ("[DONE]")))
    return read_done (self);
  if (!weir_json_parse (&self->json, event.text, event.length, NULL, &cause))
    return set_bad_json (error, "an event's data", cause);
  if (weir_json_get_type (&self->json, 0) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "an event's data is no JSON object");

  weir_skeleton_begin (&self->skeleton);
  if (!self->reader->read_event (self, escape_name (name, &scratch), event, error))
    return FALSE;
  if (self->sink == NULL && event.length == data.length)
    weir_skeleton_learn (&self->skeleton, event);
  return TRUE;
}

gboolean
weir_decoder_read_event (WeirDecoder *self, WeirSlice name, WeirSlice data)
{
  return (self->sink == NULL && pass_over (self, name, data))
         || read_event (self, name, data, &self->error);
}

static gboolean
on_sse_event (WeirSlice name, WeirSlice data, gpointer user_data)
{
  WeirDecoder *self = user_data;

  return weir_decoder_read_event (self, name, data) && !self->ended;
}

WeirSlice
weir_decoder_get_kept (const WeirDecoder *self)
{
  if (self->kept == NULL)
    return self->lent;
  return (WeirSlice){ (const char *)self->kept->data, self->kept->len };
}

gboolean
weir_decoder_keep (WeirDecoder *self, const char *bytes, size_t length, size_t limit)
{
  if (self->kept == NULL)
    self->kept = g_byte_array_new ();
  if (length > limit || self->kept->len > limit - length)
    return weir_error_set (&self->error, WEIR_ERROR_TOO_LARGE,
                           "answer is larger than %" G_GSIZE_FORMAT " bytes", limit);
  g_byte_array_append (self->kept, (const guint8 *)bytes, (guint)length);
  return TRUE;
}

/* Is it a stream at all?  Event streams start with a field name, a colon, a BOM or a line
 * end; JSON documents and HTML pages do not.  *@out_skip: white space in front. */
static gboolean
sniff_stream (WeirDecoder *self, const char *bytes, size_t length, size_t *out_skip)
{
  size_t at = 0;

  while (at < length && (g_ascii_isspace (bytes[at]) || (guchar)bytes[at] >= 0x80))
    at++;
  *out_skip = at;
  if (at == length)
    return TRUE;
  self->sniffed = TRUE;
  self->stray = bytes[at] == '{' || bytes[at] == '[';
  if (bytes[at] != '<')
    return TRUE;
  return weir_error_set (&self->error, WEIR_ERROR_BAD_UPSTREAM,
                         "answer is a page of markup, not an event stream");
}

static gboolean
feed_sse (WeirDecoder *self,
          const char *bytes,
          size_t length,
          size_t *out_consumed,
          size_t *out_boundary)
{
  size_t skip = 0;

  if (!self->sniffed && !sniff_stream (self, bytes, length, &skip))
    return FALSE;
  if (self->stray)
    {
      *out_consumed = length;
      *out_boundary = 0;
      return weir_decoder_keep (self, bytes + skip, length - skip, WEIR_DECODER_STRAY_MAX);
    }
  if (!weir_sse_feed (&self->sse, bytes, length, out_consumed, out_boundary, &self->error))
    return FALSE;
  if (self->ended)
    *out_boundary = *out_consumed;
  return self->error == NULL;
}

/* A document's first byte tells a page of markup early.  *@out_skip: white space in front.
 */
static gboolean
open_whole (WeirDecoder *self, const char *bytes, size_t length, size_t *out_skip)
{
  size_t at = 0;

  if (weir_decoder_get_kept (self).length == 0)
    {
      while (at < length && g_ascii_isspace (bytes[at]))
        at++;
      if (at < length && bytes[at] != '{' && bytes[at] != '[')
        return weir_error_set (&self->error, WEIR_ERROR_BAD_UPSTREAM,
                               "answer is no JSON object");
    }
  if (at < length)
    self->state = WEIR_ANSWER_OPEN;
  *out_skip = at;
  return TRUE;
}

static gboolean
feed_whole (WeirDecoder *self, const char *bytes, size_t length)
{
  size_t skip = 0;

  return open_whole (self, bytes, length, &skip)
         && weir_decoder_keep (self, bytes + skip, length - skip, WEIR_DECODER_WHOLE_MAX);
}

static gboolean
feed (WeirDecoder *self,
      const char *bytes,
      size_t length,
      size_t *out_consumed,
      size_t *out_boundary)
{
  switch (self->form)
    {
    case WEIR_ANSWER_WHOLE:
      *out_consumed = length;
      *out_boundary = 0;
      return feed_whole (self, bytes, length);
    case WEIR_ANSWER_SSE:
      return feed_sse (self, bytes, length, out_consumed, out_boundary);
    case WEIR_ANSWER_ARRAY:
      return weir_decoder_feed_array (self, bytes, length, out_consumed, out_boundary);
    }
  g_assert_not_reached ();
}

/* The table of items grows with the largest event: one for all decoders of a thread is
 * enough, since it is only looked at while an event is read. */
static void
borrow_table (WeirDecoder *self)
{
  if (self->shared_json == NULL)
    return;
  self->json = *self->shared_json;
  *self->shared_json = (WeirJson){ 0 };
}

static void
return_table (WeirDecoder *self)
{
  if (self->shared_json == NULL)
    return;
  weir_json_clear (self->shared_json);
  *self->shared_json = self->json;
  weir_json_shrink (self->shared_json);
  self->json = (WeirJson){ 0 };
}

static gboolean
refuse (WeirDecoder *self, GError **error)
{
  self->ended = TRUE;
  if (error != NULL)
    *error = g_error_copy (self->error);
  return FALSE;
}

gboolean
weir_decoder_feed (WeirDecoder *self,
                   const char *bytes,
                   size_t length,
                   size_t *out_consumed,
                   size_t *out_boundary,
                   GError **error)
{
  size_t consumed = 0;
  size_t boundary = 0;
  gboolean is_fed = TRUE;

  g_return_val_if_fail (self != NULL, FALSE);

  if (self->error != NULL)
    return refuse (self, error);
  borrow_table (self);
  if (!self->ended && length > 0)
    is_fed = feed (self, bytes, length, &consumed, &boundary);
  return_table (self);
  if (!is_fed)
    return refuse (self, error);
  *out_consumed = consumed;
  *out_boundary = boundary;
  return TRUE;
}

gboolean
weir_decoder_lend_whole (WeirDecoder *self, WeirSlice answer, GError **error)
{
  size_t skip = 0;

  g_return_val_if_fail (self->form == WEIR_ANSWER_WHOLE && self->kept == NULL, FALSE);

  if (self->error != NULL || !open_whole (self, answer.text, answer.length, &skip))
    return refuse (self, error);
  self->lent = answer;
  if (skip > 0) /* an empty answer may have no text to point into */
    self->lent = (WeirSlice){ answer.text + skip, answer.length - skip };
  return TRUE;
}

/* A document came where a stream was due: only an error may do that. */
static void
decide_stray (WeirDecoder *self)
{
  const WeirSlice document = weir_decoder_get_kept (self);
  uint32_t object = 0;

  if (weir_json_parse (&self->json, document.text, document.length, NULL, NULL))
    {
      if (weir_json_get_type (&self->json, 0) == WEIR_JSON_ARRAY)
        object = weir_json_first (&self->json, 0);
      if (self->reader->read_error (self, object))
        return;
    }
  weir_error_set (&self->error, WEIR_ERROR_BAD_UPSTREAM,
                  "answer is a document, not the stream that was asked for");
}

static void
decide_whole (WeirDecoder *self)
{
  static const WeirJsonLimits watched
      = { .record_depth = WATCHED_DEPTH, .max_items = WATCHED_TOKENS };
  g_autoptr (GError) cause = NULL;
  const WeirSlice document = weir_decoder_get_kept (self);
  gboolean answer = FALSE;
  WeirJsonType type;

  if (!weir_json_parse (&self->json, document.text, document.length,
                        self->sink == NULL ? &watched : NULL, &cause))
    {
      set_bad_json (&self->error, "the answer", cause);
      return;
    }
  type = weir_json_get_type (&self->json, 0);
  if (type == WEIR_JSON_OBJECT && self->reader->read_error (self, 0))
    return;
  if ((type == WEIR_JSON_OBJECT || self->reader->array_document)
      && !self->reader->read_document (self, &answer, &self->error))
    return;
  if (self->state == WEIR_ANSWER_FAILED)
    return;
  if (self->sink != NULL && !answer)
    {
      weir_error_set (&self->error, WEIR_ERROR_BAD_UPSTREAM,
                      "the answer is a document of another kind");
      return;
    }
  self->has_content = TRUE;
  weir_decoder_complete (self);
}

/* What has come is all there will be. */
static void
decide_end (WeirDecoder *self, gboolean clean)
{
  const gboolean may_end = clean ? self->reader->ends_unmarked || self->done_optional
                                 : self->reader->ends_unmarked && !self->vague;

  if (self->stray)
    decide_stray (self);
  else if (self->form == WEIR_ANSWER_WHOLE && clean
           && weir_decoder_get_kept (self).length > 0)
    decide_whole (self);
  else if (self->form == WEIR_ANSWER_SSE && may_end && weir_sse_is_idle (&self->sse)
           && weir_decoder_is_finished (self))
    weir_decoder_complete (self);
}

WeirAnswerState
weir_decoder_finish (WeirDecoder *self, gboolean clean)
{
  borrow_table (self);
  if (!self->ended && self->error == NULL)
    decide_end (self, clean);
  return_table (self);
  self->lent = (WeirSlice){ 0 };
  self->ended = TRUE;
  if (self->error == NULL && self->state != WEIR_ANSWER_COMPLETE
      && self->state != WEIR_ANSWER_FAILED)
    weir_error_set (&self->error, WEIR_ERROR_CUT, "the answer ended before its last event");
  return self->state;
}

WeirDecoder *
weir_decoder_new (WeirDialect dialect,
                  WeirAnswerForm form,
                  WeirEventSink sink,
                  gpointer user_data)
{
  g_return_val_if_fail (dialect < WEIR_DIALECT_LAST, NULL);

  return weir_decoder_new_of_reader (readers[dialect], form, sink, user_data);
}

WeirDecoder *
weir_decoder_new_of_reader (const WeirAnswerReader *reader,
                            WeirAnswerForm form,
                            WeirEventSink sink,
                            gpointer user_data)
{
  WeirDecoder *self = g_new0 (WeirDecoder, 1);

  self->reader = reader;
  self->form = form;
  self->sink = sink;
  self->user_data = user_data;
  self->usage = WEIR_USAGE_NONE;
  weir_usage_counts_init (&self->counts);
  self->choices = g_array_new (FALSE, TRUE, sizeof (WeirDecoderChoice));
  self->blocks = g_array_new (FALSE, FALSE, sizeof (WeirDecoderBlock));
  weir_sse_init (&self->sse, on_sse_event, self);
  return self;
}

static void
free_text (GString *text)
{
  if (text != NULL)
    g_string_free (text, TRUE);
}

void
weir_decoder_free (WeirDecoder *self)
{
  if (self == NULL)
    return;
  g_clear_error (&self->error);
  free_text (self->failure_type);
  free_text (self->failure_message);
  free_text (self->scratch);
  g_clear_pointer (&self->pending, g_array_unref);
  g_array_unref (self->choices);
  g_array_unref (self->blocks);
  g_clear_pointer (&self->kept, g_byte_array_unref);
  weir_sse_clear (&self->sse);
  weir_json_clear (&self->json);
  weir_skeleton_clear (&self->skeleton);
  g_free (self);
}

void
weir_decoder_set_done_optional (WeirDecoder *self, gboolean done_optional)
{
  self->done_optional = done_optional;
}

void
weir_decoder_share_table (WeirDecoder *self, WeirJson *table)
{
  self->shared_json = table;
}

WeirAnswerState
weir_decoder_get_state (const WeirDecoder *self)
{
  return self->state;
}

gboolean
weir_decoder_is_ended (const WeirDecoder *self)
{
  return self->ended;
}

const GError *
weir_decoder_get_error (const WeirDecoder *self)
{
  return self->error;
}

const WeirUsage *
weir_decoder_get_usage (const WeirDecoder *self)
{
  return &self->usage;
}

gboolean
weir_decoder_has_content (const WeirDecoder *self)
{
  return self->has_content;
}

void
weir_decoder_get_failure (const WeirDecoder *self,
                          const char **out_type,
                          const char **out_message,
                          unsigned *out_status)
{
  *out_type = self->failure_type != NULL ? self->failure_type->str : "";
  *out_message = self->failure_message != NULL ? self->failure_message->str : "";
  *out_status = self->failure_status;
}

const char *
weir_decoder_get_finish (const WeirDecoder *self)
{
  return self->finish;
}
