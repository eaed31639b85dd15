/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Sign-ins of other programs become accounts: a copy, when the user agrees; or what stands
 * in a folder that another program keeps, as it stands there (weir-auth-folder.h).  Files
 * are read in a thread.  On the main loop. */

#include "accounts/weir-accounts.h"
#include "control/weir-import-read.h"
#include "control/weir-vendor-call.h"

typedef struct _WeirImport WeirImport;

/* Both must outlive it. */
WeirImport *weir_import_new (WeirVendorCalls *calls, WeirAccounts *accounts);
/* What is under way goes on without it. */
void weir_import_free (WeirImport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirImport, weir_import_free)

/* One that was found on this machine. */
typedef struct
{
  char *id;                     /* (owned): the same for the same file */
  const char *program;          /* (unowned): "Claude Code" */
  const WeirProviderOauth *row; /* (unowned) */
  char *path;                   /* (owned) */
  char *identity;               /* (owned): masked; may be empty */
} WeirImportFound;

void weir_import_found_free (WeirImportFound *self);

/* Looks where programs keep their sign-ins.  Finish gives WeirImportFound (transfer full),
 * by program; never an error. */
void
weir_import_find_async (WeirImport *self, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *weir_import_find_finish (GAsyncResult *result);

/* Each of these gives the ids of accounts (transfer full), at least one.  What else there
 * was and could not be taken is said in the log; errors are sentences for the user. */

/* @id: of a WeirImportFound. */
void weir_import_take_found_async (WeirImport *self,
                                   const char *id,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* @bytes: a sign-in, or a bundle (weir-import-bundle.h); wiped by whoever has them. */
void weir_import_take_async (WeirImport *self,
                             GBytes *bytes,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* @imported: of WeirImported (owned); taken. */
void weir_import_take_read_async (WeirImport *self,
                                  GPtrArray *imported,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
char **weir_import_take_finish (GAsyncResult *result, GError **error);

/* (transfer full): the sign-in in the file at @path; blocking, for threads.  NULL: as
 * weir_imported_read. */
WeirImported *weir_import_read_file (const char *path, GError **error);
/* (transfer full): an array that owns its WeirImported. */
GPtrArray *weir_import_list_new (void);
