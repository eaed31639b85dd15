/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Settings of the mock, and answers rendered from them.  Streams are chunked with one chunk
 * an event, as servers send them that flush after each event. */

#include "mock-answer.h"

#include "bench-piece.h"
#include "mock-texts.h"

#include <stdlib.h>
#include <string.h>

const MockSettings mock_settings_default = {
  .size = 1024,
  .pieces = 100,
  .piece = 200,
  .write = 16384,
  .status = 200,
};

/* clang-format off */
static const struct
{
  const char *name;
  size_t offset;
  unsigned long least;
  unsigned long most;
} fields[] = {
  { "size",     offsetof (MockSettings, size),     0,   64ul << 20 },
  { "pieces",   offsetof (MockSettings, pieces),   1,   BENCH_PIECES_MAX },
  { "piece",    offsetof (MockSettings, piece),    0,   1ul << 20 },
  { "pause_us", offsetof (MockSettings, pause_us), 0,   60000000 },
  { "first_us", offsetof (MockSettings, first_us), 0,   60000000 },
  { "write",    offsetof (MockSettings, write),    1,   1ul << 20 },
  { "status",   offsetof (MockSettings, status),   200, 599 },
  { "cut",      offsetof (MockSettings, cut),      0,   BENCH_PIECES_MAX },
  { "damage",   offsetof (MockSettings, damage),   0,   BENCH_PIECES_MAX },
};
/* clang-format on */

static bool
read_setting (MockSettings *self, const char *text)
{
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    {
      size_t length = strlen (fields[i].name);
      unsigned long value;

      if (strncmp (text, fields[i].name, length) != 0 || text[length] != '=')
        continue;
      value = strtoul (text + length + 1, NULL, 10);
      if (value < fields[i].least || value > fields[i].most)
        return false;
      *(unsigned *)(void *)((char *)self + fields[i].offset) = (unsigned)value;
      return true;
    }
  return false;
}

bool
mock_settings_read (MockSettings *self, const char *query)
{
  bool all = true;

  while (*query != '\0')
    {
      all = read_setting (self, query) && all;
      query += strcspn (query, "&");
      query += *query == '&';
    }
  return all;
}

/* The text before `@`, marked text with @padding, the text behind it.  Returns where the
 * marked text begins. */
static size_t
append_marked (BenchBuffer *buffer, const char *template, size_t padding)
{
  size_t before = strcspn (template, "@");
  size_t at;

  bench_buffer_append (buffer, template, before);
  at = buffer->length;
  bench_piece_append (buffer, padding);
  bench_buffer_append_text (buffer, template + before + 1);
  return at;
}

/* How much padding brings @template to @size bytes. */
static size_t
padding_for (const char *template, size_t size)
{
  size_t bare = strlen (template) - 1 + BENCH_PIECE_MIN;

  return size > bare ? size - bare : 0;
}

