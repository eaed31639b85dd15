/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of OpenAI Responses share: not for other dialects. */

#include "chat/weir-read.h"

/* Opaque bytes of other dialects that have no place in this one travel as the
 * encrypted_content of reasoning items without a summary: redacted thoughts, and the
 * signature of the call that is the next item.  These stand in front of them. */
#define WEIR_RESPONSES_REDACTED "redacted:"
#define WEIR_RESPONSES_OF_CALL "call:"

/* The element of `include` that asks how likely the tokens of texts are. */
#define WEIR_RESPONSES_INCLUDE_LOGPROBS "message.output_text.logprobs"

/* The member `input`: a string or a list of items. */
gboolean weir_responses_read_input (WeirRequest *self, uint32_t input, GError **error);

/* The parts in @list, behind those of @message or, where that is NULL, of @result. */
gboolean weir_responses_read_parts (WeirRequest *self,
                                    WeirMessage *message,
                                    WeirResult *result,
                                    uint32_t list,
                                    GError **error);

/* The members `tools` and `tool_choice`. */
gboolean weir_responses_read_tools (WeirRequest *self, uint32_t tools, GError **error);
gboolean
weir_responses_read_tool_choice (WeirRequest *self, uint32_t choice, GError **error);
