/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of weir-refresh share. */

#include "accounts/weir-refresh.h"

#include "base/weir-clock.h"
#include "base/weir-error.h"

#define SECOND WEIR_USEC_PER_SEC
/* That a token must have to live; a quarter of its life where that is less, or it would
 * never be good enough. */
#define SPARE_US(life_us) MIN (60 * SECOND, (life_us) / 4)
#define FRESH_US (60 * SECOND) /* no token is thrown away sooner, whoever refuses it */
#define LIFE_US (24 * 3600 * SECOND) /* of tokens whose life nobody tells */
#define SHORT_LIFE_US (600 * SECOND) /* the same of short-lived ones */
#define DUE_AT 0.80                  /* of its life, give or take */
#define DUE_GIVE 0.05
#define LATE_US (60 * SECOND) /* after a sleep all are late: they take turns by chance */
#define SPREAD_US (20 * SECOND)
#define PAUSE_MIN_US SECOND
#define PAUSE_MAX_US (300 * SECOND)

typedef enum
{
  STATE_REST,
  STATE_QUEUED,
  STATE_LOCKING,
  STATE_READING,
  STATE_JOURNALING,
  STATE_SENDING,
  STATE_LOOKING,
  STATE_KEEPING,
  STATE_STORING,
  STATE_COMMITTING,
  STATE_EXCHANGING,
} WeirRefreshState;

struct _WeirRefresh
{
  const WeirProviderOauth *row;
  GRand *chance; /* (owned) */
  gboolean is_live;
  WeirRefreshState state;

  WeirAccountTokens tokens; /* in use */
  uint64_t generation;      /* of them */
  uint64_t floor;           /* the highest one there was */
  int64_t deadline_us;      /* of the access token; 0: not known */
  int64_t due_us;           /* when it is refreshed; 0: never */
  int64_t spare_us;         /* that the access token must have to live */
  int64_t fresh_until_us;
  int64_t short_deadline_us; /* of the short-lived token */
  int64_t short_due_us;
  int64_t short_spare_us;
  gboolean is_wanted;  /* the short-lived one, since it was given */
  gboolean is_forced;  /* the vendor refuses what is not due */
  gboolean is_late;    /* and a later time was chosen for it */
  gboolean is_unsure;  /* the answer to the last refresh was not seen */
  gboolean is_refused; /* by the vendor, for good */

  WeirAccountTokens next; /* that the vendor has just given */
  uint64_t next_generation;
  gboolean is_kept;          /* the newest is in the escrow */
  gboolean has_escrow;       /* something is */
  gboolean is_unstored;      /* the vault does not have what is in use */
  gboolean was_told;         /* of that */
  gboolean was_told_of_file; /* that it cannot be written to */
  unsigned n_stores;         /* that failed in a row */
  int64_t store_us;          /* when to try again */
  unsigned n_failures;       /* in a row */
  int64_t pause_us;          /* until then nobody is asked */
  char hash[17];
  char *sentence; /* (owned) (nullable) of the last action that has one */
};

/* --- weir-refresh.c --- */

/* The next action of @out, all zero but its kind. */
WeirRefreshAction *weir_refresh_add (WeirRefreshActions *out, WeirRefreshActionKind kind);
/* Takes @sentence (transfer full). */
WeirRefreshAction *weir_refresh_add_sentence (WeirRefresh *self,
                                              WeirRefreshActions *out,
                                              WeirRefreshActionKind kind,
                                              char *sentence);
void weir_refresh_add_tokens (WeirRefreshActions *out,
                              WeirRefreshActionKind kind,
                              const WeirAccountTokens *tokens,
                              uint64_t generation);
/* How long to wait after so many failures, about. */
int64_t weir_refresh_choose_pause (WeirRefresh *self, unsigned n_before);
/* After which part of such a life its end is thought of. */
int64_t weir_refresh_choose_due (WeirRefresh *self, int64_t life_us);
gboolean weir_refresh_is_due (const WeirRefresh *self, int64_t now_us);
gboolean weir_refresh_is_exchange_due (const WeirRefresh *self, int64_t now_us);
/* At rest: asks for a turn, or for the time of the next one. */
void weir_refresh_plan (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out);
/* Copies @tokens: the vendor, or the vault, has just given them. */
void weir_refresh_set_tokens (WeirRefresh *self,
                              const WeirAccountTokens *tokens,
                              uint64_t generation);
/* The tokens of an event that are used from now on. */
void weir_refresh_load (WeirRefresh *self,
                        const WeirRefreshEvent *event,
                        int64_t now_us,
                        int64_t real_us,
                        WeirRefreshActions *out);
void weir_refresh_refuse (WeirRefresh *self, WeirRefreshActions *out);

/* --- weir-refresh-turn.c --- */

/* An event of a turn, which is in the state for it. */
void weir_refresh_turn (WeirRefresh *self,
                        const WeirRefreshEvent *event,
                        int64_t now_us,
                        int64_t real_us,
                        WeirRefreshActions *out);
