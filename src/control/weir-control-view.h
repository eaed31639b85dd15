/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What several parts of the program know of an account, put together for those who show
 * it. */

#include "control/weir-control-private.h"
#include "proxy/weir-routing.h"

typedef struct
{
  const char *state;               /* "ready", "resting", … */
  const char *plan;                /* "" where not known */
  const char *any_client_sentence; /* "" where there is nothing to switch */
  const char *quota_sentence;
  int64_t rests_until_us; /* since 1970; 0: it does not rest */
  int64_t next_us;        /* when any of this may change by itself; 0: never */
  unsigned in_flight;
  GVariant *windows; /* (transfer floating) aa{sv} */
  GVariant *credits; /* (transfer floating) aa{sv} */
} WeirControlAccountView;

/* Texts are borrowed, until the account, the board or the routing changes. */
void weir_control_view_account (WeirControl *self,
                                const WeirAccount *account,
                                WeirControlAccountView *out);

/* (nullable): the seat of the account @id. */
const WeirSeat *weir_control_lookup_seat (const WeirControl *self, const char *id);

/* (transfer floating): (ssdx) */
GVariant *weir_control_view_tightest (WeirControl *self);
