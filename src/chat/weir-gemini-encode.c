/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers for Gemini clients (GenerateContentResponse, API reference, read 2026-10).  Every
 * wire event has the shape of a whole answer with a few more parts in it; calls and
 * pictures are one part each, so they are gathered until they close.  The last event says
 * why each candidate ended and what was counted, as the service's own does: clients take
 * an answer without a reason for cut. */

#include "config.h"

#include "chat/weir-encoder.h"
#include "chat/weir-fold.h"
#include "chat/weir-gemini-fields.h"
#include "chat/weir-logprobs.h"
#include "chat/weir-loss.h"

typedef struct
{
  WeirEncoder base;
  WeirFold fold;    /* of a stream only what must be gathered: no texts */
  GArray *speakers; /* (owned) of gboolean, by choice: has it said anything */
  GArray *notes;    /* (owned) of Note: candidates' own members */
  GString *carried; /* (owned) a thought's signature, until a call takes it; often empty */
  unsigned carried_choice;
} GeminiEncoder;

typedef struct
{
  unsigned choice;
  char *name; /* (owned) */
  char *json; /* (owned) */
} Note;

/* Members of a candidate that only this dialect knows; the decoder hands them on as RAW. */
static const char *const candidate_members[]
    = { "groundingMetadata", "citationMetadata", "urlContextMetadata" };

/* By WeirFinish.  There is no word of its own for calls, nor for a pause. */
static const char *const finish_words[] = {
  [WEIR_FINISH_STOP] = "STOP",       [WEIR_FINISH_LENGTH] = "MAX_TOKENS",
  [WEIR_FINISH_TOOL_CALLS] = "STOP", [WEIR_FINISH_STOP_SEQUENCE] = "STOP",
  [WEIR_FINISH_REFUSAL] = "SAFETY",  [WEIR_FINISH_PAUSE] = "STOP",
  [WEIR_FINISH_BROKEN] = "OTHER",    [WEIR_FINISH_OTHER] = "OTHER",
};
G_STATIC_ASSERT (G_N_ELEMENTS (finish_words) == WEIR_FINISH_LAST);

static void
clear_note (gpointer data)
{
  Note *note = data;

  g_free (note->name);
  g_free (note->json);
}

static void
init (WeirEncoder *base)
{
  GeminiEncoder *self = (GeminiEncoder *)base;

  weir_fold_init (&self->fold);
  self->speakers = g_array_new (FALSE, TRUE, sizeof (gboolean));
  self->notes = g_array_new (FALSE, FALSE, sizeof (Note));
  g_array_set_clear_func (self->notes, clear_note);
  self->carried = g_string_new (NULL);
}

static void
clear (WeirEncoder *base)
{
  GeminiEncoder *self = (GeminiEncoder *)base;

  weir_fold_clear (&self->fold);
  g_array_unref (self->speakers);
  g_array_unref (self->notes);
  g_string_free (self->carried, TRUE);
}

static void
note_speaker (GeminiEncoder *self, unsigned choice)
{
  if (choice >= self->speakers->len)
    g_array_set_size (self->speakers, choice + 1);
  g_array_index (self->speakers, gboolean, choice) = TRUE;
}

static gboolean
has_spoken (const GeminiEncoder *self, unsigned choice)
{
  return choice < self->speakers->len && g_array_index (self->speakers, gboolean, choice);
}

static void
write_signature (WeirJsonWriter *w, WeirSlice signature)
{
  if (signature.length > 0)
    weir_json_add_escaped (w, "thoughtSignature", signature);
}

static void
write_text (WeirJsonWriter *w, WeirBlockType type, WeirSlice text, WeirSlice signature)
{
  weir_json_open (w, NULL);
  /* a redacted thought is told from an empty one by its having no text at all */
  if (type != WEIR_BLOCK_REDACTED_THINKING)
    weir_json_add_escaped (w, "text", text);
  if (type == WEIR_BLOCK_THINKING || type == WEIR_BLOCK_REDACTED_THINKING)
    weir_json_add_boolean (w, "thought", TRUE);
  write_signature (w, signature);
  weir_json_close (w);
}

/* The client's own vendor, who may be asked next, refuses a call that he did not sign
 * unless it says that it is another's. */
