/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program as a user or a script meets it: what it prints, when it ends and how.  Each
 * test starts it in a home of its own; $WEIR_UNDER_TEST names it. */

#include "app/weir-app.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#define GOOD "port: 0\napi-keys: [sk-0123456789abcdefgh]\n"
#define READY "weir listening on http://127.0.0.1:"
#define CLOCK_ZERO "\0\0\0\0\0\0\0\0"

typedef struct
{
  char *home;
  char *config; /* path of a configuration that is not there yet */
  char *clock;
  GSubprocessLauncher *launcher;
} Place;

static void
set_up (Place *place, gconstpointer data)
{
  place->home = g_dir_make_tmp ("weir-app-XXXXXX", NULL);
  place->config = g_build_filename (place->home, "weir.yaml", NULL);
  place->clock = g_build_filename (place->home, "clock", NULL);
  g_assert_true (g_file_set_contents (place->clock, CLOCK_ZERO, 8, NULL));
  place->launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                               | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_setenv (place->launcher, "HOME", place->home, TRUE);
  g_subprocess_launcher_setenv (place->launcher, "XDG_CONFIG_HOME", place->home, TRUE);
  g_subprocess_launcher_setenv (place->launcher, "XDG_STATE_HOME", place->home, TRUE);
  g_subprocess_launcher_setenv (place->launcher, "XDG_RUNTIME_DIR", place->home, TRUE);
  g_subprocess_launcher_setenv (place->launcher, "WEIR_TEST_CLOCK", place->clock, TRUE);
  g_subprocess_launcher_unsetenv (place->launcher, "DBUS_SESSION_BUS_ADDRESS");
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_all (inner);
    }
  g_remove (path);
}

static void
tear_down (Place *place, gconstpointer data)
{
  remove_all (place->home);
  g_free (place->home);
  g_free (place->config);
  g_free (place->clock);
  g_object_unref (place->launcher);
}

static void
write_config (const Place *place, const char *text)
{
  g_assert_true (g_file_set_contents_full (place->config, text, -1,
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

/* Starts it with @words behind its name. */
static GSubprocess *
start (const Place *place, const char *words)
{
  g_autofree char *line = g_strconcat (g_getenv ("WEIR_UNDER_TEST"), " ", words, NULL);
  g_auto (GStrv) arguments = g_strsplit (g_strchomp (line), " ", -1);
  g_autoptr (GError) error = NULL;
  GSubprocess *weir = g_subprocess_launcher_spawnv (place->launcher,
                                                    (const char *const *)arguments, &error);

  g_assert_no_error (error);
  return weir;
}

/* Waits for its end; returns the exit status. */
static int
finish (GSubprocess *weir, char **out_said, char **out_complained)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      g_subprocess_communicate_utf8 (weir, NULL, NULL, out_said, out_complained, &error));
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (weir));
  return g_subprocess_get_exit_status (weir);
}

static int
run (const Place *place, const char *words, char **out_said, char **out_complained)
{
  g_autoptr (GSubprocess) weir = start (place, words);

  return finish (weir, out_said, out_complained);
}

/* Its next line.  @stream is one of its outputs; nothing is read ahead of the line. */
static char *
read_line (GInputStream *stream)
{
  GString *line = g_string_new (NULL);
  char byte = '\0';

  while (g_input_stream_read (stream, &byte, 1, NULL, NULL) == 1 && byte != '\n')
    g_string_append_c (line, byte);
  return g_string_free (line, FALSE);
}

static unsigned
wait_until_ready (GSubprocess *weir)
{
  g_autofree char *line = read_line (g_subprocess_get_stdout_pipe (weir));
  guint64 port = 0;

  g_assert_true (g_str_has_prefix (line, READY));
  g_assert_true (
      g_ascii_string_to_unsigned (line + strlen (READY), 10, 1, 65535, &port, NULL));
  return (unsigned)port;
}

