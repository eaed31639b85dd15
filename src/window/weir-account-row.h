/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* An account in the list of the Accounts page: who, how, and the switch. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_ACCOUNT_ROW (weir_account_row_get_type ())
G_DECLARE_FINAL_TYPE (WeirAccountRow, weir_account_row, WEIR, ACCOUNT_ROW, GtkListBoxRow)

GtkWidget *weir_account_row_new (WeirDBusAccount *account);

WeirDBusAccount *weir_account_row_get_account (WeirAccountRow *self);

/* There are others of its vendor: it has a handle to be dragged by. */
void weir_account_row_set_movable (WeirAccountRow *self, gboolean is_movable);
