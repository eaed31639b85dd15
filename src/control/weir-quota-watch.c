/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who there is, and one timer: for the next asking and the next reset.  Whatever happens is
 * told to the plan, which is then asked anew. */

#include "config.h"

#include "control/weir-quota-watch-private.h"

#include "base/weir-clock.h"
#include "base/weir-json-write.h"

#include <string.h>

/* Under way at a time: a start with fifty accounts is no flood. */
#define ASKING_MAX 2
/* Answers come by the hundred; the plan is asked anew once for all of them. */
#define SOON_US G_TIME_SPAN_SECOND
#define SAVE_APART_US G_TIME_SPAN_MINUTE

static void
target_free (gpointer data)
{
  WeirQuotaTarget *self = data;

  g_clear_pointer (&self->account, weir_account_unref);
  g_clear_pointer (&self->key, weir_secret_unref);
  g_free (self->proxy_url);
  g_free (self->subject);
  g_free (self);
}

WeirQuotaTarget *
weir_quota_watch_lookup (const WeirQuotaWatch *self, const char *subject)
{
  return g_hash_table_lookup (self->targets, subject);
}

/* --- time --- */

static int64_t
to_clock (int64_t real_us)
{
  return weir_clock_now_us () + (real_us - weir_clock_real_us ());
}

int64_t
weir_quota_watch_find_reset (const WeirQuotaWatch *self, const char *subject)
{
  const int64_t real_us = weir_clock_real_us ();
  WeirQuotaView views[WEIR_QUOTA_ALLOWANCES_MAX];
  const unsigned n = weir_quota_board_list_windows (self->board, subject, real_us, views,
                                                    G_N_ELEMENTS (views));
  int64_t next_us = INT64_MAX;

  for (unsigned i = 0; i < n; i++)
    if (!views[i].is_brief && views[i].resets_at_us != 0)
      next_us = MIN (next_us, views[i].resets_at_us);
  return next_us != INT64_MAX ? to_clock (next_us) : INT64_MAX;
}

void
weir_quota_watch_schedule (WeirQuotaWatch *self)
{
  const int64_t tick_us = weir_quota_board_tick (self->board, weir_clock_real_us ());
  int64_t due_us = INT64_MAX;

  if (self->n_asking < ASKING_MAX)
    weir_quota_plan_next (self->plan, weir_clock_now_us (), &due_us);
  if (tick_us != 0)
    due_us = MIN (due_us, to_clock (tick_us));
  if (due_us == INT64_MAX)
    weir_poller_clear_timer (self->poller, &self->timer);
  else
    weir_poller_set_timer (self->poller, &self->timer, MAX (due_us, 1));
}

static void
schedule_soon (WeirQuotaWatch *self)
{
  const int64_t due_us = weir_clock_now_us () + SOON_US;

  if (self->timer.slot == 0 || self->timer.due_us > due_us)
    weir_poller_set_timer (self->poller, &self->timer, due_us);
}

static void
on_timer (WeirTimer *timer)
{
  WeirQuotaWatch *self = WEIR_CONTAINER_OF (timer, WeirQuotaWatch, timer);
  int64_t due_us;

  while (self->n_asking < ASKING_MAX)
    {
      const int64_t now_us = weir_clock_now_us ();
      const char *subject = weir_quota_plan_next (self->plan, now_us, &due_us);

      if (subject == NULL || due_us > now_us)
        break;
      weir_quota_watch_ask (self, weir_quota_watch_lookup (self, subject));
    }
  weir_quota_watch_schedule (self);
}

/* --- readings --- */

static void
save (WeirQuotaWatch *self, WeirQuotaTarget *target)
{
  const WeirQuotaReading *reading
      = weir_quota_board_lookup_reading (self->board, target->subject);

  if (self->history != NULL && reading != NULL)
    weir_quota_history_put (self->history, target->subject, reading);
  target->is_unsaved = FALSE;
  target->saved_us = weir_clock_now_us ();
}

void
weir_quota_watch_take (WeirQuotaWatch *self,
                       WeirQuotaTarget *target,
                       const WeirQuotaReading *reading,
                       gboolean is_asked)
{
  weir_quota_board_take (self->board, target->subject, reading, weir_clock_real_us ());
  target->is_unsaved = TRUE;
  if (is_asked || weir_clock_now_us () - target->saved_us >= SAVE_APART_US)
    save (self, target);
}

