/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The built-in model is held to our own decoders: what they do not take whole from it, they
 * would not take from a vendor. */

#include "config.h"

#include "providers/weir-echo.h"

#include "base/weir-json-write.h"

typedef struct
{
  WeirDialect dialect;
  WeirOperation operation;
  WeirAnswerForm form;
} Way;

static const Way ways[] = {
  { WEIR_DIALECT_OPENAI_CHAT, WEIR_OPERATION_ANSWER, WEIR_ANSWER_WHOLE },
  { WEIR_DIALECT_OPENAI_CHAT, WEIR_OPERATION_ANSWER, WEIR_ANSWER_SSE },
  { WEIR_DIALECT_OPENAI_CHAT, WEIR_OPERATION_COMPLETIONS, WEIR_ANSWER_WHOLE },
  { WEIR_DIALECT_OPENAI_CHAT, WEIR_OPERATION_COMPLETIONS, WEIR_ANSWER_SSE },
  { WEIR_DIALECT_OPENAI_RESPONSES, WEIR_OPERATION_ANSWER, WEIR_ANSWER_WHOLE },
  { WEIR_DIALECT_OPENAI_RESPONSES, WEIR_OPERATION_ANSWER, WEIR_ANSWER_SSE },
  { WEIR_DIALECT_ANTHROPIC, WEIR_OPERATION_ANSWER, WEIR_ANSWER_WHOLE },
  { WEIR_DIALECT_ANTHROPIC, WEIR_OPERATION_ANSWER, WEIR_ANSWER_SSE },
  { WEIR_DIALECT_GEMINI, WEIR_OPERATION_ANSWER, WEIR_ANSWER_WHOLE },
  { WEIR_DIALECT_GEMINI, WEIR_OPERATION_STREAM, WEIR_ANSWER_SSE },
  { WEIR_DIALECT_GEMINI, WEIR_OPERATION_STREAM, WEIR_ANSWER_ARRAY },
};

/* What a decoder made of an answer. */
typedef struct
{
  WeirAnswerState state;
  WeirUsage usage;
  GString *text; /* (owned) of all text blocks, decoded */
  char *id;      /* (owned) */
  size_t consumed;
} Heard;

static void
heard_clear (Heard *self)
{
  g_string_free (self->text, TRUE);
  g_free (self->id);
}

static WeirEcho *
try_echo (const Way *way, const char *body, GError **error)
{
  g_auto (WeirJson) json = { 0 };

  weir_json_parse (&json, body, strlen (body), NULL, error);
  g_assert_cmpuint (json.n_items, >, 0);
  return weir_echo_new (way->dialect, way->operation, way->form, &json, "0123abcd",
                        1700000000 * G_GINT64_CONSTANT (1000000), error);
}

/* All that is said, and how many pieces that took. */
static GString *
say (WeirEcho *echo, unsigned *out_pieces)
{
  GString *out = g_string_new (NULL);
  gboolean more = TRUE;

  for (*out_pieces = 0; more; (*out_pieces)++)
    {
      gsize before = out->len;

      more = weir_echo_next (echo, out);
      g_assert_cmpuint (out->len, >, before);
    }
  return out;
}

static void
on_event (const WeirEvent *event, gpointer user_data)
{
  Heard *heard = user_data;
  g_auto (WeirJson) json = { 0 };
  g_autofree char *quoted = NULL;

  g_assert_cmpint (event->type, !=, WEIR_EVENT_ERROR);
  g_assert_cmpint (event->type, !=, WEIR_EVENT_RAW);
  if (event->type == WEIR_EVENT_START)
    heard->id = weir_slice_dup (event->id);
  if (event->type == WEIR_EVENT_FINISH)
    g_assert_cmpint (event->finish, ==, WEIR_FINISH_STOP);
  if (event->type != WEIR_EVENT_DELTA)
    return;
  g_assert_cmpint (event->block_type, ==, WEIR_BLOCK_TEXT);
  quoted = g_strdup_printf ("\"%.*s\"", (int)event->text.length, event->text.text);
  g_assert_true (weir_json_parse (&json, quoted, strlen (quoted), NULL, NULL));
  weir_json_append_text (&json, 0, heard->text);
}

