/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pick: who can be asked at all, and of which class and priority the next one is. Whose
 * turn it is among those is the strategy's business. */

#include "config.h"

#include "accounts/weir-pool-private.h"

/* What a look at all routes brings. */
typedef struct
{
  WeirPoolReadiness readiness; /* of the best: usable, suspect, or neither */
  int priority;                /* the highest of those */
  WeirModelRoute *trial;       /* (nullable): rests, and ends first */
  int64_t trial_until_us;
  int64_t ready_us; /* when the first of the blocked may be asked */
} Survey;

WeirPoolSeat *
weir_pool_get_candidate (const WeirPoolAsk *ask,
                         const WeirPoolTried *tried,
                         const WeirModelRoute *route)
{
  WeirPoolSeat *seat = ask->seats[route->seat];

  if (seat == NULL || route->weight == 0 || ask->round > seat->rules.rounds_max)
    return NULL;
  if (ask->allowed != NULL && (ask->allowed[route->seat / 8] >> route->seat % 8 & 1) == 0)
    return NULL;
  for (unsigned i = 0; i < tried->n; i++)
    if (tried->routes[i] == route)
      return NULL;
  return seat;
}

static void
survey_route (Survey *survey,
              WeirModelRoute *route,
              const WeirPoolSeat *seat,
              int64_t now_us)
{
  int64_t at_us = 0;
  WeirPoolReadiness readiness
      = weir_pool_seat_check (seat, route->upstream_name, now_us, &at_us);

  if (readiness == WEIR_POOL_BLOCKED)
    survey->ready_us = MIN (survey->ready_us, at_us);
  else if (readiness == WEIR_POOL_TRIAL)
    {
      if (survey->trial == NULL || at_us < survey->trial_until_us)
        {
          survey->trial = route;
          survey->trial_until_us = at_us;
        }
    }
  else if (readiness < survey->readiness
           || (readiness == survey->readiness && route->priority > survey->priority))
    {
      survey->readiness = readiness;
      survey->priority = route->priority;
    }
}

static Survey
survey_routes (const WeirModel *model,
               const WeirPoolAsk *ask,
               const WeirPoolTried *tried,
               int64_t now_us)
{
  Survey survey = { .readiness = WEIR_POOL_BLOCKED, .ready_us = INT64_MAX };

  for (unsigned i = 0; i < model->routes->len; i++)
    {
      WeirModelRoute *route = g_ptr_array_index (model->routes, i);
      const WeirPoolSeat *seat;

      /* routes stand in order of priority */
      if (survey.readiness == WEIR_POOL_USABLE && route->priority < survey.priority)
        break;
      seat = weir_pool_get_candidate (ask, tried, route);
      if (seat != NULL)
        survey_route (&survey, route, seat, now_us);
    }
  return survey;
}

/* Where the session went last, if it can go there again: the same upstream name, else any
 * of that seat. */
static WeirModelRoute *
find_bound (const WeirModel *model,
            const WeirPoolAsk *ask,
            const WeirPoolTried *tried,
            const WeirPoolBinding *binding,
            int64_t now_us)
{
  WeirModelRoute *found = NULL;

  for (unsigned i = 0; i < model->routes->len; i++)
    {
      WeirModelRoute *route = g_ptr_array_index (model->routes, i);
      const WeirPoolSeat *seat = ask->seats[route->seat];
      int64_t at_us;

      if (seat == NULL || seat->key != binding->seat
          || weir_pool_get_candidate (ask, tried, route) == NULL
          || weir_pool_seat_check (seat, route->upstream_name, now_us, &at_us)
                 > WEIR_POOL_SUSPECT)
        continue;
      if (weir_pool_hash (route->upstream_name, 0) == binding->route)
        return route;
      if (found == NULL)
        found = route;
    }
  return found;
}

/* Does the survey leave anybody to pick? */
static gboolean
has_found (const Survey *survey)
{
  return survey->readiness <= WEIR_POOL_SUSPECT || survey->trial != NULL;
}

static int64_t
get_until (const Survey *survey)
{
  return survey->ready_us == INT64_MAX ? -1 : survey->ready_us;
}

static WeirModelRoute *
pick_by_turn (WeirModel *model,
              const WeirPoolAsk *ask,
              const WeirPoolTried *tried,
              int64_t now_us,
              int64_t *out_until_us)
{
  Survey survey = survey_routes (model, ask, tried, now_us);
  WeirPoolChoice choice = {
    .model = model,
    .ask = ask,
    .tried = tried,
    .now_us = now_us,
    .readiness = survey.readiness,
    .priority = survey.priority,
  };

  if (survey.readiness <= WEIR_POOL_SUSPECT)
    return weir_pool_choose (&choice);
  if (!has_found (&survey))
    *out_until_us = get_until (&survey);
  return survey.trial;
}

gboolean
weir_pool_can_pick (WeirPool *self,
                    const WeirModel *model,
                    const WeirPoolAsk *ask,
                    const WeirPoolTried *tried,
                    int64_t now_us,
                    int64_t *out_until_us)
{
  Survey survey;

  self->latest_us = MAX (self->latest_us, now_us);
  if (tried->n == WEIR_POOL_TRIED_MAX)
    {
      *out_until_us = -1;
      return FALSE;
    }
  survey = survey_routes (model, ask, tried, now_us);
  if (has_found (&survey))
    return TRUE;
  *out_until_us = get_until (&survey);
  return FALSE;
}

const WeirModelRoute *
weir_pool_pick (WeirPool *self,
                WeirModel *model,
                const WeirPoolAsk *ask,
                WeirPoolTried *tried,
                int64_t now_us,
                int64_t *out_until_us)
{
  WeirPoolSession session = { 0 };
  const WeirPoolBinding *binding = NULL;
  WeirModelRoute *route = NULL;
  WeirPoolSeat *seat;

  self->latest_us = MAX (self->latest_us, now_us);
  if (tried->n == WEIR_POOL_TRIED_MAX)
    {
      *out_until_us = -1;
      return NULL;
    }
  if (ask->session != NULL)
    session = weir_pool_session_of (ask->session, model->id);
  if (ask->session != NULL && !ask->session_is_new)
    binding = weir_pool_affinity_lookup (&self->affinity, session,
                                         self->rules.affinity_ttl_us, now_us);
  if (binding != NULL)
    route = find_bound (model, ask, tried, binding, now_us);
  if (route == NULL)
    route = pick_by_turn (model, ask, tried, now_us, out_until_us);
  if (route == NULL)
    return NULL;

  seat = ask->seats[route->seat];
  seat->in_flight++;
  weir_pool_seat_admit (seat, route->upstream_name, now_us);
  tried->routes[tried->n++] = route;
  if (ask->session != NULL)
    weir_pool_affinity_bind (&self->affinity, session, seat->key,
                             weir_pool_hash (route->upstream_name, 0), now_us);
  return route;
}
