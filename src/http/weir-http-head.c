/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What requests and responses share: the end of a head, its fields, and what the fields say
 * about framing.  First lines are in weir-http-request.c and weir-http-response.c. */

#include "config.h"

#include "http/weir-http-head.h"
#include "http/weir-http-grammar.h"

/* How much of a first line tells a stranger's protocol from ours. */
#define OPENING_LENGTH 8u
#define METHOD_MAX 32u

/* What stands before a request line, at most two empty lines (RFC 9112, 2.2 wants one). */
static size_t
count_leading (const char *text, size_t length)
{
  size_t start = 0;

  while (start < 4 && length - start >= 2 && text[start] == '\r' && text[start + 1] == '\n')
    start += 2;
  return start;
}

/* Reads lines from @at on up to @stop; a line end may reach behind it, up to @length. */
static WeirHttpResult
scan_lines (
    const char *text, size_t start, size_t stop, size_t length, size_t *at, GError **error)
{
  while (*at < stop)
    {
      const char *hit = weir_http_skip_text (text + *at, text + stop);
      gboolean is_empty;

      *at = (size_t)(hit - text);
      if (*at == stop)
        break;
      if (*hit == '\r' && *at + 1 == length)
        break;
      if (*hit != '\r' || hit[1] != '\n')
        {
          weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "control byte in the head");
          return WEIR_HTTP_BAD;
        }
      if (*at == start)
        {
          weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "empty lines before the head");
          return WEIR_HTTP_BAD;
        }
      is_empty = hit[-1] == '\n';
      *at += 2;
      if (is_empty)
        return WEIR_HTTP_DONE;
    }
  return WEIR_HTTP_MORE;
}

/* Another protocol's greeting is answered at once, not after the deadline of a head: a
 * method is made of letters, an answer starts with HTTP/. */
static gboolean
check_opening (const char *line, GError **error)
{
  if (memcmp (line, "HTTP/", 5) == 0)
    return TRUE;
  for (size_t i = 0; i < OPENING_LENGTH && line[i] != ' '; i++)
    if (!g_ascii_isalpha (line[i]) && line[i] != '-' && line[i] != '_')
      return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "first line is not HTTP");
  return TRUE;
}

static gboolean
check_first_line (const char *line, GError **error)
{
  if (memchr (line, '\n', WEIR_HTTP_REQUEST_LINE_MAX + 2) != NULL)
    return TRUE;
  if (memchr (line, ' ', METHOD_MAX) == NULL)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "method too long");
  return weir_error_set (error, WEIR_ERROR_TARGET_TOO_LONG, "first line too long");
}

WeirHttpResult
weir_http_head_find_end (
    const char *text, size_t length, size_t *scanned, size_t *out_length, GError **error)
{
  typedef gboolean (*Check) (const char *line, GError **error);
  /* bytes of the first line after which it is judged: the position alone decides, so that
   * the verdict does not depend on how the bytes were cut */
  static const struct
  {
    size_t offset;
    Check check;
  } stops[] = {
    { OPENING_LENGTH, check_opening },
    { WEIR_HTTP_REQUEST_LINE_MAX + 2, check_first_line },
  };
  size_t usable = MIN (length, WEIR_HTTP_HEAD_MAX);
  size_t start = count_leading (text, usable);
  size_t at = MAX (*scanned, start);
  WeirHttpResult result = WEIR_HTTP_MORE;

  for (unsigned i = 0; i < G_N_ELEMENTS (stops) && result == WEIR_HTTP_MORE; i++)
    {
      size_t stop = start + stops[i].offset;

      if (at >= stop)
        continue;
      result = scan_lines (text, start, MIN (stop, usable), usable, &at, error);
      if (result == WEIR_HTTP_MORE && at >= stop && !stops[i].check (text + start, error))
        result = WEIR_HTTP_BAD;
    }
  if (result == WEIR_HTTP_MORE)
    result = scan_lines (text, start, usable, usable, &at, error);
  *scanned = at;
  if (result == WEIR_HTTP_DONE)
    *out_length = at;
  if (result != WEIR_HTTP_MORE || length < WEIR_HTTP_HEAD_MAX)
    return result;
  weir_error_set (error, WEIR_ERROR_HEAD_TOO_LARGE, "head too large");
  return WEIR_HTTP_BAD;
}

