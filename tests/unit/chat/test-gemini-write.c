/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"
#include "chat/weir-tool-name.h"

#include <json-glib/json-glib.h>

/* JSON here has ' for ". */
static GBytes *
quote (const char *text)
{
  char *json = g_strdelimit (g_strdup (text), "'", '"');

  return g_bytes_new_take (json, strlen (json));
}

static WeirRequest *
read_own (const char *text)
{
  g_autoptr (GBytes) body = quote (text);
  g_autoptr (GError) error = NULL;
  WeirRequest *request = weir_gemini_read_request (body, WEIR_SLICE ("m"), FALSE, &error);

  g_assert_no_error (error);
  return request;
}

static WeirRequest *
read_responses (const char *text)
{
  g_autoptr (GBytes) body = quote (text);
  g_autoptr (GError) error = NULL;
  WeirRequest *request
      = weir_openai_responses_read_request (body, WEIR_SLICE (""), FALSE, &error);

  g_assert_no_error (error);
  return request;
}

/* One line a loss; each must have its sentence. */
static void
on_loss (const char *loss, const char *where, gpointer losses)
{
  g_assert_nonnull (weir_loss_lookup_sentence (loss));
  g_string_append_printf (losses, "%s %s\n", loss, where != NULL ? where : "-");
}

static char *
write_request (const WeirRequest *request,
               const char *model,
               GString *losses,
               GError **error)
{
  const WeirWriteOptions options = {
    .model = weir_slice_from_string (model),
    .on_loss = losses != NULL ? on_loss : NULL,
    .user_data = losses,
  };
  GString *out = g_string_new (NULL);

  if (weir_gemini_write_request (request, &options, out, error))
    return g_string_free (out, FALSE);
  g_string_free (out, TRUE);
  return NULL;
}

/* Compares JSON, not text; @wanted has ' for ". */
static void
assert_json (const char *found, const char *wanted)
{
  g_autoptr (GBytes) bytes = quote (wanted);
  g_autofree char *text
      = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (JsonNode) left = json_from_string (found, NULL);
  g_autoptr (JsonNode) right = json_from_string (text, NULL);

  g_assert_nonnull (left);
  g_assert_nonnull (right);
  if (!json_node_equal (left, right))
    g_assert_cmpstr (found, ==, text);
}

static void
assert_body (const char *from, const char *model, const char *wanted, const char *losses)
{
  g_autoptr (WeirRequest) request = read_responses (from);
  g_autoptr (GString) lost = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *body = write_request (request, model, lost, &error);

  g_assert_no_error (error);
  assert_json (body, wanted);
  g_assert_cmpstr (lost->str, ==, losses);
}

static void
assert_refused (const char *from, const char *word)
{
  g_autoptr (WeirRequest) request = read_responses (from);
  g_autoptr (GError) error = NULL;
  g_autofree char *body = write_request (request, "gemini-2.5-pro", NULL, &error);

  g_assert_null (body);
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, word));
}

static const char own[]
    = "{'contents':[{'role':'user','parts':[{'text':'a'},{'inline_data':{'mime_type':"
      "'image/png','data':'-_8'}}]},{'role':'model','parts':[{'text':'hm','thought':true,"
      "'thoughtSignature':'c2ln'},{'functionCall':{'name':'f','args':{'n':1.0}}}]},{"
      "'role':'function','parts':[{'functionResponse':{'name':'f','response':{'x':"
      "12345678901234567890}}},{'text':'b'}]}],'systemInstruction':'be good','tools':[{"
      "'functionDeclarations':[{'name':'f','parameters':{'type':'OBJECT'},'behavior':"
      "'B'}],'googleSearch':{'x':1}}],'toolConfig':{'functionCallingConfig':{'mode':"
      "'VALIDATED'},'retrievalConfig':{}},'generationConfig':{'temperature':0.10,"
      "'responseMimeType':'text/x.enum','responseSchema':{'type':'STRING'},"
      "'thinkingConfig':{'thinkingBudget':0},'new':[]},'safetySettings':[{'a':1}],"
      "'cachedContent':'c','labels':{},'future':{'a':[]}}";

