/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The dialects of the benchmark, and the requests that the load generator sends in them. */

#include "bench-http.h"

#define BENCH_AGENT_SIZE 262144u

typedef enum
{
  BENCH_CHAT,
  BENCH_RESPONSES,
  BENCH_ANTHROPIC,
  BENCH_GEMINI,
  BENCH_DIALECT_LAST,
} BenchDialect;

typedef struct
{
  const char *name;
  const char *path; /* `$` stands for the model */
  const char *stream_path;
  const char *answer_end; /* something only the end of a whole answer holds */
  const char *stream_end; /* the same of a stream */
  const char *key_field;
} BenchDialectInfo;

const BenchDialectInfo *bench_dialect_get_info (BenchDialect dialect);
/* BENCH_DIALECT_LAST: there is none of that name. */
BenchDialect bench_dialect_lookup (const char *name);

typedef struct
{
  BenchDialect dialect;
  const char *model;
  const char *key;
  unsigned port; /* of the target, for Host */
  bool stream;
  size_t size; /* of the body, reached exactly when it is 512 or more; chat and
                  anthropic bodies of BENCH_AGENT_SIZE or more are an agent's history with
                  tools instead of one question */
} BenchRequest;

/* Appends the JSON body. */
void bench_request_append_body (const BenchRequest *self, BenchBuffer *buffer);
/* Appends head and @body.  @query (nullable) is added to the target. */
void bench_request_append (const BenchRequest *self,
                           const BenchBuffer *body,
                           const char *query,
                           BenchBuffer *buffer);
