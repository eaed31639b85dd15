/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Keeps the names of those seats whose entry lists none: asks their upstreams, at the start
 * and then every three hours; where somebody does not say it, again after five minutes,
 * then later and later. */

#include "proxy/weir-routing.h"
#include "proxy/weir-token-source.h"

typedef struct _WeirCatalogue WeirCatalogue;

/* @poller, @upstream and @tokens outlive it. */
WeirCatalogue *weir_catalogue_new (WeirPoller *poller,
                                   WeirUpstream *upstream,
                                   const WeirTokenSource *tokens);
/* What is under way is given up. */
void weir_catalogue_free (WeirCatalogue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirCatalogue, weir_catalogue_free)

/* @func (nullable) is called when some seat's names have become known. */
void weir_catalogue_set_func (WeirCatalogue *self, GFunc func, gpointer user_data);

/* Follows @routing (referenced) from now on.  @own_port: see weir_upstream_set_own_port.
 * @all: FALSE: only those are asked now of which nothing is known. */
void weir_catalogue_follow (WeirCatalogue *self,
                            WeirRouting *routing,
                            uint16_t own_port,
                            gboolean all);
/* Power or a metered network is to be spared: until it is not, only those are asked of
 * which nothing is known; what is due by then is asked soon after. */
void weir_catalogue_set_sparing (WeirCatalogue *self, gboolean is_sparing);
/* Whoever did not answer may be there now: asks soon. */
void weir_catalogue_network_changed (WeirCatalogue *self);
