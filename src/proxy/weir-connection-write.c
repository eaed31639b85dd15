/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The writing half of a client connection: answers as a whole or in pieces, and what a slow
 * reader has not taken yet. */

#include "config.h"

#include "proxy/weir-connection.h"

#include "base/weir-clock.h"
#include "http/weir-http-write.h"

#define PARTS_MAX 8

static gboolean
is_queued (const WeirConnection *self)
{
  return self->out != NULL || self->out_body != NULL;
}

gboolean
weir_connection_is_congested (const WeirConnection *self)
{
  return is_queued (self);
}

static void
queue (WeirConnection *self, const char *bytes, size_t length)
{
  if (length == 0)
    return;
  if (!is_queued (self))
    self->stalled_us = weir_poller_get_now_us (self->stream.poller);
  if (self->out == NULL)
    self->out = g_byte_array_sized_new ((guint)length);
  g_byte_array_append (self->out, (const guint8 *)bytes, (guint)length);
}

/* Writes what goes out at once.  Returns how much did; a failure shows on the watch. */
static size_t
write_now (WeirConnection *self, const struct iovec *parts, int n_parts)
{
  ssize_t written;

  if (is_queued (self))
    return 0;
  written = weir_stream_writev (&self->stream, parts, n_parts);
  return written > 0 ? (size_t)written : 0;
}

static void
write_or_queue (WeirConnection *self, const struct iovec *parts, int n_parts)
{
  size_t sent = write_now (self, parts, n_parts);

  for (int i = 0; i < n_parts; i++)
    {
      size_t skip = MIN (sent, parts[i].iov_len);

      queue (self, (const char *)parts[i].iov_base + skip, parts[i].iov_len - skip);
      sent -= skip;
    }
}

static void
append_head (WeirConnection *self,
             GString *head,
             unsigned status,
             const char *content_type,
             WeirSlice fields)
{
  weir_http_write_status (head, status);
  weir_http_write_date (head, weir_clock_real_us ());
  if (content_type != NULL)
    {
      g_string_append (head, "Content-Type: ");
      g_string_append (head, content_type);
      g_string_append (head, "\r\nX-Content-Type-Options: nosniff\r\n");
    }
  g_string_append_len (head, fields.text, (gssize)fields.length);
  if (!self->keep_alive)
    g_string_append (head, "Connection: close\r\n");
  else if (self->minor == 0)
    g_string_append (head, "Connection: keep-alive\r\n");
}

/* The last byte is written or queued. */
static void
finish (WeirConnection *self)
{
  self->answered = TRUE;
  if (is_queued (self))
    weir_connection_update (self);
  else
    weir_connection_answer_is_out (self);
}

void
weir_connection_answer (WeirConnection *self,
                        unsigned status,
                        const char *content_type,
                        WeirSlice fields,
                        GBytes *body,
                        gboolean close)
{
  g_autoptr (GString) head = NULL;
  struct iovec parts[2];
  gsize length = 0;
  const char *bytes = body != NULL ? g_bytes_get_data (body, &length) : NULL;
  size_t sent;

  if (self->state == WEIR_CONNECTION_CLOSED)
    return;
  if (self->upgrade != NULL)
    {
      self->upgrade->answer (self->upgraded, status, body);
      return;
    }
  if (close || !self->framing.done)
    self->keep_alive = FALSE;
  head = g_string_sized_new (256 + fields.length);
  append_head (self, head, status, content_type, fields);
  if (status != 204)
    weir_http_write_field_uint (head, "Content-Length", length);
  weir_http_write_end (head);
  if (self->to_head)
    length = 0;

  parts[0] = (struct iovec){ head->str, head->len };
  parts[1] = (struct iovec){ (void *)bytes, length };
  sent = write_now (self, parts, length > 0 ? 2 : 1);
  if (sent < head->len)
    queue (self, head->str + sent, head->len - sent);
  sent -= MIN (sent, head->len);
  if (sent < length)
    {
      if (!is_queued (self))
        self->stalled_us = weir_poller_get_now_us (self->stream.poller);
      self->out_body = g_bytes_ref (body);
      self->out_body_sent = sent;
    }
  finish (self);
}

void
weir_connection_begin (WeirConnection *self,
                       unsigned status,
                       const char *content_type,
                       WeirSlice fields)
{
  g_autoptr (GString) head = NULL;
  struct iovec part;

  if (self->state == WEIR_CONNECTION_CLOSED || self->upgrade != NULL)
    return;
  self->chunked = self->minor > 0;
  if (!self->chunked)
    self->keep_alive = FALSE;
  self->streaming = TRUE;
  head = g_string_sized_new (256 + fields.length);
  append_head (self, head, status, content_type, fields);
  if (self->chunked)
    g_string_append (head, "Transfer-Encoding: chunked\r\n");
  weir_http_write_end (head);
  /* kept back: the head leaves with the first piece, in one packet */
  part = (struct iovec){ head->str, head->len };
  queue (self, part.iov_base, part.iov_len);
}

/* The head that weir_connection_begin kept back, if nothing but it is queued. */
static gboolean
take_kept_head (WeirConnection *self, GByteArray **out_head)
{
  if (!self->streaming || self->out == NULL || self->out_sent > 0 || self->head_is_out)
    return FALSE;
  *out_head = g_steal_pointer (&self->out);
  self->stalled_us = 0;
  return TRUE;
}

