/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Forms of pictures, and what they say as JSON (OpenAI API reference, "create image edit",
 * read 2026-11). */

#include "config.h"

#include "chat/weir-openai-images-form.h"

#include "base/weir-error.h"
#include "base/weir-json-write.h"

#define BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */
#define HEAD_LINES_MAX 8u
#define HEAD_LINE_MAX 1024u

typedef struct
{
  const char *at;
  const char *end;
} Cursor;

static gboolean
set_bad (GError **error, const char *what)
{
  return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "the form: %s", what);
}

static gboolean
take (Cursor *self, WeirSlice text)
{
  if ((size_t)(self->end - self->at) < text.length
      || memcmp (self->at, text.text, text.length) != 0)
    return FALSE;
  self->at += text.length;
  return TRUE;
}

static void
skip_spaces (Cursor *self)
{
  while (self->at < self->end && (*self->at == ' ' || *self->at == '\t'))
    self->at++;
}

static WeirSlice
take_token (Cursor *self)
{
  const char *start = self->at;

  while (self->at < self->end
         && (g_ascii_isalnum (*self->at)
             || memchr ("!#$%&'*+-.^_`|~/", *self->at, 16) != NULL))
    self->at++;
  return (WeirSlice){ start, (size_t)(self->at - start) };
}

/* A token, or a text in quotes; browsers spell a quote in it %22, and nobody escapes. */
static gboolean
take_value (Cursor *self, WeirSlice *out)
{
  const char *quote;

  if (!take (self, WEIR_SLICE ("\"")))
    {
      *out = take_token (self);
      return out->length > 0;
    }
  quote = memchr (self->at, '"', (size_t)(self->end - self->at));
  if (quote == NULL || memchr (self->at, '\\', (size_t)(quote - self->at)) != NULL)
    return FALSE;
  *out = (WeirSlice){ self->at, (size_t)(quote - self->at) };
  self->at = quote + 1;
  return TRUE;
}

/* `; NAME=VALUE`, the last of @text or before another one.  FALSE: none, or not like that.
 */
static gboolean
take_parameter (Cursor *self, WeirSlice *out_name, WeirSlice *out_value)
{
  skip_spaces (self);
  if (!take (self, WEIR_SLICE (";")))
    return FALSE;
  skip_spaces (self);
  *out_name = take_token (self);
  return out_name->length > 0 && take (self, WEIR_SLICE ("="))
         && take_value (self, out_value);
}

gboolean
weir_form_is_type (WeirSlice content_type)
{
  static const WeirSlice form = { "multipart/form-data", 19 };

  return content_type.length >= form.length
         && weir_slice_equal_nocase ((WeirSlice){ content_type.text, form.length }, form)
         && (content_type.length == form.length || content_type.text[form.length] == ';'
             || content_type.text[form.length] == ' ');
}

/* `\r\n--BOUNDARY` of the type's parameter. */
static GString *
make_delimiter (WeirSlice content_type)
{
  Cursor cursor = { content_type.text, content_type.text + content_type.length };
  GString *out = g_string_new ("\r\n--");
  WeirSlice name;
  WeirSlice value;
  unsigned n = 0;

  take_token (&cursor);
  while (take_parameter (&cursor, &name, &value))
    if (weir_slice_equal_nocase (name, WEIR_SLICE ("boundary")) && n++ == 0)
      g_string_append_len (out, value.text, (gssize)value.length);
  if (n == 1 && cursor.at == cursor.end && out->len > 4 && out->len <= 4 + BOUNDARY_MAX)
    return out;
  g_string_free (out, TRUE);
  return NULL;
}

static gboolean
read_disposition (Cursor value, WeirFormField *field)
{
  WeirSlice name;
  WeirSlice text;

  if (!weir_slice_equal_nocase (take_token (&value), WEIR_SLICE ("form-data")))
    return FALSE;
  while (take_parameter (&value, &name, &text))
    if (weir_slice_equal_nocase (name, WEIR_SLICE ("name")))
      {
        if (field->name.text != NULL)
          return FALSE;
        field->name = text;
      }
    else if (weir_slice_equal_nocase (name, WEIR_SLICE ("filename")))
      {
        if (field->filename.text != NULL)
          return FALSE;
        field->filename = text;
      }
  return value.at == value.end && field->name.length > 0;
}

