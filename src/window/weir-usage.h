/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What was used, put together for a chart and its table: one bucket an hour or a day.  Pure
 * but for the time zone, in which a day begins. */

#include <glib.h>
#include <stdint.h>

typedef enum
{
  WEIR_USAGE_DAY,   /* 24 buckets of an hour */
  WEIR_USAGE_WEEK,  /* 7 buckets of a day */
  WEIR_USAGE_MONTH, /* 30 buckets of a day */
  WEIR_USAGE_RANGE_LAST,
} WeirUsageRange;

typedef struct
{
  int64_t requests;
  int64_t failed;
  int64_t input_tokens;  /* with the cached ones */
  int64_t cached_tokens; /* of the input */
  int64_t output_tokens;
} WeirUsageSum;

typedef struct
{
  int64_t begins_us; /* since 1970 */
  WeirUsageSum sum;
} WeirUsageBucket;

/* What to sum up; NULL: whatever. */
typedef struct
{
  const char *seat;  /* (nullable) */
  const char *model; /* (nullable) */
} WeirUsageFilter;

/* When the first bucket of @range begins, seen from @now_us. */
int64_t weir_usage_get_since (WeirUsageRange range, int64_t now_us);

/* (transfer full): of WeirUsageBucket, oldest first, always as many as @range has.
 * @rows: what ListUsage returned.
 * @out_total: the sum over all buckets. */
GArray *weir_usage_collect (GVariant *rows,
                            WeirUsageRange range,
                            const WeirUsageFilter *filter,
                            int64_t now_us,
                            WeirUsageSum *out_total);
