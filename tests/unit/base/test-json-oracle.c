/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Random documents, good and broken ones, shown to this reader and to another. */

#include "base/weir-json.h"

#include <json-glib/json-glib.h>

/* The bytes in an allocation of their own, so that a read behind them is caught. */
static gboolean
parse (WeirJson *json, const char *text, size_t length, const WeirJsonLimits *limits)
{
  g_autoptr (GError) error = NULL;
  static char *copy = NULL;
  gboolean is_good;

  g_free (copy);
  copy = g_malloc (MAX (length, 1));
  memcpy (copy, text, length);
  is_good = weir_json_parse (json, copy, length, limits, &error);
  g_assert_true (is_good == (error == NULL));
  if (!is_good)
    g_assert_cmpuint (json->n_items, ==, 0);
  if (length == 0)
    g_clear_pointer (&copy, g_free);
  return is_good;
}

static void
append_random_text (GString *out)
{
  static const char *const pieces[] = {
    "a",
    "text",
    "\\n",
    "\\\"",
    "\\\\",
    "\\u00e9",
    "\303\251",
    " ",
    "/",
    "{",
    "\\ud83d\\ude00",
    "\342\202\254",
    "0123456789abcdefghijklmnopqrstuvwxyz",
  };

  g_string_append_c (out, '"');
  for (int n = g_test_rand_int_range (0, 9); n > 0; n--)
    g_string_append (out, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
  g_string_append_c (out, '"');
}

static void
append_random_value (GString *out, int depth)
{
  static const char *const scalars[]
      = { "0", "-1", "3.25", "1e5", "-2.5E-3", "true", "false", "null" };
  const int kind = g_test_rand_int_range (0, depth > 5 ? 4 : 7);
  const gboolean is_object = kind == 5;

  if (kind < 2)
    g_string_append (out, scalars[g_test_rand_int_range (0, G_N_ELEMENTS (scalars))]);
  else if (kind < 4)
    append_random_text (out);
  else
    {
      g_string_append_c (out, is_object ? '{' : '[');
      for (int n = g_test_rand_int_range (0, 6); n > 0; n--)
        {
          if (is_object)
            {
              append_random_text (out);
              g_string_append (out, g_test_rand_bit () ? ":" : " : ");
            }
          append_random_value (out, depth + 1);
          if (n > 1)
            g_string_append (out, g_test_rand_bit () ? "," : " ,\n  ");
        }
      g_string_append_c (out, is_object ? '}' : ']');
    }
}

static void
compare_with_node (const WeirJson *json, uint32_t item, JsonNode *node)
{
  switch (weir_json_get_type (json, item))
    {
    case WEIR_JSON_NULL:
      g_assert_true (JSON_NODE_HOLDS_NULL (node));
      break;
    case WEIR_JSON_FALSE:
    case WEIR_JSON_TRUE:
      g_assert_true (json_node_get_boolean (node)
                     == (weir_json_get_type (json, item) == WEIR_JSON_TRUE));
      break;
    case WEIR_JSON_NUMBER:
      {
        g_autofree char *raw = weir_slice_dup (weir_json_get_raw (json, item));

        g_assert_cmpfloat (g_ascii_strtod (raw, NULL), ==, json_node_get_double (node));
      }
      break;
    case WEIR_JSON_STRING:
      g_assert_true (weir_json_equals (json, item, json_node_get_string (node)));
      break;
    case WEIR_JSON_ARRAY:
      {
        unsigned n = 0;

        for (uint32_t i = weir_json_first (json, item); i != 0;
             i = weir_json_next (json, item, i))
          compare_with_node (json, i,
                             json_array_get_element (json_node_get_array (node), n++));
        g_assert_cmpuint (n, ==, json_array_get_length (json_node_get_array (node)));
      }
      break;
    case WEIR_JSON_OBJECT:
      {
        JsonObject *object = json_node_get_object (node);

        for (uint32_t i = weir_json_first (json, item); i != 0;
             i = weir_json_next (json, item, i))
          {
            g_autofree char *name = weir_json_dup_text (json, i);

            g_assert_true (json_object_has_member (object, name));
            if (weir_json_check_names (json, item, NULL))
              compare_with_node (json, i + 1, json_object_get_member (object, name));
          }
      }
      break;
    case WEIR_JSON_NAME:
      g_assert_not_reached ();
    }
}

static void
test_another_reader_sees_the_same (void)
{
  for (int round = 0; round < 2000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (JsonParser) parser = json_parser_new_immutable ();
      g_auto (WeirJson) json = { 0 };

      append_random_value (text, 0);
      g_assert_true (json_parser_load_from_data (parser, text->str, -1, NULL));
      g_assert_true (parse (&json, text->str, text->len, NULL));
      compare_with_node (&json, 0, json_parser_get_root (parser));
    }
}

/* What one byte changed may still be good, but then the other reader must agree.  It knows
 * no lone surrogates, so a text with any \u escape is not shown to it. */
static void
test_what_is_accepted_another_reader_accepts (void)
{
  for (int round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_auto (WeirJson) json = { 0 };
      int where;

      append_random_value (text, 3);
      where = g_test_rand_int_range (0, (int)text->len);
      text->str[where] = (char)g_test_rand_int_range (1, 256);
      if (parse (&json, text->str, text->len, NULL) && strstr (text->str, "\\u") == NULL)
        {
          g_autoptr (JsonParser) parser = json_parser_new ();

          g_assert_true (g_utf8_validate (text->str, (gssize)text->len, NULL));
          g_assert_true (json_parser_load_from_data (parser, text->str, -1, NULL));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-oracle/another-reader-sees-the-same",
                   test_another_reader_sees_the_same);
  g_test_add_func ("/json-oracle/what-is-accepted-another-reader-accepts",
                   test_what_is_accepted_another_reader_accepts);
  return g_test_run ();
}
