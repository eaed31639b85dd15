/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

#include "chat/weir-protocol-error.h"

#define MESSAGE "no \"account\" \xe2\x80\xa8 can\n"

static void
test_every_row_is_whole (void)
{
  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    {
      const WeirProtocol *protocol = weir_protocol_get ((WeirDialect)dialect);

      g_assert_cmpint (protocol->dialect, ==, dialect);
      g_assert_nonnull (protocol->name);
      g_assert_nonnull (protocol->write_error);
      g_assert_nonnull (protocol->write_stream_error);
    }
}

/* Our own decoders must take our own errors for failures, in every form. */
static void
test_errors_are_read_as_failures (void)
{
  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (int code = 0; code < WEIR_ERROR_LAST; code++)
      {
        const WeirProtocol *protocol = weir_protocol_get ((WeirDialect)dialect);
        g_autoptr (GString) body = g_string_new (NULL);
        g_autoptr (GString) event = g_string_new (NULL);
        g_autoptr (ChatRun) whole = NULL;
        g_autoptr (ChatRun) stream = NULL;

        protocol->write_error (body, (WeirError)code, 0, MESSAGE, "req_1");
        protocol->write_stream_error (event, WEIR_ANSWER_SSE, (WeirError)code, MESSAGE,
                                      "req_1");
        whole = chat_run_text ((WeirDialect)dialect, WEIR_ANSWER_WHOLE, body->str);
        stream = chat_run_text ((WeirDialect)dialect, WEIR_ANSWER_SSE, event->str);
        g_assert_cmpint (whole->state, ==, WEIR_ANSWER_FAILED);
        g_assert_cmpint (stream->state, ==, WEIR_ANSWER_FAILED);
        g_assert_true (g_str_has_suffix (whole->failure_message, MESSAGE));
        g_assert_cmpstr (stream->failure_message, ==, whole->failure_message);
        g_assert_null (strchr (body->str, '\n'));

        g_string_truncate (event, 0);
        protocol->write_stream_error (event, WEIR_ANSWER_WHOLE, (WeirError)code, MESSAGE,
                                      NULL);
        g_assert_cmpuint (event->len, ==, 0);
      }
}

/* As the vendors say that a conversation has become too long, and what only sounds so. */
static void
test_a_prompt_too_long_is_known (void)
{
  static const struct
  {
    unsigned status;
    const char *type;
    const char *message;
    WeirError code;
  } rows[] = {
    { 400, "", "This model's maximum context length is 128000 tokens.",
      WEIR_ERROR_CONTEXT },
    { 400, "context_length_exceeded", "Too much.", WEIR_ERROR_CONTEXT },
    { 400, "", "Your input exceeds the context window of this model.", WEIR_ERROR_CONTEXT },
    { 400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum",
      WEIR_ERROR_CONTEXT },
    { 413, "", "Prompt is too long", WEIR_ERROR_CONTEXT },
    { 400, "",
      "The input token count (2) exceeds the maximum number of tokens allowed (1).",
      WEIR_ERROR_CONTEXT },
    { 413, "", "", WEIR_ERROR_TOO_LARGE },
    { 400, "", "tools.0.name is too long", WEIR_ERROR_BAD_REQUEST },
    { 429, "", "prompt is too long", WEIR_ERROR_LIMITED },
    { 500, "context_length_exceeded", "", WEIR_ERROR_UPSTREAM },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (
        weir_protocol_error_classify (rows[i].status, rows[i].type, rows[i].message), ==,
        rows[i].code);
}

/* Claude Code compacts its conversation when it reads these words. */
static void
test_a_prompt_too_long_is_told_in_the_known_words (void)
{
  const char *const messages[]
      = { "prompt is too long: 2 > 1", "the context window is full" };

  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GString) body = g_string_new (NULL);
      const char *said;

      weir_protocol_get (WEIR_DIALECT_ANTHROPIC)
          ->write_error (body, WEIR_ERROR_CONTEXT, 0, messages[i], NULL);
      said = strstr (body->str, "prompt is too long: ");
      g_assert_nonnull (said);
      g_assert_null (strstr (said + 1, "prompt is too long"));
      g_assert_nonnull (strstr (body->str, messages[i]));
    }
}

