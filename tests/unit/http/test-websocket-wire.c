/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/weir-websocket-wire.h"

#define CAP 1000

/* A client's frame. */
static void
add_frame (GByteArray *wire, unsigned first, const char *payload, size_t length)
{
  static const uint8_t mask[4] = { 0x12, 0x34, 0x56, 0x78 };
  uint8_t head[WEIR_WEBSOCKET_HEAD_MAX];
  size_t head_length
      = weir_websocket_write_head (head, (WeirWebsocketOpcode)(first & 0xf), length);

  head[0] = (uint8_t)first;
  head[1] |= 0x80;
  g_byte_array_append (wire, head, (guint)head_length);
  g_byte_array_append (wire, mask, sizeof mask);
  for (size_t i = 0; i < length; i++)
    {
      uint8_t byte = (uint8_t)((uint8_t)payload[i] ^ mask[i & 3]);

      g_byte_array_append (wire, &byte, 1);
    }
}

/* All that a reader says to @bytes in one piece. */
static unsigned
feed (WeirWebsocketReader *reader, WeirSlice bytes, GString *seen)
{
  for (;;)
    {
      size_t used = 0;
      WeirWebsocketOpcode opcode;
      WeirSlice payload;
      unsigned code = 0;
      WeirWebsocketResult result
          = weir_websocket_reader_feed (reader, bytes, &used, &opcode, &payload, &code);

      if (result == WEIR_WEBSOCKET_BAD)
        return code;
      bytes.text += used;
      bytes.length -= used;
      if (result == WEIR_WEBSOCKET_MORE)
        {
          g_assert_cmpuint (bytes.length, ==, 0);
          return 0;
        }
      g_string_append_printf (seen, "<%d:%.*s>", (int)opcode, (int)payload.length,
                              payload.length > 0 ? payload.text : "");
    }
}

static void
test_any_cut (void)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  g_autofree char *large = g_strnfill (300, 'x');
  g_autofree char *expected
      = g_strdup_printf ("<1:hello><9:p><2:abc><1:><10:><1:%s><8:>", large);

  add_frame (wire, 0x81, "hello", 5);
  add_frame (wire, 0x02, "a", 1);
  add_frame (wire, 0x89, "p", 1);
  add_frame (wire, 0x00, "b", 1);
  add_frame (wire, 0x80, "c", 1);
  add_frame (wire, 0x81, "", 0);
  add_frame (wire, 0x8a, "", 0);
  add_frame (wire, 0x81, large, 300);
  add_frame (wire, 0x88, "", 0);
  for (size_t cut = 0; cut <= wire->len; cut++)
    {
      WeirWebsocketReader reader = { .cap = CAP };
      g_autoptr (GString) seen = g_string_new (NULL);

      g_assert_cmpuint (feed (&reader, (WeirSlice){ (char *)wire->data, cut }, seen), ==,
                        0);
      g_assert_cmpuint (
          feed (&reader, (WeirSlice){ (char *)wire->data + cut, wire->len - cut }, seen),
          ==, 0);
      g_assert_cmpstr (seen->str, ==, expected);
      weir_websocket_reader_clear (&reader);
    }
}

static void
assert_bad (const char *bytes, size_t length, unsigned code)
{
  WeirWebsocketReader reader = { .cap = CAP };
  g_autoptr (GString) seen = g_string_new (NULL);

  g_assert_cmpuint (feed (&reader, (WeirSlice){ bytes, length }, seen), ==, code);
  weir_websocket_reader_clear (&reader);
}

#define BAD(literal, code) assert_bad (literal, sizeof (literal) - 1, code)

