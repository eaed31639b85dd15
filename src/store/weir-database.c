/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a file comes to hold our tables.  SQLite is told nothing that it could follow
 * elsewhere: the file is made here, and must be a regular one of ours. */

#include "config.h"

#include "store/weir-database.h"

#include "base/weir-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x57656972 /* "Weir" */
#define BUSY_MS 500
#define PATIENCE_US ((int64_t)G_TIME_SPAN_SECOND)
#define NAMES_MAX 100 /* of files set aside within one second */

typedef enum
{
  FOUND_GOOD,
  FOUND_BROKEN,  /* no database of ours */
  FOUND_NEWER,   /* of a newer program */
  FOUND_BUSY,    /* another program holds it */
  FOUND_TROUBLE, /* it cannot be told: the disk, the rights */
} Found;

/* --- statements --- */

gboolean
weir_database_fail (const WeirDatabase *self, const char *what, GError **error)
{
  return weir_error_set (error, WEIR_ERROR_IO, "cannot %s %s: %s", what, self->path,
                         self->connection != NULL ? sqlite3_errmsg (self->connection)
                                                  : "out of memory");
}

static int
get_version (const WeirDatabase *self)
{
  return (int)self->format->n_migrations;
}

static gboolean
fail_by_errno (const char *what, const char *path, GError **error)
{
  return weir_error_set (error, WEIR_ERROR_IO, "cannot %s %s: %s", what, path,
                         g_strerror (errno));
}

/* What a failed statement says about the file. */
static Found
judge (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_OK:
      return FOUND_GOOD;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: /* of statements that are right: other tables, another format */
      return FOUND_BROKEN;
    case SQLITE_BUSY:
      return FOUND_BUSY;
    default:
      return FOUND_TROUBLE;
    }
}

static Found
read_int (WeirDatabase *self, const char *query, int *out)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->connection, query, -1, &statement, NULL);

  if (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      *out = sqlite3_column_int (statement, 0);
      code = SQLITE_OK;
    }
  sqlite3_finalize (statement);
  return judge (code);
}

static Found
check_pages (WeirDatabase *self)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->connection, "PRAGMA quick_check (1)", -1, &statement,
                                 NULL);
  Found found;

  if (code == SQLITE_OK)
    code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    found = g_strcmp0 ((const char *)sqlite3_column_text (statement, 0), "ok") == 0
                ? FOUND_GOOD
                : FOUND_BROKEN;
  else
    found = judge (code);
  sqlite3_finalize (statement);
  return found;
}

/* --- places --- */

/* A folder of ours that only we can change: whatever stands in it is ours. */
static char *
ensure_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  gboolean is_new = !g_file_test (folder, G_FILE_TEST_EXISTS);
  char resolved[PATH_MAX];
  struct stat info;

  if (g_mkdir_with_parents (folder, 0700) != 0 || realpath (folder, resolved) == NULL
      || (is_new && chmod (resolved, 0700) != 0) || stat (resolved, &info) != 0)
    {
      fail_by_errno ("make the folder", folder, error);
      return NULL;
    }
  if (info.st_uid != geteuid () || (info.st_mode & 022) != 0)
    {
      weir_error_set (error, WEIR_ERROR_IO,
                      "the folder %s is not ours, or others may write to it", resolved);
      return NULL;
    }
  return g_strdup (resolved);
}

static gboolean
ensure_file (const char *path, GError **error)
{
  int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = open (path, flags, 0600);
  struct stat info;

  /* the mode is set once more because a umask may have taken the owner's bits away */
  if (fd >= 0)
    {
      gboolean ok = fchmod (fd, 0600) == 0;

      close (fd);
      return ok || fail_by_errno ("make", path, error);
    }
  if (errno != EEXIST || lstat (path, &info) != 0)
    return fail_by_errno ("make", path, error);
  if (!S_ISREG (info.st_mode) || info.st_uid != geteuid () || info.st_nlink != 1)
    return weir_error_set (error, WEIR_ERROR_IO,
                           "%s is not a regular file of ours; it was left alone", path);
  if ((info.st_mode & 07777) != 0600 && chmod (path, 0600) != 0)
    return fail_by_errno ("change the mode of", path, error);
  return TRUE;
}

/* --- a file that is there --- */

static Found
run (WeirDatabase *self, const char *script)
{
  return judge (sqlite3_exec (self->connection, script, NULL, NULL, NULL));
}