static WeirHttpKey
find_key (WeirSlice name)
{
  static const struct
  {
    WeirHttpKey key;
    const char *name;
  } by_length[] = {
    [4] = { WEIR_HTTP_KEY_HOST, "host" },
    [6] = { WEIR_HTTP_KEY_EXPECT, "expect" },
    [7] = { WEIR_HTTP_KEY_UPGRADE, "upgrade" },
    [10] = { WEIR_HTTP_KEY_CONNECTION, "connection" },
    [13] = { WEIR_HTTP_KEY_AUTHORIZATION, "authorization" },
    [14] = { WEIR_HTTP_KEY_CONTENT_LENGTH, "content-length" },
    [17] = { WEIR_HTTP_KEY_TRANSFER_ENCODING, "transfer-encoding" },
  };
  const char *known;

  if (name.length >= G_N_ELEMENTS (by_length))
    return WEIR_HTTP_KEY_NONE;
  known = by_length[name.length].name;
  if (known == NULL || (name.text[0] | 0x20) != known[0]
      || !weir_slice_equal_nocase (name, (WeirSlice){ known, name.length }))
    return WEIR_HTTP_KEY_NONE;
  return by_length[name.length].key;
}

/* Reads the line at *at, which ends before the empty line that ends the head: that is why
 * the loops need no bound. */
static gboolean
read_field (const char **at, const char *end, WeirHttpField *out, GError **error)
{
  const char *name = *at;
  const char *value = name;
  const char *line_end;

  while (weir_http_byte_is (*value, WEIR_HTTP_BYTE_TOKEN))
    value++;
  if (value == name || *value != ':')
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "field without a proper name");
  out->name = (WeirSlice){ name, (size_t)(value - name) };
  value++;
  while (weir_http_byte_is_blank (*value))
    value++;
  line_end = weir_http_skip_text (value, end);
  if (line_end[0] != '\r' || line_end[1] != '\n')
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "control byte in a field");
  *at = line_end + 2;
  while (line_end > value && weir_http_byte_is_blank (line_end[-1]))
    line_end--;
  out->value = (WeirSlice){ value, (size_t)(line_end - value) };
  return TRUE;
}

gboolean
weir_http_head_read (WeirHttpHead *self,
                     WeirSlice text,
                     WeirSlice *out_line,
                     WeirHttpKeys *out_keys,
                     GError **error)
{
  const char *end = text.text + text.length;
  const char *at = text.text;

  /* not the table of fields: 4 KiB that nobody reads */
  memset (self, 0, G_STRUCT_OFFSET (WeirHttpHead, fields));
  memset (out_keys->count, 0, sizeof out_keys->count);
  self->n_fields = 0;
  if (!weir_slice_has_suffix (text, WEIR_SLICE ("\r\n\r\n")))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "head is not whole");

  at = weir_http_skip_text (at, end);
  if (at == text.text || at[0] != '\r' || at[1] != '\n')
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "control byte in the first line");
  *out_line = (WeirSlice){ text.text, (size_t)(at - text.text) };
  at += 2;
  while (*at != '\r')
    {
      WeirHttpField *field = &self->fields[self->n_fields];
      WeirHttpKey key;

      if (self->n_fields == WEIR_HTTP_FIELDS_MAX)
        return weir_error_set (error, WEIR_ERROR_HEAD_TOO_LARGE, "too many fields");
      if (!read_field (&at, end, field, error))
        return FALSE;
      self->n_fields++;
      key = find_key (field->name);
      out_keys->count[key]++;
      out_keys->last[key] = field->value;
    }
  if (at + 2 != end)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "bytes behind the head");
  return TRUE;
}

gboolean
weir_http_head_read_version (WeirHttpHead *self, WeirSlice text, GError **error)
{
  if (text.length != 8 || memcmp (text.text, "HTTP/", 5) != 0
      || !g_ascii_isdigit (text.text[5]) || text.text[6] != '.'
      || !g_ascii_isdigit (text.text[7]))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed HTTP version");
  if (text.text[5] != '1' || text.text[7] > '1')
    return weir_error_set (error, WEIR_ERROR_HTTP_VERSION, "HTTP version not spoken here");
  self->minor = (unsigned)(text.text[7] - '0');
  return TRUE;
}

