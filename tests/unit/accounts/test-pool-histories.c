/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Random histories: what holds whatever happened before.  The seed is the test's, so that a
 * failure comes again (`--seed`). */

#include "config.h"

#include "pool-fixture.h"

#define N_HISTORIES 60
#define N_STEPS 1500

/* What the test itself knows of a seat: a plain list of what was said. */
typedef struct
{
  int64_t began_us;
  int64_t until_us; /* 0: no rest */
  gboolean stated;
} Belief;

typedef struct
{
  Bench bench;
  Belief beliefs[BENCH_SEATS_MAX];
  int64_t picked_us[BENCH_SEATS_MAX]; /* last */
  unsigned in_flight[BENCH_SEATS_MAX];
} History;

static void
believe (const WeirPoolRest *rest, gpointer user_data)
{
  History *history = user_data;
  unsigned seat = (unsigned)(strchr (rest->identity, '-')[1] - 'a');

  history->beliefs[seat].began_us = rest->began_us;
  history->beliefs[seat].until_us = rest->until_us;
  history->beliefs[seat].stated = rest->stated;
}

static gboolean
is_resting (const History *history, unsigned seat)
{
  const Belief *belief = &history->beliefs[seat];

  return belief->until_us > history->bench.now_us
         && belief->began_us + WEIR_POOL_BLOCK_MAX_US > history->bench.now_us;
}

/* It does not rest, and whoever was let through since cannot hold up the next. */
static gboolean
is_awake (const History *history, unsigned seat)
{
  return !is_resting (history, seat)
         && history->bench.now_us - history->picked_us[seat] >= 2 * SECOND;
}

static void
history_init (History *self)
{
  unsigned n = (unsigned)g_test_rand_int_range (1, 13);

  *self = (History){ 0 };
  bench_init (&self->bench, n, NULL);
  for (unsigned i = 0; i < n; i++)
    {
      g_autofree char *identity = g_strdup_printf ("seat-%c", 'a' + i);
      g_autofree char *host = g_strdup_printf ("host-%u", i % 4);

      weir_pool_seat_unref (self->bench.seats[i]);
      self->bench.seats[i] = weir_pool_ensure_seat (self->bench.pool, identity, host);
      bench_get_route (&self->bench, i)->weight = (unsigned)g_test_rand_int_range (1, 6);
    }
  weir_pool_set_rest_func (self->bench.pool, believe, self);
}

static void
check_pick (History *self, int picked)
{
  gboolean any_awake = FALSE;
  gboolean any_unstated = FALSE;

  for (unsigned i = 0; i < self->bench.n; i++)
    {
      any_awake |= is_awake (self, i);
      any_unstated |= is_resting (self, i) && !self->beliefs[i].stated;
    }
  if (picked >= 0 && is_resting (self, (unsigned)picked))
    {
      g_assert_false (self->beliefs[picked].stated);
      g_assert_false (any_awake);
    }
  if (picked >= 0)
    return;
  g_assert_false (any_awake);
  g_assert_cmpint (self->bench.until_us, >, self->bench.now_us);
  g_assert_cmpint (self->bench.until_us, <=, self->bench.now_us + WEIR_POOL_BLOCK_MAX_US);
  if (any_unstated)
    g_assert_cmpint (self->bench.until_us, <=, self->bench.now_us + 2 * SECOND);
}

/* Picks for the same request as before, and at once releases. */
static int
turn (History *self)
{
  int seat = bench_pick_next (&self->bench);

  if (seat < 0)
    return seat;
  self->picked_us[seat] = self->bench.now_us;
  bench_release (&self->bench, seat);
  return seat;
}

/* One request that meets an upstream in a bad mood. */
static void
ask (History *self)
{
  static const WeirVerdictAction actions[]
      = { WEIR_VERDICT_FINE, WEIR_VERDICT_FINE, WEIR_VERDICT_ROTATE,
          WEIR_VERDICT_CLIENT_FAULT };
  WeirVerdict verdict = { .action = actions[g_test_rand_int_range (0, 4)] };
  int seat = bench_pick (&self->bench);

  check_pick (self, seat);
  if (seat < 0)
    return;
  self->in_flight[seat]++;
  self->picked_us[seat] = self->bench.now_us;
  if (verdict.action == WEIR_VERDICT_ROTATE)
    {
      verdict.scope = WEIR_REST_ACCOUNT;
      verdict.reason = (unsigned)g_test_rand_int_range (1, WEIR_REST_REASON_LAST);
      verdict.stated = g_test_rand_bit ();
      verdict.rest_us = verdict.stated ? g_test_rand_int_range (1, 3600) * SECOND : 0;
    }
  bench_report (&self->bench, seat, &verdict);
  if (g_test_rand_int_range (0, 3) > 0)
    {
      bench_release (&self->bench, seat);
      self->in_flight[seat]--;
    }
}

