/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Those who collect icons: finds them on the bus and registers an item with each, again
 * when one comes back. */

#include <gio/gio.h>

typedef struct _WeirTrayWatcher WeirTrayWatcher;

/* @changed: whether somebody has taken the item now.  @item_path: where it is. */
WeirTrayWatcher *weir_tray_watcher_new (GDBusConnection *bus,
                                        const char *item_path,
                                        void (*changed) (gboolean is_taken,
                                                         gpointer user_data),
                                        gpointer user_data);
void weir_tray_watcher_free (WeirTrayWatcher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirTrayWatcher, weir_tray_watcher_free)

gboolean weir_tray_watcher_is_taken (const WeirTrayWatcher *self);
