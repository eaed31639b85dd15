/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Keeps what is known of quotas true: hears what answers tell by the way, asks vendors when
 * the plan says so, remembers it, and tells who wants to know.  On the main loop.
 *
 * A subject is an account's id, or the identity of a seat that has a key
 * (weir-quota-board.h). */

#include "accounts/weir-quota-board.h"
#include "accounts/weir-quota-plan.h"
#include "control/weir-quota-ask.h"
#include "proxy/weir-proxy.h"
#include "store/weir-quota-history.h"

typedef struct _WeirQuotaWatch WeirQuotaWatch;

/* Any of them may be NULL; the strings are valid during the call. */
typedef struct
{
  /* The board says something else of @subject. */
  void (*changed) (const char *subject, gpointer user_data);
  /* A vendor has said when asked what is left (for weir_proxy_note_quota): all that is
   * known now. */
  void (*read) (const char *subject, const WeirQuotaReading *reading, gpointer user_data);
  void (*event) (const WeirQuotaEvent *event, gpointer user_data);
  /* A sentence for the log, without a full stop. */
  void (*notice) (const char *text, gpointer user_data);
  /* (transfer full) (nullable): what the vendor of @account is asked with where requests
   * carry a token that was exchanged for it (Copilot). */
  WeirSecret *(*dup_access_token) (const char *account, gpointer user_data);
} WeirQuotaWatchFuncs;

/* @poller, @calls and what @tokens (copied) holds must outlive it.  @history_path
 * (nullable): nothing is remembered. */
WeirQuotaWatch *weir_quota_watch_new (WeirPoller *poller,
                                      WeirVendorCalls *calls,
                                      const WeirTokenSource *tokens,
                                      const char *history_path,
                                      const WeirQuotaWatchFuncs *funcs,
                                      gpointer user_data);
/* Ends what is under way.  Nobody is called later. */
void weir_quota_watch_free (WeirQuotaWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirQuotaWatch, weir_quota_watch_free)

/* --- who --- */

/* All of them, of WeirAccount, each time that one has changed.  Those that are gone are
 * forgotten; those that are disabled or cannot sign in are not asked. */
void weir_quota_watch_set_accounts (WeirQuotaWatch *self, const GPtrArray *accounts);
/* The keys of @proxy's seats whose vendors can be asked, each time that the configuration
 * has changed. */
void weir_quota_watch_follow_keys (WeirQuotaWatch *self, WeirProxy *proxy);
/* One of them: for weir_quota_watch_follow_keys and tests.  @key is referenced. */
void weir_quota_watch_add_key (WeirQuotaWatch *self,
                               const char *subject,
                               const WeirQuotaRecipe *recipe,
                               WeirSecret *key,
                               const char *proxy_url);

/* --- what happens --- */

/* A WeirProxyQuotaFunc; @self is the WeirQuotaWatch. */
void
weir_quota_watch_hear (const char *subject, const WeirQuotaReading *reading, gpointer self);
/* is_watched is left as it is. */
void weir_quota_watch_set_conditions (WeirQuotaWatch *self,
                                      const WeirQuotaConditions *conditions);
/* A face that shows quotas is open. */
void weir_quota_watch_set_watched (WeirQuotaWatch *self, gboolean is_watched);
/* The user's wish: asks about @subject (NULL: all) now, or behind their floor; of how many.
 */
unsigned weir_quota_watch_refresh (WeirQuotaWatch *self, const char *subject);

/* --- what is known --- */

/* (transfer none) */
WeirQuotaBoard *weir_quota_watch_get_board (WeirQuotaWatch *self);
/* (transfer none) (nullable) */
WeirQuotaHistory *weir_quota_watch_get_history (WeirQuotaWatch *self);
/* (transfer full): all that is known, without secrets, as one JSON document (SIGUSR1). */
char *weir_quota_watch_dump (const WeirQuotaWatch *self);

/* --- resets --- */

/* Has a limit of the account @subject reset, at the user's explicit wish.  Errors:
 * WEIR_ERROR_NOT_FOUND (no such account, or its vendor has nothing of the kind),
 * _OVERLOADED (one is under way), those of weir_limit_reset_finish, _CANCELLED. */
void weir_quota_watch_reset_limit_async (WeirQuotaWatch *self,
                                         const char *subject,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean weir_quota_watch_reset_limit_finish (GAsyncResult *result,
                                              WeirLimitReset *out,
                                              GError **error);
