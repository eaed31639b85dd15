/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The content coding of a body (RFC 9110, 8.4): gzip and deflate, undone through any cut of
 * the bytes.  Pure. */

#include "base/weir-slice.h"
#include "http/weir-http-head.h"

typedef struct _WeirHttpCoding WeirHttpCoding;

/* (transfer full) (nullable): NULL when @name, the value of Content-Encoding, is none that
 * can be undone here. */
WeirHttpCoding *weir_http_coding_new (WeirSlice name);
void weir_http_coding_free (WeirHttpCoding *self);

/* Undoes what stands at the front of @bytes into @out: *out_consumed bytes of it became
 * *out_length bytes, 0 to @out_size.  MORE: call again with the rest, also when nothing is
 * left but @out came back full.  DONE: the coding is at its end, and stays; bytes behind it
 * are none of the body's.  BAD is WEIR_ERROR_BAD_FRAMING. */
WeirHttpResult weir_http_coding_decode (WeirHttpCoding *self,
                                        WeirSlice bytes,
                                        char *out,
                                        size_t out_size,
                                        size_t *out_consumed,
                                        size_t *out_length,
                                        GError **error);

/* The body ended.  TRUE when the coding was at its end as well. */
gboolean weir_http_coding_end (const WeirHttpCoding *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirHttpCoding, weir_http_coding_free)
