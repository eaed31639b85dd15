/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bodies: the same payload, the same end and the same verdict for any cut of the bytes. */

#include "http/weir-http-body.h"

typedef struct
{
  GString *payload; /* (owned) */
  size_t consumed;
  WeirHttpResult result;
  gboolean is_whole;
} Outcome;

static void
outcome_clear (Outcome *self)
{
  g_string_free (self->payload, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

/* One piece, as a connection would read it; TRUE to go on. */
static gboolean
feed (WeirHttpBody *body, WeirSlice piece, Outcome *outcome)
{
  g_autofree char *bytes = weir_slice_dup (piece);
  g_autoptr (GError) error = NULL;
  size_t payload = 0;
  size_t consumed = 0;

  outcome->result
      = weir_http_body_decode (body, bytes, piece.length, &payload, &consumed, &error);
  g_assert_cmpuint (payload, <=, consumed);
  g_assert_cmpuint (consumed, <=, piece.length);
  g_string_append_len (outcome->payload, bytes, (gssize)payload);
  outcome->consumed += consumed;
  g_assert_cmpuint (body->decoded, ==, outcome->payload->len);
  if (outcome->result == WEIR_HTTP_BAD)
    g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_FRAMING);
  else
    g_assert_no_error (error);
  if (outcome->result == WEIR_HTTP_MORE)
    g_assert_cmpuint (consumed, ==, piece.length);
  g_assert_cmpint (body->done, ==, outcome->result == WEIR_HTTP_DONE);
  return outcome->result == WEIR_HTTP_MORE;
}

static Outcome
decode (const WeirHttpHead *head, WeirSlice raw, size_t cut, size_t step)
{
  WeirHttpBody body;
  Outcome outcome = { .payload = g_string_new (NULL) };
  size_t from = 0;

  weir_http_body_init (&body, head);
  if (feed (&body, (WeirSlice){ raw.text, cut }, &outcome))
    for (from = cut; from < raw.length; from += step)
      if (!feed (&body, (WeirSlice){ raw.text + from, MIN (step, raw.length - from) },
                 &outcome))
        break;
  outcome.is_whole = weir_http_body_end (&body);
  return outcome;
}

/* Feeds @raw whole, in two pieces of every size, and byte by byte. */
static Outcome
decode_any_cut (const WeirHttpHead *head, WeirSlice raw)
{
  g_auto (Outcome) whole = decode (head, raw, raw.length, 1);

  for (size_t cut = 0; cut <= raw.length; cut++)
    for (size_t step = 1; step <= raw.length + 1; step += raw.length)
      {
        g_auto (Outcome) other = decode (head, raw, cut, step);

        g_assert_cmpint (other.result, ==, whole.result);
        g_assert_cmpuint (other.consumed, ==, whole.consumed);
        g_assert_true (g_string_equal (other.payload, whole.payload));
        g_assert_cmpint (other.is_whole, ==, whole.is_whole);
      }
  return (Outcome){
    .payload = g_string_new_len (whole.payload->str, (gssize)whole.payload->len),
    .consumed = whole.consumed,
    .result = whole.result,
    .is_whole = whole.is_whole,
  };
}

/* WEIR_SLICE is no constant to a pedantic compiler */
#define BYTES(literal)                                                                     \
  {                                                                                        \
    "" literal, sizeof (literal) - 1                                                       \
  }
#define ROW(id, raw, result, payload, rest)                                                \
  {                                                                                        \
    id, BYTES (raw), result, BYTES (payload), rest                                         \
  }
#define BAD(id, raw) ROW (id, raw, WEIR_HTTP_BAD, "", 0)

/* clang-format off */
static const struct
{
  const char *id;
  WeirSlice raw;
  WeirHttpResult result;
  WeirSlice payload;
  size_t rest; /* bytes behind the body, where the result is DONE */
} rows[] = {
  ROW ("one chunk", "5\r\nhello\r\n0\r\n\r\n", WEIR_HTTP_DONE, "hello", 0),
  ROW ("A10 small chunks", "1\r\na\r\n1\r\nb\r\n01\r\nc\r\n000\r\n\r\n", WEIR_HTTP_DONE, "abc", 0),
  ROW ("nothing", "0\r\n\r\n", WEIR_HTTP_DONE, "", 0),
  ROW ("hex", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", WEIR_HTTP_DONE, "01234567890123456789", 0),
  ROW ("line ends in data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", WEIR_HTTP_DONE, "\r\n\r\n", 0),
  ROW ("A11 extensions", "5;a;b=\"c;d\"\r\nhello\r\n0;e\r\n\r\n", WEIR_HTTP_DONE, "hello", 0),
  ROW ("A11 trailers", "5\r\nhello\r\n0\r\nA: b\r\nContent-Length: 5\r\nC:\r\n\r\n", WEIR_HTTP_DONE, "hello", 0),
  ROW ("A15 another request behind", "5\r\nhello\r\n0\r\n\r\nGET", WEIR_HTTP_DONE, "hello", 3),
  ROW ("16 digits", "0000000000000001\r\na\r\n0\r\n\r\n", WEIR_HTTP_DONE, "a", 0),
  ROW ("B12 in the size", "5", WEIR_HTTP_MORE, "", 0),
  ROW ("B12 in a chunk", "5\r\nhel", WEIR_HTTP_MORE, "hel", 0),
  ROW ("B12 behind a chunk", "5\r\nhello\r\n", WEIR_HTTP_MORE, "hello", 0),
  ROW ("B12 before the empty line", "5\r\nhello\r\n0\r\n", WEIR_HTTP_MORE, "hello", 0),
  ROW ("B12 in the empty line", "5\r\nhello\r\n0\r\n\r", WEIR_HTTP_MORE, "hello", 0),
  BAD ("B09 minus", "-1\r\n"),
  BAD ("B09 plus", "+1\r\n"),
  BAD ("B09 prefix", "0x5\r\nhello\r\n0\r\n\r\n"),
  BAD ("B09 letters", "5zz\r\nhello\r\n0\r\n\r\n"),
  BAD ("B09 17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"),
  BAD ("B09 near the end of numbers", "FFFFFFFFFFFFFFFB\r\nhello"),
  BAD ("B09 negative", "8000000000000000\r\nhello"),
  BAD ("B09 empty", "\r\nhello\r\n0\r\n\r\n"),
  BAD ("B09 only an extension", ";a\r\nhello\r\n0\r\n\r\n"),
  BAD ("B09 space before", " 5\r\nhello\r\n0\r\n\r\n"),
  BAD ("B09 space behind", "5 \r\nhello\r\n0\r\n\r\n"),
  ROW ("B09 sum beyond numbers", "1\r\na\r\n7fffffffffffffff\r\n", WEIR_HTTP_BAD, "a", 0),
  ROW ("B10 long chunk", "5\r\nhelloworld\r\n0\r\n\r\n", WEIR_HTTP_BAD, "hello", 0),
  ROW ("B10 short chunk", "5\r\nhel\r\n0\r\n\r\n", WEIR_HTTP_BAD, "hel\r\n", 0),
  ROW ("B10 half a line end", "5\r\nhello\rx", WEIR_HTTP_BAD, "hello", 0),
  BAD ("B11 bare LF behind a size", "5\nhello\n0\n\n"),
  BAD ("B11 bare CR behind a size", "5\rhello"),
  BAD ("B11 bare LF behind an extension", "5;a\nhello"),
  ROW ("B11 bare LF behind data", "5\r\nhello\n0\r\n\r\n", WEIR_HTTP_BAD, "hello", 0),
  BAD ("B11 bare LF at the end", "0\r\n\n"),
  BAD ("NUL in an extension", "5;\0\r\n"),
  BAD ("trailer without colon", "0\r\nA\r\n\r\n"),
  BAD ("trailer without name", "0\r\n: a\r\n\r\n"),
  BAD ("trailer with a space in its name", "0\r\nA : b\r\n\r\n"),
  BAD ("folded trailer", "0\r\nA: b\r\n c\r\n\r\n"),
  BAD ("trailer with a control byte", "0\r\nA: \x01\r\n\r\n"),
  BAD ("trailer with bare LF", "0\r\nA: b\n\r\n"),
};
/* clang-format on */

static const WeirHttpHead chunked = { .framing = WEIR_HTTP_FRAMING_CHUNKED };

static void
test_every_row_gets_its_verdict_in_any_cut (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Outcome) outcome = decode_any_cut (&chunked, rows[i].raw);

      g_test_message ("%s", rows[i].id);
      g_assert_cmpint (outcome.result, ==, rows[i].result);
      g_assert_cmpint (outcome.is_whole, ==, rows[i].result == WEIR_HTTP_DONE);
      g_assert_cmpmem (outcome.payload->str, outcome.payload->len, rows[i].payload.text,
                       rows[i].payload.length);
      if (outcome.result == WEIR_HTTP_DONE)
        g_assert_cmpuint (outcome.consumed, ==, rows[i].raw.length - rows[i].rest);
    }
}

