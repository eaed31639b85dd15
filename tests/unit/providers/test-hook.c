/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How vendors' endpoints deviate from their dialects: bodies, fields, streams. */

#include "config.h"

#include "providers/weir-hook.h"

#include "base/weir-json.h"

#include <string.h>

static const WeirHookRequest answer = {
  .operation = WEIR_OPERATION_ANSWER,
  .model = "gemini-3-pro",
  .project = "my-project-1",
  .id = "weir-0123456789abcdef",
};

static char *
write_for (const WeirHook *hook, const WeirHookRequest *request, const char *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes
      = hook->write_request (request, weir_slice_from_string (body), &error);
  g_auto (WeirJson) json = { 0 };
  gsize length;
  const char *text;

  g_assert_no_error (error);
  g_assert_nonnull (bytes);
  text = g_bytes_get_data (bytes, &length);
  g_assert_true (weir_json_parse (&json, text, length, NULL, NULL));
  return g_strndup (text, length);
}

static void
assert_written (const WeirHook *hook,
                const WeirHookRequest *request,
                const char *body,
                const char *wanted)
{
  g_autofree char *text = write_for (hook, request, body);

  g_test_message ("%s", body);
  g_assert_cmpstr (text, ==, wanted);
}

static void
assert_refused (const WeirHook *hook, const char *body, WeirError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes
      = hook->write_request (&answer, weir_slice_from_string (body), &error);

  g_test_message ("%s", body);
  g_assert_null (bytes);
  g_assert_error (error, WEIR_ERROR, (int)code);
}

/* --- Codex --- */

static void
test_the_backend_of_codex_gets_what_it_takes (void)
{
  assert_written (
      &weir_hook_codex, &answer, "{\"model\":\"gpt-5.1\",\"input\":\"say \\\"hi\\\"\"}",
      "{\"model\":\"gpt-5.1\",\"input\":[{\"type\":\"message\",\"role\":\"user\","
      "\"content\":[{\"type\":\"input_text\",\"text\":\"say \\\"hi\\\"\"}]}],"
      "\"instructions\":\"\",\"store\":false,\"stream\":true,"
      "\"include\":[\"reasoning.encrypted_content\"]}");
  assert_written (
      &weir_hook_codex, &answer,
      "{ \"temperature\": 0.10, \"top_p\": 1, \"user\": \"u\", \"metadata\": {}, "
      "\"max_output_tokens\": 9, \"truncation\": \"auto\", \"model\": \"m\", "
      "\"instructions\": \"be brief\", \"stream\": false, \"store\": true, "
      "\"service_tier\": \"flex\", \"include\": [\"x\"], \"input\": [] }",
      "{ \"model\": \"m\", \"instructions\": \"be brief\", \"stream\": true, "
      "\"store\": false, \"include\": [\"x\",\"reasoning.encrypted_content\"], "
      "\"input\": [] }");
  assert_written (&weir_hook_codex, &answer,
                  "{\"instructions\":null,\"service_tier\":\"priority\",\"include\":["
                  "\"reasoning.encrypted_content\"],\"previous_response_id\":null,"
                  "\"store\":false,\"stream\":true}",
                  "{\"instructions\":\"\",\"service_tier\":\"priority\",\"include\":["
                  "\"reasoning.encrypted_content\"],\"previous_response_id\":null,"
                  "\"store\":false,\"stream\":true}");
}

static void
test_items_of_codex_stand_for_themselves (void)
{
  g_autofree char *text
      = write_for (&weir_hook_codex, &answer,
                   "{\"input\":[{\"role\":\"system\",\"content\":\"a\"},"
                   "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]},"
                   "{\"type\":\"reasoning\",\"id\":\"rs_2\",\"encrypted_content\":\"e\"},"
                   "{\"type\":\"message\",\"role\":\"assistant\",\"id\":\"msg_1\"}],"
                   "\"tools\":[{\"type\":\"web_search_preview\"},{\"type\":\"function\","
                   "\"name\":\"f\"}],"
                   "\"tool_choice\":{\"type\":\"web_search_preview_2025_03_11\"}}");

  g_assert_nonnull (strstr (text, "{\"role\":\"developer\",\"content\":\"a\"}"));
  g_assert_nonnull (strstr (text, "{\"type\":\"reasoning\",\"summary\":[]}"));
  g_assert_nonnull (strstr (text, "\"id\":\"rs_2\""));
  g_assert_nonnull (strstr (text, "\"id\":\"msg_1\""));
  g_assert_nonnull (strstr (text, "[{\"type\":\"web_search\"},{\"type\":\"function\""));
  g_assert_nonnull (strstr (text, "\"tool_choice\":{\"type\":\"web_search\"}"));
}

