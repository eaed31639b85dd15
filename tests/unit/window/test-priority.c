/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Orders as priorities. */

#include "config.h"

#include "window/weir-priority.h"

#include <string.h>

#define N 4

/* Every order of few equal or unequal ones, every move: the moved one stands where it was
 * put whatever breaks a tie, the others keep their order. */
static void
check_move (const int *before, unsigned from, unsigned to)
{
  int after[N];

  memcpy (after, before, sizeof after);
  weir_priority_move (after, N, from, to);
  if (from == to)
    {
      g_assert_cmpmem (after, sizeof after, before, sizeof after);
      return;
    }
  for (unsigned i = 1; i < N; i++)
    g_assert_cmpint (after[i - 1], >=, after[i]);
  if (to > 0)
    g_assert_cmpint (after[to - 1], >, after[to]);
  if (to + 1 < N)
    g_assert_cmpint (after[to], >, after[to + 1]);
  for (unsigned i = to + 1; i < N; i++)
    g_assert_cmpint (after[i], ==, before[i <= from && from > to ? i - 1 : i]);
}

static void
test_every_move (void)
{
  for (unsigned steps = 0; steps < 27; steps++)
    {
      int before[N] = { 3, 0, 0, 0 };
      unsigned rest = steps;

      for (unsigned i = 1; i < N; i++, rest /= 3)
        before[i] = before[i - 1] - (int)(rest % 3);
      for (unsigned from = 0; from < N; from++)
        for (unsigned to = 0; to < N; to++)
          check_move (before, from, to);
    }
}

static void
test_equals_below_stay_equal (void)
{
  int priorities[] = { 0, 0, 0 };

  weir_priority_move (priorities, 3, 2, 0);
  g_assert_cmpint (priorities[0], ==, 1);
  g_assert_cmpint (priorities[1], ==, 0);
  g_assert_cmpint (priorities[2], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/priority/every-move-leads-to-the-order", test_every_move);
  g_test_add_func ("/priority/equals-below-stay-equal", test_equals_below_stay_equal);
  return g_test_run ();
}