/* A minute's requests are no reason not to ask about the week. */
static gboolean
tells_of_more_than_a_minute (const WeirQuotaReading *reading)
{
  for (unsigned i = 0; i < reading->n_allowances; i++)
    if (!weir_quota_allowance_is_brief (&reading->allowances[i]))
      return TRUE;
  return FALSE;
}

static WeirQuotaTarget *
ensure_target (WeirQuotaWatch *self, const char *subject)
{
  WeirQuotaTarget *target = weir_quota_watch_lookup (self, subject);

  if (target != NULL)
    return target;
  target = g_new0 (WeirQuotaTarget, 1);
  target->subject = g_strdup (subject);
  target->saved_us = target->listed_us = INT64_MIN / 2;
  g_hash_table_insert (self->targets, target->subject, target);
  /* faces know accounts by their ids; keys are not shown by themselves */
  weir_quota_board_set_counts (self->board, subject, FALSE);
  return target;
}

void
weir_quota_watch_hear (const char *subject, const WeirQuotaReading *reading, gpointer data)
{
  WeirQuotaWatch *self = data;
  WeirQuotaTarget *target = weir_quota_watch_lookup (self, subject);
  int64_t now_us;

  if (target == NULL && reading == NULL)
    return; /* most answers of keys: nothing is known of them, and nothing planned */
  now_us = weir_clock_now_us ();
  target = ensure_target (self, subject);
  if (reading != NULL)
    {
      weir_quota_watch_take (self, target, reading, FALSE);
      if (tells_of_more_than_a_minute (reading))
        weir_quota_plan_note_reading (self->plan, subject,
                                      weir_quota_watch_find_reset (self, subject), now_us);
    }
  weir_quota_plan_note_use (self->plan, subject, now_us);
  schedule_soon (self);
}

/* --- who --- */

static void
restore (WeirQuotaWatch *self, const char *subject)
{
  const WeirQuotaReading *reading = g_hash_table_lookup (self->restored, subject);

  if (reading == NULL)
    return;
  weir_quota_board_restore (self->board, subject, reading, weir_clock_real_us ());
  if (self->funcs.read != NULL)
    self->funcs.read (subject, weir_quota_board_lookup_reading (self->board, subject),
                      self->user_data);
  g_hash_table_remove (self->restored, subject);
}

static void
drop (WeirQuotaWatch *self, const char *subject)
{
  weir_quota_plan_remove (self->plan, subject);
  weir_quota_board_forget (self->board, subject);
}

static void
mark_all (WeirQuotaWatch *self, gboolean of_keys)
{
  WeirQuotaTarget *target;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->targets);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&target))
    target->is_marked = of_keys ? target->account == NULL : target->account != NULL;
}

/* Of those that are gone nothing is kept, but what keys have told stays on the disk for the
 * case that they come back. */
static void
sweep (WeirQuotaWatch *self)
{
  WeirQuotaTarget *target;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->targets);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&target))
    if (target->is_marked)
      {
        if (target->account != NULL && self->history != NULL)
          weir_quota_history_forget (self->history, target->subject);
        drop (self, target->subject);
        g_hash_table_iter_remove (&iter);
      }
}

static void
set_account (WeirQuotaWatch *self, const WeirAccount *account)
{
  WeirQuotaTarget *target = ensure_target (self, account->id);
  const gboolean was_ready
      = target->account == NULL || target->account->state == WEIR_ACCOUNT_READY;
  const gboolean is_ready = account->state == WEIR_ACCOUNT_READY;
  WeirAccount *before = target->account;

  target->is_marked = FALSE;
  target->account = weir_account_ref (account);
  g_clear_pointer (&before, weir_account_unref);
  g_free (target->proxy_url);
  target->proxy_url = g_strdup (account->settings.proxy_url);
  if (target->first == NULL)
    target->first = target->recipe = weir_quota_recipe_lookup (account->row->id);
  weir_quota_board_set_counts (self->board, account->id, account->settings.enabled);
  restore (self, account->id);
  if (target->recipe == NULL)
    {
      g_autofree char *sentence = g_strdup_printf (
          "%s does not tell what is left; only its answers may.", account->row->name);

      weir_quota_board_set_sentence (self->board, account->id, sentence);
      return;
    }
  if (!account->settings.enabled || !is_ready)
    {
      weir_quota_plan_remove (self->plan, account->id);
      return;
    }
  weir_quota_plan_add (self->plan, account->id, weir_clock_now_us ());
  if (was_ready)
    return;
  target->is_renewed = FALSE;
  weir_quota_plan_renew (self->plan, account->id, weir_clock_now_us ());
}

