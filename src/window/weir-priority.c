/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An order of the user's as numbers of the service. */

#include "config.h"

#include "window/weir-priority.h"

#include <string.h>

void
weir_priority_move (int *priorities, unsigned n, unsigned from, unsigned to)
{
  int moved;

  g_return_if_fail (from < n && to < n);

  if (from == to)
    return;
  moved = priorities[from];
  if (from < to)
    memmove (priorities + from, priorities + from + 1, (to - from) * sizeof *priorities);
  else
    memmove (priorities + to + 1, priorities + to, (from - to) * sizeof *priorities);
  priorities[to] = moved;

  if (to + 1 == n)
    {
      priorities[to] = MIN (moved, priorities[to - 1] - 1);
      return;
    }
  if (moved <= priorities[to + 1] || (to > 0 && moved >= priorities[to - 1]))
    priorities[to] = priorities[to + 1] + 1;
  for (unsigned i = to; i > 0 && priorities[i - 1] <= priorities[i]; i--)
    priorities[i - 1] = priorities[i] + 1;
}
