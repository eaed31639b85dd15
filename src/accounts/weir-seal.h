/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Bytes that only a key opens (AES-256 in GCM).  Their head stays in the clear, and cannot
 * be changed either.  Nothing blocks.  Errors are WEIR_ERROR_IO. */

#include "base/weir-error.h"
#include "base/weir-secret.h"

/* (transfer full): a new key: 64 hex digits. */
WeirSecret *weir_seal_make_key (void);
gboolean weir_seal_is_key (const WeirSecret *text);

/* (transfer full) (nullable): @head, and @text sealed. */
GBytes *
weir_seal_close (WeirSlice head, const WeirSecret *key, WeirSlice text, GError **error);

/* (transfer full) (nullable): the text, and a NUL, in a buffer that the caller wipes.
 * @bytes begin with a head of @head_bytes. */
char *weir_seal_open (WeirSlice bytes,
                      size_t head_bytes,
                      const WeirSecret *key,
                      size_t *out_length,
                      GError **error);
