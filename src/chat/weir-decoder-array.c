/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Gemini's stream as one JSON array: which bytes belong to which element.  What an element
 * says is read as an event's data is. */

#include "config.h"

#include "chat/weir-decoder.h"

/* Takes one byte of the array outside its elements; a white space says nothing. */
static gboolean
step_array (WeirDecoder *self, char byte)
{
  if (g_ascii_isspace (byte))
    return TRUE;
  switch (self->array)
    {
    case WEIR_ARRAY_BEFORE:
      self->stray = byte == '{';
      if (byte == '[')
        self->array = WEIR_ARRAY_BETWEEN;
      if (byte == '[' || self->stray)
        return TRUE;
      break;
    case WEIR_ARRAY_BETWEEN:
      if (byte == '{')
        self->array = WEIR_ARRAY_INSIDE;
      else if (byte == ']')
        self->array = WEIR_ARRAY_CLOSED;
      if (byte == '{' || byte == ']')
        return TRUE;
      break;
    case WEIR_ARRAY_BEHIND:
      if (byte == ',')
        self->array = WEIR_ARRAY_BETWEEN;
      else if (byte == ']')
        self->array = WEIR_ARRAY_CLOSED;
      if (byte == ',' || byte == ']')
        return TRUE;
      break;
    case WEIR_ARRAY_INSIDE:
    case WEIR_ARRAY_CLOSED:
      g_assert_not_reached ();
    }
  return weir_error_set (&self->error, WEIR_ERROR_BAD_UPSTREAM,
                         "answer is no array of JSON objects");
}

/* How many of the bytes belong to the element being read; it is whole when array_depth is 0
 * afterwards. */
static size_t
scan_element (WeirDecoder *self, const char *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    {
      char byte = bytes[i];

      if (self->array_escape)
        self->array_escape = FALSE;
      else if (self->array_text && byte == '\\')
        self->array_escape = TRUE;
      else if (byte == '"')
        self->array_text = !self->array_text;
      else if (!self->array_text && (byte == '{' || byte == '['))
        self->array_depth++;
      else if (!self->array_text && (byte == '}' || byte == ']')
               && --self->array_depth == 0)
        return i + 1;
    }
  return length;
}

/* The element whose last bytes these are. */
static gboolean
read_element (WeirDecoder *self, const char *bytes, size_t length)
{
  WeirSlice element = { bytes, length };
  gboolean read;

  const gboolean is_split = weir_decoder_get_kept (self).length > 0;

  if (is_split && !weir_decoder_keep (self, bytes, length, WEIR_SSE_EVENT_MAX))
    return FALSE;
  if (is_split)
    element = weir_decoder_get_kept (self);
  read = weir_decoder_read_event (self, WEIR_SLICE (""), element);
  if (is_split)
    g_byte_array_set_size (self->kept, 0);
  self->array = WEIR_ARRAY_BEHIND;
  return read;
}

static void
close_array (WeirDecoder *self)
{
  if (self->ended)
    return;
  if (weir_decoder_is_finished (self))
    weir_decoder_complete (self);
  else
    weir_decoder_end (self);
}

gboolean
weir_decoder_feed_array (WeirDecoder *self,
                         const char *bytes,
                         size_t length,
                         size_t *out_consumed,
                         size_t *out_boundary)
{
  size_t at = 0;
  size_t boundary = 0;

  while (at < length && !self->ended && !self->stray)
    {
      size_t part;

      if (self->array != WEIR_ARRAY_INSIDE && !step_array (self, bytes[at]))
        return FALSE;
      if (self->array == WEIR_ARRAY_CLOSED)
        {
          close_array (self);
          boundary = at + 1;
        }
      if (self->stray)
        break;
      if (self->array != WEIR_ARRAY_INSIDE)
        {
          at++;
          continue;
        }
      part = scan_element (self, bytes + at, length - at);
      if (self->array_depth > 0)
        {
          if (!weir_decoder_keep (self, bytes + at, part, WEIR_SSE_EVENT_MAX))
            return FALSE;
        }
      else if (!read_element (self, bytes + at, part))
        return FALSE;
      at += part;
      if (self->array == WEIR_ARRAY_BEHIND)
        boundary = at;
    }
  *out_consumed = self->stray ? length : at;
  *out_boundary = boundary;
  return !self->stray
         || weir_decoder_keep (self, bytes + at, length - at, WEIR_DECODER_STRAY_MAX);
}
