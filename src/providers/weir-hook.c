/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Streams of events that have something round them. */

#include "config.h"

#include "providers/weir-hook.h"

/* A line end inside JSON is white space, and an event's line must hold none. */
static void
append_on_one_line (GString *out, WeirSlice data)
{
  const gsize start = out->len;

  weir_slice_append (data, out);
  for (gsize i = start; i < out->len; i++)
    if (out->str[i] == '\n' || out->str[i] == '\r')
      out->str[i] = ' ';
}

static gboolean
on_event (WeirSlice name, WeirSlice data, gpointer user_data)
{
  WeirHookStream *self = user_data;

  g_string_append (self->out, "data: ");
  append_on_one_line (self->out, self->hook->unwrap (data));
  g_string_append (self->out, "\n\n");
  return TRUE;
}

static void
on_message (const WeirEventStreamMessage *message, gpointer user_data)
{
  WeirHookStream *self = user_data;

  self->hook->write_message (message, self->out);
}

WeirHookStream *
weir_hook_stream_new (const WeirHook *hook)
{
  WeirHookStream *self = g_new0 (WeirHookStream, 1);

  g_return_val_if_fail (hook->unwrap != NULL || hook->write_message != NULL, self);

  self->hook = hook;
  self->out = g_string_new (NULL);
  weir_sse_init (&self->sse, on_event, self);
  weir_event_stream_init (&self->messages, on_message, self);
  return self;
}

void
weir_hook_stream_free (WeirHookStream *self)
{
  if (self == NULL)
    return;
  weir_sse_clear (&self->sse);
  weir_event_stream_clear (&self->messages);
  g_string_free (self->out, TRUE);
  g_free (self);
}

gboolean
weir_hook_stream_feed (WeirHookStream *self,
                       const char *bytes,
                       size_t length,
                       GError **error)
{
  if (self->hook->write_message != NULL)
    return weir_event_stream_feed (&self->messages, bytes, length, error);
  return weir_sse_feed (&self->sse, bytes, length, NULL, NULL, error);
}

GString *
weir_hook_stream_take (WeirHookStream *self)
{
  GString *taken = self->out;

  self->out = g_string_new (NULL);
  return taken;
}

gboolean
weir_hook_stream_is_idle (const WeirHookStream *self)
{
  return weir_sse_is_idle (&self->sse) && weir_event_stream_is_idle (&self->messages);
}
