/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The editor of the configuration.  GIO writes the file as the service itself does: a new
 * one beside it, synced, put in its place; its entity tag says whether somebody else wrote
 * it meanwhile.  What they wrote is shown at once where nothing was changed here; else the
 * user chooses, and neither text is lost: theirs can be undone, ours is saved as a change
 * of theirs. */

#include "config.h"

#include "window/weir-config-editor.h"

#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>
#include <stdio.h>

#include "window/weir-diff.h"
#include "window/weir-handed-text.h"
#include "window/weir-wrap-box.h"

#define CHECK_DELAY_MS 300
#define CONTEXT_LINES 2

struct _WeirConfigEditor
{
  AdwWindow parent;

  WeirClient *client;    /* (owned) */
  GFile *file;           /* (owned) */
  char *saved;           /* (owned) (nullable): the text as it stands in the file */
  char *etag;            /* (owned) (nullable) */
  GFileMonitor *monitor; /* (owned) (nullable) */
  char *other_text;      /* (owned) (nullable): what another program wrote meanwhile */
  char *other_etag;      /* (owned) (nullable) */
  gboolean is_left;      /* the user has agreed to lose what was not saved */
  unsigned check_id;
  GCancellable *check; /* (owned) (nullable): of the check under way */
  WeirConfigEdit edit; /* (nullable): to be made when the file is read, then to be shown */
  gpointer edit_data;  /* freed by the next one */
  GDestroyNotify edit_destroy;

  AdwToastOverlay *toasts;
  AdwWindowTitle *title;
  GtkButton *save_button;
  GtkStack *stack;
  GtkSourceView *view;
  GtkListBox *notices_box;
  GtkWidget *notices_window;
  GtkTextView *diff_view;
  GtkInfoBar *other_bar;
};

G_DEFINE_FINAL_TYPE (WeirConfigEditor, weir_config_editor, ADW_TYPE_WINDOW)

static void
show_toast (WeirConfigEditor *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

static char *
dup_text (WeirConfigEditor *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static gboolean
is_changed (WeirConfigEditor *self)
{
  g_autofree char *text = dup_text (self);

  return self->saved != NULL && strcmp (text, self->saved) != 0;
}

/* Goes to the place that the row's name says. */
static void
on_notice_activated (WeirConfigEditor *self, GtkListBoxRow *row)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  GtkTextIter at;
  int line;
  int column;

  if (sscanf (gtk_widget_get_name (GTK_WIDGET (row)), "%d:%d", &line, &column) != 2
      || line == 0)
    return;
  gtk_text_buffer_get_iter_at_line (buffer, &at, line - 1);
  for (int i = 1; i < column && !gtk_text_iter_ends_line (&at); i++)
    gtk_text_iter_forward_char (&at);
  gtk_text_buffer_place_cursor (buffer, &at);
  gtk_text_view_scroll_to_iter (GTK_TEXT_VIEW (self->view), &at, 0.1, FALSE, 0, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

/* The first problem behind the cursor, or the first at all. */
static gboolean
on_next_problem (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  WeirConfigEditor *self = WEIR_CONFIG_EDITOR (widget);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  GtkListBoxRow *next = gtk_list_box_get_row_at_index (self->notices_box, 0);
  GtkListBoxRow *row;
  GtkTextIter at;

  gtk_text_buffer_get_iter_at_mark (buffer, &at, gtk_text_buffer_get_insert (buffer));
  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->notices_box, i)) != NULL; i++)
    if (g_ascii_strtoll (gtk_widget_get_name (GTK_WIDGET (row)), NULL, 10)
        > gtk_text_iter_get_line (&at) + 1)
      {
        next = row;
        break;
      }
  if (next != NULL)
    on_notice_activated (self, next);
  return TRUE;
}

static void
add_notice (WeirConfigEditor *self,
            unsigned line,
            unsigned column,
            gboolean is_fatal,
            const char *sentence)
{
  g_autofree char *name = g_strdup_printf ("%u:%u", line, column);
  /* Translators: the numbers of a line and of a column in it. */
  g_autofree char *place
      = line > 0 ? g_strdup_printf (_ ("Line %u, column %u"), line, MAX (column, 1))
                 : g_strdup ("");
  GtkWidget *row
      = g_object_new (ADW_TYPE_ACTION_ROW, "name", name, "use-markup", FALSE, "title",
                      sentence, "subtitle", place, "activatable", TRUE, NULL);

  adw_action_row_set_icon_name (ADW_ACTION_ROW (row), is_fatal ? "dialog-error-symbolic"
                                                               : "dialog-warning-symbolic");
  gtk_list_box_append (self->notices_box, row);
}

