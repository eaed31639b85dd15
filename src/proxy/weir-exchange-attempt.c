/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is asked, and who next.  Every attempt behind a request's first is paid for: from the
 * request's own few, and from the one budget of the process, so that an outage is not made
 * worse by everybody asking thrice.  Free is only what a vendor refused because of a limit:
 * nothing was done, and the seat rests now. */

#include "config.h"

#include "proxy/weir-exchange-private.h"

#include "base/weir-clock.h"
#include "base/weir-redact.h"

#define WAIT_MAX_US (60 * WEIR_USEC_PER_SEC) /* no new attempt behind that */
#define SHORT_US (1 * WEIR_USEC_PER_SEC) /* until a request under way says how it went */
#define SHORT_MAX_US (10 * WEIR_USEC_PER_SEC)
#define BACKOFF_US (200 * (int64_t)1000) /* before the first round that nobody rests in */
#define FAILURES_MAX 2048                /* bytes of what is told of failures */

/* --- the reply that will be told if nobody serves --- */

void
weir_exchange_clear_failure (WeirExchange *self)
{
  WeirFailure *failure = &self->failure;

  g_clear_pointer (&failure->message, g_free);
  g_clear_pointer (&failure->body, g_bytes_unref);
  if (failure->fields != NULL)
    g_string_free (g_steal_pointer (&failure->fields), TRUE);
  failure->status = 0;
}

void
weir_exchange_set_failure (WeirExchange *self, WeirError code, const char *message)
{
  weir_exchange_clear_failure (self);
  self->failure.code = code;
  self->failure.message = weir_redact (weir_slice_from_string (message), 1024);
  if (self->seat == NULL)
    return;
  if (self->failures == NULL)
    self->failures = g_string_new (NULL);
  if (self->failures->len < FAILURES_MAX)
    g_string_append_printf (self->failures, "%s%s: %s", self->failures->len > 0 ? "; " : "",
                            self->seat->id, self->failure.message);
}

/* --- what the pool is told --- */

void
weir_exchange_release_seat (WeirExchange *self)
{
  if (!self->holds_seat)
    return;
  self->holds_seat = FALSE;
  weir_pool_release (self->host->pool, self->seat->state);
}

void
weir_exchange_report_served (WeirExchange *self)
{
  static const WeirVerdict fine = { .action = WEIR_VERDICT_FINE };

  if (!self->holds_seat || self->is_served)
    return;
  self->is_served = TRUE;
  weir_pool_report (self->host->pool, self->seat->state, self->seat_route->upstream_name,
                    &fine, weir_clock_now_us ());
}

void
weir_exchange_report_failure (WeirExchange *self, const WeirVerdict *verdict)
{
  if (self->holds_seat)
    weir_pool_report (self->host->pool, self->seat->state, self->seat_route->upstream_name,
                      verdict, weir_clock_now_us ());
  self->is_free
      = verdict->scope != WEIR_REST_NONE
        && (verdict->reason == WEIR_REST_RATE_LIMIT || verdict->reason == WEIR_REST_QUOTA);
  self->is_fatal
      = verdict->reason == WEIR_REST_UNAUTHORIZED || verdict->reason == WEIR_REST_PAYMENT;
  self->n_failed++;
  self->n_fatal += self->is_fatal ? 1 : 0;
  if (verdict->action == WEIR_VERDICT_ROTATE_ONCE)
    self->rotations_left = MIN (self->rotations_left, 1);
}

/* --- who --- */

static const WeirSeat *
get_seat (const WeirExchange *self, const WeirModelRoute *route)
{
  return g_ptr_array_index (self->routing->seats, route->seat);
}

static gboolean
may_and_can (const WeirExchange *self, const guint8 *scope, const WeirModelRoute *route)
{
  return weir_scope_has (scope, route->seat)
         && weir_exchange_can_ask (self, get_seat (self, route), route->upstream_name);
}

gboolean
weir_exchange_find_seats (WeirExchange *self)
{
  const guint8 *scope = weir_routing_get_scope (self->routing, &self->caller);
  const GPtrArray *routes = self->entry->routes;
  unsigned n = 0;

  for (unsigned i = 0; i < routes->len; i++)
    n += may_and_can (self, scope, g_ptr_array_index (routes, i)) ? 1 : 0;
  g_clear_pointer (&self->scope, g_free);
  if (n == routes->len)
    return TRUE;
  self->scope = g_malloc0 (self->routing->seats->len / 8 + 1);
  for (unsigned i = 0; i < routes->len; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (routes, i);

      if (may_and_can (self, scope, route))
        self->scope[route->seat / 8]
            = (guint8)(self->scope[route->seat / 8] | 1u << (route->seat % 8));
    }
  return n > 0;
}

