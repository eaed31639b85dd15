/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/weir-error.h"
#include "chat/weir-protocol-request.h"
#include "chat/weir-signature.h"

/* JSON here has ' for ". */
static WeirRequest *
read_text (const char *text, GError **error)
{
  char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GBytes) body = g_bytes_new_take (json, strlen (json));

  return weir_gemini_read_request (body, WEIR_SLICE ("gemini-3-pro"), TRUE, error);
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
must_refuse (const char *text, WeirError code, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirRequest) request = read_text (text, &error);

  g_assert_null (request);
  g_assert_error (error, WEIR_ERROR, (int)code);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static void
assert_slice (WeirSlice found, const char *wanted)
{
  g_autofree char *text = g_strdelimit (weir_slice_dup (found), "\"", '\'');

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

#define CONTENTS(parts) "{'contents':[{'role':'user','parts':[" parts "]}]}"

/* As Gemini CLI sends it, shortened. */
static const char cli[]
    = "{'contents':[{'parts':[{'text':'setup'}],'role':'user'},{'parts':[{'text':'do "
      "it'}],'role':'user'},{'parts':[{'text':'hm','thought':true,'thoughtSignature':"
      "'c2ln'},{'functionCall':{'name':'read','args':{'p':1.0},'id':'a1'},"
      "'thoughtSignature':'Sg=='},{'functionCall':{'name':'list','args':{}}}],'role':"
      "'model'},{'parts':[{'functionResponse':{'id':'a1','name':'read','response':{"
      "'output':'ok'}}},{'functionResponse':{'name':'list','response':{'error':'no'}}},{"
      "'text':'go on'}],'role':'user'}],'systemInstruction':{'parts':[{'text':'be "
      "good'}],'role':'user'},'tools':[{'functionDeclarations':[{'name':'read',"
      "'description':'d','parametersJsonSchema':{'type':'object'}},{'name':'list',"
      "'parameters':{'type':'OBJECT'}}]},{'googleSearch':{}},{'urlContext':{}}],"
      "'toolConfig':{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':["
      "'read','list']}},'generationConfig':{'temperature':1.0,'topP':0.95,'topK':64,"
      "'maxOutputTokens':5,'stopSequences':['X','Y'],'candidateCount':2,"
      "'responseMimeType':'application/json','responseJsonSchema':{'type':'object'},"
      "'thinkingConfig':{'includeThoughts':true,'thinkingLevel':'HIGH'},'newKnob':1},"
      "'safetySettings':[],'labels':{'a':'b'},'cachedContent':'c/1','session_id':'s'}";

static void
test_a_conversation_is_read (void)
{
  g_autoptr (WeirRequest) request = must_read (cli);
  const WeirMessage *calls = get_message (request, 3);
  const WeirMessage *results = get_message (request, 4);
  const WeirPart *part;

  g_assert_cmpuint (request->n_messages, ==, 6);
  g_assert_true (request->messages->top);
  g_assert_cmpint (request->messages->role, ==, WEIR_ROLE_SYSTEM);
  assert_slice (get_message (request, 1)->parts->text, "setup");
  g_assert_cmpint (calls->role, ==, WEIR_ROLE_ASSISTANT);
  part = calls->parts;
  g_assert_cmpint (part->type, ==, WEIR_PART_THINKING);
  assert_slice (part->thinking.signature, "c2ln");
  part = part->next;
  assert_slice (part->call.id, "a1");
  assert_slice (part->call.arguments.bytes, "{'p':1.0}");
  assert_slice (part->call.signature, "Sg==");
  assert_slice (part->next->call.id, "");
  g_assert_cmpint (results->role, ==, WEIR_ROLE_TOOL);
  g_assert_true (results->parts->result.of == &part->call);
  g_assert_true (results->parts->next->result.of == &part->next->call);
  g_assert_cmpint (results->parts->next->result.is_error, ==, WEIR_YES);
  assert_slice (results->parts->result.value.bytes, "ok");
  g_assert_true (results->next->continues);
  g_assert_cmpint (results->next->role, ==, WEIR_ROLE_USER);
}

static void
test_settings_are_read (void)
{
  g_autoptr (WeirRequest) request = must_read (cli);

  assert_slice (request->model, "gemini-3-pro");
  g_assert_true (request->stream);
  assert_slice (request->options[WEIR_OPTION_TEMPERATURE], "1.0");
  assert_slice (request->options[WEIR_OPTION_CACHED_CONTENT], "'c/1'");
  assert_slice (request->stop->next->name, "Y");
  g_assert_cmpuint (request->n_stop, ==, 2);
  g_assert_cmpuint (request->n_choices, ==, 2);
  g_assert_cmpint (request->response_format.type, ==, WEIR_FORMAT_SCHEMA);
  g_assert_cmpint (request->thinking.mode, ==, WEIR_THINKING_LEVEL);
  assert_slice (request->thinking.level, "high");
  g_assert_cmpint (request->thinking.shown, ==, WEIR_YES);
  g_assert_cmpint (request->tool_choice.mode, ==, WEIR_CHOICE_ALLOWED);
  g_assert_true (request->tool_choice.required);
  g_assert_cmpuint (request->n_tools, ==, 4);
  assert_slice (request->tools->schema, "{'type':'object'}");
  assert_slice (request->tools->next->schema, "{'type':'object'}");
  g_assert_cmpint (request->tools->next->next->type, ==, WEIR_TOOL_WEB_SEARCH);
  g_assert_nonnull (request->unknown);
}

/* (transfer full): the same in another dialect. */
static char *
write_elsewhere (const char *text)
{
  g_autoptr (WeirRequest) request = must_read (text);
  const WeirWriteOptions options = { .model = WEIR_SLICE ("m") };
  GString *out = g_string_new (NULL);

  request->n_choices = 1; /* more are refused */
  request->options[WEIR_OPTION_CACHED_CONTENT] = WEIR_SLICE ("");
  g_assert_true (weir_openai_responses_write_request (request, &options, out, NULL));
  return g_string_free (out, FALSE);
}

static void
test_both_spellings_are_one (void)
{
  g_autoptr (GString) snake = g_string_new (NULL);
  g_autofree char *first = write_elsewhere (cli);
  g_autofree char *second = NULL;
  gboolean in_name = FALSE;

  for (const char *p = cli; *p != '\0'; p++)
    {
      const char *end = *p == '\'' ? strchr (p + 1, '\'') : NULL;

      in_name = (end != NULL && end[1] == ':') || (in_name && *p != '\'');
      if (in_name && g_ascii_isupper (*p))
        g_string_append_printf (snake, "_%c", g_ascii_tolower (*p));
      else
        g_string_append_c (snake, *p);
    }
  g_assert_nonnull (strstr (snake->str, "'thinking_config'"));
  second = write_elsewhere (snake->str);
  g_assert_cmpstr (first, ==, second);
}

static void
test_every_prefix_is_refused (void)
{
  for (size_t length = 0; length < strlen (cli); length++)
    {
      g_autofree char *prefix = g_strndup (cli, length);

      must_refuse (prefix, WEIR_ERROR_BAD_JSON, NULL);
    }
}

static void
test_faults_are_named_by_their_place (void)
{
  static const struct
  {
    const char *text;
    WeirError code;
    const char *message;
  } faults[] = {
    { CONTENTS ("{'text':1}"), WEIR_ERROR_BAD_REQUEST,
      "contents[0]: parts[0]: field 'text' must be a string" },
    { CONTENTS ("{},{'functionCall':{'args':{}}}"), WEIR_ERROR_BAD_REQUEST,
      "contents[0]: parts[1]: functionCall: field 'name' is missing" },
    { CONTENTS ("{'functionCall':{'name':'a','args':[]}}"), WEIR_ERROR_BAD_REQUEST,
      "contents[0]: parts[0]: functionCall: field 'args' must be an object" },
    { CONTENTS ("{'text':'a','inline_data':{}}"), WEIR_ERROR_BAD_REQUEST,
      "contents[0]: parts[0]: has more than one kind of data" },
    { CONTENTS ("{'text':'a','text':'b'}"), WEIR_ERROR_JSON_DUPLICATE, NULL },
    { CONTENTS ("{'odd':1,'odd':2}"), WEIR_ERROR_JSON_DUPLICATE, NULL },
    { CONTENTS ("{'inlineData':{},'inline_data':{}}"), WEIR_ERROR_JSON_DUPLICATE, NULL },
    { "{'contents':[{'role':'robot','parts':[]}]}", WEIR_ERROR_BAD_REQUEST,
      "contents[0]: field 'role' must be user, model or function" },
    { "{'contents':[7]}", WEIR_ERROR_BAD_REQUEST, "contents[0]: must be an object" },
    { "{'tools':[{'functionDeclarations':[{'name':1}]}]}", WEIR_ERROR_BAD_REQUEST,
      "tools[0]: functionDeclarations[0]: field 'name' must be a string" },
    { "{'generationConfig':{'thinkingConfig':{'thinkingBudget':'x'}}}",
      WEIR_ERROR_BAD_REQUEST,
      "generationConfig: thinkingConfig: field 'thinkingBudget' must be a whole number "
      "from -1 on" },
    { "{'generationConfig':{'temperature':'hot'}}", WEIR_ERROR_BAD_REQUEST,
      "generationConfig: field 'temperature' has a wrong type" },
    { "{'generationConfig':{'stopSequences':[1]}}", WEIR_ERROR_BAD_REQUEST,
      "generationConfig: stopSequences[0] must be a string" },
    { "{'toolConfig':{'functionCallingConfig':[]}}", WEIR_ERROR_BAD_REQUEST,
      "toolConfig: field 'functionCallingConfig' must be an object" },
    { "[]", WEIR_ERROR_BAD_REQUEST, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_test_message ("%s", faults[i].text);
      must_refuse (faults[i].text, faults[i].code, faults[i].message);
    }
}

static void
test_media_come_in_one_spelling (void)
{
  static const struct
  {
    const char *part;
    WeirPartType type;
    const char *media_type;
    const char *data;
  } cases[] = {
    { "{'inlineData':{'mimeType':'image/png','data':'-_8'}}", WEIR_PART_IMAGE, "image/png",
      "+/8=" },
    { "{'inline_data':{'data':'AAAA','mime_type':'audio/wav'}}", WEIR_PART_AUDIO,
      "audio/wav", "AAAA" },
    { "{'fileData':{'fileUri':'https://x.example/a_b','mimeType':'video/mp4'}}",
      WEIR_PART_VIDEO, "video/mp4", "https://x.example/a_b" },
    { "{'fileData':{'fileUri':'gs://a/b'}}", WEIR_PART_FILE, "", "gs://a/b" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (CONTENTS ("%s"), cases[i].part);
      g_autoptr (WeirRequest) request = must_read (text);
      const WeirPart *part = request->messages->parts;

      g_assert_cmpint (part->type, ==, cases[i].type);
      assert_slice (part->media.media_type, cases[i].media_type);
      assert_slice (part->media.data, cases[i].data);
      g_assert_cmpint (part->media.source, ==, i < 2 ? WEIR_MEDIA_DATA : WEIR_MEDIA_URL);
    }
}

static void
test_results_have_values_or_parts (void)
{
  static const struct
  {
    const char *response;
    WeirSpelling spelling;
    const char *value;
  } cases[] = {
    { "'response':{'output':'a'}", WEIR_SPELLING_TEXT, "a" },
    { "'response':{'result':[1]}", WEIR_SPELLING_JSON, "[1]" },
    { "'response':{'a':1}", WEIR_SPELLING_JSON, "{'a':1}" },
    { "'response':{'output':'a','b':1}", WEIR_SPELLING_JSON, "{'output':'a','b':1}" },
    { "'response':{}", WEIR_SPELLING_JSON, "{}" },
    { "'x':1", WEIR_SPELLING_ABSENT, "" },
    { "'response':{'output':'a'},'parts':[{'inlineData':{'mimeType':'image/png','data':"
      "'AAAA'}}]",
      WEIR_SPELLING_ABSENT, "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          CONTENTS ("{'functionResponse':{'name':'f',%s}}"), cases[i].response);
      g_autoptr (WeirRequest) request = must_read (text);
      const WeirResult *result = &request->messages->parts->result;

      g_assert_cmpint (request->messages->role, ==, WEIR_ROLE_TOOL);
      g_assert_cmpint (result->value.spelling, ==, cases[i].spelling);
      assert_slice (result->value.bytes, cases[i].value);
      if (i + 1 < G_N_ELEMENTS (cases))
        continue;
      assert_slice (result->parts->text, "a");
      g_assert_cmpint (result->parts->next->type, ==, WEIR_PART_IMAGE);
    }
}

static void
test_thinking_is_read (void)
{
  static const struct
  {
    const char *config;
    WeirThinkingMode mode;
    uint64_t budget;
    const char *level;
    WeirSaid shown;
  } cases[] = {
    { "{}", WEIR_THINKING_UNSAID, 0, "", WEIR_NO },
    { "{'thinkingBudget':-1}", WEIR_THINKING_AUTO, 0, "", WEIR_NO },
    { "{'thinkingBudget':0,'includeThoughts':false}", WEIR_THINKING_OFF, 0, "", WEIR_NO },
    { "{'thinking_budget':8192,'include_thoughts':true}", WEIR_THINKING_BUDGET, 8192, "",
      WEIR_YES },
    { "{'thinkingLevel':'THINKING_LEVEL_UNSPECIFIED','includeThoughts':true}",
      WEIR_THINKING_UNSAID, 0, "", WEIR_YES },
    { "{'thinkingBudget':5,'thinkingLevel':'LOW'}", WEIR_THINKING_LEVEL, 5, "low",
      WEIR_NO },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{'generationConfig':{'thinkingConfig':%s}}", cases[i].config);
      g_autoptr (WeirRequest) request = must_read (text);

      g_test_message ("%s", cases[i].config);
      g_assert_cmpint (request->thinking.mode, ==, cases[i].mode);
      if (cases[i].mode == WEIR_THINKING_BUDGET)
        g_assert_cmpuint (request->thinking.budget, ==, cases[i].budget);
      assert_slice (request->thinking.level, cases[i].level);
      g_assert_cmpint (request->thinking.shown, ==, cases[i].shown);
    }
}

static void
test_choices_are_read (void)
{
  static const struct
  {
    const char *config;
    WeirToolChoiceMode mode;
    gboolean required;
  } cases[] = {
    { "'mode':'AUTO'", WEIR_CHOICE_AUTO, FALSE },
    { "'mode':'NONE'", WEIR_CHOICE_NONE, FALSE },
    { "'mode':'ANY'", WEIR_CHOICE_REQUIRED, TRUE },
    { "'mode':'VALIDATED'", WEIR_CHOICE_AUTO, FALSE },
    { "'mode':'ANY','allowedFunctionNames':['a']", WEIR_CHOICE_TOOL, TRUE },
    { "'mode':'ANY','allowedFunctionNames':['a','b']", WEIR_CHOICE_ALLOWED, TRUE },
    { "'mode':'VALIDATED','allowedFunctionNames':['a']", WEIR_CHOICE_ALLOWED, FALSE },
    { "'mode':'ODD'", WEIR_CHOICE_OTHER, FALSE },
    { "'allowedFunctionNames':null", WEIR_CHOICE_UNSAID, FALSE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{'toolConfig':{'functionCallingConfig':{%s}}}", cases[i].config);
      g_autoptr (WeirRequest) request = must_read (text);

      g_test_message ("%s", cases[i].config);
      g_assert_cmpint (request->tool_choice.mode, ==, cases[i].mode);
      g_assert_true (request->tool_choice.required == cases[i].required);
    }
}

static void
test_lone_objects_stand_for_lists (void)
{
  g_autoptr (WeirRequest) lone
      = must_read ("{'contents':{'parts':{'text':'a'}},'system_instruction':{'parts':{"
                   "'text':'s'}},'tools':{'googleSearch':{}}}");
  g_autoptr (WeirRequest) text = must_read ("{'systemInstruction':'s'}");
  g_autoptr (WeirRequest) list = must_read ("{'systemInstruction':[{'text':'s'}]}");
  g_autoptr (WeirRequest) part = must_read ("{'systemInstruction':{'text':'s'}}");
  const WeirRequest *all[] = { lone, text, list, part };

  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_assert_true (all[i]->messages->top);
      assert_slice (all[i]->messages->parts->text, "s");
    }
  assert_slice (lone->messages->next->parts->text, "a");
  g_assert_cmpuint (lone->n_tools, ==, 1);
}

static void
test_a_counted_request_is_read (void)
{
  char *json = g_strdelimit (
      g_strdup ("{'generateContentRequest':{'model':'models/m','contents':[{'parts':[{"
                "'text':'a'}]}]}}"),
      "'", '"');
  g_autoptr (GBytes) body = g_bytes_new_take (json, strlen (json));
  g_autoptr (WeirRequest) request
      = weir_gemini_read_request (body, WEIR_SLICE (""), FALSE, NULL);

  g_assert_nonnull (request);
  assert_slice (request->model, "m");
  assert_slice (request->messages->parts->text, "a");
}

static void
test_a_wrapped_signature_finds_its_origin (void)
{
  g_autoptr (GString) scratch = g_string_new (NULL);
  WeirSlice wrapped
      = weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("EpAB"), scratch);
  g_autofree char *text = g_strdup_printf (
      CONTENTS ("{'text':'t','thought':true,'thoughtSignature':'%.*s'},{'thought':true,"
                "'thoughtSignature':'%.*s'},{'text':'a'}"),
      (int)wrapped.length, wrapped.text, (int)wrapped.length, wrapped.text);
  g_autoptr (WeirRequest) request = must_read (text);
  const WeirPart *part = request->messages->parts;

  g_assert_cmpint (part->type, ==, WEIR_PART_THINKING);
  g_assert_cmpint (part->origin, ==, WEIR_DIALECT_ANTHROPIC);
  assert_slice (part->thinking.signature, "EpAB");
  g_assert_cmpint (part->next->type, ==, WEIR_PART_REDACTED_THINKING);
  g_assert_cmpint (request->messages->next->parts->origin, ==, WEIR_DIALECT_GEMINI);
}

static unsigned
count_thoughts (const WeirRequest *request)
{
  unsigned n = 0;

  for (const WeirMessage *message = request->messages; message; message = message->next)
    for (const WeirPart *part = message->parts; part != NULL; part = part->next)
      if (part->type == WEIR_PART_THINKING && part->thinking.signature.length > 0)
        n++;
  return n;
}

#define MODEL(parts) "{'role':'model','parts':[" parts "]}"
#define CALL "{'functionCall':{'name':'f'},'thoughtSignature':'Mind%s'}"
#define THOUGHT "{'text':'','thought':true,'thoughtSignature':'%s'}"

static void
test_a_call_brings_the_thought_that_was_not_returned (void)
{
  static const struct
  {
    const char *contents;
    unsigned thoughts;
  } rows[] = {
    { MODEL (CALL), 1 },
    { MODEL (THOUGHT "," CALL), 1 },
    { MODEL (THOUGHT) "," MODEL (CALL), 1 },
    { MODEL (THOUGHT) ",{'parts':[{'text':'Go on.'}]}," MODEL (CALL), 2 },
  };
  g_autoptr (GString) scratch = g_string_new (NULL);

  weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("EpAB"), scratch);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) pieces = g_strsplit (rows[i].contents, "%s", -1);
      g_autofree char *contents = g_strjoinv (scratch->str, pieces);
      g_autofree char *text = g_strdup_printf ("{'contents':[%s]}", contents);
      g_autoptr (WeirRequest) request = must_read (text);
      const WeirPart *part = request->last_message->parts;

      g_assert_cmpuint (count_thoughts (request), ==, rows[i].thoughts);
      if (part->type == WEIR_PART_THINKING)
        {
          g_assert_cmpint (part->origin, ==, WEIR_DIALECT_ANTHROPIC);
          assert_slice (part->thinking.signature, "EpAB");
          part = part->next;
        }
      g_assert_cmpint (part->type, ==, WEIR_PART_CALL);
      g_assert_cmpuint (part->call.signature.length, ==, 0);
      g_assert_cmpuint (part->raw.length, ==, 0);
    }
}

