/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"
#include "chat/weir-bridge.h"
#include "chat/weir-protocol-request.h"

#define SSE WEIR_ANSWER_SSE
#define TAIL "'modelVersion':'m','responseId':'r1'}"
#define CHUNK(candidate, rest) "data: {'candidates':[{" candidate "}]" rest "," TAIL "\n\n"
#define PARTS(parts) "'content':{'parts':[" parts "],'role':'model'}"
#define USAGE                                                                              \
  ",'usageMetadata':{'promptTokenCount':8,'candidatesTokenCount':20,"                      \
  "'thoughtsTokenCount':5,'cachedContentTokenCount':4,'totalTokenCount':33}"

/* Of this dialect, JSON with ' for ". */
static const char *const samples[] = {
  CHUNK (PARTS ("{'text':'hm','thought':true}") ",'index':0", "")
      CHUNK (PARTS ("{'text':'','thought':true,'thoughtSignature':'Sg=='}") ",'index':0",
             "") CHUNK (PARTS ("{'text':'a\\u2028\\\"<'}") ",'index':0", "")
          CHUNK (PARTS ("{'functionCall':{'id':'c1','name':'f','args':{'a':[1.0,{}]}},"
                        "'thoughtSignature':'Sh'},{'functionCall':{'id':'c2','name':'g',"
                        "'args':{}}}") ",'finishReason':'STOP','index':0",
                 USAGE),
  CHUNK (PARTS ("{'text':'a'}") ",'index':0", "")
      CHUNK (PARTS ("{'inlineData':{'mimeType':'image/png','data':'AA=='}}") ",'index':0",
             "") CHUNK (PARTS ("{'text':'b'}") ",'index':1", "")
          CHUNK ("'finishReason':'MAX_TOKENS','index':0", "")
              CHUNK (PARTS ("{'text':'c'}") ",'finishReason':'STOP','index':1", USAGE),
  "data: {'promptFeedback':{'blockReason':'PROHIBITED_CONTENT'}" USAGE "," TAIL "\n\n",
  CHUNK (PARTS ("{'executableCode':{'code':'1'}}") ",'finishReason':'RECITATION',"
                                                   "'groundingMetadata':{'x':[]}",
         ""),
};

/* A client that wants to see thoughts. */
static const char shows[]
    = "{\"generationConfig\":{\"thinkingConfig\":{\"includeThoughts\":true}}}";

/* What @wire of @dialect, fed in pieces of @step bytes, becomes. */
static char *
encode (WeirDialect dialect, const char *wire, WeirAnswerForm form, size_t step)
{
  g_autoptr (GBytes) body = g_bytes_new_static (shows, strlen (shows));
  g_autoptr (WeirRequest) request
      = weir_gemini_read_request (body, WEIR_SLICE ("m"), TRUE, NULL);
  const WeirEncodeOptions options = {
    .form = form,
    .model = WEIR_SLICE ("m"),
    .id = "q1",
    .request = request,
    .upstream = dialect,
  };
  g_autoptr (WeirEncoder) encoder
      = weir_encoder_new_of_class (&weir_gemini_encoder, &options);
  g_autoptr (WeirBridge) bridge = weir_bridge_new (encoder);
  g_autoptr (WeirDecoder) decoder
      = weir_decoder_new (dialect, SSE, weir_bridge_sink, bridge);
  g_autofree char *json = g_strdelimit (g_strdup (wire), "'", '"');
  GString *out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  size_t length = strlen (json);

  weir_bridge_set_output (bridge, out);
  for (size_t i = 0; i < length; i += step)
    {
      size_t consumed;
      size_t boundary;

      weir_decoder_feed (decoder, json + i, MIN (step, length - i), &consumed, &boundary,
                         &error);
      g_assert_no_error (error);
    }
  g_assert_cmpint (weir_decoder_finish (decoder, TRUE), ==, WEIR_ANSWER_COMPLETE);
  weir_bridge_end (bridge, &error);
  g_assert_no_error (error);
  return g_string_free (out, FALSE);
}

