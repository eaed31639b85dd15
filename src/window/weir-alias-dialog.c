/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The question for a name.  Nothing is written here: the editor of the configuration shows
 * what changes, and the user saves it there. */

#include "config.h"

#include "window/weir-alias-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "window/weir-alias.h"
#include "window/weir-config-editor.h"

typedef struct
{
  GtkWindow *parent;  /* (unowned): the dialog is over it and goes before it */
  GtkWidget *entry;   /* (unowned): in the dialog */
  WeirClient *client; /* (owned) */
  char *channel;      /* (owned) */
  char *model;        /* (owned) */
  char *alias;        /* (owned) (nullable): once it is given */
} WeirAliasDialog;

static void
weir_alias_dialog_free (gpointer data)
{
  WeirAliasDialog *self = data;

  g_object_unref (self->client);
  g_free (self->channel);
  g_free (self->model);
  g_free (self->alias);
  g_free (self);
}

static char *
edit (const char *text, gpointer user_data)
{
  const WeirAliasDialog *self = user_data;

  return weir_alias_insert (text, self->channel, self->model, self->alias);
}

static void
on_changed (GtkEditable *entry, AdwMessageDialog *dialog)
{
  adw_message_dialog_set_response_enabled (
      dialog, "add", weir_alias_is_name (gtk_editable_get_text (entry)));
}

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  WeirAliasDialog *self = user_data;

  if (!g_str_equal (response, "add"))
    {
      weir_alias_dialog_free (self);
      return;
    }
  self->alias = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  weir_config_editor_present_edit (self->parent, self->client, edit, self,
                                   weir_alias_dialog_free);
}

void
weir_alias_dialog_present (GtkWindow *parent,
                           WeirClient *client,
                           const char *channel,
                           const char *model)
{
  WeirAliasDialog *self = g_new0 (WeirAliasDialog, 1);
  AdwMessageDialog *dialog
      = ADW_MESSAGE_DIALOG (adw_message_dialog_new (parent, NULL, NULL));

  self->parent = parent;
  self->entry = gtk_entry_new ();
  self->client = g_object_ref (client);
  self->channel = g_strdup (channel);
  self->model = g_strdup (model);
  /* Translators: %s is a model. */
  adw_message_dialog_format_heading (dialog, _ ("Another Name for “%s”"), model);
  adw_message_dialog_set_body (
      dialog,
      _ ("Programs can ask for the model by this name, too. You see what changes in "
         "the configuration before it is saved."));
  gtk_entry_set_activates_default (GTK_ENTRY (self->entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Other name"), -1);
  g_signal_connect_object (self->entry, "changed", G_CALLBACK (on_changed), dialog, 0);
  adw_message_dialog_set_extra_child (dialog, self->entry);
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "add", _ ("_Add…"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "add", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (dialog, "add", FALSE);
  adw_message_dialog_set_default_response (dialog, "add");
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), self);
  gtk_window_present (GTK_WINDOW (dialog));
}
