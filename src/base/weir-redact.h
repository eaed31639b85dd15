/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What may be shown of text that came from outside: credentials are replaced, control bytes
 * are escaped, length is bounded. */

#include "base/weir-slice.h"

/* (transfer full): at most @max_bytes bytes of @text as one line of valid UTF-8.  Replaced
 * by
 * `[redacted]`: values behind `Bearer`, `Basic`, `api_key`, `apikey`, `api-key`,
 * `x-api-key`, `x-goog-api-key`, `key=`, `token`, `secret`, `password`, `authorization`,
 * `cookie`, `code=`, `state=` (in header, query, JSON and YAML spelling), user information
 * in URLs, and any word that looks like a vendor key (sk-…, AIza…, ghp_…, gho_…, xai-…,
 * eyJ….….…). Text longer than @max_bytes ends in `…`. */
char *weir_redact (WeirSlice text, size_t max_bytes);
