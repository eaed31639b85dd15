/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The actions of the application: what tray, notifications, launchers and scripts ask for
 * by name at /io/github/weirproxy/Weir (org.gtk.Actions).
 *
 *   start, stop, toggle, reload, quit, unlock   -
 *   refresh                s     id of an account, or "": all
 *   toggle-account         s     id: on or off
 *   prefer-account         s     id
 *   clear-rests            s     id
 *   open-usage-page        s     id: its vendor's page, in a browser
 *   open-status-page       s     id
 *   show                   s     page of the window: "quota", "accounts", …
 *   show-account           s     id: its page
 *   sign-in-again          s     id
 *   reset-limit            s     id: it asks whether a limit is to be reset, which spends
 *   add-account            (ss)  provider, way ("": the provider's first)
 *   copy, copy-model       s     what; the window does it, for only it has a clipboard
 *
 * Those from "show" on go to the window; the others are methods and properties of our own
 * objects, asked for as any caller would. */

#include "app/weir-application.h"
#include "control/weir-control.h"

/* The window's name on the bus, which starts it. */
#define WEIR_WINDOW_NAME WEIR_APPLICATION_ID ".Ui"

/* Adds them to @application.  @control must outlive it. */
void weir_actions_add (WeirApplication *application, WeirControl *control);

/* Shows the window.  @platform: a{sv}, see WeirApplicationFuncs. */
void weir_actions_show_window (WeirApplication *application, GVariant *platform);
