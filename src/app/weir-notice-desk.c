/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GApplication knows one connection for its life.  On a later one we speak the Desktop
 * Notifications Specification (1.2) ourselves: the daemon numbers what it shows, and tells
 * by that number which button was pressed. */

#include "config.h"

#include "app/weir-notice-desk.h"

#define DAEMON_NAME "org.freedesktop.Notifications"
#define DAEMON_PATH "/org/freedesktop/Notifications"
#define CALL_TIMEOUT_MS 5000

/* What is shown by the daemon, and what a press on it asks for. */
typedef struct
{
  guint32 number; /* 0: not known yet */
  char *
      names[1 + WEIR_NOTICE_BUTTONS_MAX]; /* (owned): detailed actions, the click's first */
  unsigned n_names;
} Shown;

struct _WeirNoticeDesk
{
  GApplication *application;    /* (unowned) */
  const GDBusConnection *first; /* (unowned) (nullable): the application's, for its life */
  GDBusConnection *bus;         /* (owned) (nullable): a later one */
  GHashTable *shown;            /* (owned) id (owned) -> Shown (owned) */
  GCancellable *cancellable;    /* (owned): of calls on @bus */
  unsigned pressed_id;          /* of a subscription; 0: none */
};

static void
shown_free (gpointer data)
{
  Shown *self = data;

  for (unsigned i = 0; i < self->n_names; i++)
    g_free (self->names[i]);
  g_free (self);
}

WeirNoticeDesk *
weir_notice_desk_new (GApplication *application)
{
  WeirNoticeDesk *self = g_new0 (WeirNoticeDesk, 1);

  self->application = application;
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, shown_free);
  self->cancellable = g_cancellable_new ();
  return self;
}

void
weir_notice_desk_free (WeirNoticeDesk *self)
{
  if (self == NULL)
    return;
  weir_notice_desk_set_bus (self, NULL);
  g_hash_table_unref (self->shown);
  g_object_unref (self->cancellable);
  g_free (self);
}

/* --- by the daemon --- */

static void
press (WeirNoticeDesk *self, const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  if (g_action_parse_detailed_name (detailed, &name, &target, NULL)
      && g_str_has_prefix (name, "app."))
    g_action_group_activate_action (G_ACTION_GROUP (self->application), name + 4, target);
}

static void
on_pressed (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  WeirNoticeDesk *self = user_data;
  const char *pressed = NULL;
  guint32 number = 0;
  GHashTableIter iter;
  gpointer value = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &number, &pressed);
  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Shown *shown = value;

      for (unsigned i = 0; shown->number == number && i < shown->n_names; i++)
        if (g_str_equal (shown->names[i], pressed)
            || (i == 0 && g_str_equal (pressed, "default")))
          {
            press (self, shown->names[i]);
            return;
          }
    }
}

typedef struct
{
  WeirNoticeDesk *desk; /* alive unless the call is cancelled */
  char *id;             /* (owned) */
} Call;

static void
notified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autofree char *id = call->id;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  Shown *shown = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  shown = g_hash_table_lookup (call->desk->shown, id);
  if (shown != NULL && reply != NULL)
    g_variant_get (reply, "(u)", &shown->number);
}

/* (transfer floating): the buttons, each by what it asks for. */
static GVariant *
pack_actions (const WeirNoticeText *text, Shown *shown)
{
  GVariantBuilder builder;

  shown->names[shown->n_names++]
      = g_action_print_detailed_name (text->action, text->target);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  g_variant_builder_add (&builder, "s", "default");
  g_variant_builder_add (&builder, "s", "");
  for (unsigned i = 0; i < text->n_buttons; i++)
    {
      char *name
          = g_action_print_detailed_name (text->buttons[i].action, text->buttons[i].target);

      g_variant_builder_add (&builder, "s", name);
      g_variant_builder_add (&builder, "s", text->buttons[i].label);
      shown->names[shown->n_names++] = name;
    }
  return g_variant_builder_end (&builder);
}

static void
notify (WeirNoticeDesk *self, const WeirNoticeText *text)
{
  const Shown *before = g_hash_table_lookup (self->shown, text->id);
  const guint32 number = before != NULL ? before->number : 0;
  Shown *shown = g_new0 (Shown, 1);
  Call *call = g_new0 (Call, 1);
  GVariantBuilder hints;

  g_variant_builder_init (&hints, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&hints, "{sv}", "desktop-entry",
                         g_variant_new_string (WEIR_APPLICATION_ID));
  g_variant_builder_add (
      &hints, "{sv}", "urgency",
      g_variant_new_byte (text->priority == G_NOTIFICATION_PRIORITY_LOW ? 0 : 1));
  shown->number = number;
  call->desk = self;
  call->id = g_strdup (text->id);
  g_dbus_connection_call (self->bus, DAEMON_NAME, DAEMON_PATH, DAEMON_NAME, "Notify",
                          g_variant_new ("(susss@asa{sv}i)", "Weir", number, text->icon,
                                         text->title, text->body,
                                         pack_actions (text, shown), &hints, -1),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS,
                          self->cancellable, notified_cb, call);
  g_hash_table_insert (self->shown, g_strdup (text->id), shown);
}

static void
close_notification (WeirNoticeDesk *self, const char *id)
{
  const Shown *shown = g_hash_table_lookup (self->shown, id);

  if (shown != NULL && shown->number != 0)
    g_dbus_connection_call (self->bus, DAEMON_NAME, DAEMON_PATH, DAEMON_NAME,
                            "CloseNotification", g_variant_new ("(u)", shown->number), NULL,
                            G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS, NULL, NULL,
                            NULL);
  g_hash_table_remove (self->shown, id);
}

/* --- by the application --- */

static void
send (WeirNoticeDesk *self, const WeirNoticeText *text)
{
  g_autoptr (GNotification) notification = g_notification_new (text->title);
  g_autoptr (GIcon) icon = g_themed_icon_new (text->icon);

  g_notification_set_body (notification, text->body);
  g_notification_set_icon (notification, icon);
  g_notification_set_priority (notification, text->priority);
  g_notification_set_default_action_and_target_value (notification, text->action,
                                                      text->target);
  for (unsigned i = 0; i < text->n_buttons; i++)
    g_notification_add_button_with_target_value (notification, text->buttons[i].label,
                                                 text->buttons[i].action,
                                                 text->buttons[i].target);
  g_application_send_notification (self->application, text->id, notification);
}

void
weir_notice_desk_set_bus (WeirNoticeDesk *self, GDBusConnection *bus)
{
  if (self->bus != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      g_object_unref (self->cancellable);
      self->cancellable = g_cancellable_new ();
      g_dbus_connection_signal_unsubscribe (self->bus, self->pressed_id);
      g_hash_table_remove_all (self->shown);
      g_clear_object (&self->bus);
    }
  if (self->first == NULL)
    self->first = bus;
  if (bus == NULL || bus == self->first)
    return;
  self->bus = g_object_ref (bus);
  self->pressed_id = g_dbus_connection_signal_subscribe (
      bus, DAEMON_NAME, DAEMON_NAME, "ActionInvoked", DAEMON_PATH, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_pressed, self, NULL);
}

void
weir_notice_desk_show (WeirNoticeDesk *self, const WeirNoticeText *text)
{
  if (self->bus != NULL)
    notify (self, text);
  else
    send (self, text);
}

void
weir_notice_desk_withdraw (WeirNoticeDesk *self, const char *id)
{
  if (self->bus != NULL)
    close_notification (self, id);
  else
    g_application_withdraw_notification (self->application, id);
}
