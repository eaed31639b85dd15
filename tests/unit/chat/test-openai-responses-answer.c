/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#define EVENT(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"," rest "}\n\n"
#define NAMELESS(type, rest) "data: {\"type\":\"" type "\"," rest "}\n\n"
#define RESPONSE(status) "\"id\":\"resp_1\",\"model\":\"gpt-5\",\"status\":\"" status "\""
#define CREATED                                                                            \
  EVENT ("response.created", "\"response\":{" RESPONSE ("in_progress") ",\"output\":[]}")  \
  EVENT ("response.in_progress",                                                           \
         "\"response\":{" RESPONSE ("in_progress") ",\"error\":null}")
#define COUNTS                                                                             \
  "\"usage\":{\"input_tokens\":30,\"input_tokens_details\":{\"cached_tokens\":10},"        \
  "\"output_tokens\":7,\"output_tokens_details\":{\"reasoning_tokens\":2},"                \
  "\"total_tokens\":37}"
#define COMPLETED(output)                                                                  \
  EVENT ("response.completed",                                                             \
         "\"response\":{" RESPONSE ("completed") ",\"output\":[" output "]," COUNTS "}")
#define ADDED(index, item)                                                                 \
  EVENT ("response.output_item.added", "\"output_index\":" index ",\"item\":{" item "}")
#define ITEM_DONE(index, item)                                                             \
  EVENT ("response.output_item.done", "\"output_index\":" index ",\"item\":{" item "}")
#define DELTA(type, index, text)                                                           \
  EVENT ("response." type ".delta",                                                        \
         "\"output_index\":" index ",\"content_index\":0,\"delta\":\"" text "\"")
#define PART(type, index, part)                                                            \
  EVENT ("response.content_part." type,                                                    \
         "\"output_index\":" index ",\"content_index\":0,\"part\":{" part "}")
#define MESSAGE "\"type\":\"message\",\"id\":\"msg_1\",\"role\":\"assistant\","
#define TEXT(text) "\"type\":\"output_text\",\"text\":\"" text "\""
#define FUNCTION(id, name, arguments)                                                      \
  "\"type\":\"function_call\",\"id\":\"fc\",\"call_id\":\"" id "\",\"name\":\"" name       \
  "\",\"arguments\":\"" arguments "\""
#define REASONING(text, opaque)                                                            \
  "\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[" text "],\"encrypted_content\":"   \
  "\"" opaque "\""
#define SUMMARY(text) "{\"type\":\"summary_text\",\"text\":\"" text "\"}"
#define SUMMARY_PART                                                                       \
  EVENT ("response.reasoning_summary_part.added", "\"output_index\":0,\"part\":{}")

#define ITEMS                                                                              \
  "{" REASONING (SUMMARY ("one") "," SUMMARY ("two"),                                      \
                 "gAAAA") "},{" MESSAGE                                                    \
                          "\"content\":[{" TEXT ("Hello") "}]},{" FUNCTION (               \
                              "call_a", "read",                                            \
                              "{\\\"p\\\":1}") "},{\"type\":\"web_search_call\",\"id\":"   \
                                               "\"ws_1\",\"status\":\"completed\"}"

#define SSE WEIR_DIALECT_OPENAI_RESPONSES, WEIR_ANSWER_SSE

