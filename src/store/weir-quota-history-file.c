/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three tables: the last reading's windows, what else it said, and samples, of which there
 * is one for each five minutes because that is their key. */

#include "config.h"

#include "store/weir-quota-history-file.h"

#include "store/weir-database.h"

#include <math.h>

#define BUCKET_US (5 * G_TIME_SPAN_MINUTE)
#define FINE_US (2 * G_TIME_SPAN_DAY)
#define KEPT_US (60 * G_TIME_SPAN_DAY)
#define TIME_MAX_US (400 * G_TIME_SPAN_DAY)
#define SUBJECTS_MAX 4096
#define ROWS_MAX (SUBJECTS_MAX * WEIR_QUOTA_ALLOWANCES_MAX)

/* clang-format off */
enum
{
  PUT_SUBJECT, PUT_ALLOWANCE, PUT_SAMPLE,
  FORGET_SUBJECT, FORGET_ALLOWANCES, FORGET_SAMPLES,
  LIST_SUBJECTS, LIST_ALLOWANCES, LIST_SAMPLES,
  DROP_SUBJECTS, DROP_ALLOWANCES, DROP_SAMPLES, DROP_FINE_SAMPLES,
  N_STATEMENTS,
};

static const char *const statements[] = {
  [PUT_SUBJECT] = "INSERT OR REPLACE INTO subject (id, credits, unlimited, credits_left, unit, credits_read_us,"
                  " plan, plan_read_us, put_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
  [PUT_ALLOWANCE] = "INSERT OR REPLACE INTO allowance (subject, name, model, used, resets_us, length_us, rejected,"
                    " source, read_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
  [PUT_SAMPLE] = "INSERT OR REPLACE INTO sample (subject, allowance, bucket, at_us, used)"
                 " VALUES (?1, ?2, ?3, ?4, ?5)",
  [FORGET_SUBJECT] = "DELETE FROM subject WHERE id = ?1",
  [FORGET_ALLOWANCES] = "DELETE FROM allowance WHERE subject = ?1",
  [FORGET_SAMPLES] = "DELETE FROM sample WHERE subject = ?1",
  [LIST_SUBJECTS] = "SELECT id, credits, unlimited, credits_left, unit, credits_read_us, plan, plan_read_us"
                    " FROM subject LIMIT ?1",
  [LIST_ALLOWANCES] = "SELECT subject, name, model, used, resets_us, length_us, rejected, source, read_us"
                      " FROM allowance ORDER BY subject, rowid LIMIT ?1",
  [LIST_SAMPLES] = "SELECT at_us, used FROM sample WHERE subject = ?1 AND allowance = ?2 AND bucket >= ?3"
                   " AND at_us >= ?4 ORDER BY bucket DESC LIMIT ?5",
  [DROP_SUBJECTS] = "DELETE FROM subject WHERE put_us < ?1",
  [DROP_ALLOWANCES] = "DELETE FROM allowance WHERE subject NOT IN (SELECT id FROM subject)",
  [DROP_SAMPLES] = "DELETE FROM sample WHERE at_us < ?1",
  [DROP_FINE_SAMPLES] = "DELETE FROM sample WHERE at_us < ?1 AND EXISTS (SELECT 1 FROM sample AS later"
                        " WHERE later.subject = sample.subject AND later.allowance = sample.allowance"
                        " AND later.bucket > sample.bucket AND later.bucket < (sample.bucket / 12 + 1) * 12)",
};
G_STATIC_ASSERT (G_N_ELEMENTS (statements) == N_STATEMENTS);

static const char *const migrations[] = {
  "CREATE TABLE subject (id TEXT NOT NULL PRIMARY KEY, credits INTEGER NOT NULL, unlimited INTEGER NOT NULL,"
  " credits_left REAL NOT NULL, unit TEXT NOT NULL, credits_read_us INTEGER NOT NULL, plan TEXT NOT NULL,"
  " plan_read_us INTEGER NOT NULL, put_us INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE allowance (subject TEXT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, used REAL NOT NULL,"
  " resets_us INTEGER NOT NULL, length_us INTEGER NOT NULL, rejected INTEGER NOT NULL, source INTEGER NOT NULL,"
  " read_us INTEGER NOT NULL, PRIMARY KEY (subject, name, model));"
  "CREATE TABLE sample (subject TEXT NOT NULL, allowance TEXT NOT NULL, bucket INTEGER NOT NULL,"
  " at_us INTEGER NOT NULL, used REAL NOT NULL, PRIMARY KEY (subject, allowance, bucket)) WITHOUT ROWID;",
};
/* clang-format on */

