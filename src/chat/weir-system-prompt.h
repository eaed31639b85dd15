/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A system prompt put before the client's own, whatever the dialect. */

#include "chat/weir-protocol.h"

/* (transfer full): @body, a request in @dialect, with @prompt (UTF-8, not empty) as the
 * first thing that the system says; a blank line stands between it and the client's own.
 * Every other byte stays.  Where the dialect has several places the first one is used:
 *
 *   openai-chat       the first message where its role is system or developer, else a new
 *                     system message before all others
 *   openai-responses  instructions
 *   anthropic         system: text, or a block before the others (their cache_control
 * stays) gemini            systemInstruction or system_instruction, whichever is there: a
 * part before the others
 *
 * NULL with WEIR_ERROR_BAD_JSON, _TOO_LARGE, … when @body is not one JSON object, or with
 * WEIR_ERROR_BAD_REQUEST when what stands at the place is of a shape that the dialect does
 * not know. */
GBytes *weir_system_prompt_insert (WeirDialect dialect,
                                   WeirSlice body,
                                   const char *prompt,
                                   GError **error);
