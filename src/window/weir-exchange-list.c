/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The live list.  What changed is asked for after the service's signal, at most once at a
 * time; rows that say the same stay. */

#include "config.h"

#include "window/weir-exchange-list.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-exchange-row.h"
#include "window/weir-export.h"
#include "window/weir-record.h"

#define SHOWN_MOST 200

struct _WeirExchangeList
{
  WeirPage parent;

  GListStore *exchanges;        /* (owned) of WeirRecord */
  GtkFilterListModel *filtered; /* (owned) */
  GtkFilter *filter;            /* (unowned): the filtered list's */
  gboolean is_asking;
  gboolean is_stale; /* something changed while it was asked */

  GtkStack *stack;
  GtkSearchEntry *search_entry;
  GtkToggleButton *failures_button;
  GtkToggleButton *pause_button;
  GtkListBox *exchanges_box;
  GtkLabel *example_label;
};

enum
{
  SIGNAL_CHOSEN,
  N_SIGNALS,
};
static unsigned signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeirExchangeList, weir_exchange_list, WEIR_TYPE_PAGE)

static gboolean
contains (const char *text, const char *folded_needle)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, folded_needle) != NULL;
}

static gboolean
is_wanted (gpointer item, gpointer user_data)
{
  WeirExchangeList *self = user_data;
  static const char *const members[] = { "model", "agent", "key", "error" };
  int64_t status = weir_record_get_integer (item, "status");
  gboolean has_failed = !g_str_equal (weir_record_get_text (item, "phase"), "open")
                        && (status < 200 || status >= 400);
  g_autofree char *needle = NULL;
  g_autofree char *seat = NULL;

  if (gtk_toggle_button_get_active (self->failures_button) && !has_failed)
    return FALSE;
  needle = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search_entry)), -1);
  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (contains (weir_record_get_text (item, members[i]), needle))
      return TRUE;
  seat = weir_client_dup_seat_name (weir_page_get_client (WEIR_PAGE (self)),
                                    weir_record_get_text (item, "seat"), FALSE);
  return contains (seat, needle);
}

static void
update_stack (WeirExchangeList *self)
{
  WeirDBusManager *manager = weir_page_get_manager (WEIR_PAGE (self));
  const char *name = "exchanges";

  if (g_list_model_get_n_items (G_LIST_MODEL (self->exchanges)) == 0)
    name = "empty";
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) == 0)
    name = "nothing-found";
  if (manager != NULL)
    {
      g_autofree char *line
          = g_strdup_printf ("curl -H \"Authorization: Bearer $KEY\" %s/v1/models",
                             weir_dbus_manager_get_endpoint (manager));

      gtk_label_set_label (self->example_label, line);
    }
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
on_filter_changed (WeirExchangeList *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_stack (self);
}

static void
exchanges_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirExchangeList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = NULL;

  self->is_asking = FALSE;
  if (!weir_dbus_manager_call_list_exchanges_finish (WEIR_DBUS_MANAGER (source), &list,
                                                     result, &error))
    {
      weir_call_toast_error (GTK_WIDGET (self), error);
      return;
    }
  weir_record_list_replace (self->exchanges, list);
  update_stack (self);
  if (self->is_stale)
    weir_page_reload (WEIR_PAGE (self));
}

static void
weir_exchange_list_reload (WeirPage *page)
{
  WeirExchangeList *self = WEIR_EXCHANGE_LIST (page);

  self->is_stale = self->is_asking;
  if (self->is_asking)
    return;
  self->is_asking = TRUE;
  weir_dbus_manager_call_list_exchanges (weir_page_get_manager (page), SHOWN_MOST, NULL,
                                         exchanges_cb, g_object_ref (self));
}

static void
follow (WeirExchangeList *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self))
      && !gtk_toggle_button_get_active (self->pause_button))
    weir_page_reload (WEIR_PAGE (self));
}

