/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the mock upstream answers: whole and streamed answers of each dialect, complete to
 * their last event, rendered once for a set of settings. */

#include "bench-request.h"

/* Every member is a setting of `/ctl` and of a request's query, under its own name. */
typedef struct
{
  unsigned size;     /* of a whole answer's body, when it is longer than its frame */
  unsigned pieces;   /* of a stream, up to BENCH_PIECES_MAX */
  unsigned piece;    /* bytes of one streamed event, when it is longer than its frame */
  unsigned pause_us; /* between pieces; 0: as fast as they go, and without times */
  unsigned first_us; /* before the first byte of an answer */
  unsigned write;    /* bytes at a time of what was made in advance */
  unsigned status;   /* other than 200: an error of the dialect, as JSON */
  unsigned cut;    /* a stream is cut before this piece (from 1), a whole answer half way */
  unsigned damage; /* this piece (from 1) has one wrong byte, to test who should notice */
} MockSettings;

extern const MockSettings mock_settings_default;

/* Reads `name=number&…`.  Returns false when a name is unknown or a number out of range;
 * the others are read all the same. */
bool mock_settings_read (MockSettings *self, const char *query);

/* One rendered answer. */
typedef struct
{
  unsigned n_users; /* the one who made it is the first */
  BenchDialect dialect;
  bool stream;
  MockSettings settings;
  BenchBuffer opening; /* head and first events; all of it when nothing is paced */
  BenchBuffer piece;   /* one piece, framed, number and time 0 */
  size_t piece_text;   /* where the marked text begins in @piece */
  size_t n_pieces;     /* that are still to be paced behind @opening */
  BenchBuffer closing; /* last events, behind the paced pieces */
  bool close;          /* the connection ends behind it: the answer was cut */
} MockAnswer;

MockAnswer *
mock_answer_new (BenchDialect dialect, bool stream, const MockSettings *settings);
void mock_answer_unref (MockAnswer *self);
void mock_answer_append_piece (const MockAnswer *self,
                               size_t number,
                               int64_t written_ns,
                               BenchBuffer *buffer);
