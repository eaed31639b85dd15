/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"

static WeirRequest *
read_text (const char *text, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));

  return weir_openai_responses_read_request (body, WEIR_SLICE (""), FALSE, error);
}

static WeirRequest *
must_read (const char *text)
{
  g_autoptr (GError) error = NULL;
  WeirRequest *request = read_text (text, &error);

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

/* As Codex sends it, shortened. */
static const char codex[]
    = "{\"model\":\"gpt-5(high)\",\"stream\":true,\"store\":false,\"include\":["
      "\"reasoning.encrypted_content\"],\"prompt_cache_key\":\"k\",\"client_metadata\":{"
      "\"a\":\"b\"},\"parallel_tool_calls\":false,\"tool_choice\":\"auto\",\"reasoning\":{"
      "\"effort\":\"low\",\"summary\":\"auto\"},\"background\":false,"
      "\"input\":[{\"type\":\"message\",\"role\":\"developer\",\"id\":\"msg_1\","
      "\"content\":"
      "[{\"type\":\"input_text\",\"text\":\"Be \\\"good\\\"\"}]},{\"role\":\"user\","
      "\"content\":\"Hi\"},{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"type\":"
      "\"summary_text\",\"text\":\"one\"},{\"type\":\"summary_text\",\"text\":\"two\"}],"
      "\"encrypted_content\":\"gAAAA\"},{\"type\":\"function_call\",\"id\":\"fc_1\","
      "\"call_id\":\"call_1\",\"name\":\"read\",\"namespace\":\"files\",\"arguments\":"
      "\"{\\\"p\\\":1}\",\"status\":\"completed\"},{\"type\":\"function_call_output\","
      "\"call_id\":\"call_1\",\"output\":[{\"type\":\"input_text\",\"text\":\"ok\"},{"
      "\"type\":\"input_image\",\"image_url\":\"data:image\\/png;base64,AA\\u002B\\/\","
      "\"detail\":\"low\"}]},{\"type\":\"custom_tool_call\",\"call_id\":\"call_2\","
      "\"name\":"
      "\"apply_patch\",\"input\":\"*** Begin\"},{\"type\":\"custom_tool_call_output\","
      "\"call_id\":\"call_2\",\"output\":\"done\"},{\"type\":\"message\",\"role\":"
      "\"assistant\",\"phase\":\"commentary\",\"content\":[{\"type\":\"output_text\","
      "\"text\":\"Done\",\"annotations\":[]},{\"type\":\"refusal\",\"refusal\":\"no\"}]},{"
      "\"type\":\"web_search_call\",\"id\":\"ws_1\",\"status\":\"completed\"},{\"type\":"
      "\"item_reference\",\"id\":\"x\"}],"
      "\"tools\":[{\"type\":\"function\",\"name\":\"shell\",\"description\":\"d\","
      "\"strict\":true,\"parameters\":{\"type\":\"object\"}},{\"type\":\"namespace\","
      "\"name\":\"files\",\"description\":\"All files\",\"tools\":[{\"type\":\"function\","
      "\"name\":\"read\"},{\"type\":\"function\",\"name\":\"write\"}]},{\"type\":"
      "\"custom\","
      "\"name\":\"apply_patch\",\"format\":{\"type\":\"grammar\",\"syntax\":\"lark\","
      "\"definition\":\"x\"}},{\"type\":\"web_search\",\"external_web_access\":true},{"
      "\"type\":\"image_generation\"},{\"type\":\"tool_search\"}],"
      "\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_schema\",\"name\":\"n\","
      "\"strict\":true,\"schema\":{\"type\":\"object\"}}},\"max_output_tokens\":1e3}";

static void
test_items_become_messages (void)
{
  static const struct
  {
    WeirRole role;
    WeirPartType type;
  } wanted[] = {
    { WEIR_ROLE_DEVELOPER, WEIR_PART_TEXT },     { WEIR_ROLE_USER, WEIR_PART_TEXT },
    { WEIR_ROLE_ASSISTANT, WEIR_PART_THINKING }, { WEIR_ROLE_ASSISTANT, WEIR_PART_CALL },
    { WEIR_ROLE_TOOL, WEIR_PART_RESULT },        { WEIR_ROLE_ASSISTANT, WEIR_PART_CALL },
    { WEIR_ROLE_TOOL, WEIR_PART_RESULT },        { WEIR_ROLE_ASSISTANT, WEIR_PART_TEXT },
    { WEIR_ROLE_ASSISTANT, WEIR_PART_OTHER },    { WEIR_ROLE_ASSISTANT, WEIR_PART_OTHER },
  };
  g_autoptr (WeirRequest) request = must_read (codex);
  const WeirPart *part;

  g_assert_cmpuint (request->n_messages, ==, G_N_ELEMENTS (wanted));
  for (unsigned i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      const WeirMessage *message = get_message (request, i);

      g_assert_cmpint (message->role, ==, wanted[i].role);
      g_assert_cmpint (message->parts->type, ==, wanted[i].type);
      g_assert_cmpint (message->origin, ==, WEIR_DIALECT_OPENAI_RESPONSES);
      g_assert_cmpuint (message->raw.length, >, 0);
    }
  assert_slice (get_message (request, 0)->parts->text, "Be \\\"good\\\"");
  assert_slice (get_message (request, 0)->item_id, "msg_1");
  g_assert_true (get_message (request, 1)->plain);
  assert_slice (get_message (request, 2)->parts->text, "one\\n\\ntwo");
  assert_slice (get_message (request, 2)->parts->thinking.signature, "gAAAA");
  part = get_message (request, 3)->parts;
  assert_slice (part->call.id, "call_1");
  assert_slice (part->call.scope, "files");
  assert_slice (part->call.arguments.bytes, "{\\\"p\\\":1}");
  assert_slice (part->call.item_id, "fc_1");
  g_assert_true (get_message (request, 4)->parts->result.of == &part->call);
  part = get_message (request, 4)->parts->result.parts;
  assert_slice (part->text, "ok");
  part = part->next;
  g_assert_cmpint (part->media.source, ==, WEIR_MEDIA_DATA);
  assert_slice (part->media.media_type, "image/png");
  assert_slice (part->media.data, "AA+/");
  assert_slice (part->media.detail, "low");
  g_assert_true (get_message (request, 5)->parts->call.custom);
  assert_slice (get_message (request, 5)->parts->call.arguments.bytes, "*** Begin");
  g_assert_true (get_message (request, 6)->parts->result.custom);
  assert_slice (get_message (request, 6)->parts->result.value.bytes, "done");
  assert_slice (get_message (request, 7)->phase, "commentary");
  g_assert_cmpint (get_message (request, 7)->parts->next->type, ==, WEIR_PART_REFUSAL);
  assert_slice (get_message (request, 8)->parts->type_name, "web_search_call");
  assert_slice (get_message (request, 9)->parts->type_name, "item_reference");
}

static void
test_settings_are_read (void)
{
  g_autoptr (WeirRequest) request = must_read (codex);

  assert_slice (request->model, "gpt-5");
  g_assert_true (request->stream);
  g_assert_cmpint (request->form, ==, WEIR_ANSWER_SSE);
  g_assert_true (request->thinking.from_name);
  assert_slice (request->thinking.level, "high");
  g_assert_cmpint (request->thinking.shown, ==, WEIR_YES);
  g_assert_cmpint (request->tool_choice.mode, ==, WEIR_CHOICE_AUTO);
  g_assert_cmpint (request->tool_choice.parallel, ==, WEIR_NO);
  g_assert_cmpint (request->response_format.type, ==, WEIR_FORMAT_SCHEMA);
  assert_slice (request->response_format.schema, "{\"type\":\"object\"}");
  assert_slice (request->options[WEIR_OPTION_VERBOSITY], "\"low\"");
  assert_slice (request->options[WEIR_OPTION_MAX_OUTPUT_TOKENS], "1e3");
  assert_slice (request->options[WEIR_OPTION_STORE], "false");
  g_assert_cmpuint (request->options[WEIR_OPTION_BACKGROUND].length, ==, 0);
  g_assert_nonnull (request->unknown);
  assert_slice (request->unknown->name, "client_metadata");
  g_assert_null (request->unknown->next);
}

static void
test_tools_of_namespaces_are_told_one_by_one (void)
{
  static const struct
  {
    WeirToolType type;
    const char *name;
    const char *scope;
  } wanted[] = {
    { WEIR_TOOL_FUNCTION, "shell", "" },
    { WEIR_TOOL_FUNCTION, "read", "files" },
    { WEIR_TOOL_FUNCTION, "write", "files" },
    { WEIR_TOOL_CUSTOM, "apply_patch", "" },
    { WEIR_TOOL_WEB_SEARCH, "", "" },
    { WEIR_TOOL_IMAGE_GENERATION, "", "" },
    { WEIR_TOOL_OTHER, "", "" },
  };
  g_autoptr (WeirRequest) request = must_read (codex);
  const WeirTool *tool = request->tools;

  g_assert_cmpuint (request->n_tools, ==, G_N_ELEMENTS (wanted));
  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++, tool = tool->next)
    {
      g_assert_cmpint (tool->type, ==, wanted[i].type);
      assert_slice (tool->name, wanted[i].name);
      assert_slice (tool->scope, wanted[i].scope);
      g_assert_cmpuint (tool->raw.length, >, 0);
    }
  g_assert_cmpint (request->tools->strict, ==, WEIR_YES);
  assert_slice (request->tools->next->scope_text, "All files");
}

