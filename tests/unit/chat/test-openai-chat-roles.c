/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Only roles change, and nothing else of the bytes. */

#include "config.h"

#include "chat/weir-openai-chat-roles.h"

static void
assert_becomes (const char *body, const char *expected)
{
  g_autoptr (GBytes) made = NULL;
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", body);
  g_assert_true (
      weir_openai_chat_avoid_developer (weir_slice_from_string (body), &made, &error));
  g_assert_no_error (error);
  if (expected == NULL)
    g_assert_null (made);
  else
    g_assert_cmpmem (g_bytes_get_data (made, NULL), g_bytes_get_size (made), expected,
                     strlen (expected));
}

static void
test_developers_become_systems (void)
{
  assert_becomes ("{ \"messages\":[ {\"role\":\"developer\",\"content\":\"developer\"} ,"
                  "{\"role\":\"user\",\"content\":\"\\\"developer\\\"\"}]}",
                  "{ \"messages\":[ {\"role\":\"system\",\"content\":\"developer\"} ,"
                  "{\"role\":\"user\",\"content\":\"\\\"developer\\\"\"}]}");
}

static void
test_where_nobody_develops_nothing_is_made (void)
{
  assert_becomes ("{\"messages\":[{\"role\":\"user\",\"content\":\"developer\"}]}", NULL);
  assert_becomes ("{\"messages\":\"developer\"}", NULL);
  assert_becomes ("{\"messages\":[\"developer\",{\"role\":7}]}", NULL);
  assert_becomes ("{}", NULL);
}

static void
test_what_is_no_json_is_refused (void)
{
  g_autoptr (GBytes) made = NULL;

  g_assert_false (
      weir_openai_chat_avoid_developer (WEIR_SLICE ("{\"developer\""), &made, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat-roles/developers-become-systems", test_developers_become_systems);
  g_test_add_func ("/chat-roles/where-nobody-develops-nothing-is-made",
                   test_where_nobody_develops_nothing_is_made);
  g_test_add_func ("/chat-roles/what-is-no-json-is-refused",
                   test_what_is_no_json_is_refused);
  return g_test_run ();
}
