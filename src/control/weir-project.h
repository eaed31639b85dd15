/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Google's assistants serve an account through a project of Google's cloud, which the
 * account has already or is given when it asks.  On the main loop. */

#include "control/weir-vendor-call.h"

/* Do accounts of @row need one? */
gboolean weir_project_is_needed (const WeirProviderOauth *row);

/* @authorization: "Bearer TOKEN".  Finish gives the project (transfer full) (nullable):
 * NULL with WEIR_ERROR_BAD_UPSTREAM or an error of the call.  @out_plan (transfer full)
 * (nullable): the tier, where it is told. */
void weir_project_find_async (WeirVendorCalls *calls,
                              WeirSecret *authorization,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
char *weir_project_find_finish (GAsyncResult *result, char **out_plan, GError **error);

/* What an answer says; each (transfer full) (nullable).  @out_tier: to ask for where there
 * is no project yet. */
void weir_project_read_load (WeirSlice body,
                             char **out_project,
                             char **out_plan,
                             char **out_tier);
/* FALSE: not done yet. */
gboolean weir_project_read_onboard (WeirSlice body, char **out_project);
