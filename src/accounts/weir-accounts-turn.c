/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the machines of weir-refresh want, done: the lock, the vault, the escrow, the file,
 * the vendor.  An entry does not go while it has a turn, and whatever is under way holds
 * the accounts. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

#include "accounts/weir-account-lock.h"
#include "accounts/weir-escrow.h"
#include "base/weir-clock.h"

#include <unistd.h>

#define LOCK_WAIT_US                                                                       \
  (90 * WEIR_USEC_PER_SEC) /* a refresh of another program ends sooner                     \
                            */

/* A turn that waits for something whose callback does not hold the accounts. */
typedef struct
{
  WeirAccounts *accounts;   /* (owned) */
  WeirAccountsEntry *entry; /* (unowned) */
} Turn;

static Turn *
turn_new (WeirAccountsEntry *entry)
{
  Turn *self = g_new0 (Turn, 1);

  self->accounts = g_object_ref (entry->owner);
  self->entry = entry;
  return self;
}

static void
turn_free (Turn *self)
{
  g_object_unref (self->accounts);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Turn, turn_free)

static void
feed_ok (WeirAccountsEntry *entry, WeirRefreshEventKind kind, gboolean ok)
{
  weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = kind, .ok = ok });
}

/* --- the lock --- */

void
weir_accounts_let_lock_go (WeirAccountsEntry *entry)
{
  if (entry->lock >= 0)
    close (entry->lock);
  entry->lock = -1;
}

void
weir_accounts_try_lock (WeirAccountsEntry *entry)
{
  WeirAccounts *self = entry->owner;
  g_autofree char *folder = g_path_get_dirname (self->path);
  WeirAccountLockResult result
      = weir_account_lock_try (entry->account, folder, &entry->lock);

  if (result == WEIR_ACCOUNT_LOCK_BUSY && !self->is_draining
      && weir_clock_now_us () < entry->lock_until_us)
    return;
  entry->is_locking = FALSE;
  feed_ok (entry, WEIR_REFRESH_LOCKED, result == WEIR_ACCOUNT_LOCK_HELD);
}

static void
lock (WeirAccountsEntry *entry)
{
  if (entry->lock >= 0)
    {
      feed_ok (entry, WEIR_REFRESH_LOCKED, TRUE);
      return;
    }
  entry->is_locking = TRUE;
  entry->lock_until_us = weir_clock_now_us () + LOCK_WAIT_US;
  weir_accounts_try_lock (entry);
}

/* --- the escrow --- */

typedef struct
{
  char *folder;     /* (owned) */
  char *id;         /* (owned) */
  WeirSecret *key;  /* (owned) (nullable) */
  WeirSecret *line; /* (owned) (nullable): to be written, or what was read */
  uint64_t generation;
} EscrowOrder;

static void
escrow_order_free (gpointer data)
{
  EscrowOrder *self = data;

  g_free (self->folder);
  g_free (self->id);
  weir_secret_unref (self->key);
  weir_secret_unref (self->line);
  g_free (self);
}

static EscrowOrder *
escrow_order_new (WeirAccounts *accounts, const char *id)
{
  EscrowOrder *self = g_new0 (EscrowOrder, 1);

  self->folder = g_strdup (accounts->escrow);
  self->id = g_strdup (id);
  /* a key that was read once stays known when the vault is locked */
  weir_vault_lookup (accounts->vault, WEIR_ESCROW_KEY_NAME, &self->key);
  return self;
}

static gboolean
job_keep (WeirAccountsFile *file, gpointer data, GError **error)
{
  const EscrowOrder *order = data;

  return weir_escrow_write (order->folder, order->id, order->generation, order->key,
                            order->line, error);
}

/* Never fails: what cannot be read is not there. */
static gboolean
job_read_escrow (WeirAccountsFile *file, gpointer data, GError **error)
{
  EscrowOrder *order = data;

  if (order->key != NULL)
    order->line
        = weir_escrow_read (order->folder, order->id, order->key, &order->generation, NULL);
  return TRUE;
}

