/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-loss.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"

#include <json-glib/json-glib.h>

/* JSON here has ' for ". */
static char *
spell (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static void
assert_same_json (const char *found, const char *wanted)
{
  g_autofree char *json = spell (wanted);
  g_autoptr (JsonNode) a = json_from_string (found, NULL);
  g_autoptr (JsonNode) b = json_from_string (json, NULL);

  g_assert_nonnull (a);
  g_assert_nonnull (b);
  if (!json_node_equal (a, b))
    g_assert_cmpstr (found, ==, json);
}

static WeirRequest *
must_read (WeirDialect dialect, const char *text)
{
  char *json = spell (text);
  g_autoptr (GBytes) body = g_bytes_new_take (json, strlen (json));
  g_autoptr (GError) error = NULL;
  WeirRequest *request = NULL;

  if (dialect == WEIR_DIALECT_ANTHROPIC)
    request = weir_anthropic_read_request (body, WEIR_SLICE (""), FALSE, &error);
  if (dialect == WEIR_DIALECT_OPENAI_CHAT)
    request = weir_openai_chat_read_request (body, WEIR_SLICE (""), FALSE, &error);
  if (dialect == WEIR_DIALECT_OPENAI_RESPONSES)
    request = weir_openai_responses_read_request (body, WEIR_SLICE (""), FALSE, &error);
  if (dialect == WEIR_DIALECT_GEMINI)
    request = weir_gemini_read_request (body, WEIR_SLICE ("m"), FALSE, &error);
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

/* (transfer full): what @text becomes for @model; its losses go to @losses. */
static char *
translate (WeirDialect dialect,
           const char *model,
           const char *text,
           GString *losses,
           GError **error)
{
  g_autoptr (WeirRequest) request = must_read (dialect, text);
  const WeirWriteOptions options = {
    .model = weir_slice_from_string (model),
    .on_loss = losses != NULL ? on_loss : NULL,
    .user_data = losses,
  };
  g_autoptr (GString) out = g_string_new (NULL);

  if (!weir_anthropic_write_request (request, &options, out, error))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_becomes (WeirDialect dialect,
                const char *model,
                const char *text,
                const char *wanted,
                const char *wanted_losses)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *found = translate (dialect, model, text, losses, &error);

  g_assert_no_error (error);
  assert_same_json (found, wanted);
  g_assert_cmpstr (losses->str, ==, wanted_losses);
}

static const char *const bodies[] = {
  "{'model':'m','messages':[]}",
  "{'model':'m','stream':false,'max_tokens':5,'temperature':0.10,'top_k':1e1,"
  "'messages':[{'role':'assistant','content':''},{'role':'system','content':[{'type':"
  "'text','text':' '}],'x':1}],'thread':{'type':'create'},'container':'c','mcp_servers':"
  "[{'a':1}],'speed':'fast','betas':['x'],'service_tier':'odd','new':{'a':null},"
  "'metadata':{'user_id':'u','x':1},'system':'Be','cache_control':{'type':'ephemeral'}}",
  "{'model':'m','messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':"
  "'of an earlier message','content':'ok'},{'type':'search_result','source':'s'}]},{"
  "'role':'assistant','content':[{'type':'thinking','thinking':'a','signature':'Eq'},{"
  "'type':'redacted_thinking','data':'x'},{'type':'tool_use','id':'odd id','name':"
  "'odd name','input':[1]}]}],'system':[{'type':'text','text':'a','cache_control':{'type':"
  "'ephemeral','ttl':'1h','new':1}}]}",
  "{'model':'m','messages':[],'tools':[{'name':'f','input_schema':{'anyOf':[]},'x':1},{"
  "'type':'computer_20250124','name':'computer'}],'tool_choice':{'type':'any'},"
  "'thinking':{'type':'enabled','budget_tokens':99999,'new':1},'output_config':{'effort':"
  "'odd','format':{'type':'json_schema','schema':{},'z':1},'task_budget':{}},"
  "'stop_sequences':[' ']}",
};

static void
test_what_was_read_is_written (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    assert_becomes (WEIR_DIALECT_ANTHROPIC, "m", bodies[i], bodies[i], "");
}

static void
test_the_name_of_the_model_beats_the_body (void)
{
  assert_becomes (WEIR_DIALECT_ANTHROPIC, "claude-opus-4-5",
                  "{'model':'m(8192)','messages':[],'max_tokens':9000,'temperature':0.5,"
                  "'top_k':3,'output_config':{'effort':'low','format':{'type':"
                  "'json_schema','schema':{}},'task_budget':1},'system':'a'}",
                  "{'model':'claude-opus-4-5','messages':[],'max_tokens':9000,'thinking':{"
                  "'type':'enabled','budget_tokens':6750},'output_config':{'format':{"
                  "'type':'json_schema','schema':{}},'task_budget':1},'system':'a'}",
                  "thinking-level@thinking temperature@temperature top-k@top_k ");
  assert_becomes (WEIR_DIALECT_ANTHROPIC, "claude-opus-4-6",
                  "{'model':'m(high)','messages':[],'max_tokens':9000}",
                  "{'model':'claude-opus-4-6','messages':[],'max_tokens':9000,'thinking':{"
                  "'type':'adaptive'},'output_config':{'effort':'high'}}",
                  "");
  assert_becomes (WEIR_DIALECT_ANTHROPIC, "m",
                  "{'model':'m(none)','messages':[],'max_tokens':9,'temperature':0.5,"
                  "'thinking':{'type':'adaptive'}}",
                  "{'model':'m','messages':[],'max_tokens':9,'temperature':0.5,"
                  "'thinking':{'type':'disabled'}}",
                  "");
}

/* The client talked to others before: their thoughts and signatures stay here. */
static void
test_own_messages_lose_what_others_signed (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *signature = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_GEMINI, WEIR_SLICE ("Sig"), scratch));
  g_autofree char *text = g_strdup_printf (
      "{'model':'m','messages':[{'role':'assistant','x':1,'content':[{'type':'thinking',"
      "'thinking':'a','signature':'%s'},{'type':'redacted_thinking','data':'Call%s'},{"
      "'type':'tool_use','id':'t','name':'f','input':{'a':1},'cache_control':{'type':"
      "'ephemeral'}},{'type':'text','text':'b','y':2}]},{'role':'assistant','content':[{"
      "'type':'thinking','thinking':'a','signature':''}]}]}",
      signature, signature);

  assert_becomes (
      WEIR_DIALECT_ANTHROPIC, "m", text,
      "{'model':'m','messages':[{'role':'assistant','x':1,'content':[{'type':'tool_use',"
      "'id':'t','name':'f','input':{'a':1},'cache_control':{'type':'ephemeral'}},{'type':"
      "'text','text':'b','y':2}]}]}",
      "thinking-unsigned@messages[0].parts[0] signature@messages[0].parts[1] "
      "thinking-unsigned@messages[1].parts[0] ");
}