/* One line of a field's head. */
static gboolean
read_line (WeirSlice line, WeirFormField *field, GError **error)
{
  Cursor cursor = { line.text, line.text + line.length };
  WeirSlice name = take_token (&cursor);

  for (size_t i = 0; i < line.length; i++)
    if ((guchar)line.text[i] < 0x20 && line.text[i] != '\t')
      return set_bad (error, "a control byte in the head of a field");
  if (name.length == 0 || !take (&cursor, WEIR_SLICE (":")))
    return set_bad (error, "a line in the head of a field has no name");
  skip_spaces (&cursor);
  if (weir_slice_equal_nocase (name, WEIR_SLICE ("content-disposition")))
    return field->name.text == NULL && read_disposition (cursor, field)
               ? TRUE
               : set_bad (error, "a Content-Disposition without a plain name");
  if (weir_slice_equal_nocase (name, WEIR_SLICE ("content-type")))
    field->type = (WeirSlice){ cursor.at, (size_t)(cursor.end - cursor.at) };
  if (weir_slice_equal_nocase (name, WEIR_SLICE ("content-transfer-encoding"))
      && !weir_slice_equal_nocase (take_token (&cursor), WEIR_SLICE ("binary")))
    return set_bad (error, "a Content-Transfer-Encoding (RFC 7578, 4.7)");
  return TRUE;
}

/* Up to and with the empty line. */
static gboolean
read_head (Cursor *body, WeirFormField *field, GError **error)
{
  for (unsigned n = 0; n <= HEAD_LINES_MAX; n++)
    {
      size_t window = MIN ((size_t)(body->end - body->at), HEAD_LINE_MAX);
      const char *end = memmem (body->at, window, "\r\n", 2);
      WeirSlice line;

      if (end == NULL)
        return set_bad (error, "the head of a field does not end");
      line = (WeirSlice){ body->at, (size_t)(end - body->at) };
      body->at = end + 2;
      if (line.length == 0)
        return field->name.text != NULL || set_bad (error, "a field has no name");
      if (!read_line (line, field, error))
        return FALSE;
    }
  return set_bad (error, "the head of a field is too long");
}

static gboolean
read_field (Cursor *body, WeirSlice delimiter, WeirFormField *field, GError **error)
{
  const char *end;

  if (!read_head (body, field, error))
    return FALSE;
  end = memmem (body->at, (size_t)(body->end - body->at), delimiter.text, delimiter.length);
  if (end == NULL)
    return set_bad (error, "it does not end with its boundary");
  field->data = (WeirSlice){ body->at, (size_t)(end - body->at) };
  body->at = end + delimiter.length;
  return TRUE;
}

gboolean
weir_form_parse (WeirForm *self, WeirSlice content_type, WeirSlice body, GError **error)
{
  Cursor cursor = { NULL, NULL };
  GString *made = make_delimiter (content_type);
  g_autofree char *text = NULL;
  WeirSlice delimiter;

  self->n_fields = 0;
  if (made == NULL)
    return set_bad (error, "its Content-Type names no boundary");
  if (body.length > 0)
    cursor = (Cursor){ body.text, body.text + body.length };
  delimiter.length = made->len;
  delimiter.text = text = g_string_free (made, FALSE);
  /* the first one has no line in front of it */
  if (!take (&cursor, (WeirSlice){ delimiter.text + 2, delimiter.length - 2 }))
    return set_bad (error, "it does not begin with its boundary");
  while (take (&cursor, WEIR_SLICE ("\r\n")))
    {
      WeirFormField *field = &self->fields[self->n_fields];

      if (self->n_fields == WEIR_FORM_FIELDS_MAX)
        return set_bad (error, "it has too many fields");
      *field = (WeirFormField){ 0 };
      if (!read_field (&cursor, delimiter, field, error))
        return FALSE;
      self->n_fields++;
    }
  if (!take (&cursor, WEIR_SLICE ("--")))
    return set_bad (error, "something stands behind a boundary");
  take (&cursor, WEIR_SLICE ("\r\n"));
  return cursor.at == cursor.end || set_bad (error, "something stands behind its end");
}

const WeirFormField *
weir_form_lookup (const WeirForm *self, const char *name)
{
  for (unsigned i = 0; i < self->n_fields; i++)
    if (weir_slice_equal (self->fields[i].name, weir_slice_from_string (name)))
      return &self->fields[i];
  return NULL;
}

