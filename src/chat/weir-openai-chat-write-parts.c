/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts, pictures, files and sound that a client sends, as parts of an OpenAI Chat
 * Completions request (API reference, "create chat completion", read 2026-10). */

#include "config.h"

#include "chat/weir-openai-chat-writer.h"
#include "chat/weir-openai-media.h"

/* clang-format off */
static const WeirSlice details[] = {
  { "auto", 4 },
  { "low", 3 },
  { "high", 4 },
};
/* clang-format on */

static gboolean
refuse (GError **error, const char *where, const char *what)
{
  return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                         "%s: %s cannot be said in OpenAI Chat Completions", where, what);
}

static void
write_text (WeirChatWriter *self, WeirSlice text)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", "text");
  weir_json_add_escaped (&self->json, "text", text);
  weir_json_close (&self->json);
}

static gboolean
write_image (WeirChatWriter *self, const WeirPart *part, const char *where, GError **error)
{
  const WeirMedia *media = &part->media;
  WeirJsonWriter *json = &self->json;
  gboolean known = FALSE;

  if (media->source == WEIR_MEDIA_ID)
    return refuse (error, where, "a picture kept by a vendor");
  if (media->source == WEIR_MEDIA_URL && !weir_openai_is_of_the_web (media->data))
    return refuse (error, where, "an address that is not of the web");
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "image_url");
  weir_json_open (json, "image_url");
  if (media->source == WEIR_MEDIA_DATA)
    weir_openai_add_data_url (json, "url", media, self->scratch);
  else
    weir_json_add_escaped (json, "url", media->data);
  for (size_t i = 0; i < G_N_ELEMENTS (details); i++)
    known = known || weir_slice_equal (media->detail, details[i]);
  if (known)
    weir_json_add_escaped (json, "detail", media->detail);
  else if (media->detail.length > 0)
    weir_chat_report (self, WEIR_LOSS_IMAGE_DETAIL, where);
  weir_json_close (json);
  weir_json_close (json);
  return TRUE;
}

static gboolean
write_file (WeirChatWriter *self, const WeirPart *part, const char *where, GError **error)
{
  const WeirMedia *media = &part->media;
  WeirJsonWriter *json = &self->json;

  if (media->title.length > 0)
    weir_chat_report (self, WEIR_LOSS_MEDIA_NAME, where);
  if (media->context.length > 0)
    weir_chat_report (self, WEIR_LOSS_MEDIA_CONTEXT, where);
  if (media->source == WEIR_MEDIA_TEXT)
    {
      write_text (self, media->data);
      return TRUE;
    }
  if (media->source != WEIR_MEDIA_DATA)
    return refuse (error, where, "a file without its data");
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "file");
  weir_json_open (json, "file");
  weir_json_add_escaped (json, "filename", weir_openai_get_filename (media));
  weir_openai_add_data_url (json, "file_data", media, self->scratch);
  weir_json_close (json);
  weir_json_close (json);
  return TRUE;
}

gboolean
weir_chat_is_media (const WeirPart *part)
{
  return part->type == WEIR_PART_IMAGE || part->type == WEIR_PART_AUDIO
         || part->type == WEIR_PART_VIDEO || part->type == WEIR_PART_FILE;
}

void
weir_chat_open_user (WeirChatWriter *self)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "role", "user");
  weir_json_open_array (&self->json, "content");
}

void
weir_chat_close_user (WeirChatWriter *self)
{
  weir_json_close (&self->json);
  weir_json_close (&self->json);
}

gboolean
weir_chat_write_part (WeirChatWriter *self,
                      const WeirPart *part,
                      const char *where,
                      GError **error)
{
  weir_chat_report_of_part (self, part, where);
  switch (part->type)
    {
    case WEIR_PART_TEXT:
    case WEIR_PART_REFUSAL:
      if (part->text.length > 0)
        write_text (self, part->text);
      return TRUE;
    case WEIR_PART_IMAGE:
      return write_image (self, part, where, error);
    case WEIR_PART_FILE:
      return write_file (self, part, where, error);
    case WEIR_PART_AUDIO:
      return weir_openai_write_sound (&self->json, &part->media)
             || refuse (error, where, "audio but wav and mp3");
    case WEIR_PART_VIDEO:
      return refuse (error, where, "video");
    case WEIR_PART_CALL:
    case WEIR_PART_RESULT:
    case WEIR_PART_THINKING:
    case WEIR_PART_REDACTED_THINKING:
    case WEIR_PART_OTHER:
    case WEIR_PART_LAST:
      weir_chat_report (self, WEIR_LOSS_PART, where);
      return TRUE;
    }
  return TRUE;
}
