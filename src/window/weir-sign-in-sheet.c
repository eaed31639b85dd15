/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sheet.  What is seen follows the Login object's state:
 *
 *     (choose) -> BeginLogin -> preparing | waiting | exchanging -> done | failed |
 * cancelled
 *
 * `update` makes the view of it. */

#include "config.h"

#include "window/weir-sign-in-sheet.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>

#include "window/weir-format.h"
#include "window/weir-qr-code.h"
#include "window/weir-record.h"
#include "base/weir-service-text.h"
#include "window/weir-wrap-box.h"

struct _WeirSignInSheet
{
  AdwWindow parent;

  WeirClient *client;        /* (owned) */
  WeirDBusLogin *login;      /* (owned) (nullable) */
  GListStore *providers;     /* (owned) of WeirRecord */
  char *provider;            /* (owned) (nullable) */
  char *way;                 /* (owned) (nullable): that was asked for */
  char *account;             /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned): ends with the sheet */

  AdwToastOverlay *toasts;
  AdwWindowTitle *title;
  GtkStack *stack;
  GtkListBox *providers_box;
  GtkLabel *note_label;
  GtkWidget *browser_box;
  GtkWidget *browser_label;
  GtkWidget *device_label;
  GtkWidget *qr_button;
  WeirQrCode *qr_code;
  GtkWidget *code_box;
  GtkLabel *code_label;
  GtkLabel *sentence_label;
  GtkLabel *time_label;
  GtkWidget *paste_group;
  AdwEntryRow *paste_row;
  WeirWrapBox *ways_box;
  AdwStatusPage *ended_page;
  GtkWidget *name_group;
  AdwEntryRow *name_row;
  GtkWidget *retry_button;
};

G_DEFINE_FINAL_TYPE (WeirSignInSheet, weir_sign_in_sheet, ADW_TYPE_WINDOW)

static void begin (WeirSignInSheet *self, const char *way);

static void
show_toast (WeirSignInSheet *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

static void
show_error (WeirSignInSheet *self, GError *error)
{
  g_dbus_error_strip_remote_error (error);
  show_toast (self, error->message);
}

/* (nullable) (transfer full): the record of the chosen provider. */
static WeirRecord *
dup_provider (WeirSignInSheet *self)
{
  for (unsigned i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->providers)); i++)
    {
      g_autoptr (WeirRecord) each
          = g_list_model_get_item (G_LIST_MODEL (self->providers), i);

      if (g_strcmp0 (weir_record_get_text (each, "id"), self->provider) == 0)
        return g_steal_pointer (&each);
    }
  return NULL;
}

static void
show_time_left (WeirSignInSheet *self)
{
  int64_t left_us = weir_dbus_login_get_expires_at (self->login)
                    - weir_client_get_now_us (self->client);
  g_autofree char *span = weir_format_span (MAX (left_us, 0));
  /* Translators: %s is a span of time, "14 min". */
  g_autofree char *text = g_strdup_printf (_ ("%s left"), span);

  gtk_label_set_label (self->time_label,
                       weir_dbus_login_get_expires_at (self->login) > 0 ? text : "");
}

static void
show_ended (WeirSignInSheet *self, gboolean is_done)
{
  g_autofree char *plain
      = weir_service_text_dup (weir_dbus_login_get_sentence (self->login));
  g_autofree char *sentence = g_markup_escape_text (plain, -1);

  adw_status_page_set_icon_name (self->ended_page, is_done ? "emblem-ok-symbolic"
                                                           : "dialog-warning-symbolic");
  adw_status_page_set_title (self->ended_page,
                             is_done ? _ ("Signed In") : _ ("Not Signed In"));
  adw_status_page_set_description (self->ended_page, sentence);
  gtk_widget_set_visible (self->name_group, is_done && self->account == NULL);
  gtk_widget_set_visible (self->retry_button, !is_done);
  gtk_stack_set_visible_child_name (self->stack, "ended");
}

