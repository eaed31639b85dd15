/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One part of a Gemini content, read: text, thoughts, media, calls and their results.
 * Whose message it stands in is weir-gemini-read.c's matter. */

#include "config.h"

#include "chat/weir-gemini-part.h"

#include "chat/weir-gemini-fields.h"
#include "chat/weir-signature.h"

#define UPLOADS "https://generativelanguage.googleapis.com/"

static const WeirField part_fields[] = {
  { "text", WEIR_FIELD_ITEM, offsetof (WeirGeminiPart, text) },
  { "inlineData", WEIR_FIELD_OBJECT, offsetof (WeirGeminiPart, inline_data) },
  { "fileData", WEIR_FIELD_OBJECT, offsetof (WeirGeminiPart, file_data) },
  { "functionCall", WEIR_FIELD_OBJECT, offsetof (WeirGeminiPart, call) },
  { "functionResponse", WEIR_FIELD_OBJECT, offsetof (WeirGeminiPart, response) },
  { "executableCode", WEIR_FIELD_OBJECT, offsetof (WeirGeminiPart, code) },
  { "codeExecutionResult", WEIR_FIELD_OBJECT, offsetof (WeirGeminiPart, code_result) },
  { "thought", WEIR_FIELD_BOOLEAN, offsetof (WeirGeminiPart, thought) },
  { "thoughtSignature", WEIR_FIELD_TEXT, offsetof (WeirGeminiPart, signature) },
  { .name = NULL },
};
static const WeirGeminiShape part_shape = { .fields = part_fields };

typedef struct
{
  WeirSlice media_type;
  WeirSlice data;
  WeirSlice name;
} MediaFields;

static const WeirField inline_fields[] = {
  { "mimeType", WEIR_FIELD_TEXT, offsetof (MediaFields, media_type) },
  { "data", WEIR_FIELD_TEXT, offsetof (MediaFields, data) },
  { "displayName", WEIR_FIELD_TEXT, offsetof (MediaFields, name) },
  { .name = NULL },
};
static const WeirGeminiShape inline_shape = { .fields = inline_fields };

static const WeirField file_fields[] = {
  { "mimeType", WEIR_FIELD_TEXT, offsetof (MediaFields, media_type) },
  { "fileUri", WEIR_FIELD_TEXT, offsetof (MediaFields, data) },
  { "displayName", WEIR_FIELD_TEXT, offsetof (MediaFields, name) },
  { .name = NULL },
};
static const WeirGeminiShape file_shape = { .fields = file_fields };

typedef struct
{
  WeirSlice id;
  WeirSlice name;
  uint32_t value; /* args or response */
  uint32_t parts;
} CallFields;

static const WeirField call_fields[] = {
  { "id", WEIR_FIELD_TEXT, offsetof (CallFields, id) },
  { "name", WEIR_FIELD_TEXT, offsetof (CallFields, name) },
  { "args", WEIR_FIELD_OBJECT, offsetof (CallFields, value) },
  { .name = NULL },
};
static const WeirGeminiShape call_shape = { .fields = call_fields };

static const WeirField response_fields[] = {
  { "id", WEIR_FIELD_TEXT, offsetof (CallFields, id) },
  { "name", WEIR_FIELD_TEXT, offsetof (CallFields, name) },
  { "response", WEIR_FIELD_OBJECT, offsetof (CallFields, value) },
  { "parts", WEIR_FIELD_ITEM, offsetof (CallFields, parts) },
  { .name = NULL },
};
static const WeirGeminiShape response_shape = { .fields = response_fields };

static WeirSlice
strip_quotes (WeirSlice string)
{
  return (WeirSlice){ string.text + 1, string.length - 2 };
}

/* Bytes may come in the alphabet for URLs and without padding (the service takes both, the
 * Python SDK sends the former); other vendors want the ordinary one. */
static WeirSlice
settle_base64 (WeirRequest *request, WeirSlice data)
{
  g_autoptr (GString) plain = NULL;

  if (data.length == 0 || memchr (data.text, '\\', data.length) != NULL)
    return data;
  if (memchr (data.text, '-', data.length) == NULL
      && memchr (data.text, '_', data.length) == NULL && data.length % 4 == 0)
    return data;
  plain = g_string_new_len (data.text, (gssize)data.length);
  for (size_t i = 0; i < plain->len; i++)
    if (plain->str[i] == '-')
      plain->str[i] = '+';
    else if (plain->str[i] == '_')
      plain->str[i] = '/';
  while (plain->len % 4 != 0)
    g_string_append_c (plain, '=');
  return weir_request_copy (request, (WeirSlice){ plain->str, plain->len });
}

