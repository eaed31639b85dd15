/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Kiro: requests of a dialect as a state of a conversation, messages as an answer. */

#include "config.h"

#include "providers/weir-hook.h"

#include "../base/event-stream-fixture.h"
#include "base/weir-json.h"

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  GString *losses = user_data;

  g_string_append_printf (losses, "%s%s", losses->len > 0 ? "," : "", loss);
}

static GBytes *
ask (const char *body, const char *profile, GString *losses, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (body, strlen (body));
  g_autoptr (WeirRequest) asked = weir_protocol_get (WEIR_DIALECT_ANTHROPIC)
                                      ->read_request (bytes, WEIR_SLICE (""), FALSE, error);
  const WeirHookRequest request = {
    .operation = WEIR_OPERATION_ANSWER,
    .model = "claude-sonnet-4.5",
    .project = profile,
    .id = "weir-0123456789abcdef",
    .asked = asked,
    .on_loss = on_loss,
    .loss_data = losses,
  };

  g_assert_nonnull (asked);
  return weir_hook_kiro.write_request (&request, weir_slice_from_string (body), error);
}

static void
assert_asked (const char *body, const char *wanted, const char *wanted_losses)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autoptr (GBytes) bytes = ask (body, NULL, losses, &error);
  g_autofree char *text = NULL;
  g_auto (WeirJson) json = { 0 };
  const char *rest;

  g_assert_no_error (error);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_true (weir_json_parse (&json, text, strlen (text), NULL, NULL));
  rest = strstr (text, "\"chatTriggerType\":\"MANUAL\",");
  g_assert_nonnull (rest);
  g_assert_cmpstr (rest + strlen ("\"chatTriggerType\":\"MANUAL\","), ==, wanted);
  g_assert_cmpstr (losses->str, ==, wanted_losses);
}

#define ASK(more) "{\"model\":\"claude-sonnet-4.5\",\"max_tokens\":9," more "}"
#define CURRENT(content, more)                                                             \
  "\"currentMessage\":{\"userInputMessage\":{\"content\":\"" content "\"" more "}}}}"
#define OWN ",\"origin\":\"CLI\",\"modelId\":\"claude-sonnet-4.5\""

