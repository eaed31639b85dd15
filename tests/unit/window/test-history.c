/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Samples of a limit as its chart and its table want them. */

#include "config.h"

#include "window/weir-history.h"

#define HOUR_US (3600 * (int64_t)G_USEC_PER_SEC)

static GArray *
make_samples (unsigned n)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) list = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(xd)"));
  g_variant_builder_add (&builder, "(xd)", (int64_t)0, -1.0); /* not known */
  for (unsigned i = 0; i < n; i++)
    g_variant_builder_add (&builder, "(xd)", (int64_t)i * HOUR_US, (double)(i % 101));
  list = g_variant_ref_sink (g_variant_builder_end (&builder));
  return weir_history_read (list);
}

static void
test_reading_leaves_out_what_is_not_known (void)
{
  g_autoptr (GArray) samples = make_samples (3);

  g_assert_cmpuint (samples->len, ==, 3);
  g_assert_cmpfloat (g_array_index (samples, WeirHistorySample, 0).used, ==, 0);
}

/* Whatever the number of parts: in order, in the time, not more than asked for, and the
 * newest sample is there. */
static void
test_thinning_keeps_the_newest (void)
{
  g_autoptr (GArray) samples = make_samples (100);

  for (unsigned most = 1; most < 200; most++)
    {
      int64_t since_us = 10 * HOUR_US;
      int64_t until_us = 99 * HOUR_US;
      g_autoptr (GArray) few = weir_history_thin (samples, since_us, until_us, most);

      g_assert_cmpuint (few->len, >, 0);
      g_assert_cmpuint (few->len, <=, most);
      for (unsigned i = 0; i < few->len; i++)
        {
          int64_t at_us = g_array_index (few, WeirHistorySample, i).at_us;

          g_assert_cmpint (at_us, >=, since_us);
          g_assert_cmpint (at_us, <=, until_us);
          g_assert_true (i == 0
                         || at_us > g_array_index (few, WeirHistorySample, i - 1).at_us);
        }
      g_assert_cmpint (g_array_index (few, WeirHistorySample, few->len - 1).at_us, ==,
                       until_us);
    }
}

static void
test_reach_is_bounded (void)
{
  g_assert_cmpint (weir_history_get_reach (0), ==, 7 * 24 * HOUR_US);
  g_assert_cmpint (weir_history_get_reach (HOUR_US), ==, 24 * HOUR_US);
  g_assert_cmpint (weir_history_get_reach (7 * 24 * HOUR_US), ==, 21 * 24 * HOUR_US);
  g_assert_cmpint (weir_history_get_reach (365 * 24 * HOUR_US), ==, 60 * 24 * HOUR_US);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/reading-leaves-out-what-is-not-known",
                   test_reading_leaves_out_what_is_not_known);
  g_test_add_func ("/history/thinning-keeps-the-newest", test_thinning_keeps_the_newest);
  g_test_add_func ("/history/reach-is-bounded", test_reach_is_bounded);
  return g_test_run ();
}
