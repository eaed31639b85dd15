/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-usage.h"

#define NO WEIR_USAGE_UNKNOWN

static void
assert_counts (WeirDialect dialect, const char *text, WeirUsage expected)
{
  g_auto (WeirJson) json = { 0 };
  WeirUsageCounts counts;
  WeirUsage usage;

  weir_usage_counts_init (&counts);
  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  weir_usage_counts_read (&counts, dialect, &json, 0, NULL, NULL);
  weir_usage_settle (&usage, dialect, &counts);
  g_test_message ("%s", text);
  g_assert_cmpuint (usage.input, ==, expected.input);
  g_assert_cmpuint (usage.output, ==, expected.output);
  g_assert_cmpuint (usage.cached, ==, expected.cached);
  g_assert_cmpuint (usage.cache_write, ==, expected.cache_write);
  g_assert_cmpuint (usage.reasoning, ==, expected.reasoning);
  g_assert_cmpuint (usage.total, ==, expected.total);
}

static void
test_every_dialect_counts_inclusively (void)
{
  assert_counts (WEIR_DIALECT_OPENAI_CHAT,
                 "{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":14,"
                 "\"prompt_tokens_details\":{\"cached_tokens\":6,\"cache_write_tokens\":2},"
                 "\"completion_tokens_details\":{\"reasoning_tokens\":3}}",
                 (WeirUsage){ 10, 4, 6, 2, 3, 14 });
  assert_counts (WEIR_DIALECT_OPENAI_RESPONSES,
                 "{\"input_tokens\":10,\"output_tokens\":4,\"total_tokens\":14,"
                 "\"input_tokens_details\":{\"cached_tokens\":6},"
                 "\"output_tokens_details\":{\"reasoning_tokens\":3}}",
                 (WeirUsage){ 10, 4, 6, NO, 3, 14 });
  assert_counts (WEIR_DIALECT_ANTHROPIC,
                 "{\"input_tokens\":10,\"cache_read_input_tokens\":100,"
                 "\"cache_creation_input_tokens\":20,\"output_tokens\":4}",
                 (WeirUsage){ 130, 4, 100, 20, NO, NO });
  assert_counts (WEIR_DIALECT_GEMINI,
                 "{\"promptTokenCount\":10,\"toolUsePromptTokenCount\":3,"
                 "\"cachedContentTokenCount\":6,\"candidatesTokenCount\":4,"
                 "\"thoughtsTokenCount\":5,\"totalTokenCount\":22}",
                 (WeirUsage){ 13, 9, 6, NO, 5, 22 });
}

static void
test_vendors_spellings_are_read (void)
{
  assert_counts (WEIR_DIALECT_OPENAI_CHAT, "{\"prompt_cache_hit_tokens\":6}",
                 (WeirUsage){ NO, NO, 6, NO, NO, NO });
  assert_counts (WEIR_DIALECT_OPENAI_CHAT, "{\"prompt_tokens\":9,\"cached_tokens\":6}",
                 (WeirUsage){ 9, NO, 6, NO, NO, NO });
  /* reasoning counted apart, as the total shows */
  assert_counts (WEIR_DIALECT_OPENAI_CHAT,
                 "{\"prompt_tokens\":10,\"completion_tokens\":4,\"total_tokens\":21,"
                 "\"completion_tokens_details\":{\"reasoning_tokens\":7}}",
                 (WeirUsage){ 10, 11, NO, NO, 7, 21 });
  /* zeroes left out */
  assert_counts (WEIR_DIALECT_GEMINI, "{\"thoughtsTokenCount\":5}",
                 (WeirUsage){ NO, 5, NO, NO, 5, NO });
}

static void
test_nothing_is_invented (void)
{
  static const char *const texts[] = {
    "{}",
    "{\"prompt_tokens\":null,\"input_tokens\":\"7\",\"promptTokenCount\":7.0}",
    "{\"prompt_tokens\":-1,\"input_tokens\":1e3,\"promptTokenCount\":[7]}",
    "{\"prompt_tokens\":99999999999999999999,\"prompt_tokens_details\":7}",
  };

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
      assert_counts ((WeirDialect)dialect, texts[i], WEIR_USAGE_NONE);
}

static void
test_sums_do_not_wrap (void)
{
  assert_counts (WEIR_DIALECT_ANTHROPIC,
                 "{\"input_tokens\":18446744073709551614,\"cache_read_input_tokens\":9}",
                 (WeirUsage){ NO, NO, 9, NO, NO, NO });
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usage/every-dialect-counts-inclusively",
                   test_every_dialect_counts_inclusively);
  g_test_add_func ("/usage/vendors-spellings-are-read", test_vendors_spellings_are_read);
  g_test_add_func ("/usage/nothing-is-invented", test_nothing_is_invented);
  g_test_add_func ("/usage/sums-do-not-wrap", test_sums_do_not_wrap);
  return g_test_run ();
}
