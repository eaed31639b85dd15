/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The vault in one file. */

#include "config.h"

#include "vault-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY "api-key/groq"
#define ANOTHER "api-key/other.one"
#define SECRET "sk-planted-1234567890"
#define N_KILLS 60

static unsigned
get_mode (const char *path)
{
  struct stat info = { 0 };

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static void
write_text (const VaultPlace *place, const char *text, unsigned mode)
{
  g_autofree char *folder = g_path_get_dirname (place->path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (place->path, text, -1, NULL));
  g_assert_cmpint (g_chmod (place->path, (int)mode), ==, 0);
}

static WeirVault *
open_vault (const VaultPlace *place)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_FILE, place->path);

  vault_await (vault, WEIR_VAULT_UNLOCKED);
  return vault;
}

static void
test_round_trip (VaultPlace *place, gconstpointer data)
{
  WeirVault *vault = open_vault (place);
  g_autofree char *folder = g_path_get_dirname (place->path);
  g_auto (GStrv) names = NULL;

  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  g_assert_true (vault_store (vault, KEY, SECRET, NULL));
  g_assert_true (vault_store (vault, "account/me@example.org", "{\"a b\":1}", NULL));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  g_assert_cmpuint (get_mode (place->path), ==, 0600);
  g_assert_cmpuint (get_mode (folder), ==, 0700);
  vault_close (vault);

  vault = open_vault (place);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, "account/me@example.org", WEIR_VAULT_PRESENT, "{\"a b\":1}");
  names = weir_vault_list (vault);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[1], ==, KEY);
  g_assert_true (vault_store (vault, KEY, "another", NULL));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, "another");
  g_assert_true (vault_delete (vault, KEY, NULL));
  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  g_assert_true (vault_delete (vault, KEY, NULL));
  vault_close (vault);

  vault = open_vault (place);
  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  vault_close (vault);
}

