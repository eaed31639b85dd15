/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How hard a model is to think, and whether the client is to see it.  Some dialects count
 * tokens (a budget), some say a word (a level); a suffix of the model's name, such as
 * `model(high)`, `model(8192)` or `model(none)`, beats what the body says.
 *
 *   level    minimal    low   medium    high   xhigh      max
 *   budget       512   1024     8192   24576   32768   128000
 *
 * A budget becomes the lowest level that holds it, but for those over 24576: xhigh. */

#include "chat/weir-request.h"

typedef enum
{
  WEIR_EFFORT_MINIMAL,
  WEIR_EFFORT_LOW,
  WEIR_EFFORT_MEDIUM,
  WEIR_EFFORT_HIGH,
  WEIR_EFFORT_XHIGH,
  WEIR_EFFORT_MAX,
  WEIR_EFFORT_LAST, /* also: a word that is none of these */
} WeirEffort;

/* Sets of levels. */
#define WEIR_EFFORT_BIT(effort) (1u << (effort))
#define WEIR_EFFORT_ALL (WEIR_EFFORT_BIT (WEIR_EFFORT_LAST) - 1)
#define WEIR_EFFORT_LOW_TO_HIGH                                                            \
  (WEIR_EFFORT_BIT (WEIR_EFFORT_LOW) | WEIR_EFFORT_BIT (WEIR_EFFORT_MEDIUM)                \
   | WEIR_EFFORT_BIT (WEIR_EFFORT_HIGH))

/* For readers. */

/* Takes the suffix off @model (escaped): returns the name without it, or @model where there
 * is none or nothing would be left.  A suffix that says something sets mode, level, budget
 * and from_name of @thinking and leaves the rest; one that does not is taken off all the
 * same.  Also for the upstream's name of a model, whose suffix beats the client's. */
WeirSlice weir_thinking_split_model (WeirSlice model, WeirThinking *thinking);

/* The last thing a reader does with model and thinking, when both were read: the suffix of
 * @request's model. */
void weir_thinking_take_suffix (WeirRequest *request);

/* Sets mode and level (or OFF for "none", AUTO for "auto") by a word in any case; a word
 * that is unknown is kept as it is.  @word must last as long as @self. */
void weir_thinking_set_level (WeirThinking *self, WeirSlice word);
/* 0 is OFF, -1 AUTO; other negative ones are ignored. */
void weir_thinking_set_budget (WeirThinking *self, int64_t budget);
/* A wish to see thoughts in a word: auto, concise, detailed, summarized, … are one; none
 * and omitted are one not to. */
void weir_thinking_set_summary (WeirThinking *self, WeirSlice word);

/* For writers. */

WeirEffort weir_thinking_get_effort (WeirSlice level);
WeirSlice weir_thinking_get_word (WeirEffort effort);
/* Tokens that @effort stands for. */
uint64_t weir_thinking_get_budget (WeirEffort effort);

/* LEVEL and BUDGET as the nearest level of @levels, a set that is not empty (ties: the
 * lower one).  A level of no known word comes as it is.  Empty for UNSAID, OFF and AUTO:
 * how these are said is the target's. */
WeirSlice weir_thinking_as_level (const WeirThinking *self, unsigned levels);

/* LEVEL and BUDGET as tokens between @least and @most (0: no limit).  FALSE for UNSAID,
 * OFF, AUTO, and a level of no known word. */
gboolean weir_thinking_as_budget (const WeirThinking *self,
                                  uint64_t least,
                                  uint64_t most,
                                  uint64_t *out_budget);

/* The wish to see thoughts as a word of @target: Responses `summary` (auto, concise,
 * detailed; empty: leave it out), Anthropic `display` (summarized, omitted; empty: leave it
 * out).  Empty for the others, whose wish is a truth: see shown. */
WeirSlice weir_thinking_as_summary (const WeirThinking *self, WeirDialect target);
