/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is done with an account from wherever it is shown: actions of the window, each with
 * the account's id as its target, and the menu of them.
 *
 *   win.account-refresh  win.account-prefer  win.account-clear-rests
 *   win.account-reset-limit (asks first)  win.account-remove (likewise) */

#include "window/weir-client.h"

#include <gtk/gtk.h>

/* Installs them on the class of the window. */
void weir_account_actions_install (GtkWidgetClass *widget_class);

/* (transfer full): a GMenu of @account; moves, which are actions of the Accounts page,
 * are seen there only. */
GMenuModel *weir_account_actions_make_menu (WeirDBusAccount *account);
