/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Priorities that follow from an order.  Pure. */

#include <glib.h>

/* Moves the item @from in front of what then is the item @to + 1, and changes as few
 * priorities as an order by them needs: the moved one comes strictly between its
 * neighbours.
 * @priorities: of @n items, highest first; put into the new order. */
void weir_priority_move (int *priorities, unsigned n, unsigned from, unsigned to);
