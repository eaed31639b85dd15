/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is left of an account: its limits, and the credits besides. */

#include <adwaita.h>

#include "window/weir-client.h"
#include "window/weir-quota-row.h"

#define WEIR_TYPE_ACCOUNT_LIMITS (weir_account_limits_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirAccountLimits, weir_account_limits, WEIR, ACCOUNT_LIMITS, AdwPreferencesGroup)

/* Shows @account as it is now. */
void weir_account_limits_show (WeirAccountLimits *self,
                               WeirDBusAccount *account,
                               WeirQuotaStyle style,
                               int64_t now_us);
