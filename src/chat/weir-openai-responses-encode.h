/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files that write OpenAI Responses answers share: not for other dialects. */

#include "chat/weir-encoder.h"
#include "chat/weir-fold.h"

typedef enum
{
  WEIR_RESPONSE_IN_PROGRESS,
  WEIR_RESPONSE_COMPLETED,
  WEIR_RESPONSE_INCOMPLETE,
  WEIR_RESPONSE_FAILED,
} WeirResponseStatus;

/* Every block of choice 0 is an item; in front of a call with a signature stands another
 * one that carries it, since calls have no place for one. */
typedef struct
{
  unsigned index;   /* its output_index */
  gboolean carried; /* the item before it is its carrier */
} WeirResponsesItem;

typedef struct
{
  WeirEncoder base;
  WeirFold fold; /* (owned) all that was said: done events and the end say it again */
  GArray *items; /* (owned) of WeirResponsesItem, one for each block of the fold */
  unsigned n_items;
  gboolean created; /* response.created was sent */
} WeirResponsesEncoder;

/* Why a response failed. */
typedef struct
{
  const char *code;
  const char *message;
} WeirResponseFailure;

/* The block's item type, as the block is told: pictures that are not in the answer itself
 * are told as text. */
WeirBlockType weir_responses_get_type (const WeirFoldBlock *block);

/* A member `NAME: "ID"` for the item at @index. */
void weir_responses_add_item_id (const WeirResponsesEncoder *self,
                                 WeirJsonWriter *json,
                                 const char *name,
                                 WeirBlockType type,
                                 unsigned index);

/* The item of @block, as it is when @done, else as it is announced. */
void weir_responses_add_item (const WeirResponsesEncoder *self,
                              WeirJsonWriter *json,
                              const char *name,
                              const WeirFoldBlock *block,
                              unsigned index,
                              const char *status,
                              gboolean done);

/* The item that carries the signature of the call @block. */
void weir_responses_add_carrier (const WeirResponsesEncoder *self,
                                 WeirJsonWriter *json,
                                 const char *name,
                                 const WeirFoldBlock *block,
                                 unsigned index);

/* A content part of a message: what @block said, or nothing yet. */
void weir_responses_add_part (WeirJsonWriter *json,
                              const char *name,
                              const WeirFoldBlock *block,
                              gboolean done);

/* The members of the response object; @failure (nullable). */
void weir_responses_add_response (const WeirResponsesEncoder *self,
                                  WeirJsonWriter *json,
                                  WeirResponseStatus status,
                                  const WeirResponseFailure *failure);
/* Which of COMPLETED and INCOMPLETE the answer is. */
WeirResponseStatus weir_responses_get_status (const WeirResponsesEncoder *self);
