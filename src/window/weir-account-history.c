/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The history of an account.  It is asked for when another limit is chosen, and when the
 * account says that it was read anew. */

#include "config.h"

#include "window/weir-account-history.h"

#include <glib/gi18n.h>

#include "base/weir-clock.h"
#include "window/weir-format.h"
#include "window/weir-history-chart.h"
#include "window/weir-history.h"
#include "window/weir-quota-row.h"
#include "window/weir-record.h"

#define TABLE_MOST 24

struct _WeirAccountHistory
{
  AdwPreferencesGroup parent;

  WeirDBusAccount *account;  /* (owned) (nullable) */
  GListStore *windows;       /* (owned) of WeirRecord: those with an id */
  GCancellable *cancellable; /* (owned) (nullable): of the question under way */
  gboolean is_updating;
  int64_t since_us; /* of the question under way */

  GtkDropDown *window_drop_down;
  GtkToggleButton *table_button;
  GtkStack *stack;
  WeirHistoryChart *chart;
  GtkListBox *table_box;
};

G_DEFINE_FINAL_TYPE (WeirAccountHistory, weir_account_history, ADW_TYPE_PREFERENCES_GROUP)

static void
add_table_row (WeirAccountHistory *self, const WeirHistorySample *sample, int64_t now_us)
{
  g_autofree char *moment = weir_format_moment (sample->at_us, now_us);
  g_autofree char *percent = weir_format_percent (sample->used);
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", moment, NULL);
  GtkWidget *label = gtk_label_new (percent);
  g_autofree char *sentence = g_strdup_printf ("%s, %s", moment, percent);

  gtk_widget_add_css_class (label, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  sentence, -1);
  gtk_list_box_append (self->table_box, row);
}

/* Newest first: that is what one looks for. */
static void
show_table (WeirAccountHistory *self, GArray *samples, int64_t now_us)
{
  g_autoptr (GArray) few = weir_history_thin (samples, self->since_us, now_us, TABLE_MOST);
  GtkListBoxRow *old;

  while ((old = gtk_list_box_get_row_at_index (self->table_box, 0)) != NULL)
    gtk_list_box_remove (self->table_box, GTK_WIDGET (old));
  for (unsigned i = few->len; i > 0; i--)
    add_table_row (self, &g_array_index (few, WeirHistorySample, i - 1), now_us);
}

static void
show_page (WeirAccountHistory *self)
{
  gboolean is_empty = gtk_list_box_get_row_at_index (self->table_box, 0) == NULL;

  gtk_stack_set_visible_child_name (
      self->stack, is_empty                                            ? "empty"
                   : gtk_toggle_button_get_active (self->table_button) ? "table"
                                                                       : "chart");
}

static void
history_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirAccountHistory) self = user_data;
  g_autoptr (WeirRecord) window = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GArray) samples = NULL;
  g_autofree char *name = NULL;
  int64_t now_us = weir_clock_real_us ();

  weir_dbus_account_call_get_history_finish (WEIR_DBUS_ACCOUNT (source), &list, result,
                                             &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  window = g_list_model_get_item (G_LIST_MODEL (self->windows),
                                  gtk_drop_down_get_selected (self->window_drop_down));
  if (error != NULL || window == NULL)
    return; /* what was seen stays: there is nothing newer to say */
  samples = weir_history_read (list);
  name = weir_quota_row_dup_name (window);
  weir_history_chart_show (self->chart, samples, name, self->since_us, now_us);
  show_table (self, samples, now_us);
  show_page (self);
}

static void
ask (WeirAccountHistory *self)
{
  g_autoptr (WeirRecord) window = g_list_model_get_item (
      G_LIST_MODEL (self->windows), gtk_drop_down_get_selected (self->window_drop_down));
  int64_t resets_us;
  int64_t began_us;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (window == NULL || self->account == NULL)
    return;
  resets_us = weir_record_get_integer (window, "resets");
  began_us = weir_record_get_integer (window, "began");
  self->since_us
      = weir_clock_real_us ()
        - weir_history_get_reach (began_us > 0 && resets_us > 0 ? resets_us - began_us : 0);
  self->cancellable = g_cancellable_new ();
  weir_dbus_account_call_get_history (self->account, weir_record_get_text (window, "id"),
                                      self->since_us, self->cancellable, history_cb,
                                      g_object_ref (self));
}

