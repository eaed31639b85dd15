/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests made by hand, so that every kind of part has its turn. */

#include "base/weir-error.h"
#include "chat/weir-protocol-request.h"

typedef struct
{
  WeirRequest *request; /* (owned) */
  GString *losses;      /* (owned) */
  char *body;           /* (owned) (nullable) what was written, with ' for " */
  GError *error;        /* (owned) (nullable) */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);

  self->request = weir_request_new (WEIR_DIALECT_OPENAI_CHAT, body, NULL);
  self->losses = g_string_new (NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  weir_request_free (self->request);
  g_string_free (self->losses, TRUE);
  g_free (self->body);
  g_clear_error (&self->error);
}

static void
on_loss (const char *loss, const char *where, gpointer losses)
{
  g_string_append_printf (losses, "%s ", loss);
}

static WeirPart *
add_part (Fixture *self, WeirRole role, WeirPartType type)
{
  WeirMessage *message = weir_request_add_message (self->request, role);

  return weir_request_add_part (self->request, message, type);
}

static void
write_request (Fixture *self, const char *model)
{
  const WeirWriteOptions options = {
    .model = weir_slice_from_string (model),
    .on_loss = on_loss,
    .user_data = self->losses,
  };
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_true (weir_request_link_results (self->request, NULL));
  if (weir_gemini_write_request (self->request, &options, out, &self->error))
    self->body = g_strdelimit (g_string_free (g_steal_pointer (&out), FALSE), "\"", '\'');
}

static void
assert_contents (Fixture *self, const char *contents, const char *losses)
{
  g_autofree char *wanted = g_strdup_printf ("{'contents':[%s]}", contents);

  write_request (self, "gemini-2.5-pro");
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->body, ==, wanted);
  g_assert_cmpstr (self->losses->str, ==, losses);
}

#define USER(parts) "{'role':'user','parts':[" parts "]}"
#define MODEL(parts) "{'role':'model','parts':[" parts "]}"