static void
test_what_is_written_reads_the_same (void)
{
  static const WeirAnswerForm forms[]
      = { WEIR_ANSWER_SSE, WEIR_ANSWER_ARRAY, WEIR_ANSWER_WHOLE };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    for (size_t f = 0; f < G_N_ELEMENTS (forms); f++)
      {
        g_autofree char *json = g_strdelimit (g_strdup (samples[i]), "'", '"');
        g_autoptr (ChatRun) before = chat_run_text (WEIR_DIALECT_GEMINI, SSE, json);
        g_autofree char *wire
            = encode (WEIR_DIALECT_GEMINI, samples[i], forms[f], SIZE_MAX / 2);
        g_autoptr (ChatRun) after = chat_run_text (WEIR_DIALECT_GEMINI, forms[f], wire);

        g_test_message ("sample %zu, form %zu: %s", i, f, wire);
        g_assert_cmpint (after->state, ==, WEIR_ANSWER_COMPLETE);
        g_assert_cmpstr (after->fold->str, ==, before->fold->str);
        g_assert_cmpstr (after->finish, ==, before->finish);
      }
}

static void
test_any_cut_gives_the_same_bytes (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *whole = encode (WEIR_DIALECT_GEMINI, samples[i], SSE, SIZE_MAX / 2);

      for (size_t step = 1; step < 40; step += 3)
        {
          g_autofree char *cut = encode (WEIR_DIALECT_GEMINI, samples[i], SSE, step);

          g_assert_cmpstr (cut, ==, whole);
        }
    }
}

/* Clients break on comments, event names and raw line separators. */
static void
test_a_stream_is_plain (void)
{
  g_autofree char *wire
      = encode (WEIR_DIALECT_GEMINI,
                CHUNK (PARTS ("{'text':'a\xe2\x80\xa8z'}") ",'finishReason':'STOP'", ""),
                SSE, SIZE_MAX / 2);
  g_auto (GStrv) lines = g_strsplit (wire, "\n", -1);

  for (unsigned i = 0; lines[i] != NULL; i++)
    g_assert_true (lines[i][0] == '\0' || g_str_has_prefix (lines[i], "data: {"));
  g_assert_null (strstr (wire, "\xe2\x80\xa8"));
  g_assert_nonnull (strstr (wire, "a\\u2028z"));
}

#define ANTHROPIC(name, data) "event: " name "\ndata: {'type':'" name "'," data "}\n\n"
#define BLOCK(index, start, deltas)                                                        \
  ANTHROPIC ("content_block_start", "'index':" index ",'content_block':{" start "}")       \
  deltas "event: content_block_stop\ndata: {'type':'content_block_stop','index':" index    \
         "}\n\n"
#define DELTA(index, delta)                                                                \
  ANTHROPIC ("content_block_delta", "'index':" index ",'delta':{" delta "}")

static const char anthropic[] = ANTHROPIC (
    "message_start",
    "'message':{'id':'msg_1','model':'claude','usage':{'input_tokens':3,"
    "'cache_read_input_tokens':4,'output_tokens':1}}")
    BLOCK ("0", "'type':'text','text':''", DELTA ("0", "'type':'text_delta','text':'Hi'"))
        BLOCK ("1",
               "'type':'tool_use','id':'t1','name':'f','input':{}",
               DELTA ("1", "'type':'input_json_delta','partial_json':'{\\\"a\\\"'")
                   DELTA ("1", "'type':'input_json_delta','partial_json':':1}'"))
            BLOCK ("2", "'type':'tool_use','id':'t2','name':'g','input':{}", "")
                BLOCK ("3",
                       "'type':'tool_use','id':'t3','name':'h','input':{}",
                       DELTA ("3", "'type':'input_json_delta','partial_json':'[1'"))
                    ANTHROPIC ("message_delta",
                               "'delta':{'stop_reason':'tool_use'},'usage':{"
                               "'output_tokens':9}") "event: message_stop\ndata: "
                                                     "{'type':'message_stop'}\n\n";