static void
test_an_own_request_stays_itself (void)
{
  g_autoptr (WeirRequest) request = read_own (own);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *body = write_request (request, "gemini-3-pro", losses, NULL);

  assert_json (body, own);
  g_assert_cmpstr (losses->str, ==, "");
}

static void
test_a_counted_request_becomes_a_plain_one (void)
{
  g_autoptr (WeirRequest) request
      = read_own ("{'generateContentRequest':{'model':'models/x','contents':[{'parts':[{"
                  "'text':'a'}]}]}}");
  g_autofree char *body = write_request (request, "gemini-3-pro", NULL, NULL);

  assert_json (body, "{'contents':[{'parts':[{'text':'a'}]}]}");
}

static void
test_a_name_beats_an_own_thinking (void)
{
  g_autoptr (WeirRequest) request
      = read_own ("{'contents':[],'generationConfig':{'topK':1,'thinkingConfig':{"
                  "'thinkingLevel':'low'}}}");
  g_autofree char *body = write_request (request, "gemini-3-pro(high)", NULL, NULL);
  g_autofree char *budget = write_request (request, "gemini-2.5-pro(1000)", NULL, NULL);

  assert_json (body, "{'contents':[],'generationConfig':{'topK':1,'thinkingConfig':{"
                     "'thinkingLevel':'high','includeThoughts':false}}}");
  assert_json (budget, "{'contents':[],'generationConfig':{'topK':1,'thinkingConfig':{"
                       "'thinkingBudget':1000,'includeThoughts':false}}}");
}

/* A client of this dialect was answered by another vendor before: what that one signed must
 * not come here. */
static void
test_signatures_of_others_stay_behind (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirSlice wrapped
      = weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("EpAB"), scratch);
  g_autofree char *text = g_strdup_printf (
      "{'contents':[{'role':'model','parts':[{'text':'t','thought':true,"
      "'thoughtSignature':'%.*s'},{'functionCall':{'name':'f'},'thoughtSignature':'%.*s'},"
      "{'text':'x','odd':1}]}]}",
      (int)wrapped.length, wrapped.text, (int)wrapped.length, wrapped.text);
  g_autoptr (WeirRequest) request = read_own (text);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *body = write_request (request, "gemini-3-pro", losses, NULL);

  assert_json (body, "{'contents':[{'role':'model','parts':[{'text':'t','thought':true},{"
                     "'functionCall':{'name':'f','args':{}},'thoughtSignature':"
                     "'skip_thought_signature_validator'},{'text':'x','odd':1}]}]}");
  g_assert_nonnull (strstr (losses->str, "signature messages[0].parts[0]"));
}

#define USER(text) "{'role':'user','content':'" text "'}"
#define CALL(id, name, arguments)                                                          \
  "{'type':'function_call','call_id':'" id "','name':'" name "','arguments':'" arguments   \
  "'}"
#define OUTPUT(id, output)                                                                 \
  "{'type':'function_call_output','call_id':'" id "','output':" output "}"
#define INPUT(items) "{'model':'m','input':[" items "]}"

static void
test_a_conversation_becomes_turns (void)
{
  assert_body (
      "{'model':'m','instructions':'be good','input':[{'role':'developer','content':'and "
      "kind'}," USER ("a") "," USER ("b") "," CALL ("c1", "f", "{}") "," CALL (
          "c2", "g",
          "") "," OUTPUT ("c2",
                          "'two'") "," OUTPUT ("c1",
                                               "'{}'") "," USER ("c") ","
                                                                      "{'role':'assistant',"
                                                                      "'content':[{'type':'"
                                                                      "output_text','text':"
                                                                      "'d'},{'type':'"
                                                                      "refusal',"
                                                                      "'refusal':'no'}]}]}",
      "gemini-2.5-pro",
      "{'systemInstruction':{'parts':[{'text':'be good'},{'text':'and kind'}]},'contents':["
      "{'role':'user','parts':[{'text':'a'},{'text':'b'}]},{'role':'model','parts':[{"
      "'functionCall':{'id':'c1','name':'f','args':{}}},{'functionCall':{'id':'c2','name':"
      "'g','args':{}}}]},{'role':'user','parts':[{'functionResponse':{'id':'c2',"
      "'name':'g','response':{'result':'two'}}},{'functionResponse':{'id':'c1',"
      "'name':'f','response':{'result':'{}'}}},{'text':'c'}]},{'role':'model','parts':[{"
      "'text':'d'},{'text':'no'}]}]}",
      "refusal messages[9].parts[1]\n");
}

