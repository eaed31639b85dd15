/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two sources of one call: logind's PrepareForSleep and GIO's word of the network. */

#include "config.h"

#include "app/weir-wake.h"

#include "control/weir-network.h"

struct _WeirWake
{
  void (*func) (gpointer user_data);
  gpointer user_data;
  GCancellable *cancellable; /* (owned) */
  GDBusConnection *bus;      /* (owned) (nullable) */
  unsigned sleep_id;         /* 0: not subscribed */
  WeirNetwork *network;      /* (owned) */
  gboolean is_known;         /* the network is */
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

/* That it is known at all is no change. */
static void
on_network_changed (gpointer user_data)
{
  WeirWake *self = user_data;

  if (self->is_known)
    self->func (self->user_data);
  self->is_known = TRUE;
}

WeirWake *
weir_wake_new (void (*func) (gpointer user_data), gpointer user_data)
{
  WeirWake *self = g_new0 (WeirWake, 1);

  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, bus_cb, self);
  self->network = weir_network_new (on_network_changed, self);
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
  weir_network_free (self->network);
  g_clear_object (&self->bus);
  g_object_unref (self->cancellable);
  g_free (self);
}
