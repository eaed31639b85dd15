/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The vault of a program, and how it moves when the user wants its secrets elsewhere: they
 * are copied and compared, the vault goes on with the copies, and only then the other place
 * loses them.  Whatever fails before that, the place where they lie stays in force; the
 * vault says why (weir_vault_get_obstacle), and it is tried again when that place is
 * unlocked, when the user asks to unlock, when he wants it anew, and at the next start.
 *
 * Signal "notice" (char *sentence, for the user): what has become of a move. */

#include "accounts/weir-vault.h"

#define WEIR_TYPE_VAULT_HOME (weir_vault_home_get_type ())
G_DECLARE_FINAL_TYPE (WeirVaultHome, weir_vault_home, WEIR, VAULT_HOME, GObject)

/* Opens the place where secrets lie by now, or @place where none were ever kept.  @path: of
 * the file.  Waits for the disk to read a line. */
WeirVaultHome *weir_vault_home_new (const char *path, WeirVaultPlace place);

/* (transfer full): $XDG_DATA_HOME/weir/secrets. */
char *weir_vault_home_dup_default_path (void);

/* (transfer none): the same, wherever it moves. */
WeirVault *weir_vault_home_get_vault (WeirVaultHome *self);

/* The user wants them there: moves, if they are not.  A command that only asks does not say
 * this. */
void weir_vault_home_want (WeirVaultHome *self, WeirVaultPlace place);
