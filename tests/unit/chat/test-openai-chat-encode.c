/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#include "base/weir-sse.h"
#include "chat/weir-bridge.h"
#include "chat/weir-protocol-request.h"

#include <json-glib/json-glib.h>

#define BODY                                                                               \
  "{\"model\":\"mine\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"       \
  "\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"read\"}},{"  \
  "\"type\":\"custom\",\"custom\":{\"name\":\"patch\"}}]}"
#define BODY_WITHOUT_USAGE "{\"model\":\"mine\",\"stream\":true,\"messages\":[]}"
#define BODY_OF_FUNCTIONS                                                                  \
  "{\"model\":\"mine\",\"messages\":[],\"functions\":[{\"name\":\"read\"}]}"

/* clang-format off */
#define ANTHROPIC(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"
#define DELTA(index, delta) \
  ANTHROPIC ("content_block_delta", ",\"index\":" index ",\"delta\":{" delta "}")
#define OPEN(index, block) \
  ANTHROPIC ("content_block_start", ",\"index\":" index ",\"content_block\":{" block "}")
#define CLOSE(index) ANTHROPIC ("content_block_stop", ",\"index\":" index)

/* Two thoughts, one redacted between them, text, a call, one to a custom tool, one without
 * arguments. */
static const char anthropic[]
    = ANTHROPIC ("message_start",
                 ",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",\"usage\":{"
                 "\"input_tokens\":5,\"cache_read_input_tokens\":3,\"output_tokens\":1}}")
      OPEN ("0", "\"type\":\"thinking\",\"thinking\":\"\"")
      DELTA ("0", "\"type\":\"thinking_delta\",\"thinking\":\"h\\u00e9\"")
      DELTA ("0", "\"type\":\"thinking_delta\",\"thinking\":\"m\"")
      DELTA ("0", "\"type\":\"signature_delta\",\"signature\":\"EqQB\"")
      CLOSE ("0")
      OPEN ("1", "\"type\":\"redacted_thinking\",\"data\":\"EmcK\"")
      CLOSE ("1")
      OPEN ("2", "\"type\":\"thinking\",\"thinking\":\"\"")
      DELTA ("2", "\"type\":\"thinking_delta\",\"thinking\":\"so\"")
      DELTA ("2", "\"type\":\"signature_delta\",\"signature\":\"EqQC\"")
      CLOSE ("2")
      OPEN ("3", "\"type\":\"text\",\"text\":\"\"")
      DELTA ("3", "\"type\":\"text_delta\",\"text\":\"Hel\"")
      DELTA ("3", "\"type\":\"text_delta\",\"text\":\"lo\"")
      CLOSE ("3")
      OPEN ("4", "\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"read\",\"input\":{}")
      DELTA ("4", "\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"p\\\"\"")
      DELTA ("4", "\"type\":\"input_json_delta\",\"partial_json\":\":1}\"")
      CLOSE ("4")
      OPEN ("5", "\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"patch\",\"input\":{}")
      DELTA ("5", "\"type\":\"input_json_delta\",\"partial_json\":"
                  "\"{\\\"input\\\":\\\"free\\\"}\"")
      CLOSE ("5")
      OPEN ("6", "\"type\":\"tool_use\",\"id\":\"toolu_3\",\"name\":\"read\",\"input\":{}")
      CLOSE ("6")
      ANTHROPIC ("message_delta", ",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{"
                                  "\"output_tokens\":9}")
      ANTHROPIC ("message_stop", "");
/* clang-format on */

/* A thought, a signed call, a picture; it says STOP. */
static const char gemini[]
    = "data: {\"responseId\":\"r1\",\"modelVersion\":\"g\",\"candidates\":[{\"content\":{"
      "\"role\":\"model\",\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"functionCall\":{"
      "\"name\":\"read\",\"args\":{\"p\":1}},\"thoughtSignature\":\"CiQB\"},{"
      "\"inlineData\":{\"mimeType\":\"image/webp\",\"data\":\"QUJD\"}}]},\"finishReason\":"
      "\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":4,\"candidatesTokenCount\":5,"
      "\"thoughtsTokenCount\":2,\"totalTokenCount\":11}}\n\n";

/* Two choices by turns, one refused. */
static const char chat[]
    = "data: {\"id\":\"theirs\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}},{"
      "\"index\":1,\"delta\":{\"refusal\":\"no\"}}]}\n\n"
      "data: {\"id\":\"theirs\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\","
      "\"annotations\":[{\"x\":\ndata: 1}]}}]}\n\n"
      "data: {\"id\":\"theirs\",\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":"
      "\"content_filter\"},{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
      "data: [DONE]\n\n";

