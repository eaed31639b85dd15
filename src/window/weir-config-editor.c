/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The editor of the configuration.  GIO writes the file as the service itself does: a new
 * one beside it, synced, put in its place; its entity tag says whether somebody else wrote
 * it meanwhile. */

#include "config.h"

#include "window/weir-config-editor.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>
#include <sys/mman.h>
#include <unistd.h>

#include "window/weir-diff.h"
#include "window/weir-wrap-box.h"

#define CHECK_DELAY_MS 300
#define CONTEXT_LINES 2

struct _WeirConfigEditor
{
  AdwWindow parent;

  WeirClient *client; /* (owned) */
  GFile *file;        /* (owned) */
  char *saved;        /* (owned) (nullable): the text as it stands in the file */
  char *etag;         /* (owned) (nullable) */
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

static void
on_notice_activated (WeirConfigEditor *self, GtkListBoxRow *row)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
  int line = (int)g_ascii_strtoll (gtk_widget_get_name (GTK_WIDGET (row)), NULL, 10);
  GtkTextIter at;

  if (line == 0)
    return;
  gtk_text_buffer_get_iter_at_line (buffer, &at, line - 1);
  gtk_text_buffer_place_cursor (buffer, &at);
  gtk_text_view_scroll_to_iter (GTK_TEXT_VIEW (self->view), &at, 0.1, FALSE, 0, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
add_notice (WeirConfigEditor *self, unsigned line, gboolean is_fatal, const char *sentence)
{
  g_autofree char *name = g_strdup_printf ("%u", line);
  /* Translators: the number of a line. */
  g_autofree char *place = line > 0 ? g_strdup_printf (_ ("Line %u"), line) : g_strdup ("");
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
  g_autofree char *text = dup_text (self);
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
      add_notice (self, line, is_fatal, sentence);
      has_fatal |= is_fatal;
    }
  gtk_widget_set_visible (self->notices_window, g_variant_n_children (notices) > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button),
                            !has_fatal && self->saved != NULL
                                && g_strcmp0 (text, self->saved) != 0);
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

/* (transfer full) (nullable): a file in memory that holds the text. */
static GUnixFDList *
dup_text_as_file (WeirConfigEditor *self)
{
  g_autofree char *text = dup_text (self);
  size_t length = strlen (text);
  int descriptor = memfd_create ("config.yaml", MFD_CLOEXEC);

  if (descriptor < 0)
    return NULL;
  if (write (descriptor, text, length) != (ssize_t)length
      || lseek (descriptor, 0, SEEK_SET) != 0)
    {
      close (descriptor);
      return NULL;
    }
  return g_unix_fd_list_new_from_array (&descriptor, 1);
}

static gboolean
check_cb (gpointer user_data)
{
  WeirConfigEditor *self = user_data;
  WeirDBusManager *manager = weir_client_get_manager (self->client);
  g_autoptr (GUnixFDList) files = dup_text_as_file (self);

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
  gtk_stack_set_visible_child_name (self->stack, "editor");
}

static void
show_editor (WeirConfigEditor *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->save_button), TRUE);
  gtk_stack_set_visible_child_name (self->stack, "editor");
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirConfigEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  char *etag = NULL;

  show_editor (self);
  if (!g_file_replace_contents_finish (G_FILE (source), result, &etag, &error))
    {
      show_toast (self, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WRONG_ETAG)
                            ? _ ("Another program changed the file; open it again first")
                            : error->message);
      return;
    }
  g_free (self->etag);
  self->etag = etag;
  g_free (self->saved);
  self->saved = dup_text (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), FALSE);
  show_toast (self, _ ("Saved; the service reads it now"));
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
  g_file_load_contents_async (self->file, NULL, loaded_cb, g_object_ref (self));
  gtk_window_present (GTK_WINDOW (self));
}

static void
weir_config_editor_class_init (WeirConfigEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_config_editor_dispose;
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
  gtk_widget_class_bind_template_callback (widget_class, show_difference);
  gtk_widget_class_bind_template_callback (widget_class, on_confirm_clicked);
  gtk_widget_class_bind_template_callback (widget_class, show_editor);
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