gboolean
weir_accounts_job_empty_escrow (WeirAccountsFile *file, gpointer data, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (data);
  g_autofree char *id = g_path_get_basename (data);

  return weir_escrow_remove (folder, id, error);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  feed_ok (user_data, WEIR_REFRESH_KEPT, g_task_propagate_boolean (G_TASK (result), NULL));
}

static void
keep (WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  EscrowOrder *order = escrow_order_new (entry->owner, entry->account->id);

  order->line = weir_account_tokens_write (action->tokens, entry->account);
  order->generation = action->generation;
  if (order->key != NULL && order->line != NULL)
    {
      weir_accounts_run_job (entry->owner, job_keep, order, escrow_order_free, kept_cb,
                             entry);
      return;
    }
  escrow_order_free (order);
  feed_ok (entry, WEIR_REFRESH_KEPT, FALSE);
}

/* --- what there is by now --- */

static void
tell_read (WeirAccountsEntry *entry, const EscrowOrder *order)
{
  g_auto (WeirAccountTokens) tokens = { 0 };
  g_auto (WeirAccountTokens) escrowed = { 0 };
  WeirRefreshEvent event = { .kind = WEIR_REFRESH_READ };

  event.generation = weir_accounts_find_newest (entry->owner, entry->account->id, &tokens);
  if (event.generation > 0)
    event.tokens = &tokens;
  if (order->line != NULL && order->generation > event.generation
      && weir_account_tokens_read (order->line, &escrowed, NULL, NULL))
    {
      event.tokens = &escrowed;
      event.generation = order->generation;
      event.is_escrowed = TRUE;
    }
  weir_accounts_feed (entry, &event);
}

/* The data of a job lives until its callback has returned. */
static void
escrow_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  tell_read (user_data, weir_accounts_get_job_data (result));
}

static void
read_escrow (WeirAccountsEntry *entry)
{
  weir_accounts_run_job (entry->owner, job_read_escrow,
                         escrow_order_new (entry->owner, entry->account->id),
                         escrow_order_free, escrow_read_cb, entry);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Turn) turn = user_data;

  /* a vault that says nothing has said before what it knows */
  weir_vault_look_finish (WEIR_VAULT (source), result, NULL);
  read_escrow (turn->entry);
}

static void
read_vault (WeirAccountsEntry *entry)
{
  WeirAccounts *self = entry->owner;

  if (weir_vault_get_state (self->vault) == WEIR_VAULT_UNLOCKED)
    weir_vault_look_async (self->vault, NULL, looked_cb, turn_new (entry));
  else
    read_escrow (entry);
}

/* --- the file --- */

static void
journaled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  feed_ok (user_data, WEIR_REFRESH_JOURNALED,
           g_task_propagate_boolean (G_TASK (result), NULL));
}

static gboolean
job_start (WeirAccountsFile *file, gpointer data, GError **error)
{
  return weir_accounts_file_start (file, data, error);
}

static void
journal (WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  WeirAccountsStart *start = g_new0 (WeirAccountsStart, 1);

  start->id = g_strdup (entry->account->id);
  start->generation = action->generation;
  start->hash = g_strdup (action->hash);
  weir_accounts_run_job (entry->owner, job_start, start, weir_accounts_start_free,
                         journaled_cb, entry);
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  feed_ok (user_data, WEIR_REFRESH_COMMITTED,
           g_task_propagate_boolean (G_TASK (result), NULL));
}

/* (transfer full): as it is with such tokens. */
static WeirAccount *
dup_with_tokens (const WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  WeirAccount *account = weir_account_copy (entry->account);

  account->generation = MAX (account->generation, action->generation);
  account->expires_us = action->tokens->expires_us;
  if (weir_refresh_is_refused (entry->refresh))
    return account;
  account->state = WEIR_ACCOUNT_READY;
  g_clear_pointer (&account->sentence, g_free);
  return account;
}

