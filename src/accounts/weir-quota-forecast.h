/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How fast an allowance is used up.  Pure.  What is not known stays unknown: no forecast is
 * made of one reading, and none of a window whose beginning or end nobody said. */

#include <glib.h>
#include <stdint.h>

typedef enum
{
  WEIR_QUOTA_PACE_UNKNOWN,
  WEIR_QUOTA_PACE_ON,     /* used about as the window passes */
  WEIR_QUOTA_PACE_AHEAD,  /* used faster than it passes: may not last */
  WEIR_QUOTA_PACE_BEHIND, /* used more slowly: some will be left */
  WEIR_QUOTA_PACE_LAST,
} WeirQuotaPace;

/* A reading of one window. */
typedef struct
{
  int64_t at_us; /* since 1970 */
  double used_percent;
} WeirQuotaSample;

/* "", "on pace", "ahead", "behind". */
const char *weir_quota_pace_get_name (WeirQuotaPace pace);

/* @used_percent: below 0: not known.  @began_us, @resets_at_us: 0: not known.  Unknown,
 * too, in the first 3 % of the window, when one request says nothing yet. */
WeirQuotaPace weir_quota_forecast_pace (double used_percent,
                                        int64_t began_us,
                                        int64_t resets_at_us,
                                        int64_t real_us);

/* When it is used up if it goes on as in the last sixth of the window (a quarter of an hour
 * to a day).  @samples: oldest first, of the cycle that lasts.  0: not known, not before
 * the reset, or it is used up already.  Else later than @real_us. */
int64_t weir_quota_forecast_run_out (const WeirQuotaSample *samples,
                                     unsigned n,
                                     int64_t length_us,
                                     int64_t resets_at_us,
                                     int64_t real_us);
