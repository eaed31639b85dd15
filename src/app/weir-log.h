/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where the log goes: one line a request and a few messages, to the standard error, to the
 * journal's fields or to a file.  A reader of the standard error that stands still costs
 * lines, never time. */

#include "app/weir-log-file.h"
#include "app/weir-options.h"
#include "proxy/weir-proxy.h"

typedef struct _WeirLog WeirLog;

/* @fd: the standard error, or what stands for it; stays the caller's. */
WeirLog *weir_log_new (int fd, WeirLogFormat format);
void weir_log_free (WeirLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirLog, weir_log_free)

/* Takes over what GLib and the libraries log, redacted, from any thread.  Once in a
 * program: @self must live as long as it does. */
void weir_log_install (WeirLog *self);

/* The libraries' debug and info messages as well. */
void weir_log_set_debug (WeirLog *self, gboolean debug);

/* (transfer full) (nullable): from now on requests are logged there only, and messages
 * there too. */
void weir_log_take_file (WeirLog *self, WeirLogFile *file);

/* TRUE where the standard error ends in the journal, which others may read. */
gboolean weir_log_is_journal (const WeirLog *self);

/* TRUE: from now on the lines of requests are written together at the end of each turn of
 * the main loop, so that many answers cost one write; a crash loses those of its own turn.
 * What weir_log_new makes writes each at once.  Main thread. */
void weir_log_gather_rows (WeirLog *self, gboolean gather);

/* A WeirLogFunc: @user_data is the WeirLog.  Main thread. */
void weir_log_row (const WeirLogRow *row, gpointer user_data);

/* Main thread.  Each line of the text becomes a line of the log; it must hold no secret.
 * @level: G_LOG_LEVEL_ERROR (weir ends), _WARNING (the user should act), _MESSAGE. */
void weir_log_say (WeirLog *self, GLogLevelFlags level, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* @document and a line feed to the standard error, whatever its length. */
void weir_log_write_document (WeirLog *self, const char *document);
