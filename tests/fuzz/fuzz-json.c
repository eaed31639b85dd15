/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever the bytes are: the table is consistent, another strict view of the text agrees,
 * and a limit on recording changes nothing but what is recorded. */

#include "base/weir-json-write.h"
#include "base/weir-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Each item lies inside its container, and behind the item before it. */
static void
check_table (const WeirJson *json)
{
  g_assert_cmpuint (json->items[0].next, ==, json->n_items);
  for (uint32_t i = 0; i < json->n_items; i++)
    {
      const WeirJsonItem *item = &json->items[i];

      g_assert_true (item->start < item->end && item->end <= json->length);
      g_assert_true (item->next > i && item->next <= json->n_items);
      if (item->type == WEIR_JSON_NAME)
        {
          g_assert_cmpuint (item->next, ==, i + 1);
          g_assert_cmpuint (item->depth, ==, item[1].depth);
          g_assert_cmpuint (item->end, <, item[1].start);
          continue;
        }
      for (uint32_t k = weir_json_first (json, i); k != 0; k = weir_json_next (json, i, k))
        {
          g_assert_cmpuint (json->items[k].depth, ==, item->depth + 1);
          g_assert_true (json->items[k].start > item->start
                         && json->items[k].end < item->end);
          g_assert_true ((json->items[k].type == WEIR_JSON_NAME)
                         == (item->type == WEIR_JSON_OBJECT));
        }
    }
}

/* Text that is decoded and written again decodes to the same. */
static void
check_text (const WeirJson *json, uint32_t item)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) written = g_string_new (NULL);
  g_autoptr (GString) again = g_string_new (NULL);
  g_auto (WeirJson) other = { 0 };
  WeirJsonWriter writer;

  weir_json_append_text (json, item, text);
  g_assert_true (g_utf8_validate_len (text->str, text->len, NULL)
                 || memchr (text->str, '\0', text->len) != NULL);
  weir_json_writer_init (&writer, written);
  writer.ascii = item % 2 == 0;
  weir_json_add_text (&writer, NULL, (WeirSlice){ text->str, text->len });
  g_assert_true (weir_json_parse (&other, written->str, written->len, NULL, NULL));
  weir_json_append_text (&other, 0, again);
  g_assert_true (g_string_equal (text, again));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const WeirJsonLimits shallow = { .record_depth = 1 };
  const char *text = (const char *)data;
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJson) part = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) part_error = NULL;
  uint32_t k = 0;

  if (!weir_json_parse (&json, text, size, NULL, &error))
    {
      g_assert_nonnull (error);
      g_assert_false (weir_json_parse (&part, text, size, &shallow, &part_error));
      g_assert_cmpstr (error->message, ==, part_error->message);
      return 0;
    }
  g_assert_true (g_utf8_validate_len (text, size, NULL));
  check_table (&json);
  g_assert_true (weir_json_parse (&part, text, size, &shallow, NULL));
  check_table (&part);
  for (uint32_t i = 0; i < json.n_items; i++)
    {
      const WeirJsonItem *item = &json.items[i];

      if (item->depth <= 1)
        g_assert_true (part.items[k].start == item->start && part.items[k].end == item->end
                       && part.items[k++].type == item->type);
      if (item->type == WEIR_JSON_STRING || item->type == WEIR_JSON_NAME)
        check_text (&json, i);
      weir_json_check_names (&json, i, NULL);
    }
  g_assert_cmpuint (k, ==, part.n_items);
  return 0;
}
