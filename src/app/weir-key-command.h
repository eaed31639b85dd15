/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* `weir --store-key NAME`, `--list-keys`, `--delete-key NAME`: the user's hand in the
 * vault. A key comes by standard input and is never shown. */

#include "app/weir-options.h"

/* Returns the exit status. */
int weir_key_command_run (const WeirOptions *options);
