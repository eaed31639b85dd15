/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of accounts in memory, and the thread that has their file.  What the vault says
 * is followed in weir-accounts-vault.c; accounts come and go in weir-accounts-add.c. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

#include "base/weir-clock.h"

#include <string.h>
#include <unistd.h>

G_DEFINE_FINAL_TYPE (WeirAccounts, weir_accounts, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_NOTICE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* --- the thread --- */

typedef struct
{
  GTask *task; /* (owned): never given up by the thread, or the thread might end itself */
  WeirAccounts *accounts; /* (unowned): the task's */
  WeirAccountsJobFunc function;
  gpointer data;
  GDestroyNotify free_data;
  GError *error; /* (owned) (nullable) */
} Job;

static gboolean
end_job (gpointer user_data)
{
  Job *self = user_data;
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  self->accounts->n_jobs--;
  weir_accounts_kick (self->accounts); /* the end may wait for it */
  g_task_set_task_data (task, self->data, self->free_data);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_boolean (task, TRUE);
  g_free (self);
  return G_SOURCE_REMOVE;
}

static void
run_job (gpointer data, gpointer user_data)
{
  Job *self = data;
  g_autoptr (GSource) source = g_idle_source_new ();

  (void)self->function (self->accounts->file, self->data, &self->error);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, end_job, self, NULL);
  g_source_attach (source, self->accounts->context);
}

static void
say_failure_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    weir_accounts_say (
        WEIR_ACCOUNTS (source),
        g_strdup_printf ("A change of the accounts could not be kept for the "
                         "next start: %s.",
                         error->message));
}

void
weir_accounts_run_job (WeirAccounts *self,
                       WeirAccountsJobFunc function,
                       gpointer data,
                       GDestroyNotify free_data,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->task
      = g_task_new (self, NULL, callback != NULL ? callback : say_failure_cb, user_data);
  g_task_set_source_tag (job->task, (gpointer)(guintptr)weir_accounts_run_job);
  job->accounts = self;
  job->function = function;
  job->data = data;
  job->free_data = free_data;
  self->n_jobs++;
  g_thread_pool_push (self->thread, job, NULL);
}

gpointer
weir_accounts_get_job_data (GAsyncResult *result)
{
  return g_task_get_task_data (G_TASK (result));
}

gboolean
weir_accounts_job_put (WeirAccountsFile *file, gpointer data, GError **error)
{
  return weir_accounts_file_put (file, data, error);
}

gboolean
weir_accounts_job_commit (WeirAccountsFile *file, gpointer data, GError **error)
{
  return weir_accounts_file_commit (file, data, error);
}

gboolean
weir_accounts_job_remove (WeirAccountsFile *file, gpointer data, GError **error)
{
  return weir_accounts_file_remove (file, data, error);
}

gboolean
weir_accounts_job_bury (WeirAccountsFile *file, gpointer data, GError **error)
{
  return weir_accounts_file_bury (file, data, error);
}

/* --- the table --- */

static void
entry_free (gpointer data)
{
  WeirAccountsEntry *self = data;

  weir_account_unref (self->account);
  weir_refresh_free (self->refresh);
  g_queue_clear_full (&self->calls, g_free);
  g_ptr_array_unref (self->waiters);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self);
}

WeirAccountsEntry *
weir_accounts_find (WeirAccounts *self, const char *id)
{
  for (unsigned i = 0; i < self->entries->len; i++)
    {
      WeirAccountsEntry *entry = g_ptr_array_index (self->entries, i);

      if (strcmp (entry->account->id, id) == 0)
        return entry;
    }
  return NULL;
}

WeirAccountsEntry *
weir_accounts_find_identity (WeirAccounts *self,
                             const WeirProviderOauth *row,
                             const char *vendor_id)
{
  for (unsigned i = 0; i < self->entries->len; i++)
    {
      WeirAccountsEntry *entry = g_ptr_array_index (self->entries, i);

      if (strcmp (entry->account->row->id, row->id) == 0
          && strcmp (entry->account->identity.vendor_id, vendor_id) == 0)
        return entry;
    }
  return NULL;
}

WeirAccountsEntry *
weir_accounts_append (WeirAccounts *self, WeirAccount *account)
{
  WeirAccountsEntry *entry = g_new0 (WeirAccountsEntry, 1);

  entry->owner = self;
  entry->account = account;
  entry->is_hidden = account->generation == 0;
  entry->refresh = weir_refresh_new (account->row, account->is_live, g_random_int ());
  entry->waiters = g_ptr_array_new_with_free_func (weir_accounts_waiter_free);
  g_queue_init (&entry->calls);
  entry->lock = -1;
  entry->wake_us = INT64_MAX;
  g_ptr_array_add (self->entries, entry);
  return entry;
}

void
weir_accounts_drop (WeirAccounts *self, WeirAccountsEntry *entry)
{
  g_ptr_array_remove (self->entries, entry);
  weir_accounts_say_changed (self);
}

void
weir_accounts_take (WeirAccountsEntry *entry, WeirAccount *account)
{
  weir_account_unref (entry->account);
  entry->account = account;
  weir_accounts_say_changed (entry->owner);
}

