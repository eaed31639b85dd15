/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One asking: a token, the call, and what its outcome means for the next one.
 *
 *   token there? --no--> ensure --+--> failed: later, or sign in again
 *        |                        |
 *        +------> ask <-----------+
 *                  |
 *         401 --> renew the token once, ask behind the floor; again 401: sign in again */

#include "config.h"

#include "control/weir-quota-watch-private.h"

#include "base/weir-clock.h"

typedef struct
{
  WeirQuotaWatch *watch; /* (unowned): gone where @stop is cancelled */
  GCancellable *stop;    /* (owned) */
  char *subject;         /* (owned) */
  WeirSecret *token;     /* (owned) (nullable) */
  int64_t retry_us;      /* as the vendor wishes; 0: it does not say */
  gboolean is_list;      /* of resets, not of what is left */
} Asking;

static void
asking_free (Asking *self)
{
  g_object_unref (self->stop);
  g_free (self->subject);
  weir_secret_unref (self->token);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asking, asking_free)

/* (nullable): NULL: it is gone, and so may the watch be. */
static WeirQuotaTarget *
asking_get_target (const Asking *self)
{
  if (g_cancellable_is_cancelled (self->stop))
    return NULL;
  return weir_quota_watch_lookup (self->watch, self->subject);
}

/* It has come to its end, however. */
static void
asking_leave (const Asking *self)
{
  if (g_cancellable_is_cancelled (self->stop))
    return;
  self->watch->n_asking--;
  weir_quota_watch_schedule (self->watch);
}

/* --- what came --- */

/* (transfer full) (nullable): NULL: there is nothing to say. */
static char *
dup_sentence (const WeirQuotaTarget *target, WeirQuotaOutcome outcome)
{
  static const char *const sentences[] = {
    [WEIR_QUOTA_READ] = NULL,
    [WEIR_QUOTA_SIGN_IN] = "%s does not take the sign-in any more; sign in again to see "
                           "what is left.",
    [WEIR_QUOTA_FORBIDDEN] = "%s does not let this account see what is left.",
    [WEIR_QUOTA_LIMITED] = "%s has been asked too often; what is shown is older.",
    [WEIR_QUOTA_UNAVAILABLE] = "%s cannot be asked just now; what is shown is older.",
    [WEIR_QUOTA_UNREADABLE] = "%s has answered something that this version does not "
                              "understand; what is shown is older.",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (sentences) == WEIR_QUOTA_OUTCOME_LAST);
  const char *name
      = target->account != NULL ? target->account->row->name : "The vendor of this key";
  char *sentence;
  char **parts;

  if (sentences[outcome] == NULL)
    return NULL;
  parts = g_strsplit (sentences[outcome], "%s", 2);
  sentence = g_strconcat (parts[0], name, parts[1], NULL);
  g_strfreev (parts);
  return sentence;
}

static void
conclude (const Asking *self, WeirQuotaTarget *target, WeirQuotaOutcome outcome)
{
  WeirQuotaWatch *watch = self->watch;
  g_autofree char *sentence = dup_sentence (target, outcome);

  weir_quota_board_set_sentence (watch->board, self->subject, sentence);
  weir_quota_plan_end (watch->plan, self->subject, outcome,
                       weir_quota_watch_find_reset (watch, self->subject), self->retry_us,
                       weir_clock_now_us ());
}

static void
on_renewed (WeirSecret *token, const GError *error, gpointer data)
{
  g_autoptr (Asking) self = data;
  WeirQuotaTarget *target = asking_get_target (self);

  if (target != NULL && token != NULL)
    {
      target->is_renewed = TRUE;
      conclude (self, target, WEIR_QUOTA_SIGN_IN);
      weir_quota_board_set_sentence (self->watch->board, self->subject, NULL);
      weir_quota_plan_renew (self->watch->plan, self->subject, weir_clock_now_us ());
    }
  else if (target != NULL)
    conclude (self, target,
              g_error_matches (error, WEIR_ERROR, WEIR_ERROR_UNAUTHORIZED)
                  ? WEIR_QUOTA_SIGN_IN
                  : WEIR_QUOTA_UNAVAILABLE);
  asking_leave (self);
}

/* Takes @asking. */
static void
renew (Asking *asking, const WeirQuotaTarget *target)
{
  const WeirTokenSource *tokens = &asking->watch->tokens;

  tokens->ensure (target->subject, asking->token, asking->stop, on_renewed, asking,
                  tokens->user_data);
}

/* Another recipe may do for this account; it has its turn behind the floor. */
static gboolean
try_instead (WeirQuotaTarget *target, WeirQuotaOutcome outcome)
{
  if (target->recipe->instead == NULL
      || (outcome != WEIR_QUOTA_FORBIDDEN && outcome != WEIR_QUOTA_UNREADABLE))
    return FALSE;
  target->recipe = weir_quota_recipe_lookup (target->recipe->instead);
  return TRUE;
}

