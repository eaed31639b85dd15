/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The application of the window's process.
 *
 * It has the service's application id, so that launchers and window managers see one
 * program, but it is not unique and owns the bus name io.github.weirproxy.Weir.Ui instead:
 * whoever wants the window asks that name for org.freedesktop.Application.Activate. */

#include <adwaita.h>

#define WEIR_WINDOW_BUS_NAME "io.github.weirproxy.Weir.Ui"

#define WEIR_TYPE_WINDOW_APP (weir_window_app_get_type ())
G_DECLARE_FINAL_TYPE (WeirWindowApp, weir_window_app, WEIR, WINDOW_APP, AdwApplication)

WeirWindowApp *weir_window_app_new (void);

/* After g_application_register: takes the bus name.  FALSE, with no error: another process
 * has it, and was asked to show its window. */
gboolean weir_window_app_claim (WeirWindowApp *self, GError **error);
