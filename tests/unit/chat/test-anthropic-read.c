/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"

/* @text has ' for ". */
static WeirRequest *
read_text (const char *text, GError **error)
{
  char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GBytes) body = g_bytes_new_take (json, strlen (json));

  return weir_anthropic_read_request (body, WEIR_SLICE (""), FALSE, error);
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

  g_strdelimit (text, "\"", '\'');
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

/* As Claude Code sends it, shortened. */
static const char claude_code[]
    = "{'model':'claude-sonnet-4-5(8192)','max_tokens':32000,'stream':true,"
      "'system':[{'type':'text','text':'billing'},{'type':'text','text':'You are',"
      "'cache_control':{'type':'ephemeral','ttl':'1h'}}],"
      "'metadata':{'user_id':'{\\u0022a\\u0022:1}','x':1},"
      "'thinking':{'type':'enabled','budget_tokens':31999,'display':'omitted'},"
      "'context_management':{'edits':[]},"
      "'tools':[{'name':'Bash','description':'Run','input_schema':{'type':'object'},"
      "'defer_loading':true,'strict':true,'eager_input_streaming':true},"
      "{'type':'web_search_20250305','name':'web_search','max_uses':3},"
      "{'type':'web_fetch_20250910','name':'web_fetch'},"
      "{'type':'code_execution_20250522','name':'code_execution'},"
      "{'type':'bash_20250124','name':'bash'}],"
      "'tool_choice':{'type':'tool','name':'Bash','disable_parallel_tool_use':true},"
      "'stop_sequences':['a','b'],'betas':['x'],"
      "'messages':[{'role':'user','content':'Hi'},"
      "{'role':'assistant','content':[{'type':'thinking','thinking':'hm','signature':"
      "'Eq=='},{'type':'redacted_thinking','data':'Zz'},{'type':'text','text':'a',"
      "'citations':[]},{'type':'tool_use','id':'t1','name':'Bash','input':{'c':1.0}},"
      "{'type':'server_tool_use','id':'s','name':'web_search','input':{}}]},"
      "{'role':'user','content':[{'type':'text','text':'see'},{'type':'tool_result',"
      "'tool_use_id':'t1','is_error':true,'content':[{'type':'text','text':'ok'},{'type':"
      "'image','source':{'type':'base64','media_type':'image/png','data':'AA=='}},{'type':"
      "'search_result','source':'u','title':'t','content':[{'type':'text','text':'a'},"
      "{'type':'text','text':'b'}]}],'cache_control':{'type':"
      "'ephemeral'}},{'type':'text','text':'go'}]},"
      "{'role':'system','content':'The date is'}]}";

static void
test_messages_keep_their_order (void)
{
  static const WeirRole roles[]
      = { WEIR_ROLE_SYSTEM, WEIR_ROLE_USER, WEIR_ROLE_ASSISTANT, WEIR_ROLE_USER,
          WEIR_ROLE_TOOL,   WEIR_ROLE_USER, WEIR_ROLE_SYSTEM };
  g_autoptr (WeirRequest) request = must_read (claude_code);
  const WeirPart *part;

  g_assert_cmpuint (request->n_messages, ==, G_N_ELEMENTS (roles));
  for (unsigned i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_assert_cmpint (get_message (request, i)->role, ==, roles[i]);
      g_assert_cmpint (get_message (request, i)->continues, ==, i == 4 || i == 5);
      g_assert_cmpint (get_message (request, i)->top, ==, i == 0);
      g_assert_cmpint (get_message (request, i)->plain, ==, i == 1 || i == 6);
    }
  part = request->messages->parts->next;
  assert_slice (part->text, "You are");
  g_assert_cmpint (part->cache.said, ==, WEIR_YES);
  assert_slice (part->cache.ttl, "1h");
}

static void
test_blocks_become_parts (void)
{
  g_autoptr (WeirRequest) request = must_read (claude_code);
  const WeirPart *part = get_message (request, 2)->parts;
  const WeirCall *call;
  const WeirResult *result;

  g_assert_cmpint (part->type, ==, WEIR_PART_THINKING);
  assert_slice (part->text, "hm");
  assert_slice (part->thinking.signature, "Eq==");
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_REDACTED_THINKING);
  assert_slice (part->thinking.signature, "Zz");
  part = part->next;
  assert_slice (part->unknown->name, "citations");
  part = part->next;
  call = &part->call;
  assert_slice (call->id, "t1");
  g_assert_cmpint (call->arguments.spelling, ==, WEIR_SPELLING_JSON);
  assert_slice (call->arguments.bytes, "{'c':1.0}");
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_OTHER);
  assert_slice (part->type_name, "server_tool_use");

  result = &get_message (request, 4)->parts->result;
  g_assert_true (result->of == call);
  g_assert_cmpint (result->is_error, ==, WEIR_YES);
  assert_slice (result->parts->text, "ok");
  g_assert_cmpint (result->parts->next->type, ==, WEIR_PART_IMAGE);
  assert_slice (result->parts->next->media.media_type, "image/png");
  assert_slice (result->parts->next->media.data, "AA==");
  g_assert_cmpint (result->parts->next->next->type, ==, WEIR_PART_TEXT);
  assert_slice (result->parts->next->next->text, "t\\nu\\na\\n\\nb");
  g_assert_cmpint (get_message (request, 4)->parts->cache.said, ==, WEIR_YES);
}

