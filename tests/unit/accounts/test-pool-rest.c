/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who rests, how long, and how a rest ends. */

#include "config.h"

#include "pool-fixture.h"

static void
keep_rest (const WeirPoolRest *rest, gpointer user_data)
{
  *(WeirPoolRest *)user_data = *rest;
}

/* The length of the one rest that lasts. */
static int64_t
get_length (Bench *bench)
{
  WeirPoolRest rest = { NULL };

  g_assert_cmpuint (bench_count_rests (bench), ==, 1);
  weir_pool_foreach_rest (bench->pool, bench->now_us, keep_rest, &rest);
  return rest.until_us - rest.began_us;
}

typedef struct
{
  const char *name;
  WeirRestReason reason;
  int seconds[13]; /* of the rests in a row; the last one stays */
} Backoff;

/* clang-format off */
static const Backoff backoffs[] = {
  { "rate-limit",   WEIR_REST_RATE_LIMIT,        { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1800 } },
  { "quota",        WEIR_REST_QUOTA,             { 60, 120, 240, 480, 960, 1800 } },
  { "unauthorized", WEIR_REST_UNAUTHORIZED,      { 60, 120, 240, 480, 900 } },
  { "payment",      WEIR_REST_PAYMENT,           { 60, 120, 240, 480, 900 } },
  { "not-found",    WEIR_REST_NOT_FOUND,         { 900 } },
  { "unsupported",  WEIR_REST_MODEL_UNSUPPORTED, { 900 } },
  { "transient",    WEIR_REST_TRANSIENT,         { 60 } },
  { "overloaded",   WEIR_REST_OVERLOADED,        { 5, 10, 20, 40, 60 } },
  { "challenge",    WEIR_REST_CHALLENGE,         { 10, 20, 40, 80, 160, 320, 640, 1280, 1800 } },
};
/* clang-format on */

static void
test_the_backoff_doubles (gconstpointer data)
{
  const Backoff *row = data;
  g_auto (Bench) bench = { NULL };
  unsigned at = 0;

  bench_init (&bench, 1, NULL);
  for (unsigned i = 0; i < 40; i++)
    {
      g_assert_cmpint (bench_turn (&bench), ==, 0);
      bench_rest (&bench, 0, row->reason, 0);
      g_assert_cmpint (get_length (&bench), ==, row->seconds[at] * SECOND);
      bench.now_us += row->seconds[at] * SECOND;
      g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
      at += row->seconds[at + 1] > 0;
    }
  /* a success forgets how often it was */
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  bench_succeed (&bench, 0);
  bench_rest (&bench, 0, row->reason, 0);
  g_assert_cmpint (get_length (&bench), ==, row->seconds[0] * SECOND);
  /* so does time */
  bench.now_us += row->seconds[0] * SECOND + HOUR;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  bench_rest (&bench, 0, row->reason, 0);
  g_assert_cmpint (get_length (&bench), ==, row->seconds[0] * SECOND);
}

static void
test_a_stated_rest_refuses_until_its_end (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, 20 * SECOND);
  bench_rest (&bench, 1, WEIR_REST_QUOTA, 30 * SECOND);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  g_assert_cmpint (bench.until_us, ==, bench.now_us + 20 * SECOND);
  bench.now_us += 20 * SECOND - 1;
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  bench.now_us += 1;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
}

static void
test_a_rest_that_is_over_is_forgotten_by_the_next_success (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 5 * MINUTE);
  bench.now_us += 5 * MINUTE;
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
  g_assert_cmpint (bench_pick (&bench), ==, 0);
  bench_succeed (&bench, 0);
  g_assert_cmpint (bench_pick (&bench), ==, 0);
}

static void
test_a_wild_rest_is_tried_after_a_quarter_of_an_hour (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  for (unsigned i = 0; i < 3; i++)
    {
      bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, 24 * HOUR);
      g_assert_cmpint (bench_turn (&bench), ==, -1);
      g_assert_cmpint (bench.until_us, ==, bench.now_us + 15 * MINUTE);
      bench.now_us += 15 * MINUTE;
      g_assert_cmpint (bench_pick (&bench), ==, 0);
      g_assert_cmpint (bench_pick (&bench), ==, -1);
      g_assert_cmpint (bench.until_us, <=, bench.now_us + 2 * SECOND);
    }
  g_assert_cmpuint (bench_count_rests (&bench), ==, 1);
  bench_succeed (&bench, 0);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
  g_assert_cmpint (bench_turn (&bench), ==, 0);
}

