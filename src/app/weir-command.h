/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the commands that leave again have in common: each asks the vault itself and runs
 * the loop until it is answered. */

#include "accounts/weir-vault.h"
#include "app/weir-options.h"
#include "store/weir-config.h"

/* (transfer full) (nullable): @error says why.  Who has no configuration yet has the
 * default one. */
WeirConfig *weir_command_load_config (const WeirOptions *options, GError **error);

/* Whoever types a command may be asked to unlock. */
gboolean weir_command_ensure_unlocked (WeirVault *vault, GError **error);

/* A GAsyncReadyCallback whose @user_data is a GAsyncResult ** that is NULL: it gets a
 * reference. */
void weir_command_keep_result (GObject *source, GAsyncResult *result, gpointer user_data);
/* Runs the loop until it has one. */
void weir_command_await_result (GAsyncResult **result);
