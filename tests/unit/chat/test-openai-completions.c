/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat/weir-openai-completions.h"

#include "base/weir-error.h"
#include "chat/weir-bridge.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"

#include <json-glib/json-glib.h>

static WeirRequest *
read_text (const char *text, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  return weir_openai_completions_read_request (body, WEIR_SLICE (""), FALSE, error);
}

static void
assert_same_json (const char *found, const char *wanted)
{
  g_autoptr (JsonNode) a = json_from_string (found, NULL);
  g_autoptr (JsonNode) b = json_from_string (wanted, NULL);

  if (a == NULL || !json_node_equal (a, b))
    g_assert_cmpstr (found, ==, wanted);
}

static void
test_a_prompt_becomes_a_message (void)
{
  static const char *const bodies[] = {
    "{\"model\":\"a\",\"prompt\":\"Say\\n\",\"max_tokens\":5,\"echo\":false,\"suffix\":"
    "null,"
    "\"best_of\":1,\"made_up\":1,\"stop\":\"x\"}",
    "{\"model\":\"a\",\"prompt\":[\"Say\\n\"],\"suffix\":\"\",\"max_tokens\":5,\"made_up\":"
    "1,"
    "\"logprobs\":null,\"stop\":\"x\"}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      const WeirWriteOptions options = { .model = WEIR_SLICE ("m") };
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirRequest) request = read_text (bodies[i], &error);

      g_assert_no_error (error);
      g_assert_cmpuint (request->unknown->name.length, ==, strlen ("made_up"));
      g_assert_null (request->unknown->next);
      g_assert_true (weir_openai_chat_write_request (request, &options, out, NULL));
      assert_same_json (out->str, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                                  "\"content\":\"Say\\n\"}],\"max_tokens\":5,\"made_up\":1,"
                                  "\"stop\":\"x\"}");
    }
}

static void
test_what_chat_cannot_do_is_refused (void)
{
  static const struct
  {
    const char *body;
    int code;
  } samples[] = {
    { "{\"model\":\"a\"}", WEIR_ERROR_BAD_REQUEST },
    { "{\"prompt\":[]}", WEIR_ERROR_BAD_REQUEST },
    { "{\"prompt\":{}}", WEIR_ERROR_BAD_REQUEST },
    { "{\"prompt\":\"a\",\"messages\":[]}", WEIR_ERROR_BAD_REQUEST },
    { "{\"prompt\":[\"a\",\"b\"]}", WEIR_ERROR_UNSUPPORTED },
    { "{\"prompt\":[1,2]}", WEIR_ERROR_UNSUPPORTED },
    { "{\"prompt\":\"a\",\"suffix\":\"b\"}", WEIR_ERROR_UNSUPPORTED },
    { "{\"prompt\":\"a\",\"echo\":true}", WEIR_ERROR_UNSUPPORTED },
    { "{\"prompt\":\"a\",\"best_of\":2}", WEIR_ERROR_UNSUPPORTED },
    { "{\"prompt\":\"a\",\"logprobs\":0}", WEIR_ERROR_UNSUPPORTED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (samples[i].body, &error));
      g_assert_error (error, WEIR_ERROR, samples[i].code);
    }
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", loss);
}

static char *
answer (const char *body, WeirAnswerForm form, GString *losses)
{
  static const char wire[]
      = "data: {\"responseId\":\"r1\",\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
        "\"hm\",\"thought\":true},{\"text\":\"a\"},{\"functionCall\":{\"name\":\"f\"}}]}}]}"
        "\n\ndata: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\\n\"}]},"
        "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":4,"
        "\"candidatesTokenCount\":5}}\n\n";
  g_autoptr (WeirRequest) request = read_text (body, NULL);
  const WeirEncodeOptions options = {
    .form = form,
    .model = WEIR_SLICE ("mine"),
    .id = "req1",
    .created_s = 7,
    .request = request,
    .upstream = WEIR_DIALECT_GEMINI,
    .on_loss = on_loss,
    .user_data = losses,
  };
  g_autoptr (WeirEncoder) encoder
      = weir_encoder_new_of_class (&weir_openai_completions_encoder, &options);
  g_autoptr (WeirBridge) bridge = weir_bridge_new (encoder);
  g_autoptr (WeirDecoder) decoder
      = weir_decoder_new (WEIR_DIALECT_GEMINI, WEIR_ANSWER_SSE, weir_bridge_sink, bridge);
  g_autoptr (GString) out = g_string_new (NULL);
  size_t consumed;
  size_t boundary;

  weir_bridge_set_output (bridge, out);
  g_assert_true (
      weir_decoder_feed (decoder, wire, strlen (wire), &consumed, &boundary, NULL));
  g_assert_cmpint (weir_decoder_finish (decoder, TRUE), ==, WEIR_ANSWER_COMPLETE);
  g_assert_true (weir_bridge_end (bridge, NULL));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_texts_are_told (void)
{
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *whole = answer ("{\"prompt\":\"a\"}", WEIR_ANSWER_WHOLE, losses);

  assert_same_json (
      whole, "{\"id\":\"cmpl-req1\",\"object\":\"text_completion\",\"created\":7,\"model\":"
             "\"mine\",\"choices\":[{\"text\":\"ab\\n\",\"index\":0,\"logprobs\":null,"
             "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":4,"
             "\"completion_tokens\":5,\"total_tokens\":9}}");
  g_assert_cmpstr (losses->str, ==, "answer-thinking answer-part ");
}

#define CHUNK(text, finish, usage)                                                         \
  "data: {\"id\":\"cmpl-req1\",\"object\":\"text_completion\",\"created\":7,\"model\":"    \
  "\"mine\",\"choices\":[{\"text\":\"" text                                                \
  "\",\"index\":0,\"logprobs\":null,\"finish_reason\":" finish "}]" usage "}\n\n"
#define NO_USAGE ",\"usage\":null"

static void
test_a_stream_tells_them_in_pieces (void)
{
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *plain
      = answer ("{\"prompt\":\"a\",\"stream\":true}", WEIR_ANSWER_SSE, losses);
  g_autofree char *counted
      = answer ("{\"prompt\":\"a\",\"stream_options\":{\"include_usage\":true}}",
                WEIR_ANSWER_SSE, losses);

  g_assert_cmpstr (plain, ==,
                   CHUNK ("a", "null", "") CHUNK ("b\\n", "null", "")
                       CHUNK ("", "\"stop\"", "") "data: [DONE]\n\n");
  g_assert_cmpstr (
      counted, ==,
      CHUNK ("a", "null", NO_USAGE) CHUNK ("b\\n", "null", NO_USAGE)
          CHUNK ("", "\"stop\"", NO_USAGE) "data: {\"id\":\"cmpl-req1\",\"object\":"
                                           "\"text_completion\",\"created\":7,\"model\":"
                                           "\"mine\",\"choices\":[],\"usage\":{"
                                           "\"prompt_tokens\":4,\"completion_tokens\":5,"
                                           "\"total_tokens\":9}}\n\ndata: [DONE]\n\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-completions/a-prompt-becomes-a-message",
                   test_a_prompt_becomes_a_message);
  g_test_add_func ("/openai-completions/what-chat-cannot-do-is-refused",
                   test_what_chat_cannot_do_is_refused);
  g_test_add_func ("/openai-completions/texts-are-told", test_texts_are_told);
  g_test_add_func ("/openai-completions/a-stream-tells-them-in-pieces",
                   test_a_stream_tells_them_in_pieces);
  return g_test_run ();
}
