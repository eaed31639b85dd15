/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tables: accounts, refreshes under way, and accounts that were removed and whose
 * secrets are not erased yet. */

#include "config.h"

#include "accounts/weir-accounts-file.h"

#include "accounts/weir-account-private.h"
#include "store/weir-database.h"

#include <string.h>

/* clang-format off */
enum
{
  SELECT_ACCOUNTS, SELECT_STARTS, SELECT_REMOVED,
  PUT_ACCOUNT, PUT_START, PUT_REMOVED,
  DROP_ACCOUNT, DROP_START, DROP_REMOVED,
  N_STATEMENTS,
};

#define COLUMNS                                                                            \
  "id, provider, vendor_id, email, plan, project, base_url, label, enabled, priority,"     \
  " weight, prefix, proxy_url, headers, excluded_models, stop_at, any_client, is_live,"    \
  " created_us, expires_us, generation, sign_in, sentence"

static const char *const statements[N_STATEMENTS] = {
  [SELECT_ACCOUNTS] = "SELECT " COLUMNS " FROM account ORDER BY created_us, id",
  [SELECT_STARTS] = "SELECT account, generation, hash FROM refresh_started",
  [SELECT_REMOVED] = "SELECT account FROM removed",
  [PUT_ACCOUNT]
      = "INSERT INTO account (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
        " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)"
        " ON CONFLICT (id) DO UPDATE SET email = excluded.email, plan = excluded.plan,"
        " project = excluded.project, base_url = excluded.base_url, label = excluded.label,"
        " enabled = excluded.enabled, priority = excluded.priority, weight = excluded.weight,"
        " prefix = excluded.prefix, proxy_url = excluded.proxy_url, headers = excluded.headers,"
        " excluded_models = excluded.excluded_models, stop_at = excluded.stop_at,"
        " any_client = excluded.any_client, is_live = excluded.is_live,"
        " expires_us = excluded.expires_us,"
        " generation = max (generation, excluded.generation),"
        " sign_in = excluded.sign_in, sentence = excluded.sentence",
  [PUT_START]
      = "INSERT OR REPLACE INTO refresh_started (account, generation, hash) VALUES (?1, ?2, ?3)",
  [PUT_REMOVED] = "INSERT OR REPLACE INTO removed (account) VALUES (?1)",
  [DROP_ACCOUNT] = "DELETE FROM account WHERE id = ?1",
  [DROP_START] = "DELETE FROM refresh_started WHERE account = ?1",
  [DROP_REMOVED] = "DELETE FROM removed WHERE account = ?1",
};

static const char *const migrations[] = {
  "CREATE TABLE account (id TEXT NOT NULL PRIMARY KEY, provider TEXT NOT NULL,"
  " vendor_id TEXT NOT NULL, email TEXT, plan TEXT, project TEXT, base_url TEXT,"
  " label TEXT NOT NULL, enabled INTEGER NOT NULL, priority INTEGER NOT NULL,"
  " weight INTEGER NOT NULL, prefix TEXT, proxy_url TEXT, headers TEXT,"
  " excluded_models TEXT, stop_at REAL NOT NULL, any_client INTEGER NOT NULL,"
  " is_live INTEGER NOT NULL, created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL,"
  " generation INTEGER NOT NULL, sign_in INTEGER NOT NULL, sentence TEXT,"
  " UNIQUE (provider, vendor_id)) WITHOUT ROWID;"
  "CREATE TABLE refresh_started (account TEXT NOT NULL PRIMARY KEY,"
  " generation INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE removed (account TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;",
};
/* clang-format on */

/* What was said to be written survives the loss of power. */
static const char settings[] = WEIR_DATABASE_SETTINGS "PRAGMA synchronous = FULL;";

static const WeirDatabaseFormat format = {
  .migrations = migrations,
  .n_migrations = G_N_ELEMENTS (migrations),
  .statements = statements,
  .n_statements = G_N_ELEMENTS (statements),
  .settings = settings,
  .is_precious = TRUE,
  .lost = "the accounts were looked for in the vault, where their sign-ins are",
};

struct _WeirAccountsFile
{
  WeirDatabase *database; /* (owned) */
};

void
weir_accounts_start_free (gpointer data)
{
  WeirAccountsStart *self = data;

  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->hash);
  g_free (self);
}

void
weir_accounts_loaded_clear (WeirAccountsLoaded *self)
{
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_pointer (&self->starts, g_ptr_array_unref);
  g_clear_pointer (&self->removed, g_ptr_array_unref);
  self->n_unknown = 0;
}

