/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of Gemini's request members, in camelCase and snake_case, and the settings that are
 * one value each.  What a member means is the reader's and the writer's matter. */

#include "config.h"

#include "chat/weir-gemini-fields.h"

#define FIELDS_MAX 32 /* one bit each in the mask of those seen */

/* GenerationConfig, Gemini API reference, read 2026-10. */
/* clang-format off */
const WeirGeminiOption weir_gemini_generation_options[] = {
  /* name               option                            type               shared */
  { "maxOutputTokens",  WEIR_OPTION_MAX_OUTPUT_TOKENS,    WEIR_JSON_NUMBER,  TRUE },
  { "temperature",      WEIR_OPTION_TEMPERATURE,          WEIR_JSON_NUMBER,  TRUE },
  { "topP",             WEIR_OPTION_TOP_P,                WEIR_JSON_NUMBER,  TRUE },
  { "topK",             WEIR_OPTION_TOP_K,                WEIR_JSON_NUMBER,  TRUE },
  { "seed",             WEIR_OPTION_SEED,                 WEIR_JSON_NUMBER,  TRUE },
  { "presencePenalty",  WEIR_OPTION_PRESENCE_PENALTY,     WEIR_JSON_NUMBER,  TRUE },
  { "frequencyPenalty", WEIR_OPTION_FREQUENCY_PENALTY,    WEIR_JSON_NUMBER,  TRUE },
  { "responseLogprobs", WEIR_OPTION_LOGPROBS,             WEIR_JSON_TRUE,    FALSE },
  { "logprobs",         WEIR_OPTION_TOP_LOGPROBS,         WEIR_JSON_NUMBER,  FALSE },
  { "responseModalities", WEIR_OPTION_MODALITIES,         WEIR_JSON_ARRAY,   FALSE },
  { "imageConfig",      WEIR_OPTION_IMAGE_CONFIG,         WEIR_JSON_OBJECT,  FALSE },
  { "speechConfig",     WEIR_OPTION_SPEECH_CONFIG,        WEIR_JSON_OBJECT,  FALSE },
  { "mediaResolution",  WEIR_OPTION_MEDIA_RESOLUTION,     WEIR_JSON_STRING,  FALSE },
  { NULL,               WEIR_OPTION_LAST,                 WEIR_JSON_NULL,    FALSE },
};
const WeirGeminiOption weir_gemini_body_options[] = {
  { "safetySettings",   WEIR_OPTION_SAFETY_SETTINGS,      WEIR_JSON_ARRAY,   FALSE },
  { "cachedContent",    WEIR_OPTION_CACHED_CONTENT,       WEIR_JSON_STRING,  FALSE },
  { "labels",           WEIR_OPTION_METADATA,             WEIR_JSON_OBJECT,  FALSE },
  { NULL,               WEIR_OPTION_LAST,                 WEIR_JSON_NULL,    FALSE },
};
/* clang-format on */

static gboolean
spells (WeirSlice name, const char *camel)
{
  size_t i = 0;

  for (; *camel != '\0'; camel++, i++)
    {
      char wanted = *camel;

      if (g_ascii_isupper (wanted) && i < name.length && name.text[i] == '_')
        {
          wanted = g_ascii_tolower (wanted);
          i++;
        }
      if (i >= name.length || name.text[i] != wanted)
        return FALSE;
    }
  return i == name.length;
}

gboolean
weir_gemini_spells (const WeirJson *json, uint32_t item, const char *camel)
{
  WeirSlice raw = weir_json_get_raw (json, item);
  g_autofree char *decoded = NULL;

  if ((json->items[item].flags & WEIR_JSON_ESCAPED) == 0)
    return spells ((WeirSlice){ raw.text + 1, raw.length - 2 }, camel);
  decoded = weir_json_dup_text (json, item);
  return decoded != NULL && spells (weir_slice_from_string (decoded), camel);
}

uint32_t
weir_gemini_lookup (const WeirJson *json, uint32_t object, const char *camel)
{
  if (weir_json_get_type (json, object) != WEIR_JSON_OBJECT)
    return 0;
  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    if (weir_gemini_spells (json, i, camel)
        && weir_json_get_type (json, i + 1) != WEIR_JSON_NULL)
      return i + 1;
  return 0;
}

/* The row of @options (nullable) that is called as the name at @item, or NULL. */
static const WeirGeminiOption *
find_option (const WeirJson *json, uint32_t item, const WeirGeminiOption *options)
{
  for (; options != NULL && options->name != NULL; options++)
    if (weir_gemini_spells (json, item, options->name))
      return options;
  return NULL;
}

