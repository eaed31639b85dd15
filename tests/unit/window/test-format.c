/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers and times as texts. */

#include "config.h"

#include <glib.h>

#include "window/weir-format.h"

#define MINUTE ((int64_t)60 * G_USEC_PER_SEC)

static void
check (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_spans (void)
{
  check (weir_format_span (0), "under a minute");
  check (weir_format_span (-MINUTE), "under a minute");
  check (weir_format_span (5 * MINUTE), "5 min");
  check (weir_format_span (130 * MINUTE), "2 h 10 min");
  check (weir_format_span (51 * 60 * MINUTE), "2 d 3 h");
}

/* Suspend over a reset: what is past never becomes a negative time. */
static void
test_resets (void)
{
  for (int64_t late = 0; late < 3000 * MINUTE; late += 7 * MINUTE)
    check (weir_format_reset (MINUTE, MINUTE + late, FALSE), "reset is due");
  check (weir_format_reset (0, MINUTE, FALSE), "");
  check (weir_format_reset (11 * MINUTE, MINUTE, FALSE), "resets in 10 min");
}

static void
test_counts (void)
{
  check (weir_format_count (480), "480");
  check (weir_format_count (9999), "9999");
  check (weir_format_count (12400), "12.4 k");
  check (weir_format_count (200000), "200 k");
  check (weir_format_count (1300000), "1.3 M");
}

static void
test_elapsed (void)
{
  g_assert_cmpfloat (weir_format_elapsed (0, 10, 5), <, 0);
  g_assert_cmpfloat (weir_format_elapsed (10, 10, 5), <, 0);
  for (int64_t now = 0; now < 100; now++)
    {
      double elapsed = weir_format_elapsed (10, 50, now);

      g_assert_cmpfloat (elapsed, >=, 0);
      g_assert_cmpfloat (elapsed, <=, 1);
    }
}

static void
test_private (void)
{
  g_autofree char *one = weir_format_private ("a@example.org", TRUE);
  g_autofree char *other = weir_format_private ("b@example.org", TRUE);
  g_autofree char *sentence = weir_format_private ("Claude a@example.org, and more.", TRUE);
  g_autofree char *expected = g_strdup_printf ("Claude %s, and more.", one);

  g_assert_true (g_str_has_prefix (one, "••••• #"));
  g_assert_null (strchr (one, '@'));
  g_assert_cmpstr (one, !=, other);
  g_assert_cmpstr (sentence, ==, expected);
  check (weir_format_private ("a@example.org", FALSE), "a@example.org");
  check (weir_format_private ("work", TRUE), "work");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/a-span-has-its-two-largest-units", test_spans);
  g_test_add_func ("/format/a-reset-is-never-negative", test_resets);
  g_test_add_func ("/format/a-count-has-three-digits", test_counts);
  g_test_add_func ("/format/what-has-gone-lies-between-none-and-all", test_elapsed);
  g_test_add_func ("/format/addresses-are-hidden-names-are-not", test_private);
  return g_test_run ();
}
