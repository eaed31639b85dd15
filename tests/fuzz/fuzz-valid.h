/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What a vendor's service insists on in a request, as far as its writer promises it: no
 * more than its references say, and nothing that only the client could have said right. */

#include "chat/weir-protocol.h"
#include "base/weir-slice.h"

/* NULL, or what is wrong with @body. */
const char *fuzz_find_fault (WeirDialect dialect, WeirSlice body);
