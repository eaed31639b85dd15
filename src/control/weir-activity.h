/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What has been asked of late: the newest exchanges, sums by the hour, and totals since the
 * start.  In memory and bounded; pure. */

#include "proxy/weir-proxy.h"

#define WEIR_ACTIVITY_EXCHANGES_MAX 500
#define WEIR_ACTIVITY_USAGE_MAX 4096 /* rows of hour, seat and model */

/* Texts that are too long are cut; "" where not known.  Tokens: 0 where not known. */
typedef struct
{
  uint64_t number;
  int64_t began_us; /* since 1970 */
  gboolean is_open;
  char id[24];
  char key[9];
  char agent[40];
  char model[72];
  char upstream_model[72];
  char seat[48];
  char losses[96];
  const char *client;    /* a constant */
  const char *upstream;  /* a constant */
  const char *operation; /* a constant */
  const char *pass;      /* a constant */
  const char *error;     /* a constant */
  unsigned attempts;
  unsigned status;
  uint64_t tokens_in;
  uint64_t tokens_cached;
  uint64_t tokens_out;
  int64_t first_byte_us; /* -1: none */
  int64_t total_us;
} WeirActivityExchange;

typedef struct
{
  int64_t hour_us; /* when it began, since 1970 */
  char seat[48];
  char model[72];
  uint64_t requests;
  uint64_t failed;
  uint64_t tokens_in;
  uint64_t tokens_cached;
  uint64_t tokens_out;
} WeirActivityUsage;

typedef struct
{
  uint64_t requests;
  uint64_t failed;
  uint64_t tokens_in;
  uint64_t tokens_cached;
  uint64_t tokens_out;
} WeirActivityTotals;

typedef struct _WeirActivity WeirActivity;

WeirActivity *weir_activity_new (void);
void weir_activity_free (WeirActivity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirActivity, weir_activity_free)

/* A request has ended at @real_us. */
void weir_activity_add (WeirActivity *self, const WeirLogRow *row, int64_t real_us);

/* Fills @out with what @row says at @real_us of an exchange, ended or open. */
void
weir_activity_read_row (const WeirLogRow *row, int64_t real_us, WeirActivityExchange *out);

/* The exchange @index, 0 is the one that ended last; NULL behind the oldest. */
const WeirActivityExchange *weir_activity_get (const WeirActivity *self, unsigned index);
/* The one whose id is @id, or NULL. */
const WeirActivityExchange *weir_activity_lookup (const WeirActivity *self, const char *id);

const WeirActivityTotals *weir_activity_get_totals (const WeirActivity *self);
/* (transfer none): of WeirActivityUsage, oldest hour first. */
const GArray *weir_activity_get_usage (const WeirActivity *self);