static const WeirDatabaseFormat format = {
  .migrations = migrations,
  .n_migrations = G_N_ELEMENTS (migrations),
  .statements = statements,
  .n_statements = G_N_ELEMENTS (statements),
  .settings = WEIR_DATABASE_CACHE_SETTINGS,
  .lost = "what had been read of quotas is forgotten",
};

struct _WeirQuotaHistoryFile
{
  WeirDatabase *database; /* (owned) */
  gboolean is_broken;     /* the last call that failed has found out */
};

WeirQuotaHistoryFile *
weir_quota_history_file_open (const char *path, char **out_notice, GError **error)
{
  WeirDatabase *database = weir_database_open (path, &format, out_notice, error);
  WeirQuotaHistoryFile *self;

  if (database == NULL)
    return NULL;
  self = g_new0 (WeirQuotaHistoryFile, 1);
  self->database = database;
  return self;
}

void
weir_quota_history_file_close (WeirQuotaHistoryFile *self)
{
  if (self == NULL)
    return;
  weir_database_close (self->database);
  g_free (self);
}

gboolean
weir_quota_history_file_is_broken (const WeirQuotaHistoryFile *self)
{
  return self->is_broken;
}

static gboolean
fail (WeirQuotaHistoryFile *self, const char *what, GError **error)
{
  self->is_broken = weir_database_is_broken (self->database);
  return weir_database_fail (self->database, what, error);
}

gboolean
weir_quota_history_file_begin (WeirQuotaHistoryFile *self, GError **error)
{
  return weir_database_run (self->database, "BEGIN IMMEDIATE")
         || fail (self, "write", error);
}

gboolean
weir_quota_history_file_commit (WeirQuotaHistoryFile *self, GError **error)
{
  return weir_database_run (self->database, "COMMIT") || fail (self, "write", error);
}

void
weir_quota_history_file_roll_back (WeirQuotaHistoryFile *self)
{
  if (!sqlite3_get_autocommit (self->database->connection))
    weir_database_run (self->database, "ROLLBACK");
}

/* --- writing --- */

static sqlite3_stmt *
prepare (WeirQuotaHistoryFile *self, unsigned statement, const char *subject)
{
  sqlite3_stmt *prepared = self->database->statements[statement];

  sqlite3_bind_text (prepared, 1, subject, -1, SQLITE_STATIC);
  return prepared;
}

static gboolean
put_allowance (WeirQuotaHistoryFile *self,
               const char *subject,
               const WeirQuotaAllowance *allowance)
{
  sqlite3_stmt *statement = prepare (self, PUT_ALLOWANCE, subject);

  sqlite3_bind_text (statement, 2, allowance->name, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 3, allowance->model, -1, SQLITE_STATIC);
  sqlite3_bind_double (statement, 4, allowance->used_percent);
  sqlite3_bind_int64 (statement, 5, allowance->resets_at_us);
  sqlite3_bind_int64 (statement, 6, allowance->length_us);
  sqlite3_bind_int (statement, 7, allowance->rejected);
  sqlite3_bind_int (statement, 8, (int)allowance->source);
  sqlite3_bind_int64 (statement, 9, allowance->read_at_us);
  return weir_database_step (self->database, PUT_ALLOWANCE);
}

