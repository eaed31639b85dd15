/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of the main window share. */

#include "window/weir-page.h"
#include "window/weir-window.h"

WeirClient *weir_window_get_client (WeirWindow *self);

/* (nullable): the page that is seen. */
WeirPage *weir_window_get_page (WeirWindow *self);

/* Shows the page of that name; unknown names are ignored. */
void weir_window_show_page (WeirWindow *self, const char *name);

/* Shows the account of that id on the Accounts page. */
void weir_window_show_account (WeirWindow *self, const char *id);

void weir_window_add_toast (WeirWindow *self, AdwToast *toast);

/* One that must not be lost: when the window closes first, it is dismissed then. */
void weir_window_add_lasting_toast (WeirWindow *self, AdwToast *toast);

/* Installs the actions of the window's class. */
void weir_window_install_actions (GtkWidgetClass *widget_class);
