/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A vault asked as if its calls waited; nothing takes longer than a few seconds. */

#include "accounts/weir-vault-private.h"

/* A folder that comes and goes with all that is in it, and a file of secrets in it. */
typedef struct
{
  char *folder; /* (owned) mode 0700 */
  char *path;   /* (owned) */
} VaultPlace;

void vault_place_set_up (VaultPlace *place, gconstpointer data);
void vault_place_tear_down (VaultPlace *place, gconstpointer data);

/* (transfer full): @text as a secret. */
WeirSecret *vault_secret (const char *text);

/* The main loop goes round until @vault is in @state. */
void vault_await (WeirVault *vault, WeirVaultState state);
/* The main loop goes round until a lookup of @name answers @answer, with @text (nullable).
 */
void vault_await_answer (WeirVault *vault,
                         const char *name,
                         WeirVaultAnswer answer,
                         const char *text);
/* The main loop goes round that long. */
void vault_spin (unsigned ms);

gboolean vault_store (WeirVault *vault, const char *name, const char *text, GError **error);
gboolean vault_delete (WeirVault *vault, const char *name, GError **error);
gboolean vault_unlock (WeirVault *vault, GError **error);

void vault_assert_answer (WeirVault *vault,
                          const char *name,
                          WeirVaultAnswer answer,
                          const char *text);

/* The last reference: nothing of it is under way when this returns. */
void vault_close (WeirVault *vault);
