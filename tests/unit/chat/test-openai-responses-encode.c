/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#include "base/weir-sse.h"
#include "chat/weir-bridge.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"

#include <json-glib/json-glib.h>

#define BODY                                                                               \
  "{\"model\":\"mine\",\"stream\":true,\"reasoning\":{\"summary\":\"auto\"},\"input\":"    \
  "\"Hi\",\"instructions\":\"Be\\ngood\","                                                 \
  "\"temperature\": 0.10,\n\"tools\":[{\"type\":\"function\",\n\"name\":\"read\"},{"       \
  "\"type\":\"custom\",\"name\":\"patch\"},{\"type\":\"namespace\",\"name\":\"ns\","       \
  "\"tools\":[{\"type\":\"function\",\"name\":\"deep\"}]}],\"tool_choice\":\"auto\","      \
  "\"store\":null}"

#define ANTHROPIC(type, rest) "event: " type "\ndata: {\"type\":\"" type "\"" rest "}\n\n"

/* Thoughts, redacted thoughts, text, a call, a call to a custom tool, one in a namespace,
 * one without arguments. */
static const char anthropic[] = ANTHROPIC (
    "message_start",
    ",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",\"usage\":{"
    "\"input_tokens\":5,\"cache_read_input_tokens\":3,\"output_tokens\":1}}")
    ANTHROPIC ("content_block_start",
               ",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":"
               "\"\"}") ANTHROPIC ("content_block_delta",
                                   ",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
                                   "\"thinking\":"
                                   "\"h\\u00e9\"}")
        ANTHROPIC ("content_block_delta",
                   ",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
                   "\"thinking\":\"m\"}") ANTHROPIC ("content_block_delta",
                                                     ",\"index\":0,\"delta\":{\"type\":"
                                                     "\"signature_delta\","
                                                     "\"signature\":\"EqQB\"}")
            ANTHROPIC ("content_block_stop", ",\"index\":0") ANTHROPIC (
                "content_block_start",
                ",\"index\":1,\"content_block\":{\"type\":"
                "\"redacted_thinking\",\"data\":\"EmcK\"}")
                ANTHROPIC ("content_block_stop", ",\"index\":1") ANTHROPIC (
                    "content_block_start",
                    ",\"index\":2,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
                    ANTHROPIC (
                        "content_block_delta",
                        ",\"index\":2,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hel\"}")
                        ANTHROPIC (
                            "content_block_delta",
                            ",\"index\":2,\"delta\":{\"type\":\"text_delta\",\"text\":"
                            "\"lo\"}") ANTHROPIC ("content_block_stop", ",\"index\":2")
                            ANTHROPIC (
                                "content_block_start",
                                ",\"index\":3,\"content_block\":{\"type\":\"tool_use\","
                                "\"id\":\"toolu_1\",\"name\":\"read\",\"input\":{}}")
                                ANTHROPIC (
                                    "content_block_delta",
                                    ",\"index\":3,\"delta\":{\"type\":"
                                    "\"input_json_delta\",\"partial_json\":"
                                    "\"{\\\"p\\\":1}\"}") ANTHROPIC ("content_block_stop",
                                                                     ",\"index\":3")
                                    ANTHROPIC ("content_block_start",
                                               ",\"index\":4,\"content_block\":{\"type\":"
                                               "\"tool_use\",\"id\":\"toolu_2\","
                                               "\"name\":\"patch\",\"input\":{}}")
                                        ANTHROPIC ("content_block_delta",
                                                   ",\"index\":4,\"delta\":{\"type\":"
                                                   "\"input_json_delta\","
                                                   "\"partial_json\":\"{\\\"input\\\":"
                                                   "\\\"free\\\"}\"}")
                                            ANTHROPIC ("content_block_stop", ",\"index\":4")
                                                ANTHROPIC ("content_block_start",
                                                           ",\"index\":5,\"content_block\":"
                                                           "{\"type\":\"tool_use\","
                                                           "\"id\":\"toolu_3\",\"name\":"
                                                           "\"ns__deep\",\"input\":{}}")
                                                    ANTHROPIC ("content_block_stop",
                                                               ",\"index\":5")
                                                        ANTHROPIC (
                                                            "message_delta",
                                                            ",\"delta\":{\"stop_reason\":"
                                                            "\"tool_use\"},\"usage\":{"
                                                            "\"output_tokens\":"
                                                            "9}")
                                                            ANTHROPIC ("message_stop", "");

/* A thought, a signed call, a picture. */
static const char gemini[]
    = "data: {\"responseId\":\"r1\",\"modelVersion\":\"g\",\"candidates\":[{\"content\":{"
      "\"role\":\"model\",\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"functionCall\":{"
      "\"name\":\"read\",\"args\":{\"p\":1}},\"thoughtSignature\":\"CiQB\"},{"
      "\"inlineData\":{\"mimeType\":\"image/webp\",\"data\":\"QUJD\"}}]},\"finishReason\":"
      "\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":4,\"candidatesTokenCount\":5,"
      "\"thoughtsTokenCount\":2,\"totalTokenCount\":11}}\n\n";

static const char cut_short[]
    = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"He\"}}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
      "\"length\"}]}\n\ndata: [DONE]\n\n";

static WeirRequest *
make_request (void)
{
  g_autoptr (GBytes) body = g_bytes_new_static (BODY, strlen (BODY));

  return weir_openai_responses_read_request (body, WEIR_SLICE (""), FALSE, NULL);
}

/* The answer @wire of @upstream, fed in pieces of @step, as @form; ended or failed. */
static char *
translate (
    WeirDialect upstream, const char *wire, WeirAnswerForm form, size_t step, gboolean fail)
{
  g_autoptr (WeirRequest) request = make_request ();
  const WeirEncodeOptions options = {
    .form = form,
    .model = WEIR_SLICE ("mine"),
    .id = "req1",
    .created_s = 1700000000,
    .request = request,
    .upstream = upstream,
  };
  g_autoptr (WeirEncoder) encoder
      = weir_encoder_new_of_class (&weir_openai_responses_encoder, &options);
  g_autoptr (WeirBridge) bridge = weir_bridge_new (encoder);
  g_autoptr (WeirDecoder) decoder
      = weir_decoder_new (upstream, WEIR_ANSWER_SSE, weir_bridge_sink, bridge);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  const size_t length = strlen (wire);

  weir_bridge_set_output (bridge, out);
  for (size_t at = 0; at < length; at += step)
    {
      size_t consumed;
      size_t boundary;

      weir_decoder_feed (decoder, wire + at, MIN (step, length - at), &consumed, &boundary,
                         &error);
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

typedef struct
{
  GString *names;
  GPtrArray *events; /* (owned) of JsonNode */
} Stream;

static gboolean
on_sse (WeirSlice name, WeirSlice data, gpointer user_data)
{
  Stream *stream = user_data;
  g_autofree char *text = weir_slice_dup (data);
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);
  JsonObject *object;

  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpmem (json_object_get_string_member (object, "type"),
                   strlen (json_object_get_string_member (object, "type")), name.text,
                   name.length);
  g_assert_cmpint (json_object_get_int_member (object, "sequence_number"), ==,
                   stream->events->len);
  g_ptr_array_add (stream->events, node);
  g_string_append_len (stream->names, name.text + strlen ("response."),
                       (gssize)(name.length - strlen ("response.")));
  g_string_append_c (stream->names, '\n');
  return TRUE;
}

static Stream *
read_stream (const char *wire)
{
  Stream *stream = g_new0 (Stream, 1);
  g_auto (WeirSse) sse = { 0 };

  stream->names = g_string_new (NULL);
  stream->events = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  weir_sse_init (&sse, on_sse, stream);
  g_assert_true (weir_sse_feed (&sse, wire, strlen (wire), NULL, NULL, NULL));
  g_assert_true (weir_sse_is_idle (&sse));
  return stream;
}

static void
free_stream (Stream *stream)
{
  g_string_free (stream->names, TRUE);
  g_ptr_array_unref (stream->events);
  g_free (stream);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, free_stream)

static JsonObject *
get_event (const Stream *stream, unsigned index)
{
  return json_node_get_object (g_ptr_array_index (stream->events, index));
}

static JsonObject *
get_last_response (const Stream *stream)
{
  return json_object_get_object_member (get_event (stream, stream->events->len - 1),
                                        "response");
}

static void
test_events_come_in_the_vendors_order (void)
{
  g_autofree char *wire
      = translate (WEIR_DIALECT_ANTHROPIC, anthropic, WEIR_ANSWER_SSE, SIZE_MAX / 2, FALSE);
  g_autoptr (Stream) stream = read_stream (wire);

  g_assert_cmpstr (stream->names->str, ==,
                   "created\nin_progress\n"
                   "output_item.added\nreasoning_summary_part.added\n"
                   "reasoning_summary_text.delta\nreasoning_summary_text.delta\n"
                   "reasoning_summary_text.done\nreasoning_summary_part.done\n"
                   "output_item.done\n"
                   "output_item.added\noutput_item.done\n"
                   "output_item.added\ncontent_part.added\noutput_text.delta\n"
                   "output_text.delta\noutput_text.done\ncontent_part.done\n"
                   "output_item.done\n"
                   "output_item.added\nfunction_call_arguments.delta\n"
                   "function_call_arguments.done\noutput_item.done\n"
                   "output_item.added\ncustom_tool_call_input.delta\n"
                   "custom_tool_call_input.done\noutput_item.done\n"
                   "output_item.added\nfunction_call_arguments.done\noutput_item.done\n"
                   "completed\n");
}

/* Gemini signs calls: its thought comes back as one that is not the client's vendor's. */
static void
test_thoughts_that_nobody_signed_are_marked (void)
{
  static const WeirAnswerForm forms[] = { WEIR_ANSWER_SSE, WEIR_ANSWER_WHOLE };
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *mark = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_GEMINI, WEIR_SLICE (""), scratch));
  g_autofree char *expected = g_strdup_printf ("\"encrypted_content\":\"%s\"", mark);

  for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *wire
          = translate (WEIR_DIALECT_GEMINI, gemini, forms[i], SIZE_MAX / 2, FALSE);

      g_assert_nonnull (strstr (wire, expected));
    }
}

