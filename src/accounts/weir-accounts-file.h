/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The SQLite file of weir-accounts, for its thread: every call may block, and what it has
 * written outlives a crash of the machine.  No secret goes in.
 *
 * The errors of all of them are WEIR_ERROR_IO. */

#include "accounts/weir-account.h"
#include "base/weir-error.h"

typedef struct _WeirAccountsFile WeirAccountsFile;

/* As weir_database_open. */
WeirAccountsFile *
weir_accounts_file_open (const char *path, char **out_notice, GError **error);
void weir_accounts_file_close (WeirAccountsFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAccountsFile, weir_accounts_file_close)

/* What an earlier run was about when it ended: a refresh whose outcome is not known. */
typedef struct
{
  char *id;            /* (owned): of the account */
  uint64_t generation; /* whose token was sent */
  char *hash;          /* (owned): of that token */
} WeirAccountsStart;

void weir_accounts_start_free (gpointer start);

typedef struct
{
  GPtrArray *accounts; /* (owned) of WeirAccount, in the order in which they were made;
                          generation 0: its tokens may never have been stored; state READY
                          or SIGN_IN */
  GPtrArray *starts;   /* (owned) of WeirAccountsStart */
  GPtrArray *removed;  /* (owned) of char *: ids whose secrets are to be erased */
  unsigned n_unknown;  /* accounts of vendors that this program does not know: left alone */
} WeirAccountsLoaded;

/* A zeroed one is empty. */
void weir_accounts_loaded_clear (WeirAccountsLoaded *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirAccountsLoaded, weir_accounts_loaded_clear)
/* @out must be empty. */
gboolean
weir_accounts_file_load (WeirAccountsFile *self, WeirAccountsLoaded *out, GError **error);

/* Makes or changes an account.  Its generation never goes back. */
gboolean
weir_accounts_file_put (WeirAccountsFile *self, const WeirAccount *account, GError **error);

/* "refresh-started": before a refresh token is sent. */
gboolean weir_accounts_file_start (WeirAccountsFile *self,
                                   const WeirAccountsStart *start,
                                   GError **error);
/* The outcome of what was started is known: puts the account, forgets the start. */
gboolean weir_accounts_file_commit (WeirAccountsFile *self,
                                    const WeirAccount *account,
                                    GError **error);

/* Forgets the account, but not that its secrets are to be erased. */
gboolean weir_accounts_file_remove (WeirAccountsFile *self, const char *id, GError **error);
/* They are. */
gboolean weir_accounts_file_bury (WeirAccountsFile *self, const char *id, GError **error);
