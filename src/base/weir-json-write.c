/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON as it is appended.  Commas and names are put in one place, escapes in another. */

#include "config.h"

#include "base/weir-json-write.h"

#include "base/weir-json-string.h"

#define ESCAPE_MAX 6 /* bytes one byte of text can become */
#define ESCAPE_STEP 1024
#define WORD_MAX 32 /* bytes of a text that is looked at byte by byte */

#define REPLACEMENT "\xef\xbf\xbd"

/* Writes the escape of one ASCII byte and returns the place behind it. */
static char *
write_escape (char *to, unsigned char byte)
{
  static const char hex[] = "0123456789abcdef";
  static const char letters[0x20]
      = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
  const char letter = byte < 0x20 ? letters[byte] : '\0';

  *to++ = '\\';
  if (byte == '"' || byte == '\\')
    *to++ = (char)byte;
  else if (letter != '\0')
    *to++ = letter;
  else
    {
      memcpy (to, "u00", 3);
      to[3] = hex[byte >> 4];
      to[4] = hex[byte & 15];
      to += 5;
    }
  return to;
}

/* Writes the character beyond ASCII at @from, moves @from behind it and returns the place
 * behind what was written. */
static char *
write_character (char *to, const char **from, const char *end, gboolean ascii)
{
  const char *p = *from;
  const unsigned length = weir_json_measure_character (p, end);

  *from += MAX (length, 1);
  if (length == 0)
    {
      memcpy (to, REPLACEMENT, 3);
      return to + 3;
    }
  if (ascii && length == 3 && memcmp (p, "\xe2\x80", 2) == 0
      && (p[2] == '\xa8' || p[2] == '\xa9'))
    {
      memcpy (to, p[2] == '\xa8' ? "\\u2028" : "\\u2029", 6);
      return to + 6;
    }
  memcpy (to, p, length);
  return to + length;
}

/* Writes up to @stop; @to has room for ESCAPE_MAX times as much and a probe. */
static char *
write_escaped (
    char *to, const char **from, const char *stop, const char *end, gboolean ascii)
{
  const char *p = *from;

  while (p < stop)
    {
      unsigned char byte;

      while (!ascii && stop - p >= WEIR_JSON_PROBE)
        {
          const unsigned plain = weir_json_probe (p);

          memcpy (to, p, WEIR_JSON_PROBE);
          to += plain;
          p += plain;
          if (plain < WEIR_JSON_PROBE)
            break;
        }
      if (p == stop)
        break;
      byte = (unsigned char)*p;
      if (byte >= 0x80)
        {
          to = write_character (to, &p, end, ascii);
          continue;
        }
      p++;
      if (byte < 0x20 || byte == '"' || byte == '\\'
          || (ascii && (byte == '<' || byte == '>' || byte == '&')))
        to = write_escape (to, byte);
      else
        *to++ = (char)byte;
    }
  *from = p;
  return to;
}

/* Behind the bytes at @p that stand for themselves everywhere. */
static const char *
skip_plain (const char *p, const char *end)
{
  while (end - p >= WEIR_JSON_PROBE)
    {
      const unsigned plain = weir_json_probe (p);

      p += plain;
      if (plain < WEIR_JSON_PROBE)
        return p;
    }
  while (p < end && (signed char)*p >= 0x20 && *p != '"' && *p != '\\')
    p++;
  return p;
}

void
weir_json_escape (GString *out, WeirSlice text, gboolean ascii)
{
  const char *p = text.text;
  const char *end = p + text.length;

  /* most texts need nothing, and no room for the worst */
  if (!ascii && p < end)
    {
      p = skip_plain (p, end);
      weir_slice_append ((WeirSlice){ text.text, (size_t)(p - text.text) }, out);
    }
  while (p < end)
    {
      const char *stop = end - p > ESCAPE_STEP ? p + ESCAPE_STEP : end;
      const size_t before = out->len;
      char *to;

      g_string_set_size (out, before + (size_t)(stop - p) * ESCAPE_MAX + WEIR_JSON_PROBE);
      to = write_escaped (out->str + before, &p, stop, end, ascii);
      g_string_truncate (out, (size_t)(to - out->str));
    }
}

