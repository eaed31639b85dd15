/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the application is to a desktop beside its window: the tray, notifications,
 * search, and the start with the session.
 * Everything it does it asks the application's actions for. */

#include "app/weir-application.h"
#include "store/weir-config.h"

typedef struct _WeirDesktop WeirDesktop;

/* @application outlives it. */
WeirDesktop *weir_desktop_new (WeirApplication *application);
void weir_desktop_free (WeirDesktop *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirDesktop, weir_desktop_free)

/* Shows itself on @bus, again on another one when that was closed.  Before the name is
 * taken there.  FALSE: something of ours is there already. */
gboolean weir_desktop_publish (WeirDesktop *self, GDBusConnection *bus, GError **error);
/* How the user wants it to be, from now on. */
void weir_desktop_set_config (WeirDesktop *self, const WeirConfig *config);
/* No more, before the objects that it reads go. */
void weir_desktop_leave (WeirDesktop *self);