void
weir_accounts_set_state (WeirAccountsEntry *entry,
                         WeirAccountState state,
                         const char *sentence)
{
  WeirAccount *account;

  if (entry->account->state == state && g_strcmp0 (entry->account->sentence, sentence) == 0)
    return;
  account = weir_account_copy (entry->account);
  account->state = state;
  g_free (account->sentence);
  account->sentence = g_strdup (sentence);
  weir_accounts_take (entry, account);
}

/* --- what is said --- */

void
weir_accounts_say_changed (WeirAccounts *self)
{
  g_source_set_ready_time (self->changed, 0);
}

void
weir_accounts_say (WeirAccounts *self, char *sentence)
{
  g_ptr_array_add (self->notices, sentence);
  g_source_set_ready_time (self->changed, 0);
}

static gboolean
on_say (gpointer user_data)
{
  g_autoptr (WeirAccounts) self = g_object_ref (user_data);
  g_autoptr (GPtrArray) notices = g_steal_pointer (&self->notices);

  self->notices = g_ptr_array_new_with_free_func (g_free);
  g_source_set_ready_time (self->changed, -1);
  for (unsigned i = 0; i < notices->len; i++)
    g_signal_emit (self, signals[SIGNAL_NOTICE], 0, g_ptr_array_index (notices, i));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_saying (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs saying_funcs = { .dispatch = dispatch_saying };

/* --- the start --- */

static void
take_loaded (WeirAccounts *self, WeirAccountsLoaded *loaded)
{
  for (unsigned i = 0; i < loaded->accounts->len; i++)
    {
      WeirAccount *account = weir_account_copy (g_ptr_array_index (loaded->accounts, i));

      /* until the vault has said */
      if (account->state == WEIR_ACCOUNT_READY)
        account->state = WEIR_ACCOUNT_LOCKED;
      weir_accounts_append (self, account);
    }
  for (unsigned i = 0; i < loaded->starts->len; i++)
    {
      WeirAccountsStart *start = g_ptr_array_index (loaded->starts, i);

      g_hash_table_insert (self->starts, g_strdup (start->id), start);
    }
  g_ptr_array_set_free_func (loaded->starts, NULL);
  for (unsigned i = 0; i < loaded->removed->len; i++)
    g_hash_table_add (self->removed, g_strdup (g_ptr_array_index (loaded->removed, i)));
  if (loaded->n_unknown > 0)
    weir_accounts_say (self,
                       g_strdup_printf ("%u accounts are of vendors that this version does "
                                        "not know; they were left alone.",
                                        loaded->n_unknown));
  self->may_recover
      |= loaded->accounts->len == 0 && loaded->removed->len == 0 && loaded->n_unknown == 0;
}

static gboolean
load (WeirAccounts *self, GError **error)
{
  g_auto (WeirAccountsLoaded) loaded = { 0 };
  g_autofree char *notice = NULL;

  self->file = weir_accounts_file_open (self->path, &notice, error);
  if (self->file == NULL)
    return FALSE;
  if (notice != NULL)
    {
      self->may_recover = TRUE;
      weir_accounts_say (self, g_strconcat (notice, ".", NULL));
    }
  if (!weir_accounts_file_load (self->file, &loaded, error))
    return FALSE;
  take_loaded (self, &loaded);
  return TRUE;
}

/* (transfer full): the folder beside the file. */
static char *
dup_escrow (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_build_filename (folder, "escrow", NULL);
}

WeirAccounts *
weir_accounts_new (const char *path,
                   WeirVault *vault,
                   WeirAccountsSendFunc send,
                   WeirAccountsClientFunc client,
                   gpointer user_data,
                   GError **error)
{
  g_autoptr (WeirAccounts) self = g_object_new (WEIR_TYPE_ACCOUNTS, NULL);

  self->path = g_strdup (path);
  self->escrow = dup_escrow (path);
  self->vault = g_object_ref (vault);
  self->send = send;
  self->client = client;
  self->user_data = user_data;
  if (!load (self, error))
    return NULL;
  self->thread = g_thread_pool_new (run_job, NULL, 1, TRUE, NULL);
  g_signal_connect_object (vault, "changed", G_CALLBACK (weir_accounts_follow_vault), self,
                           G_CONNECT_SWAPPED);
  weir_accounts_follow_vault (self);
  return g_steal_pointer (&self);
}

char *
weir_accounts_dup_default_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "weir", "accounts.db", NULL);
}

/* --- what others ask --- */

static int
compare_accounts (gconstpointer a, gconstpointer b)
{
  const WeirAccount *left = *(const WeirAccount *const *)a;
  const WeirAccount *right = *(const WeirAccount *const *)b;
  const int by_provider = strcmp (left->row->id, right->row->id);

  if (by_provider != 0)
    return by_provider;
  if (left->created_us != right->created_us)
    return left->created_us < right->created_us ? -1 : 1;
  return strcmp (left->id, right->id);
}

