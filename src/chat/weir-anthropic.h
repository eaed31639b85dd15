/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of Anthropic Messages share: not for other dialects. */

#include "base/weir-json-fields.h"
#include "chat/weir-request.h"

/* The signature of another vendor's call travels as the data of a redacted_thinking block
 * in front of that call, behind this word: four letters of base64, so that the whole stays
 * base64 as the wrapped signature is. */
#define WEIR_ANTHROPIC_OF_CALL "Call"

/* What is wrapped for thoughts that were not signed: some clients drop thoughts without a
 * signature, and this vendor refuses them, so they must be known again. */
#define WEIR_ANTHROPIC_UNSIGNED "unsigned"

/* Reads @object by @fields, as weir_json_read_fields does, and keeps the members that
 * @fields does not name and that are not null in *@unknown, @prefix (nullable) and a dot
 * before their names.  No name may stand twice. */
gboolean weir_anthropic_read_object (WeirRequest *self,
                                     uint32_t object,
                                     const WeirField *fields,
                                     gpointer out,
                                     const char *prefix,
                                     WeirUnknown **unknown,
                                     GError **error);

/* The string member @name of @object, escaped; empty where there is none. */
WeirSlice
weir_anthropic_lookup_text (const WeirJson *json, uint32_t object, const char *name);

/* A truth that was read into a gboolean that was -1 before. */
WeirSaid weir_anthropic_get_said (gboolean read);

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
