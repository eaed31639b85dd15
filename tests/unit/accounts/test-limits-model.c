/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What limits say, against a plain list of what was asked. */

#include "config.h"

#include "accounts/weir-limits.h"

#include "base/weir-clock.h"

#define KEY "0123abcd"
#define SECOND_US WEIR_USEC_PER_SEC
#define MINUTE_US (60 * SECOND_US)
#define QUARTER_US (15 * MINUTE_US)
#define START_REAL_US ((int64_t)1700000000 * SECOND_US)

/* --- the model: what was counted, when, and nothing else --- */

typedef struct
{
  WeirLimit limit;
  int64_t real_us;
  int64_t count; /* negative: given back */
} Event;

static const struct
{
  int64_t bucket_us;
  int64_t n;
} shapes[] = {
  [WEIR_LIMIT_REQUESTS_PER_MINUTE] = { SECOND_US, 61 },
  [WEIR_LIMIT_TOKENS_PER_MINUTE] = { SECOND_US, 61 },
  [WEIR_LIMIT_REQUESTS_PER_DAY] = { QUARTER_US, 97 },
};

static int64_t
count_at (const GArray *events, WeirLimit limit, int64_t at_us)
{
  int64_t sum = 0;

  for (unsigned i = 0; i < events->len; i++)
    {
      const Event *event = &g_array_index (events, Event, i);

      if (event->limit == limit
          && at_us / shapes[limit].bucket_us
                 < event->real_us / shapes[limit].bucket_us + shapes[limit].n)
        sum += event->count;
    }
  return sum;
}

static int64_t
wait_for (const GArray *events, WeirLimit limit, int64_t count, int64_t most, int64_t at_us)
{
  int64_t bucket_us = shapes[limit].bucket_us;

  if (most == 0 || count_at (events, limit, at_us) + count <= most)
    return 0;
  if (count > most)
    return -1;
  for (int64_t then_us = (at_us / bucket_us + 1) * bucket_us;; then_us += bucket_us)
    if (count_at (events, limit, then_us) + count <= most)
      return then_us - at_us;
}

static void
note (GArray *events, WeirLimit limit, int64_t real_us, int64_t count)
{
  Event event = { limit, real_us, count };

  g_array_append_val (events, event);
}

/* --- any course of requests --- */

typedef struct
{
  WeirReservation reservation;
  int64_t real_us;
} Open;

typedef struct
{
  WeirLimits *limits;
  WeirLimitSet set;
  GArray *events;
  Open open[40];
  unsigned n_open;
  int64_t now_us;
  int64_t epoch_us;
} Run;

static void
run_ask (Run *run)
{
  int64_t at_us = run->now_us + run->epoch_us;
  uint64_t tokens = (uint64_t)g_test_rand_int_range (0, 60);
  const unsigned most[] = { run->set.requests_per_minute, run->set.tokens_per_minute,
                            run->set.requests_per_day };
  int64_t wanted_us
      = run->set.concurrent > 0 && run->n_open >= run->set.concurrent ? SECOND_US : 0;
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;
  gboolean taken;

  for (unsigned i = 0; i < G_N_ELEMENTS (most); i++)
    {
      int64_t count = i == WEIR_LIMIT_TOKENS_PER_MINUTE ? (int64_t)MAX (tokens, 1) : 1;
      int64_t wait_us = wait_for (run->events, (WeirLimit)i, count, most[i], at_us);

      if (wait_us == -1 || wanted_us == -1)
        wanted_us = -1;
      else
        wanted_us = MAX (wanted_us, wait_us);
    }
  taken = weir_limits_reserve (run->limits, KEY, &run->set, tokens, run->now_us,
                               &reservation, &refusal);
  g_assert_cmpint (taken, ==, wanted_us == 0);
  if (!taken)
    {
      g_assert_cmpint (refusal.retry_after_us, ==, wanted_us);
      return;
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (most); i++)
    note (run->events, (WeirLimit)i, at_us,
          i == WEIR_LIMIT_TOKENS_PER_MINUTE ? (int64_t)tokens : 1);
  run->open[run->n_open++] = (Open){ reservation, at_us };
}

static void
run_end (Run *run, unsigned which)
{
  Open *open = &run->open[which];
  int64_t reserved = (int64_t)open->reservation.tokens;
  int64_t at_us = run->now_us + run->epoch_us;
  int64_t used = g_test_rand_int_range (0, 60);

  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      weir_limits_cancel (run->limits, &open->reservation, run->now_us);
      note (run->events, WEIR_LIMIT_REQUESTS_PER_MINUTE, open->real_us, -1);
      note (run->events, WEIR_LIMIT_REQUESTS_PER_DAY, open->real_us, -1);
      note (run->events, WEIR_LIMIT_TOKENS_PER_MINUTE, open->real_us, -reserved);
      break;
    case 1:
      weir_limits_settle (run->limits, &open->reservation, WEIR_LIMIT_TOKENS_UNKNOWN,
                          run->now_us);
      break;
    default:
      weir_limits_settle (run->limits, &open->reservation, (uint64_t)used, run->now_us);
      note (run->events, WEIR_LIMIT_TOKENS_PER_MINUTE,
            used > reserved ? at_us : open->real_us, used - reserved);
      break;
    }
  g_assert_null (open->reservation.key);
  *open = run->open[--run->n_open];
}

static unsigned
choose (unsigned most)
{
  return g_test_rand_bit () ? 0 : (unsigned)g_test_rand_int_range (1, (int)most);
}

static void
test_does_as_a_list_of_events_does (void)
{
  for (unsigned round = 0; round < 60; round++)
    {
      g_autoptr (GArray) events = g_array_new (FALSE, FALSE, sizeof (Event));
      Run run = {
        .events = events,
        .now_us = g_test_rand_int_range (0, 1 << 30),
        .set = { choose (30), choose (400), choose (200), 1 + choose (39) },
      };
      /* from bursts to one in some minutes */
      int pace_us = 1 << g_test_rand_int_range (16, 29);

      run.epoch_us = START_REAL_US + g_test_rand_int_range (0, 1 << 30) - run.now_us;
      run.limits = weir_limits_new (run.now_us, run.now_us + run.epoch_us);
      for (unsigned i = 0; i < 600; i++)
        {
          if (g_test_rand_bit ())
            run.now_us += g_test_rand_int_range (0, pace_us);
          if (run.n_open > 0 && g_test_rand_int_range (0, 3) == 0)
            run_end (&run, (unsigned)g_test_rand_int_range (0, (int)run.n_open));
          else if (run.n_open < G_N_ELEMENTS (run.open))
            run_ask (&run);
        }
      weir_limits_free (run.limits);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limits/does-as-a-list-of-events-does",
                   test_does_as_a_list_of_events_does);
  return g_test_run ();
}
