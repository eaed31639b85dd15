/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A difference is one of the texts seen from the other. */

#include "config.h"

#include <glib.h>

#include "window/weir-diff.h"

/* The text that the lines other than @left_out make. */
static char *
dup_side (GArray *lines, WeirDiffKind left_out)
{
  g_autoptr (GPtrArray) side = g_ptr_array_new ();

  for (unsigned i = 0; i < lines->len; i++)
    if (g_array_index (lines, WeirDiffLine, i).kind != left_out)
      g_ptr_array_add (side, g_array_index (lines, WeirDiffLine, i).line);
  g_ptr_array_add (side, NULL);
  return g_strjoinv ("\n", (char **)side->pdata);
}

static char *
dup_random_text (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int n = g_test_rand_int_range (0, 12);

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%c\n", 'a' + g_test_rand_int_range (0, 4));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_both_sides (void)
{
  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *before = dup_random_text ();
      g_autofree char *after = dup_random_text ();
      g_autoptr (GArray) lines = weir_diff_make (before, after);
      g_autofree char *old = dup_side (lines, WEIR_DIFF_ADDED);
      g_autofree char *new = dup_side (lines, WEIR_DIFF_REMOVED);

      g_assert_cmpstr (old, ==, before);
      g_assert_cmpstr (new, ==, after);
    }
}

static void
test_few_lines (void)
{
  g_autofree char *text = weir_diff_format ("a\nb\nc\nd\ne", "a\nb\nX\nd\ne", 1);
  g_autofree char *same = weir_diff_format ("a\nb", "a\nb", 1);

  g_assert_cmpstr (text, ==, "  b\n- c\n+ X\n  d\n");
  g_assert_cmpstr (same, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diff/each-side-is-its-text", test_both_sides);
  g_test_add_func ("/diff/only-what-is-near-a-change-is-shown", test_few_lines);
  return g_test_run ();
}
