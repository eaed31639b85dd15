/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How much a key may ask, against a plain list of what was asked. */

#include "config.h"

#include "accounts/weir-limits.h"

#include "base/weir-clock.h"

#include <malloc.h>
#include <string.h>

#define KEY "0123abcd"
#define SECOND_US WEIR_USEC_PER_SEC
#define MINUTE_US (60 * SECOND_US)
#define QUARTER_US (15 * MINUTE_US)
#define DAY_US (96 * QUARTER_US)
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

/* --- helpers --- */

/* For tests that do not look at the refusal. */
static gboolean
ask (WeirLimits *limits, const WeirLimitSet *set, uint64_t tokens, int64_t now_us)
{
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;

  return weir_limits_reserve (limits, KEY, set, tokens, now_us, &reservation, &refusal);
}

typedef struct
{
  char key[16];
  char window[32];
  int64_t real_us;
  char counts[4096];
} Row;

static void
keep_row (const char *key_name,
          const char *window,
          int64_t real_us,
          const char *counts,
          gpointer user_data)
{
  Row row = { .real_us = real_us };

  g_assert_cmpuint (g_strlcpy (row.key, key_name, sizeof row.key), <, sizeof row.key);
  g_assert_cmpuint (g_strlcpy (row.window, window, sizeof row.window), <,
                    sizeof row.window);
  g_assert_cmpuint (g_strlcpy (row.counts, counts, sizeof row.counts), <,
                    sizeof row.counts);
  g_array_append_val ((GArray *)user_data, row);
}

static void
move (WeirLimits *from,
      int64_t from_now_us,
      int64_t from_real_us,
      WeirLimits *to,
      int64_t to_now_us,
      int64_t to_real_us)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));

  weir_limits_dump (from, from_now_us, from_real_us, keep_row, rows);
  for (unsigned i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      weir_limits_restore (to, row->key, row->window, row->real_us, row->counts, to_now_us,
                           to_real_us);
    }
}

/* --- tests --- */

static void
test_a_hundred_at_once_get_what_is_left (void)
{
  static const WeirLimitSet sets[] = {
    { .requests_per_minute = 10 },
    { .requests_per_day = 10 },
    { .concurrent = 10 },
    { .tokens_per_minute = 109 }, /* of ten each: ten fit */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
      unsigned n_taken = 0;

      for (unsigned j = 0; j < 100; j++)
        n_taken += ask (limits, &sets[i], 10, 5) ? 1 : 0;
      g_assert_cmpuint (n_taken, ==, 10);
    }
}

static void
test_a_key_without_a_limit_asks_freely (void)
{
  static const WeirLimitSet none;
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);

  for (unsigned i = 0; i < 1000; i++)
    {
      g_assert_true (ask (limits, &none, 1 << 30, 0));
      g_assert_true (ask (limits, NULL, 1 << 30, 0));
    }
}

static void
test_one_key_is_not_another (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 1 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;

  g_assert_true (ask (limits, &set, 0, 0));
  g_assert_false (ask (limits, &set, 0, 0));
  g_assert_true (
      weir_limits_reserve (limits, "another", &set, 0, 0, &reservation, &refusal));
}

static void
test_no_minute_holds_more_than_the_limit (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 20 };

  for (unsigned round = 0; round < 20; round++)
    {
      g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US + round * 77777);
      int64_t taken_us[20] = { 0 };
      unsigned n_taken = 0;

      for (int64_t now_us = 0; now_us < 10 * MINUTE_US;
           now_us += g_test_rand_int_range (1, 3 * SECOND_US))
        if (ask (limits, &set, 0, now_us))
          {
            int64_t *slot = &taken_us[n_taken % 20];

            if (n_taken >= 20)
              g_assert_cmpint (now_us - *slot, >, MINUTE_US);
            *slot = now_us;
            n_taken++;
          }
      /* and it is not far below either: the window is a second longer */
      g_assert_cmpuint (n_taken, >=, 180);
    }
}

