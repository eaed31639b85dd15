/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts accounts, their vendors and the proxy together. */

#include "config.h"

#include "app/weir-app-accounts.h"

#include "app/weir-keys.h"
#include "control/weir-auth-folder.h"

struct _WeirAppAccounts
{
  WeirProxy *proxy;       /* (unowned) */
  WeirVault *vault;       /* (owned) */
  WeirVendorCalls *calls; /* (owned) */
  WeirAccounts *accounts; /* (owned) */
  WeirSignIns *sign_ins;  /* (owned) */
  WeirImport *import;     /* (owned) */
  WeirAuthFolder *folder; /* (owned) (nullable) */
  GFunc done;             /* (nullable) */
  gpointer done_data;
};

/* What a request waits for. */
typedef struct
{
  WeirTokenFunc func;
  gpointer data;
} Waiting;

static WeirSecret *
dup_token (const char *account, gpointer user_data)
{
  WeirAppAccounts *self = user_data;

  return weir_accounts_dup_token (self->accounts, account);
}

static void
ensured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Waiting *waiting = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeirSecret) token
      = weir_accounts_ensure_token_finish (WEIR_ACCOUNTS (source), result, &error);

  waiting->func (token, error, waiting->data);
}

static void
ensure_token (const char *account,
              const WeirSecret *refused,
              GCancellable *cancellable,
              WeirTokenFunc func,
              gpointer data,
              gpointer user_data)
{
  WeirAppAccounts *self = user_data;
  const Waiting waiting = { func, data };

  weir_accounts_ensure_token_async (self->accounts, account, refused, cancellable,
                                    ensured_cb, g_memdup2 (&waiting, sizeof waiting));
}

void
weir_app_accounts_get_tokens (WeirAppAccounts *self, WeirTokenSource *out)
{
  *out = (WeirTokenSource){ .dup = dup_token, .ensure = ensure_token, .user_data = self };
}

static void
on_changed (WeirAccounts *accounts, gpointer user_data)
{
  WeirAppAccounts *self = user_data;
  g_autoptr (GPtrArray) list = weir_accounts_list (accounts);
  WeirTokenSource tokens;

  weir_app_accounts_get_tokens (self, &tokens);
  weir_proxy_set_accounts (self->proxy, list, &tokens);
}

static void
on_notice (WeirAccounts *accounts, const char *sentence, gpointer user_data)
{
  g_message ("%s", sentence);
}

static void
on_vault_changed (WeirVault *vault, gpointer user_data)
{
  WeirAppAccounts *self = user_data;

  if (self->folder != NULL && weir_vault_get_state (vault) == WEIR_VAULT_UNLOCKED)
    weir_auth_folder_retry (self->folder);
}

static void
follow_folder (WeirAppAccounts *self, const WeirConfig *config)
{
  if (self->folder != NULL
      && g_str_equal (weir_auth_folder_get_path (self->folder), config->auth_dir))
    return;
  g_clear_pointer (&self->folder, weir_auth_folder_free);
  if (*config->auth_dir != '\0')
    self->folder = weir_auth_folder_new (self->import, config->auth_dir);
}

WeirAppAccounts *
weir_app_accounts_new (WeirProxy *proxy, WeirVault *vault, WeirConfig *config)
{
  g_autoptr (WeirAppAccounts) self = g_new0 (WeirAppAccounts, 1);
  g_autofree char *path = weir_accounts_dup_default_path ();
  WeirSignInTools tools = { .poller = weir_proxy_get_poller (proxy) };
  g_autoptr (GError) error = NULL;

  self->proxy = proxy;
  self->vault = g_object_ref (vault);
  self->calls = tools.calls
      = weir_vendor_calls_new (tools.poller, weir_proxy_get_trust (proxy), config);
  weir_vendor_calls_set_own_port (self->calls, weir_proxy_get_port (proxy));
  self->accounts = tools.accounts
      = weir_accounts_new (path, vault, weir_vendor_calls_send,
                           weir_vendor_calls_get_client, self->calls, &error);
  if (self->accounts == NULL)
    {
      g_message ("there can be no accounts: %s", error->message);
      return NULL;
    }
  g_signal_connect (vault, "changed", G_CALLBACK (on_vault_changed), self);
  g_signal_connect (self->accounts, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (self->accounts, "notice", G_CALLBACK (on_notice), self);
  self->sign_ins = weir_sign_ins_new (&tools);
  self->import = weir_import_new (self->calls, self->accounts);
  follow_folder (self, config);
  on_changed (self->accounts, self);
  return g_steal_pointer (&self);
}

void
weir_app_accounts_wait (WeirAppAccounts *self)
{
  g_autoptr (GPtrArray) list = self != NULL ? weir_accounts_list (self->accounts) : NULL;

  if (list != NULL && list->len > 0)
    weir_keys_wait_for (self->vault);
}

void
weir_app_accounts_free (WeirAppAccounts *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->vault, self);
  g_object_unref (self->vault);
  weir_auth_folder_free (self->folder);
  weir_import_free (self->import);
  g_clear_object (&self->sign_ins);
  if (self->accounts != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->accounts, self);
      weir_proxy_set_accounts (self->proxy, NULL, &(const WeirTokenSource){ 0 });
    }
  g_clear_object (&self->accounts);
  weir_vendor_calls_free (self->calls);
  g_free (self);
}

void
weir_app_accounts_set_config (WeirAppAccounts *self, WeirConfig *config)
{
  if (self == NULL)
    return;
  weir_vendor_calls_set_config (self->calls, config);
  follow_folder (self, config);
  weir_vendor_calls_set_own_port (self->calls, weir_proxy_get_port (self->proxy));
}

WeirAccounts *
weir_app_accounts_get_accounts (WeirAppAccounts *self)
{
  return self->accounts;
}

WeirVendorCalls *
weir_app_accounts_get_calls (WeirAppAccounts *self)
{
  return self->calls;
}

WeirSignIns *
weir_app_accounts_get_sign_ins (WeirAppAccounts *self)
{
  return self->sign_ins;
}

static void
drained_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirAppAccounts *self = user_data;

  weir_accounts_drain_finish (WEIR_ACCOUNTS (source), result);
  self->done (self, self->done_data);
}

void
weir_app_accounts_drain (WeirAppAccounts *self, GFunc done, gpointer user_data)
{
  if (self == NULL)
    {
      done (NULL, user_data);
      return;
    }
  if (self->done != NULL)
    return; /* a second signal: it goes on already */
  self->done = done;
  self->done_data = user_data;
  weir_sign_ins_cancel_all (self->sign_ins);
  weir_accounts_drain_async (self->accounts, drained_cb, self);
}
