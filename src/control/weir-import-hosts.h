/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The hosts.yml of gh, GitHub's own command line: the one sign-in that is not JSON.  Pure.
 */

#include "control/weir-import-read.h"

/* It may be one: a line of it begins with "github.com:". */
gboolean weir_import_hosts_knows (WeirSlice text);

/* As weir_imported_read. */
gboolean weir_import_hosts_read (WeirSlice text, WeirImported *out, GError **error);
