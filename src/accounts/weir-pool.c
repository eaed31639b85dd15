/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Round robin over the routes of a model, tier by tier.  Rests, weights and stickiness are
 * not known here yet. */

#include "config.h"

#include "accounts/weir-pool.h"

static gboolean
was_tried (const WeirPoolTried *tried, const WeirModelRoute *route)
{
  for (unsigned i = 0; i < tried->n; i++)
    if (tried->routes[i] == route)
      return TRUE;
  return FALSE;
}

const WeirModelRoute *
weir_pool_pick (WeirModel *model, WeirPoolTried *tried)
{
  unsigned n = model->routes->len;
  unsigned start = n > 0 ? model->cursor % n : 0;
  const WeirModelRoute *best = NULL;

  if (tried->n == WEIR_POOL_TRIED_MAX)
    return NULL;
  for (unsigned i = 0; i < n; i++)
    {
      const WeirModelRoute *route = g_ptr_array_index (model->routes, (start + i) % n);

      if (!was_tried (tried, route) && (best == NULL || route->priority > best->priority))
        best = route;
    }
  if (best == NULL)
    return NULL;
  if (tried->n == 0)
    for (unsigned i = 0; i < n; i++)
      if (g_ptr_array_index (model->routes, i) == best)
        model->cursor = i + 1;
  tried->routes[tried->n++] = best;
  return best;
}
