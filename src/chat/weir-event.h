/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One step of an answer, in nobody's dialect.  A stream is START, blocks (OPEN, DELTA,
 * CLOSE), USAGE, FINISH; a whole answer is the same events, folded. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#include <stdint.h>

typedef enum
{
  WEIR_EVENT_START,       /* id, model */
  WEIR_EVENT_BLOCK_OPEN,  /* block, block_type; of a TOOL_CALL also id, name */
  WEIR_EVENT_DELTA,       /* block, text */
  WEIR_EVENT_BLOCK_CLOSE, /* block */
  WEIR_EVENT_USAGE,       /* usage: totals so far, they replace those of an earlier event */
  WEIR_EVENT_FINISH,      /* choice, finish, text: the dialect's own word */
  WEIR_EVENT_ERROR, /* text: message, name: the dialect's type or code, status where known
                     */
  WEIR_EVENT_PING,  /* nothing but a sign of life */
  WEIR_EVENT_RAW,   /* something the model has no word for: raw */
  WEIR_EVENT_LAST,
} WeirEventType;

typedef enum
{
  WEIR_BLOCK_TEXT,
  WEIR_BLOCK_THINKING,
  WEIR_BLOCK_TOOL_CALL,
  WEIR_BLOCK_REFUSAL,
  WEIR_BLOCK_IMAGE,
  WEIR_BLOCK_OTHER,
  WEIR_BLOCK_LAST,
} WeirBlockType;

typedef enum
{
  WEIR_FINISH_STOP,
  WEIR_FINISH_LENGTH,
  WEIR_FINISH_TOOL_CALLS,
  WEIR_FINISH_STOP_SEQUENCE,
  WEIR_FINISH_REFUSAL, /* content filter, safety, refusal */
  WEIR_FINISH_PAUSE,   /* the vendor wants to be asked again with what it has said */
  WEIR_FINISH_OTHER,
  WEIR_FINISH_LAST,
} WeirFinish;

/* Token counts; a count that was not said is WEIR_USAGE_UNKNOWN.  All input counts are
 * inclusive: input = uncached + cached + cache writes; output includes reasoning. */
#define WEIR_USAGE_UNKNOWN UINT64_MAX
typedef struct
{
  uint64_t input;
  uint64_t output;
  uint64_t cached;      /* part of input read from a cache */
  uint64_t cache_write; /* part of input written to a cache */
  uint64_t reasoning;   /* part of output */
  uint64_t total;
} WeirUsage;

#define WEIR_USAGE_NONE                                                                    \
  ((WeirUsage){ WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN,                \
                WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN })

/* Slices are valid during the call that hands the event on. */
typedef struct
{
  WeirEventType type;
  unsigned choice; /* which of several answers; 0 almost always */
  unsigned block;  /* number of the block within the answer, from 0 */
  WeirBlockType block_type;
  WeirFinish finish;
  unsigned status; /* of an ERROR: the HTTP status that the error stands for; 0 unknown */
  WeirSlice id;    /* JSON-escaped bytes as they came, like all slices here */
  WeirSlice name;
  WeirSlice model;
  WeirSlice text;
  WeirSlice signature; /* of a THINKING block: opaque, goes back only to its origin */
  WeirSlice raw;
  WeirUsage usage;
} WeirEvent;

typedef void (*WeirEventSink) (const WeirEvent *event, gpointer user_data);
