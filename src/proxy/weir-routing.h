/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A configuration made ready to serve: seats (one credential at one target), the names they
 * serve, and the client keys.  Counted: a request keeps the one it began with. */

#include "accounts/weir-pool.h"
#include "providers/weir-provider.h"
#include "proxy/weir-client-keys.h"
#include "proxy/weir-upstream.h"
#include "store/weir-config.h"

typedef struct
{
  char *id; /* (owned) "claude", "groq#2": in logs, lists and the pool of connections */
  const WeirProvider *provider;
  const WeirConfigEntry *entry; /* (unowned) the configuration's */
  WeirSecret *api_key;          /* (unowned) (nullable) */
  WeirTarget *target;           /* (owned) */
  WeirAuth auth;
  GString *fixed_fields; /* (owned) (nullable): header fields of every request to it but its
                          * key, written at the first one */
} WeirSeat;

typedef struct
{
  WeirConfig *config;   /* (owned) */
  GPtrArray *seats;     /* (owned) of WeirSeat */
  WeirModels *models;   /* (owned) */
  WeirClientKeys *keys; /* (owned) */
} WeirRouting;

/* WEIR_ERROR_CONFIG when a base URL cannot be used. */
WeirRouting *weir_routing_new (WeirConfig *config, GError **error);
WeirRouting *weir_routing_ref (WeirRouting *self);
void weir_routing_unref (WeirRouting *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirRouting, weir_routing_unref)

/* A seat's own list has become known (@ids NULL-terminated): its globs go, its names come.
 */
void weir_routing_set_models (WeirRouting *self, unsigned seat, const char *const *ids);