static void
test_a_refused_request_counts_nowhere (void)
{
  static const WeirLimitSet set
      = { .requests_per_minute = 5, .tokens_per_minute = 100, .requests_per_day = 6 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);

  for (unsigned i = 0; i < 1000; i++)
    g_assert_false (ask (limits, &set, 101, (int64_t)i * SECOND_US));
  for (unsigned i = 0; i < 5; i++)
    g_assert_true (ask (limits, &set, 20, 1000 * SECOND_US));
  for (unsigned i = 0; i < 70; i++)
    g_assert_false (ask (limits, &set, 20, (1000 + i * 6 / 7) * SECOND_US));
  g_assert_true (ask (limits, &set, 20, 1061 * SECOND_US));
  g_assert_false (ask (limits, &set, 20, 1200 * SECOND_US)); /* the day's */
}

static void
test_the_longest_refusal_is_told (void)
{
  static const WeirLimitSet set = {
    .requests_per_minute = 1,
    .tokens_per_minute = 10,
    .requests_per_day = 1,
    .concurrent = 1,
  };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  WeirReservation first = { 0 };
  WeirReservation second = { 0 };
  WeirLimitRefusal refusal;
  g_autofree char *day = NULL;
  g_autofree char *alone = NULL;
  g_autofree char *busy = NULL;

  g_assert_true (weir_limits_reserve (limits, KEY, &set, 1, 0, &first, &refusal));
  g_assert_false (weir_limits_reserve (limits, KEY, &set, 1, 0, &second, &refusal));
  g_assert_cmpint (refusal.limit, ==, WEIR_LIMIT_REQUESTS_PER_DAY);
  g_assert_cmpuint (refusal.most, ==, 1);
  day = weir_limit_refusal_dup_message (&refusal);
  g_assert_nonnull (strstr (day, "requests-per-day (1) is used up; ask again in "));
  g_assert_null (strstr (day, KEY));

  g_assert_false (weir_limits_reserve (limits, KEY, &set, 11, 0, &second, &refusal));
  g_assert_cmpint (refusal.limit, ==, WEIR_LIMIT_TOKENS_PER_MINUTE);
  g_assert_cmpint (refusal.retry_after_us, ==, -1);
  alone = weir_limit_refusal_dup_message (&refusal);
  g_assert_nonnull (strstr (alone, "alone asks for more"));

  g_assert_false (weir_limits_reserve (limits, KEY, &(WeirLimitSet){ .concurrent = 1 }, 0,
                                       0, &second, &refusal));
  g_assert_cmpint (refusal.limit, ==, WEIR_LIMIT_CONCURRENT_REQUESTS);
  g_assert_cmpint (refusal.retry_after_us, ==, SECOND_US);
  busy = weir_limit_refusal_dup_message (&refusal);
  g_assert_nonnull (strstr (busy, "concurrent-requests (1)"));
  g_assert_null (second.key);
  for (unsigned i = 0; i < WEIR_LIMIT_LAST; i++)
    g_assert_nonnull (weir_limit_get_name ((WeirLimit)i));
}

