/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Calls of tools get a thought where they lack one, and nothing else of the bytes changes.
 */

#include "config.h"

#include "chat/weir-openai-chat-thoughts.h"

#define CALLS "\"tool_calls\":[{\"id\":\"c\"}]"

static void
assert_becomes (const char *body, const char *expected)
{
  g_autoptr (GBytes) made = NULL;
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", body);
  g_assert_true (
      weir_openai_chat_mend_thoughts (weir_slice_from_string (body), &made, &error));
  g_assert_no_error (error);
  if (expected == NULL)
    g_assert_null (made);
  else
    g_assert_cmpmem (g_bytes_get_data (made, NULL), g_bytes_get_size (made), expected,
                     strlen (expected));
}

static void
test_a_lost_thought_is_the_text_or_said_to_be_lost (void)
{
  assert_becomes (
      "{\"messages\":[{\"role\":\"assistant\",\"content\":\"I \\\"look\\\"\"," CALLS "},"
      "{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":null," CALLS "}]}",
      "{\"messages\":[{\"role\":\"assistant\",\"content\":\"I \\\"look\\\"\"," CALLS
      ",\"reasoning_content\":\"I \\\"look\\\"\"},"
      "{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":"
      "\"(this thought was not kept)\"," CALLS "}]}");
}

static void
test_what_has_its_thought_or_needs_none_stays (void)
{
  assert_becomes (
      "{\"messages\":[{\"role\":\"assistant\",\"reasoning_content\":\"t\"," CALLS
      "},{\"role\":\"assistant\",\"content\":\"c\",\"tool_calls\":[]},"
      "{\"role\":\"user\",\"content\":\"tool_calls\"}]}",
      NULL);
  assert_becomes ("{\"messages\":{\"tool_calls\":1}}", NULL);
  assert_becomes ("{}", NULL);
}

static void
test_what_is_no_json_is_refused (void)
{
  g_autoptr (GBytes) made = NULL;

  g_assert_false (
      weir_openai_chat_mend_thoughts (WEIR_SLICE ("{\"tool_calls\""), &made, NULL));
  g_assert_null (made);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-chat-thoughts/a-lost-thought-is-the-text-or-said-to-be-lost",
                   test_a_lost_thought_is_the_text_or_said_to_be_lost);
  g_test_add_func ("/openai-chat-thoughts/what-has-its-thought-or-needs-none-stays",
                   test_what_has_its_thought_or_needs_none_stays);
  g_test_add_func ("/openai-chat-thoughts/what-is-no-json-is-refused",
                   test_what_is_no_json_is_refused);
  return g_test_run ();
}
