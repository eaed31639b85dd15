/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The blocks of content in an Anthropic Messages request (API reference, read 2026-10). */

#include "config.h"

#include "chat/weir-anthropic.h"
#include "chat/weir-signature.h"

#define SEARCH_RESULT "search_result"

typedef struct
{
  WeirSlice type;
  WeirSlice text;
  WeirSlice signature;
  WeirSlice title;
  WeirSlice context;
  WeirSlice id;
  WeirSlice name;
  WeirSlice input;
  WeirSlice place; /* of a search result */
  uint32_t source;
  uint32_t content;
  gboolean is_error; /* -1: not said */
  uint32_t cache;
} Block;

typedef struct
{
  WeirSlice type;
  WeirSlice media_type;
  WeirSlice data;
  WeirSlice url;
  WeirSlice file_id;
  uint32_t content;
} Source;

typedef struct
{
  WeirSlice type;
  WeirSlice ttl;
} Mark;

#define BLOCK(member, type, field)                                                         \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Block, field)                                     \
  }
#define NEEDED(member, type, field)                                                        \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Block, field), TRUE                               \
  }
#define SOURCE(member, type, field)                                                        \
  {                                                                                        \
    member, WEIR_FIELD_##type, offsetof (Source, field)                                    \
  }

static const WeirField text_fields[] = {
  BLOCK ("type", TEXT, type),
  NEEDED ("text", TEXT, text),
  BLOCK ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField image_fields[] = {
  BLOCK ("type", TEXT, type),
  NEEDED ("source", OBJECT, source),
  BLOCK ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField document_fields[] = {
  BLOCK ("type", TEXT, type),
  NEEDED ("source", OBJECT, source),
  BLOCK ("title", TEXT, title),
  BLOCK ("context", TEXT, context),
  BLOCK ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField call_fields[] = {
  BLOCK ("type", TEXT, type),
  NEEDED ("id", TEXT, id),
  NEEDED ("name", TEXT, name),
  BLOCK ("input", RAW, input),
  BLOCK ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField result_fields[] = {
  BLOCK ("type", TEXT, type),
  NEEDED ("tool_use_id", TEXT, id),
  BLOCK ("content", ITEM, content),
  BLOCK ("is_error", BOOLEAN, is_error),
  BLOCK ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField thinking_fields[] = {
  BLOCK ("type", TEXT, type),
  BLOCK ("thinking", TEXT, text),
  BLOCK ("signature", TEXT, signature),
  { NULL },
};

static const WeirField redacted_fields[] = {
  BLOCK ("type", TEXT, type),
  NEEDED ("data", TEXT, signature),
  { NULL },
};

static const WeirField search_fields[] = {
  BLOCK ("type", TEXT, type),
  BLOCK ("source", TEXT, place),
  BLOCK ("title", TEXT, title),
  BLOCK ("content", ARRAY, content),
  BLOCK ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField other_fields[] = {
  BLOCK ("type", TEXT, type),
  BLOCK ("cache_control", OBJECT, cache),
  { NULL },
};

static const WeirField source_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Source, type), TRUE },
  SOURCE ("media_type", TEXT, media_type),
  SOURCE ("data", TEXT, data),
  SOURCE ("url", TEXT, url),
  SOURCE ("file_id", TEXT, file_id),
  SOURCE ("content", ITEM, content),
  { NULL },
};

static const WeirField mark_fields[] = {
  { "type", WEIR_FIELD_TEXT, offsetof (Mark, type) },
  { "ttl", WEIR_FIELD_TEXT, offsetof (Mark, ttl) },
  { NULL },
};

typedef struct
{
  const char *word;
  WeirPartType type;
  const WeirField *fields;
} Kind;

/* What the client's own search found is something that the client says: a text. */
static const Kind kinds[] = {
  { "text", WEIR_PART_TEXT, text_fields },
  { "image", WEIR_PART_IMAGE, image_fields },
  { "document", WEIR_PART_FILE, document_fields },
  { "tool_use", WEIR_PART_CALL, call_fields },
  { "tool_result", WEIR_PART_RESULT, result_fields },
  { "thinking", WEIR_PART_THINKING, thinking_fields },
  { "redacted_thinking", WEIR_PART_REDACTED_THINKING, redacted_fields },
  { SEARCH_RESULT, WEIR_PART_TEXT, search_fields },
};
static const Kind other_kind = { NULL, WEIR_PART_OTHER, other_fields };

static const Kind *
find_kind (const WeirJson *json, uint32_t object)
{
  const WeirSlice word = weir_read_lookup_text (json, object, "type");

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (weir_slice_equal (word, weir_slice_from_string (kinds[i].word)))
      return &kinds[i];
  return &other_kind;
}

WeirPartType
weir_anthropic_get_part_type (const WeirJson *json, uint32_t object)
{
  return find_kind (json, object)->type;
}

gboolean
weir_anthropic_read_cache_mark (WeirRequest *self,
                                uint32_t object,
                                WeirCacheMark *mark,
                                WeirUnknown **unknown,
                                GError **error)
{
  Mark read = { 0 };

  if (object == 0)
    return TRUE;
  if (!weir_read_object (self, object, mark_fields, &read, "cache_control", unknown, error))
    return FALSE;
  mark->said = WEIR_YES;
  mark->ttl = read.ttl;
  return TRUE;
}

static gboolean
has_only_texts (const WeirJson *json, uint32_t list)
{
  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    if (weir_anthropic_get_part_type (json, i) != WEIR_PART_TEXT)
      return FALSE;
  return TRUE;
}

/* A document of blocks is its texts; that there is more in it is told as an unknown member.
 * FALSE: it has no text. */
static gboolean
take_content (WeirRequest *self, WeirPart *part, uint32_t content, WeirMedia *media)
{
  const WeirJson *json = &self->json;
  const gboolean is_list
      = content != 0 && weir_json_get_type (json, content) == WEIR_JSON_ARRAY;

  media->source = WEIR_MEDIA_TEXT;
  media->media_type = WEIR_SLICE ("text/plain");
  media->data
      = is_list ? weir_read_join_texts (self, content) : weir_read_get_text (json, content);
  if (media->data.length > 0 && is_list && !has_only_texts (json, content))
    weir_request_add_unknown (self, &part->unknown, "source", content - 1);
  return media->data.length > 0;
}

/* FALSE: a source that there is no word for here. */
static gboolean
take_source (WeirRequest *self, WeirPart *part, const Source *read, WeirMedia *media)
{
  const struct
  {
    const char *word;
    WeirMediaSource source;
    WeirSlice data;
  } sources[] = {
    { "base64", WEIR_MEDIA_DATA, read->data },
    { "url", WEIR_MEDIA_URL, read->url },
    { "file", WEIR_MEDIA_ID, read->file_id },
    { "text", WEIR_MEDIA_TEXT, read->data },
  };

  media->media_type = read->media_type;
  for (size_t i = 0; i < G_N_ELEMENTS (sources); i++)
    if (weir_slice_equal (read->type, weir_slice_from_string (sources[i].word)))
      {
        media->source = sources[i].source;
        media->data = sources[i].data;
        return TRUE;
      }
  return weir_slice_equal (read->type, WEIR_SLICE ("content"))
         && take_content (self, part, read->content, media);
}

static gboolean
read_media (WeirRequest *self, WeirPart *part, const Block *block, GError **error)
{
  Source read = { 0 };
  WeirMedia media = { .title = block->title, .context = block->context };

  if (!weir_read_object (self, block->source, source_fields, &read, "source",
                         &part->unknown, error))
    {
      g_prefix_error (error, "source: ");
      return FALSE;
    }
  if (!take_source (self, part, &read, &media))
    {
      part->type = WEIR_PART_OTHER;
      return TRUE;
    }
  if (media.data.length == 0 && media.source != WEIR_MEDIA_TEXT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "source: neither data nor a place of it");
  part->media = media;
  return TRUE;
}

/* Title and place stand before the texts: the model may have to name its source. */
static void
read_search_result (WeirRequest *self, WeirPart *part, const Block *block)
{
  const WeirSlice pieces[]
      = { block->title, block->place, weir_read_join_texts (self, block->content) };
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      if (pieces[i].length == 0)
        continue;
      if (text->len > 0)
        g_string_append (text, "\\n");
      g_string_append_len (text, pieces[i].text, (gssize)pieces[i].length);
    }
  if (block->content != 0 && !has_only_texts (&self->json, block->content))
    weir_request_add_unknown (self, &part->unknown, NULL, block->content - 1);
  part->text = weir_request_copy (self, (WeirSlice){ text->str, text->len });
}

static void
read_call (const WeirJson *json, WeirCall *call, const Block *block)
{
  call->id = block->id;
  call->name = block->name;
  if (block->input.length > 0)
    call->arguments = (WeirValue){ WEIR_SPELLING_JSON, block->input };
}

/* What stands in a result: no calls, thoughts or results. */
static gboolean
read_part_of_result (WeirRequest *self, WeirResult *result, uint32_t block, GError **error)
{
  WeirPartType type = weir_anthropic_get_part_type (&self->json, block);

  if (type != WEIR_PART_TEXT && type != WEIR_PART_IMAGE && type != WEIR_PART_FILE)
    type = WEIR_PART_OTHER;
  return weir_anthropic_read_part (self, weir_request_add_result_part (self, result, type),
                                   block, error);
}

static gboolean
read_result (WeirRequest *self, WeirResult *result, const Block *block, GError **error)
{
  const WeirJson *json = &self->json;
  unsigned index = 0;

  result->call_id = block->id;
  result->is_error = weir_read_get_said (block->is_error);
  if (block->content == 0)
    return TRUE;
  if (weir_json_get_type (json, block->content) == WEIR_JSON_STRING)
    {
      result->value
          = (WeirValue){ WEIR_SPELLING_TEXT, weir_read_get_text (json, block->content) };
      return TRUE;
    }
  if (weir_json_get_type (json, block->content) != WEIR_JSON_ARRAY)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                           "content: must be a string or a list of blocks");
  for (uint32_t i = weir_json_first (json, block->content); i != 0;
       i = weir_json_next (json, block->content, i), index++)
    if (!read_part_of_result (self, result, i, error))
      {
        g_prefix_error (error, "content[%u]: ", index);
        return FALSE;
      }
  return TRUE;
}

/* Ours come back from the client; one of them stands for no signature at all. */
static void
read_signature (WeirRequest *self, WeirPart *part, WeirSlice signature)
{
  part->thinking.signature = weir_signature_unwrap (self, signature, part);
  if (part->origin != WEIR_DIALECT_ANTHROPIC
      && weir_slice_equal (part->thinking.signature, WEIR_SLICE (WEIR_ANTHROPIC_UNSIGNED)))
    part->thinking.signature = WEIR_SLICE ("");
}

static gboolean
fill_part (WeirRequest *self, WeirPart *part, const Block *block, GError **error)
{
  switch (part->type)
    {
    case WEIR_PART_TEXT:
      part->text = block->text;
      if (weir_slice_equal (block->type, WEIR_SLICE (SEARCH_RESULT)))
        read_search_result (self, part, block);
      break;
    case WEIR_PART_IMAGE:
    case WEIR_PART_FILE:
      return read_media (self, part, block, error);
    case WEIR_PART_CALL:
      read_call (&self->json, &part->call, block);
      break;
    case WEIR_PART_RESULT:
      return read_result (self, &part->result, block, error);
    case WEIR_PART_THINKING:
    case WEIR_PART_REDACTED_THINKING:
      part->text = block->text;
      read_signature (self, part, block->signature);
      break;
    case WEIR_PART_AUDIO:
    case WEIR_PART_VIDEO:
    case WEIR_PART_REFUSAL:
    case WEIR_PART_OTHER:
    case WEIR_PART_LAST:
      break;
    }
  return TRUE;
}

gboolean
weir_anthropic_read_part (WeirRequest *self,
                          WeirPart *part,
                          uint32_t object,
                          GError **error)
{
  const Kind *kind
      = part->type == WEIR_PART_OTHER ? &other_kind : find_kind (&self->json, object);
  Block block = { .is_error = -1 };

  if (!weir_read_object (self, object, kind->fields, &block, NULL, &part->unknown, error))
    return FALSE;
  if (block.type.length == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field 'type' is missing");
  part->raw = weir_json_get_raw (&self->json, object);
  part->type_name = block.type;
  return weir_anthropic_read_cache_mark (self, block.cache, &part->cache, &part->unknown,
                                         error)
         && fill_part (self, part, &block, error);
}
