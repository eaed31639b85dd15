/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The verbs of the command line: `weir status` and its like.  They ask the service over the
 * session bus and never become it. */

#include <glib.h>

/* Exit statuses, those of sysexits.h but for two. */
#define WEIR_CLI_OK 0
#define WEIR_CLI_NO 1 /* the answer is no: guard, test; or the service could not */
#define WEIR_CLI_USAGE 64
#define WEIR_CLI_UNAVAILABLE 69 /* no service, no bus */
#define WEIR_CLI_CONFIG 78

/* Is the first word behind the program's name a verb, or the name of a sign-in as
 * CLIProxyAPI spells it (`--claude-login`)?  `help` alone is the application's. */
gboolean weir_cli_knows (const char *const *arguments);

/* @arguments: NULL-terminated, the program's name first.  Returns the exit status. */
int weir_cli_run (const char *const *arguments);

/* A line a verb. */
void weir_cli_append_verbs (GString *out);
