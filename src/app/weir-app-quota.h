/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is left of accounts and keys: who is watched, and who hears of it.  On the main
 * loop. */

#include "app/weir-app-accounts.h"
#include "control/weir-control.h"
#include "control/weir-quota-watch.h"

typedef struct _WeirAppQuota WeirAppQuota;

/* All three must outlive it. */
WeirAppQuota *
weir_app_quota_new (WeirProxy *proxy, WeirAppAccounts *accounts, WeirControl *control);
void weir_app_quota_free (WeirAppQuota *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAppQuota, weir_app_quota_free)

/* The configuration is another one now.  @self (nullable). */
void weir_app_quota_set_config (WeirAppQuota *self);

/* Where a window that shows it is looked for.  @self, @bus (nullable). */
void weir_app_quota_set_bus (WeirAppQuota *self, GDBusConnection *bus);

WeirQuotaWatch *weir_app_quota_get_watch (WeirAppQuota *self);