static void
on_row_activated (WeirExchangeList *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0,
                 weir_exchange_row_get_exchange (WEIR_EXCHANGE_ROW (row)));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirExchangeList) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    weir_call_toast_error (GTK_WIDGET (self), error);
  else
    weir_call_toast (GTK_WIDGET (self), _ ("Saved"));
}

static void
on_save_response (GtkNativeDialog *dialog, int response, WeirExchangeList *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text;

  g_object_unref (dialog);
  if (response != GTK_RESPONSE_ACCEPT || name == NULL)
    return;
  text = g_str_has_suffix (name, ".json") ? weir_export_json (G_LIST_MODEL (self->filtered))
                                          : weir_export_csv (G_LIST_MODEL (self->filtered));
  bytes = g_bytes_new_take (text, strlen (text));
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE,
                                       NULL, saved_cb, g_object_ref (self));
}

static void
activate_export (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Export Requests"), GTK_WINDOW (gtk_widget_get_root (widget)),
      GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog),
                                     g_variant_get_string (parameter, NULL));
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_save_response), widget, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
weir_exchange_list_attach (WeirPage *page, WeirClient *client)
{
  g_signal_connect_object (client, "exchanges-changed", G_CALLBACK (follow), page,
                           G_CONNECT_SWAPPED);
}

static void
weir_exchange_list_search (WeirPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (WEIR_EXCHANGE_LIST (page)->search_entry));
}

static void
weir_exchange_list_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (weir_exchange_list_parent_class)->map (widget);
  follow (WEIR_EXCHANGE_LIST (widget));
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  g_autofree char *seat = weir_client_dup_seat_label (weir_page_get_client (user_data),
                                                      weir_record_get_text (item, "seat"),
                                                      weir_page_is_private (user_data));

  return weir_exchange_row_new (item, seat);
}

/* Rows are made once: what shows all of them differently is to make them anew. */
static void
weir_exchange_list_restyle (WeirPage *page)
{
  WeirExchangeList *self = WEIR_EXCHANGE_LIST (page);

  gtk_list_box_bind_model (self->exchanges_box, G_LIST_MODEL (self->filtered), create_row,
                           self, NULL);
}

GListModel *
weir_exchange_list_get_exchanges (WeirExchangeList *self)
{
  g_return_val_if_fail (WEIR_IS_EXCHANGE_LIST (self), NULL);

  return G_LIST_MODEL (self->exchanges);
}

static void
weir_exchange_list_dispose (GObject *object)
{
  WeirExchangeList *self = WEIR_EXCHANGE_LIST (object);

  g_clear_object (&self->filtered);
  g_clear_object (&self->exchanges);
  G_OBJECT_CLASS (weir_exchange_list_parent_class)->dispose (object);
}

static void
weir_exchange_list_class_init (WeirExchangeListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_exchange_list_dispose;
  WEIR_PAGE_CLASS (klass)->attach = weir_exchange_list_attach;
  WEIR_PAGE_CLASS (klass)->reload = weir_exchange_list_reload;
  WEIR_PAGE_CLASS (klass)->restyle = weir_exchange_list_restyle;
  WEIR_PAGE_CLASS (klass)->search = weir_exchange_list_search;
  widget_class->map = weir_exchange_list_map;
  signals[SIGNAL_CHOSEN]
      = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 1, WEIR_TYPE_RECORD);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-exchange-list.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeList, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeList, search_entry);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeList, failures_button);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeList, pause_button);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeList, exchanges_box);
  gtk_widget_class_bind_template_child (widget_class, WeirExchangeList, example_label);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_changed);
  gtk_widget_class_bind_template_callback (widget_class, follow);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_install_action (widget_class, "exchanges.export", "s", activate_export);
}

static void
weir_exchange_list_init (WeirExchangeList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->exchanges = g_list_store_new (WEIR_TYPE_RECORD);
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_wanted, self, NULL));
  self->filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->exchanges)),
                                              self->filter);
  gtk_list_box_bind_model (self->exchanges_box, G_LIST_MODEL (self->filtered), create_row,
                           self, NULL);
}