/* Each item as announced, as done, and in the end: the same id and place; done and the end
 * are equal. */
static void
test_items_are_the_same_in_the_end (void)
{
  static const struct
  {
    WeirDialect dialect;
    const char *wire;
  } samples[] = {
    { WEIR_DIALECT_ANTHROPIC, anthropic },
    { WEIR_DIALECT_GEMINI, gemini },
  };

  for (size_t s = 0; s < G_N_ELEMENTS (samples); s++)
    {
      g_autofree char *wire = translate (samples[s].dialect, samples[s].wire,
                                         WEIR_ANSWER_SSE, SIZE_MAX / 2, FALSE);
      g_autoptr (Stream) stream = read_stream (wire);
      JsonArray *output
          = json_object_get_array_member (get_last_response (stream), "output");
      unsigned added = 0;
      unsigned done = 0;

      for (unsigned i = 0; i < stream->events->len; i++)
        {
          JsonObject *event = get_event (stream, i);
          const char *type = json_object_get_string_member (event, "type");
          char suffix[16];
          JsonNode *item;
          const char *id;

          if (!g_str_has_prefix (type, "response.output_item."))
            continue;
          item = json_object_get_member (event, "item");
          id = json_object_get_string_member (json_node_get_object (item), "id");
          if (g_str_has_suffix (type, ".added"))
            {
              g_assert_cmpint (json_object_get_int_member (event, "output_index"), ==,
                               added++);
              continue;
            }
          g_assert_cmpint (json_object_get_int_member (event, "output_index"), ==, done);
          g_assert_true (json_node_equal (item, json_array_get_element (output, done)));
          g_snprintf (suffix, sizeof suffix, "_%u", done);
          g_assert_true (g_str_has_suffix (id, suffix));
          done++;
        }
      g_assert_cmpuint (added, ==, done);
      g_assert_cmpuint (json_array_get_length (output), ==, done);
    }
}

