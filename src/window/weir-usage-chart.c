/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bars.  Colours are the theme's, by name; parts differ in strength, not in hue only.
 */

#include "config.h"

#include "window/weir-usage-chart.h"

#include <glib/gi18n.h>

#include "window/weir-format.h"

#define HEIGHT 176
#define LABEL_HEIGHT 20
#define LABEL_WIDTH 72 /* with room around it */

struct _WeirUsageChart
{
  GtkWidget parent;

  GArray *buckets; /* (owned) (nullable) of WeirUsageBucket */
  char *format;    /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WeirUsageChart, weir_usage_chart, GTK_TYPE_WIDGET)

/* clang-format off */
/* From the bottom up; the style sheet has them once more, for the legend. */
static const struct
{
  const char *color; /* named, of the theme */
  double alpha;
} parts[] = {
  { "accent_bg_color", 1.0 },  /* written */
  { "accent_bg_color", 0.65 }, /* read */
  { "accent_bg_color", 0.3 },  /* of the cache */
};
/* clang-format on */

static void
split (const WeirUsageSum *sum, int64_t out[G_N_ELEMENTS (parts)])
{
  out[0] = sum->output_tokens;
  out[1] = MAX (sum->input_tokens - sum->cached_tokens, 0);
  out[2] = sum->cached_tokens;
}

static int64_t
find_highest (GArray *buckets)
{
  int64_t highest = 1;

  for (unsigned i = 0; i < buckets->len; i++)
    {
      const WeirUsageSum *sum = &g_array_index (buckets, WeirUsageBucket, i).sum;

      highest = MAX (highest, sum->input_tokens + sum->output_tokens);
    }
  return highest;
}

char *
weir_usage_chart_dup_text (const WeirUsageSum *sum)
{
  g_autofree char *input = weir_format_count (sum->input_tokens);
  g_autofree char *cached = weir_format_count (sum->cached_tokens);
  g_autofree char *output = weir_format_count (sum->output_tokens);

  return g_strdup_printf (
      /* Translators: requests, failed ones, tokens read, of the cache, and written. */
      _ ("%d requests, %d failed · %s read, %s from the cache · %s written"),
      (int)sum->requests, (int)sum->failed, input, cached, output);
}

char *
weir_usage_chart_dup_moment (const WeirUsageBucket *bucket, const char *format)
{
  g_autoptr (GDateTime) begins
      = g_date_time_new_from_unix_local (bucket->begins_us / G_USEC_PER_SEC);

  return begins != NULL ? g_date_time_format (begins, format) : g_strdup ("");
}

static void
describe (WeirUsageChart *self)
{
  unsigned highest = 0;
  g_autofree char *moment = NULL;
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;
  int64_t tokens = 0;

  for (unsigned i = 0; i < self->buckets->len; i++)
    {
      const WeirUsageSum *sum = &g_array_index (self->buckets, WeirUsageBucket, i).sum;

      if (sum->input_tokens + sum->output_tokens > tokens)
        {
          tokens = sum->input_tokens + sum->output_tokens;
          highest = i;
        }
    }
  moment = weir_usage_chart_dup_moment (
      &g_array_index (self->buckets, WeirUsageBucket, highest), self->format);
  count = weir_format_count (tokens);
  /* Translators: a number, and a time of day or a day. */
  text = g_strdup_printf (_ ("Tokens over time; the most, %s, at %s"), count, moment);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  tokens > 0 ? text : _ ("Tokens over time; none yet"), -1);
}

void
weir_usage_chart_show (WeirUsageChart *self, GArray *buckets, const char *format)
{
  g_return_if_fail (WEIR_IS_USAGE_CHART (self));
  g_return_if_fail (buckets->len > 0);

  g_array_ref (buckets);
  g_clear_pointer (&self->buckets, g_array_unref);
  self->buckets = buckets;
  g_free (self->format);
  self->format = g_strdup (format);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
draw_bar (WeirUsageChart *self,
          GtkSnapshot *snapshot,
          const WeirUsageSum *sum,
          graphene_rect_t area,
          int64_t highest)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  float bottom = area.origin.y + area.size.height;
  int64_t tokens[G_N_ELEMENTS (parts)];

  split (sum, tokens);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      float height = (float)((double)tokens[i] / (double)highest) * area.size.height;
      GdkRGBA color;

      if (tokens[i] <= 0 || !gtk_style_context_lookup_color (style, parts[i].color, &color))
        continue;
      color.alpha *= (float)parts[i].alpha;
      bottom -= height;
      gtk_snapshot_append_color (
          snapshot, &color,
          &GRAPHENE_RECT_INIT (area.origin.x, bottom, area.size.width, height));
    }
}

