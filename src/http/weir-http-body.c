/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bodies: counted, chunked, or up to the close.  The chunk grammar is an automaton over
 * single bytes for the few that frame; payload moves in whole pieces. */

#include "config.h"

#include "http/weir-http-body.h"
#include "http/weir-http-grammar.h"

#define SIZE_DIGITS_MAX 16u
#define EXTENSION_MAX 256u
#define TRAILER_MAX 8192u

typedef enum
{
  STATE_SIZE,      /* at or among the digits of a size */
  STATE_EXTENSION, /* behind `;` */
  STATE_SIZE_LF,   /* behind the CR of a size line */
  STATE_DATA,
  STATE_DATA_CR,
  STATE_DATA_LF,
  STATE_TRAILER,       /* at the start of a line behind the last chunk */
  STATE_TRAILER_NAME,  /* behind the first byte of a name */
  STATE_TRAILER_VALUE, /* behind the colon */
  STATE_TRAILER_LF,
  STATE_END_LF, /* behind the CR of the empty line */
  STATE_END,
  STATE_BAD,
} State;

void
weir_http_body_init (WeirHttpBody *self, const WeirHttpHead *head)
{
  *self = (WeirHttpBody){ .framing = head->framing };
  if (head->framing == WEIR_HTTP_FRAMING_LENGTH)
    self->left = head->content_length;
  self->done = head->framing == WEIR_HTTP_FRAMING_NONE
               || (head->framing == WEIR_HTTP_FRAMING_LENGTH && self->left == 0);
}

/* g_ascii_xdigit_value is a call, and this is asked for each digit of each chunk. */
static inline int
get_hex_digit (char byte)
{
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  byte = (char)(byte | 0x20);
  return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static State
read_size (WeirHttpBody *self, char byte)
{
  int digit = get_hex_digit (byte);

  if (digit >= 0)
    {
      if (self->digits == SIZE_DIGITS_MAX)
        return STATE_BAD;
      self->digits++;
      self->left = self->left << 4 | (uint64_t)digit;
      return STATE_SIZE;
    }
  if (self->digits == 0)
    return STATE_BAD;
  if (byte == ';')
    return STATE_EXTENSION;
  return byte == '\r' ? STATE_SIZE_LF : STATE_BAD;
}

static State
read_extension (WeirHttpBody *self, char byte)
{
  if (byte == '\r')
    return STATE_SIZE_LF;
  if (!weir_http_byte_is_text (byte) || ++self->extension > EXTENSION_MAX)
    return STATE_BAD;
  return STATE_EXTENSION;
}

/* The size line is whole.  Sizes that would make the sum of all turn over are refused, so
 * nobody behind us has to think of it. */
static State
begin_chunk (WeirHttpBody *self)
{
  self->digits = 0;
  self->extension = 0;
  if (self->left > (uint64_t)INT64_MAX - self->decoded)
    return STATE_BAD;
  return self->left > 0 ? STATE_DATA : STATE_TRAILER;
}

static State
read_trailer (WeirHttpBody *self, State state, char byte)
{
  if (++self->trailer > TRAILER_MAX)
    return STATE_BAD;
  if (state == STATE_TRAILER && byte == '\r')
    return STATE_END_LF;
  if (state == STATE_TRAILER_VALUE && byte == '\r')
    return STATE_TRAILER_LF;
  if (state == STATE_TRAILER_VALUE)
    return weir_http_byte_is_text (byte) ? state : STATE_BAD;
  if (state == STATE_TRAILER_NAME && byte == ':')
    return STATE_TRAILER_VALUE;
  return weir_http_byte_is (byte, WEIR_HTTP_BYTE_TOKEN) ? STATE_TRAILER_NAME : STATE_BAD;
}

/* The state behind one byte that is no payload. */
static State
step (WeirHttpBody *self, char byte)
{
  State state = (State)self->state;

  switch (state)
    {
    case STATE_SIZE:
      return read_size (self, byte);
    case STATE_EXTENSION:
      return read_extension (self, byte);
    case STATE_SIZE_LF:
      return byte == '\n' ? begin_chunk (self) : STATE_BAD;
    case STATE_DATA_CR:
      return byte == '\r' ? STATE_DATA_LF : STATE_BAD;
    case STATE_DATA_LF:
      return byte == '\n' ? STATE_SIZE : STATE_BAD;
    case STATE_TRAILER:
    case STATE_TRAILER_NAME:
    case STATE_TRAILER_VALUE:
      return read_trailer (self, state, byte);
    case STATE_TRAILER_LF:
      return byte == '\n' ? STATE_TRAILER : STATE_BAD;
    case STATE_END_LF:
      return byte == '\n' ? STATE_END : STATE_BAD;
    case STATE_DATA:
    case STATE_END:
    case STATE_BAD:
      break;
    }
  return STATE_BAD;
}

static void
decode_chunked (WeirHttpBody *self,
                char *bytes,
                size_t length,
                size_t *out_payload,
                size_t *out_consumed)
{
  size_t from = 0;
  size_t to = 0;

  while (from < length && self->state != STATE_END && self->state != STATE_BAD)
    {
      size_t take;

      if (self->state != STATE_DATA)
        {
          self->state = step (self, bytes[from]);
          from += self->state != STATE_BAD;
          continue;
        }
      take = (size_t)MIN (self->left, (uint64_t)(length - from));
      memmove (bytes + to, bytes + from, take);
      from += take;
      to += take;
      self->decoded += take;
      self->left -= take;
      if (self->left == 0)
        self->state = STATE_DATA_CR;
    }
  self->done = self->state == STATE_END;
  *out_payload = to;
  *out_consumed = from;
}

WeirHttpResult
weir_http_body_decode (WeirHttpBody *self,
                       char *bytes,
                       size_t length,
                       size_t *out_payload,
                       size_t *out_consumed,
                       GError **error)
{
  *out_payload = 0;
  *out_consumed = 0;
  if (self->done)
    return WEIR_HTTP_DONE;
  if (self->framing == WEIR_HTTP_FRAMING_CHUNKED)
    decode_chunked (self, bytes, length, out_payload, out_consumed);
  else
    {
      if (self->framing == WEIR_HTTP_FRAMING_LENGTH)
        {
          length = (size_t)MIN (self->left, (uint64_t)length);
          self->left -= length;
          self->done = self->left == 0;
        }
      self->decoded += length;
      *out_payload = length;
      *out_consumed = length;
    }
  if (self->state == STATE_BAD)
    {
      weir_error_set (error, WEIR_ERROR_BAD_FRAMING, "malformed chunked body");
      return WEIR_HTTP_BAD;
    }
  return self->done ? WEIR_HTTP_DONE : WEIR_HTTP_MORE;
}

gboolean
weir_http_body_end (const WeirHttpBody *self)
{
  return self->done || self->framing == WEIR_HTTP_FRAMING_CLOSE;
}

size_t
weir_http_chunk_head (char out[WEIR_HTTP_CHUNK_HEAD_MAX], size_t length)
{
  size_t digits = 1;

  for (size_t rest = length >> 4; rest > 0; rest >>= 4)
    digits++;
  for (size_t i = digits; i > 0; i--, length >>= 4)
    out[i - 1] = "0123456789abcdef"[length & 15];
  out[digits] = '\r';
  out[digits + 1] = '\n';
  return digits + 2;
}
