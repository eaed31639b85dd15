/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A menu as com.canonical.dbusmenu spells it, in GTK's widgets. */

#include <gtk/gtk.h>
#include <stdint.h>

/* A row was chosen. */
typedef void (*WeirAyatanaChosenFunc) (int32_t id, gpointer user_data);

/* (transfer floating): a GtkMenu of @layout, (ia{sv}av).  @user_data must outlive it. */
GtkWidget *
weir_ayatana_menu_new (GVariant *layout, WeirAyatanaChosenFunc chosen, gpointer user_data);
