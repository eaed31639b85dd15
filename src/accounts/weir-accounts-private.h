/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of weir-accounts share. */

#include "accounts/weir-account-private.h"
#include "accounts/weir-accounts-file.h"
#include "accounts/weir-accounts.h"
#include "accounts/weir-refresh.h"

/* One account and the life of its tokens. */
typedef struct
{
  WeirAccounts *owner;  /* (unowned) */
  WeirAccount *account; /* (owned): what others see */
  WeirRefresh *refresh; /* (owned): its tokens */
  gboolean is_hidden;   /* not there yet, or being removed */
  gboolean is_adding;   /* its first tokens are on their way into the vault */
  gboolean is_queued;   /* wants a turn */
  gboolean has_turn;
  gboolean is_held;    /* somebody else works on it: no turns until weir_accounts_release */
  GQueue calls;        /* (owned) of WeirAccountsCall (owned): who wants to hold it */
  GPtrArray *waiters;  /* (owned) of WeirAccountsWaiter (owned): who wants a token */
  int lock;            /* (owned) descriptor, -1: the lock is not held */
  gboolean is_locking; /* and it is tried for */
  int64_t lock_until_us; /* that long */
  int64_t wake_us;       /* when its machine wants to hear of the time; INT64_MAX: never */
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
  GPtrArray *entries;    /* (owned) of WeirAccountsEntry (owned), as they were made */
  GHashTable *removed;   /* (owned) set of ids whose secrets are to be erased */
  GHashTable *starts;    /* (owned) id -> WeirAccountsStart: of an earlier run */
  GSource *changed;      /* (owned): says "changed" when the loop comes round */
  GPtrArray *notices;    /* (owned) of char *: to be said then */
  gboolean may_recover;  /* accounts that only the vault knows are ours */
  gboolean was_unlocked; /* the vault, when it was followed last */
  gboolean has_looked;   /* into the escrow */
  gboolean is_making_key;
  char *escrow;          /* (owned): its folder */
  GSource *tick;         /* (owned): looks at the time */
  gboolean is_ticking;   /* it does just now */
  gboolean needs_follow; /* what the vault said during a turn was not heard */
  unsigned n_turns;      /* under way */
  unsigned n_jobs;       /* of the thread, until their callers hear of them */
  GTask *drain;          /* (owned) (nullable): who waits for the end of both */
  gboolean is_draining;  /* no turn begins any more */
  gboolean is_over;      /* and nothing is sent: whoever sends may be gone */
  int64_t drain_until_us;
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
/* The data, in the callback. */
gpointer weir_accounts_get_job_data (GAsyncResult *result);
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
/* The newest tokens that the vault has of @id; @out must be empty.  0: none that can be
 * read. */
uint64_t
weir_accounts_find_newest (WeirAccounts *self, const char *id, WeirAccountTokens *out);
/* The highest generation that the vault names. */
uint64_t weir_accounts_find_highest (WeirAccounts *self, const char *id);

/* --- weir-accounts-refresh.c --- */

typedef void (*WeirAccountsHeldFunc) (WeirAccountsEntry *entry, gpointer data);

typedef struct
{
  WeirAccountsHeldFunc function;
  gpointer data;
} WeirAccountsCall;

void weir_accounts_waiter_free (gpointer waiter);
/* Calls @function when no turn of @entry is under way and nobody holds it; none begins
 * until it is released. */
void
weir_accounts_hold (WeirAccountsEntry *entry, WeirAccountsHeldFunc function, gpointer data);
void weir_accounts_release (WeirAccountsEntry *entry);
/* Gives @event to the machine of @entry, and does what that wants. */
void weir_accounts_feed (WeirAccountsEntry *entry, const WeirRefreshEvent *event);
/* Whoever waits and whom the token that is known serves. */
void weir_accounts_serve_waiters (WeirAccountsEntry *entry);
void
weir_accounts_fail_waiters (WeirAccountsEntry *entry, WeirError code, const char *sentence);
/* Looks at everything when the loop comes round. */
void weir_accounts_kick (WeirAccounts *self);
/* The same, where that is not being done just now. */
void weir_accounts_look_soon (WeirAccounts *self);
GSource *weir_accounts_make_tick (WeirAccounts *self);

/* --- weir-accounts-sign.c --- */

/* Has the key of a service account sign for its next token, in the thread.  FALSE: it does
 * not sign.  @out must be empty: what is sent, to @row's endpoint, whatever the key says.
 */
void weir_accounts_sign_async (WeirAccounts *self,
                               const WeirSecret *key,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean weir_accounts_sign_finish (GAsyncResult *result,
                                    const WeirProviderOauth *row,
                                    WeirOauthRequest *out);

/* --- weir-accounts-turn.c --- */

/* Does one thing that a machine wants. */
void weir_accounts_perform (WeirAccountsEntry *entry, const WeirRefreshAction *action);
/* Tries for the lock that a turn waits for. */
void weir_accounts_try_lock (WeirAccountsEntry *entry);
void weir_accounts_let_lock_go (WeirAccountsEntry *entry);
/* Takes what an earlier run left in the escrow, once the vault has its key. */
void weir_accounts_look_into_escrow (WeirAccounts *self);
/* Job whose data is a path: of what the escrow has of an account. */
gboolean
weir_accounts_job_empty_escrow (WeirAccountsFile *file, gpointer data, GError **error);
