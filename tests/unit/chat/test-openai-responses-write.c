/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"

#include <json-glib/json-glib.h>

#define REQUEST "\"model\":\"m\",\"stream\":true,"

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

static WeirRequest *
must_read (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));
  WeirRequest *request
      = weir_openai_responses_read_request (body, WEIR_SLICE (""), FALSE, &error);

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

  if (!weir_openai_responses_write_request (request, &options, out, error))
    return NULL;
  g_assert_true (weir_json_parse (&json, out->str, out->len, NULL, NULL));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
must_write (const WeirRequest *request, GString *losses)
{
  g_autoptr (GError) error = NULL;
  char *text = write_text (request, losses, &error);

  g_assert_no_error (error);
  return text;
}

/* A request of another dialect, made without its reader. */
static WeirRequest *
make_request (WeirDialect origin)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);

  return weir_request_new (origin, body, NULL);
}

static WeirPart *
add_text (WeirRequest *request, WeirRole role, const char *text)
{
  WeirMessage *message = weir_request_add_message (request, role);
  WeirPart *part = weir_request_add_part (request, message, WEIR_PART_TEXT);

  part->text = weir_slice_from_string (text);
  return part;
}

static const char *const bodies[] = {
  "{" REQUEST "\"input\":[]}",
  "{" REQUEST "\"instructions\":\"Be\",\"input\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
  "\"temperature\":0.10,\"top_p\":1e-1,\"max_output_tokens\":5,\"user\":\"u\","
  "\"metadata\":{\"a\":\"b\"},\"store\":true,\"include\":[\"x\"],\"truncation\":\"auto\","
  "\"previous_response_id\":\"resp_1\",\"conversation\":{\"id\":\"c\"},\"prompt\":{\"id\":"
  "\"p\"},\"background\":true,\"service_tier\":\"odd\",\"stream_options\":{"
  "\"include_obfuscation\":false},\"top_logprobs\":3,\"max_tool_calls\":2,"
  "\"prompt_cache_key\":\"k\",\"prompt_cache_retention\":\"24h\",\"safety_identifier\":"
  "\"s\",\"context_management\":[{\"type\":\"compaction\"}],\"unheard_of\":[1,{\"a\":"
  "null}],\"a\\u0062c\":2,"
  "\"text.format.x\":1,\"reasoning.x\":{\"y\":1}}",
  "{" REQUEST "\"input\":[{\"type\":\"item_reference\",\"id\":\"x\"},{\"type\":"
  "\"function_call_output\",\"call_id\":\"of an earlier response\",\"output\":\"ok\"},{"
  "\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"gAAA\"},{"
  "\"type\":\"local_shell_call\",\"id\":\"l\",\"action\":{\"type\":\"exec\"}},{\"type\":"
  "\"custom_tool_call\",\"call_id\":\"c\",\"name\":\"any name\",\"input\":\"i\"}]}",
  "{" REQUEST "\"input\":[],\"tools\":[{\"type\":\"function\",\"name\":\"f\","
  "\"parameters\":{\"type\":\"object\"},\"x\":1},{\"type\":\"namespace\",\"name\":\"n\","
  "\"description\":\"d\",\"y\":2,\"tools\":[{\"type\":\"function\",\"name\":\"f\"},{"
  "\"type\":\"custom\",\"name\":\"g\"}]},{\"type\":\"mcp\",\"server_label\":\"s\"},{"
  "\"type\":\"namespace\",\"name\":\"o\",\"tools\":[{\"type\":\"function\",\"name\":"
  "\"f\"}]}],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"auto\",\"tools\":[{"
  "\"type\":\"function\",\"name\":\"f\"}]},\"parallel_tool_calls\":false}",
  "{" REQUEST "\"input\":[],\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":"
  "\"json_schema\",\"name\":\"n\",\"schema\":{},\"z\":1},\"new\":true},\"reasoning\":{"
  "\"effort\":\"max\",\"summary\":\"concise\",\"new\":1}}",
  "{" REQUEST "\"input\":[],\"text\":{\"new\":true}}",
};

static void
test_what_was_read_is_written (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (WeirRequest) request = must_read (bodies[i]);
      g_autoptr (GString) losses = g_string_new (NULL);
      g_autofree char *text = must_write (request, losses);

      assert_same_json (text, bodies[i]);
      g_assert_cmpstr (losses->str, ==, "");
    }
}

