/* SPDX-License-Identifier: GPL-3.0-or-later */

/* YAML that is refused, in time, and the marks of what is read. */

#include "config-sample.h"

#include "store/weir-config-private.h"

/* clang-format off */
static const ConfigSample samples[] = {
  { "tab-as-indentation", KEYED "tls:\n\tenable: true\n",
    { "!3:1: a tab is used for indentation here; YAML allows only spaces" } },
  { "tab-behind-blanks", KEYED "tls:\n  enable: true\n  \tcert: a\n",
    { "!4:3: a tab is used for indentation here; YAML allows only spaces" } },
  { "tab-before-a-value-is-fine", KEYED "port:\t1\n", { NULL } },
  { "alias", KEYED "host: *a\n", { "!2:7: aliases (*name) are not supported; write the value out" } },
  { "anchor", KEYED "host: &a b\n", { "!2:7: anchors (&name) are not supported; remove it" } },
  { "anchor-on-a-list", "api-keys: &a [b]\n", { "!1:11: anchors (&name) are not supported; remove it" } },
  { "tag", KEYED "host: !x b\n", { "!2:7: tags (!name) are not supported; remove it" } },
  { "tag-on-a-map", KEYED "tls: !!map {}\n", { "!2:6: tags (!name) are not supported; remove it" } },
  { "directive", "%YAML 1.1\n---\nport: 1\n", { "!1:1: directives (%NAME) are not supported; remove the line" } },
  { "second-document", KEYED "---\nport: 1\n", { "!2:1: a second document (---) begins here; the file must hold one" } },
  { "one-document-with-markers", "---\n" KEYED "...\n", { NULL } },
  { "byte-order-mark", "\xef\xbb\xbfport: 1\n",
    { "!1:1: the file begins with a byte order mark (offset 0); save it as UTF-8 without one" } },
  { "utf-16", "\xff\xfep", { "!1:1: the file is UTF-16 (offset 0); save it as UTF-8" } },
  { "bad-utf-8", "host: a\nport: \xff\n",
    { "!2:7: not UTF-8 (byte 0xff at offset 14); save the file as UTF-8" } },
  { "cut-utf-8", "# \xc3", { "!1:3: not UTF-8 (byte 0xc3 at offset 2); save the file as UTF-8" } },
  { "control-byte", "# \xc3\xa4\x07\n", { "!1:4: a control byte (0x07) at offset 4; save the file as UTF-8 text" } },
  { "key-that-is-a-list", KEYED "? [a]\n: b\n", { "!2:3: a key must be a plain word" } },
  { "open-quote", KEYED "host: \"a\n",
    { "!3:1: not YAML: found unexpected end of stream (while scanning a quoted scalar in line 2)" } },
  { "open-bracket", KEYED "host: [a\n", { "!3:1: not YAML: *" } },
  { "deeper-twice-in-one-file", KEYED "debug: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
    { "!2:39: nested too deeply (more than 32 levels)" } },
};
/* clang-format on */

