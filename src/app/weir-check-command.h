/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/weir-options.h"

/* Reads the configuration as a start would, and says on the standard error what there is to
 * say of it.  Returns the exit status. */
int weir_check_command_run (const WeirOptions *options);