static void
test_one_turn_is_the_current_message (void)
{
  assert_asked (ASK ("\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\"}]"),
                CURRENT ("say \\\"hi\\\"", OWN), "max-output-tokens");
  assert_asked (ASK ("\"system\":\"Be brief.\",\"messages\":[{\"role\":\"user\","
                     "\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                     "{\"type\":\"text\",\"text\":\"b\"}]}]"),
                CURRENT ("Be brief.\\n\\na\\n\\nb", OWN),
                "max-output-tokens,system-position");
}

static void
test_turns_before_are_its_history (void)
{
  assert_asked (
      ASK ("\"system\":\"S\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
           "{\"role\":\"assistant\",\"content\":\"b\"},"
           "{\"role\":\"user\",\"content\":\"c\"},{\"role\":\"user\",\"content\":\"d\"}]"),
      "\"history\":[{\"userInputMessage\":{\"content\":\"S\\n\\na\",\"origin\":\"CLI\"}},"
      "{\"assistantResponseMessage\":{\"content\":\"b\"}}]," CURRENT ("c\\n\\nd", OWN),
      "max-output-tokens,system-position");
  /* nobody else may have the last word */
  assert_asked (
      ASK ("\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
           "{\"role\":\"assistant\",\"content\":\"b\"}]"),
      "\"history\":[{\"userInputMessage\":{\"content\":\"a\",\"origin\":\"CLI\"}},"
      "{\"assistantResponseMessage\":{\"content\":\"b\"}}]," CURRENT ("Continue.", OWN),
      "max-output-tokens,prefill");
}

static void
test_calls_and_results_stand_beside_what_is_said (void)
{
  assert_asked (
      ASK (
          "\"tools\":[{\"name\":\"look\",\"input_schema\":{\"type\":\"object\"}},"
          "{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}],"
          "\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
          "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"h\","
          "\"signature\":\"s\"},{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"look\","
          "\"input\":{\"x\":1.0}}]},{\"role\":\"user\",\"content\":[{\"type\":"
          "\"tool_result\",\"tool_use_id\":\"t1\",\"is_error\":true,\"content\":[{\"type\":"
          "\"text\",\"text\":\"r\"},{\"type\":\"image\",\"source\":{\"type\":\"base64\","
          "\"media_type\":\"image/png\",\"data\":\"AA==\"}}]},{\"type\":\"text\",\"text\":"
          "\"go on\"}]}]"),
      "\"history\":[{\"userInputMessage\":{\"content\":\"a\",\"origin\":\"CLI\"}},"
      "{\"assistantResponseMessage\":{\"content\":\"\",\"toolUses\":[{\"toolUseId\":\"t1\","
      "\"name\":\"look\",\"input\":{\"x\":1.0}}]}}]," CURRENT (
          "go on", ",\"images\":[{\"format\":\"png\",\"source\":{\"bytes\":\"AA==\"}}]" OWN
                   ",\"userInputMessageContext\":{\"toolResults\":[{\"toolUseId\":\"t1\","
                   "\"status\":\"error\",\"content\":[{\"text\":\"r\"}]}],\"tools\":[{"
                   "\"toolSpecification\":{\"name\":\"look\",\"description\":\"look\","
                   "\"inputSchema\":{\"json\":{\"type\":\"object\"}}}}]}"),
      "max-output-tokens,thinking,result-media,web-search");
}

static void
test_what_changes_the_answer_is_named (void)
{
  assert_asked (
      ASK ("\"temperature\":0.1,\"top_k\":5,\"stop_sequences\":[\"x\"],\"thinking\":"
           "{\"type\":\"enabled\",\"budget_tokens\":2000},\"tools\":[{\"name\":\"f\","
           "\"input_schema\":{}}],\"tool_choice\":{\"type\":\"any\"},\"never_heard_of\":1,"
           "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"),
      CURRENT ("a", OWN ",\"userInputMessageContext\":{\"tools\":[{\"toolSpecification\":"
                        "{\"name\":\"f\",\"description\":\"f\",\"inputSchema\":{\"json\":{}"
                        "}}}]}"),
      "max-output-tokens,temperature,top-k,stop-sequences,thinking-level,tool-choice,"
      "unknown-member");
  /* no tool may be called: none is shown */
  assert_asked (ASK ("\"tools\":[{\"name\":\"f\",\"input_schema\":{}}],\"tool_choice\":"
                     "{\"type\":\"none\"},\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"a\"}]"),
                CURRENT ("a", OWN), "max-output-tokens");
}

static void
test_the_profile_and_the_conversation_have_names (void)
{
  static const char *const arn = "arn:aws:codewhisperer:us-east-1:1:profile/A";
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autoptr (GBytes) bytes = ask (
      ASK ("\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"), arn, losses, NULL);
  g_autofree char *text
      = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (GRegex) uuid = g_regex_new (
      "\"conversationId\":\"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]"
      "{3}-[0-9a-f]{12}\"",
      0, 0, NULL);

  g_assert_true (g_regex_match (uuid, text, 0, NULL));
  g_assert_true (g_str_has_suffix (text,
                                   ",\"profileArn\":\"arn:aws:codewhisperer:us-east-1:"
                                   "1:profile/A\"}"));
}

static void
test_what_kiro_cannot_see_is_refused (void)
{
  static const char *const contents[] = {
    "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://a.example/"
    "b.png\"}}",
    "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/tiff\","
    "\"data\":\"AA==\"}}",
    "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":"
    "\"application/pdf\",\"data\":\"AA==\"}}",
    "{\"type\":\"tool_result\",\"tool_use_id\":\"nobodys\",\"content\":\"r\"}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autofree char *body = g_strdup_printf (
          ASK ("\"messages\":[{\"role\":\"user\",\"content\":[%s]}]"), contents[i]);
      g_autoptr (GString) losses = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = ask (body, NULL, losses, &error);

      g_assert_null (bytes);
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
    }
}

/* --- answers --- */

