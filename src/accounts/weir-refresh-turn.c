/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One turn:
 *
 *   REST -> QUEUED -> LOCKING -> READING -> JOURNALING -> SENDING -> KEEPING -> STORING
 *    ^                              |                        |                     |
 *    |        somebody was faster   |   refused: look again  |        COMMITTING <-+
 *    +------------------------------+<---- LOOKING <---------+            |
 *    ^                                                                    v
 *    +-------------------------------------------------------------- EXCHANGING
 *
 * The escrow comes before the vault, since that may take seconds or say no: what the vendor
 * has just given would be lost with the program.  A turn without a refresh stores what only
 * the escrow has, or exchanges. */

#include "config.h"

#include "accounts/weir-refresh-private.h"

static void
schedule_given (WeirRefresh *self, int64_t now_us)
{
  const WeirAccountTokens *tokens = &self->tokens;
  const int64_t life_us = tokens->expires_us - tokens->obtained_us;

  self->deadline_us = tokens->expires_us != 0 ? now_us + life_us : 0;
  self->spare_us = SPARE_US (life_us);
  self->due_us
      = now_us
        + weir_refresh_choose_due (self, tokens->expires_us != 0 ? life_us : LIFE_US);
  self->fresh_until_us = now_us + FRESH_US;
  self->is_late = FALSE;
}

static void
finish (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  self->state = STATE_REST;
  weir_refresh_add (out, WEIR_REFRESH_DONE)->is_escrowed = self->is_unstored;
  weir_refresh_plan (self, now_us, out);
}

/* What was given is in use from now on. */
static void
use_next (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  weir_refresh_set_tokens (self, &self->next, self->next_generation);
  weir_account_tokens_clear (&self->next);
  schedule_given (self, now_us);
  weir_refresh_add_tokens (out, WEIR_REFRESH_USE, &self->tokens, self->generation);
}

/* Takes @sentence. */
static void
fail (WeirRefresh *self,
      WeirError code,
      char *sentence,
      int64_t now_us,
      WeirRefreshActions *out)
{
  self->is_forced = FALSE;
  self->pause_us = now_us + weir_refresh_choose_pause (self, self->n_failures++);
  weir_refresh_add_sentence (self, out, WEIR_REFRESH_FAIL, sentence)->code = code;
  finish (self, now_us, out);
}

/* --- a turn --- */

static void
send_exchange (WeirRefresh *self, WeirRefreshActions *out)
{
  WeirRefreshAction *action = weir_refresh_add (out, WEIR_REFRESH_SEND);

  self->state = STATE_EXCHANGING;
  action->token = self->tokens.access_token;
  action->is_exchange = TRUE;
}

static void
lock (WeirRefresh *self, WeirRefreshActions *out)
{
  self->state = STATE_LOCKING;
  weir_refresh_add (out, WEIR_REFRESH_LOCK);
}

static void
journal (WeirRefresh *self, WeirRefreshActions *out)
{
  WeirRefreshAction *action = weir_refresh_add (out, WEIR_REFRESH_JOURNAL);

  self->state = STATE_JOURNALING;
  weir_secret_get_digest (self->tokens.refresh_token, self->hash);
  action->generation = self->generation;
  action->hash = self->hash;
}

static void
store (WeirRefresh *self,
       const WeirAccountTokens *tokens,
       uint64_t generation,
       WeirRefreshActions *out)
{
  self->state = STATE_STORING;
  weir_refresh_add_tokens (out, WEIR_REFRESH_STORE, tokens, generation);
}

/* What is left to be done in this turn. */
static void
go_on (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  if (weir_refresh_is_due (self, now_us))
    journal (self, out);
  else if (weir_refresh_is_exchange_due (self, now_us))
    send_exchange (self, out);
  else
    finish (self, now_us, out);
}

static void
on_granted (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  if (self->is_unstored || weir_refresh_is_due (self, now_us))
    lock (self, out);
  else
    go_on (self, now_us, out);
}

static void
on_locked (WeirRefresh *self, gboolean ok, int64_t now_us, WeirRefreshActions *out)
{
  if (ok)
    {
      self->state = STATE_READING;
      weir_refresh_add (out, WEIR_REFRESH_READ_IT);
      return;
    }
  fail (self, WEIR_ERROR_IO,
        g_strdup ("another program is busy with this account, or its lock cannot be had"),
        now_us, out);
}

/* TRUE: somebody else was faster. */
static gboolean
take_newer (WeirRefresh *self,
            const WeirRefreshEvent *event,
            int64_t now_us,
            int64_t real_us,
            WeirRefreshActions *out)
{
  if (event->tokens == NULL || event->generation <= self->generation)
    return FALSE;
  weir_refresh_load (self, event, now_us, real_us, out);
  self->is_unsure = FALSE;
  return TRUE;
}

