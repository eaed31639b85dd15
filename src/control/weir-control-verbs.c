/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What actions and methods have in common: the verbs themselves. */

#include "config.h"

#include "control/weir-control-private.h"

gboolean
weir_control_is_running (const WeirControl *self)
{
  return self->state == WEIR_CONTROL_RUNNING;
}

gboolean
weir_control_start (WeirControl *self, GError **error)
{
  return weir_control_is_running (self) || self->funcs->start (self->user_data, error);
}

void
weir_control_stop (WeirControl *self)
{
  if (weir_control_is_running (self))
    self->funcs->stop (self->user_data);
}

void
weir_control_reload (WeirControl *self)
{
  self->funcs->reload (self->user_data);
}

void
weir_control_quit (WeirControl *self)
{
  self->funcs->quit (self->user_data);
}

void
weir_control_unlock (WeirControl *self)
{
  if (self->vault != NULL)
    weir_vault_unlock_async (self->vault, self->ends, NULL, NULL);
}
