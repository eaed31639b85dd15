/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"

static WeirRequest *
read_text (const char *text, size_t length, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new (text, length);

  return weir_openai_chat_read_request (body, WEIR_SLICE (""), FALSE, error);
}

static WeirRequest *
must_read (const char *text)
{
  g_autoptr (GError) error = NULL;
  WeirRequest *request = read_text (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (request);
  return request;
}

static void
assert_slice (WeirSlice found, const char *wanted)
{
  g_autofree char *text = weir_slice_dup (found);

  g_assert_cmpstr (text, ==, wanted);
}

static const WeirMessage *
get_message (const WeirRequest *request, unsigned index)
{
  const WeirMessage *message = request->messages;

  while (index-- > 0)
    message = message->next;
  return message;
}

static const WeirPart *
get_part (const WeirRequest *request, unsigned message, unsigned index)
{
  const WeirPart *part = get_message (request, message)->parts;

  while (index-- > 0)
    part = part->next;
  return part;
}

/* As command-line clients send it, with everything a message may hold. */
static const char body[]
    = "{\"model\":\"gpt-5(high)\",\"stream\":true,\"stream_options\":{\"include_usage\":"
      "true,\"new\":1},\"max_tokens\":7,\"max_completion_tokens\":8,\"n\":2,\"stop\":["
      "\"a\","
      "\"b\"],\"temperature\":0.10,\"top_k\":5,\"logit_bias\":{},\"store\":false,"
      "\"reasoning_effort\":\"low\",\"parallel_tool_calls\":false,\"made_up\":[1],"
      "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\","
      "\"strict\":true,\"schema\":{\"type\":\"object\"}}},\"tool_choice\":{\"type\":"
      "\"allowed_tools\",\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":"
      "\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"custom\",\"custom\":{"
      "\"name\":\"g\"}}]}},\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
      "\"description\":\"d\",\"parameters\":{\"type\":\"object\"},\"strict\":false}},{"
      "\"type\":\"custom\",\"custom\":{\"name\":\"g\",\"format\":{\"type\":\"text\"}}},{"
      "\"type\":\"web_search\"},{\"google_search\":{}},{\"type\":\"function\",\"name\":"
      "\"flat\"}],\"messages\":[{\"role\":\"system\",\"content\":\"Be\\ngood\"},{\"role\":"
      "\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"dev\",\"cache_control\":{"
      "\"type\":\"ephemeral\",\"ttl\":\"1h\"}}]},{\"role\":\"user\",\"name\":\"me\","
      "\"content\":[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"image_url\","
      "\"image_url\":{\"url\":\"data:image\\/png;base64,AA\\u002B\\/"
      "\",\"detail\":\"low\"}},"
      "{\"type\":\"image_url\",\"image_url\":\"https://a/b\"},{\"type\":\"input_audio\","
      "\"input_audio\":{\"data\":\"QQ==\",\"format\":\"mp3\"}},{\"type\":\"file\",\"file\":"
      "{"
      "\"filename\":\"x.pdf\",\"file_data\":\"JVBE\"}},{\"type\":\"file\",\"file\":{"
      "\"file_id\":\"file-1\"}},{\"type\":\"novel\",\"x\":1}]},{\"role\":\"assistant\","
      "\"content\":null,\"reasoning_content\":\"hm\",\"refusal\":\"no\",\"tool_calls\":[{"
      "\"id\":\"c1\",\"type\":\"function\",\"index\":0,\"function\":{\"name\":\"f\","
      "\"arguments\":\"{\\\"p\\\":1}\"}},{\"id\":\"c2\",\"type\":\"custom\",\"custom\":{"
      "\"name\":\"g\",\"input\":\"free\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\","
      "\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]},{\"role\":\"tool\","
      "\"tool_call_id\":\"c2\",\"content\":\"done\"}]}";

static void
test_messages_are_read (void)
{
  g_autoptr (WeirRequest) request = must_read (body);
  const WeirPart *part;

  g_assert_cmpuint (request->n_messages, ==, 6);
  g_assert_cmpint (get_message (request, 0)->role, ==, WEIR_ROLE_SYSTEM);
  g_assert_true (get_message (request, 0)->plain);
  assert_slice (get_part (request, 0, 0)->text, "Be\\ngood");
  g_assert_cmpint (get_message (request, 1)->role, ==, WEIR_ROLE_DEVELOPER);
  g_assert_cmpint (get_part (request, 1, 0)->cache.said, ==, WEIR_YES);
  assert_slice (get_part (request, 1, 0)->cache.ttl, "1h");
  assert_slice (get_message (request, 2)->name, "me");
  part = get_part (request, 2, 1);
  g_assert_cmpint (part->type, ==, WEIR_PART_IMAGE);
  g_assert_cmpint (part->media.source, ==, WEIR_MEDIA_DATA);
  assert_slice (part->media.media_type, "image/png");
  assert_slice (part->media.data, "AA+/");
  assert_slice (part->media.detail, "low");
  g_assert_cmpint (get_part (request, 2, 2)->media.source, ==, WEIR_MEDIA_URL);
  assert_slice (get_part (request, 2, 3)->media.media_type, "audio/mpeg");
  part = get_part (request, 2, 4);
  g_assert_cmpint (part->type, ==, WEIR_PART_FILE);
  assert_slice (part->media.media_type, "application/pdf");
  assert_slice (part->media.data, "JVBE");
  g_assert_cmpint (get_part (request, 2, 5)->media.source, ==, WEIR_MEDIA_ID);
  g_assert_cmpint (get_part (request, 2, 6)->type, ==, WEIR_PART_OTHER);
  g_assert_cmpint (get_part (request, 3, 0)->type, ==, WEIR_PART_THINKING);
  assert_slice (get_part (request, 3, 0)->text, "hm");
  g_assert_cmpint (get_part (request, 3, 1)->type, ==, WEIR_PART_REFUSAL);
  part = get_part (request, 3, 2);
  assert_slice (part->call.id, "c1");
  assert_slice (part->call.arguments.bytes, "{\\\"p\\\":1}");
  g_assert_true (get_part (request, 4, 0)->result.of == &part->call);
  assert_slice (get_part (request, 4, 0)->result.parts->text, "ok");
  g_assert_true (get_part (request, 3, 3)->call.custom);
  assert_slice (get_part (request, 5, 0)->result.value.bytes, "done");
  g_assert_true (get_part (request, 5, 0)->result.of == &get_part (request, 3, 3)->call);
}

static void
test_settings_are_read (void)
{
  g_autoptr (WeirRequest) request = must_read (body);
  const WeirTool *tool = request->tools;

  assert_slice (request->model, "gpt-5");
  g_assert_true (request->stream);
  g_assert_cmpint (request->form, ==, WEIR_ANSWER_SSE);
  g_assert_cmpint (request->include_usage, ==, WEIR_YES);
  g_assert_cmpuint (request->n_choices, ==, 2);
  g_assert_cmpuint (request->n_stop, ==, 2);
  assert_slice (request->stop->next->name, "b");
  assert_slice (request->options[WEIR_OPTION_MAX_OUTPUT_TOKENS], "8");
  assert_slice (request->options[WEIR_OPTION_TEMPERATURE], "0.10");
  assert_slice (request->options[WEIR_OPTION_TOP_K], "5");
  assert_slice (request->options[WEIR_OPTION_STORE], "false");
  g_assert_true (request->thinking.from_name);
  assert_slice (request->thinking.level, "high");
  g_assert_cmpint (request->response_format.type, ==, WEIR_FORMAT_SCHEMA);
  assert_slice (request->response_format.schema, "{\"type\":\"object\"}");
  g_assert_cmpint (request->response_format.strict, ==, WEIR_YES);
  g_assert_cmpint (request->tool_choice.mode, ==, WEIR_CHOICE_ALLOWED);
  g_assert_true (request->tool_choice.required);
  assert_slice (request->tool_choice.names->next->name, "g");
  g_assert_cmpint (request->tool_choice.parallel, ==, WEIR_NO);
  g_assert_cmpuint (request->n_tools, ==, 5);
  assert_slice (tool->name, "f");
  g_assert_cmpint (tool->strict, ==, WEIR_NO);
  tool = tool->next;
  g_assert_cmpint (tool->type, ==, WEIR_TOOL_CUSTOM);
  assert_slice (tool->format, "{\"type\":\"text\"}");
  tool = tool->next;
  g_assert_cmpint (tool->type, ==, WEIR_TOOL_WEB_SEARCH);
  tool = tool->next;
  g_assert_cmpint (tool->type, ==, WEIR_TOOL_WEB_SEARCH);
  assert_slice (tool->type_name, "google_search");
  assert_slice (tool->next->name, "flat");
  assert_slice (request->unknown->name, "made_up");
  assert_slice (request->unknown->next->name, "stream_options.new");
}

static void
test_the_legacy_spelling_of_calls_is_read (void)
{
  g_autoptr (WeirRequest) request = must_read (
      "{\"model\":\"m\",\"functions\":[{\"name\":\"f\"}],\"function_call\":{\"name\":\"f\"}"
      ","
      "\"messages\":[{\"role\":\"assistant\",\"content\":\"\",\"function_call\":{\"name\":"
      "\"f\",\"arguments\":\"{}\"}},{\"role\":\"function\",\"name\":\"f\",\"content\":"
      "\"7\"}]}");

  assert_slice (request->tools->name, "f");
  assert_slice (request->tools->type_name, "functions");
  g_assert_cmpint (request->tool_choice.mode, ==, WEIR_CHOICE_TOOL);
  assert_slice (request->tool_choice.name, "f");
  g_assert_true (get_part (request, 1, 0)->result.of == &get_part (request, 0, 0)->call);
}

static void
test_vendors_ask_for_thinking_in_their_ways (void)
{
  static const struct
  {
    const char *members;
    WeirThinkingMode mode;
    const char *level;
    uint64_t budget;
    WeirSaid shown;
  } samples[] = {
    { "\"reasoning_effort\":\"HIGH\"", WEIR_THINKING_LEVEL, "high", 0, WEIR_YES },
    { "\"reasoning_effort\":\"none\"", WEIR_THINKING_OFF, "", 0, WEIR_NO },
    { "\"enable_thinking\":true", WEIR_THINKING_AUTO, "", 0, WEIR_UNSAID },
    { "\"enable_thinking\":true,\"thinking_budget\":9", WEIR_THINKING_BUDGET, "", 9,
      WEIR_UNSAID },
    { "\"enable_thinking\":false,\"thinking_budget\":9", WEIR_THINKING_OFF, "", 0,
      WEIR_UNSAID },
    { "\"thinking\":{\"type\":\"disabled\"}", WEIR_THINKING_OFF, "", 0, WEIR_UNSAID },
    { "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":5}", WEIR_THINKING_BUDGET, "",
      5, WEIR_UNSAID },
    { "\"thinking\":true", WEIR_THINKING_UNSAID, "", 0, WEIR_UNSAID },
    { "\"reasoning\":{\"effort\":\"low\",\"exclude\":true}", WEIR_THINKING_LEVEL, "low", 0,
      WEIR_NO },
    { "\"reasoning\":{\"max_tokens\":5}", WEIR_THINKING_BUDGET, "", 5, WEIR_UNSAID },
    { "\"reasoning\":{\"enabled\":true},\"include_reasoning\":false", WEIR_THINKING_AUTO,
      "", 0, WEIR_NO },
    { "\"reasoning\":{\"effort\":\"low\"},\"reasoning_effort\":\"max\"",
      WEIR_THINKING_LEVEL, "max", 0, WEIR_YES },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"messages\":[],%s}", samples[i].members);
      g_autoptr (WeirRequest) request = must_read (text);

      g_assert_cmpint (request->thinking.mode, ==, samples[i].mode);
      g_assert_cmpuint (request->thinking.budget, ==, samples[i].budget);
      g_assert_cmpint (request->thinking.shown, ==, samples[i].shown);
      assert_slice (request->thinking.level, samples[i].level);
    }
}

