/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A folder in which another program keeps its sign-ins, read as it changes: each file is an
 * account here, with whatever token stands in it now.  Refresh tokens are left there: two
 * programs that renew one sign-in lose it.  Nothing is written, and an account whose file
 * goes stays, for its settings.  On the main loop; files are read in a thread. */

#include "control/weir-import.h"

typedef struct _WeirAuthFolder WeirAuthFolder;

/* @path: "~/" is the home folder; it need not be there yet.  @import must outlive it. */
WeirAuthFolder *weir_auth_folder_new (WeirImport *import, const char *path);
void weir_auth_folder_free (WeirAuthFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirAuthFolder, weir_auth_folder_free)

/* Looks again, where something could not be kept the last time: the vault has changed. */
void weir_auth_folder_retry (WeirAuthFolder *self);

/* As it was given. */
const char *weir_auth_folder_get_path (const WeirAuthFolder *self);
