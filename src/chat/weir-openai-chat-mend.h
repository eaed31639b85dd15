/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What is changed in the messages of a Chat request, one after another. */

#include "base/weir-json-edit.h"

/* Called for each message; adds to @edit what is to be changed in it. */
typedef void (*WeirOpenaiChatMendFunc) (WeirJsonEdit *edit,
                                        const WeirJson *json,
                                        uint32_t message);

/* TRUE: *out_body (transfer full) is the Chat request @body as @func wants it, every other
 * byte as it came; NULL where nothing is to be changed.  A body without @mark (bytes that
 * stand in whatever @func looks for) is not read.  FALSE: @body is no strict JSON. */
gboolean weir_openai_chat_mend (WeirSlice body,
                                const char *mark,
                                WeirOpenaiChatMendFunc func,
                                GBytes **out_body,
                                GError **error);
