/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-json-edit.h"

static char *
apply (const WeirJsonEdit *edit, const char *text)
{
  g_autoptr (GBytes) bytes = weir_json_edit_apply (edit, weir_slice_from_string (text));
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  g_assert_cmpuint (length, ==, weir_json_edit_get_length (edit, strlen (text)));
  return g_strndup (data, length);
}

static void
test_other_bytes_stay_as_they_came (void)
{
  const char *text = "{ \"temperature\" : 0.10, \"model\":\"alias\" , \"n\":1e400 }";
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  g_autofree char *edited = NULL;
  g_autofree char *again = NULL;

  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  g_assert_true (weir_json_edit_is_empty (&edit));
  edited = apply (&edit, text);
  g_assert_cmpstr (edited, ==, text);

  weir_json_edit_replace_text (&edit, &json, weir_json_lookup (&json, 0, "model"), "a\"b");
  g_assert_false (weir_json_edit_is_empty (&edit));
  again = apply (&edit, text);
  g_assert_cmpstr (again, ==,
                   "{ \"temperature\" : 0.10, \"model\":\"a\\\"b\" , \"n\":1e400 }");
}

typedef struct
{
  char op; /* '=' set, '-' remove, 'o' set in "o", 'x' remove in "o" */
  const char *name;
  const char *value;
} Step;

static const struct
{
  const char *text;
  Step steps[5];
  const char *edited;
} comma_cases[] = {
  { "{}", { { '=', "a", "1" } }, "{\"a\":1}" },
  { "{ }", { { '=', "a", "1" }, { '=', "b", "2" } }, "{ \"a\":1,\"b\":2}" },
  { "{\"a\":1}", { { '-', "a" } }, "{}" },
  { "{\"a\":1}", { { '-', "b" } }, "{\"a\":1}" },
  { "{\"a\":1,\"b\":2,\"c\":3}", { { '-', "a" } }, "{\"b\":2,\"c\":3}" },
  { "{\"a\":1,\"b\":2,\"c\":3}", { { '-', "b" } }, "{\"a\":1,\"c\":3}" },
  { "{\"a\":1,\"b\":2,\"c\":3}", { { '-', "c" }, { '-', "b" } }, "{\"a\":1}" },
  { "{\"a\":1,\"b\":2,\"c\":3}", { { '-', "b" }, { '-', "a" } }, "{\"c\":3}" },
  { "{\"a\":1,\"b\":2,\"c\":3}", { { '-', "a" }, { '-', "c" }, { '-', "b" } }, "{}" },
  { "{\"a\":1}", { { '-', "a" }, { '=', "b", "2" } }, "{\"b\":2}" },
  { "{\"a\":1}", { { '=', "b", "2" }, { '-', "a" } }, "{\"b\":2}" },
  { "{\"a\":1}",
    { { '=', "b", "2" }, { '-', "a" }, { '=', "a", "3" } },
    "{\"a\":3,\"b\":2}" },
  { "{\"a\":1}", { { '=', "b", "2" }, { '=', "b", "3" } }, "{\"a\":1,\"b\":3}" },
  { "{\"a\":1}", { { '=', "b", "2" }, { '-', "b" } }, "{\"a\":1}" },
  { "{\"a\":1}", { { '=', "a", "2" }, { '=', "a", "3" } }, "{\"a\":3}" },
  { "{\"a\":1,\"a\":2,\"b\":3}", { { '-', "a" } }, "{\"b\":3}" },
  { "{\"\\u0061\":1}", { { '=', "a", "2" } }, "{\"\\u0061\":2}" },
  { "{\"a\\n\":1}",
    { { '=', "b\n", "2" }, { '=', "b\n", "3" } },
    "{\"a\\n\":1,\"b\\n\":3}" },
  { "{\"o\":{\"a\":1},\"z\":2}",
    { { 'o', "b", "2" } },
    "{\"o\":{\"a\":1,\"b\":2},\"z\":2}" },
  { "{\"o\":{\"a\":1},\"z\":2}", { { 'x', "a" }, { '-', "z" } }, "{\"o\":{}}" },
  { "{\"o\":{\"a\":1},\"z\":2}", { { 'o', "b", "2" }, { '-', "o" } }, "{\"z\":2}" },
  { "{\"o\":{\"a\":1},\"z\":2}", { { '-', "o" }, { 'o', "b", "2" } }, "{\"z\":2}" },
  { "{\"o\":{\"a\":1},\"z\":2}", { { 'x', "a" }, { '=', "o", "3" } }, "{\"o\":3,\"z\":2}" },
  { "{\"o\":{\"a\":1},\"z\":2}", { { '=', "o", "3" }, { 'x', "a" } }, "{\"o\":3,\"z\":2}" },
  { "{\"z\":2,\"o\":{\"a\":1}}",
    { { 'o', "b", "2" }, { '=', "y", "1" }, { '-', "z" } },
    "{\"o\":{\"a\":1,\"b\":2},\"y\":1}" },
};