static Found
read_head (WeirDatabase *self, int *out_version)
{
  int application = 0;
  int n_tables = 0;
  Found found = check_pages (self);

  if (found == FOUND_GOOD)
    found = read_int (self, "PRAGMA application_id", &application);
  if (found == FOUND_GOOD)
    found = read_int (self, "PRAGMA user_version", out_version);
  if (found == FOUND_GOOD)
    found = read_int (self, "SELECT count (*) FROM sqlite_master", &n_tables);
  if (found != FOUND_GOOD || (application == 0 && *out_version == 0 && n_tables == 0))
    return found;
  if (application != APPLICATION_ID || *out_version < 1)
    return FOUND_BROKEN;
  return *out_version > get_version (self) ? FOUND_NEWER : FOUND_GOOD;
}

/* All of it as of one moment: another program may be making the file just now. */
static Found
identify (WeirDatabase *self, int *out_version)
{
  Found found = run (self, "BEGIN");

  if (found == FOUND_GOOD)
    found = read_head (self, out_version);
  run (self, "ROLLBACK");
  return found;
}

/* (transfer full): another name in the same folder. */
static char *
dup_other_name (const char *path, const char *why, unsigned number)
{
  g_autoptr (GDateTime) now
      = g_date_time_new_from_unix_utc (weir_clock_real_us () / WEIR_USEC_PER_SEC);
  g_autofree char *date = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *suffix = number > 1 ? g_strdup_printf ("-%u", number) : g_strdup ("");

  return g_strdup_printf ("%s.%s-%s%s", path, why, date, suffix);
}

/* As it was before a migration. */
static Found
copy (WeirDatabase *self, int version)
{
  g_autofree char *why = g_strdup_printf ("version-%d", version);
  g_autofree char *name = NULL;
  sqlite3_stmt *statement = NULL;
  unsigned number = 1;
  int code;

  do
    {
      g_free (name);
      name = dup_other_name (self->path, why, number);
    }
  while (access (name, F_OK) == 0 && ++number < NAMES_MAX);
  /* SQLite fills an empty file as it is, with the mode that it has */
  if (!ensure_file (name, NULL))
    return FOUND_TROUBLE;
  code = sqlite3_prepare_v2 (self->connection, "VACUUM INTO ?1", -1, &statement, NULL);
  if (code == SQLITE_OK)
    {
      sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
      code = sqlite3_step (statement);
    }
  sqlite3_finalize (statement);
  return judge (code == SQLITE_DONE ? SQLITE_OK : code);
}

static Found
migrate (WeirDatabase *self)
{
  g_autoptr (GString) script = g_string_new (NULL);
  Found found = run (self, "BEGIN IMMEDIATE");
  int version = 0;

  /* another program may have come first */
  if (found == FOUND_GOOD)
    found = read_int (self, "PRAGMA user_version", &version);
  for (int i = version; i < get_version (self); i++)
    g_string_append (script, self->format->migrations[i]);
  g_string_append_printf (script,
                          "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                          APPLICATION_ID, get_version (self));
  return found == FOUND_GOOD ? run (self, script->str) : found;
}

static Found
prepare (WeirDatabase *self)
{
  const WeirDatabaseFormat *format = self->format;
  int code = SQLITE_OK;

  for (unsigned i = 0; i < format->n_statements && code == SQLITE_OK; i++)
    if (format->statements[i] != NULL)
      code = sqlite3_prepare_v3 (self->connection, format->statements[i], -1,
                                 SQLITE_PREPARE_PERSISTENT, &self->statements[i], NULL);
  return judge (code);
}

static void
disconnect (WeirDatabase *self)
{
  for (unsigned i = 0; i < self->format->n_statements; i++)
    g_clear_pointer (&self->statements[i], sqlite3_finalize);
  g_clear_pointer (&self->connection, sqlite3_close);
}

/* BUSY, TROUBLE: @error is set. */
static Found
connect_once (WeirDatabase *self, GError **error)
{
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  gboolean is_good = FALSE;
  int version = 0;
  int code = sqlite3_open_v2 (self->path, &self->connection, flags, NULL);
  Found found = judge (code);

  if (found == FOUND_GOOD)
    {
      sqlite3_busy_timeout (self->connection, BUSY_MS);
      found = identify (self, &version);
    }
  if (found == FOUND_GOOD)
    found = run (self, self->format->settings);
  is_good = found == FOUND_GOOD && version > 0;
  if (is_good && version < get_version (self) && self->format->is_precious)
    found = copy (self, version);
  if (found == FOUND_GOOD && version < get_version (self))
    found = migrate (self);
  /* it was good until we touched it */
  if (found == FOUND_BROKEN && is_good && self->format->is_precious)
    found = FOUND_TROUBLE;
  if (found == FOUND_GOOD)
    found = prepare (self);
  /* a head that forbids what the system allows */
  if (found == FOUND_TROUBLE && sqlite3_errcode (self->connection) == SQLITE_READONLY
      && access (self->path, W_OK) == 0)
    found = FOUND_BROKEN;
  if (found == FOUND_TROUBLE || found == FOUND_BUSY)
    weir_database_fail (self, "open", error);
  if (found != FOUND_GOOD)
    disconnect (self);
  return found;
}

/* Two programs that make the same file at the same time wait for each other. */
static Found
connect_file (WeirDatabase *self, GError **error)
{
  int64_t until_us = g_get_monotonic_time () + PATIENCE_US;

  for (;;)
    {
      g_autoptr (GError) reason = NULL;
      Found found = connect_once (self, &reason);

      if (found != FOUND_BUSY || g_get_monotonic_time () > until_us)
        {
          if (reason != NULL)
            g_propagate_error (error, g_steal_pointer (&reason));
          return found == FOUND_BUSY ? FOUND_TROUBLE : found;
        }
      g_usleep (20000);
    }
}

/* --- opening --- */

/* (transfer full) (nullable): the new path. */
static char *
set_aside (const char *path, const char *why, GError **error)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *index = g_strconcat (path, "-shm", NULL);

  for (unsigned i = 1; i < NAMES_MAX; i++)
    {
      g_autofree char *aside = dup_other_name (path, why, i);
      g_autofree char *aside_log = g_strconcat (aside, "-wal", NULL);

      if (renameat2 (AT_FDCWD, path, AT_FDCWD, aside, RENAME_NOREPLACE) != 0)
        {
          if (errno == EEXIST)
            continue;
          break;
        }
      if ((rename (log, aside_log) != 0 && errno != ENOENT)
          || (unlink (index) != 0 && errno != ENOENT))
        break;
      return g_steal_pointer (&aside);
    }
  fail_by_errno ("set aside", path, error);
  return NULL;
}

