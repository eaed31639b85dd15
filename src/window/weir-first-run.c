/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The introduction.  Nothing is taken from another program unless its box is ticked. */

#include "config.h"

#include "window/weir-first-run.h"

#include <glib/gi18n.h>

#include "window/weir-record.h"

struct _WeirFirstRun
{
  AdwWindow parent;

  WeirClient *client; /* (owned) */
  GListStore *found;  /* (owned) of WeirRecord */

  AdwToastOverlay *toasts;
  AdwCarousel *carousel;
  GtkListBox *found_box;
  GtkButton *import_button;
  GtkButton *next_button;
};

G_DEFINE_FINAL_TYPE (WeirFirstRun, weir_first_run, ADW_TYPE_WINDOW)

static void
show_toast (WeirFirstRun *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

static void
go_to (WeirFirstRun *self, unsigned page)
{
  if (page < adw_carousel_get_n_pages (self->carousel))
    adw_carousel_scroll_to (self->carousel,
                            adw_carousel_get_nth_page (self->carousel, page), TRUE);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static unsigned
current_page (WeirFirstRun *self)
{
  return (unsigned)(adw_carousel_get_position (self->carousel) + 0.5);
}

static void
on_next_clicked (WeirFirstRun *self)
{
  go_to (self, current_page (self) + 1);
}

static void
on_page_changed (WeirFirstRun *self)
{
  gboolean is_last = current_page (self) + 1 == adw_carousel_get_n_pages (self->carousel);

  gtk_button_set_label (self->next_button, is_last ? _ ("_Done") : _ ("_Next"));
}

static void
on_add_clicked (WeirFirstRun *self)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  gtk_window_close (GTK_WINDOW (self));
  gtk_widget_activate_action (GTK_WIDGET (parent), "win.add-account", NULL);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirFirstRun) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *account = NULL;

  if (weir_dbus_manager_call_import_found_finish (WEIR_DBUS_MANAGER (source), &account,
                                                  result, &error))
    {
      show_toast (self, _ ("Imported"));
      return;
    }
  g_dbus_error_strip_remote_error (error);
  show_toast (self, error->message);
}

static GtkCheckButton *
get_check (GtkListBoxRow *row)
{
  return GTK_CHECK_BUTTON (adw_action_row_get_activatable_widget (ADW_ACTION_ROW (row)));
}

static void
on_import_clicked (WeirFirstRun *self)
{
  WeirDBusManager *manager = weir_client_get_manager (self->client);
  GtkListBoxRow *row;

  if (manager == NULL)
    return;
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->found_box, i)) != NULL; i++)
    {
      g_autoptr (WeirRecord) found
          = g_list_model_get_item (G_LIST_MODEL (self->found), (unsigned)i);

      if (gtk_check_button_get_active (get_check (row)))
        weir_dbus_manager_call_import_found (manager, weir_record_get_text (found, "id"),
                                             NULL, imported_cb, g_object_ref (self));
    }
  on_next_clicked (self);
}

static void
on_check_toggled (WeirFirstRun *self)
{
  GtkListBoxRow *row;
  gboolean has_any = FALSE;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->found_box, i)) != NULL; i++)
    has_any |= gtk_check_button_get_active (get_check (row));
  gtk_widget_set_sensitive (GTK_WIDGET (self->import_button), has_any);
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  WeirRecord *found = item;
  g_autofree char *subtitle = g_strjoin (" · ", weir_record_get_text (found, "identity"),
                                         weir_record_get_text (found, "path"), NULL);
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *row
      = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                      weir_record_get_text (found, "program"), "subtitle", subtitle, NULL);

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  weir_record_get_text (found, "program"), -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  g_signal_connect_object (check, "toggled", G_CALLBACK (on_check_toggled), user_data,
                           G_CONNECT_SWAPPED);
  return row;
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirFirstRun) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = NULL;

  if (weir_dbus_manager_call_list_importable_finish (WEIR_DBUS_MANAGER (source), &list,
                                                     result, &error))
    weir_record_list_replace (self->found, list);
}

static gboolean
weir_first_run_close_request (GtkWindow *window)
{
  g_autoptr (GSettings) settings = g_settings_new (WEIR_APPLICATION_ID);

  g_settings_set_boolean (settings, "first-run-done", TRUE);
  return GTK_WINDOW_CLASS (weir_first_run_parent_class)->close_request (window);
}

/* A carousel goes nowhere before it has a size. */
static gboolean
start_cb (GtkWidget *carousel, GdkFrameClock *clock, gpointer user_data)
{
  if (gtk_widget_get_width (carousel) == 0)
    return G_SOURCE_CONTINUE;
  go_to (user_data, 1);
  return G_SOURCE_REMOVE;
}

void
weir_first_run_present (GtkWindow *parent, WeirClient *client, gboolean starts_with_import)
{
  WeirDBusManager *manager = weir_client_get_manager (client);
  WeirFirstRun *self;

  if (manager == NULL)
    return;
  self = g_object_new (WEIR_TYPE_FIRST_RUN, "transient-for", parent, NULL);
  self->client = g_object_ref (client);
  weir_dbus_manager_call_list_importable (manager, NULL, found_cb, g_object_ref (self));
  gtk_window_present (GTK_WINDOW (self));
  if (starts_with_import)
    gtk_widget_add_tick_callback (GTK_WIDGET (self->carousel), start_cb, self, NULL);
}

static void
weir_first_run_dispose (GObject *object)
{
  WeirFirstRun *self = WEIR_FIRST_RUN (object);

  g_clear_object (&self->client);
  g_clear_object (&self->found);
  G_OBJECT_CLASS (weir_first_run_parent_class)->dispose (object);
}

static void
weir_first_run_class_init (WeirFirstRunClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_first_run_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = weir_first_run_close_request;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-first-run.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirFirstRun, toasts);
  gtk_widget_class_bind_template_child (widget_class, WeirFirstRun, carousel);
  gtk_widget_class_bind_template_child (widget_class, WeirFirstRun, found_box);
  gtk_widget_class_bind_template_child (widget_class, WeirFirstRun, import_button);
  gtk_widget_class_bind_template_child (widget_class, WeirFirstRun, next_button);
  gtk_widget_class_bind_template_callback (widget_class, on_next_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_page_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_add_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_import_clicked);
}

static void
weir_first_run_init (WeirFirstRun *self)
{
  self->found = g_list_store_new (WEIR_TYPE_RECORD);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_bind_model (self->found_box, G_LIST_MODEL (self->found), create_row, self,
                           NULL);
}
