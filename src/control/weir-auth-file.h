/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* An account as CLIProxyAPI keeps one: a file of its own, tokens and all, that it and Weir
 * both read (weir-import-read.h).  Pure. */

#include "accounts/weir-account-tokens.h"

/* (transfer full): one JSON document, to be released by weir_file_wipe.  NULL: another
 * program renews it, it has no tokens, or its vendor's (Kiro's) have no form that others
 * read; it cannot be handed over. */
GBytes *weir_auth_file_write (const WeirAccount *account, const WeirAccountTokens *tokens);

/* (transfer full): "codex-me@example.org.json"; the end of the account's id is in it where
 * its mail address may be that of two. */
char *weir_auth_file_dup_name (const WeirAccount *account);
