/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts, pictures, files and sound that a client sends, as parts of an OpenAI Responses
 * request (API reference, "create a model response", read 2026-10). */

#include "config.h"

#include "chat/weir-openai-responses-writer.h"
#include "chat/weir-openai-media.h"

/* clang-format off */
static const WeirSlice details[] = {
  { "auto", 4 },
  { "low", 3 },
  { "high", 4 },
  { "original", 8 },
};
/* clang-format on */

static gboolean
refuse (GError **error, const char *where, const char *what)
{
  return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                         "%s: %s cannot be said in OpenAI Responses", where, what);
}

/* Addresses that only one vendor can reach are no use to another. */
static gboolean
may_write_place (const WeirPart *part, const char *where, GError **error)
{
  const gboolean own = weir_part_may_return (part, WEIR_DIALECT_OPENAI_RESPONSES);

  if (part->media.source == WEIR_MEDIA_ID && !own)
    return refuse (error, where, "a file kept by another vendor");
  if (part->media.source == WEIR_MEDIA_URL && !own
      && !weir_openai_is_of_the_web (part->media.data))
    return refuse (error, where, "an address that is not of the web");
  return TRUE;
}

static void
write_text (WeirResponsesWriter *self, WeirSlice text)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", "input_text");
  weir_json_add_escaped (&self->json, "text", text);
  weir_json_close (&self->json);
}

static void
write_image (WeirResponsesWriter *self, const WeirPart *part, const char *where)
{
  const WeirMedia *media = &part->media;
  gboolean known = FALSE;

  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", "input_image");
  for (size_t i = 0; i < G_N_ELEMENTS (details); i++)
    known = known || weir_slice_equal (media->detail, details[i]);
  if (known)
    weir_json_add_escaped (&self->json, "detail", media->detail);
  else if (media->detail.length > 0)
    weir_responses_report (self, WEIR_LOSS_IMAGE_DETAIL, where);
  if (media->source == WEIR_MEDIA_DATA)
    weir_openai_add_data_url (&self->json, "image_url", media, self->scratch);
  else
    weir_json_add_escaped (
        &self->json, media->source == WEIR_MEDIA_ID ? "file_id" : "image_url", media->data);
  weir_json_close (&self->json);
}

static void
write_file (WeirResponsesWriter *self, const WeirPart *part, const char *where)
{
  const WeirMedia *media = &part->media;
  WeirJsonWriter *json = &self->json;

  if (media->title.length > 0)
    weir_responses_report (self, WEIR_LOSS_MEDIA_NAME, where);
  if (media->context.length > 0)
    weir_responses_report (self, WEIR_LOSS_MEDIA_CONTEXT, where);
  if (media->source == WEIR_MEDIA_TEXT)
    {
      write_text (self, media->data);
      return;
    }
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "input_file");
  if (media->source == WEIR_MEDIA_DATA)
    {
      weir_json_add_escaped (json, "filename", weir_openai_get_filename (media));
      weir_openai_add_data_url (json, "file_data", media, self->scratch);
    }
  else
    weir_json_add_escaped (json, media->source == WEIR_MEDIA_ID ? "file_id" : "file_url",
                           media->data);
  weir_json_close (json);
}

gboolean
weir_responses_write_part (WeirResponsesWriter *self,
                           const WeirPart *part,
                           const char *where,
                           GError **error)
{
  switch (part->type)
    {
    case WEIR_PART_TEXT:
      if (part->signature.length > 0)
        weir_responses_report (self, WEIR_LOSS_SIGNATURE, where);
      write_text (self, part->text);
      return TRUE;
    case WEIR_PART_IMAGE:
      if (!may_write_place (part, where, error))
        return FALSE;
      write_image (self, part, where);
      return TRUE;
    case WEIR_PART_FILE:
      if (!may_write_place (part, where, error))
        return FALSE;
      write_file (self, part, where);
      return TRUE;
    case WEIR_PART_AUDIO:
      return weir_openai_write_sound (&self->json, &part->media)
             || refuse (error, where, "audio but wav and mp3");
    case WEIR_PART_VIDEO:
      return refuse (error, where, "video");
    case WEIR_PART_CALL:
    case WEIR_PART_RESULT:
    case WEIR_PART_THINKING:
    case WEIR_PART_REDACTED_THINKING:
    case WEIR_PART_REFUSAL:
    case WEIR_PART_OTHER:
    case WEIR_PART_LAST:
      weir_responses_report (self, WEIR_LOSS_PART, where);
      return TRUE;
    }
  return TRUE;
}