/* One spelling wherever a name stands: tool, choice, call, result. */
static void
test_names_are_mapped_everywhere (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirSlice name = weir_tool_name_map (WEIR_SLICE ("g h"), WEIR_DIALECT_GEMINI, scratch);
  g_autofree char *quoted = g_strdup_printf ("\"%.*s\"", (int)name.length, name.text);
  g_autoptr (WeirRequest) request
      = read_responses ("{'model':'m','input':[" CALL ("c", "g h", "{}") "," OUTPUT (
          "c", "'x'") "],'tools':[{'type':'function','name':'g h'}],'tool_choice':{'type':"
                      "'function','name':'g h'}}");
  g_autofree char *body = write_request (request, "gemini-2.5-pro", NULL, NULL);
  g_auto (GStrv) pieces = g_strsplit (body, quoted, -1);

  g_assert_cmpuint (g_strv_length (pieces), ==, 5);
  g_assert_null (strstr (body, "g h"));
}

static void
test_results_stand_in_front (void)
{
  assert_body (INPUT (CALL ("c", "f", "{}") "," USER ("wait") "," OUTPUT (
                   "c", "[{'type':'input_text','text':'x'},{'type':'input_image',"
                        "'image_url':'data:image/png;base64,AAAA'}]")),
               "gemini-3-flash",
               "{'contents':[{'role':'model','parts':[{'functionCall':{'id':'c','name':'f',"
               "'args':{}},'thoughtSignature':'skip_thought_signature_validator'}]},{'role'"
               ":'user','parts':[{'functionResponse':{'id':'c','name':'f','response':{"
               "'result':'x'}}},{'text':'wait'},{'inlineData':{'mimeType':'image/png',"
               "'data':'AAAA'}}]}]}",
               "result-media messages[2].parts[0]\n");
}

static void
test_only_answered_calls_are_written (void)
{
  assert_body (INPUT (USER ("a") "," CALL ("c", "f", "{}")), "gemini-2.5-pro",
               "{'contents':[{'role':'user','parts':[{'text':'a'}]}]}",
               "call-without-result messages[1].parts[0]\n");
  assert_refused (INPUT (OUTPUT ("c", "'x'")), "result without its call");
}

static void
test_instructions_in_the_middle_are_said_by_the_user (void)
{
  assert_body (INPUT (USER ("a") ",{'role':'system','content':'be brief'}"),
               "gemini-2.5-pro",
               "{'contents':[{'role':'user','parts':[{'text':'a'},{'text':'be brief'}]}]}",
               "system-position messages[1]\n");
  assert_body (INPUT ("{'role':'system','content':'alone'}"), "gemini-2.5-pro",
               "{'contents':[{'role':'user','parts':[{'text':'alone'}]}]}",
               "system-position messages[0]\n");
}

static void
test_tools_keep_their_schemas (void)
{
  assert_body (
      "{'model':'m','input':'a','tools':[{'type':'function','name':'f','description':'d',"
      "'parameters':{'type':'object','additionalProperties':false,'properties':{'a':{"
      "'const':1.50}}}},{'type':'function','name':'g','parameters':{'$defs':{'n':{'type':"
      "'string','minLength':1}},'type':'object','properties':{'a':{'$ref':'#/$defs/n'}}}},"
      "{'type':'custom','name':'h'}],'tool_choice':{'type':'function','name':'g'},"
      "'parallel_tool_calls':false}",
      "gemini-2.5-pro",
      "{'contents':[{'role':'user','parts':[{'text':'a'}]}],'tools':[{"
      "'functionDeclarations':[{'name':'f','description':'d','parametersJsonSchema':{"
      "'type':'object','additionalProperties':false,'properties':{'a':{'const':1.50}}}},{"
      "'name':'g','parameters':{'type':'OBJECT','properties':{'a':{'type':'STRING',"
      "'minLength':1}}}},{'name':'h','parametersJsonSchema':{'type':'object','properties':{"
      "'input':{'type':'string'}},'required':['input']}}]}],'toolConfig':{"
      "'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':['g']}}}",
      "tool-parallel tool_choice\n");
}

