/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The SQLite file of weir-quota-history, for its thread: every call may block. */

#include "base/weir-error.h"
#include "store/weir-quota-history.h"

#define WEIR_QUOTA_HISTORY_SAMPLES_MAX 4096 /* of one answer */

typedef struct _WeirQuotaHistoryFile WeirQuotaHistoryFile;

/* As weir_database_open. */
WeirQuotaHistoryFile *
weir_quota_history_file_open (const char *path, char **out_notice, GError **error);
void weir_quota_history_file_close (WeirQuotaHistoryFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirQuotaHistoryFile, weir_quota_history_file_close)

/* The last call has failed because the file is broken: to open it anew sets it aside. */
gboolean weir_quota_history_file_is_broken (const WeirQuotaHistoryFile *self);

/* All that follows one `begin` and precedes its `commit` is written, or none of it. */
gboolean weir_quota_history_file_begin (WeirQuotaHistoryFile *self, GError **error);
gboolean weir_quota_history_file_commit (WeirQuotaHistoryFile *self, GError **error);
void weir_quota_history_file_roll_back (WeirQuotaHistoryFile *self);

gboolean weir_quota_history_file_put (WeirQuotaHistoryFile *self,
                                      const char *subject,
                                      const WeirQuotaReading *reading,
                                      GError **error);
gboolean weir_quota_history_file_forget (WeirQuotaHistoryFile *self,
                                         const char *subject,
                                         GError **error);
/* Drops what need not be kept any more at @real_us. */
gboolean
weir_quota_history_file_thin (WeirQuotaHistoryFile *self, int64_t real_us, GError **error);

/* The last readings: @out gets WeirQuotaReading (owned) by subject.  What would have been
 * read behind @real_us is left out: the clock was another one then. */
gboolean weir_quota_history_file_load (WeirQuotaHistoryFile *self,
                                       int64_t real_us,
                                       GHashTable *out,
                                       GError **error);
/* (transfer full): the newest WEIR_QUOTA_HISTORY_SAMPLES_MAX since @since_us, oldest first.
 */
GArray *weir_quota_history_file_query (WeirQuotaHistoryFile *self,
                                       const char *subject,
                                       const char *window,
                                       int64_t since_us,
                                       GError **error);
