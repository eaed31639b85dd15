/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Secrets by name: API keys ("api-key/NAME") and sign-ins ("account/ID").  They lie in the
 * session's keyring (Secret Service, or the Secret portal's file in a sandbox), or, where
 * the user chose so, in one file.  Everything is read once at the start and kept: an answer
 * never waits.  What others change there is seen.
 *
 * No call blocks; all callbacks come on the main context that was the thread's default when
 * the vault was made.  No secret is in a message, a label or an attribute; names are in all
 * of them. */

#include "base/weir-error.h"
#include "base/weir-secret.h"

#include <gio/gio.h>

typedef enum
{
  WEIR_VAULT_STARTING, /* nobody has answered yet */
  WEIR_VAULT_UNLOCKED, /* everything that is there is known */
  WEIR_VAULT_LOCKED,   /* the user can unlock it, or make a keyring */
  WEIR_VAULT_MISSING,  /* nothing to keep secrets in: no bus, no service, a broken file */
} WeirVaultState;

typedef enum
{
  WEIR_VAULT_PRESENT,
  WEIR_VAULT_ABSENT,      /* said of an unlocked vault only */
  WEIR_VAULT_UNREACHABLE, /* locked or missing: it may well be there */
} WeirVaultAnswer;

typedef enum
{
  WEIR_VAULT_KEYRING,
  WEIR_VAULT_FILE,
} WeirVaultPlace;

/* Property "state" (int, a WeirVaultState; readable, notified).  Signals: "changed": some
 * answer may be another one now, or the state is, or what was said about them;
 * "unlock-asked": the user is there and wants it to work. */
#define WEIR_TYPE_VAULT (weir_vault_get_type ())
G_DECLARE_FINAL_TYPE (WeirVault, weir_vault, WEIR, VAULT, GObject)

/* Begins to look at once.  @path: of the file, wherever the secrets lie; see
 * weir-vault-file.c for what is refused.  A program has its vault by weir-vault-home. */
WeirVault *weir_vault_new (WeirVaultPlace place, const char *path);

/* A kind ("api-key" or "account"), a slash, and 1 to 128 of A-Z a-z 0-9 . _ @ + - that
 * begin with a letter or digit. */
gboolean weir_vault_is_name (const char *name);

WeirVaultState weir_vault_get_state (WeirVault *self);
/* Why it is not unlocked and what to do about it: lower case, no full stop; NULL where it
 * is, or has not been asked yet.  Borrowed until the main loop goes on. */
const char *weir_vault_get_problem (WeirVault *self);

/* Where its secrets lie. */
WeirVaultPlace weir_vault_get_place (WeirVault *self);
/* (nullable): why they do not lie where the user wants them: lower case, no full stop.
 * Borrowed until the main loop goes on. */
const char *weir_vault_get_obstacle (WeirVault *self);
/* They lie in a file that a key opens, which systemd gives. */
gboolean weir_vault_is_sealed (WeirVault *self);

/* What is known of @name.  @out_secret (transfer full): set when PRESENT, which a secret
 * once read stays when the vault is locked or its service dies. */
WeirVaultAnswer
weir_vault_lookup (WeirVault *self, const char *name, WeirSecret **out_secret);

/* (transfer full): names that are known to be there, sorted, also those of secrets that
 * cannot be read now. */
char **weir_vault_list (WeirVault *self);

/* Write, read back, compare.  Until that has worked lookups say what they said.  Writes are
 * done in the order in which they were asked for.  WEIR_ERROR_IO: locked, missing, full, or
 * something else came back; nothing prompts.  WEIR_ERROR_BAD_REQUEST: no name.
 * @cancellable only ends the wait: the write is done all the same. */
void weir_vault_store_async (WeirVault *self,
                             const char *name,
                             WeirSecret *secret,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean weir_vault_store_finish (WeirVault *self, GAsyncResult *result, GError **error);

/* The same; that @name was not there is no error. */
void weir_vault_delete_async (WeirVault *self,
                              const char *name,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean weir_vault_delete_finish (WeirVault *self, GAsyncResult *result, GError **error);

/* Looks again; never prompts.  FALSE and WEIR_ERROR_IO where it is not unlocked. */
void weir_vault_look_async (WeirVault *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean weir_vault_look_finish (WeirVault *self, GAsyncResult *result, GError **error);

/* Asks the user to unlock (the only call that may prompt) where it is locked, and looks
 * again in any case.  FALSE and WEIR_ERROR_IO where it is not unlocked after that: said no,
 * nobody to ask. */
void weir_vault_unlock_async (WeirVault *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean weir_vault_unlock_finish (WeirVault *self, GAsyncResult *result, GError **error);
