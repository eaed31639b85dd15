/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-tool-name.h"

#define LONG                                                                               \
  "mcp__a_server_with_a_long_name__and_a_tool_whose_name_is_longer_than_any_dialect_"      \
  "takes_and_then_some_more_of_it_until_it_is_too_long_for_all"

static const char *const names[] = {
  "read_file",   "a.b:c",    "9lives", "-dash",  "with space",
  "n\xc3\xa4me", "q\\u0022", LONG,     LONG "2", "x",
};

static gboolean
is_allowed (WeirDialect target, WeirSlice name)
{
  static const char *const patterns[] = {
    [WEIR_DIALECT_OPENAI_CHAT] = "^[a-zA-Z0-9_-]{1,64}$",
    [WEIR_DIALECT_OPENAI_RESPONSES] = "^[a-zA-Z0-9_-]{1,64}$",
    [WEIR_DIALECT_ANTHROPIC] = "^[a-zA-Z0-9_-]{1,128}$",
    [WEIR_DIALECT_GEMINI] = "^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$",
  };
  g_autofree char *text = weir_slice_dup (name);

  return g_regex_match_simple (patterns[target], text, G_REGEX_DOLLAR_ENDONLY, 0);
}

static void
test_every_name_becomes_one_that_is_allowed (void)
{
  for (int target = 0; target < WEIR_DIALECT_LAST; target++)
    {
      g_autoptr (GHashTable) seen
          = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
        {
          g_autoptr (GString) scratch = g_string_new ("before");
          WeirSlice name = weir_slice_from_string (names[i]);
          WeirSlice mapped = weir_tool_name_map (name, (WeirDialect)target, scratch);

          g_assert_true (is_allowed ((WeirDialect)target, mapped));
          if (is_allowed ((WeirDialect)target, name))
            g_assert_true (mapped.text == name.text);
          g_assert_true (g_hash_table_add (seen, weir_slice_dup (mapped)));
        }
    }
}

static void
test_scopes_are_flattened (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirSlice mapped = weir_tool_name_map_scoped (WEIR_SLICE ("files"), WEIR_SLICE ("read"),
                                                WEIR_DIALECT_ANTHROPIC, scratch);

  g_assert_true (weir_slice_equal (mapped, WEIR_SLICE ("files__read")));
  mapped = weir_tool_name_map_scoped (WEIR_SLICE (""), WEIR_SLICE ("read"),
                                      WEIR_DIALECT_ANTHROPIC, scratch);
  g_assert_true (weir_slice_equal (mapped, WEIR_SLICE ("read")));
  mapped = weir_tool_name_map_scoped (WEIR_SLICE ("my files"), WEIR_SLICE ("read"),
                                      WEIR_DIALECT_ANTHROPIC, scratch);
  g_assert_true (weir_slice_has_prefix (mapped, WEIR_SLICE ("my_files__read_")));
  g_assert_cmpuint (mapped.length, ==, strlen ("my_files__read_") + 8);
}

static void
test_tools_are_found_by_the_names_they_got (void)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  g_autoptr (WeirRequest) request
      = weir_request_new (WEIR_DIALECT_OPENAI_RESPONSES, body, NULL);
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autoptr (GString) other = g_string_new (NULL);

  weir_request_add_tool (request, WEIR_TOOL_WEB_SEARCH); /* has no name */
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    for (unsigned scoped = 0; scoped < 3; scoped++)
      {
        WeirTool *tool = weir_request_add_tool (request, WEIR_TOOL_FUNCTION);

        tool->name = weir_slice_from_string (names[i]);
        tool->scope = scoped == 0   ? WEIR_SLICE ("")
                      : scoped == 1 ? WEIR_SLICE ("one")
                                    : WEIR_SLICE ("tw o");
      }
  for (int target = 0; target < WEIR_DIALECT_LAST; target++)
    for (const WeirTool *tool = request->tools->next; tool != NULL; tool = tool->next)
      {
        const gboolean flat = target != WEIR_DIALECT_OPENAI_RESPONSES;
        WeirSlice mapped = weir_tool_name_map_scoped (
            flat ? tool->scope : WEIR_SLICE (""), tool->name, (WeirDialect)target, scratch);

        g_assert_true (weir_tool_name_lookup (request, (WeirDialect)target,
                                              flat ? WEIR_SLICE ("") : tool->scope, mapped,
                                              other)
                       == tool);
      }
  g_assert_null (weir_tool_name_lookup (request, WEIR_DIALECT_GEMINI, WEIR_SLICE (""),
                                        WEIR_SLICE ("unheard_of"), other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tool-name/every-name-becomes-one-that-is-allowed",
                   test_every_name_becomes_one_that_is_allowed);
  g_test_add_func ("/tool-name/scopes-are-flattened", test_scopes_are_flattened);
  g_test_add_func ("/tool-name/tools-are-found-by-the-names-they-got",
                   test_tools_are_found_by_the_names_they_got);
  return g_test_run ();
}
