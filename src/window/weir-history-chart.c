/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line.  What a sample says holds until the next one: between them nobody asked. */

#include "config.h"

#include "window/weir-history-chart.h"

#include <glib/gi18n.h>

#include "window/weir-format.h"
#include "window/weir-history.h"

#define HEIGHT 120
#define LABEL_HEIGHT 20
#define LINE_WIDTH 2
#define AREA_ALPHA 0.25
#define GRID_ALPHA 0.15

struct _WeirHistoryChart
{
  GtkWidget parent;

  GArray *samples; /* (owned) (nullable) of WeirHistorySample */
  int64_t since_us;
  int64_t until_us;
};

G_DEFINE_FINAL_TYPE (WeirHistoryChart, weir_history_chart, GTK_TYPE_WIDGET)

static void
describe (WeirHistoryChart *self, const char *name)
{
  const WeirHistorySample *most = NULL;
  const WeirHistorySample *last = NULL;
  g_autofree char *now = NULL;
  g_autofree char *highest = NULL;
  g_autofree char *moment = NULL;
  g_autofree char *text = NULL;

  for (unsigned i = 0; i < self->samples->len; i++)
    {
      last = &g_array_index (self->samples, WeirHistorySample, i);
      if (most == NULL || last->used > most->used)
        most = last;
    }
  if (last == NULL)
    return;
  now = weir_format_percent (last->used);
  highest = weir_format_percent (most->used);
  moment = weir_format_moment (most->at_us, self->until_us);
  /* Translators: a limit's name, how much is used now, the most, and when that was. */
  text = g_strdup_printf (_ ("%s over time: now %s; the most, %s, at %s"), name, now,
                          highest, moment);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

void
weir_history_chart_show (WeirHistoryChart *self,
                         GArray *samples,
                         const char *name,
                         int64_t since_us,
                         int64_t until_us)
{
  g_return_if_fail (WEIR_IS_HISTORY_CHART (self));
  g_return_if_fail (since_us < until_us);

  g_array_ref (samples);
  g_clear_pointer (&self->samples, g_array_unref);
  self->samples = samples;
  self->since_us = since_us;
  self->until_us = until_us;
  describe (self, name);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static double
get_x (WeirHistoryChart *self, int64_t at_us, double width)
{
  double share
      = CLAMP ((double)(at_us - self->since_us) / (double)(self->until_us - self->since_us),
               0.0, 1.0);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  return width * (is_rtl ? 1 - share : share);
}

static void
trace (WeirHistoryChart *self, cairo_t *cairo, double width, double height)
{
  for (unsigned i = 0; i < self->samples->len; i++)
    {
      const WeirHistorySample *sample
          = &g_array_index (self->samples, WeirHistorySample, i);
      int64_t ends_us = i + 1 < self->samples->len
                            ? g_array_index (self->samples, WeirHistorySample, i + 1).at_us
                            : self->until_us;
      double y = height * (1 - sample->used / 100);

      cairo_line_to (cairo, get_x (self, sample->at_us, width), y);
      cairo_line_to (cairo, get_x (self, ends_us, width), y);
    }
}

static void
draw_line (WeirHistoryChart *self, cairo_t *cairo, double width, double height)
{
  const WeirHistorySample *first = &g_array_index (self->samples, WeirHistorySample, 0);
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color;

  if (!gtk_style_context_lookup_color (style, "accent_color", &color))
    gtk_style_context_get_color (style, &color);
  gdk_cairo_set_source_rgba (cairo, &color);
  cairo_set_line_width (cairo, LINE_WIDTH);
  cairo_set_line_join (cairo, CAIRO_LINE_JOIN_ROUND);
  trace (self, cairo, width, height);
  cairo_stroke (cairo);

  color.alpha *= (float)AREA_ALPHA;
  gdk_cairo_set_source_rgba (cairo, &color);
  trace (self, cairo, width, height);
  cairo_line_to (cairo, get_x (self, self->until_us, width), height);
  cairo_line_to (cairo, get_x (self, first->at_us, width), height);
  cairo_fill (cairo);
}

static void
draw_grid (WeirHistoryChart *self, cairo_t *cairo, double width, double height)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= (float)GRID_ALPHA;
  gdk_cairo_set_source_rgba (cairo, &color);
  cairo_set_line_width (cairo, 1);
  for (int i = 0; i <= 2; i++)
    {
      double y = CLAMP (height * i / 2, 0.5, height - 0.5);

      cairo_move_to (cairo, 0, y);
      cairo_line_to (cairo, width, y);
    }
  cairo_stroke (cairo);
}

/* @is_end: stands at the end of the time. */
static void
draw_moment (
    WeirHistoryChart *self, GtkSnapshot *snapshot, int64_t at_us, double y, gboolean is_end)
{
  g_autofree char *text = weir_format_moment (at_us, self->until_us);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  float x = 0;
  GdkRGBA color;
  int width;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.7f;
  pango_layout_get_pixel_size (layout, &width, NULL);
  if (is_end != is_rtl)
    x = (float)(gtk_widget_get_width (GTK_WIDGET (self)) - width);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, (float)y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
weir_history_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeirHistoryChart *self = WEIR_HISTORY_CHART (widget);
  float width = (float)gtk_widget_get_width (widget);
  float height = (float)gtk_widget_get_height (widget) - LABEL_HEIGHT;
  cairo_t *cairo;

  if (self->samples == NULL || self->samples->len == 0 || width < 1 || height < 1)
    return;
  cairo = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  draw_grid (self, cairo, width, height);
  draw_line (self, cairo, width, height);
  cairo_destroy (cairo);
  draw_moment (self, snapshot, self->since_us, height + 2, FALSE);
  draw_moment (self, snapshot, self->until_us, height + 2, TRUE);
}

static void
weir_history_chart_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : LABEL_HEIGHT;
  *natural = *minimum;
}

static void
weir_history_chart_finalize (GObject *object)
{
  g_clear_pointer (&WEIR_HISTORY_CHART (object)->samples, g_array_unref);
  G_OBJECT_CLASS (weir_history_chart_parent_class)->finalize (object);
}

static void
weir_history_chart_class_init (WeirHistoryChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = weir_history_chart_finalize;
  widget_class->measure = weir_history_chart_measure;
  widget_class->snapshot = weir_history_chart_snapshot;
  gtk_widget_class_set_css_name (widget_class, "historychart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weir_history_chart_init (WeirHistoryChart *self)
{
}