static void
test_names (void)
{
  static const char *const good[] = { "api-key/a", "account/x@y.z+1", "api-key/A_b-c.9" };
  static const char *const bad[] = { "",           "api-key",          "api-key/",
                                     "api-key/.a", "api-key/a b",      "api-key/a/b",
                                     "password/a", "api-key/\xc3\xa4", "account/a\n",
                                     "/a" };
  g_autofree char *longest = g_strnfill (128, 'a');
  g_autofree char *fits = g_strconcat ("account/", longest, NULL);
  g_autofree char *too_long = g_strconcat (fits, "a", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (weir_vault_is_name (good[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (weir_vault_is_name (bad[i]));
  g_assert_true (weir_vault_is_name (fits));
  g_assert_false (weir_vault_is_name (too_long));
}

static void
test_bad_name (VaultPlace *place, gconstpointer data)
{
  WeirVault *vault = open_vault (place);
  g_autoptr (GError) error = NULL;

  g_assert_false (vault_store (vault, "api-key/a b", SECRET, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_BAD_REQUEST);
  g_assert_null (strstr (error->message, SECRET));
  vault_close (vault);
}

/* What another weir writes is seen, and neither takes the other's away. */
static void
test_two_programs (VaultPlace *place, gconstpointer data)
{
  WeirVault *one = open_vault (place);
  WeirVault *two = NULL;

  g_assert_true (vault_store (one, KEY, SECRET, NULL));
  two = open_vault (place);
  g_assert_true (vault_store (two, ANOTHER, "second", NULL));
  g_assert_true (vault_store (one, "api-key/third", "third", NULL));
  vault_await_answer (one, ANOTHER, WEIR_VAULT_PRESENT, "second");
  vault_await_answer (two, "api-key/third", WEIR_VAULT_PRESENT, "third");
  g_assert_true (vault_delete (two, KEY, NULL));
  vault_await_answer (one, KEY, WEIR_VAULT_ABSENT, NULL);
  vault_close (one);
  vault_close (two);
}

/* In the order asked for, without waiting in between. */
static void
test_order (VaultPlace *place, gconstpointer data)
{
  WeirVault *vault = open_vault (place);

  for (unsigned i = 0; i < 20; i++)
    {
      g_autofree char *text = g_strdup_printf ("secret-%u", i);
      g_autoptr (WeirSecret) secret = vault_secret (text);

      weir_vault_store_async (vault, KEY, secret, NULL, NULL, NULL);
    }
  g_assert_true (vault_store (vault, ANOTHER, "last", NULL));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, "secret-19");
  vault_close (vault);
}

/* A vault that cannot be used says why, answers "unreachable", writes nothing, and is there
 * again once it has been mended. */
static void
assert_refused (const VaultPlace *place, const char *why)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_FILE, place->path);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (place->path, &before, NULL, NULL);
  vault_await (vault, WEIR_VAULT_MISSING);
  g_assert_nonnull (strstr (weir_vault_get_problem (vault), why));
  g_assert_null (strstr (weir_vault_get_problem (vault), "planted"));
  vault_assert_answer (vault, KEY, WEIR_VAULT_UNREACHABLE, NULL);
  g_assert_false (vault_store (vault, KEY, "new", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_false (vault_unlock (vault, NULL));
  g_file_get_contents (place->path, &after, NULL, NULL);
  g_assert_cmpstr (before, ==, after);
  vault_close (vault);
}

static void
test_broken (VaultPlace *place, gconstpointer data)
{
  static const char *const broken[] = {
    "",
    "weir secrets 2\n",
    "weir secrets 1",
    "weir secrets 1\n" KEY " " SECRET,
    "weir secrets 1\n" KEY "\n",
    "weir secrets 1\n" KEY " \n",
    "weir secrets 1\n" KEY " " SECRET "\n\n",
    "weir secrets 1\n" KEY " " SECRET "\r\n",
    "weir secrets 1\n" KEY " " SECRET "\n" KEY " " SECRET "\n",
    "weir secrets 1\npassword/a " SECRET "\n",
    "{\"" KEY "\": \"" SECRET "\"}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      write_text (place, broken[i], 0600);
      assert_refused (place, "is not a file of secrets");
    }
}

static void
test_loose_modes (VaultPlace *place, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (place->path);
  WeirVault *vault = NULL;

  write_text (place, "weir secrets 1\n" KEY " " SECRET "\n", 0640);
  assert_refused (place, "chmod 600");
  g_assert_cmpint (g_chmod (place->path, 0600), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0750), ==, 0);
  assert_refused (place, "chmod 700");

  vault = weir_vault_new (WEIR_VAULT_FILE, place->path);
  vault_await (vault, WEIR_VAULT_MISSING);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
  g_assert_true (vault_unlock (vault, NULL));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_close (vault);
}

static void
test_link (VaultPlace *place, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (place->path);
  g_autofree char *target = g_build_filename (place->folder, "target", NULL);
  WeirVault *vault = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (target, "weir secrets 1\n", -1, NULL));
  g_assert_cmpint (g_chmod (target, 0600), ==, 0);
  g_assert_cmpint (symlink (target, place->path), ==, 0);
  vault = open_vault (place);
  g_assert_false (vault_store (vault, KEY, SECRET, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  vault_close (vault);
}

/* A secret once read stays when the file breaks. */
static void
test_broken_later (VaultPlace *place, gconstpointer data)
{
  WeirVault *vault = open_vault (place);

  g_assert_true (vault_store (vault, KEY, SECRET, NULL));
  write_text (place, "gone mad", 0600);
  vault_await (vault, WEIR_VAULT_MISSING);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_assert_answer (vault, ANOTHER, WEIR_VAULT_UNREACHABLE, NULL);
  write_text (place, "weir secrets 1\n", 0600);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  vault_assert_answer (vault, KEY, WEIR_VAULT_ABSENT, NULL);
  vault_close (vault);
}

/* A full disk: the old file stays, byte by byte, and no temporary one. */
static void
test_full_disk (VaultPlace *place, gconstpointer data)
{
  WeirVault *vault = open_vault (place);
  g_autofree char *folder = g_path_get_dirname (place->path);
  g_autofree char *long_text = g_strnfill (4096, 'x');
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) left = NULL;
  struct rlimit limit = { 0 };
  unsigned n_left = 0;

  g_assert_true (vault_store (vault, KEY, SECRET, NULL));
  g_assert_true (g_file_get_contents (place->path, &before, NULL, NULL));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &(struct rlimit){ 1024, limit.rlim_max }), ==,
                   0);
  g_assert_false (vault_store (vault, KEY, long_text, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_null (strstr (error->message, "xxx"));
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  g_assert_true (g_file_get_contents (place->path, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
  left = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (left) != NULL)
    n_left++;
  g_assert_cmpuint (n_left, ==, 2); /* the file and its lock */
  vault_close (vault);
}

/* In a process of its own that is nobody in particular, since root may write anywhere. */
static void
run_unprivileged (void (*func) (const VaultPlace *place), const VaultPlace *place)
{
  const pid_t child = fork ();
  int status = 0;

  if (child == 0)
    {
      func (place);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
}

static void
store_in_read_only_folder (const VaultPlace *place)
{
  g_autofree char *folder = g_path_get_dirname (place->path);
  WeirVault *vault = NULL;
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0
      && (chown (place->folder, 65534, 65534) != 0 || chown (folder, 65534, 65534) != 0
          || chown (place->path, 65534, 65534) != 0 || setuid (65534) != 0))
    _exit (1);
  g_assert_cmpint (g_chmod (folder, 0500), ==, 0);
  vault = open_vault (place);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  g_assert_false (vault_store (vault, KEY, "new", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  vault_assert_answer (vault, KEY, WEIR_VAULT_PRESENT, SECRET);
  vault_close (vault);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
}

static void
test_read_only (VaultPlace *place, gconstpointer data)
{
  write_text (place, "weir secrets 1\n" KEY " " SECRET "\n", 0600);
  run_unprivileged (store_in_read_only_folder, place);
}

static void
write_for_ever (const VaultPlace *place)
{
  WeirVault *vault = open_vault (place);

  for (unsigned i = 0;; i++)
    {
      g_autofree char *text = g_strdup_printf ("%s-%u", SECRET, i);

      g_assert_true (vault_store (vault, KEY, text, NULL));
    }
}

/* A child writes and is killed at some moment: what is there is whole, what was not written
 * is untouched, and the next one is not locked out. */
static void
test_killed (VaultPlace *place, gconstpointer data)
{
  WeirVault *vault = open_vault (place);

  g_assert_true (vault_store (vault, KEY, SECRET, NULL));
  g_assert_true (vault_store (vault, ANOTHER, "stays", NULL));
  vault_close (vault);
  for (unsigned i = 0; i < N_KILLS; i++)
    {
      g_autoptr (WeirSecret) secret = NULL;
      g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
      const char *arguments[] = { self, "--write-for-ever", place->path, NULL };
      g_autoptr (GSubprocess) child
          = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, NULL);

      g_usleep ((gulong)g_random_int_range (5000, 40000));
      g_subprocess_force_exit (child);
      g_assert_true (g_subprocess_wait (child, NULL, NULL));
      g_assert_true (g_subprocess_get_if_signaled (child));
      vault = open_vault (place);
      vault_assert_answer (vault, ANOTHER, WEIR_VAULT_PRESENT, "stays");
      g_assert_cmpint (weir_vault_lookup (vault, KEY, &secret), ==, WEIR_VAULT_PRESENT);
      g_assert_true (
          weir_slice_has_prefix (weir_secret_reveal (secret), WEIR_SLICE (SECRET)));
      if (i % 8 == 0)
        g_assert_true (vault_store (vault, KEY, SECRET, NULL));
      vault_close (vault);
    }
}

static void
count_call (WeirVault *vault, GParamSpec *spec, gpointer user_data)
{
  (*(unsigned *)user_data)++;
}

/* The state is told once a change. */
static void
test_notified (VaultPlace *place, gconstpointer data)
{
  WeirVault *vault = weir_vault_new (WEIR_VAULT_FILE, place->path);
  unsigned n_states = 0;
  int state = -1;

  g_signal_connect (vault, "notify::state", G_CALLBACK (count_call), &n_states);
  g_object_get (vault, "state", &state, NULL);
  g_assert_cmpint (state, ==, WEIR_VAULT_STARTING);
  vault_assert_answer (vault, KEY, WEIR_VAULT_UNREACHABLE, NULL);
  vault_await (vault, WEIR_VAULT_UNLOCKED);
  g_assert_true (vault_store (vault, KEY, SECRET, NULL));
  g_assert_cmpuint (n_states, ==, 1);
  write_text (place, "gone mad", 0600);
  vault_await (vault, WEIR_VAULT_MISSING);
  g_assert_cmpuint (n_states, ==, 2);
  vault_close (vault);
}

#define ADD(name, func)                                                                    \
  g_test_add ("/vault-file/" name, VaultPlace, NULL, vault_place_set_up, func,             \
              vault_place_tear_down)

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--write-for-ever"))
    write_for_ever (&(const VaultPlace){ .path = argv[2] });
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vault-file/names-are-plain-words", test_names);
  /* forks, so before there is a thread */
  ADD ("a-read-only-folder-is-read-and-not-written", test_read_only);
  ADD ("what-is-stored-is-there-after-a-restart", test_round_trip);
  ADD ("a-bad-name-is-refused", test_bad_name);
  ADD ("two-programs-see-and-keep-what-the-other-wrote", test_two_programs);
  ADD ("writes-happen-in-their-order", test_order);
  ADD ("a-broken-file-is-refused-and-left-alone", test_broken);
  ADD ("what-others-may-read-is-refused-until-mended", test_loose_modes);
  ADD ("a-link-is-not-replaced", test_link);
  ADD ("what-was-read-stays-when-the-file-breaks", test_broken_later);
  ADD ("a-full-disk-keeps-the-old-file", test_full_disk);
  ADD ("a-kill-at-any-moment-leaves-a-whole-file", test_killed);
  ADD ("a-change-of-state-is-told-once", test_notified);
  return g_test_run ();
}
