/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of messages and of results in an OpenAI Responses request (API reference,
 * "create a model response", read 2026-10). */

#include "config.h"

#include "chat/weir-openai-responses.h"

typedef struct
{
  WeirSlice type;
  WeirSlice text;
  WeirSlice image_url;
  WeirSlice file_id;
  WeirSlice file_url;
  WeirSlice file_data;
  WeirSlice filename;
  WeirSlice data;
  WeirSlice format;
  WeirSlice detail;
  uint32_t audio;
} Part;

/* Where a part is put: behind those of a message or of a result. */
typedef struct
{
  WeirRequest *request;
  WeirMessage *message; /* (nullable) */
  WeirResult *result;   /* (nullable) when message is not */
} Place;

#define PART(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Part, field)                                      \
  }

static const WeirField text_fields[] = {
  PART ("type", TEXT, type),
  { "text", WEIR_FIELD_TEXT, offsetof (Part, text), TRUE },
  { NULL },
};

static const WeirField refusal_fields[] = {
  PART ("type", TEXT, type),
  { "refusal", WEIR_FIELD_TEXT, offsetof (Part, text), TRUE },
  { NULL },
};

static const WeirField image_fields[] = {
  PART ("type", TEXT, type),
  PART ("image_url", TEXT, image_url),
  PART ("file_id", TEXT, file_id),
  PART ("detail", TEXT, detail),
  { NULL },
};

static const WeirField file_fields[] = {
  PART ("type", TEXT, type),
  PART ("file_data", TEXT, file_data),
  PART ("file_url", TEXT, file_url),
  PART ("file_id", TEXT, file_id),
  PART ("filename", TEXT, filename),
  PART ("detail", TEXT, detail),
  { NULL },
};

static const WeirField audio_fields[] = {
  PART ("type", TEXT, type),
  PART ("input_audio", OBJECT, audio),
  PART ("data", TEXT, data),
  PART ("format", TEXT, format),
  { NULL },
};

static const WeirField sound_fields[] = {
  { "data", WEIR_FIELD_TEXT, offsetof (Part, data), TRUE },
  PART ("format", TEXT, format),
  { NULL },
};

static const WeirField any_part_fields[] = {
  PART ("type", TEXT, type),
  { NULL },
};

/* clang-format off */
static const struct
{
  const char *type;
  WeirPartType part;
  const WeirField *fields;
} part_kinds[] = {
  { "input_text", WEIR_PART_TEXT, text_fields },
  { "output_text", WEIR_PART_TEXT, text_fields },
  { "text", WEIR_PART_TEXT, text_fields },
  { "input_image", WEIR_PART_IMAGE, image_fields },
  { "input_file", WEIR_PART_FILE, file_fields },
  { "input_audio", WEIR_PART_AUDIO, audio_fields },
  { "refusal", WEIR_PART_REFUSAL, refusal_fields },
};

/* clang-format on */

static gboolean
equals (WeirSlice text, const char *word)
{
  return weir_slice_equal (text, weir_slice_from_string (word));
}

static gboolean
refuse_empty (GError **error)
{
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "neither data nor a place of it");
}

static gboolean
read_image (WeirRequest *self, const Part *read, WeirMedia *media, GError **error)
{
  media->detail = read->detail;
  if (read->image_url.length > 0)
    return weir_read_take_url (self, read->image_url, media, error);
  media->source = WEIR_MEDIA_ID;
  media->data = read->file_id;
  return read->file_id.length > 0 || refuse_empty (error);
}

static gboolean
read_file (WeirRequest *self, const Part *read, WeirMedia *media, GError **error)
{
  media->filename = read->filename;
  media->detail = read->detail;
  if (read->file_data.length > 0)
    {
      if (!weir_read_take_url (self, read->file_data, media, error))
        return FALSE;
      if (media->source == WEIR_MEDIA_DATA)
        return TRUE;
      media->source = WEIR_MEDIA_DATA;
      media->data = weir_read_get_plain (self, read->file_data);
      media->media_type = weir_read_guess_media_type (read->filename);
      return TRUE;
    }
  media->source = read->file_url.length > 0 ? WEIR_MEDIA_URL : WEIR_MEDIA_ID;
  media->data = read->file_url.length > 0 ? read->file_url : read->file_id;
  if (media->source == WEIR_MEDIA_URL)
    media->media_type = weir_read_guess_media_type (read->filename);
  return media->data.length > 0 || refuse_empty (error);
}

/* Its members may stand in the part itself. */
static gboolean
read_audio (WeirRequest *self, Part *read, WeirPart *part, GError **error)
{
  WeirMedia *media = &part->media;
  g_autofree char *type = NULL;

  if (read->audio != 0
      && !weir_read_object (self, read->audio, sound_fields, read, "input_audio",
                            &part->unknown, error))
    return FALSE;
  media->source = WEIR_MEDIA_DATA;
  media->data = weir_read_get_plain (self, read->data);
  if (read->format.length > 0)
    {
      type = g_strdup_printf ("audio/%.*s", (int)read->format.length, read->format.text);
      media->media_type = weir_request_copy (self, weir_slice_from_string (type));
    }
  return media->data.length > 0
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "audio without data");
}

static WeirPart *
add_part (const Place *place, WeirPartType type)
{
  return place->message != NULL
             ? weir_request_add_part (place->request, place->message, type)
             : weir_request_add_result_part (place->request, place->result, type);
}

static gboolean
fill_part (WeirRequest *self, Part *read, WeirPart *part, GError **error)
{
  part->text = read->text;
  if (part->type == WEIR_PART_AUDIO)
    return read_audio (self, read, part, error);
  if (part->type == WEIR_PART_IMAGE)
    return read_image (self, read, &part->media, error);
  if (part->type == WEIR_PART_FILE)
    return read_file (self, read, &part->media, error);
  return TRUE;
}

static gboolean
read_part (const Place *place, uint32_t object, GError **error)
{
  WeirRequest *self = place->request;
  const WeirSlice type = weir_read_lookup_text (&self->json, object, "type");
  const WeirField *fields = any_part_fields;
  WeirPartType part_type = WEIR_PART_OTHER;
  Part read = { 0 };
  WeirPart *part;

  if (type.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'type' is missing");
  for (size_t i = 0; i < G_N_ELEMENTS (part_kinds); i++)
    if (equals (type, part_kinds[i].type))
      {
        fields = part_kinds[i].fields;
        part_type = part_kinds[i].part;
      }
  part = add_part (place, part_type);
  part->raw = weir_json_get_raw (&self->json, object);
  part->type_name = type;
  return weir_read_object (self, object, fields, &read, NULL, &part->unknown, error)
         && fill_part (self, &read, part, error);
}

gboolean
weir_responses_read_parts (WeirRequest *self,
                           WeirMessage *message,
                           WeirResult *result,
                           uint32_t list,
                           GError **error)
{
  const Place place = { self, message, result };
  const WeirJson *json = &self->json;
  unsigned index = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i), index++)
    if (!read_part (&place, i, error))
      {
        g_prefix_error (error, "%s[%u]: ", message != NULL ? "content" : "output", index);
        return FALSE;
      }
  return TRUE;
}
