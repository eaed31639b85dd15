/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two sources of one call: logind's PrepareForSleep and GNetworkMonitor's network-changed.
 */

#include "config.h"

#include "app/weir-wake.h"

struct _WeirWake
{
  void (*func) (gpointer user_data);
  gpointer user_data;
  GCancellable *cancellable; /* (owned) */
  GDBusConnection *bus;      /* (owned) (nullable) */
  unsigned sleep_id;         /* 0: not subscribed */
  GNetworkMonitor *monitor;  /* (owned) (nullable) */
  unsigned long monitor_id;
};

static void
on_prepare_for_sleep (GDBusConnection *bus,
                      const char *sender,
                      const char *path,
                      const char *interface,
                      const char *signal,
                      GVariant *parameters,
                      gpointer user_data)
{
  WeirWake *self = user_data;
  gboolean is_before = FALSE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &is_before);
  if (!is_before)
    self->func (self->user_data);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirWake *self = user_data; /* alive unless cancelled */
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    return; /* cancelled; or no system bus: a container, a bare server */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  self->bus = g_steal_pointer (&bus);
  self->sleep_id = g_dbus_connection_signal_subscribe (
      self->bus, "org.freedesktop.login1", "org.freedesktop.login1.Manager",
      "PrepareForSleep", "/org/freedesktop/login1", NULL, G_DBUS_SIGNAL_FLAGS_NONE,
      on_prepare_for_sleep, self, NULL);
}

static void
on_network_changed (GNetworkMonitor *monitor, gboolean is_available, gpointer user_data)
{
  WeirWake *self = user_data;

  self->func (self->user_data);
}

/* Making the monitor may ask NetworkManager and wait for it. */
static void
monitor_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, g_object_ref (g_network_monitor_get_default ()),
                         g_object_unref);
}

static void
monitor_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirWake *self = user_data; /* alive unless cancelled */
  GNetworkMonitor *monitor = g_task_propagate_pointer (G_TASK (result), NULL);

  if (monitor == NULL)
    return;
  self->monitor = monitor;
  self->monitor_id = g_signal_connect (monitor, "network-changed",
                                       G_CALLBACK (on_network_changed), self);
}

WeirWake *
weir_wake_new (void (*func) (gpointer user_data), gpointer user_data)
{
  WeirWake *self = g_new0 (WeirWake, 1);
  g_autoptr (GTask) task = NULL;

  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, bus_cb, self);
  task = g_task_new (NULL, self->cancellable, monitor_cb, self);
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_wake_new);
  g_task_run_in_thread (task, monitor_in_thread);
  return self;
}

void
weir_wake_free (WeirWake *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  if (self->sleep_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->sleep_id);
  if (self->monitor != NULL)
    g_signal_handler_disconnect (self->monitor, self->monitor_id);
  g_clear_object (&self->bus);
  g_clear_object (&self->monitor);
  g_object_unref (self->cancellable);
  g_free (self);
}
