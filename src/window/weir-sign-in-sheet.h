/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Signing in to a vendor: which one, by which way, waiting, and how it ended.
 *
 * Closing it does not end the sign-in: the service goes on waiting, and opened again for
 * the same vendor the sheet shows the same sign-in. */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_SIGN_IN_SHEET (weir_sign_in_sheet_get_type ())
G_DECLARE_FINAL_TYPE (WeirSignInSheet, weir_sign_in_sheet, WEIR, SIGN_IN_SHEET, AdwWindow)

/* @provider: (nullable): an id of ListProviders; NULL: the user chooses.
 * @way: (nullable): "browser", "paste" or "device"; NULL: the provider's first.
 * @account: (nullable): the id of the account that is signed in again. */
void weir_sign_in_sheet_present (GtkWindow *parent,
                                 WeirClient *client,
                                 const char *provider,
                                 const char *way,
                                 const char *account);
