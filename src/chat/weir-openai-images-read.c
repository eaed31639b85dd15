/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests for pictures, as what is said to a model that has a tool to draw with (API
 * reference, "image generation tool", read 2026-11).  The settings stand in the tool, in
 * the words of Responses. */

#include "config.h"

#include "chat/weir-openai-images.h"

#include "chat/weir-read.h"

typedef struct
{
  WeirSlice prompt;
  WeirSlice model;
  gboolean stream;
  uint64_t n;
  WeirSlice response_format;
  WeirSlice quality;
  WeirSlice size;
  WeirSlice background;
  WeirSlice output_format;
  WeirSlice moderation;
  WeirSlice input_fidelity;
  uint32_t output_compression;
  uint32_t partial_images;
  uint32_t images;
  uint32_t mask;
} Body;

typedef struct
{
  WeirSlice url;
  WeirSlice file_id;
} Picture;

#define BODY(type, member)                                                                 \
  {                                                                                        \
#member, WEIR_FIELD_##type, offsetof(Body, member)                                     \
  }

static const WeirField body_fields[] = {
  BODY (TEXT, prompt),
  BODY (TEXT, model),
  BODY (BOOLEAN, stream),
  BODY (UINT, n),
  BODY (TEXT, response_format),
  BODY (TEXT, quality),
  BODY (TEXT, size),
  BODY (TEXT, background),
  BODY (TEXT, output_format),
  BODY (TEXT, moderation),
  BODY (TEXT, input_fidelity),
  BODY (ITEM, output_compression),
  BODY (ITEM, partial_images),
  BODY (ARRAY, images),
  BODY (ITEM, mask),
  { NULL },
};

static const WeirReadOption body_options[] = {
  { "user", WEIR_OPTION_USER, WEIR_READ_STRING },
  { NULL },
};

static const WeirField picture_fields[] = {
  { "image_url", WEIR_FIELD_TEXT, offsetof (Picture, url) },
  { "file_id", WEIR_FIELD_TEXT, offsetof (Picture, file_id) },
  { NULL },
};

static const WeirSlice formats[] = { { "b64_json", 8 }, { "url", 3 } };

static gboolean
check (const Body *body, GError **error)
{
  gboolean known = body->response_format.length == 0;

  for (size_t i = 0; i < G_N_ELEMENTS (formats); i++)
    known = known || weir_slice_equal (body->response_format, formats[i]);
  if (!known)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "field 'response_format' must be b64_json or url");
  if (body->prompt.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'prompt' is missing");
  if (body->n > 1)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           "n above 1 cannot be said to this upstream: ask for one picture "
                           "at a time");
  return TRUE;
}

/* A string is its address, as some clients write it. */
static gboolean
read_picture (WeirRequest *self, uint32_t item, Picture *out, GError **error)
{
  *out = (Picture){ 0 };
  if (weir_json_get_type (&self->json, item) == WEIR_JSON_STRING)
    out->url = weir_read_get_text (&self->json, item);
  else if (!weir_read_object (self, item, picture_fields, out, NULL, &self->unknown, error))
    return FALSE;
  return out->url.length > 0 || out->file_id.length > 0
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                            "a picture has neither 'image_url' nor 'file_id'");
}

static gboolean
add_picture (WeirRequest *self, uint32_t item, GError **error)
{
  WeirPart *part;
  Picture picture;

  if (!read_picture (self, item, &picture, error))
    return FALSE;
  part = weir_request_add_part (self, self->last_message, WEIR_PART_IMAGE);
  if (picture.url.length > 0)
    return weir_read_take_url (self, picture.url, &part->media, error);
  part->origin = WEIR_DIALECT_OPENAI_RESPONSES; /* the same vendor keeps the files */
  part->media.source = WEIR_MEDIA_ID;
  part->media.data = picture.file_id;
  return TRUE;
}