WeirAccountsFile *
weir_accounts_file_open (const char *path, char **out_notice, GError **error)
{
  WeirDatabase *database = weir_database_open (path, &format, out_notice, error);
  WeirAccountsFile *self = NULL;

  if (database == NULL)
    return NULL;
  self = g_new0 (WeirAccountsFile, 1);
  self->database = database;
  return self;
}

void
weir_accounts_file_close (WeirAccountsFile *self)
{
  if (self == NULL)
    return;
  weir_database_close (self->database);
  g_free (self);
}

/* --- reading --- */

static char *
column_text (sqlite3_stmt *row, int column)
{
  return g_strdup ((const char *)sqlite3_column_text (row, column));
}

/* Lines, one below the other. */
static char **
column_lines (sqlite3_stmt *row, int column)
{
  const char *text = (const char *)sqlite3_column_text (row, column);

  return text != NULL && *text != '\0' ? g_strsplit (text, "\n", -1) : NULL;
}

static WeirAccount *
read_account (sqlite3_stmt *row)
{
  const char *id = (const char *)sqlite3_column_text (row, 0);
  const char *provider = (const char *)sqlite3_column_text (row, 1);
  const WeirProviderOauth *oauth
      = provider != NULL ? weir_provider_oauth_lookup (provider) : NULL;
  WeirAccount *self;

  if (oauth == NULL)
    return NULL;
  self = weir_account_new (id, oauth);
  self->identity.vendor_id = column_text (row, 2);
  self->identity.email = column_text (row, 3);
  self->identity.plan = column_text (row, 4);
  self->identity.project = column_text (row, 5);
  self->identity.base_url = column_text (row, 6);
  self->settings.label = column_text (row, 7);
  self->settings.enabled = sqlite3_column_int (row, 8) != 0;
  self->settings.priority = sqlite3_column_int (row, 9);
  self->settings.weight = (unsigned)sqlite3_column_int (row, 10);
  self->settings.prefix = column_text (row, 11);
  self->settings.proxy_url = column_text (row, 12);
  self->settings.headers = column_lines (row, 13);
  self->settings.excluded_models = column_lines (row, 14);
  self->settings.stop_at = sqlite3_column_double (row, 15);
  self->settings.any_client = sqlite3_column_int (row, 16) != 0;
  self->is_live = sqlite3_column_int (row, 17) != 0;
  self->created_us = sqlite3_column_int64 (row, 18);
  self->expires_us = sqlite3_column_int64 (row, 19);
  self->generation = (uint64_t)sqlite3_column_int64 (row, 20);
  self->state
      = sqlite3_column_int (row, 21) != 0 ? WEIR_ACCOUNT_SIGN_IN : WEIR_ACCOUNT_READY;
  self->sentence = column_text (row, 22);
  return self;
}

static gboolean
load_accounts (WeirAccountsFile *self, WeirAccountsLoaded *out)
{
  sqlite3_stmt *row = self->database->statements[SELECT_ACCOUNTS];
  int code;

  while ((code = sqlite3_step (row)) == SQLITE_ROW)
    {
      WeirAccount *account = read_account (row);

      if (account != NULL)
        g_ptr_array_add (out->accounts, account);
      else
        out->n_unknown++;
    }
  sqlite3_reset (row);
  return code == SQLITE_DONE;
}

static gboolean
load_starts (WeirAccountsFile *self, WeirAccountsLoaded *out)
{
  sqlite3_stmt *row = self->database->statements[SELECT_STARTS];
  int code;

  while ((code = sqlite3_step (row)) == SQLITE_ROW)
    {
      WeirAccountsStart *start = g_new0 (WeirAccountsStart, 1);

      start->id = column_text (row, 0);
      start->generation = (uint64_t)sqlite3_column_int64 (row, 1);
      start->hash = column_text (row, 2);
      g_ptr_array_add (out->starts, start);
    }
  sqlite3_reset (row);
  return code == SQLITE_DONE;
}

static gboolean
load_removed (WeirAccountsFile *self, WeirAccountsLoaded *out)
{
  sqlite3_stmt *row = self->database->statements[SELECT_REMOVED];
  int code;

  while ((code = sqlite3_step (row)) == SQLITE_ROW)
    g_ptr_array_add (out->removed, column_text (row, 0));
  sqlite3_reset (row);
  return code == SQLITE_DONE;
}

gboolean
weir_accounts_file_load (WeirAccountsFile *self, WeirAccountsLoaded *out, GError **error)
{
  out->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);
  out->starts = g_ptr_array_new_with_free_func (weir_accounts_start_free);
  out->removed = g_ptr_array_new_with_free_func (g_free);
  return (load_accounts (self, out) && load_starts (self, out) && load_removed (self, out))
         || weir_database_fail (self->database, "read", error);
}

