/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sums over hours and days. */

#include "config.h"

#include "window/weir-usage.h"

#define SECOND ((int64_t)G_USEC_PER_SEC)
#define HOUR (3600 * SECOND)

/* clang-format off */
static const unsigned bucket_counts[] = {
  [WEIR_USAGE_DAY]   = 24,
  [WEIR_USAGE_WEEK]  = 7,
  [WEIR_USAGE_MONTH] = 30,
};
/* clang-format on */
G_STATIC_ASSERT (G_N_ELEMENTS (bucket_counts) == WEIR_USAGE_RANGE_LAST);

/* When the bucket begins that is @back before the one of @now_us.  Days are counted by the
 * calendar: two of a year have 23 or 25 hours. */
static int64_t
bucket_start (WeirUsageRange range, int64_t now_us, unsigned back)
{
  g_autoptr (GDateTime) now = NULL;
  g_autoptr (GDateTime) today = NULL;
  g_autoptr (GDateTime) day = NULL;

  if (range == WEIR_USAGE_DAY)
    return now_us / HOUR * HOUR - (int64_t)back * HOUR;
  now = g_date_time_new_from_unix_local (now_us / SECOND);
  today = g_date_time_new_local (g_date_time_get_year (now), g_date_time_get_month (now),
                                 g_date_time_get_day_of_month (now), 0, 0, 0);
  day = g_date_time_add_days (today, -(int)back);
  return g_date_time_to_unix (day) * SECOND;
}

int64_t
weir_usage_get_since (WeirUsageRange range, int64_t now_us)
{
  return bucket_start (range, now_us, bucket_counts[range] - 1);
}

static void
add (WeirUsageSum *sum, const WeirUsageSum *more)
{
  sum->requests += more->requests;
  sum->failed += more->failed;
  sum->input_tokens += more->input_tokens;
  sum->cached_tokens += more->cached_tokens;
  sum->output_tokens += more->output_tokens;
}

static int64_t
read_count (GVariant *row, const char *name)
{
  uint64_t count = 0;

  g_variant_lookup (row, name, "t", &count);
  return (int64_t)MIN (count, G_MAXINT64 / 2);
}

/* @wanted: (nullable): any. */
static gboolean
is_text (GVariant *row, const char *name, const char *wanted)
{
  const char *text = "";

  g_variant_lookup (row, name, "&s", &text);
  return wanted == NULL || g_str_equal (text, wanted);
}

GArray *
weir_usage_collect (GVariant *rows,
                    WeirUsageRange range,
                    const WeirUsageFilter *filter,
                    int64_t now_us,
                    WeirUsageSum *out_total)
{
  unsigned n = bucket_counts[range];
  GArray *buckets = g_array_sized_new (FALSE, TRUE, sizeof (WeirUsageBucket), n);
  WeirUsageSum total = { 0 };

  g_array_set_size (buckets, n);
  for (unsigned i = 0; i < n; i++)
    g_array_index (buckets, WeirUsageBucket, i).begins_us
        = bucket_start (range, now_us, n - 1 - i);

  for (size_t i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      WeirUsageSum sum = {
        .requests = read_count (row, "requests"),
        .failed = read_count (row, "failed"),
        .input_tokens = read_count (row, "input-tokens"),
        .cached_tokens = read_count (row, "cached-tokens"),
        .output_tokens = read_count (row, "output-tokens"),
      };
      int64_t hour_us = 0;
      unsigned bucket = n;

      g_variant_lookup (row, "hour", "x", &hour_us);
      if (!is_text (row, "seat", filter->seat) || !is_text (row, "model", filter->model))
        continue;
      while (bucket > 0
             && g_array_index (buckets, WeirUsageBucket, bucket - 1).begins_us > hour_us)
        bucket--;
      if (bucket == 0)
        continue; /* older than the first */
      add (&g_array_index (buckets, WeirUsageBucket, bucket - 1).sum, &sum);
      add (&total, &sum);
    }
  *out_total = total;
  return buckets;
}
