/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frame around the dialects' encoders: how wire events and documents begin and end.
 * What stands in them is the dialects'. */

#include "config.h"

#include "chat/weir-encoder.h"

static WeirDialect
get_dialect (const WeirEncoder *self)
{
  return self->class->dialect;
}

WeirEncoder *
weir_encoder_new_of_class (const WeirEncoderClass *class, const WeirEncodeOptions *options)
{
  WeirEncoder *self;

  g_return_val_if_fail (
      options->form != WEIR_ANSWER_ARRAY || class->dialect == WEIR_DIALECT_GEMINI, NULL);

  self = g_malloc0 (class->size);
  self->class = class;
  self->options = *options;
  self->scratch = g_string_new (NULL);
  if (class->init != NULL)
    class->init (self);
  return self;
}

WeirEncoder *
weir_encoder_new (WeirDialect dialect, const WeirEncodeOptions *options)
{
  const WeirEncoderClass *class = weir_protocol_get (dialect)->encoder;

  g_return_val_if_fail (class != NULL, NULL);

  return weir_encoder_new_of_class (class, options);
}

void
weir_encoder_free (WeirEncoder *self)
{
  if (self == NULL)
    return;
  if (self->class->clear != NULL)
    self->class->clear (self);
  g_string_free (self->scratch, TRUE);
  g_free (self);
}

void
weir_encoder_put (WeirEncoder *self, const WeirEvent *event, GString *out)
{
  g_return_if_fail (event->type != WEIR_EVENT_ERROR);

  self->class->put (self, event, out);
}

gboolean
weir_encoder_end (WeirEncoder *self, GString *out, GError **error)
{
  const size_t before = out->len;

  if (!self->class->end (self, out, error))
    {
      g_string_truncate (out, before);
      return FALSE;
    }
  if (self->options.form == WEIR_ANSWER_ARRAY)
    g_string_append (out, self->n_events == 0 ? "[]" : "]");
  return TRUE;
}

void
weir_encoder_fail (
    WeirEncoder *self, WeirError code, unsigned status, const char *message, GString *out)
{
  const WeirProtocol *protocol = weir_protocol_get (get_dialect (self));
  const size_t before = out->len;

  if (self->options.form == WEIR_ANSWER_WHOLE)
    return;
  if (self->class->fail != NULL)
    {
      self->class->fail (self, code, status, message, out);
      return;
    }
  protocol->write_stream_error (out, self->options.form, code, message, self->options.id);
  /* the row continues an array; this one has not begun */
  if (self->options.form == WEIR_ANSWER_ARRAY && self->n_events == 0)
    out->str[before] = '[';
}

WeirDialect
weir_encoder_get_dialect (const WeirEncoder *self)
{
  return get_dialect (self);
}

const WeirEncodeOptions *
weir_encoder_get_options (const WeirEncoder *self)
{
  return &self->options;
}

/* Where a document's JSON begins. */
static void
begin_json (WeirEncoder *self, GString *out, WeirJsonWriter *writer)
{
  self->event_start = out->len;
  weir_json_writer_init (writer, out);
  writer->ascii = get_dialect (self) == WEIR_DIALECT_GEMINI;
  weir_json_open (writer, NULL);
}

/* An older genai, as in Gemini CLI, takes U+2028 and U+2029 for line ends; the service
 * itself escapes them.  Both stand in strings only, so an escape may replace them. */
static void
escape_separators (GString *out, size_t start)
{
  g_autoptr (GString) rest = NULL;
  const char *found = memmem (out->str + start, out->len - start, "\xe2\x80\xa8", 3);
  size_t from;

  if (found == NULL)
    found = memmem (out->str + start, out->len - start, "\xe2\x80\xa9", 3);
  if (found == NULL)
    return;
  rest = g_string_new_len (out->str + start, (gssize)(out->len - start));
  g_string_truncate (out, start);
  for (from = 0; from < rest->len; from++)
    {
      const char *at = rest->str + from;

      if (rest->len - from >= 3 && memcmp (at, "\xe2\x80", 2) == 0
          && (at[2] == '\xa8' || at[2] == '\xa9'))
        {
          g_string_append (out, at[2] == '\xa8' ? "\\u2028" : "\\u2029");
          from += 2;
        }
      else
        g_string_append_c (out, *at);
    }
}

/* A raw value may be spread over lines; in JSON they stand between tokens only, in an event
 * they would end it. */
static void
join_lines (GString *out, size_t start)
{
  char *p = out->str + start;
  const char *end = out->str + out->len;

  while ((p = memchr (p, '\n', (size_t)(end - p))) != NULL)
    *p++ = ' ';
  p = out->str + start;
  while ((p = memchr (p, '\r', (size_t)(end - p))) != NULL)
    *p++ = ' ';
}

static void
end_json (WeirEncoder *self, WeirJsonWriter *writer)
{
  while (writer->depth > 0)
    weir_json_close (writer);
  if (writer->ascii)
    escape_separators (writer->out, self->event_start);
}

void
weir_encoder_begin_event (WeirEncoder *self,
                          const char *name,
                          GString *out,
                          WeirJsonWriter *writer)
{
  g_return_if_fail (self->options.form != WEIR_ANSWER_WHOLE);

  if (self->options.form == WEIR_ANSWER_ARRAY)
    g_string_append_c (out, self->n_events == 0 ? '[' : ',');
  else
    {
      if (name != NULL)
        {
          g_string_append (out, "event: ");
          g_string_append (out, name);
          g_string_append_c (out, '\n');
        }
      g_string_append (out, "data: ");
    }
  self->n_events++;
  begin_json (self, out, writer);
}

void
weir_encoder_end_event (WeirEncoder *self, WeirJsonWriter *writer)
{
  end_json (self, writer);
  if (self->options.form != WEIR_ANSWER_SSE)
    return;
  join_lines (writer->out, self->event_start);
  g_string_append (writer->out, "\n\n");
}

void
weir_encoder_begin_document (WeirEncoder *self, GString *out, WeirJsonWriter *writer)
{
  begin_json (self, out, writer);
}

void
weir_encoder_end_document (WeirEncoder *self, WeirJsonWriter *writer)
{
  end_json (self, writer);
}

void
weir_encoder_say_line (WeirEncoder *self, const char *text, GString *out)
{
  g_return_if_fail (self->options.form == WEIR_ANSWER_SSE);

  g_string_append (out, "data: ");
  g_string_append (out, text);
  g_string_append (out, "\n\n");
}

void
weir_encoder_report (WeirEncoder *self, const char *loss)
{
  if (self->options.on_loss != NULL)
    self->options.on_loss (loss, NULL, self->options.user_data);
}

uint64_t
weir_encoder_sum_total (const WeirUsage *usage)
{
  if (usage->total != WEIR_USAGE_UNKNOWN)
    return usage->total;
  return weir_encoder_count (usage->input) + weir_encoder_count (usage->output);
}
