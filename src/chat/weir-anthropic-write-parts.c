/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Parts as blocks of content in an Anthropic Messages request (API reference, guides on
 * vision and PDF, read 2026-10). */

#include "config.h"

#include "chat/weir-anthropic-writer.h"
#include "chat/weir-text.h"
#include "chat/weir-tool-name.h"

#include "base/weir-error.h"

/* How media can be said. */
typedef enum
{
  AS_IMAGE,
  AS_DOCUMENT,
  AS_TEXT_DOCUMENT, /* base64 of a text */
  AS_ADDRESS,       /* in words */
  AS_NOTHING,
} Way;

/* First letters in base64 of what has no media type. */
static const struct
{
  const char *letters;
  const char *media_type;
} signs[] = {
  { "/9j/", "image/jpeg" }, { "iVBOR", "image/png" },       { "R0lG", "image/gif" },
  { "UklG", "image/webp" }, { "JVBER", "application/pdf" },
};

static const char *const text_types[] = {
  "application/json",   "application/xml",  "application/javascript",
  "application/x-yaml", "application/yaml",
};

gboolean
weir_anthropic_is_blank (WeirSlice escaped)
{
  for (size_t i = 0; i < escaped.length; i++)
    {
      if (escaped.text[i] == ' ')
        continue;
      if (escaped.text[i] != '\\' || ++i == escaped.length
          || strchr ("ntrf", escaped.text[i]) == NULL)
        return FALSE;
    }
  return TRUE;
}

void
weir_anthropic_write_cache_mark (WeirAnthropicWriter *self, const WeirCacheMark *mark)
{
  if (mark == NULL || mark->said != WEIR_YES)
    return;
  weir_json_open (&self->json, "cache_control");
  weir_json_add_string (&self->json, "type", "ephemeral");
  weir_anthropic_add_text (self, "ttl", mark->ttl);
  weir_json_close (&self->json);
}

void
weir_anthropic_write_text (WeirAnthropicWriter *self, WeirSlice escaped)
{
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", "text");
  weir_json_add_escaped (&self->json, "text", escaped);
  weir_json_close (&self->json);
}

static WeirSlice
get_media_type (const WeirPart *part)
{
  const WeirMedia *media = &part->media;

  if (media->media_type.length > 0 || media->source != WEIR_MEDIA_DATA)
    return media->media_type;
  for (size_t i = 0; i < G_N_ELEMENTS (signs); i++)
    if (weir_slice_has_prefix (media->data, weir_slice_from_string (signs[i].letters)))
      return weir_slice_from_string (signs[i].media_type);
  return WEIR_SLICE ("");
}

static gboolean
is_text_type (WeirSlice media_type)
{
  if (weir_slice_has_prefix (media_type, WEIR_SLICE ("text/")))
    return TRUE;
  for (size_t i = 0; i < G_N_ELEMENTS (text_types); i++)
    if (weir_slice_equal_nocase (media_type, weir_slice_from_string (text_types[i])))
      return TRUE;
  return FALSE;
}

static gboolean
is_web_address (WeirSlice url)
{
  const WeirSlice head = { url.text, MIN (url.length, 5) };

  return url.length > 5
         && (weir_slice_equal_nocase (head, WEIR_SLICE ("http:"))
             || weir_slice_equal_nocase (head, WEIR_SLICE ("https")));
}

static Way
choose_way (const WeirPart *part)
{
  const WeirMedia *media = &part->media;
  WeirSlice type;
  gboolean is_image;

  if (part->type != WEIR_PART_IMAGE && part->type != WEIR_PART_FILE)
    return AS_NOTHING;
  type = get_media_type (part);
  is_image = part->type == WEIR_PART_IMAGE
             || weir_slice_has_prefix (type, WEIR_SLICE ("image/"));
  switch (media->source)
    {
    case WEIR_MEDIA_TEXT:
      return AS_DOCUMENT;
    case WEIR_MEDIA_ID:
      if (!weir_part_may_return (part, WEIR_DIALECT_ANTHROPIC))
        return AS_NOTHING;
      return is_image ? AS_IMAGE : AS_DOCUMENT;
    case WEIR_MEDIA_URL:
      if (!is_web_address (media->data))
        return AS_ADDRESS;
      return is_image ? AS_IMAGE : AS_DOCUMENT;
    case WEIR_MEDIA_DATA:
      if (is_image)
        return AS_IMAGE;
      if (weir_slice_equal_nocase (type, WEIR_SLICE ("application/pdf")))
        return AS_DOCUMENT;
      return is_text_type (type) ? AS_TEXT_DOCUMENT : AS_NOTHING;
    }
  return AS_NOTHING;
}

