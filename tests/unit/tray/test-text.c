/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Spelling of numbers and times. */

#include "config.h"

#include "tray/weir-tray-text.h"

#include "tray-fixture.h"

#include <stdlib.h>
#include <string.h>

static void
test_left (void)
{
  g_assert_cmpint (weir_tray_text_left (0.0), ==, 100);
  g_assert_cmpint (weir_tray_text_left (0.01), ==, 99);
  g_assert_cmpint (weir_tray_text_left (42.4), ==, 58);
  g_assert_cmpint (weir_tray_text_left (99.9), ==, 1);
  g_assert_cmpint (weir_tray_text_left (100.0), ==, 0);
  g_assert_cmpint (weir_tray_text_left (250.0), ==, 0);
  for (int tenth = 1; tenth < 1000; tenth++)
    {
      g_assert_cmpint (weir_tray_text_left (tenth / 10.0), >, 0);
      g_assert_cmpint (weir_tray_text_left (tenth / 10.0), <, 100);
    }
}

static void
assert_countdown (int64_t seconds, const char *expected)
{
  g_autofree char *text
      = weir_tray_text_countdown (NOW_US + seconds * G_USEC_PER_SEC, NOW_US);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_countdown (void)
{
  assert_countdown (-5, "now");
  assert_countdown (0, "now");
  assert_countdown (20, "1 min");
  assert_countdown (119, "1 min");
  assert_countdown (3599, "59 min");
  assert_countdown (3 * 3600 + 61, "3 h 1 min");
  assert_countdown (86400 * 3 + 3600 * 4 + 3599, "3 d 4 h");
  assert_countdown (INT64_MAX / G_USEC_PER_SEC / 2 - NOW_US / G_USEC_PER_SEC, "9999 d 2 h");
}

static void
assert_clock (int64_t at_us, const char *expected)
{
  g_autofree char *text = weir_tray_text_clock (at_us, NOW_US);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_clock (void)
{
  assert_clock (NOW_US + 2 * HOUR_US + 20 * 60 * (int64_t)G_USEC_PER_SEC, "14:20");
  assert_clock (NOW_US + 21 * HOUR_US, "Tue 09:00");
  assert_clock (NOW_US + 24 * 10 * HOUR_US, "17 Dec");
  assert_clock (INT64_MAX, "");
}

static void
assert_elided (const char *text, unsigned max, const char *expected)
{
  g_autofree char *elided = weir_tray_text_elide (text, max);

  g_assert_cmpstr (elided, ==, expected);
}

static void
test_elide (void)
{
  assert_elided ("abc", 3, "abc");
  assert_elided ("abcd", 3, "ab…");
  assert_elided ("äöüß", 3, "äö…");
  assert_elided ("a\nb\tc", 9, "a b c");
  assert_elided ("", 3, "");
  assert_elided ("a\u202eb\u2066c", 3, "abc");
  assert_elided ("עברית", 9, "עברית");
  assert_elided ("x\xff", 9, "x\xef\xbf\xbd");
}

static void
test_private (void)
{
  g_autofree char *masked = weir_tray_text_private ("walter@example.org", "claude-1");
  g_autofree char *other = weir_tray_text_private ("walter@example.org", "claude-2");
  g_autofree char *nickname = weir_tray_text_private ("work", "claude-1");

  g_assert_true (g_str_has_prefix (masked, "w…@e… #"));
  g_assert_null (strstr (masked, "example"));
  g_assert_cmpstr (masked, !=, other);
  g_assert_cmpstr (nickname, ==, "work");
}

int
main (int argc, char **argv)
{
  setenv ("TZ", "UTC", 1);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/nothing-and-all-are-said-only-when-true", test_left);
  g_test_add_func ("/text/countdowns-are-never-rounded-up-or-negative", test_countdown);
  g_test_add_func ("/text/clocks-say-the-day-where-it-is-another", test_clock);
  g_test_add_func ("/text/long-texts-end-in-an-ellipsis", test_elide);
  g_test_add_func ("/text/masked-addresses-tell-accounts-apart", test_private);
  return g_test_run ();
}
