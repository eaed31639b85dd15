/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What OpenAI's own models refuse, told by their names, for the writers of Chat and
 * Responses.  Other vendors' models on these dialects take everything. */

#include "chat/weir-request.h"

/* Is @model (escaped) one that OpenAI itself serves, and so knows every word here? */
gboolean weir_openai_model_is_own (WeirSlice model);

/* Does @model (escaped) think before it answers?  Such a one refuses `max_tokens`. */
gboolean weir_openai_model_reasons (WeirSlice model);

/* Does @model think when asked as @thinking says, as far as it can be told?  Models that do
 * not refuse to include their thoughts; of those that nobody knows it is those that are
 * asked to. */
gboolean weir_openai_model_may_think (WeirSlice model, const WeirThinking *thinking);

/* Levels of effort that @model knows (WEIR_EFFORT_BIT, never MAX): all of them where nobody
 * knows it better; 0: it never thinks, and refuses to be told how much. */
unsigned weir_openai_model_get_levels (WeirSlice model);

/* What a model with levels is told so that it thinks as little as it can: "none", or the
 * lowest of its levels where it always thinks. */
const char *weir_openai_model_get_least (WeirSlice model);

/* Does @model take @option when asked to think as @thinking says?  While it thinks it takes
 * no temperature and no top_p and tells no probabilities; penalties it never takes. */
gboolean
weir_openai_model_takes (WeirSlice model, WeirOption option, const WeirThinking *thinking);

/* Does @model take stop sequences? */
gboolean weir_openai_model_stops (WeirSlice model);

/* Does @model draw and nothing else?  Such a one is asked at the Images API. */
gboolean weir_openai_model_draws (WeirSlice model);
