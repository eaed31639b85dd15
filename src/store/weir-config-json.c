/* SPDX-License-Identifier: GPL-3.0-or-later */

/* YAML's values spelled as JSON.  The depth is that of the tree, which is bounded. */

#include "config.h"

#include "store/weir-config-json.h"

#include "base/weir-json-write.h"

/* The digits of @text from @c on. */
static const char *
skip_digits (const char *c)
{
  return c + strspn (c, "0123456789");
}

/* YAML 1.2, 10.3.2: [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static gboolean
is_number (const char *text)
{
  const char *c = text + strspn (text, "+-");
  const char *start = c;
  gboolean has_digits = FALSE;

  if (c > text + 1)
    return FALSE;
  c = skip_digits (c);
  has_digits = c > start;
  if (*c == '.')
    {
      start = c + 1;
      c = skip_digits (start);
      has_digits = has_digits || c > start;
    }
  if (!has_digits)
    return FALSE;
  if (*c == 'e' || *c == 'E')
    {
      start = c + 1 + (c[1] == '-' || c[1] == '+' ? 1 : 0);
      c = skip_digits (start);
      if (c == start)
        return FALSE;
    }
  return *c == '\0';
}

/* JSON wants no plus, no zero before other digits, and a digit on each side of the point;
 * every other byte stays. */
static void
append_number (GString *out, const char *text)
{
  if (*text == '-')
    g_string_append_c (out, '-');
  text += strspn (text, "+-");
  while (*text == '0' && g_ascii_isdigit (text[1]))
    text++;
  if (*text == '.')
    g_string_append_c (out, '0');
  for (; *text != '\0'; text++)
    {
      g_string_append_c (out, *text);
      if (*text == '.' && !g_ascii_isdigit (text[1]))
        g_string_append_c (out, '0');
    }
}

/* 0x1f and 0o17. */
static gboolean
append_other_base (GString *out, const char *text)
{
  guint64 number = 0;
  unsigned base = g_str_has_prefix (text, "0x")   ? 16
                  : g_str_has_prefix (text, "0o") ? 8
                                                  : 0;

  if (base == 0
      || !g_ascii_string_to_unsigned (text + 2, base, 0, G_MAXUINT64, &number, NULL))
    return FALSE;
  g_string_append_printf (out, "%" G_GUINT64_FORMAT, number);
  return TRUE;
}

static void
append_text (GString *out, WeirSlice text)
{
  g_string_append_c (out, '"');
  weir_json_escape (out, text, FALSE);
  g_string_append_c (out, '"');
}

static void
append_scalar (GString *out, const WeirConfigNode *node)
{
  static const char *const words[][3]
      = { { "true", "True", "TRUE" }, { "false", "False", "FALSE" } };
  WeirSlice text = { node->text, node->length };

  if (weir_config_node_is_null (node) && node->style == WEIR_CONFIG_STYLE_PLAIN)
    {
      g_string_append (out, "null");
      return;
    }
  for (size_t i = 0; node->style == WEIR_CONFIG_STYLE_PLAIN && i < G_N_ELEMENTS (words);
       i++)
    for (size_t j = 0; j < G_N_ELEMENTS (words[i]); j++)
      if (strcmp (node->text, words[i][j]) == 0)
        {
          g_string_append (out, words[i][0]);
          return;
        }
  if (node->style != WEIR_CONFIG_STYLE_PLAIN || strlen (node->text) != node->length)
    append_text (out, text);
  else if (is_number (node->text))
    append_number (out, node->text);
  else if (!append_other_base (out, node->text))
    append_text (out, text);
}

void
weir_config_node_write_json (const WeirConfigNode *node, GString *out)
{
  gboolean is_map = node->kind == WEIR_CONFIG_NODE_MAP;

  if (node->kind == WEIR_CONFIG_NODE_SCALAR)
    {
      append_scalar (out, node);
      return;
    }
  g_string_append_c (out, is_map ? '{' : '[');
  for (unsigned i = 0; i < node->children->len; i++)
    {
      const WeirConfigNode *child = g_ptr_array_index (node->children, i);

      if (i > 0)
        g_string_append_c (out, is_map && i % 2 == 1 ? ':' : ',');
      if (is_map && i % 2 == 0)
        append_text (out, (WeirSlice){ child->text, child->length });
      else
        weir_config_node_write_json (child, out);
    }
  g_string_append_c (out, is_map ? '}' : ']');
}
