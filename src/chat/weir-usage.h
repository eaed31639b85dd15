/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Token counts of the four dialects, brought to one way of counting. */

#include "base/weir-json.h"
#include "chat/weir-protocol.h"

/* The counts as the dialects spell them; WEIR_USAGE_UNKNOWN where nobody said one. */
typedef enum
{
  WEIR_COUNT_INPUT,
  WEIR_COUNT_CACHED,
  WEIR_COUNT_CACHE_WRITE,
  WEIR_COUNT_TOOL_INPUT, /* Gemini: results of the vendor's own tools */
  WEIR_COUNT_OUTPUT,
  WEIR_COUNT_REASONING,
  WEIR_COUNT_TOTAL,
  WEIR_COUNT_LAST,
} WeirCount;

typedef struct
{
  uint64_t counts[WEIR_COUNT_LAST];
} WeirUsageCounts;

void weir_usage_counts_init (WeirUsageCounts *self);

/* Told of each count that was read and of the item it stood in. */
typedef void (*WeirUsageFunc) (WeirCount count, uint32_t item, gpointer user_data);

/* Reads the usage object at @object: counts that stand there replace those of before, what
 * is absent, null, negative, fractional or no number leaves them alone.  @func (nullable).
 * Returns TRUE when at least one count was read. */
gboolean weir_usage_counts_read (WeirUsageCounts *self,
                                 WeirDialect dialect,
                                 const WeirJson *json,
                                 uint32_t object,
                                 WeirUsageFunc func,
                                 gpointer user_data);

/* Brings the counts to WeirUsage's inclusive way of counting. */
void weir_usage_settle (WeirUsage *out, WeirDialect dialect, const WeirUsageCounts *counts);
