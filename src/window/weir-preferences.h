/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How the window shows things, and what can be asked of the service as a whole.  What the
 * proxy does is in the configuration, which is opened from here. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_PREFERENCES (weir_preferences_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirPreferences, weir_preferences, WEIR, PREFERENCES, AdwPreferencesWindow)

void weir_preferences_present (GtkWindow *parent, WeirClient *client);
