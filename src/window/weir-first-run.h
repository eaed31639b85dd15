/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The first minutes: what Weir does, sign-ins that are already on this computer, and the
 * first account.  Every page can be skipped; Escape leaves. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_FIRST_RUN (weir_first_run_get_type ())
G_DECLARE_FINAL_TYPE (WeirFirstRun, weir_first_run, WEIR, FIRST_RUN, AdwWindow)

/* @starts_with_import: the introduction was asked for because of it. */
void
weir_first_run_present (GtkWindow *parent, WeirClient *client, gboolean starts_with_import);