static void
test_vendor_tools_are_asked_for_by_this_vendors_name (void)
{
  static const char both[]
      = "{'model':'m','input':'a','tools':[{'type':'web_search'},{'type':'function',"
        "'name':'f'}]}";
  static const char *const models[] = { "gemini-2.5-pro", "gemini-3-pro" };

  assert_body ("{'model':'m','input':'a','tools':[{'type':'web_search'}]}",
               "gemini-2.5-pro",
               "{'contents':[{'role':'user','parts':[{'text':'a'}]}],'tools':[{"
               "'googleSearch':{}}]}",
               "");
  for (size_t i = 0; i < G_N_ELEMENTS (models); i++)
    assert_body (both, models[i],
                 "{'contents':[{'role':'user','parts':[{'text':'a'}]}],'tools':[{"
                 "'functionDeclarations':[{'name':'f'}]}]}",
                 "provider-tool tools[0]\n");
}

static void
test_settings_are_written (void)
{
  assert_body ("{'model':'m','input':'a','temperature':0.10,'top_p':1e0,"
               "'max_output_tokens':7,'text':{'format':{'type':'json_schema','name':'n',"
               "'schema':{'type':'object'}}}}",
               "gemini-2.5-pro",
               "{'contents':[{'role':'user','parts':[{'text':'a'}]}],'generationConfig':{"
               "'temperature':0.10,'topP':1e0,'maxOutputTokens':7,'responseMimeType':"
               "'application/json','responseJsonSchema':{'type':'object'}}}",
               "response-format-name response_format\n");
  assert_refused ("{'model':'m','input':'a','previous_response_id':'r'}",
                  "previous_response_id");
  assert_refused (INPUT ("{'role':'user','content':[{'type':'input_image','file_id':'f'"
                         "}]}"),
                  "file id");
}