static gboolean
put_sample (WeirQuotaHistoryFile *self,
            const char *subject,
            const WeirQuotaAllowance *allowance)
{
  sqlite3_stmt *statement;
  char window[sizeof allowance->name + sizeof allowance->model];

  if (allowance->used_percent < 0 || weir_quota_allowance_is_brief (allowance))
    return TRUE;
  g_snprintf (window, sizeof window, "%s%s%s", allowance->name,
              *allowance->model != '\0' ? "/" : "", allowance->model);
  statement = prepare (self, PUT_SAMPLE, subject);
  sqlite3_bind_text (statement, 2, window, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (statement, 3, allowance->read_at_us / BUCKET_US);
  sqlite3_bind_int64 (statement, 4, allowance->read_at_us);
  sqlite3_bind_double (statement, 5, allowance->used_percent);
  return weir_database_step (self->database, PUT_SAMPLE);
}

static gboolean
put_subject (WeirQuotaHistoryFile *self,
             const char *subject,
             const WeirQuotaReading *reading)
{
  const WeirQuotaCredits *credits = &reading->credits;
  sqlite3_stmt *statement = prepare (self, PUT_SUBJECT, subject);
  int64_t put_us = MAX (credits->read_at_us, reading->plan_read_at_us);

  for (unsigned i = 0; i < reading->n_allowances; i++)
    put_us = MAX (put_us, reading->allowances[i].read_at_us);
  sqlite3_bind_int (statement, 2, credits->known);
  sqlite3_bind_int (statement, 3, credits->unlimited);
  sqlite3_bind_double (statement, 4, credits->left);
  sqlite3_bind_text (statement, 5, credits->unit, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 6, credits->read_at_us);
  sqlite3_bind_text (statement, 7, reading->plan, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 8, reading->plan_read_at_us);
  sqlite3_bind_int64 (statement, 9, put_us);
  return weir_database_step (self->database, PUT_SUBJECT);
}

static gboolean
forget (WeirQuotaHistoryFile *self, unsigned statement, const char *subject)
{
  prepare (self, statement, subject);
  return weir_database_step (self->database, statement);
}

gboolean
weir_quota_history_file_put (WeirQuotaHistoryFile *self,
                             const char *subject,
                             const WeirQuotaReading *reading,
                             GError **error)
{
  gboolean ok
      = put_subject (self, subject, reading) && forget (self, FORGET_ALLOWANCES, subject);

  for (unsigned i = 0; ok && i < reading->n_allowances; i++)
    ok = put_allowance (self, subject, &reading->allowances[i])
         && put_sample (self, subject, &reading->allowances[i]);
  return ok || fail (self, "write", error);
}

gboolean
weir_quota_history_file_forget (WeirQuotaHistoryFile *self,
                                const char *subject,
                                GError **error)
{
  return (forget (self, FORGET_SUBJECT, subject)
          && forget (self, FORGET_ALLOWANCES, subject)
          && forget (self, FORGET_SAMPLES, subject))
         || fail (self, "write", error);
}

static gboolean
drop_before (WeirQuotaHistoryFile *self, unsigned statement, int64_t us)
{
  sqlite3_bind_int64 (self->database->statements[statement], 1, us);
  return weir_database_step (self->database, statement);
}

gboolean
weir_quota_history_file_thin (WeirQuotaHistoryFile *self, int64_t real_us, GError **error)
{
  return (drop_before (self, DROP_SUBJECTS, real_us - KEPT_US)
          && weir_database_step (self->database, DROP_ALLOWANCES)
          && drop_before (self, DROP_SAMPLES, real_us - KEPT_US)
          && drop_before (self, DROP_FINE_SAMPLES, real_us - FINE_US))
         || fail (self, "write", error);
}

/* --- reading --- */

/* FALSE: it is no text. */
static gboolean
read_text (sqlite3_stmt *statement, int column, char *out, size_t size)
{
  const char *text = (const char *)sqlite3_column_text (statement, column);

  return text != NULL && g_utf8_validate (text, -1, NULL)
         && g_strlcpy (out, text, size) < size;
}

static void
read_subject (sqlite3_stmt *statement, GHashTable *out)
{
  const char *id = (const char *)sqlite3_column_text (statement, 0);
  g_autofree WeirQuotaReading *reading = g_new0 (WeirQuotaReading, 1);
  WeirQuotaCredits *credits = &reading->credits;

  credits->known = sqlite3_column_int (statement, 1) != 0;
  credits->unlimited = sqlite3_column_int (statement, 2) != 0;
  credits->left = sqlite3_column_double (statement, 3);
  credits->read_at_us = sqlite3_column_int64 (statement, 5);
  reading->plan_read_at_us = sqlite3_column_int64 (statement, 7);
  if (id != NULL && read_text (statement, 4, credits->unit, sizeof credits->unit)
      && read_text (statement, 6, reading->plan, sizeof reading->plan))
    g_hash_table_insert (out, g_strdup (id), g_steal_pointer (&reading));
}

static void
read_allowance (sqlite3_stmt *statement, GHashTable *out)
{
  const char *subject = (const char *)sqlite3_column_text (statement, 0);
  WeirQuotaReading *reading = subject != NULL ? g_hash_table_lookup (out, subject) : NULL;
  WeirQuotaAllowance *allowance;
  const int source = sqlite3_column_int (statement, 7);
  double used = sqlite3_column_double (statement, 3);

  if (reading == NULL || reading->n_allowances == WEIR_QUOTA_ALLOWANCES_MAX || source < 0
      || source >= WEIR_QUOTA_SOURCE_LAST)
    return;
  if (!(used >= 0 && used <= 100))
    used = WEIR_QUOTA_UNKNOWN;
  allowance = &reading->allowances[reading->n_allowances];
  *allowance = (WeirQuotaAllowance){
    .used_percent = used,
    .resets_at_us = MAX (sqlite3_column_int64 (statement, 4), 0),
    .length_us = MAX (sqlite3_column_int64 (statement, 5), 0),
    .rejected = sqlite3_column_int (statement, 6) != 0,
    .source = (WeirQuotaSource)source,
    .read_at_us = sqlite3_column_int64 (statement, 8),
  };
  if (read_text (statement, 1, allowance->name, sizeof allowance->name)
      && read_text (statement, 2, allowance->model, sizeof allowance->model))
    reading->n_allowances++;
}

static gboolean
list (WeirQuotaHistoryFile *self,
      unsigned number,
      int max,
      void (*read) (sqlite3_stmt *statement, GHashTable *out),
      GHashTable *out)
{
  sqlite3_stmt *statement = self->database->statements[number];
  int code;

  sqlite3_bind_int (statement, 1, max);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    read (statement, out);
  sqlite3_reset (statement);
  return code == SQLITE_DONE;
}

/* Times that cannot be would hide every true reading that comes. */
static void
drop_impossible (WeirQuotaReading *reading, int64_t real_us)
{
  unsigned n = 0;

  for (unsigned i = 0; i < reading->n_allowances; i++)
    {
      const WeirQuotaAllowance *allowance = &reading->allowances[i];

      if (allowance->read_at_us <= real_us
          && allowance->resets_at_us <= real_us + TIME_MAX_US
          && allowance->length_us <= TIME_MAX_US)
        reading->allowances[n++] = *allowance;
    }
  reading->n_allowances = n;
  if (reading->credits.read_at_us > real_us || !isfinite (reading->credits.left))
    reading->credits = (WeirQuotaCredits){ 0 };
  if (reading->plan_read_at_us > real_us)
    {
      reading->plan[0] = '\0';
      reading->plan_read_at_us = 0;
    }
}

gboolean
weir_quota_history_file_load (WeirQuotaHistoryFile *self,
                              int64_t real_us,
                              GHashTable *out,
                              GError **error)
{
  GHashTableIter iter;
  gpointer reading;

  if (!list (self, LIST_SUBJECTS, SUBJECTS_MAX, read_subject, out)
      || !list (self, LIST_ALLOWANCES, ROWS_MAX, read_allowance, out))
    return fail (self, "read", error);
  g_hash_table_iter_init (&iter, out);
  while (g_hash_table_iter_next (&iter, NULL, &reading))
    drop_impossible (reading, real_us);
  return TRUE;
}

GArray *
weir_quota_history_file_query (WeirQuotaHistoryFile *self,
                               const char *subject,
                               const char *window,
                               int64_t since_us,
                               GError **error)
{
  sqlite3_stmt *statement = prepare (self, LIST_SAMPLES, subject);
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (WeirQuotaHistorySample));
  int code;

  sqlite3_bind_text (statement, 2, window, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, since_us / BUCKET_US);
  sqlite3_bind_int64 (statement, 4, since_us);
  sqlite3_bind_int (statement, 5, WEIR_QUOTA_HISTORY_SAMPLES_MAX);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      const WeirQuotaHistorySample sample
          = { .at_us = sqlite3_column_int64 (statement, 0),
              .used_percent = CLAMP (sqlite3_column_double (statement, 1), 0, 100) };

      g_array_append_val (samples, sample);
    }
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  if (code != SQLITE_DONE)
    {
      fail (self, "read", error);
      return NULL;
    }
  for (unsigned i = 0; i < samples->len / 2; i++)
    {
      WeirQuotaHistorySample *all = (WeirQuotaHistorySample *)(void *)samples->data;
      const WeirQuotaHistorySample sample = all[i];

      all[i] = all[samples->len - 1 - i];
      all[samples->len - 1 - i] = sample;
    }
  return g_steal_pointer (&samples);
}