static void
add_decoded (WeirAnthropicWriter *self, WeirSlice data)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autofree guchar *decoded = NULL;
  gsize length;

  weir_text_unescape (data, plain);
  decoded = g_base64_decode (plain->str, &length);
  weir_json_add_text (&self->json, "data", (WeirSlice){ (const char *)decoded, length });
}

static void
write_source (WeirAnthropicWriter *self, const WeirPart *part, Way way)
{
  const WeirMedia *media = &part->media;
  WeirJsonWriter *json = &self->json;

  weir_json_open (json, "source");
  if (way == AS_TEXT_DOCUMENT || media->source == WEIR_MEDIA_TEXT)
    {
      weir_json_add_string (json, "type", "text");
      weir_json_add_string (json, "media_type", "text/plain");
      if (way == AS_TEXT_DOCUMENT)
        add_decoded (self, media->data);
      else
        weir_json_add_escaped (json, "data", media->data);
    }
  else if (media->source == WEIR_MEDIA_DATA)
    {
      const WeirSlice type = get_media_type (part);

      weir_json_add_string (json, "type", "base64");
      weir_json_add_escaped (json, "media_type",
                             type.length > 0 ? type : WEIR_SLICE ("image/png"));
      weir_json_add_escaped (json, "data", media->data);
    }
  else
    {
      const gboolean is_url = media->source == WEIR_MEDIA_URL;

      weir_json_add_string (json, "type", is_url ? "url" : "file");
      weir_json_add_escaped (json, is_url ? "url" : "file_id", media->data);
    }
  weir_json_close (json);
}

static void
report_of_media (const WeirAnthropicWriter *self,
                 const WeirMedia *media,
                 Way way,
                 const char *where)
{
  if (media->detail.length > 0 && !weir_slice_equal (media->detail, WEIR_SLICE ("auto")))
    weir_anthropic_report (self, WEIR_LOSS_IMAGE_DETAIL, where);
  if (way == AS_ADDRESS)
    weir_anthropic_report (self, WEIR_LOSS_IMAGE_URL, where);
  if ((way == AS_IMAGE || way == AS_ADDRESS)
      && (media->filename.length > 0 || media->title.length > 0))
    weir_anthropic_report (self, WEIR_LOSS_MEDIA_NAME, where);
  if ((way == AS_IMAGE || way == AS_ADDRESS) && media->context.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_MEDIA_CONTEXT, where);
}

static void
write_media (WeirAnthropicWriter *self,
             const WeirPart *part,
             Way way,
             const WeirCacheMark *cache,
             const char *where)
{
  const WeirMedia *media = &part->media;
  WeirJsonWriter *json = &self->json;

  report_of_media (self, media, way, where);
  if (way == AS_ADDRESS)
    {
      g_string_assign (self->scratch, "File: ");
      g_string_append_len (self->scratch, media->data.text, (gssize)media->data.length);
      weir_anthropic_write_text (self,
                                 (WeirSlice){ self->scratch->str, self->scratch->len });
      return;
    }
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", way == AS_IMAGE ? "image" : "document");
  write_source (self, part, way);
  if (way != AS_IMAGE)
    {
      weir_anthropic_add_text (self, "title",
                               media->title.length > 0 ? media->title : media->filename);
      weir_anthropic_add_text (self, "context", media->context);
    }
  weir_anthropic_write_cache_mark (self, cache);
  weir_json_close (json);
}

static void
write_said (WeirAnthropicWriter *self,
            const WeirPart *part,
            const WeirCacheMark *cache,
            const char *where)
{
  if (part->type == WEIR_PART_REFUSAL)
    weir_anthropic_report (self, WEIR_LOSS_REFUSAL, where);
  if (part->signature.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_SIGNATURE, where);
  if (weir_anthropic_is_blank (part->text))
    {
      if (part->text.length > 0)
        weir_anthropic_report (self, WEIR_LOSS_EMPTY_TEXT, where);
      return;
    }
  weir_json_open (&self->json, NULL);
  weir_json_add_string (&self->json, "type", "text");
  weir_json_add_escaped (&self->json, "text", part->text);
  weir_anthropic_write_cache_mark (self, cache);
  weir_json_close (&self->json);
}

