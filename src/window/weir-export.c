/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The two spellings of a list of requests, over one table of members. */

#include "config.h"

#include "window/weir-export.h"

#include <string.h>

#include "base/weir-json-write.h"
#include "window/weir-record.h"

/* clang-format off */
static const struct
{
  const char *name; /* of the member, and of the column */
  gboolean is_number;
} columns[] = {
  { "id",             TRUE },
  { "began",          TRUE },
  { "client",         FALSE },
  { "upstream",       FALSE },
  { "operation",      FALSE },
  { "key",            FALSE },
  { "agent",          FALSE },
  { "model",          FALSE },
  { "upstream-model", FALSE },
  { "seat",           FALSE },
  { "pass",           FALSE },
  { "attempts",       TRUE },
  { "status",         TRUE },
  { "error",          FALSE },
  { "input-tokens",   TRUE },
  { "cached-tokens",  TRUE },
  { "output-tokens",  TRUE },
  { "first-byte",     TRUE },
  { "total",          TRUE },
};
/* clang-format on */

/* RFC 4180, read 2026-11: a cell with a comma, a quote or a line break stands in quotes,
 * and quotes in it are doubled. */
static void
append_cell (GString *out, const char *text)
{
  gboolean is_formula = *text != '\0' && strchr ("=+-@\t\r", *text) != NULL;

  if (!is_formula && strpbrk (text, ",\"\r\n") == NULL)
    {
      g_string_append (out, text);
      return;
    }
  g_string_append (out, is_formula ? "\"'" : "\"");
  for (const char *each = text; *each != '\0'; each++)
    {
      if (*each == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *each);
    }
  g_string_append_c (out, '"');
}

char *
weir_export_csv (GListModel *exchanges)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (columns); i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "," : "", columns[i].name);
  g_string_append (out, "\r\n");
  for (unsigned row = 0; row < g_list_model_get_n_items (exchanges); row++)
    {
      g_autoptr (WeirRecord) exchange = g_list_model_get_item (exchanges, row);

      for (size_t i = 0; i < G_N_ELEMENTS (columns); i++)
        {
          const char *name = columns[i].name;

          if (i > 0)
            g_string_append_c (out, ',');
          if (columns[i].is_number)
            g_string_append_printf (out, "%" G_GINT64_FORMAT,
                                    weir_record_get_integer (exchange, name));
          else
            append_cell (out, weir_record_get_text (exchange, name));
        }
      g_string_append (out, "\r\n");
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
weir_export_json (GListModel *exchanges)
{
  g_autoptr (GString) out = g_string_new (NULL);
  WeirJsonWriter writer;

  weir_json_writer_init (&writer, out);
  weir_json_open_array (&writer, NULL);
  for (unsigned row = 0; row < g_list_model_get_n_items (exchanges); row++)
    {
      g_autoptr (WeirRecord) exchange = g_list_model_get_item (exchanges, row);

      weir_json_open (&writer, NULL);
      for (size_t i = 0; i < G_N_ELEMENTS (columns); i++)
        if (columns[i].is_number)
          weir_json_add_int (&writer, columns[i].name,
                             weir_record_get_integer (exchange, columns[i].name));
        else
          weir_json_add_string (&writer, columns[i].name,
                                weir_record_get_text (exchange, columns[i].name));
      weir_json_close (&writer);
    }
  weir_json_close (&writer);
  g_string_append_c (out, '\n');
  return g_string_free (g_steal_pointer (&out), FALSE);
}
