/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where other programs keep their sign-ins.  Blocking: for threads. */

#include "control/weir-import.h"

/* (transfer full): of WeirImportFound (owned): those that can be read, by program. */
GPtrArray *weir_import_places_find (void);

/* (transfer full): the one called @id; errors are sentences for the user. */
WeirImported *weir_import_places_read (const char *id, GError **error);
