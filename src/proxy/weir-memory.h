/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What pool and limits know, carried over a restart: rests of a minute and more, and the
 * windows of the client keys. */

#include "accounts/weir-limits.h"
#include "accounts/weir-pool.h"
#include "proxy/weir-poller.h"

typedef struct _WeirMemory WeirMemory;

/* Begins to read the file at @path, and to write it; nothing waits for that.  What it
 * holds is given to @pool and @limits when it has been read; what happens to them goes into
 * it within seconds.  Whatever is wrong with it is logged as a warning.  @keeps_rests:
 * `save-cooldown-status`. */
WeirMemory *weir_memory_new (WeirPoller *poller,
                             WeirPool *pool,
                             WeirLimits *limits,
                             const char *path,
                             gboolean keeps_rests);
/* Waits for what the file holds, at most half a second: for a start, so that the first
 * request meets what the last ones have used. */
void weir_memory_wait (WeirMemory *self);
/* Writes the last, waiting for the disk; before any of the others goes. */
void weir_memory_free (WeirMemory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirMemory, weir_memory_free)

/* From now on. */
void weir_memory_set_keeps_rests (WeirMemory *self, gboolean keeps_rests);