static void
test_the_name_of_the_model_beats_the_body (void)
{
  g_autoptr (WeirRequest) request
      = must_read ("{\"model\":\"m(low)\",\"input\":[],\"reasoning\":{\"effort\":\"high\","
                   "\"summary\":\"detailed\",\"new\":1}}");
  g_autofree char *text = must_write (request, NULL);

  assert_same_json (text, "{" REQUEST "\"input\":[],\"reasoning\":{\"effort\":\"low\","
                          "\"summary\":\"detailed\",\"new\":1}}");
}

/* The same items, once copied and once told by their fields. */
static void
test_items_are_told_by_their_fields (void)
{
  static const char body[]
      = "{" REQUEST "\"instructions\":\"Be\",\"input\":[{\"type\":\"message\",\"role\":"
        "\"developer\",\"content\":[{\"type\":\"input_text\",\"text\":\"a\\u00e9\\n\"}]},{"
        "\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
        "\"text\":\"Hi\"},{\"type\":\"input_image\",\"detail\":\"low\",\"image_url\":"
        "\"data:image/png;base64,AAAA\"},{\"type\":\"input_image\",\"image_url\":"
        "\"https://a/b\"},{\"type\":\"input_file\",\"filename\":\"a.pdf\",\"file_data\":"
        "\"data:application/pdf;base64,AAAA\"},{\"type\":\"input_file\",\"file_url\":"
        "\"https://a/b.pdf\"},{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\","
        "\"format\":\"mp3\"}}]},{\"type\":\"message\",\"role\":\"assistant\",\"phase\":"
        "\"commentary\",\"content\":[{\"type\":\"output_text\",\"text\":\"x\"},{\"type\":"
        "\"refusal\",\"refusal\":\"y\"}]},{\"type\":\"function_call\",\"call_id\":\"c1\","
        "\"name\":\"f\",\"namespace\":\"n\",\"arguments\":\"{\\\"a\\\":1}\"},{\"type\":"
        "\"custom_tool_call\",\"call_id\":\"c2\",\"name\":\"g\",\"input\":\"free\"},{"
        "\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":\"ok\"},{\"type\":"
        "\"custom_tool_call_output\",\"call_id\":\"c2\",\"output\":[{\"type\":"
        "\"input_text\",\"text\":\"a\"},{\"type\":\"input_text\",\"text\":\"b\"}]}],"
        "\"store\":false}";
  g_autoptr (WeirRequest) request = must_read (body);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *text = NULL;

  request->origin = WEIR_DIALECT_OPENAI_CHAT;
  for (WeirMessage *message = request->messages; message != NULL; message = message->next)
    message->origin = WEIR_DIALECT_OPENAI_CHAT;
  request->options[WEIR_OPTION_INCLUDE] = WEIR_SLICE ("");
  text = must_write (request, losses);
  assert_same_json (text, body);
  g_assert_cmpstr (losses->str, ==, "");
}

static void
test_a_turn_of_another_dialect_becomes_items (void)
{
  g_autoptr (WeirRequest) request = make_request (WEIR_DIALECT_ANTHROPIC);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *text = NULL;
  WeirMessage *message;
  WeirPart *part;

  add_text (request, WEIR_ROLE_SYSTEM, "one");
  request->messages->top = TRUE;
  part = weir_request_add_part (request, request->messages, WEIR_PART_TEXT);
  part->text = WEIR_SLICE ("two");
  part->cache.said = WEIR_YES;
  add_text (request, WEIR_ROLE_USER, "go");
  message = weir_request_add_message (request, WEIR_ROLE_ASSISTANT);
  part = weir_request_add_part (request, message, WEIR_PART_THINKING);
  part->text = WEIR_SLICE ("hm");
  part->thinking.signature = WEIR_SLICE ("EqQB");
  part = weir_request_add_part (request, message, WEIR_PART_THINKING);
  part->text = WEIR_SLICE ("ours");
  part->thinking.signature = WEIR_SLICE ("gAAA");
  part->origin = WEIR_DIALECT_OPENAI_RESPONSES;
  part = weir_request_add_part (request, message, WEIR_PART_TEXT);
  part->text = WEIR_SLICE ("I will");
  part = weir_request_add_part (request, message, WEIR_PART_CALL);
  part->call.name = WEIR_SLICE ("f");
  part->call.arguments = (WeirValue){ WEIR_SPELLING_JSON, WEIR_SLICE ("{\"a\": \"b\"}") };
  message = weir_request_add_message (request, WEIR_ROLE_TOOL);
  part = weir_request_add_part (request, message, WEIR_PART_RESULT);
  part->result.name = WEIR_SLICE ("f");
  part->result.is_error = WEIR_YES;
  part->result.value = (WeirValue){ WEIR_SPELLING_JSON, WEIR_SLICE ("{\"r\":1}") };
  weir_request_add_name (request, &request->stop, WEIR_SLICE ("END"));
  g_assert_true (weir_request_link_results (request, NULL));

  text = must_write (request, losses);
  assert_same_json (
      text, "{" REQUEST "\"instructions\":\"one\\n\\ntwo\",\"input\":[{\"type\":"
            "\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":"
            "\"go\"}]},{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\","
            "\"text\":\"ours\"}],\"encrypted_content\":\"gAAA\"},{\"type\":\"message\","
            "\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":"
            "\"I will\"}]},{\"type\":\"function_call\",\"call_id\":\"call_2_3\",\"name\":"
            "\"f\",\"arguments\":\"{\\\"a\\\": \\\"b\\\"}\"},{\"type\":"
            "\"function_call_output\",\"call_id\":\"call_2_3\",\"output\":"
            "\"{\\\"r\\\":1}\"}],\"store\":false}");
  g_assert_cmpstr (losses->str, ==,
                   "cache-mark@messages[0].parts[1] thinking@messages[2].parts[0] "
                   "result-error@messages[3].parts[0] stop-sequences@stop ");
}

