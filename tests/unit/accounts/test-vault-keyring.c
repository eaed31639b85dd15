/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault in a real gnome-keyring-daemon on a bus of its own: one bus for all tests, one
 * daemon and home for each. */

#include "config.h"

#include "vault-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>

#define KEY "api-key/groq"
#define SECRET "sk-planted-1234567890"
#define PASSWORD "correct horse"
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

typedef struct
{
  VaultPlace place;
  GSubprocess *keyring; /* (owned) (nullable) */
} Session;

static const char bus_config[]
    = "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN' "
      "'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>"
      "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>"
      "<auth>EXTERNAL</auth><policy context='default'><allow send_destination='*'/>"
      "<allow receive_sender='*'/><allow own='*'/></policy></busconfig>";

static void
start_bus (const char *program)
{
  g_autofree char *path = NULL;
  g_autofree char *option = NULL;
  g_autofree char *address = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  const int file = g_file_open_tmp ("weir-bus-XXXXXX", &path, NULL);
  const char *arguments[] = { program, "--nofork", "--print-address", NULL, NULL };

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
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
}

static void
stop_bus (void)
{
  if (bus_daemon == NULL)
    return;
  g_subprocess_force_exit (bus_daemon);
  g_subprocess_wait (bus_daemon, NULL, NULL);
  g_clear_object (&bus_daemon);
}

static GDBusConnection *
get_bus (void)
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
  g_autoptr (GDBusConnection) bus = get_bus ();
  const int64_t until_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (is_served (bus) != wanted)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (5000);
    }
}

/* @password (nullable): NULL leaves the login collection as it is: locked, or not there. */
static void
start_keyring (Session *session, const char *password)
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

static void
stop_keyring (Session *session)
{
  if (session->keyring == NULL)
    return;
  g_subprocess_force_exit (session->keyring);
  g_assert_true (g_subprocess_wait (session->keyring, NULL, NULL));
  g_clear_object (&session->keyring);
  if (bus_daemon != NULL)
    await_served (FALSE);
}

static void
set_up (Session *session, gconstpointer password)
{
  vault_place_set_up (&session->place, NULL);
  start_keyring (session, password);
}

static void
tear_down (Session *session, gconstpointer password)
{
  stop_keyring (session);
  vault_spin (20); /* the signals that tell of it */
  vault_place_tear_down (&session->place, NULL);
}

static GVariant *
call (const char *path, const char *interface, const char *method, GVariant *arguments)
{
  g_autoptr (GDBusConnection) bus = get_bus ();
  g_autoptr (GError) error = NULL;
  GVariant *reply
      = g_dbus_connection_call_sync (bus, SERVICE, path, interface, method, arguments, NULL,
                                     G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
  return reply;
}

static void
lock_login (void)
{
  g_variant_unref (call ("/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
                         "Lock", g_variant_new_parsed ("([%o],)", LOGIN)));
}

/* As a desktop's login does it, since there is nobody to type. */
static void
unlock_login (const char *password)
{
  const char *session_path = NULL;
  g_autoptr (GVariant) session
      = call ("/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "OpenSession",
              g_variant_new ("(sv)", "plain", g_variant_new_string ("")));

  g_variant_get (session, "(v&o)", NULL, &session_path);
  g_variant_unref (
      call ("/org/freedesktop/secrets",
            "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
            "UnlockWithMasterPassword",
            g_variant_new ("(o(o@ay@ays))", LOGIN, session_path,
                           g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0),
                           g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, password,
                                                      strlen (password), 1),
                           "text/plain")));
}

static WeirVault *
open_vault (WeirVaultState state)
{
  WeirVault *vault = weir_vault_new_keyring ();

  vault_await (vault, state);
  return vault;
}

static void
store (WeirVault *vault, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;

  vault_store (vault, name, text, &error);
  g_assert_no_error (error);
}

static void
test_round_trip (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);

  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  store (vault, KEY, SECRET);
  store (vault, "account/me@example.org", "{\"a b\":\"\xc3\xa4\"}");
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  store (vault, KEY, "another");
  vault_close (vault);

  vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_assert_null (weir_vault_get_problem (vault));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, "another");
  vault_assert_answer (vault, "account/me@example.org", WEIR_VAULT_PRESENT,
                       "{\"a b\":\"\xc3\xa4\"}");
  g_assert_true (vault_delete (vault, KEY, NULL));
  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  g_assert_true (vault_delete (vault, KEY, NULL));
  vault_close (vault);

  vault = open_vault (WEIR_VAULT_UNLOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  vault_close (vault);
}

static void
test_two_programs (Session *session, gconstpointer data)
{
  WeirVault *one = open_vault (WEIR_VAULT_UNLOCKED);
  WeirVault *two = open_vault (WEIR_VAULT_UNLOCKED);

  store (one, KEY, SECRET);
  vault_await_answer (two, KEY, WEIR_VAULT_PRESENT, SECRET);
  store (one, KEY, "another");
  vault_await_answer (two, KEY, WEIR_VAULT_PRESENT, "another");
  g_assert_true (vault_delete (two, KEY, NULL));
  vault_await_answer (one, KEY, WEIR_VAULT_ABSENT, NULL);
  vault_close (one);
  vault_close (two);
}

/* Locked while it is open: what was read stays, nothing else is called absent, nothing is
 * written, nobody is asked twice; and all is well once it is unlocked elsewhere. */
