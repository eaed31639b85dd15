/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The lock of one sign-in at its vendor, among all programs of this user: whoever has it
 * may renew.  It ends with the program at the latest. */

#include "accounts/weir-account.h"
#include "base/weir-error.h"

typedef enum
{
  WEIR_ACCOUNT_LOCK_HELD,
  WEIR_ACCOUNT_LOCK_BUSY, /* somebody else has it */
  WEIR_ACCOUNT_LOCK_FAILED,
} WeirAccountLockResult;

/* Does not wait.  @fallback: a folder for where there is no $XDG_RUNTIME_DIR.  HELD:
 * @out_descriptor, whose closing lets it go. */
WeirAccountLockResult weir_account_lock_try (const WeirAccount *account,
                                             const char *fallback,
                                             int *out_descriptor);