void
weir_json_writer_init (WeirJsonWriter *self, GString *out)
{
  *self = (WeirJsonWriter){ .out = out };
}

/* Names and words are short and stand for themselves: they are looked at while they are
 * copied.  FALSE, and nothing appended: it is no such text, or there is no room. */
static gboolean
append_word (GString *out, WeirSlice text)
{
  char *to = out->str + out->len;

  if (text.length > WORD_MAX || out->allocated_len - out->len <= text.length + 2)
    return FALSE;
  for (size_t i = 0; i < text.length; i++)
    {
      const signed char byte = (signed char)text.text[i];

      if (byte < 0x20 || byte == '"' || byte == '\\')
        {
          *to = '\0';
          return FALSE;
        }
      to[i + 1] = byte;
    }
  to[0] = '"';
  to[text.length + 1] = '"';
  to[text.length + 2] = '\0';
  out->len += text.length + 2;
  return TRUE;
}

static void
append_quoted (WeirJsonWriter *self, WeirSlice text)
{
  if (!self->ascii && append_word (self->out, text))
    return;
  g_string_append_c (self->out, '"');
  weir_json_escape (self->out, text, self->ascii);
  g_string_append_c (self->out, '"');
}

/* The comma before a value, and its name. */
static void
begin_value (WeirJsonWriter *self, const char *name)
{
  if (self->depth > 0)
    {
      if (!self->first[self->depth - 1])
        g_string_append_c (self->out, ',');
      self->first[self->depth - 1] = FALSE;
    }
  if (name != NULL)
    {
      append_quoted (self, weir_slice_from_string (name));
      g_string_append_c (self->out, ':');
    }
}

static void
open_container (WeirJsonWriter *self, const char *name, char opener, char closer)
{
  g_assert (self->depth < WEIR_JSON_WRITER_DEPTH);

  begin_value (self, name);
  g_string_append_c (self->out, opener);
  self->closers[self->depth] = closer;
  self->first[self->depth] = TRUE;
  self->depth++;
}

void
weir_json_open (WeirJsonWriter *self, const char *name)
{
  open_container (self, name, '{', '}');
}

void
weir_json_open_array (WeirJsonWriter *self, const char *name)
{
  open_container (self, name, '[', ']');
}

void
weir_json_close (WeirJsonWriter *self)
{
  g_assert (self->depth > 0);

  self->depth--;
  g_string_append_c (self->out, self->closers[self->depth]);
}

void
weir_json_add_text (WeirJsonWriter *self, const char *name, WeirSlice text)
{
  begin_value (self, name);
  append_quoted (self, text);
}

void
weir_json_add_string (WeirJsonWriter *self, const char *name, const char *text)
{
  weir_json_add_text (self, name, weir_slice_from_string (text));
}

static void
append_number (GString *out, uint64_t value)
{
  char digits[20];
  size_t first = sizeof digits;

  do
    {
      digits[--first] = (char)('0' + value % 10);
      value /= 10;
    }
  while (value != 0);
  weir_slice_append ((WeirSlice){ digits + first, sizeof digits - first }, out);
}

void
weir_json_add_uint (WeirJsonWriter *self, const char *name, uint64_t value)
{
  begin_value (self, name);
  append_number (self->out, value);
}

void
weir_json_add_int (WeirJsonWriter *self, const char *name, int64_t value)
{
  begin_value (self, name);
  if (value < 0)
    g_string_append_c (self->out, '-');
  append_number (self->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void
weir_json_add_boolean (WeirJsonWriter *self, const char *name, gboolean value)
{
  weir_json_add_raw (self, name, value ? WEIR_SLICE ("true") : WEIR_SLICE ("false"));
}

void
weir_json_add_null (WeirJsonWriter *self, const char *name)
{
  weir_json_add_raw (self, name, WEIR_SLICE ("null"));
}

void
weir_json_add_raw (WeirJsonWriter *self, const char *name, WeirSlice json)
{
  begin_value (self, name);
  weir_slice_append (json, self->out);
}

void
weir_json_add_escaped (WeirJsonWriter *self, const char *name, WeirSlice escaped)
{
  begin_value (self, name);
  g_string_append_c (self->out, '"');
  weir_slice_append (escaped, self->out);
  g_string_append_c (self->out, '"');
}
