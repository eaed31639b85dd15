/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#define DATA(json) "data: " json "\n\n"
#define HEAD                                                                               \
  "{\"id\":\"chatcmpl-7\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"    \
  "\"model\":\"gpt-5\",\"system_fingerprint\":\"fp_1\",\"choices\":["
#define CHUNK(index, delta, finish)                                                        \
  DATA (HEAD "{\"index\":" index ",\"delta\":{" delta                                      \
             "},\"logprobs\":null,\"finish_reason\":" finish                               \
             "}],\"usage\":null,\"obfuscation\":\"x8Zq\"}")
#define PIECE(delta) CHUNK ("0", delta, "null")
#define ROLE PIECE ("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null")
#define FINISH(word) CHUNK ("0", "", "\"" word "\"")
#define USAGE                                                                              \
  DATA (HEAD "],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":9,"                  \
             "\"total_tokens\":29,\"prompt_tokens_details\":{\"cached_tokens\":16},"       \
             "\"completion_tokens_details\":{\"reasoning_tokens\":4}}}")
#define DONE DATA ("[DONE]")
#define WHOLE(message, finish)                                                             \
  "{\"id\":\"chatcmpl-7\",\"object\":\"chat.completion\",\"created\":1760000000,"          \
  "\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","     \
  "\"content\":null," message "},\"logprobs\":null,\"finish_reason\":\"" finish "\"}],"    \
  "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":9,\"total_tokens\":29,"           \
  "\"prompt_tokens_details\":{\"cached_tokens\":16},"                                      \
  "\"completion_tokens_details\":{\"reasoning_tokens\":4}}}"
#define CALL(index, text)                                                                  \
  PIECE ("\"tool_calls\":[{\"index\":" index ",\"function\":{\"arguments\":\"" text "\"}}" \
         "]")
#define CALL_HEAD(index, id, name)                                                         \
  PIECE ("\"tool_calls\":[{\"index\":" index ",\"id\":\"" id                               \
         "\",\"type\":\"function\",\"function\":{\"name\":\"" name                         \
         "\",\"arguments\":\"\"}}]")

#define SSE WEIR_DIALECT_OPENAI_CHAT, WEIR_ANSWER_SSE

