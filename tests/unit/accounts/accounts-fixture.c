/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The folder, the vendor's mouth, and waiting. */

#include "config.h"

#include "accounts-fixture.h"

#include "base/weir-clock.h"

#define PATIENCE_US (20 * G_USEC_PER_SEC)
#define QUIET_US 60000

/* Somebody who waits for an answer. */
typedef struct
{
  WeirAccountsAnswerFunc answer;
  gpointer data;
  unsigned status;
  char *body; /* (owned) (nullable) */
} Asker;

static gboolean
on_answered (gpointer user_data)
{
  Asker *asker = user_data;

  asker->answer (asker->status, weir_slice_from_string (asker->body), asker->data);
  g_free (asker->body);
  g_free (asker);
  return G_SOURCE_REMOVE;
}

static void
on_send (const WeirOauthRequest *request,
         const char *proxy_url,
         WeirAccountsAnswerFunc answer,
         gpointer answer_data,
         gpointer user_data)
{
  AccountsPlace *place = user_data;
  Asker *asker = g_new0 (Asker, 1);

  asker->answer = answer;
  asker->data = answer_data;
  place->n_sent++;
  if (place->vendor != NULL
      && !place->vendor (place, request, &asker->status, &asker->body))
    g_queue_push_tail (&place->asked, asker);
  else
    g_idle_add_full (G_PRIORITY_DEFAULT, on_answered, asker, NULL);
}

static gboolean
on_client (const WeirProviderOauth *row, WeirOauthClient *out, gpointer user_data)
{
  *out = (WeirOauthClient){ .row = row };
  return TRUE;
}

static void
on_notice (AccountsPlace *place, const char *sentence)
{
  g_test_message ("notice: %s", sentence);
  g_ptr_array_add (place->notices, g_strdup (sentence));
}

static void
on_changed (AccountsPlace *place)
{
  place->n_changed++;
}

static void
open_accounts (AccountsPlace *place, WeirVaultState state)
{
  g_autoptr (GError) error = NULL;

  place->vault = place->has_keyring
                     ? weir_vault_new (WEIR_VAULT_KEYRING, NULL)
                     : weir_vault_new (WEIR_VAULT_FILE, place->vault_place.path);
  place->accounts
      = weir_accounts_new (place->path, place->vault, on_send, on_client, place, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (place->accounts, "notice", G_CALLBACK (on_notice), place);
  g_signal_connect_swapped (place->accounts, "changed", G_CALLBACK (on_changed), place);
  vault_await (place->vault, state);
  if (!place->is_hurried)
    accounts_place_pass (place, 0);
}

void
accounts_place_set_up (AccountsPlace *place, gconstpointer data)
{
  vault_place_set_up (&place->vault_place, data);
  place->path = g_build_filename (place->vault_place.folder, "weir", "accounts.db", NULL);
  place->notices = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&place->asked);
  weir_clock_set_test_offset (&place->offset_us);
  open_accounts (place, WEIR_VAULT_UNLOCKED);
}

static void
go_round (int64_t since_us)
{
  g_assert_cmpint (g_get_monotonic_time () - since_us, <, PATIENCE_US);
  if (!g_main_context_iteration (NULL, FALSE))
    g_usleep (500);
}

void
accounts_place_close (AccountsPlace *place)
{
  const int64_t since_us = g_get_monotonic_time ();
  GWeakRef weak;
  gpointer rest = NULL;

  if (place->accounts == NULL)
    return;
  g_weak_ref_init (&weak, place->accounts);
  g_signal_handlers_disconnect_by_data (place->accounts, place);
  g_clear_object (&place->accounts);
  while ((rest = g_weak_ref_get (&weak)) != NULL)
    {
      g_object_unref (rest);
      go_round (since_us);
    }
  g_weak_ref_clear (&weak);
  vault_close (g_steal_pointer (&place->vault));
}

void
accounts_place_restart (AccountsPlace *place)
{
  accounts_place_close (place);
  open_accounts (place, WEIR_VAULT_UNLOCKED);
}

void
accounts_place_open_closed (AccountsPlace *place, WeirVaultState state)
{
  open_accounts (place, state);
}

void
accounts_place_open_at (AccountsPlace *place, const char *folder, const char *name)
{
  place->vault_place.path = g_build_filename (folder, "secrets", NULL);
  place->path = g_build_filename (folder, name, "accounts.db", NULL);
  place->notices = g_ptr_array_new_with_free_func (g_free);
  weir_clock_set_test_offset (&place->offset_us);
  open_accounts (place, WEIR_VAULT_UNLOCKED);
}

void
accounts_place_set_up_beside (AccountsPlace *place, AccountsPlace *other)
{
  vault_place_set_up (&place->vault_place, NULL);
  place->path = g_build_filename (place->vault_place.folder, "weir", "accounts.db", NULL);
  g_free (place->vault_place.path);
  place->vault_place.path = g_strdup (other->vault_place.path);
  place->notices = g_ptr_array_new_with_free_func (g_free);
  place->vendor = other->vendor;
  place->vendor_data = other->vendor_data;
  open_accounts (place, WEIR_VAULT_UNLOCKED);
}

