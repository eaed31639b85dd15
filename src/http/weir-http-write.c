/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Heads appended to bytes.  The caller keeps the order: first line, fields, end. */

#include "config.h"

#include "http/weir-http-write.h"
#include "http/weir-http-grammar.h"

#include "base/weir-clock.h"

#include <time.h>

static const struct
{
  unsigned status;
  const char *reason;
} reasons[] = {
  { 100, "Continue" },
  { 101, "Switching Protocols" },
  { 200, "OK" },
  { 201, "Created" },
  { 202, "Accepted" },
  { 203, "Non-Authoritative Information" },
  { 204, "No Content" },
  { 205, "Reset Content" },
  { 206, "Partial Content" },
  { 300, "Multiple Choices" },
  { 301, "Moved Permanently" },
  { 302, "Found" },
  { 303, "See Other" },
  { 304, "Not Modified" },
  { 305, "Use Proxy" },
  { 307, "Temporary Redirect" },
  { 308, "Permanent Redirect" },
  { 400, "Bad Request" },
  { 401, "Unauthorized" },
  { 402, "Payment Required" },
  { 403, "Forbidden" },
  { 404, "Not Found" },
  { 405, "Method Not Allowed" },
  { 406, "Not Acceptable" },
  { 407, "Proxy Authentication Required" },
  { 408, "Request Timeout" },
  { 409, "Conflict" },
  { 410, "Gone" },
  { 411, "Length Required" },
  { 412, "Precondition Failed" },
  { 413, "Content Too Large" },
  { 414, "URI Too Long" },
  { 415, "Unsupported Media Type" },
  { 416, "Range Not Satisfiable" },
  { 417, "Expectation Failed" },
  { 421, "Misdirected Request" },
  { 422, "Unprocessable Content" },
  { 426, "Upgrade Required" },
  { 500, "Internal Server Error" },
  { 501, "Not Implemented" },
  { 502, "Bad Gateway" },
  { 503, "Service Unavailable" },
  { 504, "Gateway Timeout" },
  { 505, "HTTP Version Not Supported" },
  /* not of RFC 9110, but answered here: RFC 6585 and RFC 5842 */
  { 429, "Too Many Requests" },
  { 431, "Request Header Fields Too Large" },
  { 508, "Loop Detected" },
};

const char *
weir_http_get_reason (unsigned status)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i].status == status)
      return reasons[i].reason;
  return "";
}

static void
append_digits (GString *out, uint64_t value)
{
  char digits[20];
  size_t at = sizeof digits;

  do
    digits[--at] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  weir_slice_append ((WeirSlice){ digits + at, sizeof digits - at }, out);
}

void
weir_http_write_status (GString *out, unsigned status)
{
  g_return_if_fail (status >= 100 && status <= 599);

  weir_slice_append (WEIR_SLICE ("HTTP/1.1 "), out);
  append_digits (out, status);
  g_string_append_c (out, ' ');
  g_string_append (out, weir_http_get_reason (status));
  weir_slice_append (WEIR_SLICE ("\r\n"), out);
}

void
weir_http_write_request_line (GString *out, WeirHttpMethod method, WeirSlice target)
{
  g_return_if_fail (target.length > 0);
  for (size_t i = 0; i < target.length; i++)
    g_return_if_fail (target.text[i] > 0x20 && target.text[i] < 0x7f);

  g_string_append (out, weir_http_method_get_name (method));
  g_string_append_c (out, ' ');
  weir_slice_append (target, out);
  weir_slice_append (WEIR_SLICE (" HTTP/1.1\r\n"), out);
}

gboolean
weir_http_is_field (WeirSlice name, WeirSlice value)
{
  const char *end;

  if (!weir_http_is_token (name))
    return FALSE;
  if (value.length == 0)
    return TRUE;
  end = value.text + value.length;
  return !weir_http_byte_is_blank (value.text[0]) && !weir_http_byte_is_blank (end[-1])
         && weir_http_skip_text (value.text, end) == end;
}

gboolean
weir_http_write_field (GString *out, const char *name, WeirSlice value)
{
  WeirSlice checked = weir_slice_from_string (name);

  if (!weir_http_is_field (checked, value))
    return FALSE;
  weir_slice_append (checked, out);
  weir_slice_append (WEIR_SLICE (": "), out);
  weir_slice_append (value, out);
  weir_slice_append (WEIR_SLICE ("\r\n"), out);
  return TRUE;
}

void
weir_http_write_field_uint (GString *out, const char *name, uint64_t value)
{
  g_return_if_fail (weir_http_is_token (weir_slice_from_string (name)));

  g_string_append (out, name);
  weir_slice_append (WEIR_SLICE (": "), out);
  append_digits (out, value);
  weir_slice_append (WEIR_SLICE ("\r\n"), out);
}

/* Names that no locale changes (RFC 9110, 5.6.7). */
static size_t
format_date (char *out, size_t size, int64_t second)
{
  static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
  static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  time_t moment = (time_t)second;
  struct tm utc;
  int length;

  if (gmtime_r (&moment, &utc) == NULL)
    return 0;
  length = g_snprintf (out, size, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                       days[utc.tm_wday], utc.tm_mday, months[utc.tm_mon],
                       utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return (size_t)length < size ? (size_t)length : 0;
}

void
weir_http_write_date (GString *out, int64_t real_us)
{
  /* a thread's own, so that this room stays free of locks */
  static _Thread_local int64_t cached_second = INT64_MIN;
  static _Thread_local char cached[64];
  static _Thread_local size_t cached_length;
  int64_t second = real_us / WEIR_USEC_PER_SEC;

  if (second != cached_second)
    {
      cached_length = format_date (cached, sizeof cached, second);
      cached_second = second;
    }
  weir_slice_append ((WeirSlice){ cached, cached_length }, out);
}

void
weir_http_write_end (GString *out)
{
  weir_slice_append (WEIR_SLICE ("\r\n"), out);
}
