/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is known of every allowance, in one place: readings come in from wherever, faces and
 * the pool read them here, and whoever notifies is told what was crossed.  Pure; one
 * thread; every time is since 1970.
 *
 * A subject is an account's id, or the identity of a seat that has a key.
 *
 * A cycle of a window ends with its reset: two resets belong to one cycle when they are
 * less than half a window (and at least five minutes) apart.  A share that falls by 20
 * points ends a cycle, too: the vendor gave it back early.  Behind its reset a share is not
 * known until it is read anew: it may be used elsewhere.
 *
 * Of a minute's requests (WEIR_QUOTA_BRIEF_US) nobody is told, and they are never
 * the tightest. */

#include "accounts/weir-quota-forecast.h"
#include "providers/weir-quota.h"

#define WEIR_QUOTA_BOARD_THRESHOLDS_MAX 8

typedef struct _WeirQuotaBoard WeirQuotaBoard;

/* A window as faces show it. */
typedef struct
{
  char id[112];   /* "5h", "7d/Sonnet": no two of a subject are alike */
  char name[48];  /* "5 hours" */
  char scope[64]; /* the model or the group of them that it is of; "": all of the account */
  double used_percent;  /* 0 to 100, or WEIR_QUOTA_UNKNOWN */
  gboolean is_rejected; /* the vendor refuses because of it */
  gboolean is_brief;
  int64_t began_us;     /* 0: not known */
  int64_t resets_at_us; /* 0: not known */
  int64_t length_us;    /* 0: not known */
  int64_t runs_out_us;  /* 0: not known, or not before the reset */
  WeirQuotaPace pace;
  WeirQuotaSource source;
  int64_t read_at_us;
} WeirQuotaView;

/* What is left besides. */
typedef struct
{
  const char *id;   /* "credits", "limit-resets" */
  const char *name; /* "Credits", "Limit resets" */
  gboolean is_unlimited;
  double left; /* may be below 0: owed */
  char unit[16];
  int64_t expires_us; /* the first of them; 0: not known */
  int64_t read_at_us;
} WeirQuotaCreditView;

typedef enum
{
  WEIR_QUOTA_EVENT_THRESHOLD, /* @threshold percent are used */
  WEIR_QUOTA_EVENT_EXHAUSTED,
  WEIR_QUOTA_EVENT_RESET, /* of a window that one of the others was told of */
  WEIR_QUOTA_EVENT_LAST,
} WeirQuotaEventKind;

/* Each kind (and each threshold) is told once for a subject, a window and a cycle; of
 * several thresholds that are crossed at once the highest. */
typedef struct
{
  WeirQuotaEventKind kind;
  const char *subject;
  const WeirQuotaView *window; /* as it is now */
  double threshold;
} WeirQuotaEvent;

typedef struct
{
  /* What is known of @subject is another thing now. */
  void (*changed) (const char *subject, gpointer user_data);
  void (*event) (const WeirQuotaEvent *event, gpointer user_data);
} WeirQuotaBoardFuncs;

WeirQuotaBoard *weir_quota_board_new (void);
void weir_quota_board_free (WeirQuotaBoard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirQuotaBoard, weir_quota_board_free)
/* Either may be NULL.  They must not change the board; the strings are valid during the
 * call. */
void weir_quota_board_set_funcs (WeirQuotaBoard *self,
                                 const WeirQuotaBoardFuncs *funcs,
                                 gpointer user_data);
/* Percent used, ascending, each over 0 and below 100; until then 80 and 95. */
void weir_quota_board_set_thresholds (WeirQuotaBoard *self,
                                      const double *thresholds,
                                      unsigned n);

/* --- what comes in --- */

/* A reading, however it was got: window by window the newest counts. */
void weir_quota_board_take (WeirQuotaBoard *self,
                            const char *subject,
                            const WeirQuotaReading *reading,
                            int64_t real_us);
/* One of an earlier run: what it crosses was told then.  Of what is known since the start
 * nothing is replaced. */
void weir_quota_board_restore (WeirQuotaBoard *self,
                               const char *subject,
                               const WeirQuotaReading *reading,
                               int64_t real_us);
/* Why nothing, or nothing new, is known; NULL or "": there is no such reason. */
void weir_quota_board_set_sentence (WeirQuotaBoard *self,
                                    const char *subject,
                                    const char *sentence);
/* Whether its windows are looked at for the tightest; TRUE until it is said. */
void
weir_quota_board_set_counts (WeirQuotaBoard *self, const char *subject, gboolean counts);
/* All of @subject, without a word. */
void weir_quota_board_forget (WeirQuotaBoard *self, const char *subject);
/* To be called when a reset may have come: ends the cycles that are over.  When the next
 * one is; 0: none is known. */
int64_t weir_quota_board_tick (WeirQuotaBoard *self, int64_t real_us);

/* --- what is known; a subject that was never heard of has nothing --- */

/* Tightest first, those that are not known last; at most @max; how many there are. */
unsigned weir_quota_board_list_windows (const WeirQuotaBoard *self,
                                        const char *subject,
                                        int64_t real_us,
                                        WeirQuotaView *out,
                                        unsigned max);
/* At most @max; how many there are. */
unsigned weir_quota_board_list_credits (const WeirQuotaBoard *self,
                                        const char *subject,
                                        WeirQuotaCreditView *out,
                                        unsigned max);
/* (transfer none), until the board changes; "" where nothing is known. */
const char *weir_quota_board_get_plan (const WeirQuotaBoard *self, const char *subject);
const char *weir_quota_board_get_sentence (const WeirQuotaBoard *self, const char *subject);
/* (transfer none) (nullable), until the board changes: all that was read, the newest of
 * each window, as it was read. */
const WeirQuotaReading *weir_quota_board_lookup_reading (const WeirQuotaBoard *self,
                                                         const char *subject);
/* The window with the least left of all that count.  FALSE: no share is known.
 * *@out_subject (transfer none), until the board changes. */
gboolean weir_quota_board_get_tightest (const WeirQuotaBoard *self,
                                        int64_t real_us,
                                        const char **out_subject,
                                        WeirQuotaView *out);
