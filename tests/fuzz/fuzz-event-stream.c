/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any cut of the bytes gives the same messages, or the same failure.  The first byte is the
 * size of the pieces; where the second is odd, the sums of the first message are made
 * right, so that what lies behind them is reached. */

#include "base/weir-event-stream.h"

#include "../unit/base/event-stream-fixture.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
append (GString *out, WeirSlice text)
{
  g_string_append_printf (out, "%zu:", text.length);
  if (text.length > 0)
    g_string_append_len (out, text.text, (gssize)text.length);
}

static void
on_message (const WeirEventStreamMessage *message, gpointer user_data)
{
  GString *seen = user_data;

  append (seen, message->kind);
  append (seen, message->name);
  append (seen, message->error_message);
  append (seen, message->payload);
}

static gboolean
feed (WeirEventStream *stream, const char *bytes, size_t length)
{
  /* memory of its own, so that a pointer that is kept is caught */
  g_autofree char *copy = g_memdup2 (bytes, length);

  return weir_event_stream_feed (stream, copy, length, NULL);
}

static void
put_u32 (char *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (out, &value, sizeof value);
}

static void
mend_sums (char *bytes, size_t length)
{
  guint32 total;

  if (length < 16)
    return;
  memcpy (&total, bytes, sizeof total);
  total = GUINT32_FROM_BE (total);
  put_u32 (bytes + 8, event_stream_sum (bytes, 8));
  if (total >= 16 && total <= length)
    put_u32 (bytes + total - 4, event_stream_sum (bytes, total - 4));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GString) pieces = g_string_new (NULL);
  g_auto (WeirEventStream) first = { 0 };
  g_auto (WeirEventStream) second = { 0 };
  g_autofree char *bytes = NULL;
  gboolean whole_ok, pieces_ok = TRUE;
  size_t step;

  if (size < 3)
    return 0;
  step = (size_t)data[0] + 1;
  size -= 2;
  bytes = g_memdup2 (data + 2, size);
  if ((data[1] & 1) != 0)
    mend_sums (bytes, size);
  weir_event_stream_init (&first, on_message, whole);
  whole_ok = feed (&first, bytes, size);
  weir_event_stream_init (&second, on_message, pieces);
  for (size_t at = 0; at < size && pieces_ok; at += step)
    pieces_ok = feed (&second, bytes + at, MIN (step, size - at));
  g_assert_true (whole_ok == pieces_ok);
  g_assert_true (g_string_equal (whole, pieces));
  if (whole_ok)
    g_assert_true (weir_event_stream_is_idle (&first)
                   == weir_event_stream_is_idle (&second));
  return 0;
}
