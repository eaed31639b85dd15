/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Legacy completions (`/v1/completions`): a prompt in, a text out, over the chat of any
 * upstream.  It is no dialect of its own: no upstream is asked in it.  A request read here
 * is one of OpenAI Chat and must always be written anew, as its bytes are no chat body;
 * answers come from weir_encoder_new_of_class (&weir_openai_completions_encoder, …). Errors
 * are those of OpenAI Chat. */

#include "chat/weir-encoder.h"

/* As WeirProtocol.read_request.  WEIR_ERROR_UNSUPPORTED: several prompts, one in tokens, or
 * `suffix`, `echo`, `best_of`, `logprobs` where they ask for something. */
WeirRequest *weir_openai_completions_read_request (GBytes *body,
                                                   WeirSlice model,
                                                   gboolean stream,
                                                   GError **error);

extern const WeirEncoderClass weir_openai_completions_encoder;
