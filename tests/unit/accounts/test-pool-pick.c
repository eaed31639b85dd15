/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who can be picked at all, and where sessions go. */

#include "config.h"

#include "pool-fixture.h"

#include "accounts/weir-pool-affinity.h"

static void
test_only_who_is_allowed_is_picked (void)
{
  static const guint8 allowed[] = { 0x01, 0x82, 0x00 };
  unsigned seen = 0;
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 24, NULL);
  bench.ask.allowed = allowed;
  for (unsigned i = 0; i < 300; i++)
    seen |= 1u << bench_turn (&bench);
  g_assert_cmphex (seen, ==, 0x8201);
}

/* A seat that the configuration no longer has: what runs on it ends, nothing new comes. */
static void
test_a_seat_that_is_gone_gets_nothing_new (void)
{
  g_auto (Bench) bench = { NULL };
  WeirPoolSeat *gone;
  unsigned n_gone = 0;

  bench_init (&bench, 3, NULL);
  gone = bench.seats[1];
  for (unsigned i = 0; i < 60; i++)
    n_gone += bench_pick (&bench) == 1;
  g_assert_cmpuint (n_gone, ==, 20);
  g_assert_cmpuint (weir_pool_seat_get_in_flight (gone), ==, 20);
  bench.seats[1] = NULL;
  for (unsigned i = 0; i < 60; i++)
    g_assert_cmpint (bench_turn (&bench), !=, 1);
  for (unsigned i = 0; i < 20; i++)
    weir_pool_release (bench.pool, gone);
  g_assert_cmpuint (weir_pool_seat_get_in_flight (gone), ==, 0);
  bench.seats[1] = gone;
}

static void
test_a_round_takes_only_who_takes_part (void)
{
  WeirPoolSeatRules rules = { .rounds_max = 1 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  weir_pool_seat_set_rules (bench.seats[0], &rules);
  rules.rounds_max = 0;
  weir_pool_seat_set_rules (bench.seats[1], &rules);
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  g_assert_cmpint (bench_turn (&bench), ==, 1);
  bench.ask.round = 1;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  bench.ask.round = 2;
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  g_assert_cmpint (bench.until_us, ==, -1);
}

static void
test_no_weight_is_no_turn (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  bench_get_route (&bench, 0)->weight = 0;
  for (unsigned strategy = 0; strategy < WEIR_STRATEGY_LAST; strategy++)
    {
      bench.ask.strategy = strategy;
      for (unsigned i = 0; i < 10; i++)
        g_assert_cmpint (bench_turn (&bench), ==, 1);
    }
}

static void
test_the_memory_of_a_request_has_an_end (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, BENCH_SEATS_MAX, NULL);
  for (unsigned i = 0; i < WEIR_POOL_TRIED_MAX; i++)
    g_assert_cmpint (bench_pick_next (&bench), >=, 0);
  g_assert_cmpint (bench_pick_next (&bench), ==, -1);
  g_assert_cmpint (bench.until_us, ==, -1);
  g_assert_cmpuint (bench.tried.n, ==, WEIR_POOL_TRIED_MAX);
}

/* A seat's own list may come while a request is under way, and any count may stand. */
static void
test_a_model_may_grow_between_picks (void)
{
  g_auto (Bench) bench = { NULL };
  unsigned seen = 0;

  bench_init (&bench, 3, NULL);
  weir_models_free (bench.models);
  bench.models = weir_models_new ();
  bench_add (bench.models, "m", 0, 0, "m");
  bench_add (bench.models, "m", 1, 0, "m");
  bench_get_model (&bench)->cursor = G_MAXUINT;
  seen |= 1u << bench_pick_next (&bench);
  bench_add (bench.models, "m", 2, 7, "m");
  g_assert_cmpint (bench_pick_next (&bench), ==, 2);
  seen |= 1u << bench_pick_next (&bench);
  g_assert_cmphex (seen, ==, 3);
  g_assert_cmpint (bench_pick_next (&bench), ==, -1);
}

static void
set_session (Bench *bench, const char *session)
{
  bench->ask.session = session;
}

static void
test_a_session_stays_where_it_went (void)
{
  g_auto (Bench) bench = { NULL };
  int seats[50];

  bench_init (&bench, 5, NULL);
  for (unsigned round = 0; round < 20; round++)
    for (unsigned i = 0; i < G_N_ELEMENTS (seats); i++)
      {
        g_autofree char *session = g_strdup_printf ("session %u", i);
        int seat;

        set_session (&bench, session);
        seat = bench_turn (&bench);
        if (round > 0)
          g_assert_cmpint (seat, ==, seats[i]);
        else
          g_assert_cmpint (seat, ==, (int)i % 5);
        seats[i] = seat;
        bench.now_us += MINUTE / 10;
        if (round % 5 == 1)
          bench_reload (&bench);
      }
}

