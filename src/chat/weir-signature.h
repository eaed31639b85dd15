/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Opaque signatures on their way through a client of another dialect: it stores and returns
 * them, and on their return their true origin must be known.
 *
 * The wrapped form is itself valid standard base64 with padding: some clients decode what
 * they store and encode it anew, perhaps in the URL's alphabet and without padding.  It
 * says nothing about who may use it: whoever forges one only gets bytes to the vendor that
 * he could have sent there himself. */

#include "chat/weir-request.h"

/* @signature (escaped; empty: nobody signed), made by @origin, in its wrapped form.
 * @scratch is overwritten; the slice is good until it is touched again.  What is wrapped
 * already comes back as it is. */
WeirSlice weir_signature_wrap (WeirDialect origin, WeirSlice signature, GString *scratch);

/* For readers: the signature (escaped) that a client sent with @part.  A wrapped one is
 * unwrapped into @request's arena, @part's origin becomes the true one, and its raw, which
 * is the client's spelling, is emptied; anything else comes back as it is and changes
 * nothing.  So, when @part has been read:
 *   part->thinking.signature
 *       = weir_signature_unwrap (request, part->thinking.signature, part); */
WeirSlice weir_signature_unwrap (WeirRequest *request, WeirSlice signature, WeirPart *part);

/* Is @id (escaped) one that we made for a thought in an answer of Responses, `rs_ID_INDEX`?
 * Behind an id of the vendor's own stands no number. */
gboolean weir_signature_is_made_up_id (WeirSlice id);

/* May @body hold a wrapped signature, or the made up id of a thought?  Then it must be read
 * and written anew even for an upstream of its own dialect, which would refuse that
 * signature, or look for that id. */
gboolean weir_signature_occurs_in (WeirSlice body);