static void
test_commas_follow_the_members (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (comma_cases); i++)
    {
      const char *text = comma_cases[i].text;
      g_auto (WeirJson) json = { 0 };
      g_auto (WeirJsonEdit) edit = { 0 };
      g_autofree char *edited = NULL;

      g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
      for (const Step *step = comma_cases[i].steps; step->op != '\0'; step++)
        {
          uint32_t object = strchr ("ox", step->op) ? weir_json_lookup (&json, 0, "o") : 0;

          if (step->value != NULL)
            weir_json_edit_set (&edit, &json, object, step->name,
                                weir_slice_from_string (step->value));
          else
            weir_json_edit_remove (&edit, &json, object, step->name);
        }
      edited = apply (&edit, text);
      g_assert_cmpstr (edited, ==, comma_cases[i].edited);
    }
}

/* A place that is known by its bytes is edited as one that is known by its item. */
static void
test_a_range_is_replaced_as_its_item_is (void)
{
  static const char *const texts[] = { "", "plain", "a\"b\\c\n", "gr\303\274n", "\001" };
  const char *text = "{\"a\":[1, \"x\" ,{\"b\":null}],\"c\":\"y\"}";
  g_auto (WeirJson) json = { 0 };

  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  for (uint32_t item = 0; item < json.n_items; item++)
    for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++)
      {
        g_auto (WeirJsonEdit) by_item = { 0 };
        g_auto (WeirJsonEdit) by_range = { 0 };
        g_autofree char *wanted = NULL;
        g_autofree char *edited = NULL;

        if (weir_json_get_type (&json, item) == WEIR_JSON_NAME)
          continue;
        weir_json_edit_replace_text (&by_item, &json, item, texts[i]);
        weir_json_edit_replace_range (&by_range, json.items[item].start,
                                      json.items[item].end, texts[i]);
        wanted = apply (&by_item, text);
        edited = apply (&by_range, text);
        g_assert_cmpstr (edited, ==, wanted);
      }
}

static void
test_ranges_and_members_are_edited_together (void)
{
  const char *text = "{\"a\":1,\"model\":\"alias\",\"b\":2}";
  const char *model = strstr (text, "\"alias\"");
  const size_t start = (size_t)(model - text);
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  g_autofree char *edited = NULL;
  g_autofree char *again = NULL;

  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  weir_json_edit_set (&edit, &json, 0, "c", WEIR_SLICE ("3"));
  weir_json_edit_replace_range (&edit, start, start + strlen ("\"alias\""), "real");
  weir_json_edit_remove (&edit, &json, 0, "a");
  edited = apply (&edit, text);
  g_assert_cmpstr (edited, ==, "{\"model\":\"real\",\"b\":2,\"c\":3}");

  /* the last word counts, but not inside what has gone */
  weir_json_edit_replace_range (&edit, start, start + strlen ("\"alias\""), "later");
  weir_json_edit_replace_range (&edit, start + 1, start + 3, "inside");
  again = apply (&edit, text);
  g_assert_cmpstr (again, ==, "{\"model\":\"later\",\"b\":2,\"c\":3}");
}

static void
test_bytes_are_replaced_as_they_are (void)
{
  const char *text = "model=alias&x=1";
  g_auto (WeirJsonEdit) edit = { 0 };
  g_autofree char *edited = NULL;

  weir_json_edit_replace_bytes (&edit, 6, 11, WEIR_SLICE ("a\"b"));
  edited = apply (&edit, text);
  g_assert_cmpstr (edited, ==, "model=a\"b&x=1");
}

