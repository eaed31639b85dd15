/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of messages and of results in an OpenAI Chat Completions request (API
 * reference, "create chat completion", read 2026-10), and `video_url` of compatible
 * vendors. */

#include "config.h"

#include "chat/weir-openai-chat.h"

typedef struct
{
  WeirSlice type;
  WeirSlice text;
  uint32_t place;
  uint32_t inner; /* of sound and files */
  uint32_t cache;
} Part;

typedef struct
{
  WeirSlice url;
  WeirSlice detail;
} Place;

typedef struct
{
  WeirSlice data;
  WeirSlice format;
} Sound;

typedef struct
{
  WeirSlice data;
  WeirSlice id;
  WeirSlice filename;
} File;

/* Where a part is put: behind those of a message or of a result. */
typedef struct
{
  WeirRequest *request;
  WeirMessage *message; /* (nullable) */
  WeirResult *result;   /* (nullable) when message is not */
} Owner;

#define PART(member, type, field)                                                          \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Part, field)                                      \
  }

static const WeirField text_fields[] = {
  PART ("type", TEXT, type),
  PART ("cache_control", ITEM, cache),
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
  PART ("cache_control", ITEM, cache),
  { "image_url", WEIR_FIELD_ITEM, offsetof (Part, place), TRUE },
  { NULL },
};

static const WeirField video_fields[] = {
  PART ("type", TEXT, type),
  PART ("cache_control", ITEM, cache),
  { "video_url", WEIR_FIELD_ITEM, offsetof (Part, place), TRUE },
  { NULL },
};

static const WeirField audio_fields[] = {
  PART ("type", TEXT, type),
  PART ("cache_control", ITEM, cache),
  { "input_audio", WEIR_FIELD_OBJECT, offsetof (Part, inner), TRUE },
  { NULL },
};

static const WeirField file_fields[] = {
  PART ("type", TEXT, type),
  PART ("cache_control", ITEM, cache),
  { "file", WEIR_FIELD_OBJECT, offsetof (Part, inner), TRUE },
  { NULL },
};

/* What is inside of parts that nobody here knows stays in raw. */
static const WeirField any_fields[] = {
  PART ("type", TEXT, type),
  PART ("cache_control", ITEM, cache),
  { NULL },
};

static const WeirField place_fields[] = {
  { "url", WEIR_FIELD_TEXT, offsetof (Place, url), TRUE },
  { "detail", WEIR_FIELD_TEXT, offsetof (Place, detail) },
  { NULL },
};

static const WeirField sound_fields[] = {
  { "data", WEIR_FIELD_TEXT, offsetof (Sound, data), TRUE },
  { "format", WEIR_FIELD_TEXT, offsetof (Sound, format) },
  { NULL },
};

static const WeirField inner_file_fields[] = {
  { "file_data", WEIR_FIELD_TEXT, offsetof (File, data) },
  { "file_id", WEIR_FIELD_TEXT, offsetof (File, id) },
  { "filename", WEIR_FIELD_TEXT, offsetof (File, filename) },
  { NULL },
};

/* clang-format off */
static const struct
{
  const char *type;
  WeirPartType part;
  const WeirField *fields;
} part_kinds[] = {
  { "text", WEIR_PART_TEXT, text_fields },
  { "image_url", WEIR_PART_IMAGE, image_fields },
  { "input_audio", WEIR_PART_AUDIO, audio_fields },
  { "file", WEIR_PART_FILE, file_fields },
  { "refusal", WEIR_PART_REFUSAL, refusal_fields },
  { "video_url", WEIR_PART_VIDEO, video_fields },
  /* of Responses: some clients mix the two up */
  { "input_text", WEIR_PART_TEXT, text_fields },
  { "output_text", WEIR_PART_TEXT, text_fields },
};

/* Of what is no `audio/` and the word. */
static const struct
{
  const char *format;
  WeirSlice media_type;
} sounds[] = {
  { "", { "audio/wav", 9 } },
  { "mp3", { "audio/mpeg", 10 } },
  { "pcm16", { "audio/pcm", 9 } },
  { "g711_ulaw", { "audio/basic", 11 } },
};
/* clang-format on */

static gboolean
equals (WeirSlice text, const char *word)
{
  return weir_slice_equal (text, weir_slice_from_string (word));
}

void
weir_chat_read_cache_mark (WeirRequest *self, uint32_t item, WeirCacheMark *out)
{
  if (item == 0 || weir_json_get_type (&self->json, item) != WEIR_JSON_OBJECT)
    return;
  out->said = WEIR_YES;
  out->ttl = weir_read_lookup_text (&self->json, item, "ttl");
}

gboolean
weir_chat_read_place (WeirRequest *self, uint32_t item, WeirPart *part, GError **error)
{
  Place read = { .url = weir_read_get_text (&self->json, item) };

  if (weir_json_get_type (&self->json, item) != WEIR_JSON_STRING
      && !weir_read_object (self, item, place_fields, &read, NULL, &part->unknown, error))
    return FALSE;
  if (read.url.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'url' is empty");
  part->media.detail = read.detail;
  return weir_read_take_url (self, read.url, &part->media, error);
}

static WeirSlice
get_sound_type (WeirRequest *self, WeirSlice format)
{
  g_autofree char *type = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (sounds); i++)
    if (equals (format, sounds[i].format))
      return sounds[i].media_type;
  type = g_strdup_printf ("audio/%.*s", (int)format.length, format.text);
  return weir_request_copy (self, weir_slice_from_string (type));
}

