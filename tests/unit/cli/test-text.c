/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How answers look.  What is printed is looked at by a child's standard output. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdio.h>

#define MINUTE_US (60 * (int64_t)G_USEC_PER_SEC)

static void
test_spans_are_said_as_people_say_them (void)
{
  static const struct
  {
    int64_t minutes;
    const char *text;
  } cases[] = {
    { -5, "now" },          { 0, "now" },
    { 1, "1 min" },         { 59, "59 min" },
    { 60, "1 h 0 min" },    { 47 * 60 + 59, "47 h 59 min" },
    { 48 * 60, "2 d 0 h" }, { 7 * 1440 + 61, "7 d 1 h" },
  };
  g_autofree char *never = weir_cli_dup_span (0);

  g_assert_cmpstr (never, ==, "");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *span = weir_cli_dup_span (
          g_get_real_time () + cases[i].minutes * MINUTE_US + MINUTE_US / 2);

      g_assert_cmpstr (span, ==, cases[i].text);
    }
}

static void
test_counts_stay_short (void)
{
  static const struct
  {
    uint64_t count;
    const char *text;
  } cases[] = { { 0, "0" }, { 9999, "9999" }, { 12345, "12.3k" }, { 2500000, "2.5M" } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = weir_cli_dup_count (cases[i].count);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_members_that_are_not_there_are_empty (void)
{
  g_autoptr (GVariant) dict = g_variant_ref_sink (g_variant_new_parsed (
      "{'s': <'x'>, 'u': <uint32 7>, 'x': <int64 -3>, "
      "'t': <uint64 18446744073709551615>, 'b': <true>, 'd': <0.5>}"));

  g_assert_cmpstr (weir_cli_get_text (dict, "s"), ==, "x");
  g_assert_cmpstr (weir_cli_get_text (dict, "none"), ==, "");
  g_assert_cmpstr (weir_cli_get_text (dict, "u"), ==, "");
  g_assert_cmpint (weir_cli_get_int (dict, "u"), ==, 7);
  g_assert_cmpint (weir_cli_get_int (dict, "x"), ==, -3);
  g_assert_cmpint (weir_cli_get_int (dict, "t"), ==, G_MAXINT64);
  g_assert_cmpint (weir_cli_get_int (dict, "none"), ==, 0);
  g_assert_true (weir_cli_get_truth (dict, "b"));
  g_assert_false (weir_cli_get_truth (dict, "none"));
  g_assert_cmpfloat (weir_cli_get_double (dict, "d", -1), ==, 0.5);
  g_assert_cmpfloat (weir_cli_get_double (dict, "none", -1), ==, -1);
}

static void
test_json_says_what_the_bus_said (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (
          "[{'a': <('x\"', -1.0, int64 0)>, 'b': <@as []>, 'c': <{'d': <true>}>}]"));

      weir_cli_print_json (value);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*[{\"a\":[\"x\\\"\",-1,0],\"b\":[],\"c\":{\"d\":true}}]\n*");
}

static void
test_a_cell_cannot_steer_the_terminal (void)
{
  static const char *const heading[] = { "A", "B", NULL };

  if (g_test_subprocess ())
    {
      WeirCliGrid *grid = weir_cli_grid_new (heading);

      weir_cli_grid_add (grid, "x\033[31m\ny");
      weir_cli_grid_add (grid, "\xff\xfe");
      weir_cli_grid_print (grid);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*x [31m y  *");
  g_test_trap_assert_stdout_unmatched ("*\033*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-text/spans-are-said-as-people-say-them",
                   test_spans_are_said_as_people_say_them);
  g_test_add_func ("/cli-text/counts-stay-short", test_counts_stay_short);
  g_test_add_func ("/cli-text/members-that-are-not-there-are-empty",
                   test_members_that_are_not_there_are_empty);
  g_test_add_func ("/cli-text/json-says-what-the-bus-said",
                   test_json_says_what_the_bus_said);
  g_test_add_func ("/cli-text/a-cell-cannot-steer-the-terminal",
                   test_a_cell_cannot_steer_the_terminal);
  return g_test_run ();
}
