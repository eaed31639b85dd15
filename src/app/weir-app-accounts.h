/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The accounts of the program: the vault and the file they lie in, how their vendors are
 * asked, and the sign-ins that make new ones.  On the main loop. */

#include "accounts/weir-accounts.h"
#include "control/weir-sign-ins.h"
#include "control/weir-vendor-call.h"
#include "proxy/weir-proxy.h"

typedef struct _WeirAppAccounts WeirAppAccounts;

/* Opens them; waits for the disk alone.  @vault and @config are referenced; @proxy must
 * outlive it.  NULL, and said in the log: there can be no accounts (their file is a newer
 * program's, or cannot be written). */
WeirAppAccounts *
weir_app_accounts_new (WeirProxy *proxy, WeirVault *vault, WeirConfig *config);
void weir_app_accounts_free (WeirAppAccounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAppAccounts, weir_app_accounts_free)

/* For a start, where there are accounts: lets the main loop go round until the vault has
 * answered, a moment at most, so that the first request meets their tokens.  @self
 * (nullable). */
void weir_app_accounts_wait (WeirAppAccounts *self);

/* The configuration is another one now.  @self (nullable). */
void weir_app_accounts_set_config (WeirAppAccounts *self, WeirConfig *config);

WeirAccounts *weir_app_accounts_get_accounts (WeirAppAccounts *self);
/* How requests get the tokens of accounts; what it holds lives as long as @self. */
void weir_app_accounts_get_tokens (WeirAppAccounts *self, WeirTokenSource *out);
WeirVendorCalls *weir_app_accounts_get_calls (WeirAppAccounts *self);
WeirSignIns *weir_app_accounts_get_sign_ins (WeirAppAccounts *self);

/* @self (nullable).  The process goes: sign-ins are cancelled, and @done is called when no
 * refresh is under way any more, 15 s at most. */
void weir_app_accounts_drain (WeirAppAccounts *self, GFunc done, gpointer user_data);
