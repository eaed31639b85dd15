/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Hardly any request has something to mend, so a look at the bytes comes before the reader.
 */

#include "config.h"

#include "chat/weir-openai-chat-mend.h"

gboolean
weir_openai_chat_mend (WeirSlice body,
                       const char *mark,
                       WeirOpenaiChatMendFunc func,
                       GBytes **out_body,
                       GError **error)
{
  const WeirJsonLimits limits
      = { .record_depth = 3 }; /* root, list, message, its members */
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  uint32_t messages;

  *out_body = NULL;
  if (memmem (body.text, body.length, mark, strlen (mark)) == NULL)
    return TRUE;
  if (!weir_json_parse (&json, body.text, body.length, &limits, error))
    return FALSE;
  messages = weir_json_lookup (&json, 0, "messages");
  if (messages == 0 || weir_json_get_type (&json, messages) != WEIR_JSON_ARRAY)
    return TRUE;
  for (uint32_t i = weir_json_first (&json, messages); i != 0;
       i = weir_json_next (&json, messages, i))
    func (&edit, &json, i);
  if (!weir_json_edit_is_empty (&edit))
    *out_body = weir_json_edit_apply (&edit, body);
  return TRUE;
}
