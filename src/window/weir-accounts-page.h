/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The accounts, and one of them in full: side by side, or one after the other where there
 * is no room for both. */

#include "window/weir-page.h"

#define WEIR_TYPE_ACCOUNTS_PAGE (weir_accounts_page_get_type ())
G_DECLARE_FINAL_TYPE (WeirAccountsPage, weir_accounts_page, WEIR, ACCOUNTS_PAGE, WeirPage)

/* Shows the account of that id; ids that are not there are ignored. */
void weir_accounts_page_show (WeirAccountsPage *self, const char *id);
