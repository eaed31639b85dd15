/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GitHub Copilot: who began this turn, and whether there are pictures in it.  Copilot
 * counts what a user asks and what a program goes on asking apart (Copilot's documents on
 * requests, read 2026-10), so it is told which it is, as it is. */

#include "config.h"

#include "providers/weir-hook.h"

#include "base/weir-json.h"

static const WeirJsonLimits limits = { .record_depth = 5 };

/* The last of the conversation, or 0. */
static uint32_t
find_last (const WeirJson *json, uint32_t list)
{
  uint32_t last = 0;

  if (list == 0 || weir_json_get_type (json, list) != WEIR_JSON_ARRAY)
    return 0;
  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    last = i;
  return last;
}

/* What the user said came last; anything else is a program going on. */
static gboolean
is_of_user (const WeirJson *json)
{
  const uint32_t input = weir_json_lookup (json, 0, "input");
  uint32_t last;

  if (input != 0 && weir_json_get_type (json, input) == WEIR_JSON_STRING)
    return TRUE;
  last = find_last (json, input != 0 ? input : weir_json_lookup (json, 0, "messages"));
  return last != 0
         && weir_json_equals (json, weir_json_lookup (json, last, "role"), "user");
}

static gboolean
is_picture (const WeirJson *json, uint32_t part)
{
  const uint32_t type = weir_json_lookup (json, part, "type");

  return type != 0
         && (weir_json_equals (json, type, "image_url")
             || weir_json_equals (json, type, "input_image"));
}

static gboolean
has_picture (const WeirJson *json)
{
  uint32_t list = weir_json_lookup (json, 0, "messages");

  if (list == 0)
    list = weir_json_lookup (json, 0, "input");
  if (list == 0 || weir_json_get_type (json, list) != WEIR_JSON_ARRAY)
    return FALSE;
  for (uint32_t i = weir_json_first (json, list); i != 0;
       i = weir_json_next (json, list, i))
    {
      const uint32_t parts = weir_json_lookup (json, i, "content");

      if (parts == 0 || weir_json_get_type (json, parts) != WEIR_JSON_ARRAY)
        continue;
      for (uint32_t part = weir_json_first (json, parts); part != 0;
           part = weir_json_next (json, parts, part))
        if (is_picture (json, part))
          return TRUE;
    }
  return FALSE;
}

static void
write_fields (const WeirHookRequest *request, WeirSlice body, GString *out)
{
  g_auto (WeirJson) json = { 0 };

  if (!weir_json_parse (&json, body.text, body.length, &limits, NULL))
    return;
  g_string_append_printf (out, "X-Initiator: %s\r\n",
                          is_of_user (&json) ? "user" : "agent");
  if (has_picture (&json))
    g_string_append (out, "Copilot-Vision-Request: true\r\n");
}

const WeirHook weir_hook_copilot = {
  .name = "copilot",
  .write_fields = write_fields,
};