/* What was uploaded to the service has an address that only a key of its owner opens; any
 * other is of the web (files guide, read 2026-10). */
static WeirMediaSource
get_source_of_file (WeirSlice uri)
{
  return weir_slice_has_prefix (uri, WEIR_SLICE (UPLOADS)) ? WEIR_MEDIA_ID : WEIR_MEDIA_URL;
}

static gboolean
fill_media (const WeirGeminiPart *self,
            WeirRequest *request,
            WeirPart *part,
            GError **error)
{
  const gboolean is_file = self->file_data != 0;
  MediaFields fields = { 0 };

  if (!weir_gemini_read_members (request, is_file ? self->file_data : self->inline_data,
                                 is_file ? &file_shape : &inline_shape, &fields,
                                 &part->unknown, error))
    {
      g_prefix_error (error, "%s: ", is_file ? "fileData" : "inlineData");
      return FALSE;
    }
  if (fields.data.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "%s: neither data nor a place",
                           is_file ? "fileData" : "inlineData");
  part->media = (WeirMedia){
    .source = is_file ? get_source_of_file (fields.data) : WEIR_MEDIA_DATA,
    .data = is_file ? fields.data : settle_base64 (request, fields.data),
    .media_type = fields.media_type,
    .filename = fields.name,
  };
  return TRUE;
}

static gboolean
fill_call (const WeirGeminiPart *self, WeirRequest *request, WeirPart *part, GError **error)
{
  CallFields fields = { 0 };

  if (!weir_gemini_read_members (request, self->call, &call_shape, &fields, &part->unknown,
                                 error))
    {
      g_prefix_error (error, "functionCall: ");
      return FALSE;
    }
  if (fields.name.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "functionCall: field 'name' is missing");
  part->call.id = fields.id;
  part->call.name = fields.name;
  if (fields.value != 0)
    part->call.arguments = (WeirValue){ WEIR_SPELLING_JSON,
                                        weir_json_get_raw (&request->json, fields.value) };
  if (!weir_slice_equal (self->signature, WEIR_SLICE (WEIR_GEMINI_SIGNATURE_OF_OTHERS)))
    part->call.signature = weir_signature_unwrap (request, self->signature, part);
  return TRUE;
}

/* The API reference (read 2026-10) names two keys of a response: `output` for what came,
 * `error` for what went wrong; `result` is what many clients write.  A response that is
 * nothing but one of these is its value; any other stays whole. */
static void
read_response (WeirRequest *request, WeirResult *result, uint32_t object)
{
  const WeirJson *json = &request->json;
  uint32_t name = weir_json_first (json, object);
  const gboolean alone = name != 0 && weir_json_next (json, object, name) == 0;

  result->value = (WeirValue){ WEIR_SPELLING_JSON, weir_json_get_raw (json, object) };
  if (!alone)
    return;
  if (weir_json_equals (json, name, "error"))
    result->is_error = WEIR_YES;
  else if (!weir_json_equals (json, name, "output")
           && !weir_json_equals (json, name, "result"))
    return;
  result->value.bytes = weir_json_get_raw (json, name + 1);
  if (weir_json_get_type (json, name + 1) != WEIR_JSON_STRING)
    return;
  result->value = (WeirValue){ WEIR_SPELLING_TEXT, strip_quotes (result->value.bytes) };
}

