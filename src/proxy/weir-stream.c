/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading, writing and ending one socket, with or without TLS.  Nothing here ever waits. */

#include "config.h"

#include "proxy/weir-stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The plaintext of one TLS record at most (RFC 8446, 5.1). */
#define RECORD_BYTES 16384u
#define PARTS_MAX 64

void
weir_stream_init_fd (WeirStream *self, WeirPoller *poller, int fd)
{
  *self = (WeirStream){ .poller = poller, .fd = fd };
}

void
weir_stream_init_connection (WeirStream *self,
                             WeirPoller *poller,
                             GSocketConnection *connection,
                             GTlsConnection *tls)
{
  *self = (WeirStream){
    .poller = poller,
    .fd = g_socket_get_fd (g_socket_connection_get_socket (connection)),
    .connection = g_object_ref (connection),
    .tls = tls != NULL ? g_object_ref (tls) : NULL,
    .tls_readable = tls != NULL,
  };
}

gboolean
weir_stream_watch (WeirStream *self, WeirWatchFunc func, uint32_t events)
{
  g_return_val_if_fail (self->fd >= 0, FALSE);

  self->watch.func = func;
  if (!self->watch.added)
    return weir_poller_add (self->poller, &self->watch, self->fd, events | EPOLLRDHUP);
  weir_poller_modify (self->poller, &self->watch, events | EPOLLRDHUP);
  return TRUE;
}

static ssize_t
get_result (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? WEIR_STREAM_AGAIN
                                                                     : WEIR_STREAM_FAILED;
}

/* Reads until the buffer is full or TLS has nothing more, since a record that TLS has taken
 * from the descriptor wakes nobody again. */
static ssize_t
read_tls (WeirStream *self, char *buffer, size_t length)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (G_IO_STREAM (self->tls)));
  size_t n_read = 0;

  self->tls_readable = TRUE;
  while (n_read < length)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_pollable_input_stream_read_nonblocking (input, buffer + n_read,
                                                           length - n_read, NULL, &error);

      if (n > 0)
        {
          n_read += (size_t)n;
          continue;
        }
      if (n < 0 && get_result (error) == WEIR_STREAM_AGAIN)
        {
          self->tls_readable = FALSE;
          return n_read > 0 ? (ssize_t)n_read : WEIR_STREAM_AGAIN;
        }
      if (n_read > 0)
        break; /* the next call says again what ended it */
      return n < 0 ? WEIR_STREAM_FAILED : 0;
    }
  return (ssize_t)n_read;
}

ssize_t
weir_stream_read (WeirStream *self, char *buffer, size_t length)
{
  ssize_t n;

  g_return_val_if_fail (self->fd >= 0 && length > 0, WEIR_STREAM_FAILED);

  if (self->tls != NULL)
    return read_tls (self, buffer, length);
  do
    n = recv (self->fd, buffer, length, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n >= 0)
    return n;
  return errno == EAGAIN ? WEIR_STREAM_AGAIN : WEIR_STREAM_FAILED;
}

/* Where a writer stands in its parts. */
typedef struct
{
  const struct iovec *parts;
  int n_parts;
  int part;      /* the current one */
  size_t offset; /* in it */
} Cursor;

static void
cursor_advance (Cursor *self, size_t length)
{
  self->offset += length;
  while (self->part < self->n_parts && self->offset >= self->parts[self->part].iov_len)
    self->offset -= self->parts[self->part++].iov_len;
}

/* The bytes of the next record: in place where they lie together, else gathered in
 * @buffer. */
static const char *
cursor_peek (const Cursor *self, char buffer[RECORD_BYTES], size_t *out_length)
{
  const struct iovec *first = &self->parts[self->part];
  size_t length = 0;
  size_t offset = self->offset;

  if (self->part + 1 == self->n_parts || first->iov_len - offset >= RECORD_BYTES)
    {
      *out_length = MIN (first->iov_len - offset, RECORD_BYTES);
      return (const char *)first->iov_base + offset;
    }
  for (int i = self->part; i < self->n_parts && length < RECORD_BYTES; i++, offset = 0)
    {
      size_t n = MIN (self->parts[i].iov_len - offset, RECORD_BYTES - length);

      if (n > 0)
        memcpy (buffer + length, (const char *)self->parts[i].iov_base + offset, n);
      length += n;
    }
  *out_length = length;
  return buffer;
}