static void
test_a_string_is_one_message (void)
{
  g_autoptr (WeirRequest) request
      = must_read ("{\"model\":\"m\",\"instructions\":\"Be\",\"input\":\"Hi\"}");

  g_assert_cmpuint (request->n_messages, ==, 2);
  g_assert_true (request->messages->top);
  g_assert_cmpint (request->messages->role, ==, WEIR_ROLE_SYSTEM);
  assert_slice (request->messages->parts->text, "Be");
  assert_slice (request->messages->next->parts->text, "Hi");
  g_assert_cmpint (request->form, ==, WEIR_ANSWER_WHOLE);
}

static void
test_media_are_read (void)
{
  g_autoptr (WeirRequest) request = must_read (
      "{\"input\":[{\"role\":\"user\",\"content\":["
      "{\"type\":\"input_image\",\"image_url\":\"https://a/b.png\"},"
      "{\"type\":\"input_image\",\"file_id\":\"file-1\"},"
      "{\"type\":\"input_file\",\"filename\":\"a.pdf\",\"file_data\":\"JVBE\"},"
      "{\"type\":\"input_file\",\"file_url\":\"https://a/b.pdf\"},"
      "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA==\",\"format\":\"wav\"}},"
      "{\"type\":\"input_new\",\"x\":1}]},"
      "{\"type\":\"image_generation_call\",\"id\":\"ig_1\",\"result\":\"QUJD\","
      "\"output_format\":\"webp\"}]}");
  const WeirPart *part = request->messages->parts;

  g_assert_cmpint (part->media.source, ==, WEIR_MEDIA_URL);
  assert_slice (part->media.data, "https://a/b.png");
  part = part->next;
  g_assert_cmpint (part->media.source, ==, WEIR_MEDIA_ID);
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_FILE);
  assert_slice (part->media.media_type, "application/pdf");
  assert_slice (part->media.data, "JVBE");
  part = part->next;
  g_assert_cmpint (part->media.source, ==, WEIR_MEDIA_URL);
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_AUDIO);
  assert_slice (part->media.media_type, "audio/wav");
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_OTHER);
  assert_slice (part->type_name, "input_new");
  part = request->messages->next->parts;
  g_assert_cmpint (part->type, ==, WEIR_PART_IMAGE);
  assert_slice (part->media.media_type, "image/webp");
}

