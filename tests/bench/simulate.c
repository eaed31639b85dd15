/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Plays a day against the real pool, strategy by strategy, and compares what was served. */

#include "config.h"

#include "simulate.h"

#include <stdio.h>
#include <time.h>

/* As the exchange has them: attempts of a request, and how long it waits in all. */
#define ATTEMPTS_MAX 3
#define WAIT_MAX_US (30 * SIMULATE_SECOND)
/* A refusal comes at once, an attempt to connect to nobody does not. */
#define REFUSAL_US (SIMULATE_SECOND / 5)
#define UNREACHED_US (3 * SIMULATE_SECOND)
#define PICKS 200000

typedef struct
{
  const SimulateRequest *request;
  WeirPoolTried tried;
  WeirVerdict verdict; /* of the attempt under way */
  unsigned paid; /* attempts that count: being told of a limit is no burden for anybody */
  unsigned paid_max;
  unsigned account;
} Call;

typedef enum
{
  STEP_TRY,
  STEP_REPLY,
  STEP_END,
} Step;

typedef struct
{
  int64_t at_us;
  uint64_t number; /* those of one time keep their order */
  Call *call;      /* (unowned) NULL: windows end */
  Step step;
} Event;

typedef struct
{
  unsigned requests;
  unsigned served;
  unsigned refused;
  unsigned wrongly;
  unsigned attempts;
  unsigned turns; /* behind the first of their session, that were served */
  unsigned turns_met;
  double wasted;
} Tally;

typedef struct
{
  WeirPool *pool;     /* (owned) */
  WeirModels *models; /* (owned) */
  SimulateWorld world;
  SimulateCache *caches; /* (owned) by session */
  GArray *events;        /* (owned) of Event: a heap, the next one first */
  uint64_t n_events;
  WeirPoolAsk ask;
  WeirPoolSeat *seats[SIMULATE_ACCOUNTS]; /* (unowned) */
  Tally tally;
} Day;

static gboolean
is_before (const Event *one, const Event *other)
{
  return one->at_us != other->at_us ? one->at_us < other->at_us
                                    : one->number < other->number;
}

static void
swap (Event *one, Event *other)
{
  Event kept = *one;

  *one = *other;
  *other = kept;
}

static void
push_event (Day *day, int64_t at_us, Call *call, Step step)
{
  Event event = { at_us, day->n_events++, call, step };
  unsigned at = day->events->len;
  Event *events;

  g_array_append_val (day->events, event);
  events = (Event *)(void *)day->events->data;
  for (; at > 0 && is_before (&events[at], &events[(at - 1) / 2]); at = (at - 1) / 2)
    swap (&events[at], &events[(at - 1) / 2]);
}

static Event
pop_event (Day *day)
{
  Event *events = (Event *)(void *)day->events->data;
  Event first = events[0];
  unsigned n = day->events->len - 1;

  events[0] = events[n];
  g_array_set_size (day->events, n);
  for (unsigned at = 0, child = 1; child < n; child = 2 * at + 1)
    {
      if (child + 1 < n && is_before (&events[child + 1], &events[child]))
        child++;
      if (!is_before (&events[child], &events[at]))
        break;
      swap (&events[at], &events[child]);
      at = child;
    }
  return first;
}

static void
refuse_call (Day *day, const Call *call, int64_t now_us)
{
  day->tally.refused++;
  day->tally.wrongly += simulate_world_could_serve (&day->world, now_us);
  day->world.refused += simulate_request_get_cost (call->request, FALSE);
}

