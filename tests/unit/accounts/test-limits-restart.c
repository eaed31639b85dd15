/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What limits remember over a restart. */

#include "config.h"

#include "accounts/weir-limits.h"

#include "base/weir-clock.h"

#define KEY "0123abcd"
#define SECOND_US WEIR_USEC_PER_SEC
#define MINUTE_US (60 * SECOND_US)
#define QUARTER_US (15 * MINUTE_US)
#define DAY_US (96 * QUARTER_US)
#define START_REAL_US ((int64_t)1700000000 * SECOND_US)

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
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
  return g_test_run ();
}