static void
show_difference (WeirConfigEditor *self)
{
  g_autofree char *text = dup_text (self);
  g_autofree char *difference = weir_diff_format (self->saved, text, CONTEXT_LINES);

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->diff_view), difference, -1);
  gtk_stack_set_visible_child_name (self->stack, "difference");
  gtk_widget_set_visible (GTK_WIDGET (self->save_button), FALSE);
}

static void
show_notices (WeirConfigEditor *self, GVariant *notices)
{
  gboolean has_fatal = FALSE;
  GtkListBoxRow *old;

  while ((old = gtk_list_box_get_row_at_index (self->notices_box, 0)) != NULL)
    gtk_list_box_remove (self->notices_box, GTK_WIDGET (old));
  for (size_t i = 0; i < g_variant_n_children (notices); i++)
    {
      unsigned line;
      unsigned column;
      gboolean is_fatal;
      const char *key;
      const char *sentence;

      g_variant_get_child (notices, i, "(uub&s&s)", &line, &column, &is_fatal, &key,
                           &sentence);
      add_notice (self, line, column, is_fatal, sentence);
      has_fatal |= is_fatal;
    }
  gtk_widget_set_visible (self->notices_window, g_variant_n_children (notices) > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button),
                            !has_fatal && self->other_text == NULL && is_changed (self));
  adw_window_title_set_subtitle (self->title,
                                 has_fatal ? _ ("Cannot be used as it is") : _ ("Checked"));
  if (self->edit != NULL && gtk_widget_get_sensitive (GTK_WIDGET (self->save_button)))
    show_difference (self);
  self->edit = NULL;
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirConfigEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) notices = NULL;

  weir_dbus_manager_call_check_config_finish (WEIR_DBUS_MANAGER (source), &notices, NULL,
                                              result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      g_dbus_error_strip_remote_error (error);
      adw_window_title_set_subtitle (self->title, error->message);
      return;
    }
  show_notices (self, notices);
}

static gboolean
check_cb (gpointer user_data)
{
  WeirConfigEditor *self = user_data;
  WeirDBusManager *manager = weir_client_get_manager (self->client);
  g_autofree char *text = dup_text (self);
  g_autoptr (GUnixFDList) files = weir_handed_text_new (text);

  self->check_id = 0;
  if (manager == NULL || files == NULL)
    return G_SOURCE_REMOVE;
  g_cancellable_cancel (self->check);
  g_clear_object (&self->check);
  self->check = g_cancellable_new ();
  weir_dbus_manager_call_check_config (manager, g_variant_new_handle (0), files,
                                       self->check, checked_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
on_changed (WeirConfigEditor *self)
{
  g_clear_handle_id (&self->check_id, g_source_remove);
  self->check_id = g_timeout_add (CHECK_DELAY_MS, check_cb, self);
  adw_window_title_set_subtitle (self->title, _ ("Checking…"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), FALSE);
}

/* As what the user did: it can be undone. */
static void
replace_text (WeirConfigEditor *self, const char *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_delete (buffer, &start, &end);
  gtk_text_buffer_insert (buffer, &start, text, -1);
  gtk_text_buffer_end_user_action (buffer);
}

static void
show_editor (WeirConfigEditor *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->save_button), TRUE);
  gtk_stack_set_visible_child_name (self->stack, "editor");
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

/* --- what another program writes --- */

static void
forget_other (WeirConfigEditor *self)
{
  g_clear_pointer (&self->other_text, g_free);
  g_clear_pointer (&self->other_etag, g_free);
  gtk_widget_set_visible (GTK_WIDGET (self->other_bar), FALSE);
}

/* The file holds @text now, whoever wrote it.  Takes both. */
static void
take_saved (WeirConfigEditor *self, char *text, char *etag)
{
  g_free (self->saved);
  self->saved = text;
  g_free (self->etag);
  self->etag = etag;
  on_changed (self);
}

static void
on_take_theirs (WeirConfigEditor *self)
{
  if (self->other_text == NULL)
    return;
  replace_text (self, self->other_text);
  take_saved (self, g_steal_pointer (&self->other_text),
              g_steal_pointer (&self->other_etag));
  forget_other (self);
  show_toast (self, _ ("Theirs is shown; undo brings yours back"));
}

static void
on_keep_mine (WeirConfigEditor *self)
{
  if (self->other_text == NULL)
    return;
  take_saved (self, g_steal_pointer (&self->other_text),
              g_steal_pointer (&self->other_etag));
  forget_other (self);
}

/* Takes both. */
static void
meet_other (WeirConfigEditor *self, char *text, char *etag)
{
  g_autofree char *ours = dup_text (self);

  forget_other (self);
  if (strcmp (text, ours) == 0)
    take_saved (self, text, etag);
  else if (!is_changed (self))
    {
      replace_text (self, text);
      take_saved (self, text, etag);
      show_toast (self, _ ("Another program changed the file"));
    }
  else
    {
      self->other_text = text;
      self->other_etag = etag;
      gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), FALSE);
      show_editor (self);
      gtk_widget_set_visible (GTK_WIDGET (self->other_bar), TRUE);
    }
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirConfigEditor) self = user_data;
  g_autofree char *text = NULL;
  g_autofree char *etag = NULL;
  size_t length;

  /* between two writings it may be missing: another event follows */
  if (!g_file_load_contents_finish (G_FILE (source), result, &text, &length, &etag, NULL)
      || !g_utf8_validate (text, (gssize)length, NULL) || self->saved == NULL
      || g_strcmp0 (etag, self->etag) == 0 || g_strcmp0 (etag, self->other_etag) == 0)
    return;
  meet_other (self, g_steal_pointer (&text), g_steal_pointer (&etag));
}

