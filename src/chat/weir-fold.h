/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A whole answer: events folded into blocks.  For encoders of whole documents, and for
 * those that must say at the end all that they said in pieces. */

#include "chat/weir-arena.h"
#include "chat/weir-event.h"

#define WEIR_FOLD_MAX (64u << 20) /* bytes of text kept, all blocks together */

/* Slices are escaped and last as long as the fold, but for text and signature of a block:
 * see weir_fold_get_text. */
typedef struct
{
  unsigned choice;
  unsigned block;
  WeirBlockType type;
  gboolean closed;
  WeirSlice id;
  WeirSlice name;
  WeirSlice scope;
  WeirSlice raw;      /* of OPEN; of a picture it is not kept */
  GString *text;      /* (owned) (nullable) the DELTAs' texts, one behind the other */
  GString *signature; /* (owned) (nullable) OPEN's signature and the DELTAs' ones */
  GString *logprobs;  /* (owned) (nullable) of a TEXT: what stood in the DELTAs' arrays */
} WeirFoldBlock;

typedef struct
{
  gboolean seen;
  gboolean finished;
  WeirFinish finish;
  WeirSlice word;          /* the upstream's own word for it */
  WeirSlice stop_sequence; /* that was met; mostly empty */
} WeirFoldChoice;

typedef struct
{
  WeirSlice id;    /* the upstream's */
  WeirSlice model; /* the upstream's */
  WeirUsage usage;
  GPtrArray *blocks; /* (owned) of WeirFoldBlock, in the order of OPEN over all choices */
  GArray *choices;   /* (owned) of WeirFoldChoice, by index */

  /* private */
  WeirArena arena; /* blocks and short texts */
  size_t bytes;
  gboolean overflowed;
} WeirFold;

void weir_fold_init (WeirFold *self);
void weir_fold_clear (WeirFold *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirFold, weir_fold_clear)

/* Takes @event in.  PING, RAW and ERROR are passed over.  Beyond WEIR_FOLD_MAX, or more
 * choices than a decoder gives, nothing more is taken in: see weir_fold_check. */
void weir_fold_put (WeirFold *self, const WeirEvent *event);
/* FALSE with WEIR_ERROR_TOO_LARGE when something was left out. */
gboolean weir_fold_check (const WeirFold *self, GError **error);

/* The block that @choice calls @block, or NULL. */
WeirFoldBlock *weir_fold_lookup (const WeirFold *self, unsigned choice, unsigned block);
static inline WeirFoldBlock *
weir_fold_get_block (const WeirFold *self, unsigned index)
{
  return (WeirFoldBlock *)g_ptr_array_index (self->blocks, index);
}
static inline const WeirFoldChoice *
weir_fold_get_choice (const WeirFold *self, unsigned index)
{
  return &g_array_index (self->choices, WeirFoldChoice, index);
}

/* The array of how likely the tokens of @block were (weir-logprobs.h), in @scratch; empty
 * where nobody said. */
WeirSlice weir_fold_get_logprobs (const WeirFoldBlock *block, GString *scratch);
/* Those of all texts of @choice, one behind the other. */
WeirSlice weir_fold_join_logprobs (const WeirFold *self, unsigned choice, GString *scratch);

/* Borrowed until the next event is taken in.  Empty where there is none. */
static inline WeirSlice
weir_fold_get_text (const WeirFoldBlock *block)
{
  return block->text != NULL ? (WeirSlice){ block->text->str, block->text->len }
                             : WEIR_SLICE ("");
}
/* Empty where there is none. */
static inline WeirSlice
weir_fold_get_signature (const WeirFoldBlock *block)
{
  return block->signature != NULL
             ? (WeirSlice){ block->signature->str, block->signature->len }
             : WEIR_SLICE ("");
}