static void
test_tokens_are_settled_by_what_was_used (void)
{
  static const WeirLimitSet set = { .tokens_per_minute = 100 };
  static const struct
  {
    uint64_t reserved, used, left;
  } cases[] = {
    { 80, 30, 70 },                        /* less than was thought */
    { 30, 80, 20 },                        /* more */
    { 40, WEIR_LIMIT_TOKENS_UNKNOWN, 60 }, /* nobody said: the client had left */
    { 50, 50, 50 },
    { 0, 99, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
      WeirReservation reservation = { 0 };
      WeirLimitRefusal refusal;

      g_assert_true (weir_limits_reserve (limits, KEY, &set, cases[i].reserved, 0,
                                          &reservation, &refusal));
      weir_limits_settle (limits, &reservation, cases[i].used, 10 * SECOND_US);
      g_assert_null (reservation.key);
      /* twice is once */
      weir_limits_settle (limits, &reservation, 1000, 10 * SECOND_US);
      g_assert_false (ask (limits, &set, cases[i].left + 1, 10 * SECOND_US));
      g_assert_true (ask (limits, &set, cases[i].left, 10 * SECOND_US));
    }
}

static void
test_an_overdrawn_window_is_paid_back_by_time (void)
{
  static const WeirLimitSet set = { .tokens_per_minute = 100 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;

  g_assert_true (weir_limits_reserve (limits, KEY, &set, 10, 0, &reservation, &refusal));
  weir_limits_settle (limits, &reservation, 5000, 30 * SECOND_US);
  g_assert_false (
      weir_limits_reserve (limits, KEY, &set, 0, 30 * SECOND_US, &reservation, &refusal));
  g_assert_cmpint (refusal.retry_after_us, ==, 61 * SECOND_US);
  g_assert_true (ask (limits, &set, 100, 91 * SECOND_US));
}

static void
test_what_a_long_answer_held_is_not_given_back_twice (void)
{
  static const WeirLimitSet set = { .tokens_per_minute = 100 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;

  g_assert_true (weir_limits_reserve (limits, KEY, &set, 100, 0, &reservation, &refusal));
  g_assert_true (ask (limits, &set, 100, 100 * SECOND_US));
  weir_limits_settle (limits, &reservation, 0, 101 * SECOND_US);
  g_assert_false (ask (limits, &set, 1, 101 * SECOND_US));
}

static void
test_a_cancelled_request_counts_nowhere (void)
{
  static const WeirLimitSet set = {
    .requests_per_minute = 1,
    .tokens_per_minute = 10,
    .requests_per_day = 1,
    .concurrent = 1,
  };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);

  for (unsigned i = 0; i < 100; i++)
    {
      WeirReservation reservation = { 0 };
      WeirLimitRefusal refusal;

      g_assert_true (weir_limits_reserve (limits, KEY, &set, 10, i * SECOND_US,
                                          &reservation, &refusal));
      weir_limits_cancel (limits, &reservation, i * SECOND_US + 5);
      g_assert_null (reservation.key);
      weir_limits_cancel (limits, &reservation, i * SECOND_US + 6);
    }
}

static void
test_a_clock_set_back_frees_nothing (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 3 };
  const int64_t start_us = 2 * 3600 * SECOND_US;
  g_autoptr (WeirLimits) limits = weir_limits_new (start_us, START_REAL_US);

  for (unsigned i = 0; i < 3; i++)
    g_assert_true (ask (limits, &set, 0, start_us));
  g_assert_false (ask (limits, &set, 0, start_us - 3600 * SECOND_US));
  g_assert_false (ask (limits, &set, 0, 0));
  g_assert_false (ask (limits, &set, 0, start_us + 60 * SECOND_US));
  g_assert_true (ask (limits, &set, 0, start_us + 61 * SECOND_US));
}

static void
test_a_changed_limit_counts_what_was (void)
{
  static const WeirLimitSet wide = { .requests_per_minute = 100 };
  static const WeirLimitSet narrow
      = { .requests_per_minute = 100, .requests_per_day = 12, .tokens_per_minute = 50 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  unsigned n_taken = 0;

  for (unsigned i = 0; i < 10; i++)
    g_assert_true (ask (limits, &wide, 5, 0));
  g_assert_false (ask (limits, &narrow, 1, 0));
  for (unsigned i = 0; i < 10; i++)
    n_taken += ask (limits, &narrow, 1, 61 * SECOND_US) ? 1 : 0;
  g_assert_cmpuint (n_taken, ==, 2);
}

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

static void
test_a_restart_changes_nothing (void)
{
  static const WeirLimitSet set
      = { .requests_per_minute = 15, .tokens_per_minute = 300, .requests_per_day = 90 };

  for (unsigned round = 0; round < 50; round++)
    {
      int64_t real_us = START_REAL_US + g_test_rand_int_range (0, 1 << 30);
      int64_t now_us = g_test_rand_int_range (0, 1 << 30);
      int pace_us = 1 << g_test_rand_int_range (18, 29);
      int64_t boot_us = g_test_rand_int_range (0, 1 << 30);
      g_autoptr (WeirLimits) before = weir_limits_new (now_us, real_us);
      g_autoptr (WeirLimits) after = NULL;
      int64_t moved_us;

      for (unsigned i = 0; i < 200; i++)
        {
          int64_t step_us = g_test_rand_int_range (0, pace_us);

          now_us += step_us;
          real_us += step_us;
          ask (before, &set, (uint64_t)g_test_rand_int_range (0, 30), now_us);
        }
      after = weir_limits_new (boot_us, real_us + 7 * SECOND_US);
      now_us += 7 * SECOND_US;
      real_us += 7 * SECOND_US;
      moved_us = boot_us - now_us;
      move (before, now_us - 7 * SECOND_US, real_us - 7 * SECOND_US, after, boot_us,
            real_us);
      for (unsigned i = 0; i < 300; i++)
        {
          uint64_t tokens = (uint64_t)g_test_rand_int_range (0, 30);
          WeirReservation reservations[2] = { { 0 } };
          WeirLimitRefusal refusals[2] = { { 0 } };
          gboolean taken = weir_limits_reserve (before, KEY, &set, tokens, now_us,
                                                &reservations[0], &refusals[0]);

          g_assert_cmpint (weir_limits_reserve (after, KEY, &set, tokens, now_us + moved_us,
                                                &reservations[1], &refusals[1]),
                           ==, taken);
          g_assert_cmpint (refusals[0].limit, ==, refusals[1].limit);
          g_assert_cmpint (refusals[0].retry_after_us, ==, refusals[1].retry_after_us);
          now_us += g_test_rand_int_range (0, pace_us);
        }
    }
}

static void
test_what_was_asked_before_the_rows_came_is_added (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 5 };
  g_autoptr (WeirLimits) before = weir_limits_new (0, START_REAL_US);
  g_autoptr (WeirLimits) after = weir_limits_new (77, START_REAL_US + SECOND_US);

  for (unsigned i = 0; i < 3; i++)
    g_assert_true (ask (before, &set, 0, 0));
  g_assert_true (ask (after, &set, 0, 77));
  move (before, 0, START_REAL_US, after, 78, START_REAL_US + SECOND_US);
  g_assert_true (ask (after, &set, 0, 79));
  g_assert_false (ask (after, &set, 0, 79));
}

static void
test_a_restart_with_another_clock_frees_nothing (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 3, .requests_per_day = 5 };
  static const int64_t set_back_us[]
      = { SECOND_US, 61 * SECOND_US, 3600 * SECOND_US, 100 * DAY_US };

  for (size_t i = 0; i < G_N_ELEMENTS (set_back_us); i++)
    {
      g_autoptr (WeirLimits) before = weir_limits_new (0, START_REAL_US);
      g_autoptr (WeirLimits) after
          = weir_limits_new (5, START_REAL_US - set_back_us[i] + SECOND_US);

      for (unsigned j = 0; j < 3; j++)
        g_assert_true (ask (before, &set, 0, 0));
      /* the clock is set back behind the dump, or before it */
      move (before, 0, START_REAL_US - (i % 2 ? set_back_us[i] : 0), after, 5,
            START_REAL_US - set_back_us[i] + SECOND_US);
      g_assert_false (ask (after, &set, 0, 5));
      g_assert_false (ask (after, &set, 0, 58 * SECOND_US));
      g_assert_true (ask (after, &set, 0, 63 * SECOND_US));
      g_assert_true (ask (after, &set, 0, 63 * SECOND_US));
      g_assert_false (ask (after, &set, 0, 63 * SECOND_US)); /* the day's */
    }
}

