/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What YAML's values become in JSON. */

#include "store/weir-config-json.h"
#include "store/weir-config-private.h"

static const struct
{
  const char *yaml;
  const char *json;
} cases[] = {
  { "a", "\"a\"" },
  { "'1'", "\"1\"" },
  { "\"true\"", "\"true\"" },
  { "''", "\"\"" },
  { "~", "null" },
  { "null", "null" },
  { "true", "true" },
  { "False", "false" },
  { "yes", "\"yes\"" },
  { "0", "0" },
  { "-12", "-12" },
  { "+12", "12" },
  { "007", "7" },
  { "0.10", "0.10" },
  { "-.5", "-0.5" },
  { "5.", "5.0" },
  { "1.e3", "1.0e3" },
  { "1e400", "1e400" },
  { "12345678901234567890123", "12345678901234567890123" },
  { "0x1F", "31" },
  { "0o17", "15" },
  { "0x", "\"0x\"" },
  { ".", "\".\"" },
  { "1.2.3", "\"1.2.3\"" },
  { "1e", "\"1e\"" },
  { "-+1", "\"-+1\"" },
  { ".inf", "\".inf\"" },
  { "2030-12-31", "\"2030-12-31\"" },
  { "|\n  a\n  \"b\"\n", "\"a\\n\\\"b\\\"\\n\"" },
  { "[]", "[]" },
  { "{}", "{}" },
  { "[1, a, [null]]", "[1,\"a\",[null]]" },
  { "{a: 1, 2: {c: [d]}}", "{\"a\":1,\"2\":{\"c\":[\"d\"]}}" },
  { "- a: x\n  b:\n- 2", "[{\"a\":\"x\",\"b\":null},2]" },
};

static void
test_values_become_json (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) notices = weir_config_notices_new ();
      g_autoptr (WeirConfigNode) node
          = weir_config_tree_new (weir_slice_from_string (cases[i].yaml), notices);
      g_autoptr (GString) json = g_string_new (NULL);

      g_assert_nonnull (node);
      weir_config_node_write_json (node, json);
      g_assert_cmpstr (json->str, ==, cases[i].json);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-json/values-become-json", test_values_become_json);
  return g_test_run ();
}
