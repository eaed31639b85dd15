/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Changes of a configuration file that leave every other byte as it is, comments included.
 * Each function takes the text of a file and returns (transfer full) the changed one, to be
 * released by weir_file_wipe; or NULL and WEIR_ERROR_CONFIG when the text is no usable
 * YAML, when the place cannot hold the change, or when the change would not read back as
 * meant.
 * @key_path is a path of the table, such as `port` or `tls.enable`. */

#include "base/weir-error.h"
#include "base/weir-slice.h"

#include <gio/gio.h>

/* Sets a single value; a key or section that is not there is added behind the others.
 * @value: without quotes; they are added where the key holds text. */
GBytes *weir_config_edit_set_scalar (WeirSlice text,
                                     const char *key_path,
                                     const char *value,
                                     GError **error);

/* Adds the text @value behind the last item of a list; a list that is not there is added.
 */
GBytes *weir_config_edit_append_item (WeirSlice text,
                                      const char *key_path,
                                      const char *value,
                                      GError **error);

/* Removes the item @index (from 0) of a list, with the comment behind it in its line. */
GBytes *weir_config_edit_remove_item (WeirSlice text,
                                      const char *key_path,
                                      unsigned index,
                                      GError **error);