static void
test_a_fresh_reading_with_room_ends_the_rest (void)
{
  static const WeirQuotaWindow full = { .used = 1, .length_us = HOUR };
  static const WeirQuotaWindow refused
      = { .used = 0.5, .length_us = HOUR, .rejected = TRUE };
  static const WeirQuotaWindow unknown = { .used = -1, .length_us = HOUR };
  static const WeirQuotaWindow rooms[]
      = { { .used = 0.9, .length_us = HOUR }, { .used = 0, .length_us = 24 * HOUR } };
  static const WeirQuotaWindow minute = { .used = 0, .length_us = MINUTE };
  static const WeirQuotaWindow timeless = { .used = 0 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 24 * HOUR);
  weir_pool_seat_set_windows (bench.seats[0], &minute, 1, bench.now_us);
  weir_pool_seat_set_windows (bench.seats[0], &timeless, 1, bench.now_us);
  weir_pool_seat_set_windows (bench.seats[0], &full, 1, bench.now_us);
  weir_pool_seat_set_windows (bench.seats[0], &refused, 1, bench.now_us);
  weir_pool_seat_set_windows (bench.seats[0], &unknown, 1, bench.now_us);
  weir_pool_seat_set_windows (bench.seats[0], NULL, 0, bench.now_us);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  weir_pool_seat_set_windows (bench.seats[0], rooms, 2, bench.now_us);
  g_assert_cmpint (bench_turn (&bench), ==, 0);

  bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, 2 * HOUR);
  weir_pool_seat_set_windows (bench.seats[0], rooms, 2, bench.now_us);
  g_assert_cmpint (bench_turn (&bench), ==, 0);

  /* the limit of a minute is none of the windows; nor is a refused key */
  bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, 30 * SECOND);
  weir_pool_seat_set_windows (bench.seats[0], rooms, 2, bench.now_us);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  bench.now_us += 30 * SECOND;
  bench_rest (&bench, 0, WEIR_REST_UNAUTHORIZED, HOUR);
  weir_pool_seat_set_windows (bench.seats[0], rooms, 2, bench.now_us);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
}

static void
test_the_user_ends_all_rests (void)
{
  WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                          .scope = WEIR_REST_MODEL,
                          .reason = WEIR_REST_PAYMENT,
                          .rest_us = HOUR,
                          .stated = TRUE };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_UNAUTHORIZED, HOUR);
  bench_report (&bench, 0, &verdict);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 2);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  weir_pool_seat_clear_rests (bench.seats[0]);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
  for (unsigned i = 0; i < 100; i++)
    g_assert_cmpint (bench_pick (&bench), ==, 0);
}

/* Picks until nobody is given; that many are under way then. */
static unsigned
pick_all (Bench *bench)
{
  unsigned n = 0;

  while (n < 500 && bench_pick (bench) == 0)
    n++;
  return n;
}

static void
test_those_who_waited_come_back_one_two_four (void)
{
  static const unsigned expected[] = { 1, 2, 4, 8, 16 };
  g_auto (Bench) bench = { NULL };
  unsigned n_waves = 0;

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 60 * SECOND);
  bench.now_us += 60 * SECOND;
  for (unsigned n = pick_all (&bench); n < 500; n = pick_all (&bench))
    {
      g_assert_cmpuint (n_waves, <, G_N_ELEMENTS (expected));
      g_assert_cmpuint (n, ==, expected[n_waves++]);
      for (unsigned i = 0; i < n; i++)
        bench_succeed (&bench, 0);
    }
  g_assert_cmpuint (n_waves, ==, G_N_ELEMENTS (expected));
}

static void
test_a_failed_probe_stops_the_return (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 60 * SECOND);
  bench.now_us += 60 * SECOND;
  g_assert_cmpuint (pick_all (&bench), ==, 1);
  bench_succeed (&bench, 0);
  g_assert_cmpuint (pick_all (&bench), ==, 2);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 60 * SECOND);
  g_assert_cmpuint (pick_all (&bench), ==, 0);
  g_assert_cmpint (bench.until_us, ==, bench.now_us + 60 * SECOND);
}