static const ChatSample samples[] = {
  { "everything in order", SSE,
    CREATED ADDED ("0", REASONING ("", "early")) SUMMARY_PART DELTA (
        "reasoning_summary_text", "0", "on") DELTA ("reasoning_summary_text", "0", "e")
        SUMMARY_PART DELTA ("reasoning_summary_text", "0", "two") ITEM_DONE (
            "0", REASONING (SUMMARY ("one"), "gAAAA")) ADDED ("1", MESSAGE "\"content\":[]")
            PART ("added", "1", TEXT ("")) DELTA ("output_text", "1", "Hel") DELTA (
                "output_text", "1", "lo") EVENT ("response.output_text.done",
                                                 "\"output_index\":1,\"text\":\"Hello\"")
                PART ("done", "1", TEXT ("Hello"))
                    ITEM_DONE ("1", MESSAGE "\"content\":[{" TEXT ("Hello") "}]")
                        ADDED ("2", FUNCTION ("call_a", "read", ""))
                            DELTA ("function_call_arguments", "2", "{\\\"p\\\"")
                                DELTA ("function_call_arguments", "2", ":1}") ITEM_DONE (
                                    "2", FUNCTION ("call_a", "read", "{\\\"p\\\":1}"))
                                    ADDED ("3", "\"type\":\"web_search_call\"")
                                        ITEM_DONE ("3",
                                                   "\"type\":\"web_search_call\","
                                                   "\"id\":\"ws_1\",\"status\":"
                                                   "\"completed\"") COMPLETED (ITEMS),
    WEIR_ANSWER_COMPLETE,
    "{" RESPONSE ("completed") ",\"object\":\"response\",\"error\":null,\"output\":[" ITEMS
                               "]," COUNTS "}" },
  { "items only when done", SSE,
    CREATED ITEM_DONE ("0", REASONING (SUMMARY ("one") "," SUMMARY ("two"), "gAAAA"))
        ITEM_DONE ("1", MESSAGE "\"content\":[{" TEXT ("Hello") "}]")
            ITEM_DONE ("2", FUNCTION ("call_a", "read", "{\\\"p\\\":1}"))
                ITEM_DONE ("3",
                           "\"type\":\"web_search_call\",\"id\":\"ws_1\",\"status\":"
                           "\"completed\"") COMPLETED (""),
    WEIR_ANSWER_COMPLETE,
    "{" RESPONSE ("completed") ",\"output\":[" ITEMS "]," COUNTS "}" },
  { "only the last event", SSE, COMPLETED (ITEMS), WEIR_ANSWER_COMPLETE,
    "{" RESPONSE ("completed") ",\"output\":[" ITEMS "]," COUNTS "}" },
  { "nameless", SSE,
    NAMELESS ("response.created", "\"response\":{" RESPONSE ("in_progress") "}") NAMELESS (
        "response.output_text.delta", "\"output_index\":0,\"delta\":\"a\"")
        NAMELESS ("response.output_text.delta", "\"output_index\":0,\"delta\":\"b\"")
            NAMELESS ("response.completed", "\"response\":{" RESPONSE ("completed") "}"),
    WEIR_ANSWER_COMPLETE, NULL },
  { "incomplete", SSE,
    CREATED DELTA ("output_text", "0", "a")
        EVENT ("response.incomplete",
               "\"response\":{" RESPONSE ("incomplete") ",\"incomplete_details\":{"
                                                        "\"reason\":\"max_output_tokens\"},"
                                                        "\"output\":[]," COUNTS "}"),
    WEIR_ANSWER_COMPLETE, NULL },
  { "failed", SSE,
    CREATED DELTA ("output_text", "0", "a")
        EVENT ("response.failed",
               "\"response\":{" RESPONSE ("failed") ",\"error\":{\"code\":"
                                                    "\"rate_limit_exceeded\",\"message\":"
                                                    "\"slow\"}}") COMPLETED (""),
    WEIR_ANSWER_FAILED, NULL },
  { "error event", SSE,
    CREATED EVENT ("error", "\"code\":\"server_error\",\"message\":\"m\",\"param\":null"),
    WEIR_ANSWER_FAILED, NULL },
  { "refusal and unknown events", SSE,
    CREATED EVENT ("response.new_thing", "\"x\":{}") PART (
        "added", "0", "\"type\":\"refusal\",\"refusal\":\"\"") DELTA ("refusal", "0", "no")
        PART ("done", "0", "\"type\":\"refusal\",\"refusal\":\"no\"") COMPLETED (""),
    WEIR_ANSWER_COMPLETE, NULL },
  { "cut", SSE, CREATED DELTA ("output_text", "0", "a"), WEIR_ANSWER_OPEN, NULL },
};

static void
test_samples_hold (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    chat_check_sample (&samples[i]);
}

static void
assert_fold (const char *wire, const char *fold)
{
  g_autoptr (ChatRun) run = chat_run_text (SSE, wire);

  g_assert_cmpstr (run->fold->str, ==, fold);
}