static void
look_again (WeirConfigEditor *self)
{
  g_file_load_contents_async (self->file, NULL, looked_cb, g_object_ref (self));
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirConfigEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  size_t length;

  if (!g_file_load_contents_finish (G_FILE (source), result, &text, &length, &self->etag,
                                    &error))
    {
      show_toast (self, error->message);
      return;
    }
  if (!g_utf8_validate (text, (gssize)length, NULL))
    {
      show_toast (self, _ ("The file is not UTF-8 text"));
      return;
    }
  self->saved = g_steal_pointer (&text);
  if (self->edit != NULL)
    text = self->edit (self->saved, self->edit_data);
  if (self->edit != NULL && text == NULL)
    show_toast (self, _ ("The file is written in a way that has no place for it; add it "
                         "by hand"));
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view)),
                            text != NULL ? text : self->saved, -1);
  show_editor (self);
}

/* --- saving --- */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirConfigEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  char *etag = NULL;

  show_editor (self);
  if (g_file_replace_contents_finish (G_FILE (source), result, &etag, &error))
    {
      take_saved (self, dup_text (self), etag);
      show_toast (self, _ ("Saved; the service reads it now"));
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG))
    look_again (self);
  else
    show_toast (self, error->message);
}

static void
on_confirm_clicked (WeirConfigEditor *self)
{
  char *text = dup_text (self);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  g_file_replace_contents_bytes_async (self->file, bytes, self->etag, FALSE,
                                       G_FILE_CREATE_PRIVATE, NULL, saved_cb,
                                       g_object_ref (self));
}

/* --- leaving --- */

static gboolean
leave_cb (gpointer user_data)
{
  WeirConfigEditor *self = user_data;

  self->is_left = TRUE;
  gtk_window_close (GTK_WINDOW (self));
  return G_SOURCE_REMOVE;
}

static void
on_leave_response (WeirConfigEditor *self, const char *response)
{
  if (g_str_equal (response, "cancel"))
    return;
  if (g_str_equal (response, "save"))
    {
      show_difference (self);
      return;
    }
  /* the question goes first: it looks at its parent when it ends */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, leave_cb, g_object_ref (self), g_object_unref);
}

static gboolean
weir_config_editor_close_request (GtkWindow *window)
{
  WeirConfigEditor *self = WEIR_CONFIG_EDITOR (window);
  AdwMessageDialog *dialog;

  if (self->is_left || !is_changed (self))
    return GTK_WINDOW_CLASS (weir_config_editor_parent_class)->close_request (window);
  dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (window, _ ("Save Changes?"),
                              _ ("What was written here is lost if it is not saved.")));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "discard",
                                    _ ("_Discard"), "save", _ ("_Save…"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (dialog, "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (
      dialog, "save", gtk_widget_get_sensitive (GTK_WIDGET (self->save_button)));
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_leave_response), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return TRUE;
}

