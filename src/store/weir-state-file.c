/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables, and their rows. */

#include "config.h"

#include "store/weir-state-file.h"

#include "store/weir-database.h"

#include "base/weir-clock.h"

#define ROWS_MAX 10000 /* of one table that are read */

/* clang-format off */
enum
{
  SELECT, PUT, REMOVE, DROP, /* DROP: rows out of date */
  N_OF_TABLE,
};

#define AT(table, what) ((table) * N_OF_TABLE + (what))

static const char *const statements[] = {
  [AT (WEIR_STATE_REST, SELECT)] = "SELECT seat, model, until_us, reason FROM rest LIMIT ?1",
  [AT (WEIR_STATE_REST, PUT)]
      = "INSERT OR REPLACE INTO rest (seat, model, until_us, reason) VALUES (?1, ?2, ?3, ?4)",
  [AT (WEIR_STATE_REST, REMOVE)] = "DELETE FROM rest WHERE seat = ?1 AND model = ?2",
  [AT (WEIR_STATE_REST, DROP)] = "DELETE FROM rest WHERE until_us <= ?1",
  [AT (WEIR_STATE_LIMIT_WINDOW, SELECT)]
      = "SELECT key, name, newest_us, counts FROM limit_window LIMIT ?1",
  [AT (WEIR_STATE_LIMIT_WINDOW, PUT)]
      = "INSERT OR REPLACE INTO limit_window (key, name, newest_us, counts) VALUES (?1, ?2, ?3, ?4)",
  [AT (WEIR_STATE_LIMIT_WINDOW, REMOVE)] = "DELETE FROM limit_window WHERE key = ?1 AND name = ?2",
  [AT (WEIR_STATE_LIMIT_WINDOW, DROP)] = "DELETE FROM limit_window WHERE newest_us <= ?1",
};
G_STATIC_ASSERT (G_N_ELEMENTS (statements) == WEIR_STATE_LAST * N_OF_TABLE);

/* How long a row is valid, behind its time. */
static const int64_t valid_us[WEIR_STATE_LAST] = {
  [WEIR_STATE_LIMIT_WINDOW] = 2 * 86400 * WEIR_USEC_PER_SEC,
};

static const char *const migrations[] = {
  "CREATE TABLE rest (seat TEXT NOT NULL, model TEXT NOT NULL, until_us INTEGER NOT NULL,"
  " reason TEXT NOT NULL, PRIMARY KEY (seat, model)) WITHOUT ROWID;"
  "CREATE TABLE limit_window (key TEXT NOT NULL, name TEXT NOT NULL,"
  " newest_us INTEGER NOT NULL, counts TEXT NOT NULL, PRIMARY KEY (key, name)) WITHOUT ROWID;",
};
/* clang-format on */

static const WeirDatabaseFormat format = {
  .migrations = migrations,
  .n_migrations = G_N_ELEMENTS (migrations),
  .statements = statements,
  .n_statements = G_N_ELEMENTS (statements),
  .settings = WEIR_DATABASE_CACHE_SETTINGS,
  .lost = "what had rested and what client keys had used is forgotten",
};

struct _WeirStateFile
{
  WeirDatabase *database; /* (owned) */
  gboolean is_broken;     /* the last write has found out */
};

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

WeirStateFile *
weir_state_file_open (const char *path, char **out_notice, GError **error)
{
  WeirDatabase *database = weir_database_open (path, &format, out_notice, error);
  WeirStateFile *self = NULL;

  if (database == NULL)
    return NULL;
  self = g_new0 (WeirStateFile, 1);
  self->database = database;
  return self;
}

void
weir_state_file_close (WeirStateFile *self)
{
  if (self == NULL)
    return;
  weir_database_close (self->database);
  g_free (self);
}

/* --- rows --- */

static void
drop_old (WeirStateFile *self, WeirStateTable table, int64_t real_us)
{
  const unsigned number = AT (table, DROP);

  sqlite3_bind_int64 (self->database->statements[number], 1, real_us - valid_us[table]);
  weir_database_step (self->database, number);
}

static gboolean
load_table (WeirStateFile *self, WeirStateTable table, GPtrArray *rows)
{
  sqlite3_stmt *statement = self->database->statements[AT (table, SELECT)];
  int code;

  sqlite3_bind_int (statement, 1, ROWS_MAX);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      const char *subject = (const char *)sqlite3_column_text (statement, 0);
      const char *part = (const char *)sqlite3_column_text (statement, 1);
      const char *text = (const char *)sqlite3_column_text (statement, 3);

      if (subject != NULL && part != NULL && text != NULL)
        g_ptr_array_add (rows,
                         weir_state_row_new (table, subject, part,
                                             sqlite3_column_int64 (statement, 2), text));
    }
  sqlite3_reset (statement);
  return code == SQLITE_DONE;
}

gboolean
weir_state_file_load (WeirStateFile *self, int64_t real_us, GPtrArray *rows, GError **error)
{
  /* a disk that takes nothing can be read all the same */
  for (unsigned i = 0; i < WEIR_STATE_LAST; i++)
    drop_old (self, (WeirStateTable)i, real_us);
  for (unsigned i = 0; i < WEIR_STATE_LAST; i++)
    if (!load_table (self, (WeirStateTable)i, rows))
      return weir_database_fail (self->database, "read", error);
  return TRUE;
}

static gboolean
write_row (WeirStateFile *self, const WeirStateRow *row)
{
  const unsigned number = AT (row->table, row->text != NULL ? PUT : REMOVE);
  sqlite3_stmt *statement = self->database->statements[number];

  sqlite3_bind_text (statement, 1, row->subject, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, row->part, -1, SQLITE_STATIC);
  if (row->text != NULL)
    {
      sqlite3_bind_int64 (statement, 3, row->real_us);
      sqlite3_bind_text (statement, 4, row->text, -1, SQLITE_STATIC);
    }
  return weir_database_step (self->database, number);
}

gboolean
weir_state_file_write (WeirStateFile *self, GPtrArray *rows, GError **error)
{
  gboolean ok = weir_database_run (self->database, "BEGIN IMMEDIATE");

  for (unsigned i = 0; ok && i < rows->len; i++)
    ok = write_row (self, g_ptr_array_index (rows, i));
  if (ok && weir_database_run (self->database, "COMMIT"))
    return TRUE;
  self->is_broken = weir_database_is_broken (self->database);
  weir_database_fail (self->database, "write", error);
  if (!sqlite3_get_autocommit (self->database->connection))
    weir_database_run (self->database, "ROLLBACK");
  return FALSE;
}

gboolean
weir_state_file_is_broken (const WeirStateFile *self)
{
  return self->is_broken;
}
