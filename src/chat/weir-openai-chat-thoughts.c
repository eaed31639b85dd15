/* SPDX-License-Identifier: GPL-3.0-or-later */

/* `reasoning_content` is no member of OpenAI's, so many clients do not bring it back;
 * DeepSeek's and Moonshot's models want it beside `tool_calls` (their guides to thinking,
 * read 2026-10). */

#include "config.h"

#include "chat/weir-openai-chat-thoughts.h"

#include "base/weir-json-edit.h"

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

gboolean
weir_openai_chat_mend_thoughts (WeirSlice body, GBytes **out_body, GError **error)
{
  const WeirJsonLimits limits
      = { .record_depth = 3 }; /* root, list, message, its members */
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  uint32_t messages;

  *out_body = NULL;
  if (memmem (body.text, body.length, CALLS, strlen (CALLS)) == NULL)
    return TRUE;
  if (!weir_json_parse (&json, body.text, body.length, &limits, error))
    return FALSE;
  messages = weir_json_lookup (&json, 0, "messages");
  if (messages == 0 || weir_json_get_type (&json, messages) != WEIR_JSON_ARRAY)
    return TRUE;
  for (uint32_t i = weir_json_first (&json, messages); i != 0;
       i = weir_json_next (&json, messages, i))
    {
      const uint32_t content = weir_json_lookup (&json, i, "content");

      if (lacks_thought (&json, i))
        weir_json_edit_set (&edit, &json, i, "reasoning_content",
                            is_text (&json, content) ? weir_json_get_raw (&json, content)
                                                     : LOST);
    }
  if (!weir_json_edit_is_empty (&edit))
    *out_body = weir_json_edit_apply (&edit, body);
  return TRUE;
}
