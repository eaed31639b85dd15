/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Tells when the network under us may be another one: after suspend (logind) and when GIO
 * says so.  Asks without waiting; where there is no system bus, only GIO's half works. */

#include <gio/gio.h>

typedef struct _WeirWake WeirWake;

/* @func is called on the main loop; it gets @user_data. */
WeirWake *weir_wake_new (void (*func) (gpointer user_data), gpointer user_data);
void weir_wake_free (WeirWake *self); /* @func is not called any more */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirWake, weir_wake_free)
