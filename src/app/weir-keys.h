/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The keys that configurations name instead of holding them ("vault:NAME"): from the vault
 * into each configuration as it comes, and a word when one of them is another one now.  The
 * vault is opened with the first such configuration. */

#include "accounts/weir-vault-home.h"
#include "store/weir-config.h"

typedef struct _WeirKeys WeirKeys;

/* @changed: what the last configuration was filled with is out of date; it should be read
 * and filled again.  On the main loop. */
WeirKeys *weir_keys_new (void (*changed) (gpointer user_data), gpointer user_data);
void weir_keys_free (WeirKeys *self); /* @changed is not called any more */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirKeys, weir_keys_free)

/* Fills @config, which nobody else has yet.  Keys that are not there add a remark to
 * @notices (of WeirConfigNotice). */
void weir_keys_fill (WeirKeys *self, WeirConfig *config, GPtrArray *notices);

/* For a start, before there is anything else to do: lets the main loop go round until the
 * vault that @config needs has answered, a moment at most. */
void weir_keys_wait (WeirKeys *self, const WeirConfig *config);
/* The same for @vault, whatever it is wanted for. */
void weir_keys_wait_for (WeirVault *vault);

/* (transfer none): the vault, which from now on stays open whatever is named: sign-ins lie
 * there too.  It stays the same one when a later configuration wants secrets elsewhere. */
WeirVault *weir_keys_hold_vault (WeirKeys *self, const WeirConfig *config);

/* (transfer full): where the secrets are by now; nothing moves. */
WeirVaultHome *weir_keys_open_home (const WeirConfig *config);