static void
write_call_signature (const GeminiEncoder *self, WeirJsonWriter *w, WeirSlice signature)
{
  const gboolean foreign = self->base.options.upstream != WEIR_DIALECT_GEMINI;

  if (foreign && signature.length == 0)
    signature = WEIR_SLICE (WEIR_GEMINI_SIGNATURE_OF_OTHERS);
  write_signature (w, signature);
}

/* Arguments that are no object stand in one, under the name that free text has too. */
static void
write_call (GeminiEncoder *self, WeirJsonWriter *w, const WeirFoldBlock *block)
{
  const WeirCall call = {
    .custom = block->type == WEIR_BLOCK_CUSTOM_CALL,
    .arguments = { WEIR_SPELLING_TEXT, weir_fold_get_text (block) },
  };
  WeirSlice object;

  weir_json_open (w, NULL);
  weir_json_open (w, "functionCall");
  if (block->id.length > 0)
    weir_json_add_escaped (w, "id", block->id);
  weir_json_add_escaped (w, "name", block->name);
  if (weir_call_get_object (&call, self->base.scratch, &object))
    weir_json_add_raw (w, "args", object);
  else
    {
      weir_encoder_report (&self->base, WEIR_LOSS_CALL_ARGUMENTS);
      weir_json_open (w, "args");
      weir_json_add_escaped (w, "input", weir_fold_get_text (block));
      weir_json_close (w);
    }
  weir_json_close (w);
  write_call_signature (self, w, weir_fold_get_signature (block));
  weir_json_close (w);
}

static void
write_image (WeirJsonWriter *w, const WeirFoldBlock *block)
{
  const gboolean is_url = block->name.length == 0;

  weir_json_open (w, NULL);
  weir_json_open (w, is_url ? "fileData" : "inlineData");
  if (!is_url)
    weir_json_add_escaped (w, "mimeType", block->name);
  weir_json_add_escaped (w, is_url ? "fileUri" : "data", weir_fold_get_text (block));
  weir_json_close (w);
  write_signature (w, weir_fold_get_signature (block));
  weir_json_close (w);
}

/* One part: the block as far as it was gathered. */
static void
write_block (GeminiEncoder *self, WeirJsonWriter *w, const WeirFoldBlock *block)
{
  switch (block->type)
    {
    case WEIR_BLOCK_TEXT:
    case WEIR_BLOCK_THINKING:
    case WEIR_BLOCK_REDACTED_THINKING:
    case WEIR_BLOCK_REFUSAL:
      write_text (w, block->type, weir_fold_get_text (block),
                  weir_fold_get_signature (block));
      break;
    case WEIR_BLOCK_TOOL_CALL:
    case WEIR_BLOCK_CUSTOM_CALL:
      write_call (self, w, block);
      break;
    case WEIR_BLOCK_IMAGE:
      write_image (w, block);
      break;
    case WEIR_BLOCK_OTHER:
      weir_json_add_raw (w, NULL, block->raw);
      break;
    case WEIR_BLOCK_LAST:
      g_assert_not_reached ();
    }
}

/* Is @block of a kind that this dialect can say, and is there anything in it? */
static gboolean
is_sayable (const GeminiEncoder *self, const WeirFoldBlock *block)
{
  switch (block->type)
    {
    case WEIR_BLOCK_TEXT:
    case WEIR_BLOCK_THINKING:
    case WEIR_BLOCK_REFUSAL:
      return weir_fold_get_text (block).length > 0
             || weir_fold_get_signature (block).length > 0;
    case WEIR_BLOCK_REDACTED_THINKING:
      return weir_fold_get_signature (block).length > 0;
    case WEIR_BLOCK_TOOL_CALL:
    case WEIR_BLOCK_CUSTOM_CALL:
    case WEIR_BLOCK_IMAGE:
      return TRUE;
    case WEIR_BLOCK_OTHER:
      return block->raw.length > 0 && self->base.options.upstream == WEIR_DIALECT_GEMINI;
    case WEIR_BLOCK_LAST:
      break;
    }
  return FALSE;
}

