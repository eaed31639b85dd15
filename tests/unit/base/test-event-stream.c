/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "base/weir-event-stream.h"

#include "event-stream-fixture.h"

static void
append (GString *out, WeirSlice text)
{
  if (text.length > 0)
    g_string_append_len (out, text.text, (gssize)text.length);
}

static void
on_message (const WeirEventStreamMessage *message, gpointer user_data)
{
  GString *seen = user_data;

  g_string_append_c (seen, '<');
  append (seen, message->kind);
  g_string_append_c (seen, ' ');
  append (seen, message->name);
  g_string_append_c (seen, '|');
  append (seen, message->error_message);
  g_string_append_c (seen, '|');
  append (seen, message->payload);
  g_string_append_c (seen, '>');
}

static GString *
make_sample (void)
{
  GString *wire = g_string_new (NULL);
  g_autoptr (GString) headers = g_string_new (NULL);

  event_stream_append (wire, "event", "assistantResponseEvent", "{\"content\":\"Hi\"}");
  event_stream_append (wire, "exception", "throttlingException", "{\"message\":\"slow\"}");
  event_stream_append (wire, "event", "empty", "");
  /* one of each type, and names that nobody asks for */
  g_string_append_len (headers,
                       "\1a\0\1b\1\1c\2x\1d\3xx\1e\4xxxx\1f\5xxxxxxxx\1g\6\0\3xxx"
                       "\1h\10xxxxxxxx\1i\11xxxxxxxxxxxxxxxx",
                       71);
  event_stream_append_header (headers, ":error-code", "500");
  event_stream_append_header (headers, ":error-message", "broken");
  event_stream_append_header (headers, ":message-type", "error");
  event_stream_append_raw (wire, headers, "");
  return wire;
}

#define SAMPLE_SEEN                                                                        \
  "<event assistantResponseEvent||{\"content\":\"Hi\"}>"                                   \
  "<exception throttlingException||{\"message\":\"slow\"}><event empty||>"                 \
  "<error 500|broken|>"

