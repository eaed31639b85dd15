/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Parts of messages as parts of Gemini contents.  Which content they stand in, and in what
 * order, is weir-gemini-write.c's matter. */

#include "config.h"

#include "chat/weir-gemini-writer.h"

#include "base/weir-error.h"
#include "chat/weir-tool-name.h"

/* Where the client did not say it; the service insists on one. */
static const char *
get_media_type_fallback (WeirPartType type)
{
  if (type == WEIR_PART_IMAGE)
    return "image/png";
  if (type == WEIR_PART_AUDIO)
    return "audio/wav";
  return type == WEIR_PART_VIDEO ? "video/mp4" : "application/pdf";
}

/* Opaque bytes of a part that other vendors made stay here. */
static void
write_signature (WeirGeminiWriter *self, const WeirPart *part, WeirSlice signature)
{
  if (signature.length == 0)
    return;
  if (weir_part_may_return (part, WEIR_DIALECT_GEMINI))
    weir_json_add_escaped (&self->json, "thoughtSignature", signature);
  else
    weir_gemini_writer_report (self, WEIR_LOSS_SIGNATURE);
}

static void
write_text (WeirGeminiWriter *self,
            const WeirPart *part,
            WeirSlice text,
            WeirSlice signature,
            WeirGeminiSide side)
{
  if (text.length == 0
      && (signature.length == 0 || !weir_part_may_return (part, WEIR_DIALECT_GEMINI)))
    return;
  weir_gemini_writer_open (self, side);
  weir_json_open (&self->json, NULL);
  weir_json_add_escaped (&self->json, "text", text);
  if (part->type == WEIR_PART_THINKING)
    weir_json_add_boolean (&self->json, "thought", TRUE);
  write_signature (self, part, signature);
  weir_json_close (&self->json);
}

static void
report_media (WeirGeminiWriter *self, const WeirMedia *media)
{
  if (media->detail.length > 0)
    weir_gemini_writer_report (self, WEIR_LOSS_IMAGE_DETAIL);
  if (media->filename.length > 0 || media->title.length > 0)
    weir_gemini_writer_report (self, WEIR_LOSS_MEDIA_NAME);
  if (media->context.length > 0)
    weir_gemini_writer_report (self, WEIR_LOSS_MEDIA_CONTEXT);
}

/* The service fetches addresses by itself (files guide, read 2026-10), so they are passed
 * on; their media type may stay unsaid. */
static gboolean
write_media (WeirGeminiWriter *self,
             const WeirPart *part,
             WeirGeminiSide side,
             GError **error)
{
  const WeirMedia *media = &part->media;
  const gboolean is_data = media->source == WEIR_MEDIA_DATA;

  if (media->source == WEIR_MEDIA_ID && !weir_part_may_return (part, WEIR_DIALECT_GEMINI))
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           "a file id of another vendor cannot be said to Gemini");
  report_media (self, media);
  if (media->source == WEIR_MEDIA_TEXT)
    {
      write_text (self, part, media->data, WEIR_SLICE (""), side);
      return TRUE;
    }
  weir_gemini_writer_open (self, side);
  weir_json_open (&self->json, NULL);
  weir_json_open (&self->json, is_data ? "inlineData" : "fileData");
  if (media->media_type.length > 0)
    weir_json_add_escaped (&self->json, "mimeType", media->media_type);
  else if (is_data)
    weir_json_add_string (&self->json, "mimeType", get_media_type_fallback (part->type));
  weir_json_add_escaped (&self->json, is_data ? "data" : "fileUri", media->data);
  weir_json_close (&self->json);
  write_signature (self, part, part->signature);
  weir_json_close (&self->json);
  return TRUE;
}

static void
write_name (WeirGeminiWriter *self, WeirSlice scope, WeirSlice name)
{
  weir_json_add_escaped (
      &self->json, "name",
      weir_tool_name_map_scoped (scope, name, WEIR_DIALECT_GEMINI, self->name));
}

