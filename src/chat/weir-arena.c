/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory in chunks of growing size, each used from its start. */

#include "config.h"

#include "chat/weir-arena.h"

#include <stddef.h>

#define CHUNK_FIRST 960 /* with its head still a small block to malloc */
#define CHUNK_MOST (256u << 10)

/* The newest comes first. */
typedef struct _Chunk
{
  struct _Chunk *next; /* (owned) (nullable) */
  size_t used;
  size_t size;
  _Alignas(max_align_t) char bytes[];
} Chunk;

static Chunk *
add_chunk (WeirArena *self, size_t least)
{
  const Chunk *before = self->newest;
  const size_t usual = before == NULL ? CHUNK_FIRST : MIN (before->size * 2, CHUNK_MOST);
  const size_t size = MAX (usual, least);
  Chunk *chunk = g_malloc (sizeof *chunk + size);

  *chunk = (Chunk){ .next = self->newest, .size = size };
  self->newest = chunk;
  return chunk;
}

gpointer
weir_arena_allocate (WeirArena *self, size_t size)
{
  const size_t unit = _Alignof(max_align_t);
  const size_t needed = (MAX (size, 1) + unit - 1) / unit * unit;
  Chunk *chunk = self->newest;
  gpointer place;

  if (chunk == NULL || chunk->size - chunk->used < needed)
    chunk = add_chunk (self, needed);
  place = memset (chunk->bytes + chunk->used, 0, needed);
  chunk->used += needed;
  return place;
}

WeirSlice
weir_arena_copy (WeirArena *self, WeirSlice text)
{
  char *copy;

  if (text.length == 0)
    return WEIR_SLICE ("");
  copy = weir_arena_allocate (self, text.length);
  memcpy (copy, text.text, text.length);
  return (WeirSlice){ copy, text.length };
}

void
weir_arena_clear (WeirArena *self)
{
  for (Chunk *chunk = self->newest, *next; chunk != NULL; chunk = next)
    {
      next = chunk->next;
      g_free (chunk);
    }
  self->newest = NULL;
}
