/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of weir-accounts share. */

#include "accounts/weir-account-private.h"
#include "accounts/weir-accounts-file.h"
#include "accounts/weir-accounts.h"

/* One account and what is known of its secrets. */
typedef struct
{
  WeirAccounts *owner;      /* (unowned) */
  WeirAccount *account;     /* (owned): what others see */
  WeirAccountTokens tokens; /* empty: not known */
  int64_t deadline_us;      /* of the access token, on the clock that goes on in suspend;
                               0: not known */
  int64_t short_lived_deadline_us;
  gboolean is_hidden; /* not there yet, or being removed */
  gboolean is_adding; /* its first tokens are on their way into the vault */
} WeirAccountsEntry;

struct _WeirAccounts
{
  GObject parent_instance;
  GMainContext *context;  /* (owned) */
  char *path;             /* (owned) */
  WeirAccountsFile *file; /* (owned): the thread's, once that runs */
  GThreadPool *thread;    /* (owned): one thread, jobs in their order */
  WeirVault *vault;       /* (owned) */
  WeirAccountsSendFunc send;
  WeirAccountsClientFunc client;
  gpointer user_data;
  GPtrArray *entries;   /* (owned) of WeirAccountsEntry (owned), as they were made */
  GHashTable *removed;  /* (owned) set of ids whose secrets are to be erased */
  GHashTable *starts;   /* (owned) id -> WeirAccountsStart: of an earlier run */
  GSource *changed;     /* (owned): says "changed" when the loop comes round */
  GPtrArray *notices;   /* (owned) of char *: to be said then */
  gboolean may_recover; /* accounts that only the vault knows are ours */
};

/* --- weir-accounts.c --- */

/* (nullable): also one that is hidden */
WeirAccountsEntry *weir_accounts_find (WeirAccounts *self, const char *id);
/* (nullable): the same by whose it is */
WeirAccountsEntry *weir_accounts_find_identity (WeirAccounts *self,
                                                const WeirProviderOauth *row,
                                                const char *vendor_id);
WeirAccountsEntry *weir_accounts_append (WeirAccounts *self, WeirAccount *account);
void weir_accounts_drop (WeirAccounts *self, WeirAccountsEntry *entry);

/* Takes @account (transfer full) instead of the one that @entry had, and says so. */
void weir_accounts_take (WeirAccountsEntry *entry, WeirAccount *account);
/* The same with another state alone, where it is another one. */
void weir_accounts_set_state (WeirAccountsEntry *entry,
                              WeirAccountState state,
                              const char *sentence);
/* Copies @tokens to use from now on. */
void weir_accounts_use_tokens (WeirAccountsEntry *entry, const WeirAccountTokens *tokens);

void weir_accounts_say_changed (WeirAccounts *self);
/* Takes @sentence (transfer full). */
void weir_accounts_say (WeirAccounts *self, char *sentence);

/* What the thread does with the file. */
typedef gboolean (*WeirAccountsJobFunc) (WeirAccountsFile *file,
                                         gpointer data,
                                         GError **error);
/* Takes @data (transfer full).  @callback (nullable); finish: g_task_propagate_boolean.
 * Without one, a failure is said. */
void weir_accounts_run_job (WeirAccounts *self,
                            WeirAccountsJobFunc function,
                            gpointer data,
                            GDestroyNotify free_data,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
/* Jobs whose data is a WeirAccount, or an id. */
gboolean weir_accounts_job_put (WeirAccountsFile *file, gpointer data, GError **error);
gboolean weir_accounts_job_commit (WeirAccountsFile *file, gpointer data, GError **error);
gboolean weir_accounts_job_remove (WeirAccountsFile *file, gpointer data, GError **error);
gboolean weir_accounts_job_bury (WeirAccountsFile *file, gpointer data, GError **error);

/* --- weir-accounts-vault.c --- */

/* Looks at what the vault says now: takes tokens that are newer, follows its state, erases
 * what was removed, finds what was lost. */
void weir_accounts_follow_vault (WeirAccounts *self);
/* Erases what the vault has of @id, but generations from @keep on. */
void weir_accounts_erase (WeirAccounts *self, const char *id, uint64_t keep);
