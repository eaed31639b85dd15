/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whose turn it is, who waits for a token, and the time: what stands around the machines of
 * weir-refresh.  What these want is done in weir-accounts-turn.c.
 *
 * A refresh, from the first thing to the last: its turn; the lock among programs; what the
 * vault and the escrow have by now; "refresh-started" in the file; the request, which
 * nobody's leaving ends; the answer into the escrow, then into the vault beside the old
 * one, read back; "committed" in the file; and only then it is used.  The old one goes when
 * a later one is committed, or another run has read the new one. */

#include "config.h"

#include "accounts/weir-accounts-private.h"

#include "base/weir-clock.h"

#define TURNS_MAX 2
#define WAIT_US (30 * WEIR_USEC_PER_SEC)
#define DRAIN_US (15 * WEIR_USEC_PER_SEC)
/* How long the loop may sleep: what is due on the clock that goes on in suspend does not
 * wake it. */
#define SLEEP_US (300 * WEIR_USEC_PER_SEC)
#define SLEEP_DRIVEN_US (20 * (int64_t)1000)
#define LOCK_PAUSE_US (200 * (int64_t)1000)

typedef struct
{
  WeirAccountsEntry *entry; /* (unowned) */
  GTask *task;              /* (owned) */
  WeirSecret *refused;      /* (owned) (nullable) */
  GSource *leaving;         /* (owned) (nullable) */
  int64_t until_us;
} Waiter;

/* --- who waits --- */

void
weir_accounts_waiter_free (gpointer data)
{
  Waiter *self = data;

  if (self->leaving != NULL)
    g_source_destroy (self->leaving);
  g_clear_pointer (&self->leaving, g_source_unref);
  g_clear_object (&self->task);
  weir_secret_unref (self->refused);
  g_free (self);
}

/* The waiters of @entry whom @serves is said of; they wait no more. */
static GPtrArray *
take_waiters (WeirAccountsEntry *entry,
              gboolean (*serves) (const Waiter *waiter, gconstpointer data),
              gconstpointer data)
{
  GPtrArray *taken = g_ptr_array_new_with_free_func (weir_accounts_waiter_free);

  for (unsigned i = 0; i < entry->waiters->len;)
    if (serves (g_ptr_array_index (entry->waiters, i), data))
      g_ptr_array_add (taken, g_ptr_array_steal_index (entry->waiters, i));
    else
      i++;
  return taken;
}

static gboolean
takes_token (const Waiter *waiter, gconstpointer token)
{
  return waiter->refused == NULL || !weir_secret_equal (waiter->refused, token);
}

void
weir_accounts_serve_waiters (WeirAccountsEntry *entry)
{
  WeirSecret *token = NULL;
  g_autoptr (GPtrArray) served = NULL;

  /* asking for it says that it is wanted */
  if (entry->waiters->len > 0)
    token = weir_refresh_get_token (entry->refresh, weir_clock_now_us ());
  if (token == NULL)
    return;
  served = take_waiters (entry, takes_token, token);
  for (unsigned i = 0; i < served->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (served, i);

      g_task_return_pointer (waiter->task, weir_secret_ref (token),
                             (GDestroyNotify)weir_secret_unref);
    }
}

static gboolean
is_any (const Waiter *waiter, gconstpointer data)
{
  return TRUE;
}

void
weir_accounts_fail_waiters (WeirAccountsEntry *entry, WeirError code, const char *sentence)
{
  g_autoptr (GPtrArray) failed = take_waiters (entry, is_any, NULL);

  for (unsigned i = 0; i < failed->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (failed, i);

      g_task_return_new_error (waiter->task, WEIR_ERROR, (int)code, "%s: %s",
                               entry->account->settings.label, sentence);
    }
}

static gboolean
is_late (const Waiter *waiter, gconstpointer now_us)
{
  return waiter->until_us <= *(const int64_t *)now_us;
}

static void
fail_late (WeirAccountsEntry *entry, int64_t now_us)
{
  g_autoptr (GPtrArray) late = take_waiters (entry, is_late, &now_us);

  for (unsigned i = 0; i < late->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (late, i);

      g_task_return_new_error (waiter->task, WEIR_ERROR, WEIR_ERROR_UPSTREAM,
                               "%s: its sign-in is being renewed, which takes too long",
                               entry->account->settings.label);
    }
}

static gboolean
is_same (const Waiter *waiter, gconstpointer other)
{
  return waiter == other;
}

static gboolean
on_left (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;
  GPtrArray *left = take_waiters (waiter->entry, is_same, waiter);

  g_task_return_error_if_cancelled (waiter->task);
  g_ptr_array_unref (left);
  return G_SOURCE_REMOVE;
}

