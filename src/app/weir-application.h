/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The GApplication: one of us for a session, the objects on the bus before the name, and
 * the name again when the bus has died and come back. */

#include <gio/gio.h>

#define WEIR_TYPE_APPLICATION (weir_application_get_type ())
G_DECLARE_FINAL_TYPE (WeirApplication, weir_application, WEIR, APPLICATION, GApplication)

typedef struct
{
  /* Puts everything of ours on @bus; again on the next one. */
  gboolean (*publish) (GDBusConnection *bus, gpointer user_data, GError **error);
  /* Somebody wants the window.  @platform: what its desktop said of that, a{sv}. */
  void (*activate) (GVariant *platform, gpointer user_data);
} WeirApplicationFuncs;

/* @funcs stays the caller's. */
WeirApplication *weir_application_new (gboolean is_service,
                                       const WeirApplicationFuncs *funcs,
                                       gpointer user_data);

/* (transfer full): that another weir has the name, which one, and what to do about it. */
char *weir_application_dup_refusal (void);

/* The bus that we are on now; NULL: none. */
GDBusConnection *weir_application_get_bus (WeirApplication *self);
