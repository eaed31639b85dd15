/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of the log: their shape, and that nothing a row holds can break out of one. */

#include "app/weir-log-line.h"

#include "base/weir-json.h"
#include "chat/weir-event.h"

#include <stdlib.h>

#define CLOCK "12:31:07.123"

static const WeirLogRow served = {
  .id = "weir-0123456789abcdef",
  .route = "POST /v1/messages",
  .client_key = "1f3a5b7c",
  .model = "claude-sonnet",
  .upstream_model = "claude-sonnet-4",
  .account = "claude",
  .client_dialect = "anthropic",
  .upstream_dialect = "anthropic",
  .pass = "untouched",
  .outcome = "complete",
  .status = 200,
  .attempts = 1,
  .bytes_in = 4711,
  .bytes_out = 815,
  .tokens_in = 1204,
  .tokens_out = 86,
  .tokens_cached = WEIR_USAGE_UNKNOWN,
  .first_byte_us = 412345,
  .total_us = 2301799,
};

/* A row of which nothing is known. */
static const WeirLogRow unknown = {
  .tokens_in = WEIR_USAGE_UNKNOWN,
  .tokens_out = WEIR_USAGE_UNKNOWN,
  .tokens_cached = WEIR_USAGE_UNKNOWN,
  .first_byte_us = -1,
  .total_us = -1,
};

static char *
format (const WeirLogRow *row)
{
  char line[WEIR_LOG_LINE_MAX];
  const size_t length = weir_log_line_format_row (row, CLOCK, line);

  g_assert_cmpuint (length, <=, sizeof line);
  return g_strndup (line, length);
}

/* Every text of the row is @text. */
static WeirLogRow
fill (const char *text)
{
  WeirLogRow row = served;

  row.id = row.route = row.client_key = row.model = row.upstream_model = row.account = text;
  row.client_dialect = row.upstream_dialect = row.pass = row.outcome = text;
  row.error = row.detail = text;
  row.status = row.attempts = G_MAXUINT;
  row.bytes_in = row.bytes_out = G_MAXUINT64;
  row.tokens_in = row.tokens_out = row.tokens_cached = WEIR_USAGE_UNKNOWN - 1;
  row.first_byte_us = row.total_us = G_MAXINT64;
  return row;
}

/* One line of valid UTF-8, nothing in it that moves a terminal. */
static void
assert_is_one_line (const char *line, size_t length)
{
  const char *end = NULL;

  g_assert_cmpuint (length, >, 0);
  g_assert_true (g_utf8_validate (line, (gssize)length, &end));
  g_assert_cmpint (line[length - 1], ==, '\n');
  for (const char *p = line; p < line + length - 1; p = g_utf8_next_char (p))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
}

static void
test_says_what_is_known (void)
{
  g_autofree char *line = format (&served);
  WeirLogRow row = served;
  g_autofree char *failed = NULL;
  g_autofree char *nothing = format (&unknown);

  g_assert_cmpstr (line, ==,
                   CLOCK " POST /v1/messages claude-sonnet -> claude/claude-sonnet-4 "
                         "untouched 200 complete 1 attempt in 1204 tokens out 86 first "
                         "412.3ms total 2301.7ms id weir-0123456789abcdef\n");
  row.attempts = 3;
  row.upstream_model = NULL;
  row.tokens_in = row.tokens_out = WEIR_USAGE_UNKNOWN;
  row.first_byte_us = -1;
  row.status = 504;
  row.outcome = "failed";
  row.error = "upstream_timeout";
  row.detail = "no head for 300 s";
  failed = format (&row);
  g_assert_cmpstr (failed, ==,
                   CLOCK " POST /v1/messages claude-sonnet -> claude untouched 504 failed "
                         "3 attempts total 2301.7ms id weir-0123456789abcdef error "
                         "upstream_timeout: no head for 300 s\n");
  g_assert_cmpstr (nothing, ==, CLOCK " -\n");
}

/* Any byte, anywhere, in any length. */
static void
test_a_line_is_a_line_whatever_it_holds (void)
{
  char text[2 * WEIR_LOG_LINE_MAX];

  for (unsigned round = 0; round < 3000; round++)
    {
      const size_t length = (size_t)g_test_rand_int_range (0, sizeof text - 1);
      WeirLogRow row;
      g_autofree char *line = NULL;
      g_autoptr (GString) json = g_string_new (NULL);
      char message[WEIR_LOG_LINE_MAX];
      size_t message_length;

      for (size_t i = 0; i < length; i++)
        text[i]
            = (char)(round < 255 ? round + 1 : (unsigned)g_test_rand_int_range (1, 256));
      text[length] = '\0';
      row = fill (text);
      line = format (&row);
      assert_is_one_line (line, strlen (line));
      weir_log_line_append_row_json (&row, 1, json);
      assert_is_one_line (json->str, json->len);
      message_length = weir_log_line_format_message ("warning", text, CLOCK, message);
      assert_is_one_line (message, message_length);
    }
}

static void
test_words_have_no_blanks (void)
{
  WeirLogRow row = served;
  g_autofree char *line = NULL;

  row.model = "x 200 complete\xc2\xa0\xe2\x80\x83y";
  row.upstream_model = NULL;
  row.account = NULL;
  line = format (&row);
  g_assert_nonnull (strstr (line, " x?200?complete??y untouched 200 complete "));
}

static void
test_letters_of_all_scripts_stay (void)
{
  WeirLogRow row = served;
  g_autofree char *line = NULL;

  row.model = "модель-模型-é\xe2\x80\xae\xc2\x85\xff";
  line = format (&row);
  g_assert_nonnull (strstr (line, " модель-模型-é??? "));
}

