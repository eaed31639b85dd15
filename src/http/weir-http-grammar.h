/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Which byte may stand where, and the shared core of both kinds of head.  Inside this room
 * only. */

#include "http/weir-http-head.h"

typedef enum
{
  WEIR_HTTP_BYTE_TOKEN = 1 << 0, /* field names and methods (RFC 9110, 5.6.2) */
  WEIR_HTTP_BYTE_PATH = 1 << 1,  /* pchar and `/`, without `%` (RFC 3986, 3.3) */
  WEIR_HTTP_BYTE_QUERY = 1 << 2, /* what browsers send there unescaped, without `%` */
  WEIR_HTTP_BYTE_NAME = 1 << 3,  /* registered host names */
} WeirHttpByte;

extern const uint8_t weir_http_bytes[256]; /* of WeirHttpByte flags */

static inline gboolean
weir_http_byte_is (char byte, WeirHttpByte kind)
{
  return (weir_http_bytes[(unsigned char)byte] & kind) != 0;
}

/* May the byte stand in a line of a head?  Tab, and all from 0x20 on but 0x7f. */
static inline gboolean
weir_http_byte_is_text (char byte)
{
  unsigned char value = (unsigned char)byte;

  return value >= 0x20 ? value != 0x7f : value == '\t';
}

static inline gboolean
weir_http_byte_is_blank (char byte)
{
  return byte == ' ' || byte == '\t';
}

/* The first byte from @at on that may not stand in a line of a head, or @end. */
const char *weir_http_skip_text (const char *at, const char *end);

gboolean weir_http_is_token (WeirSlice text);

/* The value without blanks at its ends. */
WeirSlice weir_http_trim (WeirSlice text);

/* Fields that decide about the message itself. */
typedef enum
{
  WEIR_HTTP_KEY_NONE,
  WEIR_HTTP_KEY_HOST,
  WEIR_HTTP_KEY_EXPECT,
  WEIR_HTTP_KEY_UPGRADE,
  WEIR_HTTP_KEY_CONNECTION,
  WEIR_HTTP_KEY_AUTHORIZATION,
  WEIR_HTTP_KEY_CONTENT_LENGTH,
  WEIR_HTTP_KEY_TRANSFER_ENCODING,
  WEIR_HTTP_KEY_LAST,
} WeirHttpKey;

typedef struct
{
  unsigned count[WEIR_HTTP_KEY_LAST];
  WeirSlice last[WEIR_HTTP_KEY_LAST]; /* valid where count is not 0 */
} WeirHttpKeys;

/* Empties @self, reads the first line and all fields of a whole head.  @out_line: the first
 * line without its end.  Fails with WEIR_ERROR_BAD_FRAMING or _HEAD_TOO_LARGE. */
gboolean weir_http_head_read (WeirHttpHead *self,
                              WeirSlice text,
                              WeirSlice *out_line,
                              WeirHttpKeys *out_keys,
                              GError **error);

/* `HTTP/1.0` or `HTTP/1.1`: sets @self->minor.  WEIR_ERROR_HTTP_VERSION for any other
 * `HTTP/digit.digit`, else WEIR_ERROR_BAD_FRAMING. */
gboolean weir_http_head_read_version (WeirHttpHead *self, WeirSlice text, GError **error);

/* Sets framing, content_length and keep_alive by the fields alone; the version must be set.
 * Without a length the framing is NONE.  Fails with WEIR_ERROR_BAD_FRAMING or, for an
 * unknown transfer coding, _NOT_IMPLEMENTED. */
gboolean
weir_http_head_read_framing (WeirHttpHead *self, const WeirHttpKeys *keys, GError **error);

/* Splits an origin-form target, which must stand for itself: see WeirHttpHead.path. */
gboolean weir_http_target_split (WeirSlice target,
                                 WeirSlice *out_path,
                                 WeirSlice *out_query,
                                 GError **error);
