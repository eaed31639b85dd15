/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Who serves next.  Pure: no I/O, no clock of its own. */

#include "providers/weir-models.h"

/* Seats tried by one request, at most this many of them remembered. */
#define WEIR_POOL_TRIED_MAX 16

typedef struct
{
  const WeirModelRoute *routes[WEIR_POOL_TRIED_MAX]; /* (unowned) */
  unsigned n;
} WeirPoolTried;

/* The next route of @model in turn among those of the highest priority that @tried does not
 * hold, or NULL when all were tried.  The first pick of a request moves the model's cursor
 * on; later picks do not.  The route is added to @tried. */
const WeirModelRoute *weir_pool_pick (WeirModel *model, WeirPoolTried *tried);