static Heard
hear (const Way *way, const GString *wire, size_t first, size_t step)
{
  Heard heard = { .text = g_string_new (NULL) };
  g_autoptr (WeirDecoder) decoder
      = weir_decoder_new (way->dialect, way->form, on_event, &heard);
  size_t at = 0;

  while (at < wire->len)
    {
      size_t part = MIN (at == 0 && first > 0 ? first : step, wire->len - at);
      g_autofree char *copy = g_memdup2 (wire->str + at, part);
      g_autoptr (GError) error = NULL;
      size_t consumed = 0;
      size_t boundary = 0;

      weir_decoder_feed (decoder, copy, part, &consumed, &boundary, &error);
      g_assert_no_error (error);
      heard.consumed += consumed;
      at += part;
    }
  heard.state = weir_decoder_finish (decoder, TRUE);
  heard.usage = *weir_decoder_get_usage (decoder);
  return heard;
}

static void
assert_heard (Heard heard, const GString *wire, const char *text)
{
  if (heard.state != WEIR_ANSWER_COMPLETE)
    g_test_message ("%s", wire->str);
  g_assert_cmpint (heard.state, ==, WEIR_ANSWER_COMPLETE);
  g_assert_cmpstr (heard.text->str, ==, text);
  g_assert_nonnull (heard.id);
  g_assert_nonnull (strstr (heard.id, "0123abcd"));
  heard_clear (&heard);
}

/* The simplest request in each way with @text as the user's. */
static char *
make_body (const Way *way, const char *text)
{
  g_autoptr (GString) quoted = g_string_new (NULL);
  WeirJsonWriter w;

  weir_json_writer_init (&w, quoted);
  weir_json_add_text (&w, NULL, weir_slice_from_string (text));
  if (way->operation == WEIR_OPERATION_COMPLETIONS)
    return g_strdup_printf ("{\"prompt\":%s,\"stream_options\":{\"include_usage\":true}}",
                            quoted->str);
  if (way->dialect == WEIR_DIALECT_OPENAI_RESPONSES)
    return g_strdup_printf ("{\"input\":%s}", quoted->str);
  if (way->dialect == WEIR_DIALECT_GEMINI)
    return g_strdup_printf ("{\"contents\":[{\"parts\":[{\"text\":%s}]}]}", quoted->str);
  return g_strdup_printf ("{\"messages\":[{\"role\":\"user\",\"content\":%s}],"
                          "\"stream_options\":{\"include_usage\":true}}",
                          quoted->str);
}

typedef struct
{
  const char *text;
  unsigned words;
} Saying;

static const Saying sayings[] = {
  { "hello", 1 },
  { "two words", 2 },
  { "a b c d e f g h i j k l m", 13 },
  { " ", 0 },
  { " \t\n ", 0 },
  { "\n leading and trailing \r\n", 3 },
  { "quote \" slash \\ / tab\tline\nreturn\rbell\a del\x7f", 10 },
  { "gr\xc3\xbc\xc3\x9f dich \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x91\x8b\xf0\x9f\x8f\xbd",
    4 },
  { "line\xe2\x80\xa8separator\xe2\x80\xa9paragraph", 1 },
  { "data: [DONE]\n\nevent: message_stop\n\n", 4 },
  { "\"}]} , [ ] { </script>", 6 },
  { "no\xc2\xa0"
    "break",
    1 },
};

static void
assert_usage (const Way *way, const WeirEcho *echo, const WeirUsage *told, unsigned words)
{
  WeirUsage known;

  weir_echo_get_usage (echo, &known);
  g_assert_cmpuint (known.input, ==, words);
  g_assert_cmpuint (known.output, ==, words);
  g_assert_cmpuint (known.total, ==, 2 * words);
  g_assert_cmpuint (told->input, ==, words);
  g_assert_cmpuint (told->output, ==, words);
  /* Anthropic has no word for the sum */
  g_assert_cmpuint (told->total, ==,
                    way->dialect == WEIR_DIALECT_ANTHROPIC ? WEIR_USAGE_UNKNOWN
                                                           : 2 * words);
}

