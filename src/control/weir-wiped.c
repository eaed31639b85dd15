/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Growing by copy and wipe.  zlib is asked itself, not by GConverter: its windows hold what
 * went through it, and only its own interface lets us give it the memory. */

#include "config.h"

#include "control/weir-wiped.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#define FIRST_STEP ((size_t)16 << 10)
#define GZIP_BITS 16 /* zlib.h: added to the size of the window */

void
weir_wiped_clear (WeirWiped *self)
{
  if (self->text != NULL)
    explicit_bzero (self->text, self->room);
  g_free (self->text);
  *self = (WeirWiped){ 0 };
}

WeirSlice
weir_wiped_get_slice (const WeirWiped *self)
{
  return (WeirSlice){ self->text, self->length };
}

/* Room for @n more bytes. */
static void
ensure_room (WeirWiped *self, size_t n)
{
  WeirWiped larger = { .length = self->length, .room = MAX (self->room, FIRST_STEP) };

  if (self->room - self->length >= n)
    return;
  while (larger.room - larger.length < n)
    larger.room *= 2;
  larger.text = g_malloc (larger.room);
  if (self->length > 0)
    memcpy (larger.text, self->text, self->length);
  weir_wiped_clear (self);
  *self = larger;
}

void
weir_wiped_append (WeirWiped *self, WeirSlice bytes)
{
  ensure_room (self, bytes.length);
  if (bytes.length > 0)
    memcpy (self->text + self->length, bytes.text, bytes.length);
  self->length += bytes.length;
}

void
weir_wiped_append_number (WeirWiped *self, uint64_t value, unsigned n)
{
  char bytes[sizeof value];

  g_return_if_fail (n <= sizeof value);
  for (unsigned i = 0; i < n; i++)
    bytes[i] = (char)(value >> (8 * i) & 0xff);
  weir_wiped_append (self, (WeirSlice){ bytes, n });
}

void
weir_wiped_append_zeros (WeirWiped *self, size_t n)
{
  ensure_room (self, n);
  memset (self->text + self->length, 0, n);
  self->length += n;
}

GBytes *
weir_wiped_steal_bytes (WeirWiped *self)
{
  GBytes *bytes = g_bytes_new_take (self->text, self->length);

  *self = (WeirWiped){ 0 };
  return bytes;
}

/* --- zlib's memory: the length stands before what it gets --- */

typedef union
{
  size_t length;
  max_align_t aligned;
} Block;

static void *
allocate (void *user_data, uInt n, uInt size)
{
  Block *block = g_malloc (sizeof (Block) + (size_t)n * size);

  block->length = (size_t)n * size;
  return block + 1;
}

static void
release (void *user_data, void *memory)
{
  Block *block = (Block *)memory - 1;

  explicit_bzero (memory, block->length);
  g_free (block);
}

static int
get_window (WeirWipedForm form)
{
  return form == WEIR_WIPED_GZIP ? MAX_WBITS + GZIP_BITS : -MAX_WBITS;
}

/* What zlib is to read from @bytes and write behind @self. */
static void
offer (z_stream *stream, const WeirWiped *self, size_t max)
{
  stream->next_out = (Bytef *)self->text + self->length;
  stream->avail_out = (uInt)MIN (MIN (self->room, max) - self->length, UINT_MAX);
}

WeirWipedOutcome
weir_wiped_inflate (WeirWiped *self, WeirSlice bytes, WeirWipedForm form, size_t max)
{
  z_stream stream = { .zalloc = allocate, .zfree = release };
  const size_t most = self->length + max;
  int answer = Z_OK;

  g_return_val_if_fail (bytes.length <= UINT_MAX, WEIR_WIPED_BROKEN);
  stream.next_in = (z_const Bytef *)bytes.text;
  stream.avail_in = (uInt)bytes.length;
  if (inflateInit2 (&stream, get_window (form)) != Z_OK)
    return WEIR_WIPED_BROKEN;
  while (answer == Z_OK)
    {
      ensure_room (self, 1);
      /* one byte more than there may be tells an end from too much */
      offer (&stream, self, most + 1);
      answer = inflate (&stream, Z_NO_FLUSH);
      self->length = (size_t)((char *)stream.next_out - self->text);
      if (self->length > most)
        answer = Z_MEM_ERROR;
    }
  inflateEnd (&stream);
  if (answer == Z_STREAM_END)
    return WEIR_WIPED_WHOLE;
  return answer == Z_MEM_ERROR ? WEIR_WIPED_TOO_LARGE : WEIR_WIPED_BROKEN;
}

void
weir_wiped_deflate (WeirWiped *self, WeirSlice bytes, WeirWipedForm form)
{
  z_stream stream = { .zalloc = allocate, .zfree = release };
  int answer = deflateInit2 (&stream, Z_BEST_COMPRESSION, Z_DEFLATED, get_window (form),
                             MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);

  g_assert (answer == Z_OK && bytes.length <= UINT_MAX);
  stream.next_in = (z_const Bytef *)bytes.text;
  stream.avail_in = (uInt)bytes.length;
  ensure_room (self, deflateBound (&stream, bytes.length));
  offer (&stream, self, self->room);
  answer = deflate (&stream, Z_FINISH);
  g_assert (answer == Z_STREAM_END);
  self->length = (size_t)((char *)stream.next_out - self->text);
  deflateEnd (&stream);
}

uint32_t
weir_wiped_sum (WeirSlice bytes)
{
  return (uint32_t)crc32_z (0, (const Bytef *)bytes.text, bytes.length);
}
