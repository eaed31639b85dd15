/* SPDX-License-Identifier: GPL-3.0-or-later */

/* OpenAI renamed the role in 2024 for its own models; others never heard of it. */

#include "config.h"

#include "chat/weir-openai-chat-roles.h"

#include "chat/weir-openai-chat-mend.h"

#define DEVELOPER "\"developer\""

static void
avoid_developer (WeirJsonEdit *edit, const WeirJson *json, uint32_t message)
{
  const uint32_t role = weir_json_lookup (json, message, "role");

  if (role != 0 && weir_json_equals (json, role, "developer"))
    weir_json_edit_replace_text (edit, json, role, "system");
}

gboolean
weir_openai_chat_avoid_developer (WeirSlice body, GBytes **out_body, GError **error)
{
  return weir_openai_chat_mend (body, DEVELOPER, avoid_developer, out_body, error);
}
