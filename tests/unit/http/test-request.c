/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Request heads: raw bytes -> verdict.  The ids are those of the catalogue of cases. */

#include "http/weir-http-head.h"

#define ACCEPTED (-1)
#define HOST "Host: h\r\n"
#define LINE "GET / HTTP/1.1\r\n"
/* WEIR_SLICE is no constant to a pedantic compiler */
#define BYTES(literal)                                                                     \
  {                                                                                        \
    "" literal, sizeof (literal) - 1                                                       \
  }
#define ROW(id, raw, verdict)                                                              \
  {                                                                                        \
    id, BYTES (raw), verdict                                                               \
  }
#define TARGET(id, target, verdict)                                                        \
  ROW (id, "GET " target " HTTP/1.1\r\n" HOST "\r\n", verdict)
#define FIELD(id, field, verdict) ROW (id, LINE HOST field "\r\n\r\n", verdict)

typedef struct
{
  const char *id;
  WeirSlice raw;
  int verdict; /* ACCEPTED or a WeirError */
} Row;

/* clang-format off */
static const Row rows[] = {
  ROW ("A03 no host", LINE "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("A03 HTTP/1.0 needs none", "GET / HTTP/1.0\r\n\r\n", ACCEPTED),
  FIELD ("A09 unknown expectation", "Expect: something-else", WEIR_ERROR_EXPECTATION),
  FIELD ("A09 expectation with more", "Expect: 100-continue, more", WEIR_ERROR_EXPECTATION),
  FIELD ("A09 empty expectation", "Expect:", WEIR_ERROR_EXPECTATION),
  FIELD ("A09 two expectations", "Expect: 100-continue\r\nExpect: x", WEIR_ERROR_EXPECTATION),
  FIELD ("A08 expectation", "Expect: 100-Continue", ACCEPTED),
  ROW ("A16 two empty lines", "\r\n\r\n" LINE HOST "\r\n", ACCEPTED),
  ROW ("A16 three empty lines", "\r\n\r\n\r\n" LINE HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("A17 odd case", LINE "hOsT:h\r\ncONTENT-lENGTH: \t 5 \t\r\nCONNECTION: x\r\nconnection: CLOSE\r\n\r\n", ACCEPTED),
  FIELD ("B01 both lengths", "Content-Length: 5\r\nTransfer-Encoding: chunked", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B01 both, other order", "Transfer-Encoding: chunked\r\nContent-Length: 0", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B02 two lengths differ", "Content-Length: 5\r\nContent-Length: 6", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B03 two lengths equal", "Content-Length: 5\r\ncontent-length: 5", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B03 list", "Content-Length: 5, 5", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 plus", "Content-Length: +5", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 minus", "Content-Length: -5", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 hex", "Content-Length: 0x5", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 two numbers", "Content-Length: 5 \t6", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 empty", "Content-Length: ", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 20 digits", "Content-Length: 18446744073709551617", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 19 digits", "Content-Length: 1000000000000000000", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B04 18 digits", "Content-Length: 999999999999999999", ACCEPTED),
  FIELD ("B05 space before colon", "Content-Length : 5", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B06 xchunked", "Transfer-Encoding: xchunked", WEIR_ERROR_NOT_IMPLEMENTED),
  FIELD ("B06 chunked, identity", "Transfer-Encoding: chunked, identity", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B06 gzip, chunked", "Transfer-Encoding: gzip, chunked", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B06 identity", "Transfer-Encoding: identity", WEIR_ERROR_NOT_IMPLEMENTED),
  FIELD ("B06 vertical tab", "Transfer-Encoding: \x0b" "chunked", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B06 quotes", "Transfer-Encoding: \"chunked\"", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B06 comma", "Transfer-Encoding: chunked,", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B06 parameter", "Transfer-Encoding: chunked;a=b", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B06 empty", "Transfer-Encoding:", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B07 two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", WEIR_ERROR_BAD_FRAMING),
  ROW ("B08 HTTP/1.0 chunked", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B13 bare LF ends", "GET / HTTP/1.1\nHost: h\n\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B13 one bare LF", LINE HOST "A: b\nC: d\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B13 bare CR", LINE HOST "A: b\rC: d\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B13 CR CR LF", LINE HOST "A: b\r\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B14 folded", LINE HOST "A: b\r\n c\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B14 folded with tab", LINE HOST "A: b\r\n\tc\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B14 first starts with space", LINE " A: b\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B16 no colon", "AB", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B16 empty name", ": b", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B16 name with space", "A B: c", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B16 name with parenthesis", "A(: c", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B16 name beyond ASCII", "A\xc3\xa4: c", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B17 good and evil", "Host: evil", WEIR_ERROR_BAD_FRAMING),
  ROW ("B17 evil and good", LINE "Host: evil\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  FIELD ("B17 two equal hosts", "Host: h", WEIR_ERROR_BAD_FRAMING),
  ROW ("B17 host with space", LINE "Host: a b\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B17 empty host", LINE "Host:\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B17 host with user", LINE "Host: a@b\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B17 list of hosts", LINE "Host: a, b\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B18 own authority", "http://h/a?b", ACCEPTED),
  TARGET ("B18 own authority, odd case", "HTTP://H/a", ACCEPTED),
  TARGET ("B18 own authority alone", "http://h", ACCEPTED),
  TARGET ("B18 foreign authority", "http://evil/a", WEIR_ERROR_MISDIRECTED),
  TARGET ("B18 authority with port", "http://h:80/a", WEIR_ERROR_MISDIRECTED),
  TARGET ("B18 authority with user", "http://h@evil/a", WEIR_ERROR_MISDIRECTED),
  TARGET ("B18 query for a path", "http://h?a", WEIR_ERROR_MISDIRECTED),
  TARGET ("B18 empty authority", "http:///a", WEIR_ERROR_MISDIRECTED),
  TARGET ("B18 other scheme", "https://h/a", WEIR_ERROR_MISDIRECTED),
  TARGET ("B18 dots in absolute form", "http://h/../a", WEIR_ERROR_BAD_FRAMING),
  ROW ("B18 absolute form without host", "GET http://h/ HTTP/1.0\r\n\r\n", WEIR_ERROR_MISDIRECTED),
  ROW ("B19 CONNECT", "CONNECT host:443 HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_METHOD_NOT_ALLOWED),
  ROW ("B19 TRACE", "TRACE / HTTP/1.1\r\n" HOST "Authorization: x\r\n\r\n", WEIR_ERROR_METHOD_NOT_ALLOWED),
  ROW ("B20 lower case", "get / HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_NOT_IMPLEMENTED),
  ROW ("B20 unknown", "BREW / HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_NOT_IMPLEMENTED),
  ROW ("B20 no token", "G(T / HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B20 tab in the method", "G\tT / HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B21 two spaces", "GET  / HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B21 two spaces behind", "GET /  HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B21 trailing space", "GET / HTTP/1.1 \r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B21 leading space", " GET / HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B21 tabs", "GET\t/\tHTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B21 no version", "GET /\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B21 no target", "GET HTTP/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B22 HTTP/1.9", "GET / HTTP/1.9\r\n" HOST "\r\n", WEIR_ERROR_HTTP_VERSION),
  ROW ("B22 HTTP/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", WEIR_ERROR_HTTP_VERSION),
  ROW ("B22 HTTP/0.9", "GET / HTTP/0.9\r\n" HOST "\r\n", WEIR_ERROR_HTTP_VERSION),
  ROW ("B22 HTTX/1.1", "GET / HTTX/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B22 http/1.1", "GET / http/1.1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B22 HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B22 HTTP/1,1", "GET / HTTP/1,1\r\n" HOST "\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("B23 HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", WEIR_ERROR_HTTP_VERSION),
  TARGET ("B25 dots", "/v1/../v0/management/config", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 dots at the end", "/v1/..", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 dots before the query", "/v1/..?a", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 one dot", "/./v1", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 one dot at the end", "/.", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 three dots are a name", "/...", ACCEPTED),
  TARGET ("B25 dotted name", "/v1/gpt-4.1..mini/.well-known", ACCEPTED),
  TARGET ("B25 escaped dots", "/v1/%2e%2E/v0", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 half escaped dots", "/v1/.%2e", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 escaped dot", "/v1/%2e/a", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 escaped slash", "/v1%2fa", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 escaped slash, upper case", "/v1%2Fa", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 escaped backslash", "/v1%5ca", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 backslash", "/v1\\a", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 empty segments", "//v0//management", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 empty segment inside", "/v0//management", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 slash at the end", "/v1/", ACCEPTED),
  TARGET ("B25 semicolon", "/v1/a;x", ACCEPTED),
  TARGET ("B25 %00", "/v1/%00", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 %0d%0a", "/v1/%0d%0a", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 %0A", "/v1/%0A", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 %7f", "/v1/%7f", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 %zz", "/v1/%zz", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 cut escape", "/v1/%4", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 lone percent", "/v1/%", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 %zz in the query", "/v1?a=%zz", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 cut escape in the query", "/v1?a=%4", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 slash in the query", "/v1?a=../%2f//", ACCEPTED),
  TARGET ("B25 overlong slash", "/v1/%c0%af", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 long overlong slash", "/v1/%e0%80%af", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 surrogate", "/v1/%ed%a0%80", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 cut UTF-8", "/v1/%c3/a", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 UTF-8", "/v1/%c3%a4%F0%9F%98%80", ACCEPTED),
  TARGET ("B25 raw overlong slash", "/v1/\xc0\xaf", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 raw UTF-8", "/v1/\xc3\xa4", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 raw UTF-8 in the query", "/v1?\xc3\xa4", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B25 Gemini's colon", "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse", ACCEPTED),
  TARGET ("B25 two question marks", "/v1?a?b", ACCEPTED),
  TARGET ("B26 fragment", "/v1#a", WEIR_ERROR_BAD_FRAMING),
  TARGET ("B26 fragment in the query", "/v1?a#b", WEIR_ERROR_BAD_FRAMING),
  TARGET ("target without slash", "v1", WEIR_ERROR_BAD_FRAMING),
  TARGET ("asterisk with GET", "*", WEIR_ERROR_BAD_FRAMING),
  ROW ("asterisk with OPTIONS", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", ACCEPTED),
  FIELD ("B27 two authorizations", "Authorization: a\r\nauthorization: a", WEIR_ERROR_BAD_FRAMING),
  FIELD ("bytes beyond ASCII in a value", "A: \xc3\xa4\xff", ACCEPTED),
  FIELD ("empty value", "A:", ACCEPTED),
  ROW ("head without an end", LINE HOST, WEIR_ERROR_BAD_FRAMING),
  ROW ("bytes behind the head", LINE HOST "\r\nGET\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
  ROW ("nothing", "", WEIR_ERROR_BAD_FRAMING),
  ROW ("nothing but ends", "\r\n\r\n", WEIR_ERROR_BAD_FRAMING),
};
/* clang-format on */

static int
judge (WeirHttpHead *head, WeirSlice raw)
{
  g_autoptr (GError) error = NULL;

  if (weir_http_head_parse_request (head, raw.text, raw.length, &error))
    {
      g_assert_no_error (error);
      return ACCEPTED;
    }
  g_assert_nonnull (error);
  return (int)weir_error_get_code (error);
}

static void
test_every_row_gets_its_verdict (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      WeirHttpHead head;

      g_test_message ("%s", rows[i].id);
      g_assert_cmpint (judge (&head, rows[i].raw), ==, rows[i].verdict);
    }
}

/* B15: every control byte, at every place of a head, is refused. */
static void
test_no_control_byte_passes (void)
{
  const WeirSlice good
      = WEIR_SLICE ("POST /a?b HTTP/1.1\r\nHost: h\r\nA: b c\r\nContent-Length: 5\r\n\r\n");

  for (size_t at = 0; at < good.length; at++)
    for (unsigned byte = 0; byte < 0x80; byte++)
      {
        g_autofree char *bad = weir_slice_dup (good);
        WeirHttpHead head;

        if ((byte >= 0x20 && byte != 0x7f) || byte == '\t' || good.text[at] == '\r'
            || good.text[at] == '\n')
          continue;
        bad[at] = (char)byte;
        g_assert_cmpint (judge (&head, (WeirSlice){ bad, good.length }), ==,
                         WEIR_ERROR_BAD_FRAMING);
      }
}

/* B24 */
static void
test_more_fields_than_the_table_holds_are_refused (void)
{
  for (unsigned n = WEIR_HTTP_FIELDS_MAX; n <= WEIR_HTTP_FIELDS_MAX + 1; n++)
    {
      g_autoptr (GString) raw = g_string_new (LINE HOST);
      WeirHttpHead head;

      for (unsigned i = 1; i < n; i++)
        g_string_append_printf (raw, "A%u: b\r\n", i);
      g_string_append (raw, "\r\n");
      g_assert_cmpint (judge (&head, (WeirSlice){ raw->str, raw->len }), ==,
                       n <= WEIR_HTTP_FIELDS_MAX ? ACCEPTED
                                                 : (int)WEIR_ERROR_HEAD_TOO_LARGE);
    }
}

static void
assert_slice (WeirSlice slice, const char *text)
{
  g_assert_cmpmem (slice.text, slice.length, text, strlen (text));
}

static void
test_a_head_is_read_where_it_stands (void)
{
  const WeirSlice raw = WEIR_SLICE (
      "\r\nPOST /v1/a?b=c&d HTTP/1.1\r\nhost: localhost:8317\r\nX-Api-Key:  k \r\n"
      "Content-Length: 0012\r\nAccept: a\r\nACCEPT: b\r\n"
      "Expect: 100-continue\r\n\r\n");
  WeirHttpHead head;

  g_assert_cmpint (judge (&head, raw), ==, ACCEPTED);
  g_assert_cmpint (head.method, ==, WEIR_HTTP_POST);
  assert_slice (head.target, "/v1/a?b=c&d");
  assert_slice (head.path, "/v1/a");
  assert_slice (head.query, "b=c&d");
  assert_slice (head.host, "localhost:8317");
  assert_slice (weir_http_head_get (&head, "x-api-key"), "k");
  assert_slice (weir_http_head_get (&head, "accept"), "a");
  g_assert_null (weir_http_head_get (&head, "absent").text);
  g_assert_cmpuint (weir_http_head_count (&head, "Accept"), ==, 2);
  g_assert_cmpuint (weir_http_head_count (&head, "absent"), ==, 0);
  g_assert_cmpint (head.framing, ==, WEIR_HTTP_FRAMING_LENGTH);
  g_assert_cmpuint (head.content_length, ==, 12);
  g_assert_cmpuint (head.minor, ==, 1);
  g_assert_cmpuint (head.n_fields, ==, 6);
  g_assert_true (head.keep_alive);
  g_assert_true (head.expect_continue);
  g_assert_false (head.upgrade);
}

static void
test_an_absolute_target_is_reduced (void)
{
  WeirHttpHead head;

  g_assert_cmpint (judge (&head, WEIR_SLICE ("GET http://h/a?b HTTP/1.1\r\n" HOST "\r\n")),
                   ==, ACCEPTED);
  assert_slice (head.target, "/a?b");
  assert_slice (head.path, "/a");
  assert_slice (head.query, "b");
  g_assert_cmpint (judge (&head, WEIR_SLICE ("GET http://h HTTP/1.1\r\n" HOST "\r\n")), ==,
                   ACCEPTED);
  assert_slice (head.target, "/");
  assert_slice (head.path, "/");
  assert_slice (head.query, "");
}

static void
test_methods_have_their_names (void)
{
  for (unsigned i = 0; i < WEIR_HTTP_METHOD_LAST; i++)
    {
      const char *name = weir_http_method_get_name ((WeirHttpMethod)i);
      g_autofree char *raw = g_strdup_printf ("%s / HTTP/1.1\r\n" HOST "\r\n", name);
      WeirHttpHead head;

      g_assert_cmpint (judge (&head, weir_slice_from_string (raw)), ==, ACCEPTED);
      g_assert_cmpuint (head.method, ==, i);
    }
}

static void
test_version_and_connection_decide_about_the_next_request (void)
{
  static const struct
  {
    const char *version;
    const char *field;
    gboolean keep_alive;
    gboolean upgrade;
  } cases[] = {
    { "1.1", "A: b", TRUE, FALSE },
    { "1.0", "A: b", FALSE, FALSE },
    { "1.1", "Connection: close", FALSE, FALSE },
    { "1.1", "Connection: keep-alive , CLOSE", FALSE, FALSE },
    { "1.1", "Connection: closed", TRUE, FALSE },
    { "1.0", "Connection: Keep-Alive", TRUE, FALSE },
    { "1.0", "Connection: keep-alive, close", FALSE, FALSE },
    { "1.0", "Connection: a,,\t,keep-alive", TRUE, FALSE },
    { "1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket", TRUE, TRUE },
    { "1.0", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket", TRUE, FALSE },
    { "1.1", "Upgrade: websocket", TRUE, FALSE },
    { "1.1", "Connection: upgrade", TRUE, FALSE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *raw = g_strdup_printf ("GET / HTTP/%s\r\n" HOST "%s\r\n\r\n",
                                              cases[i].version, cases[i].field);
      WeirHttpHead head;

      g_test_message ("%s %s", cases[i].version, cases[i].field);
      g_assert_cmpint (judge (&head, weir_slice_from_string (raw)), ==, ACCEPTED);
      g_assert_cmpint (head.keep_alive, ==, cases[i].keep_alive);
      g_assert_cmpint (head.upgrade, ==, cases[i].upgrade);
    }
}

static void
test_an_old_client_expects_nothing (void)
{
  WeirHttpHead head;

  g_assert_cmpint (
      judge (&head, WEIR_SLICE ("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")), ==,
      ACCEPTED);
  g_assert_false (head.expect_continue);
  g_assert_cmpuint (head.minor, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request/every-row-gets-its-verdict", test_every_row_gets_its_verdict);
  g_test_add_func ("/request/no-control-byte-passes", test_no_control_byte_passes);
  g_test_add_func ("/request/more-fields-than-the-table-holds-are-refused",
                   test_more_fields_than_the_table_holds_are_refused);
  g_test_add_func ("/request/a-head-is-read-where-it-stands",
                   test_a_head_is_read_where_it_stands);
  g_test_add_func ("/request/an-absolute-target-is-reduced",
                   test_an_absolute_target_is_reduced);
  g_test_add_func ("/request/methods-have-their-names", test_methods_have_their_names);
  g_test_add_func ("/request/version-and-connection-decide-about-the-next-request",
                   test_version_and_connection_decide_about_the_next_request);
  g_test_add_func ("/request/an-old-client-expects-nothing",
                   test_an_old_client_expects_nothing);
  return g_test_run ();
}
