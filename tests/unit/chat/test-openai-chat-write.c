/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"

#include <json-glib/json-glib.h>

#define REQUEST                                                                            \
  "\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

static void
assert_same_json (const char *found, const char *wanted)
{
  g_autoptr (JsonNode) a = parse (found);
  g_autoptr (JsonNode) b = parse (wanted);

  if (!json_node_equal (a, b))
    g_assert_cmpstr (found, ==, wanted);
}

typedef WeirRequest *(*ReadFunc) (GBytes *body,
                                  WeirSlice model,
                                  gboolean stream,
                                  GError **error);

static WeirRequest *
read_by (ReadFunc read, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  WeirRequest *request = read (body, WEIR_SLICE ("m"), FALSE, &error);

  g_assert_no_error (error);
  return request;
}

static void
on_loss (const char *loss, const char *where, gpointer user_data)
{
  GString *losses = user_data;

  g_assert_nonnull (weir_loss_lookup_sentence (loss));
  g_string_append_printf (losses, "%s@%s ", loss, where);
}

/* (transfer full) */
static char *
write_text (const WeirRequest *request, GString *losses, GError **error)
{
  const WeirWriteOptions options
      = { WEIR_SLICE ("m"), TRUE, losses != NULL ? on_loss : NULL, losses };
  g_autoptr (GString) out = g_string_new (NULL);
  g_auto (WeirJson) json = { 0 };

  if (!weir_openai_chat_write_request (request, &options, out, error))
    return NULL;
  g_assert_true (weir_json_parse (&json, out->str, out->len, NULL, NULL));
  g_assert_true (weir_json_check_names (&json, 0, NULL));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_written (const WeirRequest *request, const char *wanted, const char *lost)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *text = write_text (request, losses, &error);

  g_assert_no_error (error);
  assert_same_json (text, wanted);
  g_assert_cmpstr (losses->str, ==, lost);
}

static const char *const bodies[] = {
  "{" REQUEST "\"messages\":[]}",
  "{" REQUEST
  "\"messages\":[{\"role\":\"developer\",\"content\":\"Be\"},{\"role\":\"user\","
  "\"content\":[{\"type\":\"novel\"}]},{\"role\":\"assistant\",\"content\":null,\"odd\":1,"
  "\"tool_calls\":[{\"id\":\"c\",\"type\":\"custom\",\"custom\":{\"name\":\"any name\","
  "\"input\":\"x\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"other\",\"content\":\"y\"}],"
  "\"max_completion_tokens\":5,\"max_tokens\":5,\"reasoning_effort\":\"max\",\"thinking\":{"
  "\"type\":\"enabled\",\"new\":1},\"made_up\":null,\"n\":3,\"stop\":\"x\",\"a\\u0062c\":2,"
  "\"audio\":{\"voice\":\"v\"},\"tool_choice\":{\"type\":\"allowed_tools\","
  "\"allowed_tools\":{\"tools\":[]}},\"tools\":[{\"type\":\"mcp\",\"x\":[]}],"
  "\"response_format\":{\"type\":\"grammar\",\"value\":\"g\"}}",
  "{" REQUEST "\"functions\":[{\"name\":\"f\"}],\"function_call\":\"auto\",\"messages\":[{"
  "\"role\":\"assistant\",\"content\":null,\"function_call\":{\"name\":\"f\",\"arguments\":"
  "\"{}\"}},{\"role\":\"function\",\"name\":\"f\",\"content\":\"7\"}]}",
};

static void
test_what_was_read_is_written (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (WeirRequest) request = read_by (weir_openai_chat_read_request, bodies[i]);

      assert_written (request, bodies[i], "");
    }
}

static void
test_the_name_of_the_model_beats_the_body (void)
{
  g_autoptr (WeirRequest) request
      = read_by (weir_openai_chat_read_request,
                 "{\"model\":\"m(low)\",\"messages\":[],\"reasoning_effort\":\"high\","
                 "\"enable_thinking\":false,\"stream_options\":{\"include_usage\":false,"
                 "\"include_obfuscation\":false}}");

  assert_written (
      request,
      "{\"model\":\"m\",\"messages\":[],\"reasoning_effort\":\"low\",\"stream\":"
      "true,\"stream_options\":{\"include_usage\":true,\"include_obfuscation\":"
      "false}}",
      "");
}

