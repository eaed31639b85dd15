/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whose turn it is, by thousands of requests. */

#include "config.h"

#include "pool-fixture.h"

#include <math.h>

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

static void
test_weights_are_shares (void)
{
  static const unsigned tables[][4] = {
    { 1, 1, 1, 1 }, { 1, 2, 3, 4 }, { 20, 5, 1, 1 }, { 100, 1, 0, 50 }, { 0, 0, 7, 0 },
  };

  for (size_t t = 0; t < G_N_ELEMENTS (tables); t++)
    {
      g_auto (Bench) bench = { NULL };
      unsigned picks[4] = { 0 };

      bench_init (&bench, 4, NULL);
      bench.ask.strategy = WEIR_STRATEGY_WEIGHTED;
      for (unsigned i = 0; i < 4; i++)
        bench_get_route (&bench, i)->weight = tables[t][i];
      for (unsigned i = 0; i < N_REQUESTS; i++)
        picks[bench_turn (&bench)]++;
      assert_shares (picks, tables[t], 4);
    }
}

static void
test_weights_are_smooth (void)
{
  g_auto (Bench) bench = { NULL };
  g_autoptr (GString) turns = g_string_new (NULL);

  bench_init (&bench, 3, NULL);
  bench.ask.strategy = WEIR_STRATEGY_WEIGHTED;
  bench_get_route (&bench, 0)->weight = 5;
  for (unsigned i = 0; i < 14; i++)
    g_string_append_c (turns, (char)('a' + bench_turn (&bench)));
  g_assert_cmpstr (turns->str, ==, "aabacaaaabacaa");
}

static void
test_the_first_is_filled_first (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, NULL);
  bench.ask.strategy = WEIR_STRATEGY_FILL_FIRST;
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 0);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, MINUTE);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 1);
  bench.now_us += MINUTE;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
}

/* Keys of different scope in turn: a common place in the round would starve one. */
static void
test_scopes_do_not_starve_each_other (void)
{
  static const guint8 scopes[] = { 0x3, 0xc, 0x6 };
  static const WeirStrategy strategies[]
      = { WEIR_STRATEGY_ROUND_ROBIN, WEIR_STRATEGY_WEIGHTED };

  for (size_t s = 0; s < G_N_ELEMENTS (strategies); s++)
    {
      g_auto (Bench) bench = { NULL };
      unsigned picks[4] = { 0 };

      bench_init (&bench, 4, NULL);
      bench.ask.strategy = strategies[s];
      for (unsigned i = 0; i < 3000; i++)
        {
          bench.ask.allowed = &scopes[i % 3];
          picks[bench_turn (&bench)]++;
        }
      for (unsigned i = 0; i < 4; i++)
        {
          g_assert_cmpuint (picks[i], >=, 400);
        }
    }
}

static void
set_window (Bench *bench, unsigned seat, double used, int64_t left_us)
{
  WeirQuotaWindow window = { .used = used,
                             .length_us = 5 * HOUR,
                             .resets_at_us = left_us > 0 ? bench->now_us + left_us : 0 };

  weir_pool_seat_set_windows (bench->seats[seat], &window, 1, bench->now_us);
}

static void
test_what_would_expire_is_used_first (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, NULL);
  bench.ask.strategy = WEIR_STRATEGY_QUOTA_AWARE;
  set_window (&bench, 0, 0.1, 5 * HOUR);    /* just begun */
  set_window (&bench, 1, 0.5, 10 * MINUTE); /* half of it expires soon */
  set_window (&bench, 2, 0.95, 3 * HOUR);   /* must last */
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 1);
  set_window (&bench, 1, 1, 10 * MINUTE);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 0);
  /* that window is over: it is a new one */
  bench.now_us += 10 * MINUTE;
  set_window (&bench, 0, 0.5, 5 * HOUR);
  g_assert_cmpint (bench_turn (&bench), ==, 1);
}

static void
test_the_scarcest_window_counts (void)
{
  WeirQuotaWindow tight[] = {
    { .used = 0, .length_us = 5 * HOUR, .resets_at_us = 2 * HOUR },
    { .used = 0.99, .length_us = 168 * HOUR, .resets_at_us = 80 * HOUR },
  };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  bench.ask.strategy = WEIR_STRATEGY_QUOTA_AWARE;
  weir_pool_seat_set_windows (bench.seats[0], tight, 2, bench.now_us);
  set_window (&bench, 1, 0.5, 4 * HOUR);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 1);
}

static void
test_what_was_used_up_is_there_again_behind_its_reset (void)
{
  WeirQuotaWindow spent = { .used = 1 };
  WeirQuotaWindow half = { .used = 0.5 };
  const WeirQuotaWindow *kept;
  unsigned n;
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  bench.ask.strategy = WEIR_STRATEGY_QUOTA_AWARE;
  spent.resets_at_us = bench.now_us + MINUTE;
  weir_pool_seat_set_windows (bench.seats[0], &spent, 1, bench.now_us);
  weir_pool_seat_set_windows (bench.seats[1], &half, 1, bench.now_us);
  kept = weir_pool_seat_get_windows (bench.seats[0], &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (kept->resets_at_us, ==, spent.resets_at_us);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 1);
  bench.now_us += MINUTE;
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 0);
}

