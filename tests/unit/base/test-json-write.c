/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-json-write.h"

#include "base/weir-json.h"

static void
test_a_document_is_written_in_its_shape (void)
{
  g_autoptr (GString) out = g_string_new ("before ");
  WeirJsonWriter w;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_add_string (&w, "text", "a\"b");
  weir_json_add_uint (&w, "most", UINT64_MAX);
  weir_json_add_int (&w, "least", INT64_MIN);
  weir_json_add_int (&w, "seven", 7);
  weir_json_add_uint (&w, "zero", 0);
  weir_json_open_array (&w, "list");
  weir_json_add_boolean (&w, NULL, TRUE);
  weir_json_add_boolean (&w, NULL, FALSE);
  weir_json_add_null (&w, NULL);
  weir_json_open (&w, NULL);
  weir_json_close (&w);
  weir_json_open_array (&w, NULL);
  weir_json_close (&w);
  weir_json_close (&w);
  weir_json_add_raw (&w, "raw", WEIR_SLICE ("{\"x\": 1e400}"));
  weir_json_add_escaped (&w, "escaped\n", WEIR_SLICE ("\\u0041"));
  weir_json_add_escaped (&w, "none", (WeirSlice){ 0 });
  weir_json_add_text (&w, "empty", (WeirSlice){ 0 });
  weir_json_close (&w);
  g_assert_cmpstr (out->str, ==,
                   "before {\"text\":\"a\\\"b\",\"most\":18446744073709551615,"
                   "\"least\":-9223372036854775808,\"seven\":7,\"zero\":0,"
                   "\"list\":[true,false,null,{},[]],\"raw\":{\"x\": 1e400},"
                   "\"escaped\\n\":\"\\u0041\",\"none\":\"\",\"empty\":\"\"}");
}

static void
test_text_is_escaped_where_it_must_be (void)
{
  static const struct
  {
    WeirSlice text;
    const char *plain;
    const char *ascii;
  } cases[] = {
    { { "a\"\\/\b\f\n\r\t\0\x1f\x7f", 12 },
      "a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f",
      "a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f" },
    { { "<a&b>", 5 }, "<a&b>", "\\u003ca\\u0026b\\u003e" },
    { { "\342\200\250\342\200\251\342\200\252", 9 },
      "\342\200\250\342\200\251\342\200\252",
      "\\u2028\\u2029\342\200\252" },
    { { "\303\251\360\237\230\200", 6 },
      "\303\251\360\237\230\200",
      "\303\251\360\237\230\200" },
    { { "\xff\xc3(\xe2\x82", 5 },
      "\357\277\275\357\277\275(\357\277\275\357\277\275",
      "\357\277\275\357\277\275(\357\277\275\357\277\275" },
    { { NULL, 0 }, "", "" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int ascii = 0; ascii < 2; ascii++)
      {
        g_autoptr (GString) out = g_string_new (NULL);

        weir_json_escape (out, cases[i].text, ascii);
        g_assert_cmpstr (out->str, ==, ascii ? cases[i].ascii : cases[i].plain);
      }
}

static void
test_what_is_written_reads_as_it_was (void)
{
  for (int round = 0; round < 3000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (GString) back = g_string_new (NULL);
      g_auto (WeirJson) json = { 0 };
      WeirJsonWriter w;

      for (int n = g_test_rand_int_range (0, 3000); n > 0; n--)
        {
          gunichar c = (gunichar)g_test_rand_int_range (0, 40) == 0
                           ? (gunichar)g_test_rand_int_range (0, 0xd800)
                           : (gunichar)g_test_rand_int_range (0, 0x90);

          g_string_append_unichar (text, c);
          if (round % 3 == 0)
            n -= 100;
        }
      weir_json_writer_init (&w, out);
      w.ascii = round % 2 == 0;
      weir_json_add_text (&w, NULL, (WeirSlice){ text->str, text->len });
      g_assert_true (weir_json_parse (&json, out->str, out->len, NULL, NULL));
      weir_json_append_text (&json, 0, back);
      g_assert_cmpmem (back->str, back->len, text->str, text->len);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-write/a-document-is-written-in-its-shape",
                   test_a_document_is_written_in_its_shape);
  g_test_add_func ("/json-write/text-is-escaped-where-it-must-be",
                   test_text_is_escaped_where_it_must_be);
  g_test_add_func ("/json-write/what-is-written-reads-as-it-was",
                   test_what_is_written_reads_as_it_was);
  return g_test_run ();
}
