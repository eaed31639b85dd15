/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The example file, from the table.  Prose begins with `# `, a setting that is switched off
 * with `#` alone: without that `#` it is a setting. */

#include "config.h"

#include "store/weir-config-table.h"

#define LINE_CHARACTERS 80

/* @prefix before each line of @text. */
static void
append_lines (GString *out, const char *prefix, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    g_string_append_printf (out, "%s%s\n", prefix, *line);
}

/* The ids that `provider` may hold, in lines of prose. */
static void
append_providers (GString *out)
{
  size_t n = 0;
  const WeirProvider *providers = weir_provider_table_get (&n);
  size_t line = out->len;

  for (size_t i = 0; i < n; i++)
    {
      if (i > 0 && out->len - line + strlen (providers[i].id) > LINE_CHARACTERS)
        {
          g_string_append_c (out, '\n');
          line = out->len;
        }
      g_string_append_printf (out, "%s%s%s", out->len == line ? "# " : " ", providers[i].id,
                              i + 1 < n ? "," : "\n");
    }
}

static void
append_key (GString *out, const WeirConfigKey *key)
{
  gboolean is_inside = (key->places & WEIR_CONFIG_IN_FILE) == 0;
  const char *value = key->example != NULL ? key->example : key->initial;

  if (!is_inside)
    g_string_append_c (out, '\n');
  if (key->help != NULL)
    append_lines (out, is_inside ? "  # " : "# ", key->help);
  if (g_str_equal (key->path, "providers"))
    append_providers (out);
  if (key->example != NULL && g_str_has_prefix (key->example, key->path))
    append_lines (out, "#", key->example);
  else if (key->type == WEIR_CONFIG_TYPE_SECTION)
    g_string_append_printf (out, "%s:\n", key->path);
  else
    g_string_append_printf (out, "%s%s: %s\n", is_inside ? "  " : "",
                            weir_config_key_get_name (key), value);
}

char *
weir_config_make_example (void)
{
  GString *out
      = g_string_new ("# Configuration of Weir, with the values it has where a key is"
                      " absent, but for\n"
                      "# request-retry and max-retry-interval (0). Indentation is by"
                      " spaces.\n"
                      "# A line that begins with # directly before a word is a"
                      " setting to switch on.\n");
  const WeirConfigKey *key = NULL;

  for (size_t i = 0; (key = weir_config_table_get_row (i)) != NULL; i++)
    if ((key->places & WEIR_CONFIG_IN_SETTINGS) != 0 && key->type != WEIR_CONFIG_TYPE_LATER)
      append_key (out, key);
  return g_string_free (out, FALSE);
}
