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

/* A drop-down of what the rows name; the first item is "all". */
typedef struct
{
  const char *member; /* of the rows */
  GtkDropDown *drop_down;
  GtkStringList *names; /* (unowned): the drop-down's */
  GPtrArray *idents;    /* (owned) of char: what the names stand for; the first is NULL */
} WeirUsageChoice;

struct _WeirUsagePane
{
  WeirPage parent;

  GSettings *settings; /* (owned) */
  GVariant *rows;      /* (owned) (nullable): what ListUsage said */
  WeirUsageChoice seat;
  WeirUsageChoice model;

  GtkDropDown *range_drop_down;
  GtkDropDown *seat_drop_down;
  GtkDropDown *model_drop_down;
  GtkToggleButton *table_button;
  GtkStack *stack;
  WeirUsageChart *chart;
  GtkListBox *table_box;
  GtkLabel *requests_label;
  GtkLabel *success_label;
  GtkLabel *input_label;
  GtkWidget *cached_box;
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
  gtk_widget_set_visible (self->cached_box, total->input_tokens > 0);
}

/* Rows are used again: this happens while somebody reads them. */
static void
show_table_row (WeirUsagePane *self,
                int index,
                const WeirUsageBucket *bucket,
                const char *format)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->table_box, index);
  g_autofree char *moment = weir_usage_chart_dup_moment (bucket, format);
  g_autofree char *text = weir_usage_chart_dup_text (&bucket->sum);

  if (row == NULL)
    {
      row = g_object_new (ADW_TYPE_ACTION_ROW, NULL);
      gtk_list_box_append (self->table_box, GTK_WIDGET (row));
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), moment);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
}

/* Buckets in which nothing was are left out: 700 hours of silence help nobody. */
static void
show_table (WeirUsagePane *self, GArray *buckets, const char *format)
{
  GtkListBoxRow *spare;
  int n = 0;

  for (unsigned i = buckets->len; i > 0; i--)
    {
      const WeirUsageBucket *bucket = &g_array_index (buckets, WeirUsageBucket, i - 1);

      if (bucket->sum.requests > 0)
        show_table_row (self, n++, bucket, format);
    }
  while ((spare = gtk_list_box_get_row_at_index (self->table_box, n)) != NULL)
    gtk_list_box_remove (self->table_box, GTK_WIDGET (spare));
}

/* (nullable): what is chosen; NULL: all. */
static const char *
get_choice (const WeirUsageChoice *choice)
{
  unsigned selected = gtk_drop_down_get_selected (choice->drop_down);

  return selected < choice->idents->len ? choice->idents->pdata[selected] : NULL;
}

static void
update (WeirUsagePane *self)
{
  WeirClient *client = weir_page_get_client (WEIR_PAGE (self));
  WeirUsageRange range = get_range (self);
  const WeirUsageFilter filter
      = { .seat = get_choice (&self->seat), .model = get_choice (&self->model) };
  const char *format = _ (ranges[range].format);
  g_autoptr (GArray) buckets = NULL;
  WeirUsageSum total;

  if (self->rows == NULL || client == NULL)
    return;
  buckets = weir_usage_collect (self->rows, range, &filter, weir_client_get_now_us (client),
                                &total);
  show_totals (self, &total);
  weir_usage_chart_show (self->chart, buckets, format);
  show_table (self, buckets, format);
  gtk_stack_set_visible_child_name (
      self->stack, gtk_toggle_button_get_active (self->table_button) ? "table" : "chart");
}

static void
add_choice (WeirUsagePane *self, WeirUsageChoice *choice, const char *ident)
{
  g_autofree char *name = NULL;

  for (unsigned i = 1; i < choice->idents->len; i++)
    if (g_str_equal (choice->idents->pdata[i], ident))
      return;
  if (choice == &self->seat)
    name = weir_client_dup_seat_name (weir_page_get_client (WEIR_PAGE (self)), ident,
                                      weir_page_is_private (WEIR_PAGE (self)));
  g_ptr_array_add (choice->idents, g_strdup (ident));
  gtk_string_list_append (choice->names, name != NULL ? name : ident);
}

