/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Targets, queries and authorities.  Nothing is resolved or made canonical: a spelling that
 * two readers could read in two ways is refused. */

#include "config.h"

#include "http/weir-http-grammar.h"

#include <arpa/inet.h>

/* The byte that the escape at the start of @text stands for, or -1. */
static int
read_escape (const char *text, size_t length)
{
  int high;
  int low;

  if (length < 3 || text[0] != '%')
    return -1;
  high = g_ascii_xdigit_value (text[1]);
  low = g_ascii_xdigit_value (text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* How many bytes the escapes of one character at the start of @text take; 0 when they are
 * broken, no UTF-8, or stand for a byte that would change the meaning of a path. */
static size_t
measure_escaped (const char *text, size_t length)
{
  char decoded[4];
  size_t count = 0;

  while (count < sizeof decoded)
    {
      int byte = read_escape (text + 3 * count, length - 3 * count);
      gunichar character;

      if (byte < 0)
        return 0;
      decoded[count++] = (char)byte;
      if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\')
        return 0;
      character = g_utf8_get_char_validated (decoded, (gssize)count);
      if (character != (gunichar)-2)
        return character != (gunichar)-1 ? 3 * count : 0;
    }
  return 0;
}

/* Is the segment `.` or `..`, dots spelt in any way? */
static gboolean
is_dot_segment (WeirSlice segment)
{
  unsigned dots = 0;

  for (size_t i = 0; i < segment.length; dots++)
    if (segment.text[i] == '.')
      i++;
    else if (read_escape (segment.text + i, segment.length - i) == '.')
      i += 3;
    else
      return FALSE;
  return dots == 1 || dots == 2;
}

static gboolean
check_path (WeirSlice path, GError **error)
{
  size_t segment = 1; /* behind the last slash */

  for (size_t i = 1; i <= path.length;)
    {
      size_t step = 1;

      if (i == path.length || path.text[i] == '/')
        {
          if (i == segment && i < path.length)
            return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "empty path segment");
          if (is_dot_segment ((WeirSlice){ path.text + segment, i - segment }))
            return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "dot segment in a path");
          segment = i + 1;
        }
      else if (path.text[i] == '%')
        step = measure_escaped (path.text + i, path.length - i);
      else if (!weir_http_byte_is (path.text[i], WEIR_HTTP_BYTE_PATH))
        step = 0;
      if (step == 0)
        return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "forbidden byte in a path");
      i += step;
    }
  return TRUE;
}

static gboolean
check_query (WeirSlice query, GError **error)
{
  for (size_t i = 0; i < query.length; i++)
    if (query.text[i] == '%' ? read_escape (query.text + i, query.length - i) < 0
                             : !weir_http_byte_is (query.text[i], WEIR_HTTP_BYTE_QUERY))
      return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "forbidden byte in a query");
  return TRUE;
}

gboolean
weir_http_target_split (WeirSlice target,
                        WeirSlice *out_path,
                        WeirSlice *out_query,
                        GError **error)
{
  const char *mark = memchr (target.text, '?', target.length);
  WeirSlice path = target;
  WeirSlice query = { "", 0 };

  if (mark != NULL)
    {
      path.length = (size_t)(mark - target.text);
      query = (WeirSlice){ mark + 1, target.length - path.length - 1 };
    }
  if (!check_path (path, error) || !check_query (query, error))
    return FALSE;
  *out_path = path;
  *out_query = query;
  return TRUE;
}

char *
weir_http_percent_decode (WeirSlice text)
{
  g_autofree char *decoded = g_malloc (text.length + 1);
  size_t length = 0;

  for (size_t i = 0; i < text.length;)
    {
      int byte = (unsigned char)text.text[i];

      if (byte == '%')
        byte = read_escape (text.text + i, text.length - i);
      if (byte < 0x20 || byte == 0x7f)
        return NULL;
      decoded[length++] = (char)byte;
      i += text.text[i] == '%' ? 3 : 1;
    }
  decoded[length] = '\0';
  return g_utf8_validate_len (decoded, length, NULL) ? g_steal_pointer (&decoded) : NULL;
}

char *
weir_http_query_dup (WeirSlice query, const char *name)
{
  WeirSlice wanted = weir_slice_from_string (name);

  while (query.length > 0)
    {
      const char *next = memchr (query.text, '&', query.length);
      size_t length = next != NULL ? (size_t)(next - query.text) : query.length;
      const char *equals = memchr (query.text, '=', length);
      size_t name_length = equals != NULL ? (size_t)(equals - query.text) : length;
      size_t value_start = MIN (name_length + 1, length);
      size_t skip = MIN (length + 1, query.length);

      if (weir_slice_equal ((WeirSlice){ query.text, name_length }, wanted))
        return weir_http_percent_decode (
            (WeirSlice){ query.text + value_start, length - value_start });
      query = (WeirSlice){ query.text + skip, query.length - skip };
    }
  return NULL;
}

static gboolean
is_ipv6 (WeirSlice text)
{
  char literal[INET6_ADDRSTRLEN];
  struct in6_addr address;

  if (text.length >= sizeof literal || memchr (text.text, '\0', text.length) != NULL)
    return FALSE;
  memcpy (literal, text.text, text.length);
  literal[text.length] = '\0';
  return inet_pton (AF_INET6, literal, &address) == 1;
}

static gboolean
is_name (WeirSlice text)
{
  for (size_t i = 0; i < text.length; i++)
    if (!weir_http_byte_is (text.text[i], WEIR_HTTP_BYTE_NAME))
      return FALSE;
  return text.length > 0 && text.length <= 253;
}

/* `:` and 1 to 65535 without leading zeros, or nothing. */
static gboolean
read_port (WeirSlice text, uint16_t *out)
{
  unsigned port = 0;

  *out = 0;
  if (text.length == 0)
    return TRUE;
  if (text.length < 2 || text.length > 6 || text.text[0] != ':' || text.text[1] == '0')
    return FALSE;
  for (size_t i = 1; i < text.length; i++)
    {
      if (!g_ascii_isdigit (text.text[i]))
        return FALSE;
      port = port * 10 + (unsigned)(text.text[i] - '0');
    }
  *out = (uint16_t)port;
  return port <= UINT16_MAX;
}

gboolean
weir_http_authority_parse (WeirSlice text, WeirHttpAuthority *out)
{
  WeirHttpAuthority parsed = { .host = text };
  WeirSlice port = { "", 0 };
  const char *end;

  if (text.length == 0)
    return FALSE;
  parsed.is_ipv6 = text.text[0] == '[';
  end = memchr (text.text, parsed.is_ipv6 ? ']' : ':', text.length);
  if (parsed.is_ipv6 && end == NULL)
    return FALSE;
  if (parsed.is_ipv6)
    parsed.host = (WeirSlice){ text.text + 1, (size_t)(end++ - text.text) - 1 };
  else if (end != NULL)
    parsed.host.length = (size_t)(end - text.text);
  if (end != NULL)
    port = (WeirSlice){ end, text.length - (size_t)(end - text.text) };
  if (!(parsed.is_ipv6 ? is_ipv6 (parsed.host) : is_name (parsed.host))
      || !read_port (port, &parsed.port))
    return FALSE;
  *out = parsed;
  return TRUE;
}