static void
test_a_silent_probe_does_not_hold_up_the_next (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 60 * SECOND);
  bench.now_us += 60 * SECOND;
  for (unsigned i = 0; i < 5; i++)
    {
      g_assert_cmpuint (pick_all (&bench), ==, 1);
      g_assert_cmpint (bench.until_us, >, bench.now_us);
      bench.now_us += 2 * SECOND - 1;
      g_assert_cmpuint (pick_all (&bench), ==, 0);
      g_assert_cmpint (bench.until_us, ==, bench.now_us + 1);
      bench.now_us = bench.until_us;
    }
}

/* A client's fault says nothing about the quota: the next one may look. */
static void
test_an_answer_that_says_nothing_gives_its_place_back (void)
{
  static const WeirVerdict fault = { .action = WEIR_VERDICT_CLIENT_FAULT };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 60 * SECOND);
  bench.now_us += 60 * SECOND;
  for (unsigned i = 0; i < 5; i++)
    {
      g_assert_cmpuint (pick_all (&bench), ==, 1);
      bench_report (&bench, 0, &fault);
    }
}

static void
test_a_probe_whose_client_left_gives_its_place_back (void)
{
  WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                          .scope = WEIR_REST_MODEL,
                          .reason = WEIR_REST_QUOTA,
                          .rest_us = MINUTE,
                          .stated = TRUE };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, MINUTE);
  bench_report (&bench, 0, &verdict);
  bench.now_us += MINUTE;
  g_assert_cmpint (bench_pick (&bench), ==, 0);
  g_assert_cmpint (bench_pick (&bench), ==, -1);
  bench_release (&bench, 0);
  g_assert_cmpint (bench_pick (&bench), ==, 0);
}

static void
test_unstated_rests_do_not_refuse_when_all_rest (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, 0);
  bench_rest (&bench, 1, WEIR_REST_OVERLOADED, 0);
  bench_rest (&bench, 2, WEIR_REST_TRANSIENT, 0);
  /* the one that ends first, then the others; one request at a time */
  g_assert_cmpint (bench_pick (&bench), ==, 1);
  g_assert_cmpint (bench_pick (&bench), ==, 0);
  g_assert_cmpint (bench_pick (&bench), ==, 2);
  g_assert_cmpint (bench_pick (&bench), ==, -1);
  g_assert_cmpint (bench.until_us, >, bench.now_us);
  g_assert_cmpint (bench.until_us, <=, bench.now_us + 2 * SECOND);
  /* a success of one brings all back to it */
  bench_succeed (&bench, 2);
  g_assert_cmpint (bench_pick (&bench), ==, 2);
  g_assert_cmpint (bench_pick (&bench), ==, 2);
}

static void
test_a_resting_seat_waits_while_another_can_serve (void)
{
  static const int priorities[] = { 9, 9, 0 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, priorities);
  bench_rest (&bench, 0, WEIR_REST_OVERLOADED, 0);
  bench_rest (&bench, 1, WEIR_REST_RATE_LIMIT, MINUTE);
  for (unsigned i = 0; i < 100; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 2);
  bench.now_us += 5 * SECOND;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
}

static void
test_only_the_model_that_was_limited_rests (void)
{
  WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                          .scope = WEIR_REST_MODEL,
                          .reason = WEIR_REST_RATE_LIMIT,
                          .rest_us = MINUTE,
                          .stated = TRUE };
  g_autoptr (WeirModels) models = weir_models_new ();
  g_auto (Bench) bench = { NULL };
  WeirPoolTried tried = { 0 };

  bench_init (&bench, 1, NULL);
  bench_add (models, "other", 0, 0, "other");
  bench_report (&bench, 0, &verdict);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  g_assert_nonnull (weir_pool_pick (bench.pool, weir_models_lookup (models, "other"),
                                    &bench.ask, &tried, bench.now_us, &bench.until_us));
}

static void
test_who_was_asked_before_the_rest_does_not_end_it (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  g_assert_cmpint (bench_pick (&bench), ==, 0);
  g_assert_cmpint (bench_pick (&bench), ==, 0);
  bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, MINUTE);
  bench_succeed (&bench, 0);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 1);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
}