static void
test_a_session_moves_once_and_stays (void)
{
  g_auto (Bench) bench = { NULL };
  int moved;

  bench_init (&bench, 3, NULL);
  set_session (&bench, "s");
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, MINUTE);
  moved = bench_turn (&bench);
  g_assert_cmpint (moved, !=, 0);
  for (unsigned i = 0; i < 50; i++)
    {
      bench.now_us += MINUTE;
      g_assert_cmpint (bench_turn (&bench), ==, moved);
    }
}

static void
test_a_bound_seat_wins_over_priority (void)
{
  static const int priorities[] = { 9, 0 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, priorities);
  bench_rest (&bench, 0, WEIR_REST_QUOTA, MINUTE);
  set_session (&bench, "s");
  g_assert_cmpint (bench_turn (&bench), ==, 1);
  bench.now_us += 2 * MINUTE;
  g_assert_cmpint (bench_turn (&bench), ==, 1);
  set_session (&bench, "t");
  g_assert_cmpint (bench_turn (&bench), ==, 0);
}

static void
test_a_bound_seat_that_failed_this_request_is_left (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  set_session (&bench, "s");
  g_assert_cmpint (bench_pick (&bench), ==, 0);
  g_assert_cmpint (bench_pick_next (&bench), ==, 1);
  g_assert_cmpint (bench_turn (&bench), ==, 1);
}

static void
test_a_session_that_is_new_is_not_looked_up (void)
{
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 3, NULL);
  set_session (&bench, "hello");
  bench.ask.session_is_new = TRUE;
  for (int i = 0; i < 9; i++)
    g_assert_cmpint (bench_turn (&bench), ==, i % 3);
  bench.ask.session_is_new = FALSE;
  for (int i = 0; i < 9; i++)
    g_assert_cmpint (bench_turn (&bench), ==, 2);
}

static void
test_a_session_is_forgotten_when_it_was_not_used (void)
{
  WeirPoolRules rules = { .affinity_ttl_us = 10 * MINUTE };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 2, NULL);
  weir_pool_set_rules (bench.pool, &rules);
  set_session (&bench, "s");
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  for (unsigned i = 0; i < 5; i++)
    {
      bench.now_us += 10 * MINUTE;
      g_assert_cmpint (bench_turn (&bench), ==, 0);
    }
  bench.now_us += 10 * MINUTE + 1;
  g_assert_cmpint (bench_turn (&bench), ==, 1);
}

static void
test_a_session_of_another_model_is_another (void)
{
  g_auto (Bench) bench = { NULL };
  WeirPoolTried tried = { 0 };

  bench_init (&bench, 2, NULL);
  bench_add (bench.models, "other", 1, 0, "other");
  bench_add (bench.models, "other", 0, 0, "other");
  set_session (&bench, "s");
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  g_assert_cmpuint (weir_pool_pick (bench.pool, weir_models_lookup (bench.models, "other"),
                                    &bench.ask, &tried, bench.now_us, &bench.until_us)
                        ->seat,
                    ==, 1);
  g_assert_cmpint (bench_turn (&bench), ==, 0);
}

/* One alias, several names of one seat: the seat has one share, the names take turns, and a
 * request asks all of them before it goes on. */
static void
test_names_of_one_seat_share_its_turn (void)
{
  g_auto (Bench) bench = { NULL };
  unsigned picks[3] = { 0 };

  bench_init (&bench, 2, NULL);
  weir_models_free (bench.models);
  bench.models = weir_models_new ();
  bench_add (bench.models, "m", 0, 0, "a");
  bench_add (bench.models, "m", 0, 0, "b");
  bench_add (bench.models, "m", 1, 0, "c");
  for (unsigned i = 0; i < 400; i++)
    {
      bench_turn (&bench);
      picks[bench.tried.routes[0]->upstream_name[0] - 'a']++;
    }
  g_assert_cmpuint (picks[0], ==, 100);
  g_assert_cmpuint (picks[1], ==, 100);
  g_assert_cmpuint (picks[2], ==, 200);

  g_assert_cmpint (bench_pick (&bench), ==, 0);
  g_assert_cmpint (bench_pick_next (&bench), ==, 0);
  g_assert_cmpint (bench_pick_next (&bench), ==, 1);
  g_assert_cmpint (bench_pick_next (&bench), ==, -1);

  /* a session stays with the name, too, while that does not rest */
  set_session (&bench, "s");
  while (bench_turn (&bench) != 0)
    set_session (&bench, "t");
  {
    WeirVerdict verdict = { .action = WEIR_VERDICT_ROTATE,
                            .scope = WEIR_REST_MODEL,
                            .reason = WEIR_REST_TRANSIENT };
    const char *name = bench.tried.routes[0]->upstream_name;

    for (unsigned i = 0; i < 10; i++)
      {
        g_assert_cmpint (bench_turn (&bench), ==, 0);
        g_assert_cmpstr (bench.tried.routes[0]->upstream_name, ==, name);
      }
    weir_pool_report (bench.pool, bench.seats[0], name, &verdict, bench.now_us);
    g_assert_cmpint (bench_turn (&bench), ==, 0);
    g_assert_cmpstr (bench.tried.routes[0]->upstream_name, !=, name);
  }
}

