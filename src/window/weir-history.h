/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How full a limit was over time.  Pure. */

#include <glib.h>
#include <stdint.h>

typedef struct
{
  int64_t at_us; /* since 1970 */
  double used;   /* percent, 0 to 100 */
} WeirHistorySample;

/* (transfer full): of WeirHistorySample, oldest first.  @samples: an a(xd), as
 * Account.GetHistory gives it; what is no percentage is left out. */
GArray *weir_history_read (GVariant *samples);

/* How far back is worth a look at a limit of that length: some rounds of it. */
int64_t weir_history_get_reach (int64_t length_us);

/* (transfer full): the last sample in each of @most equal parts of the time from @since_us
 * to @until_us; parts without one are left out. */
GArray *
weir_history_thin (GArray *samples, int64_t since_us, int64_t until_us, unsigned most);