static void
assert_limit (const char *before, size_t filling, const char *behind, WeirHttpResult result)
{
  g_autoptr (GString) raw = g_string_new (before);

  for (size_t i = 0; i < filling; i++)
    g_string_append_c (raw, 'a');
  g_string_append (raw, behind);
  for (size_t step = 1; step <= 1001; step += 1000)
    {
      g_auto (Outcome) outcome
          = decode (&chunked, (WeirSlice){ raw->str, raw->len }, 0, step);

      g_assert_cmpint (outcome.result, ==, result);
    }
}

static void
test_what_is_thrown_away_has_limits (void)
{
  assert_limit ("1;", 256, "\r\na\r\n0\r\n\r\n", WEIR_HTTP_DONE);
  assert_limit ("1;", 257, "\r\na\r\n0\r\n\r\n", WEIR_HTTP_BAD);
  assert_limit ("0\r\nA:", 8192 - 6, "\r\n\r\n", WEIR_HTTP_DONE);
  assert_limit ("0\r\nA:", 8192, "\r\n\r\n", WEIR_HTTP_BAD);
}

static void
test_extensions_are_limited_by_the_line (void)
{
  g_autoptr (GString) raw = g_string_new (NULL);

  for (unsigned i = 0; i < 10; i++)
    g_string_append_printf (raw, "1;%0200d\r\na\r\n", 0);
  assert_limit (raw->str, 0, "0\r\n\r\n", WEIR_HTTP_DONE);
}

