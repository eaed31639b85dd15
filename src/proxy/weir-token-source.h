/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where requests get the tokens of the accounts that they are sent for. */

#include "base/weir-secret.h"

#include <gio/gio.h>

/* @token (transfer none), or NULL and @error: WEIR_ERROR_UNAUTHORIZED (the account has to
 * be signed in again), any other (later). */
typedef void (*WeirTokenFunc) (WeirSecret *token, const GError *error, gpointer data);

typedef struct
{
  /* (transfer full) (nullable): the token of @account where one is known that has some time
   * to live.  Never blocks. */
  WeirSecret *(*dup) (const char *account, gpointer user_data);
  /* Gets one.  @refused (nullable): what the vendor has just refused: another one, or none.
   * @func is called once, not from inside the call, also behind a cancel. */
  void (*ensure) (const char *account,
                  const WeirSecret *refused,
                  GCancellable *cancellable,
                  WeirTokenFunc func,
                  gpointer data,
                  gpointer user_data);
  gpointer user_data;
} WeirTokenSource;