static void
add_waiter (WeirAccountsEntry *entry, GTask *task, const WeirSecret *refused)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->entry = entry;
  waiter->task = task;
  waiter->refused = refused != NULL ? weir_secret_ref ((WeirSecret *)refused) : NULL;
  waiter->until_us = weir_clock_now_us () + WAIT_US;
  if (cancellable != NULL)
    {
      waiter->leaving = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->leaving, G_SOURCE_FUNC (on_left), waiter, NULL);
      g_source_attach (waiter->leaving, entry->owner->context);
    }
  g_ptr_array_add (entry->waiters, waiter);
}

/* --- turns --- */

static gboolean
is_idle (const WeirAccountsEntry *entry)
{
  return !entry->has_turn && !entry->is_held;
}

/* (nullable): whoever is waited for comes first. */
static WeirAccountsEntry *
find_queued (WeirAccounts *self)
{
  WeirAccountsEntry *first = NULL;

  for (unsigned i = 0; i < self->entries->len; i++)
    {
      WeirAccountsEntry *entry = g_ptr_array_index (self->entries, i);

      if (!entry->is_queued || entry->is_hidden || !is_idle (entry)
          || !g_queue_is_empty (&entry->calls))
        continue;
      if (entry->waiters->len > 0)
        return entry;
      if (first == NULL)
        first = entry;
    }
  return first;
}

static void
give_turns (WeirAccounts *self)
{
  WeirAccountsEntry *entry = NULL;

  while (!self->is_draining && self->n_turns < TURNS_MAX
         && (entry = find_queued (self)) != NULL)
    {
      entry->is_queued = FALSE;
      entry->has_turn = TRUE;
      self->n_turns++;
      weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_GRANTED });
    }
}

void
weir_accounts_feed (WeirAccountsEntry *entry, const WeirRefreshEvent *event)
{
  WeirRefreshActions actions;

  weir_refresh_handle (entry->refresh, event, weir_clock_now_us (), weir_clock_real_us (),
                       &actions);
  for (unsigned i = 0; i < actions.n; i++)
    weir_accounts_perform (entry, &actions.items[i]);
}

static void
run_calls (WeirAccountsEntry *entry)
{
  g_autofree WeirAccountsCall *call = NULL;

  if (!is_idle (entry) || g_queue_is_empty (&entry->calls))
    return;
  entry->is_held = TRUE;
  call = g_queue_pop_head (&entry->calls);
  call->function (entry, call->data);
}

void
weir_accounts_hold (WeirAccountsEntry *entry, WeirAccountsHeldFunc function, gpointer data)
{
  WeirAccountsCall *call = g_new0 (WeirAccountsCall, 1);

  call->function = function;
  call->data = data;
  g_queue_push_tail (&entry->calls, call);
  weir_accounts_kick (entry->owner);
}

void
weir_accounts_release (WeirAccountsEntry *entry)
{
  entry->is_held = FALSE;
  weir_accounts_kick (entry->owner);
}

/* --- the time --- */

void
weir_accounts_kick (WeirAccounts *self)
{
  g_source_set_ready_time (self->tick, 0);
}

void
weir_accounts_look_soon (WeirAccounts *self)
{
  if (!self->is_ticking)
    weir_accounts_kick (self);
}

/* Whoever still waits when nothing goes on asks once more. */
static void
ask_for_waiters (WeirAccountsEntry *entry)
{
  const Waiter *waiter = NULL;

  weir_accounts_serve_waiters (entry);
  if (entry->waiters->len == 0 || entry->is_queued || !is_idle (entry))
    return;
  waiter = g_ptr_array_index (entry->waiters, 0);
  weir_accounts_feed (
      entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_ASKED, .refused = waiter->refused });
}

static void
look_at (WeirAccountsEntry *entry, int64_t now_us)
{
  if (entry->is_locking)
    weir_accounts_try_lock (entry);
  if (entry->wake_us <= now_us)
    {
      entry->wake_us = INT64_MAX;
      weir_accounts_feed (entry, &(WeirRefreshEvent){ .kind = WEIR_REFRESH_TIME });
    }
  fail_late (entry, now_us);
  ask_for_waiters (entry);
  run_calls (entry);
}

/* When something is to be looked at; INT64_MAX: when somebody kicks. */
static int64_t
find_next (WeirAccounts *self, int64_t now_us)
{
  int64_t next_us = self->drain != NULL ? self->drain_until_us : INT64_MAX;

  for (unsigned i = 0; i < self->entries->len; i++)
    {
      const WeirAccountsEntry *entry = g_ptr_array_index (self->entries, i);

      next_us = MIN (next_us, entry->wake_us);
      if (entry->is_locking)
        next_us = MIN (next_us, now_us + LOCK_PAUSE_US);
      for (unsigned k = 0; k < entry->waiters->len; k++)
        next_us
            = MIN (next_us, ((Waiter *)g_ptr_array_index (entry->waiters, k))->until_us);
    }
  return next_us;
}