/* @text with its middle at @x, but whole inside the chart. */
static void
draw_label (WeirUsageChart *self, GtkSnapshot *snapshot, const char *text, float x, float y)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  float most = (float)gtk_widget_get_width (GTK_WIDGET (self));
  GdkRGBA color;
  int width;

  gtk_style_context_get_color (style, &color);
  color.alpha *= 0.7f;
  pango_layout_get_pixel_size (layout, &width, NULL);
  most = MAX (most - (float)width, 0);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (CLAMP (x - (float)width / 2, 0, most), y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* What the highest bar stands for, over a line at its top. */
static void
draw_scale (WeirUsageChart *self, GtkSnapshot *snapshot, int64_t highest, gboolean is_rtl)
{
  float width = (float)gtk_widget_get_width (GTK_WIDGET (self));
  g_autofree char *count = weir_format_count (highest);
  /* Translators: %s is a number, "200.0 k". */
  g_autofree char *text = g_strdup_printf (_ ("%s tokens"), count);
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.15f;
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (0, LABEL_HEIGHT - 1, width, 1));
  draw_label (self, snapshot, text, is_rtl ? width : 0, 0);
}

static void
weir_usage_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeirUsageChart *self = WEIR_USAGE_CHART (widget);
  float width = (float)gtk_widget_get_width (widget);
  float bottom = (float)gtk_widget_get_height (widget) - LABEL_HEIGHT;
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  float step;
  unsigned most; /* labels that stand beside one another */
  unsigned every;
  int64_t highest;

  if (self->buckets == NULL)
    return;
  step = width / (float)self->buckets->len;
  most = MAX ((unsigned)width / LABEL_WIDTH, 1);
  every = (self->buckets->len + most - 1) / most;
  highest = find_highest (self->buckets);
  for (unsigned i = 0; i < self->buckets->len; i++)
    {
      const WeirUsageBucket *bucket = &g_array_index (self->buckets, WeirUsageBucket, i);
      float x = step * (float)(is_rtl ? self->buckets->len - 1 - i : i);

      draw_bar (self, snapshot, &bucket->sum,
                GRAPHENE_RECT_INIT (x + step * 0.1f, LABEL_HEIGHT, step * 0.8f,
                                    bottom - LABEL_HEIGHT),
                highest);
      if (i % every == every / 2)
        {
          g_autofree char *moment = weir_usage_chart_dup_moment (bucket, self->format);

          draw_label (self, snapshot, moment, x + step / 2, bottom + 3);
        }
    }
  if (highest > 1)
    draw_scale (self, snapshot, highest, is_rtl);
}

static void
weir_usage_chart_measure (GtkWidget *widget,
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

static gboolean
weir_usage_chart_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip)
{
  WeirUsageChart *self = WEIR_USAGE_CHART (widget);
  int width = gtk_widget_get_width (widget);
  g_autofree char *moment = NULL;
  g_autofree char *sums = NULL;
  g_autofree char *text = NULL;
  const WeirUsageBucket *bucket;
  unsigned number;

  if (self->buckets == NULL || by_keyboard || x < 0 || x >= width)
    return FALSE;
  number = (unsigned)((int64_t)x * self->buckets->len / width);
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    number = self->buckets->len - 1 - number;
  bucket = &g_array_index (self->buckets, WeirUsageBucket, number);
  if (bucket->sum.requests == 0)
    return FALSE;
  moment = weir_usage_chart_dup_moment (bucket, self->format);
  sums = weir_usage_chart_dup_text (&bucket->sum);
  text = g_strdup_printf ("%s\n%s", moment, sums);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
weir_usage_chart_finalize (GObject *object)
{
  WeirUsageChart *self = WEIR_USAGE_CHART (object);

  g_clear_pointer (&self->buckets, g_array_unref);
  g_free (self->format);
  G_OBJECT_CLASS (weir_usage_chart_parent_class)->finalize (object);
}

static void
weir_usage_chart_class_init (WeirUsageChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = weir_usage_chart_finalize;
  widget_class->measure = weir_usage_chart_measure;
  widget_class->query_tooltip = weir_usage_chart_query_tooltip;
  widget_class->snapshot = weir_usage_chart_snapshot;
  gtk_widget_class_set_css_name (widget_class, "usagechart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weir_usage_chart_init (WeirUsageChart *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}
