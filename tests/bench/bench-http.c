/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Buffers, message heads, bodies and sockets for the benchmark's two programs.  Nothing
 * about dialects or measuring lives here. */

#include "bench-http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MAX 65536u
#define ANSWER_TIMEOUT_MS 30000

static void
reserve (BenchBuffer *self, size_t more)
{
  if (self->size - self->length >= more)
    return;
  while (self->size - self->length < more)
    self->size = self->size < 256 ? 256 : self->size * 2;
  self->bytes = realloc (self->bytes, self->size);
  if (self->bytes == NULL)
    bench_die ("out of memory");
}

void
bench_buffer_append (BenchBuffer *self, const void *bytes, size_t length)
{
  if (length == 0)
    return;
  reserve (self, length);
  memcpy (self->bytes + self->length, bytes, length);
  self->length += length;
}

void
bench_buffer_append_text (BenchBuffer *self, const char *text)
{
  bench_buffer_append (self, text, strlen (text));
}

void
bench_buffer_append_format (BenchBuffer *self, const char *format, ...)
{
  char text[4096];
  va_list arguments;
  int length;

  va_start (arguments, format);
  length = vsnprintf (text, sizeof text, format, arguments);
  va_end (arguments);
  if (length < 0 || (size_t)length >= sizeof text)
    bench_die ("formatted text is too long");
  bench_buffer_append (self, text, (size_t)length);
}

void
bench_buffer_drop (BenchBuffer *self, size_t length)
{
  self->length -= length;
  if (self->length > 0)
    memmove (self->bytes, self->bytes + length, self->length);
}

void
bench_buffer_clear (BenchBuffer *self)
{
  free (self->bytes);
  *self = (BenchBuffer){ 0 };
}

/* The value of a field when @line is that field, else NULL. */
static const char *
match_field (const char *line, const char *name)
{
  size_t length = strlen (name);

  if (strncasecmp (line, name, length) != 0 || line[length] != ':')
    return NULL;
  return line + length + 1 + strspn (line + length + 1, " \t");
}

static void
read_field (BenchHead *self, const char *line)
{
  const char *value = match_field (line, "content-length");

  if (value != NULL)
    {
      self->has_content_length = true;
      self->content_length = strtoull (value, NULL, 10);
      return;
    }
  value = match_field (line, "transfer-encoding");
  if (value != NULL)
    self->chunked = strncasecmp (value, "chunked", 7) == 0;
  value = match_field (line, "connection");
  if (value != NULL)
    self->close = strncasecmp (value, "close", 5) == 0;
}

BenchHeadResult
bench_head_read (BenchHead *self, const char *text, size_t length)
{
  const char *end = memmem (text, length, "\r\n\r\n", 4);
  const char *line = text;

  if (end == NULL)
    return length > HEAD_MAX ? BENCH_HEAD_BAD : BENCH_HEAD_MORE;

  *self = (BenchHead){ 0 };
  self->length = (size_t)(end - text) + 4;
  if (sscanf (text, "HTTP/1.%*1d %3u", &self->status) != 1
      && sscanf (text, "%15[A-Z] %2047[^ \r\n] HTTP/1.", self->method, self->target) != 2)
    return BENCH_HEAD_BAD;

  for (line = memmem (line, self->length, "\r\n", 2); line < end;
       line = memmem (line, (size_t)(end + 2 - line), "\r\n", 2))
    {
      line += 2;
      read_field (self, line);
    }
  return BENCH_HEAD_DONE;
}

void
bench_body_start (BenchBody *self, const BenchHead *head, bool is_answer)
{
  *self = (BenchBody){ 0 };
  if (head->chunked)
    self->state = BENCH_BODY_CHUNK_SIZE;
  else if (head->has_content_length && head->content_length > 0)
    {
      self->state = BENCH_BODY_COUNTED;
      self->left = head->content_length;
    }
  else if (is_answer && !head->has_content_length)
    self->state = BENCH_BODY_UNTIL_CLOSE;
}

static int
hex_value (char digit)
{
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  digit = (char)(digit | 0x20);
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* One byte of chunk framing. */
static void
feed_framing (BenchBody *self, char byte)
{
  int value = hex_value (byte);

  if (self->state == BENCH_BODY_CHUNK_SIZE && value >= 0)
    self->left = self->left * 16 + (uint64_t)value;
  else if (self->state == BENCH_BODY_CHUNK_SIZE
           || self->state == BENCH_BODY_CHUNK_EXTENSION)
    {
      self->state = BENCH_BODY_CHUNK_EXTENSION;
      if (byte == '\n')
        self->state = self->left > 0 ? BENCH_BODY_CHUNK_DATA : BENCH_BODY_TRAILER;
    }
  else if (self->state == BENCH_BODY_CHUNK_END && byte == '\n')
    self->state = BENCH_BODY_CHUNK_SIZE;
  else if (self->state == BENCH_BODY_CHUNK_END && byte != '\r')
    self->state = BENCH_BODY_BAD;
  else if (self->state == BENCH_BODY_TRAILER && byte == '\n')
    {
      if (self->trailer_line == 0)
        self->state = BENCH_BODY_DONE;
      self->trailer_line = 0;
    }
  else if (self->state == BENCH_BODY_TRAILER && byte != '\r')
    self->trailer_line++;
}

size_t
bench_body_feed (
    BenchBody *self, const char *bytes, size_t length, BenchSink sink, void *user_data)
{
  size_t used = 0;

  while (used < length && self->state != BENCH_BODY_DONE && self->state != BENCH_BODY_BAD)
    {
      size_t run = length - used;

      if (self->state != BENCH_BODY_COUNTED && self->state != BENCH_BODY_CHUNK_DATA
          && self->state != BENCH_BODY_UNTIL_CLOSE)
        {
          feed_framing (self, bytes[used++]);
          continue;
        }
      if (self->state != BENCH_BODY_UNTIL_CLOSE)
        {
          run = run < self->left ? run : (size_t)self->left;
          self->left -= run;
        }
      sink (user_data, bytes + used, run);
      used += run;
      if (self->state == BENCH_BODY_COUNTED && self->left == 0)
        self->state = BENCH_BODY_DONE;
      else if (self->state == BENCH_BODY_CHUNK_DATA && self->left == 0)
        self->state = BENCH_BODY_CHUNK_END;
    }
  return used;
}

int64_t
bench_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * BENCH_NS_PER_SECOND + now.tv_nsec;
}