static void
test_choices_are_read (void)
{
  static const struct
  {
    const char *text;
    WeirToolChoiceMode mode;
    WeirToolType type;
    const char *name;
  } samples[] = {
    { "\"none\"", WEIR_CHOICE_NONE, WEIR_TOOL_FUNCTION, "" },
    { "\"required\"", WEIR_CHOICE_REQUIRED, WEIR_TOOL_FUNCTION, "" },
    { "{\"type\":\"function\",\"name\":\"f\"}", WEIR_CHOICE_TOOL, WEIR_TOOL_FUNCTION, "f" },
    { "{\"type\":\"custom\",\"name\":\"c\"}", WEIR_CHOICE_TOOL, WEIR_TOOL_CUSTOM, "c" },
    { "{\"type\":\"web_search_preview\"}", WEIR_CHOICE_TOOL, WEIR_TOOL_WEB_SEARCH, "" },
    { "{\"type\":\"mcp\",\"server_label\":\"s\"}", WEIR_CHOICE_OTHER, WEIR_TOOL_OTHER, "" },
    { "{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":[{\"type\":"
      "\"function\",\"name\":\"f\"}]}",
      WEIR_CHOICE_ALLOWED, WEIR_TOOL_FUNCTION, "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"tool_choice\":%s}", samples[i].text);
      g_autoptr (WeirRequest) request = must_read (body);
      const WeirToolChoice *choice = &request->tool_choice;

      g_assert_cmpint (choice->mode, ==, samples[i].mode);
      g_assert_cmpint (choice->type, ==, samples[i].type);
      assert_slice (choice->name, samples[i].name);
      assert_slice (choice->raw, samples[i].text);
      if (choice->mode == WEIR_CHOICE_ALLOWED)
        {
          g_assert_true (choice->required);
          assert_slice (choice->names->name, "f");
        }
    }
}

static void
test_foreign_signatures_find_their_way_back (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *thought = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("EqQB"), scratch));
  g_autofree char *call = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_GEMINI, WEIR_SLICE ("CiQB"), scratch));
  g_autofree char *body = g_strdup_printf (
      "{\"input\":[{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"%s\"},{"
      "\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"redacted:%s\"},{"
      "\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"call:%s\"},{\"type\":"
      "\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"},{\"type\":"
      "\"function_call\",\"call_id\":\"d\",\"name\":\"f\",\"arguments\":\"{}\"}]}",
      thought, thought, call);
  g_autoptr (WeirRequest) request = must_read (body);
  const WeirPart *part = request->messages->parts;

  g_assert_cmpuint (request->n_messages, ==, 4);
  g_assert_cmpint (part->type, ==, WEIR_PART_THINKING);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_ANTHROPIC);
  g_assert_cmpuint (part->raw.length, ==, 0);
  assert_slice (part->thinking.signature, "EqQB");
  part = get_message (request, 1)->parts;
  g_assert_cmpint (part->type, ==, WEIR_PART_REDACTED_THINKING);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_ANTHROPIC);
  assert_slice (part->thinking.signature, "EqQB");
  part = get_message (request, 2)->parts;
  g_assert_cmpint (part->type, ==, WEIR_PART_CALL);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_GEMINI);
  g_assert_cmpuint (part->raw.length, ==, 0);
  assert_slice (part->call.signature, "CiQB");
  g_assert_cmpuint (get_message (request, 3)->parts->call.signature.length, ==, 0);
}

