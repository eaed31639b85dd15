/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts model, menu and icon together.  Texts that hold a time are made anew when the menu
 * is about to be shown, and every other minute while numbers can age; nothing wakes up for
 * them otherwise. */

#include "config.h"

#include "tray/weir-tray.h"

#include "base/weir-clock.h"
#include "tray/weir-dbus-menu.h"
#include "tray/weir-status-item.h"
#include "tray/weir-tray-menu.h"

#include <string.h>

#define REFRESH_S 120 /* each costs a sleeping machine a wake-up */
#define SETTINGS_TIMEOUT_MS 2000
/* Clicks that wait for the loop; a panel never has two. */
#define PENDING_MAX 16

typedef struct
{
  char *action;     /* (owned) */
  GVariant *target; /* (owned) (nullable) */
  char *token;      /* (owned) (nullable) */
} Pending;

struct _WeirTray
{
  const WeirTrayFuncs *funcs; /* (unowned) */
  gpointer user_data;
  GDBusConnection *bus;      /* (owned) */
  WeirDBusMenu *menu;        /* (owned) */
  WeirStatusItem *item;      /* (owned) */
  WeirTrayModel *model;      /* (owned) */
  char *in_icon;             /* (owned) (nullable): id of the account the user chose */
  GQueue pending;            /* (owned) of Pending */
  GCancellable *cancellable; /* (owned) */
  WeirTrayTone tone;
  unsigned settings_id; /* of a subscription; 0: none */
  unsigned refresh_id;
  unsigned idle_id;
};

static void
pending_free (gpointer data)
{
  Pending *self = data;

  g_clear_pointer (&self->target, g_variant_unref);
  g_free (self->action);
  g_free (self->token);
  g_free (self);
}

static void
show_face (WeirTray *self)
{
  const int64_t now_us = weir_clock_real_us ();
  const WeirTrayIcon icon = weir_tray_face_get_icon (self->model, self->in_icon, now_us);
  g_autofree char *title = weir_tray_face_dup_title (self->model, self->in_icon, now_us);
  g_autofree char *tooltip
      = weir_tray_face_dup_tooltip (self->model, self->in_icon, now_us);
  g_autofree char *label = weir_tray_face_dup_label (self->model, self->in_icon, now_us);
  const WeirStatusItemFace face
      = { .title = title,
          .tooltip = tooltip,
          .label = label,
          .status = weir_tray_face_get_status (self->model, icon.kind),
          .icon = icon,
          .tone = self->tone };

  weir_status_item_set_face (self->item, &face);
}

static void
show_menu (WeirTray *self)
{
  const int64_t now_us = weir_clock_real_us ();
  const WeirTrayAccount *shown = weir_tray_face_get_account (self->model, self->in_icon);

  weir_dbus_menu_take (
      self->menu,
      weir_tray_menu_build (self->model, shown != NULL ? shown->id : NULL, now_us));
}

static gboolean
refresh_cb (gpointer user_data)
{
  WeirTray *self = user_data;

  show_face (self);
  return G_SOURCE_CONTINUE;
}

/* Numbers of accounts have a time; without any, nothing ages. */
static void
set_refreshing (WeirTray *self, gboolean is_wanted)
{
  if (is_wanted && self->refresh_id == 0)
    self->refresh_id = g_timeout_add_seconds (REFRESH_S, refresh_cb, self);
  else if (!is_wanted)
    g_clear_handle_id (&self->refresh_id, g_source_remove);
}

static void
set_in_icon (WeirTray *self, const char *id)
{
  g_free (self->in_icon);
  self->in_icon = g_strdup (id);
  show_face (self);
  show_menu (self);
}

static gboolean
idle_cb (gpointer user_data)
{
  WeirTray *self = user_data;
  Pending *next = g_queue_pop_head (&self->pending);

  if (next == NULL)
    {
      self->idle_id = 0;
      return G_SOURCE_REMOVE;
    }
  if (g_str_equal (next->action, "show-in-icon"))
    set_in_icon (self, g_variant_get_string (next->target, NULL));
  else
    self->funcs->activated (next->action, next->target, next->token, self->user_data);
  pending_free (next);
  return G_SOURCE_CONTINUE;
}

