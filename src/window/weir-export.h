/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Requests as a file for other programs.  Pure. */

#include <gio/gio.h>

/* (transfer full): of @exchanges (of WeirRecord), one line each, behind a line of names.
 * Cells that a spreadsheet would take for a formula get an apostrophe in front. */
char *weir_export_csv (GListModel *exchanges);

/* (transfer full): the same as an array of objects. */
char *weir_export_json (GListModel *exchanges);
