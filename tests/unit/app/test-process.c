/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the process is like once it has been set up, and that its signals arrive. */

#include "app/weir-process.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void
test_is_closed_to_others (void)
{
  struct rlimit core = { 1, 1 };
  struct rlimit files = { 0 };
  struct sigaction pipe_action = { 0 };
  const mode_t mask = umask (0);

  umask (mask);
  g_assert_cmpuint (mask, ==, 077);
  g_assert_cmpint (getrlimit (RLIMIT_CORE, &core), ==, 0);
  g_assert_cmpuint (core.rlim_cur, ==, 0);
  g_assert_cmpuint (core.rlim_max, ==, 0);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &files), ==, 0);
  g_assert_cmpuint (files.rlim_cur, ==, files.rlim_max);
  g_assert_cmpint (sigaction (SIGPIPE, NULL, &pipe_action), ==, 0);
  g_assert_true (pipe_action.sa_handler == SIG_IGN);
}

static void
test_environment_holds_nothing_that_leaks (void)
{
  g_assert_null (g_getenv ("SSLKEYLOGFILE"));
  g_assert_null (g_getenv ("G_MESSAGES_DEBUG"));
}

static void
test_starts_no_bus (void)
{
  g_assert_cmpstr (g_getenv ("DBUS_SESSION_BUS_ADDRESS"), ==, "disabled:");
}

typedef struct
{
  unsigned stops;
  unsigned reloads;
  unsigned dumps;
} Counts;

static void
count_stop (gpointer user_data)
{
  ((Counts *)user_data)->stops++;
}

static void
count_reload (gpointer user_data)
{
  ((Counts *)user_data)->reloads++;
}

static void
count_dump (gpointer user_data)
{
  ((Counts *)user_data)->dumps++;
}

static void
test_every_signal_arrives (void)
{
  static const WeirSignalFuncs funcs
      = { .stop = count_stop, .reload = count_reload, .dump = count_dump };
  static Counts counts;

  weir_process_watch_signals (&funcs, &counts);
  raise (SIGTERM);
  while (counts.stops < 1)
    g_main_context_iteration (NULL, TRUE);
  raise (SIGINT);
  raise (SIGHUP);
  raise (SIGUSR1);
  while (counts.stops < 2 || counts.reloads < 1 || counts.dumps < 1)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_setenv ("SSLKEYLOGFILE", "/dev/null", TRUE);
  g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
  g_setenv ("XDG_RUNTIME_DIR", "/nonexistent", TRUE);
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  weir_process_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/is-closed-to-others", test_is_closed_to_others);
  g_test_add_func ("/process/environment-holds-nothing-that-leaks",
                   test_environment_holds_nothing_that_leaks);
  g_test_add_func ("/process/starts-no-bus", test_starts_no_bus);
  g_test_add_func ("/process/every-signal-arrives", test_every_signal_arrives);
  return g_test_run ();
}
