/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault in a real gnome-keyring-daemon. */

#include "config.h"

#include "keyring-fixture.h"

#include <signal.h>

#define KEY "api-key/groq"
#define SECRET "sk-planted-1234567890"
#define PASSWORD KEYRING_PASSWORD
#define SERVICE "org.freedesktop.secrets"
#define LOGIN "/org/freedesktop/secrets/collection/login"

static WeirVault *
open_vault (WeirVaultState state)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_KEYRING, NULL);

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
test_round_trip (KeyringSession *session, gconstpointer data)
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
test_two_programs (KeyringSession *session, gconstpointer data)
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
test_locked (KeyringSession *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_autoptr (GError) error = NULL;

  store (vault, KEY, SECRET);
  keyring_lock ();
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
  keyring_unlock (PASSWORD);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_ABSENT, NULL);
  vault_close (vault);
}

/* Locked from the start: nothing is known, and nothing is called absent. */
static void
test_locked_at_start (KeyringSession *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);

  store (vault, KEY, SECRET);
  vault_close (vault);
  keyring_stop (session);
  keyring_start (session, NULL);
  vault = open_vault (WEIR_VAULT_LOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_UNREACHABLE, NULL);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_UNREACHABLE, NULL);
  keyring_unlock (PASSWORD);
  vault_await_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  vault_close (vault);
}

/* No collection at all is no proof that there never was a secret. */
static void
test_no_collection (KeyringSession *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_LOCKED);

  g_assert_nonnull (strstr (weir_vault_get_problem (vault), "no default keyring"));
  vault_assert_answer (vault, KEY, WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, SECRET, NULL));
  g_assert_false (vault_unlock (vault, NULL));
  vault_close (vault);
}

static void
test_killed (KeyringSession *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_autoptr (GError) error = NULL;

  store (vault, KEY, SECRET);
  keyring_stop (session);
  vault_await (vault, WEIR_VAULT_MISSING);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, "new", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  keyring_start (session, NULL);
  vault_await (vault, WEIR_VAULT_LOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  keyring_unlock (PASSWORD);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  store (vault, KEY, "new");
  vault_close (vault);
}

/* A service that stands still costs patience, not the program; afterwards all is well. */
static void
test_stopped (KeyringSession *session, gconstpointer data)
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
test_attributes (KeyringSession *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);
  g_autoptr (GVariant) paths = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autofree const char **unlocked = NULL;
  g_autofree char *text = NULL;

  store (vault, KEY, SECRET);
  paths = keyring_call ("/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
                        "SearchItems", g_variant_new_parsed ("({'name': %s},)", KEY));
  g_variant_get (paths, "(^a&oao)", &unlocked, NULL);
  g_assert_nonnull (unlocked[0]);
  properties = keyring_call (unlocked[0], "org.freedesktop.DBus.Properties", "GetAll",
                             g_variant_new ("(s)", "org.freedesktop.Secret.Item"));
  text = g_variant_print (properties, FALSE);
  g_assert_nonnull (strstr (text, "'name': '" KEY "'"));
  g_assert_null (strstr (text, "planted"));
  vault_close (vault);
}

/* The last one: without the bus what was read stays. */
static void
test_bus_gone (KeyringSession *session, gconstpointer data)
{
  WeirVault *vault = open_vault (WEIR_VAULT_UNLOCKED);

  store (vault, KEY, SECRET);
  keyring_stop_bus ();
  vault_await (vault, WEIR_VAULT_MISSING);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "api-key/none", WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, "new", NULL));
  g_assert_false (vault_unlock (vault, NULL));
  vault_close (vault);
}

#define ADD(name, password, func)                                                          \
  g_test_add ("/vault-keyring/" name, KeyringSession, password, keyring_set_up, func,      \
              keyring_tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!keyring_start_bus ())
    return 0;
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
  keyring_stop_bus ();
  return status;
}