/* Only the message that holds it is told anew. */
static void
test_another_vendors_signature_stays_here (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *wrapped = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_GEMINI, WEIR_SLICE ("CiQB"), scratch));
  g_autofree char *text = g_strdup_printf (
      "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\",\"odd\":1},{\"role\":"
      "\"assistant\",\"content\":\"x\",\"reasoning_content\":\"hm\",\"tool_calls\":[{"
      "\"id\":"
      "\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},"
      "\"extra_content\":{\"google\":{\"thought_signature\":\"%s\"}}}]},{\"role\":\"tool\","
      "\"tool_call_id\":\"c\",\"content\":\"y\"}]}",
      wrapped);
  g_autoptr (WeirRequest) request = read_by (weir_openai_chat_read_request, text);

  assert_written (
      request,
      "{" REQUEST
      "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\",\"odd\":1},{\"role\":"
      "\"assistant\",\"content\":\"x\",\"reasoning_content\":\"hm\",\"tool_calls\":[{"
      "\"id\":"
      "\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},{"
      "\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"y\"}]}",
      "signature@messages[1].parts[2] ");
}

/* As Codex sends it: each call an item, results later, a message between them. */
static void
test_results_follow_their_calls (void)
{
  g_autoptr (WeirRequest) request = read_by (
      weir_openai_responses_read_request,
      "{\"model\":\"m\",\"instructions\":\"Be\",\"input\":[{\"role\":\"developer\","
      "\"content\":\"dev\"},{\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
      "\"text\":\"a\"},{\"type\":\"input_text\",\"text\":\"b\"}]},{\"type\":\"reasoning\","
      "\"summary\":[],\"encrypted_content\":\"gA\"},{\"role\":\"assistant\",\"content\":"
      "\"let me\"},{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"read\","
      "\"namespace\":\"fs\",\"arguments\":\"{\\\"p\\\":1}\"},{\"type\":"
      "\"custom_tool_call\",\"call_id\":\"c2\",\"name\":\"patch\",\"input\":\"a\\\"b\"},{"
      "\"type\":\"function_call\",\"call_id\":\"c3\",\"name\":\"lost\",\"arguments\":\"\"},"
      "{"
      "\"type\":\"custom_tool_call_output\",\"call_id\":\"c2\",\"output\":\"two\"},{"
      "\"role\":\"user\",\"content\":\"between\"},{\"type\":\"function_call_output\","
      "\"call_id\":\"c1\",\"output\":[{\"type\":\"input_text\",\"text\":\"one\"},{\"type\":"
      "\"input_image\",\"image_url\":\"data:image/png;base64,AAAA\"}]}],\"tools\":[{"
      "\"type\":\"namespace\",\"name\":\"fs\",\"description\":\"d\",\"tools\":[{\"type\":"
      "\"function\",\"name\":\"read\",\"strict\":true}]},{\"type\":\"custom\",\"name\":"
      "\"patch\",\"format\":{\"type\":\"grammar\"}},{\"type\":\"web_search\"}],"
      "\"tool_choice\":{\"type\":\"custom\",\"name\":\"patch\"},\"parallel_tool_calls\":"
      "true,\"reasoning\":{\"effort\":\"xhigh\"},\"max_output_tokens\":9,\"store\":false,"
      "\"prompt_cache_key\":\"k\",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":"
      "\"n\",\"schema\":{\"type\":\"object\"},\"strict\":true}}}");

  assert_written (
      request,
      "{" REQUEST
      "\"messages\":[{\"role\":\"system\",\"content\":\"Be\"},{\"role\":\"system\","
      "\"content\":\"dev\"},{\"role\":\"user\",\"content\":\"a\\n\\nb\"},{\"role\":"
      "\"assistant\",\"content\":\"let me\",\"tool_calls\":[{\"id\":\"c1\",\"type\":"
      "\"function\",\"function\":{\"name\":\"fs__read\",\"arguments\":\"{\\\"p\\\":1}\"}},{"
      "\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"patch\",\"arguments\":"
      "\"{\\\"input\\\":\\\"a\\\\\\\"b\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
      "\"c1\",\"content\":\"one\"},{\"role\":\"tool\",\"tool_call_id\":\"c2\",\"content\":"
      "\"two\"},{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{"
      "\"url\":\"data:image/png;base64,AAAA\"}}]},{\"role\":\"user\",\"content\":"
      "\"between\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"fs__read\","
      "\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":true}},{\"type\":"
      "\"function\",\"function\":{\"name\":\"patch\",\"parameters\":{\"type\":\"object\","
      "\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}}}],"
      "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"patch\"}},"
      "\"reasoning_effort\":\"xhigh\",\"max_tokens\":9,\"response_format\":{\"type\":"
      "\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"},"
      "\"strict\":true}}}",
      "thinking@messages[3].parts[0] call-without-result@messages[7].parts[0] "
      "result-media@messages[10].parts[0] prompt-cache-key@prompt_cache_key "
      "tool-scope-text@tools[0] tool-format@tools[1] provider-tool@tools[2] ");
}

