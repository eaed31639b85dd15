/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The tray: icon and menu on a bus, showing one model.  Actions are told from the main
 * loop, never from inside a call of a host. */

#include "tray/weir-tray-model.h"

#include <gio/gio.h>

typedef struct _WeirTray WeirTray;

typedef struct
{
  /* @action and @target (nullable) as weir-tray-menu.h lists them; @token (nullable): what
   * lets a window take the focus. */
  void (*activated) (const char *action,
                     GVariant *target,
                     const char *token,
                     gpointer user_data);
  /* (nullable): a panel shows the icon now, or none does any more. */
  void (*shown_changed) (gboolean is_shown, gpointer user_data);
} WeirTrayFuncs;

/* @funcs must outlive it.  NULL: the bus has a tray on this connection already. */
WeirTray *weir_tray_new (GDBusConnection *bus,
                         const WeirTrayFuncs *funcs,
                         gpointer user_data,
                         GError **error);
/* Not from inside a callback. */
void weir_tray_free (WeirTray *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirTray, weir_tray_free)

/* Shows @model (transfer full) from now on. */
void weir_tray_take_model (WeirTray *self, WeirTrayModel *model);

/* Does a panel show the icon? */
gboolean weir_tray_is_shown (const WeirTray *self);
