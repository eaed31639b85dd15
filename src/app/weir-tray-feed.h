/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tray shows, read from our own objects on the bus as any other face reads them:
 * the tray knows nothing that a window or a script could not.  A change is told a moment
 * later, several at once. */

#include "tray/weir-tray-model.h"

#include <gio/gio.h>

typedef struct _WeirTrayFeed WeirTrayFeed;

/* @changed: takes the model (transfer full). */
WeirTrayFeed *weir_tray_feed_new (GDBusConnection *bus,
                                  void (*changed) (WeirTrayModel *model,
                                                   gpointer user_data),
                                  gpointer user_data);
void weir_tray_feed_free (WeirTrayFeed *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirTrayFeed, weir_tray_feed_free)

/* A model although nothing has changed on the bus. */
void weir_tray_feed_tell_again (WeirTrayFeed *self);
