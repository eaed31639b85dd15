/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A histogram whose steps grow with the value. */

#include "bench-histogram.h"

/* Values below 32 have a step each; above, the five bits behind the highest one choose. */
static unsigned
step_of (uint64_t value)
{
  unsigned exponent;

  if (value < BENCH_HISTOGRAM_STEPS)
    return (unsigned)value;
  exponent = 63u - (unsigned)__builtin_clzll (value) - 5u;
  return (exponent + 1) * BENCH_HISTOGRAM_STEPS + (unsigned)(value >> exponent)
         - BENCH_HISTOGRAM_STEPS;
}

/* The middle of a step. */
static double
value_of (unsigned step)
{
  unsigned exponent;

  if (step < BENCH_HISTOGRAM_STEPS)
    return step;
  exponent = step / BENCH_HISTOGRAM_STEPS - 1;
  return (double)(1ull << exponent)
         * (BENCH_HISTOGRAM_STEPS + step % BENCH_HISTOGRAM_STEPS + 0.5);
}

void
bench_histogram_add (BenchHistogram *self, int64_t duration_ns)
{
  if (duration_ns < 0)
    duration_ns = 0;
  self->count++;
  self->steps[step_of ((uint64_t)duration_ns)]++;
  if (duration_ns > self->largest_ns)
    self->largest_ns = duration_ns;
}

double
bench_histogram_get_us (const BenchHistogram *self, double share)
{
  uint64_t wanted = (uint64_t)(share * (double)self->count);
  uint64_t seen = 0;

  for (unsigned step = 0; step < BENCH_HISTOGRAM_SIZE; step++)
    {
      seen += self->steps[step];
      if (seen > wanted)
        return value_of (step) / 1000.0;
    }
  return (double)self->largest_ns / 1000.0;
}
