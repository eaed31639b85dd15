/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes read too early, given back: how a connection whose head has been looked at is
 * handed to libsoup. */

#include "config.h"

#include "proxy/weir-replay-stream.h"

#include <string.h>

#define WEIR_TYPE_REPLAY_INPUT (weir_replay_input_get_type ())
G_DECLARE_FINAL_TYPE (
    WeirReplayInput, weir_replay_input, WEIR, REPLAY_INPUT, GFilterInputStream)

struct _WeirReplayInput
{
  GFilterInputStream parent_instance;
  GBytes *bytes; /* (owned) */
  gsize offset;  /* of @bytes, given back so far */
};

struct _WeirReplayStream
{
  GIOStream parent_instance;
  GIOStream *base;     /* (owned) */
  GInputStream *input; /* (owned) */
};

static gsize
give_back (WeirReplayInput *self, void *buffer, gsize count)
{
  gsize length;
  const char *bytes = g_bytes_get_data (self->bytes, &length);
  gsize n = MIN (count, length - self->offset);

  if (n > 0)
    memcpy (buffer, bytes + self->offset, n);
  self->offset += n;
  return n;
}

static gssize
replay_input_read (GInputStream *stream,
                   void *buffer,
                   gsize count,
                   GCancellable *cancellable,
                   GError **error)
{
  WeirReplayInput *self = WEIR_REPLAY_INPUT (stream);
  gsize n = give_back (self, buffer, count);

  if (n > 0)
    return (gssize)n;
  return g_input_stream_read (G_FILTER_INPUT_STREAM (self)->base_stream, buffer, count,
                              cancellable, error);
}

static gssize
replay_input_skip (GInputStream *stream,
                   gsize count,
                   GCancellable *cancellable,
                   GError **error)
{
  WeirReplayInput *self = WEIR_REPLAY_INPUT (stream);
  gsize n = MIN (count, g_bytes_get_size (self->bytes) - self->offset);

  self->offset += n;
  if (n > 0)
    return (gssize)n;
  return g_input_stream_skip (G_FILTER_INPUT_STREAM (self)->base_stream, count, cancellable,
                              error);
}

static gboolean
replay_input_is_readable (GPollableInputStream *stream)
{
  WeirReplayInput *self = WEIR_REPLAY_INPUT (stream);

  return self->offset < g_bytes_get_size (self->bytes)
         || g_pollable_input_stream_is_readable (
             G_POLLABLE_INPUT_STREAM (G_FILTER_INPUT_STREAM (self)->base_stream));
}

static GSource *
replay_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  WeirReplayInput *self = WEIR_REPLAY_INPUT (stream);
  g_autoptr (GSource) child = NULL;

  if (self->offset < g_bytes_get_size (self->bytes))
    {
      child = g_timeout_source_new (0);
      return g_pollable_source_new_full (stream, child, cancellable);
    }
  child = g_pollable_input_stream_create_source (
      G_POLLABLE_INPUT_STREAM (G_FILTER_INPUT_STREAM (self)->base_stream), cancellable);
  return g_pollable_source_new_full (stream, child, NULL);
}

static gssize
replay_input_read_nonblocking (GPollableInputStream *stream,
                               void *buffer,
                               gsize count,
                               GError **error)
{
  WeirReplayInput *self = WEIR_REPLAY_INPUT (stream);
  gsize n = give_back (self, buffer, count);

  if (n > 0)
    return (gssize)n;
  return g_pollable_input_stream_read_nonblocking (
      G_POLLABLE_INPUT_STREAM (G_FILTER_INPUT_STREAM (self)->base_stream), buffer, count,
      NULL, error);
}

static void
replay_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = replay_input_is_readable;
  iface->create_source = replay_input_create_source;
  iface->read_nonblocking = replay_input_read_nonblocking;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (WeirReplayInput,
                               weir_replay_input,
                               G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      replay_input_pollable_init))

static void
weir_replay_input_finalize (GObject *object)
{
  g_bytes_unref (WEIR_REPLAY_INPUT (object)->bytes);
  G_OBJECT_CLASS (weir_replay_input_parent_class)->finalize (object);
}

static void
weir_replay_input_class_init (WeirReplayInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weir_replay_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = replay_input_read;
  G_INPUT_STREAM_CLASS (klass)->skip = replay_input_skip;
}

static void
weir_replay_input_init (WeirReplayInput *self)
{
}

G_DEFINE_FINAL_TYPE (WeirReplayStream, weir_replay_stream, G_TYPE_IO_STREAM)

static GInputStream *
weir_replay_stream_get_input (GIOStream *stream)
{
  return WEIR_REPLAY_STREAM (stream)->input;
}

static GOutputStream *
weir_replay_stream_get_output (GIOStream *stream)
{
  return g_io_stream_get_output_stream (WEIR_REPLAY_STREAM (stream)->base);
}

static gboolean
weir_replay_stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_io_stream_close (WEIR_REPLAY_STREAM (stream)->base, cancellable, error);
}

static void
weir_replay_stream_dispose (GObject *object)
{
  WeirReplayStream *self = WEIR_REPLAY_STREAM (object);

  G_OBJECT_CLASS (weir_replay_stream_parent_class)->dispose (object);
  g_clear_object (&self->input);
  g_clear_object (&self->base);
}

static void
weir_replay_stream_class_init (WeirReplayStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weir_replay_stream_dispose;
  G_IO_STREAM_CLASS (klass)->get_input_stream = weir_replay_stream_get_input;
  G_IO_STREAM_CLASS (klass)->get_output_stream = weir_replay_stream_get_output;
  G_IO_STREAM_CLASS (klass)->close_fn = weir_replay_stream_close;
}

static void
weir_replay_stream_init (WeirReplayStream *self)
{
}

GIOStream *
weir_replay_stream_new (GIOStream *base, GBytes *bytes)
{
  WeirReplayStream *self = g_object_new (WEIR_TYPE_REPLAY_STREAM, NULL);
  WeirReplayInput *input = g_object_new (WEIR_TYPE_REPLAY_INPUT, "base-stream",
                                         g_io_stream_get_input_stream (base),
                                         "close-base-stream", FALSE, NULL);

  input->bytes = g_bytes_ref (bytes);
  self->base = g_object_ref (base);
  self->input = G_INPUT_STREAM (input);
  return G_IO_STREAM (self);
}
