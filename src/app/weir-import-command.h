/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* `weir --import-accounts FILE`: sign-ins for a service that nobody can reach by a bus, as
 * on a server: before it starts. */

#include "app/weir-options.h"

/* Returns the exit status. */
int weir_import_command_run (const WeirOptions *options);
