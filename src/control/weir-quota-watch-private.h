/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The watch's inside, shared by weir-quota-watch.c (who there is and when it is their turn)
 * and weir-quota-watch-ask.c (one asking). */

#include "control/weir-quota-watch.h"

/* Somebody who can be asked, or cannot and has a sentence that says so. */
typedef struct
{
  char *subject;                 /* (owned) */
  WeirAccount *account;          /* (owned) (nullable): NULL of a key */
  WeirSecret *key;               /* (owned) (nullable): NULL of an account */
  char *proxy_url;               /* (owned) (nullable) */
  const WeirQuotaRecipe *first;  /* (nullable): NULL: there is none */
  const WeirQuotaRecipe *recipe; /* (nullable): first, or what is asked instead */
  gboolean is_renewed;   /* its token was refused and renewed, and not taken since */
  gboolean is_unsaved;   /* the history lacks the last reading */
  gboolean is_resetting; /* a wish for a reset of a limit is under way */
  int64_t listed_us;     /* when it was asked last until when its resets hold */
  gboolean is_marked;    /* of a sweep under way */
  int64_t saved_us;      /* given to the history */
} WeirQuotaTarget;

struct _WeirQuotaWatch
{
  WeirPoller *poller;     /* (unowned) */
  WeirVendorCalls *calls; /* (unowned) */
  WeirTokenSource tokens;
  WeirQuotaWatchFuncs funcs;
  gpointer user_data;
  WeirQuotaBoard *board;     /* (owned) */
  WeirQuotaPlan *plan;       /* (owned) */
  WeirQuotaHistory *history; /* (owned) (nullable) */
  GHashTable *targets;       /* (owned) of WeirQuotaTarget by subject */
  GHashTable *restored;      /* (owned) of WeirQuotaReading by subject: of an earlier run,
                                whose targets have not come yet */
  WeirQuotaConditions conditions;
  WeirTimer timer;
  GCancellable *stop; /* (owned) of all that is under way */
  unsigned n_asking;
};

/* --- weir-quota-watch.c --- */

/* (transfer none) (nullable) */
WeirQuotaTarget *weir_quota_watch_lookup (const WeirQuotaWatch *self, const char *subject);
/* Something has happened: the timer is set anew. */
void weir_quota_watch_schedule (WeirQuotaWatch *self);
/* A reading has come: to the board and, now or soon, to the history. */
void weir_quota_watch_take (WeirQuotaWatch *self,
                            WeirQuotaTarget *target,
                            const WeirQuotaReading *reading,
                            gboolean is_asked);
/* When the next of its resets is, in the plan's time; INT64_MAX: not known. */
int64_t weir_quota_watch_find_reset (const WeirQuotaWatch *self, const char *subject);

/* --- weir-quota-watch-ask.c --- */

void weir_quota_watch_ask (WeirQuotaWatch *self, WeirQuotaTarget *target);
