/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A company's accounts of Kiro are served through a profile, which stands in one region of
 * Amazon's; a Builder ID has none.  On the main loop. */

#include "accounts/weir-account.h"
#include "control/weir-vendor-call.h"

/* Is @identity one that may have a profile which nobody named? */
gboolean weir_kiro_profile_is_needed (const WeirProviderOauth *row,
                                      const WeirAccountIdentity *identity);

/* @authorization: "Bearer TOKEN".  Asks region by region.  Finish gives the ARN (transfer
 * full) (nullable): NULL: there is none, or nobody said. */
void weir_kiro_profile_find_async (WeirVendorCalls *calls,
                                   WeirSecret *authorization,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
char *weir_kiro_profile_find_finish (GAsyncResult *result);

/* (transfer full) (nullable): the first profile of an answer. */
char *weir_kiro_profile_read (WeirSlice body);
