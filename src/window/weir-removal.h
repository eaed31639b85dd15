/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Removing an account: a question, then a toast with an undo, and only when that has gone
 * the call, since the service cannot bring a login back. */

#include <adwaita.h>

#include "window/weir-client.h"

/* Asks over the window that @widget is in.  From the user's yes on the account is not in
 * the client's list; an undo puts it back. */
void weir_removal_ask (GtkWidget *widget, WeirClient *client, WeirDBusAccount *account);
