/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#define COUNTS(output, rest)                                                               \
  "\"usageMetadata\":{\"promptTokenCount\":8,\"candidatesTokenCount\":" output rest        \
  ",\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":8}]}"
#define TAIL "\"modelVersion\":\"gemini-3\",\"responseId\":\"r1\"}"
#define CANDIDATE(index, parts, finish)                                                    \
  "{\"content\":{\"parts\":[" parts "],\"role\":\"model\"}" finish ",\"index\":" index "}"
#define CHUNK(candidates, counts) "{\"candidates\":[" candidates "]," counts "," TAIL
#define STOP(word) ",\"finishReason\":\"" word "\""
#define TEXT(text) "{\"text\":\"" text "\"}"
#define THOUGHT(text) "{\"text\":\"" text "\",\"thought\":true}"
#define DATA(json) "data: " json "\r\n\r\n"

#define FIRST                                                                              \
  CHUNK (CANDIDATE ("0", THOUGHT ("let me"), ""), COUNTS ("1", ",\"totalTokenCount\":9"))
#define SECOND                                                                             \
  CHUNK (CANDIDATE ("0", TEXT ("Hel"), ""), COUNTS ("2", ",\"totalTokenCount\":10"))
#define THIRD                                                                              \
  CHUNK (CANDIDATE ("0", TEXT ("lo \\\"\\\\"), ""),                                        \
         COUNTS ("14", ",\"totalTokenCount\":22"))
#define CALLS                                                                              \
  CHUNK (CANDIDATE (                                                                       \
             "0",                                                                          \
             "{\"functionCall\":{\"name\":\"read\",\"args\":{\"p\":\"x\"}},"               \
             "\"thoughtSignature\":\"Sg==\"},{\"functionCall\":{\"id\":\"c2\",\"name\":"   \
             "\"list\"}}",                                                                 \
             STOP ("STOP")),                                                               \
         COUNTS ("20", ",\"thoughtsTokenCount\":5,\"toolUsePromptTokenCount\":2,"          \
                       "\"cachedContentTokenCount\":4,\"totalTokenCount\":35"))

#define SSE WEIR_DIALECT_GEMINI, WEIR_ANSWER_SSE
#define ARRAY WEIR_DIALECT_GEMINI, WEIR_ANSWER_ARRAY

static const char whole[]
    = CHUNK (CANDIDATE ("0",
                        THOUGHT ("let me") "," TEXT (
                            "Hello \\\"\\\\") ",{\"functionCall\":{\"name\":"
                                              "\"read\",\"args\":{\"p\":"
                                              "\"x\"}},\"thoughtSignature\":"
                                              "\"Sg==\"},{\"functionCall\":{"
                                              "\"id\":\"c2\",\"name\":"
                                              "\"list\"}}",
                        STOP ("STOP")),
             COUNTS ("20",
                     ",\"thoughtsTokenCount\":5,\"toolUsePromptTokenCount\":2,"
                     "\"cachedContentTokenCount\":4,\"totalTokenCount\":35"));

static const ChatSample samples[] = {
  { "thought, text, calls", SSE, DATA (FIRST) DATA (SECOND) DATA (THIRD) DATA (CALLS),
    WEIR_ANSWER_COMPLETE, whole },
  { "the same as an array", ARRAY, "[" FIRST "\n,\r\n" SECOND "," THIRD "\n,\n" CALLS "\n]",
    WEIR_ANSWER_COMPLETE, whole },
  { "two candidates, one unfinished", SSE,
    DATA (CHUNK (CANDIDATE ("0", TEXT ("a"), STOP ("STOP")), COUNTS ("1", "")))
        DATA (CHUNK (CANDIDATE ("1", TEXT ("b"), ""), COUNTS ("1", ""))),
    WEIR_ANSWER_OPEN, NULL },
  { "a reason in each event", SSE,
    DATA (CHUNK (CANDIDATE ("0", TEXT ("a"), STOP ("STOP")), COUNTS ("1", "")))
        DATA (CHUNK (CANDIDATE ("0", TEXT ("b"), STOP ("STOP")), COUNTS ("2", ""))),
    WEIR_ANSWER_COMPLETE, NULL },
  { "more came after the reason", SSE,
    DATA (CHUNK (CANDIDATE ("0", TEXT ("a"), STOP ("STOP")), COUNTS ("1", "")))
        DATA (CHUNK (CANDIDATE ("0", TEXT ("b"), ""), COUNTS ("2", ""))),
    WEIR_ANSWER_OPEN, NULL },
  { "counts behind the reason", SSE,
    DATA (CHUNK (CANDIDATE ("0", TEXT ("a"), STOP ("MAX_TOKENS")), "\"x\":1"))
        DATA ("{" COUNTS ("9", "") "," TAIL),
    WEIR_ANSWER_COMPLETE, NULL },
  { "blocked prompt", SSE,
    DATA ("{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}," COUNTS ("0", "") "," TAIL),
    WEIR_ANSWER_COMPLETE, NULL },
  { "error in the middle", SSE,
    DATA (SECOND) DATA ("{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":"
                        "\"UNAVAILABLE\"}}") DATA (CALLS),
    WEIR_ANSWER_FAILED, NULL },
  { "error in an array", ARRAY,
    "[" SECOND ",{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}]",
    WEIR_ANSWER_FAILED, NULL },
  { "array without a reason", ARRAY, "[" FIRST "," SECOND "]", WEIR_ANSWER_OPEN, NULL },
  { "array that is open", ARRAY, "[" FIRST "," CALLS, WEIR_ANSWER_OPEN, NULL },
  { "empty array", ARRAY, " [ ] ", WEIR_ANSWER_OPEN, NULL },
  { "unknown things", SSE,
    DATA ("{\"news\":1}") DATA (
        CHUNK (CANDIDATE ("0",
                          "{\"executableCode\":{\"code\":\"1\"}},{\"inlineData\":{"
                          "\"mimeType\":\"image/png\",\"data\":\"AAAA\"}},{},7,{\"text\":"
                          "\"\",\"thoughtSignature\":\"Sg\"}",
                          STOP ("STRANGE")),
               COUNTS ("1", ""))),
    WEIR_ANSWER_COMPLETE, NULL },
};