static void
test_the_map_forgets_the_longest_unused (void)
{
  WeirPoolAffinity map;

  weir_pool_affinity_init (&map);
  for (unsigned i = 0; i < 3 * WEIR_POOL_SESSIONS_MAX; i++)
    {
      weir_pool_affinity_bind (&map, (WeirPoolSession){ i, i }, i, 0, i);
      /* this one is in use all the time */
      if (i > 0)
        weir_pool_affinity_bind (&map, (WeirPoolSession){ 0, 0 }, 7, 0, i);
      g_assert_cmpuint (map.order.length, <=, WEIR_POOL_SESSIONS_MAX);
      g_assert_cmpuint (g_hash_table_size (map.bindings), ==, map.order.length);
    }
  g_assert_cmpuint (
      weir_pool_affinity_lookup (&map, (WeirPoolSession){ 0, 0 }, HOUR, 0)->seat, ==, 7);
  g_assert_null (weir_pool_affinity_lookup (&map, (WeirPoolSession){ 1, 1 }, HOUR, 0));
  weir_pool_affinity_clear (&map);
}

static void
test_texts_that_look_alike_are_other_sessions (void)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (unsigned i = 0; i < 100000; i++)
    {
      char text[32];
      WeirPoolSession session;

      g_snprintf (text, sizeof text, "session-%u", i);
      session = weir_pool_session_of (text, "m");
      g_assert_true (g_hash_table_add (seen, g_memdup2 (&session.a, sizeof session.a)));
      g_assert_true (g_hash_table_add (seen, g_memdup2 (&session.b, sizeof session.b)));
    }
}

static void
tell_windows (Bench *bench, double five_hours, double week)
{
  const WeirQuotaWindow windows[] = {
    { .used = five_hours, .resets_at_us = bench->now_us + HOUR, .length_us = 5 * HOUR },
    { .used = week, .resets_at_us = 0, .length_us = 168 * HOUR },
  };

  weir_pool_seat_set_windows (bench->seats[0], windows, G_N_ELEMENTS (windows),
                              bench->now_us);
}

static void
test_what_the_user_keeps_is_not_spent (void)
{
  const WeirPoolSeatRules rules = { .rounds_max = 3, .stop_at = 0.2 };
  g_auto (Bench) bench = { NULL };

  bench_init (&bench, 1, NULL);
  weir_pool_seat_set_rules (bench.seats[0], &rules);
  tell_windows (&bench, 0.8, 0.5);
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  /* a window that nobody knows the end of stops nobody */
  tell_windows (&bench, 0.5, 0.9);
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  tell_windows (&bench, 0.81, 0.5);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  g_assert_cmpint (bench.until_us, ==, bench.now_us + HOUR);
  g_assert_cmpuint (bench_count_rests (&bench), ==, 0);
  /* the next reading, the user, or the end of the window lets it serve */
  tell_windows (&bench, 0.1, 0.5);
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  tell_windows (&bench, 0.81, 0.5);
  weir_pool_seat_set_rules (bench.seats[0], &(WeirPoolSeatRules){ .rounds_max = 3 });
  g_assert_cmpint (bench_turn (&bench), ==, 0);
  weir_pool_seat_set_rules (bench.seats[0], &rules);
  g_assert_cmpint (bench_turn (&bench), ==, -1);
  bench.now_us += HOUR;
  g_assert_cmpint (bench_turn (&bench), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/pool/" path, test_##name)
  ADD ("what-the-user-keeps-is-not-spent", what_the_user_keeps_is_not_spent);
  ADD ("only-who-is-allowed-is-picked", only_who_is_allowed_is_picked);
  ADD ("a-seat-that-is-gone-gets-nothing-new", a_seat_that_is_gone_gets_nothing_new);
  ADD ("a-round-takes-only-who-takes-part", a_round_takes_only_who_takes_part);
  ADD ("no-weight-is-no-turn", no_weight_is_no_turn);
  ADD ("the-memory-of-a-request-has-an-end", the_memory_of_a_request_has_an_end);
  ADD ("a-model-may-grow-between-picks", a_model_may_grow_between_picks);
  ADD ("a-session-stays-where-it-went", a_session_stays_where_it_went);
  ADD ("a-session-moves-once-and-stays", a_session_moves_once_and_stays);
  ADD ("a-bound-seat-wins-over-priority", a_bound_seat_wins_over_priority);
  ADD ("a-bound-seat-that-failed-this-request-is-left",
       a_bound_seat_that_failed_this_request_is_left);
  ADD ("a-session-that-is-new-is-not-looked-up", a_session_that_is_new_is_not_looked_up);
  ADD ("a-session-is-forgotten-when-it-was-not-used",
       a_session_is_forgotten_when_it_was_not_used);
  ADD ("a-session-of-another-model-is-another", a_session_of_another_model_is_another);
  ADD ("names-of-one-seat-share-its-turn", names_of_one_seat_share_its_turn);
  ADD ("the-map-forgets-the-longest-unused", the_map_forgets_the_longest_unused);
  ADD ("texts-that-look-alike-are-other-sessions",
       texts_that_look_alike_are_other_sessions);
  return g_test_run ();
}