/* What the rows name, in the drop-down, without changing what is chosen. */
static void
collect_choices (WeirUsagePane *self, WeirUsageChoice *choice)
{
  for (size_t i = 0; i < g_variant_n_children (self->rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (self->rows, i);
      const char *ident = "";

      g_variant_lookup (row, choice->member, "&s", &ident);
      if (*ident != '\0')
        add_choice (self, choice, ident);
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
  collect_choices (self, &self->seat);
  collect_choices (self, &self->model);
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

/* Other names for the same seats; all of them are chosen again, as at the start. */
static void
weir_usage_pane_restyle (WeirPage *page)
{
  WeirUsagePane *self = WEIR_USAGE_PANE (page);

  gtk_drop_down_set_selected (self->seat_drop_down, 0);
  gtk_string_list_splice (self->seat.names, 1, self->seat.idents->len - 1, NULL);
  g_ptr_array_set_size (self->seat.idents, 1);
  if (self->rows != NULL)
    collect_choices (self, &self->seat);
}

static void
weir_usage_pane_dispose (GObject *object)
{
  WeirUsagePane *self = WEIR_USAGE_PANE (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->rows, g_variant_unref);
  g_clear_pointer (&self->seat.idents, g_ptr_array_unref);
  g_clear_pointer (&self->model.idents, g_ptr_array_unref);
  G_OBJECT_CLASS (weir_usage_pane_parent_class)->dispose (object);
}

static void
weir_usage_pane_class_init (WeirUsagePaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_usage_pane_dispose;
  WEIR_PAGE_CLASS (klass)->attach = weir_usage_pane_attach;
  WEIR_PAGE_CLASS (klass)->reload = weir_usage_pane_reload;
  WEIR_PAGE_CLASS (klass)->restyle = weir_usage_pane_restyle;
  g_type_ensure (WEIR_TYPE_USAGE_CHART);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-usage-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, range_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, seat_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, model_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, table_button);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, chart);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, table_box);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, requests_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, success_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, input_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, cached_box);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, cached_label);
  gtk_widget_class_bind_template_child (widget_class, WeirUsagePane, output_label);
}

static WeirUsageChoice
make_choice (WeirUsagePane *self, const char *member, const char *all, GtkDropDown *parent)
{
  const char *first[] = { all, NULL };
  g_autoptr (GtkStringList) names = gtk_string_list_new (first);
  GPtrArray *idents = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (idents, NULL);
  gtk_drop_down_set_model (parent, G_LIST_MODEL (names));
  g_signal_connect_object (parent, "notify::selected", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  return (WeirUsageChoice){ member, parent, names, idents };
}

static void
weir_usage_pane_init (WeirUsagePane *self)
{
  const char *range_names[]
      = { _ ("Last 24 Hours"), _ ("Last 7 Days"), _ ("Last 30 Days"), NULL };
  g_autoptr (GtkStringList) range_list = gtk_string_list_new (range_names);
  g_autofree char *setting = NULL;

  self->settings = g_settings_new (WEIR_APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->seat = make_choice (self, "seat", _ ("All Accounts"), self->seat_drop_down);
  self->model = make_choice (self, "model", _ ("All Models"), self->model_drop_down);
  gtk_drop_down_set_model (self->range_drop_down, G_LIST_MODEL (range_list));
  setting = g_settings_get_string (self->settings, "activity-range");
  for (unsigned i = 0; i < WEIR_USAGE_RANGE_LAST; i++)
    if (g_strcmp0 (ranges[i].setting, setting) == 0)
      gtk_drop_down_set_selected (self->range_drop_down, i);
  g_settings_bind (self->settings, "activity-table", self->table_button, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (self->range_drop_down, "notify::selected",
                           G_CALLBACK (on_range_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->table_button, "toggled", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
}
