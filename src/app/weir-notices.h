/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Notifications: shows what weir-notice-watch decides, and keeps its memory in a file of
 * the state folder. */

#include "tray/weir-tray-model.h"

#include <gio/gio.h>

typedef struct _WeirNotices WeirNotices;

/* @application outlives it; it has the action "snooze" (ssx) from now on: account, window,
 * until when.  @path (transfer none): where the memory is kept; waits for the disk. */
WeirNotices *weir_notices_new (GApplication *application, const char *path);
void weir_notices_free (WeirNotices *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirNotices, weir_notices_free)

/* The bus that we are on now.  @bus (nullable). */
void weir_notices_set_bus (WeirNotices *self, GDBusConnection *bus);

/* Tells what is new in @model. */
void weir_notices_look (WeirNotices *self, const WeirTrayModel *model);

/* (transfer full): $XDG_STATE_HOME/weir/notices. */
char *weir_notices_dup_default_path (void);
