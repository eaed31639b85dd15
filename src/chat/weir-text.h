/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* JSON-escaped bytes, as between the quotes of a string. */

#include "base/weir-slice.h"

/* Appends what @escaped spells, as weir_json_append_text does.  It must be the inside of a
 * JSON string. */
void weir_text_unescape (WeirSlice escaped, GString *out);