static void
show_waiting (WeirSignInSheet *self)
{
  const char *url = weir_dbus_login_get_url (self->login);
  const char *code = weir_dbus_login_get_user_code (self->login);
  const char *full_url = weir_dbus_login_get_full_url (self->login);
  g_autofree char *sentence
      = weir_service_text_dup (weir_dbus_login_get_sentence (self->login));
  gboolean is_device = *code != '\0';

  gtk_widget_set_visible (self->browser_box, *url != '\0');
  gtk_widget_set_visible (self->browser_label, !is_device);
  gtk_widget_set_visible (self->device_label, is_device);
  gtk_widget_set_visible (self->code_box, is_device);
  gtk_label_set_label (self->code_label, code);
  gtk_label_set_label (self->sentence_label, sentence);
  gtk_widget_set_visible (self->paste_group, weir_dbus_login_get_can_paste (self->login));
  gtk_widget_set_visible (self->qr_button, weir_qr_code_is_available ());
  weir_qr_code_set_text (self->qr_code, *full_url != '\0' ? full_url : url);
  show_time_left (self);
  gtk_stack_set_visible_child_name (self->stack, "login");
}

static void
update (WeirSignInSheet *self)
{
  const char *state;
  g_autofree char *title = NULL;

  if (self->login == NULL)
    return;
  state = weir_dbus_login_get_state (self->login);
  /* Translators: %s is a vendor. */
  title = g_strdup_printf (_ ("Sign In to %s"),
                           weir_dbus_login_get_provider_name (self->login));
  adw_window_title_set_title (self->title, title);
  if (g_strcmp0 (state, "done") == 0)
    show_ended (self, TRUE);
  else if (g_strcmp0 (state, "failed") == 0 || g_strcmp0 (state, "cancelled") == 0)
    show_ended (self, FALSE);
  else
    show_waiting (self);
}

static void
on_way_clicked (WeirSignInSheet *self, GtkButton *button)
{
  begin (self, gtk_widget_get_name (GTK_WIDGET (button)));
}

static const char *
describe_way (const char *way)
{
  if (g_str_equal (way, "browser"))
    return _ ("Use a Browser on This Computer");
  if (g_str_equal (way, "device"))
    return _ ("Use a Code");
  return _ ("Use a Browser Elsewhere");
}

/* A button for each other way that this vendor has. */
static void
show_ways (WeirSignInSheet *self)
{
  g_autofree char *note = NULL;
  g_autoptr (WeirRecord) provider = dup_provider (self);
  g_auto (GStrv) ways = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->ways_box))) != NULL)
    gtk_widget_unparent (child);
  if (provider == NULL)
    return;
  ways = weir_record_dup_list (provider, "ways");
  for (char **way = ways; *way != NULL; way++)
    {
      GtkWidget *button;

      if (g_strcmp0 (*way, weir_dbus_login_get_way (self->login)) == 0)
        continue;
      button = gtk_button_new_with_label (describe_way (*way));
      gtk_widget_set_name (button, *way);
      gtk_widget_add_css_class (button, "flat");
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_way_clicked), self,
                               G_CONNECT_SWAPPED);
      gtk_widget_set_parent (button, GTK_WIDGET (self->ways_box));
    }
  note = weir_service_text_dup (weir_record_get_text (provider, "sentence"));
  gtk_label_set_label (self->note_label, note);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), *note != '\0');
}

static void
set_login (WeirSignInSheet *self, WeirDBusLogin *login)
{
  g_set_object (&self->login, login);
  g_signal_connect_object (login, "g-properties-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  show_ways (self);
  update (self);
}

static void
login_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSignInSheet) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirDBusLogin) login = weir_dbus_login_proxy_new_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    show_error (self, error);
  else
    set_login (self, login);
}

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSignInSheet) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  GDBusProxy *manager = G_DBUS_PROXY (source);

  if (!weir_dbus_manager_call_begin_login_finish (WEIR_DBUS_MANAGER (source), &path, result,
                                                  &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_error (self, error);
      return;
    }
  weir_dbus_login_proxy_new (g_dbus_proxy_get_connection (manager),
                             G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
                             g_dbus_proxy_get_name (manager), path, self->cancellable,
                             login_cb, g_object_ref (self));
}

