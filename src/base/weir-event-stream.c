/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Event streams of Amazon's services, read. */

#include "config.h"

#include "base/weir-event-stream.h"

#include <string.h>
#include <zlib.h>

#define PRELUDE 12u
#define SUM 4u

/* What a header's value is; a number is that many bytes. */
typedef enum
{
  VALUE_TRUE,
  VALUE_FALSE,
  VALUE_BYTE,
  VALUE_SHORT,
  VALUE_INTEGER,
  VALUE_LONG,
  VALUE_BYTES,
  VALUE_STRING,
  VALUE_TIMESTAMP,
  VALUE_UUID,
  VALUE_LAST,
} ValueType;

/* Those of the two with a length of their own come from the message. */
static const uint8_t value_sizes[VALUE_LAST] = {
  [VALUE_BYTE] = 1, [VALUE_SHORT] = 2,     [VALUE_INTEGER] = 4,
  [VALUE_LONG] = 8, [VALUE_TIMESTAMP] = 8, [VALUE_UUID] = 16,
};

static uint32_t
compute_sum (WeirSlice bytes)
{
  return (uint32_t)crc32_z (0, (const Bytef *)bytes.text, bytes.length);
}

static uint32_t
read_u32 (const char *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return GUINT32_FROM_BE (value);
}

static gboolean
fail (GError **error, const char *what)
{
  return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "event stream: %s", what);
}

/* The first @length bytes of @rest, which loses them.  FALSE: there are fewer. */
static gboolean
take (WeirSlice *rest, size_t length, WeirSlice *out)
{
  if (rest->length < length)
    return FALSE;
  *out = (WeirSlice){ rest->text, length };
  rest->text += length;
  rest->length -= length;
  return TRUE;
}

static gboolean
take_value (WeirSlice *rest, ValueType type, WeirSlice *out)
{
  size_t length = value_sizes[type];
  WeirSlice size;

  if (type == VALUE_BYTES || type == VALUE_STRING)
    {
      if (!take (rest, 2, &size))
        return FALSE;
      length = (size_t)((uint8_t)size.text[0] << 8 | (uint8_t)size.text[1]);
    }
  return take (rest, length, out);
}

static gboolean
take_header (WeirSlice *rest,
             WeirSlice *out_name,
             ValueType *out_type,
             WeirSlice *out_value)
{
  WeirSlice byte;

  if (!take (rest, 1, &byte) || *byte.text == 0
      || !take (rest, (uint8_t)*byte.text, out_name) || !take (rest, 1, &byte)
      || (uint8_t)*byte.text >= VALUE_LAST)
    return FALSE;
  *out_type = (ValueType)*byte.text;
  return take_value (rest, *out_type, out_value);
}

