/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Responses over a websocket, as Codex and Copilot's command line speak it: a text frame a
 * request, a text frame an event, one request at a time.  Each request is an exchange like
 * any other. */

#include "proxy/weir-exchange.h"

/* Upgrades @connection, for @caller (copied; looked up anew for each message).  FALSE with
 * WEIR_ERROR_UPGRADE_REQUIRED or _BAD_REQUEST where @head is no good handshake. */
gboolean weir_websocket_accept (WeirExchangeHost *host,
                                WeirConnection *connection,
                                const WeirRoute *route,
                                const WeirHttpHead *head,
                                const WeirCaller *caller,
                                GError **error);