GPtrArray *
weir_accounts_list (WeirAccounts *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_account_unref);

  for (unsigned i = 0; i < self->entries->len; i++)
    {
      const WeirAccountsEntry *entry = g_ptr_array_index (self->entries, i);

      if (!entry->is_hidden)
        g_ptr_array_add (list, weir_account_ref (entry->account));
    }
  g_ptr_array_sort (list, compare_accounts);
  return list;
}

static WeirAccountsEntry *
find_shown (WeirAccounts *self, const char *id)
{
  WeirAccountsEntry *entry = weir_accounts_find (self, id);

  return entry != NULL && !entry->is_hidden ? entry : NULL;
}

WeirAccount *
weir_accounts_lookup (WeirAccounts *self, const char *id)
{
  const WeirAccountsEntry *entry = find_shown (self, id);

  return entry != NULL ? weir_account_ref (entry->account) : NULL;
}

/* Takes the account that has been changed, and keeps it. */
static void
take_and_keep (WeirAccountsEntry *entry, WeirAccount *account)
{
  weir_accounts_take (entry, account);
  weir_accounts_run_job (entry->owner, weir_accounts_job_put, weir_account_ref (account),
                         (GDestroyNotify)weir_account_unref, NULL, NULL);
}

gboolean
weir_accounts_set_settings (WeirAccounts *self,
                            const char *id,
                            const WeirAccountSettings *settings,
                            GError **error)
{
  WeirAccountsEntry *entry = find_shown (self, id);
  WeirAccount *account;

  if (entry == NULL)
    return weir_error_set (error, WEIR_ERROR_NOT_FOUND, "there is no account %s", id);
  if (!weir_account_settings_check (settings, error))
    return FALSE;
  account = weir_account_copy (entry->account);
  weir_account_settings_clear (&account->settings);
  weir_account_settings_copy (settings, &account->settings);
  take_and_keep (entry, account);
  return TRUE;
}

void
weir_accounts_set_identity (WeirAccounts *self,
                            const char *id,
                            const WeirAccountIdentity *identity)
{
  WeirAccountsEntry *entry = find_shown (self, id);
  WeirAccount *account;

  if (entry == NULL
      || (identity->vendor_id != NULL
          && strcmp (identity->vendor_id, entry->account->identity.vendor_id) != 0))
    return;
  account = weir_account_copy (entry->account);
  if (weir_account_identity_merge (&account->identity, identity))
    take_and_keep (entry, account);
  else
    weir_account_unref (account);
}

void
weir_accounts_set_live (WeirAccounts *self, const char *id, gboolean is_live)
{
  WeirAccountsEntry *entry = find_shown (self, id);
  WeirAccount *account;

  if (entry == NULL || entry->account->is_live == is_live)
    return;
  account = weir_account_copy (entry->account);
  account->is_live = is_live;
  take_and_keep (entry, account);
  weir_refresh_set_live (entry->refresh, is_live);
  entry->wake_us = 0; /* another plan */
  weir_accounts_kick (self);
}

WeirSecret *
weir_accounts_dup_token (WeirAccounts *self, const char *id)
{
  const WeirAccountsEntry *entry = find_shown (self, id);
  WeirSecret *token = entry != NULL
                          ? weir_refresh_get_token (entry->refresh, weir_clock_now_us ())
                          : NULL;

  return token != NULL ? weir_secret_ref (token) : NULL;
}

WeirSecret *
weir_accounts_dup_access_token (WeirAccounts *self, const char *id)
{
  const WeirAccountsEntry *entry = find_shown (self, id);
  const WeirAccountTokens *tokens
      = entry != NULL ? weir_refresh_get_tokens (entry->refresh) : NULL;

  return tokens != NULL && tokens->access_token != NULL
             ? weir_secret_ref (tokens->access_token)
             : NULL;
}

/* --- class --- */

static void
weir_accounts_finalize (GObject *object)
{
  WeirAccounts *self = WEIR_ACCOUNTS (object);

  if (self->thread != NULL)
    g_thread_pool_free (self->thread, FALSE, TRUE);
  g_clear_pointer (&self->file, weir_accounts_file_close);
  g_source_destroy (self->changed);
  g_source_unref (self->changed);
  g_source_destroy (self->tick);
  g_source_unref (self->tick);
  g_ptr_array_unref (self->notices);
  g_ptr_array_unref (self->entries);
  g_hash_table_unref (self->removed);
  g_hash_table_unref (self->starts);
  g_clear_object (&self->vault);
  g_main_context_unref (self->context);
  g_free (self->path);
  g_free (self->escrow);
  G_OBJECT_CLASS (weir_accounts_parent_class)->finalize (object);
}

static void
weir_accounts_init (WeirAccounts *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->removed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->starts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, weir_accounts_start_free);
  self->notices = g_ptr_array_new_with_free_func (g_free);
  self->changed = g_source_new (&saying_funcs, sizeof (GSource));
  g_source_set_static_name (self->changed, "accounts");
  g_source_set_callback (self->changed, on_say, self, NULL);
  g_source_attach (self->changed, self->context);
  self->tick = weir_accounts_make_tick (self);
}

static void
weir_accounts_class_init (WeirAccountsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weir_accounts_finalize;
  signals[SIGNAL_CHANGED]
      = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_NOTICE]
      = g_signal_new ("notice", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}
