/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Readings in the pool's words: whose, how much, when. */

#include "config.h"

#include "accounts/weir-quota-window.h"

#define SECOND ((int64_t)G_USEC_PER_SEC)
#define NOW (100 * SECOND)
#define REAL (1795168800 * SECOND)

static WeirQuotaWindow
convert (double used_percent, int64_t left_us, gboolean rejected)
{
  WeirQuotaReading reading = { .n_allowances = 1 };
  WeirQuotaWindow window = { 0 };

  reading.allowances[0] = (WeirQuotaAllowance){ .name = "5h",
                                                .used_percent = used_percent,
                                                .length_us = 18000 * SECOND,
                                                .rejected = rejected };
  if (left_us != 0)
    reading.allowances[0].resets_at_us = REAL + left_us;
  g_assert_cmpuint (weir_quota_window_from_reading (&reading, NOW, REAL, &window, 1), ==,
                    1);
  g_assert_cmpint (window.length_us, ==, 18000 * SECOND);
  return window;
}

static void
test_shares_and_times_are_the_pools (void)
{
  WeirQuotaWindow window = convert (42, 3600 * SECOND, FALSE);

  g_assert_cmpfloat_with_epsilon (window.used, 0.42, 1e-9);
  g_assert_cmpint (window.resets_at_us, ==, NOW + 3600 * SECOND);
  g_assert_false (window.rejected);

  window = convert (100, SECOND, TRUE);
  g_assert_cmpfloat (window.used, >=, 1);
  g_assert_true (window.rejected);
  /* before this machine was started: past all the same, not unknown */
  g_assert_cmpint (convert (10, -200 * SECOND, FALSE).resets_at_us, ==, 1);
}

static void
test_unknown_stays_unknown (void)
{
  WeirQuotaWindow window = convert (WEIR_QUOTA_UNKNOWN, SECOND, TRUE);

  g_assert_cmpfloat (window.used, <, 0);
  g_assert_true (window.rejected);
  g_assert_cmpint (convert (10, 0, FALSE).resets_at_us, ==, 0);
}

static void
test_used_up_until_nobody_knows_when_is_not_believed (void)
{
  WeirQuotaWindow window = convert (100, 0, FALSE);

  g_assert_cmpfloat (window.used, <, 0);
  window = convert (40, 0, TRUE);
  g_assert_cmpfloat (window.used, <, 0);
  g_assert_false (window.rejected);
}

static void
test_models_are_not_the_account (void)
{
  WeirQuotaReading reading = { .n_allowances = 6 };
  WeirQuotaWindow windows[3];

  g_strlcpy (reading.allowances[0].model, "opus", sizeof reading.allowances[0].model);
  for (unsigned i = 0; i < 6; i++)
    reading.allowances[i].used_percent = 10 * i;
  g_assert_cmpuint (weir_quota_window_from_reading (&reading, NOW, REAL, windows, 3), ==,
                    3);
  g_assert_cmpfloat_with_epsilon (windows[0].used, 0.1, 1e-9);
  g_assert_cmpfloat_with_epsilon (windows[2].used, 0.3, 1e-9);
  reading.n_allowances = 1;
  g_assert_cmpuint (weir_quota_window_from_reading (&reading, NOW, REAL, windows, 3), ==,
                    0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/quota-window/" path, test_##name)
  ADD ("shares-and-times-are-the-pools", shares_and_times_are_the_pools);
  ADD ("unknown-stays-unknown", unknown_stays_unknown);
  ADD ("used-up-until-nobody-knows-when-is-not-believed",
       used_up_until_nobody_knows_when_is_not_believed);
  ADD ("models-are-not-the-account", models_are_not_the_account);
  return g_test_run ();
}
