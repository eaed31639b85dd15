/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The verbs of an account. */

#include "config.h"

#include "window/weir-account-actions.h"

#include <glib/gi18n.h>

#include "window/weir-call.h"
#include "window/weir-limit-reset.h"
#include "window/weir-removal.h"
#include "window/weir-window-private.h"

/* (transfer full) (nullable) */
static WeirDBusAccount *
lookup (GtkWidget *widget, GVariant *id)
{
  return weir_client_lookup_account (weir_window_get_client (WEIR_WINDOW (widget)),
                                     g_variant_get_string (id, NULL));
}

/* clang-format off */
static const struct
{
  const char *action;
  const char *method;
  const char *done; /* to be translated */
} calls[] = {
  { "win.account-refresh",     "Refresh",    N_ ("The vendor was asked") },
  { "win.account-prefer",      "Prefer",     N_ ("It serves first now") },
  { "win.account-clear-rests", "ClearRests", N_ ("It may serve again") },
};
/* clang-format on */

static void
call (GtkWidget *widget, const char *name, GVariant *id)
{
  g_autoptr (WeirDBusAccount) account = lookup (widget, id);

  for (size_t i = 0; account != NULL && i < G_N_ELEMENTS (calls); i++)
    if (g_str_equal (calls[i].action, name))
      weir_call (widget, account, calls[i].method, NULL, _ (calls[i].done));
}

static void
remove_account (GtkWidget *widget, const char *name, GVariant *id)
{
  g_autoptr (WeirDBusAccount) account = lookup (widget, id);

  if (account != NULL)
    weir_removal_ask (widget, weir_window_get_client (WEIR_WINDOW (widget)), account);
}

static void
reset_limit (GtkWidget *widget, const char *name, GVariant *id)
{
  g_autoptr (WeirDBusAccount) account = lookup (widget, id);

  if (account != NULL)
    weir_limit_reset_ask (widget, account);
}

void
weir_account_actions_install (GtkWidgetClass *widget_class)
{
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    gtk_widget_class_install_action (widget_class, calls[i].action, "s", call);
  gtk_widget_class_install_action (widget_class, "win.account-reset-limit", "s",
                                   reset_limit);
  gtk_widget_class_install_action (widget_class, "win.account-remove", "s", remove_account);
}

/* --- the menu --- */

/* clang-format off */
static const struct
{
  const char *label; /* to be translated; NULL: a new section */
  const char *action;
} items[] = {
  { N_ ("_Refresh"),             "win.account-refresh" },
  { N_ ("_Prefer This Account"), "win.account-prefer" },
  { N_ ("_Clear Rests"),         "win.account-clear-rests" },
  { NULL,                        NULL },
  { N_ ("Move _Up"),             "accounts.move-up" },
  { N_ ("Move _Down"),           "accounts.move-down" },
  { NULL,                        NULL },
  { N_ ("Sign _In Again"),       "win.sign-in-again" },
  { N_ ("Use a _Limit Reset…"),  "win.account-reset-limit" },
  { N_ ("Re_move…"),             "win.account-remove" },
};
/* clang-format on */

GMenuModel *
weir_account_actions_make_menu (WeirDBusAccount *account)
{
  gboolean has_resets = weir_limit_reset_count (account) > 0;
  g_autoptr (GMenu) section = g_menu_new ();
  GMenu *menu = g_menu_new ();

  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_autoptr (GMenuItem) item = NULL;

      if (items[i].label == NULL)
        {
          g_clear_object (&section);
          section = g_menu_new ();
          g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
          continue;
        }
      if (!has_resets && g_str_equal (items[i].action, "win.account-reset-limit"))
        continue;
      item = g_menu_item_new (_ (items[i].label), NULL);
      g_menu_item_set_action_and_target (item, items[i].action, "s",
                                         weir_dbus_account_get_id (account));
      g_menu_item_set_attribute (item, "hidden-when", "s", "action-missing");
      g_menu_append_item (section, item);
    }
  return G_MENU_MODEL (menu);
}