/* A vendor that tells of the minute with each answer and of the week when it is asked. */
static void
test_minutes_do_not_hide_the_week (void)
{
  const WeirQuotaWindow minute = { .used = 0, .length_us = MINUTE };
  g_auto (Bench) bench = { NULL };
  unsigned n;

  bench_init (&bench, 2, NULL);
  bench.ask.strategy = WEIR_STRATEGY_QUOTA_AWARE;
  set_window (&bench, 0, 0.9, 4 * HOUR);
  set_window (&bench, 1, 0.5, 4 * HOUR);
  for (unsigned i = 0; i < 10; i++)
    {
      weir_pool_seat_set_windows (bench.seats[0], &minute, 1, bench.now_us);
      g_assert_cmpint (bench_turn (&bench), ==, 1);
    }
  weir_pool_seat_get_windows (bench.seats[0], &n);
  g_assert_cmpuint (n, ==, 2);
  bench.now_us += 5 * HOUR;
  weir_pool_seat_set_windows (bench.seats[0], &minute, 1, bench.now_us);
  weir_pool_seat_get_windows (bench.seats[0], &n);
  g_assert_cmpuint (n, ==, 1);
  weir_pool_seat_set_windows (bench.seats[0], NULL, 0, bench.now_us);
  weir_pool_seat_get_windows (bench.seats[0], &n);
  g_assert_cmpuint (n, ==, 0);
}

static void
test_without_readings_the_load_is_shared (void)
{
  static const unsigned even[] = { 1, 1, 1 };
  g_auto (Bench) bench = { NULL };
  unsigned picks[3] = { 0 };

  bench_init (&bench, 3, NULL);
  bench.ask.strategy = WEIR_STRATEGY_QUOTA_AWARE;
  for (unsigned i = 0; i < N_REQUESTS; i++)
    picks[bench_turn (&bench)]++;
  assert_shares (picks, even, 3);
  /* the least busy one in relation to its weight */
  bench_get_route (&bench, 2)->weight = 2;
  for (unsigned i = 0; i < 400; i++)
    bench_pick (&bench);
  g_assert_cmpuint (weir_pool_seat_get_in_flight (bench.seats[0]), ==, 100);
  g_assert_cmpuint (weir_pool_seat_get_in_flight (bench.seats[1]), ==, 100);
  g_assert_cmpuint (weir_pool_seat_get_in_flight (bench.seats[2]), ==, 200);
}

/* Whatever a vendor says, a number comes out of it, and somebody is picked. */
static void
test_odd_readings_do_no_harm (void)
{
  static const double used[] = { -1, 0, 0.5, 1, 7, 1e300, (double)INFINITY, (double)NAN };
  static const int64_t times[] = { G_MININT64, -1, 0, 1, HOUR, G_MAXINT64 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  bench.ask.strategy = WEIR_STRATEGY_QUOTA_AWARE;
  for (size_t i = 0; i < G_N_ELEMENTS (used); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (times); j++)
      for (size_t k = 0; k < G_N_ELEMENTS (times); k++)
        {
          WeirQuotaWindow window
              = { .used = used[i], .resets_at_us = times[j], .length_us = times[k] };

          weir_pool_seat_set_windows (bench.seats[0], &window, 1, bench.now_us);
          g_assert_cmpint (bench_turn (&bench), >=, 0);
          g_assert_cmpint (bench_turn (&bench), >=, 0);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/pool/" path, test_##name)
  ADD ("every-seat-has-its-share", every_seat_has_its_share);
  ADD ("turns-go-round-in-order", turns_go_round_in_order);
  ADD ("lower-tiers-do-not-skew-the-first", lower_tiers_do_not_skew_the_first);
  ADD ("no-route-is-tried-twice-and-tiers-fall", no_route_is_tried_twice_and_tiers_fall);
  ADD ("weights-are-shares", weights_are_shares);
  ADD ("weights-are-smooth", weights_are_smooth);
  ADD ("the-first-is-filled-first", the_first_is_filled_first);
  ADD ("scopes-do-not-starve-each-other", scopes_do_not_starve_each_other);
  ADD ("what-would-expire-is-used-first", what_would_expire_is_used_first);
  ADD ("the-scarcest-window-counts", the_scarcest_window_counts);
  ADD ("what-was-used-up-is-there-again-behind-its-reset",
       what_was_used_up_is_there_again_behind_its_reset);
  ADD ("minutes-do-not-hide-the-week", minutes_do_not_hide_the_week);
  ADD ("without-readings-the-load-is-shared", without_readings_the_load_is_shared);
  ADD ("odd-readings-do-no-harm", odd_readings_do_no_harm);
  return g_test_run ();
}
