/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How the window shows things, what the service does, and what can be asked of it as a
 * whole.  What it does is in the configuration: rows here are lines of it, and the rest is
 * opened from here. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_PREFERENCES (weir_preferences_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirPreferences, weir_preferences, WEIR, PREFERENCES, AdwPreferencesWindow)

void weir_preferences_present (GtkWindow *parent, WeirClient *client);
