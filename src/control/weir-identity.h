/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Whose tokens they are, of what came with them.  Pure. */

#include "accounts/weir-account.h"
#include "base/weir-slice.h"
#include "providers/weir-oauth.h"

#define WEIR_IDENTITY_TEXT_MAX                                                             \
  320u /* bytes of one member; a longer one counts as absent                               \
        */

/* What @row says must be asked of its user_url: nothing else tells. */
gboolean weir_identity_needs_user (const WeirProviderOauth *row);

/* @user: the answer of the row's user_url; empty where it was not asked.  @out must be
 * empty.  FALSE with WEIR_ERROR_BAD_UPSTREAM (a sentence for the user): nothing tells one
 * account from another. */
gboolean weir_identity_read (const WeirProviderOauth *row,
                             const WeirOauthAnswer *tokens,
                             WeirSlice user,
                             WeirAccountIdentity *out,
                             GError **error);
