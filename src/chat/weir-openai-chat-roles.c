/* SPDX-License-Identifier: GPL-3.0-or-later */

/* OpenAI renamed the role in 2024 for its own models; others never heard of it. */

#include "config.h"

#include "chat/weir-openai-chat-roles.h"

#include "base/weir-json-edit.h"

#define DEVELOPER "\"developer\""

gboolean
weir_openai_chat_avoid_developer (WeirSlice body, GBytes **out_body, GError **error)
{
  const WeirJsonLimits limits
      = { .record_depth = 3 }; /* root, list, message, its members */
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  uint32_t messages;

  *out_body = NULL;
  if (memmem (body.text, body.length, DEVELOPER, strlen (DEVELOPER)) == NULL)
    return TRUE;
  if (!weir_json_parse (&json, body.text, body.length, &limits, error))
    return FALSE;
  messages = weir_json_lookup (&json, 0, "messages");
  if (messages == 0 || weir_json_get_type (&json, messages) != WEIR_JSON_ARRAY)
    return TRUE;
  for (uint32_t i = weir_json_first (&json, messages); i != 0;
       i = weir_json_next (&json, messages, i))
    {
      const uint32_t role = weir_json_lookup (&json, i, "role");

      if (role != 0 && weir_json_equals (&json, role, "developer"))
        weir_json_edit_replace_text (&edit, &json, role, "system");
    }
  if (!weir_json_edit_is_empty (&edit))
    *out_body = weir_json_edit_apply (&edit, body);
  return TRUE;
}
