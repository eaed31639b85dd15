/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How much a client key may ask: rolling windows of requests and tokens, and requests at
 * once.  Pure: the time is an argument.  Lives as long as the process and outlives
 * configurations, since what a key has used does not change by reading a file again.
 *
 * What is asked is reserved before it is sent and settled at its end.  A refused request
 * counts nowhere.  A window holds whole buckets and the one under way (a second for a
 * minute, a quarter of an hour for a day): never more than the limit in any minute or day,
 * and what was used is given back one bucket late at most. */

#include <glib.h>
#include <stdint.h>

typedef enum
{
  WEIR_LIMIT_REQUESTS_PER_MINUTE,
  WEIR_LIMIT_TOKENS_PER_MINUTE,
  WEIR_LIMIT_REQUESTS_PER_DAY,
  WEIR_LIMIT_CONCURRENT_REQUESTS,
  WEIR_LIMIT_LAST,
} WeirLimit;

/* 0: no limit. */
typedef struct
{
  unsigned requests_per_minute;
  unsigned tokens_per_minute;
  unsigned requests_per_day;
  unsigned concurrent;
} WeirLimitSet;

typedef struct
{
  WeirLimit limit;        /* of those that refuse, the one that does so longest */
  unsigned most;          /* its number */
  int64_t retry_after_us; /* until it would be taken if nothing else is asked; a second
                             where other requests have to end first; -1: never, since it
                             alone asks for more than the limit */
} WeirLimitRefusal;

typedef struct _WeirLimits WeirLimits;
typedef struct _WeirLimitsOfKey WeirLimitsOfKey;

/* What a request under way holds.  All zero: nothing. */
typedef struct
{
  WeirLimitsOfKey *key; /* (unowned) the limits' */
  int64_t since_us;
  uint64_t tokens;
} WeirReservation;

/* What an upstream that did not say its usage has used. */
#define WEIR_LIMIT_TOKENS_UNKNOWN UINT64_MAX

/* @now_us is monotonic here and below; a time before one that was given counts as that one.
 * @real_us: since 1970. */
WeirLimits *weir_limits_new (int64_t now_us, int64_t real_us);
/* Every reservation is forgotten. */
void weir_limits_free (WeirLimits *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLimits, weir_limits_free)

/* One request of about @tokens tokens, estimated.  @key_name: the key's digest.  @set
 * (nullable): a key without a limit is not counted at all.  TRUE: @out_reservation, which
 * must be all zero, holds it until it is settled or cancelled; it may be moved, not copied.
 * FALSE: @out_refusal says why. */
gboolean weir_limits_reserve (WeirLimits *self,
                              const char *key_name,
                              const WeirLimitSet *set,
                              uint64_t tokens,
                              int64_t now_us,
                              WeirReservation *out_reservation,
                              WeirLimitRefusal *out_refusal);

/* The request has ended after @tokens tokens, or WEIR_LIMIT_TOKENS_UNKNOWN: the estimate
 * stands.  What was reserved too much goes back to where it was taken from; what was used
 * beyond counts now.  @reservation is all zero then; one that holds nothing is fine. */
void weir_limits_settle (WeirLimits *self,
                         WeirReservation *reservation,
                         uint64_t tokens,
                         int64_t now_us);

/* Nobody was asked in the end: it counts nowhere. */
void weir_limits_cancel (WeirLimits *self, WeirReservation *reservation, int64_t now_us);

/* What the key called @key_name has used of @limit in the window that ends now, what it has
 * reserved included. */
uint64_t weir_limits_get_used (WeirLimits *self,
                               const char *key_name,
                               WeirLimit limit,
                               int64_t now_us);

/* The limit's key in the configuration: "requests-per-minute", … */
const char *weir_limit_get_name (WeirLimit limit);

/* (transfer full): a sentence for the client: which limit, and when to ask again. */
char *weir_limit_refusal_dup_message (const WeirLimitRefusal *refusal);

/* --- over a restart --- */

/* One window of one key.  @window: the limit's name.  @real_us: when its newest bucket
 * began.  @counts: of its buckets, newest first, decimal, a blank between them. */
typedef void (*WeirLimitsRowFunc) (const char *key_name,
                                   const char *window,
                                   int64_t real_us,
                                   const char *counts,
                                   gpointer user_data);

/* @func is called when something has changed that weir_limits_dump has not told of yet,
 * once until then. */
void weir_limits_set_changed_func (WeirLimits *self, GFunc func, gpointer user_data);

/* Every window that has changed since the last time. */
void weir_limits_dump (WeirLimits *self,
                       int64_t now_us,
                       int64_t real_us,
                       WeirLimitsRowFunc func,
                       gpointer user_data);

/* Adds what a dump of another process told; once, at the start.  A row of the future (the
 * clock was set back) counts as of now, one that is no row of ours not at all. */
void weir_limits_restore (WeirLimits *self,
                          const char *key_name,
                          const char *window,
                          int64_t row_real_us,
                          const char *counts,
                          int64_t now_us,
                          int64_t real_us);