static gboolean
on_save_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  WeirConfigEditor *self = WEIR_CONFIG_EDITOR (widget);

  if (gtk_widget_get_visible (GTK_WIDGET (self->save_button))
      && gtk_widget_get_sensitive (GTK_WIDGET (self->save_button)))
    show_difference (self);
  return TRUE;
}

/* Back from the difference; the editor itself is left with its own key. */
static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  WeirConfigEditor *self = WEIR_CONFIG_EDITOR (widget);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "difference") != 0)
    return FALSE;
  show_editor (self);
  return TRUE;
}

static void
on_dark_changed (WeirConfigEditor *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  GtkSourceStyleScheme *scheme = gtk_source_style_scheme_manager_get_scheme (
      gtk_source_style_scheme_manager_get_default (),
      adw_style_manager_get_dark (style) ? "Adwaita-dark" : "Adwaita");

  gtk_source_buffer_set_style_scheme (
      GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view))), scheme);
}

static void
weir_config_editor_dispose (GObject *object)
{
  WeirConfigEditor *self = WEIR_CONFIG_EDITOR (object);

  g_clear_handle_id (&self->check_id, g_source_remove);
  g_cancellable_cancel (self->check);
  g_clear_object (&self->check);
  if (self->edit_destroy != NULL)
    g_clear_pointer (&self->edit_data, self->edit_destroy);
  g_clear_object (&self->client);
  g_clear_object (&self->file);
  g_clear_pointer (&self->saved, g_free);
  g_clear_pointer (&self->etag, g_free);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->other_text, g_free);
  g_clear_pointer (&self->other_etag, g_free);
  G_OBJECT_CLASS (weir_config_editor_parent_class)->dispose (object);
}

void
weir_config_editor_present (GtkWindow *parent, WeirClient *client)
{
  weir_config_editor_present_edit (parent, client, NULL, NULL, NULL);
}

void
weir_config_editor_present_edit (GtkWindow *parent,
                                 WeirClient *client,
                                 WeirConfigEdit edit,
                                 gpointer user_data,
                                 GDestroyNotify destroy)
{
  WeirDBusManager *manager = weir_client_get_manager (client);
  WeirConfigEditor *self;

  if (manager == NULL && destroy != NULL)
    destroy (user_data);
  if (manager == NULL)
    return;
  self = g_object_new (WEIR_TYPE_CONFIG_EDITOR, "transient-for", parent, NULL);
  self->edit = edit;
  self->edit_data = user_data;
  self->edit_destroy = destroy;
  self->client = g_object_ref (client);
  self->file = g_file_new_for_path (weir_dbus_manager_get_config_path (manager));
  self->monitor = g_file_monitor_file (self->file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (look_again), self,
                             G_CONNECT_SWAPPED);
  g_file_load_contents_async (self->file, NULL, loaded_cb, g_object_ref (self));
  gtk_window_present (GTK_WINDOW (self));
}

static void
weir_config_editor_class_init (WeirConfigEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_config_editor_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = weir_config_editor_close_request;
  g_type_ensure (GTK_SOURCE_TYPE_VIEW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-config-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, toasts);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, title);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, save_button);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, view);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, notices_box);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, notices_window);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, diff_view);
  gtk_widget_class_bind_template_child (widget_class, WeirConfigEditor, other_bar);
  gtk_widget_class_bind_template_callback (widget_class, show_difference);
  gtk_widget_class_bind_template_callback (widget_class, on_confirm_clicked);
  gtk_widget_class_bind_template_callback (widget_class, show_editor);
  gtk_widget_class_bind_template_callback (widget_class, on_take_theirs);
  gtk_widget_class_bind_template_callback (widget_class, on_keep_mine);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, on_save_key,
                                NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F8, 0, on_next_problem, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_bind_template_callback (widget_class, on_notice_activated);
}

static void
weir_config_editor_init (WeirConfigEditor *self)
{
  GtkSourceLanguage *yaml = gtk_source_language_manager_get_language (
      gtk_source_language_manager_get_default (), "yaml");
  GtkTextBuffer *buffer;

  gtk_widget_init_template (GTK_WIDGET (self));
  buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  gtk_source_buffer_set_language (GTK_SOURCE_BUFFER (buffer), yaml);
  g_signal_connect_object (buffer, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (on_dark_changed), self, G_CONNECT_SWAPPED);
  on_dark_changed (self);
}
