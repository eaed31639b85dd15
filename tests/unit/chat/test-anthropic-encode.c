/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat-run.h"
#include "chat/weir-bridge.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"

#define SSE WEIR_ANSWER_SSE
#define WHOLE WEIR_ANSWER_WHOLE

/* JSON here has ' for ". */
#define EVENT(name, rest) "event: " name "\ndata: {'type':'" name "'" rest "}\n\n"
#define START                                                                              \
  EVENT ("message_start",                                                                  \
         ",'message':{'id':'msg_1','type':'message','role':'assistant','model':'m',"       \
         "'content':[],'stop_reason':null,'stop_sequence':null,'usage':{'input_tokens':5," \
         "'cache_creation_input_tokens':20,'cache_read_input_tokens':100,"                 \
         "'output_tokens':1}}")
#define BLOCK(index, start, deltas)                                                        \
  EVENT ("content_block_start", ",'index':" index ",'content_block':{" start "}")          \
  deltas EVENT ("content_block_stop", ",'index':" index)
#define DELTA(index, delta)                                                                \
  EVENT ("content_block_delta", ",'index':" index ",'delta':{'type':" delta "}")
#define STOP(word, sequence)                                                               \
  EVENT ("message_delta",                                                                  \
         ",'delta':{'stop_reason':'" word "','stop_sequence':" sequence "},'usage':{"      \
         "'input_tokens':5,'cache_creation_input_tokens':20,'cache_read_input_tokens':"    \
         "100,'output_tokens':17}")                                                        \
  EVENT ("message_stop", "")

/* As the encoder spells them: what is read is written byte for byte. */
static const char *const samples[] = {
  START BLOCK ("0",
               "'type':'thinking','thinking':'','signature':''",
               DELTA ("0", "'thinking_delta','thinking':'h'")
                   DELTA ("0", "'thinking_delta','thinking':'m'")
                       DELTA ("0", "'signature_delta','signature':'Eq='"))
      BLOCK ("1", "'type':'redacted_thinking','data':'Zz'", "")
          BLOCK ("2",
                 "'type':'text','text':''",
                 DELTA ("2", "'text_delta','text':'a\\u2028\\n'") EVENT ("ping", "")
                     DELTA ("2", "'citations_delta','citation':{'x':1.0}"))
              BLOCK ("3",
                     "'type':'tool_use','id':'t1','name':'f','input':{}",
                     DELTA ("3", "'input_json_delta','partial_json':'{\\'a\\':'")
                         DELTA ("3", "'input_json_delta','partial_json':'1}'"))
                  BLOCK ("4", "'type':'tool_use','id':'t2','name':'g','input':{}", "")
                      STOP ("tool_use", "null"),
  START BLOCK ("0",
               "'type':'server_tool_use','id':'s','name':'web_search','input':{}",
               DELTA ("0", "'input_json_delta','partial_json':'{}'"))
      BLOCK ("1", "'type':'web_search_tool_result','content':[ {'a':1e5}]", "")
          STOP ("pause_turn", "null"),
  START BLOCK ("0", "'type':'text','text':''", DELTA ("0", "'text_delta','text':'a'"))
      STOP ("stop_sequence", "'END'"),
  START STOP ("refusal", "null"),
};

/* A client that wants to see thoughts, and its tools. */
static const char client[]
    = "{\"messages\":[],\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},"
      "\"tools\":[{\"name\":\"f\",\"input_schema\":{}},{\"name\":\"a.b\","
      "\"input_schema\":{}}]}";

/* The quote inside of a JSON string in JSON is \' above. */
static char *
spell (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  GString *losses = user_data;

  g_assert_nonnull (weir_loss_lookup_sentence (loss));
  if (losses != NULL)
    g_string_append_printf (losses, "%s ", loss);
}

