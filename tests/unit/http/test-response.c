/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Response heads: raw bytes -> framing or refusal. */

#include "http/weir-http-head.h"

#define REFUSED (-1)
/* WEIR_SLICE is no constant to a pedantic compiler */
#define BYTES(literal)                                                                     \
  {                                                                                        \
    "" literal, sizeof (literal) - 1                                                       \
  }
#define ROW(id, raw, framing, length, keep_alive)                                          \
  {                                                                                        \
    id, BYTES (raw), framing, length, keep_alive                                           \
  }
#define BAD(id, raw) ROW (id, raw, REFUSED, 0, FALSE)
#define OK "HTTP/1.1 200 OK\r\n"

/* clang-format off */
static const struct
{
  const char *id;
  WeirSlice raw;
  int framing;
  uint64_t length;
  gboolean keep_alive;
} rows[] = {
  ROW ("length", OK "Content-Length: 7\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 7, TRUE),
  ROW ("no bytes", OK "Content-Length: 0\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 0, TRUE),
  ROW ("chunked", OK "Transfer-Encoding: chunked\r\n\r\n", WEIR_HTTP_FRAMING_CHUNKED, 0, TRUE),
  ROW ("close", OK "\r\n", WEIR_HTTP_FRAMING_CLOSE, 0, FALSE),
  ROW ("length and close", OK "Content-Length: 7\r\nConnection: close\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 7, FALSE),
  ROW ("old server", "HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 7, FALSE),
  ROW ("no phrase", "HTTP/1.1 200 \r\nContent-Length: 7\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 7, TRUE),
  ROW ("no space either", "HTTP/1.1 200\r\nContent-Length: 7\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 7, TRUE),
  ROW ("old bytes", "HTTP/1.1 200 \xe4\t\xff\r\nA: \xe4\r\nContent-Length: 7\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 7, TRUE),
  ROW ("100", "HTTP/1.1 100 Continue\r\n\r\n", WEIR_HTTP_FRAMING_NONE, 0, TRUE),
  ROW ("204", "HTTP/1.1 204 No Content\r\n\r\n", WEIR_HTTP_FRAMING_NONE, 0, TRUE),
  ROW ("204 of no bytes", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", WEIR_HTTP_FRAMING_NONE, 0, TRUE),
  ROW ("204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", WEIR_HTTP_FRAMING_NONE, 0, FALSE),
  ROW ("204 chunked", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", WEIR_HTTP_FRAMING_NONE, 0, FALSE),
  ROW ("304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", WEIR_HTTP_FRAMING_NONE, 0, TRUE),
  ROW ("599", "HTTP/1.1 599 x\r\nContent-Length: 7\r\n\r\n", WEIR_HTTP_FRAMING_LENGTH, 7, TRUE),
  BAD ("G01 600", "HTTP/1.1 600 x\r\n\r\n"),
  BAD ("G01 999", "HTTP/1.1 999 x\r\n\r\n"),
  BAD ("G01 000", "HTTP/1.1 000 x\r\n\r\n"),
  BAD ("G01 099", "HTTP/1.1 099 x\r\n\r\n"),
  BAD ("two digits", "HTTP/1.1 20 OK\r\n\r\n"),
  BAD ("four digits", "HTTP/1.1 2000 OK\r\n\r\n"),
  BAD ("letters", "HTTP/1.1 2x0 OK\r\n\r\n"),
  BAD ("two spaces", "HTTP/1.1  200 OK\r\n\r\n"),
  BAD ("tab", "HTTP/1.1 200\tOK\r\n\r\n"),
  BAD ("version", "HTTP/2.0 200 OK\r\n\r\n"),
  BAD ("old radio", "ICY 200 OK\r\n\r\n"),
  BAD ("empty line first", "\r\n" OK "\r\n"),
  BAD ("G20 bare LF", "HTTP/1.1 200 OK\nContent-Length: 7\n\n"),
  BAD ("G20 one bare LF", OK "A: b\nC: d\r\n\r\n"),
  BAD ("G20 NUL", OK "A: b\0c\r\n\r\n"),
  BAD ("G20 folded", OK "A: b\r\n c\r\n\r\n"),
  BAD ("G20 space before colon", OK "Content-Length : 7\r\n\r\n"),
  BAD ("G21 two lengths", OK "Content-Length: 7\r\nContent-Length: 8\r\n\r\n"),
  BAD ("G21 two equal lengths", OK "Content-Length: 7\r\nContent-Length: 7\r\n\r\n"),
  BAD ("G21 both", OK "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"),
  BAD ("G21 no number", OK "Content-Length: 7x\r\n\r\n"),
  BAD ("unknown coding", OK "Transfer-Encoding: gzip\r\n\r\n"),
  BAD ("two codings", OK "Transfer-Encoding: gzip, chunked\r\n\r\n"),
  BAD ("old server, chunked", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
  BAD ("a request", "GET / HTTP/1.1\r\n\r\n"),
  BAD ("no end", OK),
};
/* clang-format on */

static void
test_every_row_gets_its_framing (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      WeirHttpHead head;

      g_test_message ("%s", rows[i].id);
      if (!weir_http_head_parse_response (&head, rows[i].raw.text, rows[i].raw.length,
                                          FALSE, &error))
        {
          g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
          g_assert_cmpint (rows[i].framing, ==, REFUSED);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (head.framing, ==, rows[i].framing);
      g_assert_cmpuint (head.content_length, ==, rows[i].length);
      g_assert_cmpint (head.keep_alive, ==, rows[i].keep_alive);
    }
}

static void
test_an_answer_to_head_has_no_body (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      WeirHttpHead head;
      gboolean accepted = weir_http_head_parse_response (&head, rows[i].raw.text,
                                                         rows[i].raw.length, TRUE, NULL);

      g_assert_cmpint (accepted, ==, rows[i].framing != REFUSED);
      if (accepted)
        g_assert_cmpint (head.framing, ==, WEIR_HTTP_FRAMING_NONE);
    }
}

static void
test_too_many_fields_are_the_upstreams_fault (void)
{
  g_autoptr (GString) raw = g_string_new (OK);
  g_autoptr (GError) error = NULL;
  WeirHttpHead head;

  for (unsigned i = 0; i < 10000; i++)
    g_string_append (raw, "A: b\r\n");
  g_string_append (raw, "\r\n");
  g_assert_false (weir_http_head_parse_response (&head, raw->str, raw->len, FALSE, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/response/every-row-gets-its-framing", test_every_row_gets_its_framing);
  g_test_add_func ("/response/an-answer-to-head-has-no-body",
                   test_an_answer_to_head_has_no_body);
  g_test_add_func ("/response/too-many-fields-are-the-upstreams-fault",
                   test_too_many_fields_are_the_upstreams_fault);
  return g_test_run ();
}
