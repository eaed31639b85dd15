/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A thread signs, the control plane asks, all who wait are told. */

#include "config.h"

#include "proxy/weir-service-accounts.h"

#include "base/weir-clock.h"
#include "providers/weir-service-account.h"

/* A token with less to live is not given out. */
#define SPARE_US (60 * WEIR_USEC_PER_SEC)

typedef struct
{
  WeirTokenFunc func;
  gpointer data;
} Waiter;

typedef struct
{
  char *id;             /* (owned) */
  WeirSecret *key_file; /* (owned) */
  char *proxy_url;      /* (owned) (nullable) */
  WeirSecret *token;    /* (owned) (nullable) */
  int64_t until_us;     /* of the token */
  GArray *waiters;      /* (owned) of Waiter */
  gboolean is_asked;    /* for a token, now */
  GSource *idle;        /* (owned) (nullable): tells those who need not wait */
} Account;

struct _WeirServiceAccounts
{
  WeirControlSession *session; /* (owned) */
  WeirConfig *config;          /* (owned) (nullable) */
  GHashTable *accounts;        /* (owned) id (borrowed) -> Account (owned) */
  GCancellable *cancellable;   /* (owned) of all that is under way */
  WeirTokenSource source;
};

/* A token on its way. */
typedef struct
{
  WeirServiceAccounts *owner; /* (unowned): not touched once cancelled */
  GCancellable *cancellable;  /* (owned) */
  char *id;                   /* (owned) */
  WeirSecret *key_file;       /* (owned) */
  int64_t now_s;
  WeirServiceAccountAsk ask; /* what the thread has made */
} Errand;

