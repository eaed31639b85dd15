/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The messages of Responses over a websocket, both ways (as Codex 0.169.0 sends and reads
 * them).  Pure. */

#include "base/weir-json.h"

/* (transfer full): `response.create` as the body of a POST that streams.  @json: the
 * message, an object whose members at least are recorded.  @bare: without what it asks and
 * what it follows, for weir_response_message_append. */
GBytes *weir_response_message_create (const WeirJson *json, gboolean bare);

/* (transfer full) (nullable): `response.append` as such a body: what @bare says, asked with
 * the message's input behind the response @previous.  NULL: the input is no list. */
GBytes *
weir_response_message_append (const WeirJson *json, GBytes *bare, const char *previous);

/* Appends the message for an error that an HTTP client gets as @status with @body. */
void weir_response_message_add_error (GString *out, unsigned status, WeirSlice body);

/* Appends the message for the event `error`, which is flat in a stream of events and has a
 * wrapper here. */
void weir_response_message_add_error_event (GString *out, WeirSlice event);

/* Appends the first or the last of the two messages that answer `generate: false`.
 * @model: a JSON value, or empty. */
void weir_response_message_add_warm_up (
    GString *out, gboolean completed, const char *id, WeirSlice model, int64_t created_s);
