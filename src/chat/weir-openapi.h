/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Gemini's own schemas (a subset of OpenAPI 3.0: types in upper case, limits as strings)
 * made JSON Schema, for writers of every other dialect. */

#include "base/weir-slice.h"

/* @schema (one JSON value) as JSON Schema; what needs no change keeps its bytes.  @scratch
 * is overwritten; the slice is good until it is touched again. */
WeirSlice weir_openapi_get_schema (WeirSlice schema, GString *scratch);