/* What @wire of @dialect, fed in pieces of @step bytes, becomes. */
static char *
encode (WeirDialect dialect,
        const char *wire,
        WeirAnswerForm form,
        size_t step,
        GString *losses)
{
  g_autoptr (GBytes) body = g_bytes_new_static (client, strlen (client));
  g_autoptr (WeirRequest) request
      = weir_anthropic_read_request (body, WEIR_SLICE (""), FALSE, NULL);
  const WeirEncodeOptions options = {
    .form = form,
    .model = WEIR_SLICE ("m"),
    .id = "q1",
    .request = request,
    .upstream = dialect,
    .on_loss = on_loss,
    .user_data = losses,
  };
  g_autoptr (WeirEncoder) encoder
      = weir_encoder_new_of_class (&weir_anthropic_encoder, &options);
  g_autoptr (WeirBridge) bridge = weir_bridge_new (encoder);
  g_autoptr (WeirDecoder) decoder
      = weir_decoder_new (dialect, SSE, weir_bridge_sink, bridge);
  g_autofree char *json = spell (wire);
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
test_what_was_read_is_written (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    for (size_t step = 1; step < 400; step = step * 3 + 1)
      {
        g_autofree char *wanted = spell (samples[i]);
        g_autofree char *wire
            = encode (WEIR_DIALECT_ANTHROPIC, samples[i], SSE, step, NULL);

        g_assert_cmpstr (wire, ==, wanted);
      }
}

static void
test_a_whole_answer_reads_the_same (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *json = spell (samples[i]);
      g_autoptr (ChatRun) before = chat_run_text (WEIR_DIALECT_ANTHROPIC, SSE, json);
      g_autofree char *wire
          = encode (WEIR_DIALECT_ANTHROPIC, samples[i], WHOLE, SIZE_MAX / 2, NULL);
      g_autoptr (ChatRun) after = chat_run_text (WEIR_DIALECT_ANTHROPIC, WHOLE, wire);

      g_test_message ("%s", wire);
      g_assert_cmpint (after->state, ==, WEIR_ANSWER_COMPLETE);
      if (i != 1) /* of vendor's parts the input comes in one piece now */
        g_assert_cmpstr (after->fold->str, ==, before->fold->str);
      g_assert_cmpstr (after->finish, ==, before->finish);
    }
}

#define CHUNK(delta, finish)                                                               \
  "data: {'id':'c','model':'x','choices':[{'index':0,'delta':{" delta                      \
  "},'finish_reason':" finish "}]}\n\n"
#define CALL(index, head, text)                                                            \
  "'tool_calls':[{'index':" index "," head "'function':{'arguments':'" text "'}}]"
#define NAMED(index, id, name, text)                                                       \
  "'tool_calls':[{'index':" index ",'id':'" id                                             \
  "','type':'function','function':{'name':'" name "','arguments':'" text "'}}]"

/* Calls of one answer may come side by side; nobody signs these thoughts. */
static const char chat[] = CHUNK ("'role':'assistant','content':''", "null") CHUNK (
    "'reasoning_content':'hm'",
    "null") CHUNK ("'content':'Hi'",
                   "null") CHUNK (NAMED ("0", "c1", "f", ""),
                                  "null") CHUNK (NAMED ("1", "c2", "a_b_108bf50c", "{"),
                                                 "null") CHUNK (CALL ("0",
                                                                      "",
                                                                      "{\\'a\\':1"),
                                                                "null")
    CHUNK (CALL ("1", "", "}"), "null") CHUNK (CALL ("0", "", "}"), "null") CHUNK (
        "",
        "'tool_calls'") "data: "
                        "{'choices':[],'usage':{'prompt_tokens':9,'completion_tokens':4,"
                        "'prompt_tokens_details':{'cached_tokens':5}}}\n\ndata: [DONE]\n\n";