static void
commit (WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  weir_accounts_run_job (entry->owner, weir_accounts_job_commit,
                         dup_with_tokens (entry, action),
                         (GDestroyNotify)weir_account_unref, committed_cb, entry);
}

/* --- the vault --- */

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Turn) turn = user_data;

  feed_ok (turn->entry, WEIR_REFRESH_STORED,
           weir_vault_store_finish (WEIR_VAULT (source), result, NULL));
}

static void
store (WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  g_autofree char *name
      = weir_account_tokens_dup_name (entry->account->id, action->generation);
  g_autoptr (WeirSecret) line = weir_account_tokens_write (action->tokens, entry->account);

  if (line != NULL)
    weir_vault_store_async (entry->owner->vault, name, line, NULL, stored_cb,
                            turn_new (entry));
  else
    feed_ok (entry, WEIR_REFRESH_STORED, FALSE);
}

/* --- the vendor --- */

static void
on_answer (unsigned status, WeirSlice body, gpointer data)
{
  g_autoptr (Turn) turn = data;

  weir_accounts_feed (
      turn->entry,
      &(WeirRefreshEvent){ .kind = WEIR_REFRESH_ANSWERED, .status = status, .text = body });
}

/* A service account has signed for its next token. */
static void
signed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirAccounts *self = WEIR_ACCOUNTS (source);
  g_autoptr (Turn) turn = user_data;
  WeirAccountsEntry *entry = turn->entry;
  g_auto (WeirOauthRequest) request = { 0 };

  if (weir_accounts_sign_finish (result, entry->account->row, &request) && !self->is_over)
    self->send (&request, entry->account->settings.proxy_url, on_answer,
                g_steal_pointer (&turn), self->user_data);
  else
    weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_ANSWERED });
}

static void
send (WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  WeirAccounts *self = entry->owner;
  WeirOauthClient client = { .row = entry->account->row };
  g_auto (WeirOauthRequest) request = { 0 };
  const gboolean is_known = !self->is_over
                            && self->client (entry->account->row, &client, self->user_data)
                            && weir_oauth_client_check (&client, NULL);

  if (self->is_over)
    {
      weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_ANSWERED });
      return;
    }
  if (entry->account->row->takes_key)
    {
      weir_accounts_sign_async (self, action->token, signed_cb, turn_new (entry));
      return;
    }
  if (action->is_exchange)
    weir_oauth_write_exchange (&client, action->token, &request);
  else if (is_known)
    weir_oauth_write_refresh (&client, action->token, &request);
  else
    {
      weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_UNSENT });
      return;
    }
  self->send (&request, entry->account->settings.proxy_url, on_answer, turn_new (entry),
              self->user_data);
}

/* --- what needs no answer --- */

static void
use (WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  weir_accounts_take (entry, dup_with_tokens (entry, action));
  weir_accounts_serve_waiters (entry);
}

static void
refuse (WeirAccountsEntry *entry, const char *sentence)
{
  WeirAccounts *self = entry->owner;

  weir_accounts_set_state (entry, WEIR_ACCOUNT_SIGN_IN, sentence);
  weir_accounts_run_job (self, weir_accounts_job_commit, weir_account_ref (entry->account),
                         (GDestroyNotify)weir_account_unref, NULL, NULL);
  g_hash_table_remove (self->starts, entry->account->id);
  weir_accounts_say (self,
                     g_strdup_printf ("%s: %s", entry->account->settings.label, sentence));
  weir_accounts_fail_waiters (entry, WEIR_ERROR_UNAUTHORIZED,
                              "it has to be signed in again");
}

static void
end_turn (WeirAccountsEntry *entry, gboolean is_escrowed)
{
  WeirAccounts *self = entry->owner;

  /* what only we have must not be renewed by anybody else from what the vault has */
  if (!is_escrowed)
    weir_accounts_let_lock_go (entry);
  if (entry->has_turn)
    self->n_turns--;
  entry->has_turn = FALSE;
  self->needs_follow = TRUE;
  weir_accounts_kick (self);
}