/* One record a write, whatever the parts.  GnuTLS keeps a record that did not fit into the
 * socket, and the next write must offer its bytes again: they are the first ones here, and
 * as many, because the writer offers all it has left. */
static ssize_t
write_tls (WeirStream *self, const struct iovec *parts, int n_parts)
{
  GPollableOutputStream *output
      = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (G_IO_STREAM (self->tls)));
  Cursor cursor = { .parts = parts, .n_parts = n_parts };
  ssize_t n_written = 0;

  for (cursor_advance (&cursor, 0); cursor.part < n_parts;)
    {
      g_autoptr (GError) error = NULL;
      char buffer[RECORD_BYTES];
      size_t length;
      const char *bytes = cursor_peek (&cursor, buffer, &length);
      gssize n = g_pollable_output_stream_write_nonblocking (output, bytes, length, NULL,
                                                             &error);

      self->tls_unsent = n < 0;
      if (n < 0)
        return n_written > 0 && get_result (error) == WEIR_STREAM_AGAIN
                   ? n_written
                   : get_result (error);
      n_written += n;
      cursor_advance (&cursor, (size_t)n);
    }
  return n_written;
}

ssize_t
weir_stream_writev (WeirStream *self, const struct iovec *parts, int n_parts)
{
  struct msghdr message = {
    .msg_iov = (struct iovec *)parts,
    .msg_iovlen = (size_t)n_parts,
  };
  ssize_t n;

  g_return_val_if_fail (self->fd >= 0 && n_parts >= 0 && n_parts <= PARTS_MAX,
                        WEIR_STREAM_FAILED);

  if (self->tls != NULL)
    return write_tls (self, parts, n_parts);
  do
    n = sendmsg (self->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n >= 0)
    return n;
  return errno == EAGAIN ? WEIR_STREAM_AGAIN : WEIR_STREAM_FAILED;
}

/* Says "the end" under TLS, but only where it surely fits into the socket: GIO would wait
 * for room. */
static void
end_tls (WeirStream *self)
{
  struct pollfd writable = { .fd = self->fd, .events = POLLOUT };

  if (self->tls == NULL || self->tls_unsent)
    return;
  if (poll (&writable, 1, 0) == 1 && writable.revents == POLLOUT)
    g_output_stream_close (g_io_stream_get_output_stream (G_IO_STREAM (self->tls)), NULL,
                           NULL);
  self->tls_unsent = TRUE; /* once */
}

/* The socket goes first: a TLS connection that is freed on an open one would say goodbye,
 * and wait for it. */
static void
close_socket (WeirStream *self)
{
  if (self->fd < 0)
    return;
  weir_poller_remove (self->poller, &self->watch);
  if (self->connection != NULL)
    g_socket_close (g_socket_connection_get_socket (self->connection), NULL);
  else
    close (self->fd);
  self->fd = -1;
  self->tls_readable = FALSE;
  g_clear_object (&self->tls);
  g_clear_object (&self->connection);
}

void
weir_stream_abort (WeirStream *self)
{
  const struct linger now = { .l_onoff = 1, .l_linger = 0 };

  if (self->fd >= 0)
    setsockopt (self->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close_socket (self);
}

void
weir_stream_shutdown_write (WeirStream *self)
{
  if (self->fd < 0)
    return;
  end_tls (self);
  shutdown (self->fd, SHUT_WR);
}

void
weir_stream_close (WeirStream *self)
{
  if (self->fd >= 0)
    end_tls (self);
  close_socket (self);
}

gboolean
weir_stream_is_open (const WeirStream *self)
{
  return self->fd >= 0;
}
