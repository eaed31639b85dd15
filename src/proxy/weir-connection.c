/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The reading half of a client connection, its states and deadlines.  What is written is in
 * weir-connection-write.c. */

#include "config.h"

#include "proxy/weir-connection.h"

#include "base/weir-clock.h"
#include "proxy/weir-peer.h"

#include <sys/socket.h>

#define FIRST_BYTE_US (30 * WEIR_USEC_PER_SEC)
#define HEAD_US (10 * WEIR_USEC_PER_SEC)
#define IDLE_US (120 * WEIR_USEC_PER_SEC)
#define BODY_GRACE_US (10 * WEIR_USEC_PER_SEC)
#define BODY_CHECK_US (5 * WEIR_USEC_PER_SEC)
#define BODY_BYTES_PER_SEC 1024
#define LINGER_US (2 * WEIR_USEC_PER_SEC)
#define STALL_US (120 * WEIR_USEC_PER_SEC)
#define HALF_CLOSED_CHECK_US (WEIR_USEC_PER_SEC / 2)
#define PIPELINE_MAX (16u << 10)
#define QUIET_US (30 * WEIR_USEC_PER_SEC)

/* Bytes of request bodies held by all connections. */
static uint64_t bodies_reserved;

static gboolean
reserve_body (WeirConnection *self, size_t size)
{
  char *body;

  if (size > WEIR_BODY_MAX + 1 || bodies_reserved + size > WEIR_BODIES_MAX)
    return FALSE;
  body = g_try_realloc (self->body, size);
  if (body == NULL)
    return FALSE;
  bodies_reserved += size - self->body_allocated;
  self->body = body;
  self->body_allocated = size;
  return TRUE;
}

void
weir_connection_drop_body (WeirConnection *self)
{
  g_clear_pointer (&self->body, g_free);
  bodies_reserved -= self->body_allocated;
  self->body_allocated = 0;
  self->body_length = 0;
}

static void
on_free (WeirTimer *timer)
{
  g_free (WEIR_CONTAINER_OF (timer, WeirConnection, timer));
}

void
weir_connection_close (WeirConnection *self)
{
  if (self->state == WEIR_CONNECTION_CLOSED)
    return;
  self->state = WEIR_CONNECTION_CLOSED;
  weir_stream_close (&self->stream);
  if (self->exchange != NULL)
    self->owner_funcs->left (self);
  self->owner_funcs->closed (self);
  if (self->upgrade != NULL)
    self->upgrade->closed (self->upgraded);
  weir_connection_drop_body (self);
  g_clear_pointer (&self->in, g_byte_array_unref);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_clear_pointer (&self->out_body, g_bytes_unref);
  explicit_bzero (&self->memo, sizeof self->memo);
  self->timer.func = on_free;
  weir_poller_set_timer (self->stream.poller, &self->timer, 0);
}

static int64_t
get_deadline (const WeirConnection *self)
{
  switch (self->state)
    {
    case WEIR_CONNECTION_HEAD:
      if (self->in != NULL)
        return self->began_us + HEAD_US;
      return self->began_us + (self->n_requests > 0 ? IDLE_US : FIRST_BYTE_US);
    case WEIR_CONNECTION_BODY:
      return MAX (self->began_us + BODY_GRACE_US,
                  weir_poller_get_now_us (self->stream.poller) + BODY_CHECK_US);
    case WEIR_CONNECTION_ANSWERING:
      if (self->half_closed)
        return weir_poller_get_now_us (self->stream.poller) + HALF_CLOSED_CHECK_US;
      return self->stalled_us > 0 ? self->stalled_us + STALL_US : 0;
    case WEIR_CONNECTION_LINGERING:
      return self->began_us + LINGER_US;
    case WEIR_CONNECTION_UPGRADED:
      return self->stalled_us > 0 ? self->stalled_us + STALL_US
                                  : weir_poller_get_now_us (self->stream.poller) + QUIET_US;
    case WEIR_CONNECTION_CLOSED:
      break;
    }
  return 0;
}

/* Waits for what the state needs: bytes, room, a deadline. */
void
weir_connection_update (WeirConnection *self)
{
  uint32_t events = 0;
  int64_t deadline_us;

  if (self->state == WEIR_CONNECTION_CLOSED)
    return;
  deadline_us = get_deadline (self);
  if (deadline_us > 0)
    weir_poller_set_timer (self->stream.poller, &self->timer, deadline_us);
  else
    weir_poller_clear_timer (self->stream.poller, &self->timer);
  self->input_paused = self->state == WEIR_CONNECTION_ANSWERING && self->in != NULL
                       && self->in->len >= PIPELINE_MAX;
  if (!self->half_closed)
    events |= self->input_paused ? EPOLLRDHUP : EPOLLIN | EPOLLRDHUP;
  if (self->out != NULL || self->out_body != NULL)
    events |= EPOLLOUT;
  weir_poller_modify (self->stream.poller, &self->stream.watch, events);
}

