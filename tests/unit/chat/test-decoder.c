/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "chat-run.h"

static const WeirAnswerForm forms[] = { WEIR_ANSWER_WHOLE, WEIR_ANSWER_SSE };

static ChatRun *
run_watched (WeirDialect dialect, WeirAnswerForm form, const char *wire, gboolean unclean)
{
  ChatRunOptions options
      = { .dialect = dialect, .form = form, .watch = TRUE, .unclean = unclean };

  return chat_run (options, wire, strlen (wire), 0, 7);
}

static void
test_a_page_is_no_answer (void)
{
  static const char page[] = "\n <!doctype html><title>502</title>";

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
      {
        g_autoptr (ChatRun) run = run_watched ((WeirDialect)dialect, forms[i], page, FALSE);

        g_assert_true (run->failed_feed);
        g_assert_cmpint (run->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
        g_assert_false (run->has_content);
      }
}

static void
test_an_error_document_fails_in_every_form (void)
{
  static const char error[]
      = " {\"type\":\"error\",\"error\":{\"message\":\"out of \\u00e4\","
        "\"code\":429,\"type\":\"t\",\"status\":\"s\"}}\n";

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
      {
        g_autoptr (ChatRun) run
            = run_watched ((WeirDialect)dialect, forms[i], error, FALSE);

        g_assert_cmpint (run->state, ==, WEIR_ANSWER_FAILED);
        g_assert_cmpstr (run->failure_message, ==, "out of ä");
        g_assert_false (run->has_content);
        if (dialect != WEIR_DIALECT_ANTHROPIC)
          g_assert_cmpuint (run->failure_status, ==, 429);
      }
}

static void
note_raw_name (const WeirEvent *event, gpointer user_data)
{
  if (event->type == WEIR_EVENT_RAW)
    g_string_append_len (user_data, event->name.text, (gssize)event->name.length);
}

static void
test_the_name_of_a_raw_event_is_escaped (void)
{
  static const char wire[] = "event: a\"b\\c\td\ndata: {\"odd\":1}\n\n";

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    {
      g_autoptr (GString) name = g_string_new (NULL);
      g_autoptr (WeirDecoder) decoder
          = weir_decoder_new ((WeirDialect)dialect, WEIR_ANSWER_SSE, note_raw_name, name);
      size_t consumed;
      size_t boundary;

      g_assert_true (
          weir_decoder_feed (decoder, wire, strlen (wire), &consumed, &boundary, NULL));
      g_assert_cmpstr (name->str, ==, "a\\\"b\\\\c\\td");
    }
}

static void
test_a_document_is_no_stream (void)
{
  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    {
      g_autoptr (ChatRun) run = run_watched ((WeirDialect)dialect, WEIR_ANSWER_SSE,
                                             "{\"id\":1,\"choices\":[]}", FALSE);

      g_assert_cmpint (run->state, ==, WEIR_ANSWER_EMPTY);
      g_assert_cmpint (run->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
    }
}

static void
test_nothing_is_cut (void)
{
  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
      {
        g_autoptr (ChatRun) run = run_watched ((WeirDialect)dialect, forms[i], "", FALSE);

        g_assert_cmpint (run->state, ==, WEIR_ANSWER_EMPTY);
        g_assert_cmpint (run->error_code, ==, WEIR_ERROR_CUT);
      }
}

static void
test_a_whole_document_needs_every_byte (void)
{
  static const char wire[] = "{\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3},"
                             "\"data\":[{\"embedding\":[0.1,-2e9]}]}";

  for (size_t end = 0; end <= strlen (wire); end++)
    {
      g_autofree char *prefix = g_strndup (wire, end);
      g_autoptr (ChatRun) run
          = run_watched (WEIR_DIALECT_OPENAI_CHAT, WEIR_ANSWER_WHOLE, prefix, FALSE);
      g_autoptr (ChatRun) unclean
          = run_watched (WEIR_DIALECT_OPENAI_CHAT, WEIR_ANSWER_WHOLE, prefix, TRUE);

      g_assert_cmpint (run->state == WEIR_ANSWER_COMPLETE, ==, end == strlen (wire));
      g_assert_cmpint (unclean->state, !=, WEIR_ANSWER_COMPLETE);
      if (run->state == WEIR_ANSWER_COMPLETE)
        g_assert_cmpuint (run->usage.input, ==, 3);
    }
}

static void
test_any_document_passes_a_watcher (void)
{
  static const char *const wires[]
      = { "{\"input_tokens\":7}", "{\"object\":\"list\",\"data\":[]}", "[1,2]", "{}" };

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (size_t i = 0; i < G_N_ELEMENTS (wires); i++)
      {
        g_autoptr (ChatRun) watched
            = run_watched ((WeirDialect)dialect, WEIR_ANSWER_WHOLE, wires[i], FALSE);
        g_autoptr (ChatRun) told
            = chat_run_text ((WeirDialect)dialect, WEIR_ANSWER_WHOLE, wires[i]);

        g_assert_cmpint (watched->state, ==, WEIR_ANSWER_COMPLETE);
        g_assert_cmpint (told->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
      }
}

static void
test_broken_json_is_refused (void)
{
  static const char *const wires[] = {
    "data: {\"a\":\n\n",  "data: [1]\n\n",        "data: null\n\n",
    "data: nonsense\n\n", "data: {\"a\":01}\n\n",
  };

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (size_t i = 0; i < G_N_ELEMENTS (wires); i++)
      {
        g_autoptr (ChatRun) run
            = chat_run_text ((WeirDialect)dialect, WEIR_ANSWER_SSE, wires[i]);

        g_assert_true (run->failed_feed);
        g_assert_cmpint (run->error_code, ==, WEIR_ERROR_BAD_UPSTREAM);
      }
}

/* Each field that is read, with each kind of value. */
static void
test_wrong_types_never_complete_or_crash (void)
{
  static const char *const values[]
      = { "null", "false", "-1", "1e999", "\"\"", "\"x\"", "[]", "[[]]", "{}", "[null]" };
  static const char *const frames[] = {
    "{\"id\":%s,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}",
    "{\"choices\":%s}",
    "{\"choices\":[%s]}",
    "{\"choices\":[{\"index\":%s,\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}",
    "{\"choices\":[{\"delta\":%s,\"usage\":%s}]}",
    "{\"choices\":[{\"delta\":{\"content\":%s,\"images\":%s,\"tool_calls\":%s}}]}",
    "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":%s,\"id\":%s}]}}]}",
    "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":%s}}]}}]}",
    "{\"usage\":%s,\"type\":\"message_delta\",\"delta\":%s}",
    "{\"usage\":{\"prompt_tokens\":%s,\"prompt_tokens_details\":%s}}",
    "{\"type\":\"message_start\",\"message\":%s}",
    "{\"type\":\"content_block_start\",\"index\":%s,\"content_block\":%s}",
    "{\"type\":\"content_block_start\",\"content_block\":{\"type\":%s,\"input\":%s}}",
    "{\"type\":\"response.output_item.added\",\"output_index\":%s,\"item\":%s}",
    "{\"type\":\"response.output_item.done\",\"item\":{\"type\":\"reasoning\","
    "\"summary\":%s,\"content\":%s}}",
    "{\"type\":\"response.content_part.added\",\"part\":%s}",
    "{\"type\":\"response.output_item.done\",\"item\":{\"type\":\"message\","
    "\"content\":%s}}",
    "{\"candidates\":%s,\"usageMetadata\":%s}",
    "{\"candidates\":[{\"content\":%s,\"index\":%s}]}",
    "{\"candidates\":[{\"content\":{\"parts\":%s}}]}",
    "{\"candidates\":[{\"content\":{\"parts\":[%s]}}]}",
    "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":%s}]}}]}",
    "{\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":%s,\"text\":%s}]}}]}",
    "{\"promptFeedback\":%s}",
    "{\"promptFeedback\":{\"blockReason\":%s}}",
  };

  for (int dialect = 0; dialect < WEIR_DIALECT_LAST; dialect++)
    for (size_t f = 0; f < G_N_ELEMENTS (frames); f++)
      for (size_t v = 0; v < G_N_ELEMENTS (values); v++)
        {
          g_auto (GStrv) parts = g_strsplit (frames[f], "%s", -1);
          g_autofree char *json = g_strjoinv (values[v], parts);
          g_autofree char *wire = g_strdup_printf ("data: %s\n\n", json);
          g_autoptr (ChatRun) run
              = chat_run_text ((WeirDialect)dialect, WEIR_ANSWER_SSE, wire);
          g_autoptr (ChatRun) whole
              = chat_run_text ((WeirDialect)dialect, WEIR_ANSWER_WHOLE, json);

          if (strstr (frames[f], "blockReason") == NULL)
            g_assert_cmpint (run->state, !=, WEIR_ANSWER_COMPLETE);
          g_assert_nonnull (whole);
        }
}