/* Thoughts with several signatures keep each its own text; one text without them is the
 * first one's. */
static void
test_signatures_come_back_to_their_thoughts (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *wrapped = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("EqQB"), scratch));
  g_autofree char *text = g_strdup_printf (
      "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_content\":"
      "\"onetwo\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"one\","
      "\"signature\":\"%s\"},{\"type\":\"reasoning.encrypted\",\"data\":\"%s\"},{\"type\":"
      "\"reasoning.text\",\"text\":\"two\"}],\"tool_calls\":[{\"id\":\"c\",\"type\":"
      "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"},\"extra_content\":{"
      "\"google\":{\"thought_signature\":\"own\"}}}]},{\"role\":\"assistant\","
      "\"content\":\"x\",\"reasoning\":\"said\",\"reasoning_details\":[{\"type\":"
      "\"reasoning.text\",\"signature\":\"%s\"}]}]}",
      wrapped, wrapped, wrapped);
  g_autoptr (WeirRequest) request = must_read (text);
  const WeirPart *part = get_part (request, 0, 0);

  assert_slice (part->text, "one");
  assert_slice (part->thinking.signature, "EqQB");
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_ANTHROPIC);
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_REDACTED_THINKING);
  assert_slice (part->thinking.signature, "EqQB");
  part = part->next;
  assert_slice (part->text, "two");
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_OPENAI_CHAT);
  part = get_part (request, 0, 4);
  assert_slice (part->call.signature, "own");
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_OPENAI_CHAT);
  g_assert_cmpint (part->call.arguments.spelling, ==, WEIR_SPELLING_ABSENT);
  assert_slice (get_part (request, 1, 0)->text, "said");
  assert_slice (get_part (request, 1, 0)->thinking.signature, "EqQB");
}

