/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The seam between the vault and what it keeps secrets in. */

#include "accounts/weir-vault.h"

/* What a look found, and what is known. */
typedef struct
{
  WeirVaultState state;
  char *problem;       /* (owned) (nullable): NULL when unlocked */
  GHashTable *secrets; /* (owned) name -> WeirSecret, or NULL: there, but not readable;
                          all there are, when unlocked */
  gboolean is_sealed;  /* they lie in a file that only a key opens */
} WeirVaultFound;

WeirVaultFound *weir_vault_found_new (void);
void weir_vault_found_free (WeirVaultFound *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirVaultFound, weir_vault_found_free)
/* A secret that was read @before stays where @self could not read it, or could not look. */
void weir_vault_found_keep (WeirVaultFound *self, const WeirVaultFound *before);
gboolean weir_vault_found_equal (const WeirVaultFound *a, const WeirVaultFound *b);

/* One operation at a time.  Each returns through its task, whose cancellable ends it: the
 * vault's patience. */
typedef struct
{
  const char *name; /* in messages: "the keyring" */
  gpointer (*open) (WeirVault *vault, const char *path);
  void (*close) (gpointer self); /* no operation is under way */
  /* Returns a WeirVaultFound; never fails but by cancellation. */
  void (*look) (gpointer self, GTask *task);
  /* @secret (nullable): NULL deletes.  Verified.  Returns a boolean. */
  void (*write) (gpointer self, const char *name, WeirSecret *secret, GTask *task);
  /* May prompt.  Returns a boolean; whether it helped is seen by a look. */
  void (*unlock) (gpointer self, GTask *task);
} WeirVaultBackend;

extern const WeirVaultBackend weir_vault_backend_keyring;
extern const WeirVaultBackend weir_vault_backend_file;

/* For backends: something has changed; look again soon. */
void weir_vault_look_again (WeirVault *self);
/* For backends: what it kept secrets in is gone. */
void weir_vault_lose (WeirVault *self, const char *problem);

/* How long an operation that does not ask the user may take: 10 s unless a test says. */
void weir_vault_set_patience (WeirVault *self, unsigned patience_ms);

/* The queue stops: finish comes when all that was asked for before is done, and nothing is
 * done until it is released.  Lookups say what they said. */
void
weir_vault_hold_async (WeirVault *self, GAsyncReadyCallback callback, gpointer user_data);
void weir_vault_hold_finish (WeirVault *self, GAsyncResult *result);
void weir_vault_release (WeirVault *self);
/* While it is held: from now on its secrets lie in @place. */
void weir_vault_move_in (WeirVault *self, WeirVaultPlace place, const char *path);
/* @obstacle (nullable): see weir_vault_get_obstacle. */
void weir_vault_set_obstacle (WeirVault *self, const char *obstacle);

/* Copies all that is in @from into @to, which are both unlocked, and compares; what @to has
 * besides stays there.  WEIR_ERROR_IO: some of it may be there. */
void weir_vault_copy_async (WeirVault *from,
                            WeirVault *to,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean weir_vault_copy_finish (WeirVault *from, GAsyncResult *result, GError **error);

/* Deletes all of @names; nothing prompts. */
void weir_vault_clear_async (WeirVault *self,
                             const char *const *names,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean weir_vault_clear_finish (WeirVault *self, GAsyncResult *result, GError **error);
