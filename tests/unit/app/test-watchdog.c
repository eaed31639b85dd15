/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A main loop that stands still is said, one that waits is not. */

#include "app/weir-watchdog.h"

#include "base/weir-clock.h"

#include <fcntl.h>
#include <unistd.h>

static gboolean
on_stand_still (gpointer user_data)
{
  g_usleep (520 * 1000); /* the one thing that cannot be had without taking its time */
  return G_SOURCE_REMOVE;
}

static gboolean
on_hang (gpointer user_data)
{
  g_usleep (20 * G_USEC_PER_SEC);
  _exit (0);
}

static gboolean
on_over (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
test_says_when_the_loop_stood_still (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (WeirLog) log = NULL;
  g_autoptr (WeirWatchdog) watchdog = NULL;
  char text[4096] = "";
  int fds[2];

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC | O_NONBLOCK), ==, 0);
  log = weir_log_new (fds[1], WEIR_LOG_TEXT);
  watchdog = weir_watchdog_new (log);
  g_assert_nonnull (watchdog);

  g_timeout_add (700, on_over, loop);
  g_main_loop_run (loop);
  g_assert_cmpint (read (fds[0], text, sizeof text), <, 0);

  g_idle_add (on_stand_still, NULL);
  g_timeout_add (700, on_over, loop);
  g_main_loop_run (loop);
  g_assert_cmpint (read (fds[0], text, sizeof text - 1), >, 0);
  g_assert_nonnull (strstr (text, " warning: the main loop stood still for 5"));
  close (fds[0]);
  close (fds[1]);
}

/* Takes its time, so only with -m slow: the thread rests when the loop is stuck. */
static void
test_ends_what_stands_still (void)
{
  if (!g_test_subprocess ())
    {
      if (!g_test_slow ())
        {
          g_test_skip ("slow");
          return;
        }
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_test_trap_assert_failed ();
      return;
    }
  {
    g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
    g_autoptr (WeirLog) log = weir_log_new (STDERR_FILENO, WEIR_LOG_TEXT);
    g_autoptr (WeirWatchdog) watchdog = weir_watchdog_new (log);

    g_assert_nonnull (watchdog);
    g_timeout_add (5000, on_over, loop);
    g_main_loop_run (loop);
    g_timeout_add (5000, on_hang, NULL);
    g_main_loop_run (loop);
  }
}

static void
test_is_off_where_a_test_drives_the_clock (void)
{
  static const int64_t offset_us = 0;
  g_autoptr (WeirLog) log = weir_log_new (STDERR_FILENO, WEIR_LOG_TEXT);

  weir_clock_set_test_offset (&offset_us);
  g_assert_null (weir_watchdog_new (log));
  weir_clock_set_test_offset (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watchdog/says-when-the-loop-stood-still",
                   test_says_when_the_loop_stood_still);
  g_test_add_func ("/watchdog/ends-what-stands-still", test_ends_what_stands_still);
  g_test_add_func ("/watchdog/is-off-where-a-test-drives-the-clock",
                   test_is_off_where_a_test_drives_the_clock);
  return g_test_run ();
}
