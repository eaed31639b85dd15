/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The parts of Gemini's reader.  Errors of all: WEIR_ERROR_BAD_REQUEST, _JSON_DUPLICATE. */

#include "chat/weir-gemini-fields.h"
#include "chat/weir-gemini-part.h"

/* The list at @list (0: none). */
gboolean weir_gemini_read_tools (WeirRequest *request, uint32_t list, GError **error);
gboolean
weir_gemini_read_tool_config (WeirRequest *request, uint32_t object, GError **error);
gboolean
weir_gemini_read_generation (WeirRequest *request, uint32_t object, GError **error);
