/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A bucket of tenths: a request adds one, an attempt behind the first takes ten. */

#include "config.h"

#include "accounts/weir-pool-budget.h"

#define ATTEMPT 10                    /* tenths */
#define RESERVE (10 * ATTEMPT)        /* at the start; what grows back by itself */
#define SAVED_MAX (100 * ATTEMPT)     /* a quiet day must not pay for a storm */
#define TENTH_US (G_USEC_PER_SEC / 2) /* one attempt in five seconds grows back */

void
weir_pool_budget_init (WeirPoolBudget *self)
{
  *self = (WeirPoolBudget){ .tenths = RESERVE };
}

void
weir_pool_budget_add (WeirPoolBudget *self)
{
  self->tenths = MIN (self->tenths + 1, SAVED_MAX);
}

gboolean
weir_pool_budget_take (WeirPoolBudget *self, int64_t now_us)
{
  int64_t grown = (now_us - self->grown_us) / TENTH_US;

  if (self->grown_us == 0 || self->tenths >= RESERVE)
    self->grown_us = now_us;
  else if (grown > 0)
    {
      self->tenths += (unsigned)MIN (grown, (int64_t)(RESERVE - self->tenths));
      self->grown_us += grown * TENTH_US;
    }
  if (self->tenths < ATTEMPT)
    return FALSE;
  self->tenths -= ATTEMPT;
  return TRUE;
}
