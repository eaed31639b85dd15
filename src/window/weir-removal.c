/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One removal, from the question to the call or the undo. */

#include "config.h"

#include "window/weir-removal.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-format.h"
#include "window/weir-window-private.h"

#define UNDO_SECONDS 10

typedef struct
{
  WeirClient *client;       /* (owned) */
  WeirDBusAccount *account; /* (owned) */
  GtkWidget *window;        /* (owned) */
  GtkCheckButton *revoke;   /* (unowned): of the question, while it stands */
  gboolean must_revoke;
  gboolean is_undone;
} WeirRemoval;

static void
removal_free (gpointer data, GClosure *closure)
{
  WeirRemoval *self = data;

  g_object_unref (self->client);
  g_object_unref (self->account);
  g_object_unref (self->window);
  g_free (self);
}

static WeirRemoval *
removal_copy (const WeirRemoval *from)
{
  WeirRemoval *self = g_new0 (WeirRemoval, 1);

  self->client = g_object_ref (from->client);
  self->account = g_object_ref (from->account);
  self->window = g_object_ref (from->window);
  self->must_revoke = from->must_revoke;
  return self;
}

static void
on_undo (AdwToast *toast, WeirRemoval *self)
{
  self->is_undone = TRUE;
}

static void
on_dismissed (AdwToast *toast, WeirRemoval *self)
{
  if (self->is_undone)
    weir_client_set_hidden (self->client, self->account, FALSE);
  else
    weir_call (self->window, self->account, "Remove",
               g_variant_new ("(b)", self->must_revoke), NULL);
}

/* (transfer full): what the user calls it, as far as that may be seen. */
static char *
dup_label (WeirDBusAccount *account)
{
  g_autoptr (GSettings) settings = g_settings_new (WEIR_APPLICATION_ID);

  return weir_format_private (weir_dbus_account_get_label (account),
                              g_settings_get_boolean (settings, "privacy"));
}

static void
on_response (GtkWidget *dialog, const char *response, WeirRemoval *self)
{
  g_autofree char *label = NULL;
  g_autofree char *title = NULL;
  WeirRemoval *toasted;
  AdwToast *toast;

  if (!g_str_equal (response, "remove"))
    return;
  self->must_revoke = gtk_check_button_get_active (self->revoke);
  weir_client_set_hidden (self->client, self->account, TRUE);

  label = dup_label (self->account);
  /* Translators: %s is the name of an account. */
  title = g_markup_printf_escaped (_ ("“%s” removed"), label);
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_timeout (toast, UNDO_SECONDS);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  toasted = removal_copy (self);
  g_signal_connect (toast, "button-clicked", G_CALLBACK (on_undo), toasted);
  g_signal_connect_data (toast, "dismissed", G_CALLBACK (on_dismissed), toasted,
                         removal_free, 0);
  weir_window_add_lasting_toast (WEIR_WINDOW (self->window), toast);
}

void
weir_removal_ask (GtkWidget *widget, WeirClient *client, WeirDBusAccount *account)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  AdwMessageDialog *dialog
      = ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_WINDOW (root), NULL, NULL));
  g_autofree char *label = dup_label (account);
  WeirRemoval *self = g_new0 (WeirRemoval, 1);

  self->client = g_object_ref (client);
  self->account = g_object_ref (account);
  self->window = g_object_ref (GTK_WIDGET (root));
  self->revoke = GTK_CHECK_BUTTON (
      gtk_check_button_new_with_mnemonic (_ ("Also sign out at the _vendor")));
  gtk_widget_set_halign (GTK_WIDGET (self->revoke), GTK_ALIGN_CENTER);

  /* Translators: %s is the name of an account. */
  adw_message_dialog_format_heading (dialog, _ ("Remove “%s”?"), label);
  adw_message_dialog_set_body (
      dialog, _ ("Requests will no longer use it. Its saved login is deleted "
                 "on this computer."));
  adw_message_dialog_set_extra_child (dialog, GTK_WIDGET (self->revoke));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "remove",
                                    _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "remove", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), self, removal_free,
                         0);
  gtk_window_present (GTK_WINDOW (dialog));
}