/* A result with media says everything in parts: the response becomes a text in front. */
static gboolean
read_response_parts (WeirRequest *request,
                     WeirResult *result,
                     uint32_t list,
                     GError **error)
{
  const WeirJson *json = &request->json;
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirSlice text = weir_value_get_text (&result->value, scratch);

  if (text.length > 0)
    weir_request_add_result_part (request, result, WEIR_PART_TEXT)->text
        = weir_request_copy (request, text);
  result->value = (WeirValue){ 0 };
  for (uint32_t i = weir_gemini_first (json, list); i != 0;
       i = weir_gemini_next (json, list, i))
    {
      WeirGeminiPart found;
      WeirPartType type;
      WeirPart *part;

      if (!weir_gemini_part_read (&found, request, i, error))
        return FALSE;
      type = weir_gemini_part_get_type (&found);
      if (type == WEIR_PART_CALL || type == WEIR_PART_RESULT || type == WEIR_PART_THINKING)
        type = WEIR_PART_OTHER;
      part = weir_request_add_result_part (request, result, type);
      if (!weir_gemini_part_fill (&found, request, part, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_result (const WeirGeminiPart *self,
             WeirRequest *request,
             WeirPart *part,
             GError **error)
{
  const WeirJson *json = &request->json;
  CallFields fields = { 0 };

  if (!weir_gemini_read_members (request, self->response, &response_shape, &fields,
                                 &part->unknown, error))
    return FALSE;
  part->result.call_id = fields.id;
  part->result.name = fields.name;
  if (fields.value != 0)
    {
      if (!weir_json_check_names (json, fields.value, error))
        return FALSE;
      read_response (request, &part->result, fields.value);
    }
  if (weir_gemini_first (json, fields.parts) == 0)
    return TRUE;
  return read_response_parts (request, &part->result, fields.parts, error);
}

static gboolean
fill_result (const WeirGeminiPart *self,
             WeirRequest *request,
             WeirPart *part,
             GError **error)
{
  if (read_result (self, request, part, error))
    return TRUE;
  g_prefix_error (error, "functionResponse: ");
  return FALSE;
}

/* A redacted thought of another vendor went out without a text (see the encoder). */
static gboolean
fill_thought (const WeirGeminiPart *self, WeirRequest *request, WeirPart *part)
{
  part->thinking.signature = weir_signature_unwrap (request, self->signature, part);
  if (self->text == 0 && part->origin != WEIR_DIALECT_GEMINI)
    part->type = WEIR_PART_REDACTED_THINKING;
  return TRUE;
}

gboolean
weir_gemini_part_fill (const WeirGeminiPart *self,
                       WeirRequest *request,
                       WeirPart *part,
                       GError **error)
{
  const WeirJson *json = &request->json;
  const uint32_t first = weir_json_first (json, self->object);

  part->raw = weir_json_get_raw (json, self->object);
  part->unknown = self->unknown;
  if (self->text != 0)
    part->text = strip_quotes (weir_json_get_raw (json, self->text));
  if (first != 0)
    part->type_name = strip_quotes (weir_json_get_raw (json, first));
  if (part->type == WEIR_PART_CALL)
    return fill_call (self, request, part, error);
  if (part->type == WEIR_PART_RESULT)
    return fill_result (self, request, part, error);
  if (part->type == WEIR_PART_THINKING)
    return fill_thought (self, request, part);
  part->signature = weir_signature_unwrap (request, self->signature, part);
  if (part->type == WEIR_PART_TEXT || part->type == WEIR_PART_OTHER)
    return TRUE;
  return fill_media (self, request, part, error);
}

static WeirPartType
get_media_part_type (const WeirGeminiPart *self)
{
  static const struct
  {
    const char *prefix;
    WeirPartType type;
  } types[] = {
    { "image/", WEIR_PART_IMAGE },
    { "audio/", WEIR_PART_AUDIO },
    { "video/", WEIR_PART_VIDEO },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (weir_slice_has_prefix (self->media_type, weir_slice_from_string (types[i].prefix)))
      return types[i].type;
  return WEIR_PART_FILE;
}

WeirPartType
weir_gemini_part_get_type (const WeirGeminiPart *self)
{
  if (self->response != 0)
    return WEIR_PART_RESULT;
  if (self->call != 0)
    return WEIR_PART_CALL;
  if (self->inline_data != 0 || self->file_data != 0)
    return get_media_part_type (self);
  if (self->thought)
    return WEIR_PART_THINKING;
  if (self->text != 0 || self->signature.length > 0)
    return WEIR_PART_TEXT;
  return WEIR_PART_OTHER;
}

gboolean
weir_gemini_part_read (WeirGeminiPart *self,
                       WeirRequest *request,
                       uint32_t object,
                       GError **error)
{
  const WeirJson *json = &request->json;
  uint32_t media;

  *self = (WeirGeminiPart){ .object = object };
  if (!weir_gemini_read_members (request, object, &part_shape, self, &self->unknown, error))
    return FALSE;
  if (self->text != 0 && weir_json_get_type (json, self->text) != WEIR_JSON_STRING)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'text' must be a string");
  if ((self->text != 0) + (self->inline_data != 0) + (self->file_data != 0)
          + (self->call != 0) + (self->response != 0) + (self->code != 0)
          + (self->code_result != 0)
      > 1)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "has more than one kind of data");
  media = self->inline_data != 0 ? self->inline_data : self->file_data;
  if (media != 0)
    media = weir_gemini_lookup (json, media, "mimeType");
  if (media != 0 && weir_json_get_type (json, media) == WEIR_JSON_STRING)
    self->media_type = strip_quotes (weir_json_get_raw (json, media));
  return TRUE;
}
