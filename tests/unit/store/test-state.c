/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread behind the file: what comes back, what is said, and that nobody waits. */

#include "config.h"

#include "store/weir-state.h"

#include "state-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND_US G_USEC_PER_SEC

typedef struct
{
  WeirState *state;   /* (owned) */
  char *rows;         /* (owned) (nullable) told once */
  GPtrArray *notices; /* (owned) of char * */
} Run;

static void
on_loaded (const GPtrArray *rows, gpointer user_data)
{
  Run *run = user_data;

  g_assert_null (run->rows);
  run->rows = tell_rows (rows);
}

static void
on_notice (const char *text, gpointer user_data)
{
  Run *run = user_data;

  g_test_message ("%s", text);
  g_ptr_array_add (run->notices, g_strdup (text));
}

static void
run_begin (Run *run, const char *path)
{
  static const WeirStateFuncs funcs = { on_loaded, on_notice };

  *run = (Run){ .notices = g_ptr_array_new_with_free_func (g_free) };
  run->state = weir_state_new (path, NOW_REAL_US, &funcs, run);
}

static void
run_end (Run *run)
{
  g_clear_pointer (&run->state, weir_state_free);
}

static void
run_clear (Run *run)
{
  run_end (run);
  g_free (run->rows);
  g_clear_pointer (&run->notices, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
wait_loaded (Run *run)
{
  while (run->rows == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_notices (Run *run, unsigned n)
{
  while (run->notices->len < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
put (Run *run, const char *subject, const char *text)
{
  weir_state_put (run->state, WEIR_STATE_REST, subject, "m", NOW_REAL_US + 60 * SECOND_US,
                  text);
}

static void
assert_kept (const Place *place, const char *wanted)
{
  g_auto (Run) run = { 0 };

  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_cmpstr (run.rows, ==, wanted);
  g_assert_cmpuint (run.notices->len, ==, 0);
}

/* Makes the file: one without a row is not made at all. */
static void
make_file (const Place *place)
{
  g_auto (Run) run = { 0 };

  run_begin (&run, place->path);
  put (&run, "aa", "made");
  run_end (&run);
}

/* --- tests --- */

static void
test_who_remembers_nothing_has_no_file (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };

  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_cmpstr (run.rows, ==, "");
  run_end (&run);
  g_assert_cmpuint (place_count (place, "state"), ==, 0);
}

static void
test_what_was_put_comes_back (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };

  run_begin (&run, place->path);
  /* also before the file is open */
  put (&run, "aa", "first");
  wait_loaded (&run);
  g_assert_cmpstr (run.rows, ==, "");
  put (&run, "aa", "second");
  put (&run, "bb", "x");
  weir_state_remove (run.state, WEIR_STATE_REST, "bb", "m");
  weir_state_remove (run.state, WEIR_STATE_REST, "cc", "m");
  put (&run, "cc", "back");
  weir_state_put (run.state, WEIR_STATE_LIMIT_WINDOW, "aa", "m", NOW_REAL_US, "1 2");
  run_end (&run);
  g_assert_cmpuint (run.notices->len, ==, 0);
  assert_kept (place, "0 aa m 60 second\n0 cc m 60 back\n1 aa m 0 1 2\n");
}

static void
test_an_end_at_once_is_fine (Place *place, gconstpointer data)
{
  for (unsigned i = 0; i < 20; i++)
    {
      g_auto (Run) run = { 0 };

      run_begin (&run, place->path);
      if (i % 2)
        put (&run, "aa", "x");
      run_end (&run);
      g_assert_null (run.rows);
      g_assert_cmpuint (run.notices->len, ==, 0);
    }
  assert_kept (place, "0 aa m 60 x\n");
}

static void
test_a_start_may_wait_for_it (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  g_auto (Run) hasty = { 0 };

  make_file (place);
  run_begin (&run, place->path);
  weir_state_wait (run.state, 10 * SECOND_US);
  g_assert_cmpstr (run.rows, ==, "0 aa m 60 made\n");
  weir_state_wait (run.state, 10 * SECOND_US);
  /* and not once more */
  g_main_context_iteration (NULL, FALSE);
  run_begin (&hasty, place->path);
  weir_state_wait (hasty.state, 0);
  wait_loaded (&hasty);
  g_assert_cmpstr (hasty.rows, ==, "0 aa m 60 made\n");
}

static int
read_version (sqlite3 *database)
{
  sqlite3_stmt *statement = NULL;
  int version;

  g_assert_cmpint (
      sqlite3_prepare_v2 (database, "PRAGMA data_version", -1, &statement, NULL), ==,
      SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  version = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return version;
}

static void
test_a_burst_is_few_transactions (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  sqlite3 *database = NULL;
  unsigned n_changes = 0;
  int64_t until_us;
  int version;

  make_file (place);
  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_cmpint (sqlite3_open (place->path, &database), ==, SQLITE_OK);
  version = read_version (database);
  until_us = g_get_monotonic_time () + 3 * SECOND_US / 2;
  for (unsigned i = 0; g_get_monotonic_time () < until_us; i++)
    {
      g_autofree char *subject = g_strdup_printf ("%u", i % 1000);
      int now = read_version (database);

      put (&run, subject, "x");
      n_changes += now != version ? 1 : 0;
      version = now;
    }
  sqlite3_close (database);
  g_assert_cmpuint (n_changes, >=, 1);
  g_assert_cmpuint (n_changes, <=, 3);
}

static void
test_a_file_that_cannot_be_is_told_once (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  g_autofree char *path = g_build_filename (place->path, "state.db", NULL);

  g_assert_true (g_file_set_contents (place->path, "x", 1, NULL));
  run_begin (&run, path);
  wait_loaded (&run);
  g_assert_cmpstr (run.rows, ==, "");
  for (unsigned i = 0; i < 100; i++)
    put (&run, "aa", "x");
  run_end (&run);
  g_assert_cmpuint (run.notices->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (run.notices, 0), "is not kept"));
}

static void
test_what_does_not_fit_is_told_once (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  g_autofree char *path = g_build_filename (place->path, "state.db", NULL);

  g_assert_true (g_file_set_contents (place->path, "x", 1, NULL));
  run_begin (&run, path);
  wait_loaded (&run);
  wait_notices (&run, 1);
  for (unsigned i = 0; i < 30000; i++)
    {
      g_autofree char *subject = g_strdup_printf ("%u", i);

      put (&run, subject, "x");
    }
  run_end (&run);
  g_assert_cmpuint (run.notices->len, ==, 2);
  g_assert_nonnull (strstr (g_ptr_array_index (run.notices, 1), "not written fast enough"));
}

static void
test_a_broken_file_is_told_and_replaced (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };

  g_assert_true (
      g_file_set_contents (place->path, "no database, whatever its name", -1, NULL));
  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_cmpuint (run.notices->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (run.notices, 0), "set aside"));
  put (&run, "aa", "x");
  run_end (&run);
  g_assert_cmpuint (run.notices->len, ==, 1);
  assert_kept (place, "0 aa m 60 x\n");
}

static void
test_a_file_that_breaks_under_us_is_replaced (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  sqlite3 *other = NULL;

  make_file (place);
  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_cmpint (sqlite3_open (place->path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "DROP TABLE rest", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  sqlite3_close (other);
  put (&run, "aa", "x");
  put (&run, "zz", "x");
  run_end (&run);
  g_assert_cmpuint (run.notices->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (run.notices, 0), "set aside"));
  g_assert_cmpuint (place_count (place, "state.db.broken-"), >=, 1);
  assert_kept (place, "0 aa m 60 x\n0 zz m 60 x\n");
}

/* Ends with 0 when all is as it should be. */
static void
run_on_a_full_disk (const Place *place)
{
  static const struct rlimit none = { 0, RLIM_INFINITY };
  static const struct rlimit some = { RLIM_INFINITY, RLIM_INFINITY };
  g_auto (Run) run = { 0 };

  signal (SIGXFSZ, SIG_IGN);
  run_begin (&run, place->path);
  wait_loaded (&run);
  put (&run, "aa", "before");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &none), ==, 0);
  for (unsigned i = 0; run.notices->len == 0; i++)
    {
      g_autofree char *subject = g_strdup_printf ("%u", i % 100);

      put (&run, subject, "x");
      g_usleep (1000);
      g_main_context_iteration (NULL, FALSE);
    }
  put (&run, "bb", "while");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &some), ==, 0);
  put (&run, "cc", "after");
  /* the end does not wait for the next try */
  run_end (&run);
  g_assert_cmpuint (run.notices->len, ==, 2);
  g_assert_nonnull (strstr (g_ptr_array_index (run.notices, 0), "is not kept"));
  g_assert_nonnull (strstr (g_ptr_array_index (run.notices, 1), "is written again"));
}

