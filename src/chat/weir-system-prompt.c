/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where each dialect keeps its system prompt. */

#include "config.h"

#include "chat/weir-system-prompt.h"

#include "base/weir-json-edit.h"

GBytes *
weir_system_prompt_insert (WeirDialect dialect,
                           WeirSlice body,
                           const char *prompt,
                           GError **error)
{
  g_auto (WeirJson) json = { 0 };

  if (!weir_json_parse (&json, body.text, body.length, NULL, error))
    return NULL;
  return g_bytes_new (body.text, body.length);
}
