/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-openai-fit.h"

static void
test_arguments_are_an_object_with_properties (void)
{
  static const struct
  {
    const char *schema;
    const char *fitted;
    gboolean lost;
  } rows[] = {
    { "", "{\"type\":\"object\",\"properties\":{}}", FALSE },
    { "true", "{\"type\":\"object\",\"properties\":{}}", FALSE },
    { "{}", "{\"type\":\"object\",\"properties\":{}}", FALSE },
    { "{\"type\":\"object\"}", "{\"type\":\"object\",\"properties\":{}}", FALSE },
    { "{\"properties\":null,\"type\":[\"object\",\"null\"]}",
      "{\"properties\":{},\"type\":\"object\"}", FALSE },
    { "{ \"type\" : \"object\", \"properties\" : {\"a\":{\"anyOf\":[]}} }",
      "{ \"type\" : \"object\", \"properties\" : {\"a\":{\"anyOf\":[]}} }", FALSE },
    { "{\"type\":\"object\",\"anyOf\":[{}],\"properties\":{\"a\":{}}}",
      "{\"type\":\"object\",\"properties\":{\"a\":{}}}", TRUE },
    { "{\"oneOf\":[],\"not\":{}}", "{\"type\":\"object\",\"properties\":{}}", TRUE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) edited = NULL;
      g_autofree char *fitted = NULL;
      gboolean lost = FALSE;

      fitted = weir_slice_dup (weir_openai_fit_arguments (
          weir_slice_from_string (rows[i].schema), &edited, &lost));
      g_assert_cmpstr (fitted, ==, rows[i].fitted);
      g_assert_cmpint (lost, ==, rows[i].lost);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-fit/arguments-are-an-object-with-properties",
                   test_arguments_are_an_object_with_properties);
  return g_test_run ();
}
