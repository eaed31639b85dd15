/* SPDX-License-Identifier: GPL-3.0-or-later */

/* TLS of clients on our own port: who gets through, and how the others end. */

#include "config.h"

#include "proxy/weir-handshakes.h"

#include "base/weir-clock.h"
#include "certificates.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  WeirPoller *poller;
  WeirHandshakes *handshakes;
  GTlsCertificate *certificate;
  int client;                 /* the other end, when no TLS client has taken it */
  volatile int64_t offset_us; /* of the driven clock */
  unsigned n_done;
  WeirStream stream; /* of the last handshake */
  uint16_t remote_port;
} Fixture;

static void
on_handshake (const WeirStream *stream,
              const struct sockaddr_storage *remote,
              gpointer user_data)
{
  Fixture *self = user_data;

  self->n_done++;
  self->stream = *stream;
  g_assert_cmpint (remote->ss_family, ==, AF_INET);
  self->remote_port = ntohs (((const struct sockaddr_in *)remote)->sin_port);
}

static void
setup (Fixture *self, gconstpointer data)
{
  g_autoptr (TestCertificate) own
      = test_certificate_new (&(TestCertificateRequest){ .name = "weir.test" });

  weir_clock_set_test_offset (&self->offset_us);
  self->certificate = test_certificate_export (own);
  self->poller = weir_poller_new (NULL);
  self->handshakes = weir_handshakes_new (self->poller, on_handshake, self);
  self->client = -1;
}

static void
hang_up (Fixture *self)
{
  if (self->client >= 0)
    close (self->client);
  self->client = -1;
}

static void
turn_for (int64_t real_us)
{
  const int64_t until_us = g_get_monotonic_time () + real_us;

  while (g_get_monotonic_time () < until_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

static void
teardown (Fixture *self, gconstpointer data)
{
  if (self->n_done > 0)
    weir_stream_close (&self->stream);
  weir_handshakes_free (self->handshakes);
  turn_for (20000); /* what was given up ends in the loop */
  hang_up (self);
  weir_poller_free (self->poller);
  g_object_unref (self->certificate);
  weir_clock_set_test_offset (NULL);
}

/* One client has come in; its own end is @client. */
static void
begin (Fixture *self)
{
  const struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons (4711) };
  struct sockaddr_storage remote = { 0 };
  int ends[2];

  memcpy (&remote, &from, sizeof from);
  hang_up (self);
  g_assert_no_errno (
      socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
  self->client = ends[1];
  weir_handshakes_begin (self->handshakes, ends[0], &remote, self->certificate);
}

/* Has our side ended, whatever it said before? */
static gboolean
is_over (Fixture *self)
{
  char bytes[1024];
  ssize_t n;

  turn_for (60000);
  while ((n = recv (self->client, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    ;
  return n == 0 || errno == ECONNRESET;
}

static gboolean
on_certificate (GTlsConnection *connection,
                GTlsCertificate *certificate,
                GTlsCertificateFlags errors,
                gpointer user_data)
{
  Fixture *self = user_data;

  return g_tls_certificate_is_same (certificate, self->certificate);
}

static void
shaken_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *done = user_data;
  g_autoptr (GError) error = NULL;

  g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);
  g_assert_no_error (error);
  *done = TRUE;
}

/* (transfer full): a client that takes no other certificate than ours. */
static GIOStream *
shake_hands (Fixture *self)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (self->client, NULL);
  g_autoptr (GSocketConnection) connection
      = g_socket_connection_factory_create_connection (socket);
  GIOStream *tls = g_tls_client_connection_new (G_IO_STREAM (connection), NULL, NULL);
  const int64_t end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  const unsigned n_before = self->n_done;
  gboolean done = FALSE;

  self->client = -1;
  g_tls_connection_set_database (G_TLS_CONNECTION (tls), NULL);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (on_certificate), self);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, NULL,
                                    shaken_cb, &done);
  while ((!done || self->n_done == n_before) && g_get_monotonic_time () < end_us)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (done);
  g_assert_cmpuint (self->n_done, ==, n_before + 1);
  return tls;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gssize *n = user_data;

  *n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
}

