/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The accounts: who they are in one SQLite file, their tokens in the vault, and the one
 * refresh at a time that keeps those alive (the protocol stands in
 * weir-accounts-refresh.c). No call blocks; all callbacks come on the main context that was
 * the thread's default when it was made.
 *
 * Signals: "changed" (some account is another one now, has come or is gone: the list is to
 * be read again); "notice" (char *sentence, for the user: what was found and repaired, what
 * should be seen to). */

#include "accounts/weir-account-tokens.h"
#include "accounts/weir-account.h"
#include "accounts/weir-vault.h"
#include "providers/weir-oauth.h"

#define WEIR_TYPE_ACCOUNTS (weir_accounts_get_type ())
G_DECLARE_FINAL_TYPE (WeirAccounts, weir_accounts, WEIR, ACCOUNTS, GObject)

/* Sends @request (valid during the call) to its vendor and says later what came: status 0
 * where nothing did.  The answer's bytes are wiped by the sender behind the callback.  No
 * redirect is followed, no cookie kept; 60 s at most. */
typedef void (*WeirAccountsAnswerFunc) (unsigned status, WeirSlice body, gpointer data);
typedef void (*WeirAccountsSendFunc) (const WeirOauthRequest *request,
                                      const char *proxy_url,
                                      WeirAccountsAnswerFunc answer,
                                      gpointer answer_data,
                                      gpointer user_data);

/* Opens or makes the file at @path (folder 0700, file 0600), the one thing that waits for a
 * disk, and looks for what an earlier run left unfinished.  A file that is broken is set
 * aside, and the accounts are found again in the vault; that of a newer program is refused
 * with WEIR_ERROR_IO.  @send: how vendors are asked.  @client: who we are to them: fills
 * @out for @row, FALSE: the configuration lacks what the row asks for.  Both are called
 * with @user_data until the object is gone. */
typedef gboolean (*WeirAccountsClientFunc) (const WeirProviderOauth *row,
                                            WeirOauthClient *out,
                                            gpointer user_data);
WeirAccounts *weir_accounts_new (const char *path,
                                 WeirVault *vault,
                                 WeirAccountsSendFunc send,
                                 WeirAccountsClientFunc client,
                                 gpointer user_data,
                                 GError **error);
/* (transfer full): $XDG_DATA_HOME/weir/accounts.db. */
char *weir_accounts_dup_default_path (void);

/* (transfer full): of WeirAccount (owned), in the order to show: by provider, then as they
 * were made. */
GPtrArray *weir_accounts_list (WeirAccounts *self);
/* (transfer full) (nullable) */
WeirAccount *weir_accounts_lookup (WeirAccounts *self, const char *id);

/* A sign-in has succeeded, or one is imported: makes the account, or gives the one of the
 * same provider and vendor_id new tokens.  The account is there only when the vault has its
 * tokens.  @replaces (nullable): id of the account that is signed in again; where the
 * identity is another one WEIR_ERROR_FORBIDDEN, and nothing is changed.  @label (nullable).
 * Tokens that are live make a live account; one that was signed in to here and needs
 * nobody's help stays as it is, and is what finish gives then.  Finish gives the account
 * (transfer full). */
void weir_accounts_add_async (WeirAccounts *self,
                              const WeirProviderOauth *row,
                              const WeirAccountIdentity *identity,
                              const WeirAccountTokens *tokens,
                              const char *replaces,
                              const char *label,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
WeirAccount *
weir_accounts_add_finish (WeirAccounts *self, GAsyncResult *result, GError **error);

/* WEIR_ERROR_BAD_REQUEST: a value out of its range, said in the message.  At once in
 * memory, on the disk soon: a crash may lose the last one, an end with
 * weir_accounts_drain_async does not.  WEIR_ERROR_NOT_FOUND. */
gboolean weir_accounts_set_settings (WeirAccounts *self,
                                     const char *id,
                                     const WeirAccountSettings *settings,
                                     GError **error);
/* What the vendor says of it has become known, or is another thing now.  vendor_id must be
 * the same or NULL; other members that are NULL stay. */
void weir_accounts_set_identity (WeirAccounts *self,
                                 const char *id,
                                 const WeirAccountIdentity *identity);

/* @is_live: its tokens are another program's, whose file is read; they are never renewed
 * here.  FALSE takes it over. */
void weir_accounts_set_live (WeirAccounts *self, const char *id, gboolean is_live);

/* Forgets it and its secrets.  @revoke: asks the vendor to, too (RFC 7009), where it can be
 * asked; nobody waits for its answer.  A refresh under way ends first.  Errors:
 * WEIR_ERROR_NOT_FOUND; WEIR_ERROR_IO: the file could not be written, and it is still
 * there. */
void weir_accounts_remove_async (WeirAccounts *self,
                                 const char *id,
                                 gboolean revoke,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean
weir_accounts_remove_finish (WeirAccounts *self, GAsyncResult *result, GError **error);

/* (transfer full) (nullable): the token that requests of the account carry, where one is
 * known that has a minute to live (or a quarter of its life, if that is less); else ask for
 * it.  Never blocks, allocates nothing. */
WeirSecret *weir_accounts_dup_token (WeirAccounts *self, const char *id);
/* (transfer full) (nullable): the access token itself, old or not, where requests carry
 * what it was exchanged for: for what is asked of the vendor besides. */
WeirSecret *weir_accounts_dup_access_token (WeirAccounts *self, const char *id);
/* The same when it takes a refresh, which all who ask at once share.  @refused (nullable):
 * a token that the vendor has just refused with 401: gives another one, or fails.  Errors:
 * WEIR_ERROR_UNAUTHORIZED (sign in again), WEIR_ERROR_UPSTREAM (the vendor; later),
 * WEIR_ERROR_IO (the vault; later), WEIR_ERROR_NOT_FOUND,
 * WEIR_ERROR_SHUTTING_DOWN (weir_accounts_drain_async).  Waits 30 s at most; the refresh
 * goes on without the caller. */
void weir_accounts_ensure_token_async (WeirAccounts *self,
                                       const char *id,
                                       const WeirSecret *refused,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
WeirSecret *weir_accounts_ensure_token_finish (WeirAccounts *self,
                                               GAsyncResult *result,
                                               GError **error);

/* The tokens as they are when no refresh of them is under way, for another machine. Finish:
 * @out must be empty.  Errors: WEIR_ERROR_NOT_FOUND, WEIR_ERROR_FORBIDDEN (another
 * program's), WEIR_ERROR_UNAUTHORIZED (sign in again), WEIR_ERROR_IO (the vault; later). */
void weir_accounts_copy_tokens_async (WeirAccounts *self,
                                      const char *id,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean weir_accounts_copy_tokens_finish (WeirAccounts *self,
                                           GAsyncResult *result,
                                           WeirAccountTokens *out,
                                           GError **error);

/* Ends when no refresh is under way any more and every change is on the disk, 15 s at most:
 * before the process goes.  No refresh begins from now on, and after the end nothing is
 * sent. */
void weir_accounts_drain_async (WeirAccounts *self,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
void weir_accounts_drain_finish (WeirAccounts *self, GAsyncResult *result);
