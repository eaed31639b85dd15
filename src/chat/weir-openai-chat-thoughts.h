/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Chat servers that refuse calls of tools whose thought is missing. */

#include "base/weir-json.h"

/* TRUE: *out_body (transfer full) is the Chat request @body with a `reasoning_content` in
 * every message that calls tools, every other byte as it came: where the client has lost
 * it, it is the message's own text, or says that it was not kept.  NULL where none lacks
 * it.  FALSE: @body is no strict JSON. */
gboolean weir_openai_chat_mend_thoughts (WeirSlice body, GBytes **out_body, GError **error);