static gboolean
read_sound (WeirRequest *self, uint32_t object, WeirPart *part, GError **error)
{
  Sound read = { 0 };

  if (!weir_read_object (self, object, sound_fields, &read, NULL, &part->unknown, error))
    return FALSE;
  /* Qwen's: a data URL, or a place */
  if (!weir_read_take_url (self, read.data, &part->media, error))
    return FALSE;
  if (part->media.source == WEIR_MEDIA_DATA)
    return TRUE;
  part->media.data = weir_read_get_plain (self, read.data);
  if (!weir_slice_has_prefix (part->media.data, WEIR_SLICE ("http:"))
      && !weir_slice_has_prefix (part->media.data, WEIR_SLICE ("https:")))
    part->media.source = WEIR_MEDIA_DATA;
  part->media.media_type = get_sound_type (self, read.format);
  return part->media.data.length > 0
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "audio without data");
}

static gboolean
read_file (WeirRequest *self, uint32_t object, WeirPart *part, GError **error)
{
  WeirMedia *media = &part->media;
  File read = { 0 };

  if (!weir_read_object (self, object, inner_file_fields, &read, NULL, &part->unknown,
                         error))
    return FALSE;
  media->filename = read.filename;
  if (read.data.length > 0)
    {
      if (!weir_read_take_url (self, read.data, media, error))
        return FALSE;
      if (media->source == WEIR_MEDIA_DATA)
        return TRUE;
      media->media_type = weir_read_guess_media_type (read.filename);
      if (weir_slice_has_prefix (media->data, WEIR_SLICE ("http:"))
          || weir_slice_has_prefix (media->data, WEIR_SLICE ("https:")))
        return TRUE;
      media->source = WEIR_MEDIA_DATA;
      media->data = weir_read_get_plain (self, read.data);
      return TRUE;
    }
  media->source = WEIR_MEDIA_ID;
  media->data = read.id;
  return read.id.length > 0
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                            "neither 'file_data' nor 'file_id'");
}

static gboolean
fill_part (WeirRequest *self, const Part *read, WeirPart *part, GError **error)
{
  part->text = read->text;
  weir_chat_read_cache_mark (self, read->cache, &part->cache);
  if (part->type == WEIR_PART_IMAGE || part->type == WEIR_PART_VIDEO)
    return weir_chat_read_place (self, read->place, part, error);
  if (part->type == WEIR_PART_AUDIO)
    return read_sound (self, read->inner, part, error);
  if (part->type == WEIR_PART_FILE)
    return read_file (self, read->inner, part, error);
  return TRUE;
}

static WeirPart *
add_part (const Owner *owner, WeirPartType type)
{
  return owner->message != NULL
             ? weir_request_add_part (owner->request, owner->message, type)
             : weir_request_add_result_part (owner->request, owner->result, type);
}

/* A string in the list is a text. */
static void
read_string (const Owner *owner, uint32_t item)
{
  WeirPart *part = add_part (owner, WEIR_PART_TEXT);

  part->raw = weir_json_get_raw (&owner->request->json, item);
  part->text = weir_read_get_text (&owner->request->json, item);
}

static gboolean
read_part (const Owner *owner, uint32_t object, GError **error)
{
  WeirRequest *self = owner->request;
  const WeirSlice type = weir_read_lookup_text (&self->json, object, "type");
  const WeirField *fields = any_fields;
  WeirPartType part_type = WEIR_PART_OTHER;
  WeirUnknown *inside = NULL; /* of OTHER: raw has it */
  Part read = { 0 };
  WeirPart *part;

  if (weir_json_get_type (&self->json, object) == WEIR_JSON_STRING)
    {
      read_string (owner, object);
      return TRUE;
    }
  if (type.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'type' is missing");
  for (size_t i = 0; i < G_N_ELEMENTS (part_kinds); i++)
    if (equals (type, part_kinds[i].type))
      {
        fields = part_kinds[i].fields;
        part_type = part_kinds[i].part;
      }
  part = add_part (owner, part_type);
  part->raw = weir_json_get_raw (&self->json, object);
  part->type_name = type;
  return weir_read_object (self, object, fields, &read, NULL,
                           part_type == WEIR_PART_OTHER ? &inside : &part->unknown, error)
         && fill_part (self, &read, part, error);
}

gboolean
weir_chat_read_parts (WeirRequest *self,
                      WeirMessage *message,
                      WeirResult *result,
                      uint32_t list,
                      GError **error)
{
  const Owner owner = { self, message, result };
  const WeirJson *json = &self->json;
  unsigned index = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i), index++)
    if (!read_part (&owner, i, error))
      {
        g_prefix_error (error, "content[%u]: ", index);
        return FALSE;
      }
  return TRUE;
}