static void
test_our_decoder_reads_the_same_answer (void)
{
  g_autofree char *stream
      = translate (WEIR_DIALECT_ANTHROPIC, anthropic, WEIR_ANSWER_SSE, SIZE_MAX / 2, FALSE);
  g_autofree char *whole = translate (WEIR_DIALECT_ANTHROPIC, anthropic, WEIR_ANSWER_WHOLE,
                                      SIZE_MAX / 2, FALSE);
  g_autoptr (ChatRun) streamed
      = chat_run_text (WEIR_DIALECT_OPENAI_RESPONSES, WEIR_ANSWER_SSE, stream);
  g_autoptr (ChatRun) read
      = chat_run_text (WEIR_DIALECT_OPENAI_RESPONSES, WEIR_ANSWER_WHOLE, whole);

  g_assert_cmpint (streamed->state, ==, WEIR_ANSWER_COMPLETE);
  g_assert_cmpint (read->state, ==, WEIR_ANSWER_COMPLETE);
  g_assert_cmpstr (streamed->fold->str, ==, read->fold->str);
  g_assert_nonnull (strstr (read->fold->str, "h\\u00e9m"));
  g_assert_nonnull (strstr (read->fold->str, "text: Hello"));
  g_assert_nonnull (strstr (read->fold->str, "id=toolu_1 name=read {\\\"p\\\":1}"));
  g_assert_nonnull (strstr (read->fold->str, "custom: id=toolu_2 name=patch free"));
  g_assert_nonnull (strstr (read->fold->str, "TOOL_CALLS"));
  g_assert_cmpuint (read->usage.input, ==, 8);
  g_assert_cmpuint (read->usage.cached, ==, 3);
  g_assert_cmpuint (read->usage.output, ==, 9);
  g_assert_cmpuint (read->usage.total, ==, 17);
}

