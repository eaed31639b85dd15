/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What Kiro keeps beside its tokens, without which they could not be renewed: how it signed
 * in, where, and the client that was registered for it.  `kiro-auth-token.json` in Amazon's
 * folder of sign-ins, the client in a file of its own there; and CLIProxyAPI's relatives,
 * which keep both in one.  As several open programs found them, read 2026-11. */

#include "base/weir-json.h"
#include "control/weir-import-read.h"

/* @json: the document that @out was read from.  The refresh token becomes a grant
 * (weir-oauth-aws.h); it goes where the client is not known. */
void weir_import_kiro_settle (const WeirJson *json, WeirImported *out);

/* The same for the document at @path, with the client's file beside it; blocking. */
void weir_import_kiro_add_client (const char *path, WeirImported *imported);
