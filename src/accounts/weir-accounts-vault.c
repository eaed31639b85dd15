/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the vault says, and what follows for the accounts.  A vault that is locked or gone
 * takes nothing away: tokens once known are used on. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

#include "accounts/weir-escrow.h"
#include "accounts/weir-seal.h"
#include "base/weir-clock.h"

#include <string.h>

/* The newest tokens that the vault has of an account. */
typedef struct
{
  uint64_t generation; /* 0: none that can be read */
  WeirAccountTokens tokens;
  char *provider; /* (owned) (nullable) */
  WeirAccountIdentity identity;
} Newest;

static void
newest_clear (Newest *self)
{
  weir_account_tokens_clear (&self->tokens);
  weir_account_identity_clear (&self->identity);
  g_clear_pointer (&self->provider, g_free);
  self->generation = 0;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Newest, newest_clear)

/* Which generations the vault names of whom: one pass over its names, since there may be
 * thousands.  (transfer full): id -> GArray of uint64_t. */
static GHashTable *
index_names (WeirVault *vault)
{
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify)g_array_unref);
  g_auto (GStrv) names = weir_vault_list (vault);

  for (unsigned i = 0; names[i] != NULL; i++)
    {
      uint64_t generation = 0;
      g_autofree char *id = weir_account_tokens_parse_name (names[i], &generation);
      GArray *generations = id != NULL ? g_hash_table_lookup (index, id) : NULL;

      if (id == NULL)
        continue;
      if (generations == NULL)
        {
          generations = g_array_new (FALSE, FALSE, sizeof (uint64_t));
          g_hash_table_insert (index, g_steal_pointer (&id), generations);
        }
      g_array_append_val (generations, generation);
    }
  return index;
}

static uint64_t
find_highest (GHashTable *index, const char *id)
{
  const GArray *generations = g_hash_table_lookup (index, id);
  uint64_t highest = 0;

  for (unsigned i = 0; generations != NULL && i < generations->len; i++)
    highest = MAX (highest, g_array_index (generations, uint64_t, i));
  return highest;
}

static void
take_newer (WeirVault *vault, const char *id, uint64_t generation, Newest *newest)
{
  g_autofree char *name = weir_account_tokens_dup_name (id, generation);
  g_autoptr (WeirSecret) line = NULL;
  g_auto (Newest) found = { .generation = generation };

  if (weir_vault_lookup (vault, name, &line) != WEIR_VAULT_PRESENT
      || !weir_account_tokens_read (line, &found.tokens, &found.provider, &found.identity))
    return;
  newest_clear (newest);
  *newest = found;
  found = (Newest){ 0 };
}

static void
find_newest (WeirVault *vault, GHashTable *index, const char *id, Newest *out)
{
  const GArray *generations = g_hash_table_lookup (index, id);

  for (unsigned i = 0; generations != NULL && i < generations->len; i++)
    if (g_array_index (generations, uint64_t, i) > out->generation)
      take_newer (vault, id, g_array_index (generations, uint64_t, i), out);
}

/* --- an account --- */

static void
erased_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  /* what could not be erased is tried again when the vault changes, or at the next start */
  weir_vault_delete_finish (WEIR_VAULT (source), result, NULL);
}

void
weir_accounts_erase (WeirAccounts *self, const char *id, uint64_t keep)
{
  g_autoptr (GHashTable) index = index_names (self->vault);
  const GArray *generations = g_hash_table_lookup (index, id);

  for (unsigned i = 0; generations != NULL && i < generations->len; i++)
    {
      const uint64_t generation = g_array_index (generations, uint64_t, i);
      g_autofree char *name = weir_account_tokens_dup_name (id, generation);

      if (generation < keep)
        weir_vault_delete_async (self->vault, name, NULL, erased_cb, NULL);
    }
}

uint64_t
weir_accounts_find_newest (WeirAccounts *self, const char *id, WeirAccountTokens *out)
{
  g_autoptr (GHashTable) index = index_names (self->vault);
  g_auto (Newest) newest = { 0 };

  find_newest (self->vault, index, id, &newest);
  *out = newest.tokens;
  newest.tokens = (WeirAccountTokens){ 0 };
  return newest.generation;
}