static void
test_what_breaks_the_rules_is_refused (void)
{
  BAD ("\x81\x01"
       "a\0\0\0",
       WEIR_WEBSOCKET_BROKEN);                     /* not masked */
  BAD ("\xc1\x80\0\0\0\0", WEIR_WEBSOCKET_BROKEN); /* compressed */
  BAD ("\x81\x01", WEIR_WEBSOCKET_BROKEN);
  BAD ("\x83\x80\0\0\0\0", WEIR_WEBSOCKET_BROKEN);       /* no such opcode */
  BAD ("\x8b\x80\0\0\0\0", WEIR_WEBSOCKET_BROKEN);       /* no such control */
  BAD ("\x80\x80\0\0\0\0", WEIR_WEBSOCKET_BROKEN);       /* continues nothing */
  BAD ("\x09\x80\0\0\0\0", WEIR_WEBSOCKET_BROKEN);       /* a ping in pieces */
  BAD ("\x89\xfe\0\x7e\0\0\0\0", WEIR_WEBSOCKET_BROKEN); /* a long ping */
  BAD ("\x81\xfe\0\x7d\0\0\0\0", WEIR_WEBSOCKET_BROKEN); /* a long spelling */
  BAD ("\x81\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", WEIR_WEBSOCKET_BROKEN);
  BAD ("\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0", WEIR_WEBSOCKET_BROKEN);
  BAD ("\x01\x80\0\0\0\0\x81\x80\0\0\0\0",
       WEIR_WEBSOCKET_BROKEN); /* two messages at once */
  BAD ("\x81\xfe\x03\xe9\0\0\0\0", WEIR_WEBSOCKET_TOO_LARGE);
}

static void
test_a_message_in_pieces_is_bounded_too (void)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  g_autofree char *half = g_strnfill (CAP / 2, 'x');

  add_frame (wire, 0x01, half, CAP / 2);
  add_frame (wire, 0x00, half, CAP / 2);
  assert_bad ((char *)wire->data, wire->len, 0);
  add_frame (wire, 0x80, "x", 1);
  assert_bad ((char *)wire->data, wire->len, WEIR_WEBSOCKET_TOO_LARGE);
}

static void
test_heads_take_the_fewest_bytes (void)
{
  uint8_t head[WEIR_WEBSOCKET_HEAD_MAX];

  g_assert_cmpuint (weir_websocket_write_head (head, WEIR_WEBSOCKET_TEXT, 125), ==, 2);
  g_assert_cmpmem (head, 2, "\x81\x7d", 2);
  g_assert_cmpuint (weir_websocket_write_head (head, WEIR_WEBSOCKET_TEXT, 126), ==, 4);
  g_assert_cmpmem (head, 4, "\x81\x7e\0\x7e", 4);
  g_assert_cmpuint (weir_websocket_write_head (head, WEIR_WEBSOCKET_TEXT, 65536), ==, 10);
  g_assert_cmpmem (head, 10, "\x81\x7f\0\0\0\0\0\1\0\0", 10);
}

/* The key and its answer are those of RFC 6455, 1.3. */
static void
test_the_handshake (void)
{
  static const char *const bad[] = {
    "",
    "dGhlIHNhbXBsZSBub25jZQ=",
    "dGhlIHNhbXBsZSBub25jZQ==x",
    "dGhlIHNhbXBsZSBub25jZQ=*",
    "dGhlIHNhbXBsZSBub25jZR==",
    "dGhlIHNhbXBsZSBub25jZWFi",
  };
  g_autofree char *accept
      = weir_websocket_dup_accept (WEIR_SLICE ("dGhlIHNhbXBsZSBub25jZQ=="));

  g_assert_cmpstr (accept, ==, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (weir_websocket_dup_accept (weir_slice_from_string (bad[i])));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/websocket-wire/any-cut-gives-the-same-messages", test_any_cut);
  g_test_add_func ("/websocket-wire/what-breaks-the-rules-is-refused",
                   test_what_breaks_the_rules_is_refused);
  g_test_add_func ("/websocket-wire/a-message-in-pieces-is-bounded-too",
                   test_a_message_in_pieces_is_bounded_too);
  g_test_add_func ("/websocket-wire/heads-take-the-fewest-bytes",
                   test_heads_take_the_fewest_bytes);
  g_test_add_func ("/websocket-wire/the-handshake", test_the_handshake);
  return g_test_run ();
}
