/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "base/weir-json-fields.h"

typedef struct
{
  uint64_t count;
  gboolean flag;
  WeirSlice raw;
  WeirSlice text;
  uint32_t item;
  uint32_t object;
  uint32_t array;
} Sample;

static const WeirField fields[] = {
  { "count", WEIR_FIELD_UINT, offsetof (Sample, count), TRUE },
  { "flag", WEIR_FIELD_BOOLEAN, offsetof (Sample, flag) },
  { "raw", WEIR_FIELD_RAW, offsetof (Sample, raw) },
  { "text", WEIR_FIELD_TEXT, offsetof (Sample, text) },
  { "item", WEIR_FIELD_ITEM, offsetof (Sample, item) },
  { "object", WEIR_FIELD_OBJECT, offsetof (Sample, object) },
  { "array", WEIR_FIELD_ARRAY, offsetof (Sample, array) },
  { NULL },
};

static void
test_a_struct_is_filled (void)
{
  const char *text = "{\"other\":{\"count\":9},\"count\":12,\"flag\":true,\"raw\":[1, 2],"
                     "\"t\\u0065xt\":\"a\\nb\",\"item\":\"x\",\"object\":{},\"array\":[]}";
  g_auto (WeirJson) json = { 0 };
  Sample sample = { 0 };

  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  g_assert_true (weir_json_read_fields (&json, 0, fields, &sample, NULL));
  g_assert_cmpuint (sample.count, ==, 12);
  g_assert_true (sample.flag);
  g_assert_cmpmem (sample.raw.text, sample.raw.length, "[1, 2]", 6);
  g_assert_cmpmem (sample.text.text, sample.text.length, "a\\nb", 4);
  g_assert_cmpuint (sample.item, ==, weir_json_lookup (&json, 0, "item"));
  g_assert_cmpuint (sample.object, ==, weir_json_lookup (&json, 0, "object"));
  g_assert_cmpuint (sample.array, ==, weir_json_lookup (&json, 0, "array"));
}

static void
test_what_is_absent_or_null_keeps_its_value (void)
{
  const char *text = "{\"count\":0,\"flag\":null,\"text\":null,\"item\":null,\"raw\":null}";
  g_auto (WeirJson) json = { 0 };
  Sample sample = { 1, 2, { "r", 1 }, { "t", 1 }, 5, 6, 7 };

  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  g_assert_true (weir_json_read_fields (&json, 0, fields, &sample, NULL));
  g_assert_cmpuint (sample.count, ==, 0);
  g_assert_cmpint (sample.flag, ==, 2);
  g_assert_cmpstr (sample.raw.text, ==, "r");
  g_assert_cmpstr (sample.text.text, ==, "t");
  g_assert_cmpuint (sample.item, ==, 5);
  g_assert_cmpuint (sample.object, ==, 6);
  g_assert_cmpuint (sample.array, ==, 7);
}

static void
test_an_error_names_its_field (void)
{
  static const struct
  {
    const char *text;
    int code;
    const char *field;
  } cases[] = {
    { "{}", WEIR_ERROR_BAD_REQUEST, "'count' is missing" },
    { "{\"count\":null}", WEIR_ERROR_BAD_REQUEST, "'count' is missing" },
    { "{\"count\":-1}", WEIR_ERROR_BAD_REQUEST, "'count' must" },
    { "{\"count\":1.5}", WEIR_ERROR_BAD_REQUEST, "'count' must" },
    { "{\"count\":\"1\"}", WEIR_ERROR_BAD_REQUEST, "'count' must" },
    { "{\"count\":1,\"flag\":0}", WEIR_ERROR_BAD_REQUEST, "'flag' must" },
    { "{\"count\":1,\"text\":1}", WEIR_ERROR_BAD_REQUEST, "'text' must" },
    { "{\"count\":1,\"object\":[]}", WEIR_ERROR_BAD_REQUEST, "'object' must" },
    { "{\"count\":1,\"array\":{}}", WEIR_ERROR_BAD_REQUEST, "'array' must" },
    { "{\"count\":1,\"count\":1}", WEIR_ERROR_JSON_DUPLICATE, "'count' stands twice" },
    { "{\"flag\":null,\"flag\":null}", WEIR_ERROR_JSON_DUPLICATE, "'flag' stands twice" },
    { "[1]", WEIR_ERROR_BAD_REQUEST, "object" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (WeirJson) json = { 0 };
      g_autoptr (GError) error = NULL;
      Sample sample = { 0 };

      g_assert_true (
          weir_json_parse (&json, cases[i].text, strlen (cases[i].text), NULL, NULL));
      g_assert_false (weir_json_read_fields (&json, 0, fields, &sample, &error));
      g_assert_error (error, WEIR_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].field));
    }
  {
    g_auto (WeirJson) json = { 0 };
    Sample sample = { 0 };

    g_assert_false (weir_json_read_fields (&json, 0, fields, &sample, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-fields/a-struct-is-filled", test_a_struct_is_filled);
  g_test_add_func ("/json-fields/what-is-absent-or-null-keeps-its-value",
                   test_what_is_absent_or_null_keeps_its_value);
  g_test_add_func ("/json-fields/an-error-names-its-field", test_an_error_names_its_field);
  return g_test_run ();
}
