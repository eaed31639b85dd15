/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A SQLite file of ours: found to be one, or made, and brought to this program's tables.
 * For the one thread that has it: every call may block. */

#include "base/weir-error.h"

#include <sqlite3.h>

/* Pragmas of every file of ours, and of one that may be lost: NORMAL with a write-ahead
 * log, a crash of the machine may cost the last second, never the file. */
#define WEIR_DATABASE_SETTINGS                                                             \
  "PRAGMA trusted_schema = OFF;"                                                           \
  "PRAGMA cell_size_check = ON;"                                                           \
  "PRAGMA journal_mode = WAL;"                                                             \
  "PRAGMA journal_size_limit = 1048576;"
#define WEIR_DATABASE_CACHE_SETTINGS                                                       \
  WEIR_DATABASE_SETTINGS                                                                   \
  "PRAGMA synchronous = NORMAL;"                                                           \
  "PRAGMA wal_autocheckpoint = 100;"

typedef struct
{
  /* The first one makes the tables; each of the others leads from the version that is its
   * number to the next. */
  const char *const *migrations;
  unsigned n_migrations;
  const char *const *statements; /* prepared once; NULL: none of that number */
  unsigned n_statements;
  const char *settings; /* pragmas of a connection */
  /* What is in it cannot be had again: a newer program's file is refused, not set aside,
   * and a copy is made before a migration. */
  gboolean is_precious;
  const char *lost; /* of a file that is set aside: "what had rested is forgotten" */
} WeirDatabaseFormat;

typedef struct
{
  char *path; /* (owned) no link in it */
  const WeirDatabaseFormat *format;
  sqlite3 *connection;
  sqlite3_stmt **statements; /* (owned) the format's */
} WeirDatabase;

/* Opens or makes the file at @path: folder 0700, file 0600, no link followed.  A file that
 * is broken, somebody else's database or a newer program's is set aside, and a new one is
 * made: @out_notice (nullable) (transfer full) says so, without a full stop.
 * WEIR_ERROR_IO: it cannot be used, and was not touched. */
WeirDatabase *weir_database_open (const char *path,
                                  const WeirDatabaseFormat *format,
                                  char **out_notice,
                                  GError **error);
void weir_database_close (WeirDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirDatabase, weir_database_close)

/* TRUE where the last call has failed because the file is broken: to open it anew sets it
 * aside. */
gboolean weir_database_is_broken (const WeirDatabase *self);

/* FALSE with WEIR_ERROR_IO: "cannot @what PATH: …", of the last call. */
gboolean weir_database_fail (const WeirDatabase *self, const char *what, GError **error);

/* Runs @script, which asks nothing. */
gboolean weir_database_run (WeirDatabase *self, const char *script);

/* Runs a prepared statement that gives no row, and forgets what was bound. */
gboolean weir_database_step (WeirDatabase *self, unsigned statement);
