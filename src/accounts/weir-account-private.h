/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How snapshots of accounts are made: for weir-accounts alone. */

#include "accounts/weir-account.h"
#include "base/weir-error.h"

#define LABEL_MAX 200

/* (transfer full): to be filled before anybody else sees it. */
WeirAccount *weir_account_new (const char *id, const WeirProviderOauth *row);
WeirAccount *weir_account_copy (const WeirAccount *self);

/* Members of @newer that are NULL stay; vendor_id does in any case.  TRUE: something is
 * another thing now. */
gboolean weir_account_identity_merge (WeirAccountIdentity *self,
                                      const WeirAccountIdentity *newer);

/* WEIR_ERROR_BAD_REQUEST. */
gboolean weir_account_settings_check (const WeirAccountSettings *self, GError **error);