static void
assert_error (WeirDialect dialect, unsigned status, const char *expected)
{
  g_autoptr (GString) body = g_string_new (NULL);

  weir_protocol_get (dialect)->write_error (body, WEIR_ERROR_LIMITED, status, "m", "req_1");
  g_assert_cmpstr (body->str, ==, expected);
}

static void
test_errors_are_spelt_as_the_dialects_do (void)
{
  static const char openai[]
      = "{\"error\":{\"message\":\"m\",\"type\":\"rate_limit_error\",\"param\":null,"
        "\"code\":\"rate_limit_exceeded\"}}";

  assert_error (WEIR_DIALECT_OPENAI_CHAT, 0, openai);
  assert_error (WEIR_DIALECT_OPENAI_RESPONSES, 503, openai);
  assert_error (WEIR_DIALECT_ANTHROPIC, 0,
                "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":"
                "\"m\"},\"request_id\":\"req_1\"}");
  assert_error (WEIR_DIALECT_GEMINI, 0,
                "{\"error\":{\"code\":429,\"message\":\"m\",\"status\":"
                "\"RESOURCE_EXHAUSTED\"}}");
  assert_error (WEIR_DIALECT_GEMINI, 503,
                "{\"error\":{\"code\":503,\"message\":\"m\",\"status\":"
                "\"RESOURCE_EXHAUSTED\"}}");
}

static void
test_streams_end_with_an_error_event (void)
{
  static const char *const starts[] = {
    "data: {\"error\":{",
    "event: response.failed\ndata: {\"type\":\"response.failed\",",
    "event: error\ndata: {\"type\":\"error\",",
    "data: {\"error\":{",
  };

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    {
      g_autoptr (GString) event = g_string_new (NULL);

      weir_protocol_get ((WeirDialect)dialect)
          ->write_stream_error (event, WEIR_ANSWER_SSE, WEIR_ERROR_CUT, MESSAGE, NULL);
      g_assert_true (g_str_has_prefix (event->str, starts[dialect]));
      g_assert_true (g_str_has_suffix (event->str, "}\n\n"));
    }
}

static void
test_an_array_stays_one (void)
{
  g_autoptr (GString) wire = g_string_new ("[{\"candidates\":[]}");
  g_auto (WeirJson) json = { 0 };
  g_autoptr (ChatRun) run = NULL;

  weir_protocol_get (WEIR_DIALECT_GEMINI)
      ->write_stream_error (wire, WEIR_ANSWER_ARRAY, WEIR_ERROR_CUT, MESSAGE, NULL);
  g_assert_true (weir_json_parse (&json, wire->str, wire->len, NULL, NULL));
  g_assert_null (strstr (wire->str, "\xe2\x80\xa8"));
  run = chat_run_text (WEIR_DIALECT_GEMINI, WEIR_ANSWER_ARRAY, wire->str);
  g_assert_cmpint (run->state, ==, WEIR_ANSWER_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protocol/every-row-is-whole", test_every_row_is_whole);
  g_test_add_func ("/protocol/errors-are-read-as-failures",
                   test_errors_are_read_as_failures);
  g_test_add_func ("/protocol/a-prompt-too-long-is-known", test_a_prompt_too_long_is_known);
  g_test_add_func ("/protocol/a-prompt-too-long-is-told-in-the-known-words",
                   test_a_prompt_too_long_is_told_in_the_known_words);
  g_test_add_func ("/protocol/errors-are-spelt-as-the-dialects-do",
                   test_errors_are_spelt_as_the_dialects_do);
  g_test_add_func ("/protocol/streams-end-with-an-error-event",
                   test_streams_end_with_an_error_event);
  g_test_add_func ("/protocol/an-array-stays-one", test_an_array_stays_one);
  return g_test_run ();
}
