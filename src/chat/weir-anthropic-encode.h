/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files that write Anthropic Messages answers share: not for other dialects. */

#include "chat/weir-encoder.h"
#include "chat/weir-fold.h"

typedef struct
{
  WeirEncoder base;
  WeirFold fold;   /* all of a whole answer; of a stream what waits, and the totals */
  gboolean called; /* a call was written */
  unsigned lost;   /* bits of WeirBlockType, and those below, that were reported */

  /* of a stream */
  gboolean started;   /* message_start was written */
  unsigned open;      /* number of the block that is open, or WEIR_ANTHROPIC_NO_BLOCK */
  WeirBlockType type; /* its type */
  gboolean sealed;    /* a thought: its signature was written; a custom call: the object
                       * around its text was opened */
  unsigned index;     /* of the next block on the wire; the open one's is one less */
  guint waiting;      /* index in the fold of the first block that was not written yet */
} WeirAnthropicEncoder;

#define WEIR_ANTHROPIC_NO_BLOCK UINT_MAX
#define WEIR_ANTHROPIC_LOST_CHOICE (1u << WEIR_BLOCK_LAST)
#define WEIR_ANTHROPIC_LOST_CITATIONS (2u << WEIR_BLOCK_LAST)

/* Is the upstream of this dialect too? */
gboolean weir_anthropic_encoder_is_own (const WeirAnthropicEncoder *self);
/* Tells of @loss where none of @bit was told before. */
void
weir_anthropic_encoder_report (WeirAnthropicEncoder *self, unsigned bit, const char *loss);
/* FALSE: the dialect has no word for such a block, which is reported. */
gboolean weir_anthropic_encoder_can_say (WeirAnthropicEncoder *self, WeirBlockType type);
/* What stands in front of the call that @signature belongs to; what stands for the
 * signature of a thought that has none.  Good until the scratch is used again. */
WeirSlice weir_anthropic_encoder_carry (WeirAnthropicEncoder *self, WeirSlice signature);
WeirSlice weir_anthropic_encoder_get_unsigned (WeirAnthropicEncoder *self);

/* Members: those in front of the content; `usage`; `stop_reason` and `stop_sequence`; those
 * of a call in front of its input; those of a redacted thought. */
void weir_anthropic_encoder_write_head (WeirAnthropicEncoder *self, WeirJsonWriter *w);
void weir_anthropic_encoder_write_usage (const WeirAnthropicEncoder *self,
                                         WeirJsonWriter *w);
void weir_anthropic_encoder_write_finish (const WeirAnthropicEncoder *self,
                                          WeirJsonWriter *w);
void weir_anthropic_encoder_write_call (WeirAnthropicEncoder *self,
                                        WeirJsonWriter *w,
                                        WeirSlice id,
                                        WeirSlice name);
void weir_anthropic_encoder_write_redacted (WeirJsonWriter *w, WeirSlice data);

/* The whole answer. */
void weir_anthropic_encoder_write_document (WeirAnthropicEncoder *self, GString *out);
