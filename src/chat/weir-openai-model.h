/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What OpenAI's own models refuse, told by their names, for the writers of Chat and
 * Responses.  Other vendors' models on these dialects take everything. */

#include "chat/weir-request.h"

/* Does @model (escaped) think before it answers?  Such a one refuses `max_tokens`. */
gboolean weir_openai_model_reasons (WeirSlice model);

/* Does @model take a temperature and a top_p when asked to think as @thinking says? */
gboolean weir_openai_model_samples (WeirSlice model, const WeirThinking *thinking);
