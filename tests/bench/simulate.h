/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A day of a household of accounts: what is asked (traffic), what the vendors answer
 * (world), and the pool between them (simulate.c).  All of it follows from a seed. */

#include "accounts/weir-pool.h"

#define SIMULATE_SECOND ((int64_t)G_USEC_PER_SEC)
#define SIMULATE_MINUTE (60 * SIMULATE_SECOND)
#define SIMULATE_HOUR (60 * SIMULATE_MINUTE)
#define SIMULATE_DAY (24 * SIMULATE_HOUR)
/* The day begins here, so that no time of it is 0. */
#define SIMULATE_START (365 * SIMULATE_DAY)

#define SIMULATE_ACCOUNTS 12

/* Random numbers: SplitMix64. */
typedef struct
{
  uint64_t state;
} SimulateRandom;

/* 0 to below 1. */
double simulate_random_get (SimulateRandom *self);
double simulate_random_between (SimulateRandom *self, double from, double to);
/* Around @mean, often less and sometimes much more. */
double simulate_random_around (SimulateRandom *self, double mean);

/* One request as a client sends it. */
typedef struct
{
  int64_t at_us;
  int session;    /* -1: none */
  double context; /* tokens that were sent before: cheap where they are cached */
  double fresh;   /* tokens that are new */
  double output;
  int64_t first_us; /* from sending to the first content */
  int64_t whole_us; /* from then to the end */
} SimulateRequest;

/* (transfer full): of SimulateRequest in order of time.  @load: 1 is what the accounts can
 * just about bear. */
GArray *simulate_traffic_new (uint64_t seed, double load, unsigned *out_n_sessions);

typedef struct
{
  double limit; /* tokens */
  double used;
  int64_t length_us;
  int64_t ends_us;       /* 0: begins with the next use */
  double refused_before; /* what the world had refused when it began */
} SimulateWindow;

typedef struct
{
  int64_t from_us;
  int64_t to_us;
  unsigned status; /* 0: not reached */
} SimulateOutage;

typedef struct
{
  WeirPoolSeat *seat; /* (owned) */
  unsigned weight;
  gboolean tells; /* how much is used, with each answer, and how long to rest */
  SimulateWindow windows[2];
  unsigned n_windows;
  unsigned per_minute;
  int64_t minute; /* that is counted */
  unsigned in_minute;
  SimulateOutage outages[4];
  unsigned n_outages;
} SimulateAccount;

/* Where the last turn of a session is cached. */
typedef struct
{
  int account; /* -1: nowhere yet */
  int64_t used_us;
} SimulateCache;

typedef struct
{
  SimulateAccount accounts[SIMULATE_ACCOUNTS];
  SimulateRandom random; /* of faults */
  double refused;        /* tokens, so far */
  double blamed;         /* of them, up to here, on windows */
  double wasted;         /* tokens of windows that ended unused while others were refused */
} SimulateWorld;

void simulate_world_init (SimulateWorld *self, uint64_t seed, WeirPool *pool);
void simulate_world_clear (SimulateWorld *self);
/* Ends the windows whose time has come. */
void simulate_world_advance (SimulateWorld *self, int64_t now_us);
/* What @account answers; a good answer uses up its windows. */
WeirVerdict simulate_world_ask (SimulateWorld *self,
                                unsigned account,
                                const SimulateRequest *request,
                                SimulateCache *cache,
                                int64_t now_us);
/* Tells the pool what the account says of its windows. */
void simulate_world_tell (const SimulateWorld *self, unsigned account, int64_t now_us);
/* Would anybody have served a request now? */
gboolean simulate_world_could_serve (const SimulateWorld *self, int64_t now_us);
/* Tokens that the request takes where nothing of it is cached. */
double simulate_request_get_cost (const SimulateRequest *self, gboolean is_cached);