static void
test_an_edit_inside_a_replaced_value_does_nothing (void)
{
  const char *text = "[1,[2,3],4]";
  g_auto (WeirJson) json = { 0 };
  g_auto (WeirJsonEdit) edit = { 0 };
  g_autofree char *edited = NULL;

  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  weir_json_edit_replace (&edit, &json, 3, WEIR_SLICE ("5"));
  weir_json_edit_replace (&edit, &json, 5, WEIR_SLICE ("0"));
  weir_json_edit_replace (&edit, &json, 2, WEIR_SLICE ("[]"));
  weir_json_edit_replace (&edit, &json, 4, WEIR_SLICE ("6"));
  weir_json_edit_replace (&edit, &json, 1, WEIR_SLICE ("7"));
  edited = apply (&edit, text);
  g_assert_cmpstr (edited, ==, "[7,[],0]");
}

/* The members as a list of pairs: what an edited object must read as. */
typedef struct
{
  GPtrArray *names;  /* (owned) of char */
  GPtrArray *values; /* (owned) of char */
} Model;

static void
model_set (Model *self, const char *name, const char *value)
{
  unsigned at;

  if (g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, &at))
    {
      g_free (self->values->pdata[at]);
      self->values->pdata[at] = g_strdup (value);
      return;
    }
  g_ptr_array_add (self->names, g_strdup (name));
  g_ptr_array_add (self->values, g_strdup (value));
}

static void
model_remove (Model *self, const char *name)
{
  unsigned at;

  if (!g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, &at))
    return;
  g_ptr_array_remove_index (self->names, at);
  g_ptr_array_remove_index (self->values, at);
}

static void
check_against_model (const char *edited, const Model *model)
{
  g_auto (WeirJson) json = { 0 };
  unsigned n = 0;

  g_assert_true (weir_json_parse (&json, edited, strlen (edited), NULL, NULL));
  for (uint32_t i = weir_json_first (&json, 0); i != 0; i = weir_json_next (&json, 0, i))
    n++;
  g_assert_cmpuint (n, ==, model->names->len);
  for (unsigned i = 0; i < n; i++)
    {
      uint32_t value = weir_json_lookup (&json, 0, model->names->pdata[i]);
      WeirSlice raw = weir_json_get_raw (&json, value);

      g_assert_cmpuint (value, !=, 0);
      g_assert_cmpmem (raw.text, raw.length, model->values->pdata[i],
                       strlen (model->values->pdata[i]));
    }
}

static void
check_runs (const WeirJsonEdit *edit, const char *text, const char *edited)
{
  size_t n_most = weir_json_edit_count_runs (edit);
  g_autofree WeirSlice *runs = g_new (WeirSlice, n_most);
  size_t n = weir_json_edit_get_runs (edit, weir_slice_from_string (text), runs, n_most);
  g_autoptr (GString) joined = g_string_new (NULL);

  for (size_t i = 0; i < n; i++)
    {
      g_assert_cmpuint (runs[i].length, >, 0);
      g_string_append_len (joined, runs[i].text, (gssize)runs[i].length);
    }
  g_assert_cmpstr (joined->str, ==, edited);
}

static void
test_random_edits_read_as_they_were_meant (void)
{
  static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
  static const char *const values[] = { "1", "\"x\"", "{\"a\":2}", "[]", "null" };

  for (int round = 0; round < 5000; round++)
    {
      g_autoptr (GString) text = g_string_new ("{ ");
      g_auto (WeirJson) json = { 0 };
      g_auto (WeirJsonEdit) edit = { 0 };
      g_autoptr (GPtrArray) model_names = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) model_values = g_ptr_array_new_with_free_func (g_free);
      Model model = { model_names, model_values };

      for (int n = g_test_rand_int_range (0, 5), i = 0; i < n; i++)
        {
          const char *value = values[g_test_rand_int_range (0, G_N_ELEMENTS (values))];

          g_string_append_printf (text, "%s\"%s\" : %s", i > 0 ? " , " : "", names[i],
                                  value);
          model_set (&model, names[i], value);
        }
      g_string_append (text, " }");
      g_assert_true (weir_json_parse (&json, text->str, text->len, NULL, NULL));
      for (int n = g_test_rand_int_range (0, 9); n > 0; n--)
        {
          const char *name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];
          const char *value = values[g_test_rand_int_range (0, G_N_ELEMENTS (values))];
          g_autofree char *edited = NULL;

          if (g_test_rand_bit ())
            {
              weir_json_edit_set (&edit, &json, 0, name, weir_slice_from_string (value));
              model_set (&model, name, value);
            }
          else
            {
              weir_json_edit_remove (&edit, &json, 0, name);
              model_remove (&model, name);
            }
          edited = apply (&edit, text->str);
          check_against_model (edited, &model);
          check_runs (&edit, text->str, edited);
        }
    }
}