static void
forget (WeirAccountsEntry *entry)
{
  weir_accounts_run_job (entry->owner, weir_accounts_job_empty_escrow,
                         g_build_filename (entry->owner->escrow, entry->account->id, NULL),
                         g_free, NULL, NULL);
}

void
weir_accounts_perform (WeirAccountsEntry *entry, const WeirRefreshAction *action)
{
  switch (action->kind)
    {
    case WEIR_REFRESH_USE:
      use (entry, action);
      break;
    case WEIR_REFRESH_FAIL:
      weir_accounts_fail_waiters (entry, action->code, action->sentence);
      break;
    case WEIR_REFRESH_REFUSE:
      refuse (entry, action->sentence);
      break;
    case WEIR_REFRESH_NOTE:
      weir_accounts_say (
          entry->owner,
          g_strdup_printf ("%s: %s", entry->account->settings.label, action->sentence));
      break;
    case WEIR_REFRESH_FORGET:
      forget (entry);
      break;
    case WEIR_REFRESH_ERASE:
      weir_accounts_erase (entry->owner, entry->account->id, action->generation);
      break;
    case WEIR_REFRESH_WAIT:
      entry->wake_us = action->until_us;
      weir_accounts_look_soon (entry->owner);
      break;
    case WEIR_REFRESH_DONE:
      end_turn (entry, action->is_escrowed);
      break;
    case WEIR_REFRESH_QUEUE:
      entry->is_queued = TRUE;
      weir_accounts_look_soon (entry->owner);
      break;
    case WEIR_REFRESH_LOCK:
      lock (entry);
      break;
    case WEIR_REFRESH_READ_IT:
      read_vault (entry);
      break;
    case WEIR_REFRESH_JOURNAL:
      journal (entry, action);
      break;
    case WEIR_REFRESH_SEND:
      send (entry, action);
      break;
    case WEIR_REFRESH_KEEP:
      keep (entry, action);
      break;
    case WEIR_REFRESH_STORE:
      store (entry, action);
      break;
    case WEIR_REFRESH_COMMIT:
      commit (entry, action);
      break;
    }
}

/* --- what an earlier run left --- */

static void
left_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  WeirAccounts *self = WEIR_ACCOUNTS (source);
  const EscrowOrder *order = weir_accounts_get_job_data (result);
  WeirAccountsEntry *entry = weir_accounts_find (self, order->id);
  g_auto (WeirAccountTokens) tokens = { 0 };

  /* a turn has read it itself */
  if (order->line == NULL || entry == NULL || entry->has_turn || entry->is_held
      || entry->is_hidden)
    return;
  if (order->generation <= weir_accounts_find_newest (self, order->id, &tokens))
    {
      forget (entry);
      return;
    }
  weir_account_tokens_clear (&tokens);
  if (weir_account_tokens_read (order->line, &tokens, NULL, NULL))
    weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED,
                                                    .tokens = &tokens,
                                                    .generation = order->generation,
                                                    .floor = entry->account->generation,
                                                    .is_escrowed = TRUE });
}

void
weir_accounts_look_into_escrow (WeirAccounts *self)
{
  g_autoptr (WeirSecret) key = NULL;

  if (self->has_looked
      || weir_vault_lookup (self->vault, WEIR_ESCROW_KEY_NAME, &key) != WEIR_VAULT_PRESENT)
    return;
  self->has_looked = TRUE;
  for (unsigned i = 0; i < self->entries->len; i++)
    {
      const WeirAccountsEntry *entry = g_ptr_array_index (self->entries, i);

      weir_accounts_run_job (self, job_read_escrow,
                             escrow_order_new (self, entry->account->id), escrow_order_free,
                             left_read_cb, NULL);
    }
}