static void
try_call (Day *day, Call *call, int64_t now_us)
{
  const SimulateRequest *request = call->request;
  SimulateCache *cache = request->session >= 0 ? &day->caches[request->session] : NULL;
  char session[32];
  int64_t until_us;
  const WeirModelRoute *route;

  g_snprintf (session, sizeof session, "session-%d", request->session);
  day->ask.session = request->session >= 0 ? session : NULL;
  route = weir_pool_pick (day->pool, weir_models_lookup (day->models, "m"), &day->ask,
                          &call->tried, now_us, &until_us);
  if (route != NULL)
    {
      call->account = route->seat;
      day->tally.attempts++;
      call->verdict = simulate_world_ask (&day->world, route->seat, request, cache, now_us);
      push_event (day,
                  now_us
                      + (call->verdict.action == WEIR_VERDICT_FINE       ? request->first_us
                         : call->verdict.reason == WEIR_REST_UNREACHABLE ? UNREACHED_US
                                                                         : REFUSAL_US),
                  call, STEP_REPLY);
    }
  else if (until_us >= 0 && until_us <= request->at_us + WAIT_MAX_US)
    push_event (day, MAX (until_us, now_us + 1), call, STEP_TRY);
  else
    refuse_call (day, call, now_us);
}

static void
count_served (Day *day, const Call *call, int64_t now_us)
{
  SimulateCache *cache;

  day->tally.served++;
  if (call->request->session < 0)
    return;
  cache = &day->caches[call->request->session];
  if (cache->account >= 0)
    {
      day->tally.turns++;
      day->tally.turns_met += cache->account == (int)call->account;
    }
  cache->account = (int)call->account;
  cache->used_us = now_us;
}

static void
end_attempt (Day *day, Call *call, int64_t now_us)
{
  WeirPoolSeat *seat = day->seats[call->account];
  gboolean is_free;

  simulate_world_tell (&day->world, call->account, now_us);
  weir_pool_report (day->pool, seat, "m", &call->verdict, now_us);
  if (call->verdict.action == WEIR_VERDICT_FINE)
    {
      count_served (day, call, now_us);
      push_event (day, now_us + call->request->whole_us, call, STEP_END);
      return;
    }
  weir_pool_release (day->pool, seat);
  is_free = call->verdict.reason == WEIR_REST_RATE_LIMIT
            || call->verdict.reason == WEIR_REST_QUOTA;
  call->paid += !is_free;
  if (call->verdict.action == WEIR_VERDICT_ROTATE_ONCE)
    call->paid_max = MIN (call->paid_max, call->paid + 1);
  if (is_free || (call->paid < call->paid_max && weir_pool_take_retry (day->pool, now_us)))
    try_call (day, call, now_us);
  else
    refuse_call (day, call, now_us);
}

static void
take_step (Day *day, const Event *event)
{
  if (event->call == NULL)
    {
      simulate_world_advance (&day->world, event->at_us);
      return;
    }
  switch (event->step)
    {
    case STEP_TRY:
      if (event->call->request->at_us == event->at_us)
        weir_pool_count_request (day->pool);
      try_call (day, event->call, event->at_us);
      break;
    case STEP_REPLY:
      end_attempt (day, event->call, event->at_us);
      break;
    case STEP_END:
      weir_pool_release (day->pool, day->seats[event->call->account]);
      break;
    }
}

static void
begin_day (Day *day, uint64_t seed, WeirStrategy strategy, unsigned n_sessions)
{
  *day = (Day){ .pool = weir_pool_new (), .models = weir_models_new () };
  simulate_world_init (&day->world, seed, day->pool);
  day->caches = g_new (SimulateCache, n_sessions);
  for (unsigned i = 0; i < n_sessions; i++)
    day->caches[i] = (SimulateCache){ .account = -1 };
  day->events = g_array_new (FALSE, FALSE, sizeof (Event));
  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    {
      weir_models_add (day->models, "m",
                       &(WeirModelOffer){ .owner = "o",
                                          .seat = i,
                                          .weight = day->world.accounts[i].weight,
                                          .upstream_name = "m" });
      day->seats[i] = day->world.accounts[i].seat;
    }
  day->ask = (WeirPoolAsk){ .seats = day->seats, .strategy = strategy };
}

static void
end_day (Day *day)
{
  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    g_assert (weir_pool_seat_get_in_flight (day->seats[i]) == 0);
  simulate_world_clear (&day->world);
  weir_models_free (day->models);
  weir_pool_free (day->pool);
  g_array_unref (day->events);
  g_free (day->caches);
}