/* With a budget the vendor refuses a loop of calls that does not begin with his thought,
 * and to clear thoughts where there are none; adaptive thinking does not mind. */
static void
test_own_loops_of_others_go_on_without_thoughts (void)
{
#define LOOP(thinking)                                                                     \
  "{'model':'m'," thinking "'max_tokens':9000,'messages':[{'role':'user','content':'a'},{" \
  "'role':'assistant','content':[{'type':'tool_use','id':'t','name':'f','input':{}}]},{"   \
  "'role':'user','content':[{'type':'tool_result','tool_use_id':'t','content':'r'}]}]}"
#define BUDGET "'thinking':{'type':'enabled','budget_tokens':4096},"
#define CLEAR "'context_management':{'edits':[{'type':'clear_thinking_20251015'}]},"
#define ADAPTIVE "'thinking':{'type':'adaptive'},"

  assert_becomes (WEIR_DIALECT_ANTHROPIC, "m", LOOP (BUDGET CLEAR), LOOP (""),
                  "thinking-level@thinking ");
  assert_becomes (WEIR_DIALECT_ANTHROPIC, "m", LOOP (ADAPTIVE CLEAR), LOOP (ADAPTIVE CLEAR),
                  "");
#undef ADAPTIVE
#undef CLEAR
#undef BUDGET
#undef LOOP
}

#define USER "{'role':'user','content':[{'type':'text','text':'Hi'}]}"
#define HEAD "{'model':'m','max_tokens':32000,"

