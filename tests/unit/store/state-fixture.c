/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Folders that come and go. */

#include "config.h"

#include "state-fixture.h"

#include "store/weir-state.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void
place_set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("weir-state-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
  place->path = g_build_filename (place->folder, "state.db", NULL);
}

void
place_tear_down (Place *place, gconstpointer data)
{
  g_autoptr (GDir) folder = NULL;
  const char *name;

  g_chmod (place->folder, 0700);
  folder = g_dir_open (place->folder, 0, NULL);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (place->folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (place->folder);
  g_free (place->folder);
  g_free (place->path);
}

unsigned
place_count (const Place *place, const char *prefix)
{
  g_autoptr (GDir) folder = g_dir_open (place->folder, 0, NULL);
  const char *name;
  unsigned n = 0;

  while ((name = g_dir_read_name (folder)) != NULL)
    n += g_str_has_prefix (name, prefix) ? 1 : 0;
  return n;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

char *
tell_rows (const GPtrArray *rows)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  GString *out = g_string_new (NULL);

  for (unsigned i = 0; i < rows->len; i++)
    {
      const WeirStateRow *row = g_ptr_array_index (rows, i);

      g_ptr_array_add (
          lines, g_strdup_printf (
                     "%u %s %s %" G_GINT64_FORMAT " %s\n", row->table, row->subject,
                     row->part, (row->real_us - NOW_REAL_US) / G_USEC_PER_SEC, row->text));
    }
  g_ptr_array_sort (lines, compare_lines);
  for (unsigned i = 0; i < lines->len; i++)
    g_string_append (out, g_ptr_array_index (lines, i));
  return g_string_free (out, FALSE);
}

void
scribble (const char *path, long at, size_t n)
{
  FILE *file = fopen (path, "r+b");

  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, at, SEEK_SET), ==, 0);
  for (size_t i = 0; i < n; i++)
    fputc (g_test_rand_int_range (0, 256), file);
  g_assert_cmpint (fclose (file), ==, 0);
}
