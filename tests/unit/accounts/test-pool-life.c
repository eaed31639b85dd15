/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What outlives what: seats and their rests over reloads and restarts; the budget. */

#include "config.h"

#include "pool-fixture.h"

static void
test_a_seat_is_the_same_over_reloads (void)
{
  g_auto (Bench) bench = { NULL };
  WeirPoolSeat *before;

  bench_init (&bench, 2, NULL);
  before = bench.seats[0];
  bench_rest (&bench, 0, WEIR_REST_QUOTA, HOUR);
  bench_reload (&bench);
  g_assert_true (bench.seats[0] == before);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 1);
}

static void
test_a_rest_is_kept_while_nobody_holds_the_seat (void)
{
  g_autoptr (WeirPool) pool = weir_pool_new ();
  WeirPoolSeat *seat = weir_pool_ensure_seat (pool, "a", "host");
  WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                          .scope = WEIR_REST_ACCOUNT,
                          .reason = WEIR_REST_QUOTA,
                          .rest_us = HOUR,
                          .stated = TRUE };
  Bench bench = { .pool = pool, .now_us = HOUR };

  weir_pool_report (pool, seat, "m", &verdict, bench.now_us);
  weir_pool_seat_unref (weir_pool_seat_ref (seat));
  weir_pool_seat_unref (seat);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 1);
  seat = weir_pool_ensure_seat (pool, "a", "host");
  g_assert_cmpuint (bench_count_rests (&bench), ==, 1);
  weir_pool_seat_clear_rests (seat);
  weir_pool_seat_unref (seat);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
}

static void
test_no_more_than_a_thousand_are_kept (void)
{
  g_autoptr (WeirPool) pool = weir_pool_new ();
  Bench bench = { .pool = pool, .now_us = HOUR };

  for (unsigned i = 0; i < 3000; i++)
    {
      g_autofree char *identity = g_strdup_printf ("%u", i);
      g_autoptr (WeirPoolSeat) seat = weir_pool_ensure_seat (pool, identity, "host");
      WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                              .scope = WEIR_REST_ACCOUNT,
                              .reason = WEIR_REST_QUOTA,
                              .rest_us = i < 1000 ? MINUTE : 2 * HOUR,
                              .stated = TRUE };

      weir_pool_report (pool, seat, "m", &verdict, bench.now_us);
      bench.now_us += SECOND;
    }
  /* those of a minute made place */
  g_assert_cmpuint (bench_count_rests (&bench), ==, 1024);
}

static void
test_seats_may_outlive_the_pool (void)
{
  WeirPool *pool = weir_pool_new ();
  WeirPoolSeat *seat = weir_pool_ensure_seat (pool, "a", NULL);

  weir_pool_free (pool);
  weir_pool_seat_unref (seat);
  weir_pool_seat_unref (NULL);
  weir_pool_free (NULL);
}

static void
restore_cb (const WeirPoolRest *rest, gpointer user_data)
{
  Bench *other = user_data;

  weir_pool_restore_rest (other->pool, rest, other->now_us);
}

static void
test_rests_survive_a_restart (void)
{
  WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                          .scope = WEIR_REST_MODEL,
                          .reason = WEIR_REST_RATE_LIMIT };
  g_auto (Bench) before = { NULL };
  g_auto (Bench) after = { NULL };

  bench_init (&before, 3, NULL);
  bench_rest (&before, 0, WEIR_REST_QUOTA, HOUR);
  bench_rest (&before, 2, WEIR_REST_QUOTA, SECOND);
  for (unsigned i = 0; i < 5; i++)
    {
      before.now_us += MINUTE;
      bench_report (&before, 1, &verdict);
    }
  g_assert_cmpuint (bench_count_rests (&before), ==, 2);

  bench_init (&after, 3, NULL);
  after.now_us = before.now_us;
  weir_pool_foreach_rest (before.pool, before.now_us, restore_cb, &after);
  g_assert_cmpuint (bench_count_rests (&after), ==, 2);
  for (unsigned i = 0; i < 10; i++)
    g_assert_cmpint (bench_turn (&after), ==, 2);
  /* the level came along: the sixth in a row lasts 32 s */
  after.now_us += 16 * SECOND;
  while (bench_turn (&after) != 1)
    g_assert_cmpuint (after.tried.routes[0]->seat, ==, 2);
  bench_report (&after, 1, &verdict);
  after.now_us += 31 * SECOND;
  g_assert_cmpuint (bench_count_rests (&after), ==, 2);
  after.now_us += SECOND;
  g_assert_cmpuint (bench_count_rests (&after), ==, 1);
}

