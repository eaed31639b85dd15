/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A vendor's reading as the pool uses it: of the account, in shares of one, in the pool's
 * time. */

#include "config.h"

#include "accounts/weir-quota-window.h"

static WeirQuotaWindow
convert (const WeirQuotaAllowance *allowance, int64_t now_us, int64_t real_us)
{
  WeirQuotaWindow window
      = { .used = -1, .length_us = allowance->length_us, .rejected = allowance->rejected };
  const gboolean is_used_up = allowance->rejected || allowance->used_percent >= 100;

  if (allowance->resets_at_us != 0)
    window.resets_at_us = MAX (now_us + (allowance->resets_at_us - real_us), 1);
  if (is_used_up && window.resets_at_us == 0)
    window.rejected = FALSE;
  else if (allowance->used_percent >= 0)
    window.used = allowance->used_percent / 100;
  return window;
}

unsigned
weir_quota_window_from_reading (const WeirQuotaReading *reading,
                                int64_t now_us,
                                int64_t real_us,
                                WeirQuotaWindow *out,
                                unsigned max)
{
  unsigned n = 0;

  for (unsigned i = 0; i < reading->n_allowances && n < max; i++)
    if (reading->allowances[i].model[0] == '\0')
      out[n++] = convert (&reading->allowances[i], now_us, real_us);
  return n;
}