static void
test_a_conversation_kept_elsewhere_is_refused (void)
{
  assert_refused (&weir_hook_codex, "{\"previous_response_id\":\"resp_1\"}",
                  WEIR_ERROR_UNSUPPORTED);
  assert_refused (&weir_hook_codex, "{\"conversation\":\"conv_1\"}",
                  WEIR_ERROR_UNSUPPORTED);
  assert_refused (&weir_hook_codex, "[]", WEIR_ERROR_BAD_REQUEST);
}

static void
test_a_compact_request_is_no_stream (void)
{
  WeirHookRequest compact = answer;

  compact.operation = WEIR_OPERATION_COMPACT;
  assert_written (&weir_hook_codex, &compact,
                  "{\"model\":\"m\",\"input\":[],\"store\":false}",
                  "{\"model\":\"m\",\"input\":[],\"instructions\":\"\"}");
}

#define EVENT(type, more) "event: " type "\ndata: {\"type\":\"" type "\"" more "}\n\n"

static void
assert_folded (const char *stream, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = weir_hook_codex.fold (weir_slice_from_string (stream), &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_a_stream_becomes_the_answer_it_tells_of (void)
{
  g_autoptr (GError) error = NULL;

  assert_folded (EVENT ("response.created", ",\"response\":{\"id\":\"r\"}")
                     EVENT ("response.output_item.done", ",\"item\":{\"id\":\"i\"}")
                         EVENT ("response.completed",
                                ",\"response\":{\"id\":\"r\",\"output\":[{\"id\":\"o\"}]}"),
                 "{\"id\":\"r\",\"output\":[{\"id\":\"o\"}]}");
  assert_folded (
      EVENT ("response.output_item.done", ",\"item\":{\"id\":\"i\"}")
          EVENT ("response.output_item.done", ",\"item\":{\"id\":\"j\"}")
              EVENT ("response.completed", ",\"response\":{\"id\":\"r\",\"output\":[]}"),
      "{\"id\":\"r\",\"output\":[{\"id\":\"i\"},{\"id\":\"j\"}]}");
  assert_folded (EVENT ("error", ",\"error\":{\"type\":\"usage_limit_reached\"}"),
                 "{\"error\":{\"type\":\"usage_limit_reached\"}}");
  assert_folded (EVENT ("error", ",\"code\":\"c\",\"message\":\"m\""),
                 "{\"error\":{\"type\":\"error\",\"code\":\"c\",\"message\":\"m\"}}");
  g_assert_null (weir_hook_codex.fold (
      WEIR_SLICE (EVENT ("response.created", ",\"response\":{\"id\":\"r\"}")), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CUT);
}

/* --- Copilot --- */

static void
assert_fields (const char *body, const char *wanted)
{
  g_autoptr (GString) fields = g_string_new (NULL);

  g_test_message ("%s", body);
  weir_hook_copilot.write_fields (&answer, weir_slice_from_string (body), fields);
  g_assert_cmpstr (fields->str, ==, wanted);
}

static void
test_copilot_hears_who_began_the_turn (void)
{
  static const char user[] = "X-Initiator: user\r\n";
  static const char agent[] = "X-Initiator: agent\r\n";

  assert_fields ("{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
                 "{\"role\":\"user\",\"content\":\"u\"}],\"tools\":[{}]}",
                 user);
  assert_fields ("{\"messages\":[{\"role\":\"user\",\"content\":\"u\"},"
                 "{\"role\":\"assistant\",\"tool_calls\":[]},{\"role\":\"tool\"}]}",
                 agent);
  assert_fields ("{\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"}]}", agent);
  assert_fields ("{\"messages\":[]}", agent);
  assert_fields ("{\"input\":\"u\"}", user);
  assert_fields ("{\"input\":[{\"role\":\"user\",\"content\":[]}]}", user);
  assert_fields ("{\"input\":[{\"role\":\"user\"},{\"type\":\"function_call_output\"}]}",
                 agent);
  assert_fields ("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"},"
                 "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:\"}}]}]}",
                 "X-Initiator: user\r\nCopilot-Vision-Request: true\r\n");
}

/* --- Code Assist --- */

static void
test_a_request_goes_into_the_envelope (void)
{
  WeirHookRequest nobody = answer;

  assert_written (&weir_hook_code_assist, &answer,
                  "{ \"contents\" : [ ], \"model\": \"x\" }",
                  "{\"model\":\"gemini-3-pro\",\"project\":\"my-project-1\","
                  "\"request\":{ \"contents\" : [ ] }}");
  nobody.project = NULL;
  assert_written (&weir_hook_code_assist, &nobody, "{\"contents\":[],\"n\":0.10}",
                  "{\"model\":\"gemini-3-pro\",\"request\":{\"contents\":[],\"n\":0.10}}");
  assert_refused (&weir_hook_code_assist, "{", WEIR_ERROR_BAD_JSON);
  assert_refused (&weir_hook_code_assist, "7", WEIR_ERROR_BAD_REQUEST);
}