static void
test_samples_hold (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    chat_check_sample (&samples[i]);
}

static void
test_parts_become_blocks (void)
{
  g_autoptr (ChatRun) run = chat_run_text (SSE, samples[0].wire);
  g_autoptr (ChatRun) strange = chat_run_text (SSE, samples[12].wire);

  g_assert_cmpstr (run->fold->str, ==,
                   "0.0 thinking: let me\n"
                   "0.1 text: Hello \\\"\\\\\n"
                   "0.2 call: name=read signature=Sg== {\\\"p\\\":\\\"x\\\"}\n"
                   "0.3 call: id=c2 name=list \n"
                   " in=10 out=25 cached=4 reasoning=5 total=35\n"
                   "finish 0 TOOL_CALLS STOP\n");
  g_assert_cmpstr (strange->fold->str, ==,
                   "0.0 other: name=executableCode \n"
                   "0.1 image: name=image/png AAAA\n"
                   "0.2 text:  signature=Sg\n"
                   " in=8 out=1\n"
                   "finish 0 OTHER STRANGE\n");
}

static void
test_a_blocked_prompt_is_a_refusal (void)
{
  g_autoptr (ChatRun) run = chat_run_text (SSE, samples[6].wire);

  g_assert_cmpstr (run->fold->str, ==, " in=8 out=0\nfinish 0 REFUSAL SAFETY\n");
}

static void
test_an_array_of_errors_is_an_error (void)
{
  static const char wire[] = "[{\"error\":{\"message\":\"m\",\"status\":"
                             "\"RESOURCE_EXHAUSTED\"}}]";
  g_autoptr (ChatRun) array = chat_run_text (ARRAY, wire);
  g_autoptr (ChatRun) stream = chat_run_text (SSE, wire);
  g_autoptr (ChatRun) document
      = chat_run_text (WEIR_DIALECT_GEMINI, WEIR_ANSWER_WHOLE, wire);
  g_autoptr (ChatRun) object
      = chat_run_text (ARRAY, "{\"error\":{\"code\":429,\"message\":\"m\"}}");

  g_assert_cmpint (array->state, ==, WEIR_ANSWER_FAILED);
  g_assert_cmpint (stream->state, ==, WEIR_ANSWER_FAILED);
  g_assert_cmpint (document->state, ==, WEIR_ANSWER_FAILED);
  g_assert_cmpint (object->state, ==, WEIR_ANSWER_FAILED);
  g_assert_cmpuint (array->failure_status, ==, 429);
  g_assert_cmpuint (object->failure_status, ==, 429);
}

static void
test_a_boundary_stands_behind_an_element (void)
{
  static const char *const wires[] = {
    "[",
    "[" SECOND,
    "[" SECOND ",",
    "[" SECOND "," THIRD "]",
  };
  const size_t boundaries[] = {
    0,
    strlen (wires[1]),
    strlen (wires[1]),
    strlen (wires[3]),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (wires); i++)
    {
      g_autoptr (ChatRun) run = chat_run_text (ARRAY, wires[i]);

      g_assert_cmpuint (run->boundary, ==, boundaries[i]);
    }
}

static void
test_broken_arrays_are_refused (void)
{
  static const char *const wires[] = { "[1]", "x", "[{}}", "[{},]x", "[{}{}]", "<html>" };

  for (size_t i = 0; i < G_N_ELEMENTS (wires); i++)
    {
      g_autoptr (ChatRun) run = chat_run_text (ARRAY, wires[i]);

      g_assert_cmpint (run->state, !=, WEIR_ANSWER_COMPLETE);
      g_assert_cmpint (run->state, !=, WEIR_ANSWER_FAILED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gemini-answer/samples-hold", test_samples_hold);
  g_test_add_func ("/gemini-answer/parts-become-blocks", test_parts_become_blocks);
  g_test_add_func ("/gemini-answer/a-blocked-prompt-is-a-refusal",
                   test_a_blocked_prompt_is_a_refusal);
  g_test_add_func ("/gemini-answer/an-array-of-errors-is-an-error",
                   test_an_array_of_errors_is_an_error);
  g_test_add_func ("/gemini-answer/a-boundary-stands-behind-an-element",
                   test_a_boundary_stands_behind_an_element);
  g_test_add_func ("/gemini-answer/broken-arrays-are-refused",
                   test_broken_arrays_are_refused);
  return g_test_run ();
}
