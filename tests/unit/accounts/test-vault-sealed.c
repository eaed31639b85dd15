/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault in a file that is sealed by the key that systemd gives. */

#include "config.h"

#include "vault-fixture.h"

#include "accounts/weir-seal.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#define KEY "api-key/groq"
#define SECRET "sk-planted-1234567890"
#define CREDENTIAL "weir-secrets-key"

typedef struct
{
  VaultPlace place;
  char *credential; /* (owned): its path */
  char *digits;     /* (owned): what is in it */
} Sealed;

static void
give_key (Sealed *self, const char *text)
{
  g_assert_true (g_file_set_contents (self->credential, text, -1, NULL));
}

static void
set_up (Sealed *self, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autoptr (WeirSecret) key = weir_seal_make_key ();

  vault_place_set_up (&self->place, data);
  folder = g_build_filename (self->place.folder, "credentials", NULL);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_setenv ("CREDENTIALS_DIRECTORY", folder, TRUE);
  path = g_path_get_dirname (self->place.path);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  self->credential = g_build_filename (folder, CREDENTIAL, NULL);
  self->digits = weir_slice_dup (weir_secret_reveal (key));
  give_key (self, self->digits);
}

static void
tear_down (Sealed *self, gconstpointer data)
{
  g_free (self->credential);
  g_free (self->digits);
  vault_place_tear_down (&self->place, data);
}

/* (transfer full) */
static char *
read_bytes (const Sealed *self, size_t *out_length)
{
  char *bytes = NULL;

  g_assert_true (g_file_get_contents (self->place.path, &bytes, out_length, NULL));
  return bytes;
}

static gboolean
lies_open (const Sealed *self)
{
  size_t length = 0;
  g_autofree char *bytes = read_bytes (self, &length);

  return g_strstr_len (bytes, (gssize)length, "planted") != NULL
         || g_strstr_len (bytes, (gssize)length, KEY) != NULL;
}

static WeirVault *
open_vault (const Sealed *self)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_FILE, self->place.path);

  vault_await (vault, WEIR_VAULT_UNLOCKED);
  return vault;
}

static void
store_one (const Sealed *self)
{
  WeirVault *vault = open_vault (self);

  g_assert_true (vault_store (vault, KEY, SECRET, NULL));
  vault_close (vault);
}

static void
test_round_trip (Sealed *self, gconstpointer data)
{
  WeirVault *vault = open_vault (self);
  g_autofree char *line = g_strconcat (self->digits, "\n", NULL);
  struct stat info = { 0 };

  g_assert_true (weir_vault_is_sealed (vault));
  g_assert_true (vault_store (vault, KEY, SECRET, NULL));
  g_assert_true (vault_store (vault, "account/a", "tokens", NULL));
  g_assert_false (lies_open (self));
  g_assert_cmpint (stat (self->place.path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  vault_close (vault);

  give_key (self, line); /* as a shell writes it */
  vault = open_vault (self);
  g_assert_true (weir_vault_is_sealed (vault));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "account/a", WEIR_VAULT_PRESENT, "tokens");
  g_assert_true (vault_delete (vault, KEY, NULL));
  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  g_assert_false (lies_open (self));
  vault_close (vault);
}

/* A key that comes later seals what lay open. */
static void
test_key_comes (Sealed *self, gconstpointer data)
{
  WeirVault *vault = NULL;

  g_assert_cmpint (g_remove (self->credential), ==, 0);
  store_one (self);
  g_assert_true (lies_open (self));
  vault = open_vault (self);
  g_assert_false (weir_vault_is_sealed (vault));
  vault_close (vault);

  give_key (self, self->digits);
  vault = open_vault (self);
  g_assert_true (weir_vault_is_sealed (vault));
  g_assert_false (lies_open (self));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_close (vault);
}

/* The vault says why, answers "unreachable", and leaves the file as it is. */
static void
assert_closed (const Sealed *self, const char *why)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_FILE, self->place.path);
  size_t n_before = 0;
  size_t n_after = 0;
  g_autofree char *before = read_bytes (self, &n_before);
  g_autofree char *after = NULL;

  vault_await (vault, WEIR_VAULT_MISSING);
  g_assert_nonnull (strstr (weir_vault_get_problem (vault), why));
  g_assert_nonnull (strstr (weir_vault_get_problem (vault), CREDENTIAL));
  g_assert_null (strstr (weir_vault_get_problem (vault), "planted"));
  vault_assert_answer (vault, KEY, WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, "new", NULL));
  g_assert_false (vault_delete (vault, KEY, NULL));
  g_assert_false (vault_unlock (vault, NULL));
  after = read_bytes (self, &n_after);
  g_assert_cmpmem (before, n_before, after, n_after);
  vault_close (vault);
}

static void
test_no_key (Sealed *self, gconstpointer data)
{
  g_autoptr (WeirSecret) other = weir_seal_make_key ();
  g_autofree char *digits = weir_slice_dup (weir_secret_reveal (other));
  g_autofree char *short_key = g_strndup (self->digits, 62);
  WeirVault *vault = NULL;

  store_one (self);
  g_assert_cmpint (g_remove (self->credential), ==, 0);
  assert_closed (self, "its key was not given");
  give_key (self, digits);
  assert_closed (self, "of another key");
  give_key (self, "correct horse");
  assert_closed (self, "is no key");
  give_key (self, short_key);
  assert_closed (self, "is no key");
  give_key (self, "");
  assert_closed (self, "is no key");

  give_key (self, self->digits);
  vault = open_vault (self);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_close (vault);
}

/* A key that is none is no reason to leave secrets open. */
static void
test_bad_key (Sealed *self, gconstpointer data)
{
  WeirVault *vault = NULL;

  give_key (self, "0123");
  vault = weir_vault_new (WEIR_VAULT_FILE, self->place.path);
  vault_await (vault, WEIR_VAULT_MISSING);
  g_assert_false (vault_store (vault, KEY, SECRET, NULL));
  g_assert_false (g_file_test (self->place.path, G_FILE_TEST_EXISTS));
  vault_close (vault);
}

/* No byte of it may be another one. */
static void
test_changed (Sealed *self, gconstpointer data)
{
  size_t length = 0;
  g_autofree char *bytes = NULL;

  store_one (self);
  bytes = read_bytes (self, &length);
  for (size_t i = strlen ("weir secrets sealed 1\n"); i < length; i += 7)
    {
      bytes[i] ^= 1;
      g_assert_true (g_file_set_contents (self->place.path, bytes, (gssize)length, NULL));
      g_assert_cmpint (g_chmod (self->place.path, 0600), ==, 0);
      assert_closed (self, "damaged");
      bytes[i] ^= 1;
    }
  g_assert_true (g_file_set_contents (self->place.path, bytes, 30, NULL));
  g_assert_cmpint (g_chmod (self->place.path, 0600), ==, 0);
  assert_closed (self, "cut short");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*function) (Sealed *self, gconstpointer data);
  } tests[] = {
    { "/vault-sealed/what-is-stored-is-there-after-a-restart", test_round_trip },
    { "/vault-sealed/a-key-that-comes-later-seals-what-lay-open", test_key_comes },
    { "/vault-sealed/without-its-key-it-is-closed-and-left-alone", test_no_key },
    { "/vault-sealed/a-key-that-is-none-leaves-nothing-open", test_bad_key },
    { "/vault-sealed/that-was-changed-is-closed-and-left-alone", test_changed },
  };

  g_test_init (&argc, &argv, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Sealed, NULL, set_up, tests[i].function, tear_down);
  return g_test_run ();
}