static void
broken (WeirConnection *self, WeirError code, const char *what)
{
  g_autoptr (GError) error = NULL;

  weir_error_set (&error, code, "%s", what);
  self->state = WEIR_CONNECTION_ANSWERING;
  self->keep_alive = FALSE;
  g_clear_pointer (&self->in, g_byte_array_unref);
  self->owner_funcs->broken (self, error);
}

/* The client ended its writing side while it is being answered.  On loopback the kernel
 * tells whether its socket still has an owner; elsewhere the end counts as leaving. */
static void
on_client_end (WeirConnection *self)
{
  struct sockaddr_storage local = { 0 };
  struct sockaddr_storage remote = { 0 };
  socklen_t local_length = sizeof local;
  socklen_t remote_length = sizeof remote;
  WeirPeer peer = { 0 };

  if (self->is_loopback
      && getsockname (self->stream.fd, (struct sockaddr *)&local, &local_length) == 0
      && getpeername (self->stream.fd, (struct sockaddr *)&remote, &remote_length) == 0
      && weir_peer_lookup ((const struct sockaddr *)&local,
                           (const struct sockaddr *)&remote, &peer)
      && peer.has_owner)
    {
      self->half_closed = TRUE;
      self->keep_alive = FALSE;
      weir_connection_update (self);
      return;
    }
  weir_connection_close (self);
}

/* A request is whole. */
static void
finish_request (WeirConnection *self)
{
  self->state = WEIR_CONNECTION_ANSWERING;
  weir_connection_update (self);
  self->owner_funcs->request (self);
}

static void
begin_body (WeirConnection *self, const WeirHttpHead *head, gboolean more_came)
{
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

  weir_http_body_init (&self->framing, head);
  if (self->framing.done)
    {
      finish_request (self);
      return;
    }
  if (head->framing == WEIR_HTTP_FRAMING_LENGTH && head->content_length > WEIR_BODY_MAX)
    {
      broken (self, WEIR_ERROR_TOO_LARGE, "the request body is too large");
      return;
    }
  if (head->framing == WEIR_HTTP_FRAMING_LENGTH
      && !reserve_body (self, (size_t)head->content_length + 1))
    {
      broken (self, WEIR_ERROR_OVERLOADED, "too many large requests are under way");
      return;
    }
  self->state = WEIR_CONNECTION_BODY;
  if (head->expect_continue && !more_came && head->minor > 0)
    {
      struct iovec part = { (void *)go_on, sizeof go_on - 1 };

      weir_stream_writev (&self->stream, &part, 1);
    }
  weir_connection_update (self);
}

/* Returns how many bytes were used: 0 when the head is not whole yet. */
static size_t
take_head (WeirConnection *self, char *bytes, size_t length)
{
  g_autoptr (GError) error = NULL;
  WeirHttpHead head;
  size_t used = 0;
  WeirHttpResult result
      = weir_http_head_find_end (bytes, length, &self->scanned, &used, &error);

  if (result == WEIR_HTTP_MORE)
    return 0;
  self->scanned = 0;
  self->minor = 1;
  self->to_head = FALSE;
  if (result == WEIR_HTTP_BAD || !weir_http_head_parse_request (&head, bytes, used, &error))
    {
      broken (self, weir_error_get_code (error), error->message);
      return length;
    }
  self->state = WEIR_CONNECTION_ANSWERING;
  self->n_requests++;
  self->minor = head.minor;
  self->keep_alive = head.keep_alive;
  self->to_head = head.method == WEIR_HTTP_HEAD;
  weir_http_body_init (&self->framing, &head);
  switch (self->owner_funcs->head (self, &head, (WeirSlice){ bytes, length }))
    {
    case WEIR_HEAD_ACCEPT:
      begin_body (self, &head, used < length);
      break;
    case WEIR_HEAD_REFUSED:
    case WEIR_HEAD_ANSWERED:
    case WEIR_HEAD_UPGRADED:
      break;
    case WEIR_HEAD_TAKEN:
      weir_connection_close (self);
      break;
    }
  return used;
}

/* Room for @more bytes of a body whose length nobody said. */
static gboolean
grow_body (WeirConnection *self, size_t more)
{
  size_t needed = self->body_length + more + 1;
  size_t size = MAX (self->body_allocated, 16384);

  if (needed <= self->body_allocated)
    return TRUE;
  while (size < needed)
    size *= 2;
  return reserve_body (self, MIN (size, WEIR_BODY_MAX + 1));
}

