/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Who serves next, and who rests.  Pure: no I/O, no clock of its own; every time is that of
 * the caller's weir_clock_now_us and must not go back.  A pool lives as long as the process
 * and outlives configurations: what it knows of an account hangs on the account's identity.
 * All of it belongs to one thread.
 *
 * A request in short: weir_pool_count_request; weir_pool_pick; send; weir_pool_report what
 * came; weir_pool_release; and, when another seat is to be asked, weir_pool_take_retry and
 * weir_pool_pick again with the same WeirPoolTried. */

#include "accounts/weir-quota-window.h"
#include "providers/weir-models.h"
#include "providers/weir-verdict.h"
#include "store/weir-config.h"

/* Routes tried by one round of a request, at most this many of them. */
#define WEIR_POOL_TRIED_MAX 16
/* Windows kept of one account's reading. */
#define WEIR_POOL_WINDOWS_MAX 4
/* A rest refuses no longer than this: then one request may try. */
#define WEIR_POOL_BLOCK_MAX_US (15 * 60 * (int64_t)G_USEC_PER_SEC)

typedef struct _WeirPool WeirPool;
typedef struct _WeirPoolSeat WeirPoolSeat;

/* Zeroed before the first pick of a round. */
typedef struct
{
  const WeirModelRoute *routes[WEIR_POOL_TRIED_MAX]; /* (unowned) */
  unsigned n;
} WeirPoolTried;

/* Of the configuration as a whole. */
typedef struct
{
  int64_t transient_rest_us; /* of a seat that stumbled; 0: none */
  int64_t affinity_ttl_us;   /* a session is forgotten that long after its last pick */
} WeirPoolRules;

/* Of one seat in the configuration. */
typedef struct
{
  gboolean disable_cooling; /* nothing that is reported makes it rest */
  double stop_at; /* of the allowance: with less than that left in a window that says when
                     it ends, nobody is served until then; 0: none */
  unsigned rounds_max; /* takes part in rounds up to this number (`request-retry`) */
} WeirPoolSeatRules;

typedef struct
{
  WeirPoolSeat *const *seats; /* (unowned) by the seat numbers of the model's routes; a NULL
                                 in it serves nobody */
  const guint8 *allowed; /* (unowned) (nullable) bitmap by seat number (bit n % 8 of byte
                            n / 8): what the request may use and can use; NULL: all */
  WeirStrategy strategy;
  const char *session;     /* (unowned) (nullable) what binds requests to one seat; should
                              hold the client key too.  The pool adds the model */
  gboolean session_is_new; /* do not look it up, only remember where it went */
  unsigned round;          /* 0, and one more each time that all were tried anew */
} WeirPoolAsk;

/* A rest as faces and the state file see it. */
typedef struct
{
  const char *identity; /* (unowned) of the seat */
  const char *model;    /* (unowned) (nullable) upstream name; NULL: all of the account */
  WeirRestReason reason;
  gboolean stated;  /* the vendor said how long */
  int64_t began_us; /* the pool's time, as all of them */
  int64_t until_us; /* as said; refuses no longer than WEIR_POOL_BLOCK_MAX_US */
  unsigned level;   /* how often in a row; the backoff doubles with it */
} WeirPoolRest;

typedef void (*WeirPoolRestFunc) (const WeirPoolRest *rest, gpointer user_data);

/* Rules until they are set: 60 s of transient rest, an hour of affinity. */
WeirPool *weir_pool_new (void);
/* Seats may outlive the pool; nothing but _unref may be called on them then. */
void weir_pool_free (WeirPool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPool, weir_pool_free)
void weir_pool_set_rules (WeirPool *self, const WeirPoolRules *rules);
/* Calls @func (nullable) when a rest begins or is prolonged, and when one ends before its
 * time (a success, a reading, the user): then with until_us 0.  Not when one just runs out.
 * @func must not call the pool. */
void weir_pool_set_rest_func (WeirPool *self, WeirPoolRestFunc func, gpointer user_data);

/* (transfer full): the seat called @identity; the same identity is the same state, over
 * reloads too.  @host: of the target, with its proxy where it has one: seats of the same
 * host are taken to be reachable together.  The state of a seat that nobody holds is kept
 * while it rests (at most 1024 of them), else forgotten. */
WeirPoolSeat *
weir_pool_ensure_seat (WeirPool *self, const char *identity, const char *host);
WeirPoolSeat *weir_pool_seat_ref (WeirPoolSeat *self);
void weir_pool_seat_unref (WeirPoolSeat *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPoolSeat, weir_pool_seat_unref)
/* Until it is called: cooling on, every round.  Disabling cooling ends the rests, too. */
void weir_pool_seat_set_rules (WeirPoolSeat *self, const WeirPoolSeatRules *rules);
/* Picked and not released. */
unsigned weir_pool_seat_get_in_flight (const WeirPoolSeat *self);
/* Readings, each time they come; replace the last ones (the first WEIR_POOL_WINDOWS_MAX
 * count), but one of minutes alone leaves those that last longer until their reset.  One
 * that shows room in all windows, one of them longer than WEIR_QUOTA_BRIEF_US, ends rests
 * for QUOTA, and those for RATE_LIMIT that were said to last over a minute (shorter ones
 * are about the minute, of which windows say nothing). Of one reply: set the windows first,
 * then report it. */