/* Every subset of the elements is removed once. */
static void
test_commas_follow_the_elements (void)
{
  static const char text[] = "[ 0 ,1, [2] ,{\"a\":3} ]";

  for (unsigned mask = 0; mask < 16; mask++)
    {
      g_auto (WeirJson) json = { 0 };
      g_auto (WeirJson) again = { 0 };
      g_auto (WeirJsonEdit) edit = { 0 };
      g_autofree char *edited = NULL;
      uint32_t gone[4];
      WeirSlice kept[4];
      size_t n_gone = 0;
      size_t n_kept = 0;
      unsigned bit = 1;
      uint32_t element;

      g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
      for (uint32_t i = weir_json_first (&json, 0); i != 0;
           i = weir_json_next (&json, 0, i), bit <<= 1)
        if ((mask & bit) != 0)
          gone[n_gone++] = i;
        else
          kept[n_kept++] = weir_json_get_raw (&json, i);
      weir_json_edit_remove_elements (&edit, &json, 0, gone, n_gone);
      edited = apply (&edit, text);
      g_assert_true (weir_json_parse (&again, edited, strlen (edited), NULL, NULL));
      element = weir_json_first (&again, 0);
      for (size_t i = 0; i < n_kept; i++)
        {
          g_assert_true (weir_slice_equal (weir_json_get_raw (&again, element), kept[i]));
          element = weir_json_next (&again, 0, element);
        }
      g_assert_cmpuint (element, ==, 0);
    }
}

static void
test_an_element_is_appended_with_its_comma (void)
{
  static const struct
  {
    const char *text;
    const char *edited;
  } cases[] = { { "[]", "[{}]" }, { "[ ]", "[ {}]" }, { "[1 ]", "[1 ,{}]" } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (WeirJson) json = { 0 };
      g_auto (WeirJsonEdit) edit = { 0 };
      g_autofree char *edited = NULL;

      g_assert_true (
          weir_json_parse (&json, cases[i].text, strlen (cases[i].text), NULL, NULL));
      weir_json_edit_append_element (&edit, &json, 0, WEIR_SLICE ("{}"));
      edited = apply (&edit, cases[i].text);
      g_assert_cmpstr (edited, ==, cases[i].edited);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-edit/other-bytes-stay-as-they-came",
                   test_other_bytes_stay_as_they_came);
  g_test_add_func ("/json-edit/commas-follow-the-members", test_commas_follow_the_members);
  g_test_add_func ("/json-edit/commas-follow-the-elements",
                   test_commas_follow_the_elements);
  g_test_add_func ("/json-edit/an-element-is-appended-with-its-comma",
                   test_an_element_is_appended_with_its_comma);
  g_test_add_func ("/json-edit/a-range-is-replaced-as-its-item-is",
                   test_a_range_is_replaced_as_its_item_is);
  g_test_add_func ("/json-edit/ranges-and-members-are-edited-together",
                   test_ranges_and_members_are_edited_together);
  g_test_add_func ("/json-edit/bytes-are-replaced-as-they-are",
                   test_bytes_are_replaced_as_they_are);
  g_test_add_func ("/json-edit/an-edit-inside-a-replaced-value-does-nothing",
                   test_an_edit_inside_a_replaced_value_does_nothing);
  g_test_add_func ("/json-edit/random-edits-read-as-they-were-meant",
                   test_random_edits_read_as_they_were_meant);
  return g_test_run ();
}
