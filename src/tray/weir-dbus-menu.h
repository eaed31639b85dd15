/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A menu on the bus: com.canonical.dbusmenu at WEIR_DBUS_MENU_PATH, as panels read it.
 *
 * While a host shows the menu only texts, checks and what can be chosen change under it;
 * rows that come or go wait until it is closed, a minute at most.  Anybody on the bus may
 * ask; what is asked for is bounded, and rows that are not there are refused. */

#include "tray/weir-menu.h"

#include <gio/gio.h>

#define WEIR_DBUS_MENU_PATH "/MenuBar"

typedef struct _WeirDBusMenu WeirDBusMenu;

typedef struct
{
  /* A row was chosen.  Both are valid during the call; @target is NULL without one. */
  void (*chosen) (const char *action, GVariant *target, gpointer user_data);
  /* (nullable): the menu will be shown: weir_dbus_menu_take is called here if it would say
   * something else now. */
  void (*about_to_show) (gpointer user_data);
} WeirDBusMenuFuncs;

/* @funcs must outlive it.  NULL: the path is taken on @bus. */
WeirDBusMenu *weir_dbus_menu_new (GDBusConnection *bus,
                                  const WeirDBusMenuFuncs *funcs,
                                  gpointer user_data,
                                  GError **error);
void weir_dbus_menu_free (WeirDBusMenu *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirDBusMenu, weir_dbus_menu_free)

/* Shows @root (transfer full), whose ids are given here, from now on; hosts are told what
 * has changed, and nothing where nothing has. */
void weir_dbus_menu_take (WeirDBusMenu *self, WeirMenuRow *root);
