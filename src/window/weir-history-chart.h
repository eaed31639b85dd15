/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How full a limit was over time, as a line from empty to full.  It has a twin in words
 * (the table beside it), and says its gist to assistive technology itself. */

#include <gtk/gtk.h>
#include <stdint.h>

#define WEIR_TYPE_HISTORY_CHART (weir_history_chart_get_type ())
G_DECLARE_FINAL_TYPE (WeirHistoryChart, weir_history_chart, WEIR, HISTORY_CHART, GtkWidget)

/* @samples: of WeirHistorySample, oldest first; a reference is taken.
 * @name: of the limit. */
void weir_history_chart_show (WeirHistoryChart *self,
                              GArray *samples,
                              const char *name,
                              int64_t since_us,
                              int64_t until_us);
