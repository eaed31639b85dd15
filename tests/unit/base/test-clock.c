/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-clock.h"

static void
test_both_clocks_follow_the_offset (void)
{
  int64_t offset_us = 0;
  int64_t now_us, real_us;

  g_assert_false (weir_clock_is_driven ());
  weir_clock_set_test_offset (&offset_us);
  g_assert_true (weir_clock_is_driven ());
  now_us = weir_clock_now_us ();
  real_us = weir_clock_real_us ();
  offset_us = 3600 * WEIR_USEC_PER_SEC;
  g_assert_cmpint (weir_clock_now_us () - now_us, >=, offset_us);
  g_assert_cmpint (weir_clock_real_us () - real_us, >=, offset_us - 60 * WEIR_USEC_PER_SEC);
  weir_clock_set_test_offset (NULL);
  g_assert_false (weir_clock_is_driven ());
  g_assert_cmpint (weir_clock_now_us () - now_us, <, offset_us);
}

static void
test_the_monotonic_clock_does_not_go_back (void)
{
  int64_t before_us = weir_clock_now_us ();

  for (int i = 0; i < 1000; i++)
    {
      int64_t now_us = weir_clock_now_us ();

      g_assert_cmpint (now_us, >=, before_us);
      before_us = now_us;
    }
}

static void
test_real_time_is_that_of_the_system (void)
{
  int64_t difference_us = weir_clock_real_us () - g_get_real_time ();

  g_assert_cmpint (ABS (difference_us), <, 60 * WEIR_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clock/both-clocks-follow-the-offset",
                   test_both_clocks_follow_the_offset);
  g_test_add_func ("/clock/the-monotonic-clock-does-not-go-back",
                   test_the_monotonic_clock_does_not_go_back);
  g_test_add_func ("/clock/real-time-is-that-of-the-system",
                   test_real_time_is_that_of_the_system);
  return g_test_run ();
}
