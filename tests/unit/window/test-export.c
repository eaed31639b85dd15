/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests as files: a spreadsheet must neither misread nor execute them. */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "base/weir-json.h"
#include "window/weir-export.h"
#include "window/weir-record.h"

static GListStore *
make_list (const char *agent)
{
  GListStore *list = g_list_store_new (WEIR_TYPE_RECORD);
  GVariantDict dict;
  g_autoptr (WeirRecord) record = NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "t", (guint64)7);
  g_variant_dict_insert (&dict, "agent", "s", agent);
  g_variant_dict_insert (&dict, "status", "u", 200u);
  record = weir_record_new (g_variant_dict_end (&dict));
  g_list_store_append (list, record);
  return list;
}

/* A reader by the letter of RFC 4180, of one line: cells, and how many bytes it has. */
static GPtrArray *
read_line (const char *text, size_t *out_length)
{
  GPtrArray *cells = g_ptr_array_new_with_free_func (g_free);
  const char *at = text;

  for (;;)
    {
      GString *cell = g_string_new (NULL);

      if (*at == '"')
        {
          at++;
          for (; *at != '"' || at[1] == '"'; at++)
            {
              g_assert_cmpint (*at, !=, '\0');
              g_string_append_c (cell, *at);
              at += *at == '"';
            }
          at++;
        }
      else
        for (; strchr (",\r\n\"", *at) == NULL; at++)
          g_string_append_c (cell, *at);
      g_ptr_array_add (cells, g_string_free (cell, FALSE));
      if (*at != ',')
        break;
      at++;
    }
  g_assert_true (g_str_has_prefix (at, "\r\n"));
  *out_length = (size_t)(at - text) + 2;
  return cells;
}

static const char *const agents[] = {
  "",         "curl/8", "a,b",   "say \"hi\"",    "line\r\nbreak", "\"",
  "ümläut …", ",",      "a\nb,", "\"\"\",\"\r\n", "tab\tinside",   "x=1",
};

static void
test_csv_reads_back (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (agents); i++)
    {
      g_autoptr (GListStore) list = make_list (agents[i]);
      g_autofree char *text = weir_export_csv (G_LIST_MODEL (list));
      size_t head_length;
      size_t length;
      g_autoptr (GPtrArray) head = read_line (text, &head_length);
      g_autoptr (GPtrArray) cells = read_line (text + head_length, &length);

      g_assert_cmpuint (head_length + length, ==, strlen (text));
      g_assert_cmpuint (cells->len, ==, head->len);
      for (unsigned k = 0; k < head->len; k++)
        if (g_str_equal (head->pdata[k], "agent"))
          g_assert_cmpstr (cells->pdata[k], ==, agents[i]);
        else if (g_str_equal (head->pdata[k], "id"))
          g_assert_cmpstr (cells->pdata[k], ==, "7");
    }
}

static void
test_csv_formula (void)
{
  static const char *const formulas[]
      = { "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=\"a\"" };

  for (size_t i = 0; i < G_N_ELEMENTS (formulas); i++)
    {
      g_autoptr (GListStore) list = make_list (formulas[i]);
      g_autofree char *text = weir_export_csv (G_LIST_MODEL (list));
      size_t head_length;
      size_t length;
      g_autoptr (GPtrArray) head = read_line (text, &head_length);
      g_autoptr (GPtrArray) cells = read_line (text + head_length, &length);

      g_assert_cmpuint (cells->len, ==, head->len);
      for (unsigned k = 0; k < cells->len; k++)
        g_assert_null (*(char *)cells->pdata[k] == '\0'
                           ? NULL
                           : strchr ("=+-@\t\r", *(char *)cells->pdata[k]));
    }
}

static void
test_json_reads_back (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (agents); i++)
    {
      g_autoptr (GListStore) list = make_list (agents[i]);
      g_autofree char *text = weir_export_json (G_LIST_MODEL (list));
      g_auto (WeirJson) json = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *agent = NULL;

      weir_json_parse (&json, text, strlen (text), NULL, &error);
      g_assert_no_error (error);
      agent = weir_json_dup_text (
          &json, weir_json_lookup (&json, weir_json_first (&json, 0), "agent"));
      g_assert_cmpstr (agent, ==, agents[i]);
    }
}

static void
test_empty (void)
{
  g_autoptr (GListStore) list = g_list_store_new (WEIR_TYPE_RECORD);
  g_autofree char *csv = weir_export_csv (G_LIST_MODEL (list));
  g_autofree char *json = weir_export_json (G_LIST_MODEL (list));

  g_assert_true (g_str_has_prefix (csv, "id,began,"));
  g_assert_true (g_str_has_suffix (csv, "\r\n"));
  g_assert_cmpstr (json, ==, "[]\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/export/csv-reads-back", test_csv_reads_back);
  g_test_add_func ("/export/csv-holds-no-formula", test_csv_formula);
  g_test_add_func ("/export/json-reads-back", test_json_reads_back);
  g_test_add_func ("/export/no-requests-are-a-file-too", test_empty);
  return g_test_run ();
}