static void
test_what_is_wrong_is_named (void)
{
  static const struct
  {
    const char *body;
    int code;
    const char *message;
  } samples[] = {
    { "{}", WEIR_ERROR_BAD_REQUEST, "field 'messages' is missing" },
    { "{\"messages\":{}}", WEIR_ERROR_BAD_REQUEST, "field 'messages' must be an array" },
    { "{\"messages\":[{\"role\":\"god\"}]}", WEIR_ERROR_BAD_REQUEST, "messages[0]: " },
    { "{\"messages\":[{\"role\":\"user\",\"content\":7}]}", WEIR_ERROR_BAD_REQUEST,
      "messages[0]: field 'content'" },
    { "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}",
      WEIR_ERROR_BAD_REQUEST, "messages[0]: content[0]: " },
    { "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}", WEIR_ERROR_BAD_REQUEST,
      "tool_call_id" },
    { "{\"messages\":[{\"role\":\"user\",\"role\":\"system\",\"content\":\"x\"}]}",
      WEIR_ERROR_JSON_DUPLICATE, "messages[0]: " },
    { "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\"}]}]}",
      WEIR_ERROR_BAD_REQUEST, "messages[0]: tool_calls[0]: field 'function'" },
    { "{\"messages\":[],\"temperature\":\"warm\"}", WEIR_ERROR_BAD_REQUEST, "temperature" },
    { "{\"messages\":[],\"max_tokens\":\"8\"}", WEIR_ERROR_BAD_REQUEST, "max_tokens" },
    { "{\"messages\":[],\"stop\":[1]}", WEIR_ERROR_BAD_REQUEST, "stop" },
    { "{\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":{}}]}",
      WEIR_ERROR_BAD_REQUEST, "tools[0]: field 'name'" },
    { "{\"messages\":[],\"tool_choice\":\"maybe\"}", WEIR_ERROR_BAD_REQUEST,
      "tool_choice" },
    { "{\"messages\":[],\"response_format\":{\"type\":\"json_schema\"}}",
      WEIR_ERROR_BAD_REQUEST, "response_format: " },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (samples[i].body, strlen (samples[i].body), &error));
      g_assert_error (error, WEIR_ERROR, samples[i].code);
      if (strstr (error->message, samples[i].message) == NULL)
        g_assert_cmpstr (error->message, ==, samples[i].message);
    }
}

static void
test_every_prefix_is_refused (void)
{
  for (size_t length = 0; length < strlen (body); length++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (body, length, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_JSON);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openai-chat-read/messages-are-read", test_messages_are_read);
  g_test_add_func ("/openai-chat-read/settings-are-read", test_settings_are_read);
  g_test_add_func ("/openai-chat-read/the-legacy-spelling-of-calls-is-read",
                   test_the_legacy_spelling_of_calls_is_read);
  g_test_add_func ("/openai-chat-read/vendors-ask-for-thinking-in-their-ways",
                   test_vendors_ask_for_thinking_in_their_ways);
  g_test_add_func ("/openai-chat-read/signatures-come-back-to-their-thoughts",
                   test_signatures_come_back_to_their_thoughts);
  g_test_add_func ("/openai-chat-read/what-is-wrong-is-named", test_what_is_wrong_is_named);
  g_test_add_func ("/openai-chat-read/every-prefix-is-refused",
                   test_every_prefix_is_refused);
  return g_test_run ();
}