static void
begin_parts (WeirJsonWriter *w)
{
  weir_json_open (w, NULL);
  weir_json_open (w, "content");
  weir_json_open_array (w, "parts");
}

static void
end_parts (WeirJsonWriter *w)
{
  weir_json_close (w);
  weir_json_add_string (w, "role", "model");
  weir_json_close (w);
}

static void
write_names (GeminiEncoder *self, WeirJsonWriter *w)
{
  const WeirEncodeOptions *options = &self->base.options;

  weir_json_add_escaped (w, "modelVersion", options->model);
  if (self->fold.id.length > 0)
    weir_json_add_escaped (w, "responseId", self->fold.id);
  else
    weir_json_add_string (w, "responseId", options->id);
}

static void
begin_chunk (GeminiEncoder *self, GString *out, WeirJsonWriter *w)
{
  weir_encoder_begin_event (&self->base, NULL, out, w);
  weir_json_open_array (w, "candidates");
  begin_parts (w);
}

static void
end_chunk (GeminiEncoder *self, unsigned choice, WeirSlice logprobs, WeirJsonWriter *w)
{
  note_speaker (self, choice);
  end_parts (w);
  weir_json_add_uint (w, "index", choice);
  weir_logprobs_write_result (w, logprobs);
  weir_json_close (w);
  weir_json_close (w);
  write_names (self, w);
  weir_encoder_end_event (&self->base, w);
}

static void
say_text (GeminiEncoder *self, const WeirEvent *event, GString *out)
{
  WeirJsonWriter w;

  if (event->text.length == 0 && event->signature.length == 0 && event->raw.length == 0)
    return;
  begin_chunk (self, out, &w);
  write_text (&w, event->block_type, event->text, event->signature);
  end_chunk (self, event->choice, event->raw, &w);
}

static void
say_block (GeminiEncoder *self, const WeirEvent *event, GString *out)
{
  const WeirFoldBlock *block = weir_fold_lookup (&self->fold, event->choice, event->block);
  WeirJsonWriter w;

  if (block == NULL || !is_sayable (self, block) || !weir_fold_check (&self->fold, NULL))
    return;
  begin_chunk (self, out, &w);
  write_block (self, &w, block);
  end_chunk (self, event->choice, WEIR_SLICE (""), &w);
}

/* Blocks that go out as they come need not be gathered. */
static gboolean
is_gathered (WeirBlockType type)
{
  return type != WEIR_BLOCK_TEXT && type != WEIR_BLOCK_THINKING
         && type != WEIR_BLOCK_REFUSAL;
}

static void
note_raw (GeminiEncoder *self, const WeirEvent *event)
{
  Note note = { .choice = event->choice };

  if (self->base.options.upstream != WEIR_DIALECT_GEMINI)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (candidate_members); i++)
    if (weir_slice_equal (event->name, weir_slice_from_string (candidate_members[i])))
      {
        note.name = weir_slice_dup (event->name);
        note.json = weir_slice_dup (event->raw);
        for (guint n = self->notes->len; n > 0; n--)
          {
            const Note *older = &g_array_index (self->notes, Note, n - 1);

            if (older->choice == note.choice && strcmp (older->name, note.name) == 0)
              g_array_remove_index (self->notes, n - 1);
          }
        g_array_append_val (self->notes, note);
        return;
      }
}

static void
put_in_stream (GeminiEncoder *self, const WeirEvent *event, GString *out)
{
  switch (event->type)
    {
    case WEIR_EVENT_BLOCK_OPEN:
      if (!is_gathered (event->block_type))
        say_text (self, event, out);
      break;
    case WEIR_EVENT_DELTA:
      if (!is_gathered (event->block_type))
        say_text (self, event, out);
      break;
    case WEIR_EVENT_BLOCK_CLOSE:
      if (is_gathered (event->block_type))
        say_block (self, event, out);
      break;
    case WEIR_EVENT_START:
    case WEIR_EVENT_USAGE:
    case WEIR_EVENT_FINISH:
    case WEIR_EVENT_ERROR:
    case WEIR_EVENT_PING:
    case WEIR_EVENT_RAW:
    case WEIR_EVENT_LAST:
      break;
    }
}

