/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GNetworkMonitor, made in a thread: its first owner may ask NetworkManager and wait. */

#include "config.h"

#include "control/weir-network.h"

struct _WeirNetwork
{
  void (*changed) (gpointer user_data);
  gpointer user_data;
  GCancellable *cancellable; /* (owned) */
  GNetworkMonitor *monitor;  /* (owned) (nullable) */
};

static void
on_changed (WeirNetwork *self)
{
  self->changed (self->user_data);
}

static void
monitor_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, g_object_ref (g_network_monitor_get_default ()),
                         g_object_unref);
}

static void
monitor_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirNetwork *self = user_data; /* alive unless cancelled */
  GNetworkMonitor *monitor = g_task_propagate_pointer (G_TASK (result), NULL);

  if (monitor == NULL)
    return;
  self->monitor = monitor;
  g_signal_connect_swapped (monitor, "network-changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (monitor, "notify::network-metered", G_CALLBACK (on_changed),
                            self);
  on_changed (self);
}

WeirNetwork *
weir_network_new (void (*changed) (gpointer user_data), gpointer user_data)
{
  WeirNetwork *self = g_new0 (WeirNetwork, 1);
  g_autoptr (GTask) task = NULL;

  self->changed = changed;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, monitor_cb, self);
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_network_new);
  g_task_run_in_thread (task, monitor_in_thread);
  return self;
}

void
weir_network_free (WeirNetwork *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  g_object_unref (self->cancellable);
  g_free (self);
}

gboolean
weir_network_is_available (const WeirNetwork *self)
{
  return self->monitor == NULL || g_network_monitor_get_network_available (self->monitor);
}

gboolean
weir_network_is_metered (const WeirNetwork *self)
{
  return self->monitor != NULL && g_network_monitor_get_network_metered (self->monitor);
}