void
bench_die (const char *format, ...)
{
  int code = errno;
  va_list arguments;

  fputs ("weir-bench: ", stderr);
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fprintf (stderr, "%s%s\n", code != 0 ? ": " : "", code != 0 ? strerror (code) : "");
  exit (2);
}

void
bench_raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static struct sockaddr_in
loopback_address (unsigned port)
{
  struct sockaddr_in address = { .sin_family = AF_INET };

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  address.sin_port = htons ((uint16_t)port);
  return address;
}

int
bench_listen (unsigned *port)
{
  struct sockaddr_in address = loopback_address (*port);
  socklen_t length = sizeof address;
  int on = 1;
  int descriptor = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (descriptor < 0)
    bench_die ("socket");
  setsockopt (descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind (descriptor, (void *)&address, sizeof address) != 0
      || listen (descriptor, 4096) != 0
      || getsockname (descriptor, (void *)&address, &length) != 0)
    bench_die ("cannot listen on port %u", *port);
  *port = ntohs (address.sin_port);
  return descriptor;
}

void
bench_set_no_delay (int descriptor)
{
  int on = 1;

  setsockopt (descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int
bench_connect (unsigned port)
{
  struct sockaddr_in address = loopback_address (port);
  int descriptor = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (descriptor < 0)
    bench_die ("socket");
  /* Loopback accepts or refuses at once, so connecting may block. */
  if (connect (descriptor, (void *)&address, sizeof address) != 0)
    {
      int code = errno;

      close (descriptor);
      errno = code;
      return -1;
    }
  fcntl (descriptor, F_SETFL, O_NONBLOCK);
  bench_set_no_delay (descriptor);
  return descriptor;
}

static bool
send_all (int descriptor, const char *bytes, size_t length)
{
  struct pollfd poller = { .fd = descriptor, .events = POLLOUT };

  while (length > 0)
    {
      ssize_t sent = send (descriptor, bytes, length, MSG_NOSIGNAL);

      if (sent < 0 && (errno != EAGAIN || poll (&poller, 1, ANSWER_TIMEOUT_MS) != 1))
        return false;
      if (sent > 0)
        {
          bytes += sent;
          length -= (size_t)sent;
        }
    }
  return true;
}

/* The status, or 0: the head of the answer is in @head, what came behind it in @buffer. */
static unsigned
receive_answer (int descriptor, BenchBuffer *buffer, BenchSink sink, void *user_data)
{
  struct pollfd poller = { .fd = descriptor, .events = POLLIN };
  BenchHead head = { 0 };
  BenchBody body = { .state = BENCH_BODY_BAD };
  bool has_head = false;
  char bytes[65536];

  for (;;)
    {
      ssize_t got = recv (descriptor, bytes, sizeof bytes, 0);

      if (got == 0)
        return has_head && body.state == BENCH_BODY_UNTIL_CLOSE ? head.status : 0;
      if (got < 0 && (errno != EAGAIN || poll (&poller, 1, ANSWER_TIMEOUT_MS) != 1))
        return 0;
      if (got < 0)
        continue;
      bench_buffer_append (buffer, bytes, (size_t)got);
      if (!has_head)
        {
          BenchHeadResult result = bench_head_read (&head, buffer->bytes, buffer->length);

          if (result == BENCH_HEAD_BAD)
            return 0;
          if (result == BENCH_HEAD_MORE)
            continue;
          has_head = true;
          bench_buffer_drop (buffer, head.length);
          bench_body_start (&body, &head, true);
        }
      bench_body_feed (&body, buffer->bytes, buffer->length, sink, user_data);
      buffer->length = 0;
      if (body.state == BENCH_BODY_DONE)
        return head.status;
    }
}

unsigned
bench_exchange (
    unsigned port, const char *bytes, size_t length, BenchSink sink, void *user_data)
{
  BenchBuffer buffer = { 0 };
  unsigned status = 0;
  int descriptor = bench_connect (port);

  if (descriptor < 0)
    return 0;
  if (send_all (descriptor, bytes, length))
    status = receive_answer (descriptor, &buffer, sink, user_data);
  bench_buffer_clear (&buffer);
  close (descriptor);
  return status;
}
