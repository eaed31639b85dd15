/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Between an upstream's decoder and a client's encoder: makes of the events that came those
 * that this client expects.
 *
 *   - Names of tools that were mapped for the upstream become the client's again, and their
 *     namespace comes back.
 *   - Calls to custom tools that went out as functions become CUSTOM_CALLs: their arguments
 *     are kept until the call closes, then told in one DELTA: the text of `input`, or
 *     everything as it came where that is no object with it.
 *   - Calls without an id get one: `call_`, our request id, and a number.
 *   - Signatures are wrapped where the dialects differ; a thought's stands in one DELTA,
 *     the last of its block.
 *   - A client that does not want to see thoughts gets none: what is left of them is the
 *     signature, without which the vendor would not go on.  Another vendor's thoughts are
 *     shown to those who asked for them only, by the rules of the client's dialect, but to
 *     Chat's, who cannot ask.  An Anthropic client that did not switch thinking on gets no
 *     signatures either, those of calls included: all its places for them are blocks that
 *     its own vendor would not send it.
 *   - Parts and events that only the upstream's dialect knows are left out where the
 *     dialects differ, and reported; so are RAW events whose name is no plain word (of
 *     letters, digits, `_`, `.` and `-`).
 *   - The order is that of weir-event.h and blocks are numbered anew without gaps, whatever
 *     was left out.
 *
 * Nothing else is held back: what comes in goes out during the same call. */

#include "chat/weir-encoder.h"

typedef struct _WeirBridge WeirBridge;

/* The client's request, the upstream's dialect and our id stand in @encoder's options;
 * @encoder (unowned) must outlive the bridge. */
WeirBridge *weir_bridge_new (WeirEncoder *encoder);
void weir_bridge_free (WeirBridge *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBridge, weir_bridge_free)

/* Where what follows is appended; @out (unowned) must be set before the first event. */
void weir_bridge_set_output (WeirBridge *self, GString *out);

/* A WeirEventSink whose user_data is the bridge.  ERROR events are passed over: whoever
 * watches the decoder says them by weir_encoder_fail. */
void weir_bridge_sink (const WeirEvent *event, gpointer bridge);

/* The decoder said COMPLETE: closes what is open, then weir_encoder_end, whose errors these
 * are; also WEIR_ERROR_BAD_UPSTREAM where the model of another vendor said no usable answer
 * (WEIR_FINISH_BROKEN). */
gboolean weir_bridge_end (WeirBridge *self, GError **error);
