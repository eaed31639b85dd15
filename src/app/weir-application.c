/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GApplication knows one connection for its life.  When that one is closed we look for the
 * bus every two seconds; on the new one we stand for GApplication ourselves: the objects,
 * the actions, org.freedesktop.Application, and last the name. */

#include "config.h"

#include "app/weir-application.h"

#define RETURN_S 2
#define BUS_TIMEOUT_MS 1000
#define APPLICATION_PATH "/io/github/weirproxy/Weir"

struct _WeirApplication
{
  GApplication parent_instance;

  const WeirApplicationFuncs *funcs; /* (unowned) */
  gpointer user_data;
  GVariant *platform;   /* (owned) (nullable): of the activation under way */
  GDBusConnection *bus; /* (owned) (nullable) */
  gulong closed_handler;
  unsigned return_source;
  unsigned actions_id; /* exported on a bus that has returned */
  unsigned object_id;
  unsigned name_id;
};

G_DEFINE_FINAL_TYPE (WeirApplication, weir_application, G_TYPE_APPLICATION)

static const char introspection[]
    = "<node><interface name='org.freedesktop.Application'>"
      "<method name='Activate'><arg type='a{sv}' direction='in'/></method>"
      "<method name='ActivateAction'><arg type='s' direction='in'/>"
      "<arg type='av' direction='in'/><arg type='a{sv}' direction='in'/></method>"
      "</interface></node>";

static gboolean return_cb (gpointer user_data);

static void
forget_bus (WeirApplication *self)
{
  if (self->bus == NULL)
    return;
  g_clear_signal_handler (&self->closed_handler, self->bus);
  if (self->actions_id != 0)
    g_dbus_connection_unexport_action_group (self->bus, self->actions_id);
  if (self->object_id != 0)
    g_dbus_connection_unregister_object (self->bus, self->object_id);
  if (self->name_id != 0)
    g_bus_unown_name (self->name_id);
  self->actions_id = self->object_id = self->name_id = 0;
  g_clear_object (&self->bus);
}

static void
on_closed (GDBusConnection *bus,
           gboolean remote_vanished,
           GError *error,
           gpointer user_data)
{
  WeirApplication *self = user_data;

  g_message ("the session bus is gone; the proxy goes on without it");
  forget_bus (self);
  if (self->return_source == 0)
    self->return_source = g_timeout_add_seconds (RETURN_S, return_cb, self);
}

static void
adopt_bus (WeirApplication *self, GDBusConnection *bus)
{
  g_dbus_connection_set_exit_on_close (bus, FALSE); /* streams outlive the bus */
  self->bus = g_object_ref (bus);
  self->closed_handler = g_signal_connect (bus, "closed", G_CALLBACK (on_closed), self);
}

/* --- on a bus that has returned --- */

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *call,
         gpointer user_data)
{
  WeirApplication *self = user_data;
  g_autoptr (GVariant) platform = NULL;
  g_autoptr (GVariantIter) targets = NULL;
  g_autoptr (GVariant) target = NULL;
  const char *action = NULL;

  if (g_str_equal (method, "Activate"))
    {
      g_variant_get (parameters, "(@a{sv})", &platform);
      self->funcs->activate (platform, self->user_data);
    }
  else
    {
      g_variant_get (parameters, "(&sav@a{sv})", &action, &targets, &platform);
      g_variant_iter_next (targets, "v", &target);
      g_action_group_activate_action (G_ACTION_GROUP (self), action, target);
    }
  g_dbus_method_invocation_return_value (call, NULL);
}

static gboolean
publish_again (WeirApplication *self, GDBusConnection *bus, GError **error)
{
  static const GDBusInterfaceVTable calls = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, error);

  if (node == NULL || !self->funcs->publish (bus, self->user_data, error))
    return FALSE;
  self->object_id = g_dbus_connection_register_object (
      bus, APPLICATION_PATH, node->interfaces[0], &calls, self, NULL, error);
  if (self->object_id == 0)
    return FALSE;
  self->actions_id = g_dbus_connection_export_action_group (bus, APPLICATION_PATH,
                                                            G_ACTION_GROUP (self), error);
  if (self->actions_id == 0)
    return FALSE;
  self->name_id = g_bus_own_name_on_connection (
      bus, WEIR_APPLICATION_ID, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  g_message ("the session bus is back");
  return TRUE;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirApplication) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus
      = g_dbus_connection_new_for_address_finish (result, &error);

  if (bus != NULL)
    {
      adopt_bus (self, bus);
      if (publish_again (self, bus, &error))
        return;
      forget_bus (self);
    }
  if (self->return_source == 0)
    self->return_source = g_timeout_add_seconds (RETURN_S, return_cb, self);
}

