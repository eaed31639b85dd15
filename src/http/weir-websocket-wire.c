/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One frame after the other; a message's frames are joined here, control frames may stand
 * between them. */

#include "config.h"

#include "http/weir-websocket-wire.h"

#define KEY_LENGTH 24
#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#define FINAL 0x80
#define RESERVED 0x70
#define MASKED 0x80

void
weir_websocket_reader_clear (WeirWebsocketReader *self)
{
  g_clear_pointer (&self->gathered, g_byte_array_unref);
  g_clear_pointer (&self->control, g_byte_array_unref);
}

/* Bytes of the head in all, as far as its first two say; those of a frame without a mask
 * say all that there is to know. */
static unsigned
get_head_length (const WeirWebsocketReader *self)
{
  unsigned length = self->head_length >= 2 ? self->head[1] & 0x7f : 0;

  if (self->head_length >= 2 && (self->head[1] & MASKED) == 0)
    return 2;
  if (length == 127)
    return 2 + 8 + 4;
  return length == 126 ? 2 + 2 + 4 : 2 + 4;
}

static gboolean
is_control (uint8_t opcode)
{
  return (opcode & 0x8) != 0;
}

/* May a frame of self->opcode come now? */
static gboolean
is_expected (const WeirWebsocketReader *self)
{
  switch (self->opcode)
    {
    case WEIR_WEBSOCKET_CONTINUATION:
      return self->message != 0;
    case WEIR_WEBSOCKET_TEXT:
    case WEIR_WEBSOCKET_BINARY:
      return self->message == 0;
    case WEIR_WEBSOCKET_CLOSE:
    case WEIR_WEBSOCKET_PING:
    case WEIR_WEBSOCKET_PONG:
      return self->final && self->left <= WEIR_WEBSOCKET_CONTROL_MAX;
    default:
      return FALSE;
    }
}

/* The head is whole.  Returns the code to close with; 0: it is good. */
static unsigned
read_head (WeirWebsocketReader *self)
{
  unsigned said = self->head[1] & 0x7f;
  unsigned n_more = said == 127 ? 8 : said == 126 ? 2 : 0;

  self->left = n_more == 0 ? said : 0;
  for (unsigned i = 0; i < n_more; i++)
    self->left = self->left << 8 | self->head[2 + i];
  memcpy (self->mask, self->head + 2 + n_more, sizeof self->mask);
  self->mask_at = 0;
  self->final = (self->head[0] & FINAL) != 0;
  self->opcode = self->head[0] & 0x0f;
  self->head_length = 0;
  self->in_payload = TRUE;

  /* a length must be said in the fewest bytes (5.2) */
  if ((self->head[0] & RESERVED) != 0 || (self->head[1] & MASKED) == 0
      || (said == 126 && self->left < 126) || (said == 127 && self->left <= UINT16_MAX)
      || self->left > INT64_MAX || !is_expected (self))
    return WEIR_WEBSOCKET_BROKEN;
  if (is_control (self->opcode))
    {
      if (self->control == NULL)
        self->control = g_byte_array_new ();
      g_byte_array_set_size (self->control, 0);
      return 0;
    }
  if (self->gathered == NULL)
    self->gathered = g_byte_array_new ();
  if (self->opcode != WEIR_WEBSOCKET_CONTINUATION)
    self->message = self->opcode;
  return self->left > self->cap - self->gathered->len ? WEIR_WEBSOCKET_TOO_LARGE : 0;
}

static void
add_payload (WeirWebsocketReader *self, const char *bytes, size_t length)
{
  GByteArray *into = is_control (self->opcode) ? self->control : self->gathered;
  guint at = into->len;

  g_byte_array_append (into, (const guint8 *)bytes, (guint)length);
  for (guint i = at; i < into->len; i++)
    into->data[i] ^= self->mask[self->mask_at++ & 3];
  self->left -= length;
}

WeirWebsocketResult
weir_websocket_reader_feed (WeirWebsocketReader *self,
                            WeirSlice bytes,
                            size_t *out_used,
                            WeirWebsocketOpcode *out_opcode,
                            WeirSlice *out_payload,
                            unsigned *out_code)
{
  size_t at = 0;

  /* the message handed on by the last call */
  if (self->gathered != NULL && self->message == 0)
    g_clear_pointer (&self->gathered, g_byte_array_unref);
  while (at < bytes.length || (self->in_payload && self->left == 0))
    {
      size_t length;

      if (!self->in_payload)
        {
          self->head[self->head_length++] = (uint8_t)bytes.text[at++];
          if (self->head_length < get_head_length (self))
            continue;
          *out_code = read_head (self);
          if (*out_code != 0)
            return WEIR_WEBSOCKET_BAD;
        }
      length = (size_t)MIN (self->left, bytes.length - at);
      add_payload (self, bytes.text + at, length);
      at += length;
      if (self->left > 0)
        break;
      self->in_payload = FALSE;
      if (!self->final)
        continue;
      *out_used = at;
      if (is_control (self->opcode))
        {
          *out_opcode = (WeirWebsocketOpcode)self->opcode;
          *out_payload
              = (WeirSlice){ (const char *)self->control->data, self->control->len };
          return WEIR_WEBSOCKET_GOT;
        }
      *out_opcode = (WeirWebsocketOpcode)self->message;
      *out_payload = (WeirSlice){ (const char *)self->gathered->data, self->gathered->len };
      self->message = 0;
      return WEIR_WEBSOCKET_GOT;
    }
  *out_used = at;
  return WEIR_WEBSOCKET_MORE;
}

size_t
weir_websocket_write_head (uint8_t out[WEIR_WEBSOCKET_HEAD_MAX],
                           WeirWebsocketOpcode opcode,
                           uint64_t length)
{
  unsigned n_more = length > UINT16_MAX ? 8 : length > 125 ? 2 : 0;

  out[0] = (uint8_t)(FINAL | opcode);
  out[1] = n_more == 8 ? 127 : n_more == 2 ? 126 : (uint8_t)length;
  for (unsigned i = 0; i < n_more; i++)
    out[2 + i] = (uint8_t)(length >> (8 * (n_more - 1 - i)));
  return 2 + n_more;
}

char *
weir_websocket_dup_accept (WeirSlice key)
{
  guint8 digest[20];
  gsize length = sizeof digest;
  g_autofree char *text = weir_slice_dup (key);
  g_autofree guchar *nonce = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GChecksum) checksum = NULL;

  if (key.length != KEY_LENGTH)
    return NULL;
  nonce = g_base64_decode (text, &length);
  again = g_base64_encode (nonce, length);
  if (length != 16 || !g_str_equal (again, text))
    return NULL;
  checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_checksum_update (checksum, (const guchar *)text, KEY_LENGTH);
  g_checksum_update (checksum, (const guchar *)ACCEPT_SUFFIX, -1);
  length = sizeof digest;
  g_checksum_get_digest (checksum, digest, &length);
  return g_base64_encode (digest, length);
}
