/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Members, texts and data URLs in the bodies of clients.  Which members there are is said
 * by the dialects' own files. */

#include "config.h"

#include "chat/weir-read.h"

#include "chat/weir-text.h"

#define PARAGRAPH "\\n\\n"

/* clang-format off */
/* Of files whose data came without a media type. */
static const struct
{
  const char *suffix;
  WeirSlice media_type;
} suffixes[] = {
  { ".pdf", { "application/pdf", 15 } },
  { ".txt", { "text/plain", 10 } },
  { ".md", { "text/markdown", 13 } },
  { ".csv", { "text/csv", 8 } },
  { ".html", { "text/html", 9 } },
  { ".json", { "application/json", 16 } },
  { ".xml", { "application/xml", 15 } },
};
/* clang-format on */

static const WeirReadOption *
find_option (const WeirJson *json, uint32_t name, const WeirReadOption *options)
{
  for (; options != NULL && options->name != NULL; options++)
    if (weir_json_equals (json, name, options->name))
      return options;
  return NULL;
}

static gboolean
read_option (WeirRequest *self, uint32_t item, const WeirReadOption *option, GError **error)
{
  if ((option->types >> weir_json_get_type (&self->json, item) & 1) == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' has a wrong type",
                           option->name);
  self->options[option->option] = weir_json_get_raw (&self->json, item);
  return TRUE;
}

/* Where the members of an object go that are in no table of fields. */
typedef struct
{
  WeirRequest *request;
  const WeirReadOption *options; /* (nullable) */
  const char *prefix;            /* (nullable) */
  WeirUnknown **unknown;
} Others;

static gboolean
read_other (uint32_t name, gpointer user_data, GError **error)
{
  const Others *others = user_data;
  const WeirReadOption *option
      = find_option (&others->request->json, name, others->options);

  if (option != NULL)
    return read_option (others->request, name + 1, option, error);
  weir_request_add_unknown (others->request, others->unknown, others->prefix, name);
  return TRUE;
}

gboolean
weir_read_object (WeirRequest *self,
                  uint32_t object,
                  const WeirField *fields,
                  gpointer out,
                  const char *prefix,
                  WeirUnknown **unknown,
                  GError **error)
{
  Others others = { .request = self, .prefix = prefix, .unknown = unknown };

  return weir_json_check_names (&self->json, object, error)
         && weir_json_read_members (&self->json, object, fields, out, read_other, &others,
                                    error);
}

/* Its names were checked when it was parsed. */
gboolean
weir_read_body (WeirRequest *self,
                const WeirField *fields,
                const WeirReadOption *options,
                gpointer out,
                GError **error)
{
  Others others = { .request = self, .options = options, .unknown = &self->unknown };

  return weir_json_read_members (&self->json, 0, fields, out, read_other, &others, error);
}

gboolean
weir_read_list (
    WeirRequest *self, uint32_t list, const char *name, WeirReadFunc read, GError **error)
{
  const WeirJson *json = &self->json;
  unsigned index = 0;

  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i), index++)
    if (!read (self, i, error))
      {
        g_prefix_error (error, "%s[%u]: ", name, index);
        return FALSE;
      }
  return TRUE;
}

WeirSlice
weir_read_get_text (const WeirJson *json, uint32_t item)
{
  WeirSlice raw;

  if (item == 0 || weir_json_get_type (json, item) != WEIR_JSON_STRING)
    return (WeirSlice){ NULL };
  raw = weir_json_get_raw (json, item);
  return (WeirSlice){ raw.text + 1, raw.length - 2 };
}

WeirSlice
weir_read_lookup_text (const WeirJson *json, uint32_t object, const char *name)
{
  return weir_read_get_text (json, weir_json_lookup (json, object, name));
}

/* A single one is not copied. */
WeirSlice
weir_read_join_texts (WeirRequest *self, uint32_t list)
{
  const WeirJson *json = &self->json;
  g_autoptr (GString) joined = NULL;
  WeirSlice first = { NULL };

  for (uint32_t i = list != 0 ? weir_json_first (json, list) : 0; i != 0;
       i = weir_json_next (json, list, i))
    {
      const WeirSlice text = weir_read_lookup_text (json, i, "text");

      if (text.length == 0)
        continue;
      if (first.length == 0)
        {
          first = text;
          continue;
        }
      if (joined == NULL)
        joined = g_string_new_len (first.text, (gssize)first.length);
      g_string_append (joined, PARAGRAPH);
      g_string_append_len (joined, text.text, (gssize)text.length);
    }
  return joined == NULL ? first
                        : weir_request_copy (self, (WeirSlice){ joined->str, joined->len });
}

WeirSlice
weir_read_get_plain (WeirRequest *self, WeirSlice text)
{
  g_autoptr (GString) plain = NULL;

  if (text.length == 0 || memchr (text.text, '\\', text.length) == NULL)
    return text;
  plain = g_string_sized_new (text.length);
  weir_text_unescape (text, plain);
  for (size_t i = 0; i < plain->len; i++)
    if ((guchar)plain->str[i] < 0x20 || plain->str[i] == '"' || plain->str[i] == '\\')
      return text;
  return weir_request_copy (self, (WeirSlice){ plain->str, plain->len });
}

WeirSaid
weir_read_get_said (gboolean read)
{
  if (read < 0)
    return WEIR_UNSAID;
  return read ? WEIR_YES : WEIR_NO;
}

static gboolean
is_data_url (WeirSlice url)
{
  return url.length >= 5 && g_ascii_strncasecmp (url.text, "data:", 5) == 0;
}

/* @url is a data URL; in base64 its two halves are then in @media, else it stays a URL. */
static gboolean
split_data_url (WeirSlice url, WeirMedia *media, GError **error)
{
  const char *end = url.text + url.length;
  const char *comma = memchr (url.text, ',', url.length);
  const char *semicolon;
  WeirSlice head;

  if (comma == NULL || comma + 1 == end)
    return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "a data URL without data");
  head = (WeirSlice){ url.text + 5, (size_t)(comma - url.text) - 5 };
  if (!weir_slice_has_suffix (head, WEIR_SLICE (";base64")))
    return TRUE;
  semicolon = memchr (head.text, ';', head.length);
  media->source = WEIR_MEDIA_DATA;
  media->media_type = (WeirSlice){ head.text, (size_t)(semicolon - head.text) };
  media->data = (WeirSlice){ comma + 1, (size_t)(end - comma - 1) };
  return TRUE;
}

gboolean
weir_read_take_url (WeirRequest *self, WeirSlice url, WeirMedia *media, GError **error)
{
  const WeirSlice plain = weir_read_get_plain (self, url);

  media->source = WEIR_MEDIA_URL;
  media->data = url;
  return !is_data_url (plain) || split_data_url (plain, media, error);
}

WeirSlice
weir_read_guess_media_type (WeirSlice filename)
{
  for (size_t i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      const size_t length = strlen (suffixes[i].suffix);

      if (filename.length > length
          && g_ascii_strncasecmp (filename.text + filename.length - length,
                                  suffixes[i].suffix, length)
                 == 0)
        return suffixes[i].media_type;
    }
  return (WeirSlice){ NULL };
}
