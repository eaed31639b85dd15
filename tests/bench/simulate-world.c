/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the vendors answer: plans of different size with windows of five hours and of a
 * week, keys with a quota a day, limits a minute, outages, and stumbles. */

#include "config.h"

#include "simulate.h"

/* A prompt is cached so long after its last use; a cached token counts a tenth, a new one a
 * quarter more, one that is written five times as much. */
#define CACHE_US (5 * SIMULATE_MINUTE)
#define CACHED_PRICE 0.1
#define FRESH_PRICE 1.25
#define OUTPUT_PRICE 5
/* Answers that stumble for no reason. */
#define STUMBLES 0.002
/* A plan of size 1, and how many of its five hours a week holds. */
#define PLAN_TOKENS 3.2e6
#define WEEK_PER_FIVE_HOURS 14
#define KEY_TOKENS 12e6

typedef struct
{
  const char *host;
  unsigned size; /* of the plan; 0: a key */
  unsigned per_minute;
} Plan;

/* clang-format off */
static const Plan plans[SIMULATE_ACCOUNTS] = {
  { "one.example",    1,  15 },
  { "one.example",    1,  15 },
  { "one.example",    5,  40 },
  { "one.example",    5,  40 },
  { "one.example",   20, 100 },
  { "one.example",   20, 100 },
  { "two.example",    1,  15 },
  { "two.example",    1,  15 },
  { "two.example",    5,  40 },
  { "two.example",    5,  40 },
  { "three.example",  0,  20 },
  { "three.example",  0,  20 },
};
/* clang-format on */

double
simulate_request_get_cost (const SimulateRequest *self, gboolean is_cached)
{
  return self->context * (is_cached ? CACHED_PRICE : FRESH_PRICE)
         + self->fresh * FRESH_PRICE + self->output * OUTPUT_PRICE;
}

/* A week that has passed in part, and was used a little more or less than evenly. */
static SimulateWindow
make_week (SimulateRandom *random, double limit)
{
  double passed = simulate_random_get (random);
  double used = passed * simulate_random_between (random, 0.6, 1.25);

  return (SimulateWindow){
    .limit = limit,
    .used = limit * MIN (used, 0.97),
    .length_us = 7 * SIMULATE_DAY,
    .ends_us = SIMULATE_START + (int64_t)((1 - passed) * 7 * SIMULATE_DAY) + 1,
  };
}

static void
add_outage (SimulateAccount *account, int64_t from_us, int64_t length_us, unsigned status)
{
  g_assert (account->n_outages < G_N_ELEMENTS (account->outages));
  account->outages[account->n_outages++] = (SimulateOutage){
    .from_us = from_us,
    .to_us = from_us + length_us,
    .status = status,
  };
}

static void
add_outages (SimulateWorld *self, SimulateRandom *random)
{
  static const unsigned statuses[] = { 503, 500, 0, 529, 401 };
  int64_t one_us
      = SIMULATE_START + (int64_t)(simulate_random_between (random, 8, 18) * SIMULATE_HOUR);
  int64_t two_us
      = SIMULATE_START + (int64_t)(simulate_random_between (random, 8, 18) * SIMULATE_HOUR);

  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    {
      SimulateAccount *account = &self->accounts[i];
      double hour = simulate_random_between (random, 0, 24);
      unsigned status = statuses[(unsigned)(simulate_random_get (random) * 5)];

      if (simulate_random_get (random) < 0.5)
        add_outage (account, SIMULATE_START + (int64_t)(hour * SIMULATE_HOUR),
                    (int64_t)(simulate_random_between (random, 1, 60) * SIMULATE_MINUTE),
                    status);
      if (plans[i].host == plans[0].host)
        add_outage (account, one_us, 8 * SIMULATE_MINUTE, 529);
      if (plans[i].host == plans[6].host)
        add_outage (account, two_us, 5 * SIMULATE_MINUTE, 0);
    }
}

void
simulate_world_init (SimulateWorld *self, uint64_t seed, WeirPool *pool)
{
  SimulateRandom random = { ~seed };

  *self = (SimulateWorld){ .random = { seed * 31 } };
  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    {
      const Plan *plan = &plans[i];
      SimulateAccount *account = &self->accounts[i];
      g_autofree char *identity = g_strdup_printf ("account-%u", i);
      double limit = plan->size > 0 ? PLAN_TOKENS * plan->size : KEY_TOKENS;

      account->seat = weir_pool_ensure_seat (pool, identity, plan->host);
      account->weight = MAX (plan->size, 1);
      account->tells = plan->size > 0;
      account->per_minute = plan->per_minute;
      account->windows[account->n_windows++] = (SimulateWindow){
        .limit = limit,
        .length_us = plan->size > 0 ? 5 * SIMULATE_HOUR : SIMULATE_DAY,
      };
      if (plan->size > 0)
        account->windows[account->n_windows++]
            = make_week (&random, limit * WEEK_PER_FIVE_HOURS);
    }
  add_outages (self, &random);
}

void
simulate_world_clear (SimulateWorld *self)
{
  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    g_clear_pointer (&self->accounts[i].seat, weir_pool_seat_unref);
}

