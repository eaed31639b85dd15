/* SPDX-License-Identifier: GPL-3.0-or-later */

/*   [sign] -> asked -> answered */

#include "config.h"

#include "control/weir-key-file.h"

#include "base/weir-clock.h"
#include "providers/weir-service-account.h"

/* Lives as its task's data. */
typedef struct
{
  WeirVendorCalls *calls; /* (unowned) */
  const WeirProviderOauth *row;
  WeirSecret *key;           /* (owned) */
  char *proxy_url;           /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) */
  int64_t now_s;
  WeirServiceAccountAsk ask;
  WeirSecret *token; /* (owned) (nullable) */
  int64_t lasts_s;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *self = data;

  weir_secret_unref (self->key);
  g_free (self->proxy_url);
  g_clear_object (&self->cancellable);
  weir_service_account_ask_clear (&self->ask);
  weir_secret_unref (self->token);
  g_free (self);
}

static void
fail (GTask *task, const GError *problem)
{
  g_task_return_new_error (task, WEIR_ERROR, (int)weir_error_get_code (problem),
                           "The service account cannot be used: %s.", problem->message);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Asking *self = g_task_get_task_data (task);
  g_autoptr (GError) problem = NULL;
  unsigned status = 0;
  g_autoptr (GBytes) body = weir_vendor_calls_ask_finish (result, &status, &problem);
  WeirSlice text = { NULL, 0 };

  if (body != NULL)
    {
      text.text = g_bytes_get_data (body, &text.length);
      self->token
          = weir_service_account_read_answer (status, text, &self->lasts_s, &problem);
    }
  if (self->token != NULL)
    g_task_return_boolean (task, TRUE);
  else
    fail (task, problem);
}

static void
sign_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Asking *self = data;
  GError *error = NULL;

  if (weir_service_account_sign (self->key, self->now_s, &self->ask, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
signed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Asking *self = g_task_get_task_data (task);
  g_autoptr (GError) problem = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &problem))
    {
      fail (task, problem);
      return;
    }
  if (self->cancellable != NULL && g_cancellable_is_cancelled (self->cancellable))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
      return;
    }
  weir_vendor_calls_ask_async (self->calls,
                               &(const WeirVendorCall){
                                   .method = "POST",
                                   .url = self->row->token_url,
                                   .content_type = "application/x-www-form-urlencoded",
                                   .body = self->ask.body,
                                   .proxy_url = self->proxy_url,
                               },
                               self->cancellable, answered_cb, g_object_ref (task));
}

void
weir_key_file_ask_async (WeirVendorCalls *calls,
                         const WeirProviderOauth *row,
                         WeirSecret *key,
                         const char *proxy_url,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GTask) signing = NULL;
  Asking *self = g_new0 (Asking, 1);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_key_file_ask_async);
  g_task_set_task_data (task, self, asking_free);
  self->calls = calls;
  self->row = row;
  self->key = weir_secret_ref (key);
  self->proxy_url = g_strdup (proxy_url);
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->now_s = weir_clock_real_us () / WEIR_USEC_PER_SEC;
  signing = g_task_new (NULL, NULL, signed_cb, g_object_ref (task));
  /* the task lives until the thread is done: signed_cb has a reference */
  g_task_set_task_data (signing, self, NULL);
  g_task_run_in_thread (signing, sign_in_thread);
}

gboolean
weir_key_file_ask_finish (GAsyncResult *result, WeirOauthAnswer *answer, GError **error)
{
  Asking *self = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  answer->access_token = g_steal_pointer (&self->token);
  answer->expires_in_us = self->lasts_s * WEIR_USEC_PER_SEC;
  return TRUE;
}
