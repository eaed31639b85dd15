/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When a turn is wanted, and what comes from outside of one (weir-refresh-turn.c). */

#include "config.h"

#include "accounts/weir-refresh-private.h"

WeirRefresh *
weir_refresh_new (const WeirProviderOauth *row, gboolean is_live, uint32_t seed)
{
  WeirRefresh *self = g_new0 (WeirRefresh, 1);

  self->row = row;
  self->is_live = is_live;
  self->chance = g_rand_new_with_seed (seed);
  return self;
}

void
weir_refresh_free (WeirRefresh *self)
{
  if (self == NULL)
    return;
  g_rand_free (self->chance);
  weir_account_tokens_clear (&self->tokens);
  weir_account_tokens_clear (&self->next);
  g_free (self->sentence);
  g_free (self);
}

/* --- what is asked for --- */

WeirRefreshAction *
weir_refresh_add (WeirRefreshActions *out, WeirRefreshActionKind kind)
{
  g_assert (out->n < WEIR_REFRESH_ACTIONS_MAX);
  out->items[out->n].kind = kind;
  return &out->items[out->n++];
}

/* Takes @sentence. */
WeirRefreshAction *
weir_refresh_add_sentence (WeirRefresh *self,
                           WeirRefreshActions *out,
                           WeirRefreshActionKind kind,
                           char *sentence)
{
  WeirRefreshAction *action = weir_refresh_add (out, kind);

  g_free (self->sentence);
  self->sentence = sentence;
  action->sentence = sentence;
  return action;
}

void
weir_refresh_add_tokens (WeirRefreshActions *out,
                         WeirRefreshActionKind kind,
                         const WeirAccountTokens *tokens,
                         uint64_t generation)
{
  WeirRefreshAction *action = weir_refresh_add (out, kind);

  action->tokens = tokens;
  action->generation = generation;
}

/* --- time --- */

int64_t
weir_refresh_choose_pause (WeirRefresh *self, unsigned n_before)
{
  const int64_t pause_us = PAUSE_MIN_US << MIN (n_before, 9);
  const double around = g_rand_double_range (self->chance, 0.75, 1.25);

  return CLAMP ((int64_t)((double)pause_us * around), PAUSE_MIN_US, PAUSE_MAX_US);
}

int64_t
weir_refresh_choose_due (WeirRefresh *self, int64_t life_us)
{
  const double at
      = g_rand_double_range (self->chance, DUE_AT - DUE_GIVE, DUE_AT + DUE_GIVE);

  return (int64_t)((double)life_us * at);
}

/* Tokens whose times are known by the wall clock alone: it may have been set since, so they
 * get no more life than they were given. */
static void
schedule_loaded (WeirRefresh *self, int64_t now_us, int64_t real_us)
{
  const WeirAccountTokens *tokens = &self->tokens;
  int64_t life_us = LIFE_US;
  int64_t left_us;

  if (tokens->expires_us == 0)
    left_us = tokens->obtained_us != 0 ? tokens->obtained_us + LIFE_US - real_us : LIFE_US;
  else
    {
      left_us = tokens->expires_us - real_us;
      life_us = tokens->obtained_us != 0 ? tokens->expires_us - tokens->obtained_us
                                         : CLAMP (left_us, 0, WEIR_OAUTH_EXPIRES_MAX_US);
      life_us = CLAMP (life_us, 0, WEIR_OAUTH_EXPIRES_MAX_US);
    }
  left_us = CLAMP (left_us, 0, life_us);
  self->deadline_us = tokens->expires_us != 0 ? now_us + left_us : 0;
  self->spare_us = SPARE_US (life_us);
  self->due_us = now_us + weir_refresh_choose_due (self, life_us) - (life_us - left_us);
  if (self->due_us <= now_us)
    {
      self->due_us = now_us + g_rand_int_range (self->chance, 0, (int)SPREAD_US);
      self->is_late = TRUE;
    }
  self->fresh_until_us = 0;
}

static gboolean
can_refresh (const WeirRefresh *self)
{
  return !self->is_live && !self->is_refused && self->tokens.refresh_token != NULL;
}

/* When the next turn is wanted, or it is to be seen whether one is; INT64_MAX: never. */
static int64_t
find_next (const WeirRefresh *self, int64_t now_us)
{
  int64_t next_us = INT64_MAX;

  if (self->is_unstored)
    next_us = self->store_us;
  if (can_refresh (self))
    next_us = MIN (next_us, MAX (self->is_forced ? 0 : self->due_us, self->pause_us));
  if (self->row->exchange_url != NULL && !self->is_refused
      && self->tokens.access_token != NULL
      && (self->is_wanted || now_us < self->short_due_us))
    next_us = MIN (next_us, MAX (self->short_due_us, self->pause_us));
  return next_us;
}

