/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Totals, chart and table: three views of one collection of buckets. */

#include "config.h"

#include "window/weir-usage-pane.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-format.h"
#include "window/weir-usage-chart.h"
#include "window/weir-usage.h"

/* clang-format off */
static const struct
{
  const char *setting;
  const char *format; /* of a bucket's begin, for g_date_time_format; to be translated */
} ranges[] = {
  [WEIR_USAGE_DAY]   = { "day",   N_ ("%H:%M") },
  [WEIR_USAGE_WEEK]  = { "week",  N_ ("%a %-d") },
  [WEIR_USAGE_MONTH] = { "month", N_ ("%-d %b") },
};
/* clang-format on */
G_STATIC_ASSERT (G_N_ELEMENTS (ranges) == WEIR_USAGE_RANGE_LAST);

struct _WeirUsagePane
{
  WeirPage parent;

  GSettings *settings;  /* (owned) */
  GVariant *rows;       /* (owned) (nullable): what ListUsage said */
  GtkStringList *seats; /* (unowned): the drop-down's; the first is "all" */

  GtkDropDown *range_drop_down;
  GtkDropDown *seat_drop_down;
  GtkToggleButton *table_button;
  GtkStack *stack;
  WeirUsageChart *chart;
  GtkListBox *table_box;
  GtkLabel *requests_label;
  GtkLabel *success_label;
  GtkLabel *input_label;
  GtkLabel *cached_label;
  GtkLabel *output_label;
};

G_DEFINE_FINAL_TYPE (WeirUsagePane, weir_usage_pane, WEIR_TYPE_PAGE)

static WeirUsageRange
get_range (WeirUsagePane *self)
{
  unsigned selected = gtk_drop_down_get_selected (self->range_drop_down);

  return selected < WEIR_USAGE_RANGE_LAST ? (WeirUsageRange)selected : WEIR_USAGE_DAY;
}

static void
show_totals (WeirUsagePane *self, const WeirUsageSum *total)
{
  double ok = total->requests > 0 ? 100.0 * (double)(total->requests - total->failed)
                                        / (double)total->requests
                                  : 0;
  double cached = total->input_tokens > 0
                      ? 100.0 * (double)total->cached_tokens / (double)total->input_tokens
                      : 0;
  g_autofree char *input = weir_format_count (total->input_tokens);
  g_autofree char *output = weir_format_count (total->output_tokens);
  g_autofree char *requests_text = g_strdup_printf (
      ngettext ("%d request", "%d requests", (unsigned long)total->requests),
      (int)total->requests);
  g_autofree char *success_text = g_strdup_printf (_ ("%.1f %% ok"), ok);
  /* Translators: %s is a number of tokens. */
  g_autofree char *input_text = g_strdup_printf (_ ("%s read"), input);
  g_autofree char *cached_text
      = g_strdup_printf (_ ("%.0f %% of it from the cache"), cached);
  /* Translators: %s is a number of tokens. */
  g_autofree char *output_text = g_strdup_printf (_ ("%s written"), output);

  gtk_label_set_label (self->requests_label, requests_text);
  gtk_label_set_label (self->success_label, success_text);
  gtk_label_set_label (self->input_label, input_text);
  gtk_label_set_label (self->cached_label, cached_text);
  gtk_label_set_label (self->output_label, output_text);
  gtk_widget_set_visible (GTK_WIDGET (self->success_label), total->requests > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->cached_label), total->input_tokens > 0);
}

static void
add_table_row (WeirUsagePane *self, const WeirUsageBucket *bucket, const char *format)
{
  g_autoptr (GDateTime) begins
      = g_date_time_new_from_unix_local (bucket->begins_us / G_USEC_PER_SEC);
  g_autofree char *moment = g_date_time_format (begins, format);
  g_autofree char *input = weir_format_count (bucket->sum.input_tokens);
  g_autofree char *cached = weir_format_count (bucket->sum.cached_tokens);
  g_autofree char *output = weir_format_count (bucket->sum.output_tokens);
  /* Translators: requests, failed ones, tokens read, of the cache, and written. */
  g_autofree char *text = g_strdup_printf (
      _ ("%d requests, %d failed · %s read, %s from the cache · %s written"),
      (int)bucket->sum.requests, (int)bucket->sum.failed, input, cached, output);
  GtkWidget *row
      = g_object_new (ADW_TYPE_ACTION_ROW, "title", moment, "subtitle", text, NULL);

  gtk_list_box_append (self->table_box, row);
}

/* Buckets in which nothing was are left out: 700 hours of silence help nobody. */
static void
show_table (WeirUsagePane *self, GArray *buckets, const char *format)
{
  GtkListBoxRow *old;

  while ((old = gtk_list_box_get_row_at_index (self->table_box, 0)) != NULL)
    gtk_list_box_remove (self->table_box, GTK_WIDGET (old));
  for (unsigned i = buckets->len; i > 0; i--)
    {
      const WeirUsageBucket *bucket = &g_array_index (buckets, WeirUsageBucket, i - 1);

      if (bucket->sum.requests > 0)
        add_table_row (self, bucket, format);
    }
}

