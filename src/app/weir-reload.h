/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Notices that the configuration's file is another one now, however that came about:
 * written, replaced by rename, a symbolic link turned elsewhere.  Reads it in a thread. */

#include "store/weir-config.h"

typedef struct _WeirReload WeirReload;

/* The file was read.  @config: (nullable) (transfer none); NULL: @error says why.
 * @notices: (nullable) (transfer none): of WeirConfigNotice. */
typedef void (*WeirReloadFunc) (WeirConfig *config,
                                GPtrArray *notices,
                                const GError *error,
                                gpointer user_data);

/* Call it before the file is read for the first time: whatever happens to it from now on
 * counts.  Calls @func on the main loop, 200 ms after the last of a burst of changes. */
WeirReload *weir_reload_new (const char *path, WeirReloadFunc func, gpointer user_data);
void weir_reload_free (WeirReload *self); /* @func is not called any more */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirReload, weir_reload_free)

/* Reads it, changed or not; at once, unless it is being written right now. */
void weir_reload_now (WeirReload *self);
