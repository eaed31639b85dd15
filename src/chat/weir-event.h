/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One step of an answer, in nobody's dialect.  A stream is START, blocks (OPEN, DELTA,
 * CLOSE), USAGE, FINISH; a whole answer is the same events, folded.
 *
 * Order, for each choice: START comes once and first (in front of choice 0's first event);
 * a block's OPEN before its DELTAs before its CLOSE; every block is closed before the
 * FINISH of its choice, unless the answer fails or is cut.  At most one block that is no
 * call is open in a choice at a time; calls may stand open side by side and their DELTAs
 * alternate.  USAGE may come at any time, also behind FINISH. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#include <stdint.h>

typedef enum
{
  WEIR_EVENT_START,       /* id, model */
  WEIR_EVENT_BLOCK_OPEN,  /* block, block_type, id, name, signature, raw: see WeirBlockType
                           */
  WEIR_EVENT_DELTA,       /* block, block_type, text or signature; raw: see below */
  WEIR_EVENT_BLOCK_CLOSE, /* block, block_type */
  WEIR_EVENT_USAGE,       /* usage: totals so far, they replace those of an earlier event */
  WEIR_EVENT_FINISH,      /* choice, finish, text: the dialect's own word ("" where it said
                           * none), name: the stop sequence that was met, where it is said */
  WEIR_EVENT_ERROR, /* text: message, name: the dialect's type or code, status where known
                     */
  WEIR_EVENT_PING,  /* nothing but a sign of life */
  WEIR_EVENT_RAW,   /* something the model has no word for: name: the dialect's own name of
                     * it, raw: one JSON value */
  WEIR_EVENT_LAST,
} WeirEventType;

typedef enum
{
  WEIR_BLOCK_TEXT,              /* a DELTA's raw: how likely its tokens were, where that was
                                 * said (weir-logprobs.h); its text may be empty then */
  WEIR_BLOCK_THINKING,          /* a DELTA has text or a signature, never both */
  WEIR_BLOCK_REDACTED_THINKING, /* OPEN's signature is all of it */
  WEIR_BLOCK_TOOL_CALL,   /* OPEN: id, name (id is empty where the dialect has none), scope
                           * (empty but for Responses), perhaps a signature; DELTAs: JSON text
                           * of the arguments in pieces.  A   call without arguments has no
                           * DELTA.  Where the dialect gave   the arguments as a JSON value,
                           * not   as text, one DELTA brings   them all and raw holds that
                           * value's own   bytes */
  WEIR_BLOCK_CUSTOM_CALL, /* as TOOL_CALL, but the DELTAs are free text, not JSON */
  WEIR_BLOCK_REFUSAL,
  WEIR_BLOCK_IMAGE, /* OPEN: name is the media type; DELTA: base64.  An empty name: the
                     * DELTA is a URL.  raw (Responses): the item that it stands in */
  WEIR_BLOCK_OTHER, /* a part with no word here (vendor's search, code run, …).  OPEN: name
                     * is the dialect's type, raw the part's JSON as it came; DELTAs as in
                     * its dialect */
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
  WEIR_FINISH_BROKEN,  /* what the model said is no answer: a call that cannot be read, say.
                        * Asking again may help */
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
  uint64_t total;       /* as the dialect said it; never summed up here */
} WeirUsage;

#define WEIR_USAGE_NONE                                                                    \
  ((WeirUsage){ WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN,                \
                WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN, WEIR_USAGE_UNKNOWN })

/* Slices are valid during the call that hands the event on.  All but raw are JSON-escaped
 * bytes, as between the quotes of a string: mostly those that came. */
typedef struct
{
  WeirEventType type;
  unsigned choice; /* which of several answers; 0 almost always */
  unsigned block;  /* number of the block within its choice, from 0 in order of OPEN */
  WeirBlockType block_type;
  WeirFinish finish;
  unsigned status; /* of an ERROR: the HTTP status that the error stands for; 0 unknown */
  WeirSlice id;
  WeirSlice name;
  WeirSlice scope; /* of a call: the namespace that its tool lies in */
  WeirSlice model;
  WeirSlice text;
  WeirSlice signature; /* opaque, goes back only to its origin */
  WeirSlice raw;       /* one JSON value as it came, no escaping added */
  WeirUsage usage;
} WeirEvent;

typedef void (*WeirEventSink) (const WeirEvent *event, gpointer user_data);