static void
update (WeirUsagePane *self)
{
  WeirClient *client = weir_page_get_client (WEIR_PAGE (self));
  unsigned seat = gtk_drop_down_get_selected (self->seat_drop_down);
  WeirUsageRange range = get_range (self);
  const char *format = _ (ranges[range].format);
  g_autoptr (GArray) buckets = NULL;
  WeirUsageSum total;

  if (self->rows == NULL || client == NULL)
    return;
  buckets = weir_usage_collect (self->rows, range,
                                seat == 0 || seat == GTK_INVALID_LIST_POSITION
                                    ? NULL
                                    : gtk_string_list_get_string (self->seats, seat),
                                weir_client_get_now_us (client), &total);
  show_totals (self, &total);
  weir_usage_chart_show (self->chart, buckets, format);
  show_table (self, buckets, format);
  gtk_stack_set_visible_child_name (
      self->stack, gtk_toggle_button_get_active (self->table_button) ? "table" : "chart");
}

/* The seats of the rows, in the drop-down, without changing what is chosen. */
static void
collect_seats (WeirUsagePane *self)
{
  for (size_t i = 0; i < g_variant_n_children (self->rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (self->rows, i);
      unsigned n = g_list_model_get_n_items (G_LIST_MODEL (self->seats));
      const char *seat = "";
      gboolean is_known = FALSE;

      g_variant_lookup (row, "seat", "&s", &seat);
      for (unsigned k = 1; k < n && !is_known; k++)
        is_known = g_strcmp0 (gtk_string_list_get_string (self->seats, k), seat) == 0;
      if (!is_known)
        gtk_string_list_append (self->seats, seat);
    }
}

static void
usage_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirUsagePane) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = NULL;

  if (!weir_dbus_manager_call_list_usage_finish (WEIR_DBUS_MANAGER (source), &rows, result,
                                                 &error))
    {
      weir_call_toast_error (GTK_WIDGET (self), error);
      return;
    }
  g_clear_pointer (&self->rows, g_variant_unref);
  self->rows = g_steal_pointer (&rows);
  collect_seats (self);
  update (self);
}

static void
weir_usage_pane_reload (WeirPage *page)
{
  WeirUsagePane *self = WEIR_USAGE_PANE (page);
  int64_t since_us = weir_usage_get_since (
      get_range (self), weir_client_get_now_us (weir_page_get_client (page)));

  weir_dbus_manager_call_list_usage (weir_page_get_manager (page), since_us, NULL, usage_cb,
                                     g_object_ref (self));
}

static void
on_range_changed (WeirUsagePane *self)
{
  g_settings_set_string (self->settings, "activity-range",
                         ranges[get_range (self)].setting);
  weir_page_reload (WEIR_PAGE (self));
}

static void
on_now_changed (WeirPage *page)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (page)))
    weir_page_reload (page);
}

static void
weir_usage_pane_attach (WeirPage *page, WeirClient *client)
{
  g_signal_connect_object (client, "notify::now", G_CALLBACK (on_now_changed), page,
                           G_CONNECT_SWAPPED);
}

static void
weir_usage_pane_dispose (GObject *object)
{
  WeirUsagePane *self = WEIR_USAGE_PANE (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->rows, g_variant_unref);
  G_OBJECT_CLASS (weir_usage_pane_parent_class)->dispose (object);
}

static void
weir_usage_pane_class_init (WeirUsagePaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_usage_pane_dispose;
  WEIR_PAGE_CLASS (klass)->attach = weir_usage_pane_attach;
  WEIR_PAGE_CLASS (klass)->reload = weir_usage_pane_reload;
  g_type_ensure (WEIR_TYPE_USAGE_CHART);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-usage-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, range_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, seat_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, table_button);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, chart);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, table_box);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, requests_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, success_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, input_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, cached_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, output_label);
}

static void
weir_usage_pane_init (WeirUsagePane *self)
{
  const char *range_names[]
      = { _ ("Last 24 Hours"), _ ("Last 7 Days"), _ ("Last 30 Days"), NULL };
  const char *first_seat[] = { _ ("All Accounts"), NULL };
  g_autoptr (GtkStringList) range_list = gtk_string_list_new (range_names);
  g_autoptr (GtkStringList) seats = gtk_string_list_new (first_seat);
  g_autofree char *setting = NULL;

  self->settings = g_settings_new (WEIR_APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->seats = seats;
  gtk_drop_down_set_model (self->seat_drop_down, G_LIST_MODEL (seats));
  gtk_drop_down_set_model (self->range_drop_down, G_LIST_MODEL (range_list));
  setting = g_settings_get_string (self->settings, "activity-range");
  for (unsigned i = 0; i < WEIR_USAGE_RANGE_LAST; i++)
    if (g_strcmp0 (ranges[i].setting, setting) == 0)
      gtk_drop_down_set_selected (self->range_drop_down, i);
  g_settings_bind (self->settings, "activity-table", self->table_button, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (self->range_drop_down, "notify::selected",
                           G_CALLBACK (on_range_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->seat_drop_down, "notify::selected", G_CALLBACK (update),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->table_button, "toggled", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
}
