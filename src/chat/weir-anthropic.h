/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of Anthropic Messages share: not for other dialects. */

#include "chat/weir-read.h"

/* The signature of another vendor's call travels as the data of a redacted_thinking block
 * in front of that call, behind this word: four letters of base64, so that the whole stays
 * base64 as the wrapped signature is. */
#define WEIR_ANTHROPIC_OF_CALL "Call"

/* What is wrapped for thoughts that were not signed: some clients drop thoughts without a
 * signature, and this vendor refuses them, so they must be known again. */
#define WEIR_ANTHROPIC_UNSIGNED "unsigned"

/* The member `cache_control`; @object 0: it was not said. */
gboolean weir_anthropic_read_cache_mark (WeirRequest *self,
                                         uint32_t object,
                                         WeirCacheMark *mark,
                                         WeirUnknown **unknown,
                                         GError **error);

/* What the content block @object is to become. */
WeirPartType weir_anthropic_get_part_type (const WeirJson *json, uint32_t object);
/* Fills @part, of that type, from the block @object. */
gboolean weir_anthropic_read_part (WeirRequest *self,
                                   WeirPart *part,
                                   uint32_t object,
                                   GError **error);

gboolean weir_anthropic_read_tools (WeirRequest *self, uint32_t list, GError **error);
gboolean
weir_anthropic_read_tool_choice (WeirRequest *self, uint32_t object, GError **error);

/* The members `thinking`, `output_config` and `output_format` (items; 0: not said). */
gboolean weir_anthropic_read_output (WeirRequest *self,
                                     uint32_t thinking,
                                     uint32_t output_config,
                                     uint32_t output_format,
                                     GError **error);
