/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes read too early come first, once, in every way of reading. */

#include "config.h"

#include "proxy/weir-replay-stream.h"

#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  int peer;
  GIOStream *base;
  GIOStream *stream;
  GPollableInputStream *input; /* (unowned) */
} Fixture;

#define EARLY "GET / HTTP/1.1\r\n\r\n"
#define LATE "behind it"

static void
setup (Fixture *self, gconstpointer data)
{
  const char *early = data != NULL ? data : "";
  g_autoptr (GBytes) bytes = g_bytes_new (early, strlen (early));
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  self->peer = ends[0];
  socket = g_socket_new_from_fd (ends[1], NULL);
  self->base = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  self->stream = weir_replay_stream_new (self->base, bytes);
  self->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
}

static void
teardown (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->stream);
  /* a stream that goes takes what it stood on with it */
  g_assert_finalize_object (self->base);
  close (self->peer);
}

static void
say (Fixture *self, const char *text)
{
  g_assert_cmpint (write (self->peer, text, strlen (text)), ==, (gssize)strlen (text));
}

static void
check_read_size (gsize size)
{
  g_autoptr (GString) got = g_string_new (NULL);
  Fixture self;

  setup (&self, EARLY);
  say (&self, LATE);
  while (got->len < strlen (EARLY LATE))
    {
      g_autoptr (GError) error = NULL;
      char buffer[40];
      gssize n
          = g_input_stream_read (G_INPUT_STREAM (self.input), buffer, size, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      g_string_append_len (got, buffer, n);
    }
  g_assert_cmpstr (got->str, ==, EARLY LATE);
  teardown (&self, NULL);
}

static void
test_any_read_size_gives_the_same_bytes (void)
{
  for (gsize size = 1; size <= 40; size++)
    check_read_size (size);
}

static void
test_reading_without_blocking (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  char buffer[64];

  g_assert_true (g_pollable_input_stream_can_poll (self->input));
  g_assert_true (g_pollable_input_stream_is_readable (self->input));
  g_assert_cmpint (
      g_pollable_input_stream_read_nonblocking (self->input, buffer, 64, NULL, &error), ==,
      (gssize)strlen (EARLY));
  g_assert_cmpmem (buffer, strlen (EARLY), EARLY, strlen (EARLY));
  g_assert_false (g_pollable_input_stream_is_readable (self->input));
  g_assert_cmpint (
      g_pollable_input_stream_read_nonblocking (self->input, buffer, 64, NULL, &error), ==,
      -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  say (self, LATE);
  g_assert_true (g_pollable_input_stream_is_readable (self->input));
  g_assert_cmpint (
      g_pollable_input_stream_read_nonblocking (self->input, buffer, 64, NULL, &error), ==,
      (gssize)strlen (LATE));
  g_assert_no_errno (shutdown (self->peer, SHUT_WR));
  g_assert_cmpint (
      g_pollable_input_stream_read_nonblocking (self->input, buffer, 64, NULL, &error), ==,
      0);
}

static gboolean
on_ready (GObject *stream, gpointer user_data)
{
  unsigned *n_calls = user_data;

  g_assert_true (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (stream)));
  (*n_calls)++;
  return G_SOURCE_REMOVE;
}

static void
watch (Fixture *self, GCancellable *cancellable, unsigned *n_calls)
{
  g_autoptr (GSource) source
      = g_pollable_input_stream_create_source (self->input, cancellable);

  g_source_set_callback (source, G_SOURCE_FUNC (on_ready), n_calls, NULL);
  g_source_attach (source, NULL);
}

static void
test_a_source_wakes_for_either (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  unsigned n_calls = 0;
  char buffer[64];

  watch (self, cancellable, &n_calls);
  while (n_calls == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_input_stream_read (G_INPUT_STREAM (self->input), buffer, 64, NULL, NULL)
                 > 0);
  watch (self, NULL, &n_calls);
  for (unsigned i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_calls, ==, 1);
  say (self, LATE);
  while (n_calls == 1)
    g_main_context_iteration (NULL, TRUE);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  *(gssize *)user_data
      = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);
  g_assert_no_error (error);
}

static void
test_reading_later (Fixture *self, gconstpointer data)
{
  static const gsize lengths[] = { sizeof EARLY - 1, sizeof LATE - 1, 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      char buffer[64];
      gssize n = -1;

      g_input_stream_read_async (G_INPUT_STREAM (self->input), buffer, 64, 0, NULL, on_read,
                                 &n);
      if (i == 1)
        say (self, LATE);
      if (i == 2)
        g_assert_no_errno (shutdown (self->peer, SHUT_WR));
      while (n == -1)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (n, ==, (gssize)lengths[i]);
    }
}

static void
test_writing_goes_straight_through (Fixture *self, gconstpointer data)
{
  GOutputStream *output = g_io_stream_get_output_stream (self->stream);
  char buffer[8];

  g_assert_true (output == g_io_stream_get_output_stream (self->base));
  g_assert_true (g_output_stream_write_all (output, "answer", 6, NULL, NULL, NULL));
  g_assert_cmpint (read (self->peer, buffer, sizeof buffer), ==, 6);
  g_assert_cmpmem (buffer, 6, "answer", 6);
}

static void
test_closing_closes_what_is_under_it (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_true (g_io_stream_close (self->stream, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_io_stream_is_closed (self->base));
  g_assert_cmpint (read (self->peer, &byte, 1), ==, 0);
  g_assert_true (g_io_stream_close (self->stream, NULL, &error));
}

static void
test_with_nothing_to_replay (Fixture *self, gconstpointer data)
{
  char buffer[64];

  g_assert_false (g_pollable_input_stream_is_readable (self->input));
  say (self, LATE);
  g_assert_cmpint (
      g_input_stream_read (G_INPUT_STREAM (self->input), buffer, 64, NULL, NULL), ==,
      (gssize)strlen (LATE));
}

#define ADD(name, early, func)                                                             \
  g_test_add ("/replay-stream/" name, Fixture, early, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay-stream/any-read-size-gives-the-same-bytes",
                   test_any_read_size_gives_the_same_bytes);
  ADD ("reading-without-blocking", EARLY, test_reading_without_blocking);
  ADD ("a-source-wakes-for-either", EARLY, test_a_source_wakes_for_either);
  ADD ("reading-later", EARLY, test_reading_later);
  ADD ("writing-goes-straight-through", EARLY, test_writing_goes_straight_through);
  ADD ("closing-closes-what-is-under-it", EARLY, test_closing_closes_what_is_under_it);
  ADD ("with-nothing-to-replay", NULL, test_with_nothing_to_replay);
  return g_test_run ();
}
