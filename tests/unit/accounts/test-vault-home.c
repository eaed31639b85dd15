/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Secrets that the user wants elsewhere: between a real keyring and a file.  Whenever it
 * fails or dies, each of them is where the vault looks. */

#include "config.h"

#include "keyring-fixture.h"

#include "accounts/weir-vault-home.h"
#include "accounts/weir-vault-note.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>

#define PASSWORD KEYRING_PASSWORD
#define N_SECRETS 12
#define N_KILLS 25
#define PATIENCE_US (20 * G_USEC_PER_SEC)

typedef struct
{
  KeyringSession session;
  WeirVaultHome *home; /* (owned) (nullable) */
  GString *said;       /* (owned): what the user was told */
} Case;

static void
on_notice (WeirVaultHome *home, const char *sentence, gpointer user_data)
{
  g_string_append_printf (user_data, "%s\n", sentence);
}

static const char *
get_path (const Case *self)
{
  return self->session.place.path;
}

static WeirVault *
get_vault (const Case *self)
{
  return weir_vault_home_get_vault (self->home);
}

static void
open_home (Case *self, WeirVaultPlace place)
{
  self->home = weir_vault_home_new (get_path (self), place);
  g_signal_connect (self->home, "notice", G_CALLBACK (on_notice), self->said);
}

static void
go_round (int64_t since_us)
{
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, PATIENCE_US);
  if (!g_main_context_iteration (NULL, FALSE))
    g_usleep (1000);
}

static void
close_home (Case *self)
{
  const int64_t since_us = g_get_monotonic_time ();
  GWeakRef weak;
  gpointer rest = NULL;
  WeirVault *vault;

  if (self->home == NULL)
    return;
  vault = g_object_ref (get_vault (self));
  g_weak_ref_init (&weak, self->home);
  g_clear_object (&self->home);
  while ((rest = g_weak_ref_get (&weak)) != NULL)
    {
      g_object_unref (rest);
      go_round (since_us);
    }
  g_weak_ref_clear (&weak);
  vault_close (vault);
}

static void
set_up (Case *self, gconstpointer password)
{
  keyring_set_up (&self->session, password);
  self->said = g_string_new (NULL);
}

static void
tear_down (Case *self, gconstpointer password)
{
  close_home (self);
  g_string_free (self->said, TRUE);
  keyring_tear_down (&self->session, password);
}

/* (transfer full) */
static char *
dup_name (unsigned i)
{
  return g_strdup_printf (i % 2 == 0 ? "api-key/key-%u" : "account/who-%u.1", i);
}

/* (transfer full) */
static char *
dup_secret (unsigned i)
{
  return g_strdup_printf ("planted-%u", i);
}

static void
store_all (WeirVault *vault)
{
  for (unsigned i = 0; i < N_SECRETS; i++)
    {
      g_autofree char *name = dup_name (i);
      g_autofree char *secret = dup_secret (i);
      g_autoptr (GError) error = NULL;

      g_assert_true (vault_store (vault, name, secret, &error));
      g_assert_no_error (error);
    }
}

static void
assert_all (WeirVault *vault)
{
  for (unsigned i = 0; i < N_SECRETS; i++)
    {
      g_autofree char *name = dup_name (i);
      g_autofree char *secret = dup_secret (i);

      vault_assert_answer (vault, name, WEIR_VAULT_PRESENT, secret);
    }
}

static void
await_place (Case *self, WeirVaultPlace place)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (weir_vault_get_place (get_vault (self)) != place)
    {
      assert_all (get_vault (self));
      go_round (since_us);
    }
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  assert_all (get_vault (self));
  g_assert_null (weir_vault_get_obstacle (get_vault (self)));
}

static void
await_said (Case *self, const char *text)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (strstr (self->said->str, text) == NULL)
    go_round (since_us);
}

static unsigned
count_in (const Case *self, WeirVaultPlace place)
{
  WeirVault *vault = weir_vault_new (place, get_path (self));
  g_auto (GStrv) names = NULL;

  vault_await (vault, WEIR_VAULT_UNLOCKED);
  names = weir_vault_list (vault);
  vault_close (vault);
  return g_strv_length (names);
}

/* The other place has nothing any more, and nothing is said to be left there. */
static void
await_cleared (Case *self, WeirVaultPlace old)
{
  const int64_t since_us = g_get_monotonic_time ();
  gboolean has_left = TRUE;

  while (has_left)
    {
      g_auto (WeirVaultNote) note = { 0 };

      weir_vault_note_read (get_path (self), &note);
      g_assert_true (note.is_there);
      g_assert_cmpint (note.place, !=, old);
      has_left = note.left != NULL;
      go_round (since_us);
    }
  g_assert_cmpuint (count_in (self, old), ==, 0);
}

static WeirVaultPlace
other_place (WeirVaultPlace place)
{
  return place == WEIR_VAULT_FILE ? WEIR_VAULT_KEYRING : WEIR_VAULT_FILE;
}