static const ChatSample samples[] = {
  { "text", SSE,
    ROLE PIECE ("\"content\":\"Hel\"") PIECE ("\"content\":\"lo \\\"you\\\"\\\\\"")
        PIECE ("\"content\":\"\\u00e4ö\"") FINISH ("stop") USAGE DONE,
    WEIR_ANSWER_COMPLETE,
    "{\"id\":\"chatcmpl-7\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"message\":{"
    "\"role\":\"assistant\",\"content\":\"Hello \\\"you\\\"\\\\\\u00e4ö\"},"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":20,"
    "\"completion_tokens\":9,\"total_tokens\":29,\"prompt_tokens_details\":{"
    "\"cached_tokens\":16},\"completion_tokens_details\":{\"reasoning_tokens\":4}}}" },
  { "parallel calls", SSE,
    ROLE CALL_HEAD ("0", "call_a", "read") CALL ("0", "{") CALL ("0", "\\\"")
        CALL ("0", "p") CALL_HEAD ("1", "call_b", "list") CALL ("0", "\\\"") CALL ("1", "[")
            CALL ("0", ":") CALL ("0", "1") CALL ("1", "]") CALL ("0", "}")
                FINISH ("tool_calls") USAGE DONE,
    WEIR_ANSWER_COMPLETE,
    WHOLE (
        "\"tool_calls\":[{\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":"
        "\"read\",\"arguments\":\"{\\\"p\\\":1}\"}},{\"id\":\"call_b\",\"type\":"
        "\"function\",\"function\":{\"name\":\"list\",\"arguments\":\"[]\"}}]",
        "tool_calls") },
  { "thinking, then text", SSE,
    ROLE PIECE ("\"content\":null,\"reasoning_content\":\"let \"")
        PIECE ("\"content\":null,\"reasoning_content\":\"me\"")
            PIECE ("\"content\":\"so\",\"reasoning_content\":\"\"")
                PIECE ("\"content\":\"!\",\"reasoning_content\":\"\"") FINISH ("length")
                    USAGE DONE,
    WEIR_ANSWER_COMPLETE,
    "{\"id\":\"chatcmpl-7\",\"choices\":[{\"message\":{\"reasoning_content\":\"let me\","
    "\"content\":\"so!\"},\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":20,"
    "\"completion_tokens\":9,\"total_tokens\":29,\"prompt_tokens_details\":{"
    "\"cached_tokens\":16},\"completion_tokens_details\":{\"reasoning_tokens\":4}}}" },
  { "two choices", SSE,
    CHUNK ("0", "\"content\":\"a\"", "null") CHUNK ("1", "\"content\":\"b\"", "null")
        CHUNK ("1", "", "\"stop\"") CHUNK ("0", "\"content\":\"c\"", "null")
            CHUNK ("0", "", "\"length\"") DONE,
    WEIR_ANSWER_COMPLETE, NULL },
  { "one of two choices unfinished", SSE,
    CHUNK ("0", "\"content\":\"a\"", "null") CHUNK ("1", "\"content\":\"b\"", "null")
        CHUNK ("1", "", "\"stop\"") DONE,
    WEIR_ANSWER_OPEN, NULL },
  { "refusal", SSE,
    ROLE PIECE ("\"refusal\":\"I \"") PIECE ("\"refusal\":\"won't\"") FINISH ("stop")
        USAGE DONE,
    WEIR_ANSWER_COMPLETE, WHOLE ("\"refusal\":\"I won't\"", "stop") },
  { "error in the middle", SSE,
    ROLE PIECE ("\"content\":\"a\"")
        DATA ("{\"error\":{\"message\":\"too \\u0022hot\\u0022\",\"type\":\"server_error\","
              "\"code\":null}}") DONE,
    WEIR_ANSWER_FAILED, NULL },
  { "comments, CRLF, no space", SSE,
    ": "
    "hi\r\n\r\ndata:{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},"
    "\"finish_reason\":\"stop\"}]}\r\n\r\ndata:[DONE]\r\n\r\n",
    WEIR_ANSWER_COMPLETE, NULL },
  { "done without a finish", SSE, ROLE PIECE ("\"content\":\"a\"") DONE, WEIR_ANSWER_OPEN,
    NULL },
  { "done first", SSE, DONE ROLE FINISH ("stop") DONE, WEIR_ANSWER_OPEN, NULL },
  { "unknown events", SSE,
    "event: news\n" DATA ("{\"a\":[1,2]}") ROLE DATA ("{\"object\":\"x\"}")
        PIECE ("\"content\":\"a\"") FINISH ("stop") DONE,
    WEIR_ANSWER_COMPLETE, NULL },
  { "legacy completion", SSE,
    DATA (
        "{\"id\":\"c\",\"choices\":[{\"index\":0,\"text\":\"a\",\"finish_reason\":null}]}")
        DATA ("{\"id\":\"c\",\"choices\":[{\"index\":0,\"text\":\"b\",\"finish_reason\":"
              "\"stop\"}]}") DONE,
    WEIR_ANSWER_COMPLETE, NULL },
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
test_calls_are_byte_exact (void)
{
  assert_fold (samples[1].wire, "0.0 call: id=call_a name=read {\\\"p\\\":1}\n"
                                "0.1 call: id=call_b name=list []\n"
                                " in=20 out=9 cached=16 reasoning=4 total=29\n"
                                "finish 0 TOOL_CALLS tool_calls\n");
}

static void
test_every_spelling_of_a_call_is_read (void)
{
  /* the id first, the name later; all at index 0; the legacy form; arguments as an object
   */
  assert_fold (ROLE PIECE ("\"tool_calls\":[{\"index\":0,\"id\":\"c1\"}]")
                   PIECE ("\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]")
                       CALL ("0", "{}") CALL_HEAD ("0", "c2", "g") CALL ("0", "{1}")
                           CALL_HEAD ("0", "c2", "g") FINISH ("stop") DONE,
               "0.0 call: id=c1 name=f {}\n0.1 call: id=c2 name=g {1}\n\n"
               "finish 0 TOOL_CALLS stop\n");
  assert_fold (PIECE ("\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}")
                   PIECE ("\"function_call\":{\"arguments\":\"{}\"}")
                       FINISH ("function_call") DONE,
               "0.0 call: name=f {}\n\nfinish 0 TOOL_CALLS function_call\n");
  assert_fold (PIECE ("\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\","
                      "\"arguments\":{\"a\":\"b\"}}}]") FINISH ("tool_calls") DONE,
               "0.0 call: id=c name=f {\\\"a\\\":\\\"b\\\"}\n\n"
               "finish 0 TOOL_CALLS tool_calls\n");
  assert_fold (PIECE ("\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"custom\","
                      "\"custom\":{\"name\":\"sh\",\"input\":\"ls\"}}]")
                   FINISH ("tool_calls") DONE,
               "0.0 custom: id=c name=sh ls\n\nfinish 0 TOOL_CALLS tool_calls\n");
}

static void
test_vendors_texts_are_read (void)
{
  assert_fold (PIECE ("\"reasoning\":\"r\",\"content\":\"\"")
                   PIECE ("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"text\":"
                          "\"s\"}]},{\"type\":\"text\",\"text\":\"t\"}]")
                       PIECE ("\"images\":[{\"image_url\":{\"url\":"
                              "\"data:image/png;base64,AAAA\"}}]") FINISH ("stop") DONE,
               "0.0 thinking: rs\n0.1 text: t\n0.2 image: name=image/png AAAA\n\n"
               "finish 0 STOP stop\n");
}

static void
test_a_role_is_no_content (void)
{
  g_autoptr (ChatRun) role = chat_run_text (SSE, ": a\n\n" ROLE);
  g_autoptr (ChatRun) text = chat_run_text (SSE, ROLE PIECE ("\"content\":\"a\""));
  g_autoptr (ChatRun) nothing = chat_run_text (SSE, ": a\n\n");

  g_assert_false (role->has_content);
  g_assert_cmpint (role->state, ==, WEIR_ANSWER_OPEN);
  g_assert_true (text->has_content);
  g_assert_cmpint (nothing->state, ==, WEIR_ANSWER_EMPTY);
}

static void
test_done_may_be_optional (void)
{
  static const char wire[] = ROLE PIECE ("\"content\":\"a\"") FINISH ("stop");
  ChatRunOptions options = {
    .dialect = WEIR_DIALECT_OPENAI_CHAT,
    .form = WEIR_ANSWER_SSE,
    .done_optional = TRUE,
  };
  g_autoptr (ChatRun) clean = chat_run (options, wire, strlen (wire), 0, SIZE_MAX);
  g_autoptr (ChatRun) torn = chat_run (options, wire, strlen (wire) - 1, 0, SIZE_MAX);
  g_autoptr (ChatRun) unclean = NULL;

  options.unclean = TRUE;
  unclean = chat_run (options, wire, strlen (wire), 0, SIZE_MAX);
  g_assert_cmpint (clean->state, ==, WEIR_ANSWER_COMPLETE);
  g_assert_cmpint (unclean->state, ==, WEIR_ANSWER_OPEN);
  g_assert_cmpint (torn->state, ==, WEIR_ANSWER_OPEN);
  g_assert_cmpint (torn->error_code, ==, WEIR_ERROR_CUT);
}

static void
test_failures_have_words (void)
{
  g_autoptr (ChatRun) numbered = chat_run_text (
      SSE, DATA ("{\"error\":{\"code\":502,\"message\":\"no \\u00e4\"},\"choices\":[]}"));
  g_autoptr (ChatRun) worded = chat_run_text (
      SSE, DATA ("{\"error\":{\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}"));
  g_autoptr (ChatRun) named
      = chat_run_text (SSE, "event: error\n" DATA ("{\"message\":\"m\"}"));

  g_assert_cmpint (numbered->state, ==, WEIR_ANSWER_FAILED);
  g_assert_cmpuint (numbered->failure_status, ==, 502);
  g_assert_cmpstr (numbered->failure_message, ==, "no ä");
  g_assert_cmpuint (worded->failure_status, ==, 429);
  g_assert_cmpstr (worded->failure_type, ==, "rate_limit_exceeded");
  g_assert_cmpstr (named->failure_message, ==, "m");
  g_assert_false (named->has_content);
}

static void
test_too_many_choices_are_refused (void)
{
  g_autoptr (ChatRun) run = chat_run_text (SSE, CHUNK ("128", "", "null"));

  g_assert_true (run->failed_feed);
  g_assert_cmpint (run->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-chat-answer/samples-hold", test_samples_hold);
  g_test_add_func ("/openai-chat-answer/calls-are-byte-exact", test_calls_are_byte_exact);
  g_test_add_func ("/openai-chat-answer/every-spelling-of-a-call-is-read",
                   test_every_spelling_of_a_call_is_read);
  g_test_add_func ("/openai-chat-answer/vendors-texts-are-read",
                   test_vendors_texts_are_read);
  g_test_add_func ("/openai-chat-answer/a-role-is-no-content", test_a_role_is_no_content);
  g_test_add_func ("/openai-chat-answer/done-may-be-optional", test_done_may_be_optional);
  g_test_add_func ("/openai-chat-answer/failures-have-words", test_failures_have_words);
  g_test_add_func ("/openai-chat-answer/too-many-choices-are-refused",
                   test_too_many_choices_are_refused);
  return g_test_run ();
}
