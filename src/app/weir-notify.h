/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Tells the service manager how the program does (sd_notify protocol), where there is one
 * that asked by $NOTIFY_SOCKET; else every call does nothing. */

#include <glib.h>

typedef struct _WeirNotify WeirNotify;

/* Takes the variables out of the environment, so that no child speaks for us. */
WeirNotify *weir_notify_new (void);
void weir_notify_free (WeirNotify *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirNotify, weir_notify_free)

/* Also ends a reload.  @status: one line for `systemctl status`.  From now on the manager's
 * watchdog hears from the main loop. */
void weir_notify_ready (WeirNotify *self, const char *status);
void weir_notify_reloading (WeirNotify *self);
void weir_notify_stopping (WeirNotify *self, const char *status);
