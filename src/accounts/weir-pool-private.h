/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of the pool share. */

#include "accounts/weir-pool-affinity.h"
#include "accounts/weir-pool-budget.h"
#include "accounts/weir-pool.h"

/* One that may rest: an account, or one model of it.
 *
 *   open --rest--> resting --end or cap--> half open --successes--> open
 *                     ^----------- rest ------'
 *
 * All but open are guarded: a request is let through for a credit, or when the last one let
 * through has been silent for long. */
typedef struct
{
  gboolean guarded;
  gboolean stated;
  WeirRestReason reason;
  unsigned level;
  unsigned credit;
  unsigned successes; /* since the rest began */
  int64_t began_us;
  int64_t until_us;    /* as said; 0: ended before its time */
  int64_t admitted_us; /* the last one let through since the rest began; 0: none */
} WeirPoolCell;

struct _WeirPoolSeat
{
  WeirPool *pool; /* (unowned) NULL: freed */
  char *identity; /* (owned) */
  char *host;     /* (owned) (nullable) */
  uint64_t key;   /* of the identity */
  unsigned n_refs;
  unsigned in_flight;
  WeirPoolSeatRules rules;
  WeirPoolCell account;
  GHashTable *models; /* (owned) (nullable) upstream name (owned) -> WeirPoolCell (owned):
                         guarded ones only */
  int64_t suspect_until_us; /* its host was not reached, or overloaded, a moment ago */
  int64_t unreachable_us;   /* when it was not, and no answer of anybody since; else 0 */
  int64_t stopped_until_us; /* less is left than the rules want to keep */
  WeirQuotaWindow windows[WEIR_POOL_WINDOWS_MAX];
  unsigned n_windows;
};

struct _WeirPool
{
  GHashTable *seats; /* (owned) identity (borrowed) -> WeirPoolSeat (borrowed when held) */
  unsigned n_unheld; /* of them */
  unsigned n_unreachable;
  int64_t latest_us; /* the latest time that was heard of */
  WeirPoolRules rules;
  WeirPoolAffinity affinity;
  WeirPoolBudget budget;
  WeirPoolRestFunc rest_func;
  gpointer rest_data;
};

typedef enum
{
  WEIR_POOL_USABLE,
  WEIR_POOL_SUSPECT, /* usable, after all others */
  WEIR_POOL_TRIAL,   /* rests until *out_us; may be tried when nobody else is there */
  WEIR_POOL_BLOCKED, /* ask again at *out_us */
} WeirPoolReadiness;

WeirPoolReadiness weir_pool_seat_check_guarded (const WeirPoolSeat *seat,
                                                const char *upstream_model,
                                                int64_t now_us,
                                                int64_t *out_us);

/* May @seat be asked for @upstream_model now? */
static inline WeirPoolReadiness
weir_pool_seat_check (const WeirPoolSeat *seat,
                      const char *upstream_model,
                      int64_t now_us,
                      int64_t *out_us)
{
  if (G_LIKELY (!seat->account.guarded && seat->models == NULL
                && seat->suspect_until_us <= now_us && seat->stopped_until_us <= now_us))
    return WEIR_POOL_USABLE;
  return weir_pool_seat_check_guarded (seat, upstream_model, now_us, out_us);
}

/* A request is let through. */
void weir_pool_seat_admit (WeirPoolSeat *seat, const char *upstream_model, int64_t now_us);

/* Nothing is under way: who was let through and left without a verdict makes place. */
void weir_pool_seat_give_back (WeirPoolSeat *seat);

/* The lasting rests of one seat. */
void weir_pool_seat_foreach_rest (const WeirPoolSeat *seat,
                                  int64_t now_us,
                                  WeirPoolRestFunc func,
                                  gpointer user_data);
void weir_pool_seat_restore (WeirPoolSeat *seat, const WeirPoolRest *rest, int64_t now_us);
/* Ends what a window with room contradicts. */
void weir_pool_seat_clear_quota_rests (WeirPoolSeat *seat);

/* How much a new request would rather have @seat than another, over 0; of the same strategy
 * comparable.  See weir-pool-strategy.c. */
double weir_pool_seat_get_headroom (const WeirPoolSeat *seat, int64_t now_us);

/* What pick knows when it has found out of which class and priority the next one is. */
typedef struct
{
  WeirModel *model;
  const WeirPoolAsk *ask;
  const WeirPoolTried *tried;
  int64_t now_us;
  WeirPoolReadiness readiness;
  int priority;
} WeirPoolChoice;

/* Can @route be asked, by what the request asks for and has tried?  Its seat, or NULL. */
WeirPoolSeat *weir_pool_get_candidate (const WeirPoolAsk *ask,
                                       const WeirPoolTried *tried,
                                       const WeirModelRoute *route);
/* The route whose turn it is, of at least one that the choice leaves; it has had it then.
 */
WeirModelRoute *weir_pool_choose (const WeirPoolChoice *choice);
