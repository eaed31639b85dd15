/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every way in which the file can become another one is noticed, once. */

#include "app/weir-reload.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define SOON_MS 5000 /* what must happen does so before */
#define LATER_MS 600 /* what must not happen would have by then */

typedef struct
{
  char *folder;
  char *other; /* another folder */
  char *path;
  WeirReload *reload;
  unsigned calls;
  unsigned failures;
  unsigned port; /* of the last configuration */
} Place;

static void
on_reload (WeirConfig *config, GPtrArray *notices, const GError *error, gpointer user_data)
{
  Place *place = user_data;

  g_assert_true ((config == NULL) == (error != NULL));
  place->calls++;
  if (error != NULL)
    place->failures++;
  else
    place->port = config->port;
}

static void
write_at (const char *path, unsigned port)
{
  g_autofree char *text
      = g_strdup_printf ("port: %u\napi-keys: [sk-0123456789abcdef%u]\n", port, port);
  FILE *file = fopen (path, "we");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (text, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
replace_at (const char *path, unsigned port)
{
  g_autofree char *other = g_strconcat (path, ".new", NULL);

  write_at (other, port);
  g_assert_cmpint (g_rename (other, path), ==, 0);
}

static void
link_at (const char *path, const char *target)
{
  g_autofree char *other = g_strconcat (path, ".new", NULL);

  g_assert_cmpint (symlink (target, other), ==, 0);
  g_assert_cmpint (g_rename (other, path), ==, 0);
}

static void
set_up (Place *place, gconstpointer is_link)
{
  g_autofree char *first = NULL;

  place->folder = g_dir_make_tmp ("weir-reload-XXXXXX", NULL);
  place->other = g_dir_make_tmp ("weir-reload-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, "config.yaml", NULL);
  first = g_build_filename (place->other, "first", NULL);
  if (is_link != NULL)
    {
      write_at (first, 1);
      link_at (place->path, first);
    }
  else
    write_at (place->path, 1);
  place->reload = weir_reload_new (place->path, on_reload, place);
}

static void
remove_all (char *folder)
{
  g_autoptr (GDir) list = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (list)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

static void
tear_down (Place *place, gconstpointer is_link)
{
  weir_reload_free (place->reload);
  remove_all (place->folder);
  remove_all (place->other);
  g_free (place->path);
}

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Turns the loop until there were @calls of them, or until it is later. */
static void
turn (Place *place, unsigned calls, unsigned ms)
{
  gboolean is_over = FALSE;
  const unsigned id = g_timeout_add (ms, on_timeout, &is_over);

  while (!is_over && place->calls < calls)
    g_main_context_iteration (NULL, TRUE);
  if (!is_over)
    g_source_remove (id);
}

static void
assert_read (Place *place, unsigned calls, unsigned port)
{
  turn (place, calls, SOON_MS);
  g_assert_cmpuint (place->calls, ==, calls);
  g_assert_cmpuint (place->failures, ==, 0);
  g_assert_cmpuint (place->port, ==, port);
}

static void
assert_quiet (Place *place)
{
  const unsigned calls = place->calls;

  turn (place, calls + 1, LATER_MS);
  g_assert_cmpuint (place->calls, ==, calls);
}

static void
test_written_in_place (Place *place, gconstpointer data)
{
  write_at (place->path, 2);
  assert_read (place, 1, 2);
}

static void
test_replaced_by_rename (Place *place, gconstpointer data)
{
  for (unsigned i = 1; i <= 3; i++)
    {
      replace_at (place->path, 100 + i);
      assert_read (place, i, 100 + i);
    }
}

static void
test_a_burst_is_read_once (Place *place, gconstpointer data)
{
  for (unsigned i = 0; i < 20; i++)
    {
      if (i % 2 == 0)
        write_at (place->path, 200 + i);
      else
        replace_at (place->path, 200 + i);
      g_main_context_iteration (NULL, FALSE);
    }
  assert_read (place, 1, 219);
  assert_quiet (place);
}

static void
test_neighbours_do_not_count (Place *place, gconstpointer data)
{
  g_autofree char *neighbour = g_build_filename (place->folder, ".config.yaml.swp", NULL);

  write_at (neighbour, 2);
  assert_quiet (place);
}

/* Emptied now, filled a little later: the configuration of nothing is never seen. */
static gboolean
on_fill (gpointer user_data)
{
  write_at (user_data, 8);
  return G_SOURCE_REMOVE;
}

static void
test_half_a_file_is_not_read (Place *place, gconstpointer data)
{
  g_assert_cmpint (truncate (place->path, 0), ==, 0);
  weir_reload_now (place->reload);
  g_timeout_add (50, on_fill, place->path);
  assert_read (place, 1, 8);
  assert_quiet (place);
}

static void
test_a_link_is_turned_elsewhere (Place *place, gconstpointer data)
{
  g_autofree char *second = g_build_filename (place->other, "second", NULL);

  write_at (second, 2);
  link_at (place->path, second);
  assert_read (place, 1, 2);
}

static void
test_what_is_linked_to_changes (Place *place, gconstpointer data)
{
  g_autofree char *first = g_build_filename (place->other, "first", NULL);
  g_autofree char *nearer = g_build_filename (place->folder, "nearer", NULL);

  replace_at (first, 2);
  assert_read (place, 1, 2);
  write_at (nearer, 3);
  link_at (place->path, nearer);
  assert_read (place, 2, 3);
  replace_at (nearer, 4);
  assert_read (place, 3, 4);
  link_at (place->path, first);
  assert_read (place, 4, 2);
  write_at (first, 5);
  assert_read (place, 5, 5);
}

static void
test_gone_is_said_once (Place *place, gconstpointer data)
{
  g_autofree char *neighbour = g_build_filename (place->folder, "neighbour", NULL);

  g_assert_cmpint (g_unlink (place->path), ==, 0);
  turn (place, 1, SOON_MS);
  g_assert_cmpuint (place->failures, ==, 1);
  write_at (neighbour, 1);
  assert_quiet (place);
  place->failures = 0;
  write_at (place->path, 7);
  assert_read (place, 2, 7);
}

static void
test_a_signal_reads_what_has_not_changed (Place *place, gconstpointer data)
{
  weir_reload_now (place->reload);
  assert_read (place, 1, 1);
  assert_quiet (place);
}

static void
test_nothing_is_said_when_it_is_over (Place *place, gconstpointer data)
{
  weir_reload_now (place->reload);
  write_at (place->path, 2);
  g_clear_pointer (&place->reload, weir_reload_free);
  assert_quiet (place);
}

int
main (int argc, char **argv)
{
  umask (077);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, is_link, func)                                                           \
  g_test_add ("/reload/" name, Place, GINT_TO_POINTER (is_link), set_up, func, tear_down)
  ADD ("written-in-place", FALSE, test_written_in_place);
  ADD ("replaced-by-rename", FALSE, test_replaced_by_rename);
  ADD ("a-burst-is-read-once", FALSE, test_a_burst_is_read_once);
  ADD ("neighbours-do-not-count", FALSE, test_neighbours_do_not_count);
  ADD ("half-a-file-is-not-read", FALSE, test_half_a_file_is_not_read);
  ADD ("a-link-is-turned-elsewhere", TRUE, test_a_link_is_turned_elsewhere);
  ADD ("what-is-linked-to-changes", TRUE, test_what_is_linked_to_changes);
  ADD ("gone-is-said-once", FALSE, test_gone_is_said_once);
  ADD ("a-signal-reads-what-has-not-changed", FALSE,
       test_a_signal_reads_what_has_not_changed);
  ADD ("nothing-is-said-when-it-is-over", FALSE, test_nothing_is_said_when_it_is_over);
  return g_test_run ();
}
