/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What differs between two texts, line by line.  Pure. */

#include <glib.h>

typedef enum
{
  WEIR_DIFF_SAME,
  WEIR_DIFF_REMOVED,
  WEIR_DIFF_ADDED,
} WeirDiffKind;

typedef struct
{
  WeirDiffKind kind;
  char *line; /* (owned), without its line break */
} WeirDiffLine;

/* (transfer full): of WeirDiffLine.  The lines that are SAME or REMOVED are @before, those
 * that are SAME or ADDED are @after, both in order.  As few as possible are changed, but
 * for very large changes, where the whole middle is. */
GArray *weir_diff_make (const char *before, const char *after);

/* (transfer full): for a reader: each line behind "  ", "- " or "+ ", with at most @context
 * same lines around a change; empty where nothing differs. */
char *weir_diff_format (const char *before, const char *after, unsigned context);