static void
test_turns_alternate (void)
{
  assert_becomes (
      WEIR_DIALECT_OPENAI_CHAT, "m",
      "{'model':'x','messages':[{'role':'system','content':'S'},{'role':'developer',"
      "'content':'D'},{'role':'assistant','content':'First'},{'role':'user','content':'a'"
      "},{'role':'user','content':' \\n'},{'role':'system','content':'Mid'},{'role':"
      "'assistant','content':'','tool_calls':[{'id':'c 1','type':'function','function':{"
      "'name':'f','arguments':'{\\u0022a\\u0022:1.0}'}},{'id':'c2','type':'function',"
      "'function':{'name':'g','arguments':''}},{'id':'c3','type':'function','function':{"
      "'name':'g','arguments':'{}'}}]},{'role':'tool','tool_call_id':'c2','content':'2'},{"
      "'role':'user','content':'and'},{'role':'tool','tool_call_id':'c 1','content':'1'},{"
      "'role':'assistant','content':'End'}]}",
      HEAD
      "'system':[{'type':'text','text':'S'},{'type':'text','text':'D'}],'messages':[{"
      "'role':'user','content':[{'type':'text','text':'Begin.'}]},{'role':'assistant',"
      "'content':[{'type':'text','text':'First'}]},{'role':'user','content':[{'type':"
      "'text','text':'a'},{'type':'text','text':'<system-reminder>\\nMid\\n"
      "</system-reminder>'}]},{'role':'assistant','content':[{'type':'tool_use','id':"
      "'c_1_3e1044c5','name':'f','input':{'a':1.0}},{'type':'tool_use','id':'c2','name':"
      "'g','input':{}}]},{'role':'user','content':[{'type':'tool_result','tool_use_id':"
      "'c_1_3e1044c5','content':'1'},{'type':'tool_result','tool_use_id':'c2','content':"
      "'2'},{'type':'text','text':'and'}]},{'role':'assistant','content':[{'type':'text',"
      "'text':'End'}]},{'role':'user','content':[{'type':'text','text':'Continue.'}]}]}",
      "empty-text@messages[4].parts[0] system-position@messages[5].parts[0] "
      "call-without-result@messages[6].parts[2] prefill@messages ");
}

/* Some servers number the calls of each answer anew. */
static void
test_ids_of_calls_are_told_apart (void)
{
  assert_becomes (
      WEIR_DIALECT_OPENAI_CHAT, "m",
      "{'model':'x','messages':[{'role':'user','content':'Hi'},{'role':'assistant',"
      "'tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':'{}'}}]"
      "},{'role':'tool','tool_call_id':'c','content':'1'},{'role':'assistant',"
      "'tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':'1'}}]}"
      ",{'role':'tool','tool_call_id':'c','content':'2'}]}",
      HEAD "'messages':[" USER
           ",{'role':'assistant','content':[{'type':'tool_use','id':'c',"
           "'name':'f','input':{}}]},{'role':'user','content':[{'type':'tool_result',"
           "'tool_use_id':'c','content':'1'}]},{'role':'assistant','content':[{'type':"
           "'tool_use','id':'c_3_0','name':'f','input':{'input':'1'}}]},{'role':'user',"
           "'content':[{'type':'tool_result','tool_use_id':'c_3_0','content':'2'}]}]}",
      "call-arguments@messages[3].parts[0] ");
  assert_becomes (
      WEIR_DIALECT_GEMINI, "m",
      "{'contents':[{'role':'user','parts':[{'text':'Hi'}]},{'role':'model','parts':[{"
      "'functionCall':{'name':'f','args':{}}}]},{'role':'user','parts':[{"
      "'functionResponse':{'name':'f','response':{'a':1}}}]}]}",
      HEAD "'messages':[" USER
           ",{'role':'assistant','content':[{'type':'tool_use','id':'call_1_0','name':'f',"
           "'input':{}}]},{'role':'user','content':[{'type':'tool_result','tool_use_id':"
           "'call_1_0','content':'{\\u0022a\\u0022:1}'}]}]}",
      "");
}

