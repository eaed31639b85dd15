/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The shape of the last event that brought nothing but text: most events of a stream differ
 * from the one before in that text alone, and comparing two runs of bytes is far cheaper
 * than reading JSON.  An event that matches has the same JSON structure, names and values
 * as the learnt one, except in the holes: what is known of the learnt one holds for it. */

#include "base/weir-json.h"

#define WEIR_SKELETON_BYTES 1024
#define WEIR_SKELETON_HOLES 10

/* Of a hole whose value nobody wants. */
#define WEIR_SKELETON_TEXT UINT8_MAX

typedef struct
{
  uint32_t start; /* offsets in the learnt event; a string's quotes stand outside */
  uint32_t end;
  uint8_t slot; /* WEIR_SKELETON_TEXT: any string; else any unsigned integer, kept there */
} WeirSkeletonHole;

typedef struct
{
  WeirSkeletonHole holes[WEIR_SKELETON_HOLES]; /* ordered by start */
  uint8_t n_holes;
  gboolean has_numbers;
  gboolean spoilt; /* the event being read changed something: it must not be learnt */
  uint16_t length; /* 0: nothing learnt */
  uint16_t n_allocated;
  char *bytes; /* (owned) (nullable) */
} WeirSkeleton;

void weir_skeleton_clear (WeirSkeleton *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirSkeleton, weir_skeleton_clear)

/* Before an event is read: forgets the one before.  A zeroed one has learnt nothing. */
void weir_skeleton_begin (WeirSkeleton *self);

/* While it is read: this string or number may differ.  Too many holes, or a number with
 * sign, fraction or exponent, spoil it. */
void weir_skeleton_add_text (WeirSkeleton *self, const WeirJson *json, uint32_t item);
void weir_skeleton_add_number (WeirSkeleton *self,
                               const WeirJson *json,
                               uint32_t item,
                               uint8_t slot);

/* After it was read: learns it, unless it is spoilt, too long or without a hole. */
void weir_skeleton_learn (WeirSkeleton *self, WeirSlice event);

/* TRUE when @event is the learnt one with other texts and numbers; *@numbers, indexed by
 * slot, then has the numbers (slots without a hole, and all on FALSE, stay as they are).
 * The texts are not checked for UTF-8 and escapes. */
gboolean weir_skeleton_match (const WeirSkeleton *self, WeirSlice event, uint64_t *numbers);