static const struct
{
  WeirDialect dialect;
  const char *wire;
} samples[] = {
  { WEIR_DIALECT_ANTHROPIC, anthropic },
  { WEIR_DIALECT_GEMINI, gemini },
  { WEIR_DIALECT_OPENAI_CHAT, chat },
};

static WeirRequest *
read_request (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  WeirRequest *request
      = weir_openai_chat_read_request (body, WEIR_SLICE (""), FALSE, &error);

  g_assert_no_error (error);
  return request;
}

/* The answer of sample @index, fed in pieces of @step, to the client that sent @body. */
static char *
translate (
    unsigned index, const char *body, WeirAnswerForm form, size_t step, gboolean fail)
{
  g_autoptr (WeirRequest) request = read_request (body);
  const WeirEncodeOptions options = {
    .form = form,
    .model = WEIR_SLICE ("mine"),
    .id = "req1",
    .created_s = 1700000000,
    .request = request,
    .upstream = samples[index].dialect,
  };
  g_autoptr (WeirEncoder) encoder
      = weir_encoder_new_of_class (&weir_openai_chat_encoder, &options);
  g_autoptr (WeirBridge) bridge = weir_bridge_new (encoder);
  g_autoptr (WeirDecoder) decoder = weir_decoder_new (
      samples[index].dialect, WEIR_ANSWER_SSE, weir_bridge_sink, bridge);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  const size_t length = strlen (samples[index].wire);

  weir_bridge_set_output (bridge, out);
  for (size_t at = 0; at < length; at += step)
    {
      size_t consumed;
      size_t boundary;

      weir_decoder_feed (decoder, samples[index].wire + at, MIN (step, length - at),
                         &consumed, &boundary, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpint (weir_decoder_finish (decoder, TRUE), ==, WEIR_ANSWER_COMPLETE);
  if (fail)
    weir_encoder_fail (encoder, WEIR_ERROR_CUT, 0, "it \"broke\"", out);
  else
    g_assert_true (weir_bridge_end (bridge, &error));
  g_assert_no_error (error);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
translate_whole (unsigned index, const char *body)
{
  return translate (index, body, WEIR_ANSWER_WHOLE, SIZE_MAX / 2, FALSE);
}

static char *
translate_stream (unsigned index, const char *body)
{
  return translate (index, body, WEIR_ANSWER_SSE, SIZE_MAX / 2, FALSE);
}

static void
test_our_decoder_reads_the_same_answer (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *stream = translate_stream (i, BODY);
      g_autofree char *whole = translate_whole (i, BODY);
      g_autoptr (ChatRun) streamed
          = chat_run_text (WEIR_DIALECT_OPENAI_CHAT, WEIR_ANSWER_SSE, stream);
      g_autoptr (ChatRun) read
          = chat_run_text (WEIR_DIALECT_OPENAI_CHAT, WEIR_ANSWER_WHOLE, whole);

      g_assert_cmpint (streamed->state, ==, WEIR_ANSWER_COMPLETE);
      g_assert_cmpint (read->state, ==, WEIR_ANSWER_COMPLETE);
      g_assert_cmpuint (streamed->blocks->len, ==, read->blocks->len);
      g_assert_cmpuint (streamed->finishes->len, ==, read->finishes->len);
      g_assert_cmpuint (streamed->usage.total, ==, read->usage.total);
    }
}

static void
test_everything_is_told (void)
{
  g_autofree char *wire = translate_stream (0, BODY);
  g_autoptr (ChatRun) run = chat_run_text (WEIR_DIALECT_OPENAI_CHAT, WEIR_ANSWER_SSE, wire);

  g_assert_nonnull (strstr (run->fold->str, "thinking: h\\u00e9mso"));
  g_assert_nonnull (strstr (run->fold->str, "text: Hello"));
  g_assert_nonnull (strstr (run->fold->str, "id=toolu_1 name=read {\\\"p\\\":1}"));
  g_assert_nonnull (strstr (run->fold->str, "custom: id=toolu_2 name=patch free"));
  g_assert_nonnull (strstr (run->fold->str, "id=toolu_3 name=read {}"));
  g_assert_cmpstr (run->finish, ==, "tool_calls");
  g_assert_cmpuint (run->usage.input, ==, 8);
  g_assert_cmpuint (run->usage.cached, ==, 3);
  g_assert_cmpuint (run->usage.output, ==, 9);
  g_assert_cmpuint (run->usage.total, ==, 17);
}

static void
test_any_cut_gives_the_same_bytes (void)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (samples); i++)
    for (size_t step = 1; step < 40; step += 6)
      {
        g_autofree char *whole = translate_stream (i, BODY);
        g_autofree char *cut = translate (i, BODY, WEIR_ANSWER_SSE, step, FALSE);

        g_assert_cmpstr (whole, ==, cut);
      }
}