static void
errand_free (gpointer data)
{
  Errand *self = data;

  g_object_unref (self->cancellable);
  g_free (self->id);
  weir_secret_unref (self->key_file);
  weir_service_account_ask_clear (&self->ask);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

static void
account_tell (Account *self, const GError *error)
{
  g_autoptr (GArray) waiters = self->waiters;

  self->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  for (unsigned i = 0; i < waiters->len; i++)
    {
      const Waiter *waiter = &g_array_index (waiters, Waiter, i);

      waiter->func (error == NULL ? self->token : NULL, error, waiter->data);
    }
}

static void
account_free (gpointer data)
{
  Account *self = data;
  const GError gone = { WEIR_ERROR, WEIR_ERROR_CANCELLED,
                        (char *)"the service account is no longer configured" };

  account_tell (self, &gone);
  if (self->idle != NULL)
    g_source_destroy (self->idle);
  g_clear_pointer (&self->idle, g_source_unref);
  g_array_unref (self->waiters);
  g_free (self->id);
  weir_secret_unref (self->key_file);
  g_free (self->proxy_url);
  weir_secret_unref (self->token);
  g_free (self);
}

/* NULL: nobody waits for it any more. */
static Account *
find_account (const Errand *errand)
{
  Account *account;

  if (g_cancellable_is_cancelled (errand->cancellable))
    return NULL;
  account = g_hash_table_lookup (errand->owner->accounts, errand->id);
  if (account != NULL)
    account->is_asked = FALSE;
  return account;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  g_autoptr (GError) error = NULL;
  unsigned status = 0;
  g_autoptr (GBytes) body = weir_control_session_get_finish (result, &status, &error);
  Account *account = find_account (errand);
  WeirSecret *token = NULL;
  int64_t lasts_s = 0;

  if (account == NULL)
    return;
  if (body != NULL)
    {
      WeirSlice text;

      text.text = g_bytes_get_data (body, &text.length);
      token = weir_service_account_read_answer (status, text, &lasts_s, &error);
    }
  if (token != NULL)
    {
      g_clear_pointer (&account->token, weir_secret_unref);
      account->token = token;
      account->until_us = weir_clock_now_us () + lasts_s * WEIR_USEC_PER_SEC;
    }
  account_tell (account, error);
}

static void
sign_in_thread (GTask *task,
                gpointer source_object,
                gpointer task_data,
                GCancellable *cancellable)
{
  Errand *errand = task_data;
  g_autoptr (GError) error = NULL;

  if (weir_service_account_sign (errand->key_file, errand->now_s, &errand->ask, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* Sends what was signed.  FALSE: it cannot be sent. */
static gboolean
send_ask (Errand *errand, const Account *account, GError **error)
{
  WeirServiceAccounts *self = errand->owner;
  const WeirControlField none = { NULL, NULL };
  const WeirControlCall call = {
    .method = "POST",
    .path_and_query = "",
    .fields = &none,
    .content_type = "application/x-www-form-urlencoded",
    .body = errand->ask.body,
  };
  g_autofree char *url = weir_config_dup_vendor_url (self->config, errand->ask.url);
  g_autoptr (WeirTarget) target
      = weir_target_new (url, account->proxy_url, account->id, error);

  if (target == NULL)
    return FALSE;
  if (!target->tls && !weir_target_is_loopback (target))
    return weir_error_set (error, WEIR_ERROR_CONFIG,
                           "the token endpoint of the service account is not https");
  weir_control_session_call (self->session, target, &call, errand->cancellable, answered_cb,
                             errand);
  return TRUE;
}

static void
signed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean is_signed = g_task_propagate_boolean (G_TASK (result), &error);
  Account *account;

  if (g_cancellable_is_cancelled (errand->cancellable))
    {
      errand_free (errand);
      return;
    }
  account = g_hash_table_lookup (errand->owner->accounts, errand->id);
  if (account != NULL && is_signed && send_ask (errand, account, &error))
    return;
  if (account != NULL)
    {
      account->is_asked = FALSE;
      account_tell (account, error);
    }
  errand_free (errand);
}

static void
start_errand (WeirServiceAccounts *self, Account *account)
{
  Errand *errand = g_new0 (Errand, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, signed_cb, NULL);

  account->is_asked = TRUE;
  errand->owner = self;
  errand->cancellable = g_object_ref (self->cancellable);
  errand->id = g_strdup (account->id);
  errand->key_file = weir_secret_ref (account->key_file);
  errand->now_s = weir_clock_real_us () / WEIR_USEC_PER_SEC;
  g_task_set_source_tag (task, (gpointer)(guintptr)start_errand);
  g_task_set_task_data (task, errand, NULL); /* it goes on with the call */
  g_task_run_in_thread (task, sign_in_thread);
}

static gboolean
is_fresh (const Account *account)
{
  return account->token != NULL && account->until_us > weir_clock_now_us () + SPARE_US;
}

static WeirSecret *
dup_token (const char *id, gpointer user_data)
{
  const WeirServiceAccounts *self = user_data;
  const Account *account = g_hash_table_lookup (self->accounts, id);

  return account != NULL && is_fresh (account) ? weir_secret_ref (account->token) : NULL;
}

static gboolean
on_idle (gpointer user_data)
{
  Account *account = user_data;

  g_clear_pointer (&account->idle, g_source_unref);
  account_tell (account, NULL);
  return G_SOURCE_REMOVE;
}

static void
tell_soon (Account *account)
{
  if (account->idle != NULL)
    return;
  account->idle = g_idle_source_new ();
  g_source_set_callback (account->idle, on_idle, account, NULL);
  g_source_attach (account->idle, g_main_context_get_thread_default ());
}

typedef struct
{
  Waiter waiter;
} Stranger;

/* The configuration has changed between the pick and the asking. */
static gboolean
refuse_stranger (gpointer user_data)
{
  g_autofree Stranger *stranger = user_data;
  const GError gone = { WEIR_ERROR, WEIR_ERROR_UNAUTHORIZED,
                        (char *)"the service account is no longer configured" };

  stranger->waiter.func (NULL, &gone, stranger->waiter.data);
  return G_SOURCE_REMOVE;
}

static void
ensure_token (const char *id,
              const WeirSecret *refused,
              GCancellable *cancellable,
              WeirTokenFunc func,
              gpointer data,
              gpointer user_data)
{
  WeirServiceAccounts *self = user_data;
  Account *account = g_hash_table_lookup (self->accounts, id);
  const Waiter waiter = { func, data };

  if (account == NULL)
    {
      Stranger *stranger = g_new0 (Stranger, 1);

      stranger->waiter = waiter;
      g_idle_add (refuse_stranger, stranger);
      return;
    }
  g_array_append_val (account->waiters, waiter);
  if (refused != NULL && account->token != NULL
      && weir_secret_equal (refused, account->token))
    g_clear_pointer (&account->token, weir_secret_unref);
  if (is_fresh (account))
    tell_soon (account);
  else if (!account->is_asked)
    start_errand (self, account);
}

WeirServiceAccounts *
weir_service_accounts_new (WeirPoller *poller, GTlsDatabase *trust)
{
  WeirServiceAccounts *self = g_new0 (WeirServiceAccounts, 1);

  self->session = weir_control_session_new (poller, trust);
  self->accounts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, account_free);
  self->cancellable = g_cancellable_new ();
  self->source = (WeirTokenSource){ dup_token, ensure_token, self };
  return self;
}

void
weir_service_accounts_free (WeirServiceAccounts *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->accounts);
  weir_control_session_free (self->session);
  weir_config_unref (self->config);
  g_free (self);
}

static gboolean
is_of (const Account *account, const WeirSeat *seat)
{
  return weir_secret_equal (account->key_file, seat->api_key)
         && g_strcmp0 (account->proxy_url, seat->target->proxy_url) == 0;
}

/* (transfer full): what is known already, or nothing yet. */
static Account *
take_account (WeirServiceAccounts *self, const WeirSeat *seat)
{
  const char *id = weir_seat_get_token_id (seat);
  Account *account = g_hash_table_lookup (self->accounts, id);

  if (account != NULL && is_of (account, seat))
    {
      g_hash_table_steal (self->accounts, id);
      return account;
    }
  account = g_new0 (Account, 1);
  account->id = g_strdup (id);
  account->key_file = weir_secret_ref (seat->api_key);
  account->proxy_url = g_strdup (seat->target->proxy_url);
  account->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  return account;
}

void
weir_service_accounts_follow (WeirServiceAccounts *self,
                              const WeirRouting *routing,
                              uint16_t own_port)
{
  GHashTable *before = self->accounts;
  GHashTable *accounts
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, account_free);

  weir_control_session_set_own_port (self->session, own_port);
  weir_config_ref (routing->config);
  weir_config_unref (self->config);
  self->config = routing->config;
  for (unsigned i = 0; i < routing->seats->len; i++)
    {
      const WeirSeat *seat = g_ptr_array_index (routing->seats, i);
      Account *account;

      if (!seat->takes_token || seat->account != NULL || seat->api_key == NULL
          || g_hash_table_contains (accounts, weir_seat_get_token_id (seat)))
        continue;
      account = take_account (self, seat);
      g_hash_table_insert (accounts, account->id, account);
    }
  /* those that are left tell who waits for them, who may ask again */
  self->accounts = accounts;
  g_hash_table_unref (before);
}

const WeirTokenSource *
weir_service_accounts_get_source (const WeirServiceAccounts *self)
{
  return &self->source;
}