gboolean
weir_refresh_is_due (const WeirRefresh *self, int64_t now_us)
{
  return can_refresh (self) && now_us >= self->pause_us
         && (self->is_forced || now_us >= self->due_us);
}

gboolean
weir_refresh_is_exchange_due (const WeirRefresh *self, int64_t now_us)
{
  return self->row->exchange_url != NULL && self->is_wanted && !self->is_refused
         && self->tokens.access_token != NULL && now_us >= self->pause_us
         && now_us >= self->short_due_us;
}

/* At rest: a turn, or the time of the next one. */
void
weir_refresh_plan (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  const int64_t next_us = find_next (self, now_us);

  if (next_us <= now_us)
    {
      self->state = STATE_QUEUED;
      weir_refresh_add (out, WEIR_REFRESH_QUEUE);
    }
  else if (next_us != INT64_MAX)
    weir_refresh_add (out, WEIR_REFRESH_WAIT)->until_us = next_us;
}

void
weir_refresh_set_tokens (WeirRefresh *self,
                         const WeirAccountTokens *tokens,
                         uint64_t generation)
{
  WeirAccountTokens copy = { 0 };

  weir_account_tokens_copy (tokens, &copy);
  weir_account_tokens_clear (&self->tokens);
  self->tokens = copy;
  self->generation = generation;
  self->floor = MAX (self->floor, generation);
  self->is_forced = FALSE;
  self->is_refused = FALSE;
  self->n_failures = 0;
  self->pause_us = 0;
  self->short_deadline_us = 0;
  self->short_due_us = 0;
}

void
weir_refresh_load (WeirRefresh *self,
                   const WeirRefreshEvent *event,
                   int64_t now_us,
                   int64_t real_us,
                   WeirRefreshActions *out)
{
  weir_refresh_set_tokens (self, event->tokens, event->generation);
  self->is_unstored = event->is_escrowed;
  self->is_kept = event->is_escrowed;
  self->has_escrow |= event->is_escrowed;
  self->store_us = now_us;
  schedule_loaded (self, now_us, real_us);
  weir_refresh_add_tokens (out, WEIR_REFRESH_USE, &self->tokens, self->generation);
}

/* (transfer full) */
static char *
dup_refusal (const WeirRefresh *self)
{
  const char *name = self->row->name;

  if (self->tokens.refresh_token == NULL && self->row->exchange_url == NULL)
    return g_strdup_printf ("This sign-in to %s has run out, and cannot be renewed from "
                            "here. Please sign in again, or let the program that it came "
                            "from renew it.",
                            name);
  if (self->is_unsure)
    return g_strdup_printf ("%s takes this sign-in no longer; the answer to its last "
                            "renewal was lost on the way. Please sign in again.",
                            name);
  return g_strdup_printf ("%s takes this sign-in no longer. Please sign in again.", name);
}

void
weir_refresh_refuse (WeirRefresh *self, WeirRefreshActions *out)
{
  self->is_refused = TRUE;
  self->is_forced = FALSE;
  weir_refresh_add_sentence (self, out, WEIR_REFRESH_REFUSE, dup_refusal (self));
}

/* --- from outside --- */

static void
on_loaded (WeirRefresh *self,
           const WeirRefreshEvent *event,
           int64_t now_us,
           int64_t real_us,
           WeirRefreshActions *out)
{
  /* a turn reads what there is itself, and knows better */
  if (weir_refresh_is_busy (self) || event->generation < self->generation)
    return;
  self->floor = MAX (self->floor, event->floor);
  weir_refresh_load (self, event, now_us, real_us, out);
  self->is_unsure = event->is_unsure;
  self->is_refused = event->is_refused;
  if (self->state == STATE_REST)
    weir_refresh_plan (self, now_us, out);
}

static gboolean
is_in_use (const WeirRefresh *self, const WeirSecret *token)
{
  const WeirSecret *used = self->row->exchange_url != NULL ? self->tokens.short_lived
                                                           : self->tokens.access_token;

  return token != NULL && used != NULL && weir_secret_equal (token, used);
}

/* What the vendor takes no longer, and we cannot renew. */
static void
give_up (WeirRefresh *self, WeirRefreshActions *out)
{
  if (!self->is_live)
    weir_refresh_refuse (self, out);
  else
    weir_refresh_add_sentence (self, out, WEIR_REFRESH_FAIL,
                               g_strdup ("the program whose sign-in it is has to renew it"))
        ->code
        = WEIR_ERROR_UPSTREAM;
}

/* FALSE: nothing can be done now, and whoever asked was told. */
static gboolean
force (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  const char *name = self->row->name;

  if (now_us < self->fresh_until_us)
    {
      weir_refresh_add_sentence (
          self, out, WEIR_REFRESH_FAIL,
          g_strdup_printf ("%s refuses what it has just given", name))
          ->code
          = WEIR_ERROR_UPSTREAM;
      return FALSE;
    }
  if (self->row->exchange_url != NULL)
    self->short_due_us = now_us;
  else if (can_refresh (self))
    self->is_forced = TRUE;
  else
    {
      give_up (self, out);
      return FALSE;
    }
  return TRUE;
}

