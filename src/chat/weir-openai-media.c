/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Media in requests of OpenAI's two dialects (API reference, read 2026-10). */

#include "config.h"

#include "chat/weir-openai-media.h"

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
/* clang-format on */

gboolean
weir_openai_is_of_the_web (WeirSlice url)
{
  return weir_slice_has_prefix (url, WEIR_SLICE ("https:"))
         || weir_slice_has_prefix (url, WEIR_SLICE ("http:"))
         || weir_slice_has_prefix (url, WEIR_SLICE ("data:"));
}

void
weir_openai_add_data_url (WeirJsonWriter *json,
                          const char *name,
                          const WeirMedia *media,
                          GString *scratch)
{
  g_string_assign (scratch, "data:");
  if (media->media_type.length > 0)
    g_string_append_len (scratch, media->media_type.text, (gssize)media->media_type.length);
  else
    g_string_append (scratch, "application/octet-stream");
  g_string_append (scratch, ";base64,");
  if (media->data.length > 0)
    g_string_append_len (scratch, media->data.text, (gssize)media->data.length);
  weir_json_add_escaped (json, name, (WeirSlice){ scratch->str, scratch->len });
}

WeirSlice
weir_openai_get_filename (const WeirMedia *media)
{
  if (media->filename.length > 0)
    return media->filename;
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (weir_slice_equal_nocase (media->media_type, names[i].media_type))
      return weir_slice_from_string (names[i].name);
  return WEIR_SLICE ("document");
}

gboolean
weir_openai_write_sound (WeirJsonWriter *json, const WeirMedia *media)
{
  const char *format = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (sounds); i++)
    if (weir_slice_equal_nocase (media->media_type, sounds[i].media_type))
      format = sounds[i].format;
  if (media->source != WEIR_MEDIA_DATA || format == NULL)
    return FALSE;
  weir_json_open (json, NULL);
  weir_json_add_string (json, "type", "input_audio");
  weir_json_open (json, "input_audio");
  weir_json_add_escaped (json, "data", media->data);
  weir_json_add_string (json, "format", format);
  weir_json_close (json);
  weir_json_close (json);
  return TRUE;
}