static void
assert_refused (const char *yaml, size_t length, const char *end_of_message)
{
  g_autoptr (GError) error = NULL;
  int64_t start = g_get_monotonic_time ();

  g_assert_null (weir_config_parse (yaml, length, "f", NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
  if (!g_str_has_suffix (error->message, end_of_message))
    g_assert_cmpstr (error->message, ==, end_of_message);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
}

static void
test_nul_is_refused (void)
{
  assert_refused ("port: \0", 7,
                  "a NUL byte (0x00) at offset 6; save the file as UTF-8 text");
}

/* @unit again and again: what makes a parser slow or deep. */
static void
test_hostile_files_are_refused_at_once (void)
{
  static const struct
  {
    const char *unit;
    unsigned times;
    const char *message;
  } cases[] = {
    { "[", 200000, "nested too deeply (more than 32 levels)" },
    { "{a: ", 200000, "nested too deeply (more than 32 levels)" },
    { "- ", 200000, "nested too deeply (more than 32 levels)" },
    { "? ", 200000, "nested too deeply (more than 32 levels)" },
    { "- a\n", 200000, "more than 100000 values" },
    { "%TAG !a! b\n", 80000, "directives (%NAME) are not supported; remove the line" },
    { "# comment\n", 200000, "larger than 1 MiB" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) yaml = g_string_new (NULL);

      for (unsigned j = 0; j < cases[i].times; j++)
        g_string_append (yaml, cases[i].unit);
      assert_refused (yaml->str, yaml->len, cases[i].message);
    }
}

/* Thousands of lines of each shape that is legal: read in time, whatever is said of them.
 */
static void
test_long_files_are_read_in_time (void)
{
  static const char *const heads[]
      = { "", "vertex-api-key:\n",
          "openai-compatibility:\n- base-url: https://x\n  models:\n" };
  static const char *const lines[]
      = { "k%u: 1\n", "- api-key: a%u\n", "  - {alias: a%u, name: b}\n" };

  for (size_t i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autoptr (GString) yaml = g_string_new (heads[i]);
      g_autoptr (WeirConfig) config = NULL;
      int64_t start = g_get_monotonic_time ();

      for (unsigned j = 0; j < 15000; j++)
        {
          g_auto (GStrv) parts = g_strsplit (lines[i], "%u", 2);

          g_string_append_printf (yaml, "%s%u%s", parts[0], j, parts[1]);
        }
      config = weir_config_parse (yaml->str, yaml->len, "f", NULL, NULL);
      g_assert_nonnull (config);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
    }
}

static void
test_marks_count_characters_from_one (void)
{
  static const char yaml[] = "# \xc3\xa4\r\n\"\xc3\xa4\": { b: 'cc' }\r\nd: |\r\n  e\r\n";
  g_autoptr (GPtrArray) notices = weir_config_notices_new ();
  g_autoptr (WeirConfigNode) root
      = weir_config_tree_new (weir_slice_from_string (yaml), notices);
  const WeirConfigNode *inner = NULL;
  const WeirConfigNode *value = NULL;

  g_assert_nonnull (root);
  inner = weir_config_node_lookup (root, "\xc3\xa4");
  g_assert_nonnull (inner);
  g_assert_cmpint (inner->style, ==, WEIR_CONFIG_STYLE_FLOW);
  value = weir_config_node_lookup (inner, "b");
  g_assert_cmpuint (value->start.line, ==, 2);
  g_assert_cmpuint (value->start.column, ==, 11);
  g_assert_cmpuint (
      weir_config_index_to_offset (weir_slice_from_string (yaml), value->start.index), ==,
      strstr (yaml, "'cc'") - yaml);
  g_assert_cmpuint (
      weir_config_index_to_offset (weir_slice_from_string (yaml), value->end_index), ==,
      strstr (yaml, "'cc'") + 4 - yaml);
  value = weir_config_node_lookup (root, "d");
  g_assert_cmpint (value->style, ==, WEIR_CONFIG_STYLE_BLOCK);
  g_assert_true (weir_slice_equal (weir_config_node_get_text (value), WEIR_SLICE ("e")));
  g_assert_null (weir_config_node_lookup (root, "x"));
  g_assert_null (weir_config_node_lookup (value, "x"));
  g_assert_true (weir_config_node_is_null (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ("config-tree", samples, G_N_ELEMENTS (samples));
  g_test_add_func ("/config-tree/nul-is-refused", test_nul_is_refused);
  g_test_add_func ("/config-tree/hostile-files-are-refused-at-once",
                   test_hostile_files_are_refused_at_once);
  g_test_add_func ("/config-tree/long-files-are-read-in-time",
                   test_long_files_are_read_in_time);
  g_test_add_func ("/config-tree/marks-count-characters-from-one",
                   test_marks_count_characters_from_one);
  return g_test_run ();
}
