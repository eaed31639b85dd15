/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What JSON-escaped bytes spell. */

#include "config.h"

#include "chat/weir-text.h"

#include "base/weir-json.h"

void
weir_text_unescape (WeirSlice escaped, GString *out)
{
  g_autoptr (GString) quoted = NULL;
  g_auto (WeirJson) json = { 0 };

  if (escaped.length == 0)
    return;
  if (memchr (escaped.text, '\\', escaped.length) == NULL)
    {
      g_string_append_len (out, escaped.text, (gssize)escaped.length);
      return;
    }
  quoted = g_string_sized_new (escaped.length + 2);
  g_string_append_c (quoted, '"');
  g_string_append_len (quoted, escaped.text, (gssize)escaped.length);
  g_string_append_c (quoted, '"');
  if (!weir_json_parse (&json, quoted->str, quoted->len, NULL, NULL))
    g_return_if_reached ();
  weir_json_append_text (&json, 0, out);
}
