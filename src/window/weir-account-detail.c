/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of an account.  `update` makes the view from the account's properties; what
 * the user changes is sent to the service, and comes back through its signal. */

#include "config.h"

#include "window/weir-account-detail.h"

#include <glib/gi18n.h>

#include "window/weir-account-history.h"
#include "window/weir-account-limits.h"
#include "window/weir-account-state.h"
#include "window/weir-call.h"
#include "window/weir-format.h"
#include "base/weir-service-text.h"

struct _WeirAccountDetail
{
  WeirPage parent;

  WeirDBusAccount *account; /* (owned) (nullable) */
  GSettings *settings;      /* (owned) */
  gboolean is_updating;     /* the view is being set: its signals are not the user's */

  AdwEntryRow *label_row;
  AdwActionRow *identity_row;
  AdwActionRow *state_row;
  GtkImage *state_image;
  GtkButton *sign_in_button;
  GtkSwitch *enabled_switch;
  GtkButton *clear_button;
  WeirAccountLimits *limits;
  WeirAccountHistory *history;
  GtkSpinButton *priority_spin;
  GtkSpinButton *weight_spin;
  AdwEntryRow *prefix_row;
  AdwEntryRow *excluded_row;
  AdwEntryRow *proxy_row;
  GtkSpinButton *stop_at_spin;
  AdwActionRow *any_client_row;
  GtkSwitch *any_client_switch;
};

G_DEFINE_FINAL_TYPE (WeirAccountDetail, weir_account_detail, WEIR_TYPE_PAGE)

/* Not while the user writes in it. */
static void
show_entry (AdwEntryRow *row, const char *text)
{
  gboolean is_edited
      = gtk_widget_get_state_flags (GTK_WIDGET (row)) & GTK_STATE_FLAG_FOCUS_WITHIN;

  if (!is_edited && g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (row)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (row), text);
}

static void
show_state (WeirAccountDetail *self)
{
  const char *state = weir_dbus_account_get_state (self->account);
  int64_t rests_until_us = weir_dbus_account_get_rests_until (self->account);
  const WeirAccountState *look = weir_account_state_get (state);
  g_autofree char *sentence
      = weir_service_text_dup (weir_dbus_account_get_sentence (self->account));
  g_autofree char *rest = NULL;
  g_autofree char *shown = NULL;

  if (rests_until_us > 0)
    {
      g_autofree char *moment = weir_format_moment (
          rests_until_us, weir_client_get_now_us (weir_page_get_client (WEIR_PAGE (self))));

      /* Translators: an account rests until a moment, "14:20". */
      rest = g_strdup_printf (_ ("Until %s."), moment);
    }
  shown = g_strjoin (rest != NULL && *sentence != '\0' ? " " : "", sentence,
                     rest != NULL ? rest : "", NULL);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->state_row), _ (look->text));
  adw_action_row_set_subtitle (self->state_row, shown);
  gtk_image_set_from_icon_name (self->state_image, look->icon);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_in_button),
                          g_strcmp0 (state, "sign-in") == 0
                              || g_strcmp0 (state, "missing") == 0);
  gtk_widget_set_visible (GTK_WIDGET (self->clear_button), rests_until_us > 0);
}

static void
show_settings (WeirAccountDetail *self)
{
  WeirDBusAccount *account = self->account;
  g_autofree char *any_client
      = weir_service_text_dup (weir_dbus_account_get_any_client_sentence (account));
  g_autofree char *excluded
      = g_strjoinv (", ", (GStrv)weir_dbus_account_get_excluded_models (account));

  gtk_switch_set_active (self->enabled_switch, weir_dbus_account_get_enabled (account));
  gtk_spin_button_set_value (self->priority_spin, weir_dbus_account_get_priority (account));
  gtk_spin_button_set_value (self->weight_spin, weir_dbus_account_get_weight (account));
  gtk_spin_button_set_value (self->stop_at_spin, weir_dbus_account_get_stop_at (account));
  show_entry (self->prefix_row, weir_dbus_account_get_prefix (account));
  show_entry (self->excluded_row, excluded);
  show_entry (self->proxy_row, weir_dbus_account_get_proxy_url (account));
  gtk_widget_set_visible (GTK_WIDGET (self->any_client_row), *any_client != '\0');
  adw_action_row_set_subtitle (self->any_client_row, any_client);
  gtk_switch_set_active (self->any_client_switch,
                         weir_dbus_account_get_any_client (account));
}

static void
update (WeirAccountDetail *self)
{
  const char *plan;
  g_autofree char *identity = NULL;
  g_autofree char *label = NULL;
  g_autofree char *text = NULL;
  gboolean is_private = g_settings_get_boolean (self->settings, "privacy");

  if (self->account == NULL || weir_page_get_client (WEIR_PAGE (self)) == NULL)
    return;
  self->is_updating = TRUE;
  plan = weir_dbus_account_get_plan (self->account);
  identity
      = weir_format_private (weir_dbus_account_get_identity (self->account), is_private);
  label = weir_format_private (weir_dbus_account_get_label (self->account), is_private);
  text = g_strjoin (*plan != '\0' && *identity != '\0' ? " · " : "", identity, plan, NULL);

  show_entry (self->label_row, label);
  gtk_editable_set_editable (
      GTK_EDITABLE (self->label_row),
      g_str_equal (label, weir_dbus_account_get_label (self->account)));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->identity_row),
                                 weir_dbus_account_get_provider_name (self->account));
  adw_action_row_set_subtitle (self->identity_row, text);
  show_state (self);
  weir_account_limits_show (
      self->limits, self->account, weir_quota_row_read_style (self->settings),
      weir_client_get_now_us (weir_page_get_client (WEIR_PAGE (self))));
  weir_account_history_show (self->history, self->account);
  show_settings (self);
  self->is_updating = FALSE;
}