static void
test_any_cut_gives_the_same_bytes (void)
{
  g_autofree char *once
      = translate (WEIR_DIALECT_ANTHROPIC, anthropic, WEIR_ANSWER_SSE, SIZE_MAX / 2, FALSE);

  for (size_t step = 1; step < 40; step++)
    {
      g_autofree char *cut
          = translate (WEIR_DIALECT_ANTHROPIC, anthropic, WEIR_ANSWER_SSE, step, FALSE);

      g_assert_cmpstr (cut, ==, once);
    }
}

static void
test_the_response_repeats_the_request (void)
{
  g_autofree char *wire
      = translate (WEIR_DIALECT_ANTHROPIC, anthropic, WEIR_ANSWER_SSE, SIZE_MAX / 2, FALSE);
  g_autoptr (Stream) stream = read_stream (wire);

  for (unsigned i = 0; i < 3; i++)
    {
      JsonObject *response
          = i == 2 ? get_last_response (stream)
                   : json_object_get_object_member (get_event (stream, i), "response");

      g_assert_cmpstr (json_object_get_string_member (response, "id"), ==, "resp_req1");
      g_assert_cmpstr (json_object_get_string_member (response, "model"), ==, "mine");
      g_assert_cmpstr (json_object_get_string_member (response, "instructions"), ==,
                       "Be\ngood");
      g_assert_cmpint (json_object_get_int_member (response, "created_at"), ==, 1700000000);
      g_assert_cmpuint (
          json_array_get_length (json_object_get_array_member (response, "tools")), ==, 3);
      g_assert_true (json_object_get_boolean_member (response, "store"));
      g_assert_cmpstr (json_object_get_string_member (response, "status"), ==,
                       i == 2 ? "completed" : "in_progress");
      g_assert_true (json_object_get_null_member (response, "usage") == (i < 2));
    }
  g_assert_nonnull (strstr (wire, "\"temperature\":0.10"));
}

/* The output comes back as input: what was opaque finds its true place. */
static void
test_output_comes_back_as_input (void)
{
  static const struct
  {
    WeirDialect dialect;
    const char *wire;
    unsigned n_items;
  } samples[] = {
    { WEIR_DIALECT_ANTHROPIC, anthropic, 6 },
    { WEIR_DIALECT_GEMINI, gemini, 3 },
  };

  for (size_t s = 0; s < G_N_ELEMENTS (samples); s++)
    {
      g_autofree char *wire = translate (samples[s].dialect, samples[s].wire,
                                         WEIR_ANSWER_SSE, SIZE_MAX / 2, FALSE);
      g_autoptr (Stream) stream = read_stream (wire);
      g_autofree char *output = json_to_string (
          json_object_get_member (get_last_response (stream), "output"), FALSE);
      g_autofree char *text = g_strdup_printf ("{\"input\":%s}", output);
      g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirRequest) request
          = weir_openai_responses_read_request (body, WEIR_SLICE (""), FALSE, &error);
      const WeirMessage *message;

      g_assert_no_error (error);
      g_assert_cmpuint (request->n_messages, ==, samples[s].n_items);
      message = request->messages;
      if (samples[s].dialect == WEIR_DIALECT_ANTHROPIC)
        {
          g_assert_cmpint (message->parts->origin, ==, WEIR_DIALECT_ANTHROPIC);
          g_assert_cmpmem (message->parts->thinking.signature.text,
                           message->parts->thinking.signature.length, "EqQB", 4);
          message = message->next;
          g_assert_cmpint (message->parts->type, ==, WEIR_PART_REDACTED_THINKING);
          g_assert_cmpmem (message->parts->thinking.signature.text,
                           message->parts->thinking.signature.length, "EmcK", 4);
          message = message->next->next->next->next;
          g_assert_cmpmem (message->parts->call.scope.text,
                           message->parts->call.scope.length, "ns", 2);
          continue;
        }
      message = message->next;
      g_assert_cmpint (message->parts->type, ==, WEIR_PART_CALL);
      g_assert_cmpint (message->parts->origin, ==, WEIR_DIALECT_GEMINI);
      g_assert_cmpmem (message->parts->call.signature.text,
                       message->parts->call.signature.length, "CiQB", 4);
      message = message->next;
      g_assert_cmpint (message->parts->type, ==, WEIR_PART_IMAGE);
      g_assert_cmpmem (message->parts->media.media_type.text,
                       message->parts->media.media_type.length, "image/webp", 10);
    }
}