static void
test_media_have_types (Fixture *self, gconstpointer data)
{
  const struct
  {
    WeirPartType type;
    WeirMedia media;
  } cases[] = {
    { WEIR_PART_IMAGE, { .data = WEIR_SLICE ("AA") } },
    { WEIR_PART_AUDIO, { .data = WEIR_SLICE ("AA") } },
    { WEIR_PART_VIDEO, { .data = WEIR_SLICE ("AA") } },
    { WEIR_PART_FILE, { .data = WEIR_SLICE ("AA"), .filename = WEIR_SLICE ("f") } },
    { WEIR_PART_IMAGE,
      { .data = WEIR_SLICE ("AA"),
        .media_type = WEIR_SLICE ("image/webp"),
        .detail = WEIR_SLICE ("low") } },
    { WEIR_PART_IMAGE,
      { .source = WEIR_MEDIA_URL, .data = WEIR_SLICE ("https://x.example/a") } },
    { WEIR_PART_FILE,
      { .source = WEIR_MEDIA_TEXT,
        .data = WEIR_SLICE ("text"),
        .context = WEIR_SLICE ("c") } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    add_part (self, WEIR_ROLE_USER, cases[i].type)->media = cases[i].media;
  assert_contents (self,
                   USER ("{'inlineData':{'mimeType':'image/png','data':'AA'}},"
                         "{'inlineData':{'mimeType':'audio/wav','data':'AA'}},"
                         "{'inlineData':{'mimeType':'video/mp4','data':'AA'}},"
                         "{'inlineData':{'mimeType':'application/pdf','data':'AA'}},"
                         "{'inlineData':{'mimeType':'image/webp','data':'AA'}},"
                         "{'fileData':{'fileUri':'https://x.example/a'}},"
                         "{'text':'text'}"),
                   "media-name image-detail media-context ");
}

static void
test_a_file_of_another_vendor_is_refused (Fixture *self, gconstpointer data)
{
  add_part (self, WEIR_ROLE_USER, WEIR_PART_FILE)->media
      = (WeirMedia){ .source = WEIR_MEDIA_ID, .data = WEIR_SLICE ("file-1") };
  write_request (self, "m");
  g_assert_error (self->error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
}

static void
add_call (Fixture *self, const char *id, WeirCall call)
{
  WeirPart *part = add_part (self, WEIR_ROLE_ASSISTANT, WEIR_PART_CALL);

  call.id = weir_slice_from_string (id);
  call.name = WEIR_SLICE ("f");
  part->call = call;
}

static WeirResult *
add_result (Fixture *self, const char *id, WeirValue value)
{
  WeirPart *part = add_part (self, WEIR_ROLE_TOOL, WEIR_PART_RESULT);

  part->result.call_id = weir_slice_from_string (id);
  part->result.value = value;
  return &part->result;
}

static void
test_arguments_are_objects (Fixture *self, gconstpointer data)
{
  static const WeirCall calls[] = {
    { .arguments = { WEIR_SPELLING_ABSENT } },
    { .arguments = { WEIR_SPELLING_TEXT, { "{\\\"a\\\":1.0}", 11 } } },
    { .arguments = { WEIR_SPELLING_TEXT, { "oops", 4 } } },
    { .custom = TRUE, .arguments = { WEIR_SPELLING_TEXT, { "free", 4 } } },
  };
  static const char *const ids[] = { "a", "b", "c", "d" };
  const WeirValue ok = { WEIR_SPELLING_TEXT, WEIR_SLICE ("ok") };

  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    add_call (self, ids[i], calls[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    add_result (self, ids[i], ok);
  write_request (self, "gemini-2.5-pro");
  g_assert_nonnull (strstr (self->body, "{'id':'a','name':'f','args':{}}"));
  g_assert_nonnull (strstr (self->body, "{'id':'b','name':'f','args':{'a':1.0}}"));
  g_assert_nonnull (strstr (self->body, "{'id':'c','name':'f','args':{'input':'oops'}}"));
  g_assert_nonnull (strstr (self->body, "{'id':'d','name':'f','args':{'input':'free'}}"));
  g_assert_cmpstr (self->losses->str, ==, "call-arguments ");
}

static void
test_responses_are_objects (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *id;
    WeirValue value;
    const char *response;
  } cases[] = {
    { "a", { WEIR_SPELLING_JSON, { "{\"x\":1}", 7 } }, "'response':{'x':1}}" },
    { "b", { WEIR_SPELLING_JSON, { "[1]", 3 } }, "'response':{'result':[1]}}" },
    { "c", { WEIR_SPELLING_TEXT, { "{}", 2 } }, "'response':{'result':'{}'}}" },
    { "d", { WEIR_SPELLING_ABSENT }, "'response':{'result':'one\\ntwo'}}" },
    { "e", { WEIR_SPELLING_JSON, { "{}", 2 } }, "'response':{'error':{}}}" },
  };
  WeirResult *result = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    add_call (self, cases[i].id, (WeirCall){ 0 });
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      result = add_result (self, cases[i].id, cases[i].value);
      if (cases[i].value.spelling != WEIR_SPELLING_ABSENT)
        continue;
      weir_request_add_result_part (self->request, result, WEIR_PART_TEXT)->text
          = WEIR_SLICE ("one");
      weir_request_add_result_part (self->request, result, WEIR_PART_OTHER);
      weir_request_add_result_part (self->request, result, WEIR_PART_TEXT)->text
          = WEIR_SLICE ("two");
    }
  result->is_error = WEIR_YES;
  write_request (self, "gemini-2.5-pro");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_nonnull (strstr (self->body, cases[i].response));
  g_assert_cmpstr (self->losses->str, ==, "part ");
}

static void
test_what_has_no_word_is_reported (Fixture *self, gconstpointer data)
{
  WeirPart *part;

  add_part (self, WEIR_ROLE_USER, WEIR_PART_TEXT)->text = WEIR_SLICE ("a");
  add_part (self, WEIR_ROLE_ASSISTANT, WEIR_PART_REDACTED_THINKING)->thinking.signature
      = WEIR_SLICE ("x");
  add_part (self, WEIR_ROLE_ASSISTANT, WEIR_PART_OTHER);
  add_part (self, WEIR_ROLE_ASSISTANT, WEIR_PART_TEXT);
  part = add_part (self, WEIR_ROLE_USER, WEIR_PART_TEXT);
  part->text = WEIR_SLICE ("b");
  part->cache.said = WEIR_YES;
  self->request->last_message->name = WEIR_SLICE ("joe");
  assert_contents (self, USER ("{'text':'a'},{'text':'b'}"),
                   "thinking-redacted part message-name cache-mark ");
}

static void
test_own_signatures_return (Fixture *self, gconstpointer data)
{
  static const WeirPartType types[] = { WEIR_PART_TEXT, WEIR_PART_THINKING };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    for (unsigned own = 0; own < 2; own++)
      {
        WeirPart *part = add_part (self, WEIR_ROLE_ASSISTANT, types[i]);

        part->text = WEIR_SLICE ("t");
        part->origin = own ? WEIR_DIALECT_GEMINI : WEIR_DIALECT_ANTHROPIC;
        if (types[i] == WEIR_PART_TEXT)
          part->signature = WEIR_SLICE ("Sg");
        else
          part->thinking.signature = WEIR_SLICE ("Sg");
      }
  assert_contents (self,
                   MODEL ("{'text':'t'},{'text':'t','thoughtSignature':'Sg'},"
                          "{'text':'t','thought':true},"
                          "{'text':'t','thought':true,'thoughtSignature':'Sg'}"),
                   "signature signature ");
}

static void
test_choices_have_modes (Fixture *self, gconstpointer data)
{
  static const struct
  {
    WeirToolChoice choice;
    const char *config; /* (nullable) */
  } cases[] = {
    { { .mode = WEIR_CHOICE_AUTO }, "{'mode':'AUTO'}" },
    { { .mode = WEIR_CHOICE_NONE }, "{'mode':'NONE'}" },
    { { .mode = WEIR_CHOICE_REQUIRED }, "{'mode':'ANY'}" },
    { { .mode = WEIR_CHOICE_TOOL, .name = { "f", 1 } },
      "{'mode':'ANY','allowedFunctionNames':['s__f']}" },
    { { .mode = WEIR_CHOICE_TOOL }, NULL },
    { { .mode = WEIR_CHOICE_ALLOWED },
      "{'mode':'VALIDATED','allowedFunctionNames':['x']}" },
    { { .mode = WEIR_CHOICE_ALLOWED, .required = TRUE },
      "{'mode':'ANY','allowedFunctionNames':['x']}" },
    { { .mode = WEIR_CHOICE_OTHER }, NULL },
    { { .mode = WEIR_CHOICE_UNSAID }, NULL },
  };
  WeirTool *tool = weir_request_add_tool (self->request, WEIR_TOOL_FUNCTION);

  tool->name = WEIR_SLICE ("f");
  tool->scope = WEIR_SLICE ("s");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *config
          = g_strdup_printf ("'toolConfig':{'functionCallingConfig':%s}", cases[i].config);

      self->request->tool_choice = cases[i].choice;
      if (cases[i].choice.mode == WEIR_CHOICE_ALLOWED)
        weir_request_add_name (self->request, &self->request->tool_choice.names,
                               WEIR_SLICE ("x"));
      write_request (self, "gemini-3-pro");
      if (cases[i].config != NULL)
        g_assert_nonnull (strstr (self->body, config));
      else
        g_assert_null (strstr (self->body, "toolConfig"));
      g_clear_pointer (&self->body, g_free);
    }
  g_assert_cmpstr (self->losses->str, ==, "tool-choice tool-choice ");
}

static void
test_losses_of_tools_are_reported (Fixture *self, gconstpointer data)
{
  static const WeirToolType types[]
      = { WEIR_TOOL_CODE, WEIR_TOOL_URL_CONTEXT, WEIR_TOOL_IMAGE_GENERATION };
  WeirTool *tool = weir_request_add_tool (self->request, WEIR_TOOL_CUSTOM);

  tool->name = WEIR_SLICE ("f");
  tool->format = WEIR_SLICE ("{}");
  tool->strict = tool->deferred = tool->cache.said = WEIR_YES;
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    weir_request_add_tool (self->request, types[i]);
  write_request (self, "gemini-3-pro");
  g_assert_cmpstr (self->losses->str, ==,
                   "tool-format tool-strict tool-deferred cache-mark provider-tool "
                   "provider-tool provider-tool ");
}

static void
test_tools_that_the_vendor_runs_have_its_names (Fixture *self, gconstpointer data)
{
  weir_request_add_tool (self->request, WEIR_TOOL_CODE);
  weir_request_add_tool (self->request, WEIR_TOOL_URL_CONTEXT);
  write_request (self, "gemini-3-pro");
  g_assert_nonnull (strstr (self->body, "[{'codeExecution':{}},{'urlContext':{}}]"));
  g_assert_cmpstr (self->losses->str, ==, "");
}

static void
test_pictures_may_be_asked_for (Fixture *self, gconstpointer data)
{
  self->request->options[WEIR_OPTION_MODALITIES] = WEIR_SLICE ("[\"text\",\"image\"]");
  self->request->n_choices = 2;
  self->request->response_format.type = WEIR_FORMAT_JSON;
  write_request (self, "gemini-3-pro");
  g_assert_cmpstr (self->body, ==,
                   "{'contents':[{'role':'user','parts':[{'text':'Continue.'}]}],"
                   "'generationConfig':{'responseModalities':['TEXT','IMAGE'],"
                   "'candidateCount':2,'responseMimeType':'application/json'}}");
  g_clear_pointer (&self->body, g_free);
  self->request->options[WEIR_OPTION_MODALITIES] = WEIR_SLICE ("[\"audio\"]");
  write_request (self, "gemini-3-pro");
  g_assert_error (self->error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
}

#define ADD(name, function)                                                                \
  g_test_add ("/gemini-write-part/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("media-have-types", test_media_have_types);
  ADD ("a-file-of-another-vendor-is-refused", test_a_file_of_another_vendor_is_refused);
  ADD ("arguments-are-objects", test_arguments_are_objects);
  ADD ("responses-are-objects", test_responses_are_objects);
  ADD ("what-has-no-word-is-reported", test_what_has_no_word_is_reported);
  ADD ("own-signatures-return", test_own_signatures_return);
  ADD ("choices-have-modes", test_choices_have_modes);
  ADD ("losses-of-tools-are-reported", test_losses_of_tools_are_reported);
  ADD ("tools-that-the-vendor-runs-have-its-names",
       test_tools_that_the_vendor_runs_have_its_names);
  ADD ("pictures-may-be-asked-for", test_pictures_may_be_asked_for);
  return g_test_run ();
}
