/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log's ways out: who gets what, and that nobody who does not read holds weir up. */

#include "app/weir-log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define SECRET "sk-0123456789abcdefghij"

static const WeirLogRow row = {
  .route = "POST /v1/messages",
  .model = "m",
  .outcome = "complete",
  .status = 200,
  .first_byte_us = -1,
  .total_us = 1500,
};

typedef struct
{
  int read_fd;
  int write_fd;
  WeirLog *log;
} Place;

static void
set_up (Place *place, gconstpointer format)
{
  int fds[2];

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (fds[0], F_SETFL, O_NONBLOCK), ==, 0);
  place->read_fd = fds[0];
  place->write_fd = fds[1];
  place->log = weir_log_new (place->write_fd, GPOINTER_TO_INT (format));
}

static void
tear_down (Place *place, gconstpointer format)
{
  weir_log_free (place->log);
  close (place->read_fd);
  close (place->write_fd);
}

/* All that is there now. */
static char *
take (const Place *place)
{
  GString *all = g_string_new (NULL);
  char bytes[4096];
  ssize_t length;

  while ((length = read (place->read_fd, bytes, sizeof bytes)) > 0)
    g_string_append_len (all, bytes, length);
  return g_string_free (all, FALSE);
}

static void
test_a_request_is_a_line (Place *place, gconstpointer format)
{
  g_autofree char *text = NULL;

  weir_log_row (&row, place->log);
  text = take (place);
  g_assert_true (g_str_has_suffix (text, "total 1.5ms\n"));
  g_assert_nonnull (strstr (text, "POST /v1/messages m 200 complete"));
}

static void
test_json_when_asked (Place *place, gconstpointer format)
{
  g_autofree char *text = NULL;

  weir_log_row (&row, place->log);
  weir_log_say (place->log, G_LOG_LEVEL_WARNING, "one\ntwo \"%d\"", 2);
  text = take (place);
  g_assert_nonnull (strstr (text, "\"model\":\"m\""));
  g_assert_nonnull (strstr (text, "\"level\":\"warning\",\"message\":\"one\"}\n"));
  g_assert_nonnull (strstr (text, "\"message\":\"two \\\"2\\\"\"}\n"));
}

static void
test_a_reader_that_stands_still_costs_lines (Place *place, gconstpointer format)
{
  const unsigned rounds = 5000; /* more than a pipe holds */
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  unsigned lines = 0;
  unsigned lost = 0;
  char *said = NULL;

  for (unsigned i = 0; i < rounds; i++)
    weir_log_row (&row, place->log);
  first = take (place);
  g_assert_true (g_str_has_suffix (first, "ms\n"));
  for (const char *p = first; (p = strchr (p, '\n')) != NULL; p++)
    lines++;

  weir_log_row (&row, place->log);
  second = take (place);
  said = strstr (second, "warning: ");
  g_assert_nonnull (said);
  lost = (unsigned)g_ascii_strtoull (said + strlen ("warning: "), NULL, 10);
  g_assert_cmpuint (lines, >, 0);
  g_assert_cmpuint (lines + lost, ==, rounds);
}

/* What is gathered comes at the end of the turn, before any message, or when it is full. */
static void
test_gathered_rows_are_written_in_order (Place *place, gconstpointer format)
{
  const unsigned rounds = 200; /* more than one write takes, less than a pipe does */
  g_autofree char *text = NULL;
  unsigned lines = 0;

  weir_log_gather_rows (place->log, TRUE);
  weir_log_row (&row, place->log);
  text = take (place);
  g_assert_cmpstr (text, ==, "");
  g_main_context_iteration (NULL, FALSE);
  g_free (text);
  text = take (place);
  g_assert_true (g_str_has_suffix (text, "total 1.5ms\n"));

  weir_log_row (&row, place->log);
  weir_log_say (place->log, G_LOG_LEVEL_MESSAGE, "hello");
  g_free (text);
  text = take (place);
  g_assert_nonnull (strstr (text, "POST"));
  g_assert_true (g_str_has_suffix (text, " info: hello\n"));

  for (unsigned i = 0; i < rounds; i++)
    weir_log_row (&row, place->log);
  weir_log_gather_rows (place->log, FALSE);
  g_free (text);
  text = take (place);
  for (const char *p = text; (p = strchr (p, '\n')) != NULL; p++)
    lines++;
  g_assert_cmpuint (lines, ==, rounds);
}

