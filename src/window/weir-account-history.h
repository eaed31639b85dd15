/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How full the limits of an account were: a chart of one of them, or the same as a table.
 */

#include <adwaita.h>

#include "window/weir-client.h"

#define WEIR_TYPE_ACCOUNT_HISTORY (weir_account_history_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirAccountHistory, weir_account_history, WEIR, ACCOUNT_HISTORY, AdwPreferencesGroup)

/* Shows @account as it is now; asks for its samples again where there are newer ones. */
void weir_account_history_show (WeirAccountHistory *self, WeirDBusAccount *account);