void
weir_account_detail_set_account (WeirAccountDetail *self, WeirDBusAccount *account)
{
  g_return_if_fail (WEIR_IS_ACCOUNT_DETAIL (self));

  if (self->account == account)
    return;
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_set_object (&self->account, account);
  if (account == NULL)
    return;
  g_signal_connect_object (account, "g-properties-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

void
weir_account_detail_take_focus (WeirAccountDetail *self)
{
  g_return_if_fail (WEIR_IS_ACCOUNT_DETAIL (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->enabled_switch));
}

WeirDBusAccount *
weir_account_detail_get_account (WeirAccountDetail *self)
{
  g_return_val_if_fail (WEIR_IS_ACCOUNT_DETAIL (self), NULL);

  return self->account;
}

static void
set_remote (WeirAccountDetail *self, const char *name, GVariant *value)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);

  if (!self->is_updating && self->account != NULL)
    weir_call_set (GTK_WIDGET (self), self->account, name, owned);
}

static void
on_label_apply (WeirAccountDetail *self)
{
  set_remote (
      self, "Label",
      g_variant_new_string (gtk_editable_get_text (GTK_EDITABLE (self->label_row))));
}

static void
on_prefix_apply (WeirAccountDetail *self)
{
  set_remote (
      self, "Prefix",
      g_variant_new_string (gtk_editable_get_text (GTK_EDITABLE (self->prefix_row))));
}

static void
on_proxy_apply (WeirAccountDetail *self)
{
  set_remote (
      self, "ProxyUrl",
      g_variant_new_string (gtk_editable_get_text (GTK_EDITABLE (self->proxy_row))));
}

static void
on_excluded_apply (WeirAccountDetail *self)
{
  g_auto (GStrv) parts = g_strsplit_set (
      gtk_editable_get_text (GTK_EDITABLE (self->excluded_row)), ", ", -1);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_variant_builder_add (&list, "s", *part);
  set_remote (self, "ExcludedModels", g_variant_builder_end (&list));
}

static void
on_priority_changed (WeirAccountDetail *self)
{
  set_remote (self, "Priority",
              g_variant_new_int32 (gtk_spin_button_get_value_as_int (self->priority_spin)));
}

static void
on_weight_changed (WeirAccountDetail *self)
{
  unsigned weight = (unsigned)gtk_spin_button_get_value_as_int (self->weight_spin);

  set_remote (self, "Weight", g_variant_new_uint32 (weight));
}

static void
on_stop_at_changed (WeirAccountDetail *self)
{
  set_remote (self, "StopAt",
              g_variant_new_double (gtk_spin_button_get_value (self->stop_at_spin)));
}

static gboolean
on_enabled_set (WeirAccountDetail *self, gboolean is_on)
{
  set_remote (self, "Enabled", g_variant_new_boolean (is_on));
  return FALSE;
}

static void
on_any_client_response (WeirAccountDetail *self, const char *response)
{
  if (g_str_equal (response, "allow"))
    set_remote (self, "AnyClient", g_variant_new_boolean (TRUE));
  else
    update (self); /* puts the switch back */
}

/* Switching it on is the user's risk: the sentence about it is read first. */
static gboolean
on_any_client_set (WeirAccountDetail *self, gboolean is_on)
{
  GtkWidget *dialog;

  if (self->is_updating || self->account == NULL)
    return FALSE;
  if (!is_on)
    {
      set_remote (self, "AnyClient", g_variant_new_boolean (FALSE));
      return FALSE;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                   _ ("Serve Other Programs?"),
                                   adw_action_row_get_subtitle (self->any_client_row));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "allow", _ ("_Serve Them"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "allow",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_any_client_response), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return FALSE;
}

/* The button's name is the action. */
static void
on_action_clicked (WeirAccountDetail *self, GtkWidget *button)
{
  gtk_widget_activate_action (GTK_WIDGET (self), gtk_widget_get_name (button), "s",
                              weir_dbus_account_get_id (self->account));
}

static void
weir_account_detail_attach (WeirPage *page, WeirClient *client)
{
  WeirAccountDetail *self = WEIR_ACCOUNT_DETAIL (page);

  g_signal_connect_object (client, "notify::now", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
weir_account_detail_dispose (GObject *object)
{
  WeirAccountDetail *self = WEIR_ACCOUNT_DETAIL (object);

  g_clear_object (&self->account);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (weir_account_detail_parent_class)->dispose (object);
}

static void
weir_account_detail_class_init (WeirAccountDetailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_account_detail_dispose;
  WEIR_PAGE_CLASS (klass)->attach = weir_account_detail_attach;
  g_type_ensure (WEIR_TYPE_ACCOUNT_HISTORY);
  g_type_ensure (WEIR_TYPE_ACCOUNT_LIMITS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-account-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, label_row);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, identity_row);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, state_row);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, state_image);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, sign_in_button);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, enabled_switch);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, clear_button);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, limits);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, history);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, priority_spin);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, weight_spin);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, prefix_row);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, excluded_row);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, proxy_row);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, stop_at_spin);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, any_client_row);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountDetail, any_client_switch);
  gtk_widget_class_bind_template_callback (widget_class, on_label_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_prefix_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_excluded_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_priority_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_weight_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_at_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_enabled_set);
  gtk_widget_class_bind_template_callback (widget_class, on_any_client_set);
  gtk_widget_class_bind_template_callback (widget_class, on_proxy_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_action_clicked);
}

static void
weir_account_detail_init (WeirAccountDetail *self)
{
  self->settings = g_settings_new (WEIR_APPLICATION_ID);
  gtk_widget_init_template (GTK_WIDGET (self));
}
