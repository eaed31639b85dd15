/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which conversation a request belongs to, so that its turns may meet the same account and
 * the cache that their prompt fills there.  A guess where the client does not say.  Pure.
 */

#include "base/weir-json.h"
#include "chat/weir-protocol.h"

/* TRUE and the value of the client's header field called @name (lower case). */
typedef gboolean (*WeirSessionLookup) (gpointer user_data,
                                       const char *name,
                                       WeirSlice *out_value);

typedef struct
{
  uint64_t hash;       /* of what names the conversation; no secret, no protection */
  gboolean is_opening; /* guessed from the words of a first turn: whoever serves it is to be
                          remembered, but it is no reason to ask somebody */
} WeirSessionKey;

/* The header fields that name a conversation, the clearest first; NULL-terminated. */
extern const char *const weir_session_fields[];

/* FALSE: nothing tells.  @body: the request, of @dialect, recorded to depth 2 at least; its
 * root must be an object.  In order: a header field (Claude Code, Codex, opencode and
 * others), `prompt_cache_key`, `session_id`, `conversation`, `conversation_id`,
 * `metadata.session_id`, `metadata.user_id`, and else the text of the first user message.
 */
gboolean weir_session_key_find (WeirDialect dialect,
                                const WeirJson *body,
                                WeirSessionLookup lookup,
                                gpointer user_data,
                                WeirSessionKey *out);
