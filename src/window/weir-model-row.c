/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of a model. */

#include "config.h"

#include "window/weir-model-row.h"

#include <glib/gi18n.h>

#include "window/weir-alias-dialog.h"
#include "window/weir-alias.h"
#include "window/weir-format.h"

struct _WeirModelRow
{
  AdwActionRow parent;

  WeirClient *client;        /* (owned) */
  WeirRecord *model;         /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable): of the test under way */
  gboolean is_private;

  GtkLabel *result_label;
  GtkSpinner *spinner;
  GtkWidget *test_button;
  GtkMenuButton *menu_button;
};

G_DEFINE_FINAL_TYPE (WeirModelRow, weir_model_row, ADW_TYPE_ACTION_ROW)

static void
append_part (GString *text, const char *part)
{
  if (*part == '\0')
    return;
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, part);
}

/* (transfer full): who serves it, as the user calls them. */
static char *
dup_seats (WeirClient *client, WeirRecord *model, gboolean is_private)
{
  g_auto (GStrv) seats = weir_record_dup_list (model, "seats");

  for (char **seat = seats; *seat != NULL; seat++)
    {
      g_autofree char *ident = *seat;

      *seat = weir_client_dup_seat_label (client, ident, is_private);
    }
  return g_strjoinv (", ", seats);
}

static char *
dup_subtitle (WeirClient *client, WeirRecord *model, gboolean is_private)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) aliases = weir_record_dup_list (model, "aliases");
  int64_t context = weir_record_get_integer (model, "context-length");
  g_autofree char *seat_list = dup_seats (client, model, is_private);
  g_autofree char *alias_list = g_strjoinv (", ", aliases);

  append_part (text, weir_record_get_text (model, "owner"));
  if (context > 0)
    {
      g_autofree char *count = weir_format_count (context);
      /* Translators: %s is a number, "200.0 k". */
      g_autofree char *part = g_strdup_printf (_ ("%s tokens"), count);

      append_part (text, part);
    }
  if (*alias_list != '\0')
    {
      /* Translators: %s is a list of names. */
      g_autofree char *part = g_strdup_printf (_ ("also %s"), alias_list);

      append_part (text, part);
    }
  if (*seat_list != '\0')
    {
      /* Translators: %s is a list of accounts. */
      g_autofree char *part = g_strdup_printf (_ ("served by %s"), seat_list);

      append_part (text, part);
    }
  if (weir_record_get_truth (model, "resting"))
    append_part (text, _ ("rests now"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
show_result (WeirModelRow *self, const char *text, const char *css_class)
{
  const char *classes[] = { "caption", css_class, NULL };

  gtk_spinner_stop (self->spinner);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), FALSE);
  gtk_widget_set_sensitive (self->test_button, TRUE);
  gtk_widget_set_css_classes (GTK_WIDGET (self->result_label), classes);
  gtk_label_set_label (self->result_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->result_label), text);
}

static void
show_answer (WeirModelRow *self, GVariant *answer)
{
  g_autoptr (WeirRecord) result = weir_record_new (answer);
  g_autofree char *first
      = weir_format_duration (weir_record_get_integer (result, "first-byte"));
  g_autofree char *seat = weir_client_dup_seat_label (
      self->client, weir_record_get_text (result, "seat"), self->is_private);
  g_autofree char *text = NULL;

  if (!weir_record_get_truth (result, "ok"))
    {
      show_result (self, weir_record_get_text (result, "message"), "error");
      return;
    }
  /* Translators: who answered, and after how long: "work, 412 ms". */
  text = g_strdup_printf (C_ ("test", "%s, %s"), seat, first);
  show_result (self, text, "success");
}

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirModelRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  weir_dbus_manager_call_test_model_finish (WEIR_DBUS_MANAGER (source), &answer, result,
                                            &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      g_dbus_error_strip_remote_error (error);
      show_result (self, error->message, "error");
      return;
    }
  show_answer (self, answer);
}

static void
on_test_clicked (WeirModelRow *self)
{
  WeirDBusManager *manager = weir_client_get_manager (self->client);

  if (manager == NULL)
    return;
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), TRUE);
  gtk_spinner_start (self->spinner);
  gtk_widget_set_sensitive (self->test_button, FALSE);
  gtk_label_set_label (self->result_label, _ ("Asking…"));
  weir_dbus_manager_call_test_model (manager, weir_record_get_text (self->model, "id"),
                                     self->cancellable, tested_cb, g_object_ref (self));
}

static void
on_copy_clicked (WeirModelRow *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.copy", "s",
                              weir_record_get_text (self->model, "id"));
}

static void
on_secondary_click (WeirModelRow *self)
{
  gtk_menu_button_popup (self->menu_button);
}

/* (transfer full) (nullable): the provider of an account that serves it; keys have the
 * other names in their own entries. */
static char *
dup_channel (WeirModelRow *self)
{
  g_auto (GStrv) seats = weir_record_dup_list (self->model, "seats");

  for (char **seat = seats; *seat != NULL; seat++)
    {
      g_autoptr (WeirDBusAccount) account
          = weir_client_lookup_account (self->client, *seat);

      if (account != NULL)
        return g_strdup (weir_dbus_account_get_provider (account));
    }
  return NULL;
}

static void
activate (GtkWidget *widget, const char *name, GVariant *parameter)
{
  WeirModelRow *self = WEIR_MODEL_ROW (widget);
  g_autofree char *channel = dup_channel (self);

  if (g_str_equal (name, "model.menu"))
    gtk_menu_button_popup (self->menu_button);
  else if (g_str_equal (name, "model.copy"))
    on_copy_clicked (self);
  else if (g_str_equal (name, "model.test"))
    on_test_clicked (self);
  else if (channel != NULL)
    weir_alias_dialog_present (GTK_WINDOW (gtk_widget_get_root (widget)), self->client,
                               channel, weir_record_get_text (self->model, "id"));
}

GtkWidget *
weir_model_row_new (WeirClient *client, WeirRecord *model, gboolean is_private)
{
  WeirModelRow *self = g_object_new (WEIR_TYPE_MODEL_ROW, NULL);
  g_autofree char *channel = NULL;
  g_autofree char *subtitle = dup_subtitle (client, model, is_private);

  self->client = g_object_ref (client);
  self->model = g_object_ref (model);
  self->is_private = is_private;
  channel = dup_channel (self);
  gtk_widget_action_set_enabled (
      GTK_WIDGET (self), "model.alias",
      channel != NULL && weir_alias_is_name (weir_record_get_text (model, "id")));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self),
                                 weir_record_get_text (model, "id"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  return GTK_WIDGET (self);
}

static void
weir_model_row_dispose (GObject *object)
{
  WeirModelRow *self = WEIR_MODEL_ROW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->client);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (weir_model_row_parent_class)->dispose (object);
}

static void
weir_model_row_class_init (WeirModelRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_model_row_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-model-row.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirModelRow, result_label);
  gtk_widget_class_bind_template_child (widget_class, WeirModelRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, WeirModelRow, test_button);
  gtk_widget_class_bind_template_callback (widget_class, on_test_clicked);
  gtk_widget_class_bind_template_child (widget_class, WeirModelRow, menu_button);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_secondary_click);
  gtk_widget_class_install_action (widget_class, "model.alias", NULL, activate);
  gtk_widget_class_install_action (widget_class, "model.copy", NULL, activate);
  gtk_widget_class_install_action (widget_class, "model.menu", NULL, activate);
  gtk_widget_class_install_action (widget_class, "model.test", NULL, activate);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "model.menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK,
                                       "model.menu", NULL);
}

static void
weir_model_row_init (WeirModelRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
