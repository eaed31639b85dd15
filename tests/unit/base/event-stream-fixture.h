/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Messages of Amazon's event streams for tests, written bit by bit: not as they are read.
 */

#include <glib.h>
#include <string.h>

static inline guint32
event_stream_sum (const char *bytes, gsize length)
{
  guint32 sum = ~(guint32)0;

  for (gsize i = 0; i < length; i++)
    {
      sum ^= (guint8)bytes[i];
      for (int bit = 0; bit < 8; bit++)
        sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xedb88320 : 0);
    }
  return ~sum;
}

static inline void
event_stream_append_u32 (GString *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_string_append_len (out, (const char *)&value, sizeof value);
}

static inline void
event_stream_append_header (GString *out, const char *name, const char *value)
{
  const gsize length = strlen (value);

  g_string_append_c (out, (char)strlen (name));
  g_string_append (out, name);
  g_string_append_c (out, 7);
  g_string_append_c (out, (char)(length >> 8));
  g_string_append_c (out, (char)(length & 255));
  g_string_append (out, value);
}

/* @headers: as they stand in the message. */
static inline void
event_stream_append_raw (GString *out, const GString *headers, const char *payload)
{
  const gsize start = out->len;

  event_stream_append_u32 (out, (guint32)(16 + headers->len + strlen (payload)));
  event_stream_append_u32 (out, (guint32)headers->len);
  event_stream_append_u32 (out, event_stream_sum (out->str + start, 8));
  g_string_append_len (out, headers->str, (gssize)headers->len);
  g_string_append (out, payload);
  event_stream_append_u32 (out, event_stream_sum (out->str + start, out->len - start));
}

/* @kind: "event", "exception" or "error". */
static inline void
event_stream_append (GString *out, const char *kind, const char *name, const char *payload)
{
  g_autoptr (GString) headers = g_string_new (NULL);
  g_autofree char *member
      = g_strdup_printf (":%s-%s", kind, strcmp (kind, "error") == 0 ? "code" : "type");

  event_stream_append_header (headers, member, name);
  event_stream_append_header (headers, ":content-type", "application/json");
  event_stream_append_header (headers, ":message-type", kind);
  event_stream_append_raw (out, headers, payload);
}
