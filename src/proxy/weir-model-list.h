/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Lists of models in the three shapes that clients know. */

#include "proxy/weir-routing.h"

/* Which list a request wants: Anthropic's with `anthropic-version`, Gemini's with
 * `x-goog-api-key` (or under /v1beta), else OpenAI's (clients.md 1). */
WeirDialect weir_model_list_choose (const WeirHttpHead *head, WeirDialect of_route);

/* (transfer full): what the caller may ask for. @since_us: real time for `created`. */
GBytes *weir_model_list_write (WeirRouting *routing,
                               const WeirCaller *caller,
                               WeirDialect dialect,
                               int64_t since_us);

/* (transfer full) (nullable): one model; NULL when it is not served
 * to him. */
GBytes *weir_model_list_write_one (WeirRouting *routing,
                                   const WeirCaller *caller,
                                   WeirDialect dialect,
                                   const char *id,
                                   int64_t since_us);