static void
test_locked (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_autoptr (GError) error = NULL;

  store (vault, KEY, SECRET);
  lock_login ();
  vault_await (vault, WEIR_VAULT_LOCKED);
  g_assert_nonnull (strstr (weir_vault_get_problem (vault), "locked"));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, "new", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_clear_error (&error);
  g_assert_false (vault_delete (vault, KEY, &error));
  g_clear_error (&error);
  /* no prompter runs here, which is an answer and not a wait */
  g_assert_false (vault_unlock (vault, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_cmpint (weir_vault_get_state (vault), ==, WEIR_VAULT_LOCKED);
  unlock_login (PASSWORD);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_ABSENT, NULL);
  vault_close (vault);
}

/* Locked from the start: nothing is known, and nothing is called absent. */
static void
test_locked_at_start (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);

  store (vault, KEY, SECRET);
  vault_close (vault);
  stop_keyring (session);
  start_keyring (session, NULL);
  vault = open_vault (WEIR_VAULT_LOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_UNREACHABLE, NULL);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_UNREACHABLE, NULL);
  unlock_login (PASSWORD);
  vault_await_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  vault_close (vault);
}

/* No collection at all is no proof that there never was a secret. */
static void
test_no_collection (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_LOCKED);

  g_assert_nonnull (strstr (weir_vault_get_problem (vault), "no default keyring"));
  vault_assert_answer (vault, KEY, WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, SECRET, NULL));
  g_assert_false (vault_unlock (vault, NULL));
  vault_close (vault);
}

static void
test_killed (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_autoptr (GError) error = NULL;

  store (vault, KEY, SECRET);
  stop_keyring (session);
  vault_await (vault, WEIR_VAULT_MISSING);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, "new", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  start_keyring (session, NULL);
  vault_await (vault, WEIR_VAULT_LOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  unlock_login (PASSWORD);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  store (vault, KEY, "new");
  vault_close (vault);
}

/* A service that stands still costs patience, not the program; afterwards all is well. */
static void
test_stopped (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_autoptr (GError) error = NULL;

  store (vault, KEY, SECRET);
  vault_spin (400); /* the looks after it */
  weir_vault_set_patience (vault, 300);
  g_subprocess_send_signal (session->keyring, SIGSTOP);
  g_assert_false (vault_store (vault, KEY, "new", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "did not answer"));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_await (vault, WEIR_VAULT_MISSING);
  g_subprocess_send_signal (session->keyring, SIGCONT);
  weir_vault_set_patience (vault, 10000);
  g_assert_true (vault_unlock (vault, NULL));
  store (vault, KEY, "newest");
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, "newest");
  vault_close (vault);
}

/* What everybody on the bus may read of an item is its name; what others put in under our
 * schema is taken as it comes, or said to be unreadable. */
static void
test_attributes (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_autoptr (GVariant) paths = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autofree const char **unlocked = NULL;
  g_autofree char *text = NULL;

  store (vault, KEY, SECRET);
  paths = call ("/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "SearchItems",
                g_variant_new_parsed ("({'name': %s},)", KEY));
  g_variant_get (paths, "(^a&oao)", &unlocked, NULL);
  g_assert_nonnull (unlocked[0]);
  properties = call (unlocked[0], "org.freedesktop.DBus.Properties", "GetAll",
                     g_variant_new ("(s)", "org.freedesktop.Secret.Item"));
  text = g_variant_print (properties, FALSE);
  g_assert_nonnull (strstr (text, "'name': '" KEY "'"));
  g_assert_null (strstr (text, "planted"));
  vault_close (vault);
}

/* The last one: without the bus what was read stays. */
static void
test_bus_gone (Session *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);

  store (vault, KEY, SECRET);
  stop_bus ();
  vault_await (vault, WEIR_VAULT_MISSING);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, "new", NULL));
  g_assert_false (vault_unlock (vault, NULL));
  vault_close (vault);
}

#define ADD(name, password, func)                                                          \
  g_test_add ("/vault-keyring/" name, Session, password, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *bus_path = g_find_program_in_path ("dbus-daemon");
  int status;

  g_test_init (&argc, &argv, NULL);
  daemon_path = g_find_program_in_path ("gnome-keyring-daemon");
  if (bus_path == NULL || daemon_path == NULL)
    {
      printf ("1..0 # SKIP gnome-keyring-daemon or dbus-daemon is not installed\n");
      return 0;
    }
  start_bus (bus_path);
  ADD ("what-is-stored-is-there-after-a-restart", PASSWORD, test_round_trip);
  ADD ("two-programs-see-what-the-other-wrote", PASSWORD, test_two_programs);
  ADD ("locking-takes-no-answer-away", PASSWORD, test_locked);
  ADD ("locked-at-start-is-never-absent", PASSWORD, test_locked_at_start);
  ADD ("no-collection-is-never-absent", NULL, test_no_collection);
  ADD ("a-killed-service-takes-no-answer-away", PASSWORD, test_killed);
  ADD ("a-service-that-stands-still-is-not-waited-for", PASSWORD, test_stopped);
  ADD ("an-item-tells-its-name-and-no-secret", PASSWORD, test_attributes);
  ADD ("a-lost-bus-takes-no-answer-away", PASSWORD, test_bus_gone);
  status = g_test_run ();
  stop_bus ();
  g_free (daemon_path);
  return status;
}
