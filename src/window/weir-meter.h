/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How much of a limit is used, as a bar; a caret on it says how much of its time is over.
 *
 * The bar is a GtkLevelBar, so assistive technology sees a meter with its bounds and value.
 * Colours come from the style sheet: the classes "tight" and "spent" stand on the widget.
 */

#include <gtk/gtk.h>

#define WEIR_TYPE_METER (weir_meter_get_type ())
G_DECLARE_FINAL_TYPE (WeirMeter, weir_meter, WEIR, METER, GtkWidget)

/* @percent: used, 0 to 100, or -1 where it is not known.
 * @elapsed: of the limit's time, 0.0 to 1.0, or -1 for no caret.
 * @is_left: the bar is drawn as what is left.
 * @label: what it is the meter of, @value: the value in words. */
void weir_meter_show (WeirMeter *self,
                      double percent,
                      double elapsed,
                      gboolean is_left,
                      const char *label,
                      const char *value);