static void
take_reading (WeirQuotaWatch *watch,
              WeirQuotaTarget *target,
              const WeirQuotaReading *reading)
{
  target->is_renewed = FALSE;
  weir_quota_watch_take (watch, target, reading, TRUE);
  if (watch->funcs.read != NULL)
    watch->funcs.read (target->subject,
                       weir_quota_board_lookup_reading (watch->board, target->subject),
                       watch->user_data);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Asking) self = user_data;
  g_autoptr (GError) error = NULL;
  WeirQuotaReading reading;
  WeirQuotaOutcome outcome
      = weir_quota_ask_finish (result, &reading, &self->retry_us, &error);
  WeirQuotaTarget *target = asking_get_target (self);

  if (target == NULL)
    {
      asking_leave (self);
      return;
    }
  if (error != NULL)
    g_debug ("%s was not asked what is left: %s", self->subject, error->message);
  if (self->is_list && outcome != WEIR_QUOTA_READ)
    outcome = WEIR_QUOTA_UNAVAILABLE; /* says nothing of the other endpoint */
  if (outcome == WEIR_QUOTA_READ)
    take_reading (self->watch, target, &reading);
  else if (try_instead (target, outcome))
    outcome = WEIR_QUOTA_UNAVAILABLE;
  if (outcome == WEIR_QUOTA_SIGN_IN && target->account != NULL && !target->is_renewed)
    {
      renew (g_steal_pointer (&self), target);
      return;
    }
  conclude (self, target, outcome);
  if (self->is_list)
    weir_quota_plan_wish (self->watch->plan, self->subject, weir_clock_now_us ());
  asking_leave (self);
}

/* --- the call --- */

/* Until when resets hold is told by an endpoint of its own, which has its turn instead of
 * the other one, once a day where there are some. */
static gboolean
is_to_be_listed (const WeirQuotaWatch *self, const WeirQuotaTarget *target)
{
  const WeirQuotaReading *reading
      = weir_quota_board_lookup_reading (self->board, target->subject);

  return reading != NULL && reading->resets.left > 0 && reading->resets.expires_us == 0
         && weir_limit_reset_is_offered (target->recipe->id)
         && weir_clock_now_us () - target->listed_us >= G_TIME_SPAN_DAY;
}

static WeirQuotaQuestion
make_question (const WeirQuotaTarget *target, const WeirSecret *token)
{
  const WeirAccountIdentity *identity
      = target->account != NULL ? &target->account->identity : NULL;

  return (WeirQuotaQuestion){
    .recipe = target->recipe,
    .token = token,
    .vendor_id = identity != NULL ? identity->vendor_id : NULL,
    .project = identity != NULL ? identity->project : NULL,
    .proxy_url = target->proxy_url,
  };
}

/* Takes @asking. */
static void
send_question (Asking *asking, WeirQuotaTarget *target, WeirSecret *token)
{
  WeirQuotaQuestion question = make_question (target, token);

  if (is_to_be_listed (asking->watch, target))
    {
      question.recipe = weir_quota_recipe_lookup ("codex-resets");
      target->listed_us = weir_clock_now_us ();
      asking->is_list = TRUE;
    }
  asking->token = weir_secret_ref (token);
  weir_quota_plan_begin (asking->watch->plan, target->subject, weir_clock_now_us ());
  weir_quota_ask_async (asking->watch->calls, &question, asking->stop, asked_cb, asking);
}

/* (transfer full) (nullable): where requests carry another token, what that is exchanged
 * for. */
static WeirSecret *
dup_access_token (const WeirQuotaWatch *self, const WeirQuotaTarget *target)
{
  if (target->account == NULL || target->account->row->exchange_url == NULL
      || self->funcs.dup_access_token == NULL)
    return NULL;
  return self->funcs.dup_access_token (target->subject, self->user_data);
}

static void
on_token (WeirSecret *token, const GError *error, gpointer data)
{
  g_autoptr (Asking) self = data;
  WeirQuotaTarget *target = asking_get_target (self);
  g_autoptr (WeirSecret) own
      = target != NULL ? dup_access_token (self->watch, target) : NULL;

  if (target != NULL && target->recipe != NULL && token != NULL)
    {
      send_question (g_steal_pointer (&self), target, own != NULL ? own : token);
      return;
    }
  if (target != NULL && g_error_matches (error, WEIR_ERROR, WEIR_ERROR_UNAUTHORIZED))
    conclude (self, target, WEIR_QUOTA_SIGN_IN);
  else if (target != NULL)
    weir_quota_plan_give_up (self->watch->plan, self->subject, weir_clock_now_us ());
  asking_leave (self);
}

void
weir_quota_watch_ask (WeirQuotaWatch *self, WeirQuotaTarget *target)
{
  g_autoptr (Asking) asking = g_new0 (Asking, 1);
  g_autoptr (WeirSecret) token = NULL;

  asking->watch = self;
  asking->stop = g_object_ref (self->stop);
  asking->subject = g_strdup (target->subject);
  self->n_asking++;
  if (target->key != NULL)
    token = weir_secret_ref (target->key);
  else if ((token = dup_access_token (self, target)) == NULL)
    token = self->tokens.dup (target->subject, self->tokens.user_data);
  weir_quota_plan_begin (self->plan, target->subject, weir_clock_now_us ());
  if (token != NULL)
    send_question (g_steal_pointer (&asking), target, token);
  else
    self->tokens.ensure (target->subject, NULL, self->stop, on_token,
                         g_steal_pointer (&asking), self->tokens.user_data);
}