static void
write_arguments (WeirGeminiWriter *self, const WeirCall *call)
{
  WeirSlice object;

  if (weir_call_get_object (call, self->scratch, &object))
    {
      weir_json_add_raw (&self->json, "args", object);
      return;
    }
  weir_gemini_writer_report (self, WEIR_LOSS_CALL_ARGUMENTS);
  weir_json_open (&self->json, "args");
  weir_json_add_escaped (&self->json, "input",
                         weir_value_get_text (&call->arguments, self->scratch));
  weir_json_close (&self->json);
}

/* The service wants as many results as calls, so a call that has none must go. */
static void
write_call (WeirGeminiWriter *self, const WeirPart *part, WeirGeminiSide side)
{
  const WeirCall *call = &part->call;
  const gboolean is_signed
      = call->signature.length > 0 && weir_part_may_return (part, WEIR_DIALECT_GEMINI);

  if (!g_hash_table_contains (self->answered, call)
      && self->request->origin != WEIR_DIALECT_GEMINI)
    {
      weir_gemini_writer_report (self, WEIR_LOSS_CALL_WITHOUT_RESULT);
      return;
    }
  weir_gemini_writer_open (self, side);
  weir_json_open (&self->json, NULL);
  weir_json_open (&self->json, "functionCall");
  if (call->id.length > 0)
    weir_json_add_escaped (&self->json, "id", call->id);
  write_name (self, call->scope, call->name);
  write_arguments (self, call);
  weir_json_close (&self->json);
  write_signature (self, part, call->signature);
  if (!is_signed && self->levels && self->n_calls == 0)
    weir_json_add_string (&self->json, "thoughtSignature", WEIR_GEMINI_SIGNATURE_OF_OTHERS);
  self->n_calls++;
  g_ptr_array_add (self->open, (gpointer)call);
  weir_json_close (&self->json);
}

/* The texts of a result's parts, a line end between two. */
static WeirSlice
join_texts (WeirGeminiWriter *self, const WeirResult *result)
{
  gboolean first = TRUE;

  g_string_truncate (self->scratch, 0);
  for (const WeirPart *part = result->parts; part != NULL; part = part->next)
    {
      if (part->type != WEIR_PART_TEXT)
        continue;
      if (!first)
        g_string_append (self->scratch, "\\n");
      first = FALSE;
      g_string_append_len (self->scratch, part->text.text, (gssize)part->text.length);
    }
  return (WeirSlice){ self->scratch->str, self->scratch->len };
}

/* A response is an object.  A value that came as one stays it; all else stands in one, a
 * text as the text it is, even where that spells JSON: read as JSON, its long numbers would
 * lose digits (the service keeps them as doubles). */
static void
write_response (WeirGeminiWriter *self, const WeirResult *result)
{
  const gboolean failed = result->is_error == WEIR_YES;
  const char *key = failed ? "error" : "result";
  const WeirValue *value = &result->value;

  if (!failed && value->spelling == WEIR_SPELLING_JSON && value->bytes.length > 0
      && value->bytes.text[0] == '{')
    {
      weir_json_add_raw (&self->json, "response", value->bytes);
      return;
    }
  weir_json_open (&self->json, "response");
  if (value->spelling == WEIR_SPELLING_JSON)
    weir_json_add_raw (&self->json, key, value->bytes);
  else if (value->spelling == WEIR_SPELLING_TEXT)
    weir_json_add_escaped (&self->json, key, value->bytes);
  else
    weir_json_add_escaped (&self->json, key, join_texts (self, result));
  weir_json_close (&self->json);
}

static gboolean
write_result (WeirGeminiWriter *self,
              const WeirPart *part,
              WeirGeminiSide side,
              GError **error)
{
  const WeirResult *result = &part->result;
  const WeirCall *call = result->of;

  if (call == NULL)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           "messages[%u].parts[%u]: a result without its call cannot be "
                           "said to Gemini",
                           self->message, self->part);
  if (g_hash_table_contains (self->late, part))
    return TRUE;
  g_hash_table_add (self->said, (gpointer)part);
  if (g_hash_table_lookup (self->answered, call) != part)
    {
      /* said twice: there are to be as many as calls, and right behind them */
      weir_gemini_writer_report (self, WEIR_LOSS_PART);
      return TRUE;
    }
  weir_gemini_writer_open (self, side);
  weir_json_open (&self->json, NULL);
  weir_json_open (&self->json, "functionResponse");
  if (call->id.length > 0)
    weir_json_add_escaped (&self->json, "id", call->id);
  write_name (self, call->scope, call->name);
  write_response (self, result);
  weir_json_close (&self->json);
  weir_json_close (&self->json);
  return TRUE;
}

