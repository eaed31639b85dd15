/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Gemini has two ways to say what JSON must look like: its own Schema, a part of OpenAPI
 * 3.0 with types in capitals, and, in the members whose names end in JsonSchema, plain JSON
 * Schema (API reference, read 2026-10).  Requests hold JSON Schema only. */

#include "base/weir-slice.h"

/* Does @schema (one JSON value) refer to other schemas?  The service refuses many that do,
 * also in the members for JSON Schema; such a schema is written as a Schema, in which there
 * is nothing to refer by.  Everything else is copied. */
gboolean weir_gemini_schema_has_references (WeirSlice schema);

/* Appends @schema as a Schema: an allow-list.  References are put in place, to a depth and
 * a size; what the list lacks is left out.  FALSE: something that held values back was. */
gboolean weir_gemini_schema_narrow (WeirSlice schema, GString *out);

/* Appends @schema, a Schema in any spelling, as JSON Schema. */
void weir_gemini_schema_widen (WeirSlice schema, GString *out);
