/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The end of a head: the same verdict at the same byte for any cut. */

#include "http/weir-http-head.h"

typedef struct
{
  WeirHttpResult result;
  int code;      /* of the error where the result is BAD */
  size_t length; /* of the head where the result is DONE */
} Verdict;

/* Feeds the first byte alone, then @step more each time. */
static Verdict
find_end (WeirSlice raw, size_t step)
{
  size_t scanned = 0;
  Verdict verdict = { .result = WEIR_HTTP_MORE };

  for (size_t length = MIN (step, raw.length); verdict.result == WEIR_HTTP_MORE;
       length = MIN (length + step, raw.length))
    {
      g_autoptr (GError) error = NULL;

      verdict.result
          = weir_http_head_find_end (raw.text, length, &scanned, &verdict.length, &error);
      g_assert_cmpuint (scanned, <=, length);
      g_assert_cmpint (verdict.result == WEIR_HTTP_BAD, ==, error != NULL);
      if (error != NULL)
        verdict.code = (int)weir_error_get_code (error);
      if (length == raw.length)
        break;
    }
  return verdict;
}

static Verdict
find_end_of_any_cut (WeirSlice raw)
{
  Verdict whole = find_end (raw, raw.length);
  const size_t steps[] = { 1, 2, 3, 7, 4096 };

  for (unsigned i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Verdict cut = find_end (raw, steps[i]);

      g_assert_cmpint (cut.result, ==, whole.result);
      g_assert_cmpint (cut.code, ==, whole.code);
      g_assert_cmpuint (cut.length, ==, whole.length);
    }
  return whole;
}

/* WEIR_SLICE is no constant to a pedantic compiler */
#define BYTES(literal)                                                                     \
  {                                                                                        \
    "" literal, sizeof (literal) - 1                                                       \
  }
#define ROW(id, raw, result, value)                                                        \
  {                                                                                        \
    id, BYTES (raw), result, value                                                         \
  }
#define BAD(id, raw) ROW (id, raw, WEIR_HTTP_BAD, WEIR_ERROR_BAD_FRAMING)