static void
test_a_watched_stream_keeps_its_last_counts (void)
{
  static const char format[]
      = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"t%d\"}]}}],"
        "\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":%d}}\n\n";
  g_autoptr (GString) wire = g_string_new (NULL);
  g_autoptr (ChatRun) run = NULL;

  for (int i = 0; i < 100; i++)
    g_string_append_printf (wire, format, i * 7, i);
  run = run_watched (WEIR_DIALECT_GEMINI, WEIR_ANSWER_SSE, wire->str, FALSE);
  g_assert_cmpuint (run->usage.output, ==, 99);
  g_assert_cmpuint (run->usage.input, ==, 5);
  g_assert_cmpint (run->state, ==, WEIR_ANSWER_OPEN);
}

static void
test_a_stray_document_is_capped (void)
{
  g_autoptr (GString) wire = g_string_new ("{\"a\":\"");
  ChatRunOptions options
      = { .dialect = WEIR_DIALECT_OPENAI_CHAT, .form = WEIR_ANSWER_SSE, .watch = TRUE };
  g_autoptr (ChatRun) run = NULL;

  g_string_set_size (wire, 300u << 10);
  memset (wire->str + 6, 'x', wire->len - 6);
  run = chat_run (options, wire->str, wire->len, 0, 4096);
  g_assert_cmpint (run->error_code, ==, WEIR_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decoder/a-page-is-no-answer", test_a_page_is_no_answer);
  g_test_add_func ("/decoder/an-error-document-fails-in-every-form",
                   test_an_error_document_fails_in_every_form);
  g_test_add_func ("/decoder/the-name-of-a-raw-event-is-escaped",
                   test_the_name_of_a_raw_event_is_escaped);
  g_test_add_func ("/decoder/a-document-is-no-stream", test_a_document_is_no_stream);
  g_test_add_func ("/decoder/nothing-is-cut", test_nothing_is_cut);
  g_test_add_func ("/decoder/a-whole-document-needs-every-byte",
                   test_a_whole_document_needs_every_byte);
  g_test_add_func ("/decoder/any-document-passes-a-watcher",
                   test_any_document_passes_a_watcher);
  g_test_add_func ("/decoder/broken-json-is-refused", test_broken_json_is_refused);
  g_test_add_func ("/decoder/wrong-types-never-complete-or-crash",
                   test_wrong_types_never_complete_or_crash);
  g_test_add_func ("/decoder/a-watched-stream-keeps-its-last-counts",
                   test_a_watched_stream_keeps_its_last_counts);
  g_test_add_func ("/decoder/a-stray-document-is-capped", test_a_stray_document_is_capped);
  return g_test_run ();
}