/* There and back, and over a restart that wants it elsewhere but does not say so. */
static void
test_moves (Case *self, gconstpointer data)
{
  WeirVaultPlace place = WEIR_VAULT_KEYRING;

  open_home (self, place);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  for (unsigned i = 0; i < 2; i++)
    {
      weir_vault_home_want (self->home, other_place (place));
      await_place (self, other_place (place));
      await_cleared (self, place);
      await_said (self, "The secrets (12) were moved from the");
      g_string_truncate (self->said, 0);
      close_home (self);
      open_home (self, place);
      vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
      place = other_place (place);
      g_assert_cmpint (weir_vault_get_place (get_vault (self)), ==, place);
      assert_all (get_vault (self));
    }
  g_assert_true (vault_store (get_vault (self), "api-key/new", "new", NULL));
}

/* Writes that are asked for during the move are done behind it, in the new place. */
static void
test_writes_meanwhile (Case *self, gconstpointer data)
{
  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  g_assert_true (vault_store (get_vault (self), "api-key/new", "new", NULL));
  g_assert_cmpint (weir_vault_get_place (get_vault (self)), ==, WEIR_VAULT_FILE);
  await_place (self, WEIR_VAULT_FILE);
  vault_assert_answer (get_vault (self), "api-key/new", WEIR_VAULT_PRESENT, "new");
  await_cleared (self, WEIR_VAULT_KEYRING);
}

static void
assert_stays (Case *self, WeirVaultPlace place, const char *why)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (weir_vault_get_obstacle (get_vault (self)) == NULL)
    go_round (since_us);
  g_assert_nonnull (strstr (weir_vault_get_obstacle (get_vault (self)), why));
  g_assert_nonnull (strstr (self->said->str, why));
  g_assert_null (strstr (self->said->str, "planted"));
  g_assert_cmpint (weir_vault_get_place (get_vault (self)), ==, place);
  assert_all (get_vault (self));
}

static void
test_locked_target (Case *self, gconstpointer data)
{
  open_home (self, WEIR_VAULT_FILE);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  keyring_lock ();
  weir_vault_home_want (self->home, WEIR_VAULT_KEYRING);
  assert_stays (self, WEIR_VAULT_FILE, "locked");
  g_assert_cmpuint (count_in (self, WEIR_VAULT_FILE), ==, N_SECRETS);
  /* it goes on being used */
  g_assert_true (vault_store (get_vault (self), "api-key/new", "new", NULL));
  keyring_unlock (PASSWORD);
  g_assert_true (vault_unlock (get_vault (self), NULL)); /* the user asks */
  await_place (self, WEIR_VAULT_KEYRING);
  vault_assert_answer (get_vault (self), "api-key/new", WEIR_VAULT_PRESENT, "new");
  await_cleared (self, WEIR_VAULT_FILE);
}

static void
test_locked_source (Case *self, gconstpointer data)
{
  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  keyring_lock ();
  vault_await (get_vault (self), WEIR_VAULT_LOCKED);
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  assert_stays (self, WEIR_VAULT_KEYRING, "locked");
  g_assert_cmpuint (count_in (self, WEIR_VAULT_FILE), ==, 0);
  keyring_unlock (PASSWORD);
  await_place (self, WEIR_VAULT_FILE);
  await_cleared (self, WEIR_VAULT_KEYRING);
}

/* A keyring that is gone is the user's to give up, not ours. */
static void
test_source_gone (Case *self, gconstpointer data)
{
  g_autofree char *note = weir_vault_note_dup_path (get_path (self));

  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  keyring_stop (&self->session);
  vault_await (get_vault (self), WEIR_VAULT_MISSING);
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  assert_stays (self, WEIR_VAULT_KEYRING, note);
  keyring_start (&self->session, NULL);
  vault_await (get_vault (self), WEIR_VAULT_LOCKED);
  keyring_unlock (PASSWORD);
  await_place (self, WEIR_VAULT_FILE);
  await_cleared (self, WEIR_VAULT_KEYRING);
}

static void
test_target_fails (Case *self, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (get_path (self));

  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  assert_stays (self, WEIR_VAULT_KEYRING, "chmod 700");
  g_assert_false (g_file_test (get_path (self), G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_in (self, WEIR_VAULT_KEYRING), ==, N_SECRETS);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  await_place (self, WEIR_VAULT_FILE);
  await_cleared (self, WEIR_VAULT_KEYRING);
}

/* It fails in the middle: what was copied so far does not stay there. */
static void
test_fails_midway (Case *self, gconstpointer data)
{
  struct rlimit limit = { 0 };

  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &(struct rlimit){ 250, limit.rlim_max }), ==,
                   0);
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  assert_stays (self, WEIR_VAULT_KEYRING, "cannot write");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  await_cleared (self, WEIR_VAULT_FILE);
  g_assert_cmpuint (count_in (self, WEIR_VAULT_KEYRING), ==, N_SECRETS);
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  await_place (self, WEIR_VAULT_FILE);
  await_cleared (self, WEIR_VAULT_KEYRING);
}