/* Notes the signature of another vendor's thought for the next call. */
static void
note_signature (GeminiEncoder *self, const WeirEvent *event)
{
  const gboolean is_redacted = event->block_type == WEIR_BLOCK_REDACTED_THINKING;

  if (event->signature.length == 0 || self->base.options.upstream == WEIR_DIALECT_GEMINI
      || (event->block_type != WEIR_BLOCK_THINKING && !is_redacted))
    return;
  g_string_assign (self->carried,
                   is_redacted ? WEIR_GEMINI_OF_REDACTED : WEIR_GEMINI_OF_THOUGHT);
  g_string_append_len (self->carried, event->signature.text,
                       (gssize)event->signature.length);
  self->carried_choice = event->choice;
}

/* A call that is opened, with that signature where it has none of its own. */
static void
open_call (GeminiEncoder *self, const WeirEvent *event)
{
  WeirEvent said = *event;

  if (said.signature.length == 0 && self->carried_choice == event->choice)
    said.signature = (WeirSlice){ self->carried->str, self->carried->len };
  weir_fold_put (&self->fold, &said);
  g_string_truncate (self->carried, 0);
}

static void
put (WeirEncoder *base, const WeirEvent *event, GString *out)
{
  GeminiEncoder *self = (GeminiEncoder *)base;
  const gboolean is_whole = base->options.form == WEIR_ANSWER_WHOLE;
  const gboolean of_block = event->type == WEIR_EVENT_BLOCK_OPEN
                            || event->type == WEIR_EVENT_DELTA
                            || event->type == WEIR_EVENT_BLOCK_CLOSE;

  note_signature (self, event);
  if (event->type == WEIR_EVENT_RAW)
    note_raw (self, event);
  else if (event->type == WEIR_EVENT_BLOCK_OPEN
           && (event->block_type == WEIR_BLOCK_TOOL_CALL
               || event->block_type == WEIR_BLOCK_CUSTOM_CALL))
    open_call (self, event);
  else if (is_whole || !of_block || is_gathered (event->block_type))
    weir_fold_put (&self->fold, event);
  if (!is_whole)
    put_in_stream (self, event, out);
}

static void
add_count (WeirJsonWriter *w, const char *name, uint64_t count)
{
  if (count != WEIR_USAGE_UNKNOWN)
    weir_json_add_uint (w, name, count);
}

/* The count of candidates is that of what can be read in them: thoughts stand beside it. */
static void
write_usage (const GeminiEncoder *self, WeirJsonWriter *w)
{
  const WeirUsage *usage = &self->fold.usage;
  uint64_t output = usage->output;

  if (usage->input == WEIR_USAGE_UNKNOWN && output == WEIR_USAGE_UNKNOWN
      && usage->total == WEIR_USAGE_UNKNOWN)
    return;
  if (output != WEIR_USAGE_UNKNOWN && usage->reasoning != WEIR_USAGE_UNKNOWN)
    output -= MIN (usage->reasoning, output);
  weir_json_open (w, "usageMetadata");
  add_count (w, "promptTokenCount", usage->input);
  add_count (w, "cachedContentTokenCount", usage->cached);
  add_count (w, "candidatesTokenCount", output);
  add_count (w, "thoughtsTokenCount", usage->reasoning);
  weir_json_add_uint (w, "totalTokenCount", weir_encoder_sum_total (usage));
  weir_json_close (w);
}

/* The upstream's own word where it speaks this dialect. */
static void
write_word (const GeminiEncoder *self,
            WeirJsonWriter *w,
            const char *name,
            const WeirFoldChoice *choice)
{
  if (self->base.options.upstream == WEIR_DIALECT_GEMINI && choice->word.length > 0)
    weir_json_add_escaped (w, name, choice->word);
  else
    weir_json_add_string (w, name, finish_words[choice->finish]);
}

static void
write_notes (const GeminiEncoder *self, WeirJsonWriter *w, unsigned choice)
{
  for (guint i = 0; i < self->notes->len; i++)
    {
      const Note *note = &g_array_index (self->notes, Note, i);

      if (note->choice == choice)
        weir_json_add_raw (w, note->name, weir_slice_from_string (note->json));
    }
}