void
accounts_place_tear_down (AccountsPlace *place, gconstpointer data)
{
  while (!g_queue_is_empty (&place->asked))
    accounts_place_answer (place, 0, NULL);
  accounts_place_close (place);
  g_ptr_array_unref (place->notices);
  g_free (place->path);
  vault_place_tear_down (&place->vault_place, data);
}

/* Something of its own goes on, which is not the vendor's. */
static gboolean
is_busy (const AccountsPlace *place)
{
  return place->accounts != NULL
         && place->accounts->n_turns > g_queue_get_length ((GQueue *)&place->asked);
}

void
accounts_place_pass (AccountsPlace *place, int64_t us)
{
  const int64_t since_us = g_get_monotonic_time ();
  int64_t quiet_us = since_us;

  place->offset_us += us;
  while (g_get_monotonic_time () < quiet_us + QUIET_US)
    {
      if (is_busy (place))
        quiet_us = g_get_monotonic_time ();
      go_round (since_us);
    }
}

static unsigned
count_secrets (AccountsPlace *place, const char *id)
{
  g_auto (GStrv) names = weir_vault_list (place->vault);
  unsigned n = 0;

  for (unsigned i = 0; names[i] != NULL; i++)
    n += strstr (names[i], id) != NULL;
  return n;
}

void
accounts_place_await_secrets (AccountsPlace *place, const char *id, unsigned n)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (count_secrets (place, id) != n)
    go_round (since_us);
}

void
accounts_place_answer (AccountsPlace *place, unsigned status, const char *body)
{
  Asker *asker = g_queue_pop_head (&place->asked);

  g_assert_nonnull (asker);
  asker->status = status;
  asker->body = g_strdup (body);
  on_answered (asker);
}

/* --- calls --- */

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
await_result (GAsyncResult **result)
{
  const int64_t since_us = g_get_monotonic_time ();

  while (*result == NULL)
    go_round (since_us);
}

WeirAccount *
accounts_place_add (AccountsPlace *place,
                    const char *vendor_id,
                    const char *access_token,
                    const char *refresh_token,
                    int64_t life_us,
                    const char *replaces,
                    GError **error)
{
  const WeirAccountIdentity identity
      = { .vendor_id = (char *)vendor_id, .email = (char *)"jane@example.org" };
  g_auto (WeirAccountTokens) tokens = { .access_token = vault_secret (access_token) };
  g_autoptr (GAsyncResult) result = NULL;

  if (refresh_token != NULL)
    tokens.refresh_token = vault_secret (refresh_token);
  tokens.is_live = place->is_live;
  tokens.obtained_us = weir_clock_real_us ();
  tokens.expires_us = life_us != 0 ? tokens.obtained_us + life_us : 0;
  weir_accounts_add_async (
      place->accounts,
      weir_provider_oauth_lookup (place->provider != NULL ? place->provider : "claude"),
      &identity, &tokens, replaces, NULL, NULL, keep_result, &result);
  await_result (&result);
  return weir_accounts_add_finish (place->accounts, result, error);
}

gboolean
accounts_place_remove (AccountsPlace *place,
                       const char *id,
                       gboolean revoke,
                       GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  weir_accounts_remove_async (place->accounts, id, revoke, NULL, keep_result, &result);
  await_result (&result);
  return weir_accounts_remove_finish (place->accounts, result, error);
}

char *
accounts_place_ensure (AccountsPlace *place,
                       const char *id,
                       const char *refused,
                       GError **error)
{
  g_autoptr (WeirSecret) bad = refused != NULL ? vault_secret (refused) : NULL;
  g_autoptr (WeirSecret) token = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  weir_accounts_ensure_token_async (place->accounts, id, bad, NULL, keep_result, &result);
  await_result (&result);
  token = weir_accounts_ensure_token_finish (place->accounts, result, error);
  return token != NULL ? weir_slice_dup (weir_secret_reveal (token)) : NULL;
}

void
accounts_place_assert_token (AccountsPlace *place, const char *id, const char *text)
{
  g_autoptr (WeirSecret) token = weir_accounts_dup_token (place->accounts, id);
  g_autofree char *known
      = token != NULL ? weir_slice_dup (weir_secret_reveal (token)) : NULL;

  g_assert_cmpstr (known, ==, text);
}

void
accounts_place_assert_state (AccountsPlace *place, const char *id, WeirAccountState state)
{
  g_autoptr (WeirAccount) account = weir_accounts_lookup (place->accounts, id);

  g_assert_nonnull (account);
  g_assert_cmpstr (weir_account_state_get_name (account->state), ==,
                   weir_account_state_get_name (state));
}

gboolean
accounts_place_was_told (AccountsPlace *place, const char *text)
{
  for (unsigned i = 0; i < place->notices->len; i++)
    if (strstr (g_ptr_array_index (place->notices, i), text) != NULL)
      return TRUE;
  return FALSE;
}
