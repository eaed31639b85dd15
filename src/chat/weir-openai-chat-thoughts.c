/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `reasoning_content` is no member of OpenAI's, so many clients do not bring it back;
 * DeepSeek's and Moonshot's models want it beside `tool_calls` (their guides to thinking,
 * read 2026-10). */

#include "config.h"

#include "chat/weir-openai-chat-thoughts.h"

#include "chat/weir-openai-chat-mend.h"

#define CALLS "\"tool_calls\""
#define LOST WEIR_SLICE ("\"(this thought was not kept)\"")

static gboolean
is_text (const WeirJson *json, uint32_t item)
{
  return item != 0 && weir_json_get_type (json, item) == WEIR_JSON_STRING
         && weir_json_get_raw (json, item).length > 2;
}

static gboolean
lacks_thought (const WeirJson *json, uint32_t message)
{
  const uint32_t role = weir_json_lookup (json, message, "role");
  const uint32_t calls = weir_json_lookup (json, message, "tool_calls");

  return role != 0 && weir_json_equals (json, role, "assistant") && calls != 0
         && weir_json_get_type (json, calls) == WEIR_JSON_ARRAY
         && weir_json_get_raw (json, calls).length > 2
         && !is_text (json, weir_json_lookup (json, message, "reasoning_content"));
}

static void
mend_thought (WeirJsonEdit *edit, const WeirJson *json, uint32_t message)
{
  const uint32_t content = weir_json_lookup (json, message, "content");

  if (lacks_thought (json, message))
    weir_json_edit_set (edit, json, message, "reasoning_content",
                        is_text (json, content) ? weir_json_get_raw (json, content) : LOST);
}

gboolean
weir_openai_chat_mend_thoughts (WeirSlice body, GBytes **out_body, GError **error)
{
  return weir_openai_chat_mend (body, CALLS, mend_thought, out_body, error);
}
