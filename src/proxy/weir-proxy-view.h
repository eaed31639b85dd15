/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is inside a proxy, for those who show it.  All of it is the proxy's: look at it now,
 * keep nothing of it but by its own reference. */

#include "proxy/weir-proxy.h"
#include "proxy/weir-routing.h"

WeirRouting *weir_proxy_get_routing (WeirProxy *self); /* of new requests */
WeirPool *weir_proxy_get_pool (WeirProxy *self);
WeirLimits *weir_proxy_get_limits (WeirProxy *self);