uint64_t
weir_accounts_find_highest (WeirAccounts *self, const char *id)
{
  g_autoptr (GHashTable) index = index_names (self->vault);

  return find_highest (index, id);
}

/* Tokens that somebody else stored, or that were stored when an earlier run ended. */
static void
take_tokens (WeirAccountsEntry *entry, const Newest *newest)
{
  WeirAccounts *self = entry->owner;

  if (entry->account->generation == 0)
    entry->is_hidden = FALSE;
  weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED,
                                                  .tokens = &newest->tokens,
                                                  .generation = newest->generation });
  g_hash_table_remove (self->starts, entry->account->id);
  weir_accounts_run_job (self, weir_accounts_job_commit, weir_account_ref (entry->account),
                         (GDestroyNotify)weir_account_unref, NULL, NULL);
}

/* The first look at tokens that are the ones we know of, or older. */
static void
load_tokens (WeirAccountsEntry *entry, const Newest *newest)
{
  WeirAccounts *self = entry->owner;
  const WeirAccount *account = entry->account;
  const gboolean is_unsure = g_hash_table_contains (self->starts, account->id);

  if (newest->generation < account->generation)
    weir_accounts_say (self,
                       g_strdup_printf ("The sign-in of %s in the vault is older than "
                                        "expected, as if a backup had been put back. "
                                        "It is tried.",
                                        account->settings.label));
  else if (!is_unsure)
    weir_accounts_erase (self, account->id, account->generation);
  weir_accounts_feed (
      entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED,
                                  .tokens = &newest->tokens,
                                  .generation = newest->generation,
                                  .floor = account->generation,
                                  .is_unsure = is_unsure,
                                  .is_refused = account->state == WEIR_ACCOUNT_SIGN_IN });
}

static void
lack_tokens (WeirAccountsEntry *entry)
{
  WeirVault *vault = entry->owner->vault;
  g_autofree char *sentence = NULL;

  if (weir_vault_get_state (vault) == WEIR_VAULT_UNLOCKED)
    {
      weir_accounts_set_state (entry, WEIR_ACCOUNT_MISSING,
                               "Its sign-in is not in the vault any more. Please sign in "
                               "again.");
      return;
    }
  if (weir_vault_get_problem (vault) != NULL)
    sentence = g_strdup_printf ("Its sign-in cannot be read now: %s.",
                                weir_vault_get_problem (vault));
  weir_accounts_set_state (entry, WEIR_ACCOUNT_LOCKED, sentence);
}

static void
forget_half (WeirAccountsEntry *entry)
{
  WeirAccounts *self = entry->owner;
  const char *id = entry->account->id;

  g_hash_table_add (self->removed, g_strdup (id));
  weir_accounts_run_job (self, weir_accounts_job_remove, g_strdup (id), g_free, NULL, NULL);
  weir_accounts_drop (self, entry);
}

static void
follow (WeirAccountsEntry *entry, GHashTable *index)
{
  WeirVault *vault = entry->owner->vault;
  g_auto (Newest) newest = { 0 };

  if (entry->is_adding || entry->has_turn || entry->is_held)
    return;
  if (weir_refresh_get_tokens (entry->refresh) != NULL
      && find_highest (index, entry->account->id) <= entry->account->generation)
    return;
  find_newest (vault, index, entry->account->id, &newest);
  if (newest.generation > entry->account->generation)
    take_tokens (entry, &newest);
  else if (weir_refresh_get_tokens (entry->refresh) != NULL)
    return;
  else if (newest.generation > 0)
    load_tokens (entry, &newest);
  else if (entry->account->generation > 0)
    lack_tokens (entry);
  else if (weir_vault_get_state (vault) == WEIR_VAULT_UNLOCKED)
    forget_half (entry);
}

/* --- accounts that are gone, or lost --- */

