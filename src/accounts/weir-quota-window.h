/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One reading of one allowance of an account: five hours, a week, a month. */

#include "providers/weir-quota.h"

typedef struct
{
  double used; /* 0 to 1 of the allowance; below 0: not known */
  int64_t
      resets_at_us;  /* in the pool's time; 0: not known, or it begins with the next use */
  int64_t length_us; /* from reset to reset; 0: not known */
  gboolean rejected; /* the vendor says that it refuses because of this one */
} WeirQuotaWindow;

/* What of @reading is about the whole account, at most @max; how many there are.  @now_us
 * is the pool's time and @real_us that of the reading's dates, of the same moment.  A share
 * that is used up until nobody knows when is not known: nothing would ever end it. */
unsigned weir_quota_window_from_reading (const WeirQuotaReading *reading,
                                         int64_t now_us,
                                         int64_t real_us,
                                         WeirQuotaWindow *out,
                                         unsigned max);
