/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* `weir --check-config`: says what is wrong with the configuration, and serves nobody. */

#include "app/weir-options.h"

/* Returns the exit status. */
int weir_check_command_run (const WeirOptions *options);
