/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two clocks of the kernel and one offset for tests. */

#include "config.h"

#include "base/weir-clock.h"

#include <time.h>

/* The one mutable static of this room: the time of a program is one.  Set before any
 * thread is started. */
static const volatile int64_t *test_offset_us; /* (unowned) (nullable) */

static int64_t
read_clock (clockid_t clock)
{
  struct timespec now = { 0 };
  int64_t offset_us = test_offset_us != NULL ? *test_offset_us : 0;

  clock_gettime (clock, &now);
  return (int64_t)now.tv_sec * WEIR_USEC_PER_SEC + now.tv_nsec / 1000 + offset_us;
}

int64_t
weir_clock_now_us (void)
{
  return read_clock (CLOCK_BOOTTIME);
}

int64_t
weir_clock_real_us (void)
{
  return read_clock (CLOCK_REALTIME);
}

void
weir_clock_set_test_offset (const volatile int64_t *offset_us)
{
  test_offset_us = offset_us;
}

gboolean
weir_clock_is_driven (void)
{
  return test_offset_us != NULL;
}
