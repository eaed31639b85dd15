/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The body behind a head: follows its framing through any cut of the bytes.  Pure. */

#include "http/weir-http-head.h"

typedef struct
{
  WeirHttpFraming framing;
  uint64_t left;    /* bytes left of the body (LENGTH) or of the current chunk (CHUNKED) */
  uint64_t decoded; /* payload bytes so far */
  unsigned state;   /* of the chunk grammar */
  unsigned digits;  /* of the size being read */
  unsigned extension; /* bytes of the extension being skipped */
  unsigned trailer;   /* bytes of trailers skipped */
  gboolean done;
} WeirHttpBody;

/* @head decides the framing.  FRAMING_NONE and a length of 0 are done at once. */
void weir_http_body_init (WeirHttpBody *self, const WeirHttpHead *head);

/* Reads @length bytes at @bytes and moves the payload among them together at the front of
 * @bytes, in place: *out_payload bytes of it.  *out_consumed bytes of the input belonged to
 * this body; what is behind them (only when done) is the next message's.  Chunk extensions
 * (at most 256 bytes a line) and trailers (at most 8 KiB in all, read strictly) are
 * discarded.  BAD is WEIR_ERROR_BAD_FRAMING, and stays; payload before the fault is still
 * counted in *out_payload. */
WeirHttpResult weir_http_body_decode (WeirHttpBody *self,
                                      char *bytes,
                                      size_t length,
                                      size_t *out_payload,
                                      size_t *out_consumed,
                                      GError **error);

/* The connection ended.  TRUE when the body was whole: done, or framed by the close. */
gboolean weir_http_body_end (const WeirHttpBody *self);

#define WEIR_HTTP_CHUNK_HEAD_MAX 20

/* Writes the size line of a chunk of @length (> 0) bytes to @out (not NUL-terminated) and
 * returns its length. The chunk's data and CRLF follow; the last chunk is
 * WEIR_HTTP_LAST_CHUNK. */
size_t weir_http_chunk_head (char out[WEIR_HTTP_CHUNK_HEAD_MAX], size_t length);
#define WEIR_HTTP_LAST_CHUNK "0\r\n\r\n"
