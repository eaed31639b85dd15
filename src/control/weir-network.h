/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What GIO knows of the network under us.  On the main loop, and nothing waits: until it is
 * known there is a network, and it costs nothing. */

#include <gio/gio.h>

typedef struct _WeirNetwork WeirNetwork;

/* @changed: is called when the network is known, and each time that it may be another one;
 * on the main loop, never from inside. */
WeirNetwork *weir_network_new (void (*changed) (gpointer user_data), gpointer user_data);
void weir_network_free (WeirNetwork *self); /* @changed is not called any more */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirNetwork, weir_network_free)

gboolean weir_network_is_available (const WeirNetwork *self);
gboolean weir_network_is_metered (const WeirNetwork *self);
