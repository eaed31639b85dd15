/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Memory for many small things that end together.  A zeroed WeirArena is an empty one. */

#include "base/weir-slice.h"

typedef struct
{
  gpointer newest; /* (owned) (nullable) */
} WeirArena;

/* Zeroed, aligned for everything, and good until the arena is cleared. */
gpointer weir_arena_allocate (WeirArena *self, size_t size);
/* A copy of @text. */
WeirSlice weir_arena_copy (WeirArena *self, WeirSlice text);
void weir_arena_clear (WeirArena *self);
