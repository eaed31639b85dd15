/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One part of a Gemini content, read in two steps: what it is decides in whose message it
 * stands, so it must be known before there is a WeirPart. */

#include "chat/weir-request.h"

typedef struct
{
  uint32_t object; /* the part itself; this and what follows: items, 0 where absent */
  uint32_t text;
  uint32_t inline_data;
  uint32_t file_data;
  uint32_t call;
  uint32_t response;
  uint32_t code;
  uint32_t code_result;
  gboolean thought;
  WeirSlice signature;
  WeirSlice media_type; /* of inline_data or file_data */
  WeirUnknown *unknown; /* (nullable) */
} WeirGeminiPart;

/* The members of the part at @object.  Errors: WEIR_ERROR_BAD_REQUEST (more than one kind
 * of data is one) or _JSON_DUPLICATE. */
gboolean weir_gemini_part_read (WeirGeminiPart *self,
                                WeirRequest *request,
                                uint32_t object,
                                GError **error);

/* What the part is: RESULT, CALL, THINKING, … */
WeirPartType weir_gemini_part_get_type (const WeirGeminiPart *self);

/* Fills @part, which was added with that type. */
gboolean weir_gemini_part_fill (const WeirGeminiPart *self,
                                WeirRequest *request,
                                WeirPart *part,
                                GError **error);
