/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The one way a file is written: temp file beside it, fsync, rename, fsync of the
 * directory. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

/* Replaces @path by @bytes with mode 0600, or makes it.  The directory is held open; links
 * in the last component are not followed.  On failure (WEIR_ERROR_IO) the old file is
 * untouched. */
gboolean weir_file_replace (const char *path, WeirSlice bytes, GError **error);

/* As above, but fails where @path exists. */
gboolean weir_file_create (const char *path, WeirSlice bytes, GError **error);

/* (transfer full): the bytes of a regular file (links followed) of at most @max_bytes.
 * @out_mode (nullable): its permission bits; @out_uid (nullable): its owner. */
GBytes *weir_file_read (const char *path,
                        size_t max_bytes,
                        unsigned *out_mode,
                        unsigned *out_uid,
                        GError **error);
