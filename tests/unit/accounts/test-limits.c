/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How much a key may ask. */

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

/* For tests that do not look at the refusal. */
static gboolean
ask (WeirLimits *limits, const WeirLimitSet *set, uint64_t tokens, int64_t now_us)
{
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;

  return weir_limits_reserve (limits, KEY, set, tokens, now_us, &reservation, &refusal);
}

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
test_what_is_used_is_told (void)
{
  static const WeirLimitSet set = { .requests_per_minute = 9, .tokens_per_minute = 100 };
  g_autoptr (WeirLimits) limits = weir_limits_new (0, START_REAL_US);

  g_assert_cmpuint (weir_limits_get_used (limits, KEY, WEIR_LIMIT_REQUESTS_PER_MINUTE, 0),
                    ==, 0);
  g_assert_true (ask (limits, &set, 30, 0));
  g_assert_true (ask (limits, &set, 30, 0));
  g_assert_cmpuint (weir_limits_get_used (limits, KEY, WEIR_LIMIT_REQUESTS_PER_MINUTE, 0),
                    ==, 2);
  g_assert_cmpuint (weir_limits_get_used (limits, KEY, WEIR_LIMIT_TOKENS_PER_MINUTE, 0), ==,
                    60);
  g_assert_cmpuint (weir_limits_get_used (limits, KEY, WEIR_LIMIT_CONCURRENT_REQUESTS, 0),
                    ==, 2);
  g_assert_cmpuint (
      weir_limits_get_used (limits, KEY, WEIR_LIMIT_TOKENS_PER_MINUTE, 2 * MINUTE_US), ==,
      0);
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
  g_test_add_func ("/limits/what-is-used-is-told", test_what_is_used_is_told);
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
  g_test_add_func ("/limits/many-keys-cost-bounded-memory",
                   test_many_keys_cost_bounded_memory);
  return g_test_run ();
}
