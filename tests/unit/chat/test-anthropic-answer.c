/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#define EVENT(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define START                                                                              \
  EVENT ("message_start",                                                                  \
         ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","     \
         "\"model\":\"claude\",\"content\":[],\"stop_reason\":null,\"usage\":{"            \
         "\"input_tokens\":5,\"cache_creation_input_tokens\":20,"                          \
         "\"cache_read_input_tokens\":100,\"output_tokens\":1}}")
#define OPEN(index, block)                                                                 \
  EVENT ("content_block_start", ",\"index\":" index ",\"content_block\":{" block "}")
#define DELTA(index, delta)                                                                \
  EVENT ("content_block_delta", ",\"index\":" index ",\"delta\":{\"type\":" delta "}")
#define CLOSE(index) EVENT ("content_block_stop", ",\"index\":" index)
#define STOP(word, sequence)                                                               \
  EVENT ("message_delta",                                                                  \
         ",\"delta\":{\"stop_reason\":\"" word "\",\"stop_sequence\":" sequence            \
         "},\"usage\":{\"output_tokens\":17}")
#define END EVENT ("message_stop", "")
#define PING "event: ping\ndata: {\"type\": \"ping\"}\n\n"
#define TEXT(index, text) DELTA (index, "\"text_delta\",\"text\":\"" text "\"")
#define INPUT(index, text)                                                                 \
  DELTA (index, "\"input_json_delta\",\"partial_json\":\"" text "\"")
#define COUNTS                                                                             \
  "\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":20,"                      \
  "\"cache_read_input_tokens\":100,\"output_tokens\":17}"

#define SSE WEIR_DIALECT_ANTHROPIC, WEIR_ANSWER_SSE

