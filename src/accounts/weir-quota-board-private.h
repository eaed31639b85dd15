/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The board's inside, shared by weir-quota-board.c (what comes in) and
 * weir-quota-board-view.c (what is shown). */

#include "accounts/weir-quota-board.h"

#define WEIR_QUOTA_TRACK_SAMPLES_MAX 32

/* What is remembered of a window besides its reading; its name and model are the key. */
typedef struct
{
  char id[112];
  int64_t resets_at_us; /* of the cycle that lasts; 0: not known */
  double used_percent;  /* the last that was known in it, or WEIR_QUOTA_UNKNOWN */
  WeirQuotaSample samples[WEIR_QUOTA_TRACK_SAMPLES_MAX]; /* of the cycle, oldest first */
  unsigned n_samples;
  unsigned n_told; /* of the thresholds: the first ones */
  gboolean is_exhaustion_told;
} WeirQuotaTrack;

typedef struct
{
  char *name; /* (owned) */
  WeirQuotaReading reading;
  GPtrArray *tracks; /* (owned) of WeirQuotaTrack (owned) */
  char *sentence;    /* (owned) */
  gboolean is_left_out;
} WeirQuotaSubject;

struct _WeirQuotaBoard
{
  GHashTable *subjects; /* (owned) of WeirQuotaSubject by name */
  double thresholds[WEIR_QUOTA_BOARD_THRESHOLDS_MAX];
  unsigned n_thresholds;
  WeirQuotaBoardFuncs funcs;
  gpointer user_data;
};

/* (transfer none) (nullable) */
WeirQuotaSubject *weir_quota_board_lookup (const WeirQuotaBoard *self, const char *name);
WeirQuotaTrack *weir_quota_subject_lookup_track (const WeirQuotaSubject *self,
                                                 const char *id);
void weir_quota_view_write_id (const WeirQuotaAllowance *allowance, char *out, size_t size);
/* @track (nullable) */
void weir_quota_view_fill (WeirQuotaView *self,
                           const WeirQuotaAllowance *allowance,
                           const WeirQuotaTrack *track,
                           int64_t real_us);
/* Of the allowance that is number @at of the reading. */
void weir_quota_subject_fill_view (const WeirQuotaSubject *self,
                                   unsigned at,
                                   int64_t real_us,
                                   WeirQuotaView *out);