static void
test_calls_side_by_side_come_one_by_one (void)
{
  static const WeirAnswerForm forms[] = { SSE, WHOLE };

  for (size_t f = 0; f < G_N_ELEMENTS (forms); f++)
    {
      g_autofree char *wire
          = encode (WEIR_DIALECT_OPENAI_CHAT, chat, forms[f], SIZE_MAX / 2, NULL);
      g_autoptr (ChatRun) run = chat_run_text (WEIR_DIALECT_ANTHROPIC, forms[f], wire);

      g_test_message ("%s", wire);
      g_assert_cmpint (run->state, ==, WEIR_ANSWER_COMPLETE);
      g_assert_nonnull (strstr (run->fold->str, "thinking: hm"));
      g_assert_nonnull (strstr (run->fold->str, "text: Hi\n"));
      g_assert_nonnull (strstr (run->fold->str, "call: id=c1 name=f {\\\"a\\\":1}\n"));
      g_assert_nonnull (strstr (run->fold->str, "call: id=c2 name=a.b"));
      g_assert_cmpstr (run->finish, ==, "tool_use");
      g_assert_cmpuint (run->usage.input, ==, 9);
      g_assert_cmpuint (run->usage.cached, ==, 5);
      g_assert_cmpuint (run->usage.output, ==, 4);
      g_assert_nonnull (strstr (wire, "\"input_tokens\":4,\"cache_read_input_tokens\":5"));
      g_assert_nonnull (strstr (wire, "\"id\":\"msg_q1\""));
    }
}

/* Some servers of many models make such ids, which this vendor refuses. */
static void
test_ids_are_spelled_in_this_vendors_letters (void)
{
  static const WeirAnswerForm forms[] = { SSE, WHOLE };
  static const char odd[]
      = CHUNK (NAMED ("0", "functions.f:0", "f", "{}"), "'tool_calls'") "data: [DONE]\n\n";

  for (size_t f = 0; f < G_N_ELEMENTS (forms); f++)
    {
      g_autofree char *wire
          = encode (WEIR_DIALECT_OPENAI_CHAT, odd, forms[f], SIZE_MAX / 2, NULL);

      g_assert_null (strstr (wire, "functions.f:0"));
      g_assert_nonnull (strstr (wire, "\"id\":\"functions_f_0_"));
    }
}

/* Blocks have rising numbers, one is open at a time, each event has its name, and the last
 * one is message_stop. */
static void
test_a_stream_is_orderly (void)
{
  g_autofree char *wire = encode (WEIR_DIALECT_OPENAI_CHAT, chat, SSE, SIZE_MAX / 2, NULL);
  g_auto (GStrv) events = g_strsplit (wire, "\n\n", -1);
  int open = -1;
  int next = 0;

  g_assert_true (g_str_has_prefix (events[0], "event: message_start\n"));
  for (unsigned i = 0; events[i][0] != '\0'; i++)
    {
      const char *index = strstr (events[i], "\"index\":");
      const char *type = strstr (events[i], "data: {\"type\":\"");
      int number = index != NULL ? (int)g_ascii_strtoll (index + 8, NULL, 10) : -1;

      g_assert_true (g_str_has_prefix (events[i], "event: "));
      g_assert_nonnull (type);
      g_assert_cmpint (strncmp (events[i] + 7, type + 15, strcspn (events[i] + 7, "\n")),
                       ==, 0);
      if (g_str_has_prefix (events[i], "event: content_block_start"))
        {
          g_assert_cmpint (open, ==, -1);
          g_assert_cmpint (number, ==, next);
          open = next++;
        }
      else if (index != NULL)
        g_assert_cmpint (number, ==, open);
      if (g_str_has_prefix (events[i], "event: content_block_stop"))
        open = -1;
    }
  g_assert_cmpint (open, ==, -1);
  g_assert_cmpint (next, ==, 4);
  g_assert_true (g_str_has_suffix (
      wire, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

/* What goes to the client comes back to its vendor. */
static void
test_signatures_make_the_round (void)
{
  static const char gemini[]
      = "data: {'candidates':[{'content':{'parts':[{'text':'hm','thought':true},{"
        "'functionCall':{'name':'f','args':{'a':1}},'thoughtSignature':'Sh=='},{"
        "'functionCall':{'name':'f','args':{}}}],'role':'model'},'finishReason':'STOP',"
        "'index':0}]}\n\n";
  static const WeirAnswerForm forms[] = { SSE, WHOLE };
  g_autofree char *document
      = encode (WEIR_DIALECT_GEMINI, gemini, WHOLE, SIZE_MAX / 2, NULL);
  const char *content = strstr (document, "\"content\":");
  g_autofree char *body
      = g_strdup_printf ("{\"messages\":[{\"role\":\"assistant\",%.*s}]}",
                         (int)(strstr (content, ",\"stop_reason\"") - content), content);
  g_autoptr (GBytes) bytes = g_bytes_new_static (body, strlen (body));
  g_autoptr (WeirRequest) request
      = weir_anthropic_read_request (bytes, WEIR_SLICE (""), FALSE, NULL);
  const WeirPart *part;

  g_assert_nonnull (request);
  g_assert_cmpuint (request->messages->n_parts, ==, 3);
  part = request->messages->parts;
  g_assert_cmpint (part->type, ==, WEIR_PART_THINKING);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_GEMINI);
  g_assert_cmpuint (part->thinking.signature.length, ==, 0);
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_CALL);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_GEMINI);
  g_assert_true (weir_slice_equal (part->call.signature, WEIR_SLICE ("Sh==")));
  part = part->next;
  g_assert_cmpuint (part->call.signature.length, ==, 0);

  for (size_t f = 0; f < G_N_ELEMENTS (forms); f++)
    {
      g_autofree char *wire
          = encode (WEIR_DIALECT_GEMINI, gemini, forms[f], SIZE_MAX / 2, NULL);
      g_autoptr (ChatRun) run = chat_run_text (WEIR_DIALECT_ANTHROPIC, forms[f], wire);

      g_assert_cmpint (run->state, ==, WEIR_ANSWER_COMPLETE);
      g_assert_nonnull (strstr (wire, "\"data\":\"CallWeirSig1gemi"));
      g_assert_cmpstr (run->finish, ==, "tool_use");
    }
}