typedef struct
{
  unsigned n_events;
  unsigned n_usage;
  gboolean done;
  GString *finishes;
} Seen;

static void
see_calls (JsonObject *delta)
{
  JsonArray *calls;

  if (!json_object_has_member (delta, "tool_calls"))
    return;
  calls = json_object_get_array_member (delta, "tool_calls");
  for (guint i = 0; i < json_array_get_length (calls); i++)
    {
      JsonObject *call = json_array_get_object_element (calls, i);

      g_assert_true (json_object_has_member (call, "index"));
      g_assert_true (json_object_has_member (call, "id")
                     == json_object_has_member (call, "type"));
    }
}

static gboolean
on_sse (WeirSlice name, WeirSlice data, gpointer user_data)
{
  Seen *seen = user_data;
  g_autofree char *text = weir_slice_dup (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *choices;
  JsonObject *object;

  g_assert_false (seen->done);
  g_assert_cmpuint (name.length, ==, 0);
  seen->done = strcmp (text, "[DONE]") == 0;
  if (seen->done)
    return TRUE;
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "object"), ==,
                   "chat.completion.chunk");
  g_assert_cmpstr (json_object_get_string_member (object, "model"), ==, "mine");
  g_assert_cmpint (json_object_get_int_member (object, "created"), ==, 1700000000);
  choices = json_object_get_array_member (object, "choices");
  if (json_array_get_length (choices) == 0)
    seen->n_usage++;
  for (guint i = 0; i < json_array_get_length (choices); i++)
    {
      JsonObject *choice = json_array_get_object_element (choices, i);
      JsonObject *delta = json_object_get_object_member (choice, "delta");

      if (seen->n_events == 0)
        g_assert_cmpstr (json_object_get_string_member (delta, "role"), ==, "assistant");
      see_calls (delta);
      if (!json_object_get_null_member (choice, "finish_reason"))
        g_string_append (seen->finishes,
                         json_object_get_string_member (choice, "finish_reason"));
    }
  seen->n_events++;
  return TRUE;
}

static void
test_chunks_have_the_vendors_shape (void)
{
  static const struct
  {
    unsigned index;
    const char *body;
    unsigned n_usage;
    const char *finishes;
  } wanted[] = {
    { 0, BODY, 1, "tool_calls" },
    { 0, BODY_WITHOUT_USAGE, 0, "tool_calls" },
    { 1, BODY, 1, "tool_calls" },
    { 2, BODY_WITHOUT_USAGE, 0, "content_filterlength" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autofree char *wire = translate_stream (wanted[i].index, wanted[i].body);
      g_autoptr (GString) finishes = g_string_new (NULL);
      Seen seen = { .finishes = finishes };
      g_auto (WeirSse) sse = { 0 };

      weir_sse_init (&sse, on_sse, &seen);
      g_assert_true (weir_sse_feed (&sse, wire, strlen (wire), NULL, NULL, NULL));
      g_assert_true (weir_sse_is_idle (&sse));
      g_assert_true (seen.done);
      g_assert_cmpuint (seen.n_usage, ==, wanted[i].n_usage);
      g_assert_cmpstr (finishes->str, ==, wanted[i].finishes);
      g_assert_true ((strstr (wire, "\"usage\":") != NULL) == (wanted[i].n_usage > 0));
    }
}

/* (transfer full): the message of a whole answer as the body of the next request. */
static char *
answer_to (const char *whole)
{
  g_autoptr (JsonNode) node = json_from_string (whole, NULL);
  JsonObject *choice = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (node), "choices"), 0);
  g_autofree char *message
      = json_to_string (json_object_get_member (choice, "message"), FALSE);

  return g_strdup_printf ("{\"messages\":[%s]}", message);
}

static void
assert_slice (WeirSlice found, const char *wanted)
{
  g_autofree char *text = weir_slice_dup (found);

  g_assert_cmpstr (text, ==, wanted);
}