static void
test_refusals_of_one_burst_are_one (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  for (unsigned i = 0; i < 20; i++)
    {
      bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, 0);
      bench.now_us += SECOND / 100;
    }
  g_assert_cmpint (get_length (&bench), <, 2 * SECOND);
  /* the later end stays */
  bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, 10 * SECOND);
  bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, 5 * SECOND);
  g_assert_cmpint (get_length (&bench), >=, 10 * SECOND);
}

static void
test_no_rest_of_a_network_that_is_down (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, NULL);
  for (unsigned i = 0; i < 30; i++)
    {
      bench_rest (&bench, bench_turn (&bench), WEIR_REST_UNREACHABLE, 0);
      bench.now_us += SECOND / 10;
    }
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (bench_turn (&bench), >=, 0);
  /* the network is back: the first answer blames the two others, 2 s at first */
  bench_succeed (&bench, 1);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 2);
  for (unsigned i = 0; i < 30; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 1);
  bench.now_us += 2 * SECOND;
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
}

static void
test_unreachable_rests_double_while_others_answer (void)
{
  static const int seconds[] = { 2, 4, 8, 16, 32, 60, 60, 60 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      while (bench_turn (&bench) != 0)
        bench_succeed (&bench, 1);
      bench_rest (&bench, 0, WEIR_REST_UNREACHABLE, 0);
      g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
      bench_succeed (&bench, 1);
      g_assert_cmpint (get_length (&bench), ==, seconds[i] * SECOND);
      bench.now_us += seconds[i] * SECOND;
    }
}

static void
test_the_same_host_answering_blames_nobody (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  weir_pool_seat_unref (bench.seats[1]);
  bench.seats[1] = weir_pool_ensure_seat (bench.pool, "seat-1", "host-0");
  bench_rest (&bench, 0, WEIR_REST_UNREACHABLE, 0);
  bench_succeed (&bench, 1);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
}

static void
test_a_host_that_was_not_reached_comes_last (void)
{
  static const int priorities[] = { 9, 9, 0 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, priorities);
  weir_pool_seat_unref (bench.seats[1]);
  bench.seats[1] = weir_pool_ensure_seat (bench.pool, "seat-1", "host-0");
  g_assert_cmpint (bench_pick (&bench), ==, 0);
  bench_rest (&bench, 0, WEIR_REST_UNREACHABLE, 0);
  g_assert_cmpint (bench_pick_next (&bench), ==, 2);
  g_assert_cmpint (bench_pick_next (&bench), ==, 1);
  bench.now_us += 2 * SECOND;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  g_assert_cmpint (bench_turn (&bench), ==, 1);
}

static void
test_cooling_can_be_disabled (void)
{
  WeirPoolSeatRules rules = { .disable_cooling = TRUE, .rounds_max = G_MAXUINT };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, HOUR);
  weir_pool_seat_set_rules (bench.seats[0], &rules);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
  for (unsigned reason = WEIR_REST_RATE_LIMIT; reason < WEIR_REST_REASON_LAST; reason++)
    {
      bench_rest (&bench, 0, reason, HOUR);
      bench_succeed (&bench, 1);
    }
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
}

static void
test_no_transient_rest_when_the_rules_say_so (void)
{
  WeirPoolRules rules = { .transient_rest_us = 0, .affinity_ttl_us = HOUR };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  weir_pool_set_rules (bench.pool, &rules);
  bench_rest (&bench, 0, WEIR_REST_TRANSIENT, 0);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
  rules.transient_rest_us = 7 * SECOND;
  weir_pool_set_rules (bench.pool, &rules);
  bench_rest (&bench, 0, WEIR_REST_TRANSIENT, 0);
  g_assert_cmpint (get_length (&bench), ==, 7 * SECOND);
}

/* With globs, clients choose the names. */
static void
test_names_that_clients_chose_take_bounded_room (void)
{
  WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                          .scope = WEIR_REST_MODEL,
                          .reason = WEIR_REST_NOT_FOUND };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  for (unsigned i = 0; i < 5000; i++)
    {
      g_autofree char *name = g_strdup_printf ("name-%u", i);

      weir_pool_report (bench.pool, bench.seats[0], name, &verdict, bench.now_us++);
      g_assert_cmpuint (bench_count_rests (&bench), <=, 256);
    }
  bench.now_us += HOUR;
  weir_pool_report (bench.pool, bench.seats[0], "last", &verdict, bench.now_us);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 1);
}

