/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whose turn it is among seats of one class and priority. */

#include "config.h"

#include "accounts/weir-pool-private.h"

/* A window so close to its reset is as good as there. */
#define SOON_US (60 * (int64_t)G_USEC_PER_SEC)

/* Routes of one seat that stand side by side: they are one in the strategy's eyes. */
typedef struct
{
  WeirModelRoute *first; /* keeps the state of all */
  WeirModelRoute *route; /* whose turn it is among them; NULL: nobody's */
  const WeirPoolSeat *seat;
  unsigned at;   /* their place in the model */
  unsigned idle; /* picks of the model since the last of any of them */
} Group;

/* What is left of a window in relation to the time that it must last: 1 is just enough for
 * an even use, more would expire unused. */
static double
get_window_headroom (const WeirQuotaWindow *window, int64_t now_us)
{
  if (window->resets_at_us > 0 && now_us >= window->resets_at_us)
    return 1; /* a new one by now */
  if (window->rejected)
    return 0;
  if (!(window->used >= 0))
    return 1;
  if (window->used >= 1)
    return 0;
  if (window->resets_at_us <= 0 || window->length_us <= 0)
    return 1 - window->used;
  return (1 - window->used) * (double)window->length_us
         / (double)MAX (window->resets_at_us - now_us, SOON_US);
}

/* Windows multiply: one that is scarce makes the seat dear, whatever the others say, and
 * one that would expire unused makes it cheap, as far as the others allow. */
double
weir_pool_seat_get_headroom (const WeirPoolSeat *seat, int64_t now_us)
{
  double headroom = 1;

  for (unsigned i = 0; i < seat->n_windows; i++)
    headroom *= get_window_headroom (&seat->windows[i], now_us);
  return headroom;
}

static gboolean
is_left (const WeirPoolChoice *choice, const WeirModelRoute *route)
{
  const WeirPoolSeat *seat = weir_pool_get_candidate (choice->ask, choice->tried, route);
  int64_t at_us;

  return seat != NULL
         && weir_pool_seat_check (seat, route->upstream_name, choice->now_us, &at_us)
                == choice->readiness;
}

/* Reads the group that begins at *@at, and moves *@at behind it. */
static Group
read_group (const WeirPoolChoice *choice, unsigned *at)
{
  const WeirModel *model = choice->model;
  Group group
      = { .first = g_ptr_array_index (model->routes, *at), .at = *at, .idle = G_MAXUINT };
  unsigned longest = 0;

  for (; *at < model->routes->len; ++*at)
    {
      WeirModelRoute *route = g_ptr_array_index (model->routes, *at);
      unsigned idle = model->cursor - route->picked;

      if (route->seat != group.first->seat || route->priority != group.first->priority)
        break;
      group.idle = MIN (group.idle, idle);
      if ((group.route != NULL && idle <= longest) || !is_left (choice, route))
        continue;
      group.route = route;
      longest = idle;
    }
  if (group.route != NULL)
    group.seat = choice->ask->seats[group.route->seat];
  return group;
}

/* What @group has to offer: the highest has its turn, the first of equals. */
static double
rate (const WeirPoolChoice *choice, const Group *group)
{
  switch (choice->ask->strategy)
    {
    case WEIR_STRATEGY_FILL_FIRST:
      return -(double)group->at;
    case WEIR_STRATEGY_WEIGHTED:
      return (double)group->first->current + group->first->weight;
    case WEIR_STRATEGY_QUOTA_AWARE:
      /* a weight says here how much at a time is natural: how much in all, the windows say
       */
      return weir_pool_seat_get_headroom (group->seat, choice->now_us)
             / (1 + (double)group->seat->in_flight / group->first->weight);
    case WEIR_STRATEGY_ROUND_ROBIN:
    case WEIR_STRATEGY_LAST:
      break;
    }
  return group->idle;
}

/* Smooth weights: each that could have had the turn gains its weight, who had it pays them
 * all, so the sum stays. */
static void
settle_weights (const WeirPoolChoice *choice, WeirModelRoute *chosen)
{
  const GPtrArray *routes = choice->model->routes;

  for (unsigned i = 0; i < routes->len;)
    {
      Group group = read_group (choice, &i);

      if (group.route == NULL || group.first->priority != choice->priority)
        continue;
      group.first->current += (int)group.first->weight;
      chosen->current -= (int)group.first->weight;
    }
}

WeirModelRoute *
weir_pool_choose (const WeirPoolChoice *choice)
{
  const GPtrArray *routes = choice->model->routes;
  const WeirModelRoute *last
      = choice->tried->n > 0 ? choice->tried->routes[choice->tried->n - 1] : NULL;
  Group best = { NULL };
  double best_rate = 0;

  for (unsigned i = 0; i < routes->len;)
    {
      Group group = { .first = g_ptr_array_index (routes, i) };
      double rated;

      if (group.first->priority < choice->priority)
        break;
      group = read_group (choice, &i);
      if (group.route == NULL || group.first->priority != choice->priority)
        continue;
      rated = last != NULL && last->seat == group.first->seat ? G_MAXDOUBLE
                                                              : rate (choice, &group);
      if (best.route != NULL
          && (rated < best_rate || (!(rated > best_rate) && group.idle <= best.idle)))
        continue;
      best = group;
      best_rate = rated;
    }
  if (choice->ask->strategy == WEIR_STRATEGY_WEIGHTED)
    settle_weights (choice, best.first);
  best.route->picked = ++choice->model->cursor;
  return best.route;
}
