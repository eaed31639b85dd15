/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-response-message.h"

static const WeirJsonLimits shallow = { .record_depth = 1 };

static void
parse (WeirJson *json, const char *text)
{
  g_assert_true (weir_json_parse (json, text, strlen (text), &shallow, NULL));
}

static void
assert_bytes (GBytes *bytes, const char *expected)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  g_assert_cmpmem (text, length, expected, strlen (expected));
}

static void
test_create_becomes_a_body (void)
{
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) bare = NULL;

  parse (&json, "{\"type\":\"response.create\",\"model\":\"m\",\"generate\":true,"
                "\"input\":[1], \"n\":1e400,\"previous_response_id\":\"r\"}");
  body = weir_response_message_create (&json, FALSE);
  assert_bytes (body, "{\"model\":\"m\",\"input\":[1], \"n\":1e400,"
                      "\"previous_response_id\":\"r\",\"stream\":true}");
  bare = weir_response_message_create (&json, TRUE);
  assert_bytes (bare, "{\"model\":\"m\", \"n\":1e400,\"stream\":true}");
}

static void
test_append_goes_on_with_the_last (void)
{
  static const char *const bad[] = { "{}", "{\"input\":\"hi\"}", "{\"input\":null}" };
  g_autoptr (GBytes) bare = g_bytes_new_static ("{\"model\":\"m\"}", 13);
  g_auto (WeirJson) json = { 0 };
  g_autoptr (GBytes) body = NULL;

  parse (&json, "{\"type\":\"response.append\",\"input\":[2]}");
  body = weir_response_message_append (&json, bare, "resp_1");
  assert_bytes (body,
                "{\"model\":\"m\",\"input\":[2],\"previous_response_id\":\"resp_1\"}");
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      parse (&json, bad[i]);
      g_assert_null (weir_response_message_append (&json, bare, "resp_1"));
    }
}

static void
test_errors_are_wrapped (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  weir_response_message_add_error (out, 429,
                                   WEIR_SLICE ("{\"error\":{\"message\":\"m\"}}"));
  g_assert_cmpstr (out->str, ==,
                   "{\"type\":\"error\",\"status\":429,\"error\":{\"message\":\"m\"}}");
  g_string_truncate (out, 0);
  weir_response_message_add_error (out, 502, WEIR_SLICE ("no JSON"));
  g_assert_cmpstr (out->str, ==, "{\"type\":\"error\",\"status\":502,\"error\":{}}");
  g_string_truncate (out, 0);
  weir_response_message_add_error_event (
      out, WEIR_SLICE ("{\"type\":\"error\",\"message\":\"m\",\"code\":null}"));
  g_assert_cmpstr (
      out->str, ==,
      "{\"type\":\"error\",\"status\":502,\"error\":{\"type\":\"server_error\","
      "\"code\":null,\"message\":\"m\"}}");
  g_string_truncate (out, 0);
  weir_response_message_add_error_event (
      out, WEIR_SLICE ("{\"type\":\"error\",\"status\":401,\"error\":{}}"));
  g_assert_cmpstr (out->str, ==, "{\"type\":\"error\",\"status\":401,\"error\":{}}");
}

static void
test_a_warm_up_is_json (void)
{
  for (int completed = FALSE; completed <= TRUE; completed++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      g_auto (WeirJson) json = { 0 };

      weir_response_message_add_warm_up (out, completed, "resp_1", WEIR_SLICE ("\"m\""), 7);
      g_assert_true (weir_json_parse (&json, out->str, out->len, NULL, NULL));
      g_assert_true (
          weir_json_equals (&json, weir_json_lookup (&json, 0, "type"),
                            completed ? "response.completed" : "response.created"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/response-message/create-becomes-a-body", test_create_becomes_a_body);
  g_test_add_func ("/response-message/append-goes-on-with-the-last",
                   test_append_goes_on_with_the_last);
  g_test_add_func ("/response-message/errors-are-wrapped", test_errors_are_wrapped);
  g_test_add_func ("/response-message/a-warm-up-is-json", test_a_warm_up_is_json);
  return g_test_run ();
}
