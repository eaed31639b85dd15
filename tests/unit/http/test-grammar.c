/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/weir-http-grammar.h"

static void
test_classes_are_those_of_the_documents (void)
{
  for (unsigned byte = 0; byte < 256; byte++)
    {
      char c = (char)byte;
      gboolean alnum = g_ascii_isalnum (c);
      gboolean graph = g_ascii_isgraph (c);

#define IS_OF(set) (byte != 0 && strchr (set, (int)byte) != NULL)
      g_assert_cmpint (weir_http_byte_is (c, WEIR_HTTP_BYTE_TOKEN), ==,
                       alnum || IS_OF ("!#$%&'*+-.^_`|~"));
      g_assert_cmpint (weir_http_byte_is (c, WEIR_HTTP_BYTE_PATH), ==,
                       alnum || IS_OF ("-._~!$&'()*+,;=:@/"));
      g_assert_cmpint (weir_http_byte_is (c, WEIR_HTTP_BYTE_QUERY), ==,
                       graph && !IS_OF ("\"<>#%"));
      g_assert_cmpint (weir_http_byte_is (c, WEIR_HTTP_BYTE_NAME), ==,
                       alnum || IS_OF ("-._"));
#undef IS_OF
    }
}

static void
test_the_wide_scan_stops_where_the_plain_one_does (void)
{
  for (unsigned byte = 0; byte < 256; byte++)
    for (size_t at = 0; at < 20; at++)
      {
        char text[24];
        const char *end = text + 20;
        const char *expected = weir_http_byte_is_text ((char)byte) ? end : text + at;

        memset (text, 'a' + (int)(byte & 1), sizeof text);
        text[at] = (char)byte;
        for (size_t from = 0; from <= at; from++)
          g_assert_true (weir_http_skip_text (text + from, end) == expected);
        text[20 - 1] = '\0'; /* a second one behind changes nothing */
        g_assert_true (weir_http_skip_text (text, end)
                       == (expected == end ? text + 19 : expected));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grammar/classes-are-those-of-the-documents",
                   test_classes_are_those_of_the_documents);
  g_test_add_func ("/grammar/the-wide-scan-stops-where-the-plain-one-does",
                   test_the_wide_scan_stops_where_the_plain_one_does);
  return g_test_run ();
}