static void
check_saying (const Way *way, const Saying *saying)
{
  g_autofree char *body = make_body (way, saying->text);
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirEcho) echo = try_echo (way, body, &error);
  unsigned n_pieces;
  g_autoptr (GString) wire = NULL;
  Heard heard;

  g_assert_no_error (error);
  wire = say (echo, &n_pieces);
  g_assert_cmpuint (wire->len, ==, strlen (wire->str));
  g_assert_true (g_utf8_validate (wire->str, -1, NULL));
  if (way->form == WEIR_ANSWER_WHOLE)
    g_assert_cmpuint (n_pieces, ==, 1);
  /* one word with its space a piece; leading space is a piece of its own */
  else if (saying->words > 0 && !g_ascii_isspace (*saying->text))
    g_assert_cmpuint (n_pieces, ==, saying->words);

  heard = hear (way, wire, 0, SIZE_MAX);
  assert_usage (way, echo, &heard.usage, saying->words);
  if (way->form != WEIR_ANSWER_WHOLE)
    g_assert_cmpuint (heard.consumed, ==, wire->len);
  assert_heard (heard, wire, saying->text);
  for (size_t step = 1; step < 4; step++)
    assert_heard (hear (way, wire, 0, step), wire, saying->text);
  for (size_t cut = 1; cut < wire->len; cut++)
    assert_heard (hear (way, wire, cut, SIZE_MAX), wire, saying->text);
}

static void
test_every_dialect_and_form_is_whole (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (sayings); j++)
      check_saying (&ways[i], &sayings[j]);
}

/* Each piece is whole by itself: what was said can be sent. */
static void
test_a_stream_can_be_sent_piece_by_piece (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *body = make_body (&ways[i], "one two three");
      g_autoptr (WeirEcho) echo = try_echo (&ways[i], body, NULL);
      gboolean more = TRUE;

      while (ways[i].form == WEIR_ANSWER_SSE && more)
        {
          g_autoptr (GString) piece = g_string_new (NULL);

          more = weir_echo_next (echo, piece);
          g_assert_true (g_str_has_suffix (piece->str, "\n\n"));
        }
    }
}

static void
test_usage_of_a_chat_stream_comes_only_when_asked_for (void)
{
  static const char *const bodies[] = {
    "{\"messages\":[{\"role\":\"user\",\"content\":\"a b\"}]}",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"a b\"}],\"stream_options\":null}",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"a b\"}],\"stream_options\":{}}",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"a b\"}],"
    "\"stream_options\":{\"include_usage\":false}}",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"a b\"}],"
    "\"stream_options\":{\"include_usage\":\"true\"}}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (WeirEcho) echo = try_echo (&ways[1], bodies[i], NULL);
      unsigned n_pieces;
      g_autoptr (GString) wire = say (echo, &n_pieces);

      g_assert_null (strstr (wire->str, "usage"));
      g_assert_null (strstr (wire->str, "\"choices\":[]"));
      assert_heard (hear (&ways[1], wire, 0, SIZE_MAX), wire, "a b");
    }
}

static void
test_gemini_never_sends_a_raw_line_separator (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *body = make_body (&ways[i], "a\xe2\x80\xa8"
                                                   "b \xf0\x9f\x91\x8b");
      g_autoptr (WeirEcho) echo = try_echo (&ways[i], body, NULL);
      unsigned n_pieces;
      g_autoptr (GString) wire = say (echo, &n_pieces);

      if (ways[i].dialect != WEIR_DIALECT_GEMINI)
        continue;
      g_assert_null (strstr (wire->str, "\xe2\x80\xa8"));
      g_assert_nonnull (strstr (wire->str, "\\u2028"));
    }
}

typedef struct
{
  WeirDialect dialect;
  WeirOperation operation;
  const char *body;
  const char *text; /* (nullable): NULL where there is nothing to repeat */
} Asked;

#define CHAT WEIR_DIALECT_OPENAI_CHAT, WEIR_OPERATION_ANSWER
#define LEGACY WEIR_DIALECT_OPENAI_CHAT, WEIR_OPERATION_COMPLETIONS
#define RESPONSES WEIR_DIALECT_OPENAI_RESPONSES, WEIR_OPERATION_ANSWER
#define ANTHROPIC WEIR_DIALECT_ANTHROPIC, WEIR_OPERATION_ANSWER
#define GEMINI WEIR_DIALECT_GEMINI, WEIR_OPERATION_ANSWER

