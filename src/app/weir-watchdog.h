/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Looks whether the main loop goes round.  A turn of more than 500 ms is said; one of more
 * than 10 s ends the process, so that the service manager starts it anew. */

#include "app/weir-log.h"

typedef struct _WeirWatchdog WeirWatchdog;

/* (nullable): NULL where a test drives the clock.  @log must outlive it. */
WeirWatchdog *weir_watchdog_new (WeirLog *log);
void weir_watchdog_free (WeirWatchdog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirWatchdog, weir_watchdog_free)
