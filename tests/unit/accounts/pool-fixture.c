/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "pool-fixture.h"

static void
ensure_seats (Bench *self, WeirPoolSeat **seats)
{
  for (unsigned i = 0; i < self->n; i++)
    {
      g_autofree char *identity = g_strdup_printf ("seat-%u", i);
      g_autofree char *host = g_strdup_printf ("host-%u", i);

      seats[i] = weir_pool_ensure_seat (self->pool, identity, host);
    }
}

void
bench_add (WeirModels *models,
           const char *id,
           unsigned seat,
           int priority,
           const char *upstream_name)
{
  const WeirModelOffer offer = { .owner = "o",
                                 .seat = seat,
                                 .priority = priority,
                                 .weight = 1,
                                 .upstream_name = upstream_name };

  weir_models_add (models, id, &offer);
}

void
bench_init (Bench *self, unsigned n, const int *priorities)
{
  *self = (Bench){ .n = n, .now_us = HOUR };
  self->pool = weir_pool_new ();
  self->models = weir_models_new ();
  self->ask.seats = self->seats;
  ensure_seats (self, self->seats);
  for (unsigned i = 0; i < n; i++)
    bench_add (self->models, "m", i, priorities != NULL ? priorities[i] : 0, "m");
}

void
bench_clear (Bench *self)
{
  for (unsigned i = 0; i < self->n; i++)
    weir_pool_seat_unref (self->seats[i]);
  weir_models_free (self->models);
  weir_pool_free (self->pool);
}

void
bench_reload (Bench *self)
{
  WeirPoolSeat *seats[BENCH_SEATS_MAX] = { NULL };
  WeirModels *models = weir_models_new ();

  ensure_seats (self, seats);
  for (unsigned i = 0; i < bench_get_model (self)->routes->len; i++)
    {
      const WeirModelRoute *route = bench_get_route (self, i);

      bench_add (models, "m", route->seat, route->priority, route->upstream_name);
    }
  weir_models_free (self->models);
  self->models = models;
  for (unsigned i = 0; i < self->n; i++)
    weir_pool_seat_unref (self->seats[i]);
  memcpy (self->seats, seats, sizeof seats);
}

WeirModel *
bench_get_model (Bench *self)
{
  return weir_models_lookup (self->models, "m");
}

WeirModelRoute *
bench_get_route (Bench *self, unsigned i)
{
  return g_ptr_array_index (bench_get_model (self)->routes, i);
}

int
bench_pick (Bench *self)
{
  self->tried.n = 0;
  return bench_pick_next (self);
}

int
bench_pick_next (Bench *self)
{
  WeirModel *model = bench_get_model (self);
  const WeirPoolTried tried = self->tried;
  int64_t until_us = 0;
  gboolean can = weir_pool_can_pick (self->pool, model, &self->ask, &self->tried,
                                     self->now_us, &until_us);
  const WeirModelRoute *route = weir_pool_pick (self->pool, model, &self->ask, &self->tried,
                                                self->now_us, &self->until_us);

  /* who only looks sees what is picked then */
  g_assert_cmpint (can, ==, route != NULL);
  if (can)
    return (int)route->seat;
  g_assert_cmpint (until_us, ==, self->until_us);
  g_assert_cmpuint (tried.n, ==, self->tried.n);
  return -1;
}

int
bench_turn (Bench *self)
{
  int seat = bench_pick (self);

  if (seat >= 0)
    bench_release (self, seat);
  return seat;
}

void
bench_release (Bench *self, int seat)
{
  weir_pool_release (self->pool, self->seats[seat]);
}

void
bench_report (Bench *self, int seat, const WeirVerdict *verdict)
{
  weir_pool_report (self->pool, self->seats[seat], "m", verdict, self->now_us);
}

void
bench_succeed (Bench *self, int seat)
{
  bench_report (self, seat, &(WeirVerdict){ .action = WEIR_VERDICT_FINE });
}

void
bench_rest (Bench *self, int seat, WeirRestReason reason, int64_t stated_us)
{
  WeirVerdict verdict = {
    .action = WEIR_VERDICT_ROTATE,
    .scope = WEIR_REST_ACCOUNT,
    .reason = reason,
    .rest_us = stated_us,
    .stated = stated_us > 0,
  };

  bench_report (self, seat, &verdict);
}

static void
count_rest (const WeirPoolRest *rest, gpointer user_data)
{
  ++*(unsigned *)user_data;
}

unsigned
bench_count_rests (Bench *self)
{
  unsigned n = 0;

  weir_pool_foreach_rest (self->pool, self->now_us, count_rest, &n);
  return n;
}
