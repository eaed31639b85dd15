/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whose turn it is, by thousands of requests. */

#include "config.h"

#include "pool-fixture.h"

#define N_REQUESTS 10000

static void
assert_shares (const unsigned *picks, const unsigned *weights, unsigned n)
{
  unsigned sum = 0;

  for (unsigned i = 0; i < n; i++)
    sum += weights[i];
  for (unsigned i = 0; i < n; i++)
    {
      double share = (double)N_REQUESTS * weights[i] / sum;

      g_assert_cmpfloat (ABS (picks[i] - share), <=,
                         0.02 * share + (weights[i] > 0 ? 1 : 0));
    }
}

static void
test_every_seat_has_its_share (void)
{
  for (unsigned n = 1; n <= BENCH_SEATS_MAX; n++)
    {
      g_auto (Bench) bench = { NULL };
      unsigned picks[BENCH_SEATS_MAX] = { 0 };
      unsigned weights[BENCH_SEATS_MAX];

      bench_init (&bench, n, NULL);
      for (unsigned i = 0; i < n; i++)
        weights[i] = 1;
      for (unsigned i = 0; i < N_REQUESTS; i++)
        picks[bench_turn (&bench)]++;
      assert_shares (picks, weights, n);
    }
}

static void
test_turns_go_round_in_order (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, NULL);
  for (int i = 0; i < 30; i++)
    g_assert_cmpint (bench_turn (&bench), ==, i % 3);
}

static void
test_lower_tiers_do_not_skew_the_first (void)
{
  static const int priorities[] = { 5, 0, 5, 0, 0, 5, -1 };
  static const unsigned weights[] = { 1, 0, 1, 0, 0, 1, 0 };
  g_auto (Bench) bench = { NULL };
  unsigned picks[G_N_ELEMENTS (priorities)] = { 0 };

  bench_init (&bench, G_N_ELEMENTS (priorities), priorities);
  for (unsigned i = 0; i < N_REQUESTS; i++)
    picks[bench_turn (&bench)]++;
  assert_shares (picks, weights, G_N_ELEMENTS (priorities));
}

static void
test_no_route_is_tried_twice_and_tiers_fall (void)
{
  static const int priorities[] = { 0, 5, 0, 9, 5, -3 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, G_N_ELEMENTS (priorities), priorities);
  for (unsigned strategy = 0; strategy < WEIR_STRATEGY_LAST; strategy++)
    {
      unsigned seen = 0;
      int last = G_MAXINT;

      bench.ask.strategy = strategy;
      bench.tried.n = 0;
      for (unsigned j = 0; j < G_N_ELEMENTS (priorities); j++)
        {
          int seat = bench_pick_next (&bench);

          g_assert_cmpint (seat, >=, 0);
          g_assert_false (seen >> seat & 1);
          seen |= 1u << seat;
          g_assert_cmpint (priorities[seat], <=, last);
          last = priorities[seat];
        }
      g_assert_cmpint (bench_pick_next (&bench), ==, -1);
      g_assert_cmpint (bench.until_us, ==, -1);
      g_assert_cmpuint (bench.tried.n, ==, G_N_ELEMENTS (priorities));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/every-seat-has-its-share", test_every_seat_has_its_share);
  g_test_add_func ("/pool/turns-go-round-in-order", test_turns_go_round_in_order);
  g_test_add_func ("/pool/lower-tiers-do-not-skew-the-first",
                   test_lower_tiers_do_not_skew_the_first);
  g_test_add_func ("/pool/no-route-is-tried-twice-and-tiers-fall",
                   test_no_route_is_tried_twice_and_tiers_fall);
  return g_test_run ();
}