static void
append_head (MockAnswer *self, size_t length)
{
  BenchBuffer *buffer = &self->opening;

  bench_buffer_append_format (buffer, "HTTP/1.1 %u Bench\r\n", self->settings.status);
  if (self->stream)
    bench_buffer_append_text (buffer, "Content-Type: text/event-stream\r\n"
                                      "Cache-Control: no-cache\r\n"
                                      "Transfer-Encoding: chunked\r\n\r\n");
  else
    bench_buffer_append_format (
        buffer, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n", length);
}

static void
append_chunk (BenchBuffer *buffer, const char *text)
{
  bench_buffer_append_format (buffer, "%zx\r\n", strlen (text));
  bench_buffer_append_text (buffer, text);
  bench_buffer_append_text (buffer, "\r\n");
}

static void
damage (const MockAnswer *self, size_t text_at, BenchBuffer *buffer)
{
  buffer->bytes[text_at + BENCH_PIECE_MIN - 2] ^= 1;
}

static void
render_whole (MockAnswer *self)
{
  const MockTexts *texts = &mock_texts[self->dialect];
  BenchBuffer body = { 0 };
  size_t at = append_marked (&body, texts->whole,
                             padding_for (texts->whole, self->settings.size));

  if (self->settings.damage > 0)
    damage (self, at, &body);
  append_head (self, body.length);
  if (self->settings.cut > 0)
    body.length /= 2;
  bench_buffer_append (&self->opening, body.bytes, body.length);
  bench_buffer_clear (&body);
}

static void
render_error (MockAnswer *self)
{
  const char *text = mock_texts[self->dialect].error;
  size_t before = strcspn (text, "@");
  BenchBuffer body = { 0 };

  self->stream = false;
  bench_buffer_append (&body, text, before);
  bench_buffer_append_text (&body, "the mock was told to fail");
  bench_buffer_append_text (&body, text + before + 1);
  append_head (self, body.length);
  bench_buffer_append (&self->opening, body.bytes, body.length);
  bench_buffer_clear (&body);
}

static void
render_stream (MockAnswer *self)
{
  const MockTexts *texts = &mock_texts[self->dialect];
  BenchBuffer event = { 0 };
  size_t at = append_marked (&event, texts->piece,
                             padding_for (texts->piece, self->settings.piece));

  bench_buffer_append_format (&self->piece, "%zx\r\n", event.length);
  self->piece_text = self->piece.length + at;
  bench_buffer_append (&self->piece, event.bytes, event.length);
  bench_buffer_append_text (&self->piece, "\r\n");
  bench_buffer_clear (&event);

  append_head (self, 0);
  for (const char *const *text = texts->opening; *text != NULL; text++)
    append_chunk (&self->opening, *text);
  self->n_pieces = self->settings.pieces;
  if (self->settings.cut > 0 && self->settings.cut <= self->n_pieces)
    {
      self->n_pieces = self->settings.cut - 1;
      return;
    }
  for (const char *const *text = texts->closing; *text != NULL; text++)
    append_chunk (&self->closing, *text);
  bench_buffer_append_text (&self->closing, "0\r\n\r\n");
}

void
mock_answer_append_piece (const MockAnswer *self,
                          size_t number,
                          int64_t written_ns,
                          BenchBuffer *buffer)
{
  size_t at = buffer->length + self->piece_text;

  bench_buffer_append (buffer, self->piece.bytes, self->piece.length);
  bench_piece_put_number (buffer->bytes + at + BENCH_PIECE_NUMBER_AT,
                          BENCH_PIECE_NUMBER_DIGITS, number);
  bench_piece_put_number (buffer->bytes + at + BENCH_PIECE_TIME_AT, BENCH_PIECE_TIME_DIGITS,
                          (uint64_t)(written_ns % BENCH_PIECE_TIME_MODULO));
  if (self->settings.damage == number + 1)
    damage (self, at, buffer);
}

MockAnswer *
mock_answer_new (BenchDialect dialect, bool stream, const MockSettings *settings)
{
  MockAnswer *self = calloc (1, sizeof *self);

  if (self == NULL)
    bench_die ("out of memory");
  self->n_users = 1;
  self->dialect = dialect;
  self->stream = stream;
  self->settings = *settings;
  self->close = settings->cut > 0;
  if (settings->status != 200)
    render_error (self);
  else if (stream)
    render_stream (self);
  else
    render_whole (self);

  if (self->stream && settings->pause_us == 0)
    {
      for (size_t number = 0; number < self->n_pieces; number++)
        mock_answer_append_piece (self, number, 0, &self->opening);
      bench_buffer_append (&self->opening, self->closing.bytes, self->closing.length);
      self->n_pieces = 0;
      self->closing.length = 0;
    }
  return self;
}

void
mock_answer_unref (MockAnswer *self)
{
  if (self == NULL || --self->n_users > 0)
    return;
  bench_buffer_clear (&self->opening);
  bench_buffer_clear (&self->piece);
  bench_buffer_clear (&self->closing);
  free (self);
}