/* Calls without ids, several choices, a budget, what others call their user. */
static void
test_gemini_is_said_in_common_words (void)
{
  g_autoptr (WeirRequest) request = read_by (
      weir_gemini_read_request,
      "{\"systemInstruction\":{\"parts\":[{\"text\":\"Be\"}]},\"contents\":[{\"role\":"
      "\"user\",\"parts\":[{\"text\":\"Hi\"},{\"inlineData\":{\"mimeType\":"
      "\"application/pdf\",\"data\":\"JVBE\"}},{\"inlineData\":{\"mimeType\":\"audio/wav\","
      "\"data\":\"UklG\"}}]},{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":"
      "\"f\",\"args\":{\"a\":1}},\"thoughtSignature\":\"CiQB\"},{\"functionCall\":{"
      "\"name\":"
      "\"f\"}}]},{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\","
      "\"response\":{\"r\":1}}},{\"functionResponse\":{\"name\":\"f\",\"response\":{\"r\":"
      "2}}}]},{\"role\":\"model\",\"parts\":[{\"text\":\"So\"}]}],\"tools\":[{"
      "\"functionDeclarations\":[{\"name\":\"f\"},{\"name\":\"g\"}]}],\"toolConfig\":{"
      "\"functionCallingConfig\":{\"mode\":\"AUTO\",\"allowedFunctionNames\":[\"g\"]}},"
      "\"generationConfig\":{\"candidateCount\":2,\"topK\":64,\"temperature\":0.5,\"seed\":"
      "4,\"stopSequences\":[\"1\",\"2\",\"3\",\"4\",\"5\"],\"thinkingConfig\":{"
      "\"thinkingBudget\":999999},\"responseMimeType\":\"application/json\"}}");

  assert_written (
      request,
      "{" REQUEST
      "\"messages\":[{\"role\":\"system\",\"content\":\"Be\"},{\"role\":\"user\","
      "\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"file\",\"file\":{"
      "\"filename\":\"document.pdf\",\"file_data\":\"data:application/pdf;base64,JVBE\"}},{"
      "\"type\":\"input_audio\",\"input_audio\":{\"data\":\"UklG\",\"format\":\"wav\"}}]},{"
      "\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_2_0\","
      "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":"
      "\"{\\\"a\\\":1}\"}},{\"id\":\"call_2_1\",\"type\":\"function\",\"function\":{"
      "\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
      "\"call_2_0\",\"content\":\"{\\\"r\\\":1}\"},{\"role\":\"tool\",\"tool_call_id\":"
      "\"call_2_1\",\"content\":\"{\\\"r\\\":2}\"},{\"role\":\"assistant\",\"content\":"
      "\"So\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\","
      "\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],\"tool_choice\":\"auto\","
      "\"response_format\":{\"type\":\"json_object\"},\"reasoning_effort\":\"high\","
      "\"temperature\":0.5,\"seed\":4,\"stop\":[\"1\",\"2\",\"3\",\"4\"],\"n\":2}",
      "signature@messages[2].parts[0] prefill@messages top-k@top_k "
      "thinking-level@thinking stop-sequences@stop ");
}