gboolean
weir_connection_write (WeirConnection *self, const struct iovec *parts, int n_parts)
{
  g_autoptr (GByteArray) kept = NULL;
  struct iovec framed[PARTS_MAX + 3];
  char chunk_head[WEIR_HTTP_CHUNK_HEAD_MAX];
  size_t length = 0;
  int n = 0;

  g_return_val_if_fail (n_parts > 0 && n_parts <= PARTS_MAX, FALSE);

  if (self->state == WEIR_CONNECTION_CLOSED)
    return FALSE;
  if (self->upgrade != NULL)
    return self->upgrade->write (self->upgraded, parts, n_parts);
  for (int i = 0; i < n_parts; i++)
    length += parts[i].iov_len;
  if (length == 0)
    return !is_queued (self);
  if (take_kept_head (self, &kept))
    framed[n++] = (struct iovec){ kept->data, kept->len };
  self->head_is_out = TRUE;
  if (self->chunked)
    framed[n++] = (struct iovec){ chunk_head, weir_http_chunk_head (chunk_head, length) };
  for (int i = 0; i < n_parts; i++)
    framed[n++] = parts[i];
  if (self->chunked)
    framed[n++] = (struct iovec){ (void *)"\r\n", 2 };
  write_or_queue (self, framed, n);
  if (!is_queued (self))
    return TRUE;
  weir_connection_update (self);
  return FALSE;
}

void
weir_connection_end (WeirConnection *self)
{
  g_autoptr (GByteArray) kept = NULL;
  struct iovec parts[2];
  int n = 0;

  if (self->state == WEIR_CONNECTION_CLOSED)
    return;
  if (self->upgrade != NULL)
    {
      self->upgrade->end (self->upgraded);
      return;
    }
  if (take_kept_head (self, &kept))
    parts[n++] = (struct iovec){ kept->data, kept->len };
  self->head_is_out = TRUE;
  if (self->chunked)
    parts[n++]
        = (struct iovec){ (void *)WEIR_HTTP_LAST_CHUNK, strlen (WEIR_HTTP_LAST_CHUNK) };
  if (n > 0)
    write_or_queue (self, parts, n);
  finish (self);
}

void
weir_connection_cut (WeirConnection *self)
{
  if (self->state == WEIR_CONNECTION_CLOSED)
    return;
  if (self->upgrade != NULL)
    {
      self->upgrade->cut (self->upgraded);
      return;
    }
  self->keep_alive = FALSE;
  self->head_is_out = TRUE;
  finish (self);
}

void
weir_connection_upgrade (WeirConnection *self,
                         const WeirUpgrade *upgrade,
                         gpointer upgraded,
                         WeirSlice fields)
{
  g_autoptr (GString) head = g_string_sized_new (256 + fields.length);
  struct iovec part;

  self->upgrade = upgrade;
  self->upgraded = upgraded;
  self->state = WEIR_CONNECTION_UPGRADED;
  self->keep_alive = FALSE;
  weir_http_write_status (head, 101);
  weir_http_write_date (head, weir_clock_real_us ());
  g_string_append_len (head, fields.text, (gssize)fields.length);
  weir_http_write_end (head);
  part = (struct iovec){ head->str, head->len };
  weir_connection_send (self, &part, 1);
}

gboolean
weir_connection_send (WeirConnection *self, const struct iovec *parts, int n_parts)
{
  if (self->state != WEIR_CONNECTION_UPGRADED)
    return FALSE;
  write_or_queue (self, parts, n_parts);
  if (!is_queued (self))
    return TRUE;
  weir_connection_update (self);
  return FALSE;
}

void
weir_connection_hang_up (WeirConnection *self)
{
  if (self->state == WEIR_CONNECTION_UPGRADED)
    finish (self);
}

/* FALSE when nothing more goes out now. */
static gboolean
flush_once (WeirConnection *self)
{
  struct iovec parts[2];
  gsize body_length = 0;
  const char *body
      = self->out_body != NULL ? g_bytes_get_data (self->out_body, &body_length) : NULL;
  size_t queued = self->out != NULL ? self->out->len - self->out_sent : 0;
  ssize_t written;
  int n = 0;

  if (queued > 0)
    parts[n++] = (struct iovec){ self->out->data + self->out_sent, queued };
  if (body != NULL)
    parts[n++] = (struct iovec){ (void *)(body + self->out_body_sent),
                                 body_length - self->out_body_sent };
  written = weir_stream_writev (&self->stream, parts, n);
  if (written < 0)
    {
      if (written == WEIR_STREAM_FAILED)
        weir_connection_close (self);
      return FALSE;
    }
  self->stalled_us = weir_poller_get_now_us (self->stream.poller);
  self->out_sent += MIN ((size_t)written, queued);
  self->out_body_sent += (size_t)written - MIN ((size_t)written, queued);
  if (self->out != NULL && self->out_sent == self->out->len)
    {
      g_clear_pointer (&self->out, g_byte_array_unref);
      self->out_sent = 0;
    }
  if (self->out_body != NULL && self->out_body_sent == body_length)
    {
      g_clear_pointer (&self->out_body, g_bytes_unref);
      self->out_body_sent = 0;
    }
  return is_queued (self);
}

void
weir_connection_flush (WeirConnection *self)
{
  while (is_queued (self))
    if (!flush_once (self))
      break;
  if (self->state == WEIR_CONNECTION_CLOSED || is_queued (self))
    return;
  self->stalled_us = 0;
  if (self->answered)
    {
      weir_connection_answer_is_out (self);
      return;
    }
  weir_connection_update (self);
  if (self->exchange != NULL
      && (self->state == WEIR_CONNECTION_ANSWERING
          || self->state == WEIR_CONNECTION_UPGRADED))
    self->owner_funcs->drained (self);
}
