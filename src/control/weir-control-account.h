/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One account on the bus.  What a caller writes is checked before it is answered. */

#include "control/weir-control-private.h"

#define WEIR_TYPE_CONTROL_ACCOUNT (weir_control_account_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirControlAccount, weir_control_account, WEIR, CONTROL_ACCOUNT, WeirBusAccountSkeleton)

/* @control must outlive it, or be taken away by weir_control_account_leave. */
WeirControlAccount *weir_control_account_new (WeirControl *control, const char *id);
/* Calls that come later are refused. */
void weir_control_account_leave (WeirControlAccount *self);

/* All properties anew: those that are another thing now are told. */
void weir_control_account_update (WeirControlAccount *self, const WeirAccount *account);

/* When State may be another one without a word from anybody, since 1970; 0: never. */
int64_t weir_control_account_get_next_us (WeirControlAccount *self);
