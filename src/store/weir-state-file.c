/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables, and how a file comes to hold them.  SQLite is told nothing that it could
 * follow elsewhere: the file is made here, and must be a regular one of ours. */

#include "config.h"

#include "store/weir-state-file.h"

#include "base/weir-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x57656972 /* "Weir" */
#define BUSY_MS 500
#define PATIENCE_US ((int64_t)G_TIME_SPAN_SECOND)
#define ROWS_MAX 10000 /* of one table that are read */
#define NAMES_MAX 100  /* of files set aside within one second */

typedef struct
{
  const char *select;
  const char *put;
  const char *remove;
  const char *drop; /* rows out of date */
  int64_t valid_us; /* how long a row is, behind its time */
} Table;

/* clang-format off */
static const Table tables[WEIR_STATE_LAST] = {
  [WEIR_STATE_REST] = {
    "SELECT seat, model, until_us, reason FROM rest LIMIT ?1",
    "INSERT OR REPLACE INTO rest (seat, model, until_us, reason) VALUES (?1, ?2, ?3, ?4)",
    "DELETE FROM rest WHERE seat = ?1 AND model = ?2",
    "DELETE FROM rest WHERE until_us <= ?1",
    0,
  },
  [WEIR_STATE_LIMIT_WINDOW] = {
    "SELECT key, name, newest_us, counts FROM limit_window LIMIT ?1",
    "INSERT OR REPLACE INTO limit_window (key, name, newest_us, counts) VALUES (?1, ?2, ?3, ?4)",
    "DELETE FROM limit_window WHERE key = ?1 AND name = ?2",
    "DELETE FROM limit_window WHERE newest_us <= ?1",
    2 * 86400 * WEIR_USEC_PER_SEC,
  },
};

/* From the version that is its number to the next one. */
static const char *const migrations[] = {
  "CREATE TABLE rest (seat TEXT NOT NULL, model TEXT NOT NULL, until_us INTEGER NOT NULL,"
  " reason TEXT NOT NULL, PRIMARY KEY (seat, model)) WITHOUT ROWID;"
  "CREATE TABLE limit_window (key TEXT NOT NULL, name TEXT NOT NULL,"
  " newest_us INTEGER NOT NULL, counts TEXT NOT NULL, PRIMARY KEY (key, name)) WITHOUT ROWID;",
};
/* clang-format on */

#define VERSION ((int)G_N_ELEMENTS (migrations))

/* NORMAL with a write-ahead log: a crash of the machine may cost the last second, never the
 * file. */
static const char settings[] = "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = NORMAL;"
                               "PRAGMA wal_autocheckpoint = 100;"
                               "PRAGMA journal_size_limit = 1048576;";

struct _WeirStateFile
{
  char *path; /* (owned) no link in it */
  sqlite3 *database;
  sqlite3_stmt *put[WEIR_STATE_LAST];
  sqlite3_stmt *remove[WEIR_STATE_LAST];
  gboolean is_broken; /* the last write has found out */
};

typedef enum
{
  FOUND_GOOD,
  FOUND_BROKEN,  /* no database of ours */
  FOUND_NEWER,   /* of a newer program */
  FOUND_BUSY,    /* another program holds it */
  FOUND_TROUBLE, /* it cannot be told: the disk, the rights */
} Found;

WeirStateRow *
weir_state_row_new (WeirStateTable table,
                    const char *subject,
                    const char *part,
                    int64_t real_us,
                    const char *text)
{
  WeirStateRow *row = g_new0 (WeirStateRow, 1);

  row->table = table;
  row->subject = g_strdup (subject);
  row->part = g_strdup (part);
  row->real_us = real_us;
  row->text = g_strdup (text);
  return row;
}

void
weir_state_row_free (gpointer data)
{
  WeirStateRow *row = data;

  if (row == NULL)
    return;
  g_free (row->subject);
  g_free (row->part);
  g_free (row->text);
  g_free (row);
}

/* --- statements --- */

static gboolean
fail (WeirStateFile *self, const char *what, GError **error)
{
  return weir_error_set (error, WEIR_ERROR_IO, "cannot %s %s: %s", what, self->path,
                         self->database != NULL ? sqlite3_errmsg (self->database)
                                                : "out of memory");
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
read_int (WeirStateFile *self, const char *query, int *out)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->database, query, -1, &statement, NULL);

  if (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      *out = sqlite3_column_int (statement, 0);
      code = SQLITE_OK;
    }
  sqlite3_finalize (statement);
  return judge (code);
}