static void
test_what_is_old_is_forgotten_over_a_restart (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 1, .requests_per_day = 2 };
  g_autoptr (WeirLimits) before = weir_limits_new (0, START_REAL_US);
  g_autoptr (WeirLimits) later = weir_limits_new (0, START_REAL_US + MINUTE_US * 2);
  g_autoptr (WeirLimits) latest = weir_limits_new (0, START_REAL_US + 2 * DAY_US);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));

  g_assert_true (ask (before, &set, 0, 0));
  weir_limits_dump (before, 0, START_REAL_US, keep_row, rows);
  g_assert_cmpuint (rows->len, ==, 2); /* no tokens were used */
  for (unsigned i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      weir_limits_restore (later, row->key, row->window, row->real_us, row->counts, 0,
                           START_REAL_US + MINUTE_US * 2);
      weir_limits_restore (latest, row->key, row->window, row->real_us, row->counts, 0,
                           START_REAL_US + 2 * DAY_US);
    }
  g_assert_true (ask (later, &set, 0, 0));
  g_assert_false (ask (later, &set, 0, 2 * MINUTE_US));
  g_assert_true (ask (latest, &set, 0, 0));
  g_assert_true (ask (latest, &set, 0, 2 * MINUTE_US));
}

static void
count_change (gpointer limits, gpointer user_data)
{
  ++*(unsigned *)user_data;
}