/* Tokens that the account could still have served beside its first window. */
static double
get_least_left (const SimulateAccount *account)
{
  double left = G_MAXDOUBLE;

  for (unsigned i = 0; i < account->n_windows; i++)
    left = MIN (left, account->windows[i].limit - account->windows[i].used);
  return MAX (left, 0);
}

/* What was refused since @refused_before might have been served from @left; each token that
 * was refused is counted once. */
static void
waste (SimulateWorld *self, double left, double refused_before)
{
  double starved = self->refused - MAX (refused_before, self->blamed);

  if (starved <= 0 || left <= 0)
    return;
  self->wasted += MIN (left, starved);
  self->blamed = self->refused - starved + MIN (left, starved);
}

void
simulate_world_advance (SimulateWorld *self, int64_t now_us)
{
  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    for (unsigned j = 0; j < self->accounts[i].n_windows; j++)
      {
        SimulateWindow *window = &self->accounts[i].windows[j];

        if (window->ends_us == 0 || now_us < window->ends_us)
          continue;
        waste (self, get_least_left (&self->accounts[i]), window->refused_before);
        window->used = 0;
        window->refused_before = self->refused;
        window->ends_us = j == 0 ? 0 : window->ends_us + window->length_us;
      }
}

static const SimulateOutage *
find_outage (const SimulateAccount *account, int64_t now_us)
{
  for (unsigned i = 0; i < account->n_outages; i++)
    if (now_us >= account->outages[i].from_us && now_us < account->outages[i].to_us)
      return &account->outages[i];
  return NULL;
}

static const SimulateWindow *
find_full_window (const SimulateAccount *account)
{
  for (unsigned i = account->n_windows; i-- > 0;)
    if (account->windows[i].used >= account->windows[i].limit)
      return &account->windows[i];
  return NULL;
}

static unsigned
count_minute (const SimulateAccount *account, int64_t now_us)
{
  return account->minute == now_us / SIMULATE_MINUTE ? account->in_minute : 0;
}

gboolean
simulate_world_could_serve (const SimulateWorld *self, int64_t now_us)
{
  for (unsigned i = 0; i < SIMULATE_ACCOUNTS; i++)
    {
      const SimulateAccount *account = &self->accounts[i];

      if (find_outage (account, now_us) == NULL && find_full_window (account) == NULL
          && count_minute (account, now_us) < account->per_minute)
        return TRUE;
    }
  return FALSE;
}

/* A 429; who tells says how long. */
static WeirVerdict
refuse (const SimulateAccount *account, WeirRestReason reason, int64_t rest_us)
{
  if (!account->tells)
    return weir_verdict_of_status (429);
  return (WeirVerdict){
    .action = WEIR_VERDICT_ROTATE,
    .scope = reason == WEIR_REST_QUOTA ? WEIR_REST_ACCOUNT : WEIR_REST_MODEL,
    .reason = reason,
    .rest_us = rest_us,
    .stated = TRUE,
  };
}

static void
use_windows (SimulateAccount *account, double cost, double refused, int64_t now_us)
{
  for (unsigned i = 0; i < account->n_windows; i++)
    {
      SimulateWindow *window = &account->windows[i];

      window->used += cost;
      if (window->ends_us != 0)
        continue;
      window->ends_us = now_us + window->length_us;
      window->refused_before = refused;
    }
}

WeirVerdict
simulate_world_ask (SimulateWorld *self,
                    unsigned number,
                    const SimulateRequest *request,
                    SimulateCache *cache,
                    int64_t now_us)
{
  SimulateAccount *account = &self->accounts[number];
  const SimulateOutage *outage = find_outage (account, now_us);
  const SimulateWindow *full = find_full_window (account);
  gboolean is_cached = cache != NULL && cache->account == (int)number
                       && now_us - cache->used_us < CACHE_US;

  if (outage != NULL)
    return outage->status != 0 ? weir_verdict_of_status (outage->status)
                               : weir_verdict_of_failure (WEIR_ERROR_UPSTREAM);
  if (simulate_random_get (&self->random) < STUMBLES)
    return weir_verdict_of_status (500);
  if (full != NULL)
    return refuse (account, WEIR_REST_QUOTA, full->ends_us - now_us);
  if (count_minute (account, now_us) >= account->per_minute)
    return refuse (account, WEIR_REST_RATE_LIMIT,
                   SIMULATE_MINUTE - now_us % SIMULATE_MINUTE);
  account->in_minute = count_minute (account, now_us) + 1;
  account->minute = now_us / SIMULATE_MINUTE;
  use_windows (account, simulate_request_get_cost (request, is_cached), self->refused,
               now_us);
  return weir_verdict_of_status (200);
}

void
simulate_world_tell (const SimulateWorld *self, unsigned number, int64_t now_us)
{
  const SimulateAccount *account = &self->accounts[number];
  WeirQuotaWindow windows[G_N_ELEMENTS (account->windows)];

  if (!account->tells || find_outage (account, now_us) != NULL)
    return;
  for (unsigned i = 0; i < account->n_windows; i++)
    windows[i] = (WeirQuotaWindow){
      .used = MIN (account->windows[i].used / account->windows[i].limit, 1),
      .resets_at_us = account->windows[i].ends_us,
      .length_us = account->windows[i].length_us,
      .rejected = account->windows[i].used >= account->windows[i].limit,
    };
  weir_pool_seat_set_windows (account->seat, windows, account->n_windows, now_us);
}