static void
test_tools_of_another_dialect_are_not_strict (void)
{
  g_autoptr (WeirRequest) request = make_request (WEIR_DIALECT_OPENAI_CHAT);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *text = NULL;
  WeirTool *tool = weir_request_add_tool (request, WEIR_TOOL_FUNCTION);

  tool->name = WEIR_SLICE ("bad name");
  tool = weir_request_add_tool (request, WEIR_TOOL_FUNCTION);
  tool->name = WEIR_SLICE ("g");
  tool->strict = WEIR_YES;
  tool->schema = WEIR_SLICE ("{\"type\":\"object\"}");
  tool = weir_request_add_tool (request, WEIR_TOOL_CUSTOM);
  tool->name = WEIR_SLICE ("c");
  tool->format = WEIR_SLICE ("{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"lark\","
                             "\"definition\":\"d\"}}");
  weir_request_add_tool (request, WEIR_TOOL_WEB_SEARCH);
  weir_request_add_tool (request, WEIR_TOOL_URL_CONTEXT);
  request->tool_choice.mode = WEIR_CHOICE_TOOL;
  request->tool_choice.name = WEIR_SLICE ("g");
  request->tool_choice.parallel = WEIR_NO;
  text = must_write (request, losses);
  g_assert_nonnull (strstr (text, "\"name\":\"bad_name"));
  g_assert_nonnull (strstr (text, "\"parameters\":{\"type\":\"object\",\"properties\":{}},"
                                  "\"strict\":false}"));
  g_assert_nonnull (strstr (
      text,
      "{\"type\":\"function\",\"name\":\"g\",\"parameters\":{\"type\":"
      "\"object\",\"properties\":{}},\"strict\":true},{\"type\":\"custom\",\"name\":\"c\","
      "\"format\":{\"type\":\"grammar\",\"syntax\":\"lark\",\"definition\":"
      "\"d\"}},{\"type\":\"web_search\"}],\"tool_choice\":{\"type\":"
      "\"function\",\"name\":\"g\"},\"parallel_tool_calls\":false"));
  g_assert_cmpstr (losses->str, ==, "provider-tool@tools[4] ");
}

static void
test_calls_without_results_are_left_out (void)
{
  g_autoptr (WeirRequest) request = make_request (WEIR_DIALECT_ANTHROPIC);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *text = NULL;
  WeirMessage *message = weir_request_add_message (request, WEIR_ROLE_ASSISTANT);
  WeirPart *part;

  for (unsigned i = 0; i < 2; i++)
    {
      part = weir_request_add_part (request, message, WEIR_PART_CALL);
      part->call.id = i == 0 ? WEIR_SLICE ("c0") : WEIR_SLICE ("c1");
      part->call.name = WEIR_SLICE ("f");
    }
  message = weir_request_add_message (request, WEIR_ROLE_TOOL);
  part = weir_request_add_part (request, message, WEIR_PART_RESULT);
  part->result.call_id = WEIR_SLICE ("c1");
  g_assert_true (weir_request_link_results (request, NULL));
  text = must_write (request, losses);
  g_assert_null (strstr (text, "c0"));
  g_assert_nonnull (strstr (text, "c1"));
  g_assert_cmpstr (losses->str, ==, "call-without-result@messages[0].parts[0] ");
}