gboolean
weir_anthropic_write_part (WeirAnthropicWriter *self,
                           const WeirPart *part,
                           const WeirCacheMark *cache,
                           const char *where,
                           GError **error)
{
  Way way;

  weir_anthropic_report_unknown (self, part->unknown, where);
  if (part->type == WEIR_PART_TEXT || part->type == WEIR_PART_REFUSAL)
    {
      write_said (self, part, cache, where);
      return TRUE;
    }
  if (part->type == WEIR_PART_OTHER)
    {
      weir_anthropic_report (self, WEIR_LOSS_PART, where);
      return TRUE;
    }
  way = choose_way (part);
  if (way == AS_NOTHING)
    return weir_error_set (error, WEIR_ERROR_UNSUPPORTED,
                           "%s: sound, video, other vendors' file ids and files that are "
                           "neither pictures, PDF nor text cannot be said to an upstream "
                           "that speaks anthropic",
                           where);
  write_media (self, part, way, cache, where);
  return TRUE;
}

void
weir_anthropic_write_call (WeirAnthropicWriter *self,
                           const WeirPart *part,
                           WeirSlice id,
                           const WeirCacheMark *cache,
                           const char *where)
{
  const WeirCall *call = &part->call;
  WeirJsonWriter *json = &self->json;
  WeirSlice object;

  if (call->signature.length > 0)
    weir_anthropic_report (self, WEIR_LOSS_SIGNATURE, where);
  weir_anthropic_report_unknown (self, part->unknown, where);
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "tool_use");
  weir_json_add_escaped (json, "id", id);
  weir_json_add_escaped (json, "name",
                         weir_tool_name_map_scoped (call->scope, call->name,
                                                    WEIR_DIALECT_ANTHROPIC, self->scratch));
  if (weir_call_get_object (call, self->scratch, &object))
    weir_json_add_raw (json, "input", object);
  else
    {
      weir_anthropic_report (self, WEIR_LOSS_CALL_ARGUMENTS, where);
      weir_json_open (json, "input");
      weir_json_add_escaped (json, "input",
                             weir_value_get_text (&call->arguments, self->scratch));
      weir_json_close (json);
    }
  weir_anthropic_write_cache_mark (self, cache);
  weir_json_close (json);
}

static gboolean
can_stand_in_result (const WeirPart *part)
{
  if (part->type == WEIR_PART_TEXT || part->type == WEIR_PART_REFUSAL)
    return !weir_anthropic_is_blank (part->text);
  return part->type != WEIR_PART_OTHER && choose_way (part) != AS_NOTHING;
}

static void
write_parts_of_result (WeirAnthropicWriter *self,
                       const WeirResult *result,
                       const char *where)
{
  gboolean open = FALSE;

  for (const WeirPart *part = result->parts; part != NULL; part = part->next)
    {
      if (!can_stand_in_result (part))
        {
          if (part->type == WEIR_PART_OTHER)
            weir_anthropic_report (self, WEIR_LOSS_PART, where);
          else if (part->type != WEIR_PART_TEXT)
            weir_anthropic_report (self, WEIR_LOSS_RESULT_MEDIA, where);
          continue;
        }
      if (!open)
        weir_json_open_array (&self->json, "content");
      open = TRUE;
      if (!weir_anthropic_write_part (self, part, &part->cache, where, NULL))
        g_assert_not_reached ();
    }
  if (open)
    weir_json_close (&self->json);
}

void
weir_anthropic_write_result (WeirAnthropicWriter *self,
                             const WeirPart *part,
                             WeirSlice id,
                             const WeirCacheMark *cache,
                             const char *where)
{
  const WeirResult *result = &part->result;
  WeirJsonWriter *json = &self->json;

  weir_anthropic_report_unknown (self, part->unknown, where);
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "tool_result");
  weir_json_add_escaped (json, "tool_use_id", id);
  if (result->parts != NULL)
    write_parts_of_result (self, result, where);
  else
    weir_anthropic_add_text (self, "content",
                             weir_value_get_text (&result->value, self->scratch));
  if (result->is_error == WEIR_YES)
    weir_json_add_boolean (json, "is_error", TRUE);
  weir_anthropic_write_cache_mark (self, cache);
  weir_json_close (json);
}
