/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "base/weir-json.h"

static const char sample[]
    = "{\"model\":\"alias\",\"n\":[1,-0.5e+3,true,null,{\"x\":{}}],"
      "\"text\":\"a\\n\\\"b\\\\ \\u00e9 \\ud83d\\ude00 gr\303\274n \360\237\230\200\","
      "\"empty\":[],\"e\\u0073c\":false,\"long\":\"0123456789012345678901234567890123456789"
      "012345678901234567890123456789012345678901234567890123456789\\\\\"}";

/* The bytes in an allocation of their own, so that a read behind them is caught. */
static gboolean
parse (WeirJson *json, const char *text, size_t length, const WeirJsonLimits *limits)
{
  g_autoptr (GError) error = NULL;
  static char *copy = NULL;
  gboolean is_good;

  g_free (copy);
  copy = g_malloc (MAX (length, 1));
  memcpy (copy, text, length);
  is_good = weir_json_parse (json, copy, length, limits, &error);
  g_assert_true (is_good == (error == NULL));
  if (!is_good)
    g_assert_cmpuint (json->n_items, ==, 0);
  if (length == 0)
    g_clear_pointer (&copy, g_free);
  return is_good;
}

static gboolean
accepts (const char *text)
{
  g_auto (WeirJson) json = { 0 };

  return parse (&json, text, strlen (text), NULL);
}