static void
add_text (WeirJsonWriter *w, const char *name, WeirSlice text)
{
  if (text.length > 0)
    weir_json_add_escaped (w, name, text);
}

static void
add_number (WeirJsonWriter *w, const char *name, const WeirJson *json, uint32_t item)
{
  if (item != 0)
    weir_json_add_raw (w, name, weir_json_get_raw (json, item));
}

/* The older models' words: `standard` is what happens anyway. */
static WeirSlice
get_quality (const Body *body)
{
  if (weir_slice_equal (body->quality, WEIR_SLICE ("hd")))
    return WEIR_SLICE ("high");
  return weir_slice_equal (body->quality, WEIR_SLICE ("standard")) ? WEIR_SLICE ("")
                                                                   : body->quality;
}

static gboolean
add_mask (WeirRequest *self, const Body *body, WeirJsonWriter *w, GError **error)
{
  Picture mask;

  if (body->mask == 0)
    return TRUE;
  if (!read_picture (self, body->mask, &mask, error))
    return FALSE;
  weir_json_open (w, "input_image_mask");
  add_text (w, "image_url", mask.url);
  add_text (w, "file_id", mask.file_id);
  weir_json_close (w);
  return TRUE;
}

static gboolean
add_tool (WeirRequest *self, const Body *body, gboolean edit, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  WeirTool *tool = weir_request_add_tool (self, WEIR_TOOL_IMAGE_GENERATION);
  WeirJsonWriter w;

  weir_json_writer_init (&w, text);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "type", "image_generation");
  weir_json_add_string (&w, "action", edit ? "edit" : "generate");
  add_text (&w, "size", body->size);
  add_text (&w, "quality", get_quality (body));
  add_text (&w, "background", body->background);
  add_text (&w, "output_format", body->output_format);
  add_text (&w, "moderation", body->moderation);
  add_text (&w, "input_fidelity", body->input_fidelity);
  add_number (&w, "output_compression", &self->json, body->output_compression);
  add_number (&w, "partial_images", &self->json, body->partial_images);
  if (!add_mask (self, body, &w, error))
    return FALSE;
  weir_json_close (&w);
  tool->origin = WEIR_DIALECT_OPENAI_RESPONSES;
  tool->type_name = WEIR_SLICE ("image_generation");
  tool->raw = weir_request_copy (self, (WeirSlice){ text->str, text->len });
  self->tool_choice.mode = WEIR_CHOICE_TOOL;
  self->tool_choice.type = WEIR_TOOL_IMAGE_GENERATION;
  return TRUE;
}

static gboolean
read_body (WeirRequest *self, gboolean edit, GError **error)
{
  Body body = { 0 };
  WeirMessage *message;

  if (!weir_read_body (self, body_fields, body_options, &body, error)
      || !check (&body, error))
    return FALSE;
  self->model = body.model;
  self->stream = body.stream;
  self->form = body.stream ? WEIR_ANSWER_SSE : WEIR_ANSWER_WHOLE;
  message = weir_request_add_message (self, WEIR_ROLE_USER);
  weir_request_add_part (self, message, WEIR_PART_TEXT)->text = body.prompt;
  if (body.images != 0 && !weir_read_list (self, body.images, "images", add_picture, error))
    return FALSE;
  if (edit && message->n_parts == 1)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "there is no picture to be edited");
  return add_tool (self, &body, edit, error);
}

static WeirRequest *
read_request (GBytes *body, gboolean edit, GError **error)
{
  g_autoptr (WeirRequest) self = weir_request_new (WEIR_DIALECT_OPENAI_CHAT, body, error);

  if (self == NULL || !read_body (self, edit, error))
    return NULL;
  return g_steal_pointer (&self);
}

WeirRequest *
weir_openai_images_read_generation (GBytes *body, GError **error)
{
  return read_request (body, FALSE, error);
}

WeirRequest *
weir_openai_images_read_edit (GBytes *body, GError **error)
{
  return read_request (body, TRUE, error);
}
