/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a file comes to hold our tables, from one version of the program to the next. */

#include "config.h"

#include "store/weir-database.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned) */
} Place;

static const char *const migrations[] = {
  "CREATE TABLE one (value TEXT NOT NULL);",
  "CREATE TABLE two (value TEXT NOT NULL); INSERT INTO two SELECT value FROM one;",
  "THIS IS NOT SQL;",
};

static const char *const statements[] = { "INSERT INTO one (value) VALUES ('kept')" };

static WeirDatabaseFormat
make_format (unsigned n_migrations, gboolean is_precious)
{
  return (WeirDatabaseFormat){
    .migrations = migrations,
    .n_migrations = n_migrations,
    .statements = statements,
    .n_statements = G_N_ELEMENTS (statements),
    .settings = "PRAGMA journal_mode = WAL;",
    .is_precious = is_precious,
    .lost = "all of it is gone",
  };
}

static void
set_up (Place *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("weir-database-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "a.db", NULL);
}

static void
tear_down (Place *self, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_remove (path);
    }
  g_remove (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

/* (transfer full) (nullable): the file whose name holds @part. */
static char *
find_beside (const Place *self, const char *part)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (strstr (name, part) != NULL && !g_str_has_suffix (name, "-wal")
        && !g_str_has_suffix (name, "-shm"))
      return g_build_filename (self->folder, name, NULL);
  return NULL;
}

static void
make (const Place *self, unsigned version)
{
  const WeirDatabaseFormat format = make_format (version, TRUE);
  g_autoptr (WeirDatabase) database = weir_database_open (self->path, &format, NULL, NULL);

  g_assert_nonnull (database);
  g_assert_true (weir_database_step (database, 0));
}

static void
test_migrates (Place *self, gconstpointer data)
{
  const WeirDatabaseFormat older = make_format (1, TRUE);
  const WeirDatabaseFormat newer = make_format (2, TRUE);
  g_autoptr (WeirDatabase) database = NULL;
  g_autoptr (WeirDatabase) before = NULL;
  g_autofree char *notice = NULL;
  g_autofree char *copy = NULL;
  struct stat info;

  make (self, 1);
  database = weir_database_open (self->path, &newer, &notice, NULL);
  g_assert_nonnull (database);
  g_assert_null (notice);
  g_assert_true (weir_database_run (database, "UPDATE two SET value = 'changed'"));
  g_assert_cmpint (sqlite3_changes (database->connection), ==, 1);
  /* and what was there before is there still */
  copy = find_beside (self, "version-1");
  g_assert_nonnull (copy);
  g_assert_cmpint (stat (copy, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  before = weir_database_open (copy, &older, &notice, NULL);
  g_assert_nonnull (before);
  g_assert_null (notice);
  g_assert_true (weir_database_run (before, "UPDATE one SET value = 'read'"));
  g_assert_cmpint (sqlite3_changes (before->connection), ==, 1);
}

/* A migration that fails leaves the file as it was. */
static void
test_fails_whole (Place *self, gconstpointer data)
{
  const WeirDatabaseFormat older = make_format (1, TRUE);
  const WeirDatabaseFormat wrong = make_format (3, TRUE);
  g_autoptr (WeirDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *aside = NULL;

  make (self, 1);
  g_assert_null (weir_database_open (self->path, &wrong, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  aside = find_beside (self, "broken");
  g_assert_null (aside);
  database = weir_database_open (self->path, &older, NULL, NULL);
  g_assert_nonnull (database);
  g_assert_true (weir_database_run (database, "UPDATE one SET value = 'read'"));
  g_assert_cmpint (sqlite3_changes (database->connection), ==, 1);
}

static void
test_newer (Place *self, gconstpointer data)
{
  const WeirDatabaseFormat precious = make_format (1, TRUE);
  const WeirDatabaseFormat other = make_format (1, FALSE);
  g_autoptr (WeirDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *notice = NULL;
  g_autofree char *aside = NULL;

  make (self, 2);
  g_assert_null (weir_database_open (self->path, &precious, &notice, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "newer version"));
  g_assert_null (notice);
  g_assert_true (g_file_test (self->path, G_FILE_TEST_EXISTS));

  database = weir_database_open (self->path, &other, &notice, NULL);
  g_assert_nonnull (database);
  g_assert_nonnull (strstr (notice, "all of it is gone"));
  aside = find_beside (self, "newer");
  g_assert_nonnull (aside);
}

static void
test_no_link (Place *self, gconstpointer data)
{
  const WeirDatabaseFormat format = make_format (1, TRUE);
  g_autofree char *target = g_build_filename (self->folder, "target", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (target, "not a database", -1, NULL));
  g_assert_cmpint (symlink (target, self->path), ==, 0);
  g_assert_null (weir_database_open (self->path, &format, NULL, &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_IO);
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "not a database");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/database/migrates-after-a-copy", Place, NULL, set_up, test_migrates,
              tear_down);
  g_test_add ("/database/migrates-wholly-or-not-at-all", Place, NULL, set_up,
              test_fails_whole, tear_down);
  g_test_add ("/database/of-a-newer-program-is-refused-where-it-is-precious", Place, NULL,
              set_up, test_newer, tear_down);
  g_test_add ("/database/follows-no-link", Place, NULL, set_up, test_no_link, tear_down);
  return g_test_run ();
}