void
weir_quota_watch_set_accounts (WeirQuotaWatch *self, const GPtrArray *accounts)
{
  mark_all (self, FALSE);
  for (unsigned i = 0; i < accounts->len; i++)
    set_account (self, g_ptr_array_index (accounts, i));
  sweep (self);
  weir_quota_watch_schedule (self);
}

void
weir_quota_watch_add_key (WeirQuotaWatch *self,
                          const char *subject,
                          const WeirQuotaRecipe *recipe,
                          WeirSecret *key,
                          const char *proxy_url)
{
  WeirQuotaTarget *target = ensure_target (self, subject);

  target->is_marked = FALSE;
  if (target->key == NULL)
    target->key = weir_secret_ref (key);
  g_free (target->proxy_url);
  target->proxy_url = g_strdup (proxy_url);
  if (target->first != recipe)
    target->first = target->recipe = recipe;
  restore (self, subject);
  if (recipe != NULL)
    weir_quota_plan_add (self->plan, subject, weir_clock_now_us ());
  else
    weir_quota_plan_remove (self->plan, subject);
  weir_quota_watch_schedule (self);
}

static void
add_seat (const WeirProxySeat *seat, gpointer user_data)
{
  if (seat->api_key != NULL)
    weir_quota_watch_add_key (user_data, seat->subject,
                              weir_quota_recipe_lookup_by_url (seat->base_url),
                              seat->api_key, seat->proxy_url);
}

void
weir_quota_watch_follow_keys (WeirQuotaWatch *self, WeirProxy *proxy)
{
  mark_all (self, TRUE);
  weir_proxy_foreach_seat (proxy, add_seat, self);
  sweep (self);
  weir_quota_watch_schedule (self);
}

/* --- what happens --- */

void
weir_quota_watch_set_conditions (WeirQuotaWatch *self,
                                 const WeirQuotaConditions *conditions)
{
  const gboolean is_watched = self->conditions.is_watched;

  self->conditions = *conditions;
  self->conditions.is_watched = is_watched;
  weir_quota_plan_set_conditions (self->plan, &self->conditions, weir_clock_now_us ());
  weir_quota_watch_schedule (self);
}

void
weir_quota_watch_set_watched (WeirQuotaWatch *self, gboolean is_watched)
{
  self->conditions.is_watched = is_watched;
  weir_quota_plan_set_conditions (self->plan, &self->conditions, weir_clock_now_us ());
  weir_quota_watch_schedule (self);
}

unsigned
weir_quota_watch_refresh (WeirQuotaWatch *self, const char *subject)
{
  const unsigned n = weir_quota_plan_wish (self->plan, subject, weir_clock_now_us ());

  weir_quota_watch_schedule (self);
  return n;
}

/* --- life --- */

static void
on_board_changed (const char *subject, gpointer user_data)
{
  const WeirQuotaWatch *self = user_data;

  if (self->funcs.changed != NULL)
    self->funcs.changed (subject, self->user_data);
}

static void
on_board_event (const WeirQuotaEvent *event, gpointer user_data)
{
  const WeirQuotaWatch *self = user_data;

  if (self->funcs.event != NULL)
    self->funcs.event (event, self->user_data);
}

static void
on_loaded (const char *subject, const WeirQuotaReading *reading, gpointer user_data)
{
  WeirQuotaWatch *self = user_data;

  g_hash_table_insert (self->restored, g_strdup (subject),
                       g_memdup2 (reading, sizeof *reading));
  if (weir_quota_watch_lookup (self, subject) != NULL)
    restore (self, subject);
}

static void
on_notice (const char *text, gpointer user_data)
{
  const WeirQuotaWatch *self = user_data;

  if (self->funcs.notice != NULL)
    self->funcs.notice (text, self->user_data);
}