static void
play_day (uint64_t seed, double load, WeirStrategy strategy, Tally *tally)
{
  unsigned n_sessions;
  g_autoptr (GArray) requests = simulate_traffic_new (seed, load, &n_sessions);
  g_autofree Call *calls = g_new0 (Call, requests->len);
  Day day;

  begin_day (&day, seed, strategy, n_sessions);
  for (int64_t us = SIMULATE_START; us < SIMULATE_START + SIMULATE_DAY;
       us += SIMULATE_MINUTE)
    push_event (&day, us, NULL, STEP_TRY);
  for (unsigned i = 0; i < requests->len; i++)
    {
      calls[i].request = &g_array_index (requests, SimulateRequest, i);
      calls[i].paid_max = ATTEMPTS_MAX;
      push_event (&day, calls[i].request->at_us, &calls[i], STEP_TRY);
    }
  while (day.events->len > 0)
    {
      Event event = pop_event (&day);

      take_step (&day, &event);
    }
  tally->requests += requests->len;
  tally->served += day.tally.served;
  tally->refused += day.tally.refused;
  tally->wrongly += day.tally.wrongly;
  tally->attempts += day.tally.attempts;
  tally->turns += day.tally.turns;
  tally->turns_met += day.tally.turns_met;
  tally->wasted += day.world.wasted;
  end_day (&day);
}

static void
print_tally (const char *name, const Tally *tally, double pick_ns)
{
  printf ("%-12s %8u %8u %8u %8u %9.1f %8.2f %8.3f %8.0f\n", name, tally->requests,
          tally->served, tally->refused, tally->wrongly, tally->wasted / 1e6,
          100.0 * tally->turns_met / MAX (tally->turns, 1),
          (double)tally->attempts / MAX (tally->requests, 1), pick_ns);
}

/* What a pick costs, in nanoseconds. */
static double
time_picks (WeirStrategy strategy)
{
  Day day;
  clock_t began;

  begin_day (&day, 1, strategy, 1);
  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    simulate_world_tell (&day.world, i, SIMULATE_START);
  began = clock ();
  for (unsigned i = 0; i < PICKS; i++)
    {
      WeirPoolTried tried;
      int64_t until_us;
      const WeirModelRoute *route;

      tried.n = 0;
      route = weir_pool_pick (day.pool, weir_models_lookup (day.models, "m"), &day.ask,
                              &tried, SIMULATE_START + i, &until_us);
      weir_pool_release (day.pool, day.seats[route->seat]);
    }
  began = clock () - began;
  end_day (&day);
  return (double)began * (1e9 / CLOCKS_PER_SEC) / PICKS;
}

int
main (int argc, char **argv)
{
  static const char *const names[] = {
    [WEIR_STRATEGY_ROUND_ROBIN] = "round-robin",
    [WEIR_STRATEGY_FILL_FIRST] = "fill-first",
    [WEIR_STRATEGY_WEIGHTED] = "weighted",
    [WEIR_STRATEGY_QUOTA_AWARE] = "quota-aware",
  };
  int seeds = 5, first = 1;
  double load = 1;
  const GOptionEntry entries[] = {
    { "seeds", 0, 0, G_OPTION_ARG_INT, &seeds, "days to play, each from its number", "N" },
    { "first", 0, 0, G_OPTION_ARG_INT, &first, "number of the first day", "N" },
    { "load", 0, 0, G_OPTION_ARG_DOUBLE, &load, "how much is asked; 1 is plenty", "X" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  unsigned best = 0, ours = 0;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || seeds < 1 || !(load > 0))
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "nothing to play");
      return 2;
    }
  printf ("%-12s %8s %8s %8s %8s %9s %8s %8s %8s\n", "strategy", "requests", "served",
          "refused", "wrongly", "wasted M", "cached %", "attempts", "pick ns");
  for (unsigned strategy = 0; strategy < WEIR_STRATEGY_LAST; strategy++)
    {
      Tally tally = { 0 };

      for (int i = 0; i < seeds; i++)
        play_day ((uint64_t)(first + i), load, strategy, &tally);
      print_tally (names[strategy], &tally, time_picks (strategy));
      if (strategy == WEIR_STRATEGY_QUOTA_AWARE)
        ours = tally.served;
      else
        best = MAX (best, tally.served);
    }
  return ours >= best ? 0 : 1;
}