static void
test_a_handshake_gives_a_stream (Fixture *self, gconstpointer data)
{
  g_autoptr (GIOStream) client = NULL;
  struct iovec part = { (char *)"to the client", 13 };
  char heard[64] = "";
  gssize n = -2;

  begin (self);
  client = shake_hands (self);
  g_assert_cmpuint (self->remote_port, ==, 4711);
  g_assert_nonnull (self->stream.tls);
  /* nobody's certificate is checked here: the system's store would be read for nothing */
  g_assert_null (g_tls_connection_get_database (self->stream.tls));

  g_assert_cmpint (weir_stream_writev (&self->stream, &part, 1), ==, 13);
  g_input_stream_read_async (g_io_stream_get_input_stream (client), heard, sizeof heard,
                             G_PRIORITY_DEFAULT, NULL, read_cb, &n);
  while (n == -2)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpmem (heard, (gsize)n, "to the client", 13);

  g_assert_cmpint (g_output_stream_write (g_io_stream_get_output_stream (client), "to us",
                                          5, NULL, NULL),
                   ==, 5);
  while ((n = weir_stream_read (&self->stream, heard, sizeof heard)) == WEIR_STREAM_AGAIN)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpmem (heard, (gsize)n, "to us", 5);
}

/* The deadline was that of the handshake: what comes of it may be silent. */
static void
test_the_deadline_ends_with_the_handshake (Fixture *self, gconstpointer data)
{
  g_autoptr (GIOStream) client = NULL;
  char byte;

  begin (self);
  client = shake_hands (self);
  self->offset_us += 60 * WEIR_USEC_PER_SEC;
  turn_for (60000);
  g_assert_cmpint (weir_stream_read (&self->stream, &byte, 1), ==, WEIR_STREAM_AGAIN);
}

static void
test_what_is_no_tls_is_closed (Fixture *self, gconstpointer data)
{
  static const WeirSlice greetings[] = {
    { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 35 },
    { "\x15\x03\x03\x00\x02\x02\x28", 7 }, /* an alert */
    { "\n", 1 },                           /* less than a record, and the end */
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (greetings); i++)
    {
      begin (self);
      g_assert_cmpint (
          send (self->client, greetings[i].text, greetings[i].length, MSG_NOSIGNAL), ==,
          (ssize_t)greetings[i].length);
      if (greetings[i].length == 1)
        g_assert_no_errno (shutdown (self->client, SHUT_WR));
      g_assert_true (is_over (self));
    }
  g_assert_cmpuint (self->n_done, ==, 0);
}

static void
test_a_silent_client_is_closed_after_ten_seconds (Fixture *self, gconstpointer data)
{
  begin (self);
  g_assert_false (is_over (self));
  self->offset_us += 9 * WEIR_USEC_PER_SEC;
  g_assert_false (is_over (self));
  self->offset_us += 2 * WEIR_USEC_PER_SEC;
  g_assert_true (is_over (self));
  g_assert_cmpuint (self->n_done, ==, 0);
}

static void
test_a_client_that_leaves_is_forgotten (Fixture *self, gconstpointer data)
{
  begin (self);
  hang_up (self);
  turn_for (20000);
  begin (self);
  g_assert_cmpint (send (self->client, "\x16\x03\x01", 3, MSG_NOSIGNAL), ==, 3);
  turn_for (20000);
  hang_up (self);
  turn_for (20000);
  g_assert_cmpuint (self->n_done, ==, 0);
}

static void
test_those_under_way_end_with_their_owner (Fixture *self, gconstpointer data)
{
  begin (self);
  turn_for (20000);
  weir_handshakes_free (g_steal_pointer (&self->handshakes));
  g_assert_true (is_over (self));
  g_assert_cmpuint (self->n_done, ==, 0);
}

#define ADD(name, func)                                                                    \
  g_test_add ("/handshakes/" name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-handshake-gives-a-stream", test_a_handshake_gives_a_stream);
  ADD ("the-deadline-ends-with-the-handshake", test_the_deadline_ends_with_the_handshake);
  ADD ("what-is-no-tls-is-closed", test_what_is_no_tls_is_closed);
  ADD ("a-silent-client-is-closed-after-ten-seconds",
       test_a_silent_client_is_closed_after_ten_seconds);
  ADD ("a-client-that-leaves-is-forgotten", test_a_client_that_leaves_is_forgotten);
  ADD ("those-under-way-end-with-their-owner", test_those_under_way_end_with_their_owner);
  return g_test_run ();
}