static void
test_settings_are_read (void)
{
  g_autoptr (WeirRequest) request = must_read (claude_code);
  const WeirTool *tool = request->tools;

  assert_slice (request->model, "claude-sonnet-4-5");
  g_assert_true (request->stream);
  g_assert_cmpint (request->form, ==, WEIR_ANSWER_SSE);
  g_assert_true (request->thinking.from_name);
  g_assert_cmpint (request->thinking.mode, ==, WEIR_THINKING_BUDGET);
  g_assert_cmpuint (request->thinking.budget, ==, 8192);
  g_assert_cmpint (request->thinking.shown, ==, WEIR_NO);
  assert_slice (request->options[WEIR_OPTION_MAX_OUTPUT_TOKENS], "32000");
  assert_slice (request->options[WEIR_OPTION_USER], "'{\\u0022a\\u0022:1}'");
  assert_slice (request->options[WEIR_OPTION_CONTEXT_MANAGEMENT], "{'edits':[]}");
  g_assert_cmpuint (request->n_stop, ==, 2);
  assert_slice (request->unknown->name, "betas");
  assert_slice (request->unknown->next->name, "metadata.x");

  g_assert_cmpint (tool->type, ==, WEIR_TOOL_FUNCTION);
  g_assert_cmpint (tool->deferred, ==, WEIR_YES);
  g_assert_cmpint (tool->strict, ==, WEIR_YES);
  assert_slice (tool->schema, "{'type':'object'}");
  assert_slice (tool->unknown->name, "eager_input_streaming");
  tool = tool->next;
  g_assert_cmpint (tool->type, ==, WEIR_TOOL_WEB_SEARCH);
  assert_slice (tool->search.most, "3");
  g_assert_null (tool->unknown);
  tool = tool->next;
  g_assert_cmpint (tool->type, ==, WEIR_TOOL_URL_CONTEXT);
  tool = tool->next;
  g_assert_cmpint (tool->type, ==, WEIR_TOOL_CODE);
  tool = tool->next;
  g_assert_cmpint (tool->type, ==, WEIR_TOOL_OTHER);

  g_assert_cmpint (request->tool_choice.mode, ==, WEIR_CHOICE_TOOL);
  g_assert_cmpint (request->tool_choice.type, ==, WEIR_TOOL_FUNCTION);
  g_assert_cmpint (request->tool_choice.parallel, ==, WEIR_NO);
}

static void
test_thinking_is_read (void)
{
  static const struct
  {
    const char *members;
    WeirThinkingMode mode;
    const char *level;
    uint64_t budget;
    WeirSaid shown;
  } cases[] = {
    { "", WEIR_THINKING_UNSAID, "", 0, WEIR_UNSAID },
    { ",'thinking':{'type':'disabled'}", WEIR_THINKING_OFF, "", 0, WEIR_NO },
    { ",'thinking':{'type':'adaptive','display':'summarized'}", WEIR_THINKING_AUTO, "", 0,
      WEIR_YES },
    { ",'thinking':{'type':'adaptive'},'output_config':{'effort':'max'}",
      WEIR_THINKING_LEVEL, "max", 0, WEIR_UNSAID },
    { ",'output_config':{'effort':'low'}", WEIR_THINKING_LEVEL, "low", 0, WEIR_UNSAID },
    { ",'thinking':{'type':'disabled'},'output_config':{'effort':'low'}", WEIR_THINKING_OFF,
      "", 0, WEIR_NO },
    { ",'thinking':{'type':'enabled','budget_tokens':2048},'output_config':{'effort':"
      "'low'}",
      WEIR_THINKING_BUDGET, "", 2048, WEIR_UNSAID },
    { ",'thinking':{'type':'enabled','budget_tokens':-1}", WEIR_THINKING_AUTO, "", 0,
      WEIR_UNSAID },
    { ",'thinking':{'type':'enabled'}", WEIR_THINKING_AUTO, "", 0, WEIR_UNSAID },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{'model':'m','messages':[]%s}", cases[i].members);
      g_autoptr (WeirRequest) request = must_read (text);

      g_assert_cmpint (request->thinking.mode, ==, cases[i].mode);
      assert_slice (request->thinking.level, cases[i].level);
      g_assert_cmpuint (request->thinking.budget, ==, cases[i].budget);
      g_assert_cmpint (request->thinking.shown, ==, cases[i].shown);
    }
}

