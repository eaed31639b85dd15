/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is asked in a day: agents at work for an hour or so, single questions, bursts. */

#include "config.h"

#include "simulate.h"

#include <math.h>

#define SESSIONS 700
#define SINGLES 9000
#define BURSTS 12
#define BURST_SIZE 150

double
simulate_random_get (SimulateRandom *self)
{
  uint64_t z = self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

double
simulate_random_between (SimulateRandom *self, double from, double to)
{
  return from + (to - from) * simulate_random_get (self);
}

double
simulate_random_around (SimulateRandom *self, double mean)
{
  return -mean * log (1 - simulate_random_get (self));
}

/* A time of the day: most of it between eight and eight. */
static int64_t
draw_time (SimulateRandom *random)
{
  double hour = simulate_random_get (random) < 0.75
                    ? simulate_random_between (random, 8, 20)
                    : simulate_random_between (random, 0, 24);

  return SIMULATE_START + (int64_t)(hour * SIMULATE_HOUR);
}

static void
add_request (GArray *requests, SimulateRandom *random, SimulateRequest request)
{
  request.first_us = (int64_t)(simulate_random_between (random, 0.4, 4) * SIMULATE_SECOND);
  request.whole_us = (int64_t)(request.output * SIMULATE_SECOND / 80);
  if (request.at_us < SIMULATE_START + SIMULATE_DAY)
    g_array_append_val (requests, request);
}

static void
add_session (GArray *requests, SimulateRandom *random, int session)
{
  unsigned n_turns = 1 + (unsigned)simulate_random_around (random, 35);
  SimulateRequest turn = {
    .at_us = draw_time (random),
    .session = session,
    .fresh = simulate_random_between (random, 8000, 25000),
  };

  for (unsigned i = 0; i < n_turns; i++)
    {
      turn.output = 100 + simulate_random_around (random, 700);
      add_request (requests, random, turn);
      turn.context += turn.fresh + turn.output;
      if (turn.context > 160000)
        turn.context = 40000; /* the agent sums its history up */
      turn.fresh = 200 + simulate_random_around (random, 2500);
      turn.at_us += (int64_t)((6 + turn.output / 80 + simulate_random_around (random, 35))
                              * SIMULATE_SECOND);
    }
}

static void
add_single (GArray *requests, SimulateRandom *random, int64_t at_us)
{
  SimulateRequest single = {
    .at_us = at_us,
    .session = -1,
    .fresh = 300 + simulate_random_around (random, 4000),
    .output = 50 + simulate_random_around (random, 500),
  };

  add_request (requests, random, single);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const SimulateRequest *one = a;
  const SimulateRequest *other = b;

  return (one->at_us > other->at_us) - (one->at_us < other->at_us);
}

GArray *
simulate_traffic_new (uint64_t seed, double load, unsigned *out_n_sessions)
{
  SimulateRandom random = { seed };
  GArray *requests = g_array_new (FALSE, FALSE, sizeof (SimulateRequest));

  *out_n_sessions = (unsigned)(SESSIONS * load);
  for (unsigned i = 0; i < *out_n_sessions; i++)
    add_session (requests, &random, (int)i);
  for (unsigned i = 0; i < SINGLES * load; i++)
    add_single (requests, &random, draw_time (&random));
  for (unsigned i = 0; i < BURSTS * load; i++)
    {
      int64_t at_us = draw_time (&random);

      for (unsigned j = 0; j < BURST_SIZE; j++)
        add_single (requests, &random,
                    at_us
                        + (int64_t)(simulate_random_get (&random) * 20 * SIMULATE_SECOND));
    }
  g_array_sort (requests, compare_times);
  return requests;
}
