/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is picked, by thousands of requests. */

#include "config.h"

#include "accounts/weir-pool.h"

#define N_REQUESTS 10000
#define N_SEATS_MAX 24

/* A model with a route a seat, the seats' priorities in order. */
static WeirModels *
make_models (const int *priorities, unsigned n)
{
  WeirModels *models = weir_models_new ();

  for (unsigned seat = 0; seat < n; seat++)
    weir_models_add (models, "m", "o", seat, priorities[seat], "m", NULL);
  return models;
}

static void
test_every_seat_has_its_share (void)
{
  static const int even[N_SEATS_MAX];

  for (unsigned n = 1; n <= N_SEATS_MAX; n++)
    {
      g_autoptr (WeirModels) models = make_models (even, n);
      unsigned picks[N_SEATS_MAX] = { 0 };

      for (unsigned i = 0; i < N_REQUESTS; i++)
        {
          WeirPoolTried tried = { 0 };

          picks[weir_pool_pick (weir_models_lookup (models, "m"), &tried)->seat]++;
          g_assert_cmpuint (tried.n, ==, 1);
        }
      for (unsigned seat = 0; seat < n; seat++)
        {
          g_assert_cmpfloat (picks[seat] * (double)n, >, 0.99 * N_REQUESTS);
          g_assert_cmpfloat (picks[seat] * (double)n, <, 1.01 * N_REQUESTS);
        }
    }
}

static void
test_lower_tiers_do_not_skew_the_first (void)
{
  static const int priorities[] = { 5, 0, 5, 0, 0, 5, -1 };
  g_autoptr (WeirModels) models = make_models (priorities, G_N_ELEMENTS (priorities));
  unsigned picks[G_N_ELEMENTS (priorities)] = { 0 };

  for (unsigned i = 0; i < N_REQUESTS; i++)
    {
      WeirPoolTried tried = { 0 };

      picks[weir_pool_pick (weir_models_lookup (models, "m"), &tried)->seat]++;
    }
  for (unsigned seat = 0; seat < G_N_ELEMENTS (priorities); seat++)
    if (priorities[seat] == 5)
      g_assert_cmpfloat (ABS (picks[seat] * 3.0 - N_REQUESTS), <, 0.01 * N_REQUESTS);
    else
      g_assert_cmpuint (picks[seat], ==, 0);
}

static void
test_no_route_is_tried_twice_and_tiers_fall (void)
{
  static const int priorities[] = { 0, 5, 0, 9, 5, -3 };
  enum
  {
    N = G_N_ELEMENTS (priorities)
  };
  g_autoptr (WeirModels) models = make_models (priorities, N);
  WeirModel *model = weir_models_lookup (models, "m");

  for (unsigned i = 0; i < 100; i++)
    {
      WeirPoolTried tried = { 0 };
      gboolean seen[N] = { FALSE };
      int last = G_MAXINT;

      for (unsigned j = 0; j < N; j++)
        {
          const WeirModelRoute *route = weir_pool_pick (model, &tried);

          g_assert_nonnull (route);
          g_assert_false (seen[route->seat]);
          seen[route->seat] = TRUE;
          g_assert_cmpint (route->priority, <=, last);
          last = route->priority;
          g_assert_true (tried.routes[j] == route);
        }
      g_assert_null (weir_pool_pick (model, &tried));
      g_assert_null (weir_pool_pick (model, &tried));
      g_assert_cmpuint (tried.n, ==, N);
    }
}

static void
test_only_the_first_pick_moves_the_cursor (void)
{
  static const int even[3];
  g_autoptr (WeirModels) models = make_models (even, 3);
  WeirModel *model = weir_models_lookup (models, "m");

  for (unsigned i = 0; i < 30; i++)
    {
      WeirPoolTried tried = { 0 };
      unsigned cursor;

      g_assert_cmpuint (weir_pool_pick (model, &tried)->seat, ==, i % 3);
      cursor = model->cursor;
      /* the next ones go on behind it */
      g_assert_cmpuint (weir_pool_pick (model, &tried)->seat, ==, (i + 1) % 3);
      g_assert_cmpuint (weir_pool_pick (model, &tried)->seat, ==, (i + 2) % 3);
      g_assert_null (weir_pool_pick (model, &tried));
      g_assert_cmpuint (model->cursor, ==, cursor);
    }
}

static void
test_the_memory_of_a_request_has_an_end (void)
{
  static const int even[N_SEATS_MAX];
  g_autoptr (WeirModels) models = make_models (even, N_SEATS_MAX);
  WeirPoolTried tried = { 0 };

  for (unsigned i = 0; i < WEIR_POOL_TRIED_MAX; i++)
    g_assert_nonnull (weir_pool_pick (weir_models_lookup (models, "m"), &tried));
  g_assert_null (weir_pool_pick (weir_models_lookup (models, "m"), &tried));
  g_assert_cmpuint (tried.n, ==, WEIR_POOL_TRIED_MAX);
}

/* A seat's own list may come while a request is under way, and any cursor may stand. */
static void
test_a_model_may_grow_between_picks (void)
{
  static const int even[2];
  g_autoptr (WeirModels) models = make_models (even, 2);
  WeirModel *model = weir_models_lookup (models, "m");
  WeirPoolTried tried = { 0 };
  unsigned seats = 0;

  model->cursor = G_MAXUINT;
  seats |= 1u << weir_pool_pick (model, &tried)->seat;
  weir_models_add (models, "m", "o", 2, 7, "m", NULL);
  seats |= 1u << weir_pool_pick (model, &tried)->seat;
  g_assert_true ((seats & 4u) != 0);
  seats |= 1u << weir_pool_pick (model, &tried)->seat;
  g_assert_cmpuint (seats, ==, 7);
  g_assert_null (weir_pool_pick (model, &tried));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/every-seat-has-its-share", test_every_seat_has_its_share);
  g_test_add_func ("/pool/lower-tiers-do-not-skew-the-first",
                   test_lower_tiers_do_not_skew_the_first);
  g_test_add_func ("/pool/no-route-is-tried-twice-and-tiers-fall",
                   test_no_route_is_tried_twice_and_tiers_fall);
  g_test_add_func ("/pool/only-the-first-pick-moves-the-cursor",
                   test_only_the_first_pick_moves_the_cursor);
  g_test_add_func ("/pool/the-memory-of-a-request-has-an-end",
                   test_the_memory_of_a_request_has_an_end);
  g_test_add_func ("/pool/a-model-may-grow-between-picks",
                   test_a_model_may_grow_between_picks);
  return g_test_run ();
}