static void
test_antigravity_takes_schemas_under_their_older_name (void)
{
  assert_written (
      &weir_hook_antigravity, &answer,
      "{\"contents\":[],\"safetySettings\":[],\"tools\":[{\"functionDeclarations\":["
      "{\"name\":\"f\",\"parametersJsonSchema\":{\"type\":\"object\"}},{\"name\":\"g\"}]}]"
      "}",
      "{\"model\":\"gemini-3-pro\",\"project\":\"my-project-1\",\"request\":{\"contents\":"
      "[],\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":{\"type\":"
      "\"object\"}},{\"name\":\"g\"}]}]}}");
}

static void
test_a_count_has_an_envelope_of_its_own (void)
{
  static const char wanted[]
      = "{\"request\":{\"model\":\"models/gemini-3-pro\",\"contents\":[1]}}";
  WeirHookRequest count = answer;
  g_autoptr (GError) error = NULL;

  count.operation = WEIR_OPERATION_COUNT_TOKENS;
  assert_written (&weir_hook_code_assist, &count, "{\"contents\":[1],\"tools\":[]}",
                  wanted);
  assert_written (&weir_hook_antigravity, &count,
                  "{\"generateContentRequest\":{\"model\":\"m\",\"contents\":[1]}}",
                  wanted);
  g_assert_null (weir_hook_code_assist.write_request (&count, WEIR_SLICE ("{}"), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
}

static void
assert_unwrapped (const char *document, const char *wanted)
{
  g_autofree char *text
      = weir_slice_dup (weir_hook_code_assist.unwrap (weir_slice_from_string (document)));

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_an_answer_is_taken_out_of_its_envelope (void)
{
  assert_unwrapped ("{\"response\":{\"a\": 0.10},\"traceId\":\"t\"}", "{\"a\": 0.10}");
  assert_unwrapped ("{\"error\":{\"code\":429}}", "{\"error\":{\"code\":429}}");
  assert_unwrapped ("{\"totalTokens\":3}", "{\"totalTokens\":3}");
  assert_unwrapped ("{\"response\":7}", "{\"response\":7}");
  assert_unwrapped ("nonsense", "nonsense");
  assert_unwrapped ("", "");
}

static void
test_any_cut_of_a_stream_is_unwrapped_alike (void)
{
  static const char wire[] = "data: {\"response\": {\"a\":1}}\r\n\r\n"
                             ": comment\n\n"
                             "data: {\ndata: \"response\": {\"b\":\ndata: 2}}\n\n"
                             "data: {\"error\":{\"code\":503}}\n\n";
  static const char wanted[] = "data: {\"a\":1}\n\ndata: {\"b\": 2}\n\n"
                               "data: {\"error\":{\"code\":503}}\n\n";

  for (size_t cut = 0; cut < sizeof wire; cut++)
    {
      g_autoptr (WeirHookStream) stream = weir_hook_stream_new (&weir_hook_code_assist);
      g_autoptr (GString) all = g_string_new (NULL);
      g_autoptr (GString) first = NULL;
      g_autoptr (GString) second = NULL;

      g_assert_true (weir_hook_stream_feed (stream, wire, cut, NULL));
      first = weir_hook_stream_take (stream);
      g_assert_true (weir_hook_stream_feed (
          stream, wire + cut, sizeof wire - 1 - MIN (cut, sizeof wire - 1), NULL));
      second = weir_hook_stream_take (stream);
      g_string_append (all, first->str);
      g_string_append (all, second->str);
      g_assert_cmpstr (all->str, ==, wanted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hook/the-backend-of-codex-gets-what-it-takes",
                   test_the_backend_of_codex_gets_what_it_takes);
  g_test_add_func ("/hook/items-of-codex-stand-for-themselves",
                   test_items_of_codex_stand_for_themselves);
  g_test_add_func ("/hook/a-conversation-kept-elsewhere-is-refused",
                   test_a_conversation_kept_elsewhere_is_refused);
  g_test_add_func ("/hook/a-compact-request-is-no-stream",
                   test_a_compact_request_is_no_stream);
  g_test_add_func ("/hook/a-stream-becomes-the-answer-it-tells-of",
                   test_a_stream_becomes_the_answer_it_tells_of);
  g_test_add_func ("/hook/copilot-hears-who-began-the-turn",
                   test_copilot_hears_who_began_the_turn);
  g_test_add_func ("/hook/a-request-goes-into-the-envelope",
                   test_a_request_goes_into_the_envelope);
  g_test_add_func ("/hook/antigravity-takes-schemas-under-their-older-name",
                   test_antigravity_takes_schemas_under_their_older_name);
  g_test_add_func ("/hook/a-count-has-an-envelope-of-its-own",
                   test_a_count_has_an_envelope_of_its_own);
  g_test_add_func ("/hook/an-answer-is-taken-out-of-its-envelope",
                   test_an_answer_is_taken_out_of_its_envelope);
  g_test_add_func ("/hook/any-cut-of-a-stream-is-unwrapped-alike",
                   test_any_cut_of_a_stream_is_unwrapped_alike);
  return g_test_run ();
}
