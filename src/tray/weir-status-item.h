/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The icon on the bus: org.kde.StatusNotifierItem (and the same by its freedesktop name) at
 * WEIR_STATUS_ITEM_PATH, shown to whoever collects such icons, again whenever that one
 * comes back.  It is registered by its path, which asks nothing of a sandbox but to talk to
 * the watcher; where a watcher wants a name instead it gets ours. */

#include "tray/weir-tray-face.h"
#include "tray/weir-tray-pixmap.h"

#include <gio/gio.h>

#define WEIR_STATUS_ITEM_PATH "/StatusNotifierItem"

typedef struct _WeirStatusItem WeirStatusItem;

typedef struct
{
  /* Left click (or the menu key); @token (nullable): what lets a window take the focus.
   * FALSE: the host shows the menu instead. */
  gboolean (*activate) (const char *token, gpointer user_data);
  void (*secondary_activate) (const char *token, gpointer user_data);
  void (*scroll) (int step, gpointer user_data); /* 1: forward, -1: back */
  /* Somebody shows the icon now, or nobody does any more. */
  void (*shown_changed) (gboolean is_shown, gpointer user_data);
} WeirStatusItemFuncs;

/* What it says.  Texts are valid during the call that takes them. */
typedef struct
{
  const char *title;
  const char *tooltip; /* lines */
  const char *status;  /* "Passive", "Active", "NeedsAttention" */
  const char *label;   /* beside the icon, where hosts show that; may be "" */
  WeirTrayIcon icon;
  WeirTrayTone tone;
} WeirStatusItemFace;

/* @menu_path: where the menu is.  @funcs must outlive it.  NULL: the path is taken on
 * @bus. */
WeirStatusItem *weir_status_item_new (GDBusConnection *bus,
                                      const char *menu_path,
                                      const WeirStatusItemFuncs *funcs,
                                      gpointer user_data,
                                      GError **error);
void weir_status_item_free (WeirStatusItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirStatusItem, weir_status_item_free)

/* Says what has changed, and nothing where nothing has. */
void weir_status_item_set_face (WeirStatusItem *self, const WeirStatusItemFace *face);

/* Has a watcher taken it? */
gboolean weir_status_item_is_shown (const WeirStatusItem *self);
