/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A log in a file of bounded size.  A full file is renamed, `weir.log` to
 * `weir-20260102T030405.678901Z.log`, and the oldest of those go.  Who moves the file away
 * gets a new one within a second.  Used by one thread at a time. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#include <stdint.h>

#define WEIR_LOG_FILE_MAX_BYTES ((uint64_t)10 * 1024 * 1024)

typedef struct _WeirLogFile WeirLogFile;

/* Opens @path, which ends in `.log`, and makes it (mode 0600) with its folder (0700) where
 * it is not there.  @max_bytes: where a file is full; @max_total_bytes: what all files
 * together may hold, 0 for no bound (a file is then full at half of it at the latest).
 * WEIR_ERROR_IO. */
WeirLogFile *weir_log_file_new (const char *path,
                                uint64_t max_bytes,
                                uint64_t max_total_bytes,
                                GError **error);
void weir_log_file_free (WeirLogFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLogFile, weir_log_file_free)

/* Appends @line, which ends in a line feed, by one write.  FALSE and WEIR_ERROR_IO where it
 * was lost (a full disk): the next one is tried again. */
gboolean weir_log_file_write (WeirLogFile *self, WeirSlice line, GError **error);

/* (transfer full): $XDG_STATE_HOME/weir/weir.log. */
char *weir_log_file_dup_default_path (void);