static void
test_formats_are_read_in_both_places (void)
{
  static const char *const members[]
      = { "'output_config':{'format':{'type':'json_schema','schema':{'a':1}},'x':2}",
          "'output_format':{'type':'json_schema','schema':{'a':1}}" };

  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *text = g_strdup_printf ("{'messages':[],%s}", members[i]);
      g_autoptr (WeirRequest) request = must_read (text);

      g_assert_cmpint (request->response_format.type, ==, WEIR_FORMAT_SCHEMA);
      assert_slice (request->response_format.schema, "{'a':1}");
    }
}

static void
test_documents_have_sources (void)
{
  static const struct
  {
    const char *source;
    WeirPartType type;
    WeirMediaSource kind;
    const char *data;
  } cases[] = {
    { "'type':'base64','media_type':'application/pdf','data':'JVBERi0='", WEIR_PART_FILE,
      WEIR_MEDIA_DATA, "JVBERi0=" },
    { "'type':'url','url':'https://x/y.pdf'", WEIR_PART_FILE, WEIR_MEDIA_URL,
      "https://x/y.pdf" },
    { "'type':'file','file_id':'file_1'", WEIR_PART_FILE, WEIR_MEDIA_ID, "file_1" },
    { "'type':'text','media_type':'text/plain','data':'a b'", WEIR_PART_FILE,
      WEIR_MEDIA_TEXT, "a b" },
    { "'type':'content','content':'a b'", WEIR_PART_FILE, WEIR_MEDIA_TEXT, "a b" },
    { "'type':'content','content':[{'type':'text','text':'a b'}]", WEIR_PART_FILE,
      WEIR_MEDIA_TEXT, "a b" },
    { "'type':'content','content':[{'type':'image'}]", WEIR_PART_OTHER, 0, NULL },
    { "'type':'content','content':[{'type':'text','text':'a'},{'type':'image'},{'type':"
      "'text','text':'b'}]",
      WEIR_PART_FILE, WEIR_MEDIA_TEXT, "a\\n\\nb" },
    { "'type':'new','content':'a'", WEIR_PART_OTHER, 0, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{'messages':[{'role':'user','content':[{'type':'document','source':{%s},"
          "'title':'T','context':'C'}]}]}",
          cases[i].source);
      g_autoptr (WeirRequest) request = must_read (text);
      const WeirPart *part = request->messages->parts;

      g_assert_cmpint (part->type, ==, cases[i].type);
      if (part->type != WEIR_PART_FILE)
        continue;
      g_assert_cmpint (part->media.source, ==, cases[i].kind);
      assert_slice (part->media.data, cases[i].data);
      assert_slice (part->media.title, "T");
      assert_slice (part->media.context, "C");
    }
}

/* What other vendors signed went to the client in our wrapping. */
static void
test_foreign_signatures_come_home (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *thought = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_OPENAI_RESPONSES, WEIR_SLICE ("gAAA"), scratch));
  g_autofree char *unsaid = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_OPENAI_CHAT, WEIR_SLICE ("unsigned"), scratch));
  g_autofree char *call = weir_slice_dup (
      weir_signature_wrap (WEIR_DIALECT_GEMINI, WEIR_SLICE ("Sig"), scratch));
  g_autofree char *text = g_strdup_printf (
      "{'messages':[{'role':'assistant','content':[{'type':'thinking','thinking':'a',"
      "'signature':'%s'},{'type':'thinking','thinking':'b','signature':'%s'},{'type':"
      "'redacted_thinking','data':'Call%s'},{'type':'tool_use','id':'t','name':'f',"
      "'input':{}},{'type':'tool_use','id':'u','name':'f','input':{}}]}]}",
      thought, unsaid, call);
  g_autoptr (WeirRequest) request = must_read (text);
  const WeirPart *part = request->messages->parts;

  g_assert_cmpuint (request->messages->n_parts, ==, 4);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_OPENAI_RESPONSES);
  assert_slice (part->thinking.signature, "gAAA");
  part = part->next;
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_OPENAI_CHAT);
  assert_slice (part->thinking.signature, "");
  part = part->next;
  g_assert_cmpint (part->type, ==, WEIR_PART_CALL);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_GEMINI);
  assert_slice (part->call.signature, "Sig");
  part = part->next;
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_ANTHROPIC);
  assert_slice (part->call.signature, "");
}

