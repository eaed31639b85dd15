/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts, pictures, files and sound that a client sends, as parts of an OpenAI Responses
 * request (API reference, "create a model response", read 2026-10). */

#include "config.h"

#include "chat/weir-openai-responses-write.h"

/* clang-format off */
static const struct
{
  WeirSlice media_type;
  const char *format;
} sounds[] = {
  { { "audio/wav", 9 }, "wav" },
  { { "audio/x-wav", 11 }, "wav" },
  { { "audio/wave", 10 }, "wav" },
  { { "audio/mp3", 9 }, "mp3" },
  { { "audio/mpeg", 10 }, "mp3" },
};

/* The server tells files apart by their names. */
static const struct
{
  WeirSlice media_type;
  const char *name;
} names[] = {
  { { "application/pdf", 15 }, "document.pdf" },
  { { "text/plain", 10 }, "document.txt" },
  { { "text/markdown", 13 }, "document.md" },
  { { "text/csv", 8 }, "document.csv" },
  { { "text/html", 9 }, "document.html" },
  { { "application/json", 16 }, "document.json" },
};

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
  const WeirSlice place = part->media.data;
  const gboolean own = weir_part_may_return (part, WEIR_DIALECT_OPENAI_RESPONSES);

  if (part->media.source == WEIR_MEDIA_ID && !own)
    return refuse (error, where, "a file kept by another vendor");
  if (part->media.source == WEIR_MEDIA_URL && !own
      && !weir_slice_has_prefix (place, WEIR_SLICE ("https:"))
      && !weir_slice_has_prefix (place, WEIR_SLICE ("http:"))
      && !weir_slice_has_prefix (place, WEIR_SLICE ("data:")))
    return refuse (error, where, "an address that is not of the web");
  return TRUE;
}

static void
add_data_url (WeirResponsesWriter *self, const char *name, const WeirMedia *media)
{
  GString *url = self->scratch;

  g_string_assign (url, "data:");
  if (media->media_type.length > 0)
    g_string_append_len (url, media->media_type.text, (gssize)media->media_type.length);
  else
    g_string_append (url, "application/octet-stream");
  g_string_append (url, ";base64,");
  g_string_append_len (url, media->data.text, (gssize)media->data.length);
  weir_json_add_escaped (&self->json, name, (WeirSlice){ url->str, url->len });
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
    add_data_url (self, "image_url", media);
  else
    weir_json_add_escaped (
        &self->json, media->source == WEIR_MEDIA_ID ? "file_id" : "image_url", media->data);
  weir_json_close (&self->json);
}

static WeirSlice
get_filename (const WeirMedia *media)
{
  if (media->filename.length > 0)
    return media->filename;
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (weir_slice_equal_nocase (media->media_type, names[i].media_type))
      return weir_slice_from_string (names[i].name);
  return WEIR_SLICE ("document");
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
      weir_json_add_escaped (json, "filename", get_filename (media));
      add_data_url (self, "file_data", media);
    }
  else
    weir_json_add_escaped (json, media->source == WEIR_MEDIA_ID ? "file_id" : "file_url",
                           media->data);
  weir_json_close (json);
}

static gboolean
write_audio (WeirResponsesWriter *self,
             const WeirPart *part,
             const char *where,
             GError **error)
{
  const WeirMedia *media = &part->media;
  WeirJsonWriter *json = &self->json;
  const char *format = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (sounds); i++)
    if (weir_slice_equal_nocase (media->media_type, sounds[i].media_type))
      format = sounds[i].format;
  if (media->source != WEIR_MEDIA_DATA || format == NULL)
    return refuse (error, where, "audio but wav and mp3");
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "input_audio");
  weir_json_open (json, "input_audio");
  weir_json_add_escaped (json, "data", media->data);
  weir_json_add_string (json, "format", format);
  weir_json_close (json);
  weir_json_close (json);
  return TRUE;
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
      return write_audio (self, part, where, error);
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
