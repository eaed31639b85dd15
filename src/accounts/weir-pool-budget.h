/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How many attempts behind the first are left: an outage must not multiply the traffic that
 * meets it.  Pure. */

#include <glib.h>
#include <stdint.h>

typedef struct
{
  unsigned tenths;  /* of an attempt */
  int64_t grown_us; /* up to when the reserve has grown back */
} WeirPoolBudget;

void weir_pool_budget_init (WeirPoolBudget *self);
/* One more request. */
void weir_pool_budget_add (WeirPoolBudget *self);
/* TRUE: one attempt is taken. */
gboolean weir_pool_budget_take (WeirPoolBudget *self, int64_t now_us);