static void
test_thinking_is_said_as_the_model_takes_it (void)
{
  static const struct
  {
    const char *effort;
    const char *model;
    const char *config;
  } cases[] = {
    { "high", "gemini-3-pro", "'thinkingLevel':'high','includeThoughts':true" },
    { "xhigh", "gemini-flash-latest", "'thinkingLevel':'high','includeThoughts':true" },
    { "minimal", "gemini-3-flash", "'thinkingLevel':'minimal','includeThoughts':true" },
    { "minimal", "gemini-3-pro", "'thinkingLevel':'low','includeThoughts':true" },
    { "none", "gemini-3-flash", "'thinkingLevel':'minimal','includeThoughts':false" },
    { "none", "gemini-2.5-flash", "'thinkingBudget':0,'includeThoughts':false" },
    { "none", "gemini-2.5-pro", "'thinkingBudget':128,'includeThoughts':false" },
    { "high", "gemini-2.5-flash", "'thinkingBudget':24576,'includeThoughts':true" },
    { "max", "gemini-2.5-pro", "'thinkingBudget':32768,'includeThoughts':true" },
    { "low", "my-model", "'thinkingBudget':1024,'includeThoughts':true" },
    { "low", "gemini-2.5-pro(auto)", "'thinkingBudget':-1,'includeThoughts':true" },
    { "low", "gemini-3-pro(auto)", "'includeThoughts':true" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *from = g_strdup_printf (
          "{'model':'m','input':'a','reasoning':{'effort':'%s'}}", cases[i].effort);
      g_autofree char *to = g_strdup_printf (
          "{'contents':[{'role':'user','parts':[{'text':'a'}]}],'generationConfig':{"
          "'thinkingConfig':{%s}}}",
          cases[i].config);
      g_autoptr (WeirRequest) request = read_responses (from);
      g_autofree char *body = write_request (request, cases[i].model, NULL, NULL);

      assert_json (body, to);
    }
}

/* What Claude Code sends: thoughts that this vendor did not sign, results before words. */
static void
test_an_anthropic_history_is_written (void)
{
  static const char from[]
      = "{'model':'m','max_tokens':9,'system':[{'type':'text','text':'be good',"
        "'cache_control':{'type':'ephemeral'}}],'stop_sequences':['1','2','3','4','5','6'],"
        "'thinking':{'type':'enabled','budget_tokens':2000},'messages':[{'role':'user',"
        "'content':'a'},{'role':'assistant','content':[{'type':'thinking','thinking':'hm',"
        "'signature':'EpAB'},{'type':'tool_use','id':'t1','name':'f','input':{'a':1.0}}]},{"
        "'role':'user','content':[{'type':'text','text':'b'},{'type':'tool_result',"
        "'tool_use_id':'t1','is_error':true,'content':[{'type':'text','text':'no'}]}]},{"
        "'role':'system','content':'late'}],'tools':[{'name':'f','description':'d',"
        "'input_schema':{'type':'object'}}],'tool_choice':{'type':'any'}}";
  static const char to[]
      = "{'systemInstruction':{'parts':[{'text':'be good'}]},'contents':[{'role':'user',"
        "'parts':[{'text':'a'}]},{'role':'model','parts':[{'text':'hm','thought':true},{"
        "'functionCall':{'id':'t1','name':'f','args':{'a':1.0}}}]},{'role':'user','parts':["
        "{'functionResponse':{'id':'t1','name':'f','response':{'error':'no'}}},{'text':'b'}"
        ",{'text':'late'}]}],'tools':[{'functionDeclarations':[{'name':'f','description':"
        "'d','parametersJsonSchema':{'type':'object'}}]}],'toolConfig':{"
        "'functionCallingConfig':{'mode':'ANY'}},'generationConfig':{'maxOutputTokens':9,"
        "'stopSequences':['1','2','3','4','5'],'thinkingConfig':{'thinkingBudget':2000,"
        "'includeThoughts':true}}}";
  g_autoptr (GBytes) bytes = quote (from);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirRequest) request
      = weir_anthropic_read_request (bytes, WEIR_SLICE (""), FALSE, &error);
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *body = NULL;

  g_assert_no_error (error);
  body = write_request (request, "gemini-2.5-pro", losses, &error);
  g_assert_no_error (error);
  assert_json (body, to);
  g_assert_cmpstr (losses->str, ==,
                   "cache-mark messages[0].parts[0]\n"
                   "signature messages[2].parts[0]\n"
                   "system-position messages[5]\n"
                   "stop-sequences stop\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gemini-write/an-own-request-stays-itself",
                   test_an_own_request_stays_itself);
  g_test_add_func ("/gemini-write/a-counted-request-becomes-a-plain-one",
                   test_a_counted_request_becomes_a_plain_one);
  g_test_add_func ("/gemini-write/a-name-beats-an-own-thinking",
                   test_a_name_beats_an_own_thinking);
  g_test_add_func ("/gemini-write/signatures-of-others-stay-behind",
                   test_signatures_of_others_stay_behind);
  g_test_add_func ("/gemini-write/a-conversation-becomes-turns",
                   test_a_conversation_becomes_turns);
  g_test_add_func ("/gemini-write/names-are-mapped-everywhere",
                   test_names_are_mapped_everywhere);
  g_test_add_func ("/gemini-write/results-stand-in-front", test_results_stand_in_front);
  g_test_add_func ("/gemini-write/only-answered-calls-are-written",
                   test_only_answered_calls_are_written);
  g_test_add_func ("/gemini-write/instructions-in-the-middle-are-said-by-the-user",
                   test_instructions_in_the_middle_are_said_by_the_user);
  g_test_add_func ("/gemini-write/tools-keep-their-schemas", test_tools_keep_their_schemas);
  g_test_add_func ("/gemini-write/vendor-tools-are-asked-for-by-this-vendors-name",
                   test_vendor_tools_are_asked_for_by_this_vendors_name);
  g_test_add_func ("/gemini-write/settings-are-written", test_settings_are_written);
  g_test_add_func ("/gemini-write/thinking-is-said-as-the-model-takes-it",
                   test_thinking_is_said_as_the_model_takes_it);
  g_test_add_func ("/gemini-write/an-anthropic-history-is-written",
                   test_an_anthropic_history_is_written);
  return g_test_run ();
}