static void
test_good_documents_are_read (void)
{
  static const char *const texts[] = {
    "0",
    "-0",
    "1e400",
    "-12.50E-07",
    "123456789012345678901234567890",
    "\"\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\uAbCd\"",
    "\"\\ud800\"",
    "\"\x7f\"",
    "true",
    "false",
    "null",
    " \t\r\n[ ] ",
    "{}",
    "[[],{},[{}]]",
    "{ \"a\" : 1 , \"b\" : [ 2 , 3 ] }",
    "{\"\":0}",
    "{\"a\":1,\"a\":2}",
    "\"\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80\"",
    "\"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\"",
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (accepts (texts[i]));
}

static const struct
{
  const char *text;
  unsigned offset;
} bad_documents[] = {
  { "", 0 },
  { "  \n", 3 },
  { "\xef\xbb\xbf{}", 0 },
  { "{} {}", 3 },
  { "1 2", 2 },
  { "// x\n1", 0 },
  { "[1 /* x */]", 3 },
  { "NaN", 0 },
  { "Infinity", 0 },
  { "nul", 0 },
  { "nullx", 4 },
  { "True", 0 },
  { "[1,]", 3 },
  { "{\"a\":1,}", 7 },
  { "[,1]", 1 },
  { "[1 2]", 3 },
  { "{\"a\" 1}", 5 },
  { "{\"a\"}", 4 },
  { "{a:1}", 1 },
  { "{'a':1}", 1 },
  { "{1:1}", 1 },
  { "[1}", 2 },
  { "{\"a\":1]", 6 },
  { "]", 0 },
  { "[", 1 },
  { "{", 1 },
  { "{\"a\":", 5 },
  { "[1", 2 },
  { "01", 0 },
  { "-", 1 },
  { "-a", 1 },
  { "+1", 0 },
  { ".5", 0 },
  { "1.", 2 },
  { "[1.]", 3 },
  { "1e", 2 },
  { "[1e+]", 4 },
  { "-01", 1 },
  { "0x10", 1 },
  { "\"", 1 },
  { "\"abc", 4 },
  { "\"\\\"", 3 },
  { "\"\\", 2 },
  { "\"\\x\"", 2 },
  { "\"\\u12\"", 2 },
  { "\"\\u123g\"", 2 },
  { "\"a\tb\"", 2 },
  { "\"a\nb\"", 2 },
  { "\"\x1f\"", 1 },
  { "\"\x80\"", 1 },
  { "\"\xc0\xaf\"", 1 },
  { "\"\xc2\"", 1 },
  { "\"\xe0\x9f\xbf\"", 1 },
  { "\"\xed\xa0\x80\"", 1 },
  { "\"\xe2\x82\"", 1 },
  { "\"\xf0\x8f\xbf\xbf\"", 1 },
  { "\"\xf4\x90\x80\x80\"", 1 },
  { "\"\xf5\x80\x80\x80\"", 1 },
  { "\"\xff\"", 1 },
  { "\"\\\xc3\xa4\"", 2 },
  { "[1]\f", 3 },
  { "\v1", 0 },
  { "\xc2\xa0"
    "1",
    0 },
};

static void
test_bad_documents_are_refused_at_their_byte (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (bad_documents); i++)
    {
      g_auto (WeirJson) json = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *where
          = g_strdup_printf (" at byte %u of the JSON text", bad_documents[i].offset);

      g_assert_false (weir_json_parse (&json, bad_documents[i].text,
                                       strlen (bad_documents[i].text), NULL, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_JSON);
      g_assert_cmpstr (strstr (error->message, " at byte"), ==, where);
    }
  {
    g_auto (WeirJson) json = { 0 };

    g_assert_false (parse (&json, "\"a\0b\"", 5, NULL));
    g_assert_false (parse (&json, "1\0", 2, NULL));
  }
}

static void
test_a_prefix_is_no_document (void)
{
  g_auto (WeirJson) json = { 0 };

  for (size_t length = 0; length < sizeof sample - 1; length++)
    g_assert_false (parse (&json, sample, length, NULL));
  g_assert_true (parse (&json, sample, sizeof sample - 1, NULL));
}

/* Every string feature at every place of a 64-byte block. */
static void
test_a_string_reads_the_same_at_every_offset (void)
{
  static const struct
  {
    const char *inner;
    gboolean is_good;
  } cases[] = {
    { "", TRUE },
    { "\\n", TRUE },
    { "\\\\", TRUE },
    { "\\\\\\\\\\\\", TRUE },
    { "\\\\\\\\\\\"", TRUE },
    { "\\\\\\\\\\", FALSE },
    { "\\\"", TRUE },
    { "\\u0041", TRUE },
    { "\\u004", FALSE },
    { "\\q", FALSE },
    { "\xc3\xa4", TRUE },
    { "\xe2\x82\xac\\t\xf0\x9f\x98\x80", TRUE },
    { "\xe2\x82", FALSE },
    { "\\\xe2\x82\xac", FALSE },
    { "\x01", FALSE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    for (unsigned before = 0; before < 150; before++)
      for (unsigned behind = 0; behind < 70; behind += 23)
        {
          g_auto (WeirJson) json = { 0 };
          g_autoptr (GString) text = g_string_new ("[\"");
          gboolean has_backslash = strchr (cases[i].inner, '\\') != NULL;

          for (unsigned k = 0; k < before; k++)
            g_string_append_c (text, (char)('a' + k % 26));
          g_string_append (text, cases[i].inner);
          for (unsigned k = 0; k < behind; k++)
            g_string_append_c (text, 'z');
          g_string_append (text, "\"]");
          /* the half escape that swallows what is behind it */
          if (g_str_equal (cases[i].inner, "\\\\\\\\\\") && behind > 0)
            continue;
          g_assert_true (parse (&json, text->str, text->len, NULL) == cases[i].is_good);
          if (!cases[i].is_good)
            continue;
          g_assert_cmpuint (json.n_items, ==, 2);
          g_assert_cmpuint (json.items[1].end, ==, text->len - 1);
          g_assert_true (((json.items[1].flags & WEIR_JSON_ESCAPED) != 0) == has_backslash);
        }
}

static void
test_depth_is_bounded (void)
{
  static const char openers[] = { '[', '{' };

  for (unsigned kind = 0; kind < 2; kind++)
    for (unsigned depth = 127; depth <= 130; depth++)
      {
        g_auto (WeirJson) json = { 0 };
        g_autoptr (GError) error = NULL;
        g_autoptr (GString) text = g_string_new (NULL);

        for (unsigned i = 0; i < depth; i++)
          if (openers[kind] == '[' || i + 1 == depth)
            g_string_append_c (text, openers[kind]);
          else
            g_string_append (text, "{\"a\":");
        for (unsigned i = 0; i < depth; i++)
          g_string_append_c (text, openers[kind] == '[' ? ']' : '}');
        g_assert_true (weir_json_parse (&json, text->str, text->len, NULL, &error)
                       == (depth <= 128));
        if (depth > 128)
          g_assert_error (error, WEIR_ERROR, WEIR_ERROR_JSON_TOO_DEEP);
      }
}

static void
test_ten_million_openers_are_refused_at_once (void)
{
  g_auto (WeirJson) json = { 0 };
  g_autofree char *text = g_malloc (10000000);
  g_autoptr (GError) error = NULL;

  memset (text, '[', 10000000);
  g_assert_false (weir_json_parse (&json, text, 10000000, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_JSON_TOO_DEEP);
  g_assert_cmpstr (strstr (error->message, " at "), ==, " at byte 128 of the JSON text");
}

static void
test_the_greatest_depth_can_be_asked_for (void)
{
  const WeirJsonLimits limits = { .max_depth = UINT16_MAX };
  g_auto (WeirJson) json = { 0 };
  g_autofree char *text = g_malloc (2 * UINT16_MAX + 2);

  memset (text, '[', UINT16_MAX);
  memset (text + UINT16_MAX, ']', UINT16_MAX);
  g_assert_true (weir_json_parse (&json, text, 2 * UINT16_MAX, &limits, NULL));
  g_assert_cmpuint (json.n_items, ==, UINT16_MAX);
  g_assert_cmpuint (json.items[UINT16_MAX - 1].depth, ==, UINT16_MAX - 1);
  memset (text, '[', UINT16_MAX + 1);
  g_assert_false (weir_json_parse (&json, text, 2 * UINT16_MAX, &limits, NULL));
}

static void
test_tokens_and_names_are_bounded (void)
{
  WeirJsonLimits limits = { .max_items = 4, .record_depth = 1 };
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GError) error = NULL;
  const char *five = "[[[1,2]]]";

  g_assert_false (weir_json_parse (&json, five, strlen (five), &limits, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_TOO_LARGE);
  limits.max_items = 5;
  g_assert_true (weir_json_parse (&json, five, strlen (five), &limits, NULL));

  g_clear_error (&error);
  limits.max_name = 3;
  g_assert_true (parse (&json, "{\"abc\":1}", 9, &limits));
  g_assert_false (weir_json_parse (&json, "{\"abcd\":1}", 10, &limits, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_false (weir_json_parse (&json, "1", (size_t)UINT32_MAX + 1, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_TOO_LARGE);
}

/* What lies too deep is checked, and the rest of the table is what the whole table is
 * without it. */
static void
test_the_recorded_part_is_the_whole_table_without_the_rest (void)
{
  g_auto (WeirJson) whole = { 0 };

  g_assert_true (weir_json_parse (&whole, sample, sizeof sample - 1, NULL, NULL));
  for (uint16_t depth = 1; depth < 6; depth++)
    {
      const WeirJsonLimits limits = { .record_depth = depth };
      g_auto (WeirJson) part = { 0 };
      uint32_t k = 0;

      g_assert_true (weir_json_parse (&part, sample, sizeof sample - 1, &limits, NULL));
      for (uint32_t i = 0; i < whole.n_items; i++)
        {
          const WeirJsonItem *item = &whole.items[i];

          if (item->depth > depth)
            continue;
          g_assert_cmpuint (part.items[k].start, ==, item->start);
          g_assert_cmpuint (part.items[k].end, ==, item->end);
          g_assert_cmpuint (part.items[k].type, ==, item->type);
          g_assert_cmpuint (part.items[k].depth, ==, item->depth);
          k++;
        }
      g_assert_cmpuint (part.n_items, ==, k);
    }
  {
    const WeirJsonLimits limits = { .record_depth = 1 };
    g_auto (WeirJson) part = { 0 };
    uint32_t n;

    g_assert_true (weir_json_parse (&part, sample, sizeof sample - 1, &limits, NULL));
    n = weir_json_lookup (&part, 0, "n");
    g_assert_cmpuint (part.items[n].flags, ==, WEIR_JSON_OPAQUE);
    g_assert_cmpuint (weir_json_first (&part, n), ==, 0);
    g_assert_cmpuint (weir_json_lookup (&part, 0, "text"), !=, 0);
    g_assert_false (parse (&part, "{\"a\":[1,{\"b\":01}]}", 18, &limits));
  }
}

static void
test_children_are_walked_in_order (void)
{
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GString) names = g_string_new (NULL);
  uint32_t array;
  uint32_t x = 0;

  g_assert_true (weir_json_parse (&json, sample, sizeof sample - 1, NULL, NULL));
  for (uint32_t i = weir_json_first (&json, 0); i != 0; i = weir_json_next (&json, 0, i))
    {
      g_assert_cmpint (weir_json_get_type (&json, i), ==, WEIR_JSON_NAME);
      weir_json_append_text (&json, i, names);
      g_string_append_c (names, ',');
    }
  g_assert_cmpstr (names->str, ==, "model,n,text,empty,esc,long,");

  array = weir_json_lookup (&json, 0, "n");
  g_string_truncate (names, 0);
  for (uint32_t i = weir_json_first (&json, array); i != 0;
       i = weir_json_next (&json, array, i))
    {
      WeirSlice raw = weir_json_get_raw (&json, i);

      g_string_append_len (names, raw.text, (gssize)raw.length);
      g_string_append_c (names, ' ');
      x = i;
    }
  g_assert_cmpstr (names->str, ==, "1 -0.5e+3 true null {\"x\":{}} ");
  g_assert_cmpuint (weir_json_lookup (&json, x, "x"), ==, x + 2);
  g_assert_cmpuint (weir_json_first (&json, x + 2), ==, 0);
  g_assert_cmpuint (weir_json_first (&json, weir_json_lookup (&json, 0, "empty")), ==, 0);
}

static void
test_lookups_know_what_is_not_there (void)
{
  g_auto (WeirJson) json = { 0 };

  g_assert_cmpuint (weir_json_first (&json, 0), ==, 0);
  g_assert_cmpuint (weir_json_lookup (&json, 0, "a"), ==, 0);
  g_assert_true (parse (&json, "{\"a\":1,\"a\":2,\"b\":\"x\"}", 21, NULL));
  g_assert_cmpuint (weir_json_lookup (&json, 0, "a"), ==, 2);
  g_assert_cmpuint (weir_json_lookup (&json, 0, "c"), ==, 0);
  g_assert_cmpuint (weir_json_lookup (&json, 2, "a"), ==, 0);
  g_assert_cmpuint (weir_json_first (&json, 1), ==, 0);
  g_assert_cmpuint (weir_json_first (&json, 2), ==, 0);
  g_assert_false (weir_json_equals (&json, 2, "1"));
  g_assert_false (weir_json_equals (&json, 99, "1"));
  g_assert_null (weir_json_dup_text (&json, 2));
}

static void
test_text_is_decoded (void)
{
  static const struct
  {
    const char *escaped;
    const char *text;
    size_t length;
  } cases[] = {
    { "\"\"", "", 0 },
    { "\"plain\"", "plain", 5 },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8 },
    { "\"\\u0041\\u00e9\\u20AC\"", "A\303\251\342\202\254", 6 },
    { "\"\\ud83d\\ude00\"", "\360\237\230\200", 4 },
    { "\"\\ud83d\"", "\357\277\275", 3 },
    { "\"\\ud83dx\"", "\357\277\275x", 4 },
    { "\"\\ud83d\\n\"", "\357\277\275\n", 4 },
    { "\"\\ud83d\\u0041\"", "\357\277\275A", 4 },
    { "\"\\ud83d\\ud83d\\ude00\"", "\357\277\275\360\237\230\200", 7 },
    { "\"\\ude00\"", "\357\277\275", 3 },
    { "\"a\\u0000b\"", "a\0b", 3 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (WeirJson) json = { 0 };
      g_autoptr (GString) text = g_string_new ("<");
      g_autofree char *copy = NULL;

      g_assert_true (parse (&json, cases[i].escaped, strlen (cases[i].escaped), NULL));
      weir_json_append_text (&json, 0, text);
      g_assert_cmpmem (text->str + 1, text->len - 1, cases[i].text, cases[i].length);
      copy = weir_json_dup_text (&json, 0);
      if (strlen (cases[i].text) == cases[i].length)
        {
          g_assert_cmpstr (copy, ==, cases[i].text);
          g_assert_true (weir_json_equals (&json, 0, cases[i].text));
        }
      else
        g_assert_null (copy);
      g_assert_false (weir_json_equals (&json, 0, "other"));
    }
}

static void
test_numbers_are_read_only_when_they_fit (void)
{
  static const struct
  {
    const char *text;
    gboolean is_good;
    uint64_t value;
  } cases[] = {
    { "0", TRUE, 0 },
    { "18446744073709551615", TRUE, UINT64_MAX },
    { "18446744073709551616", FALSE, 0 },
    { "99999999999999999999", FALSE, 0 },
    { "-1", FALSE, 0 },
    { "-0", FALSE, 0 },
    { "1.0", FALSE, 0 },
    { "1e3", FALSE, 0 },
    { "\"1\"", FALSE, 0 },
    { "null", FALSE, 0 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (WeirJson) json = { 0 };
      uint64_t value = 7;

      g_assert_true (parse (&json, cases[i].text, strlen (cases[i].text), NULL));
      g_assert_true (weir_json_get_uint (&json, 0, &value) == cases[i].is_good);
      g_assert_cmpuint (value, ==, cases[i].is_good ? cases[i].value : 7);
      g_assert_false (weir_json_get_uint (&json, 1, &value));
    }
}

static void
check_names_of (const char *text, int wanted)
{
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_good;

  g_assert_true (parse (&json, text, strlen (text), NULL));
  is_good = weir_json_check_names (&json, 0, &error);
  g_assert_true (is_good == (wanted < 0));
  if (wanted >= 0)
    g_assert_error (error, WEIR_ERROR, wanted);
}

static void
test_names_that_stand_twice_are_found (void)
{
  check_names_of ("{}", -1);
  check_names_of ("3", -1);
  check_names_of ("[1,1]", -1);
  check_names_of ("{\"a\":{\"b\":1,\"b\":1},\"b\":{}}", -1);
  check_names_of ("{\"a\":1,\"b\":2,\"a\":3}", WEIR_ERROR_JSON_DUPLICATE);
  check_names_of ("{\"a\":1,\"\\u0061\":2}", WEIR_ERROR_JSON_DUPLICATE);
  check_names_of ("{\"a\\n\":1,\"a\":2,\"b\\n\":3}", -1);
  check_names_of ("{\"\":1,\"\\n\":2,\"\":3}", WEIR_ERROR_JSON_DUPLICATE);
  check_names_of ("{\"model\\u0000x\":1}", WEIR_ERROR_BAD_JSON);

  for (int doubled = 0; doubled < 2; doubled++)
    {
      g_autoptr (GString) text = g_string_new ("{");

      for (int i = 0; i < 5000; i++)
        g_string_append_printf (text, "\"name%d\":%d,", i, i);
      g_string_append (text, doubled ? "\"name77\":0}" : "\"name\":0}");
      check_names_of (text->str, doubled ? WEIR_ERROR_JSON_DUPLICATE : -1);
    }
}

static void
test_a_warm_table_allocates_nothing (void)
{
  g_auto (WeirJson) json = { 0 };
  const WeirJsonItem *items;

  g_assert_true (weir_json_parse (&json, sample, sizeof sample - 1, NULL, NULL));
  items = json.items;
  g_assert_false (weir_json_parse (&json, "[", 1, NULL, NULL));
  g_assert_true (weir_json_parse (&json, sample, sizeof sample - 1, NULL, NULL));
  g_assert_true (json.items == items);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/good-documents-are-read", test_good_documents_are_read);
  g_test_add_func ("/json/bad-documents-are-refused-at-their-byte",
                   test_bad_documents_are_refused_at_their_byte);
  g_test_add_func ("/json/a-prefix-is-no-document", test_a_prefix_is_no_document);
  g_test_add_func ("/json/a-string-reads-the-same-at-every-offset",
                   test_a_string_reads_the_same_at_every_offset);
  g_test_add_func ("/json/depth-is-bounded", test_depth_is_bounded);
  g_test_add_func ("/json/ten-million-openers-are-refused-at-once",
                   test_ten_million_openers_are_refused_at_once);
  g_test_add_func ("/json/the-greatest-depth-can-be-asked-for",
                   test_the_greatest_depth_can_be_asked_for);
  g_test_add_func ("/json/tokens-and-names-are-bounded", test_tokens_and_names_are_bounded);
  g_test_add_func ("/json/the-recorded-part-is-the-whole-table-without-the-rest",
                   test_the_recorded_part_is_the_whole_table_without_the_rest);
  g_test_add_func ("/json/children-are-walked-in-order", test_children_are_walked_in_order);
  g_test_add_func ("/json/lookups-know-what-is-not-there",
                   test_lookups_know_what_is_not_there);
  g_test_add_func ("/json/text-is-decoded", test_text_is_decoded);
  g_test_add_func ("/json/numbers-are-read-only-when-they-fit",
                   test_numbers_are_read_only_when_they_fit);
  g_test_add_func ("/json/names-that-stand-twice-are-found",
                   test_names_that_stand_twice_are_found);
  g_test_add_func ("/json/a-warm-table-allocates-nothing",
                   test_a_warm_table_allocates_nothing);
  return g_test_run ();
}
