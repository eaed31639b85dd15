/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How long from now, as vendors spell it.  For weir-verdict*.c and for Retry-After
 * elsewhere.  Every function returns
 * microseconds from @real_us (now, since 1970): 0 when the text says nothing usable or a
 * time that has passed, else at most WEIR_VERDICT_REST_MAX_US. */

#include "base/weir-slice.h"

#include <stdint.h>

/* All of @text is one of: seconds ("20", "0.5"); a duration ("1h2m3.5s", "20ms", "5
 * minutes"); seconds or milliseconds since 1970; an HTTP date; an ISO date and time with
 * its zone. */
int64_t weir_when_read (WeirSlice text, int64_t real_us);

/* The same as above, a bare number being milliseconds. */
int64_t weir_when_read_ms (WeirSlice text);

/* The first time that @prose (lower case) tells to wait for: "try again in 6.4s", "reset
 * after 2h7m", "regain access on 2026-12-01 at 00:00 utc". */
int64_t weir_when_find (WeirSlice prose, int64_t real_us);

/* From @real_us to the next midnight of the Pacific coast, where daily allowances of
 * Google's begin; in summer an hour later, so that no table of time zones is needed. */
int64_t weir_when_get_pacific_midnight (int64_t real_us);