static void
test_what_is_wrong_is_named (void)
{
  static const struct
  {
    const char *body;
    WeirError code;
    const char *message;
  } cases[] = {
    { "[]", WEIR_ERROR_BAD_REQUEST, "object" },
    { "{}", WEIR_ERROR_BAD_REQUEST, "messages" },
    { "{'messages':{}}", WEIR_ERROR_BAD_REQUEST, "messages" },
    { "{'messages':[1]}", WEIR_ERROR_BAD_REQUEST, "messages[0]: " },
    { "{'messages':[{'role':'bot','content':''}]}", WEIR_ERROR_BAD_REQUEST, "role" },
    { "{'messages':[{'role':'user'}]}", WEIR_ERROR_BAD_REQUEST, "content" },
    { "{'messages':[{'role':'user','content':1}]}", WEIR_ERROR_BAD_REQUEST,
      "messages[0]: must be a string" },
    { "{'messages':[{'role':'user','content':['a']}]}", WEIR_ERROR_BAD_REQUEST,
      "messages[0]: content[0]: " },
    { "{'messages':[{'role':'user','content':[{}]}]}", WEIR_ERROR_BAD_REQUEST, "type" },
    { "{'messages':[{'role':'user','content':[{'type':'tool_use','id':'a','name':'b'}]}]}",
      WEIR_ERROR_BAD_REQUEST, "assistant" },
    { "{'messages':[{'role':'assistant','content':[{'type':'tool_result','tool_use_id':"
      "'a'}]}]}",
      WEIR_ERROR_BAD_REQUEST, "user" },
    { "{'messages':[{'role':'user','content':[{'type':'image','source':{'type':'url'}}]}]"
      "}",
      WEIR_ERROR_BAD_REQUEST, "source" },
    { "{'messages':[{'role':'user','content':[{'type':'text','text':'a','text':'b'}]}]}",
      WEIR_ERROR_JSON_DUPLICATE, "text" },
    { "{'messages':[],'messages':[]}", WEIR_ERROR_JSON_DUPLICATE, "" },
    { "{'messages':[],'max_tokens':'1'}", WEIR_ERROR_BAD_REQUEST, "max_tokens" },
    { "{'messages':[],'thread':1}", WEIR_ERROR_BAD_REQUEST, "thread" },
    { "{'messages':[],'stop_sequences':[1]}", WEIR_ERROR_BAD_REQUEST, "stop_sequences" },
    { "{'messages':[],'tools':[{}]}", WEIR_ERROR_BAD_REQUEST, "tools[0]: " },
    { "{'messages':[],'tool_choice':{'type':'tool'}}", WEIR_ERROR_BAD_REQUEST, "name" },
    { "{'messages':[],'thinking':{'type':'enabled','budget_tokens':'a'}}",
      WEIR_ERROR_BAD_REQUEST, "budget_tokens" },
    { "{'messages':[],'metadata':{'user_id':1}}", WEIR_ERROR_BAD_REQUEST, "user_id" },
    { "{'messages':[],'output_format':{'type':'json_schema'}}", WEIR_ERROR_BAD_REQUEST,
      "schema" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirRequest) request = read_text (cases[i].body, &error);

      g_test_message ("%s", cases[i].body);
      g_assert_null (request);
      g_assert_error (error, WEIR_ERROR, (int)cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].message));
    }
}

static void
test_every_prefix_is_refused (void)
{
  for (size_t length = 0; length + 1 < sizeof claude_code; length++)
    {
      g_autofree char *cut = g_strndup (claude_code, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirRequest) request = read_text (cut, &error);

      g_assert_null (request);
      g_assert_true (error->domain == WEIR_ERROR);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/anthropic-read/messages-keep-their-order",
                   test_messages_keep_their_order);
  g_test_add_func ("/anthropic-read/blocks-become-parts", test_blocks_become_parts);
  g_test_add_func ("/anthropic-read/settings-are-read", test_settings_are_read);
  g_test_add_func ("/anthropic-read/thinking-is-read", test_thinking_is_read);
  g_test_add_func ("/anthropic-read/formats-are-read-in-both-places",
                   test_formats_are_read_in_both_places);
  g_test_add_func ("/anthropic-read/documents-have-sources", test_documents_have_sources);
  g_test_add_func ("/anthropic-read/foreign-signatures-come-home",
                   test_foreign_signatures_come_home);
  g_test_add_func ("/anthropic-read/what-is-wrong-is-named", test_what_is_wrong_is_named);
  g_test_add_func ("/anthropic-read/every-prefix-is-refused", test_every_prefix_is_refused);
  return g_test_run ();
}