/* A message of another writer: Python's zlib made its sums. */
static void
test_a_message_is_read_as_it_is_specified (void)
{
  static const char wire[] = "\0\0\0\x3d\0\0\0\x20\x07\xfd\x83\x96"
                             "\x0c"
                             "content-type\x07\0\x10"
                             "application/json"
                             "{'foo':'bar'}\x8d\x9c\x08\xb1";
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (WeirEventStream) stream = { 0 };

  weir_event_stream_init (&stream, on_message, seen);
  g_assert_true (weir_event_stream_feed (&stream, wire, sizeof wire - 1, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (seen->str, ==, "< ||{'foo':'bar'}>");
  g_assert_true (weir_event_stream_is_idle (&stream));
}

static void
test_any_cut_gives_the_same_messages (void)
{
  g_autoptr (GString) wire = make_sample ();

  for (size_t cut = 0; cut <= wire->len; cut++)
    for (size_t step = 1; step < 40; step += 12)
      {
        g_autoptr (GString) seen = g_string_new (NULL);
        g_auto (WeirEventStream) stream = { 0 };

        weir_event_stream_init (&stream, on_message, seen);
        g_assert_true (weir_event_stream_feed (&stream, wire->str, cut, NULL));
        for (size_t at = cut; at < wire->len; at += step)
          g_assert_true (weir_event_stream_feed (&stream, wire->str + at,
                                                 MIN (step, wire->len - at), NULL));
        g_assert_cmpstr (seen->str, ==, SAMPLE_SEEN);
        g_assert_true (weir_event_stream_is_idle (&stream));
      }
}

static void
test_what_is_cut_off_is_pending (void)
{
  g_autoptr (GString) wire = make_sample ();
  size_t idle = 0;

  for (size_t length = 0; length <= wire->len; length++)
    {
      g_autoptr (GString) seen = g_string_new (NULL);
      g_auto (WeirEventStream) stream = { 0 };

      weir_event_stream_init (&stream, on_message, seen);
      g_assert_true (weir_event_stream_feed (&stream, wire->str, length, NULL));
      g_assert_true (g_str_has_prefix (SAMPLE_SEEN, seen->str));
      idle += weir_event_stream_is_idle (&stream) ? 1 : 0;
    }
  g_assert_cmpuint (idle, ==, 5); /* the beginning, and behind each message */
}

static void
assert_refused (const GString *wire, WeirError code)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (WeirEventStream) stream = { 0 };

  weir_event_stream_init (&stream, on_message, seen);
  g_assert_false (weir_event_stream_feed (&stream, wire->str, wire->len, &error));
  g_assert_error (error, WEIR_ERROR, (int)code);
  g_assert_cmpstr (seen->str, ==, "");
  g_clear_error (&error);
  g_assert_false (weir_event_stream_feed (&stream, "", 0, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
}

static void
test_a_byte_that_was_changed_is_noticed (void)
{
  g_autoptr (GString) wire = g_string_new (NULL);

  event_stream_append (wire, "event", "a", "{}");
  for (size_t i = 0; i < wire->len; i++)
    {
      wire->str[i] ^= 1;
      assert_refused (wire, WEIR_ERROR_BAD_UPSTREAM);
      wire->str[i] ^= 1;
    }
}

static void
append_prelude (GString *out, guint32 total, guint32 headers)
{
  const gsize start = out->len;

  event_stream_append_u32 (out, total);
  event_stream_append_u32 (out, headers);
  event_stream_append_u32 (out, event_stream_sum (out->str + start, 8));
}

/* Before the bytes that they speak of have come. */
static void
test_lengths_that_cannot_be_are_refused_at_once (void)
{
  static const struct
  {
    guint32 total;
    guint32 headers;
    WeirError code;
  } rows[] = {
    { 0, 0, WEIR_ERROR_BAD_UPSTREAM },
    { 15, 0, WEIR_ERROR_BAD_UPSTREAM },
    { 20, 5, WEIR_ERROR_BAD_UPSTREAM },
    { 16, G_MAXUINT32, WEIR_ERROR_BAD_UPSTREAM },
    { G_MAXUINT32, 0, WEIR_ERROR_TOO_LARGE },
    { WEIR_EVENT_STREAM_MESSAGE_MAX + 1, 0, WEIR_ERROR_TOO_LARGE },
    { 1 << 20, WEIR_EVENT_STREAM_HEADERS_MAX + 1, WEIR_ERROR_TOO_LARGE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) wire = g_string_new (NULL);

      append_prelude (wire, rows[i].total, rows[i].headers);
      assert_refused (wire, rows[i].code);
    }
}

static void
test_headers_fill_their_length_exactly (void)
{
  static const struct
  {
    const char *bytes;
    size_t length;
  } rows[] = {
    { "\1a", 2 },                    /* no type */
    { "\0", 1 },                     /* no name */
    { "\1a\12", 3 },                 /* no such type */
    { "\1a\377", 3 },                /* nor such */
    { "\5a\0", 3 },                  /* a name that goes on */
    { "\1a\7\0\4xxx", 8 },           /* a text that goes on */
    { "\1a\4xxx", 6 },               /* a number that goes on */
    { "\13:event-type\6\0\1x", 16 }, /* bytes where a text was due */
    { "\13:event-type\7\0\1x\13:event-type\7\0\1y", 32 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) headers
          = g_string_new_len (rows[i].bytes, (gssize)rows[i].length);
      g_autoptr (GString) wire = g_string_new (NULL);

      event_stream_append_raw (wire, headers, "{}");
      assert_refused (wire, WEIR_ERROR_BAD_UPSTREAM);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-stream/a-message-is-read-as-it-is-specified",
                   test_a_message_is_read_as_it_is_specified);
  g_test_add_func ("/event-stream/any-cut-gives-the-same-messages",
                   test_any_cut_gives_the_same_messages);
  g_test_add_func ("/event-stream/what-is-cut-off-is-pending",
                   test_what_is_cut_off_is_pending);
  g_test_add_func ("/event-stream/a-byte-that-was-changed-is-noticed",
                   test_a_byte_that_was_changed_is_noticed);
  g_test_add_func ("/event-stream/lengths-that-cannot-be-are-refused-at-once",
                   test_lengths_that_cannot_be_are_refused_at_once);
  g_test_add_func ("/event-stream/headers-fill-their-length-exactly",
                   test_headers_fill_their_length_exactly);
  return g_test_run ();
}