static gboolean
write_result_media (WeirGeminiWriter *self, const WeirPart *part, GError **error)
{
  for (const WeirPart *inner = part->result.parts; inner != NULL; inner = inner->next)
    {
      if (inner->type == WEIR_PART_TEXT)
        continue;
      if (inner->type == WEIR_PART_OTHER)
        {
          weir_gemini_writer_report (self, WEIR_LOSS_PART);
          continue;
        }
      weir_gemini_writer_report (self, WEIR_LOSS_RESULT_MEDIA);
      if (!write_media (self, inner, WEIR_GEMINI_USER, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
weir_gemini_write_result_media (WeirGeminiWriter *self,
                                const WeirPart *part,
                                GError **error)
{
  if (g_hash_table_lookup (self->answered, part->result.of) != part)
    return TRUE; /* the result itself was left out */
  if (g_hash_table_contains (self->late, part))
    return TRUE; /* they went with it */
  return write_result_media (self, part, error);
}

/* The service wants the results of a turn's calls in the very next one. */
gboolean
weir_gemini_write_late_results (WeirGeminiWriter *self, GError **error)
{
  g_autoptr (GPtrArray) late = g_ptr_array_new ();

  for (unsigned i = 0; i < self->open->len; i++)
    {
      const WeirPart *part
          = g_hash_table_lookup (self->answered, g_ptr_array_index (self->open, i));

      if (part == NULL || g_hash_table_contains (self->said, part))
        continue;
      if (!write_result (self, part, WEIR_GEMINI_USER, error))
        return FALSE;
      g_ptr_array_add (late, (gpointer)part);
    }
  for (unsigned i = 0; i < late->len; i++)
    {
      if (!write_result_media (self, g_ptr_array_index (late, i), error))
        return FALSE;
      g_hash_table_add (self->late, g_ptr_array_index (late, i));
    }
  g_ptr_array_set_size (self->open, 0);
  return TRUE;
}

static void
report_rest (WeirGeminiWriter *self, const WeirPart *part)
{
  const WeirWriteOptions *options = self->options;
  g_autofree char *where = NULL;

  if (part->cache.said == WEIR_YES)
    weir_gemini_writer_report (self, WEIR_LOSS_CACHE_MARK);
  if (part->unknown == NULL || options->on_loss == NULL)
    return;
  where = g_strdup_printf ("messages[%u].parts[%u]", self->message, self->part);
  weir_loss_report_unknown (options->on_loss, options->user_data, part->unknown, where);
}

gboolean
weir_gemini_write_part (WeirGeminiWriter *self,
                        const WeirPart *part,
                        WeirGeminiSide side,
                        GError **error)
{
  report_rest (self, part);
  switch (part->type)
    {
    case WEIR_PART_REFUSAL:
      weir_gemini_writer_report (self, WEIR_LOSS_REFUSAL);
      write_text (self, part, part->text, part->signature, side);
      return TRUE;
    case WEIR_PART_TEXT:
      write_text (self, part, part->text, part->signature, side);
      return TRUE;
    case WEIR_PART_THINKING:
      write_text (self, part, part->text, part->thinking.signature, side);
      return TRUE;
    case WEIR_PART_IMAGE:
    case WEIR_PART_AUDIO:
    case WEIR_PART_VIDEO:
    case WEIR_PART_FILE:
      return write_media (self, part, side, error);
    case WEIR_PART_CALL:
      write_call (self, part, side);
      return TRUE;
    case WEIR_PART_RESULT:
      return write_result (self, part, side, error);
    case WEIR_PART_REDACTED_THINKING:
      weir_gemini_writer_report (self, WEIR_LOSS_THINKING_REDACTED);
      return TRUE;
    case WEIR_PART_OTHER:
      weir_gemini_writer_report (self, WEIR_LOSS_PART);
      return TRUE;
    case WEIR_PART_LAST:
      break;
    }
  g_return_val_if_reached (TRUE);
}