/* clang-format off */
static const struct
{
  const char *id;
  WeirSlice raw;
  WeirHttpResult result;
  size_t value; /* length or code */
} rows[] = {
  ROW ("nothing", "", WEIR_HTTP_MORE, 0),
  ROW ("A14 whole", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", WEIR_HTTP_DONE, 27),
  ROW ("A15 two in one packet", "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /\n", WEIR_HTTP_DONE, 27),
  ROW ("A15 a body behind", "GET / HTTP/1.1\r\nHost: h\r\n\r\n\0\x01", WEIR_HTTP_DONE, 27),
  ROW ("A16 one empty line", "\r\nGET / HTTP/1.1\r\n\r\n", WEIR_HTTP_DONE, 20),
  ROW ("A16 two empty lines", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", WEIR_HTTP_DONE, 22),
  BAD ("A16 nine empty lines", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
  BAD ("A16 three empty lines", "\r\n\r\n\r\n"),
  ROW ("A16 two and a half", "\r\n\r\n\r", WEIR_HTTP_MORE, 0),
  ROW ("no fields", "GET / HTTP/1.1\r\n\r\n", WEIR_HTTP_DONE, 18),
  ROW ("half", "GET / HTTP/1.1\r\nHost: h\r\n\r", WEIR_HTTP_MORE, 0),
  ROW ("response", "HTTP/1.1 200 \xe4\r\nA: b\r\n\r\n", WEIR_HTTP_DONE, 24),
  ROW ("tabs", "GET / HTTP/1.1\r\nA:\t\tb\t\r\n\r\n", WEIR_HTTP_DONE, 26),
  BAD ("B13 bare LF", "GET / HTTP/1.1\n"),
  BAD ("B13 bare CR", "GET / HTTP/1.1\rx"),
  BAD ("B13 LF LF", "GET / HTTP/1.1\r\nHost: h\r\n\n"),
  BAD ("B13 leading LF", "\n"),
  BAD ("B15 NUL", "GET / HTTP/1.1\r\nHost: a\0b"),
  BAD ("B15 rubout", "GET / HTTP/1.1\r\nHost: a\x7f"),
  BAD ("B15 escape", "GET / HTTP/1.1\r\nHost: a\x1b"),
  BAD ("B23 TLS greeting", "\x16\x03\x01\x02"),
  BAD ("B23 SSH banner", "SSH-2.0-OpenSSH_9.2p1\r\n"),
  ROW ("B23 HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", WEIR_HTTP_DONE, 18),
  BAD ("B23 random", "\xa5\x5a\xc3\x3c\x99\x66\xf0\x0f\xaa"),
  ROW ("B20 unknown method", "PROPFIND / HTTP/1.1\r\n\r\n", WEIR_HTTP_DONE, 23),
};
/* clang-format on */

static void
test_every_row_gets_its_verdict (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Verdict verdict = find_end_of_any_cut (rows[i].raw);

      g_test_message ("%s", rows[i].id);
      g_assert_cmpint (verdict.result, ==, rows[i].result);
      if (verdict.result == WEIR_HTTP_DONE)
        g_assert_cmpuint (verdict.length, ==, rows[i].value);
      if (verdict.result == WEIR_HTTP_BAD)
        g_assert_cmpint (verdict.code, ==, (int)rows[i].value);
    }
}

static Verdict
judge_sized (const char *before, size_t filling, const char *behind)
{
  g_autoptr (GString) raw = g_string_new (before);

  for (size_t i = 0; i < filling; i++)
    g_string_append_c (raw, 'a');
  g_string_append (raw, behind);
  return find_end_of_any_cut ((WeirSlice){ raw->str, raw->len });
}

/* B24; the fixed parts of the line are 14 bytes */
static void
test_a_request_line_has_a_limit (void)
{
  const char *behind = " HTTP/1.1\r\nHost: h\r\n\r\n";

  g_assert_cmpint (judge_sized ("GET /", 8192 - 14, behind).result, ==, WEIR_HTTP_DONE);
  g_assert_cmpint (judge_sized ("GET /", 8193 - 14, behind).code, ==,
                   WEIR_ERROR_TARGET_TOO_LONG);
  g_assert_cmpint (judge_sized ("\r\nGET /", 8192 - 14, behind).result, ==, WEIR_HTTP_DONE);
  g_assert_cmpint (judge_sized ("\r\nGET /", 8193 - 14, behind).code, ==,
                   WEIR_ERROR_TARGET_TOO_LONG);
  g_assert_cmpint (judge_sized ("GET /", 9000, "").code, ==, WEIR_ERROR_TARGET_TOO_LONG);
  g_assert_cmpint (judge_sized ("GET /", 8000, "").result, ==, WEIR_HTTP_MORE);
}

/* B20 */
static void
test_a_long_method_is_no_long_target (void)
{
  g_assert_cmpint (judge_sized ("", 100000, "").code, ==, WEIR_ERROR_BAD_FRAMING);
}

/* B24, G20 */
static void
test_a_head_has_a_limit (void)
{
  const char *before = "GET / HTTP/1.1\r\nA: ";
  const size_t around = strlen (before) + 4;

  g_assert_cmpuint (judge_sized (before, 65536 - around, "\r\n\r\n").length, ==,
                    WEIR_HTTP_HEAD_MAX);
  for (size_t more = 1; more < 6; more++)
    g_assert_cmpint (judge_sized (before, 65536 - around + more, "\r\n\r\n").code, ==,
                     WEIR_ERROR_HEAD_TOO_LARGE);
  g_assert_cmpint (judge_sized (before, 70000, "").code, ==, WEIR_ERROR_HEAD_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/find-end/every-row-gets-its-verdict", test_every_row_gets_its_verdict);
  g_test_add_func ("/find-end/a-request-line-has-a-limit", test_a_request_line_has_a_limit);
  g_test_add_func ("/find-end/a-long-method-is-no-long-target",
                   test_a_long_method_is_no_long_target);
  g_test_add_func ("/find-end/a-head-has-a-limit", test_a_head_has_a_limit);
  return g_test_run ();
}