static WeirEncoder *
make_encoder (const WeirRequest *request, WeirAnswerForm form, GString *losses)
{
  const WeirEncodeOptions options = {
    .form = form,
    .model = WEIR_SLICE ("m"),
    .id = "q1",
    .request = request,
    .upstream = WEIR_DIALECT_OPENAI_RESPONSES,
    .on_loss = on_loss,
    .user_data = losses,
  };

  return weir_encoder_new_of_class (&weir_anthropic_encoder, &options);
}

/* One block of @type with the two texts, then @finish. */
static char *
encode_block (WeirBlockType type, WeirFinish finish, WeirAnswerForm form, GString *losses)
{
  g_autoptr (WeirEncoder) encoder = make_encoder (NULL, form, losses);
  GString *out = g_string_new (NULL);
  const WeirEvent events[] = {
    { .type = WEIR_EVENT_START },
    { .type = WEIR_EVENT_BLOCK_OPEN,
      .block_type = type,
      .id = WEIR_SLICE ("t"),
      .name = WEIR_SLICE ("n") },
    { .type = WEIR_EVENT_DELTA, .block_type = type, .text = WEIR_SLICE ("a\\\"") },
    { .type = WEIR_EVENT_DELTA, .block_type = type, .text = WEIR_SLICE ("\\nb") },
    { .type = WEIR_EVENT_BLOCK_CLOSE, .block_type = type },
    { .type = WEIR_EVENT_FINISH, .finish = finish },
    { .type = WEIR_EVENT_BLOCK_OPEN, .choice = 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (events); i++)
    weir_encoder_put (encoder, &events[i], out);
  g_assert_true (weir_encoder_end (encoder, out, NULL));
  return g_string_free (out, FALSE);
}

static void
test_blocks_without_a_word_are_said_or_told (void)
{
  static const struct
  {
    WeirBlockType type;
    const char *fold; /* a part of it */
    const char *losses;
  } cases[] = {
    { WEIR_BLOCK_CUSTOM_CALL, "call: id=t name=n {\\\"input\\\":\\\"a\\\\\\\"\\\\nb\\\"}",
      "answer-choice " },
    { WEIR_BLOCK_REFUSAL, "text: a\\\"\\nb", "answer-refusal answer-choice " },
    { WEIR_BLOCK_IMAGE, "finish 0", "answer-image answer-choice " },
    { WEIR_BLOCK_OTHER, "finish 0", "answer-part answer-choice " },
  };
  static const WeirAnswerForm forms[] = { SSE, WHOLE };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (size_t f = 0; f < G_N_ELEMENTS (forms); f++)
      {
        g_autoptr (GString) losses = g_string_new (NULL);
        g_autofree char *wire
            = encode_block (cases[i].type, WEIR_FINISH_STOP, forms[f], losses);
        g_autoptr (ChatRun) run = chat_run_text (WEIR_DIALECT_ANTHROPIC, forms[f], wire);

        g_test_message ("%s", wire);
        g_assert_cmpint (run->state, ==, WEIR_ANSWER_COMPLETE);
        g_assert_nonnull (strstr (run->fold->str, cases[i].fold));
        if (forms[f] == SSE)
          g_assert_cmpstr (losses->str, ==, cases[i].losses);
      }
}

static void
test_finishes_have_words (void)
{
  static const char *const words[] = {
    [WEIR_FINISH_STOP] = "end_turn",
    [WEIR_FINISH_LENGTH] = "max_tokens",
    [WEIR_FINISH_TOOL_CALLS] = "end_turn", /* there were none */
    [WEIR_FINISH_STOP_SEQUENCE] = "stop_sequence",
    [WEIR_FINISH_REFUSAL] = "refusal",
    [WEIR_FINISH_PAUSE] = "pause_turn",
    [WEIR_FINISH_BROKEN] = "end_turn",
    [WEIR_FINISH_OTHER] = "end_turn",
  };

  for (unsigned i = 0; i < WEIR_FINISH_LAST; i++)
    {
      g_autofree char *wire = encode_block (WEIR_BLOCK_TEXT, (WeirFinish)i, SSE, NULL);
      g_autoptr (ChatRun) run = chat_run_text (WEIR_DIALECT_ANTHROPIC, SSE, wire);

      g_assert_cmpstr (run->finish, ==, words[i]);
    }
}

static void
test_a_failure_is_read_as_one (void)
{
  for (unsigned begun = 0; begun < 2; begun++)
    {
      g_autoptr (WeirEncoder) encoder = make_encoder (NULL, SSE, NULL);
      const WeirEvent start = { .type = WEIR_EVENT_START };
      const WeirEvent open = { .type = WEIR_EVENT_BLOCK_OPEN };
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (ChatRun) run = NULL;

      if (begun)
        {
          weir_encoder_put (encoder, &start, out);
          weir_encoder_put (encoder, &open, out);
        }
      weir_encoder_fail (encoder, WEIR_ERROR_LIMITED, 503, "not now", out);
      run = chat_run_text (WEIR_DIALECT_ANTHROPIC, SSE, out->str);
      g_assert_cmpint (run->state, ==, WEIR_ANSWER_FAILED);
      g_assert_cmpstr (run->failure_type, ==, "rate_limit_error");
      g_assert_null (strstr (out->str, "message_stop"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/anthropic-encode/what-was-read-is-written",
                   test_what_was_read_is_written);
  g_test_add_func ("/anthropic-encode/a-whole-answer-reads-the-same",
                   test_a_whole_answer_reads_the_same);
  g_test_add_func ("/anthropic-encode/ids-are-spelled-in-this-vendors-letters",
                   test_ids_are_spelled_in_this_vendors_letters);
  g_test_add_func ("/anthropic-encode/calls-side-by-side-come-one-by-one",
                   test_calls_side_by_side_come_one_by_one);
  g_test_add_func ("/anthropic-encode/a-stream-is-orderly", test_a_stream_is_orderly);
  g_test_add_func ("/anthropic-encode/signatures-make-the-round",
                   test_signatures_make_the_round);
  g_test_add_func ("/anthropic-encode/blocks-without-a-word-are-said-or-told",
                   test_blocks_without_a_word_are_said_or_told);
  g_test_add_func ("/anthropic-encode/finishes-have-words", test_finishes_have_words);
  g_test_add_func ("/anthropic-encode/a-failure-is-read-as-one",
                   test_a_failure_is_read_as_one);
  return g_test_run ();
}