static void
append (GString *out, const char *name, WeirSlice text)
{
  g_string_append_printf (out, " %s=%.*s", name, (int)text.length,
                          text.length > 0 ? text.text : "");
}

static void
on_event (const WeirEvent *event, gpointer user_data)
{
  static const char *const names[]
      = { "start", "open", "delta", "close", "usage", "finish", "error", "ping", "raw" };
  GString *out = user_data;

  if (event->type == WEIR_EVENT_PING || event->type == WEIR_EVENT_START)
    return;
  g_string_append (out, names[event->type]);
  if (event->type == WEIR_EVENT_USAGE)
    g_string_append_printf (out, " %d %d", (int)event->usage.input,
                            (int)event->usage.output);
  else if (event->type == WEIR_EVENT_FINISH)
    g_string_append_printf (out, " %d", event->finish);
  else
    g_string_append_printf (out, " %u", event->block);
  if (event->id.length > 0)
    append (out, "id", event->id);
  if (event->name.length > 0)
    append (out, "name", event->name);
  if (event->text.length > 0)
    append (out, "text", event->text);
  if (event->signature.length > 0)
    append (out, "signature", event->signature);
  g_string_append_c (out, '\n');
}

/* Feeds @wire in pieces; (transfer full): what the decoder said, and how it ended. */
static GString *
read_stream (const GString *wire, size_t step, gboolean clean)
{
  GString *seen = g_string_new (NULL);
  g_autoptr (WeirHookStream) stream = weir_hook_stream_new (&weir_hook_kiro);
  g_autoptr (WeirDecoder) decoder
      = weir_hook_kiro.new_decoder (WEIR_ANSWER_SSE, on_event, seen);
  gboolean ok = TRUE;

  for (size_t at = 0; at < wire->len && ok; at += step)
    {
      g_autoptr (GString) events = NULL;
      size_t consumed, boundary;

      ok = weir_hook_stream_feed (stream, wire->str + at, MIN (step, wire->len - at), NULL);
      events = weir_hook_stream_take (stream);
      ok = ok
           && weir_decoder_feed (decoder, events->str, events->len, &consumed, &boundary,
                                 NULL);
    }
  weir_decoder_finish (decoder, clean && weir_hook_stream_is_idle (stream));
  g_string_append_printf (seen, "state %d\n", weir_decoder_get_state (decoder));
  return seen;
}

static GString *
read_whole (const GString *wire)
{
  GString *seen = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) folded
      = weir_hook_kiro.fold ((WeirSlice){ wire->str, wire->len }, &error);
  g_autoptr (WeirDecoder) decoder
      = weir_hook_kiro.new_decoder (WEIR_ANSWER_WHOLE, on_event, seen);
  WeirSlice whole;

  g_assert_no_error (error);
  whole.text = g_bytes_get_data (folded, &whole.length);
  g_assert_true (weir_decoder_lend_whole (decoder, whole, &error));
  weir_decoder_finish (decoder, TRUE);
  g_string_append_printf (seen, "state %d\n", weir_decoder_get_state (decoder));
  return seen;
}

static GString *
make_answer (void)
{
  GString *wire = g_string_new (NULL);

  event_stream_append (wire, "event", "initial-response", "{}");
  event_stream_append (wire, "event", "reasoningContentEvent", "{\"text\":\"Hm\"}");
  event_stream_append (wire, "event", "reasoningContentEvent", "{\"signature\":\"s=\"}");
  event_stream_append (wire, "event", "assistantResponseEvent", "{\"content\":\"Hel\"}");
  event_stream_append (wire, "event", "assistantResponseEvent",
                       "{\"content\":\"lo \\\"\\u00e9\\\"\",\n\"modelId\":\"m\"}");
  event_stream_append (wire, "event", "toolUseEvent",
                       "{\"toolUseId\":\"t1\",\"name\":\"look\"}");
  event_stream_append (
      wire, "event", "toolUseEvent",
      "{\"toolUseId\":\"t1\",\"name\":\"look\",\"input\":\"{\\\"x\\\":\"}");
  event_stream_append (wire, "event", "toolUseEvent",
                       "{\"toolUseId\":\"t1\",\"name\":\"look\",\"input\":\"1}\"}");
  event_stream_append (wire, "event", "toolUseEvent",
                       "{\"toolUseId\":\"t1\",\"name\":\"look\",\"stop\":true}");
  event_stream_append (wire, "event", "contextUsageEvent",
                       "{\"contextUsagePercentage\":1.5}");
  event_stream_append (
      wire, "event", "metadataEvent",
      "{\"tokenUsage\":{\"uncachedInputTokens\":5,\"cacheReadInputTokens\":"
      "2,\"outputTokens\":7,\"totalTokens\":14}}");
  event_stream_append (wire, "event", "meteringEvent",
                       "{\"usage\":0.02,\"unit\":\"credit\"}");
  return wire;
}