static void
test_a_thought_in_pieces_is_whole_again (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *signature = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("Eq=="), scratch));
  g_autofree char *text = g_strdup_printf (
      "{'contents':[{'role':'user','parts':[{'text':'Hi'}]},{'role':'model','parts':[{"
      "'text':'a','thought':true},{'text':'b','thought':true},{'text':'','thought':true,"
      "'thoughtSignature':'%s'},{'text':'c','thought':true},{'text':'Ho'}]},{'role':"
      "'user','parts':[{'text':'Hi'}]}]}",
      signature);

  assert_becomes (WEIR_DIALECT_GEMINI, "m", text,
                  HEAD "'messages':[" USER
                       ",{'role':'assistant','content':[{'type':'thinking','thinking':'ab',"
                       "'signature':'Eq=='},{'type':'text','text':'Ho'}]}," USER "]}",
                  "thinking-unsigned@messages[1].parts[3] ");
}

static void
test_settings_are_said (void)
{
  assert_becomes (
      WEIR_DIALECT_OPENAI_CHAT, "m",
      "{'model':'x','messages':[{'role':'user','content':'Hi'}],'max_completion_tokens':7,"
      "'temperature':1.5,'top_p':0.5,'stop':['a','\\n'],'user':'u','safety_identifier':'s',"
      "'parallel_tool_calls':false,'seed':1,'logprobs':true,'tools':[{'type':'function',"
      "'function':{'name':'a.b','description':'d','strict':true,'parameters':{'oneOf':[],"
      "'properties':{}}}},{'type':'function','function':{'name':'g'}}]}",
      "{'model':'m','max_tokens':7,'temperature':1,'metadata':{'user_id':'u'},"
      "'stop_sequences':['a'],'tools':[{'name':'a_b_108bf50c','description':'d',"
      "'input_schema':{'properties':{},'type':'object'}},{'name':'g','input_schema':{"
      "'type':'object','properties':{}}}],'tool_choice':{'type':'auto',"
      "'disable_parallel_tool_use':true},'messages':[" USER "]}",
      "seed@seed logprobs@logprobs range@temperature top-p@top_p "
      "safety-identifier@safety_identifier stop-sequences@stop tool-strict@tools[0] "
      "schema-keyword@tools[0] ");
}

static void
test_choices_are_said (void)
{
  static const struct
  {
    const char *choice;
    const char *tools;
    const char *wanted; /* behind the list of tools */
    const char *losses;
  } cases[] = {
    { "'auto'", "ab", ",'tool_choice':{'type':'auto'}", "" },
    { "'none'", "ab", ",'tool_choice':{'type':'none'}", "" },
    { "'required'", "ab", ",'tool_choice':{'type':'any'}", "" },
    { "{'type':'function','function':{'name':'b'}}", "ab",
      ",'tool_choice':{'type':'tool','name':'b'}", "" },
    { "{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':[{'type':"
      "'function','function':{'name':'b'}}]}}",
      "b", ",'tool_choice':{'type':'tool','name':'b'}", "" },
    { "{'type':'allowed_tools','allowed_tools':{'mode':'auto','tools':[{'type':"
      "'function','function':{'name':'b'}}]}}",
      "b", ",'tool_choice':{'type':'auto'}", "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{'model':'x','messages':[{'role':'user','content':'Hi'}],'tool_choice':%s,"
          "'tools':[{'type':'function','function':{'name':'a','parameters':{'type':"
          "'object'}}},{'type':'function','function':{'name':'b','parameters':{'type':"
          "'object'}}}]}",
          cases[i].choice);
      g_autofree char *wanted = g_strdup_printf (
          HEAD "'messages':[" USER "],'tools':[%s{'name':'b','input_schema':{'type':"
               "'object'}}]%s}",
          strlen (cases[i].tools) > 1 ? "{'name':'a','input_schema':{'type':'object'}},"
                                      : "",
          cases[i].wanted);

      assert_becomes (WEIR_DIALECT_OPENAI_CHAT, "m", text, wanted, cases[i].losses);
    }
}

