/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The first line is a script of edits, the rest a JSON text.  Two letters are one edit:
 * what is done, and to which item.  Whatever is done, the result is JSON, it has the
 * promised length, and the runs are the same bytes. */

#include "base/weir-json-edit.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *const names[] = { "a", "b", "c", "model" };

static void
do_edit (WeirJsonEdit *edit, const WeirJson *json, uint8_t what, uint8_t which)
{
  const uint32_t item = which % json->n_items;
  const char *name = names[what / 4 % G_N_ELEMENTS (names)];

  if (weir_json_get_type (json, item) == WEIR_JSON_NAME)
    return;
  if (what % 4 == 0)
    weir_json_edit_replace (edit, json, item, WEIR_SLICE ("[{\"new\":1}]"));
  else if (what % 4 == 1)
    weir_json_edit_replace_text (edit, json, item, "quote \" and\n");
  else if (weir_json_get_type (json, item) != WEIR_JSON_OBJECT)
    return;
  else if (what % 4 == 2)
    weir_json_edit_set (edit, json, item, name, WEIR_SLICE ("17"));
  else
    weir_json_edit_remove (edit, json, item, name);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const uint8_t *line_end = size > 0 ? memchr (data, '\n', size) : NULL;
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJson) again = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  g_autoptr (GBytes) edited = NULL;
  g_autofree WeirSlice *runs = NULL;
  const char *bytes;
  size_t n_runs;
  gsize length;
  WeirSlice text;

  if (line_end == NULL)
    return 0;
  text.text = (const char *)line_end + 1;
  text.length = size - (size_t)(line_end + 1 - data);
  if (!weir_json_parse (&json, text.text, text.length, NULL, NULL))
    return 0;
  for (const uint8_t *p = data; p + 1 < line_end; p += 2)
    do_edit (&edit, &json, p[0], p[1]);

  edited = weir_json_edit_apply (&edit, text);
  bytes = g_bytes_get_data (edited, &length);
  g_assert_cmpuint (length, ==, weir_json_edit_get_length (&edit, text.length));
  g_assert_true (
      weir_json_parse (&again, bytes, length, &(WeirJsonLimits){ .max_depth = 200 }, NULL));

  runs = g_new (WeirSlice, weir_json_edit_count_runs (&edit));
  n_runs = weir_json_edit_get_runs (&edit, text, runs, weir_json_edit_count_runs (&edit));
  for (size_t i = 0; i < n_runs; i++)
    {
      g_assert_true (runs[i].length > 0 && runs[i].length <= length);
      g_assert_cmpint (memcmp (bytes, runs[i].text, runs[i].length), ==, 0);
      bytes += runs[i].length;
      length -= runs[i].length;
    }
  g_assert_cmpuint (length, ==, 0);
  return 0;
}
