/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing with RSA takes as long as many requests, so the thread of the file does it. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

#include "base/weir-clock.h"
#include "providers/weir-service-account.h"

/* Lives as its job's data. */
typedef struct
{
  WeirSecret *key; /* (owned) */
  int64_t now_s;
  WeirServiceAccountAsk ask;
} Signing;

static void
signing_free (gpointer data)
{
  Signing *self = data;

  weir_secret_unref (self->key);
  weir_service_account_ask_clear (&self->ask);
  g_free (self);
}

static gboolean
job_sign (WeirAccountsFile *file, gpointer data, GError **error)
{
  Signing *self = data;

  return weir_service_account_sign (self->key, self->now_s, &self->ask, error);
}

void
weir_accounts_sign_async (WeirAccounts *self,
                          const WeirSecret *key,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Signing *signing = g_new0 (Signing, 1);

  signing->key = weir_secret_ref ((WeirSecret *)key);
  signing->now_s = weir_clock_real_us () / WEIR_USEC_PER_SEC;
  weir_accounts_run_job (self, job_sign, signing, signing_free, callback, user_data);
}

gboolean
weir_accounts_sign_finish (GAsyncResult *result,
                           const WeirProviderOauth *row,
                           WeirOauthRequest *out)
{
  Signing *signing = weir_accounts_get_job_data (result);

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return FALSE;
  *out = (WeirOauthRequest){
    .method = "POST",
    .url = row->token_url,
    .content_type = "application/x-www-form-urlencoded",
    .body = g_steal_pointer (&signing->ask.body),
  };
  return TRUE;
}
