/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* How many tokens a request is, about: for clients that ask before they send, where the
 * upstream has no counter of its own. */

#include "chat/weir-request.h"

/* At least 1.  A guess, on the high side for English prose and code (see weir-estimate.c
 * for the rule); never to be billed by. */
uint64_t weir_estimate_tokens (const WeirRequest *request);