/* Hosts wait for the answer of a click, so what it does comes behind it. */
static void
act_later (WeirTray *self, const char *action, GVariant *target, const char *token)
{
  g_autoptr (GVariant) held = target != NULL ? g_variant_ref_sink (target) : NULL;
  Pending *pending = NULL;

  if (g_queue_get_length (&self->pending) == PENDING_MAX)
    return;
  pending = g_new0 (Pending, 1);
  pending->action = g_strdup (action);
  pending->target = g_steal_pointer (&held);
  pending->token = g_strdup (token);
  g_queue_push_tail (&self->pending, pending);
  if (self->idle_id == 0)
    self->idle_id = g_idle_add (idle_cb, self);
}

static void
on_chosen (const char *action, GVariant *target, gpointer user_data)
{
  act_later (user_data, action, target, NULL);
}

static void
on_about_to_show (gpointer user_data)
{
  WeirTray *self = user_data;

  show_menu (self);
}

static void
toggle (WeirTray *self)
{
  const gboolean is_up
      = self->model->state == WEIR_TRAY_RUNNING || self->model->state == WEIR_TRAY_STARTING;

  act_later (self, is_up ? "stop" : "start", NULL, NULL);
}

static gboolean
on_activate (const char *token, gpointer user_data)
{
  WeirTray *self = user_data;

  switch (self->model->left_click)
    {
    case WEIR_TRAY_CLICK_MENU:
      return FALSE;
    case WEIR_TRAY_CLICK_TOGGLE:
      toggle (self);
      return TRUE;
    case WEIR_TRAY_CLICK_WINDOW:
      act_later (self, "show-or-hide", g_variant_new_string ("quota"), token);
      return TRUE;
    }
  g_assert_not_reached ();
}

static void
on_secondary_activate (const char *token, gpointer user_data)
{
  WeirTray *self = user_data;

  switch (self->model->middle_click)
    {
    case WEIR_TRAY_MIDDLE_TOGGLE:
      toggle (self);
      return;
    case WEIR_TRAY_MIDDLE_REFRESH:
      act_later (self, "refresh", g_variant_new_string (""), NULL);
      return;
    case WEIR_TRAY_MIDDLE_COPY:
      act_later (self, "copy", g_variant_new_string ("openai"), token);
      return;
    }
  g_assert_not_reached ();
}

static void
on_scroll (int step, gpointer user_data)
{
  WeirTray *self = user_data;
  const WeirTrayAccount *next = weir_tray_face_get_next (self->model, self->in_icon, step);

  if (next != NULL)
    act_later (self, "show-in-icon", g_variant_new_string (next->id), NULL);
}

static void
on_shown_changed (gboolean is_shown, gpointer user_data)
{
  WeirTray *self = user_data;

  if (self->funcs->shown_changed != NULL)
    self->funcs->shown_changed (is_shown, self->user_data);
}

/* GNOME's bar is dark whatever its windows are. */
static WeirTrayTone
get_first_tone (void)
{
  const char *desktop = g_getenv ("XDG_CURRENT_DESKTOP");

  return desktop != NULL && strstr (desktop, "GNOME") != NULL ? WEIR_TRAY_TONE_LIGHT
                                                              : WEIR_TRAY_TONE_MIDDLE;
}

/* @value: the portal's, in variants of variants. */
static void
set_scheme (WeirTray *self, GVariant *value)
{
  g_autoptr (GVariant) inner = g_variant_ref (value);
  WeirTrayTone tone = get_first_tone ();

  while (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr (GVariant) outer = g_steal_pointer (&inner);

      inner = g_variant_get_variant (outer);
    }
  if (tone == WEIR_TRAY_TONE_MIDDLE && g_variant_is_of_type (inner, G_VARIANT_TYPE_UINT32))
    switch (g_variant_get_uint32 (inner))
      {
      case 1:
        tone = WEIR_TRAY_TONE_LIGHT; /* dark is preferred */
        break;
      case 2:
        tone = WEIR_TRAY_TONE_DARK;
        break;
      default: /* neither */
        break;
      }
  if (tone == self->tone)
    return;
  self->tone = tone;
  show_face (self);
}