static size_t
take_body_bytes (WeirConnection *self, char *bytes, size_t length)
{
  g_autoptr (GError) error = NULL;
  size_t payload = 0;
  size_t used = 0;
  WeirHttpResult result
      = weir_http_body_decode (&self->framing, bytes, length, &payload, &used, &error);

  if (self->body_length + payload > WEIR_BODY_MAX)
    {
      broken (self, WEIR_ERROR_TOO_LARGE, "the request body is too large");
      return length;
    }
  if (payload > 0 && (self->body == NULL || bytes != self->body + self->body_length))
    {
      if (!grow_body (self, payload))
        {
          broken (self, WEIR_ERROR_OVERLOADED, "too many large requests are under way");
          return length;
        }
      memcpy (self->body + self->body_length, bytes, payload);
    }
  self->body_length += payload;
  if (result == WEIR_HTTP_BAD)
    broken (self, WEIR_ERROR_BAD_FRAMING, error->message);
  else if (result == WEIR_HTTP_DONE)
    finish_request (self);
  return result == WEIR_HTTP_BAD ? length : used;
}

/* Bytes from the client, in whatever cut. */
static void
take (WeirConnection *self, char *bytes, size_t length)
{
  g_autoptr (GByteArray) gathered = g_steal_pointer (&self->in);
  size_t used = 1;

  if (self->state == WEIR_CONNECTION_HEAD && gathered == NULL)
    self->began_us = weir_poller_get_now_us (self->stream.poller);
  if (gathered != NULL)
    {
      g_byte_array_append (gathered, (const guint8 *)bytes, (guint)length);
      bytes = (char *)gathered->data;
      length = gathered->len;
    }
  while (length > 0 && used > 0)
    {
      used = 0;
      if (self->state == WEIR_CONNECTION_HEAD)
        used = take_head (self, bytes, length);
      else if (self->state == WEIR_CONNECTION_BODY)
        used = take_body_bytes (self, bytes, length);
      else if (self->state == WEIR_CONNECTION_UPGRADED)
        {
          self->upgrade->bytes (self->upgraded, (WeirSlice){ bytes, length });
          used = length;
        }
      else if (self->state != WEIR_CONNECTION_ANSWERING)
        used = length;
      bytes += used;
      length -= used;
    }
  if (length > 0 && gathered != NULL && bytes == (char *)gathered->data)
    self->in = g_steal_pointer (&gathered);
  else if (length > 0)
    {
      self->in = g_byte_array_sized_new ((guint)length);
      g_byte_array_append (self->in, (const guint8 *)bytes, (guint)length);
    }
  weir_connection_update (self);
}

/* Where the next bytes go: a body of known length straight to its place. */
static char *
get_read_place (WeirConnection *self, size_t *out_length)
{
  if (self->state == WEIR_CONNECTION_BODY
      && self->framing.framing == WEIR_HTTP_FRAMING_LENGTH && self->in == NULL)
    {
      *out_length = (size_t)self->framing.left;
      return self->body + self->body_length;
    }
  *out_length
      = self->state == WEIR_CONNECTION_ANSWERING ? PIPELINE_MAX : WEIR_POLLER_SCRATCH_BYTES;
  return weir_poller_get_scratch (self->stream.poller);
}

static void
read_some (WeirConnection *self)
{
  do
    {
      size_t length;
      char *place = get_read_place (self, &length);
      ssize_t n = weir_stream_read (&self->stream, place, length);

      if (n == WEIR_STREAM_AGAIN)
        return;
      if (n == 0 && self->state == WEIR_CONNECTION_ANSWERING)
        on_client_end (self);
      else if (n <= 0)
        weir_connection_close (self);
      else
        take (self, place, (size_t)n);
    }
  while (self->stream.tls_readable && !self->input_paused
         && (self->state == WEIR_CONNECTION_HEAD || self->state == WEIR_CONNECTION_BODY
             || self->state == WEIR_CONNECTION_UPGRADED));
}

static void
on_socket (WeirWatch *watch, uint32_t events)
{
  WeirStream *stream = WEIR_CONTAINER_OF (watch, WeirStream, watch);
  WeirConnection *self = WEIR_CONTAINER_OF (stream, WeirConnection, stream);

  if (events & (EPOLLERR | EPOLLHUP))
    {
      weir_connection_close (self);
      return;
    }
  if (events & EPOLLOUT)
    weir_connection_flush (self);
  if (self->state == WEIR_CONNECTION_CLOSED)
    return;
  if ((events & EPOLLIN) && !self->input_paused)
    read_some (self);
  else if ((events & EPOLLRDHUP) && self->input_paused)
    on_client_end (self);
}

/* Input that came before its turn: a pipelined request, or what TLS holds. */
static void
look_at_input (WeirConnection *self)
{
  self->kicked = FALSE;
  self->began_us = weir_poller_get_now_us (self->stream.poller);
  if (self->in != NULL)
    take (self, NULL, 0);
  else
    read_some (self);
}

