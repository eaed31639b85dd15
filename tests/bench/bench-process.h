/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a process and all its descendants have used, seen from outside. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct
{
  int64_t cpu_ns;      /* user and system, all threads */
  uint64_t user_ticks; /* coarse: only good for the share of the two */
  uint64_t system_ticks;
  uint64_t pss_kib;
  uint64_t rss_kib;
  uint64_t peak_kib; /* highest resident size, the sum over the processes */
  unsigned n_processes;
} BenchSample;

/* @with_memory: also PSS and resident sizes, which costs the target some time.  All zero
 * when there is no such process. */
void bench_process_sample (pid_t root, bool with_memory, BenchSample *out_sample);
/* The highest resident size counts from here on. */
void bench_process_reset_peak (pid_t root);
