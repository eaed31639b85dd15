/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Strict HTTP/1.1 message heads (RFC 9112), read from bytes that stay where they are. Pure:
 * no I/O, no allocation but for errors.  What two readers could read in two ways is
 * refused; each rule is a row in the tests. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#include <stdint.h>

#define WEIR_HTTP_FIELDS_MAX 128
#define WEIR_HTTP_REQUEST_LINE_MAX 8192u
#define WEIR_HTTP_HEAD_MAX 65536u

typedef struct
{
  WeirSlice name;  /* a token, case as it came */
  WeirSlice value; /* without white space around it; no byte < 0x20 but tab, no 0x7f */
} WeirHttpField;

typedef enum
{
  WEIR_HTTP_MORE, /* good so far: call again with more bytes */
  WEIR_HTTP_DONE,
  WEIR_HTTP_BAD, /* error set; the connection cannot be used any further */
} WeirHttpResult;

typedef enum
{
  WEIR_HTTP_GET,
  WEIR_HTTP_HEAD,
  WEIR_HTTP_POST,
  WEIR_HTTP_PUT,
  WEIR_HTTP_PATCH,
  WEIR_HTTP_DELETE,
  WEIR_HTTP_OPTIONS,
  WEIR_HTTP_METHOD_LAST,
} WeirHttpMethod;

/* How the body behind a head is framed. */
typedef enum
{
  WEIR_HTTP_FRAMING_NONE,
  WEIR_HTTP_FRAMING_LENGTH,
  WEIR_HTTP_FRAMING_CHUNKED,
  WEIR_HTTP_FRAMING_CLOSE, /* responses only: until the connection ends */
} WeirHttpFraming;

typedef struct
{
  /* requests */
  WeirHttpMethod method;
  WeirSlice target; /* origin-form as it came, without an authority in front that agrees
                       with the Host field; or `*` for OPTIONS */
  WeirSlice path;   /* the target up to `?`, not decoded; no %2f %5c %00 %0a %0d, no dot
                       segments, no `//` */
  WeirSlice query;  /* behind `?`, not decoded; empty when there is none */
  WeirSlice host;   /* the one Host field's value */
  gboolean expect_continue;
  gboolean upgrade; /* an Upgrade field with `upgrade` in Connection */
  /* responses */
  unsigned status; /* 100 to 599 */
  /* both */
  unsigned minor; /* HTTP/1.minor: 0 or 1 */
  gboolean keep_alive;
  WeirHttpFraming framing;
  uint64_t content_length; /* where framing is LENGTH */
  WeirHttpField fields[WEIR_HTTP_FIELDS_MAX];
  unsigned n_fields;
} WeirHttpHead;

/* Looks for the end of a head in the first @length bytes.  @scanned (inout, 0 at the start
 * of a message) remembers where to go on, so that many short feeds cost no more than one
 * long one.  DONE: *out_length is the head's length with its empty line (empty lines before
 * a request line, at most 2, are counted in).  BAD as soon as a byte is seen that no head
 * may hold (bare LF, bare CR, NUL, other control bytes), the first 8 bytes are another
 * protocol's, or a limit is passed: WEIR_ERROR_BAD_FRAMING, WEIR_ERROR_TARGET_TOO_LONG,
 * WEIR_ERROR_HEAD_TOO_LARGE, for responses too.  The verdict does not depend on the cuts.
 */
WeirHttpResult weir_http_head_find_end (
    const char *text, size_t length, size_t *scanned, size_t *out_length, GError **error);

/* Reads a whole request head of @length bytes (as found above).  Slices point into @text.
 * FALSE with WEIR_ERROR_BAD_FRAMING, _METHOD_NOT_ALLOWED (known to HTTP but not offered:
 * CONNECT, TRACE), _NOT_IMPLEMENTED (unknown method or transfer coding), _EXPECTATION,
 * _HTTP_VERSION, _HEAD_TOO_LARGE, _MISDIRECTED (absolute-form with a foreign authority).
 * Without any length the framing is NONE.
 * After any of them the connection is closed behind the answer. */
gboolean weir_http_head_parse_request (WeirHttpHead *self,
                                       const char *text,
                                       size_t length,
                                       GError **error);

/* The same for a response.  @to_head: the request was HEAD, so no body follows.  1xx, 204
 * and 304 have none either.  keep_alive is FALSE where the body ends with the connection,
 * and behind a 204 that announces a body.  Errors: WEIR_ERROR_BAD_UPSTREAM for everything,
 * even two equal lengths. */
gboolean weir_http_head_parse_response (
    WeirHttpHead *self, const char *text, size_t length, gboolean to_head, GError **error);

/* The first field called @name (ASCII case does not count); NULL text where there is none.
 */
WeirSlice weir_http_head_get (const WeirHttpHead *self, const char *name);

/* How many fields are called @name. */
unsigned weir_http_head_count (const WeirHttpHead *self, const char *name);

/* Does a comma-separated list field hold the token @token, in any of its lines? */
gboolean
weir_http_head_has_token (const WeirHttpHead *self, const char *name, const char *token);

const char *weir_http_method_get_name (WeirHttpMethod method);

/* (transfer full) (nullable): the percent-decoded value of the first query parameter @name;
 * NULL when absent, when an escape is broken or when it decodes to a control byte. */
char *weir_http_query_dup (WeirSlice query, const char *name);

/* (transfer full) (nullable): @text percent-decoded; NULL when an escape is broken, or it
 * decodes to a control byte or invalid UTF-8. */
char *weir_http_percent_decode (WeirSlice text);

/* An authority: name or IP literal, and port (0 where none stands). */
typedef struct
{
  WeirSlice host; /* an IPv6 literal without its brackets */
  uint16_t port;
  gboolean is_ipv6;
} WeirHttpAuthority;

/* Strict: no user information, no empty host, IPv6 only in brackets, port 1 to 65535. */
gboolean weir_http_authority_parse (WeirSlice text, WeirHttpAuthority *out);
