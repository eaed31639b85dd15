/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Shares against time: how much of a window has passed, and where the last readings lead.
 */

#include "config.h"

#include "accounts/weir-quota-forecast.h"

/* Points between use and time that are still the same pace. */
#define TOLERANCE_PERCENT 5.0
#define FIRST_PART 0.03
#define LOOK_BACK_PARTS 6
#define LOOK_BACK_MIN_US (15 * G_TIME_SPAN_MINUTE)
#define LOOK_BACK_MAX_US G_TIME_SPAN_DAY
/* Less than this is one request, or a vendor's rounding. */
#define SPAN_MIN_US (5 * G_TIME_SPAN_MINUTE)
#define RISE_MIN_PERCENT 1.0

const char *
weir_quota_pace_get_name (WeirQuotaPace pace)
{
  static const char *const names[] = {
    [WEIR_QUOTA_PACE_UNKNOWN] = "",
    [WEIR_QUOTA_PACE_ON] = "on pace",
    [WEIR_QUOTA_PACE_AHEAD] = "ahead",
    [WEIR_QUOTA_PACE_BEHIND] = "behind",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_QUOTA_PACE_LAST);

  g_return_val_if_fail (pace < WEIR_QUOTA_PACE_LAST, "");
  return names[pace];
}

WeirQuotaPace
weir_quota_forecast_pace (double used_percent,
                          int64_t began_us,
                          int64_t resets_at_us,
                          int64_t real_us)
{
  double passed;
  double ahead;

  if (!(used_percent >= 0) || began_us == 0 || resets_at_us <= began_us
      || real_us < began_us || real_us >= resets_at_us)
    return WEIR_QUOTA_PACE_UNKNOWN;
  passed = (double)(real_us - began_us) / (double)(resets_at_us - began_us);
  if (passed < FIRST_PART)
    return WEIR_QUOTA_PACE_UNKNOWN;
  ahead = used_percent - 100 * passed;
  if (ahead > TOLERANCE_PERCENT)
    return WEIR_QUOTA_PACE_AHEAD;
  return ahead < -TOLERANCE_PERCENT ? WEIR_QUOTA_PACE_BEHIND : WEIR_QUOTA_PACE_ON;
}

int64_t
weir_quota_forecast_run_out (const WeirQuotaSample *samples,
                             unsigned n,
                             int64_t length_us,
                             int64_t resets_at_us,
                             int64_t real_us)
{
  const int64_t look_back_us
      = CLAMP (length_us / LOOK_BACK_PARTS, LOOK_BACK_MIN_US, LOOK_BACK_MAX_US);
  const WeirQuotaSample *last = n > 0 ? &samples[n - 1] : NULL;
  const WeirQuotaSample *first = last;
  double left_us;

  if (last == NULL || resets_at_us <= real_us || last->at_us > real_us
      || last->used_percent >= 100)
    return 0;
  while (first > samples && first[-1].at_us >= real_us - look_back_us)
    first--;
  if (last->at_us - first->at_us < SPAN_MIN_US
      || last->used_percent - first->used_percent < RISE_MIN_PERCENT)
    return 0;
  left_us = (100 - last->used_percent) * (double)(last->at_us - first->at_us)
            / (last->used_percent - first->used_percent);
  if (left_us >= (double)(resets_at_us - last->at_us))
    return 0;
  return MAX (last->at_us + (int64_t)left_us, real_us + 1);
}