static void
wait_for_line_with (GSubprocess *weir, const char *text)
{
  gboolean is_there = FALSE;

  while (!is_there)
    {
      g_autofree char *line = read_line (g_subprocess_get_stderr_pipe (weir));

      g_assert_cmpstr (line, !=, "");
      is_there = strstr (line, text) != NULL;
    }
}

static void
stop (GSubprocess *weir)
{
  g_subprocess_send_signal (weir, SIGTERM);
  g_assert_cmpint (finish (weir, NULL, NULL), ==, WEIR_EXIT_OK);
}

static void
test_first_start_makes_a_configuration (Place *place, gconstpointer data)
{
  g_autofree char *path = g_build_filename (place->home, "weir", "config.yaml", NULL);
  g_autoptr (GSubprocess) weir = start (place, "--port 0");
  const unsigned port = wait_until_ready (weir);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", port);
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;
  g_autofree char *complained = NULL;
  const char *key = NULL;
  struct stat info = { 0 };

  g_subprocess_send_signal (weir, SIGTERM);
  g_assert_cmpint (finish (weir, &said, &complained), ==, WEIR_EXIT_OK);
  g_assert_cmpstr (said, ==, "");
  g_assert_nonnull (strstr (complained, url));
  g_assert_nonnull (strstr (complained, path));
  key = strstr (complained, "sk-weir-");
  g_assert_nonnull (key);

  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  *strchr (key, '\n') = '\0';
  g_assert_nonnull (strstr (text, key));
}

static void
test_second_start_keeps_quiet (Place *place, gconstpointer data)
{
  g_autoptr (GSubprocess) first = start (place, "--port 0");
  g_autoptr (GSubprocess) second = NULL;
  g_autofree char *complained = NULL;

  wait_until_ready (first);
  stop (first);
  second = start (place, "--gapplication-service --port 0");
  wait_until_ready (second);
  g_subprocess_send_signal (second, SIGTERM);
  g_assert_cmpint (finish (second, NULL, &complained), ==, WEIR_EXIT_OK);
  g_assert_null (strstr (complained, "sk-weir-"));
}

static void
test_exit_status_says_what_is_wrong (Place *place, gconstpointer data)
{
  g_autofree char *said = NULL;
  g_autofree char *usage = NULL;
  g_autofree char *silent = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *fatal = NULL;
  g_autofree char *check = g_strdup_printf ("--check-config --config %s", place->config);
  g_autofree char *serve = g_strdup_printf ("--config %s", place->config);

  g_assert_cmpint (run (place, "--version", &said, NULL), ==, WEIR_EXIT_OK);
  g_assert_true (g_str_has_prefix (said, "weir "));
  g_assert_cmpint (run (place, "nonsense", NULL, &usage), ==, WEIR_EXIT_USAGE);
  g_assert_nonnull (strstr (usage, "nonsense"));

  g_assert_cmpint (run (place, serve, NULL, NULL), ==, WEIR_EXIT_CONFIG);
  write_config (place, GOOD);
  g_assert_cmpint (run (place, check, NULL, &silent), ==, WEIR_EXIT_OK);
  g_assert_cmpstr (silent, ==, "");
  write_config (place, "port: 99999\n");
  g_assert_cmpint (run (place, check, NULL, &problem), ==, WEIR_EXIT_CONFIG);
  g_assert_nonnull (strstr (problem, "weir.yaml:1:7: port must be"));
  g_assert_cmpint (run (place, serve, NULL, &fatal), ==, WEIR_EXIT_CONFIG);
  g_assert_nonnull (strstr (fatal, "weir.yaml:1:7: port must be"));
}