static void
test_json_holds_every_known_value (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  WeirLogRow row = served;

  row.detail = "he said \"no\" \\ \t.";
  weir_log_line_append_row_json (&row, (int64_t)1700000000 * 1000000 + 123456, json);
  g_assert_cmpstr (
      json->str, ==,
      "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"info\","
      "\"id\":\"weir-0123456789abcdef\",\"route\":\"POST /v1/messages\","
      "\"client_key\":\"1f3a5b7c\",\"model\":\"claude-sonnet\","
      "\"upstream_model\":\"claude-sonnet-4\",\"account\":\"claude\","
      "\"client_dialect\":\"anthropic\",\"upstream_dialect\":\"anthropic\","
      "\"pass\":\"untouched\",\"outcome\":\"complete\","
      "\"detail\":\"he said \\\"no\\\" \\\\ ?.\",\"status\":200,\"attempts\":1,"
      "\"bytes_in\":4711,\"bytes_out\":815,\"tokens_in\":1204,\"tokens_out\":86,"
      "\"first_byte_us\":412345,\"total_us\":2301799}\n");
}

static const GLogField *
find_field (const WeirLogEntry *entry, const char *key)
{
  for (gsize i = 0; i < entry->n_fields; i++)
    if (g_str_equal (entry->fields[i].key, key))
      return &entry->fields[i];
  return NULL;
}

static void
assert_field (const WeirLogEntry *entry, const char *key, const char *value)
{
  const GLogField *field = find_field (entry, key);

  g_assert_nonnull (field);
  g_assert_cmpmem (field->value, (gsize)field->length, value, strlen (value));
}

static void
test_journal_gets_fields (void)
{
  g_autofree WeirLogEntry *entry = g_new0 (WeirLogEntry, 1);
  g_autofree char *long_text = g_strnfill (sizeof entry->texts, 'x');
  const WeirLogRow full = fill (long_text);

  weir_log_line_fill_row_entry (&served, entry);
  assert_field (entry, "MESSAGE",
                "POST /v1/messages claude-sonnet -> claude/claude-sonnet-4 untouched 200 "
                "complete 1 attempt in 1204 tokens out 86 first 412.3ms total 2301.7ms id "
                "weir-0123456789abcdef");
  assert_field (entry, "PRIORITY", "6");
  assert_field (entry, "WEIR_MODEL", "claude-sonnet");
  assert_field (entry, "WEIR_TOTAL_US", "2301799");
  g_assert_null (find_field (entry, "WEIR_ERROR"));
  g_assert_null (find_field (entry, "WEIR_TOKENS_CACHED"));

  weir_log_line_fill_row_entry (&full, entry);
  for (gsize i = 0; i < entry->n_fields; i++)
    if (find_field (entry, "PRIORITY") != &entry->fields[i]
        && find_field (entry, "SYSLOG_IDENTIFIER") != &entry->fields[i])
      g_assert_cmpuint ((size_t)((const char *)entry->fields[i].value - entry->texts)
                            + (size_t)entry->fields[i].length,
                        <=, sizeof entry->texts);
}

static void
test_clock_keeps_to_the_second (void)
{
  WeirLogClock clock = { 0 };
  const int64_t start_us = (int64_t)1700000000 * 1000000;

  g_setenv ("TZ", "UTC0", TRUE);
  tzset ();
  g_assert_cmpstr (weir_log_clock_format (&clock, start_us), ==, "22:13:20.000");
  g_assert_cmpstr (weir_log_clock_format (&clock, start_us + 999999), ==, "22:13:20.999");
  g_assert_cmpstr (weir_log_clock_format (&clock, start_us + 1000000), ==, "22:13:21.000");
  g_assert_cmpstr (weir_log_clock_format (&clock, start_us + 45000), ==, "22:13:20.045");
  g_assert_cmpstr (weir_log_clock_format (&(WeirLogClock){ 0 }, 7000), ==, "00:00:00.007");
}

static void
test_a_line_takes_no_time (void)
{
  const unsigned rounds = 200000;
  char line[WEIR_LOG_LINE_MAX];
  WeirLogClock clock = { 0 };
  int64_t took_us = g_get_monotonic_time ();
  size_t length = 0;

  for (unsigned i = 0; i < rounds; i++)
    length += weir_log_line_format_row (
        &served, weir_log_clock_format (&clock, (int64_t)1700000000000000 + i), line);
  took_us = g_get_monotonic_time () - took_us;
  g_assert_cmpuint (length, >, rounds);
  g_test_minimized_result ((double)took_us / rounds, "%.3f us a line",
                           (double)took_us / rounds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log-line/says-what-is-known", test_says_what_is_known);
  g_test_add_func ("/log-line/a-line-is-a-line-whatever-it-holds",
                   test_a_line_is_a_line_whatever_it_holds);
  g_test_add_func ("/log-line/words-have-no-blanks", test_words_have_no_blanks);
  g_test_add_func ("/log-line/letters-of-all-scripts-stay",
                   test_letters_of_all_scripts_stay);
  g_test_add_func ("/log-line/json-holds-every-known-value",
                   test_json_holds_every_known_value);
  g_test_add_func ("/log-line/journal-gets-fields", test_journal_gets_fields);
  g_test_add_func ("/log-line/clock-keeps-to-the-second", test_clock_keeps_to_the_second);
  g_test_add_func ("/log-line/a-line-takes-no-time", test_a_line_takes_no_time);
  return g_test_run ();
}