static void
test_a_fault_lasts (void)
{
  WeirHttpBody body;
  char bad[] = "x";
  char good[] = "0\r\n\r\n";
  size_t payload;
  size_t consumed;

  weir_http_body_init (&body, &chunked);
  g_assert_cmpint (weir_http_body_decode (&body, bad, 1, &payload, &consumed, NULL), ==,
                   WEIR_HTTP_BAD);
  g_assert_cmpint (weir_http_body_decode (&body, good, 5, &payload, &consumed, NULL), ==,
                   WEIR_HTTP_BAD);
  g_assert_cmpuint (consumed, ==, 0);
  g_assert_false (weir_http_body_end (&body));
}

static void
test_a_length_is_counted (void)
{
  const WeirHttpHead five = { .framing = WEIR_HTTP_FRAMING_LENGTH, .content_length = 5 };
  g_auto (Outcome) exact = decode_any_cut (&five, WEIR_SLICE ("hello"));
  g_auto (Outcome) more = decode_any_cut (&five, WEIR_SLICE ("helloGET"));
  g_auto (Outcome) less = decode_any_cut (&five, WEIR_SLICE ("hell"));

  g_assert_cmpint (exact.result, ==, WEIR_HTTP_DONE);
  g_assert_cmpstr (exact.payload->str, ==, "hello");
  g_assert_cmpint (more.result, ==, WEIR_HTTP_DONE);
  g_assert_cmpuint (more.consumed, ==, 5);
  g_assert_cmpstr (more.payload->str, ==, "hello");
  g_assert_cmpint (less.result, ==, WEIR_HTTP_MORE);
  g_assert_false (less.is_whole);
}