static void
test_items_become_blocks (void)
{
  assert_fold (samples[0].wire, "0.0 thinking: id=rs_1 one\\n\\ntwo signature=gAAAA\n"
                                "0.1 text: Hello\n"
                                "0.2 call: id=call_a name=read {\\\"p\\\":1}\n"
                                "0.3 other: name=web_search_call \n"
                                " in=30 out=7 cached=10 reasoning=2 total=37\n"
                                "finish 0 TOOL_CALLS completed\n");
  assert_fold (ITEM_DONE ("0", "\"type\":\"image_generation_call\",\"result\":\"AAAA\","
                               "\"output_format\":\"webp\"")
                   ADDED ("1", "\"type\":\"custom_tool_call\",\"call_id\":\"c\",\"name\":"
                               "\"sh\",\"input\":\"\"")
                       DELTA ("custom_tool_call_input", "1", "ls") COMPLETED (""),
               "0.0 image: name=image/webp AAAA\n0.1 custom: id=c name=sh ls\n"
               " in=30 out=7 cached=10 reasoning=2 total=37\n"
               "finish 0 TOOL_CALLS completed\n");
  assert_fold (samples[4].wire, "0.0 text: a\n"
                                " in=30 out=7 cached=10 reasoning=2 total=37\n"
                                "finish 0 LENGTH max_output_tokens\n");
}

static void
test_created_is_no_content (void)
{
  g_autoptr (ChatRun) created = chat_run_text (SSE, CREATED);
  g_autoptr (ChatRun) item = chat_run_text (SSE, CREATED ADDED ("0", REASONING ("", "")));

  g_assert_false (created->has_content);
  g_assert_true (item->has_content);
}

static void
test_failures_have_words (void)
{
  g_autoptr (ChatRun) failed = chat_run_text (SSE, samples[5].wire);
  g_autoptr (ChatRun) wrapped = chat_run_text (
      SSE, NAMELESS ("error", "\"status\":429,\"error\":{\"type\":\"usage_limit\"}"));
  g_autoptr (ChatRun) whole = chat_run_text (
      WEIR_DIALECT_OPENAI_RESPONSES, WEIR_ANSWER_WHOLE,
      "{" RESPONSE ("failed") ",\"error\":{\"code\":\"server_error\"},\"output\":[]}");

  g_assert_cmpstr (failed->failure_type, ==, "rate_limit_exceeded");
  g_assert_cmpuint (failed->failure_status, ==, 429);
  g_assert_cmpstr (failed->failure_message, ==, "slow");
  g_assert_cmpuint (wrapped->failure_status, ==, 429);
  g_assert_cmpint (whole->state, ==, WEIR_ANSWER_FAILED);
  g_assert_cmpuint (whole->failure_status, ==, 500);
}

static void
test_a_call_must_be_announced (void)
{
  g_autoptr (ChatRun) run
      = chat_run_text (SSE, CREATED DELTA ("function_call_arguments", "0", "{"));

  g_assert_cmpint (run->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
}

static void
test_a_background_job_is_no_answer (void)
{
  static const char wire[] = "{" RESPONSE ("queued") ",\"output\":[]}";
  ChatRunOptions options = {
    .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
    .form = WEIR_ANSWER_WHOLE,
    .watch = TRUE,
  };
  g_autoptr (ChatRun) told
      = chat_run_text (WEIR_DIALECT_OPENAI_RESPONSES, WEIR_ANSWER_WHOLE, wire);
  g_autoptr (ChatRun) watched = chat_run (options, wire, strlen (wire), 0, SIZE_MAX);

  g_assert_cmpint (told->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
  g_assert_cmpint (watched->state, ==, WEIR_ANSWER_COMPLETE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-responses-answer/samples-hold", test_samples_hold);
  g_test_add_func ("/openai-responses-answer/items-become-blocks",
                   test_items_become_blocks);
  g_test_add_func ("/openai-responses-answer/created-is-no-content",
                   test_created_is_no_content);
  g_test_add_func ("/openai-responses-answer/failures-have-words",
                   test_failures_have_words);
  g_test_add_func ("/openai-responses-answer/a-call-must-be-announced",
                   test_a_call_must_be_announced);
  g_test_add_func ("/openai-responses-answer/a-background-job-is-no-answer",
                   test_a_background_job_is_no_answer);
  return g_test_run ();
}
