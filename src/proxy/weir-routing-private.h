/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Shared by the two files of the routing. */

#include "proxy/weir-routing.h"

/* (transfer full): the memory of weir_routing_get_scope. */
GHashTable *weir_routing_scopes_new (void);
