/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pace and running out: examples, and what holds for whatever is read. */

#include "config.h"

#include "accounts/weir-quota-forecast.h"

#include <math.h>

#define NOW_US ((int64_t)1795168800 * G_USEC_PER_SEC)
#define MINUTE_US ((int64_t)G_TIME_SPAN_MINUTE)
#define HOUR_US ((int64_t)G_TIME_SPAN_HOUR)

static WeirQuotaPace
pace_at (double used_percent, int64_t passed_us)
{
  const int64_t began_us = NOW_US - passed_us;

  return weir_quota_forecast_pace (used_percent, began_us, began_us + 5 * HOUR_US, NOW_US);
}

static void
test_pace_is_use_against_time (void)
{
  g_assert_cmpint (pace_at (50, 150 * MINUTE_US), ==, WEIR_QUOTA_PACE_ON);
  g_assert_cmpint (pace_at (54, 150 * MINUTE_US), ==, WEIR_QUOTA_PACE_ON);
  g_assert_cmpint (pace_at (56, 150 * MINUTE_US), ==, WEIR_QUOTA_PACE_AHEAD);
  g_assert_cmpint (pace_at (44, 150 * MINUTE_US), ==, WEIR_QUOTA_PACE_BEHIND);
  g_assert_cmpint (pace_at (100, 4 * HOUR_US), ==, WEIR_QUOTA_PACE_AHEAD);
  g_assert_cmpint (pace_at (0, 4 * HOUR_US), ==, WEIR_QUOTA_PACE_BEHIND);
}

static void
test_pace_is_not_made_up (void)
{
  g_assert_cmpint (pace_at (-1, 150 * MINUTE_US), ==, WEIR_QUOTA_PACE_UNKNOWN);
  g_assert_cmpint (pace_at (NAN, 150 * MINUTE_US), ==, WEIR_QUOTA_PACE_UNKNOWN);
  g_assert_cmpint (pace_at (7, 8 * MINUTE_US), ==, WEIR_QUOTA_PACE_UNKNOWN);
  g_assert_cmpint (pace_at (7, -MINUTE_US), ==, WEIR_QUOTA_PACE_UNKNOWN);
  g_assert_cmpint (pace_at (7, 6 * HOUR_US), ==, WEIR_QUOTA_PACE_UNKNOWN);
  g_assert_cmpint (weir_quota_forecast_pace (7, 0, NOW_US + HOUR_US, NOW_US), ==,
                   WEIR_QUOTA_PACE_UNKNOWN);
  g_assert_cmpint (weir_quota_forecast_pace (7, NOW_US - HOUR_US, 0, NOW_US), ==,
                   WEIR_QUOTA_PACE_UNKNOWN);
}

static void
test_each_pace_has_a_name (void)
{
  g_assert_cmpstr (weir_quota_pace_get_name (WEIR_QUOTA_PACE_UNKNOWN), ==, "");
  for (unsigned i = WEIR_QUOTA_PACE_UNKNOWN + 1; i < WEIR_QUOTA_PACE_LAST; i++)
    g_assert_cmpstr (weir_quota_pace_get_name (i), !=, "");
}

static int64_t
run_out (const WeirQuotaSample *samples, unsigned n, int64_t resets_in_us)
{
  return weir_quota_forecast_run_out (samples, n, 5 * HOUR_US, NOW_US + resets_in_us,
                                      NOW_US);
}

static void
test_the_end_is_where_the_last_readings_lead (void)
{
  const WeirQuotaSample samples[] = {
    { NOW_US - 4 * HOUR_US, 0 }, /* too long ago to count */
    { NOW_US - 40 * MINUTE_US, 40 },
    { NOW_US - 20 * MINUTE_US, 50 },
    { NOW_US, 60 },
  };

  g_assert_cmpint (run_out (samples, 4, 3 * HOUR_US), ==, NOW_US + 80 * MINUTE_US);
  g_assert_cmpint (run_out (samples, 4, 80 * MINUTE_US), ==, 0);
  g_assert_cmpint (run_out (samples, 4, 0), ==, 0);
}

static void
test_no_end_is_made_up (void)
{
  const WeirQuotaSample one[] = { { NOW_US, 99 } };
  const WeirQuotaSample close[] = { { NOW_US - 4 * MINUTE_US, 1 }, { NOW_US, 99 } };
  const WeirQuotaSample flat[] = { { NOW_US - 30 * MINUTE_US, 50 }, { NOW_US, 50.5 } };
  const WeirQuotaSample falls[] = { { NOW_US - 30 * MINUTE_US, 50 }, { NOW_US, 40 } };
  const WeirQuotaSample over[] = { { NOW_US - 30 * MINUTE_US, 50 }, { NOW_US, 100 } };
  const WeirQuotaSample old[]
      = { { NOW_US - 4 * HOUR_US, 10 }, { NOW_US - 3 * HOUR_US, 60 } };

  g_assert_cmpint (run_out (NULL, 0, HOUR_US), ==, 0);
  g_assert_cmpint (run_out (one, 1, HOUR_US), ==, 0);
  g_assert_cmpint (run_out (close, 2, HOUR_US), ==, 0);
  g_assert_cmpint (run_out (flat, 2, HOUR_US), ==, 0);
  g_assert_cmpint (run_out (falls, 2, HOUR_US), ==, 0);
  g_assert_cmpint (run_out (over, 2, HOUR_US), ==, 0);
  g_assert_cmpint (run_out (old, 2, HOUR_US), ==, 0);
}

/* Whatever was read: an end is later than now and not behind the reset. */
static void
test_any_end_is_between_now_and_the_reset (void)
{
  for (unsigned round = 0; round < 20000; round++)
    {
      WeirQuotaSample samples[8];
      const unsigned n = (unsigned)g_test_rand_int_range (0, G_N_ELEMENTS (samples) + 1);
      const int64_t resets_at_us
          = NOW_US + g_test_rand_int_range (-100, 100000) * (int64_t)G_USEC_PER_SEC;
      int64_t at_us = NOW_US - g_test_rand_int_range (0, 30000) * (int64_t)G_USEC_PER_SEC;
      int64_t end_us;

      for (unsigned i = 0; i < n; i++)
        {
          samples[i] = (WeirQuotaSample){ at_us, g_test_rand_double_range (0, 101) };
          at_us += g_test_rand_int_range (0, 3000) * (int64_t)G_USEC_PER_SEC;
        }
      end_us = weir_quota_forecast_run_out (
          samples, n, g_test_rand_int_range (0, 1000000) * (int64_t)G_USEC_PER_SEC,
          resets_at_us, NOW_US);
      if (end_us == 0)
        continue;
      g_assert_cmpint (end_us, >, NOW_US);
      g_assert_cmpint (end_us, <=, resets_at_us);
      g_assert_cmpuint (n, >=, 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/quota-forecast/" path, test_##name)
  ADD ("pace-is-use-against-time", pace_is_use_against_time);
  ADD ("pace-is-not-made-up", pace_is_not_made_up);
  ADD ("each-pace-has-a-name", each_pace_has_a_name);
  ADD ("the-end-is-where-the-last-readings-lead", the_end_is_where_the_last_readings_lead);
  ADD ("no-end-is-made-up", no_end_is_made_up);
  ADD ("any-end-is-between-now-and-the-reset", any_end_is_between_now_and_the_reset);
  return g_test_run ();
}
