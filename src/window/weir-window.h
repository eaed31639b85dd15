/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The main window: the pages, the bar of what needs attention, and what stands there while
 * the service does not.  Its actions ("win.…") are the only way in for menus, buttons, keys
 * and tests; see weir-window-actions.c. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_WINDOW (weir_window_get_type ())
G_DECLARE_FINAL_TYPE (WeirWindow, weir_window, WEIR, WINDOW, AdwApplicationWindow)

GtkWindow *weir_window_new (GtkApplication *application, WeirClient *client);