static void
test_what_is_wrong_is_refused_by_its_place (void)
{
  static const struct
  {
    const char *body;
    WeirError code;
    const char *message;
  } samples[] = {
    { "[]", WEIR_ERROR_BAD_REQUEST, "" },
    { "{\"model\":1}", WEIR_ERROR_BAD_REQUEST, "'model'" },
    { "{\"input\":1}", WEIR_ERROR_BAD_REQUEST, "input" },
    { "{\"input\":[1]}", WEIR_ERROR_BAD_REQUEST, "input[0]" },
    { "{\"input\":[{\"role\":\"user\",\"content\":[]},{\"role\":\"tool\"}]}",
      WEIR_ERROR_BAD_REQUEST, "input[1]: role" },
    { "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\"}]}]}",
      WEIR_ERROR_BAD_REQUEST, "input[0]: content[0]: field 'text'" },
    { "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"}]}]}",
      WEIR_ERROR_BAD_REQUEST, "content[0]" },
    { "{\"input\":[{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"\"}]}",
      WEIR_ERROR_BAD_REQUEST, "call_id" },
    { "{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":1}]}",
      WEIR_ERROR_BAD_REQUEST, "output" },
    { "{\"temperature\":\"hot\"}", WEIR_ERROR_BAD_REQUEST, "'temperature'" },
    { "{\"tools\":[{\"type\":\"function\"}]}", WEIR_ERROR_BAD_REQUEST, "tools[0]" },
    { "{\"tools\":[{\"name\":\"f\"}]}", WEIR_ERROR_BAD_REQUEST, "'type'" },
    { "{\"tool_choice\":\"any\"}", WEIR_ERROR_BAD_REQUEST, "tool_choice" },
    { "{\"text\":{\"format\":{\"type\":\"json_schema\"}}}", WEIR_ERROR_BAD_REQUEST,
      "text.format" },
    { "{\"text\":{\"x\":1,\"x\":2}}", WEIR_ERROR_JSON_DUPLICATE, "" },
    { "{\"input\":[{\"role\":\"user\",\"a\":1,\"a\":2}]}", WEIR_ERROR_JSON_DUPLICATE,
      "input[0]" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirRequest) request = read_text (samples[i].body, &error);

      g_assert_null (request);
      g_assert_error (error, WEIR_ERROR, (int)samples[i].code);
      g_assert_nonnull (strstr (error->message, samples[i].message));
    }
}

static void
test_every_prefix_is_refused (void)
{
  for (size_t length = 0; length + 1 < sizeof codex; length++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) body = g_bytes_new (codex, length);
      g_autoptr (WeirRequest) request
          = weir_openai_responses_read_request (body, WEIR_SLICE (""), FALSE, &error);

      g_assert_null (request);
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_JSON);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/responses-read/items-become-messages", test_items_become_messages);
  g_test_add_func ("/responses-read/settings-are-read", test_settings_are_read);
  g_test_add_func ("/responses-read/tools-of-namespaces-are-told-one-by-one",
                   test_tools_of_namespaces_are_told_one_by_one);
  g_test_add_func ("/responses-read/a-string-is-one-message", test_a_string_is_one_message);
  g_test_add_func ("/responses-read/media-are-read", test_media_are_read);
  g_test_add_func ("/responses-read/choices-are-read", test_choices_are_read);
  g_test_add_func ("/responses-read/foreign-signatures-find-their-way-back",
                   test_foreign_signatures_find_their_way_back);
  g_test_add_func ("/responses-read/what-is-wrong-is-refused-by-its-place",
                   test_what_is_wrong_is_refused_by_its_place);
  g_test_add_func ("/responses-read/every-prefix-is-refused", test_every_prefix_is_refused);
  return g_test_run ();
}
