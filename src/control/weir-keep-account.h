/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* From a vendor's tokens to an account: whose they are is asked where nothing tells, then
 * both are kept.  On the main loop. */

#include "accounts/weir-accounts.h"
#include "control/weir-vendor-call.h"

/* @tokens: outcome TOKENS, as @short_lived (nullable), what they were exchanged for;
 * copied.
 * @replaces (nullable): as of weir_accounts_add_async.  @is_live: another program renews
 * them; an account that was signed in to here stays as it is.  @cancellable counts until
 * the vendor has answered.  Finish gives the account (transfer full); messages of errors
 * are sentences for the user. */
void weir_keep_account_async (WeirVendorCalls *calls,
                              WeirAccounts *accounts,
                              const WeirProviderOauth *row,
                              const WeirOauthAnswer *tokens,
                              const WeirOauthAnswer *short_lived,
                              const char *replaces,
                              gboolean is_live,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
WeirAccount *weir_keep_account_finish (GAsyncResult *result, GError **error);
