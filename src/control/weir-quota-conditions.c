/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two monitors of GIO.  Where nobody answers them (no bus, no daemon) nothing is spared. */

#include "config.h"

#include "control/weir-quota-conditions.h"

#include <gio/gio.h>

struct _WeirQuotaConditionsWatch
{
  GPowerProfileMonitor *power; /* (owned) */
  GNetworkMonitor *network;    /* (owned) */
  gulong power_id;
  gulong metered_id;
  gulong network_id;
  WeirQuotaConditionsFunc func;
  gpointer user_data;
};

static void
tell (WeirQuotaConditionsWatch *self)
{
  const WeirQuotaConditions conditions
      = { .is_offline = !g_network_monitor_get_network_available (self->network),
          .is_metered = g_network_monitor_get_network_metered (self->network),
          .saves_power = g_power_profile_monitor_get_power_saver_enabled (self->power) };

  self->func (&conditions, self->user_data);
}

WeirQuotaConditionsWatch *
weir_quota_conditions_watch_new (WeirQuotaConditionsFunc func, gpointer user_data)
{
  WeirQuotaConditionsWatch *self = g_new0 (WeirQuotaConditionsWatch, 1);

  self->func = func;
  self->user_data = user_data;
  self->power = g_power_profile_monitor_dup_default ();
  self->network = g_object_ref (g_network_monitor_get_default ());
  self->power_id = g_signal_connect_swapped (self->power, "notify::power-saver-enabled",
                                             G_CALLBACK (tell), self);
  self->metered_id = g_signal_connect_swapped (self->network, "notify::network-metered",
                                               G_CALLBACK (tell), self);
  self->network_id = g_signal_connect_swapped (self->network, "notify::network-available",
                                               G_CALLBACK (tell), self);
  tell (self);
  return self;
}

void
weir_quota_conditions_watch_free (WeirQuotaConditionsWatch *self)
{
  if (self == NULL)
    return;
  g_signal_handler_disconnect (self->power, self->power_id);
  g_signal_handler_disconnect (self->network, self->metered_id);
  g_signal_handler_disconnect (self->network, self->network_id);
  g_object_unref (self->power);
  g_object_unref (self->network);
  g_free (self);
}