static gboolean
read_option (WeirRequest *request,
             uint32_t item,
             const WeirGeminiOption *option,
             GError **error)
{
  WeirJsonType type = weir_json_get_type (&request->json, item);
  WeirSlice *place = &request->options[option->option];

  if (type == WEIR_JSON_FALSE)
    type = WEIR_JSON_TRUE;
  if (type != option->type)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' has a wrong type",
                           option->name);
  if (place->length > 0)
    return weir_error_set (error, WEIR_ERROR_JSON_DUPLICATE, "field '%s' stands twice",
                           option->name);
  *place = weir_json_get_raw (&request->json, item);
  return TRUE;
}

/* The index of the field called as the name at @item, or -1. */
static int
find_field (const WeirJson *json, uint32_t item, const WeirField *fields)
{
  for (int i = 0; fields[i].name != NULL; i++)
    if (weir_gemini_spells (json, item, fields[i].name))
      return i;
  return -1;
}

static gboolean
read_field (const WeirJson *json,
            uint32_t item,
            const WeirField *field,
            gpointer out,
            GError **error)
{
  const WeirJsonType found = weir_json_get_type (json, item);
  const WeirSlice raw = weir_json_get_raw (json, item);
  gpointer place = (char *)out + field->offset;
  const char *wanted = NULL;

  switch (field->type)
    {
    case WEIR_FIELD_UINT:
      if (!weir_json_get_uint (json, item, place))
        wanted = "a whole number from 0 on";
      break;
    case WEIR_FIELD_BOOLEAN:
      *(gboolean *)place = found == WEIR_JSON_TRUE;
      if (found != WEIR_JSON_TRUE && found != WEIR_JSON_FALSE)
        wanted = "true or false";
      break;
    case WEIR_FIELD_RAW:
      *(WeirSlice *)place = raw;
      break;
    case WEIR_FIELD_TEXT:
      if (found == WEIR_JSON_STRING)
        *(WeirSlice *)place = (WeirSlice){ raw.text + 1, raw.length - 2 };
      else
        wanted = "a string";
      break;
    case WEIR_FIELD_ITEM:
      *(uint32_t *)place = item;
      break;
    case WEIR_FIELD_OBJECT:
      *(uint32_t *)place = item;
      if (found != WEIR_JSON_OBJECT)
        wanted = "an object";
      break;
    case WEIR_FIELD_ARRAY:
      *(uint32_t *)place = item;
      if (found != WEIR_JSON_ARRAY)
        wanted = "an array";
      break;
    }
  return wanted == NULL
         || weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' must be %s",
                            field->name, wanted);
}

static gboolean
read_member (WeirRequest *request,
             uint32_t name,
             const WeirGeminiShape *shape,
             gpointer out,
             WeirUnknown **unknown,
             GError **error)
{
  const WeirJson *json = &request->json;
  const int found = find_field (json, name, shape->fields);
  const WeirGeminiOption *option;

  if (found >= 0)
    return read_field (json, name + 1, &shape->fields[found], out, error);
  option = find_option (json, name, shape->options);
  if (option != NULL)
    return read_option (request, name + 1, option, error);
  weir_request_add_unknown (request, unknown, shape->prefix, name);
  return TRUE;
}

gboolean
weir_gemini_read_members (WeirRequest *request,
                          uint32_t object,
                          const WeirGeminiShape *shape,
                          gpointer out,
                          WeirUnknown **unknown,
                          GError **error)
{
  const WeirJson *json = &request->json;
  uint32_t seen = 0;

  if (weir_json_get_type (json, object) != WEIR_JSON_OBJECT)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "must be an object");
  if (!weir_json_check_names (json, object, error))
    return FALSE;
  for (uint32_t i = weir_json_first (json, object); i != 0;
       i = weir_json_next (json, object, i))
    {
      const int found = find_field (json, i, shape->fields);
      const uint32_t bit = found >= 0 ? UINT32_C (1) << found : 0;

      g_assert (found < FIELDS_MAX);
      if ((seen & bit) != 0)
        return weir_error_set (error, WEIR_ERROR_JSON_DUPLICATE, "field '%s' stands twice",
                               shape->fields[found].name);
      seen |= bit;
      if (weir_json_get_type (json, i + 1) != WEIR_JSON_NULL
          && !read_member (request, i, shape, out, unknown, error))
        return FALSE;
    }
  return TRUE;
}
