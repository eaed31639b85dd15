/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the file keeps, and what it makes of files that are not as they should be. */

#include "config.h"

#include "store/weir-state-file.h"

#include "state-fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND_US G_USEC_PER_SEC

static WeirStateFile *
open_file (const Place *place, gboolean expect_notice)
{
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;
  WeirStateFile *file = weir_state_file_open (place->path, &notice, &error);

  g_assert_no_error (error);
  g_assert_nonnull (file);
  if (notice != NULL)
    g_test_message ("%s", notice);
  g_assert_cmpint (notice != NULL, ==, expect_notice);
  return file;
}

static void
assert_refused (const Place *place)
{
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (weir_state_file_open (place->path, &notice, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_null (notice);
  g_test_message ("%s", error->message);
}

/* One row: text NULL removes. */
static gboolean
write_one (WeirStateFile *file,
           WeirStateTable table,
           const char *subject,
           const char *part,
           int64_t after_s,
           const char *text)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);

  g_ptr_array_add (rows, weir_state_row_new (table, subject, part,
                                             NOW_REAL_US + after_s * SECOND_US, text));
  return weir_state_file_write (file, rows, NULL);
}

static void
assert_rows (WeirStateFile *file, const char *wanted)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  g_assert_true (weir_state_file_load (file, NOW_REAL_US, rows, &error));
  g_assert_no_error (error);
  found = tell_rows (rows);
  g_assert_cmpstr (found, ==, wanted);
}

static void
write_samples (WeirStateFile *file)
{
  g_assert_true (write_one (file, WEIR_STATE_REST, "aa", "", 60, "quota"));
  g_assert_true (write_one (file, WEIR_STATE_REST, "aa", "gpt", 90, "rate"));
  g_assert_true (write_one (file, WEIR_STATE_LIMIT_WINDOW, "kk", "day", -60, "1 2 3"));
}

#define SAMPLES "0 aa  60 quota\n0 aa gpt 90 rate\n1 kk day -60 1 2 3\n"

/* --- tests --- */

static void
test_rows_are_kept (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = open_file (place, FALSE);

  assert_rows (file, "");
  write_samples (file);
  assert_rows (file, SAMPLES);
  g_clear_pointer (&file, weir_state_file_close);
  file = open_file (place, FALSE);
  assert_rows (file, SAMPLES);
  g_assert_true (write_one (file, WEIR_STATE_REST, "aa", "gpt", 120, "again"));
  g_assert_true (write_one (file, WEIR_STATE_REST, "aa", "", 0, NULL));
  g_assert_true (write_one (file, WEIR_STATE_REST, "nobody", "", 0, NULL));
  assert_rows (file, "0 aa gpt 120 again\n1 kk day -60 1 2 3\n");
}

static void
test_rows_out_of_date_are_dropped (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = open_file (place, FALSE);

  g_assert_true (write_one (file, WEIR_STATE_REST, "past", "", 0, "x"));
  g_assert_true (write_one (file, WEIR_STATE_REST, "later", "", 1, "x"));
  g_assert_true (write_one (file, WEIR_STATE_LIMIT_WINDOW, "old", "", -2 * 86400, "x"));
  g_assert_true (write_one (file, WEIR_STATE_LIMIT_WINDOW, "new", "", 1 - 2 * 86400, "x"));
  assert_rows (file, "0 later  1 x\n1 new  -172799 x\n");
}

