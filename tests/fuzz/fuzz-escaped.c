/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Escaped text that a client may send anywhere: as a signature, a tool's name, a model's
 * name, a call's arguments.  What comes of it must be escaped text, an allowed name, strict
 * JSON. */

#include "chat/weir-request.h"
#include "chat/weir-signature.h"
#include "chat/weir-text.h"
#include "chat/weir-thinking.h"
#include "chat/weir-tool-name.h"

#include <stdlib.h>

static void
require (gboolean holds)
{
  if (!holds)
    abort ();
}

static gboolean
is_json (WeirSlice text)
{
  g_auto (WeirJson) json = { 0 };

  return weir_json_parse (&json, text.text, text.length, NULL, NULL);
}

static gboolean
is_escaped (WeirSlice text)
{
  g_autoptr (GString) quoted = g_string_new ("\"");

  g_string_append_len (quoted, text.text, (gssize)text.length);
  g_string_append_c (quoted, '"');
  return is_json ((WeirSlice){ quoted->str, quoted->len });
}

static void
check_signature (WeirRequest *request, WeirSlice text)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autoptr (GString) before = g_string_new (NULL);
  g_autoptr (GString) after = g_string_new (NULL);
  WeirPart part = { .origin = WEIR_DIALECT_GEMINI };
  WeirSlice found = weir_signature_unwrap (request, text, &part);

  require (is_escaped (found));
  if (text.length == 0 || weir_signature_occurs_in (text))
    return;
  found = weir_signature_unwrap (
      request, weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, text, scratch), &part);
  require (part.origin == WEIR_DIALECT_ANTHROPIC);
  weir_text_unescape (text, before);
  weir_text_unescape (found, after);
  require (g_string_equal (before, after));
}

static void
check_name (WeirSlice text)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autoptr (GString) again = g_string_new (NULL);

  for (int target = 0; target < WEIR_DIALECT_LAST; target++)
    {
      const WeirSlice mapped = weir_tool_name_map_scoped (WEIR_SLICE ("s"), text,
                                                          (WeirDialect)target, scratch);

      /* what a name became may stay */
      require (mapped.length > 0 && mapped.length <= 128);
      require (weir_tool_name_map (mapped, (WeirDialect)target, again).text == mapped.text);
    }
}

static void
check_call (WeirSlice text, gboolean custom)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  const WeirCall call = { .custom = custom, .arguments = { WEIR_SPELLING_TEXT, text } };
  WeirSlice object = WEIR_SLICE ("");

  if (weir_call_get_object (&call, scratch, &object))
    require (object.text[0] == '{' && is_json (object));
  else
    require (!custom);
  require (is_escaped (weir_call_get_text (&call, scratch)));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const WeirSlice text = { (const char *)data, size };
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  g_autoptr (WeirRequest) request = weir_request_new (WEIR_DIALECT_GEMINI, body, NULL);
  WeirThinking thinking = { 0 };

  if (!is_escaped (text))
    return 0;
  check_signature (request, text);
  check_name (text);
  check_call (text, FALSE);
  check_call (text, TRUE);
  require (weir_slice_has_prefix (text, weir_thinking_split_model (text, &thinking)));
  require (thinking.mode != WEIR_THINKING_BUDGET || thinking.budget > 0);
  return 0;
}
