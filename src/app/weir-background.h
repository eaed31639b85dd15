/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The start with the session, and the line that GNOME shows of programs without a window.
 * In a sandbox both are the Background portal's; outside the start is an entry of XDG
 * autostart, which the user sees and switches in every desktop. */

#include <gio/gio.h>

typedef struct _WeirBackground WeirBackground;

/* @application outlives it; it has the action "start-at-login" from now on: stateful, a
 * boolean.  Waits for the disk. */
WeirBackground *weir_background_new (GApplication *application);
void weir_background_free (WeirBackground *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirBackground, weir_background_free)

/* The bus that the portal is asked on. */
void weir_background_set_bus (WeirBackground *self, GDBusConnection *bus);
/* One line; it is cut to what the portal takes. */
void weir_background_set_status (WeirBackground *self, const char *line);

/* (transfer full): the entry of XDG autostart, for @program ("/usr/bin/weir"). */
char *weir_background_dup_entry (const char *program);