static gboolean
return_cb (gpointer user_data)
{
  WeirApplication *self = user_data;
  g_autofree char *address
      = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, NULL);

  if (address == NULL)
    return G_SOURCE_CONTINUE;
  self->return_source = 0;
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, NULL, connected_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

/* --- GApplication's --- */

static gboolean
weir_application_dbus_register (GApplication *application,
                                GDBusConnection *bus,
                                const char *path,
                                GError **error)
{
  WeirApplication *self = WEIR_APPLICATION (application);
  GApplicationClass *parent = G_APPLICATION_CLASS (weir_application_parent_class);

  if (!parent->dbus_register (application, bus, path, error)
      || !self->funcs->publish (bus, self->user_data, error))
    return FALSE;
  adopt_bus (self, bus);
  return TRUE;
}

static void
weir_application_before_emit (GApplication *application, GVariant *platform)
{
  WeirApplication *self = WEIR_APPLICATION (application);

  g_clear_pointer (&self->platform, g_variant_unref);
  self->platform = g_variant_ref (platform);
}

static void
weir_application_activate (GApplication *application)
{
  WeirApplication *self = WEIR_APPLICATION (application);
  g_autoptr (GVariant) platform = g_steal_pointer (&self->platform);

  if (platform == NULL)
    platform = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  self->funcs->activate (platform, self->user_data);
}

static void
weir_application_dispose (GObject *object)
{
  WeirApplication *self = WEIR_APPLICATION (object);

  g_clear_handle_id (&self->return_source, g_source_remove);
  forget_bus (self);
  g_clear_pointer (&self->platform, g_variant_unref);
  G_OBJECT_CLASS (weir_application_parent_class)->dispose (object);
}

static void
weir_application_init (WeirApplication *self)
{
}

static void
weir_application_class_init (WeirApplicationClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  object_class->dispose = weir_application_dispose;
  application_class->dbus_register = weir_application_dbus_register;
  application_class->before_emit = weir_application_before_emit;
  application_class->activate = weir_application_activate;
}

WeirApplication *
weir_application_new (gboolean is_service,
                      const WeirApplicationFuncs *funcs,
                      gpointer user_data)
{
  WeirApplication *self = g_object_new (
      WEIR_TYPE_APPLICATION, "application-id", WEIR_APPLICATION_ID, "flags",
      is_service ? G_APPLICATION_IS_SERVICE : G_APPLICATION_DEFAULT_FLAGS, NULL);

  self->funcs = funcs;
  self->user_data = user_data;
  return self;
}

GDBusConnection *
weir_application_get_bus (WeirApplication *self)
{
  return self->bus;
}

/* The process behind our name on the bus; 0 where that cannot be known. */
static guint32
ask_owner_pid (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionUnixProcessID", g_variant_new ("(s)", WEIR_APPLICATION_ID),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, BUS_TIMEOUT_MS, NULL, NULL);
  guint32 pid = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  return pid;
}

char *
weir_application_dup_refusal (void)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  const guint32 pid = bus != NULL ? ask_owner_pid (bus) : 0;
  g_autofree char *who = pid != 0 ? g_strdup_printf (" as process %u", pid) : g_strdup ("");
  g_autofree char *stop = pid != 0 ? g_strdup_printf ("kill %u", pid)
                                   : g_strdup ("systemctl --user stop weir");

  return g_strdup_printf (
      "weir is running in this session already%s; use that one, or stop it first (%s), or "
      "start this one apart: DBUS_SESSION_BUS_ADDRESS=disabled: weir --config FILE --port "
      "PORT",
      who, stop);
}