/* All parts of @choice that were gathered.  A content without any makes some clients drop
 * the answer: an empty text, as the service itself sends it, stands for nothing. */
static void
write_content (GeminiEncoder *self, WeirJsonWriter *w, unsigned choice)
{
  const gboolean is_whole = self->base.options.form == WEIR_ANSWER_WHOLE;
  gboolean empty = TRUE;

  begin_parts (w);
  for (guint i = 0; is_whole && i < self->fold.blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);

      if (block->choice != choice || !is_sayable (self, block))
        continue;
      write_block (self, w, block);
      empty = FALSE;
    }
  if (empty)
    write_text (w, WEIR_BLOCK_TEXT, WEIR_SLICE (""), WEIR_SLICE (""));
  end_parts (w);
}

static void
write_candidate (GeminiEncoder *self, WeirJsonWriter *w, unsigned index)
{
  const WeirFoldChoice *choice = weir_fold_get_choice (&self->fold, index);

  write_content (self, w, index);
  write_word (self, w, "finishReason", choice);
  weir_json_add_uint (w, "index", index);
  weir_logprobs_write_result (
      w, weir_fold_join_logprobs (&self->fold, index, self->base.scratch));
  write_notes (self, w, index);
  weir_json_close (w);
}

/* Was the prompt itself refused?  Then there is no candidate, but feedback. */
static gboolean
is_blocked (const GeminiEncoder *self)
{
  const WeirFoldChoice *first;

  if (self->fold.choices->len != 1)
    return FALSE;
  first = weir_fold_get_choice (&self->fold, 0);
  return first->finish == WEIR_FINISH_REFUSAL && !has_spoken (self, 0);
}

static void
write_end (GeminiEncoder *self, WeirJsonWriter *w)
{
  if (is_blocked (self))
    {
      weir_json_open (w, "promptFeedback");
      write_word (self, w, "blockReason", weir_fold_get_choice (&self->fold, 0));
      weir_json_close (w);
    }
  else
    {
      weir_json_open_array (w, "candidates");
      for (guint i = 0; i < self->fold.choices->len; i++)
        if (weir_fold_get_choice (&self->fold, i)->seen)
          write_candidate (self, w, i);
      weir_json_close (w);
    }
  write_usage (self, w);
  write_names (self, w);
}

static gboolean
end (WeirEncoder *base, GString *out, GError **error)
{
  GeminiEncoder *self = (GeminiEncoder *)base;
  WeirJsonWriter w;

  if (!weir_fold_check (&self->fold, error))
    return FALSE;
  if (base->options.form != WEIR_ANSWER_WHOLE)
    {
      weir_encoder_begin_event (base, NULL, out, &w);
      write_end (self, &w);
      weir_encoder_end_event (base, &w);
      return TRUE;
    }
  for (guint i = 0; i < self->fold.blocks->len; i++)
    {
      const WeirFoldBlock *block = weir_fold_get_block (&self->fold, i);

      if (is_sayable (self, block))
        note_speaker (self, block->choice);
    }
  weir_encoder_begin_document (base, out, &w);
  write_end (self, &w);
  weir_encoder_end_document (base, &w);
  return TRUE;
}

/* An event like any other, so that it may also be the first; an array ends properly, since
 * clients read an error only from a body that is whole. */
static void
fail (WeirEncoder *base, WeirError code, unsigned status, const char *message, GString *out)
{
  const WeirErrorInfo *info = weir_error_get_info (code);
  WeirJsonWriter w;

  weir_encoder_begin_event (base, NULL, out, &w);
  weir_json_open (&w, "error");
  weir_json_add_uint (&w, "code", status != 0 ? status : info->status);
  weir_json_add_string (&w, "message", message);
  weir_json_add_string (&w, "status", info->gemini_status);
  weir_json_close (&w);
  weir_encoder_end_event (base, &w);
  if (base->options.form == WEIR_ANSWER_ARRAY)
    g_string_append_c (out, ']');
}

const WeirEncoderClass weir_gemini_encoder = {
  .dialect = WEIR_DIALECT_GEMINI,
  .size = sizeof (GeminiEncoder),
  .init = init,
  .clear = clear,
  .put = put,
  .end = end,
  .fail = fail,
};
