/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the machine says of its battery and its network, for the plan of askings. */

#include "accounts/weir-quota-plan.h"

typedef struct _WeirQuotaConditionsWatch WeirQuotaConditionsWatch;

/* @conditions: is_watched is not set. */
typedef void (*WeirQuotaConditionsFunc) (const WeirQuotaConditions *conditions,
                                         gpointer user_data);

/* @func is called once from inside, and whenever they change. */
WeirQuotaConditionsWatch *weir_quota_conditions_watch_new (WeirQuotaConditionsFunc func,
                                                           gpointer user_data);
void weir_quota_conditions_watch_free (WeirQuotaConditionsWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirQuotaConditionsWatch, weir_quota_conditions_watch_free)
