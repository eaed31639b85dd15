/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where the secrets of a user lie, written down beside the file that they may lie in: what
 * the configuration says may be a wish that has not come to pass.  No secret is in it. */

#include "accounts/weir-vault.h"

typedef struct
{
  gboolean is_there; /* something has been kept at some time */
  WeirVaultPlace place;
  char **left; /* (owned) (nullable): names that the other place may still have */
} WeirVaultNote;

void weir_vault_note_clear (WeirVaultNote *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirVaultNote, weir_vault_note_clear)

/* (transfer full): the note's path, @path being the file's. */
char *weir_vault_note_dup_path (const char *path);

/* Both wait for the disk.  What is no note is none. */
void weir_vault_note_read (const char *path, WeirVaultNote *out);
gboolean
weir_vault_note_write (const char *path, const WeirVaultNote *note, GError **error);