static void
on_read (WeirRefresh *self,
         const WeirRefreshEvent *event,
         int64_t now_us,
         int64_t real_us,
         WeirRefreshActions *out)
{
  take_newer (self, event, now_us, real_us, out);
  if (self->is_unstored)
    store (self, &self->tokens, self->generation, out);
  else
    go_on (self, now_us, out);
}

static void
on_journaled (WeirRefresh *self, gboolean ok, int64_t now_us, WeirRefreshActions *out)
{
  if (ok)
    {
      self->was_told_of_file = FALSE;
      self->state = STATE_SENDING;
      weir_refresh_add (out, WEIR_REFRESH_SEND)->token = self->tokens.refresh_token;
      return;
    }
  /* what cannot be written down now could not be kept either */
  if (!self->was_told_of_file)
    weir_refresh_add (out, WEIR_REFRESH_NOTE)->sentence
        = "Its renewal is put off, since the file of accounts cannot be written to. Is the "
          "disk full?";
  self->was_told_of_file = TRUE;
  fail (self, WEIR_ERROR_IO,
        g_strdup ("its renewal cannot be written down, so it is put off"), now_us, out);
}

static void
take_answer (WeirRefresh *self,
             const WeirOauthAnswer *answer,
             int64_t real_us,
             WeirRefreshActions *out)
{
  const WeirAccountTokens given = {
    .access_token = answer->access_token,
    .refresh_token = answer->refresh_token,
    .id_token = answer->id_token != NULL ? answer->id_token : self->tokens.id_token,
    .obtained_us = real_us,
    .expires_us = answer->expires_in_us != 0 ? real_us + answer->expires_in_us : 0,
  };

  weir_account_tokens_clear (&self->next);
  weir_account_tokens_copy (&given, &self->next);
  self->next_generation = MAX (self->floor, self->generation) + 1;
  self->floor = self->next_generation;
  self->is_unsure = FALSE;
  self->state = STATE_KEEPING;
  weir_refresh_add_tokens (out, WEIR_REFRESH_KEEP, &self->next, self->next_generation);
}

/* (transfer full) */
static char *
dup_failure (const WeirRefresh *self, unsigned status, const WeirOauthAnswer *answer)
{
  const char *name = self->row->name;

  if (status == 0)
    return g_strdup_printf ("%s cannot be reached to renew the sign-in", name);
  if (answer->reason != NULL)
    return g_strdup_printf ("%s did not renew the sign-in (status %u, %s)", name, status,
                            answer->reason);
  return g_strdup_printf ("%s did not renew the sign-in (status %u)", name, status);
}

static void
on_client_refused (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  self->n_failures = MAX (self->n_failures, 9); /* the user has to do something */
  fail (self, WEIR_ERROR_UPSTREAM,
        g_strdup_printf ("%s does not take our client id or secret: see oauth-clients in "
                         "the configuration",
                         self->row->name),
        now_us, out);
}

static void
on_refreshed (WeirRefresh *self,
              const WeirRefreshEvent *event,
              int64_t now_us,
              int64_t real_us,
              WeirRefreshActions *out)
{
  g_auto (WeirOauthAnswer) answer = { 0 };

  weir_oauth_read_tokens (self->row, event->status, event->text, self->tokens.refresh_token,
                          &answer);
  switch (answer.outcome)
    {
    case WEIR_OAUTH_TOKENS:
      take_answer (self, &answer, real_us, out);
      break;
    case WEIR_OAUTH_SIGN_IN_AGAIN:
    case WEIR_OAUTH_DENIED:
    case WEIR_OAUTH_EXPIRED:
      /* perhaps because somebody else was faster */
      self->state = STATE_LOOKING;
      weir_refresh_add (out, WEIR_REFRESH_READ_IT);
      break;
    case WEIR_OAUTH_CLIENT_REFUSED:
      on_client_refused (self, now_us, out);
      break;
    case WEIR_OAUTH_CODE:
    case WEIR_OAUTH_PENDING:
    case WEIR_OAUTH_SLOW_DOWN:
    case WEIR_OAUTH_LATER:
    case WEIR_OAUTH_OUTCOME_LAST:
      self->is_unsure |= event->status == 0;
      fail (self, WEIR_ERROR_UPSTREAM, dup_failure (self, event->status, &answer), now_us,
            out);
      break;
    }
}

static void
on_looked (WeirRefresh *self,
           const WeirRefreshEvent *event,
           int64_t now_us,
           int64_t real_us,
           WeirRefreshActions *out)
{
  if (!take_newer (self, event, now_us, real_us, out))
    weir_refresh_refuse (self, out);
  finish (self, now_us, out);
}

static void
on_kept (WeirRefresh *self, gboolean ok, WeirRefreshActions *out)
{
  self->is_kept = ok;
  self->has_escrow |= ok;
  store (self, &self->next, self->next_generation, out);
}

