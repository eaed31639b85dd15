/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-thinking.h"

static void
assert_slice (WeirSlice slice, const char *expected)
{
  g_autofree char *text = weir_slice_dup (slice);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_the_suffix_of_a_model_is_read_and_taken_off (void)
{
  static const struct
  {
    const char *model;
    const char *bare;
    WeirThinkingMode mode;
    const char *level;
    uint64_t budget;
    gboolean from_name;
  } rows[] = {
    { "m", "m", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "m(high)", "m", WEIR_THINKING_LEVEL, "high", 0, TRUE },
    { "m(XHigh)", "m", WEIR_THINKING_LEVEL, "xhigh", 0, TRUE },
    { "m(8192)", "m", WEIR_THINKING_BUDGET, "", 8192, TRUE },
    { "m(0)", "m", WEIR_THINKING_OFF, "", 0, TRUE },
    { "m(none)", "m", WEIR_THINKING_OFF, "", 0, TRUE },
    { "m(auto)", "m", WEIR_THINKING_AUTO, "", 0, TRUE },
    { "m(-1)", "m", WEIR_THINKING_AUTO, "", 0, TRUE },
    { "m(-2)", "m", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "m()", "m", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "m(v2)", "m", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "m(a)(low)", "m(a)", WEIR_THINKING_LEVEL, "low", 0, TRUE },
    { "(high)", "(high)", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "m(high) ", "m(high) ", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "m)", "m)", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "m(99999999999999999999)", "m", WEIR_THINKING_UNSAID, "", 0, FALSE },
    { "", "", WEIR_THINKING_UNSAID, "", 0, FALSE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      WeirThinking thinking = { .shown = WEIR_YES };

      g_test_message ("%s", rows[i].model);
      assert_slice (
          weir_thinking_split_model (weir_slice_from_string (rows[i].model), &thinking),
          rows[i].bare);
      g_assert_cmpint (thinking.mode, ==, rows[i].mode);
      assert_slice (thinking.level, rows[i].level);
      g_assert_cmpuint (thinking.budget, ==, rows[i].budget);
      g_assert_cmpint (thinking.from_name, ==, rows[i].from_name);
      g_assert_cmpint (thinking.shown, ==, WEIR_YES);
    }
}

static void
test_the_suffix_beats_the_body (void)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  g_autoptr (WeirRequest) request = weir_request_new (WEIR_DIALECT_GEMINI, body, NULL);

  weir_thinking_set_budget (&request->thinking, 100);
  request->model = WEIR_SLICE ("m(high)");
  weir_thinking_take_suffix (request);
  assert_slice (request->model, "m");
  assert_slice (request->thinking.level, "high");
  g_assert_cmpint (request->thinking.mode, ==, WEIR_THINKING_LEVEL);

  request->model = WEIR_SLICE ("m(odd)");
  weir_thinking_take_suffix (request);
  assert_slice (request->thinking.level, "high");
}

static void
test_budgets_and_levels_become_each_other (void)
{
  static const struct
  {
    uint64_t budget;
    const char *level;
  } rows[] = {
    { 1, "minimal" },   { 512, "minimal" },  { 513, "low" },          { 1024, "low" },
    { 1025, "medium" }, { 8192, "medium" },  { 8193, "high" },        { 24576, "high" },
    { 24577, "xhigh" }, { 128000, "xhigh" }, { UINT64_MAX, "xhigh" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      WeirThinking thinking = { .mode = WEIR_THINKING_BUDGET, .budget = rows[i].budget };

      assert_slice (weir_thinking_as_level (&thinking, WEIR_EFFORT_ALL), rows[i].level);
    }
  for (unsigned i = 0; i < WEIR_EFFORT_LAST; i++)
    {
      WeirThinking thinking = { 0 };
      uint64_t budget;

      weir_thinking_set_level (&thinking, weir_thinking_get_word ((WeirEffort)i));
      g_assert_true (weir_thinking_as_budget (&thinking, 0, 0, &budget));
      g_assert_cmpuint (budget, ==, weir_thinking_get_budget ((WeirEffort)i));
      g_assert_true (weir_thinking_as_budget (&thinking, 2000, 3000, &budget));
      g_assert_cmpuint (budget, >=, 2000);
      g_assert_cmpuint (budget, <=, 3000);
    }
}

static void
test_levels_go_to_the_nearest_the_target_has (void)
{
  static const struct
  {
    const char *level;
    unsigned levels;
    const char *found;
  } rows[] = {
    { "max", WEIR_EFFORT_LOW_TO_HIGH, "high" },
    { "minimal", WEIR_EFFORT_LOW_TO_HIGH, "low" },
    { "medium", WEIR_EFFORT_LOW_TO_HIGH, "medium" },
    { "medium", WEIR_EFFORT_BIT (WEIR_EFFORT_LOW) | WEIR_EFFORT_BIT (WEIR_EFFORT_HIGH),
      "low" },
    { "low", WEIR_EFFORT_BIT (WEIR_EFFORT_MAX), "max" },
    { "ultra", WEIR_EFFORT_LOW_TO_HIGH, "ultra" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      WeirThinking thinking = { 0 };

      weir_thinking_set_level (&thinking, weir_slice_from_string (rows[i].level));
      assert_slice (weir_thinking_as_level (&thinking, rows[i].levels), rows[i].found);
    }
}

static void
test_what_is_no_level_has_no_number (void)
{
  static const char *const words[] = { "none", "auto", "ultra", "" };
  uint64_t budget;

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    {
      WeirThinking thinking = { 0 };

      weir_thinking_set_level (&thinking, weir_slice_from_string (words[i]));
      g_assert_false (weir_thinking_as_budget (&thinking, 0, 0, &budget));
      if (i != 2)
        assert_slice (weir_thinking_as_level (&thinking, WEIR_EFFORT_ALL), "");
    }
}

static void
test_the_wish_to_see_thoughts_has_words (void)
{
  static const struct
  {
    const char *word;
    WeirSaid shown;
    const char *responses;
    const char *anthropic;
  } rows[] = {
    { "", WEIR_UNSAID, "", "" },
    { "auto", WEIR_YES, "auto", "summarized" },
    { "detailed", WEIR_YES, "detailed", "summarized" },
    { "summarized", WEIR_YES, "auto", "summarized" },
    { "none", WEIR_NO, "", "omitted" },
    { "omitted", WEIR_NO, "", "omitted" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      WeirThinking thinking = { 0 };

      weir_thinking_set_summary (&thinking, weir_slice_from_string (rows[i].word));
      g_assert_cmpint (thinking.shown, ==, rows[i].shown);
      assert_slice (weir_thinking_as_summary (&thinking, WEIR_DIALECT_OPENAI_RESPONSES),
                    rows[i].responses);
      assert_slice (weir_thinking_as_summary (&thinking, WEIR_DIALECT_ANTHROPIC),
                    rows[i].anthropic);
      assert_slice (weir_thinking_as_summary (&thinking, WEIR_DIALECT_GEMINI), "");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/thinking/the-suffix-of-a-model-is-read-and-taken-off",
                   test_the_suffix_of_a_model_is_read_and_taken_off);
  g_test_add_func ("/thinking/the-suffix-beats-the-body", test_the_suffix_beats_the_body);
  g_test_add_func ("/thinking/budgets-and-levels-become-each-other",
                   test_budgets_and_levels_become_each_other);
  g_test_add_func ("/thinking/levels-go-to-the-nearest-the-target-has",
                   test_levels_go_to_the_nearest_the_target_has);
  g_test_add_func ("/thinking/what-is-no-level-has-no-number",
                   test_what_is_no_level_has_no_number);
  g_test_add_func ("/thinking/the-wish-to-see-thoughts-has-words",
                   test_the_wish_to_see_thoughts_has_words);
  return g_test_run ();
}
