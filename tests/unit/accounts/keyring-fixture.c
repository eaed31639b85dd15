/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bus, the daemon, and what a desktop does with it. */

#include "config.h"

#include "keyring-fixture.h"

#include <glib/gstdio.h>
#include <stdio.h>

#define SERVICE "org.freedesktop.secrets"
#define LOGIN "/org/freedesktop/secrets/collection/login"

/* libsecret 0.20.5 loses the bus's reply to each item and collection that it creates, and
 * now and then the list of what it was to unlock; what else is lost is our fault.  Only
 * whole stacks can tell the one from the other. */
const char *__asan_default_options (void);
const char *__lsan_default_suppressions (void);

const char *
__asan_default_options (void)
{
  return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions (void)
{
  return "leak:g_dbus_message_new_from_blob\nleak:g_ptr_array_new_with_free_func";
}

static GSubprocess *bus_daemon;
static char *daemon_path;

static const char bus_config[]
    = "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN' "
      "'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>"
      "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>"
      "<auth>EXTERNAL</auth><policy context='default'><allow send_destination='*'/>"
      "<allow receive_sender='*'/><allow own='*'/></policy></busconfig>";

gboolean
keyring_start_bus (void)
{
  g_autofree char *program = g_find_program_in_path ("dbus-daemon");
  g_autofree char *path = NULL;
  g_autofree char *option = NULL;
  g_autofree char *address = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  const int file = g_file_open_tmp ("weir-bus-XXXXXX", &path, NULL);
  const char *arguments[] = { program, "--nofork", "--print-address", NULL, NULL };

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  daemon_path = g_find_program_in_path ("gnome-keyring-daemon");
  if (program == NULL || daemon_path == NULL)
    {
      printf ("1..0 # SKIP gnome-keyring-daemon or dbus-daemon is not installed\n");
      return FALSE;
    }
  g_assert_true (g_file_set_contents (path, bus_config, -1, NULL));
  arguments[3] = option = g_strconcat ("--config-file=", path, NULL);
  bus_daemon = g_subprocess_newv (
      arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  g_assert_nonnull (bus_daemon);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (bus_daemon));
  address = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  g_assert_nonnull (address);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  g_remove (path);
  return TRUE;
}

void
keyring_stop_bus (void)
{
  if (bus_daemon == NULL)
    return;
  g_subprocess_force_exit (bus_daemon);
  g_subprocess_wait (bus_daemon, NULL, NULL);
  g_clear_object (&bus_daemon);
  g_clear_pointer (&daemon_path, g_free);
}

GDBusConnection *
keyring_get_bus (void)
{
  GDBusConnection *bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);

  g_dbus_connection_set_exit_on_close (bus, FALSE);
  return bus;
}

static gboolean
is_served (GDBusConnection *bus)
{
  gboolean has_owner = FALSE;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner",
      g_variant_new ("(s)", SERVICE), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  g_variant_get (reply, "(b)", &has_owner);
  return has_owner;
}

static void
await_served (gboolean wanted)
{
  g_autoptr (GDBusConnection) bus = keyring_get_bus ();
  const int64_t until_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (is_served (bus) != wanted)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (5000);
    }
}

/* @password (nullable): NULL leaves the login collection as it is: locked, or not there. */
void
keyring_start (KeyringSession *session, const char *password)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
      | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  const char *arguments[]
      = { daemon_path, "--foreground", "--components=secrets", NULL, NULL };
  const char *const folders[]
      = { "HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" };

  for (size_t i = 0; i < G_N_ELEMENTS (folders); i++)
    g_subprocess_launcher_setenv (launcher, folders[i], session->place.folder, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG"); /* its warnings are its own */
  if (password != NULL)
    arguments[3] = "--unlock";
  session->keyring = g_subprocess_launcher_spawnv (launcher, arguments, NULL);
  g_assert_nonnull (session->keyring);
  g_assert_true (g_output_stream_write_all (
      g_subprocess_get_stdin_pipe (session->keyring), password != NULL ? password : "",
      password != NULL ? strlen (password) : 0, NULL, NULL, NULL));
  g_output_stream_close (g_subprocess_get_stdin_pipe (session->keyring), NULL, NULL);
  await_served (TRUE);
}

void
keyring_stop (KeyringSession *session)
{
  if (session->keyring == NULL)
    return;
  g_subprocess_force_exit (session->keyring);
  g_assert_true (g_subprocess_wait (session->keyring, NULL, NULL));
  g_clear_object (&session->keyring);
  if (bus_daemon != NULL)
    await_served (FALSE);
}

void
keyring_set_up (KeyringSession *session, gconstpointer password)
{
  vault_place_set_up (&session->place, NULL);
  keyring_start (session, password);
}

void
keyring_tear_down (KeyringSession *session, gconstpointer password)
{
  keyring_stop (session);
  vault_spin (20); /* the signals that tell of it */
  vault_place_tear_down (&session->place, NULL);
}

GVariant *
keyring_call (const char *path,
              const char *interface,
              const char *method,
              GVariant *arguments)
{
  g_autoptr (GDBusConnection) bus = keyring_get_bus ();
  g_autoptr (GError) error = NULL;
  GVariant *reply
      = g_dbus_connection_call_sync (bus, SERVICE, path, interface, method, arguments, NULL,
                                     G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
  return reply;
}

void
keyring_lock (void)
{
  g_variant_unref (keyring_call ("/org/freedesktop/secrets",
                                 "org.freedesktop.Secret.Service", "Lock",
                                 g_variant_new_parsed ("([%o],)", LOGIN)));
}

/* As a desktop's login does it, since there is nobody to type. */
void
keyring_unlock (const char *password)
{
  const char *session_path = NULL;
  g_autoptr (GVariant) session = keyring_call (
      "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "OpenSession",
      g_variant_new ("(sv)", "plain", g_variant_new_string ("")));

  g_variant_get (session, "(v&o)", NULL, &session_path);
  g_variant_unref (
      keyring_call ("/org/freedesktop/secrets",
                    "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
                    "UnlockWithMasterPassword",
                    g_variant_new ("(o(o@ay@ays))", LOGIN, session_path,
                                   g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0),
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, password,
                                                              strlen (password), 1),
                                   "text/plain")));
}
