/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A far side of one socket, driven from the test's own thread. */

#include "config.h"

#include "send-fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_HEAD "POST /v1 HTTP/1.1\r\n\r\n"
#define REQUEST_BODY "{\"a\":1}"

static void
on_head (gpointer owner, const WeirHttpHead *head)
{
  Fixture *self = owner;

  self->n_heads++;
  self->status = head->status;
  if (self->pause_on_head)
    weir_send_pause (&self->send);
  if (self->stop_on_head)
    weir_send_stop (&self->send, TRUE);
}

static void
on_data (gpointer owner, char *bytes, size_t length)
{
  Fixture *self = owner;

  g_assert_cmpuint (self->n_heads, ==, 1);
  g_assert_cmpuint (length, >, 0);
  g_assert_cmpint (self->end, ==, NOT_ENDED);
  g_string_append_len (self->data, bytes, (gssize)length);
  self->n_data++;
  memset (bytes, '?', length); /* they are the callee's */
  if (self->pause_on_data)
    weir_send_pause (&self->send);
  if (self->stop_on_data)
    weir_send_stop (&self->send, TRUE);
}

static void
on_ended (gpointer owner, WeirSendEnd end, const GError *error)
{
  Fixture *self = owner;

  g_assert_cmpint (self->end, ==, NOT_ENDED);
  g_assert_true (weir_send_is_active (&self->send));
  g_assert_true ((error == NULL) == (end == WEIR_SEND_WHOLE));
  self->end = (int)end;
  self->error_code = error != NULL ? error->code : -1;
  weir_send_stop (&self->send, TRUE);
}

static const WeirSendOwner owner_funcs = { on_head, on_data, on_ended };

void
send_fixture_setup (Fixture *self, gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  g_autofree char *url = NULL;

  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_no_errno (bind (self->listener, (struct sockaddr *)&address, length));
  g_assert_no_errno (listen (self->listener, 16));
  g_assert_no_errno (getsockname (self->listener, (struct sockaddr *)&address, &length));
  url = g_strdup_printf ("http://127.0.0.1:%u", ntohs (address.sin_port));
  self->target = weir_target_new (url, NULL, "a", NULL);
  weir_clock_set_test_offset (&self->offset_us);
  self->poller = weir_poller_new (NULL);
  self->upstream = weir_upstream_new (self->poller, NULL, NULL);
  self->data = g_string_new (NULL);
  self->peer = -1;
  self->send.head_timeout_us = HEAD_TIMEOUT_US;
  self->send.silence_timeout_us = SILENCE_TIMEOUT_US;
}

void
hang_up (Fixture *self)
{
  if (self->peer >= 0)
    close (self->peer);
  self->peer = -1;
}

void
send_fixture_teardown (Fixture *self, gconstpointer data)
{
  weir_send_stop (&self->send, FALSE);
  weir_send_stop (&self->send, FALSE);
  g_assert_false (weir_send_is_active (&self->send));
  hang_up (self);
  close (self->listener);
  weir_upstream_free (self->upstream);
  weir_poller_free (self->poller);
  weir_target_free (self->target);
  g_string_free (self->data, TRUE);
  g_free (self->request);
  weir_clock_set_test_offset (NULL);
}

/* All that can happen now happens. */
void
turn (void)
{
  for (unsigned i = 0; i < 4; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
on_connected (WeirLink *link, const GError *error, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_no_error (error);
  self->link = link;
}

/* A new link, nothing sent on it. */
void
connect_fresh (Fixture *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  hang_up (self);
  self->link = NULL;
  weir_upstream_connect (self->upstream, self->target, cancellable, on_connected, self);
  while (self->link == NULL)
    g_main_context_iteration (NULL, TRUE);
  self->peer = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint (self->peer, >=, 0);
}

void
connect_reused (Fixture *self)
{
  connect_fresh (self);
  weir_upstream_release (self->upstream, self->link);
  self->link = weir_upstream_take_idle (self->upstream, self->target);
  g_assert_nonnull (self->link);
}

/* Begins a request whose body is @body_length bytes (0: a short one). */
void
start (Fixture *self, size_t body_length)
{
  WeirSlice *runs = g_new (WeirSlice, 2);
  size_t head_length = strlen (REQUEST_HEAD);

  g_free (self->request);
  if (body_length > 0)
    {
      g_autofree char *body = g_strnfill (body_length, 'x');

      self->request = g_strconcat (REQUEST_HEAD, body, NULL);
    }
  else
    self->request = g_strdup (REQUEST_HEAD REQUEST_BODY);
  self->request_length = strlen (self->request);
  self->n_heads = self->n_data = self->status = 0;
  self->end = NOT_ENDED;
  g_string_truncate (self->data, 0);
  runs[0] = (WeirSlice){ self->request, head_length };
  runs[1] = (WeirSlice){ self->request + head_length, self->request_length - head_length };
  weir_send_start (&self->send, self->upstream, self->poller, g_steal_pointer (&self->link),
                   runs, 2, &owner_funcs, self);
}

void
start_fresh (Fixture *self)
{
  connect_fresh (self);
  start (self, 0);
}

/* More than any pair of sockets holds. */
void
start_long (Fixture *self)
{
  connect_fresh (self);
  start (self, 24u << 20);
  turn ();
  g_assert_false (weir_send_is_written (&self->send));
}

void
say_bytes (Fixture *self, const char *bytes, size_t length)
{
  g_assert_cmpint (send (self->peer, bytes, length, MSG_NOSIGNAL), ==, (ssize_t)length);
  turn ();
}

void
say (Fixture *self, const char *text)
{
  say_bytes (self, text, strlen (text));
}

void
half_close (Fixture *self)
{
  g_assert_no_errno (shutdown (self->peer, SHUT_WR));
  turn ();
}

void
reset (Fixture *self)
{
  struct linger now = { 1, 0 };

  g_assert_no_errno (setsockopt (self->peer, SOL_SOCKET, SO_LINGER, &now, sizeof now));
  hang_up (self);
  turn ();
}

void
pass (Fixture *self, int64_t us)
{
  int64_t until_us = g_get_monotonic_time () + 60000;

  self->offset_us += us;
  /* while it is driven, the clock is looked at every 20 ms */
  while (self->end == NOT_ENDED && g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

void
assert_end (Fixture *self, int end, int error_code)
{
  g_assert_cmpint (self->end, ==, end);
  if (end != NOT_ENDED && end != WEIR_SEND_WHOLE)
    g_assert_cmpint (self->error_code, ==, error_code);
  g_assert_true (weir_send_is_active (&self->send) == (end == NOT_ENDED));
}

unsigned
count_idle (Fixture *self)
{
  WeirUpstreamCounts counts;

  weir_upstream_get_counts (self->upstream, &counts);
  g_assert_cmpuint (counts.held, ==, weir_send_is_active (&self->send) ? 1 : 0);
  return counts.idle;
}

/* Reads what comes until @length bytes are there, and compares. */
void
hear_request (Fixture *self)
{
  g_autofree char *block = g_malloc (1 << 16);
  size_t n_heard = 0;

  while (n_heard < self->request_length)
    {
      ssize_t n = recv (self->peer, block, 1 << 16, MSG_DONTWAIT);

      if (n > 0)
        {
          g_assert_cmpmem (block, (size_t)n, self->request + n_heard, (size_t)n);
          n_heard += (size_t)n;
        }
      turn ();
    }
  g_assert_cmpuint (n_heard, ==, self->request_length);
}
