/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which bytes and lengths of tool names each dialect takes, and what becomes of others. */

#include "config.h"

#include "chat/weir-tool-name.h"

#define HASH_DIGITS 8

typedef struct
{
  size_t most;             /* bytes */
  const char *extra;       /* allowed besides letters, digits, `_` and `-` */
  gboolean starts_as_word; /* with a letter or `_` */
} Limits;

static const Limits limits[] = {
  [WEIR_DIALECT_OPENAI_CHAT] = { 64, "", FALSE },
  [WEIR_DIALECT_OPENAI_RESPONSES] = { 64, "", FALSE },
  [WEIR_DIALECT_ANTHROPIC] = { 128, "", FALSE },
  [WEIR_DIALECT_GEMINI] = { 64, ".:", TRUE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (limits) == WEIR_DIALECT_LAST);

static gboolean
may_stand (const Limits *self, char byte)
{
  return g_ascii_isalnum (byte) || byte == '_' || byte == '-'
         || (byte != '\0' && strchr (self->extra, byte) != NULL);
}

static gboolean
may_stay (const Limits *self, WeirSlice name)
{
  if (name.length == 0 || name.length > self->most)
    return FALSE;
  if (self->starts_as_word && !g_ascii_isalpha (name.text[0]) && name.text[0] != '_')
    return FALSE;
  for (size_t i = 0; i < name.length; i++)
    if (!may_stand (self, name.text[i]))
      return FALSE;
  return TRUE;
}

static uint32_t
hash_name (WeirSlice name)
{
  uint32_t hash = 2166136261u; /* FNV-1a */

  for (size_t i = 0; i < name.length; i++)
    hash = (hash ^ (guchar)name.text[i]) * 16777619u;
  return hash;
}

WeirSlice
weir_tool_name_map (WeirSlice name, WeirDialect target, GString *scratch)
{
  const Limits *limit = &limits[target];
  const size_t room = limit->most - HASH_DIGITS - 1;

  if (may_stay (limit, name))
    return name;
  g_string_truncate (scratch, 0);
  if (limit->starts_as_word && name.length > 0 && !g_ascii_isalpha (name.text[0])
      && name.text[0] != '_')
    g_string_append_c (scratch, '_');
  for (size_t i = 0; i < name.length && scratch->len < room; i++)
    g_string_append_c (scratch, may_stand (limit, name.text[i]) ? name.text[i] : '_');
  g_string_append_printf (scratch, "_%08x", hash_name (name));
  return (WeirSlice){ scratch->str, scratch->len };
}

WeirSlice
weir_tool_name_map_scoped (WeirSlice scope,
                           WeirSlice name,
                           WeirDialect target,
                           GString *scratch)
{
  g_autoptr (GString) joined = NULL;
  WeirSlice mapped;

  if (scope.length == 0)
    return weir_tool_name_map (name, target, scratch);
  joined = g_string_new_len (scope.text, (gssize)scope.length);
  g_string_append (joined, "__");
  g_string_append_len (joined, name.text, (gssize)name.length);
  mapped = weir_tool_name_map ((WeirSlice){ joined->str, joined->len }, target, scratch);
  if (mapped.text == joined->str)
    {
      g_string_truncate (scratch, 0);
      g_string_append_len (scratch, mapped.text, (gssize)mapped.length);
    }
  return (WeirSlice){ scratch->str, scratch->len };
}

const WeirTool *
weir_tool_name_lookup (const WeirRequest *request,
                       WeirDialect target,
                       WeirSlice scope,
                       WeirSlice name,
                       GString *scratch)
{
  const gboolean flat = target != WEIR_DIALECT_OPENAI_RESPONSES;

  for (const WeirTool *tool = request->tools; tool != NULL; tool = tool->next)
    {
      WeirSlice mapped;

      if (tool->name.length == 0 || (!flat && !weir_slice_equal (tool->scope, scope)))
        continue;
      mapped = weir_tool_name_map_scoped (flat ? tool->scope : WEIR_SLICE (""), tool->name,
                                          target, scratch);
      if (weir_slice_equal (mapped, name))
        return tool;
    }
  return NULL;
}