static void
on_timer (WeirTimer *timer)
{
  WeirConnection *self = WEIR_CONTAINER_OF (timer, WeirConnection, timer);
  int64_t now_us = weir_poller_get_now_us (self->stream.poller);
  int64_t waited_us = now_us - self->began_us;

  switch (self->state)
    {
    case WEIR_CONNECTION_HEAD:
      if (self->kicked)
        look_at_input (self);
      else if (self->in != NULL)
        broken (self, WEIR_ERROR_REQUEST_TIMEOUT, "the request head did not come in 10 s");
      else
        weir_connection_close (self);
      return;
    case WEIR_CONNECTION_BODY:
      if (waited_us > BODY_GRACE_US
          && (int64_t)self->framing.decoded
                 < (waited_us - BODY_GRACE_US) / WEIR_USEC_PER_SEC * BODY_BYTES_PER_SEC)
        broken (self, WEIR_ERROR_REQUEST_TIMEOUT, "the request body came too slowly");
      else
        weir_connection_update (self);
      return;
    case WEIR_CONNECTION_ANSWERING:
      if (self->stalled_us > 0 && now_us - self->stalled_us >= STALL_US)
        weir_connection_close (self);
      else if (self->half_closed)
        on_client_end (self);
      return;
    case WEIR_CONNECTION_LINGERING:
      weir_connection_close (self);
      return;
    case WEIR_CONNECTION_UPGRADED:
      if (self->stalled_us > 0 && now_us - self->stalled_us >= STALL_US)
        weir_connection_close (self);
      else if (self->stalled_us == 0)
        self->upgrade->quiet (self->upgraded);
      weir_connection_update (self);
      return;
    case WEIR_CONNECTION_CLOSED:
      return;
    }
}

/* The answer's last byte has gone to the kernel: the next request, or the end. */
void
weir_connection_answer_is_out (WeirConnection *self)
{
  weir_connection_drop_body (self);
  self->began_us = weir_poller_get_now_us (self->stream.poller);
  self->streaming = FALSE;
  self->chunked = FALSE;
  self->head_is_out = FALSE;
  self->answered = FALSE;
  if (self->keep_alive)
    {
      self->state = WEIR_CONNECTION_HEAD;
      self->scanned = 0;
      weir_connection_update (self);
      if (self->in == NULL && !self->stream.tls_readable)
        return;
      self->kicked = TRUE;
      weir_poller_set_timer (self->stream.poller, &self->timer, 0);
      return;
    }
  self->state = WEIR_CONNECTION_LINGERING;
  g_clear_pointer (&self->in, g_byte_array_unref);
  weir_stream_shutdown_write (&self->stream);
  weir_connection_update (self);
}

WeirConnection *
weir_connection_new (const WeirStream *stream,
                     const WeirConnectionOwner *owner_funcs,
                     gpointer owner)
{
  WeirConnection *self = g_new0 (WeirConnection, 1);

  self->stream = *stream;
  self->owner_funcs = owner_funcs;
  self->owner = owner;
  self->link.data = self;
  self->timer.func = on_timer;
  self->uid = (uid_t)-1;
  self->state = WEIR_CONNECTION_HEAD;
  self->began_us = weir_poller_get_now_us (stream->poller);
  return self;
}

void
weir_connection_start (WeirConnection *self)
{
  if (!weir_stream_watch (&self->stream, on_socket, EPOLLIN))
    {
      weir_connection_close (self);
      return;
    }
  weir_connection_update (self);
  if (!self->stream.tls_readable)
    return;
  self->kicked = TRUE;
  weir_poller_set_timer (self->stream.poller, &self->timer, 0);
}

WeirSlice
weir_connection_get_body (const WeirConnection *self)
{
  return (WeirSlice){ self->body, self->body_length };
}

gboolean
weir_connection_set_body (WeirConnection *self, WeirSlice body)
{
  if (!reserve_body (self, body.length + 1))
    return FALSE;
  memcpy (self->body, body.text, body.length);
  self->body_length = body.length;
  return TRUE;
}

GIOStream *
weir_connection_take_stream (WeirConnection *self)
{
  g_autoptr (GSocket) socket = NULL;

  weir_poller_remove (self->stream.poller, &self->stream.watch);
  if (self->stream.tls != NULL)
    return G_IO_STREAM (g_object_ref (self->stream.tls));
  socket = g_socket_new_from_fd (self->stream.fd, NULL);
  if (socket == NULL)
    return NULL;
  self->stream.fd = -1;
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

void
weir_connection_retire (WeirConnection *self)
{
  self->keep_alive = FALSE;
  if (self->state == WEIR_CONNECTION_HEAD && self->in == NULL)
    weir_connection_close (self);
  else if (self->state == WEIR_CONNECTION_UPGRADED)
    self->upgrade->retire (self->upgraded);
}