static void
test_a_dump_tells_what_has_changed (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 10 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;
  unsigned n_changes = 0;

  weir_limits_set_changed_func (limits, count_change, &n_changes);
  g_assert_true (weir_limits_reserve (limits, KEY, &set, 3, 0, &reservation, &refusal));
  g_assert_true (ask (limits, &set, 0, SECOND_US));
  g_assert_cmpuint (n_changes, ==, 1);
  weir_limits_dump (limits, SECOND_US, START_REAL_US + SECOND_US, keep_row, rows);
  g_assert_cmpuint (rows->len, ==, 3);
  g_assert_cmpstr (g_array_index (rows, Row, 0).key, ==, KEY);
  g_assert_cmpstr (g_array_index (rows, Row, 0).window, ==, "requests-per-minute");
  g_assert_cmpstr (g_array_index (rows, Row, 0).counts, ==, "1 1");
  g_assert_cmpint (g_array_index (rows, Row, 0).real_us, ==, START_REAL_US + SECOND_US);
  g_assert_cmpstr (g_array_index (rows, Row, 1).counts, ==, "0 3");
  weir_limits_dump (limits, SECOND_US, START_REAL_US + SECOND_US, keep_row, rows);
  g_assert_cmpuint (rows->len, ==, 3);
  weir_limits_settle (limits, &reservation, 0, 2 * SECOND_US);
  g_assert_cmpuint (n_changes, ==, 2);
  weir_limits_dump (limits, 2 * SECOND_US, START_REAL_US + 2 * SECOND_US, keep_row, rows);
  g_assert_cmpuint (rows->len, ==, 4);
  g_assert_cmpstr (g_array_index (rows, Row, 3).window, ==, "tokens-per-minute");
  g_assert_cmpstr (g_array_index (rows, Row, 3).counts, ==, "");
}

static void
test_rows_that_are_not_ours_are_left (void)
{
  static const WeirLimitSet set
      = { .requests_per_minute = 1, .tokens_per_minute = 1, .requests_per_day = 1 };
  static const struct
  {
    const char *key, *window;
    int64_t age_us;
    const char *counts;
  } cases[] = {
    { "", "requests-per-minute", 0, "1" },
    { "a name that is far longer than a digest of any of the keys would ever be",
      "requests-per-minute", 0, "1" },
    { KEY, "requests-per-second", 0, "1" },
    { KEY, "concurrent-requests", 0, "1" },
    { KEY, "requests-per-minute", 61 * SECOND_US, "1" },
    { KEY, "requests-per-minute", START_REAL_US + 1, "1" },
    { KEY, "requests-per-minute", 0, "" },
    { KEY, "requests-per-minute", 0, "0 0 0" },
    { KEY, "requests-per-minute", 0, " 1" },
    { KEY, "requests-per-minute", 0, "1 " },
    { KEY, "requests-per-minute", 0, "1  1" },
    { KEY, "requests-per-minute", 0, "1,1" },
    { KEY, "requests-per-minute", 0, "-1" },
    { KEY, "requests-per-minute", 0, "+1" },
    { KEY, "requests-per-minute", 0, "1x" },
    { KEY, "requests-per-minute", 0, "99999999999999999999999999" },
    { KEY, "tokens-per-minute", 0, "1099511627777" },
    { KEY, "tokens-per-minute", 55 * SECOND_US, "0 0 0 0 0 0 9 9 9" },
  };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  g_autoptr (GString) many = g_string_new ("1");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    weir_limits_restore (limits, cases[i].key, cases[i].window,
                         START_REAL_US - cases[i].age_us, cases[i].counts, 0,
                         START_REAL_US);
  for (unsigned i = 0; i < 61; i++)
    g_string_append (many, " 1");
  weir_limits_restore (limits, KEY, "requests-per-minute", START_REAL_US, many->str, 0,
                       START_REAL_US);
  g_assert_true (ask (limits, &set, 1, 0));
}