static void
test_a_full_disk_is_told_once_and_made_good (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      run_on_a_full_disk (place);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_nonnull (strstr (run.rows, "0 aa m 60 before\n"));
  g_assert_nonnull (strstr (run.rows, "0 bb m 60 while\n"));
  g_assert_nonnull (strstr (run.rows, "0 cc m 60 after\n"));
}

static void
run_and_die (const Place *place)
{
  g_auto (Run) run = { 0 };

  run_begin (&run, place->path);
  wait_loaded (&run);
  put (&run, "aa", "x");
  for (unsigned i = 0;; i++)
    {
      g_autofree char *subject = g_strdup_printf ("%u", i % 50);
      g_autofree char *text = g_strdup_printf ("%u", i);

      put (&run, subject, text);
      g_usleep (100);
      if (i == 5000)
        kill (getpid (), SIGKILL);
    }
}

static void
test_a_kill_in_the_middle_leaves_a_good_file (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  pid_t child = fork ();
  int status;

  if (child == 0)
    run_and_die (place);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_nonnull (strstr (run.rows, "0 aa m 60 x\n"));
  g_assert_cmpuint (run.notices->len, ==, 0);
}

static void
test_nobody_waits_for_a_held_file (Place *place, gconstpointer data)
{
  g_auto (Run) run = { 0 };
  sqlite3 *other = NULL;
  int64_t longest_us = 0;

  make_file (place);
  run_begin (&run, place->path);
  wait_loaded (&run);
  g_assert_cmpint (sqlite3_open (place->path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  for (unsigned i = 0; i < 1000; i++)
    {
      int64_t began_us = g_get_monotonic_time ();

      put (&run, "aa", "x");
      g_main_context_iteration (NULL, FALSE);
      longest_us = MAX (longest_us, g_get_monotonic_time () - began_us);
    }
  wait_notices (&run, 1);
  g_assert_cmpint (longest_us, <, 100000);
  sqlite3_close (other);
  run_end (&run);
  assert_kept (place, "0 aa m 60 x\n");
}

static void
test_the_place_is_the_users (void)
{
  g_autofree char *path = weir_state_dup_default_path ();

  g_assert_true (g_path_is_absolute (path));
  g_assert_true (g_str_has_suffix (path, "/weir/state.db"));
}

#define ADD(name, test)                                                                    \
  g_test_add ("/state/" name, Place, NULL, place_set_up, test, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("what-was-put-comes-back", test_what_was_put_comes_back);
  ADD ("who-remembers-nothing-has-no-file", test_who_remembers_nothing_has_no_file);
  ADD ("an-end-at-once-is-fine", test_an_end_at_once_is_fine);
  ADD ("a-start-may-wait-for-it", test_a_start_may_wait_for_it);
  ADD ("a-burst-is-few-transactions", test_a_burst_is_few_transactions);
  ADD ("a-file-that-cannot-be-is-told-once", test_a_file_that_cannot_be_is_told_once);
  ADD ("what-does-not-fit-is-told-once", test_what_does_not_fit_is_told_once);
  ADD ("a-broken-file-is-told-and-replaced", test_a_broken_file_is_told_and_replaced);
  ADD ("a-file-that-breaks-under-us-is-replaced",
       test_a_file_that_breaks_under_us_is_replaced);
  ADD ("a-full-disk-is-told-once-and-made-good",
       test_a_full_disk_is_told_once_and_made_good);
  ADD ("a-kill-in-the-middle-leaves-a-good-file",
       test_a_kill_in_the_middle_leaves_a_good_file);
  ADD ("nobody-waits-for-a-held-file", test_nobody_waits_for_a_held_file);
  g_test_add_func ("/state/the-place-is-the-users", test_the_place_is_the_users);
  return g_test_run ();
}