WeirQuotaWatch *
weir_quota_watch_new (WeirPoller *poller,
                      WeirVendorCalls *calls,
                      const WeirTokenSource *tokens,
                      const char *history_path,
                      const WeirQuotaWatchFuncs *funcs,
                      gpointer user_data)
{
  static const WeirQuotaBoardFuncs board_funcs
      = { .changed = on_board_changed, .event = on_board_event };
  static const WeirQuotaHistoryFuncs history_funcs
      = { .loaded = on_loaded, .notice = on_notice };
  WeirQuotaWatch *self = g_new0 (WeirQuotaWatch, 1);

  self->poller = poller;
  self->calls = calls;
  self->tokens = *tokens;
  self->funcs = *funcs;
  self->user_data = user_data;
  self->board = weir_quota_board_new ();
  weir_quota_board_set_funcs (self->board, &board_funcs, self);
  self->plan = weir_quota_plan_new (g_random_int ());
  if (history_path != NULL)
    self->history = weir_quota_history_new (history_path, &history_funcs, self);
  self->targets = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, target_free);
  self->restored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->stop = g_cancellable_new ();
  self->timer.func = on_timer;
  return self;
}

void
weir_quota_watch_free (WeirQuotaWatch *self)
{
  WeirQuotaTarget *target;
  GHashTableIter iter;

  if (self == NULL)
    return;
  g_cancellable_cancel (self->stop);
  weir_poller_clear_timer (self->poller, &self->timer);
  g_hash_table_iter_init (&iter, self->targets);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&target))
    if (target->is_unsaved)
      save (self, target);
  weir_quota_history_free (self->history);
  weir_quota_plan_free (self->plan);
  weir_quota_board_free (self->board);
  g_hash_table_unref (self->targets);
  g_hash_table_unref (self->restored);
  g_object_unref (self->stop);
  g_free (self);
}

/* --- what is known --- */

WeirQuotaBoard *
weir_quota_watch_get_board (WeirQuotaWatch *self)
{
  return self->board;
}

WeirQuotaHistory *
weir_quota_watch_get_history (WeirQuotaWatch *self)
{
  return self->history;
}

static void
write_window (WeirJsonWriter *w, const WeirQuotaView *view, int64_t real_us)
{
  weir_json_open (w, NULL);
  weir_json_add_string (w, "id", view->id);
  if (view->used_percent >= 0)
    weir_json_add_uint (w, "used_percent", (uint64_t)(view->used_percent + 0.5));
  else
    weir_json_add_null (w, "used_percent");
  if (view->resets_at_us != 0)
    weir_json_add_int (w, "resets_in_s",
                       (view->resets_at_us - real_us) / WEIR_USEC_PER_SEC);
  else
    weir_json_add_null (w, "resets_in_s");
  weir_json_add_boolean (w, "rejected", view->is_rejected);
  weir_json_add_string (w, "source", weir_quota_source_get_name (view->source));
  weir_json_add_int (w, "age_s", (real_us - view->read_at_us) / WEIR_USEC_PER_SEC);
  weir_json_close (w);
}

static void
write_subject (WeirJsonWriter *w,
               const WeirQuotaWatch *self,
               const char *subject,
               int64_t real_us)
{
  WeirQuotaView views[WEIR_QUOTA_ALLOWANCES_MAX];
  const unsigned n = weir_quota_board_list_windows (self->board, subject, real_us, views,
                                                    G_N_ELEMENTS (views));

  weir_json_open (w, NULL);
  weir_json_add_string (w, "subject", subject);
  weir_json_add_boolean (w, "asked", weir_quota_plan_has (self->plan, subject));
  weir_json_add_string (w, "sentence",
                        weir_quota_board_get_sentence (self->board, subject));
  weir_json_open_array (w, "windows");
  for (unsigned i = 0; i < n; i++)
    write_window (w, &views[i], real_us);
  weir_json_close (w);
  weir_json_close (w);
}

char *
weir_quota_watch_dump (const WeirQuotaWatch *self)
{
  const int64_t real_us = weir_clock_real_us ();
  GString *out = g_string_new (NULL);
  WeirJsonWriter w;
  GHashTableIter iter;
  gpointer subject;

  weir_json_writer_init (&w, out);
  weir_json_open (&w, NULL);
  weir_json_open_array (&w, "quotas");
  g_hash_table_iter_init (&iter, self->targets);
  while (g_hash_table_iter_next (&iter, &subject, NULL))
    write_subject (&w, self, subject, real_us);
  weir_json_close (&w);
  weir_json_close (&w);
  return g_string_free (out, FALSE);
}
