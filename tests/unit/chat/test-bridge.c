/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-spy.h"

#include "chat/weir-bridge.h"
#include "chat/weir-loss.h"
#include "chat/weir-signature.h"
#include "chat/weir-tool-name.h"

typedef struct
{
  WeirRequest *request; /* (owned) */
  WeirEncoder *encoder; /* (owned) */
  WeirBridge *bridge;   /* (owned) */
  GString *out;         /* (owned) */
  GString *losses;      /* (owned) */
} Scene;

static void
note (const char *loss, const char *where, gpointer user_data)
{
  g_string_append_printf (user_data, "%s\n", loss);
}

static void
scene_init (Scene *self, WeirDialect upstream, WeirDialect client)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  WeirEncodeOptions options
      = { .form = WEIR_ANSWER_SSE, .id = "7f", .upstream = upstream, .on_loss = note };

  self->request = weir_request_new (client, body, NULL);
  self->losses = g_string_new (NULL);
  self->out = g_string_new (NULL);
  options.request = self->request;
  options.user_data = self->losses;
  self->encoder = weir_encoder_new_of_class (chat_spy_get_class (client), &options);
  self->bridge = weir_bridge_new (self->encoder);
  weir_bridge_set_output (self->bridge, self->out);
}

static void
scene_clear (Scene *self)
{
  weir_bridge_free (self->bridge);
  weir_encoder_free (self->encoder);
  weir_request_free (self->request);
  g_string_free (self->out, TRUE);
  g_string_free (self->losses, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static void
say (Scene *self, WeirEvent event)
{
  weir_bridge_sink (&event, self->bridge);
}

static void
say_open (Scene *self, unsigned block, WeirBlockType type, const char *id, const char *name)
{
  say (self, (WeirEvent){ .type = WEIR_EVENT_BLOCK_OPEN,
                          .block = block,
                          .block_type = type,
                          .id = weir_slice_from_string (id),
                          .name = weir_slice_from_string (name) });
}

static void
say_text (Scene *self, unsigned block, WeirBlockType type, const char *text)
{
  say (self, (WeirEvent){ .type = WEIR_EVENT_DELTA,
                          .block = block,
                          .block_type = type,
                          .text = weir_slice_from_string (text) });
}

static void
say_signature (Scene *self, unsigned block, WeirBlockType type, const char *signature)
{
  say (self, (WeirEvent){ .type = WEIR_EVENT_DELTA,
                          .block = block,
                          .block_type = type,
                          .signature = weir_slice_from_string (signature) });
}

static void
say_close (Scene *self, unsigned block, WeirBlockType type)
{
  say (self,
       (WeirEvent){ .type = WEIR_EVENT_BLOCK_CLOSE, .block = block, .block_type = type });
}

static WeirTool *
add_tool (Scene *self, WeirToolType type, const char *scope, const char *name)
{
  WeirTool *tool = weir_request_add_tool (self->request, type);

  tool->scope = weir_slice_from_string (scope);
  tool->name = weir_slice_from_string (name);
  return tool;
}

static void
test_plain_answers_pass_at_once (void)
{
  g_auto (Scene) self = { 0 };

  scene_init (&self, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_OPENAI_CHAT);
  say (&self, (WeirEvent){ .type = WEIR_EVENT_PING });
  say (&self, (WeirEvent){ .type = WEIR_EVENT_START, .id = WEIR_SLICE ("msg") });
  say_open (&self, 0, WEIR_BLOCK_TEXT, NULL, NULL);
  say_text (&self, 0, WEIR_BLOCK_TEXT, "Hel");
  g_assert_true (g_str_has_suffix (self.out->str, "text=Hel\n"));
  say_text (&self, 0, WEIR_BLOCK_TEXT, "lo");
  say_close (&self, 0, WEIR_BLOCK_TEXT);
  say (&self, (WeirEvent){ .type = WEIR_EVENT_FINISH, .text = WEIR_SLICE ("end_turn") });
  say (&self, (WeirEvent){ .type = WEIR_EVENT_USAGE });
  say (&self, (WeirEvent){ .type = WEIR_EVENT_ERROR });
  g_assert_true (weir_bridge_end (self.bridge, NULL));
  g_assert_cmpstr (self.out->str, ==,
                   "ping\nstart id=msg\nopen 0.0 text\ndelta 0.0 text text=Hel\n"
                   "delta 0.0 text text=lo\nclose 0.0 text\nfinish text=end_turn\n"
                   "usage\nend\n");
  g_assert_cmpstr (self.losses->str, ==, "");
}

static void
test_order_is_made_where_it_is_missing (void)
{
  g_auto (Scene) self = { 0 };

  scene_init (&self, WEIR_DIALECT_GEMINI, WEIR_DIALECT_ANTHROPIC);
  say_open (&self, 3, WEIR_BLOCK_TEXT, NULL, NULL);
  say_open (&self, 5, WEIR_BLOCK_TOOL_CALL, "a", "f");
  say_open (&self, 6, WEIR_BLOCK_TOOL_CALL, "b", "g");
  say_text (&self, 5, WEIR_BLOCK_TOOL_CALL, "{}");
  say_text (&self, 3, WEIR_BLOCK_TEXT, "closed long ago");
  say_text (&self, 77, WEIR_BLOCK_TEXT, "never opened");
  say_open (&self, 5, WEIR_BLOCK_REFUSAL, NULL, NULL); /* a number used twice */
  say (&self, (WeirEvent){ .type = WEIR_EVENT_FINISH });
  say_open (&self, 9, WEIR_BLOCK_TEXT, NULL, NULL); /* behind the end */
  say (&self, (WeirEvent){ .type = WEIR_EVENT_FINISH });
  say (&self, (WeirEvent){ .type = WEIR_EVENT_START });
  say (&self, (WeirEvent){ .type = WEIR_EVENT_FINISH, .choice = UINT_MAX });
  g_assert_true (weir_bridge_end (self.bridge, NULL));
  g_assert_cmpstr (self.out->str, ==,
                   "start\nopen 0.0 text\nclose 0.0 text\nopen 0.1 call id=a name=f\n"
                   "open 0.2 call id=b name=g\ndelta 0.1 call text={}\nclose 0.1 call\n"
                   "open 0.3 refusal\nclose 0.2 call\nclose 0.3 refusal\nfinish\nend\n");
}

static void
test_an_empty_answer_has_a_start (void)
{
  g_auto (Scene) self = { 0 };

  scene_init (&self, WEIR_DIALECT_GEMINI, WEIR_DIALECT_ANTHROPIC);
  g_assert_true (weir_bridge_end (self.bridge, NULL));
  g_assert_cmpstr (self.out->str, ==, "start\nend\n");
}

static void
test_names_and_scopes_come_back (void)
{
  g_auto (Scene) self = { 0 };
  g_autoptr (GString) scratch = g_string_new (NULL);
  g_autofree char *mapped = NULL;

  scene_init (&self, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_OPENAI_RESPONSES);
  add_tool (&self, WEIR_TOOL_FUNCTION, "files", "read");
  add_tool (&self, WEIR_TOOL_FUNCTION, "", "od d");
  mapped = weir_slice_dup (
      weir_tool_name_map (WEIR_SLICE ("od d"), WEIR_DIALECT_ANTHROPIC, scratch));
  say_open (&self, 0, WEIR_BLOCK_TOOL_CALL, "a", "files__read");
  say_open (&self, 1, WEIR_BLOCK_TOOL_CALL, "b", mapped);
  say_open (&self, 2, WEIR_BLOCK_TOOL_CALL, "c", "made_up");
  g_assert_cmpstr (self.out->str, ==,
                   "start\nopen 0.0 call id=a name=read scope=files\n"
                   "open 0.1 call id=b name=od d\nopen 0.2 call id=c name=made_up\n");
}

static void
test_missing_ids_are_made (void)
{
  g_auto (Scene) self = { 0 };
  g_auto (Scene) gemini = { 0 };

  scene_init (&self, WEIR_DIALECT_GEMINI, WEIR_DIALECT_OPENAI_CHAT);
  say_open (&self, 0, WEIR_BLOCK_TOOL_CALL, "", "f");
  say_open (&self, 1, WEIR_BLOCK_TOOL_CALL, NULL, "f");
  g_assert_cmpstr (self.out->str, ==,
                   "start\nopen 0.0 call id=call_7f_0 name=f\n"
                   "open 0.1 call id=call_7f_1 name=f\n");
  scene_init (&gemini, WEIR_DIALECT_GEMINI, WEIR_DIALECT_GEMINI);
  say_open (&gemini, 0, WEIR_BLOCK_TOOL_CALL, "", "f");
  g_assert_cmpstr (gemini.out->str, ==, "start\nopen 0.0 call name=f\n");
}

/* @pieces, ended by NULL, as the arguments of a call to a custom tool. */
static void
assert_input (const char *const *pieces, const char *expected)
{
  g_auto (Scene) self = { 0 };
  g_autofree char *all = NULL;

  scene_init (&self, WEIR_DIALECT_GEMINI, WEIR_DIALECT_OPENAI_RESPONSES);
  add_tool (&self, WEIR_TOOL_CUSTOM, "", "patch");
  say_open (&self, 0, WEIR_BLOCK_TOOL_CALL, "a", "patch");
  for (unsigned i = 0; pieces[i] != NULL; i++)
    say_text (&self, 0, WEIR_BLOCK_TOOL_CALL, pieces[i]);
  say (&self, (WeirEvent){ .type = WEIR_EVENT_FINISH });
  all = g_strdup_printf ("start\nopen 0.0 custom id=a name=patch\n%s%s%s"
                         "close 0.0 custom\nfinish\n",
                         expected != NULL ? "delta 0.0 custom text=" : "",
                         expected != NULL ? expected : "", expected != NULL ? "\n" : "");
  g_assert_cmpstr (self.out->str, ==, all);
}

static void
test_custom_calls_are_unwrapped (void)
{
  static const struct
  {
    const char *pieces[4];
    const char *expected;
  } rows[] = {
    { { "{\\\"inp", "ut\\\":\\\"a", "\\\\nb\\\"}" }, "a\\nb" },
    { { "{\\\"input\\\":\\\"\\\"}" }, NULL },
    { { "{\\\"input\\\":7}" }, "{\\\"input\\\":7}" },
    { { "{\\\"other\\\":\\\"x\\\"}" }, "{\\\"other\\\":\\\"x\\\"}" },
    { { "[]" }, "[]" },
    { { "just ", "text" }, "just text" },
    { { NULL }, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_input (rows[i].pieces, rows[i].expected);
}

static void
test_signatures_are_wrapped_for_foreign_clients (void)
{
  g_auto (Scene) self = { 0 };
  g_auto (Scene) own = { 0 };
  g_autoptr (GString) wrapped = g_string_new (NULL);
  g_autofree char *expected = NULL;

  weir_signature_wrap (WEIR_DIALECT_ANTHROPIC, WEIR_SLICE ("SIG"), wrapped);
  scene_init (&self, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_OPENAI_RESPONSES);
  self.request->thinking.shown = WEIR_YES;
  say_open (&self, 0, WEIR_BLOCK_THINKING, NULL, NULL);
  say_signature (&self, 0, WEIR_BLOCK_THINKING, "S");
  say_text (&self, 0, WEIR_BLOCK_THINKING, "hm");
  say_signature (&self, 0, WEIR_BLOCK_THINKING, "IG");
  say_close (&self, 0, WEIR_BLOCK_THINKING);
  expected = g_strdup_printf ("start\nopen 0.0 thinking\ndelta 0.0 thinking text=hm\n"
                              "delta 0.0 thinking signature=%s\nclose 0.0 thinking\n",
                              wrapped->str);
  g_assert_cmpstr (self.out->str, ==, expected);

  scene_init (&own, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_ANTHROPIC);
  say (&own, (WeirEvent){ .type = WEIR_EVENT_BLOCK_OPEN,
                          .block_type = WEIR_BLOCK_REDACTED_THINKING,
                          .signature = WEIR_SLICE ("SIG") });
  g_assert_cmpstr (own.out->str, ==, "start\nopen 0.0 redacted signature=SIG\n");
}

static void
test_signatures_of_calls_are_wrapped (void)
{
  g_auto (Scene) self = { 0 };
  g_autoptr (GString) wrapped = g_string_new (NULL);

  weir_signature_wrap (WEIR_DIALECT_GEMINI, WEIR_SLICE ("SIG"), wrapped);
  scene_init (&self, WEIR_DIALECT_GEMINI, WEIR_DIALECT_OPENAI_CHAT);
  say (&self, (WeirEvent){ .type = WEIR_EVENT_BLOCK_OPEN,
                           .block_type = WEIR_BLOCK_TOOL_CALL,
                           .id = WEIR_SLICE ("a"),
                           .name = WEIR_SLICE ("f"),
                           .signature = WEIR_SLICE ("SIG") });
  g_assert_nonnull (strstr (self.out->str, wrapped->str));
  /* of a text: nobody else has a place for it */
  say_open (&self, 1, WEIR_BLOCK_TEXT, NULL, NULL);
  say_signature (&self, 1, WEIR_BLOCK_TEXT, "T");
  g_assert_cmpstr (self.losses->str, ==, WEIR_LOSS_ANSWER_SIGNATURE "\n");
}

static void
test_hidden_thoughts_leave_their_signature (void)
{
  g_auto (Scene) self = { 0 };

  scene_init (&self, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_ANTHROPIC);
  self.request->thinking.shown = WEIR_NO;
  say_open (&self, 0, WEIR_BLOCK_THINKING, NULL, NULL);
  say_text (&self, 0, WEIR_BLOCK_THINKING, "unsigned");
  say_close (&self, 0, WEIR_BLOCK_THINKING);
  say_open (&self, 1, WEIR_BLOCK_THINKING, NULL, NULL);
  say_text (&self, 1, WEIR_BLOCK_THINKING, "signed");
  say_signature (&self, 1, WEIR_BLOCK_THINKING, "SIG");
  say_open (&self, 2, WEIR_BLOCK_TEXT, NULL, NULL);
  g_assert_cmpstr (self.out->str, ==,
                   "start\nopen 0.0 thinking\ndelta 0.0 thinking signature=SIG\n"
                   "close 0.0 thinking\nopen 0.1 text\n");
}

/* A signed thought and a signed call, told to a client of @client. */
static void
say_thought (Scene *self, WeirDialect upstream, WeirDialect client, WeirThinking wish)
{
  scene_init (self, upstream, client);
  self->request->thinking = wish;
  say_open (self, 0, WEIR_BLOCK_THINKING, NULL, NULL);
  say_text (self, 0, WEIR_BLOCK_THINKING, "hm");
  say_signature (self, 0, WEIR_BLOCK_THINKING, "SIG");
  say_close (self, 0, WEIR_BLOCK_THINKING);
  say (self, (WeirEvent){ .type = WEIR_EVENT_BLOCK_OPEN,
                          .block = 1,
                          .block_type = WEIR_BLOCK_REDACTED_THINKING,
                          .signature = WEIR_SLICE ("DARK") });
  say_close (self, 1, WEIR_BLOCK_REDACTED_THINKING);
  say (self, (WeirEvent){ .type = WEIR_EVENT_BLOCK_OPEN,
                          .block = 2,
                          .block_type = WEIR_BLOCK_TOOL_CALL,
                          .id = WEIR_SLICE ("a"),
                          .name = WEIR_SLICE ("f"),
                          .signature = WEIR_SLICE ("CALL") });
}

static void
test_thoughts_of_others_are_shown_to_who_asked (void)
{
  static const struct
  {
    WeirDialect client;
    WeirThinking wish;
    gboolean told;
  } rows[] = {
    { WEIR_DIALECT_GEMINI, { .shown = WEIR_UNSAID }, FALSE },
    { WEIR_DIALECT_GEMINI, { .shown = WEIR_NO }, FALSE },
    { WEIR_DIALECT_GEMINI, { .shown = WEIR_YES }, TRUE },
    { WEIR_DIALECT_OPENAI_RESPONSES, { .shown = WEIR_UNSAID }, FALSE },
    { WEIR_DIALECT_OPENAI_RESPONSES, { .mode = WEIR_THINKING_LEVEL }, FALSE },
    { WEIR_DIALECT_OPENAI_RESPONSES, { .shown = WEIR_YES }, TRUE },
    { WEIR_DIALECT_ANTHROPIC, { .raw = { "{}", 2 }, .shown = WEIR_NO }, FALSE },
    { WEIR_DIALECT_ANTHROPIC, { .raw = { "{}", 2 } }, TRUE },
    { WEIR_DIALECT_ANTHROPIC, { .from_name = TRUE, .mode = WEIR_THINKING_LEVEL }, TRUE },
    { WEIR_DIALECT_OPENAI_CHAT, { .shown = WEIR_UNSAID }, TRUE },
    { WEIR_DIALECT_OPENAI_CHAT, { .shown = WEIR_NO }, FALSE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Scene) self = { 0 };

      say_thought (&self,
                   rows[i].client == WEIR_DIALECT_ANTHROPIC ? WEIR_DIALECT_GEMINI
                                                            : WEIR_DIALECT_ANTHROPIC,
                   rows[i].client, rows[i].wish);
      g_assert_cmpint (strstr (self.out->str, "text=hm") != NULL, ==, rows[i].told);
      g_assert_nonnull (strstr (self.out->str, "thinking signature=WeirSig1"));
      g_assert_nonnull (strstr (self.out->str, "redacted signature=WeirSig1"));
      g_assert_cmpstr (self.losses->str, ==, "");
    }
}

static void
test_who_does_not_think_gets_no_blocks_of_thoughts (void)
{
  static const WeirThinking wishes[] = {
    { .mode = WEIR_THINKING_UNSAID },
    { .mode = WEIR_THINKING_LEVEL }, /* an effort alone */
    { .raw = { "{}", 2 }, .mode = WEIR_THINKING_OFF, .shown = WEIR_NO },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      g_auto (Scene) self = { 0 };
      g_auto (Scene) own = { 0 };

      say_thought (&self, WEIR_DIALECT_GEMINI, WEIR_DIALECT_ANTHROPIC, wishes[i]);
      g_assert_cmpstr (self.out->str, ==, "start\nopen 0.0 call id=a name=f\n");
      g_assert_nonnull (strstr (self.losses->str, WEIR_LOSS_ANSWER_SIGNATURE));
      say_thought (&own, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_ANTHROPIC, wishes[i]);
      g_assert_nonnull (strstr (own.out->str, "thinking signature=SIG"));
      g_assert_nonnull (strstr (own.out->str, "redacted signature=DARK"));
    }
}

static void
test_a_broken_answer_is_a_failure_to_others (void)
{
  const WeirEvent broken = { .type = WEIR_EVENT_FINISH,
                             .finish = WEIR_FINISH_BROKEN,
                             .text = WEIR_SLICE ("MALFORMED_FUNCTION_CALL") };
  g_auto (Scene) self = { 0 };
  g_auto (Scene) own = { 0 };
  g_autoptr (GError) error = NULL;

  scene_init (&self, WEIR_DIALECT_GEMINI, WEIR_DIALECT_OPENAI_CHAT);
  say_open (&self, 0, WEIR_BLOCK_TEXT, NULL, NULL);
  say (&self, broken);
  g_assert_false (weir_bridge_end (self.bridge, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_UPSTREAM);
  g_assert_nonnull (strstr (error->message, "MALFORMED_FUNCTION_CALL"));
  g_assert_cmpstr (self.out->str, ==, "start\nopen 0.0 text\nclose 0.0 text\n");

  scene_init (&own, WEIR_DIALECT_GEMINI, WEIR_DIALECT_GEMINI);
  say (&own, broken);
  g_assert_true (weir_bridge_end (own.bridge, NULL));
  g_assert_cmpstr (own.out->str, ==, "start\nfinish text=MALFORMED_FUNCTION_CALL\nend\n");
}

static void
test_what_only_the_upstream_knows_is_left_out (void)
{
  g_auto (Scene) self = { 0 };
  g_auto (Scene) own = { 0 };

  scene_init (&self, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_GEMINI);
  say_open (&self, 0, WEIR_BLOCK_OTHER, NULL, "server_tool_use");
  say_text (&self, 0, WEIR_BLOCK_OTHER, "{}");
  say_close (&self, 0, WEIR_BLOCK_OTHER);
  say (&self, (WeirEvent){ .type = WEIR_EVENT_RAW, .raw = WEIR_SLICE ("{}") });
  say (&self, (WeirEvent){ .type = WEIR_EVENT_RAW, .raw = WEIR_SLICE ("{}") });
  say_open (&self, 1, WEIR_BLOCK_TEXT, NULL, NULL);
  g_assert_cmpstr (self.out->str, ==, "start\nopen 0.0 text\n");
  g_assert_cmpstr (self.losses->str, ==,
                   WEIR_LOSS_ANSWER_PART "\n" WEIR_LOSS_ANSWER_PART "\n");

  scene_init (&own, WEIR_DIALECT_ANTHROPIC, WEIR_DIALECT_ANTHROPIC);
  say (&own, (WeirEvent){ .type = WEIR_EVENT_RAW, .name = WEIR_SLICE ("x") });
  say (&own, (WeirEvent){ .type = WEIR_EVENT_RAW, .name = WEIR_SLICE ("\"y\"") });
  say_open (&own, 0, WEIR_BLOCK_OTHER, NULL, "server_tool_use");
  g_assert_cmpstr (own.out->str, ==,
                   "start\nraw name=x\nopen 0.0 other name=server_tool_use\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bridge/plain-answers-pass-at-once", test_plain_answers_pass_at_once);
  g_test_add_func ("/bridge/order-is-made-where-it-is-missing",
                   test_order_is_made_where_it_is_missing);
  g_test_add_func ("/bridge/an-empty-answer-has-a-start", test_an_empty_answer_has_a_start);
  g_test_add_func ("/bridge/names-and-scopes-come-back", test_names_and_scopes_come_back);
  g_test_add_func ("/bridge/missing-ids-are-made", test_missing_ids_are_made);
  g_test_add_func ("/bridge/custom-calls-are-unwrapped", test_custom_calls_are_unwrapped);
  g_test_add_func ("/bridge/signatures-are-wrapped-for-foreign-clients",
                   test_signatures_are_wrapped_for_foreign_clients);
  g_test_add_func ("/bridge/signatures-of-calls-are-wrapped",
                   test_signatures_of_calls_are_wrapped);
  g_test_add_func ("/bridge/hidden-thoughts-leave-their-signature",
                   test_hidden_thoughts_leave_their_signature);
  g_test_add_func ("/bridge/thoughts-of-others-are-shown-to-who-asked",
                   test_thoughts_of_others_are_shown_to_who_asked);
  g_test_add_func ("/bridge/who-does-not-think-gets-no-blocks-of-thoughts",
                   test_who_does_not_think_gets_no_blocks_of_thoughts);
  g_test_add_func ("/bridge/a-broken-answer-is-a-failure-to-others",
                   test_a_broken_answer_is_a_failure_to_others);
  g_test_add_func ("/bridge/what-only-the-upstream-knows-is-left-out",
                   test_what_only_the_upstream_knows_is_left_out);
  return g_test_run ();
}
