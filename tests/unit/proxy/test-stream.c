/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Streams over socket pairs; what TLS adds is tested with the upstream leg. */

#include "config.h"

#include "proxy/weir-stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  WeirPoller *poller;
  GMainContext *context;
  WeirStream stream;
  int peer;
} Fixture;

static unsigned n_events;
static uint32_t last_events;

/* A TCP pair: only TCP has resets. */
static void
make_pair (int ends[2])
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (listener, (struct sockaddr *)&address, length));
  g_assert_no_errno (listen (listener, 1));
  g_assert_no_errno (getsockname (listener, (struct sockaddr *)&address, &length));
  ends[0] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (connect (ends[0], (struct sockaddr *)&address, length));
  ends[1] = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  g_assert_cmpint (ends[1], >=, 0);
  close (listener);
}

static void
setup (Fixture *self, gconstpointer data)
{
  int ends[2];

  make_pair (ends);
  self->context = g_main_context_new ();
  self->poller = weir_poller_new (self->context);
  self->peer = ends[0];
  weir_stream_init_fd (&self->stream, self->poller, ends[1]);
  n_events = 0;
}

static void
teardown (Fixture *self, gconstpointer data)
{
  weir_stream_close (&self->stream);
  weir_stream_close (&self->stream);
  g_assert_false (weir_stream_is_open (&self->stream));
  close (self->peer);
  weir_poller_free (self->poller);
  g_main_context_unref (self->context);
}

static void
test_reading (Fixture *self, gconstpointer data)
{
  char buffer[64];

  g_assert_cmpint (weir_stream_read (&self->stream, buffer, sizeof buffer), ==,
                   WEIR_STREAM_AGAIN);
  g_assert_cmpint (write (self->peer, "hello", 5), ==, 5);
  g_assert_cmpint (weir_stream_read (&self->stream, buffer, 2), ==, 2);
  g_assert_cmpint (weir_stream_read (&self->stream, buffer, sizeof buffer), ==, 3);
  g_assert_cmpmem (buffer, 3, "llo", 3);
  g_assert_no_errno (shutdown (self->peer, SHUT_WR));
  g_assert_cmpint (weir_stream_read (&self->stream, buffer, sizeof buffer), ==, 0);
}

static void
test_writing_until_it_would_block (Fixture *self, gconstpointer data)
{
  static char block[100000];
  struct iovec parts[2] = { { block, 10 }, { block + 10, sizeof block - 10 } };
  size_t n_written = 0;
  size_t n_read = 0;
  ssize_t n;

  while ((n = weir_stream_writev (&self->stream, parts, 2)) >= 0)
    n_written += (size_t)n;
  g_assert_cmpint (n, ==, WEIR_STREAM_AGAIN);
  weir_stream_shutdown_write (&self->stream);
  while ((n = read (self->peer, block, sizeof block)) > 0)
    n_read += (size_t)n;
  g_assert_cmpint (n, ==, 0);
  g_assert_cmpuint (n_read, ==, n_written);
  /* reading goes on, writing does not, and no signal kills us */
  g_assert_cmpint (write (self->peer, "late", 4), ==, 4);
  g_assert_cmpint (weir_stream_read (&self->stream, block, sizeof block), ==, 4);
  g_assert_cmpint (weir_stream_writev (&self->stream, parts, 2), ==, WEIR_STREAM_FAILED);
}

static void
test_abort_is_seen_as_a_reset (Fixture *self, gconstpointer data)
{
  struct iovec part = { (char *)"partial", 7 };
  char buffer[64];
  ssize_t n;

  g_assert_cmpint (weir_stream_writev (&self->stream, &part, 1), ==, 7);
  weir_stream_abort (&self->stream);
  g_assert_false (weir_stream_is_open (&self->stream));
  while ((n = read (self->peer, buffer, sizeof buffer)) > 0)
    continue;
  g_assert_cmpint (n, ==, -1);
  g_assert_cmpint (errno, ==, ECONNRESET);
}

static void
test_close_is_seen_as_an_end (Fixture *self, gconstpointer data)
{
  struct iovec part = { (char *)"whole", 5 };
  char buffer[64];

  g_assert_cmpint (weir_stream_writev (&self->stream, &part, 1), ==, 5);
  weir_stream_close (&self->stream);
  g_assert_cmpint (read (self->peer, buffer, sizeof buffer), ==, 5);
  g_assert_cmpint (read (self->peer, buffer, sizeof buffer), ==, 0);
}

static void
test_a_reset_is_a_failure (Fixture *self, gconstpointer data)
{
  const struct linger now = { .l_onoff = 1 };
  char buffer[8];

  setsockopt (self->peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close (self->peer);
  self->peer = -1;
  g_assert_cmpint (weir_stream_read (&self->stream, buffer, sizeof buffer), ==,
                   WEIR_STREAM_FAILED);
}

static void
on_event (WeirWatch *watch, uint32_t events)
{
  n_events++;
  last_events = events;
}

static void
test_watching (Fixture *self, gconstpointer data)
{
  g_assert_true (weir_stream_watch (&self->stream, on_event, EPOLLIN));
  g_main_context_iteration (self->context, FALSE);
  g_assert_cmpuint (n_events, ==, 0);
  g_assert_cmpint (write (self->peer, "x", 1), ==, 1);
  g_main_context_iteration (self->context, FALSE);
  g_assert_cmpuint (last_events, ==, EPOLLIN);
  /* a peer that goes is noticed also while nothing is to be read */
  g_assert_true (weir_stream_watch (&self->stream, on_event, 0));
  g_main_context_iteration (self->context, FALSE);
  g_assert_cmpuint (n_events, ==, 1);
  g_assert_no_errno (shutdown (self->peer, SHUT_WR));
  g_main_context_iteration (self->context, FALSE);
  g_assert_cmpuint (last_events, ==, EPOLLRDHUP);
  g_assert_cmpuint (n_events, ==, 2);
  weir_stream_close (&self->stream);
  g_main_context_iteration (self->context, FALSE);
  g_assert_cmpuint (n_events, ==, 2);
}

#define ADD(name, func) g_test_add ("/stream/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("reads-what-is-there-and-sees-the-end", test_reading);
  ADD ("writes-until-it-would-block", test_writing_until_it_would_block);
  ADD ("an-abort-is-seen-as-a-reset", test_abort_is_seen_as_a_reset);
  ADD ("a-close-is-seen-as-an-end", test_close_is_seen_as_an_end);
  ADD ("a-reset-is-a-failure", test_a_reset_is_a_failure);
  ADD ("a-peer-that-goes-is-noticed-while-nothing-is-read", test_watching);
  return g_test_run ();
}
