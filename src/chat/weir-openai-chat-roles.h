/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Chat servers that do not know the role `developer`. */

#include "base/weir-json.h"

/* TRUE: *out_body (transfer full) is the Chat request @body with `system` in place of
 * `developer` as the role of its messages, every other byte as it came; NULL where there is
 * none.  FALSE: @body is no strict JSON. */
gboolean
weir_openai_chat_avoid_developer (WeirSlice body, GBytes **out_body, GError **error);
