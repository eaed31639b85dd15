/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The one clock.  Everything that waits or measures asks here, so that a test can drive the
 * time of the whole program. */

#include <glib.h>
#include <stdint.h>

#define WEIR_USEC_PER_SEC ((int64_t)1000000)

/* Monotonic microseconds that go on during suspend (CLOCK_BOOTTIME), plus the test offset.
 */
int64_t weir_clock_now_us (void);

/* Microseconds since 1970 UTC, plus the test offset. */
int64_t weir_clock_real_us (void);

/* Tests only: a cell whose value is added to both clocks; NULL restores the true clocks.
 * The cell stays the caller's and must outlive its use (it may be shared memory). */
void weir_clock_set_test_offset (const volatile int64_t *offset_us);

/* TRUE while a test offset is set: whoever sleeps in the kernel then wakes at least every
 * 20 ms to look at the time again. */
gboolean weir_clock_is_driven (void);
