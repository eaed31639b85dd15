/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The program `weir` from its command line to its exit status. */

#define WEIR_EXIT_OK 0
#define WEIR_EXIT_RUNNING 1 /* another one has the name on the session bus */
#define WEIR_EXIT_USAGE 64  /* as in sysexits.h */
#define WEIR_EXIT_UNAVAILABLE 69
#define WEIR_EXIT_CONFIG 78

/* Returns the exit status.  Once in a process, before any thread is started. */
int weir_app_main (int argc, char **argv);