static void
sleep_until (WeirAccounts *self, int64_t next_us, int64_t now_us)
{
  const int64_t most_us = weir_clock_is_driven () ? SLEEP_DRIVEN_US : SLEEP_US;

  if (next_us != INT64_MAX)
    g_source_set_ready_time (self->tick, g_get_monotonic_time ()
                                             + CLAMP (next_us - now_us, 0, most_us));
}

static void
end_drain (WeirAccounts *self, int64_t now_us)
{
  const gboolean is_busy = self->n_turns > 0 || self->n_jobs > 0;
  g_autoptr (GTask) task = NULL;

  if (self->drain == NULL || (is_busy && now_us < self->drain_until_us))
    return;
  self->is_over = TRUE;
  task = g_steal_pointer (&self->drain);
  g_task_return_boolean (task, TRUE);
}

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr (WeirAccounts) self = g_object_ref (user_data);
  const int64_t now_us = weir_clock_now_us ();

  /* until then a kick counts, also one from here */
  g_source_set_ready_time (self->tick, -1);
  self->is_ticking = TRUE;
  for (unsigned i = self->entries->len; i > 0; i--)
    if (i <= self->entries->len)
      look_at (g_ptr_array_index (self->entries, i - 1), now_us);
  if (self->needs_follow)
    weir_accounts_follow_vault (self);
  give_turns (self);
  end_drain (self, now_us);
  self->is_ticking = FALSE;
  if (g_source_get_ready_time (self->tick) < 0)
    sleep_until (self, find_next (self, now_us), now_us);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_tick (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs tick_funcs = { .dispatch = dispatch_tick };

GSource *
weir_accounts_make_tick (WeirAccounts *self)
{
  GSource *tick = g_source_new (&tick_funcs, sizeof (GSource));

  g_source_set_static_name (tick, "refresh");
  g_source_set_callback (tick, on_tick, self, NULL);
  g_source_set_ready_time (tick, 0);
  g_source_attach (tick, self->context);
  return tick;
}

/* --- what others ask --- */

/* Why nothing that is done here would give a token; NULL: it might. */
static const char *
find_obstacle (const WeirAccountsEntry *entry, WeirError *out_code)
{
  *out_code = WEIR_ERROR_UNAUTHORIZED;
  if (entry->account->state == WEIR_ACCOUNT_SIGN_IN)
    return "it has to be signed in again";
  if (weir_refresh_get_tokens (entry->refresh) != NULL)
    return NULL;
  if (entry->account->state == WEIR_ACCOUNT_MISSING)
    return "its sign-in is not in the vault any more";
  *out_code = WEIR_ERROR_IO;
  return "its sign-in cannot be read now";
}

void
weir_accounts_ensure_token_async (WeirAccounts *self,
                                  const char *id,
                                  const WeirSecret *refused,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  WeirAccountsEntry *entry = weir_accounts_find (self, id);
  WeirSecret *token = NULL;
  const char *obstacle = NULL;
  WeirError code;

  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_ensure_token_async);
  if (entry == NULL || entry->is_hidden)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_NOT_FOUND,
                               "there is no account %s", id);
      return;
    }
  if (self->is_draining)
    {
      g_task_return_new_error (task, WEIR_ERROR, WEIR_ERROR_SHUTTING_DOWN,
                               "no sign-in is renewed any more");
      return;
    }
  token = weir_refresh_get_token (entry->refresh, weir_clock_now_us ());
  if (token != NULL && (refused == NULL || !weir_secret_equal (token, refused)))
    {
      g_task_return_pointer (task, weir_secret_ref (token),
                             (GDestroyNotify)weir_secret_unref);
      return;
    }
  obstacle = find_obstacle (entry, &code);
  if (obstacle != NULL)
    {
      g_task_return_new_error (task, WEIR_ERROR, (int)code, "%s: %s",
                               entry->account->settings.label, obstacle);
      return;
    }
  add_waiter (entry, g_steal_pointer (&task), refused);
  weir_accounts_kick (self);
}

WeirSecret *
weir_accounts_ensure_token_finish (WeirAccounts *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
weir_accounts_drain_async (WeirAccounts *self,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (self->drain == NULL);
  g_task_set_source_tag (task, (gpointer)(guintptr)weir_accounts_drain_async);
  self->drain = task;
  self->is_draining = TRUE;
  self->drain_until_us = weir_clock_now_us () + DRAIN_US;
  weir_accounts_kick (self);
}

void
weir_accounts_drain_finish (WeirAccounts *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));
  g_task_propagate_boolean (G_TASK (result), NULL);
}
