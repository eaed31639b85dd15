/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Accounts for another machine: their sign-ins as documents, and those into a file that is
 * open already.  On the main loop; archives are made and written in a thread. */

#include "accounts/weir-accounts.h"
#include "control/weir-bundle-write.h"

/* @ids: none: all that can be handed over.  Of those that are named each must be one.
 * @fd (taken): a pipe, a terminal, or a file that nobody else may read; else
 * WEIR_ERROR_FORBIDDEN.  It is closed in any case; what was written to it before an error
 * is of no use.  Finish gives the ids of what is in it (transfer full); messages of errors
 * are sentences for the user. */
void weir_hand_over_async (WeirAccounts *accounts,
                           const char *const *ids,
                           WeirBundleForm form,
                           int fd,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
char **weir_hand_over_finish (GAsyncResult *result, GError **error);
