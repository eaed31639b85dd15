/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Everything about one account, and everything that can be set on it. */

#include "window/weir-page.h"

#define WEIR_TYPE_ACCOUNT_DETAIL (weir_account_detail_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirAccountDetail, weir_account_detail, WEIR, ACCOUNT_DETAIL, WeirPage)

/* @account: (nullable): none is shown. */
void weir_account_detail_set_account (WeirAccountDetail *self, WeirDBusAccount *account);

/* (nullable): the one that is shown. */
WeirDBusAccount *weir_account_detail_get_account (WeirAccountDetail *self);

/* Not on an entry, which would select its text. */
void weir_account_detail_take_focus (WeirAccountDetail *self);