static void
test_no_body_is_done_at_once (void)
{
  const WeirHttpHead heads[]
      = { { .framing = WEIR_HTTP_FRAMING_NONE }, { .framing = WEIR_HTTP_FRAMING_LENGTH } };

  for (unsigned i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_auto (Outcome) outcome = decode_any_cut (&heads[i], WEIR_SLICE ("GET"));
      WeirHttpBody body;

      weir_http_body_init (&body, &heads[i]);
      g_assert_true (body.done);
      g_assert_cmpint (outcome.result, ==, WEIR_HTTP_DONE);
      g_assert_cmpuint (outcome.consumed, ==, 0);
    }
}

static void
test_the_close_ends_what_nothing_frames (void)
{
  const WeirHttpHead until_close = { .framing = WEIR_HTTP_FRAMING_CLOSE };
  g_auto (Outcome) outcome = decode_any_cut (&until_close, WEIR_SLICE ("hello"));

  g_assert_cmpint (outcome.result, ==, WEIR_HTTP_MORE);
  g_assert_cmpstr (outcome.payload->str, ==, "hello");
  g_assert_true (outcome.is_whole);
}

static void
test_what_is_chunked_is_read_back (void)
{
  const size_t sizes[] = { 1, 9, 10, 15, 16, 17, 255, 256, 4095, 65536, 1000000 };
  g_autoptr (GString) wire = g_string_new (NULL);
  size_t sum = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      char head[WEIR_HTTP_CHUNK_HEAD_MAX];

      g_string_append_len (wire, head, (gssize)weir_http_chunk_head (head, sizes[i]));
      g_string_set_size (wire, wire->len + sizes[i]);
      memset (wire->str + wire->len - sizes[i], 'a' + (int)i, sizes[i]);
      g_string_append (wire, "\r\n");
      sum += sizes[i];
    }
  g_string_append (wire, WEIR_HTTP_LAST_CHUNK);
  for (size_t step = 1000; step < 70000; step += 1013)
    {
      g_auto (Outcome) outcome
          = decode (&chunked, (WeirSlice){ wire->str, wire->len }, 0, step);

      g_assert_cmpint (outcome.result, ==, WEIR_HTTP_DONE);
      g_assert_cmpuint (outcome.consumed, ==, wire->len);
      g_assert_cmpuint (outcome.payload->len, ==, sum);
      g_assert_cmpint (outcome.payload->str[0], ==, 'a');
      g_assert_cmpint (outcome.payload->str[sum - 1], ==, 'a' + G_N_ELEMENTS (sizes) - 1);
    }
}

static void
test_the_longest_chunk_head_fits (void)
{
  char head[WEIR_HTTP_CHUNK_HEAD_MAX];

  g_assert_cmpuint (weir_http_chunk_head (head, SIZE_MAX), ==, 2 * sizeof (size_t) + 2);
  g_assert_cmpuint (weir_http_chunk_head (head, 0x1a2b), ==, 6);
  g_assert_cmpmem (head, 6, "1a2b\r\n", 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/body/every-row-gets-its-verdict-in-any-cut",
                   test_every_row_gets_its_verdict_in_any_cut);
  g_test_add_func ("/body/what-is-thrown-away-has-limits",
                   test_what_is_thrown_away_has_limits);
  g_test_add_func ("/body/extensions-are-limited-by-the-line",
                   test_extensions_are_limited_by_the_line);
  g_test_add_func ("/body/a-fault-lasts", test_a_fault_lasts);
  g_test_add_func ("/body/a-length-is-counted", test_a_length_is_counted);
  g_test_add_func ("/body/no-body-is-done-at-once", test_no_body_is_done_at_once);
  g_test_add_func ("/body/the-close-ends-what-nothing-frames",
                   test_the_close_ends_what_nothing_frames);
  g_test_add_func ("/body/what-is-chunked-is-read-back", test_what_is_chunked_is_read_back);
  g_test_add_func ("/body/the-longest-chunk-head-fits", test_the_longest_chunk_head_fits);
  return g_test_run ();
}