/* (transfer full) (nullable): a sign-in of this provider that was begun before. */
static WeirDBusLogin *
find_login (WeirSignInSheet *self)
{
  GListModel *logins = weir_client_get_logins (self->client);

  for (unsigned i = 0; i < g_list_model_get_n_items (logins); i++)
    {
      g_autoptr (WeirDBusLogin) each = g_list_model_get_item (logins, i);
      const char *state = weir_dbus_login_get_state (each);

      if (g_strcmp0 (weir_dbus_login_get_provider (each), self->provider) == 0
          && (g_strcmp0 (state, "preparing") == 0 || g_strcmp0 (state, "waiting") == 0
              || g_strcmp0 (state, "exchanging") == 0))
        return g_steal_pointer (&each);
    }
  return NULL;
}

/* @way: (nullable): the provider's first. */
static void
begin (WeirSignInSheet *self, const char *way)
{
  WeirDBusManager *manager = weir_client_get_manager (self->client);
  g_autoptr (WeirDBusLogin) under_way = find_login (self);
  GVariantBuilder options;

  if (manager == NULL)
    return;
  if (under_way != NULL && way == NULL)
    {
      set_login (self, under_way);
      return;
    }
  if (under_way != NULL)
    weir_dbus_login_call_cancel (under_way, NULL, NULL, NULL);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (way != NULL)
    g_variant_builder_add (&options, "{sv}", "way", g_variant_new_string (way));
  if (self->account != NULL)
    g_variant_builder_add (&options, "{sv}", "account",
                           g_variant_new_string (self->account));
  weir_dbus_manager_call_begin_login (manager, self->provider,
                                      g_variant_builder_end (&options), self->cancellable,
                                      begun_cb, g_object_ref (self));
}

static void
choose (WeirSignInSheet *self, const char *provider)
{
  g_free (self->provider);
  self->provider = g_strdup (provider);
  begin (self, NULL);
}

static void
on_provider_activated (WeirSignInSheet *self, GtkListBoxRow *row)
{
  g_autoptr (WeirRecord) provider = g_list_model_get_item (
      G_LIST_MODEL (self->providers), (unsigned)gtk_list_box_row_get_index (row));

  choose (self, weir_record_get_text (provider, "id"));
}

static GtkWidget *
create_provider_row (gpointer item, gpointer user_data)
{
  WeirRecord *provider = item;
  gboolean has_ended = g_str_equal (weir_record_get_text (provider, "standing"), "ended");
  g_autofree char *sentence
      = weir_service_text_dup (weir_record_get_text (provider, "sentence"));
  GtkWidget *row
      = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                      weir_record_get_text (provider, "name"), "subtitle", sentence,
                      "activatable", !has_ended, "sensitive", !has_ended, NULL);

  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             g_object_new (GTK_TYPE_IMAGE, "icon-name", "go-next-symbolic",
                                           "accessible-role",
                                           GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL));
  return row;
}

static void
providers_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSignInSheet) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) list = NULL;

  if (!weir_dbus_manager_call_list_providers_finish (WEIR_DBUS_MANAGER (source), &list,
                                                     result, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_error (self, error);
      return;
    }
  weir_record_list_replace (self->providers, list);
  if (self->provider != NULL)
    begin (self, self->way);
  else
    gtk_stack_set_visible_child_name (self->stack, "providers");
}

static void
on_open_clicked (WeirSignInSheet *self)
{
  const char *full_url = weir_dbus_login_get_full_url (self->login);

  gtk_show_uri (GTK_WINDOW (self),
                *full_url != '\0' ? full_url : weir_dbus_login_get_url (self->login),
                GDK_CURRENT_TIME);
}

static void
copy (WeirSignInSheet *self, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  show_toast (self, _ ("Copied to the clipboard"));
}

static void
on_copy_link_clicked (WeirSignInSheet *self)
{
  copy (self, weir_dbus_login_get_url (self->login));
}

static void
on_copy_code_clicked (WeirSignInSheet *self)
{
  copy (self, weir_dbus_login_get_user_code (self->login));
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSignInSheet) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!weir_dbus_login_call_submit_callback_finish (WEIR_DBUS_LOGIN (source), result,
                                                    &error))
    show_error (self, error);
  else
    gtk_editable_set_text (GTK_EDITABLE (self->paste_row), "");
}

static void
on_paste_apply (WeirSignInSheet *self)
{
  weir_dbus_login_call_submit_callback (
      self->login, gtk_editable_get_text (GTK_EDITABLE (self->paste_row)), NULL,
      submitted_cb, g_object_ref (self));
}

