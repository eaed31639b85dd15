/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the two benchmark programs share of HTTP/1.1 and sockets.  It trusts its peer: this
 * is a measuring tool on loopback, the strict reader is in src/http. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_NS_PER_SECOND 1000000000LL

/* Bytes that grow.  All zero is empty. */
typedef struct
{
  char *bytes; /* (owned) */
  size_t length;
  size_t size;
} BenchBuffer;

void bench_buffer_append (BenchBuffer *self, const void *bytes, size_t length);
void bench_buffer_append_text (BenchBuffer *self, const char *text);
void bench_buffer_append_format (BenchBuffer *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));
/* Takes the first @length bytes away. */
void bench_buffer_drop (BenchBuffer *self, size_t length);
void bench_buffer_clear (BenchBuffer *self);

/* One message head, of a request or an answer. */
typedef struct
{
  char method[16];
  char target[2048];
  unsigned status;
  size_t length; /* of the head itself, with its empty line */
  bool has_content_length;
  uint64_t content_length;
  bool chunked;
  bool close;
} BenchHead;

typedef enum
{
  BENCH_HEAD_MORE,
  BENCH_HEAD_DONE,
  BENCH_HEAD_BAD,
} BenchHeadResult;

BenchHeadResult bench_head_read (BenchHead *self, const char *text, size_t length);

typedef enum
{
  BENCH_BODY_DONE,
  BENCH_BODY_COUNTED, /* @left more bytes */
  BENCH_BODY_UNTIL_CLOSE,
  BENCH_BODY_CHUNK_SIZE,
  BENCH_BODY_CHUNK_EXTENSION,
  BENCH_BODY_CHUNK_DATA, /* @left more bytes */
  BENCH_BODY_CHUNK_END,
  BENCH_BODY_TRAILER,
  BENCH_BODY_BAD,
} BenchBodyState;

typedef struct
{
  BenchBodyState state;
  uint64_t left;
  size_t trailer_line;
} BenchBody;

/* Gets one run of body bytes, without framing. */
typedef void (*BenchSink) (void *user_data, const char *bytes, size_t length);

/* @is_answer: without a length the body of an answer ends with the connection, a request
 * has none. */
void bench_body_start (BenchBody *self, const BenchHead *head, bool is_answer);
/* Returns how many of the bytes belong to the body; the rest is the next message.  The
 * state is then DONE, BAD, or another one: more bytes are needed. */
size_t bench_body_feed (
    BenchBody *self, const char *bytes, size_t length, BenchSink sink, void *user_data);

/* CLOCK_MONOTONIC, which mock and load generator share as they run on one machine. */
int64_t bench_now_ns (void);
/* Prints the message, with errno's text when it is not 0, and ends the program. */
void bench_die (const char *format, ...) __attribute__ ((format (printf, 1, 2), noreturn));
/* One thousand streams need more descriptors than the usual soft limit. */
void bench_raise_descriptor_limit (void);
/* A listening socket on 127.0.0.1; @port (inout) 0 takes any. */
int bench_listen (unsigned *port);
/* A connection to 127.0.0.1, non-blocking and without delay; -1 and errno when it fails. */
int bench_connect (unsigned port);
void bench_set_no_delay (int descriptor);
/* Sends @length bytes and reads one whole answer with a blocking wait; the answer's body
 * goes to @sink.  Returns the status, 0 when the connection failed or the answer is cut. */
unsigned bench_exchange (
    unsigned port, const char *bytes, size_t length, BenchSink sink, void *user_data);