static void
on_asked (WeirRefresh *self,
          const WeirSecret *refused,
          int64_t now_us,
          WeirRefreshActions *out)
{
  const gboolean is_bad = is_in_use (self, refused);

  if (self->state != STATE_REST)
    return;
  self->is_wanted = TRUE;
  if (self->is_refused || self->tokens.access_token == NULL)
    {
      weir_refresh_add_sentence (self, out, WEIR_REFRESH_FAIL,
                                 g_strdup ("there is no sign-in that its vendor takes"))
          ->code
          = WEIR_ERROR_UNAUTHORIZED;
      return;
    }
  if (now_us < self->pause_us)
    {
      weir_refresh_add_sentence (
          self, out, WEIR_REFRESH_FAIL,
          g_strdup ("its sign-in could not be renewed, and is tried again soon"))
          ->code
          = WEIR_ERROR_UPSTREAM;
      return;
    }
  if (is_bad && !force (self, now_us, out))
    return;
  if (!is_bad && self->deadline_us != 0 && now_us >= self->deadline_us - self->spare_us)
    {
      if (!can_refresh (self))
        {
          give_up (self, out);
          return;
        }
      self->due_us = now_us;
    }
  weir_refresh_plan (self, now_us, out);
}

/* After a sleep everything is due at once. */
static void
on_time (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  if (self->state != STATE_REST)
    return;
  if (!self->is_late && self->due_us != 0 && now_us > self->due_us + LATE_US)
    {
      self->is_late = TRUE;
      self->due_us = now_us + g_rand_int_range (self->chance, 0, (int)SPREAD_US);
    }
  weir_refresh_plan (self, now_us, out);
}

static WeirRefreshState
find_state (WeirRefreshEventKind kind)
{
  /* clang-format off */
  static const WeirRefreshState states[WEIR_REFRESH_EVENT_LAST] = {
    [WEIR_REFRESH_GRANTED] = STATE_QUEUED,
    [WEIR_REFRESH_LOCKED] = STATE_LOCKING,
    [WEIR_REFRESH_JOURNALED] = STATE_JOURNALING,
    [WEIR_REFRESH_UNSENT] = STATE_SENDING,
    [WEIR_REFRESH_KEPT] = STATE_KEEPING,
    [WEIR_REFRESH_STORED] = STATE_STORING,
    [WEIR_REFRESH_COMMITTED] = STATE_COMMITTING,
  };
  /* clang-format on */

  return states[kind];
}

void
weir_refresh_handle (WeirRefresh *self,
                     const WeirRefreshEvent *event,
                     int64_t now_us,
                     int64_t real_us,
                     WeirRefreshActions *out)
{
  const WeirRefreshState expected = find_state (event->kind);

  *out = (WeirRefreshActions){ 0 };
  if (expected != STATE_REST && expected != self->state)
    return;
  if (event->kind == WEIR_REFRESH_LOADED)
    on_loaded (self, event, now_us, real_us, out);
  else if (event->kind == WEIR_REFRESH_ASKED)
    on_asked (self, event->refused, now_us, out);
  else if (event->kind == WEIR_REFRESH_TIME)
    on_time (self, now_us, out);
  else if (event->kind == WEIR_REFRESH_UNLOCKED)
    {
      self->store_us = now_us;
      on_time (self, now_us, out);
    }
  else
    weir_refresh_turn (self, event, now_us, real_us, out);
}

void
weir_refresh_set_live (WeirRefresh *self, gboolean is_live)
{
  self->is_live = is_live;
}

/* --- what is known --- */

WeirSecret *
weir_refresh_get_token (WeirRefresh *self, int64_t now_us)
{
  const gboolean is_exchanged = self->row->exchange_url != NULL;
  WeirSecret *token = is_exchanged ? self->tokens.short_lived : self->tokens.access_token;
  const int64_t deadline_us = is_exchanged ? self->short_deadline_us : self->deadline_us;
  const int64_t spare_us = is_exchanged ? self->short_spare_us : self->spare_us;

  self->is_wanted = TRUE;
  return token == NULL || (deadline_us != 0 && now_us >= deadline_us - spare_us) ? NULL
                                                                                 : token;
}

const WeirAccountTokens *
weir_refresh_get_tokens (const WeirRefresh *self)
{
  return self->tokens.access_token != NULL ? &self->tokens : NULL;
}

gboolean
weir_refresh_is_busy (const WeirRefresh *self)
{
  return self->state != STATE_REST && self->state != STATE_QUEUED;
}

gboolean
weir_refresh_is_refused (const WeirRefresh *self)
{
  return self->is_refused;
}

gboolean
weir_refresh_is_escrowed (const WeirRefresh *self)
{
  return self->is_unstored;
}
