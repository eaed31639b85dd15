/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any cut of a client's frames gives the same messages, and no message passes the cap.  The
 * first byte is the size of the pieces. */

#include "http/weir-websocket-wire.h"

#define CAP 300

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* FALSE: nothing more can be read. */
static gboolean
feed (WeirWebsocketReader *reader, const char *bytes, size_t length, GString *seen)
{
  g_autofree char *copy = g_malloc (MAX (length, 1));
  size_t at = 0;

  memcpy (copy, bytes, length);
  for (;;)
    {
      size_t used = 0;
      WeirWebsocketOpcode opcode = WEIR_WEBSOCKET_CONTINUATION;
      WeirSlice payload = { NULL, 0 };
      unsigned code = 0;
      WeirWebsocketResult result = weir_websocket_reader_feed (
          reader, (WeirSlice){ copy + at, length - at }, &used, &opcode, &payload, &code);

      at += used;
      g_assert_cmpuint (at, <=, length);
      if (result == WEIR_WEBSOCKET_BAD)
        {
          g_assert_true (code == WEIR_WEBSOCKET_BROKEN || code == WEIR_WEBSOCKET_TOO_LARGE);
          g_string_append_printf (seen, "!%u", code);
          return FALSE;
        }
      if (result == WEIR_WEBSOCKET_MORE)
        {
          g_assert_cmpuint (at, ==, length);
          return TRUE;
        }
      g_assert_cmpuint (payload.length, <=,
                        opcode >= WEIR_WEBSOCKET_CLOSE ? WEIR_WEBSOCKET_CONTROL_MAX : CAP);
      g_string_append_printf (seen, "<%d:%zu:", (int)opcode, payload.length);
      if (payload.length > 0)
        g_string_append_len (seen, payload.text, (gssize)payload.length);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *)data + 1;
  WeirWebsocketReader first = { .cap = CAP };
  WeirWebsocketReader second = { .cap = CAP };
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GString) pieces = g_string_new (NULL);
  size_t step;

  if (size-- == 0)
    return 0;
  step = MAX (data[0], 1);
  feed (&first, bytes, size, whole);
  for (size_t at = 0; at < size; at += step)
    if (!feed (&second, bytes + at, MIN (step, size - at), pieces))
      break;
  g_assert_true (g_string_equal (whole, pieces));
  weir_websocket_reader_clear (&first);
  weir_websocket_reader_clear (&second);
  return 0;
}