static Found
check_pages (WeirStateFile *self)
{
  sqlite3_stmt *statement = NULL;
  int code
      = sqlite3_prepare_v2 (self->database, "PRAGMA quick_check (1)", -1, &statement, NULL);
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

/* --- a file that is there --- */

static Found
run (WeirStateFile *self, const char *script)
{
  return judge (sqlite3_exec (self->database, script, NULL, NULL, NULL));
}

static Found
read_head (WeirStateFile *self, int *out_version)
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
  return *out_version > VERSION ? FOUND_NEWER : FOUND_GOOD;
}

/* All of it as of one moment: another program may be making the file just now. */
static Found
identify (WeirStateFile *self, int *out_version)
{
  Found found = run (self, "BEGIN");

  if (found == FOUND_GOOD)
    found = read_head (self, out_version);
  run (self, "ROLLBACK");
  return found;
}

static Found
migrate (WeirStateFile *self)
{
  g_autoptr (GString) script = g_string_new (NULL);
  Found found = run (self, "BEGIN IMMEDIATE");
  int version = 0;

  /* another program may have come first */
  if (found == FOUND_GOOD)
    found = read_int (self, "PRAGMA user_version", &version);
  for (int i = version; i < VERSION; i++)
    g_string_append (script, migrations[i]);
  g_string_append_printf (script,
                          "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                          APPLICATION_ID, VERSION);
  return found == FOUND_GOOD ? run (self, script->str) : found;
}

static Found
prepare (WeirStateFile *self)
{
  int code = SQLITE_OK;

  for (unsigned i = 0; i < WEIR_STATE_LAST && code == SQLITE_OK; i++)
    {
      code = sqlite3_prepare_v3 (self->database, tables[i].put, -1,
                                 SQLITE_PREPARE_PERSISTENT, &self->put[i], NULL);
      if (code == SQLITE_OK)
        code = sqlite3_prepare_v3 (self->database, tables[i].remove, -1,
                                   SQLITE_PREPARE_PERSISTENT, &self->remove[i], NULL);
    }
  return judge (code);
}

static void
disconnect (WeirStateFile *self)
{
  for (unsigned i = 0; i < WEIR_STATE_LAST; i++)
    {
      g_clear_pointer (&self->put[i], sqlite3_finalize);
      g_clear_pointer (&self->remove[i], sqlite3_finalize);
    }
  g_clear_pointer (&self->database, sqlite3_close);
}

/* BUSY, TROUBLE: @error is set. */
static Found
connect_once (WeirStateFile *self, GError **error)
{
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  int version = 0;
  int code = sqlite3_open_v2 (self->path, &self->database, flags, NULL);
  Found found = judge (code);

  if (found == FOUND_GOOD)
    {
      sqlite3_busy_timeout (self->database, BUSY_MS);
      found = identify (self, &version);
    }
  if (found == FOUND_GOOD)
    found = run (self, settings);
  if (found == FOUND_GOOD && version < VERSION)
    found = migrate (self);
  if (found == FOUND_GOOD)
    found = prepare (self);
  /* a head that forbids what the system allows */
  if (found == FOUND_TROUBLE && sqlite3_errcode (self->database) == SQLITE_READONLY
      && access (self->path, W_OK) == 0)
    found = FOUND_BROKEN;
  if (found == FOUND_TROUBLE || found == FOUND_BUSY)
    fail (self, "open", error);
  if (found != FOUND_GOOD)
    disconnect (self);
  return found;
}

/* Two programs that make the same file at the same time wait for each other. */
static Found
connect_file (WeirStateFile *self, GError **error)
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

/* (transfer full) (nullable): the new path. */
static char *
set_aside (const char *path, const char *why, GError **error)
{
  g_autoptr (GDateTime) now
      = g_date_time_new_from_unix_utc (weir_clock_real_us () / WEIR_USEC_PER_SEC);
  g_autofree char *date = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *index = g_strconcat (path, "-shm", NULL);

  for (unsigned i = 1; i < NAMES_MAX; i++)
    {
      g_autofree char *number = i > 1 ? g_strdup_printf ("-%u", i) : g_strdup ("");
      g_autofree char *aside = g_strdup_printf ("%s.%s-%s%s", path, why, date, number);
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

WeirStateFile *
weir_state_file_open (const char *path, char **out_notice, GError **error)
{
  g_autoptr (WeirStateFile) self = g_new0 (WeirStateFile, 1);
  g_autofree char *folder = ensure_folder (path, error);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *aside = NULL;
  Found found;

  if (folder == NULL)
    return NULL;
  self->path = g_build_filename (folder, name, NULL);
  if (!ensure_file (self->path, error))
    return NULL;
  found = connect_file (self, error);
  if (found == FOUND_GOOD)
    return g_steal_pointer (&self);
  if (found == FOUND_TROUBLE)
    return NULL;
  aside = set_aside (self->path, found == FOUND_NEWER ? "newer" : "broken", error);
  if (aside == NULL || !ensure_file (self->path, error))
    return NULL;
  if (out_notice != NULL)
    *out_notice = g_strdup_printf (
        "%s %s; it was set aside as %s, and what had rested and what client keys had used "
        "is forgotten",
        self->path,
        found == FOUND_NEWER ? "was written by a newer version of this program"
                             : "is broken",
        aside);
  found = connect_file (self, error);
  if (found == FOUND_GOOD)
    return g_steal_pointer (&self);
  if (found != FOUND_TROUBLE)
    weir_error_set (error, WEIR_ERROR_IO, "%s is broken again", self->path);
  return NULL;
}

void
weir_state_file_close (WeirStateFile *self)
{
  if (self == NULL)
    return;
  disconnect (self);
  g_free (self->path);
  g_free (self);
}

/* --- rows --- */

static gboolean
drop_old (WeirStateFile *self, const Table *table, int64_t real_us)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->database, table->drop, -1, &statement, NULL);

  if (code == SQLITE_OK)
    {
      sqlite3_bind_int64 (statement, 1, real_us - table->valid_us);
      code = sqlite3_step (statement);
    }
  sqlite3_finalize (statement);
  return code == SQLITE_DONE;
}

static gboolean
load_table (WeirStateFile *self, WeirStateTable table, GPtrArray *rows)
{
  sqlite3_stmt *statement = NULL;
  int code
      = sqlite3_prepare_v2 (self->database, tables[table].select, -1, &statement, NULL);

  if (code == SQLITE_OK)
    {
      sqlite3_bind_int (statement, 1, ROWS_MAX);
      while ((code = sqlite3_step (statement)) == SQLITE_ROW)
        {
          const char *subject = (const char *)sqlite3_column_text (statement, 0);
          const char *part = (const char *)sqlite3_column_text (statement, 1);
          const char *text = (const char *)sqlite3_column_text (statement, 3);

          if (subject != NULL && part != NULL && text != NULL)
            g_ptr_array_add (rows, weir_state_row_new (table, subject, part,
                                                       sqlite3_column_int64 (statement, 2),
                                                       text));
        }
    }
  sqlite3_finalize (statement);
  return code == SQLITE_DONE;
}

gboolean
weir_state_file_load (WeirStateFile *self, int64_t real_us, GPtrArray *rows, GError **error)
{
  /* a disk that takes nothing can be read all the same */
  for (unsigned i = 0; i < WEIR_STATE_LAST; i++)
    drop_old (self, &tables[i], real_us);
  for (unsigned i = 0; i < WEIR_STATE_LAST; i++)
    if (!load_table (self, (WeirStateTable)i, rows))
      return fail (self, "read", error);
  return TRUE;
}

static gboolean
write_row (WeirStateFile *self, const WeirStateRow *row)
{
  sqlite3_stmt *statement
      = row->text != NULL ? self->put[row->table] : self->remove[row->table];
  int code;

  sqlite3_bind_text (statement, 1, row->subject, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, row->part, -1, SQLITE_STATIC);
  if (row->text != NULL)
    {
      sqlite3_bind_int64 (statement, 3, row->real_us);
      sqlite3_bind_text (statement, 4, row->text, -1, SQLITE_STATIC);
    }
  code = sqlite3_step (statement);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE;
}

gboolean
weir_state_file_write (WeirStateFile *self, GPtrArray *rows, GError **error)
{
  gboolean ok = run (self, "BEGIN IMMEDIATE") == FOUND_GOOD;

  for (unsigned i = 0; ok && i < rows->len; i++)
    ok = write_row (self, g_ptr_array_index (rows, i));
  if (ok && run (self, "COMMIT") == FOUND_GOOD)
    return TRUE;
  self->is_broken = judge (sqlite3_errcode (self->database)) == FOUND_BROKEN;
  fail (self, "write", error);
  if (!sqlite3_get_autocommit (self->database))
    run (self, "ROLLBACK");
  return FALSE;
}

gboolean
weir_state_file_is_broken (const WeirStateFile *self)
{
  return self->is_broken;
}