static void
test_all_rows_or_none_are_written (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = open_file (place, FALSE);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);
  g_autoptr (GError) error = NULL;
  sqlite3 *other = NULL;

  write_samples (file);
  g_assert_cmpint (sqlite3_open (place->path, &other), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (other,
                    "CREATE TRIGGER t BEFORE INSERT ON rest WHEN new.seat = 'no'"
                    " BEGIN SELECT raise (ABORT, 'no'); END",
                    NULL, NULL, NULL),
      ==, SQLITE_OK);
  sqlite3_close (other);
  g_ptr_array_add (rows,
                   weir_state_row_new (WEIR_STATE_REST, "bb", "", NOW_REAL_US * 2, "x"));
  g_ptr_array_add (rows,
                   weir_state_row_new (WEIR_STATE_REST, "no", "", NOW_REAL_US * 2, "x"));
  g_assert_false (weir_state_file_write (file, rows, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_false (weir_state_file_is_broken (file));
  assert_rows (file, SAMPLES);
  /* and it goes on */
  g_assert_true (write_one (file, WEIR_STATE_REST, "aa", "", 0, NULL));
}

static void
test_nobody_else_can_read_it (Place *place, gconstpointer data)
{
  static const mode_t masks[] = { 0, 022, 0777 };
  static const char *const names[] = { "", "-wal", "-shm" };

  for (size_t i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autofree char *folder = g_strdup_printf ("%s/sub%zu", place->folder, i);
      g_autofree char *path = g_build_filename (folder, "state.db", NULL);
      const Place inner = { folder, path };
      mode_t before = umask (masks[i]);
      g_autoptr (WeirStateFile) file = open_file (&inner, FALSE);
      struct stat info;

      write_samples (file);
      umask (before);
      g_assert_cmpint (stat (folder, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 07777, ==, 0700);
      for (size_t j = 0; j < G_N_ELEMENTS (names); j++)
        {
          g_autofree char *name = g_strconcat (path, names[j], NULL);

          g_assert_cmpint (stat (name, &info), ==, 0);
          g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
        }
      g_clear_pointer (&file, weir_state_file_close);
      g_remove (path);
      g_rmdir (folder);
    }
}

static void
test_a_mode_that_is_too_wide_is_narrowed (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = NULL;
  struct stat info;

  g_assert_true (g_file_set_contents (place->path, "", 0, NULL));
  g_assert_cmpint (g_chmod (place->path, 0666), ==, 0);
  file = open_file (place, FALSE);
  write_samples (file);
  g_assert_cmpint (stat (place->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
}

static void
test_what_is_no_file_of_ours_is_left_alone (Place *place, gconstpointer data)
{
  g_autofree char *elsewhere = g_build_filename (place->folder, "elsewhere", NULL);
  g_autofree char *text = NULL;

  g_assert_cmpint (g_mkdir (place->path, 0700), ==, 0);
  assert_refused (place);
  g_assert_cmpint (g_rmdir (place->path), ==, 0);

  g_assert_cmpint (mkfifo (place->path, 0600), ==, 0);
  assert_refused (place);
  g_assert_cmpint (g_remove (place->path), ==, 0);

  g_assert_true (g_file_set_contents (elsewhere, "precious", -1, NULL));
  g_assert_cmpint (symlink (elsewhere, place->path), ==, 0);
  assert_refused (place);
  g_assert_cmpint (g_remove (place->path), ==, 0);
  g_assert_cmpint (link (elsewhere, place->path), ==, 0);
  assert_refused (place);
  g_assert_true (g_file_get_contents (elsewhere, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "precious");
  g_assert_cmpint (g_remove (place->path), ==, 0);

  if (geteuid () == 0)
    {
      g_assert_true (g_file_set_contents (place->path, "", 0, NULL));
      g_assert_cmpint (chown (place->path, 65534, 65534), ==, 0);
      assert_refused (place);
    }
  g_assert_cmpint (g_chmod (place->folder, 0777), ==, 0);
  assert_refused (place);
}

static void
test_a_folder_that_is_no_folder_is_an_error (Place *place, gconstpointer data)
{
  g_autofree char *path = g_build_filename (place->path, "state.db", NULL);
  const Place inner = { place->path, path };

  g_assert_true (g_file_set_contents (place->path, "x", 1, NULL));
  assert_refused (&inner);
}

static void
test_a_folder_behind_a_link_is_fine (Place *place, gconstpointer data)
{
  g_autofree char *real = g_build_filename (place->folder, "real", NULL);
  g_autofree char *way = g_build_filename (place->folder, "way", NULL);
  g_autofree char *path = g_build_filename (way, "state.db", NULL);
  const Place inner = { real, path };

  g_assert_cmpint (g_mkdir (real, 0700), ==, 0);
  g_assert_cmpint (symlink (real, way), ==, 0);
  weir_state_file_close (open_file (&inner, FALSE));
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (real), ==, 0);
}

static void
test_a_broken_file_is_set_aside (Place *place, gconstpointer data)
{
  static const char *const texts[] = {
    "not a database at all, but long enough to be taken for the head of one, if nobody "
    "looked"
    " at the first bytes; which everybody does",
    "SQLite format 3",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (WeirStateFile) file = NULL;

      g_assert_true (g_file_set_contents (place->path, texts[i], -1, NULL));
      file = open_file (place, TRUE);
      assert_rows (file, "");
      write_samples (file);
      assert_rows (file, SAMPLES);
      g_assert_cmpuint (place_count (place, "state.db.broken-20"), ==, i + 1);
    }
}

static void
run_sql (const Place *place, const char *sql)
{
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (place->path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

static void
test_a_file_of_a_newer_program_is_set_aside (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = open_file (place, FALSE);

  write_samples (file);
  g_clear_pointer (&file, weir_state_file_close);
  run_sql (place, "PRAGMA user_version = 2");
  file = open_file (place, TRUE);
  assert_rows (file, "");
  g_assert_cmpuint (place_count (place, "state.db.newer-20"), ==, 1);
  g_assert_cmpuint (place_count (place, "state.db.broken"), ==, 0);
}

static void
test_somebody_elses_database_is_set_aside (Place *place, gconstpointer data)
{
  static const char *const others[] = {
    "CREATE TABLE notes (a)",
    "PRAGMA application_id = 7; CREATE TABLE rest (a)",
    "PRAGMA application_id = 1466263922; PRAGMA user_version = 1; CREATE TABLE rest (a)",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      run_sql (place, others[i]);
      weir_state_file_close (open_file (place, TRUE));
      g_assert_cmpuint (place_count (place, "state.db.broken-20"), ==, i + 1);
      g_assert_cmpint (g_remove (place->path), ==, 0);
    }
}

/* Noise anywhere: it is noticed, or the rows are read as far as they are rows. */
static void
test_noise_anywhere_does_no_harm (Place *place, gconstpointer data)
{
  for (unsigned round = 0; round < 30; round++)
    {
      g_autofree char *notice = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirStateFile) file = weir_state_file_open (place->path, NULL, &error);
      g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);
      struct stat info;

      g_assert_no_error (error);
      for (unsigned i = 0; i < 50; i++)
        {
          g_autofree char *subject = g_strdup_printf ("%08x", i);

          g_ptr_array_add (rows, weir_state_row_new (WEIR_STATE_REST, subject, "model",
                                                     2 * NOW_REAL_US, "reason"));
        }
      g_assert_true (weir_state_file_write (file, rows, NULL));
      g_ptr_array_set_size (rows, 0);
      g_clear_pointer (&file, weir_state_file_close);
      g_assert_cmpint (stat (place->path, &info), ==, 0);
      scribble (place->path, g_test_rand_int_range (0, (int)info.st_size),
                (size_t)g_test_rand_int_range (1, 300));
      file = weir_state_file_open (place->path, &notice, &error);
      g_assert_no_error (error);
      if (weir_state_file_load (file, NOW_REAL_US, rows, NULL))
        g_assert_cmpuint (rows->len, <=, 50);
      write_one (file, WEIR_STATE_REST, "after", "", 60, "x");
      g_clear_pointer (&file, weir_state_file_close);
      g_assert_cmpint (g_remove (place->path), ==, 0);
    }
}

/* --- other processes --- */

static void
in_child (Place *place, void (*run) (const Place *), int wanted_signal)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      run (place);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (wanted_signal == 0)
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  else
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == wanted_signal);
}

static void
write_and_die (const Place *place)
{
  WeirStateFile *file = open_file (place, FALSE);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);

  write_samples (file);
  /* dies while it writes, after what was written */
  alarm (1);
  for (unsigned i = 0;; i++)
    {
      g_autofree char *part = g_strdup_printf ("%u", i % 7);

      g_ptr_array_set_size (rows, 0);
      for (unsigned j = 0; j < 2; j++)
        g_ptr_array_add (rows, weir_state_row_new (WEIR_STATE_REST, j ? "one" : "two", part,
                                                   NOW_REAL_US + i, "same"));
      if (!weir_state_file_write (file, rows, NULL) || i == 2000)
        kill (getpid (), SIGKILL);
    }
}

static void
test_a_kill_loses_nothing_that_was_written (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);
  g_autofree char *told = NULL;

  in_child (place, write_and_die, SIGKILL);
  file = open_file (place, FALSE);
  g_assert_true (weir_state_file_load (file, 0, rows, NULL));
  told = tell_rows (rows);
  g_assert_true (g_str_has_prefix (told, "0 aa  60 quota\n0 aa gpt 90 rate\n0 one 0"));
  /* each transaction is there with both of its rows */
  g_assert_cmpuint (rows->len, ==, 3 + 14);
}

