/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How likely the tokens of an answer were.  Between the dialects it is said as both of
 * OpenAI's say it: an array of {token, logprob, bytes, top_logprobs}, which is the raw of a
 * text's DELTA.  Anthropic has no word for it. */

#include "base/weir-json-write.h"
#include "chat/weir-request.h"

/* Did the client ask for them?  How many other tokens are to be told for each says nothing
 * alone. */
gboolean weir_logprobs_are_wanted (const WeirRequest *request);

/* The array @raw as the member @name; what an element lacks is made: OpenAI's libraries
 * expect all of its members.  An empty array where @raw is empty or something else. */
void weir_logprobs_write (WeirJsonWriter *writer, const char *name, WeirSlice raw);
/* The same in Gemini's words: the member `logprobsResult`. */
void weir_logprobs_write_result (WeirJsonWriter *writer, WeirSlice raw);

/* Appends the array that Gemini's object @result of @json says, or nothing where it says
 * none.  Numbers of tokens are lost: they are the vendor's own. */
void weir_logprobs_read_result (const WeirJson *json, uint32_t result, GString *out);
