/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Whether a rule of the user's holds.  For weir-verdict.c. */

#include "providers/weir-verdict.h"

/* @text: the answer's body, or an in-stream error's message; not NUL-terminated. */
gboolean weir_error_rule_holds (const WeirErrorRule *self, unsigned status, WeirSlice text);