static WeirStrategy
get_strategy (const WeirExchange *self)
{
  const WeirConfigGroup *group = self->caller.group;

  return group != NULL && group->strategy >= 0 ? (WeirStrategy)group->strategy
                                               : self->routing->config->strategy;
}

static WeirPoolAsk
make_ask (const WeirExchange *self)
{
  return (WeirPoolAsk){
    .seats = self->routing->states,
    .allowed = self->scope,
    .strategy = get_strategy (self),
    .session = *self->session != '\0' ? self->session : NULL,
    .session_is_new = self->session_is_new,
    .round = self->round,
  };
}

/* Picks into @seat_route and @seat.  FALSE: nobody now; @retry_at_us says when. */
static gboolean
pick (WeirExchange *self)
{
  const WeirPoolAsk ask = make_ask (self);
  const WeirModelRoute *route
      = weir_pool_pick (self->host->pool, self->entry, &ask, &self->tried,
                        weir_clock_now_us (), &self->retry_at_us);

  if (route == NULL)
    return FALSE;
  self->seat_route = route;
  self->seat = g_ptr_array_index (self->routing->seats, route->seat);
  self->holds_seat = TRUE;
  self->is_served = FALSE;
  if (self->seat->takes_token)
    weir_exchange_take_token (self);
  return TRUE;
}

/* Would a pick give somebody?  If not, @retry_at_us says when. */
static gboolean
can_pick (WeirExchange *self)
{
  const WeirPoolAsk ask = make_ask (self);

  self->retry_at_us = -1;
  return weir_pool_can_pick (self->host->pool, self->entry, &ask, &self->tried,
                             weir_clock_now_us (), &self->retry_at_us);
}

static gboolean
is_tired (const WeirExchange *self)
{
  return self->asked_paid >= WEIR_EXCHANGE_ATTEMPTS_MAX
         || (self->asked > 0 && self->rotations_left == 0)
         || weir_clock_now_us () - self->began_us >= WAIT_MAX_US;
}

/* `max-retry-credentials`, of each round. */
static gboolean
may_ask_another (const WeirExchange *self)
{
  const unsigned max = self->routing->config->max_retry_credentials;

  return max == 0 || self->tried.n < max;
}

/* The next seat for which the request can be written. */
static gboolean
take_seat (WeirExchange *self)
{
  self->retry_at_us = -1;
  while (may_ask_another (self) && pick (self))
    {
      g_autoptr (GError) error = NULL;

      if (weir_exchange_write_request (self, &error))
        return TRUE;
      weir_exchange_set_failure (self, weir_error_get_code (error), error->message);
      weir_exchange_release_seat (self);
    }
  return FALSE;
}

/* --- sending --- */

static void
start_send (WeirExchange *self, WeirLink *link)
{
  const WeirConfig *config = self->routing->config;
  unsigned n_runs;
  WeirSlice *runs = weir_exchange_dup_runs (self, &n_runs);

  self->state = WEIR_EXCHANGE_AWAITING;
  self->attempts++;
  self->host->n_attempts++;
  self->send.head_timeout_us = (int64_t)config->head_timeout_s * WEIR_USEC_PER_SEC;
  self->send.silence_timeout_us = (int64_t)config->silence_timeout_s * WEIR_USEC_PER_SEC;
  weir_send_start (&self->send, self->host->upstream, self->host->poller, link, runs,
                   n_runs, &weir_exchange_send_owner, self);
}

static void
connected_cb (WeirLink *link, const GError *error, gpointer user_data)
{
  WeirExchange *self = user_data;
  WeirVerdict verdict;

  self->connects_pending--;
  if (self->state == WEIR_EXCHANGE_DONE)
    {
      if (link != NULL)
        weir_upstream_discard (self->host->upstream, link);
      if (self->connects_pending > 0)
        return;
      g_queue_unlink (&self->host->leavers, &self->link);
      weir_poller_set_timer (self->host->poller, &self->reaper, 0);
      return;
    }
  g_clear_object (&self->connecting);
  if (link != NULL)
    {
      start_send (self, link);
      return;
    }
  verdict = weir_verdict_of_failure (weir_error_get_code (error));
  weir_exchange_report_failure (self, &verdict);
  weir_exchange_set_failure (self, weir_error_get_code (error), error->message);
  weir_exchange_try_next (self);
}

static void
connect_anew (WeirExchange *self)
{
  self->state = WEIR_EXCHANGE_CONNECTING;
  self->connecting = g_cancellable_new ();
  self->connects_pending++;
  weir_upstream_connect (self->host->upstream, self->seat->target, self->connecting,
                         connected_cb, self);
}

