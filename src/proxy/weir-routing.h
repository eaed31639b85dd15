/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A configuration made ready to serve: seats (one credential at one target), the names they
 * serve, and the client keys.  Counted: a request keeps the one it began with. */

#include "accounts/weir-account.h"
#include "accounts/weir-pool.h"
#include "providers/weir-provider.h"
#include "proxy/weir-client-keys.h"
#include "proxy/weir-upstream.h"
#include "store/weir-config.h"

typedef struct
{
  char *id; /* (owned) "claude", "groq#2": in logs, lists and the pool of connections */
  char identity[17]; /* of vendor, address and key: the same after a reload that moved it */
  const WeirProvider *provider;
  const WeirConfigEntry *entry; /* (unowned) the configuration's, or own_entry */
  WeirConfigEntry *own_entry;   /* (owned) (nullable): of an account */
  WeirAccount *account;         /* (owned) (nullable): whose tokens requests carry */
  gboolean own_client_only;     /* serves its vendor's own program only */
  gboolean takes_token; /* requests carry a token that is asked for: the account's, or one
                           that its service account signs for */
  WeirSecret *api_key;  /* (unowned) (nullable) */
  gboolean lacks_key;   /* the vault did not give it: nobody is served */
  WeirTarget *target;   /* (owned) */
  WeirAuth auth;
  unsigned weight;
  WeirPoolSeat *state; /* (owned) (nullable): NULL, too, where the key is not there */
  GPtrArray *offered;  /* (owned) (nullable) of WeirOffered: what the upstream said last */
  GString *fixed_fields; /* (owned) (nullable): header fields of every request to it but its
                          * key, written at the first one */
} WeirSeat;

/* What the seat's token is asked for by, where it takes one. */
static inline const char *
weir_seat_get_token_id (const WeirSeat *self)
{
  return self->account != NULL ? self->account->id : self->identity;
}

typedef struct
{
  WeirConfig *config;    /* (owned) */
  GPtrArray *seats;      /* (owned) of WeirSeat */
  WeirModels *models;    /* (owned) */
  WeirClientKeys *keys;  /* (owned) */
  WeirPoolSeat **states; /* (owned) by seat number, for the pool */
  GHashTable *scopes;    /* (owned) weir-routing-scope.c's */
  gboolean wants_fields; /* some rule looks at header fields of clients */
  gboolean wants_agent;  /* some seat must know the client's program */
} WeirRouting;

/* @accounts (nullable): of WeirAccount; those that are enabled and can serve have a seat
 * too, behind the others.  @pool (nullable: nobody has a state) must outlive it.  @before
 * (nullable): what its seats were found to offer is taken over.  WEIR_ERROR_CONFIG when a
 * base URL cannot be used. */
WeirRouting *weir_routing_new (WeirConfig *config,
                               const GPtrArray *accounts,
                               WeirPool *pool,
                               const WeirRouting *before,
                               GError **error);
WeirRouting *weir_routing_ref (WeirRouting *self);
void weir_routing_unref (WeirRouting *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirRouting, weir_routing_unref)

/* Of the seat's quota: one for each credential. */
static inline const char *
weir_seat_get_subject (const WeirSeat *self)
{
  return self->account != NULL ? self->account->id : self->identity;
}

/* What a seat offers has become known: @offered (transfer full) of WeirOffered.  Its names
 * are these from now on, and those of other keys at the same address that have not been
 * told yet; the globs of a vendor go on serving what its list leaves out. */
void weir_routing_set_offered (WeirRouting *self, unsigned seat, GPtrArray *offered);

/* --- weir-routing-scope.c: who may ask whom --- */

/* Who asks, and where.  Lives as long as the routing. */
typedef struct
{
  const WeirClientKey *key;     /* (unowned) (nullable) */
  const WeirConfigGroup *group; /* (unowned) (nullable): of /g/NAME */
} WeirCaller;

/* The group called @name (any case), or NULL. */
const WeirConfigGroup *weir_routing_lookup_group (const WeirRouting *self, WeirSlice name);

/* A request that found nobody in the caller's group goes on in the group behind it (NULL:
 * "default").  FALSE: there is none, or the caller's key may not ask there. */
gboolean weir_routing_fall_back (const WeirRouting *self, WeirCaller *caller);

/* May the caller's key ask at its group? */
gboolean weir_caller_is_welcome (const WeirCaller *self);

/* (transfer none): the seats that the caller's key may use in the group (without one: in
 * the key's own groups, or where it has none in all that no group keeps to itself), as a
 * bitmap for WeirPoolAsk; NULL: all of them. */
const guint8 *weir_routing_get_scope (WeirRouting *self, const WeirCaller *caller);

/* The model that the caller asks for by @name, with a thinking suffix or without; NULL:
 * none of his seats serves it.  @out_has_suffix (nullable): it has one that is not part of
 * the name. */
WeirModel *weir_routing_lookup_model (WeirRouting *self,
                                      const WeirCaller *caller,
                                      const char *name,
                                      gboolean *out_has_suffix);

/* May the caller ask for @model (nullable), which he calls @name? */
gboolean
weir_caller_allows_model (const WeirCaller *self, const char *name, const WeirModel *model);

static inline gboolean
weir_scope_has (const guint8 *scope, unsigned seat)
{
  return scope == NULL || (scope[seat / 8] >> (seat % 8) & 1) != 0;
}