/* The vendor's own word for what his model did not sign. */
#define OTHERS "signature=skip_thought_signature_validator "

static void
test_another_vendors_answer_is_this_ones (void)
{
  g_autofree char *wire = encode (WEIR_DIALECT_ANTHROPIC, anthropic, SSE, SIZE_MAX / 2);
  g_autoptr (ChatRun) run = chat_run_text (WEIR_DIALECT_GEMINI, SSE, wire);

  g_assert_cmpint (run->state, ==, WEIR_ANSWER_COMPLETE);
  g_assert_cmpstr (run->fold->str, ==,
                   "0.0 text: Hi\n"
                   "0.1 call: id=t1 name=f " OTHERS "{\\\"a\\\":1}\n"
                   "0.2 call: id=t2 name=g " OTHERS "{}\n"
                   "0.3 call: id=t3 name=h " OTHERS "{\\\"input\\\":\\\"[1\\\"}\n"
                   " in=7 out=9 cached=4 total=16\n"
                   "finish 0 TOOL_CALLS STOP\n");
}

/* Two blocks of thoughts, of which the second is redacted, and two calls behind. */
static void
test_the_next_call_carries_a_thoughts_signature (void)
{
  static const char thoughtful[]
      = ANTHROPIC ("message_start", "'message':{'id':'m','model':'c'}")
          BLOCK ("0", "'type':'thinking','thinking':'hm'",
                 DELTA ("0", "'type':'signature_delta','signature':'SIG'"))
              BLOCK ("1", "'type':'tool_use','id':'t1','name':'f','input':{}",
                     "") BLOCK ("2", "'type':'redacted_thinking','data':'DARK'", "")
                  BLOCK ("3", "'type':'tool_use','id':'t3','name':'f','input':{}", "")
                      BLOCK ("4", "'type':'tool_use','id':'t4','name':'f','input':{}", "")
                          ANTHROPIC ("message_delta",
                                     "'delta':{'stop_reason':'tool_use'}") "event: message_"
                                                                           "stop\ndata: "
                                                                           "{'type':"
                                                                           "'message_stop'"
                                                                           "}\n\n";
  static const WeirAnswerForm forms[]
      = { WEIR_ANSWER_SSE, WEIR_ANSWER_ARRAY, WEIR_ANSWER_WHOLE };

  for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *wire
          = encode (WEIR_DIALECT_ANTHROPIC, thoughtful, forms[i], SIZE_MAX / 2);
      const char *first = strstr (wire, "\"thoughtSignature\":\"MindWeirSig1anthU0lH\"");
      const char *second
          = strstr (wire, "\"thoughtSignature\":\"DarkWeirSig1anthREFSSw==\"");
      const char *third = strstr (wire, "skip_thought_signature_validator");

      g_assert_true (first != NULL && second > first && third > second);
    }
}

static void
test_finishes_have_words (void)
{
  static const struct
  {
    const char *reason;
    const char *word;
  } cases[] = {
    { "end_turn", "STOP" },  { "max_tokens", "MAX_TOKENS" }, { "stop_sequence", "STOP" },
    { "refusal", "SAFETY" }, { "pause_turn", "STOP" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          ANTHROPIC ("message_start", "'message':{'id':'m','model':'c'}")
              BLOCK ("0", "'type':'text','text':''",
                     DELTA ("0", "'type':'text_delta','text':'Hi'"))
                  ANTHROPIC ("message_delta",
                             "'delta':{'stop_reason':'%s'}") "event: message_stop\ndata: "
                                                             "{'type':'message_stop'}\n\n",
          cases[i].reason);
      g_autofree char *wire
          = encode (WEIR_DIALECT_ANTHROPIC, text, WEIR_ANSWER_WHOLE, SIZE_MAX / 2);
      g_autoptr (ChatRun) run
          = chat_run_text (WEIR_DIALECT_GEMINI, WEIR_ANSWER_WHOLE, wire);

      g_assert_cmpstr (run->finish, ==, cases[i].word);
    }
}