static void
test_without_tools_none_is_chosen (void)
{
  g_autoptr (WeirRequest) request = make_request (WEIR_DIALECT_ANTHROPIC);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *text = NULL;

  weir_request_add_tool (request, WEIR_TOOL_URL_CONTEXT);
  request->tool_choice.mode = WEIR_CHOICE_REQUIRED;
  text = must_write (request, losses);
  g_assert_null (strstr (text, "tool"));
  g_assert_cmpstr (losses->str, ==, "provider-tool@tools[0] tool-choice@tool_choice ");
}

static void
test_settings_of_another_dialect_are_said (void)
{
  g_autoptr (WeirRequest) request = make_request (WEIR_DIALECT_ANTHROPIC);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *text = NULL;

  request->options[WEIR_OPTION_MAX_OUTPUT_TOKENS] = WEIR_SLICE ("1");
  request->options[WEIR_OPTION_TEMPERATURE] = WEIR_SLICE ("0.50");
  request->options[WEIR_OPTION_SERVICE_TIER] = WEIR_SLICE ("\"standard_only\"");
  request->options[WEIR_OPTION_TOP_K] = WEIR_SLICE ("40");
  request->thinking.mode = WEIR_THINKING_BUDGET;
  request->thinking.budget = 8000;
  request->thinking.shown = WEIR_YES;
  request->response_format.type = WEIR_FORMAT_SCHEMA;
  request->response_format.schema = WEIR_SLICE ("{\"type\":\"object\"}");
  text = must_write (request, losses);
  assert_same_json (text, "{" REQUEST "\"input\":[],\"text\":{\"format\":{\"type\":"
                          "\"json_schema\",\"name\":\"response\",\"schema\":{\"type\":"
                          "\"object\"}}},\"reasoning\":{\"effort\":\"medium\",\"summary\":"
                          "\"auto\"},\"temperature\":0.50,\"max_output_tokens\":16,"
                          "\"service_tier\":\"default\",\"store\":false,\"include\":["
                          "\"reasoning.encrypted_content\"]}");
  g_assert_cmpstr (losses->str, ==, "top-k@top_k range@max_output_tokens ");
}

static void
test_what_would_change_the_meaning_is_refused (void)
{
  for (unsigned i = 0; i < 5; i++)
    {
      g_autoptr (WeirRequest) request = make_request (WEIR_DIALECT_GEMINI);
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      WeirPart *part;

      part = add_text (request, i == 3 ? WEIR_ROLE_TOOL : WEIR_ROLE_USER, "");
      if (i == 0)
        part->type = WEIR_PART_VIDEO;
      else if (i == 1)
        {
          part->type = WEIR_PART_IMAGE;
          part->media.source = WEIR_MEDIA_ID;
        }
      else if (i == 2)
        {
          part->type = WEIR_PART_FILE;
          part->media.source = WEIR_MEDIA_URL;
          part->media.data = WEIR_SLICE ("gs://a/b");
        }
      else if (i == 3)
        part->type = WEIR_PART_RESULT;
      else
        request->n_choices = 2;
      text = write_text (request, NULL, &error);
      g_assert_null (text);
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
      g_assert_true (i == 4 || strstr (error->message, "messages[0].parts[0]") != NULL);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/responses-write/what-was-read-is-written",
                   test_what_was_read_is_written);
  g_test_add_func ("/responses-write/the-name-of-the-model-beats-the-body",
                   test_the_name_of_the_model_beats_the_body);
  g_test_add_func ("/responses-write/items-are-told-by-their-fields",
                   test_items_are_told_by_their_fields);
  g_test_add_func ("/responses-write/a-turn-of-another-dialect-becomes-items",
                   test_a_turn_of_another_dialect_becomes_items);
  g_test_add_func ("/responses-write/tools-of-another-dialect-are-not-strict",
                   test_tools_of_another_dialect_are_not_strict);
  g_test_add_func ("/responses-write/calls-without-results-are-left-out",
                   test_calls_without_results_are_left_out);
  g_test_add_func ("/responses-write/without-tools-none-is-chosen",
                   test_without_tools_none_is_chosen);
  g_test_add_func ("/responses-write/settings-of-another-dialect-are-said",
                   test_settings_of_another_dialect_are_said);
  g_test_add_func ("/responses-write/what-would-change-the-meaning-is-refused",
                   test_what_would_change_the_meaning_is_refused);
  return g_test_run ();
}
