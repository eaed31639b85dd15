/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of OpenAI Responses share: not for other dialects. */

#include "base/weir-json-fields.h"
#include "chat/weir-request.h"

/* Opaque bytes of other dialects that have no place in this one travel as the
 * encrypted_content of reasoning items without a summary: redacted thoughts, and the
 * signature of the call that is the next item.  These stand in front of them. */
#define WEIR_RESPONSES_REDACTED "redacted:"
#define WEIR_RESPONSES_OF_CALL "call:"

/* Reads @object by @fields, as weir_json_read_fields does, and keeps the members that
 * @fields does not name in *@unknown, @prefix (nullable) and a dot before their names.
 * No name may stand twice. */
gboolean weir_responses_read_object (WeirRequest *self,
                                     uint32_t object,
                                     const WeirField *fields,
                                     gpointer out,
                                     const char *prefix,
                                     WeirUnknown **unknown,
                                     GError **error);

/* The string member @name of @object; text is NULL where there is none. */
WeirSlice
weir_responses_lookup_text (const WeirJson *json, uint32_t object, const char *name);

/* The same with its escapes resolved (some libraries write `/` and `+` as escapes), unless
 * it needs some. */
WeirSlice
weir_responses_lookup_plain (WeirRequest *self, uint32_t object, const char *name);

/* A truth that was read into a gboolean that was -1 before. */
WeirSaid weir_responses_get_said (gboolean read);

/* The member `input`: a string or a list of items. */
gboolean weir_responses_read_input (WeirRequest *self, uint32_t input, GError **error);

/* The parts in @list, behind those of @message or, where that is NULL, of @result. */
gboolean weir_responses_read_parts (WeirRequest *self,
                                    WeirMessage *message,
                                    WeirResult *result,
                                    uint32_t list,
                                    GError **error);

/* The members `tools` and `tool_choice`. */
gboolean weir_responses_read_tools (WeirRequest *self, uint32_t tools, GError **error);
gboolean
weir_responses_read_tool_choice (WeirRequest *self, uint32_t choice, GError **error);