static const char answer_said[]
    = "open 0\ndelta 0 text=Hm\ndelta 0 signature=s=\nclose 0\n"
      "open 1\ndelta 1 text=Hel\ndelta 1 text=lo \\\"\\u00e9\\\"\nclose 1\n"
      "open 2 id=t1 name=look\ndelta 2 text={\\\"x\\\":\ndelta 2 text=1}\nclose 2\n"
      "usage 7 7\nfinish 2\nstate 2\n";

static void
test_messages_become_an_answer_in_any_cut (void)
{
  g_autoptr (GString) wire = make_answer ();

  for (size_t step = 1; step <= wire->len; step = step < 64 ? step + 1 : step * 2)
    {
      g_autoptr (GString) seen = read_stream (wire, step, TRUE);

      g_assert_cmpstr (seen->str, ==, answer_said);
    }
}

static void
test_a_whole_answer_says_the_same (void)
{
  g_autoptr (GString) wire = make_answer ();
  g_autoptr (GString) seen = read_whole (wire);

  g_assert_cmpstr (seen->str, ==, answer_said);
}

/* No message is the last one: only the transport tells. */
static void
test_what_was_cut_is_not_whole (void)
{
  g_autoptr (GString) wire = g_string_new (NULL);
  g_autoptr (GString) half = NULL;
  g_autoptr (GString) unclean = NULL;
  g_autoptr (GString) open = NULL;
  g_autoptr (GString) empty = NULL;

  event_stream_append (wire, "event", "meteringEvent", "{}");
  empty = read_stream (wire, 4096, TRUE);
  g_assert_cmpstr (empty->str, ==, "state 0\n");
  event_stream_append (wire, "event", "assistantResponseEvent", "{\"content\":\"a\"}");
  unclean = read_stream (wire, 4096, FALSE);
  g_assert_true (g_str_has_suffix (unclean->str, "state 1\n"));
  g_string_append_c (wire, '\0');
  half = read_stream (wire, 4096, TRUE);
  g_assert_true (g_str_has_suffix (half->str, "state 1\n"));
  g_string_truncate (wire, wire->len - 1);
  event_stream_append (wire, "event", "toolUseEvent",
                       "{\"toolUseId\":\"t\",\"name\":\"f\",\"input\":\"{\"}");
  open = read_stream (wire, 4096, TRUE);
  g_assert_true (g_str_has_suffix (open->str, "state 1\n"));
}

static void
assert_fails (const char *kind,
              const char *name,
              const char *payload,
              unsigned status,
              const char *message)
{
  g_autoptr (GString) wire = g_string_new (NULL);
  g_autoptr (WeirHookStream) stream = weir_hook_stream_new (&weir_hook_kiro);
  g_autoptr (WeirDecoder) decoder
      = weir_hook_kiro.new_decoder (WEIR_ANSWER_SSE, NULL, NULL);
  g_autoptr (GString) events = NULL;
  g_autoptr (GString) whole = NULL;
  const char *type, *said;
  size_t consumed, boundary;
  unsigned found;

  event_stream_append (wire, kind, name, payload);
  g_assert_true (weir_hook_stream_feed (stream, wire->str, wire->len, NULL));
  events = weir_hook_stream_take (stream);
  g_assert_true (
      weir_decoder_feed (decoder, events->str, events->len, &consumed, &boundary, NULL));
  g_assert_cmpint (weir_decoder_get_state (decoder), ==, WEIR_ANSWER_FAILED);
  weir_decoder_get_failure (decoder, &type, &said, &found);
  g_assert_cmpuint (found, ==, status);
  g_assert_cmpstr (said, ==, message);
  whole = read_whole (wire);
  g_assert_true (g_str_has_suffix (whole->str, "state 3\n"));
}