/* The kept-alive link was dead before a byte came: the same seat on a fresh one. */
void
weir_exchange_retry_same (WeirExchange *self)
{
  connect_anew (self);
}

void
weir_exchange_send (WeirExchange *self)
{
  WeirLink *link = weir_upstream_take_idle (self->host->upstream, self->seat->target);

  if (link != NULL)
    start_send (self, link);
  else
    connect_anew (self);
}

static void
ask_seat (WeirExchange *self)
{
  if (self->seat->takes_token && self->token == NULL)
    weir_exchange_fetch_token (self, NULL);
  else
    weir_exchange_send (self);
}

/* --- again --- */

static void
on_wait_over (WeirTimer *timer)
{
  WeirExchange *self = WEIR_CONTAINER_OF (timer, WeirExchange, wait);

  self->state = WEIR_EXCHANGE_RECEIVING;
  weir_exchange_try_next (self);
}

static void
wait_until (WeirExchange *self, int64_t until_us)
{
  self->state = WEIR_EXCHANGE_WAITING;
  self->wait.func = on_wait_over;
  weir_poller_set_timer (self->host->poller, &self->wait, until_us);
}

static void
start_round (WeirExchange *self)
{
  self->round++;
  self->tried.n = 0;
}

/* Everybody was asked in this round: is there another, and when? */
static gboolean
plan_round (WeirExchange *self, int64_t now_us, int64_t *out_until_us)
{
  const WeirConfig *config = self->routing->config;
  const int64_t rest_max_us = (int64_t)config->max_retry_interval_s * WEIR_USEC_PER_SEC;

  start_round (self);
  if (can_pick (self)) /* somebody who does not rest: not at once, though */
    {
      *out_until_us = now_us + (BACKOFF_US << MIN (self->round, 5));
      return TRUE;
    }
  if (self->retry_at_us >= 0 && self->retry_at_us - now_us <= rest_max_us)
    {
      *out_until_us = self->retry_at_us;
      return TRUE;
    }
  if (self->retry_at_us >= 0 || !self->wants_stream
      || self->restarts >= config->bootstrap_retries)
    return FALSE;
  self->restarts++;
  self->round = 0;
  *out_until_us = now_us;
  return TRUE;
}

/* The end; the client hears when the first of all seats is back. */
static void
give_up (WeirExchange *self)
{
  self->round = 0;
  self->tried.n = 0;
  can_pick (self);
  weir_exchange_give_up (self);
}

/* Nobody can be asked now. */
static void
wait_or_give_up (WeirExchange *self)
{
  const int64_t now_us = weir_clock_now_us ();
  int64_t until_us = self->retry_at_us;

  if (self->queued_us < 0)
    self->queued_us = now_us;
  /* a request under way will soon say how its seat does */
  if (!is_tired (self) && until_us >= 0 && until_us - now_us <= SHORT_US
      && now_us - self->queued_us < SHORT_MAX_US)
    wait_until (self, until_us);
  else if (!is_tired (self) && (self->asked == 0 || self->n_fatal < self->n_failed)
           && plan_round (self, now_us, &until_us)
           && until_us - self->began_us < WAIT_MAX_US)
    {
      self->queued_us = -1;
      wait_until (self, until_us);
    }
  else
    give_up (self);
}

/* A group's own seats are used up: those of the group behind it come next. */
static gboolean
fall_back (WeirExchange *self)
{
  if (self->retry_at_us < 0 && self->asked == 0 && self->failure.message != NULL)
    return FALSE; /* the request cannot be said, here or there */
  if (!weir_routing_fall_back (self->routing, &self->caller))
    return FALSE;
  if (!weir_exchange_find_seats (self))
    return FALSE;
  self->tried.n = 0;
  return take_seat (self);
}

void
weir_exchange_try_next (WeirExchange *self)
{
  const gboolean first = self->asked == 0;
  const gboolean paid = first || !self->is_free;

  weir_exchange_release_seat (self);
  if (!first && is_tired (self))
    {
      give_up (self);
      return;
    }
  if (!take_seat (self) && !fall_back (self))
    {
      wait_or_give_up (self);
      return;
    }
  if (!first && paid && !weir_pool_take_retry (self->host->pool, weir_clock_now_us ()))
    {
      weir_exchange_release_seat (self);
      give_up (self);
      return;
    }
  self->asked++;
  self->asked_paid += paid ? 1 : 0;
  if (!first && paid)
    self->rotations_left--;
  ask_seat (self);
}
