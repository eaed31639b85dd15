/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* `/v1/responses/{id}`: responses that are still kept here, read, listed and forgotten.
 * What the vendor of a forwarded response keeps itself is not touched. */

#include "chat/weir-response-store.h"
#include "http/weir-http-head.h"
#include "proxy/weir-routes.h"

/* (transfer full) (nullable): the answer to @route, of the kind
 * WEIR_ROUTE_RESPONSE, about the response @id of @owner.  NULL: WEIR_ERROR_NOT_FOUND (not
 * known, forgotten, never stored, another owner's), _UNSUPPORTED (to be streamed again, or
 * cancelled) or _BAD_REQUEST (a parameter). */
GBytes *weir_stored_response_answer (WeirResponseStore *store,
                                     const WeirRoute *route,
                                     const char *owner,
                                     const char *id,
                                     WeirSlice query,
                                     GError **error);
