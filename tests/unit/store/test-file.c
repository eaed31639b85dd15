/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing and reading whole files: modes, what stays on failure, what is refused. */

#include "store/weir-file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned) */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("weir-file-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->path = g_build_filename (self->folder, "file", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  GDir *folder = g_dir_open (self->folder, 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_dir_close (folder);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
}

static void
assert_holds (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;
  unsigned mode = 0;
  unsigned uid = 0;
  g_autoptr (GBytes) bytes = weir_file_read (path, 1024, &mode, &uid, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text,
                   strlen (text));
  g_assert_cmpuint (mode, ==, 0600);
  g_assert_cmpuint (uid, ==, geteuid ());
}

static void
assert_files (const char *folder, unsigned wanted)
{
  GDir *open = g_dir_open (folder, 0, NULL);
  unsigned n = 0;

  while (g_dir_read_name (open) != NULL)
    n++;
  g_dir_close (open);
  g_assert_cmpuint (n, ==, wanted);
}

static void
test_mode_is_0600_under_any_umask (Fixture *self, gconstpointer data)
{
  static const mode_t masks[] = { 0, 0022, 0777 };

  for (size_t i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autoptr (GError) error = NULL;
      mode_t before = umask (masks[i]);

      g_assert_true (weir_file_create (self->path, WEIR_SLICE ("one"), &error));
      g_assert_no_error (error);
      assert_holds (self->path, "one");
      g_assert_true (weir_file_replace (self->path, WEIR_SLICE ("two"), &error));
      umask (before);
      assert_holds (self->path, "two");
      assert_files (self->folder, 1);
      g_assert_cmpint (g_unlink (self->path), ==, 0);
    }
}

static void
test_replace_narrows_a_wide_mode (Fixture *self, gconstpointer data)
{
  g_assert_true (g_file_set_contents (self->path, "old", -1, NULL));
  g_assert_cmpint (g_chmod (self->path, 0644), ==, 0);
  g_assert_true (weir_file_replace (self->path, WEIR_SLICE (""), NULL));
  assert_holds (self->path, "");
}

static void
test_create_leaves_what_is_there (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (weir_file_create (self->path, WEIR_SLICE ("one"), NULL));
  g_assert_false (weir_file_create (self->path, WEIR_SLICE ("two"), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  assert_holds (self->path, "one");
  assert_files (self->folder, 1);
}

static void
test_links_are_not_written_through (Fixture *self, gconstpointer data)
{
  g_autofree char *link = g_build_filename (self->folder, "link", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (weir_file_create (self->path, WEIR_SLICE ("one"), NULL));
  g_assert_cmpint (symlink (self->path, link), ==, 0);
  g_assert_false (weir_file_replace (link, WEIR_SLICE ("two"), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_false (weir_file_create (link, WEIR_SLICE ("two"), NULL));
  assert_holds (link, "one"); /* reading follows it */
  assert_files (self->folder, 2);
}

static void
test_missing_folder_is_an_error (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "none", "file", NULL);
  g_autofree char *folder = g_strconcat (self->folder, "/", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_file_replace (path, WEIR_SLICE ("x"), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_false (weir_file_create (path, WEIR_SLICE ("x"), NULL));
  g_assert_false (weir_file_create ("", WEIR_SLICE ("x"), NULL));
  g_assert_false (weir_file_replace (folder, WEIR_SLICE ("x"), NULL));
  g_assert_false (weir_file_replace (self->folder, WEIR_SLICE ("x"), NULL));
}

/* A file-size limit stops the write in the middle, as a full disk does. */
static void
test_failed_write_leaves_the_old_file (Fixture *self, gconstpointer data)
{
  g_autofree char *big = g_strnfill (1 << 16, 'x');
  g_autoptr (GError) error = NULL;
  struct rlimit before = { 0 };
  struct rlimit small = { 0 };

  g_assert_true (weir_file_create (self->path, WEIR_SLICE ("old"), NULL));
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = (struct rlimit){ .rlim_cur = 1 << 12, .rlim_max = before.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (weir_file_replace (self->path, (WeirSlice){ big, 1 << 16 }, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  assert_holds (self->path, "old");
  assert_files (self->folder, 1);
}

static void
test_reading_is_bounded_and_for_regular_files (Fixture *self, gconstpointer data)
{
  g_autofree char *pipe = g_build_filename (self->folder, "pipe", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_assert_true (weir_file_create (self->path, WEIR_SLICE ("12345"), NULL));
  bytes = weir_file_read (self->path, 5, NULL, NULL, &error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 5);
  g_assert_null (weir_file_read (self->path, 4, NULL, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_TOO_LARGE);
  g_clear_error (&error);

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (weir_file_read (pipe, 4, NULL, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (weir_file_read (self->folder, 4, NULL, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_clear_error (&error);
  g_assert_null (weir_file_read ("/nowhere/at/all", 4, NULL, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                \
  g_test_add ("/file/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("mode-is-0600-under-any-umask", test_mode_is_0600_under_any_umask);
  ADD ("replace-narrows-a-wide-mode", test_replace_narrows_a_wide_mode);
  ADD ("create-leaves-what-is-there", test_create_leaves_what_is_there);
  ADD ("links-are-not-written-through", test_links_are_not_written_through);
  ADD ("missing-folder-is-an-error", test_missing_folder_is_an_error);
  ADD ("failed-write-leaves-the-old-file", test_failed_write_leaves_the_old_file);
  ADD ("reading-is-bounded-and-for-regular-files",
       test_reading_is_bounded_and_for_regular_files);
  return g_test_run ();
}