static void
test_a_refusal_before_a_word_is_feedback (void)
{
  g_autofree char *wire = encode (
      WEIR_DIALECT_ANTHROPIC,
      ANTHROPIC ("message_start", "'message':{'id':'m','model':'c'}")
          ANTHROPIC ("message_delta",
                     "'delta':{'stop_reason':'refusal'}") "event: message_stop\ndata: "
                                                          "{'type':'message_stop'}\n\n",
      SSE, SIZE_MAX / 2);

  g_assert_nonnull (strstr (wire, "\"promptFeedback\":{\"blockReason\":\"SAFETY\"}"));
  g_assert_null (strstr (wire, "candidates"));
}

/* A failure may come first or later; nothing that follows success may stand there. */
static void
test_a_failure_is_read_as_one (void)
{
  static const WeirAnswerForm forms[] = { WEIR_ANSWER_SSE, WEIR_ANSWER_ARRAY };

  for (size_t f = 0; f < G_N_ELEMENTS (forms); f++)
    for (unsigned begun = 0; begun < 2; begun++)
      {
        const WeirEncodeOptions options
            = { .form = forms[f], .model = WEIR_SLICE ("m"), .id = "q1" };
        const WeirEvent start = { .type = WEIR_EVENT_START };
        const WeirEvent open = { .type = WEIR_EVENT_BLOCK_OPEN };
        const WeirEvent delta = { .type = WEIR_EVENT_DELTA, .text = WEIR_SLICE ("Hi") };
        g_autoptr (WeirEncoder) encoder
            = weir_encoder_new_of_class (&weir_gemini_encoder, &options);
        g_autoptr (GString) out = g_string_new (NULL);
        g_autoptr (ChatRun) run = NULL;

        weir_encoder_put (encoder, &start, out);
        weir_encoder_put (encoder, &open, out);
        if (begun)
          weir_encoder_put (encoder, &delta, out);
        weir_encoder_fail (encoder, WEIR_ERROR_LIMITED, 503, "not\xe2\x80\xa9now", out);
        run = chat_run_text (WEIR_DIALECT_GEMINI, forms[f], out->str);
        g_assert_cmpint (run->state, ==, WEIR_ANSWER_FAILED);
        g_assert_cmpuint (run->failure_status, ==, 503);
        g_assert_cmpstr (run->failure_type, ==, "RESOURCE_EXHAUSTED");
        g_assert_null (strstr (out->str, "\xe2\x80\xa9"));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gemini-encode/what-is-written-reads-the-same",
                   test_what_is_written_reads_the_same);
  g_test_add_func ("/gemini-encode/any-cut-gives-the-same-bytes",
                   test_any_cut_gives_the_same_bytes);
  g_test_add_func ("/gemini-encode/a-stream-is-plain", test_a_stream_is_plain);
  g_test_add_func ("/gemini-encode/another-vendors-answer-is-this-ones",
                   test_another_vendors_answer_is_this_ones);
  g_test_add_func ("/gemini-encode/the-next-call-carries-a-thoughts-signature",
                   test_the_next_call_carries_a_thoughts_signature);
  g_test_add_func ("/gemini-encode/finishes-have-words", test_finishes_have_words);
  g_test_add_func ("/gemini-encode/a-refusal-before-a-word-is-feedback",
                   test_a_refusal_before_a_word_is_feedback);
  g_test_add_func ("/gemini-encode/a-failure-is-read-as-one",
                   test_a_failure_is_read_as_one);
  return g_test_run ();
}