/* The first try.  FALSE: @error is set, or the file is another one and @out_found says
 * which. */
static gboolean
connect_first (WeirDatabase *self, Found *out_found, GError **error)
{
  *out_found = connect_file (self, error);
  if (*out_found == FOUND_NEWER && self->format->is_precious)
    return weir_error_set (error, WEIR_ERROR_IO,
                           "%s was written by a newer version of this program, and only "
                           "that can use it; please update",
                           self->path);
  return *out_found == FOUND_GOOD;
}

/* The second try, where there is no file any more. */
static gboolean
connect_anew (WeirDatabase *self, GError **error)
{
  Found found
      = ensure_file (self->path, error) ? connect_file (self, error) : FOUND_TROUBLE;

  if (found == FOUND_BROKEN || found == FOUND_NEWER)
    weir_error_set (error, WEIR_ERROR_IO, "%s is broken again", self->path);
  return found == FOUND_GOOD;
}

WeirDatabase *
weir_database_open (const char *path,
                    const WeirDatabaseFormat *format,
                    char **out_notice,
                    GError **error)
{
  g_autoptr (WeirDatabase) self = g_new0 (WeirDatabase, 1);
  g_autofree char *folder = ensure_folder (path, error);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *aside = NULL;
  Found found = FOUND_TROUBLE;

  self->format = format;
  self->statements = g_new0 (sqlite3_stmt *, format->n_statements);
  if (folder == NULL)
    return NULL;
  self->path = g_build_filename (folder, name, NULL);
  if (!ensure_file (self->path, error))
    return NULL;
  if (connect_first (self, &found, error))
    return g_steal_pointer (&self);
  if (found == FOUND_TROUBLE || (found == FOUND_NEWER && format->is_precious))
    return NULL;
  aside = set_aside (self->path, found == FOUND_NEWER ? "newer" : "broken", error);
  if (aside == NULL)
    return NULL;
  if (out_notice != NULL)
    *out_notice = g_strdup_printf ("%s %s; it was set aside as %s, and %s", self->path,
                                   found == FOUND_NEWER
                                       ? "was written by a newer version of this program"
                                       : "is broken",
                                   aside, format->lost);
  return connect_anew (self, error) ? g_steal_pointer (&self) : NULL;
}

void
weir_database_close (WeirDatabase *self)
{
  if (self == NULL)
    return;
  disconnect (self);
  g_free (self->statements);
  g_free (self->path);
  g_free (self);
}

gboolean
weir_database_is_broken (const WeirDatabase *self)
{
  return judge (sqlite3_errcode (self->connection)) == FOUND_BROKEN;
}

gboolean
weir_database_run (WeirDatabase *self, const char *script)
{
  return run (self, script) == FOUND_GOOD;
}

gboolean
weir_database_step (WeirDatabase *self, unsigned statement)
{
  const int code = sqlite3_step (self->statements[statement]);

  sqlite3_reset (self->statements[statement]);
  sqlite3_clear_bindings (self->statements[statement]);
  return code == SQLITE_DONE;
}
