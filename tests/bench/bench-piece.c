/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Marked text: how it is written, and the check that it came through whole.  A wrong or
 * missing byte is an error of the run: a proxy that loses data must not look fast. */

#include "bench-piece.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char padding_text[] = "a small stream runs over stones ";

#define PADDING_PERIOD (sizeof padding_text - 1)

void
bench_piece_append (BenchBuffer *buffer, size_t padding)
{
  bench_buffer_append_text (buffer, "[[00000 0000000000000000");
  for (size_t i = 0; i < padding; i++)
    bench_buffer_append (buffer, &padding_text[i % PADDING_PERIOD], 1);
  bench_buffer_append_text (buffer, "]]");
}

void
bench_piece_put_number (char *at, unsigned digits, uint64_t value)
{
  for (unsigned i = digits; i > 0; i--)
    {
      at[i - 1] = (char)('0' + value % 10);
      value /= 10;
    }
}

static bool
read_digits (const char *at, unsigned digits, int64_t *out_value)
{
  *out_value = 0;
  for (unsigned i = 0; i < digits; i++)
    {
      if (at[i] < '0' || at[i] > '9')
        return false;
      *out_value = *out_value * 10 + (at[i] - '0');
    }
  return true;
}

void
bench_reference_index (BenchReference *self)
{
  const char *end = self->text.bytes + self->text.length;
  const char *at = self->text.bytes;

  while (at != NULL && (at = memmem (at, (size_t)(end - at), "[[", 2)) != NULL)
    {
      const char *close = memmem (at, (size_t)(end - at), "]]", 2);
      size_t n = self->n_pieces++;

      if (close == NULL || close - at < (ptrdiff_t)BENCH_PIECE_MIN - 2)
        bench_die ("the mock's answer has a broken piece");
      self->times = realloc (self->times, self->n_pieces * sizeof *self->times);
      if (self->times == NULL)
        bench_die ("out of memory");
      self->times[n] = (size_t)(at - self->text.bytes) + BENCH_PIECE_TIME_AT;
      self->padding = (size_t)(close - at) + 2 - BENCH_PIECE_MIN;
      at = close;
    }
  if (self->n_pieces == 0)
    bench_die ("the mock's answer has no piece");
}

void
bench_reference_clear (BenchReference *self)
{
  free (self->times);
  bench_buffer_clear (&self->text);
  *self = (BenchReference){ 0 };
}

void
bench_check_restart (BenchCheck *self)
{
  self->problem = NULL;
  self->offset = 0;
  self->n_pieces = 0;
  self->digits = 0;
  self->written_ns = 0;
  self->text.length = 0;
}

static void
feed_time_digit (BenchCheck *self, char digit)
{
  if (digit < '0' || digit > '9')
    {
      self->problem = "wrong byte in a time";
      return;
    }
  self->written_ns = self->written_ns * 10 + (digit - '0');
  self->offset++;
  if (++self->digits < BENCH_PIECE_TIME_DIGITS)
    return;
  self->n_pieces++;
  self->seen (self->user_data, self->written_ns);
  self->digits = 0;
  self->written_ns = 0;
}

/* Between two times each byte must be the reference's. */
static void
feed_exact (BenchCheck *self, const char *bytes, size_t length)
{
  const BenchReference *reference = self->reference;

  while (length > 0 && self->problem == NULL)
    {
      size_t stop = self->n_pieces < reference->n_pieces ? reference->times[self->n_pieces]
                                                         : reference->text.length;
      size_t run = 1;

      if (self->offset >= stop && self->n_pieces == reference->n_pieces)
        self->problem = "longer than the mock's answer";
      else if (self->offset >= stop)
        feed_time_digit (self, *bytes);
      else
        {
          run = length < stop - self->offset ? length : stop - self->offset;
          if (memcmp (reference->text.bytes + self->offset, bytes, run) != 0)
            self->problem = "other bytes than the mock's answer";
          self->offset += run;
        }
      bytes += run;
      length -= run;
    }
}

static bool
is_padding (const char *at, size_t length)
{
  while (length > 0)
    {
      size_t run = length < PADDING_PERIOD ? length : PADDING_PERIOD;

      if (memcmp (at, padding_text, run) != 0)
        return false;
      at += run;
      length -= run;
    }
  return true;
}

static void
check_piece (BenchCheck *self, const char *piece)
{
  size_t padding = self->reference->padding;
  int64_t number = -1;
  int64_t written_ns = -1;

  if (!read_digits (piece + BENCH_PIECE_NUMBER_AT, BENCH_PIECE_NUMBER_DIGITS, &number)
      || number != (int64_t)self->n_pieces
      || !read_digits (piece + BENCH_PIECE_TIME_AT, BENCH_PIECE_TIME_DIGITS, &written_ns))
    self->problem = "a piece is missing, twice there or damaged";
  else if (!is_padding (piece + BENCH_PIECE_MIN - 2, padding)
           || memcmp (piece + BENCH_PIECE_MIN - 2 + padding, "]]", 2) != 0)
    self->problem = "wrong text in a piece";
  else
    {
      self->n_pieces++;
      self->seen (self->user_data, written_ns);
    }
}

static void
feed_translated (BenchCheck *self, const char *bytes, size_t length)
{
  size_t whole = BENCH_PIECE_MIN + self->reference->padding;

  bench_buffer_append (&self->text, bytes, length);
  while (self->problem == NULL)
    {
      const char *from = self->text.bytes + self->offset;
      size_t left = self->text.length - self->offset;
      const char *piece = left > 0 ? memmem (from, left, "[[", 2) : NULL;

      if (piece == NULL)
        {
          self->offset = self->text.length > 0 ? self->text.length - 1 : 0;
          return;
        }
      self->offset = (size_t)(piece - self->text.bytes);
      if (self->text.length - self->offset < whole)
        return;
      check_piece (self, piece);
      self->offset += whole;
    }
}

void
bench_check_feed (BenchCheck *self, const char *bytes, size_t length)
{
  if (self->problem != NULL)
    return;
  if (self->exact)
    feed_exact (self, bytes, length);
  else
    feed_translated (self, bytes, length);
}

void
bench_check_finish (BenchCheck *self, const char *end)
{
  if (self->problem != NULL)
    return;
  if (self->n_pieces != self->reference->n_pieces)
    self->problem = "pieces are missing at the end";
  else if (self->exact && self->offset != self->reference->text.length)
    self->problem = "the end is missing";
  else if (!self->exact && end != NULL
           && memmem (self->text.bytes, self->text.length, end, strlen (end)) == NULL)
    self->problem = "the dialect's last event is missing";
}
