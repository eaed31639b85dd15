/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the process asks of the kernel before it does anything, and the signals it takes. */

#include <glib.h>

/* Files for us only, no core files, as many descriptors as are allowed, no death by a
 * closed pipe, no variable that makes a library write keys or chatter; without a session
 * bus none is started.  First thing in main. */
void weir_process_init (void);

/* Where the environment holds a bundle of sign-ins or leads to one: no child gets it, and
 * the log says what to do with it. */
void weir_process_drop_bundle (void);

typedef struct
{
  void (*stop) (gpointer user_data);   /* SIGTERM, SIGINT */
  void (*reload) (gpointer user_data); /* SIGHUP */
  void (*dump) (gpointer user_data);   /* SIGUSR1 */
} WeirSignalFuncs;

/* Calls @funcs on the main loop, until the end of the process.  @funcs and @user_data stay
 * the caller's. */
void weir_process_watch_signals (const WeirSignalFuncs *funcs, gpointer user_data);