static void
test_thinking_is_said_as_the_model_takes_it (void)
{
  static const struct
  {
    const char *model;
    const char *members; /* of a Chat request */
    const char *wanted;
    const char *losses;
  } cases[] = {
    { "claude-sonnet-4-5-20250929", "'reasoning_effort':'medium','temperature':0.5",
      "'max_tokens':32000,'thinking':{'type':'enabled','budget_tokens':8192}",
      "thinking-level@thinking temperature@temperature " },
    { "claude-sonnet-4-20250514", "'reasoning_effort':'high','max_tokens':2000",
      "'max_tokens':2000,'thinking':{'type':'enabled','budget_tokens':1500}",
      "thinking-level@thinking " },
    { "claude-opus-4-1", "'reasoning_effort':'low','max_tokens':1000", "'max_tokens':1000",
      "thinking-level@thinking " },
    { "anthropic.claude-opus-4-6-v1:0", "'reasoning_effort':'high','temperature':1",
      "'max_tokens':32000,'thinking':{'type':'adaptive','display':'summarized'},'output_"
      "config':{'effort':"
      "'high'}",
      "" },
    { "claude-opus-4-6", "'reasoning_effort':'xhigh'",
      "'max_tokens':32000,'thinking':{'type':'adaptive','display':'summarized'},'output_"
      "config':{'effort':"
      "'high'}",
      "thinking-level@thinking " },
    { "claude-opus-5", "'reasoning_effort':'xhigh'",
      "'max_tokens':32000,'thinking':{'type':'adaptive','display':'summarized'},'output_"
      "config':{'effort':"
      "'xhigh'}",
      "" },
    { "claude-opus-4-7", "'temperature':0,'top_p':0.95,'top_k':1", "'max_tokens':32000",
      "temperature@temperature top-p@top_p top-k@top_k " },
    { "claude-3-5-haiku-20241022", "'reasoning_effort':'none','top_p':0.5",
      "'max_tokens':8192,'thinking':{'type':'disabled'},'top_p':0.5", "" },
    { "claude-3-haiku-20240307", "'top_k':3", "'max_tokens':4096,'top_k':3", "" },
    { "claude-opus-4-6",
      "'reasoning_effort':'high','tool_choice':'required','tools':[{'type':'function',"
      "'function':{'name':'f'}}]",
      "'max_tokens':32000,'tool_choice':{'type':'any'},'tools':[{'name':'f',"
      "'input_schema':{'type':'object','properties':{}}}]",
      "thinking-level@thinking " },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{'model':'x','messages':[{'role':'user','content':'Hi'}],%s}", cases[i].members);
      g_autofree char *wanted = g_strdup_printf ("{'model':'%s','messages':[" USER "],%s}",
                                                 cases[i].model, cases[i].wanted);

      assert_becomes (WEIR_DIALECT_OPENAI_CHAT, cases[i].model, text, wanted,
                      cases[i].losses);
    }
}

/* With a budget the API wants the turn that made the calls to begin with a thought. */
static void
test_a_loop_without_thoughts_goes_on_without (void)
{
  static const char loop[]
      = "{'model':'x','reasoning_effort':'high','messages':[{'role':'user','content':'Hi'},"
        "{'role':'assistant','tool_calls':[{'id':'c','type':'function','function':{'name':"
        "'f','arguments':'{}'}}]},{'role':'tool','tool_call_id':'c','content':'1'}]}";
  g_autoptr (GString) losses = g_string_new (NULL);
  g_autofree char *budget
      = translate (WEIR_DIALECT_OPENAI_CHAT, "claude-sonnet-4-5", loop, losses, NULL);
  g_autofree char *effort
      = translate (WEIR_DIALECT_OPENAI_CHAT, "claude-sonnet-4-6", loop, NULL, NULL);

  g_assert_null (strstr (budget, "\"thinking\""));
  g_assert_cmpstr (losses->str, ==, "thinking-level@thinking ");
  g_assert_nonnull (strstr (effort, "\"adaptive\""));
}

/* Gemini's clients give a signature back in a part of its own. */
static void
test_a_loop_with_thoughts_goes_on_with_them (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *signature = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("Eq=="), scratch));
  g_autofree char *loop = g_strdup_printf (
      "{'contents':[{'role':'user','parts':[{'text':'Hi'}]},{'role':'model','parts':[{"
      "'text':'a','thought':true},{'text':'','thought':true,'thoughtSignature':'%s'},{"
      "'functionCall':{'name':'f','args':{}}}]},{'role':'user','parts':[{"
      "'functionResponse':{'name':'f','response':{}}}]}],'generationConfig':{"
      "'thinkingConfig':{'thinkingBudget':2048}}}",
      signature);
  g_autofree char *text
      = translate (WEIR_DIALECT_GEMINI, "claude-sonnet-4-5", loop, NULL, NULL);

  g_assert_nonnull (strstr (text, "\"budget_tokens\":2048"));
}

