/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers that are compressed.  Upstreams are asked not to, and some gateways do it all the
 * same. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#define PIECE_BYTES (16u << 10)
/* What one read may come to: an honest answer shrinks a hundredfold at the very most. */
#define UNPACKED_MAX (16u << 20)

void
weir_exchange_begin_unpacking (WeirExchange *self, const WeirHttpHead *head)
{
  WeirSlice coding = weir_http_head_get (head, "content-encoding");

  if (coding.length == 0 || weir_slice_equal_nocase (coding, WEIR_SLICE ("identity")))
    return;
  self->coding = weir_http_coding_new (coding);
  self->is_opaque = self->coding == NULL;
}

gboolean
weir_exchange_unpack (WeirExchange *self,
                      WeirSlice bytes,
                      WeirExchangeTake take,
                      GError **error)
{
  const WeirLink *link = self->send.link;
  g_autoptr (GError) broken = NULL;
  WeirHttpResult result;
  char piece[PIECE_BYTES];
  size_t total = 0;
  size_t length;

  do
    {
      size_t consumed;

      result = weir_http_coding_decode (self->coding, bytes, piece, sizeof piece, &consumed,
                                        &length, &broken);
      bytes.text += consumed;
      bytes.length -= consumed;
      total += length;
      if (length > 0)
        take (self, piece, length);
      if (self->send.link != link)
        return TRUE; /* that was the end of the attempt */
    }
  while (result == WEIR_HTTP_MORE && total <= UNPACKED_MAX
         && (bytes.length > 0 || length == sizeof piece));
  if (result == WEIR_HTTP_BAD)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM, "%s", broken->message);
  if (bytes.length > 0 || total > UNPACKED_MAX)
    return weir_error_set (error, WEIR_ERROR_BAD_UPSTREAM,
                           "the upstream's compressed answer is out of all proportion");
  return TRUE;
}

gboolean
weir_exchange_is_unpacked (const WeirExchange *self, GError **error)
{
  return self->coding == NULL || weir_http_coding_end (self->coding)
         || weir_error_set (error, WEIR_ERROR_CUT, "the upstream cut its answer");
}
