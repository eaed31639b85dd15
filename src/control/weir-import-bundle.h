/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Many documents in one file: a JSON array of them, or an auth folder as tar, gzip'd tar,
 * zip (AUTH_ZIP_URL), or base64 of one of them (AUTH_BUNDLE).  Pure and bounded. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#define WEIR_BUNDLE_BYTES_MAX (4u << 20) /* of what comes in */
#define WEIR_BUNDLE_UNPACKED_MAX (16u << 20)
#define WEIR_BUNDLE_DOCUMENTS_MAX 2000u

/* @name: of the file in an archive, without its folder; else "".  @text: valid during the
 * call; its bytes are wiped behind it, but for those of @bytes itself. */
typedef void (*WeirBundleFunc) (const char *name, WeirSlice text, gpointer user_data);

/* Calls @func for each document: what is one object calls it once.  FALSE with
 * WEIR_ERROR_BAD_REQUEST, _UNSUPPORTED or _TOO_LARGE, a sentence for the user; some
 * documents may have been told of before. */
gboolean
weir_bundle_read (WeirSlice bytes, WeirBundleFunc func, gpointer user_data, GError **error);