/* Where the value of a header called @name goes; NULL: nobody asks for it. */
static WeirSlice *
find_place (WeirEventStreamMessage *message, WeirSlice name)
{
  static const struct
  {
    const char *name;
    size_t place;
  } known[] = {
    { ":message-type", G_STRUCT_OFFSET (WeirEventStreamMessage, kind) },
    { ":event-type", G_STRUCT_OFFSET (WeirEventStreamMessage, name) },
    { ":exception-type", G_STRUCT_OFFSET (WeirEventStreamMessage, name) },
    { ":error-code", G_STRUCT_OFFSET (WeirEventStreamMessage, name) },
    { ":error-message", G_STRUCT_OFFSET (WeirEventStreamMessage, error_message) },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (weir_slice_equal (name, weir_slice_from_string (known[i].name)))
      return G_STRUCT_MEMBER_P (message, known[i].place);
  return NULL;
}

static gboolean
read_headers (WeirSlice rest, WeirEventStreamMessage *out, GError **error)
{
  while (rest.length > 0)
    {
      WeirSlice name;
      WeirSlice value;
      WeirSlice *place;
      ValueType type;

      if (!take_header (&rest, &name, &type, &value))
        return fail (error, "a header reaches beyond its message");
      place = find_place (out, name);
      if (place == NULL)
        continue;
      if (type != VALUE_STRING || place->length > 0)
        return fail (error, "a header that tells the kind is no text, or stands twice");
      *place = value;
    }
  return TRUE;
}

/* @prelude: the first twelve bytes.  0 with @error: they can begin no message. */
static size_t
read_prelude (const char *prelude, GError **error)
{
  const uint32_t total = read_u32 (prelude);
  const uint32_t headers = read_u32 (prelude + 4);

  if (compute_sum ((WeirSlice){ prelude, 8 }) != read_u32 (prelude + 8))
    {
      fail (error, "the sum of a message's lengths is wrong");
      return 0;
    }
  if (total < PRELUDE + SUM || headers > total - PRELUDE - SUM)
    {
      fail (error, "the lengths of a message contradict each other");
      return 0;
    }
  if (total <= WEIR_EVENT_STREAM_MESSAGE_MAX && headers <= WEIR_EVENT_STREAM_HEADERS_MAX)
    return total;
  weir_error_set (error, WEIR_ERROR_TOO_LARGE, "event stream: message too long");
  return 0;
}

/* @bytes are one whole message, whose prelude is right. */
static gboolean
read_message (const WeirEventStream *self, WeirSlice bytes, GError **error)
{
  const size_t summed = bytes.length - SUM;
  const uint32_t headers = read_u32 (bytes.text + 4);
  WeirEventStreamMessage message = {
    .payload = { bytes.text + PRELUDE + headers, summed - PRELUDE - headers },
  };

  if (compute_sum ((WeirSlice){ bytes.text, summed }) != read_u32 (bytes.text + summed))
    return fail (error, "the sum of a message is wrong");
  if (!read_headers ((WeirSlice){ bytes.text + PRELUDE, headers }, &message, error))
    return FALSE;
  self->func (&message, self->user_data);
  return TRUE;
}

/* Adds to what is kept until it has @wanted bytes.  FALSE: it has not yet. */
static gboolean
complete (WeirEventStream *self, size_t wanted, WeirSlice *rest)
{
  WeirSlice more;

  if (self->kept->len >= wanted)
    return TRUE;
  take (rest, MIN (rest->length, wanted - self->kept->len), &more);
  g_byte_array_append (self->kept, (const guint8 *)more.text, (guint)more.length);
  return self->kept->len >= wanted;
}

/* One message, or all that is left of @rest is kept. */
static gboolean
feed_kept (WeirEventStream *self, WeirSlice *rest, GError **error)
{
  size_t total;
  gboolean ok;

  if (self->kept == NULL)
    self->kept = g_byte_array_new ();
  if (!complete (self, PRELUDE, rest))
    return TRUE;
  total = read_prelude ((const char *)self->kept->data, error);
  if (total == 0)
    return FALSE;
  if (!complete (self, total, rest))
    return TRUE;
  ok = read_message (self, (WeirSlice){ (const char *)self->kept->data, total }, error);
  g_byte_array_set_size (self->kept, 0);
  return ok;
}

static gboolean
feed (WeirEventStream *self, WeirSlice rest, GError **error)
{
  while (rest.length > 0)
    {
      WeirSlice whole;
      size_t total;

      if (rest.length < PRELUDE || !weir_event_stream_is_idle (self))
        {
          if (!feed_kept (self, &rest, error))
            return FALSE;
          continue;
        }
      total = read_prelude (rest.text, error);
      if (total == 0)
        return FALSE;
      if (!take (&rest, total, &whole))
        {
          if (!feed_kept (self, &rest, error))
            return FALSE;
        }
      else if (!read_message (self, whole, error))
        return FALSE;
    }
  return TRUE;
}

void
weir_event_stream_init (WeirEventStream *self, WeirEventStreamFunc func, gpointer user_data)
{
  *self = (WeirEventStream){ .func = func, .user_data = user_data };
}

void
weir_event_stream_clear (WeirEventStream *self)
{
  g_clear_pointer (&self->kept, g_byte_array_unref);
}

gboolean
weir_event_stream_feed (WeirEventStream *self,
                        const char *bytes,
                        size_t length,
                        GError **error)
{
  if (self->failed)
    return fail (error, "it was broken before");
  self->failed = !feed (self, (WeirSlice){ bytes, length }, error);
  return !self->failed;
}

gboolean
weir_event_stream_is_idle (const WeirEventStream *self)
{
  return self->kept == NULL || self->kept->len == 0;
}
