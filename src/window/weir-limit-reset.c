/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The question, the call, and the three ways in which it ends. */

#include "config.h"

#include "window/weir-limit-reset.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-credit.h"
#include "window/weir-format.h"
#include "window/weir-record.h"

/* What a reply has to find again. */
typedef struct
{
  WeirDBusAccount *account; /* (owned) */
  GtkWidget *widget;        /* (owned) */
} WeirLimitReset;

static void
weir_limit_reset_free (WeirLimitReset *self)
{
  g_object_unref (self->account);
  g_object_unref (self->widget);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLimitReset, weir_limit_reset_free)

/* (transfer full) (nullable) */
static WeirRecord *
find_credit (WeirDBusAccount *account)
{
  GVariant *credits = weir_dbus_account_get_credits (account);

  for (size_t i = 0; credits != NULL && i < g_variant_n_children (credits); i++)
    {
      g_autoptr (GVariant) members = g_variant_get_child_value (credits, i);
      g_autoptr (WeirRecord) credit = weir_record_new (members);

      if (weir_credit_get_resets (members) > 0)
        return g_steal_pointer (&credit);
    }
  return NULL;
}

unsigned
weir_limit_reset_count (WeirDBusAccount *account)
{
  g_autoptr (WeirRecord) credit = find_credit (account);

  return credit != NULL ? (unsigned)MAX (weir_record_get_double (credit, "left", 0), 0) : 0;
}

/* clang-format off */
static const struct
{
  const char *outcome; /* of ResetLimit */
  const char *text;    /* to be translated */
} outcomes[] = {
  { "done",    N_ ("The limits begin anew") },
  { "nothing", N_ ("No limit needs it; nothing was spent") },
  { "none",    N_ ("There is no reset credit left") },
};
/* clang-format on */

static void
reset_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirLimitReset) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *outcome = NULL;

  if (!weir_dbus_account_call_reset_limit_finish (self->account, &outcome, result, &error))
    {
      weir_call_toast_error (self->widget, error);
      return;
    }
  for (size_t i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (g_str_equal (outcomes[i].outcome, outcome))
      weir_call_toast (self->widget, _ (outcomes[i].text));
}

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  g_autoptr (WeirLimitReset) self = user_data;

  if (!g_str_equal (response, "use"))
    return;
  weir_dbus_account_call_reset_limit (self->account, NULL, reset_cb, self);
  g_steal_pointer (&self);
}

void
weir_limit_reset_ask (GtkWidget *widget, WeirDBusAccount *account)
{
  g_autoptr (WeirRecord) credit = find_credit (account);
  unsigned count = weir_limit_reset_count (account);
  int64_t expires_us = credit != NULL ? weir_record_get_integer (credit, "expires") : 0;
  g_autofree char *title = g_strdup_printf (
      ngettext ("Use the Reset Credit?", "Use One of %u Reset Credits?", count), count);
  WeirLimitReset *self;
  GtkWidget *dialog;

  if (count == 0)
    return;
  dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), title, NULL);
  if (expires_us > 0)
    {
      g_autofree char *moment = weir_format_moment (expires_us, g_get_real_time ());

      adw_message_dialog_format_body (
          ADW_MESSAGE_DIALOG (dialog),
          /* Translators: %s is a moment, "Fri 09:00" or "1 Oct". */
          _ ("The limits of this account begin anew at once, and the credit is spent. The "
             "next one expires %s."),
          moment);
    }
  else
    adw_message_dialog_set_body (
        ADW_MESSAGE_DIALOG (dialog),
        _ ("The limits of this account begin anew at once, and the credit is spent."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "use", _ ("_Use"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "use",
                                              ADW_RESPONSE_SUGGESTED);
  self = g_new (WeirLimitReset, 1);
  self->account = g_object_ref (account);
  self->widget = g_object_ref (widget);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), self);
  gtk_window_present (GTK_WINDOW (dialog));
}
