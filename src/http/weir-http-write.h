/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Heads appended to bytes.  Values are checked here: nothing that could split a head gets
 * through. */

#include "http/weir-http-head.h"

/* Appends `HTTP/1.1 STATUS REASON\r\n`. */
void weir_http_write_status (GString *out, unsigned status);
/* Appends `METHOD TARGET HTTP/1.1\r\n`. @target must be printable ASCII without space. */
void weir_http_write_request_line (GString *out, WeirHttpMethod method, WeirSlice target);
/* Appends `NAME: VALUE\r\n`.  FALSE, and nothing appended, when the name is no token or the
 * value holds a byte below 0x20 (but tab), 0x7f, or white space at an end. */
gboolean weir_http_write_field (GString *out, const char *name, WeirSlice value);
void weir_http_write_field_uint (GString *out, const char *name, uint64_t value);
/* Appends `Date: …` (IMF-fixdate); @real_us is weir_clock_real_us.  Cached for the second.
 */
void weir_http_write_date (GString *out, int64_t real_us);
/* Appends the empty line. */
void weir_http_write_end (GString *out);
/* The reason phrase of RFC 9110 for @status, or "". */
const char *weir_http_get_reason (unsigned status);
/* TRUE when @name is a token and @value may stand in a field. */
gboolean weir_http_is_field (WeirSlice name, WeirSlice value);