static void
let_something_happen (History *self)
{
  unsigned seat = (unsigned)g_test_rand_int_range (0, (int)self->bench.n);
  WeirQuotaWindow window = { .used = g_test_rand_double_range (0, 1.1),
                             .length_us = 5 * HOUR,
                             .resets_at_us = self->bench.now_us + 2 * HOUR };

  switch (g_test_rand_int_range (0, 12))
    {
    case 0:
      weir_pool_seat_clear_rests (self->bench.seats[seat]);
      break;
    case 1:
      weir_pool_seat_set_windows (self->bench.seats[seat], &window, 1, self->bench.now_us);
      break;
    case 2:
      self->bench.now_us += g_test_rand_int_range (0, 1200) * SECOND;
      break;
    case 3:
      self->bench.ask.strategy = (unsigned)g_test_rand_int_range (0, WEIR_STRATEGY_LAST);
      break;
    case 4:
      for (; self->in_flight[seat] > 0; self->in_flight[seat]--)
        bench_release (&self->bench, (int)seat);
      break;
    default:
      self->bench.now_us += g_test_rand_int_range (0, 2000000);
      ask (self);
    }
  g_assert_cmpuint (weir_pool_seat_get_in_flight (self->bench.seats[seat]), ==,
                    self->in_flight[seat]);
}

/* A day later everybody may be asked, and has a part of the work. */
static void
check_that_nobody_starves (History *self)
{
  unsigned picks[BENCH_SEATS_MAX] = { 0 };

  self->bench.now_us += 24 * HOUR;
  self->bench.ask.strategy
      = g_test_rand_bit () ? WEIR_STRATEGY_WEIGHTED : WEIR_STRATEGY_ROUND_ROBIN;
  for (unsigned i = 0; i < 100 * self->bench.n; i++)
    {
      int seat = bench_turn (&self->bench);

      g_assert_cmpint (seat, >=, 0);
      bench_succeed (&self->bench, seat);
      picks[seat]++;
      self->bench.now_us += SECOND;
    }
  for (unsigned i = 0; i < self->bench.n; i++)
    g_assert_cmpuint (picks[i], >=, 20);
}

static void
test_no_resting_seat_is_picked_while_another_is_awake (void)
{
  for (unsigned i = 0; i < N_HISTORIES; i++)
    {
      History history;

      history_init (&history);
      for (unsigned j = 0; j < N_STEPS; j++)
        let_something_happen (&history);
      check_that_nobody_starves (&history);
      bench_clear (&history.bench);
    }
}

static void
test_a_request_meets_every_seat_once_at_most (void)
{
  for (unsigned i = 0; i < N_HISTORIES; i++)
    {
      History history;

      history_init (&history);
      for (unsigned j = 0; j < 200; j++)
        {
          unsigned seen = 0;

          let_something_happen (&history);
          history.bench.tried.n = 0;
          for (int seat = turn (&history); seat >= 0; seat = turn (&history))
            {
              g_assert_false (seen >> seat & 1);
              seen |= 1u << seat;
            }
          /* who is left is said to come back, or nobody is left */
          if (history.bench.tried.n == history.bench.n)
            g_assert_cmpint (history.bench.until_us, ==, -1);
          else
            g_assert_cmpint (history.bench.until_us, >, history.bench.now_us);
        }
      bench_clear (&history.bench);
    }
}

/* What was waited for comes: whoever asks again at the time that was said is served at
 * last.
 */
static void
test_waiting_as_told_ends_with_an_answer (void)
{
  for (unsigned i = 0; i < N_HISTORIES; i++)
    {
      History history;

      history_init (&history);
      for (unsigned j = 0; j < 300; j++)
        {
          int64_t began_us;
          unsigned n_waits = 0;

          let_something_happen (&history);
          began_us = history.bench.now_us;
          history.bench.tried.n = 0;
          while (turn (&history) < 0)
            {
              g_assert_cmpuint (++n_waits, <, 100);
              history.bench.now_us = history.bench.until_us;
            }
          g_assert_cmpint (history.bench.now_us - began_us, <=, WEIR_POOL_BLOCK_MAX_US);
        }
      bench_clear (&history.bench);
    }
}

/* A session's seat after a reload is the one before it, rests and all. */
static void
test_sessions_do_not_notice_a_reload (void)
{
  for (unsigned i = 0; i < N_HISTORIES; i++)
    {
      g_auto (Bench) bench = { NULL };
      int seats[40];

      bench_init (&bench, (unsigned)g_test_rand_int_range (1, BENCH_SEATS_MAX + 1), NULL);
      bench.ask.strategy = (unsigned)g_test_rand_int_range (0, WEIR_STRATEGY_LAST);
      for (unsigned round = 0; round < 5; round++)
        {
          for (unsigned j = 0; j < G_N_ELEMENTS (seats); j++)
            {
              g_autofree char *session = g_strdup_printf ("session %u", j);
              int seat;

              bench.ask.session = session;
              seat = bench_turn (&bench);
              if (round > 0)
                g_assert_cmpint (seat, ==, seats[j]);
              seats[j] = seat;
            }
          bench_reload (&bench);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/pool/" path, test_##name)
  ADD ("no-resting-seat-is-picked-while-another-is-awake",
       no_resting_seat_is_picked_while_another_is_awake);
  ADD ("a-request-meets-every-seat-once-at-most", a_request_meets_every_seat_once_at_most);
  ADD ("waiting-as-told-ends-with-an-answer", waiting_as_told_ends_with_an_answer);
  ADD ("sessions-do-not-notice-a-reload", sessions_do_not_notice_a_reload);
  return g_test_run ();
}