static void
test_a_port_that_is_taken_is_named (Place *place, gconstpointer data)
{
  g_autofree char *free_port = g_strdup_printf ("--config %s", place->config);
  g_autofree char *taken_port = NULL;
  g_autofree char *complained = NULL;
  g_autofree char *port_text = NULL;
  g_autoptr (GSubprocess) first = NULL;
  unsigned port;

  write_config (place, GOOD);
  first = start (place, free_port);
  port = wait_until_ready (first);
  port_text = g_strdup_printf ("%u", port);
  taken_port = g_strdup_printf ("%s --port %u", free_port, port);
  g_assert_cmpint (run (place, taken_port, NULL, &complained), ==, WEIR_EXIT_UNAVAILABLE);
  g_assert_nonnull (strstr (complained, port_text));
  stop (first);
}

static void
test_a_bad_reload_keeps_the_old_one (Place *place, gconstpointer data)
{
  g_autofree char *serve = g_strdup_printf ("--config %s", place->config);
  g_autoptr (GSubprocess) weir = NULL;

  write_config (place, GOOD);
  weir = start (place, serve);
  wait_until_ready (weir);
  write_config (place, "port: [\n");
  wait_for_line_with (weir, "weir.yaml:");
  wait_for_line_with (weir, "kept the previous configuration");
  write_config (place, GOOD "debug: true\n");
  wait_for_line_with (weir, "configuration read again");
  g_subprocess_send_signal (weir, SIGHUP);
  wait_for_line_with (weir, "configuration read again");
  stop (weir);
}

static void
test_dump_is_one_line_without_keys (Place *place, gconstpointer data)
{
  g_autofree char *serve = g_strdup_printf ("--config %s", place->config);
  g_autoptr (GSubprocess) weir = NULL;
  g_autofree char *dump = NULL;

  write_config (place, GOOD);
  weir = start (place, serve);
  wait_until_ready (weir);
  g_subprocess_send_signal (weir, SIGUSR1);
  dump = read_line (g_subprocess_get_stderr_pipe (weir));
  g_assert_true (g_str_has_prefix (dump, "{") && g_str_has_suffix (dump, "}"));
  g_assert_null (strstr (dump, "sk-0123"));
  stop (weir);
}

static void
test_one_for_a_session (Place *place, gconstpointer data)
{
  g_autofree char *serve = g_strdup_printf ("--config %s", place->config);
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  g_autoptr (GTestDBus) bus = NULL;
  g_autoptr (GSubprocess) first = NULL;
  g_autofree char *complained = NULL;
  g_autofree char *pid = NULL;

  if (daemon == NULL)
    {
      g_test_skip ("dbus-daemon is not installed");
      return;
    }
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  g_subprocess_launcher_setenv (place->launcher, "DBUS_SESSION_BUS_ADDRESS",
                                g_test_dbus_get_bus_address (bus), TRUE);
  write_config (place, GOOD);
  first = start (place, serve);
  wait_until_ready (first);
  pid = g_strdup_printf ("kill %s", g_subprocess_get_identifier (first));
  g_assert_cmpint (run (place, serve, NULL, &complained), ==, WEIR_EXIT_RUNNING);
  g_assert_nonnull (strstr (complained, pid));
  g_assert_cmpint (run (place, "--gapplication-service", NULL, NULL), ==,
                   WEIR_EXIT_RUNNING);

  g_test_dbus_stop (bus);
  g_subprocess_send_signal (first, SIGHUP);
  wait_for_line_with (first, "configuration read again"); /* it outlives the bus */
  stop (first);
}

int
main (int argc, char **argv)
{
  umask (077);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/app/" name, Place, NULL, set_up, func, tear_down)
  ADD ("first-start-makes-a-configuration", test_first_start_makes_a_configuration);
  ADD ("second-start-keeps-quiet", test_second_start_keeps_quiet);
  ADD ("exit-status-says-what-is-wrong", test_exit_status_says_what_is_wrong);
  ADD ("a-port-that-is-taken-is-named", test_a_port_that_is_taken_is_named);
  ADD ("a-bad-reload-keeps-the-old-one", test_a_bad_reload_keeps_the_old_one);
  ADD ("dump-is-one-line-without-keys", test_dump_is_one_line_without_keys);
  ADD ("one-for-a-session", test_one_for_a_session);
  return g_test_run ();
}