/* A long id is the same for a call and its result, and another one is another. */
static void
test_long_ids_of_calls_are_made_short (void)
{
  g_autoptr (WeirRequest) request = read_by (
      weir_openai_responses_read_request,
      "{\"model\":\"m\",\"input\":[{\"type\":\"function_call\",\"call_id\":"
      "\"0123456789012345678901234567890123456789a\",\"name\":\"f\",\"arguments\":\"{}\"},{"
      "\"type\":\"function_call_output\",\"call_id\":"
      "\"0123456789012345678901234567890123456789a\",\"output\":\"x\"}]}");
  g_autofree char *text = write_text (request, NULL, NULL);
  const char *id = strstr (text, "\"id\":\"call_");
  g_autofree char *short_id = g_strndup (id + strlen ("\"id\":\""), 21);
  g_autofree char *result = g_strdup_printf ("\"tool_call_id\":\"%s\"", short_id);

  g_assert_nonnull (strstr (text, result));
}

static void
test_what_cannot_be_said_is_refused (void)
{
  static const struct
  {
    ReadFunc read;
    const char *body;
    const char *message;
  } samples[] = {
    { weir_openai_responses_read_request,
      "{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"x\"}]"
      "}",
      "messages[0].parts[0]" },
    { weir_openai_responses_read_request,
      "{\"input\":\"Hi\",\"previous_response_id\":\"resp_1\"}", "previous_response_id" },
    { weir_openai_responses_read_request,
      "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_file\",\"file_id\":"
      "\"file-1\"}]}]}",
      "messages[0].parts[0]" },
    { weir_openai_responses_read_request,
      "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"file_id\":"
      "\"file-1\"}]}]}",
      "messages[0].parts[0]" },
    { weir_gemini_read_request,
      "{\"contents\":[{\"parts\":[{\"fileData\":{\"mimeType\":\"image/png\",\"fileUri\":"
      "\"gs://a/b\"}}]}]}",
      "messages[0].parts[0]" },
    { weir_gemini_read_request,
      "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"video/mp4\",\"data\":"
      "\"AAAA\"}}]}]}",
      "video" },
    { weir_gemini_read_request,
      "{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"audio/ogg\",\"data\":"
      "\"AAAA\"}}]}]}",
      "audio" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (WeirRequest) request = read_by (samples[i].read, samples[i].body);
      g_autoptr (GError) error = NULL;

      g_assert_null (write_text (request, NULL, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
      if (strstr (error->message, samples[i].message) == NULL)
        g_assert_cmpstr (error->message, ==, samples[i].message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-chat-write/what-was-read-is-written",
                   test_what_was_read_is_written);
  g_test_add_func ("/openai-chat-write/the-name-of-the-model-beats-the-body",
                   test_the_name_of_the_model_beats_the_body);
  g_test_add_func ("/openai-chat-write/another-vendors-signature-stays-here",
                   test_another_vendors_signature_stays_here);
  g_test_add_func ("/openai-chat-write/results-follow-their-calls",
                   test_results_follow_their_calls);
  g_test_add_func ("/openai-chat-write/gemini-is-said-in-common-words",
                   test_gemini_is_said_in_common_words);
  g_test_add_func ("/openai-chat-write/long-ids-of-calls-are-made-short",
                   test_long_ids_of_calls_are_made_short);
  g_test_add_func ("/openai-chat-write/what-cannot-be-said-is-refused",
                   test_what_cannot_be_said_is_refused);
  return g_test_run ();
}
