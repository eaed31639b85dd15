/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Paths: what they lead to, and what is refused. */

#include "config.h"

#include "base/weir-error.h"
#include "base/weir-json-path.h"

static const char text[]
    = "{\"a\":{\"b\":[1,{\"c\":\"x\"},3]},\"d.e\":4,\"0\":5,\"-1\":6,\"@t\":7,"
      "\"tools\":[{\"name\":\"one\",\"n\":1.0,\"f\":{\"g\":true}},"
      "{\"name\":\"t)o\",\"n\":2,\"f\":{\"g\":null}},{\"n\":3,\"f\":{\"g\":[1, 2]}},"
      "{\"name\":\"one\",\"z\":9}],\"s\":[\"p\",\"q\"]}";

typedef struct
{
  const char *path;
  const char *found; /* (nullable) */
} Case;

static const Case cases[] = {
  { "a", "{\"b\":[1,{\"c\":\"x\"},3]}" },
  { "a.b.0", "1" },
  { "a.b.1.c", "\"x\"" },
  { "a.b.2", "3" },
  { "a.b.3", NULL },
  { "a.b.-1", NULL },
  { "a.b.c", NULL },
  { "a.b.01", NULL },
  { "a.b.9999999999999999999999", NULL },
  { "a.b.1.c.d", NULL },
  { "d\\.e", "4" },
  { "d.e", NULL },
  { "0", "5" },
  { ":0", "5" },
  { "-1", "6" },
  { "\\@t", "7" },
  { "a.b.:0", NULL },
  { "tools.#(name==\"one\").n", "1.0" },
  { "tools.#(name==\"t)o\").n", "2" },
  { "tools.#(n==1).name", "\"one\"" },
  { "tools.#(n==3.0).f.g", "[1, 2]" },
  { "tools.#(f.g==true).n", "1.0" },
  { "tools.#(f.g==null).n", "2" },
  { "tools.#(f.g==[1, 2]).n", "3" },
  { "tools.#(name!=\"one\").n", "2" }, /* an element without the member does not count */
  { "tools.#(name==\"one\").z", NULL },
  { "tools.#(name==\"one\")#.z", "9" }, /* the first branch that leads on */
  { "tools.#(name==\"none\")#", NULL },
  { "s.#(==\"q\")", "\"q\"" },
  { "s.#(!=\"p\")", "\"q\"" },
  { "a.#(b==1)", NULL },
  { "a.#(b==1)#.c", NULL },
};

static void
test_a_path_leads_to_one_place (void)
{
  g_auto (WeirJson) json = { 0 };

  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirJsonPath) path = weir_json_path_new (cases[i].path, &error);
      g_autofree char *found = NULL;
      uint32_t item;

      g_test_message ("%s", cases[i].path);
      g_assert_no_error (error);
      item = weir_json_path_lookup (path, &json, 0);
      found = item != 0 ? weir_slice_dup (weir_json_get_raw (&json, item)) : NULL;
      g_assert_cmpstr (found, ==, cases[i].found);
    }
}

static void
test_what_is_not_supported_is_said (void)
{
  static const char *const paths[] = {
    "",          ".",           "a.",         ".a",          "a..b",
    "a.*",       "a?",          "a|b",        "@reverse",    "a.@this",
    "!x",        "{a,b}",       "[a]",        "#",           "a.#",
    "a.#.b",     "a.#(b",       "a.#(b)",     "a.#(b>1)",    "a.#(b%\"*\")",
    "a.#(b==)",  "a.#(b==x)",   "a.#(b==1)x", "a\\",         "a.#(b=1)",
    "a.#(.==1)", "a.#(b==\"x)", "a.#(b*==1)", "a.#(b==1)#x", "a\n",
    "a\x7f",     "a\xff",
  };
  g_autofree char *long_path = g_strnfill (WEIR_JSON_PATH_MAX + 1, 'a');
  g_autoptr (GString) deep_path = g_string_new ("a");
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_test_message ("%s", paths[i]);
      g_assert_null (weir_json_path_new (paths[i], &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
      g_clear_error (&error);
    }
  g_assert_null (weir_json_path_new (long_path, NULL));
  for (int i = 1; i < WEIR_JSON_PATH_STEPS_MAX; i++)
    g_string_append (deep_path, ".a");
  weir_json_path_free (weir_json_path_new (deep_path->str, &error));
  g_assert_no_error (error);
  g_string_append (deep_path, ".a");
  g_assert_null (weir_json_path_new (deep_path->str, NULL));
}

static void
test_values_are_compared_by_what_they_mean (void)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean equal;
  } pairs[] = {
    { "\"a\\u0062\"", "\"ab\"", TRUE },
    { "1", "1.0", TRUE },
    { "1e2", "100", TRUE },
    { "1", "\"1\"", FALSE },
    { "1", "2", FALSE },
    { "true", "true", TRUE },
    { "true", "false", FALSE },
    { "null", "null", TRUE },
    { "[1]", "[1]", TRUE },
    { "[1]", "[ 1]", FALSE },
    { "{}", "{}", TRUE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_auto (WeirJson) json = { 0 };
      WeirJsonValue value;

      g_assert_true (weir_json_parse (&json, pairs[i].b, strlen (pairs[i].b), NULL, NULL));
      g_assert_true (
          weir_json_value_init (&value, weir_slice_from_string (pairs[i].a), NULL));
      g_assert_cmpint (weir_json_value_equals (&value, &json, 0), ==, pairs[i].equal);
      weir_json_value_clear (&value);
    }
}

static void
test_a_value_must_be_json_without_nul (void)
{
  WeirJsonValue value;

  g_assert_false (weir_json_value_init (&value, WEIR_SLICE ("x"), NULL));
  g_assert_false (weir_json_value_init (&value, WEIR_SLICE ("\"\\u0000\""), NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-path/a-path-leads-to-one-place", test_a_path_leads_to_one_place);
  g_test_add_func ("/json-path/what-is-not-supported-is-said",
                   test_what_is_not_supported_is_said);
  g_test_add_func ("/json-path/values-are-compared-by-what-they-mean",
                   test_values_are_compared_by_what_they_mean);
  g_test_add_func ("/json-path/a-value-must-be-json-without-nul",
                   test_a_value_must_be_json_without_nul);
  return g_test_run ();
}