static void
erase_removed (WeirAccounts *self, GHashTable *index)
{
  GHashTableIter iter;
  gpointer id = NULL;

  g_hash_table_iter_init (&iter, self->removed);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (g_hash_table_contains (index, id))
      weir_accounts_erase (self, id, G_MAXUINT64);
    else
      {
        weir_accounts_run_job (self, weir_accounts_job_bury, g_strdup (id), g_free, NULL,
                               NULL);
        g_hash_table_iter_remove (&iter);
      }
}

static WeirAccount *
make_recovered (const char *id, const WeirProviderOauth *row, const Newest *newest)
{
  WeirAccount *account = weir_account_new (id, row);

  weir_account_identity_copy (&newest->identity, &account->identity);
  account->settings.label
      = g_strdup (newest->identity.email != NULL ? newest->identity.email : row->name);
  account->settings.enabled = TRUE;
  account->settings.weight = 1;
  account->created_us = weir_clock_real_us ();
  return account;
}

/* The file of accounts was lost, and the vault has an account that we do not know. */
static gboolean
recover (WeirAccounts *self, GHashTable *index, const char *id)
{
  g_auto (Newest) newest = { 0 };
  const WeirProviderOauth *row = NULL;

  find_newest (self->vault, index, id, &newest);
  if (newest.provider != NULL)
    row = weir_provider_oauth_lookup (newest.provider);
  if (row == NULL || newest.identity.vendor_id == NULL
      || weir_accounts_find_identity (self, row, newest.identity.vendor_id) != NULL)
    return FALSE;
  take_tokens (weir_accounts_append (self, make_recovered (id, row, &newest)), &newest);
  return TRUE;
}

static void
recover_all (WeirAccounts *self, GHashTable *index)
{
  GHashTableIter iter;
  gpointer id = NULL;
  unsigned n = 0;

  self->may_recover = FALSE;
  g_hash_table_iter_init (&iter, index);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (weir_accounts_find (self, id) == NULL && !g_hash_table_contains (self->removed, id))
      n += (unsigned)recover (self, index, id);
  if (n > 0)
    weir_accounts_say (self, g_strdup_printf ("Accounts that were found in the vault: %u. "
                                              "Their settings are the ordinary ones.",
                                              n));
}

static void
key_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (WeirAccounts) self = user_data;

  /* where there is none, a vault that fails costs what a crash would */
  weir_vault_store_finish (WEIR_VAULT (source), result, NULL);
  self->is_making_key = FALSE;
}

/* The escrow's key, long before it is needed. */
static void
ensure_key (WeirAccounts *self)
{
  g_autoptr (WeirSecret) key = NULL;

  if (self->is_making_key || self->entries->len == 0
      || weir_vault_lookup (self->vault, WEIR_ESCROW_KEY_NAME, &key) != WEIR_VAULT_ABSENT)
    return;
  self->is_making_key = TRUE;
  key = weir_seal_make_key ();
  weir_vault_store_async (self->vault, WEIR_ESCROW_KEY_NAME, key, NULL, key_made_cb,
                          g_object_ref (self));
}

static void
tell_unlocked (WeirAccounts *self, gboolean is_unlocked)
{
  const gboolean is_new = is_unlocked && !self->was_unlocked;

  self->was_unlocked = is_unlocked;
  for (unsigned i = 0; is_new && i < self->entries->len; i++)
    weir_accounts_feed (g_ptr_array_index (self->entries, i),
                        &(WeirRefreshEvent){ .kind = WEIR_REFRESH_UNLOCKED });
}

void
weir_accounts_follow_vault (WeirAccounts *self)
{
  const WeirVaultState state = weir_vault_get_state (self->vault);
  g_autoptr (GHashTable) index = index_names (self->vault);

  self->needs_follow = FALSE;
  if (state == WEIR_VAULT_STARTING)
    return;
  /* backwards: some may go */
  for (unsigned i = self->entries->len; i > 0; i--)
    follow (g_ptr_array_index (self->entries, i - 1), index);
  tell_unlocked (self, state == WEIR_VAULT_UNLOCKED);
  if (state != WEIR_VAULT_UNLOCKED)
    return;
  if (self->may_recover)
    recover_all (self, index);
  erase_removed (self, index);
  ensure_key (self);
  weir_accounts_look_into_escrow (self);
}