static void
on_stored (WeirRefresh *self, gboolean ok, int64_t now_us, WeirRefreshActions *out)
{
  const gboolean is_next = self->next.access_token != NULL;

  if (ok)
    {
      self->state = STATE_COMMITTING;
      weir_refresh_add_tokens (out, WEIR_REFRESH_COMMIT,
                               is_next ? &self->next : &self->tokens,
                               is_next ? self->next_generation : self->generation);
      return;
    }
  if (is_next)
    use_next (self, now_us, out);
  self->is_unstored = TRUE;
  self->store_us = now_us + weir_refresh_choose_pause (self, MAX (self->n_stores, 2));
  self->n_stores++;
  if (!self->was_told)
    weir_refresh_add_sentence (
        self, out, WEIR_REFRESH_NOTE,
        g_strdup (self->is_kept ? "The vault does not take a renewed sign-in. It is used, "
                                  "and kept encrypted until the vault does."
                                : "The vault does not take a renewed sign-in. It is used, "
                                  "but lost when the program ends before the vault does."));
  self->was_told = TRUE;
  go_on (self, now_us, out);
}

static void
on_committed (WeirRefresh *self, int64_t now_us, WeirRefreshActions *out)
{
  /* where the file did not take it, the vault has it: the next start finds out */
  if (self->next.access_token != NULL)
    use_next (self, now_us, out);
  self->is_unstored = FALSE;
  self->was_told = FALSE;
  self->n_stores = 0;
  if (self->has_escrow)
    weir_refresh_add (out, WEIR_REFRESH_FORGET);
  self->is_kept = FALSE;
  self->has_escrow = FALSE;
  /* one old one stays until the new one has served for a renewal, or has been read again */
  weir_refresh_add (out, WEIR_REFRESH_ERASE)->generation = self->generation - 1;
  go_on (self, now_us, out);
}

static void
on_exchanged (WeirRefresh *self,
              const WeirRefreshEvent *event,
              int64_t now_us,
              int64_t real_us,
              WeirRefreshActions *out)
{
  g_auto (WeirOauthAnswer) answer = { 0 };

  weir_oauth_read_exchange (event->status, event->text, real_us, &answer);
  if (answer.outcome == WEIR_OAUTH_TOKENS)
    {
      const int64_t life_us
          = answer.expires_in_us != 0 ? answer.expires_in_us : SHORT_LIFE_US;

      weir_secret_unref (self->tokens.short_lived);
      self->tokens.short_lived = g_steal_pointer (&answer.access_token);
      self->tokens.short_lived_expires_us = real_us + life_us;
      self->short_deadline_us = now_us + life_us;
      self->short_spare_us = SPARE_US (life_us);
      self->short_due_us = now_us + weir_refresh_choose_due (self, life_us);
      self->is_wanted = FALSE;
      self->n_failures = 0;
      self->fresh_until_us = now_us + FRESH_US;
      weir_refresh_add_tokens (out, WEIR_REFRESH_USE, &self->tokens, self->generation);
      finish (self, now_us, out);
    }
  else if (answer.outcome == WEIR_OAUTH_SIGN_IN_AGAIN
           || answer.outcome == WEIR_OAUTH_DENIED)
    {
      weir_refresh_refuse (self, out);
      finish (self, now_us, out);
    }
  else
    fail (self, WEIR_ERROR_UPSTREAM, dup_failure (self, event->status, &answer), now_us,
          out);
}

void
weir_refresh_turn (WeirRefresh *self,
                   const WeirRefreshEvent *event,
                   int64_t now_us,
                   int64_t real_us,
                   WeirRefreshActions *out)
{
  if (event->kind == WEIR_REFRESH_GRANTED)
    on_granted (self, now_us, out);
  else if (event->kind == WEIR_REFRESH_LOCKED)
    on_locked (self, event->ok, now_us, out);
  else if (event->kind == WEIR_REFRESH_READ && self->state == STATE_READING)
    on_read (self, event, now_us, real_us, out);
  else if (event->kind == WEIR_REFRESH_READ && self->state == STATE_LOOKING)
    on_looked (self, event, now_us, real_us, out);
  else if (event->kind == WEIR_REFRESH_JOURNALED)
    on_journaled (self, event->ok, now_us, out);
  else if (event->kind == WEIR_REFRESH_ANSWERED && self->state == STATE_SENDING)
    on_refreshed (self, event, now_us, real_us, out);
  else if (event->kind == WEIR_REFRESH_ANSWERED && self->state == STATE_EXCHANGING)
    on_exchanged (self, event, now_us, real_us, out);
  else if (event->kind == WEIR_REFRESH_UNSENT)
    on_client_refused (self, now_us, out);
  else if (event->kind == WEIR_REFRESH_KEPT)
    on_kept (self, event->ok, out);
  else if (event->kind == WEIR_REFRESH_STORED)
    on_stored (self, event->ok, now_us, out);
  else if (event->kind == WEIR_REFRESH_COMMITTED)
    on_committed (self, now_us, out);
}
