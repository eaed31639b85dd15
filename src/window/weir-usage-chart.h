/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Buckets of usage as bars: tokens read, from the cache, and written, stacked.  It has a
 * twin in words (the page's table), and says its gist to assistive technology itself. */

#include <gtk/gtk.h>

#include "window/weir-usage.h"

#define WEIR_TYPE_USAGE_CHART (weir_usage_chart_get_type ())
G_DECLARE_FINAL_TYPE (WeirUsageChart, weir_usage_chart, WEIR, USAGE_CHART, GtkWidget)

/* (transfer full): "20 requests, 1 failed · 12.4 k read, …", and when the bucket begins. */
char *weir_usage_chart_dup_text (const WeirUsageSum *sum);
char *weir_usage_chart_dup_moment (const WeirUsageBucket *bucket, const char *format);

/* @buckets: of WeirUsageBucket; a reference is taken.
 * @format: of the labels under the bars, as for g_date_time_format. */
void weir_usage_chart_show (WeirUsageChart *self, GArray *buckets, const char *format);
