/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Feed, tray, actions: nothing of its own but the wires. */

#include "config.h"

#include "app/weir-desktop.h"

#include "app/weir-actions.h"
#include "app/weir-tray-feed.h"

#include "tray/weir-tray.h"

struct _WeirDesktop
{
  WeirApplication *application; /* (unowned) */
  WeirTray *tray;               /* (owned) (nullable) */
  WeirTrayFeed *feed;           /* (owned) (nullable) */
};

static void
on_model (WeirTrayModel *model, gpointer user_data)
{
  WeirDesktop *self = user_data;

  weir_tray_take_model (self->tray, model);
}

/* A click's token only takes the focus when it comes with the call that shows. */
static void
show_with_token (WeirDesktop *self, const char *token)
{
  GVariantDict platform;

  g_variant_dict_init (&platform, NULL);
  g_variant_dict_insert (&platform, "activation-token", "s", token);
  g_variant_dict_insert (&platform, "desktop-startup-id", "s", token);
  weir_actions_show_window (self->application, g_variant_dict_end (&platform));
}

static void
on_activated (const char *action, GVariant *target, const char *token, gpointer user_data)
{
  WeirDesktop *self = user_data;

  if (token != NULL)
    show_with_token (self, token);
  g_action_group_activate_action (G_ACTION_GROUP (self->application), action, target);
}

WeirDesktop *
weir_desktop_new (WeirApplication *application)
{
  WeirDesktop *self = g_new0 (WeirDesktop, 1);

  self->application = application;
  return self;
}

void
weir_desktop_leave (WeirDesktop *self)
{
  g_clear_pointer (&self->feed, weir_tray_feed_free);
  g_clear_pointer (&self->tray, weir_tray_free);
}

void
weir_desktop_free (WeirDesktop *self)
{
  if (self == NULL)
    return;
  weir_desktop_leave (self);
  g_free (self);
}

gboolean
weir_desktop_publish (WeirDesktop *self, GDBusConnection *bus, GError **error)
{
  static const WeirTrayFuncs funcs = { .activated = on_activated };

  weir_desktop_leave (self);
  self->tray = weir_tray_new (bus, &funcs, self, error);
  if (self->tray == NULL)
    return FALSE;
  self->feed = weir_tray_feed_new (bus, on_model, self);
  return TRUE;
}
