/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Looks over the shoulder of one answer in the Responses dialect, whoever made it, until it
 * knows the response's id and items.  Pure. */

#include "chat/weir-response-store.h"

typedef struct _WeirResponseRecorder WeirResponseRecorder;

/* @body: the request's, whose input is copied behind @before, the items of what it follows.
 * NULL: its input is not what the dialect says or stands elsewhere (`conversation`), and
 * nothing can be remembered. */
WeirResponseRecorder *weir_response_recorder_new (WeirSlice before, WeirSlice body);
void weir_response_recorder_free (WeirResponseRecorder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirResponseRecorder, weir_response_recorder_free)

/* The type of an event of the dialect, whether it is named or not; borrowed. */
WeirSlice weir_response_recorder_get_type (WeirSlice name, WeirSlice data);

/* Nobody else keeps the response: thoughts without their encrypted content are left out,
 * for the vendor would look for them by their id and refuse all of the next request. */
void weir_response_recorder_drop_bare_thoughts (WeirResponseRecorder *self);

/* The answer's next bytes, in any cut. */
void weir_response_recorder_feed (WeirResponseRecorder *self, WeirSlice bytes);
/* Or all of it as one document. */
void weir_response_recorder_feed_whole (WeirResponseRecorder *self, WeirSlice body);

/* The response has finished (completed, or incomplete: that can be gone on with too): its
 * id and what weir_response_store_put asks for but the keeper.  FALSE: not yet. */
gboolean weir_response_recorder_get (const WeirResponseRecorder *self,
                                     const char **out_id,
                                     WeirStoredResponse *out);