static const ChatSample samples[] = {
  { "thinking, text, calls", SSE,
    START PING OPEN ("0", "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"")
        DELTA ("0", "\"thinking_delta\",\"thinking\":\"hm\"")
            DELTA ("0", "\"thinking_delta\",\"thinking\":\"m\"")
                DELTA ("0", "\"signature_delta\",\"signature\":\"Eq=\"") CLOSE ("0")
                    OPEN ("1", "\"type\":\"redacted_thinking\",\"data\":\"Zz\"") CLOSE ("1")
                        OPEN ("2", "\"type\":\"text\",\"text\":\"\"") TEXT ("2", "Hel")
                            TEXT ("2", "lo \\\"\\u00e4\\\"") CLOSE ("2")
                                OPEN ("3",
                                      "\"type\":\"tool_use\",\"id\":\"toolu_1\","
                                      "\"name\":\"read\",\"input\":{}") INPUT ("3", "")
                                    INPUT ("3", "{") INPUT ("3", "\\\"")
                                        INPUT ("3", "p\\\":1") INPUT ("3", "}") CLOSE ("3")
                                            OPEN ("4",
                                                  "\"type\":\"tool_use\",\"id\":"
                                                  "\"toolu_2\",\"name\":\"list\","
                                                  "\"input\":{}") CLOSE ("4")
                                                STOP ("tool_use", "null") END,
    WEIR_ANSWER_COMPLETE,
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\","
    "\"content\":[{\"type\":\"thinking\",\"thinking\":\"hmm\",\"signature\":\"Eq=\"},"
    "{\"type\":\"redacted_thinking\",\"data\":\"Zz\"},{\"type\":\"text\",\"text\":"
    "\"Hello "
    "\\\"\\u00e4\\\"\"},{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"read\","
    "\"input\":{\"p\":1}},{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"list\","
    "\"input\":{}}],\"stop_reason\":\"tool_use\",\"stop_sequence\":null," COUNTS "}" },
  { "stop sequence", SSE,
    START OPEN ("0", "\"type\":\"text\",\"text\":\"a\"") CLOSE ("0")
        STOP ("stop_sequence", "\"END\"") END,
    WEIR_ANSWER_COMPLETE, NULL },
  { "overloaded in the middle", SSE,
    START OPEN ("0", "\"type\":\"text\",\"text\":\"\"") TEXT ("0", "a")
        EVENT ("error", ",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}")
            STOP ("end_turn", "null") END,
    WEIR_ANSWER_FAILED, NULL },
  { "no stop reason", SSE,
    START OPEN ("0", "\"type\":\"text\",\"text\":\"\"") TEXT ("0", "a") CLOSE ("0") END,
    WEIR_ANSWER_OPEN, NULL },
  { "stop reason but no end", SSE, START STOP ("end_turn", "null") PING, WEIR_ANSWER_OPEN,
    NULL },
  { "a null reason is none", SSE,
    START EVENT ("message_delta", ",\"delta\":{\"stop_reason\":null}") END,
    WEIR_ANSWER_OPEN, NULL },
  { "server tools and unknown things", SSE,
    START EVENT ("news", ",\"x\":1")
        OPEN ("0",
              "\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\","
              "\"input\":{}") INPUT ("0", "{}") CLOSE ("0")
            OPEN ("1", "\"type\":\"web_search_tool_result\",\"content\":[{\"a\":1}]")
                CLOSE ("1") OPEN ("2", "\"type\":\"text\",\"text\":\"\"")
                    DELTA ("2", "\"citations_delta\",\"citation\":{}") TEXT ("2", "a")
                        DELTA ("2", "\"new_delta\",\"x\":[]") CLOSE ("2")
                            STOP ("pause_turn", "null") END,
    WEIR_ANSWER_COMPLETE, NULL },
  { "nameless frames", SSE,
    "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
    "\"text\",\"text\":\"\"}}\n\n"
    "data: "
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
    "\"text\":\"a\"}}\n\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
    "data: {\"type\":\"message_stop\"}\n\n",
    WEIR_ANSWER_COMPLETE, NULL },
};

static void
test_samples_hold (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    chat_check_sample (&samples[i]);
}

static void
test_blocks_keep_what_came (void)
{
  g_autoptr (ChatRun) run = chat_run_text (SSE, samples[0].wire);
  g_autoptr (ChatRun) tools = chat_run_text (SSE, samples[6].wire);

  g_assert_cmpstr (run->fold->str, ==,
                   "0.0 thinking: hmm signature=Eq=\n"
                   "0.1 redacted: signature=Zz \n"
                   "0.2 text: Hello \\\"\\u00e4\\\"\n"
                   "0.3 call: id=toolu_1 name=read {\\\"p\\\":1}\n"
                   "0.4 call: id=toolu_2 name=list \n"
                   " in=125 out=17 cached=100 write=20\n"
                   "finish 0 TOOL_CALLS tool_use\n");
  g_assert_cmpstr (tools->fold->str, ==,
                   "0.0 other: name=server_tool_use {}\n"
                   "0.1 other: name=web_search_tool_result \n"
                   "0.2 text: a\n"
                   " in=125 out=17 cached=100 write=20\n"
                   "finish 0 PAUSE pause_turn\n");
  g_assert_nonnull (strstr (tools->events->str, "raw name=citations_delta"));
  g_assert_nonnull (strstr (tools->events->str, "raw={\"type\":\"web_search_tool_result\","
                                                "\"content\":[{\"a\":1}]}"));
}

static void
test_a_start_and_pings_are_no_content (void)
{
  g_autoptr (ChatRun) start = chat_run_text (SSE, START PING PING);
  g_autoptr (ChatRun) open
      = chat_run_text (SSE, START PING OPEN ("0", "\"type\":\"text\",\"text\":\"\""));
  g_autoptr (ChatRun) ping = chat_run_text (SSE, PING);

  g_assert_false (start->has_content);
  g_assert_true (open->has_content);
  g_assert_cmpint (ping->state, ==, WEIR_ANSWER_EMPTY);
  g_assert_cmpstr (ping->events->str, ==, "ping\n");
}

static void
test_errors_stand_for_a_status (void)
{
  static const struct
  {
    const char *type;
    unsigned status;
  } rows[] = {
    { "overloaded_error", 529 },
    { "rate_limit_error", 429 },
    { "authentication_error", 401 },
    { "never_heard_of", 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *wire = g_strdup_printf (
          "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"m\"}}",
          rows[i].type);
      g_autofree char *event = g_strdup_printf ("event: error\ndata: %s\n\n", wire);
      g_autoptr (ChatRun) whole
          = chat_run_text (WEIR_DIALECT_ANTHROPIC, WEIR_ANSWER_WHOLE, wire);
      g_autoptr (ChatRun) streamed = chat_run_text (SSE, event);

      g_assert_cmpint (whole->state, ==, WEIR_ANSWER_FAILED);
      g_assert_cmpuint (whole->failure_status, ==, rows[i].status);
      g_assert_cmpstr (whole->failure_type, ==, rows[i].type);
      g_assert_cmpint (streamed->state, ==, WEIR_ANSWER_FAILED);
      g_assert_cmpuint (streamed->failure_status, ==, rows[i].status);
    }
}

static void
test_a_delta_needs_its_block (void)
{
  g_autoptr (ChatRun) never = chat_run_text (SSE, START TEXT ("0", "a"));
  g_autoptr (ChatRun) closed = chat_run_text (
      SSE, START OPEN ("0", "\"type\":\"text\",\"text\":\"\"") CLOSE ("0") TEXT ("0", "a"));

  g_assert_cmpint (never->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
  g_assert_cmpint (closed->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/anthropic-answer/samples-hold", test_samples_hold);
  g_test_add_func ("/anthropic-answer/blocks-keep-what-came", test_blocks_keep_what_came);
  g_test_add_func ("/anthropic-answer/a-start-and-pings-are-no-content",
                   test_a_start_and_pings_are_no_content);
  g_test_add_func ("/anthropic-answer/errors-stand-for-a-status",
                   test_errors_stand_for_a_status);
  g_test_add_func ("/anthropic-answer/a-delta-needs-its-block",
                   test_a_delta_needs_its_block);
  return g_test_run ();
}
