/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where renewed tokens lie until the vault has them: a file an account, sealed (weir-seal)
 * by a key that is in the vault.  Every call may block.  Errors are WEIR_ERROR_IO. */

#include "base/weir-error.h"
#include "base/weir-secret.h"

#include <stdint.h>

/* The key's name in the vault. */
#define WEIR_ESCROW_KEY_NAME "account/escrow-key"

/* Replaces what there is of @id; on the disk when it returns. */
gboolean weir_escrow_write (const char *folder,
                            const char *id,
                            uint64_t generation,
                            const WeirSecret *key,
                            const WeirSecret *line,
                            GError **error);

/* (transfer full) (nullable): what was written.  NULL without an error: there is nothing.
 */
WeirSecret *weir_escrow_read (const char *folder,
                              const char *id,
                              const WeirSecret *key,
                              uint64_t *out_generation,
                              GError **error);

/* That there is nothing is no error. */
gboolean weir_escrow_remove (const char *folder, const char *id, GError **error);

/* (transfer full): ids of which there is something. */
char **weir_escrow_list (const char *folder);