static void
test_a_signature_that_looks_like_ours_stays (void)
{
  g_autoptr (WeirRequest) request = must_read (CONTENTS (
      "{'functionCall':{'name':'f'},'thoughtSignature':'MindIsWhatTheVendorSays'}"));

  g_assert_cmpuint (request->n_messages, ==, 1);
  assert_slice (request->messages->parts->call.signature, "MindIsWhatTheVendorSays");
}

static void
test_a_call_of_others_is_not_signed (void)
{
  g_autoptr (WeirRequest) request
      = must_read (CONTENTS ("{'functionCall':{'name':'f'},'thoughtSignature':"
                             "'skip_thought_signature_validator'}"));

  g_assert_cmpint (request->messages->parts->type, ==, WEIR_PART_CALL);
  g_assert_cmpuint (request->messages->parts->call.signature.length, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gemini-read/a-conversation-is-read", test_a_conversation_is_read);
  g_test_add_func ("/gemini-read/a-call-brings-the-thought-that-was-not-returned",
                   test_a_call_brings_the_thought_that_was_not_returned);
  g_test_add_func ("/gemini-read/a-signature-that-looks-like-ours-stays",
                   test_a_signature_that_looks_like_ours_stays);
  g_test_add_func ("/gemini-read/a-call-of-others-is-not-signed",
                   test_a_call_of_others_is_not_signed);
  g_test_add_func ("/gemini-read/settings-are-read", test_settings_are_read);
  g_test_add_func ("/gemini-read/both-spellings-are-one", test_both_spellings_are_one);
  g_test_add_func ("/gemini-read/every-prefix-is-refused", test_every_prefix_is_refused);
  g_test_add_func ("/gemini-read/faults-are-named-by-their-place",
                   test_faults_are_named_by_their_place);
  g_test_add_func ("/gemini-read/media-come-in-one-spelling",
                   test_media_come_in_one_spelling);
  g_test_add_func ("/gemini-read/results-have-values-or-parts",
                   test_results_have_values_or_parts);
  g_test_add_func ("/gemini-read/thinking-is-read", test_thinking_is_read);
  g_test_add_func ("/gemini-read/choices-are-read", test_choices_are_read);
  g_test_add_func ("/gemini-read/lone-objects-stand-for-lists",
                   test_lone_objects_stand_for_lists);
  g_test_add_func ("/gemini-read/a-counted-request-is-read",
                   test_a_counted_request_is_read);
  g_test_add_func ("/gemini-read/a-wrapped-signature-finds-its-origin",
                   test_a_wrapped_signature_finds_its_origin);
  return g_test_run ();
}