static void
test_what_a_limit_cut_is_incomplete (void)
{
  g_autofree char *wire = translate (WEIR_DIALECT_OPENAI_CHAT, cut_short, WEIR_ANSWER_SSE,
                                     SIZE_MAX / 2, FALSE);
  g_autoptr (Stream) stream = read_stream (wire);
  g_autoptr (ChatRun) run
      = chat_run_text (WEIR_DIALECT_OPENAI_RESPONSES, WEIR_ANSWER_SSE, wire);
  JsonObject *response = get_last_response (stream);
  JsonObject *details = json_object_get_object_member (response, "incomplete_details");

  g_assert_true (g_str_has_suffix (stream->names->str, "\nincomplete\n"));
  g_assert_cmpstr (json_object_get_string_member (response, "status"), ==, "incomplete");
  g_assert_cmpstr (json_object_get_string_member (details, "reason"), ==,
                   "max_output_tokens");
  g_assert_nonnull (strstr (run->fold->str, "LENGTH"));
}

static void
test_a_failure_is_no_end (void)
{
  g_autofree char *wire = translate (WEIR_DIALECT_OPENAI_CHAT, cut_short, WEIR_ANSWER_SSE,
                                     SIZE_MAX / 2, TRUE);
  g_autoptr (Stream) stream = read_stream (wire);
  g_autoptr (ChatRun) run
      = chat_run_text (WEIR_DIALECT_OPENAI_RESPONSES, WEIR_ANSWER_SSE, wire);
  JsonObject *error = json_object_get_object_member (get_last_response (stream), "error");

  g_assert_true (g_str_has_suffix (stream->names->str, "\nfailed\n"));
  g_assert_null (strstr (stream->names->str, "completed"));
  g_assert_cmpstr (json_object_get_string_member (error, "message"), ==, "it \"broke\"");
  g_assert_cmpint (run->state, ==, WEIR_ANSWER_FAILED);
  g_assert_cmpstr (run->failure_type, ==, "upstream_cut");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/responses-encode/events-come-in-the-vendors-order",
                   test_events_come_in_the_vendors_order);
  g_test_add_func ("/responses-encode/thoughts-that-nobody-signed-are-marked",
                   test_thoughts_that_nobody_signed_are_marked);
  g_test_add_func ("/responses-encode/items-are-the-same-in-the-end",
                   test_items_are_the_same_in_the_end);
  g_test_add_func ("/responses-encode/our-decoder-reads-the-same-answer",
                   test_our_decoder_reads_the_same_answer);
  g_test_add_func ("/responses-encode/any-cut-gives-the-same-bytes",
                   test_any_cut_gives_the_same_bytes);
  g_test_add_func ("/responses-encode/the-response-repeats-the-request",
                   test_the_response_repeats_the_request);
  g_test_add_func ("/responses-encode/output-comes-back-as-input",
                   test_output_comes_back_as_input);
  g_test_add_func ("/responses-encode/what-a-limit-cut-is-incomplete",
                   test_what_a_limit_cut_is_incomplete);
  g_test_add_func ("/responses-encode/a-failure-is-no-end", test_a_failure_is_no_end);
  return g_test_run ();
}
