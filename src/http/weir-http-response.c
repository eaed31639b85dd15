/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Response heads.  Lenient where real servers need it (no reason phrase, old bytes in it
 * and in values), never about where the body ends. */

#include "config.h"

#include "http/weir-http-head.h"
#include "http/weir-http-grammar.h"

static gboolean
read_status_line (WeirHttpHead *self, WeirSlice line, GError **error)
{
  const char *digits;

  if (line.length < 12 || line.text[8] != ' ' || (line.length > 12 && line.text[12] != ' '))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed status line");
  if (!weir_http_head_read_version (self, (WeirSlice){ line.text, 8 }, error))
    return FALSE;
  digits = line.text + 9;
  if (digits[0] < '1' || digits[0] > '5' || !g_ascii_isdigit (digits[1])
      || !g_ascii_isdigit (digits[2]))
    return weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "status out of range");
  self->status
      = (unsigned)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'));
  return TRUE;
}

/* Which answers have no body is not for the fields to say (RFC 9112, 6.3). */
static void
settle_framing (WeirHttpHead *self, gboolean to_head)
{
  if (self->status == 204 && self->framing != WEIR_HTTP_FRAMING_NONE)
    /* a server that frames what may not be there may also send it */
    self->keep_alive = self->keep_alive && self->framing == WEIR_HTTP_FRAMING_LENGTH
                       && self->content_length == 0;
  if (to_head || self->status < 200 || self->status == 204 || self->status == 304)
    {
      self->framing = WEIR_HTTP_FRAMING_NONE;
      self->content_length = 0;
    }
  else if (self->framing == WEIR_HTTP_FRAMING_NONE)
    {
      self->framing = WEIR_HTTP_FRAMING_CLOSE;
      self->keep_alive = FALSE;
    }
}

gboolean
weir_http_head_parse_response (
    WeirHttpHead *self, const char *text, size_t length, gboolean to_head, GError **error)
{
  g_autoptr (GError) reason = NULL;
  WeirHttpKeys keys;
  WeirSlice line;

  if (!weir_http_head_read (self, (WeirSlice){ text, length }, &line, &keys, &reason)
      || !read_status_line (self, line, &reason)
      || !weir_http_head_read_framing (self, &keys, &reason))
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "%s", reason->message);
  settle_framing (self, to_head);
  return TRUE;
}
