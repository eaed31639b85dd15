/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A secret of one line: kept out of core files and swap where the system allows, wiped when
 * the last reference goes, never formatted. */

#include "base/weir-slice.h"

typedef struct _WeirSecret WeirSecret;

/* (transfer full) (nullable): NULL when @text is empty, longer than 64 KiB or holds a byte
 * below 0x20 or 0x7f. */
WeirSecret *weir_secret_new (WeirSlice text);
WeirSecret *weir_secret_ref (WeirSecret *self);
void weir_secret_unref (WeirSecret *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirSecret, weir_secret_unref)

/* The bytes, for the one place that puts them on a wire.  Borrowed. */
WeirSlice weir_secret_reveal (const WeirSecret *self);

/* Equal bytes, compared in a time that does not depend on them. */
gboolean weir_secret_equal (const WeirSecret *a, const WeirSecret *b);

/* (transfer full): `sk-…1f3a`: at most four first and four last characters, and those only
 * from 16 characters on; else `…`. */
char *weir_secret_dup_masked (const WeirSecret *self);

/* Writes the first 16 hex digits of SHA-256 of the bytes and a NUL: the name a log may use.
 */
void weir_secret_get_digest (const WeirSecret *self, char out_hex[17]);

/* Overwrites and frees a string that held a secret. (nullable) */
void weir_secret_wipe_string (char *text);