static gboolean
read_content_length (WeirHttpHead *self, WeirSlice value, GError **error)
{
  uint64_t length = 0;

  if (value.length < 1 || value.length > 18)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed content length");
  for (size_t i = 0; i < value.length; i++)
    {
      if (!g_ascii_isdigit (value.text[i]))
        return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed content length");
      length = length * 10 + (uint64_t)(value.text[i] - '0');
    }
  self->framing = WEIR_HTTP_FRAMING_LENGTH;
  self->content_length = length;
  return TRUE;
}

static gboolean
read_transfer_encoding (WeirHttpHead *self, WeirSlice value, GError **error)
{
  if (self->minor == 0)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING,
                           "transfer coding in an HTTP/1.0 message");
  if (!weir_http_is_token (value))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed transfer coding");
  if (!weir_slice_equal_nocase (value, WEIR_SLICE ("chunked")))
    return weir_error_set (error, WEIR_ERROR_NOT_IMPLEMENTED, "unknown transfer coding");
  self->framing = WEIR_HTTP_FRAMING_CHUNKED;
  return TRUE;
}

gboolean
weir_http_head_read_framing (WeirHttpHead *self, const WeirHttpKeys *keys, GError **error)
{
  unsigned n_lengths = keys->count[WEIR_HTTP_KEY_CONTENT_LENGTH];
  unsigned n_codings = keys->count[WEIR_HTTP_KEY_TRANSFER_ENCODING];

  self->keep_alive = self->minor > 0;
  if (keys->count[WEIR_HTTP_KEY_CONNECTION] > 0)
    self->keep_alive = !weir_http_head_has_token (self, "connection", "close")
                       && (self->minor > 0
                           || weir_http_head_has_token (self, "connection", "keep-alive"));
  if (n_lengths + n_codings > 1)
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING,
                           "more than one field gives the length");
  if (n_lengths == 1)
    return read_content_length (self, keys->last[WEIR_HTTP_KEY_CONTENT_LENGTH], error);
  if (n_codings == 1)
    return read_transfer_encoding (self, keys->last[WEIR_HTTP_KEY_TRANSFER_ENCODING],
                                   error);
  return TRUE;
}

WeirSlice
weir_http_head_get (const WeirHttpHead *self, const char *name)
{
  WeirSlice wanted = weir_slice_from_string (name);

  for (unsigned i = 0; i < self->n_fields; i++)
    if (weir_slice_equal_nocase (self->fields[i].name, wanted))
      return self->fields[i].value;
  return (WeirSlice){ NULL, 0 };
}

unsigned
weir_http_head_count (const WeirHttpHead *self, const char *name)
{
  WeirSlice wanted = weir_slice_from_string (name);
  unsigned count = 0;

  for (unsigned i = 0; i < self->n_fields; i++)
    if (weir_slice_equal_nocase (self->fields[i].name, wanted))
      count++;
  return count;
}

static gboolean
list_has_token (WeirSlice list, WeirSlice token)
{
  while (list.length > 0)
    {
      const char *comma = memchr (list.text, ',', list.length);
      size_t length = comma != NULL ? (size_t)(comma - list.text) : list.length;
      size_t skip = MIN (length + 1, list.length);

      if (weir_slice_equal_nocase (weir_http_trim ((WeirSlice){ list.text, length }),
                                   token))
        return TRUE;
      list = (WeirSlice){ list.text + skip, list.length - skip };
    }
  return FALSE;
}

gboolean
weir_http_head_has_token (const WeirHttpHead *self, const char *name, const char *token)
{
  WeirSlice wanted = weir_slice_from_string (name);
  WeirSlice wanted_token = weir_slice_from_string (token);

  for (unsigned i = 0; i < self->n_fields; i++)
    if (weir_slice_equal_nocase (self->fields[i].name, wanted)
        && list_has_token (self->fields[i].value, wanted_token))
      return TRUE;
  return FALSE;
}
