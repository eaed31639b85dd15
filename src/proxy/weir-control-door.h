/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Paths that are not model routes, served by libsoup on connections that the front door has
 * looked at and admitted: one request a connection. */

#include "base/weir-slice.h"

#include <gio/gio.h>

typedef struct _WeirControlDoor WeirControlDoor;

WeirControlDoor *weir_control_door_new (void);
void weir_control_door_free (WeirControlDoor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirControlDoor, weir_control_door_free)

/* Takes the connection @stream (transfer full) whose first bytes @replay have been read.
 * @local and @remote: its ends. */
void weir_control_door_accept (WeirControlDoor *self,
                               GIOStream *stream,
                               WeirSlice replay,
                               GSocketAddress *local,
                               GSocketAddress *remote);
