/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The limits of an account, and what can be done about them. */

#include "config.h"

#include "window/weir-account-limits.h"

#include <glib/gi18n.h>

#include "window/weir-credit.h"
#include "base/weir-service-text.h"

struct _WeirAccountLimits
{
  AdwPreferencesGroup parent;

  WeirDBusAccount *account; /* (owned) (nullable) */
  GVariant *credits;        /* (owned) (nullable): those that are shown */

  GtkListBox *windows_box;
  GtkListBox *credits_box;
};

G_DEFINE_FINAL_TYPE (WeirAccountLimits, weir_account_limits, ADW_TYPE_PREFERENCES_GROUP)

static void
on_reset_clicked (WeirAccountLimits *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.account-reset-limit", "s",
                              weir_dbus_account_get_id (self->account));
}

static void
add_credit (WeirAccountLimits *self, GVariant *credit, int64_t now_us)
{
  g_autofree char *name = weir_credit_dup_name (credit);
  g_autofree char *amount = weir_credit_dup_amount (credit, now_us);
  GtkWidget *row;
  GtkWidget *button;

  if (*amount == '\0')
    return;
  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", name, "subtitle",
                      amount, NULL);
  gtk_list_box_append (self->credits_box, row);
  if (weir_credit_get_resets (credit) == 0)
    return;
  button = gtk_button_new_with_mnemonic (_ ("_Use One…"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_reset_clicked), self,
                           G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

/* Made anew only when they are others: a button that has the focus keeps it. */
static void
show_credits (WeirAccountLimits *self, GVariant *credits, int64_t now_us)
{
  GtkListBoxRow *old;

  if (credits == NULL
      || (self->credits != NULL && g_variant_equal (self->credits, credits)))
    return;
  g_clear_pointer (&self->credits, g_variant_unref);
  self->credits = g_variant_ref (credits);
  while ((old = gtk_list_box_get_row_at_index (self->credits_box, 0)) != NULL)
    gtk_list_box_remove (self->credits_box, GTK_WIDGET (old));
  for (size_t i = 0; i < g_variant_n_children (credits); i++)
    {
      g_autoptr (GVariant) credit = g_variant_get_child_value (credits, i);

      add_credit (self, credit, now_us);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->credits_box),
                          gtk_list_box_get_row_at_index (self->credits_box, 0) != NULL);
}

void
weir_account_limits_show (WeirAccountLimits *self,
                          WeirDBusAccount *account,
                          WeirQuotaStyle style,
                          int64_t now_us)
{
  GVariant *windows = weir_dbus_account_get_windows (account);
  GVariant *credits = weir_dbus_account_get_credits (account);
  g_autofree char *sentence
      = weir_service_text_dup (weir_dbus_account_get_quota_sentence (account));
  g_autofree char *escaped = NULL;

  g_return_if_fail (WEIR_IS_ACCOUNT_LIMITS (self));

  g_set_object (&self->account, account);
  weir_quota_row_fill (self->windows_box, windows, weir_dbus_account_get_label (account),
                       style, now_us);
  show_credits (self, credits, now_us);
  escaped = g_markup_escape_text (sentence, -1);
  if (*sentence == '\0' && (windows == NULL || g_variant_n_children (windows) == 0))
    adw_preferences_group_set_description (
        ADW_PREFERENCES_GROUP (self),
        _ ("Nothing is known yet. Limits are read from the vendor's answers."));
  else
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), escaped);
}

static void
on_refresh_clicked (WeirAccountLimits *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.account-refresh", "s",
                              weir_dbus_account_get_id (self->account));
}

static void
weir_account_limits_dispose (GObject *object)
{
  g_clear_object (&WEIR_ACCOUNT_LIMITS (object)->account);
  g_clear_pointer (&WEIR_ACCOUNT_LIMITS (object)->credits, g_variant_unref);
  G_OBJECT_CLASS (weir_account_limits_parent_class)->dispose (object);
}

static void
weir_account_limits_class_init (WeirAccountLimitsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weir_account_limits_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/weirproxy/Weir/ui/weir-account-limits.ui");
  gtk_widget_class_bind_template_child (widget_class, WeirAccountLimits, windows_box);
  gtk_widget_class_bind_template_child (widget_class, WeirAccountLimits, credits_box);
  gtk_widget_class_bind_template_callback (widget_class, on_refresh_clicked);
}

static void
weir_account_limits_init (WeirAccountLimits *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
