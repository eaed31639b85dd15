/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Nothing of its own but the wires: one model of the feed for all that show it. */

#include "config.h"

#include "app/weir-desktop.h"

#include "app/weir-actions.h"
#include "app/weir-background.h"
#include "app/weir-notices.h"
#include "app/weir-search-provider.h"
#include "app/weir-tray-feed.h"

#include "base/weir-clock.h"
#include "tray/weir-tray-face.h"
#include "tray/weir-tray.h"

/* A panel that starts with the session takes a while. */
#define HELPER_DELAY_S 10

struct _WeirDesktop
{
  WeirApplication *application; /* (unowned) */
  WeirNotices *notices;         /* (owned) */
  WeirBackground *background;   /* (owned) */
  WeirSearchProvider *search;   /* (owned) (nullable) */
  WeirTray *tray;               /* (owned) (nullable) */
  WeirTrayFeed *feed;           /* (owned) (nullable) */
  GDBusConnection *bus;         /* (owned) (nullable): while we are on it */
  unsigned helper_id;           /* waits whether a panel comes; 0: no more */

  /* the configuration's; nothing is shown before there is one */
  gboolean wants_tray;
  gboolean wants_notices;
  gboolean hides_stopped;
  gboolean has_label;
  gboolean is_private;
  WeirTrayClick left_click;
  WeirTrayMiddleClick middle_click;
  unsigned left;
  unsigned left_last;
};

static void
on_model (WeirTrayModel *fresh, gpointer user_data)
{
  WeirDesktop *self = user_data;
  g_autoptr (WeirTrayModel) model = fresh;
  g_autofree char *title = weir_tray_face_dup_title (model, NULL, weir_clock_real_us ());

  model->hides_stopped = self->hides_stopped;
  model->has_label = self->has_label;
  model->is_private = self->is_private;
  model->left_click = self->left_click;
  model->middle_click = self->middle_click;
  model->left = self->left;
  model->left_last = self->left_last;
  if (self->wants_notices)
    weir_notices_look (self->notices, model);
  weir_background_set_status (self->background, title);
  weir_search_provider_set_model (self->search, model);
  if (self->tray != NULL)
    weir_tray_take_model (self->tray, weir_tray_model_ref (model));
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

/* Panels of X11 that know XEmbed only are served by a process of its own, which ends by
 * itself: without a display, with us, and when a panel of the other kind comes. */
static gboolean
helper_cb (gpointer user_data)
{
  WeirDesktop *self = user_data;
  g_autofree char *path = g_build_filename (WEIR_LIBEXECDIR, "weir-tray", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) helper = NULL;

  self->helper_id = 0;
  if (self->tray == NULL || weir_tray_is_shown (self->tray)
      || !g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return G_SOURCE_REMOVE;
  helper = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, path, NULL);
  if (helper == NULL)
    g_debug ("%s", error->message);
  return G_SOURCE_REMOVE;
}

static gboolean
is_on_x11 (void)
{
  return g_getenv ("DISPLAY") != NULL && g_getenv ("WAYLAND_DISPLAY") == NULL;
}

static void
on_shown_changed (gboolean is_shown, gpointer user_data)
{
  WeirDesktop *self = user_data;

  g_clear_handle_id (&self->helper_id, g_source_remove);
  if (!is_shown && is_on_x11 ())
    self->helper_id = g_timeout_add_seconds (HELPER_DELAY_S, helper_cb, self);
}

static void
on_found (const char *action, const char *argument, gpointer user_data)
{
  WeirDesktop *self = user_data;

  g_action_group_activate_action (G_ACTION_GROUP (self->application), action,
                                  argument != NULL ? g_variant_new_string (argument)
                                                   : NULL);
}

WeirDesktop *
weir_desktop_new (WeirApplication *application)
{
  WeirDesktop *self = g_new0 (WeirDesktop, 1);
  g_autofree char *path = weir_notices_dup_default_path ();

  self->application = application;
  self->notices = weir_notices_new (G_APPLICATION (application), path);
  self->background = weir_background_new (G_APPLICATION (application));
  return self;
}

static void
drop_tray (WeirDesktop *self)
{
  g_clear_handle_id (&self->helper_id, g_source_remove);
  g_clear_pointer (&self->tray, weir_tray_free);
}

void
weir_desktop_leave (WeirDesktop *self)
{
  drop_tray (self);
  g_clear_pointer (&self->feed, weir_tray_feed_free);
  g_clear_pointer (&self->search, weir_search_provider_free);
  weir_background_set_bus (self->background, NULL);
  weir_notices_set_bus (self->notices, NULL);
  g_clear_object (&self->bus);
}

void
weir_desktop_free (WeirDesktop *self)
{
  if (self == NULL)
    return;
  weir_desktop_leave (self);
  weir_notices_free (self->notices);
  weir_background_free (self->background);
  g_free (self);
}

static gboolean
ensure_tray (WeirDesktop *self, GError **error)
{
  static const WeirTrayFuncs funcs
      = { .activated = on_activated, .shown_changed = on_shown_changed };

  if (self->tray != NULL || !self->wants_tray)
    return TRUE;
  self->tray = weir_tray_new (self->bus, &funcs, self, error);
  if (self->tray == NULL)
    return FALSE;
  on_shown_changed (FALSE, self);
  return TRUE;
}

gboolean
weir_desktop_publish (WeirDesktop *self, GDBusConnection *bus, GError **error)
{
  weir_desktop_leave (self);
  self->bus = g_object_ref (bus);
  self->search = weir_search_provider_new (bus, on_found, self, error);
  if (self->search == NULL || !ensure_tray (self, error))
    return FALSE;
  weir_background_set_bus (self->background, bus);
  weir_notices_set_bus (self->notices, bus);
  self->feed = weir_tray_feed_new (bus, on_model, self);
  return TRUE;
}

void
weir_desktop_set_config (WeirDesktop *self, const WeirConfig *config)
{
  static const WeirTrayClick clicks[] = {
    [WEIR_CONFIG_CLICK_WINDOW] = WEIR_TRAY_CLICK_WINDOW,
    [WEIR_CONFIG_CLICK_MENU] = WEIR_TRAY_CLICK_MENU,
    [WEIR_CONFIG_CLICK_TOGGLE] = WEIR_TRAY_CLICK_TOGGLE,
  };
  static const WeirTrayMiddleClick middle_clicks[] = {
    [WEIR_CONFIG_MIDDLE_CLICK_TOGGLE] = WEIR_TRAY_MIDDLE_TOGGLE,
    [WEIR_CONFIG_MIDDLE_CLICK_REFRESH] = WEIR_TRAY_MIDDLE_REFRESH,
    [WEIR_CONFIG_MIDDLE_CLICK_COPY] = WEIR_TRAY_MIDDLE_COPY,
  };
  g_autoptr (GError) error = NULL;

  self->wants_tray = config->tray_enable;
  self->wants_notices = config->notifications;
  self->hides_stopped = config->tray_hide_stopped;
  self->has_label = config->tray_show_percent;
  self->is_private = config->tray_hide_addresses;
  self->left_click = clicks[config->tray_left_click];
  self->middle_click = middle_clicks[config->tray_middle_click];
  self->left = config->notify_left;
  self->left_last = config->notify_left_last;
  if (!self->wants_tray)
    drop_tray (self);
  if (self->bus == NULL)
    return;
  if (!ensure_tray (self, &error))
    g_warning ("%s", error->message);
  weir_tray_feed_tell_again (self->feed);
}
