/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Documents in a zip archive (AUTH_ZIP_URL).  Pure and bounded. */

#include "control/weir-import-bundle.h"

/* As weir_bundle_read, of bytes that begin as a zip archive does.  Calls @func for each
 * file called *.json, without its folder. */
gboolean
weir_zip_read (WeirSlice bytes, WeirBundleFunc func, gpointer user_data, GError **error);
