/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A pool with some seats, a model that they serve, and a clock that the test drives. */

#include "accounts/weir-pool.h"

#define BENCH_SEATS_MAX 24
#define SECOND ((int64_t)G_USEC_PER_SEC)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

typedef struct
{
  WeirPool *pool;                       /* (owned) */
  WeirModels *models;                   /* (owned): "m", by default a route a seat */
  WeirPoolSeat *seats[BENCH_SEATS_MAX]; /* (owned) "seat-0", "seat-1", … */
  unsigned n;
  WeirPoolAsk ask;
  WeirPoolTried tried; /* of bench_pick */
  int64_t now_us;
  int64_t until_us; /* of the last pick */
} Bench;

/* @priorities (nullable): of @n seats; each is at a host of its own, "host-0" … */
void bench_init (Bench *self, unsigned n, const int *priorities);
/* One more route of the model called @id. */
void bench_add (WeirModels *models,
                const char *id,
                unsigned seat,
                int priority,
                const char *upstream_name);
void bench_clear (Bench *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

/* The configuration is read again: a new model and seats, for the same identities. */
void bench_reload (Bench *self);

WeirModel *bench_get_model (Bench *self);
WeirModelRoute *bench_get_route (Bench *self, unsigned i);
/* The first pick of a request; the next one behind what was tried.  -1: none, else the
 * number of the seat. */
int bench_pick (Bench *self);
int bench_pick_next (Bench *self);
/* Picks, and at once releases. */
int bench_turn (Bench *self);
void bench_release (Bench *self, int seat);

void bench_report (Bench *self, int seat, const WeirVerdict *verdict);
void bench_succeed (Bench *self, int seat);
/* A rest of the account by @reason; @stated_us 0: nobody said how long. */
void bench_rest (Bench *self, int seat, WeirRestReason reason, int64_t stated_us);
/* How many rests last. */
unsigned bench_count_rests (Bench *self);
