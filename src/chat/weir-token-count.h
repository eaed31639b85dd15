/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Counting a request without asking it: what a vendor's counter takes of a request, and how
 * each dialect spells the count.  Chat has no counter.  Pure. */

#include "chat/weir-protocol.h"

/* (transfer full): the body for the counter of @upstream, made of @body, which is a whole
 * request in that dialect as WeirProtocol.write_request writes it: counters refuse members
 * that only matter when something is said.  @model: the upstream's name of it, UTF-8.
 * @bare: Gemini's counter takes the request itself, as Vertex does, and not one in an
 * envelope. */
GBytes *weir_token_count_write_request (WeirDialect upstream,
                                        gboolean bare,
                                        WeirSlice body,
                                        const char *model);

/* What the counter of @upstream said.  FALSE: WEIR_ERROR_BAD_UPSTREAM, it is no count. */
gboolean weir_token_count_read (WeirDialect upstream,
                                WeirSlice answer,
                                uint64_t *out_count,
                                GError **error);

/* Appends the answer to a client of @client's counter. */
void weir_token_count_write (GString *out, WeirDialect client, uint64_t count);