static gpointer
read_all (gpointer data)
{
  const Place *place = data;
  GString *all = g_string_new (NULL);
  char bytes[4096];

  while (all->len == 0 || all->str[all->len - 1] != '\n')
    {
      const ssize_t length = read (place->read_fd, bytes, sizeof bytes);

      if (length > 0)
        g_string_append_len (all, bytes, length);
    }
  return g_string_free (all, FALSE);
}

static void
test_a_document_comes_whole (Place *place, gconstpointer format)
{
  g_autofree char *document = g_strnfill (300000, 'x');
  g_autofree char *expected = g_strconcat (document, "\n", NULL);
  g_autofree char *text = NULL;
  GThread *reader = NULL;

  g_assert_cmpint (fcntl (place->read_fd, F_SETFL, 0), ==, 0);
  reader = g_thread_new ("reader", read_all, place);
  weir_log_write_document (place->log, document);
  text = g_thread_join (reader);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_a_file_gets_the_requests (Place *place, gconstpointer format)
{
  g_autofree char *folder = g_dir_make_tmp ("weir-log-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "weir.log", NULL);
  g_autofree char *text = NULL;
  g_autofree char *in_file = NULL;

  weir_log_take_file (place->log, weir_log_file_new (path, 10000, 0, NULL));
  weir_log_row (&row, place->log);
  weir_log_say (place->log, G_LOG_LEVEL_MESSAGE, "hello");
  text = take (place);
  g_assert_true (g_file_get_contents (path, &in_file, NULL, NULL));
  g_assert_null (strstr (text, "POST"));
  g_assert_true (g_str_has_suffix (text, " info: hello\n"));
  g_assert_nonnull (strstr (in_file, "POST"));
  g_assert_true (g_str_has_suffix (in_file, " info: hello\n"));

  weir_log_take_file (place->log, NULL);
  weir_log_row (&row, place->log);
  g_free (text);
  text = take (place);
  g_assert_nonnull (strstr (text, "POST"));
  g_remove (path);
  g_rmdir (folder);
}

/* The last test, because what is installed stays. */
static void
test_libraries_are_heard_but_not_their_secrets (Place *place, gconstpointer format)
{
  g_autofree char *text = NULL;

  weir_log_install (place->log);
  g_log_structured ("Soup", G_LOG_LEVEL_MESSAGE, "MESSAGE",
                    "sent Authorization: Bearer %s\n", SECRET);
  g_log_structured ("Soup", G_LOG_LEVEL_DEBUG, "MESSAGE", "unheard");
  weir_log_set_debug (place->log, TRUE);
  g_log_structured ("Soup", G_LOG_LEVEL_DEBUG, "MESSAGE", "heard");
  text = take (place);
  g_assert_null (strstr (text, SECRET));
  g_assert_null (strstr (text, "unheard"));
  g_assert_nonnull (strstr (text, " info: sent Authorization"));
  g_assert_true (g_str_has_suffix (text, " debug: heard\n"));
}

static void
keep (Place *place, gconstpointer format)
{
}

int
main (int argc, char **argv)
{
  const gconstpointer text = GINT_TO_POINTER (WEIR_LOG_TEXT);

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/log/a-request-is-a-line", Place, GINT_TO_POINTER (WEIR_LOG_AUTO), set_up,
              test_a_request_is_a_line, tear_down);
  g_test_add ("/log/json-when-asked", Place, GINT_TO_POINTER (WEIR_LOG_JSON), set_up,
              test_json_when_asked, tear_down);
  g_test_add ("/log/a-reader-that-stands-still-costs-lines", Place, text, set_up,
              test_a_reader_that_stands_still_costs_lines, tear_down);
  g_test_add ("/log/gathered-rows-are-written-in-order", Place, text, set_up,
              test_gathered_rows_are_written_in_order, tear_down);
  g_test_add ("/log/a-document-comes-whole", Place, text, set_up,
              test_a_document_comes_whole, tear_down);
  g_test_add ("/log/a-file-gets-the-requests", Place, text, set_up,
              test_a_file_gets_the_requests, tear_down);
  g_test_add ("/log/libraries-are-heard-but-not-their-secrets", Place, text, set_up,
              test_libraries_are_heard_but_not_their_secrets, keep);
  return g_test_run ();
}
