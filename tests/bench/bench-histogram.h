/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Counts of durations in steps of 1/32 (some 3 %), from 1 ns to an hour and beyond. */

#include <stdint.h>

#define BENCH_HISTOGRAM_STEPS 32u
#define BENCH_HISTOGRAM_SIZE (64u * BENCH_HISTOGRAM_STEPS)

typedef struct
{
  uint64_t count;
  int64_t largest_ns;
  uint64_t steps[BENCH_HISTOGRAM_SIZE];
} BenchHistogram;

/* Negative durations count as 0. */
void bench_histogram_add (BenchHistogram *self, int64_t duration_ns);
/* The duration that @share (0 to 1) of all do not pass, in microseconds; 0 when empty. */
double bench_histogram_get_us (const BenchHistogram *self, double share);