static void
write_beside (const Place *place)
{
  g_autoptr (WeirStateFile) file = open_file (place, FALSE);

  for (unsigned i = 0; i < 50; i++)
    {
      g_autofree char *part = g_strdup_printf ("%d-%u", (int)getpid (), i);

      g_assert_true (write_one (file, WEIR_STATE_REST, "aa", part, 60, "x"));
    }
}

static void
test_two_programs_share_it (Place *place, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);
  g_autoptr (WeirStateFile) file = NULL;
  pid_t children[2];

  /* both make it */
  for (unsigned i = 0; i < 2; i++)
    {
      children[i] = fork ();
      g_assert_cmpint (children[i], >=, 0);
      if (children[i] == 0)
        {
          write_beside (place);
          _exit (0);
        }
    }
  for (unsigned i = 0; i < 2; i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    }
  file = open_file (place, FALSE);
  g_assert_true (weir_state_file_load (file, NOW_REAL_US, rows, NULL));
  g_assert_cmpuint (rows->len, ==, 100);
}

static void
fill_disk (const Place *place)
{
  static const struct rlimit least = { 40000, 40000 };
  g_autoptr (WeirStateFile) file = open_file (place, FALSE);
  g_autofree char *text = g_strnfill (3000, 'x');
  unsigned n = 0;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &least), ==, 0);
  while (n < 100)
    {
      g_autofree char *subject = g_strdup_printf ("%u", n);

      if (!write_one (file, WEIR_STATE_REST, subject, "", 60, text))
        break;
      n++;
    }
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n, <, 100);
  g_assert_false (weir_state_file_is_broken (file));
}