/* --- as JSON --- */

static const char *const numbers[] = { "n", "partial_images", "output_compression", NULL };
static const char *const truths[] = { "stream", NULL };

static gboolean
is_one_of (WeirSlice name, const char *const *list)
{
  for (; *list != NULL; list++)
    if (weir_slice_equal (name, weir_slice_from_string (*list)))
      return TRUE;
  return FALSE;
}

/* "image", "image[]", "image[0]": several come under one name or numbered. */
static gboolean
is_image (WeirSlice name)
{
  return weir_slice_has_prefix (name, WEIR_SLICE ("image"))
         && (name.length == 5
             || (name.text[5] == '[' && name.text[name.length - 1] == ']'));
}

/* What the bytes are, where the field does not say it. */
static WeirSlice
get_media_type (const WeirFormField *field)
{
  static const struct
  {
    WeirSlice mark;
    WeirSlice type;
  } marks[] = {
    { { "\x89PNG", 4 }, { "image/png", 9 } },
    { { "\xff\xd8\xff", 3 }, { "image/jpeg", 10 } },
    { { "GIF8", 4 }, { "image/gif", 9 } },
    { { "RIFF", 4 }, { "image/webp", 10 } },
  };

  if (weir_slice_has_prefix (field->type, WEIR_SLICE ("image/")))
    {
      Cursor cursor = { field->type.text, field->type.text + field->type.length };

      return take_token (&cursor);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (marks); i++)
    if (weir_slice_has_prefix (field->data, marks[i].mark))
      return marks[i].type;
  return marks[0].type;
}

static void
write_picture (WeirJsonWriter *w, const char *name, const WeirFormField *field)
{
  WeirSlice type = get_media_type (field);
  g_autofree char *data
      = g_base64_encode ((const guchar *)field->data.text, field->data.length);
  g_autoptr (GString) url = g_string_sized_new (strlen (data) + 64);

  g_string_append_printf (url, "data:%.*s;base64,", (int)type.length, type.text);
  g_string_append (url, data);
  weir_json_open (w, name);
  weir_json_add_escaped (w, "image_url", (WeirSlice){ url->str, url->len });
  weir_json_close (w);
}

static gboolean
write_text (WeirJsonWriter *w, const WeirFormField *field, GError **error)
{
  g_autofree char *name = weir_slice_dup (field->name);
  g_autofree char *text = weir_slice_dup (field->data);

  if (!g_utf8_validate (field->name.text, (gssize)field->name.length, NULL)
      || !g_utf8_validate (field->data.text, (gssize)field->data.length, NULL))
    return set_bad (error, "a field is not UTF-8");
  if (is_one_of (field->name, numbers))
    {
      guint64 value;

      if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &value, NULL))
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST, "field '%s' must be a number",
                               name);
      weir_json_add_uint (w, name, value);
    }
  else if (is_one_of (field->name, truths))
    {
      if (!g_str_equal (text, "true") && !g_str_equal (text, "false"))
        return weir_error_set (error, WEIR_ERROR_BAD_REQUEST,
                               "field '%s' must be true or false", name);
      weir_json_add_boolean (w, name, *text == 't');
    }
  else
    weir_json_add_text (w, name, field->data);
  return TRUE;
}

static gboolean
check_twice (const WeirForm *form, unsigned index, GError **error)
{
  for (unsigned i = 0; i < index; i++)
    if (weir_slice_equal (form->fields[i].name, form->fields[index].name))
      return set_bad (error, "a field stands in it twice");
  return TRUE;
}

GBytes *
weir_openai_images_form_to_json (const WeirForm *form, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  for (unsigned i = 0; i < form->n_fields; i++)
    {
      const WeirFormField *field = &form->fields[i];

      if (is_image (field->name))
        continue;
      if (!check_twice (form, i, error))
        return NULL;
      if (weir_slice_equal (field->name, WEIR_SLICE ("mask")))
        write_picture (&w, "mask", field);
      else if (!write_text (&w, field, error))
        return NULL;
    }
  weir_json_open_array (&w, "images");
  for (unsigned i = 0; i < form->n_fields; i++)
    if (is_image (form->fields[i].name))
      write_picture (&w, NULL, &form->fields[i]);
  weir_json_close (&w);
  weir_json_close (&w);
  return g_string_free_to_bytes (g_steal_pointer (&out));
}
