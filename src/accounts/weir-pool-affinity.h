/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where sessions went last: a bounded map that forgets the longest unused first.  Pure. */

#include <glib.h>
#include <stdint.h>

/* Sessions remembered; beyond, the longest unused is forgotten. */
#define WEIR_POOL_SESSIONS_MAX 16384

/* Names become numbers of 128 bits, so that nothing is allocated to look one up. */
typedef struct
{
  uint64_t a;
  uint64_t b;
} WeirPoolSession;

typedef struct
{
  WeirPoolSession session; /* the key: first */
  uint64_t seat;           /* where it went */
  uint64_t route;          /* and under which name there */
  int64_t used_us;
  GList link; /* of the order of use */
} WeirPoolBinding;

typedef struct
{
  GHashTable *bindings; /* (owned) of WeirPoolBinding (owned), by itself */
  GQueue order;         /* of WeirPoolBinding.link, latest used first */
} WeirPoolAffinity;

void weir_pool_affinity_init (WeirPoolAffinity *self);
void weir_pool_affinity_clear (WeirPoolAffinity *self);

/* A number of a text. */
uint64_t weir_pool_hash (const char *text, uint64_t seed);
/* The number of what @text says of @model. */
WeirPoolSession weir_pool_session_of (const char *text, const char *model);

/* (transfer none): where the session went, or NULL when it is not known or was last used
 * over @ttl_us ago. */
const WeirPoolBinding *weir_pool_affinity_lookup (WeirPoolAffinity *self,
                                                  WeirPoolSession session,
                                                  int64_t ttl_us,
                                                  int64_t now_us);
void weir_pool_affinity_bind (WeirPoolAffinity *self,
                              WeirPoolSession session,
                              uint64_t seat,
                              uint64_t route,
                              int64_t now_us);
