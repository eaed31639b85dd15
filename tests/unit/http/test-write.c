/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/weir-http-write.h"

#include "base/weir-clock.h"

static void
test_lines_have_their_form (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  weir_http_write_status (out, 200);
  weir_http_write_status (out, 599);
  weir_http_write_request_line (out, WEIR_HTTP_POST, WEIR_SLICE ("/v1?a"));
  g_assert_true (weir_http_write_field (out, "A-b", WEIR_SLICE ("c d")));
  g_assert_true (weir_http_write_field (out, "Empty", (WeirSlice){ NULL, 0 }));
  weir_http_write_field_uint (out, "Zero", 0);
  weir_http_write_field_uint (out, "Most", UINT64_MAX);
  weir_http_write_end (out);
  g_assert_cmpstr (out->str, ==,
                   "HTTP/1.1 200 OK\r\nHTTP/1.1 599 \r\nPOST /v1?a HTTP/1.1\r\nA-b: c d\r\n"
                   "Empty: \r\nZero: 0\r\nMost: 18446744073709551615\r\n\r\n");
}

static void
test_nothing_can_split_a_head (void)
{
  g_autoptr (GString) out = g_string_new ("before");

  for (unsigned byte = 0; byte < 256; byte++)
    {
      char inside[] = { 'a', (char)byte, 'b' };
      gboolean is_text = (byte >= 0x20 && byte != 0x7f) || byte == '\t';

      g_assert_cmpint (weir_http_is_field (WEIR_SLICE ("A"), (WeirSlice){ inside, 3 }), ==,
                       is_text);
      if (!is_text)
        g_assert_false (weir_http_write_field (out, "A", (WeirSlice){ inside, 3 }));
    }
  g_assert_false (weir_http_write_field (out, "A", WEIR_SLICE (" a")));
  g_assert_false (weir_http_write_field (out, "A", WEIR_SLICE ("a\t")));
  g_assert_false (weir_http_write_field (out, "A", WEIR_SLICE (" ")));
  g_assert_false (weir_http_write_field (out, "", WEIR_SLICE ("a")));
  g_assert_false (weir_http_write_field (out, "A:", WEIR_SLICE ("a")));
  g_assert_false (weir_http_write_field (out, "A B", WEIR_SLICE ("a")));
  g_assert_false (weir_http_write_field (out, "A\r\nB", WEIR_SLICE ("a")));
  g_assert_cmpstr (out->str, ==, "before");
}

static void
test_dates_are_those_of_the_mail (void)
{
  static const struct
  {
    int64_t second;
    const char *date;
  } cases[] = {
    { 0, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n" },
    { 784111777, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" }, /* the RFC's own example */
    { 1709251199, "Date: Thu, 29 Feb 2024 23:59:59 GMT\r\n" },
    { 4102444800, "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\n" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int64_t us = 0; us < WEIR_USEC_PER_SEC; us += 333333)
      {
        g_autoptr (GString) out = g_string_new (NULL);

        weir_http_write_date (out, cases[i].second * WEIR_USEC_PER_SEC + us);
        g_assert_cmpstr (out->str, ==, cases[i].date);
      }
}

static void
test_every_error_has_a_reason (void)
{
  for (int code = 0; code < WEIR_ERROR_LAST; code++)
    {
      unsigned status = weir_error_get_info ((WeirError)code)->status;

      if (status != 499) /* nobody is there to read it */
        g_assert_cmpstr (weir_http_get_reason (status), !=, "");
    }
  g_assert_cmpstr (weir_http_get_reason (299), ==, "");
}

/* A name or value of random bytes that may stand in a field. */
static char *
make_text (GRand *rand, gboolean is_name)
{
  GString *text = g_string_new (is_name ? "X" : NULL);
  int length = g_rand_int_range (rand, 0, 40);

  while (length-- > 0)
    {
      char byte = (char)g_rand_int_range (rand, 1, 256);
      char pair[] = { 'a', byte, 'b' };

      if (is_name ? weir_http_is_field ((WeirSlice){ pair, 3 }, (WeirSlice){ NULL, 0 })
                  : weir_http_is_field (WEIR_SLICE ("A"), (WeirSlice){ pair, 3 }))
        g_string_append_c (text, byte);
    }
  if (!is_name)
    g_strstrip (text->str);
  return g_string_free (text, FALSE);
}

static void
test_what_is_written_is_read_back (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (8317);

  for (unsigned round = 0; round < 500; round++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
      gboolean is_request = g_rand_boolean (rand);
      WeirHttpHead head;
      size_t scanned = 0;
      size_t length = 0;

      if (is_request)
        weir_http_write_request_line (out, WEIR_HTTP_PUT, WEIR_SLICE ("/a?b"));
      else
        weir_http_write_status (out, (unsigned)g_rand_int_range (rand, 100, 600));
      weir_http_write_field (out, "Host", WEIR_SLICE ("h"));
      for (int n = g_rand_int_range (rand, 0, WEIR_HTTP_FIELDS_MAX); n > 0; n--)
        {
          char *name = make_text (rand, TRUE);
          char *value = make_text (rand, FALSE);

          g_ptr_array_add (texts, name);
          g_ptr_array_add (texts, value);
          g_assert_true (weir_http_write_field (out, name, weir_slice_from_string (value)));
        }
      weir_http_write_end (out);

      g_assert_cmpint (
          weir_http_head_find_end (out->str, out->len, &scanned, &length, NULL), ==,
          WEIR_HTTP_DONE);
      g_assert_cmpuint (length, ==, out->len);
      g_assert_true (
          is_request
              ? weir_http_head_parse_request (&head, out->str, length, NULL)
              : weir_http_head_parse_response (&head, out->str, length, FALSE, NULL));
      g_assert_cmpuint (head.n_fields, ==, texts->len / 2 + 1);
      for (unsigned i = 0; i < texts->len; i += 2)
        {
          const WeirHttpField *field = &head.fields[i / 2 + 1];

          g_assert_true (
              weir_slice_equal (field->name, weir_slice_from_string (texts->pdata[i])));
          g_assert_true (weir_slice_equal (field->value,
                                           weir_slice_from_string (texts->pdata[i + 1])));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/write/lines-have-their-form", test_lines_have_their_form);
  g_test_add_func ("/write/nothing-can-split-a-head", test_nothing_can_split_a_head);
  g_test_add_func ("/write/dates-are-those-of-the-mail", test_dates_are_those_of_the_mail);
  g_test_add_func ("/write/every-error-has-a-reason", test_every_error_has_a_reason);
  g_test_add_func ("/write/what-is-written-is-read-back",
                   test_what_is_written_is_read_back);
  return g_test_run ();
}
