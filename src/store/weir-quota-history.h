/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What was read of allowances over the last weeks, and the last reading of each subject for
 * the first paint of a start.  Kept in one SQLite file by one thread; nobody waits for it.
 * Where the file cannot be used the program goes on without, and says so once.  It may be
 * lost; a broken one is set aside.
 *
 * Of each window one sample in five minutes is kept for two days, then one in an hour for
 * 60 days: the newest each.  No secret goes in.  Times are since 1970. */

#include "providers/weir-quota.h"

#include <gio/gio.h>

typedef struct _WeirQuotaHistory WeirQuotaHistory;

typedef struct
{
  int64_t at_us;
  double used_percent;
} WeirQuotaHistorySample;

typedef struct
{
  /* Soon after the start, once for each subject that is remembered. */
  void (*loaded) (const char *subject, const WeirQuotaReading *reading, gpointer user_data);
  /* Something that the user should know: a sentence without a full stop. */
  void (*notice) (const char *text, gpointer user_data);
} WeirQuotaHistoryFuncs;

/* Opens the file in a thread, or makes it with the first reading: folder 0700, file 0600.
 * @funcs are called on the main context that is the thread's default here. */
WeirQuotaHistory *weir_quota_history_new (const char *path,
                                          const WeirQuotaHistoryFuncs *funcs,
                                          gpointer user_data);
/* Writes what waits, answers who has asked, and ends; a file that another program holds
 * costs a second at most.  No function of @funcs is called later. */
void weir_quota_history_free (WeirQuotaHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirQuotaHistory, weir_quota_history_free)

/* All that is known of @subject now; a sample of each of its windows whose share is. */
void weir_quota_history_put (WeirQuotaHistory *self,
                             const char *subject,
                             const WeirQuotaReading *reading);
void weir_quota_history_forget (WeirQuotaHistory *self, const char *subject);

/* The samples since @since_us of a window of @subject, oldest first, at most 4096. @window:
 * its name, with "/" and its model where it has one ("7d/Sonnet"). */
void weir_quota_history_query (WeirQuotaHistory *self,
                               const char *subject,
                               const char *window,
                               int64_t since_us,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* (transfer full): of WeirQuotaHistorySample. */
GArray *weir_quota_history_query_finish (GAsyncResult *result, GError **error);

/* (transfer full): $XDG_STATE_HOME/weir/quota.db. */
char *weir_quota_history_dup_default_path (void);