static void
on_setting_changed (GDBusConnection *bus,
                    const char *sender,
                    const char *path,
                    const char *interface,
                    const char *signal,
                    GVariant *parameters,
                    gpointer user_data)
{
  const char *key = NULL;
  g_autoptr (GVariant) value = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ssv)")))
    return;
  g_variant_get (parameters, "(s&sv)", NULL, &key, &value);
  if (g_str_equal (key, "color-scheme"))
    set_scheme (user_data, value);
}

static void
setting_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return; /* cancelled, or there is no portal */
  value = g_variant_get_child_value (reply, 0);
  set_scheme (user_data, value);
}

static void
watch_scheme (WeirTray *self)
{
  self->settings_id = g_dbus_connection_signal_subscribe (
      self->bus, "org.freedesktop.portal.Desktop", "org.freedesktop.portal.Settings",
      "SettingChanged", "/org/freedesktop/portal/desktop", "org.freedesktop.appearance",
      G_DBUS_SIGNAL_FLAGS_NONE, on_setting_changed, self, NULL);
  g_dbus_connection_call (
      self->bus, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
      "org.freedesktop.portal.Settings", "Read",
      g_variant_new ("(ss)", "org.freedesktop.appearance", "color-scheme"),
      G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, SETTINGS_TIMEOUT_MS,
      self->cancellable, setting_cb, self);
}

WeirTray *
weir_tray_new (GDBusConnection *bus,
               const WeirTrayFuncs *funcs,
               gpointer user_data,
               GError **error)
{
  static const WeirDBusMenuFuncs menu_funcs
      = { .chosen = on_chosen, .about_to_show = on_about_to_show };
  static const WeirStatusItemFuncs item_funcs
      = { .activate = on_activate,
          .secondary_activate = on_secondary_activate,
          .scroll = on_scroll,
          .shown_changed = on_shown_changed };
  g_autoptr (WeirTray) self = g_new0 (WeirTray, 1);

  self->funcs = funcs;
  self->user_data = user_data;
  self->bus = g_object_ref (bus);
  self->cancellable = g_cancellable_new ();
  self->tone = get_first_tone ();
  self->model = weir_tray_model_new ();
  g_queue_init (&self->pending);
  self->menu = weir_dbus_menu_new (bus, &menu_funcs, self, error);
  if (self->menu == NULL)
    return NULL;
  self->item = weir_status_item_new (bus, WEIR_DBUS_MENU_PATH, &item_funcs, self, error);
  if (self->item == NULL)
    return NULL;
  watch_scheme (self);
  show_menu (self);
  show_face (self);
  return g_steal_pointer (&self);
}

void
weir_tray_free (WeirTray *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->refresh_id, g_source_remove);
  g_clear_handle_id (&self->idle_id, g_source_remove);
  if (self->settings_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->settings_id);
  g_queue_clear_full (&self->pending, pending_free);
  g_clear_pointer (&self->item, weir_status_item_free);
  g_clear_pointer (&self->menu, weir_dbus_menu_free);
  g_clear_pointer (&self->model, weir_tray_model_unref);
  g_clear_object (&self->bus);
  g_free (self->in_icon);
  g_free (self);
}

void
weir_tray_take_model (WeirTray *self, WeirTrayModel *model)
{
  weir_tray_model_unref (self->model);
  self->model = model;
  set_refreshing (self, model->accounts->len > 0);
  show_face (self);
  show_menu (self);
}

gboolean
weir_tray_is_shown (const WeirTray *self)
{
  return weir_status_item_is_shown (self->item);
}
