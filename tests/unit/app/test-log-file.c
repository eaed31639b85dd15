/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The log's file: bounded, private, and there again whatever others do to it. */

#include "app/weir-log-file.h"

#include "base/weir-clock.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define LINE "0123456789abcdef0123456789abcdef\n" /* 33 bytes */
#define LINE_BYTES (sizeof LINE - 1)

static int64_t offset_us;

typedef struct
{
  char *folder;
  char *path;
} Place;

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("weir-log-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "state", "weir.log", NULL);
  offset_us = 0;
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_all (inner);
    }
  g_remove (path);
}

static void
tear_down (Place *place, gconstpointer data)
{
  remove_all (place->folder);
  g_free (place->folder);
  g_free (place->path);
}

/* Bytes of all files there; @out_files: how many. */
static uint64_t
measure (const Place *place, unsigned *out_files)
{
  g_autofree char *state = g_path_get_dirname (place->path);
  g_autoptr (GDir) folder = g_dir_open (state, 0, NULL);
  const char *name;
  uint64_t total = 0;

  *out_files = 0;
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (state, name, NULL);
      struct stat info = { 0 };

      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
      total += (uint64_t)info.st_size;
      (*out_files)++;
    }
  return total;
}

static void
write_lines (WeirLogFile *file, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    {
      g_autoptr (GError) error = NULL;

      offset_us += 1000; /* names of full files hold the time */
      g_assert_true (weir_log_file_write (file, WEIR_SLICE (LINE), &error));
      g_assert_no_error (error);
    }
}

static void
test_goes_on_where_it_was (Place *place, gconstpointer data)
{
  unsigned files = 0;

  for (unsigned i = 0; i < 2; i++)
    {
      g_autoptr (WeirLogFile) file = weir_log_file_new (place->path, 1000, 0, NULL);

      g_assert_nonnull (file);
      write_lines (file, 3);
    }
  g_assert_cmpuint (measure (place, &files), ==, 6 * LINE_BYTES);
  g_assert_cmpuint (files, ==, 1);
}

static void
test_loses_nothing_without_a_bound (Place *place, gconstpointer data)
{
  g_autoptr (WeirLogFile) file = weir_log_file_new (place->path, 3 * LINE_BYTES, 0, NULL);
  unsigned files = 0;

  write_lines (file, 10);
  g_assert_cmpuint (measure (place, &files), ==, 10 * LINE_BYTES);
  g_assert_cmpuint (files, ==, 4);
}

static void
test_never_holds_more_than_its_bound (Place *place, gconstpointer data)
{
  const uint64_t bound = 12 * LINE_BYTES;
  g_autoptr (WeirLogFile) file
      = weir_log_file_new (place->path, 3 * LINE_BYTES, bound, NULL);
  unsigned files = 0;

  for (unsigned i = 0; i < 100; i++)
    {
      write_lines (file, 1);
      g_assert_cmpuint (measure (place, &files), <=, bound);
    }
  g_assert_cmpuint (measure (place, &files), >=, bound / 2);
}

static void
test_a_small_bound_makes_small_files (Place *place, gconstpointer data)
{
  const uint64_t bound = 4 * LINE_BYTES;
  g_autoptr (WeirLogFile) file
      = weir_log_file_new (place->path, WEIR_LOG_FILE_MAX_BYTES, bound, NULL);
  unsigned files = 0;

  write_lines (file, 50);
  g_assert_cmpuint (measure (place, &files), <=, bound);
}

static void
test_leaves_what_is_not_its_own (Place *place, gconstpointer data)
{
  g_autofree char *state = g_path_get_dirname (place->path);
  g_autofree char *other = g_build_filename (state, "weir-notes.txt", NULL);
  g_autoptr (WeirLogFile) file = weir_log_file_new (place->path, 100, 2 * LINE_BYTES, NULL);

  g_assert_true (g_file_set_contents (other, LINE LINE LINE LINE, -1, NULL));
  write_lines (file, 20);
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
}

static void
test_comes_back_when_it_was_moved (Place *place, gconstpointer data)
{
  g_autoptr (WeirLogFile) file = weir_log_file_new (place->path, 1000, 0, NULL);
  g_autofree char *moved = g_strconcat (place->path, ".1", NULL);
  struct stat info = { 0 };

  write_lines (file, 1);
  g_assert_cmpint (g_rename (place->path, moved), ==, 0);
  offset_us += 2 * WEIR_USEC_PER_SEC;
  write_lines (file, 1);
  g_assert_cmpint (stat (place->path, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, LINE_BYTES);

  g_assert_cmpint (g_unlink (place->path), ==, 0);
  offset_us += 2 * WEIR_USEC_PER_SEC;
  write_lines (file, 1);
  g_assert_cmpint (stat (place->path, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, LINE_BYTES);
}

static void
test_refuses_a_link (Place *place, gconstpointer data)
{
  g_autofree char *state = g_path_get_dirname (place->path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (state, 0700), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", place->path), ==, 0);
  g_assert_null (weir_log_file_new (place->path, 1000, 0, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_nonnull (strstr (error->message, place->path));
}

static void
test_a_full_disk_is_an_error_and_passes (Place *place, gconstpointer data)
{
  g_autoptr (WeirLogFile) file = weir_log_file_new (place->path, 1000, 0, NULL);
  g_autoptr (GError) error = NULL;

  /* a folder in the file's place stands for every way to fail */
  write_lines (file, 1);
  g_assert_cmpint (g_unlink (place->path), ==, 0);
  g_assert_cmpint (g_mkdir (place->path, 0700), ==, 0);
  offset_us += 2 * WEIR_USEC_PER_SEC;
  g_assert_false (weir_log_file_write (file, WEIR_SLICE (LINE), &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_cmpint (g_rmdir (place->path), ==, 0);
  write_lines (file, 1);
}

int
main (int argc, char **argv)
{
  umask (077);
  weir_clock_set_test_offset (&offset_us);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/log-file/" name, Place, NULL, set_up, func, tear_down)
  ADD ("goes-on-where-it-was", test_goes_on_where_it_was);
  ADD ("loses-nothing-without-a-bound", test_loses_nothing_without_a_bound);
  ADD ("never-holds-more-than-its-bound", test_never_holds_more_than_its_bound);
  ADD ("a-small-bound-makes-small-files", test_a_small_bound_makes_small_files);
  ADD ("leaves-what-is-not-its-own", test_leaves_what_is_not_its_own);
  ADD ("comes-back-when-it-was-moved", test_comes_back_when_it_was_moved);
  ADD ("refuses-a-link", test_refuses_a_link);
  ADD ("a-full-disk-is-an-error-and-passes", test_a_full_disk_is_an_error_and_passes);
  return g_test_run ();
}