static void
test_whoever_wants_to_know_is_told (void)
{
  g_auto (Bench) bench = { NULL };
  WeirPoolRest rest = { NULL };

  bench_init (&bench, 1, NULL);
  weir_pool_set_rest_func (bench.pool, keep_rest, &rest);
  bench_rest (&bench, 0, WEIR_REST_RATE_LIMIT, HOUR);
  g_assert_cmpstr (rest.identity, ==, "seat-0");
  g_assert_null (rest.model);
  g_assert_cmpint (rest.reason, ==, WEIR_REST_RATE_LIMIT);
  g_assert_true (rest.stated);
  g_assert_cmpint (rest.began_us, ==, bench.now_us);
  g_assert_cmpint (rest.until_us, ==, bench.now_us + HOUR);
  bench.now_us += 15 * MINUTE;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  bench_succeed (&bench, 0);
  g_assert_cmpint (rest.until_us, ==, 0);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, HOUR);
  g_assert_cmpint (rest.until_us, >, 0);
  weir_pool_seat_clear_rests (bench.seats[0]);
  g_assert_cmpint (rest.until_us, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (backoffs); i++)
    {
      g_autofree char *path
          = g_strconcat ("/pool/the-backoff-doubles/", backoffs[i].name, NULL);

      g_test_add_data_func (path, &backoffs[i], test_the_backoff_doubles);
    }
#define ADD(path, name) g_test_add_func ("/pool/" path, test_##name)
  ADD ("a-stated-rest-refuses-until-its-end", a_stated_rest_refuses_until_its_end);
  ADD ("a-rest-that-is-over-is-forgotten-by-the-next-success",
       a_rest_that_is_over_is_forgotten_by_the_next_success);
  ADD ("a-wild-rest-is-tried-after-a-quarter-of-an-hour",
       a_wild_rest_is_tried_after_a_quarter_of_an_hour);
  ADD ("a-fresh-reading-with-room-ends-the-rest", a_fresh_reading_with_room_ends_the_rest);
  ADD ("the-user-ends-all-rests", the_user_ends_all_rests);
  ADD ("those-who-waited-come-back-one-two-four", those_who_waited_come_back_one_two_four);
  ADD ("a-failed-probe-stops-the-return", a_failed_probe_stops_the_return);
  ADD ("a-silent-probe-does-not-hold-up-the-next",
       a_silent_probe_does_not_hold_up_the_next);
  ADD ("an-answer-that-says-nothing-gives-its-place-back",
       an_answer_that_says_nothing_gives_its_place_back);
  ADD ("a-probe-whose-client-left-gives-its-place-back",
       a_probe_whose_client_left_gives_its_place_back);
  ADD ("unstated-rests-do-not-refuse-when-all-rest",
       unstated_rests_do_not_refuse_when_all_rest);
  ADD ("a-resting-seat-waits-while-another-can-serve",
       a_resting_seat_waits_while_another_can_serve);
  ADD ("rests-only-the-model-that-was-limited", only_the_model_that_was_limited_rests);
  ADD ("who-was-asked-before-the-rest-does-not-end-it",
       who_was_asked_before_the_rest_does_not_end_it);
  ADD ("refusals-of-one-burst-are-one", refusals_of_one_burst_are_one);
  ADD ("no-rest-of-a-network-that-is-down", no_rest_of_a_network_that_is_down);
  ADD ("unreachable-rests-double-while-others-answer",
       unreachable_rests_double_while_others_answer);
  ADD ("the-same-host-answering-blames-nobody", the_same_host_answering_blames_nobody);
  ADD ("a-host-that-was-not-reached-comes-last", a_host_that_was_not_reached_comes_last);
  ADD ("cooling-can-be-disabled", cooling_can_be_disabled);
  ADD ("no-transient-rest-when-the-rules-say-so", no_transient_rest_when_the_rules_say_so);
  ADD ("names-that-clients-chose-take-bounded-room",
       names_that_clients_chose_take_bounded_room);
  ADD ("whoever-wants-to-know-is-told", whoever_wants_to_know_is_told);
  return g_test_run ();
}