/* clang-format off */
static const Asked asked[] = {
  /* the last message of the user counts, whatever stands around it */
  { CHAT, "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'user','content':'c'}]}", "c" },
  { CHAT, "{'messages':[{'role':'user','content':'a'},{'role':'system','content':'b'}]}", "a" },
  { CHAT, "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':null,'tool_calls':[]},{'role':'tool','tool_call_id':'t','content':'r'}]}", "a" },
  { CHAT, "{'messages':[{'role':'user','content':[{'type':'text','text':'a '},{'type':'image_url','image_url':{'url':'data:'}},{'type':'text','text':'b'}]}]}", "a b" },
  { CHAT, "{'messages':[{'content':'a','role':'\\u0075ser'}]}", "a" },
  { CHAT, "{'messages':[null,7,'x',[],{},{'role':'user','content':'a'}]}", "a" },
  { LEGACY, "{'prompt':'a'}", "a" },
  { LEGACY, "{'prompt':['a','b']}", "a" },
  { RESPONSES, "{'input':'a'}", "a" },
  { RESPONSES, "{'input':[{'role':'user','content':'a'}]}", "a" },
  { RESPONSES, "{'input':[{'type':'message','role':'user','content':[{'type':'input_text','text':'a'}]}]}", "a" },
  { RESPONSES, "{'instructions':'i','input':[{'role':'user','content':'a'},{'role':'developer','content':'b'}]}", "a" },
  { RESPONSES, "{'input':[{'role':'user','content':'a'},{'type':'function_call','call_id':'c','name':'f','arguments':'{}'},{'type':'function_call_output','call_id':'c','output':'r'}]}", "a" },
  { RESPONSES, "{'input':[{'role':'user','content':'a'},{'type':'reasoning','summary':[],'content':[{'type':'reasoning_text','text':'t'}]}]}", "a" },
  { ANTHROPIC, "{'system':'s','messages':[{'role':'user','content':'a'}]}", "a" },
  { ANTHROPIC, "{'messages':[{'role':'user','content':[{'type':'text','text':'a','cache_control':{'type':'ephemeral'}},{'type':'text','text':'b'}]}]}", "ab" },
  { ANTHROPIC, "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'}]}", "a" },
  { GEMINI, "{'contents':[{'parts':[{'text':'a'}]}]}", "a" },
  { GEMINI, "{'systemInstruction':{'parts':[{'text':'s'}]},'contents':[{'role':'user','parts':[{'text':'a'},{'inlineData':{}},{'text':'b'}]},{'role':'model','parts':[{'text':'c'}]}]}", "ab" },
  /* nothing to repeat */
  { CHAT, "{}", NULL },
  { CHAT, "{'messages':null}", NULL },
  { CHAT, "{'messages':{}}", NULL },
  { CHAT, "{'messages':[]}", NULL },
  { CHAT, "{'messages':[{'role':'user'}]}", NULL },
  { CHAT, "{'messages':[{'role':'user','content':null}]}", NULL },
  { CHAT, "{'messages':[{'role':'user','content':7}]}", NULL },
  { CHAT, "{'messages':[{'role':'user','content':''}]}", NULL },
  { CHAT, "{'messages':[{'role':'user','content':[]}]}", NULL },
  { CHAT, "{'messages':[{'role':'user','content':[{'text':7},'x',null,[]]}]}", NULL },
  { CHAT, "{'messages':[{'role':'system','content':'a'}]}", NULL },
  { CHAT, "{'messages':[{'role':7,'content':'a'}]}", NULL },
  { CHAT, "{'messages':[{'role':['user'],'content':'a'}]}", NULL },
  { CHAT, "{'messages':[{'role':'users','content':'a'}]}", NULL },
  { CHAT, "{'prompt':'a'}", NULL },
  { CHAT, "[]", NULL },
  { LEGACY, "{}", NULL },
  { LEGACY, "{'prompt':[]}", NULL },
  { LEGACY, "{'prompt':[1,2,3]}", NULL },
  { LEGACY, "{'prompt':[[1,2],[3]]}", NULL },
  { LEGACY, "{'messages':[{'role':'user','content':'a'}]}", NULL },
  { RESPONSES, "{'input':[]}", NULL },
  { RESPONSES, "{'input':''}", NULL },
  { RESPONSES, "{'input':7}", NULL },
  { ANTHROPIC, "{'messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':'t','content':'r'}]}]}", NULL },
  { ANTHROPIC, "{'messages':[{'role':'assistant','content':'a'}]}", NULL },
  { GEMINI, "{'contents':[{'parts':[]}]}", NULL },
  { GEMINI, "{'contents':[{'role':'model','parts':[{'text':'a'}]}]}", NULL },
  { GEMINI, "{'contents':[{'parts':{'text':'a'}}]}", NULL },
};
/* clang-format on */

