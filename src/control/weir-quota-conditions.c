/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GIO's word.  Where nobody answers it (no bus, no daemon) nothing is spared. */

#include "config.h"

#include "control/weir-quota-conditions.h"

#include "control/weir-network.h"

struct _WeirQuotaConditionsWatch
{
  GPowerProfileMonitor *power; /* (owned) */
  WeirNetwork *network;        /* (owned) */
  gulong power_id;
  WeirQuotaConditionsFunc func;
  gpointer user_data;
};

static void
tell (gpointer user_data)
{
  const WeirQuotaConditionsWatch *self = user_data;
  const WeirQuotaConditions conditions
      = { .is_offline = !weir_network_is_available (self->network),
          .is_metered = weir_network_is_metered (self->network),
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
  self->network = weir_network_new (tell, self);
  self->power_id = g_signal_connect_swapped (self->power, "notify::power-saver-enabled",
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
  g_object_unref (self->power);
  weir_network_free (self->network);
  g_free (self);
}
