/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The marked text that mock and load generator agree on: each streamed piece, and the text
 * of a whole answer, is `[[NNNNN TTTTTTTTTTTTTTTTpadding]]` with its number, the time it
 * was written (nanoseconds, 0 when it was made in advance) and a known padding.  Nothing in
 * it needs a JSON escape, so a translation must leave it as it is. */

#include "bench-http.h"

#define BENCH_PIECE_NUMBER_AT 2u
#define BENCH_PIECE_NUMBER_DIGITS 5u
#define BENCH_PIECE_TIME_AT 8u
#define BENCH_PIECE_TIME_DIGITS 16u
#define BENCH_PIECE_MIN 26u
#define BENCH_PIECES_MAX 99999u
/* Times are cut to that many digits on both sides. */
#define BENCH_PIECE_TIME_MODULO 10000000000000000LL

/* Appends the marked text with number and time 0, @padding bytes more than BENCH_PIECE_MIN.
 */
void bench_piece_append (BenchBuffer *buffer, size_t padding);
/* Writes @value with leading zeros over @digits bytes. */
void bench_piece_put_number (char *at, unsigned digits, uint64_t value);

/* A whole answer as the mock gives it; what answers are compared with. */
typedef struct
{
  BenchBuffer text;
  size_t *times; /* (owned) offsets of the time fields, ascending */
  size_t n_pieces;
  size_t padding; /* of each piece */
} BenchReference;

/* Finds the pieces in @self->text. */
void bench_reference_index (BenchReference *self);
void bench_reference_clear (BenchReference *self);

/* A piece has come; @written_ns is 0 when the mock did not stamp it. */
typedef void (*BenchPieceSeen) (void *user_data, int64_t written_ns);

/* Follows one answer while it comes. */
typedef struct
{
  const BenchReference *reference; /* (unowned) */
  bool exact; /* same dialect on both sides: every byte but the times is compared */
  BenchPieceSeen seen;
  void *user_data;
  const char *problem; /* what is wrong with the answer, NULL so far */
  size_t offset;       /* in the body */
  size_t n_pieces;
  unsigned digits;
  int64_t written_ns;
  BenchBuffer text; /* of a translated answer */
} BenchCheck;

/* Forgets the last answer, keeps the settings. */
void bench_check_restart (BenchCheck *self);
void bench_check_feed (BenchCheck *self, const char *bytes, size_t length);
/* The body has ended.  @end (nullable): what a translated answer must hold somewhere behind
 * its last piece. */
void bench_check_finish (BenchCheck *self, const char *end);