static void
test_the_last_text_of_the_user_is_repeated (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      Way way = { asked[i].dialect, asked[i].operation, WEIR_ANSWER_WHOLE };
      g_autofree char *body = g_strdelimit (g_strdup (asked[i].body), "'", '"');
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirEcho) echo = try_echo (&way, body, &error);
      g_autoptr (GString) wire = NULL;
      unsigned n_pieces;

      g_test_message ("%s", body);
      if (asked[i].text == NULL)
        {
          g_assert_null (echo);
          g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
          continue;
        }
      g_assert_no_error (error);
      wire = say (echo, &n_pieces);
      assert_heard (hear (&way, wire, 0, SIZE_MAX), wire, asked[i].text);
    }
}

static void
test_tokens_are_counted (void)
{
  static const Way counts[] = {
    { WEIR_DIALECT_ANTHROPIC, WEIR_OPERATION_COUNT_TOKENS, WEIR_ANSWER_WHOLE },
    { WEIR_DIALECT_GEMINI, WEIR_OPERATION_COUNT_TOKENS, WEIR_ANSWER_WHOLE },
    { WEIR_DIALECT_OPENAI_RESPONSES, WEIR_OPERATION_COUNT_TOKENS, WEIR_ANSWER_WHOLE },
  };
  static const char *const wanted[]
      = { "{\"input_tokens\":3}", "{\"totalTokens\":3}",
          "{\"object\":\"response.input_tokens\",\"input_tokens\":3}" };

  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *body = make_body (&counts[i], "one two three");
      g_autoptr (WeirEcho) echo = try_echo (&counts[i], body, NULL);
      unsigned n_pieces;
      g_autoptr (GString) wire = say (echo, &n_pieces);
      WeirUsage usage;

      g_assert_cmpstr (wire->str, ==, wanted[i]);
      weir_echo_get_usage (echo, &usage);
      g_assert_cmpuint (usage.input, ==, 3);
      g_assert_cmpuint (usage.output, ==, 0);
      g_assert_cmpuint (usage.total, ==, 3);
    }
}

static void
test_what_is_no_text_is_refused (void)
{
  static const WeirOperation operations[]
      = { WEIR_OPERATION_EMBEDDINGS, WEIR_OPERATION_IMAGE, WEIR_OPERATION_IMAGE_EDIT };

  for (size_t i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      Way way = { WEIR_DIALECT_OPENAI_CHAT, operations[i], WEIR_ANSWER_WHOLE };
      g_autoptr (GError) error = NULL;

      g_assert_null (try_echo (&way, "{\"input\":\"a\",\"prompt\":\"b\"}", &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/echo/every-dialect-and-form-is-whole",
                   test_every_dialect_and_form_is_whole);
  g_test_add_func ("/echo/a-stream-can-be-sent-piece-by-piece",
                   test_a_stream_can_be_sent_piece_by_piece);
  g_test_add_func ("/echo/usage-of-a-chat-stream-comes-only-when-asked-for",
                   test_usage_of_a_chat_stream_comes_only_when_asked_for);
  g_test_add_func ("/echo/gemini-never-sends-a-raw-line-separator",
                   test_gemini_never_sends_a_raw_line_separator);
  g_test_add_func ("/echo/the-last-text-of-the-user-is-repeated",
                   test_the_last_text_of_the_user_is_repeated);
  g_test_add_func ("/echo/tokens-are-counted", test_tokens_are_counted);
  g_test_add_func ("/echo/what-is-no-text-is-refused", test_what_is_no_text_is_refused);
  return g_test_run ();
}
