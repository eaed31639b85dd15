/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The use of a credit by which a vendor resets an account's limits at once: it is spent for
 * good, so the user is asked first. */

#include <gtk/gtk.h>

#include "window/weir-client.h"

/* How many such credits @account has. */
unsigned weir_limit_reset_count (WeirDBusAccount *account);

/* Asks, over the window that @widget is in, and does it; how it went becomes a toast. */
void weir_limit_reset_ask (GtkWidget *widget, WeirDBusAccount *account);