void weir_pool_seat_set_windows (WeirPoolSeat *self,
                                 const WeirQuotaWindow *windows,
                                 unsigned n,
                                 int64_t now_us);
/* (transfer none), until they are set again: those of the last reading. */
const WeirQuotaWindow *weir_pool_seat_get_windows (const WeirPoolSeat *self,
                                                   unsigned *out_n);
/* The user's word: all rests of the account and of its models end. */
void weir_pool_seat_clear_rests (WeirPoolSeat *self);

/* (transfer none), as long as @model is held: the route to ask now; it is added to @tried,
 * and its seat counts as in flight until weir_pool_release.  Allocates only for a session
 * that is not remembered yet.
 *
 * Asked are routes of a weight over 0 that @tried does not hold, whose seat is allowed and
 * takes part in this round.  The seat that the session went to last is picked while it can
 * be used, whatever its priority; else those of the highest priority have their turn by the
 * strategy, and the session goes there from now on.  Seats of a host that was not reached
 * or overloaded a moment ago come after all others.  Several routes of one seat that stand
 * side by side in the model count as one seat; they take turns, and are all asked before
 * the next seat.
 *
 * A resting seat is not picked while another can be.  When all rest, a rest that the vendor
 * did not state does not refuse: the one that ends first is tried, by one request at a
 * time.  A stated one refuses until its end, at most WEIR_POOL_BLOCK_MAX_US.  After a rest
 * one request is let through; each success lets two more through (so 1, 2, 4, 8, 16 at a
 * time), then the seat is open.  One that has no verdict within 2 s does not hold up the
 * next.
 *
 * NULL: nobody now.  *@out_until_us (only then set) is when it makes sense to ask again
 * with the same @tried: a rest ends, or a request under way may have brought a verdict; -1:
 * never, no candidate is left. */
const WeirModelRoute *weir_pool_pick (WeirPool *self,
                                      WeirModel *model,
                                      const WeirPoolAsk *ask,
                                      WeirPoolTried *tried,
                                      int64_t now_us,
                                      int64_t *out_until_us);

/* TRUE: a pick would give somebody now.  FALSE: it would not, with the same *@out_until_us.
 * Nothing changes by looking: no turn, no session, nobody let through. */
gboolean weir_pool_can_pick (WeirPool *self,
                             const WeirModel *model,
                             const WeirPoolAsk *ask,
                             const WeirPoolTried *tried,
                             int64_t now_us,
                             int64_t *out_until_us);

/* What came of asking @seat for @upstream_model, as soon as it is known (FINE with the
 * first content, not at the end of the stream); an attempt may be reported again when it
 * turns out otherwise.  What only the client did (it left) or we did is not reported.
 *
 * The rest begins as the verdict says; without a time in it by reason: rate limit 1, 2, 4 …
 * s up to 30 min, quota 1 to 30 min, refused sign-in or payment 1 to 15 min, unknown model
 * 15 min, stumbling as the rules say, overload 5 to 60 s, challenge 10 s to 30 min.
 * UNREACHABLE makes a seat rest (2 to 60 s) only when another host answers afterwards:
 * while the network is down nobody rests.  FINE ends rests, if the seat was asked since
 * they began; other answers without a rest neither begin nor end one. */
void weir_pool_report (WeirPool *self,
                       WeirPoolSeat *seat,
                       const char *upstream_model,
                       const WeirVerdict *verdict,
                       int64_t now_us);

/* The attempt is over, or was never made; exactly once for each pick, behind the report. */
void weir_pool_release (WeirPool *self, WeirPoolSeat *seat);

/* The one budget of the process for attempts behind a request's first: each request brings
 * a tenth of one.  A reserve of ten at the start, of which one in five seconds grows back,
 * lets failover work when there is little traffic. */
void weir_pool_count_request (WeirPool *self);
/* TRUE: taken.  FALSE: as good as all retries of late are spent; answer what there is. */
gboolean weir_pool_take_retry (WeirPool *self, int64_t now_us);

/* Calls @func for every rest that lasts at @now_us.  @func must not call the pool. */
void weir_pool_foreach_rest (WeirPool *self,
                             int64_t now_us,
                             WeirPoolRestFunc func,
                             gpointer user_data);
/* A rest of an earlier run; the seat need not be there yet.  Nothing happens when it is
 * over or makes no sense. */
void weir_pool_restore_rest (WeirPool *self, const WeirPoolRest *rest, int64_t now_us);
