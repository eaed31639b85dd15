/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A limit reset by hand: a token, one request, and a look at what it has changed. */

#include "config.h"

#include "control/weir-quota-watch-private.h"

#include "base/weir-clock.h"

typedef struct
{
  WeirQuotaWatch *watch; /* (unowned): gone where @stop is cancelled */
  GCancellable *stop;    /* (owned) */
  char *subject;         /* (owned) */
  WeirLimitReset reset;
} Wish;

static void
set_resetting (const Wish *self, gboolean is_resetting)
{
  WeirQuotaTarget *target = weir_quota_watch_lookup (self->watch, self->subject);

  if (target != NULL)
    target->is_resetting = is_resetting;
}

static void
wish_free (gpointer data)
{
  Wish *self = data;

  g_object_unref (self->stop);
  g_free (self->subject);
  g_free (self);
}

static void
reset_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Wish *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!g_cancellable_is_cancelled (self->stop))
    set_resetting (self, FALSE);
  if (!weir_limit_reset_finish (result, &self->reset, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (!g_cancellable_is_cancelled (self->stop))
    weir_quota_watch_refresh (self->watch, self->subject);
  g_task_return_boolean (task, TRUE);
}

/* Takes @task. */
static void
send_wish (GTask *task, WeirSecret *token)
{
  Wish *self = g_task_get_task_data (task);
  const WeirQuotaTarget *target = weir_quota_watch_lookup (self->watch, self->subject);
  g_autofree char *request_id = g_uuid_string_random ();

  if (target == NULL || target->account == NULL)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                               "the account is gone");
      g_object_unref (task);
      return;
    }
  weir_limit_reset_async (self->watch->calls,
                          &(const WeirQuotaQuestion){
                              .token = token,
                              .vendor_id = target->account->identity.vendor_id,
                              .proxy_url = target->proxy_url,
                          },
                          request_id, self->stop, reset_cb, task);
}

static void
on_token (WeirSecret *token, const GError *error, gpointer data)
{
  g_autoptr (GTask) task = data;
  const Wish *self = g_task_get_task_data (task);

  if (g_cancellable_is_cancelled (self->stop))
    g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_CANCELLED, "weir is stopping");
  else if (token == NULL)
    {
      set_resetting (self, FALSE);
      g_task_return_error (task, g_error_copy (error));
    }
  else
    send_wish (g_steal_pointer (&task), token);
}

void
weir_quota_watch_reset_limit_async (WeirQuotaWatch *self,
                                    const char *subject,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  const WeirQuotaTarget *target = weir_quota_watch_lookup (self, subject);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (WeirSecret) token = NULL;
  Wish *wish;

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_quota_watch_reset_limit_async);
  if (target == NULL || target->account == NULL
      || !weir_limit_reset_is_offered (target->account->row->id))
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                               "no limit of this account can be reset by hand");
      return;
    }
  if (target->is_resetting)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_OVERLOADED,
                               "a limit of this account is being reset already");
      return;
    }
  wish = g_new0 (Wish, 1);
  wish->watch = self;
  wish->stop = g_object_ref (self->stop);
  wish->subject = g_strdup (subject);
  g_task_set_task_data (task, wish, wish_free);
  set_resetting (wish, TRUE);
  token = self->tokens.dup (subject, self->tokens.user_data);
  if (token != NULL)
    send_wish (g_steal_pointer (&task), token);
  else
    self->tokens.ensure (subject, NULL, self->stop, on_token, g_steal_pointer (&task),
                         self->tokens.user_data);
}

gboolean
weir_quota_watch_reset_limit_finish (GAsyncResult *result,
                                     WeirLimitReset *out,
                                     GError **error)
{
  const Wish *self = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *out = self->reset;
  return TRUE;
}
