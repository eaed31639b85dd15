/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any cut of the bytes gives the same events.  The first byte is the size of the pieces. */

#include "base/weir-sse.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static gboolean
on_event (WeirSlice name, WeirSlice data, gpointer user_data)
{
  GString *seen = user_data;

  g_string_append_printf (seen, "<%zu:", name.length);
  g_string_append_len (seen, name.text, (gssize)name.length);
  g_string_append_printf (seen, "|%zu:", data.length);
  if (data.length > 0)
    g_string_append_len (seen, data.text, (gssize)data.length);
  g_assert_null (memchr (name.text, '\n', name.length));
  return TRUE;
}

static gboolean
stop_at_each (WeirSlice name, WeirSlice data, gpointer user_data)
{
  on_event (name, data, user_data);
  return FALSE;
}

static void
feed (WeirSse *sse, const char *bytes, size_t length)
{
  /* memory of its own, so that a pointer that is kept is caught */
  g_autofree char *copy = g_malloc (MAX (length, 1));
  size_t boundary, consumed;

  memcpy (copy, bytes, length);
  g_assert_true (weir_sse_feed (sse, copy, length, &consumed, &boundary, NULL));
  g_assert_cmpuint (consumed, ==, length);
  g_assert_cmpuint (boundary, <=, length);
  if (boundary > 0)
    g_assert_true (copy[boundary - 1] == '\n' || copy[boundary - 1] == '\r');
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *)data + 1;
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GString) pieces = g_string_new (NULL);
  g_autoptr (GString) stops = g_string_new (NULL);
  g_auto (WeirSse) first = { 0 };
  g_auto (WeirSse) second = { 0 };
  g_auto (WeirSse) third = { 0 };
  size_t step;

  if (size-- == 0)
    return 0;
  step = (size_t)data[0] + 1;
  weir_sse_init (&first, on_event, whole);
  feed (&first, bytes, size);

  weir_sse_init (&second, on_event, pieces);
  for (size_t offset = 0; offset < size; offset += step)
    feed (&second, bytes + offset, MIN (step, size - offset));
  g_assert_true (g_string_equal (whole, pieces));
  g_assert_true (weir_sse_is_idle (&first) == weir_sse_is_idle (&second));

  weir_sse_init (&third, stop_at_each, stops);
  for (size_t offset = 0, consumed = 0; offset < size; offset += consumed)
    {
      g_assert_true (
          weir_sse_feed (&third, bytes + offset, size - offset, &consumed, NULL, NULL));
      g_assert_cmpuint (consumed, >, 0);
    }
  g_assert_true (g_string_equal (whole, stops));
  return 0;
}
