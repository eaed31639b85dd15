/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last steps of a sign-in: [whose account] -> [which project or profile] -> stored. */

#include "config.h"

#include "control/weir-keep-account.h"

#include "base/weir-clock.h"
#include "control/weir-identity.h"
#include "control/weir-kiro-profile.h"
#include "control/weir-project.h"
#include "providers/weir-oauth-aws.h"

/* One account on its way; lives as its task's data. */
typedef struct
{
  WeirVendorCalls *calls; /* (unowned) */
  WeirAccounts *accounts; /* (unowned) */
  const WeirProviderOauth *row;
  WeirOauthAnswer answer;       /* (owned) of it what tells who it is */
  WeirAccountTokens tokens;     /* (owned) */
  WeirAccountIdentity identity; /* (owned): once it is known */
  WeirSecret *authorization;    /* (owned): value of that field */
  char *replaces;               /* (owned) (nullable) */
} Keeping;

static void
keeping_free (gpointer data)
{
  Keeping *self = data;

  weir_oauth_answer_clear (&self->answer);
  weir_account_tokens_clear (&self->tokens);
  weir_account_identity_clear (&self->identity);
  weir_secret_unref (self->authorization);
  g_free (self->replaces);
  g_free (self);
}

static WeirSecret *
ref_secret (WeirSecret *secret)
{
  return secret != NULL ? weir_secret_ref (secret) : NULL;
}

static int64_t
make_expiry (const WeirOauthAnswer *answer)
{
  return answer->expires_in_us > 0 ? weir_clock_real_us () + answer->expires_in_us : 0;
}

static Keeping *
keeping_new (const WeirOauthAnswer *tokens, const WeirOauthAnswer *short_lived)
{
  Keeping *self = g_new0 (Keeping, 1);

  self->tokens = (WeirAccountTokens){
    .access_token = ref_secret (tokens->access_token),
    .refresh_token = ref_secret (tokens->refresh_token),
    .id_token = ref_secret (tokens->id_token),
    .expires_us = make_expiry (tokens),
  };
  if (short_lived != NULL)
    {
      self->tokens.short_lived = ref_secret (short_lived->access_token);
      self->tokens.short_lived_expires_us = make_expiry (short_lived);
    }
  self->answer = (WeirOauthAnswer){
    .access_token = ref_secret (tokens->access_token),
    .id_token = ref_secret (tokens->id_token),
    .email = g_strdup (tokens->email),
    .subject = g_strdup (tokens->subject),
    .profile = g_strdup (tokens->profile),
  };
  return self;
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Keeping *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  WeirAccount *account = weir_accounts_add_finish (WEIR_ACCOUNTS (source), result, &error);

  if (account != NULL)
    g_task_return_pointer (task, account, (GDestroyNotify)weir_account_unref);
  else
    g_task_return_new_error (task, WEIR_ERROR, (int)weir_error_get_code (error),
                             "%s let you in, but the account cannot be kept: %s",
                             self->row->name, error->message);
}

static void
store (GTask *task)
{
  const Keeping *self = g_task_get_task_data (task);

  weir_accounts_add_async (self->accounts, self->row, &self->identity, &self->tokens,
                           self->replaces, NULL, NULL, added_cb, g_object_ref (task));
}

/* An account without a project is still one: the vendor may name it later. */
static void
project_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Keeping *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *plan = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  self->identity.project = weir_project_find_finish (result, &plan, &error);
  if (self->identity.project == NULL)
    g_message ("%s: %s", self->row->name, error->message);
  if (self->identity.plan == NULL)
    self->identity.plan = g_steal_pointer (&plan);
  store (task);
}

static void
profile_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Keeping *self = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    return;
  self->identity.project = weir_kiro_profile_find_finish (result);
  if (self->identity.project != NULL && self->identity.base_url == NULL)
    self->identity.base_url = weir_oauth_aws_dup_base_url (self->identity.project);
  store (task);
}

/* @user: what the vendor says of who it is; empty where it was not asked. */
static void
identify (GTask *task, WeirSlice user)
{
  Keeping *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!weir_identity_read (self->row, &self->answer, user, &self->identity, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (weir_project_is_needed (self->row))
    weir_project_find_async (self->calls, self->authorization,
                             g_task_get_cancellable (task), project_cb,
                             g_object_ref (task));
  else if (weir_kiro_profile_is_needed (self->row, &self->identity))
    weir_kiro_profile_find_async (self->calls, self->authorization,
                                  g_task_get_cancellable (task), profile_cb,
                                  g_object_ref (task));
  else
    store (task);
}

static void
user_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  unsigned status = 0;
  g_autoptr (GBytes) body = weir_vendor_calls_ask_finish (result, &status, NULL);
  WeirSlice user = { NULL, 0 };

  if (g_task_return_error_if_cancelled (task))
    return;
  if (body != NULL && status == 200)
    user.text = g_bytes_get_data (body, &user.length);
  identify (task, user);
}

/* (transfer full): value of that field. */
static WeirSecret *
make_authorization (const WeirSecret *token)
{
  const WeirSlice word = weir_secret_reveal (token);
  char *text = g_strdup_printf ("Bearer %.*s", (int)word.length, word.text);
  WeirSecret *secret = weir_secret_new (weir_slice_from_string (text));

  weir_secret_wipe_string (text);
  return secret;
}

void
weir_keep_account_async (WeirVendorCalls *calls,
                         WeirAccounts *accounts,
                         const WeirProviderOauth *row,
                         const WeirOauthAnswer *tokens,
                         const WeirOauthAnswer *short_lived,
                         const char *replaces,
                         gboolean is_live,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Keeping *keeping = keeping_new (tokens, short_lived);

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_keep_account_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, keeping, keeping_free);
  keeping->calls = calls;
  keeping->accounts = accounts;
  keeping->row = row;
  keeping->replaces = g_strdup (replaces);
  keeping->tokens.is_live = is_live;
  keeping->authorization = make_authorization (tokens->access_token);
  if (!weir_identity_needs_user (row))
    {
      identify (task, (WeirSlice){ NULL, 0 });
      return;
    }
  weir_vendor_calls_ask_async (calls,
                               &(const WeirVendorCall){
                                   .method = "GET",
                                   .url = row->user_url,
                                   .authorization = keeping->authorization,
                               },
                               cancellable, user_cb, g_object_ref (task));
}

WeirAccount *
weir_keep_account_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