static void
on_cancel_clicked (WeirSignInSheet *self)
{
  if (self->login != NULL)
    weir_dbus_login_call_cancel (self->login, NULL, NULL, NULL);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_retry_clicked (WeirSignInSheet *self)
{
  begin (self, NULL);
}

static void
on_done_clicked (WeirSignInSheet *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name_row));
  g_autoptr (WeirDBusAccount) account = weir_client_lookup_account (
      self->client, weir_dbus_login_get_account (self->login));

  if (account != NULL && *name != '\0')
    weir_dbus_account_set_label (account, name);
  gtk_window_close (GTK_WINDOW (self));
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirSignInSheet) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) accounts = NULL;

  if (!weir_dbus_manager_call_import_credentials_finish (WEIR_DBUS_MANAGER (source),
                                                         &accounts, NULL, result, &error))
    {
      show_error (self, error);
      return;
    }
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_file_response (GtkNativeDialog *dialog, int response, WeirSignInSheet *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  WeirDBusManager *manager = weir_client_get_manager (self->client);
  g_autoptr (GUnixFDList) list = NULL;
  int descriptor;

  g_object_unref (dialog);
  if (response != GTK_RESPONSE_ACCEPT || file == NULL || manager == NULL)
    return;
  descriptor = open (g_file_peek_path (file), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0)
    {
      show_toast (self, _ ("The file cannot be read"));
      return;
    }
  list = g_unix_fd_list_new_from_array (&descriptor, 1);
  weir_dbus_manager_call_import_credentials (manager, g_variant_new_handle (0), list, NULL,
                                             imported_cb, g_object_ref (self));
}

static void
on_import_activated (WeirSignInSheet *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Import a Sign-In"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
weir_sign_in_sheet_dispose (GObject *object)
{
  WeirSignInSheet *self = WEIR_SIGN_IN_SHEET (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->client);
  g_clear_object (&self->login);
  g_clear_object (&self->providers);
  g_clear_pointer (&self->provider, g_free);
  g_clear_pointer (&self->way, g_free);
  g_clear_pointer (&self->account, g_free);
  G_OBJECT_CLASS (weir_sign_in_sheet_parent_class)->dispose (object);
}

void
weir_sign_in_sheet_present (GtkWindow *parent,
                            WeirClient *client,
                            const char *provider,
                            const char *way,
                            const char *account)
{
  WeirDBusManager *manager = weir_client_get_manager (client);
  WeirSignInSheet *self;

  if (manager == NULL)
    return;
  self = g_object_new (WEIR_TYPE_SIGN_IN_SHEET, "transient-for", parent, NULL);
  self->client = g_object_ref (client);
  self->provider = g_strdup (provider);
  self->way = g_strdup (way);
  self->account = g_strdup (account);
  g_signal_connect_object (client, "notify::now", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  weir_dbus_manager_call_list_providers (manager, self->cancellable, providers_cb,
                                         g_object_ref (self));
  gtk_window_present (GTK_WINDOW (self));
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, toasts);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, title);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, stack);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, providers_box);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, note_label);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, browser_box);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, browser_label);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, device_label);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, qr_button);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, qr_code);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, code_box);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, code_label);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, sentence_label);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, time_label);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, paste_group);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, paste_row);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, ways_box);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, ended_page);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, name_group);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, name_row);
  gtk_widget_class_bind_template_child (widget_class, WeirSignInSheet, retry_button);
}

static void
weir_sign_in_sheet_class_init (WeirSignInSheetClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_sign_in_sheet_dispose;
  g_type_ensure (WEIR_TYPE_QR_CODE);
  g_type_ensure (WEIR_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-sign-in-sheet.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_provider_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_import_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_open_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_link_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_code_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_paste_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_retry_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_done_clicked);
}

static void
weir_sign_in_sheet_init (WeirSignInSheet *self)
{
  self->cancellable = g_cancellable_new ();
  self->providers = g_list_store_new (WEIR_TYPE_RECORD);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_bind_model (self->providers_box, G_LIST_MODEL (self->providers),
                           create_provider_row, NULL, NULL);
}