static void
test_a_rest_that_makes_no_sense_is_not_restored (void)
{
  g_autoptr (WeirPool) pool = weir_pool_new ();
  Bench bench = { .pool = pool, .now_us = HOUR };
  WeirPoolRest rests[] = {
    { .identity = "over", .reason = WEIR_REST_QUOTA, .until_us = HOUR },
    { .identity = "none", .reason = WEIR_REST_FOR_NOTHING, .until_us = 2 * HOUR },
    { .identity = "what", .reason = WEIR_REST_REASON_LAST, .until_us = 2 * HOUR },
    { .identity = "ages", .reason = WEIR_REST_QUOTA, .until_us = G_MAXINT64 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rests); i++)
    weir_pool_restore_rest (pool, &rests[i], bench.now_us);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 1);
  bench.now_us += 9 * 24 * HOUR;
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
}

static void
test_retries_are_a_tenth_of_requests (void)
{
  g_autoptr (WeirPool) pool = weir_pool_new ();
  unsigned n_retries = 0;

  for (unsigned i = 0; i < 100000; i++)
    {
      weir_pool_count_request (pool);
      while (weir_pool_take_retry (pool, HOUR + i))
        n_retries++;
    }
  g_assert_cmpuint (n_retries, >=, 10000);
  g_assert_cmpuint (n_retries, <=, 10010);
}

static void
test_the_reserve_grows_back_in_time (void)
{
  g_autoptr (WeirPool) pool = weir_pool_new ();
  unsigned n = 0;

  while (weir_pool_take_retry (pool, HOUR))
    n++;
  g_assert_cmpuint (n, ==, 10);
  g_assert_false (weir_pool_take_retry (pool, HOUR + 5 * SECOND - 1));
  g_assert_true (weir_pool_take_retry (pool, HOUR + 5 * SECOND));
  g_assert_false (weir_pool_take_retry (pool, HOUR + 5 * SECOND));
  for (n = 0; weir_pool_take_retry (pool, 24 * HOUR);)
    n++;
  g_assert_cmpuint (n, ==, 10);
}

static void
test_a_quiet_day_does_not_pay_for_a_storm (void)
{
  g_autoptr (WeirPool) pool = weir_pool_new ();
  unsigned n = 0;

  for (unsigned i = 0; i < 100000; i++)
    weir_pool_count_request (pool);
  while (weir_pool_take_retry (pool, HOUR))
    n++;
  g_assert_cmpuint (n, ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/pool/" path, test_##name)
  ADD ("a-seat-is-the-same-over-reloads", a_seat_is_the_same_over_reloads);
  ADD ("a-rest-is-kept-while-nobody-holds-the-seat",
       a_rest_is_kept_while_nobody_holds_the_seat);
  ADD ("no-more-than-a-thousand-are-kept", no_more_than_a_thousand_are_kept);
  ADD ("seats-may-outlive-the-pool", seats_may_outlive_the_pool);
  ADD ("rests-survive-a-restart", rests_survive_a_restart);
  ADD ("a-rest-that-makes-no-sense-is-not-restored",
       a_rest_that_makes_no_sense_is_not_restored);
  ADD ("retries-are-a-tenth-of-requests", retries_are_a_tenth_of_requests);
  ADD ("the-reserve-grows-back-in-time", the_reserve_grows_back_in_time);
  ADD ("a-quiet-day-does-not-pay-for-a-storm", a_quiet_day_does_not_pay_for_a_storm);
  return g_test_run ();
}