static void
test_many_keys_cost_bounded_memory (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 1 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);
  WeirReservation held = { 0 };
  WeirLimitRefusal refusal;
  size_t before;

  g_assert_true (weir_limits_reserve (limits, "held", &set, 0, 0, &held, &refusal));
  before = mallinfo2 ().uordblks;
  /* ten a day, for years */
  for (unsigned i = 0; i < 20000; i++)
    {
      WeirReservation reservation = { 0 };
      char name[16];

      g_snprintf (name, sizeof name, "%08x", i);
      g_assert_true (weir_limits_reserve (limits, name, &set, 0, i * DAY_US / 10,
                                          &reservation, &refusal));
      weir_limits_settle (limits, &reservation, 0, i * DAY_US / 10);
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + (1 << 20));
  /* whoever is under way is not forgotten */
  weir_limits_settle (limits, &held, 5, 20000 * DAY_US / 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limits/a-hundred-at-once-get-what-is-left",
                   test_a_hundred_at_once_get_what_is_left);
  g_test_add_func ("/limits/a-key-without-a-limit-asks-freely",
                   test_a_key_without_a_limit_asks_freely);
  g_test_add_func ("/limits/one-key-is-not-another", test_one_key_is_not_another);
  g_test_add_func ("/limits/no-minute-holds-more-than-the-limit",
                   test_no_minute_holds_more_than_the_limit);
  g_test_add_func ("/limits/a-refused-request-counts-nowhere",
                   test_a_refused_request_counts_nowhere);
  g_test_add_func ("/limits/the-longest-refusal-is-told", test_the_longest_refusal_is_told);
  g_test_add_func ("/limits/tokens-are-settled-by-what-was-used",
                   test_tokens_are_settled_by_what_was_used);
  g_test_add_func ("/limits/an-overdrawn-window-is-paid-back-by-time",
                   test_an_overdrawn_window_is_paid_back_by_time);
  g_test_add_func ("/limits/what-a-long-answer-held-is-not-given-back-twice",
                   test_what_a_long_answer_held_is_not_given_back_twice);
  g_test_add_func ("/limits/a-cancelled-request-counts-nowhere",
                   test_a_cancelled_request_counts_nowhere);
  g_test_add_func ("/limits/a-clock-set-back-frees-nothing",
                   test_a_clock_set_back_frees_nothing);
  g_test_add_func ("/limits/a-changed-limit-counts-what-was",
                   test_a_changed_limit_counts_what_was);
  g_test_add_func ("/limits/does-as-a-list-of-events-does",
                   test_does_as_a_list_of_events_does);
  g_test_add_func ("/limits/a-restart-changes-nothing", test_a_restart_changes_nothing);
  g_test_add_func ("/limits/what-was-asked-before-the-rows-came-is-added",
                   test_what_was_asked_before_the_rows_came_is_added);
  g_test_add_func ("/limits/a-restart-with-another-clock-frees-nothing",
                   test_a_restart_with_another_clock_frees_nothing);
  g_test_add_func ("/limits/what-is-old-is-forgotten-over-a-restart",
                   test_what_is_old_is_forgotten_over_a_restart);
  g_test_add_func ("/limits/a-dump-tells-what-has-changed",
                   test_a_dump_tells_what_has_changed);
  g_test_add_func ("/limits/rows-that-are-not-ours-are-left",
                   test_rows_that_are_not_ours_are_left);
  g_test_add_func ("/limits/many-keys-cost-bounded-memory",
                   test_many_keys_cost_bounded_memory);
  return g_test_run ();
}