/* Each signature comes back with its own text, of its own origin. */
static void
test_signatures_survive_the_client (void)
{
  g_autofree char *whole = translate_whole (0, BODY);
  g_autofree char *body = answer_to (whole);
  g_autoptr (WeirRequest) request = read_request (body);
  const WeirPart *part = request->messages->parts;
  g_autofree char *other_whole = translate_whole (1, BODY);
  g_autofree char *other_body = answer_to (other_whole);
  g_autoptr (WeirRequest) other = read_request (other_body);

  assert_slice (part->text, "hém");
  assert_slice (part->thinking.signature, "EqQB");
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_ANTHROPIC);
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_REDACTED_THINKING);
  assert_slice (part->thinking.signature, "EmcK");
  part = part->next;
  assert_slice (part->text, "so");
  assert_slice (part->thinking.signature, "EqQC");
  part = part->next;
  assert_slice (part->text, "Hello");

  for (part = other->messages->parts; part->type != WEIR_PART_IMAGE; part = part->next)
    g_assert_cmpint (part->type, ==, WEIR_PART_THINKING);
  assert_slice (part->media.media_type, "image/webp");
  assert_slice (part->media.data, "QUJD");
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_CALL);
  assert_slice (part->call.signature, "CiQB");
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_GEMINI);
}

static void
test_details_of_a_stream_have_their_texts (void)
{
  g_autofree char *wire = translate_stream (0, BODY);

  g_assert_nonnull (strstr (wire, "{\"type\":\"reasoning.text\",\"text\":\"h\\u00e9m\","));
  g_assert_nonnull (strstr (wire, "{\"type\":\"reasoning.text\",\"text\":\"so\","));
  g_assert_nonnull (strstr (wire, "{\"type\":\"reasoning.encrypted\",\"data\":\"WeirSig1"));
}

static void
test_the_legacy_spelling_is_answered_in_it (void)
{
  g_autofree char *whole = translate_whole (1, BODY_OF_FUNCTIONS);
  g_autofree char *wire = translate_stream (0, BODY_OF_FUNCTIONS);

  g_assert_nonnull (strstr (
      whole, "\"function_call\":{\"name\":\"read\",\"arguments\":\"{\\\"p\\\":1}\"}"));
  g_assert_nonnull (strstr (whole, "\"finish_reason\":\"function_call\""));
  g_assert_null (strstr (whole, "tool_calls"));
  g_assert_nonnull (strstr (wire, "\"function_call\":{\"name\":\"read\""));
  g_assert_null (strstr (wire, "tool_calls"));
  g_assert_null (strstr (wire, "patch"));
}

static void
test_its_own_upstreams_words_stay (void)
{
  g_autofree char *wire = translate_stream (2, BODY);
  g_autofree char *whole = translate_whole (2, BODY);

  g_assert_nonnull (strstr (wire, "\"id\":\"theirs\""));
  g_assert_nonnull (strstr (wire, "\"delta\":{\"annotations\":[{\"x\":"));
  g_assert_nonnull (strstr (whole, "\"annotations\":[{\"x\":"));
  g_assert_nonnull (strstr (whole, "\"refusal\":\"no\",\"content\":null"));
}

static void
test_a_failure_is_no_end (void)
{
  g_autofree char *wire = translate (0, BODY, WEIR_ANSWER_SSE, SIZE_MAX / 2, TRUE);
  g_autofree char *whole = translate (0, BODY, WEIR_ANSWER_WHOLE, SIZE_MAX / 2, TRUE);

  g_assert_cmpstr (whole, ==, "");
  g_assert_null (strstr (wire, "[DONE]"));
  g_assert_nonnull (strstr (wire, "data: {\"error\":{\"message\":\"it \\\"broke\\\"\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-chat-encode/our-decoder-reads-the-same-answer",
                   test_our_decoder_reads_the_same_answer);
  g_test_add_func ("/openai-chat-encode/everything-is-told", test_everything_is_told);
  g_test_add_func ("/openai-chat-encode/any-cut-gives-the-same-bytes",
                   test_any_cut_gives_the_same_bytes);
  g_test_add_func ("/openai-chat-encode/chunks-have-the-vendors-shape",
                   test_chunks_have_the_vendors_shape);
  g_test_add_func ("/openai-chat-encode/signatures-survive-the-client",
                   test_signatures_survive_the_client);
  g_test_add_func ("/openai-chat-encode/details-of-a-stream-have-their-texts",
                   test_details_of_a_stream_have_their_texts);
  g_test_add_func ("/openai-chat-encode/the-legacy-spelling-is-answered-in-it",
                   test_the_legacy_spelling_is_answered_in_it);
  g_test_add_func ("/openai-chat-encode/its-own-upstreams-words-stay",
                   test_its_own_upstreams_words_stay);
  g_test_add_func ("/openai-chat-encode/a-failure-is-no-end", test_a_failure_is_no_end);
  return g_test_run ();
}