/* --- writing --- */

static void
bind_text (sqlite3_stmt *statement, int number, const char *text)
{
  sqlite3_bind_text (statement, number, text, -1, SQLITE_TRANSIENT);
}

static void
bind_lines (sqlite3_stmt *statement, int number, char **lines)
{
  g_autofree char *text = lines != NULL ? g_strjoinv ("\n", lines) : NULL;

  bind_text (statement, number, text);
}

static gboolean
put_account (WeirAccountsFile *self, const WeirAccount *account)
{
  const WeirAccountSettings *wanted = &account->settings;
  sqlite3_stmt *row = self->database->statements[PUT_ACCOUNT];

  bind_text (row, 1, account->id);
  bind_text (row, 2, account->row->id);
  bind_text (row, 3, account->identity.vendor_id);
  bind_text (row, 4, account->identity.email);
  bind_text (row, 5, account->identity.plan);
  bind_text (row, 6, account->identity.project);
  bind_text (row, 7, account->identity.base_url);
  bind_text (row, 8, wanted->label);
  sqlite3_bind_int (row, 9, wanted->enabled);
  sqlite3_bind_int (row, 10, wanted->priority);
  sqlite3_bind_int (row, 11, (int)wanted->weight);
  bind_text (row, 12, wanted->prefix);
  bind_text (row, 13, wanted->proxy_url);
  bind_lines (row, 14, wanted->headers);
  bind_lines (row, 15, wanted->excluded_models);
  sqlite3_bind_double (row, 16, wanted->stop_at);
  sqlite3_bind_int (row, 17, wanted->any_client);
  sqlite3_bind_int (row, 18, account->is_live);
  sqlite3_bind_int64 (row, 19, account->created_us);
  sqlite3_bind_int64 (row, 20, account->expires_us);
  sqlite3_bind_int64 (row, 21, (sqlite3_int64)account->generation);
  sqlite3_bind_int (row, 22, account->state == WEIR_ACCOUNT_SIGN_IN);
  bind_text (row, 23, account->state == WEIR_ACCOUNT_SIGN_IN ? account->sentence : NULL);
  return weir_database_step (self->database, PUT_ACCOUNT);
}

static gboolean
run_on (WeirAccountsFile *self, unsigned statement, const char *id)
{
  bind_text (self->database->statements[statement], 1, id);
  return weir_database_step (self->database, statement);
}

/* Ends what was begun: all of it, or nothing. */
static gboolean
end (WeirAccountsFile *self, gboolean ok, GError **error)
{
  if (ok && weir_database_run (self->database, "COMMIT"))
    return TRUE;
  weir_database_fail (self->database, "write", error);
  if (!sqlite3_get_autocommit (self->database->connection))
    weir_database_run (self->database, "ROLLBACK");
  return FALSE;
}

static gboolean
begin (WeirAccountsFile *self)
{
  return weir_database_run (self->database, "BEGIN IMMEDIATE");
}

gboolean
weir_accounts_file_put (WeirAccountsFile *self, const WeirAccount *account, GError **error)
{
  return put_account (self, account) || weir_database_fail (self->database, "write", error);
}

gboolean
weir_accounts_file_start (WeirAccountsFile *self,
                          const WeirAccountsStart *start,
                          GError **error)
{
  sqlite3_stmt *row = self->database->statements[PUT_START];

  bind_text (row, 1, start->id);
  sqlite3_bind_int64 (row, 2, (sqlite3_int64)start->generation);
  bind_text (row, 3, start->hash);
  return weir_database_step (self->database, PUT_START)
         || weir_database_fail (self->database, "write", error);
}

gboolean
weir_accounts_file_commit (WeirAccountsFile *self,
                           const WeirAccount *account,
                           GError **error)
{
  gboolean ok = begin (self) && put_account (self, account)
                && run_on (self, DROP_START, account->id);

  return end (self, ok, error);
}

gboolean
weir_accounts_file_remove (WeirAccountsFile *self, const char *id, GError **error)
{
  gboolean ok = begin (self) && run_on (self, DROP_ACCOUNT, id)
                && run_on (self, DROP_START, id) && run_on (self, PUT_REMOVED, id);

  return end (self, ok, error);
}

gboolean
weir_accounts_file_bury (WeirAccountsFile *self, const char *id, GError **error)
{
  return run_on (self, DROP_REMOVED, id)
         || weir_database_fail (self->database, "write", error);
}