static void
test_a_full_disk_keeps_what_was_written (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (weir_state_row_free);

  in_child (place, fill_disk, 0);
  file = open_file (place, FALSE);
  g_assert_true (weir_state_file_load (file, NOW_REAL_US, rows, NULL));
  g_assert_cmpuint (rows->len, >, 0);
  write_samples (file);
}

static void
open_as_nobody (const Place *place)
{
  if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
    _exit (2);
  assert_refused (place);
}

static void
test_a_folder_that_takes_nothing_is_an_error (Place *place, gconstpointer data)
{
  if (geteuid () == 0)
    g_assert_cmpint (chown (place->folder, 65534, 65534), ==, 0);
  g_assert_cmpint (g_chmod (place->folder, 0500), ==, 0);
  in_child (place, open_as_nobody, 0);
  g_assert_cmpuint (place_count (place, "state"), ==, 0);
}

static void
test_a_held_file_is_an_error_and_no_ruin (Place *place, gconstpointer data)
{
  g_autoptr (WeirStateFile) file = open_file (place, FALSE);
  sqlite3 *other = NULL;

  write_samples (file);
  g_assert_cmpint (sqlite3_open (place->path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  g_assert_false (write_one (file, WEIR_STATE_REST, "bb", "", 60, "x"));
  g_assert_false (weir_state_file_is_broken (file));
  sqlite3_close (other);
  g_assert_true (write_one (file, WEIR_STATE_REST, "aa", "", 0, NULL));
  assert_rows (file, "0 aa gpt 90 rate\n1 kk day -60 1 2 3\n");
}

#define ADD(name, test)                                                                    \
  g_test_add ("/state-file/" name, Place, NULL, place_set_up, test, place_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rows-are-kept", test_rows_are_kept);
  ADD ("rows-out-of-date-are-dropped", test_rows_out_of_date_are_dropped);
  ADD ("all-rows-or-none-are-written", test_all_rows_or_none_are_written);
  ADD ("nobody-else-can-read-it", test_nobody_else_can_read_it);
  ADD ("a-mode-that-is-too-wide-is-narrowed", test_a_mode_that_is_too_wide_is_narrowed);
  ADD ("what-is-no-file-of-ours-is-left-alone", test_what_is_no_file_of_ours_is_left_alone);
  ADD ("a-folder-that-is-no-folder-is-an-error",
       test_a_folder_that_is_no_folder_is_an_error);
  ADD ("a-folder-behind-a-link-is-fine", test_a_folder_behind_a_link_is_fine);
  ADD ("a-broken-file-is-set-aside", test_a_broken_file_is_set_aside);
  ADD ("a-file-of-a-newer-program-is-set-aside",
       test_a_file_of_a_newer_program_is_set_aside);
  ADD ("somebody-elses-database-is-set-aside", test_somebody_elses_database_is_set_aside);
  ADD ("noise-anywhere-does-no-harm", test_noise_anywhere_does_no_harm);
  ADD ("a-kill-loses-nothing-that-was-written", test_a_kill_loses_nothing_that_was_written);
  ADD ("two-programs-share-it", test_two_programs_share_it);
  ADD ("a-full-disk-keeps-what-was-written", test_a_full_disk_keeps_what_was_written);
  ADD ("a-folder-that-takes-nothing-is-an-error",
       test_a_folder_that_takes_nothing_is_an_error);
  ADD ("a-held-file-is-an-error-and-no-ruin", test_a_held_file_is_an_error_and_no_ruin);
  return g_test_run ();
}
