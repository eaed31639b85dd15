/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The SQLite file of weir-state, for its thread: every call may block. */

#include "base/weir-error.h"
#include "store/weir-state.h"

typedef struct _WeirStateFile WeirStateFile;

/* A file that is broken, somebody else's database or a newer program's is set aside, and a
 * new one is made: @out_notice (nullable) (transfer full) says so.  WEIR_ERROR_IO: it
 * cannot be used, and was not touched. */
WeirStateFile *weir_state_file_open (const char *path, char **out_notice, GError **error);
void weir_state_file_close (WeirStateFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirStateFile, weir_state_file_close)

/* Adds the rows to @rows, of WeirStateRow; drops those that were out of date at @real_us.
 */
gboolean weir_state_file_load (WeirStateFile *self,
                               int64_t real_us,
                               GPtrArray *rows,
                               GError **error);

/* All of @rows, of WeirStateRow, or none of them. */
gboolean weir_state_file_write (WeirStateFile *self, GPtrArray *rows, GError **error);

/* A write has failed because the file is broken: to open it anew sets it aside. */
gboolean weir_state_file_is_broken (const WeirStateFile *self);

/* (transfer full): @text NULL for a row that is removed. */
WeirStateRow *weir_state_row_new (WeirStateTable table,
                                  const char *subject,
                                  const char *part,
                                  int64_t real_us,
                                  const char *text);
void weir_state_row_free (gpointer row); /* (nullable) */
