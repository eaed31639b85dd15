/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Asking the service.  Nothing here starts it but weir_cli_connect when told to. */

#include "config.h"

#include "cli/weir-cli-private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CALL_TIMEOUT_MS 90000 /* a question to a model may take a minute */
#define START_TIMEOUT_US (15 * (gint64)G_USEC_PER_SEC)
#define LOOK_AGAIN_US 50000
#define TURN_MS 400
#define ERROR_PREFIX WEIR_CLI_INTERFACE ".Error."

int
weir_cli_fail (int status, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "weir: %s\n", text);
  return status;
}

int
weir_cli_report (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);
  g_autoptr (GError) copy = g_error_copy (error);

  g_dbus_error_strip_remote_error (copy);
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    return weir_cli_fail (WEIR_CLI_UNAVAILABLE,
                          "the service is not running any more; `weir start` starts it");
  if (g_strcmp0 (name, ERROR_PREFIX "BadRequest") == 0)
    return weir_cli_fail (WEIR_CLI_USAGE, "%s", copy->message);
  return weir_cli_fail (WEIR_CLI_NO, "%s", copy->message);
}

/* A bus that is there already: none is started for us. */
static gboolean
has_bus (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  if (address != NULL && *address != '\0')
    return strchr (address, ':') != NULL;
  return g_file_test (socket, G_FILE_TEST_EXISTS);
}

static gboolean
has_owner (GDBusConnection *bus)
{
  gboolean answer = FALSE;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "NameHasOwner", g_variant_new ("(s)", WEIR_APPLICATION_ID), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  if (reply != NULL)
    g_variant_get (reply, "(b)", &answer);
  return answer;
}

gboolean
weir_cli_find (WeirCli *self)
{
  if (self->bus == NULL && has_bus ())
    {
      self->bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
      if (self->bus != NULL)
        g_dbus_connection_set_exit_on_close (self->bus, FALSE);
    }
  return self->bus != NULL && has_owner (self->bus);
}

/* Its standard streams lead nowhere, and it outlives this terminal. */
static void
detach (gpointer user_data)
{
  setsid ();
}

static gboolean
spawn_service (GError **error)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", error);
  char *arguments[] = { program, (char *)"--gapplication-service", NULL };

  return program != NULL
         && g_spawn_async ("/", arguments, NULL,
                           G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, detach,
                           NULL, NULL, error);
}

/* By the bus, which asks systemd where there is one; else as a process of its own. */
static gboolean
start_service (WeirCli *self, GError **error)
{
  const gint64 until_us = g_get_monotonic_time () + START_TIMEOUT_US;
  g_autoptr (GError) refusal = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "StartServiceByName", g_variant_new ("(su)", WEIR_APPLICATION_ID, 0), NULL,
      G_DBUS_CALL_FLAGS_NONE, (int)(START_TIMEOUT_US / 1000), NULL, &refusal);

  if (reply == NULL && !spawn_service (error))
    return FALSE;
  while (!has_owner (self->bus))
    {
      if (g_get_monotonic_time () > until_us)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "it did not start; `weir --gapplication-service` says why");
          return FALSE;
        }
      g_usleep (LOOK_AGAIN_US);
    }
  return TRUE;
}

/* --- calls --- */

/* What shows that somebody waits, where a person does. */
static const char *const busy[] = { "|", "/", "-", "\\" };

typedef struct
{
  GMainLoop *loop;
  GVariant *reply;
  GError *error;
  unsigned turn;
  gboolean is_shown;
} Wait;

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &wait->error);
  g_main_loop_quit (wait->loop);
}

static gboolean
turn_cb (gpointer user_data)
{
  Wait *wait = user_data;

  fprintf (stderr, "\r%s", busy[wait->turn++ % G_N_ELEMENTS (busy)]);
  wait->is_shown = TRUE;
  return G_SOURCE_CONTINUE;
}

/* In a context of its own: nothing else happens while it waits, so that a verb that follows
 * signals may ask from within one. */
GVariant *
weir_cli_call (WeirCli *self,
               const char *path,
               const char *interface,
               const char *method,
               GVariant *parameters,
               GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) turns = g_timeout_source_new (TURN_MS);
  Wait wait = { .loop = g_main_loop_new (context, FALSE) };

  g_main_context_push_thread_default (context);
  g_source_set_callback (turns, turn_cb, &wait, NULL);
  if (isatty (STDERR_FILENO))
    g_source_attach (turns, context);
  g_dbus_connection_call (self->bus, WEIR_APPLICATION_ID, path, interface, method,
                          parameters, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          CALL_TIMEOUT_MS, NULL, replied_cb, &wait);
  g_main_loop_run (wait.loop);
  g_main_loop_unref (wait.loop);
  g_source_destroy (turns);
  g_main_context_pop_thread_default (context);
  if (wait.is_shown)
    fprintf (stderr, "\r \r");
  if (wait.error != NULL)
    g_propagate_error (error, wait.error);
  return wait.reply;
}

GVariant *
weir_cli_call_manager (WeirCli *self,
                       const char *method,
                       GVariant *parameters,
                       GError **error)
{
  return weir_cli_call (self, WEIR_CLI_PATH, WEIR_CLI_INTERFACE ".Manager", method,
                        parameters, error);
}

GVariant *
weir_cli_fetch (WeirCli *self, const char *method, GVariant *parameters, GError **error)
{
  g_autoptr (GVariant) reply = weir_cli_call_manager (self, method, parameters, error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

GVariant *
weir_cli_get_properties (WeirCli *self,
                         const char *path,
                         const char *interface,
                         GError **error)
{
  g_autoptr (GVariant) reply
      = weir_cli_call (self, path, "org.freedesktop.DBus.Properties", "GetAll",
                       g_variant_new ("(s)", interface), error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* The name is there before the rest of it. */
static void
wait_until_started (WeirCli *self)
{
  const gint64 until_us = g_get_monotonic_time () + START_TIMEOUT_US;
  gboolean is_starting = TRUE;

  while (is_starting && g_get_monotonic_time () < until_us)
    {
      g_autoptr (GVariant) manager = weir_cli_get_properties (
          self, WEIR_CLI_PATH, WEIR_CLI_INTERFACE ".Manager", NULL);

      is_starting = manager != NULL
                    && g_str_equal (weir_cli_get_text (manager, "State"), "starting");
      if (is_starting)
        g_usleep (LOOK_AGAIN_US);
    }
}

gboolean
weir_cli_connect (WeirCli *self, gboolean may_start)
{
  g_autoptr (GError) error = NULL;

  if (weir_cli_find (self))
    return TRUE;
  if (self->bus == NULL)
    {
      weir_cli_fail (WEIR_CLI_UNAVAILABLE,
                     "there is no session bus here, so a running service cannot be asked; "
                     "log in, or use dbus-run-session");
      return FALSE;
    }
  if (!may_start)
    {
      weir_cli_fail (WEIR_CLI_UNAVAILABLE,
                     "the service is not running; `weir start` starts it");
      return FALSE;
    }
  fprintf (stderr, "weir: starting the service\n");
  if (start_service (self, &error))
    {
      wait_until_started (self);
      return TRUE;
    }
  weir_cli_fail (WEIR_CLI_UNAVAILABLE, "the service cannot be started: %s", error->message);
  return FALSE;
}
