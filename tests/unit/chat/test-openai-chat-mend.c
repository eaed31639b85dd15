/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which messages are shown to whom, and which bodies are not read. */

#include "config.h"

#include "chat/weir-openai-chat-mend.h"

static void
mend_mark (WeirJsonEdit *edit, const WeirJson *json, uint32_t message)
{
  const uint32_t mark = weir_json_lookup (json, message, "mark");

  if (mark != 0)
    weir_json_edit_replace_text (edit, json, mark, "seen");
}

static void
must_not_be_called (WeirJsonEdit *edit, const WeirJson *json, uint32_t message)
{
  g_assert_not_reached ();
}

static void
test_each_message_is_shown (void)
{
  const WeirSlice body
      = WEIR_SLICE ("{\"messages\" : [ {\"mark\":1}, 2, {\"mark\":\"x\"} ]}");
  const char expected[]
      = "{\"messages\" : [ {\"mark\":\"seen\"}, 2, {\"mark\":\"seen\"} ]}";
  g_autoptr (GBytes) made = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (weir_openai_chat_mend (body, "\"mark\"", mend_mark, &made, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (made, NULL), g_bytes_get_size (made), expected,
                   sizeof expected - 1);
}

static void
test_a_body_without_the_mark_is_not_read (void)
{
  g_autoptr (GBytes) made = NULL;

  g_assert_true (weir_openai_chat_mend (WEIR_SLICE ("{\"messages\":[{}]} no JSON"),
                                        "\"mark\"", must_not_be_called, &made, NULL));
  g_assert_null (made);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat-mend/each-message-is-shown", test_each_message_is_shown);
  g_test_add_func ("/chat-mend/a-body-without-the-mark-is-not-read",
                   test_a_body_without_the_mark_is_not_read);
  return g_test_run ();
}