static void
test_formats_are_said (void)
{
  assert_becomes (
      WEIR_DIALECT_OPENAI_CHAT, "m",
      "{'model':'x','messages':[{'role':'user','content':'Hi'}],'response_format':{'type':"
      "'json_schema','json_schema':{'name':'n','schema':{'type':'object','properties':{"
      "'minimum':{'type':['object','null'],'additionalProperties':{}},'a':{'type':"
      "'integer','minimum':0,'maximum':9}}}}}}",
      HEAD
      "'messages':[" USER
      "],'output_config':{'format':{'type':'json_schema','schema':{'type':'object',"
      "'properties':{'minimum':{'type':['object','null'],'additionalProperties':false},"
      "'a':{'type':'integer'}},'additionalProperties':false}}}}",
      "schema-keyword@response_format ");
  assert_becomes (
      WEIR_DIALECT_OPENAI_CHAT, "m",
      "{'model':'x','messages':[{'role':'user','content':'Hi'}],'response_format':{'type':"
      "'json_object'}}",
      HEAD "'system':[{'type':'text','text':'Answer with one JSON object and nothing "
           "else.'}],'messages':[" USER "]}",
      "response-format@response_format ");
}

static void
test_media_are_said (void)
{
  assert_becomes (
      WEIR_DIALECT_OPENAI_RESPONSES, "m",
      "{'model':'x','input':[{'role':'user','content':[{'type':'input_image','image_url':"
      "'data:image/png;base64,AAAA','detail':'high'},{'type':'input_image','image_url':"
      "'https://x/y.png'},{'type':'input_file','filename':'a.pdf','file_data':"
      "'data:application/pdf;base64,JVBE'},{'type':'input_file','filename':'a.md',"
      "'file_data':'SGk='}]}]}",
      HEAD "'messages':[{'role':'user','content':[{'type':'image','source':{'type':"
           "'base64','media_type':'image/png','data':'AAAA'}},{'type':'image','source':{"
           "'type':'url','url':'https://x/y.png'}},{'type':'document','source':{'type':"
           "'base64','media_type':'application/pdf','data':'JVBE'},'title':'a.pdf'},{"
           "'type':'document','source':{'type':'text','media_type':'text/plain','data':"
           "'Hi'},'title':'a.md'}]}]}",
      "image-detail@messages[0].parts[0] ");
  assert_becomes (
      WEIR_DIALECT_GEMINI, "m",
      "{'contents':[{'role':'user','parts':[{'fileData':{'mimeType':'image/png','fileUri':"
      "'gs://x'}}]}]}",
      HEAD "'messages':[{'role':'user','content':[{'type':'text','text':'File: gs://x'}]}]"
           "}",
      "image-url@messages[0].parts[0] ");
}

