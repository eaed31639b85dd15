/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Limits, environment and signals of the process. */

#include "config.h"

#include "app/weir-process.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib-unix.h>

static void
set_limits (void)
{
  const struct rlimit no_core = { 0, 0 };
  struct rlimit files = { 0 };

  setrlimit (RLIMIT_CORE, &no_core);
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
}

/* Without an address GLib would start a bus of its own where an X11 display is; an address
 * of no kind at all says "none" at once. */
static void
settle_session_bus (void)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *socket
      = g_build_filename (runtime != NULL ? runtime : "/nonexistent", "bus", NULL);

  if (g_getenv ("DBUS_SESSION_BUS_ADDRESS") == NULL
      && !g_file_test (socket, G_FILE_TEST_EXISTS))
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
}

/* GLib makes the locale in which it reads numbers with the first one.  Of two threads that
 * make it at once one waits, which sets errno, and then takes its number for none: "port
 * must be a whole number (found 8317)", seen once in GLib 2.74. */
static void
settle_numbers (void)
{
  (void)g_ascii_strtoull ("0", NULL, 10);
}

void
weir_process_init (void)
{
  settle_numbers ();
  umask (077);
  set_limits ();
  signal (SIGPIPE, SIG_IGN);
  g_unsetenv ("SSLKEYLOGFILE");
  g_unsetenv ("G_MESSAGES_DEBUG");
  settle_session_bus ();
}

void
weir_process_drop_bundle (void)
{
  if (g_getenv ("AUTH_BUNDLE") != NULL || g_getenv ("AUTH_ZIP_URL") != NULL)
    g_message ("AUTH_BUNDLE and AUTH_ZIP_URL are not read from the environment, where "
               "others see them; weir --import-accounts FILE takes a bundle");
  g_unsetenv ("AUTH_BUNDLE");
  g_unsetenv ("AUTH_ZIP_URL");
}

/* One signal and whom it concerns. */
typedef struct
{
  void (*func) (gpointer user_data);
  gpointer user_data;
} Watch;

static gboolean
on_signal (gpointer user_data)
{
  const Watch *watch = user_data;

  watch->func (watch->user_data);
  return G_SOURCE_CONTINUE;
}

static void
watch_signal (int number, void (*func) (gpointer), gpointer user_data)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->func = func;
  watch->user_data = user_data;
  g_unix_signal_add_full (G_PRIORITY_HIGH, number, on_signal, watch, g_free);
}

void
weir_process_watch_signals (const WeirSignalFuncs *funcs, gpointer user_data)
{
  watch_signal (SIGTERM, funcs->stop, user_data);
  watch_signal (SIGINT, funcs->stop, user_data);
  watch_signal (SIGHUP, funcs->reload, user_data);
  watch_signal (SIGUSR1, funcs->dump, user_data);
}
