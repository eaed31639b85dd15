/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where a connection may go, judged by the address it really goes to. */

#include "proxy/weir-target.h"

#include <gio/gio.h>

/* Judges the address of an attempt, before it is made.  FALSE: WEIR_ERROR_LOOP for loopback
 * at @own_port (not 0), also where a proxy stands there; WEIR_ERROR_UPSTREAM for a
 * link-local, unspecified or multicast address that @target does not name itself.  What a
 * proxy resolves is not seen here. */
gboolean weir_address_allow (GSocketAddress *remote,
                             const WeirTarget *target,
                             uint16_t own_port,
                             GError **error);

/* Both ends are this computer and the far one has @own_port (not 0): our own listener by an
 * address that is not a loopback one.  WEIR_ERROR_LOOP. */
gboolean weir_address_allow_connected (GSocketConnection *connection,
                                       const WeirTarget *target,
                                       uint16_t own_port,
                                       GError **error);

/* (transfer full) (nullable): who says which proxy to take for @target; NULL: nobody, go
 * direct.  A loopback target is never asked of a proxy. */
GProxyResolver *weir_address_dup_proxy_resolver (const WeirTarget *target);