static void
on_window_selected (WeirAccountHistory *self)
{
  if (!self->is_updating)
    ask (self);
}

/* The limits by name and not the tightest first: the list does not jump. */
static int
compare_windows (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return g_strcmp0 (weir_record_get_text (WEIR_RECORD ((gpointer)a), "id"),
                    weir_record_get_text (WEIR_RECORD ((gpointer)b), "id"));
}

/* (transfer full): those of @list that have a history. */
static GListStore *
read_windows (GVariant *list)
{
  GListStore *windows = g_list_store_new (WEIR_TYPE_RECORD);

  for (size_t i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) members = g_variant_get_child_value (list, i);
      g_autoptr (WeirRecord) window = weir_record_new (members);

      if (*weir_record_get_text (window, "id") != '\0')
        g_list_store_insert_sorted (windows, window, compare_windows, NULL);
    }
  return windows;
}

static gboolean
is_same_choice (GListModel *a, GListModel *b)
{
  if (g_list_model_get_n_items (a) != g_list_model_get_n_items (b))
    return FALSE;
  for (unsigned i = 0; i < g_list_model_get_n_items (a); i++)
    {
      g_autoptr (WeirRecord) one = g_list_model_get_item (a, i);
      g_autoptr (WeirRecord) other = g_list_model_get_item (b, i);

      if (compare_windows (one, other, NULL) != 0)
        return FALSE;
    }
  return TRUE;
}

static int64_t
find_newest (GListModel *windows)
{
  int64_t newest_us = 0;

  for (unsigned i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (WeirRecord) window = g_list_model_get_item (windows, i);

      newest_us = MAX (newest_us, weir_record_get_integer (window, "read"));
    }
  return newest_us;
}

static void
choose_among (WeirAccountHistory *self, GListStore *windows)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  unsigned n = g_list_model_get_n_items (G_LIST_MODEL (windows));

  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (WeirRecord) window = g_list_model_get_item (G_LIST_MODEL (windows), i);

      gtk_string_list_take (names, weir_quota_row_dup_name (window));
    }
  gtk_drop_down_set_model (self->window_drop_down, G_LIST_MODEL (names));
  gtk_widget_set_visible (GTK_WIDGET (self->window_drop_down), n > 1);
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}

void
weir_account_history_show (WeirAccountHistory *self, WeirDBusAccount *account)
{
  g_autoptr (GListStore) windows = NULL;
  gboolean is_other;
  gboolean is_newer;

  g_return_if_fail (WEIR_IS_ACCOUNT_HISTORY (self));

  windows = read_windows (weir_dbus_account_get_windows (account));
  is_other = g_set_object (&self->account, account)
             || !is_same_choice (G_LIST_MODEL (windows), G_LIST_MODEL (self->windows));
  is_newer
      = find_newest (G_LIST_MODEL (windows)) != find_newest (G_LIST_MODEL (self->windows));
  g_set_object (&self->windows, windows);
  if (is_other)
    {
      self->is_updating = TRUE;
      choose_among (self, windows);
      self->is_updating = FALSE;
    }
  if (is_other || is_newer)
    ask (self);
}

static void
weir_account_history_dispose (GObject *object)
{
  WeirAccountHistory *self = WEIR_ACCOUNT_HISTORY (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->account);
  g_clear_object (&self->windows);
  G_OBJECT_CLASS (weir_account_history_parent_class)->dispose (object);
}

static void
weir_account_history_class_init (WeirAccountHistoryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_account_history_dispose;
  g_type_ensure (WEIR_TYPE_HISTORY_CHART);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-account-history.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirAccountHistory, window_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountHistory, table_button);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountHistory, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountHistory, chart);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountHistory, table_box);
  gtk_widget_class_bind_template_callback (widget_class, on_window_selected);
  gtk_widget_class_bind_template_callback (widget_class, show_page);
}

static void
weir_account_history_init (WeirAccountHistory *self)
{
  self->windows = g_list_store_new (WEIR_TYPE_RECORD);
  gtk_widget_init_template (GTK_WIDGET (self));
}