static void
test_what_would_change_the_meaning_is_refused (void)
{
  static const struct
  {
    WeirDialect dialect;
    const char *body;
    const char *message;
  } cases[] = {
    { WEIR_DIALECT_OPENAI_CHAT, "{'model':'x','messages':[],'n':2}", "choice" },
    { WEIR_DIALECT_OPENAI_CHAT,
      "{'model':'x','messages':[{'role':'tool','tool_call_id':'c','content':'1'}]}",
      "messages[0].parts[0]" },
    { WEIR_DIALECT_OPENAI_CHAT,
      "{'model':'x','messages':[{'role':'user','content':[{'type':'input_audio',"
      "'input_audio':{'data':'AA','format':'wav'}}]}]}",
      "sound" },
    { WEIR_DIALECT_OPENAI_CHAT,
      "{'model':'x','messages':[{'role':'user','content':[{'type':'file','file':{'file_id'"
      ":'f'}}]}]}",
      "file ids" },
    { WEIR_DIALECT_OPENAI_RESPONSES, "{'input':'a','previous_response_id':'r'}",
      "previous_response_id" },
    { WEIR_DIALECT_GEMINI, "{'contents':[],'cachedContent':'c'}", "cachedContent" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text
          = translate (cases[i].dialect, "m", cases[i].body, NULL, &error);

      g_assert_null (text);
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

static void
test_scoped_and_custom_tools_are_functions (void)
{
  assert_becomes (
      WEIR_DIALECT_OPENAI_RESPONSES, "claude-opus-4-5",
      "{'model':'x','input':[{'role':'user','content':'Hi'},{'type':'custom_tool_call',"
      "'call_id':'c1','name':'patch','input':'a\\u0022b'},{'type':'function_call',"
      "'call_id':'c2','name':'read','namespace':'files','arguments':'{}'},{'type':"
      "'custom_tool_call_output','call_id':'c1','output':'ok'},{'type':"
      "'function_call_output','call_id':'c2','output':''}],'tools':[{'type':'custom',"
      "'name':'patch','description':'P','format':{'type':'text'}},{'type':'namespace',"
      "'name':'files','description':'F','tools':[{'type':'function','name':'read'}]},{"
      "'type':'web_search'},{'type':'image_generation'}]}",
      "{'model':'claude-opus-4-5','max_tokens':32000,'tools':[{'name':'patch',"
      "'description':'P','input_schema':{'type':'object','properties':{'input':{'type':"
      "'string'}},'required':['input']}},{'name':'files__read','input_schema':{'type':"
      "'object','properties':{}}},{'type':'web_search_20250305','name':'web_search'}],"
      "'messages':[" USER
      ",{'role':'assistant','content':[{'type':'tool_use','id':'c1','name':'patch',"
      "'input':{'input':'a\\u0022b'}},{'type':'tool_use','id':'c2','name':'files__read',"
      "'input':{}}]},{'role':'user','content':[{'type':'tool_result','tool_use_id':'c1',"
      "'content':'ok'},{'type':'tool_result','tool_use_id':'c2'}]}]}",
      "provider-tool@tools[3] tool-format@tools[0] tool-scope-text@tools[1] ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/anthropic-write/what-was-read-is-written",
                   test_what_was_read_is_written);
  g_test_add_func ("/anthropic-write/the-name-of-the-model-beats-the-body",
                   test_the_name_of_the_model_beats_the_body);
  g_test_add_func ("/anthropic-write/own-loops-of-others-go-on-without-thoughts",
                   test_own_loops_of_others_go_on_without_thoughts);
  g_test_add_func ("/anthropic-write/own-messages-lose-what-others-signed",
                   test_own_messages_lose_what_others_signed);
  g_test_add_func ("/anthropic-write/turns-alternate", test_turns_alternate);
  g_test_add_func ("/anthropic-write/ids-of-calls-are-told-apart",
                   test_ids_of_calls_are_told_apart);
  g_test_add_func ("/anthropic-write/a-thought-in-pieces-is-whole-again",
                   test_a_thought_in_pieces_is_whole_again);
  g_test_add_func ("/anthropic-write/settings-are-said", test_settings_are_said);
  g_test_add_func ("/anthropic-write/choices-are-said", test_choices_are_said);
  g_test_add_func ("/anthropic-write/thinking-is-said-as-the-model-takes-it",
                   test_thinking_is_said_as_the_model_takes_it);
  g_test_add_func ("/anthropic-write/a-loop-without-thoughts-goes-on-without",
                   test_a_loop_without_thoughts_goes_on_without);
  g_test_add_func ("/anthropic-write/a-loop-with-thoughts-goes-on-with-them",
                   test_a_loop_with_thoughts_goes_on_with_them);
  g_test_add_func ("/anthropic-write/formats-are-said", test_formats_are_said);
  g_test_add_func ("/anthropic-write/media-are-said", test_media_are_said);
  g_test_add_func ("/anthropic-write/what-would-change-the-meaning-is-refused",
                   test_what_would_change_the_meaning_is_refused);
  g_test_add_func ("/anthropic-write/scoped-and-custom-tools-are-functions",
                   test_scoped_and_custom_tools_are_functions);
  return g_test_run ();
}
