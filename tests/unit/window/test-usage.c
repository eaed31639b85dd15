/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sums of usage: nothing is counted twice or lost, whatever the time and the clock's
 * changes. */

#include "config.h"

#include <glib.h>

#include "window/weir-usage.h"

#define HOUR ((int64_t)3600 * G_USEC_PER_SEC)
#define DAY (24 * HOUR)

/* 2026-03-29 12:00 UTC, when clocks went forward in Berlin; and 2026-10-25, when they went
 * back. */
#define SPRING (INT64_C (1774785600) * G_USEC_PER_SEC)
#define AUTUMN (INT64_C (1792929600) * G_USEC_PER_SEC)

/* A row an hour, of each of two seats and two models, from @from_us to @to_us. */
static GVariant *
make_rows (int64_t from_us, int64_t to_us)
{
  static const char *const seats[] = { "a", "b" };
  static const char *const models[] = { "m", "n" };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (int64_t hour_us = from_us / HOUR * HOUR; hour_us <= to_us; hour_us += HOUR)
    for (unsigned i = 0; i < 4; i++)
      {
        GVariantDict dict;

        g_variant_dict_init (&dict, NULL);
        g_variant_dict_insert (&dict, "hour", "x", hour_us);
        g_variant_dict_insert (&dict, "seat", "s", seats[i % 2]);
        g_variant_dict_insert (&dict, "model", "s", models[i / 2]);
        g_variant_dict_insert (&dict, "requests", "t", (guint64)1);
        g_variant_dict_insert (&dict, "failed", "t", (guint64)(i == 0));
        g_variant_dict_insert (&dict, "input-tokens", "t", (guint64)100);
        g_variant_dict_insert (&dict, "cached-tokens", "t", (guint64)60);
        g_variant_dict_insert (&dict, "output-tokens", "t", (guint64)10);
        g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
      }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
test_buckets (void)
{
  static const unsigned counts[WEIR_USAGE_RANGE_LAST] = { 24, 7, 30 };
  static const int64_t nows[] = { SPRING, AUTUMN, SPRING + 12 * HOUR - 1, AUTUMN - HOUR };
  const WeirUsageFilter any = { 0 };

  for (unsigned range = 0; range < WEIR_USAGE_RANGE_LAST; range++)
    for (size_t i = 0; i < G_N_ELEMENTS (nows); i++)
      {
        g_autoptr (GVariant) rows = make_rows (nows[i] - 31 * DAY, nows[i]);
        g_autoptr (GArray) buckets = NULL;
        int64_t since_us = weir_usage_get_since (range, nows[i]);
        WeirUsageSum total;
        int64_t requests = 0;
        int64_t before_us = 0;

        buckets = weir_usage_collect (rows, range, &any, nows[i], &total);
        g_assert_cmpuint (buckets->len, ==, counts[range]);
        g_assert_cmpint (g_array_index (buckets, WeirUsageBucket, 0).begins_us, ==,
                         since_us);
        for (unsigned k = 0; k < buckets->len; k++)
          {
            const WeirUsageBucket *bucket = &g_array_index (buckets, WeirUsageBucket, k);

            g_assert_cmpint (bucket->begins_us, >, before_us);
            before_us = bucket->begins_us;
            requests += bucket->sum.requests;
          }
        g_assert_cmpint (before_us, <=, nows[i]);
        g_assert_cmpint (requests, ==, total.requests);
        g_assert_cmpint (total.requests, ==,
                         4 * (nows[i] / HOUR - (since_us + HOUR - 1) / HOUR + 1));
        g_assert_cmpint (total.input_tokens, ==, 100 * total.requests);
        g_assert_cmpint (total.cached_tokens, ==, 60 * total.requests);
        g_assert_cmpint (total.output_tokens, ==, 10 * total.requests);
        g_assert_cmpint (total.failed * 4, ==, total.requests);
      }
}

/* A day of 23 hours and one of 25. */
static void
test_days (void)
{
  static const struct
  {
    int64_t now_us;
    int64_t hours;
  } cases[] = { { SPRING + DAY, 23 }, { AUTUMN + DAY, 25 } };
  const WeirUsageFilter any = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) rows = make_rows (cases[i].now_us - 8 * DAY, cases[i].now_us);
      WeirUsageSum total;
      g_autoptr (GArray) buckets
          = weir_usage_collect (rows, WEIR_USAGE_WEEK, &any, cases[i].now_us, &total);

      g_assert_cmpint (g_array_index (buckets, WeirUsageBucket, 5).sum.requests, ==,
                       4 * cases[i].hours);
      g_assert_cmpint (g_array_index (buckets, WeirUsageBucket, 4).sum.requests, ==,
                       4 * 24);
    }
}

static void
test_filter (void)
{
  static const WeirUsageFilter filters[] = {
    { "a", "m" },
    { "a", "n" },
    { "b", "m" },
    { "b", "n" },
  };
  const WeirUsageFilter any = { 0 };
  const WeirUsageFilter nobody = { .seat = "c" };
  g_autoptr (GVariant) rows = make_rows (SPRING - DAY, SPRING);
  WeirUsageSum total;
  WeirUsageSum part;
  int64_t parts = 0;
  g_autoptr (GArray) whole
      = weir_usage_collect (rows, WEIR_USAGE_WEEK, &any, SPRING, &total);
  g_autoptr (GArray) none
      = weir_usage_collect (rows, WEIR_USAGE_WEEK, &nobody, SPRING, &part);

  g_assert_cmpuint (none->len, ==, whole->len);
  g_assert_cmpint (part.requests, ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      g_autoptr (GArray) some
          = weir_usage_collect (rows, WEIR_USAGE_WEEK, &filters[i], SPRING, &part);

      g_assert_cmpuint (some->len, ==, whole->len);
      g_assert_cmpint (part.requests * 4, ==, total.requests);
      parts += part.requests;
    }
  g_assert_cmpint (parts, ==, total.requests);
}

/* A service may say anything: sums stay sums. */
static void
test_odd_rows (void)
{
  const WeirUsageFilter any = { 0 };
  g_autoptr (GVariant) rows = g_variant_ref_sink (g_variant_new_parsed (
      "[{'hour': <int64 -1>, 'requests': <uint64 5>}, {'requests': <'x'>}, @a{sv} {},"
      " {'hour': <int64 9223372036854775807>, 'requests': <uint64 "
      "18446744073709551615>}]"));
  WeirUsageSum total;
  g_autoptr (GArray) buckets
      = weir_usage_collect (rows, WEIR_USAGE_DAY, &any, SPRING, &total);

  g_assert_cmpuint (buckets->len, ==, 24);
  g_assert_cmpint (total.requests, >=, 0);
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usage/buckets-follow-one-another-and-lose-nothing", test_buckets);
  g_test_add_func ("/usage/a-day-has-the-hours-that-the-calendar-gives-it", test_days);
  g_test_add_func ("/usage/the-parts-are-the-whole", test_filter);
  g_test_add_func ("/usage/odd-rows-do-no-harm", test_odd_rows);
  return g_test_run ();
}
