/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Tokens of the service accounts that the configuration names: each asked for when it is
 * needed, by all who need it at once, and kept until it ends. */

#include "proxy/weir-control-session.h"
#include "proxy/weir-routing.h"
#include "proxy/weir-token-source.h"

typedef struct _WeirServiceAccounts WeirServiceAccounts;

/* @trust is referenced; @poller outlives it. */
WeirServiceAccounts *weir_service_accounts_new (WeirPoller *poller, GTlsDatabase *trust);
/* Whoever waits is told WEIR_ERROR_CANCELLED. */
void weir_service_accounts_free (WeirServiceAccounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirServiceAccounts, weir_service_accounts_free)

/* The service accounts are those of @routing's seats from now on; what is known of those
 * that stay is kept.  @own_port: see weir_upstream_set_own_port. */
void weir_service_accounts_follow (WeirServiceAccounts *self,
                                   const WeirRouting *routing,
                                   uint16_t own_port);

/* Tokens by weir_seat_get_token_id; lives as long as @self. */
const WeirTokenSource *weir_service_accounts_get_source (const WeirServiceAccounts *self);