static void
test_an_exception_is_a_failure (void)
{
  assert_fails ("exception", "ThrottlingException",
                "{\"message\":\"slow\",\"reason\":\"DAILY_REQUEST_COUNT\"}", 429, "slow");
  assert_fails ("exception", "throttlingException", "{\"message\":\"slow\"}", 429, "slow");
  assert_fails ("exception", "validationException", "{\"message\":\"no\"}", 400, "no");
  assert_fails ("exception", "neverHeardOf", "", 0, "");
  assert_fails ("error", "500\nevent: x", "", 0, "");
  assert_fails ("event", "invalidStateEvent",
                "{\"reason\":\"INVALID_TASK_ASSIST_PLAN\",\"message\":\"so\"}", 0, "so");
}

static void
test_an_error_document_is_told (void)
{
  static const char body[] = "{\"message\":\"Input is too "
                             "long.\",\"reason\":\"CONTENT_LENGTH_EXCEEDS_THRESHOLD\"}";
  g_autoptr (WeirDecoder) decoder
      = weir_hook_kiro.new_decoder (WEIR_ANSWER_WHOLE, NULL, NULL);
  const char *type, *message;
  unsigned status;

  g_assert_true (weir_decoder_lend_whole (decoder, weir_slice_from_string (body), NULL));
  g_assert_cmpint (weir_decoder_finish (decoder, TRUE), ==, WEIR_ANSWER_FAILED);
  weir_decoder_get_failure (decoder, &type, &message, &status);
  g_assert_cmpstr (type, ==, "CONTENT_LENGTH_EXCEEDS_THRESHOLD");
  g_assert_cmpstr (message, ==, "Input is too long.");
}

static void
test_a_token_that_expired_is_known_by_its_words (void)
{
  const WeirSlice expired = WEIR_SLICE (
      "{\"message\":\"The bearer token included in the request is invalid.\"}");
  const WeirSlice denied
      = WEIR_SLICE ("{\"message\":\"User is not authorized to make this call.\"}");

  g_assert_true (weir_hook_kiro.refuses_token (403, expired));
  g_assert_false (weir_hook_kiro.refuses_token (400, expired));
  g_assert_false (weir_hook_kiro.refuses_token (403, denied));
  g_assert_false (weir_hook_kiro.refuses_token (403, (WeirSlice){ NULL, 0 }));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kiro/one-turn-is-the-current-message",
                   test_one_turn_is_the_current_message);
  g_test_add_func ("/kiro/turns-before-are-its-history", test_turns_before_are_its_history);
  g_test_add_func ("/kiro/calls-and-results-stand-beside-what-is-said",
                   test_calls_and_results_stand_beside_what_is_said);
  g_test_add_func ("/kiro/what-changes-the-answer-is-named",
                   test_what_changes_the_answer_is_named);
  g_test_add_func ("/kiro/the-profile-and-the-conversation-have-names",
                   test_the_profile_and_the_conversation_have_names);
  g_test_add_func ("/kiro/what-kiro-cannot-see-is-refused",
                   test_what_kiro_cannot_see_is_refused);
  g_test_add_func ("/kiro/messages-become-an-answer-in-any-cut",
                   test_messages_become_an_answer_in_any_cut);
  g_test_add_func ("/kiro/a-whole-answer-says-the-same", test_a_whole_answer_says_the_same);
  g_test_add_func ("/kiro/what-was-cut-is-not-whole", test_what_was_cut_is_not_whole);
  g_test_add_func ("/kiro/an-exception-is-a-failure", test_an_exception_is_a_failure);
  g_test_add_func ("/kiro/an-error-document-is-told", test_an_error_document_is_told);
  g_test_add_func ("/kiro/a-token-that-expired-is-known-by-its-words",
                   test_a_token_that_expired_is_known_by_its_words);
  return g_test_run ();
}
