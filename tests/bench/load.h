/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The load generator's engine: connections that send one request after the other, and what
 * was measured. */

#include "bench-histogram.h"
#include "bench-piece.h"
#include "bench-process.h"
#include "bench-request.h"

typedef struct
{
  BenchRequest request;
  unsigned port;
  unsigned mock_port;
  BenchDialect
      upstream; /* what the mock is asked in; other than the request's: translated */
  unsigned n_connections;
  double warm_seconds; /* before the measured time; with @once, behind the ramp */
  double seconds;
  double rate;         /* requests per second, latency from the planned time; 0: each
                          connection as fast as answers come */
  double ramp_seconds; /* connections begin one after the other over this time */
  bool once;           /* one request a connection, all of them open while it is measured */
  uint64_t n_requests; /* stop after that many instead of after @seconds; 0: no */
  pid_t target;        /* whose CPU and memory are sampled; 0: nobody's */
} LoadSettings;

/* Counted in the measured time only, but for errors and what is said to be otherwise. */
typedef struct
{
  uint64_t n_requests; /* answers that ended, whole and right */
  uint64_t n_pieces;
  uint64_t n_errors;     /* from the first request to the last */
  const char *problem;   /* the first error */
  unsigned status;       /* of the answer that was the first error */
  uint64_t n_reconnects; /* connections the target closed between answers; all the time */
  unsigned n_open_least; /* with @once: answers under way at the end of the measured time */
  double seconds;
  BenchHistogram latency;    /* request to last byte */
  BenchHistogram first_byte; /* request to first byte; with @once all the time */
  BenchHistogram delay;      /* of stamped pieces, from the mock's write to here */
  BenchSample idle;          /* before the first connection */
  BenchSample open;          /* as the measured time begins */
  BenchSample begin;
  BenchSample end;
  BenchSample last; /* after everything, for the peak */
} LoadResult;

void load_run (const LoadSettings *settings, LoadResult *out_result);

/* Runs the command in @arguments, in which `{port}` stands for @port, until it answers
 * /healthz with 200, @n times; prints one line of JSON.  Returns the exit status. */
int load_start (unsigned n, unsigned port, char **arguments);