/* The user thinks better of it while it cannot be done. */
static void
test_second_thought (Case *self, gconstpointer data)
{
  open_home (self, WEIR_VAULT_FILE);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  keyring_lock ();
  weir_vault_home_want (self->home, WEIR_VAULT_KEYRING);
  assert_stays (self, WEIR_VAULT_FILE, "locked");
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  await_place (self, WEIR_VAULT_FILE);
}

/* Where nothing was ever kept there is nothing to move, and nothing to wait for. */
static void
test_nothing (Case *self, gconstpointer data)
{
  g_autofree char *note = weir_vault_note_dup_path (get_path (self));

  keyring_stop (&self->session);
  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_MISSING);
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  g_assert_cmpint (weir_vault_get_place (get_vault (self)), ==, WEIR_VAULT_FILE);
  g_assert_false (g_file_test (note, G_FILE_TEST_EXISTS));
  store_all (get_vault (self));
  g_assert_true (g_file_test (note, G_FILE_TEST_EXISTS));
  close_home (self);
  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  assert_all (get_vault (self));
}

/* Moves there and back without end. */
static void
move_for_ever (const char *path)
{
  WeirVaultHome *home = weir_vault_home_new (path, WEIR_VAULT_KEYRING);
  WeirVault *vault = weir_vault_home_get_vault (home);

  for (;;)
    {
      const WeirVaultPlace place = other_place (weir_vault_get_place (vault));

      weir_vault_home_want (home, place);
      while (weir_vault_get_place (vault) != place)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* A child moves and dies at a moment after @us; 0: when it has moved. */
static void
move_and_kill (const Case *self, WeirVaultPlace before, int64_t us)
{
  const char *arguments[] = { "/proc/self/exe", "--move-for-ever", get_path (self), NULL };
  g_autoptr (GSubprocess) child
      = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, NULL);
  const int64_t since_us = g_get_monotonic_time ();
  WeirVaultNote note = { .place = before };

  while (us == 0 && note.place == before)
    {
      weir_vault_note_clear (&note);
      weir_vault_note_read (get_path (self), &note);
      go_round (since_us);
    }
  weir_vault_note_clear (&note);
  g_usleep ((gulong)us);
  g_subprocess_force_exit (child);
  g_assert_true (g_subprocess_wait (child, NULL, NULL));
  g_assert_true (g_subprocess_get_if_signaled (child));
}

static void
test_killed (Case *self, gconstpointer data)
{
  int64_t move_us = 0; /* what a move takes here and now */

  open_home (self, WEIR_VAULT_KEYRING);
  vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
  store_all (get_vault (self));
  for (unsigned i = 0; i < N_KILLS; i++)
    {
      const WeirVaultPlace place = weir_vault_get_place (get_vault (self));
      const int64_t begun_us = g_get_monotonic_time ();

      close_home (self);
      move_and_kill (self, place,
                     move_us > 0 ? g_random_int_range (1, 2 * (int)move_us) : 0);
      if (move_us == 0)
        move_us = MIN (g_get_monotonic_time () - begun_us, G_USEC_PER_SEC);
      open_home (self, WEIR_VAULT_KEYRING);
      vault_await (get_vault (self), WEIR_VAULT_UNLOCKED);
      assert_all (get_vault (self));
    }
  weir_vault_home_want (self->home, WEIR_VAULT_FILE);
  await_place (self, WEIR_VAULT_FILE);
  await_cleared (self, WEIR_VAULT_KEYRING);
}

#define ADD(name, func)                                                                    \
  g_test_add ("/vault-home/" name, Case, PASSWORD, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  int status;

  if (argc == 3 && g_str_equal (argv[1], "--move-for-ever"))
    move_for_ever (argv[2]);
  g_test_init (&argc, &argv, NULL);
  if (!keyring_start_bus ())
    return 0;
  ADD ("secrets-move-there-and-back", test_moves);
  ADD ("what-is-written-meanwhile-is-there-behind-it", test_writes_meanwhile);
  ADD ("secrets-stay-while-the-new-place-is-locked", test_locked_target);
  ADD ("secrets-stay-while-the-old-place-is-locked", test_locked_source);
  ADD ("secrets-of-a-lost-keyring-are-not-given-up", test_source_gone);
  ADD ("secrets-stay-where-the-new-place-fails", test_target_fails);
  ADD ("secrets-that-were-half-copied-are-given-back", test_fails_midway);
  ADD ("a-second-thought-ends-the-first", test_second_thought);
  ADD ("without-secrets-nothing-is-waited-for", test_nothing);
  ADD ("killed-at-any-moment-nothing-is-lost", test_killed);
  status = g_test_run ();
  keyring_stop_bus ();
  return status;
}
