/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The one way a file is written: temp file beside it, fsync, rename, fsync of the
 * directory. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

/* Replaces @path by @bytes with mode 0600, or makes it.  The directory is held open; a link
 * in the last component is refused.  On failure (WEIR_ERROR_IO) the old file is untouched,
 * unless the message says that only the folder could not be synced. */
gboolean weir_file_replace (const char *path, WeirSlice bytes, GError **error);

/* As above, but fails where @path exists. */
gboolean weir_file_create (const char *path, WeirSlice bytes, GError **error);

/* (transfer full): the bytes of a regular file (links followed) of at most @max_bytes.
 * @out_mode (nullable): its permission bits; @out_uid (nullable): its owner.
 * WEIR_ERROR_TOO_LARGE where it holds more, else WEIR_ERROR_IO.  Bytes that hold secrets
 * are released by weir_file_wipe. */
GBytes *weir_file_read (const char *path,
                        size_t max_bytes,
                        unsigned *out_mode,
                        unsigned *out_uid,
                        GError **error);

/* (transfer full) (nullable): overwrites and frees bytes; where somebody else holds them
 * too, it is a copy that is overwritten. */
void weir_file_wipe (GBytes *bytes);
