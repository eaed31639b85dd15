/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The seats that the process knows: their life beyond configurations, and what is told and
 * asked about all of them.  Rests, turns, sessions and the budget have files of their own.
 */

#include "config.h"

#include "accounts/weir-pool-private.h"

/* Seats that nobody holds and whose rests are remembered all the same. */
#define UNHELD_MAX 1024
#define TRANSIENT_REST_US (60 * (int64_t)G_USEC_PER_SEC)
#define AFFINITY_TTL_US (3600 * (int64_t)G_USEC_PER_SEC)

static void
seat_free (gpointer data)
{
  WeirPoolSeat *seat = data;

  g_clear_pointer (&seat->models, g_hash_table_unref);
  g_free (seat->identity);
  g_free (seat->host);
  g_free (seat);
}

WeirPool *
weir_pool_new (void)
{
  WeirPool *self = g_new0 (WeirPool, 1);

  self->seats = g_hash_table_new (g_str_hash, g_str_equal);
  self->rules.transient_rest_us = TRANSIENT_REST_US;
  self->rules.affinity_ttl_us = AFFINITY_TTL_US;
  weir_pool_affinity_init (&self->affinity);
  weir_pool_budget_init (&self->budget);
  return self;
}

void
weir_pool_free (WeirPool *self)
{
  GHashTableIter iter;
  gpointer value;

  if (self == NULL)
    return;
  g_hash_table_iter_init (&iter, self->seats);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      WeirPoolSeat *seat = value;

      seat->pool = NULL;
      if (seat->n_refs == 0)
        seat_free (seat);
    }
  g_hash_table_unref (self->seats);
  weir_pool_affinity_clear (&self->affinity);
  g_free (self);
}

void
weir_pool_set_rules (WeirPool *self, const WeirPoolRules *rules)
{
  self->rules = *rules;
}

void
weir_pool_set_rest_func (WeirPool *self, WeirPoolRestFunc func, gpointer user_data)
{
  self->rest_func = func;
  self->rest_data = user_data;
}

/* (transfer none) */
static WeirPoolSeat *
ensure_seat (WeirPool *self, const char *identity)
{
  WeirPoolSeat *seat = g_hash_table_lookup (self->seats, identity);

  if (seat != NULL)
    return seat;
  seat = g_new0 (WeirPoolSeat, 1);
  seat->pool = self;
  seat->identity = g_strdup (identity);
  seat->key = weir_pool_hash (identity, 0);
  seat->rules.rounds_max = G_MAXUINT;
  g_hash_table_insert (self->seats, seat->identity, seat);
  self->n_unheld++;
  return seat;
}

WeirPoolSeat *
weir_pool_ensure_seat (WeirPool *self, const char *identity, const char *host)
{
  WeirPoolSeat *seat = ensure_seat (self, identity);

  if (g_strcmp0 (seat->host, host) != 0)
    {
      g_free (seat->host);
      seat->host = g_strdup (host);
    }
  self->n_unheld -= seat->n_refs == 0;
  seat->n_refs++;
  return seat;
}

WeirPoolSeat *
weir_pool_seat_ref (WeirPoolSeat *self)
{
  self->n_refs++;
  return self;
}

static void
mark_rest (const WeirPoolRest *rest, gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
}

static gboolean
is_worth_keeping (const WeirPoolSeat *seat)
{
  gboolean rests = FALSE;

  weir_pool_seat_foreach_rest (seat, seat->pool->latest_us, mark_rest, &rests);
  return rests;
}

/* Of a seat that nobody holds and that no table has any more. */
static void
forget (WeirPoolSeat *seat)
{
  seat->pool->n_unheld--;
  seat->pool->n_unreachable -= seat->unreachable_us != 0;
  seat_free (seat);
}

static void
forget_the_rested (WeirPool *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->seats);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      WeirPoolSeat *seat = value;

      if (seat->n_refs > 0 || is_worth_keeping (seat))
        continue;
      g_hash_table_iter_remove (&iter);
      forget (seat);
    }
}

void
weir_pool_seat_unref (WeirPoolSeat *self)
{
  WeirPool *pool;

  if (self == NULL || --self->n_refs > 0)
    return;
  pool = self->pool;
  if (pool == NULL)
    {
      seat_free (self);
      return;
    }
  pool->n_unheld++;
  if (pool->n_unheld > UNHELD_MAX && is_worth_keeping (self))
    forget_the_rested (pool);
  if (pool->n_unheld <= UNHELD_MAX && is_worth_keeping (self))
    return;
  g_hash_table_remove (pool->seats, self->identity);
  forget (self);
}

/* Until when less is left than the user wants to keep: the latest end of such a window.  A
 * window whose end nobody knows stops nobody, for nothing would let him go on. */
static int64_t
find_stop (const WeirPoolSeat *self)
{
  int64_t until_us = 0;

  for (unsigned i = 0; self->rules.stop_at > 0 && i < self->n_windows; i++)
    {
      const WeirQuotaWindow *window = &self->windows[i];

      if (window->used > 1 - self->rules.stop_at)
        until_us = MAX (until_us, window->resets_at_us);
    }
  return until_us;
}

void
weir_pool_seat_set_rules (WeirPoolSeat *self, const WeirPoolSeatRules *rules)
{
  self->rules = *rules;
  self->stopped_until_us = find_stop (self);
  if (rules->disable_cooling)
    weir_pool_seat_clear_rests (self);
}

unsigned
weir_pool_seat_get_in_flight (const WeirPoolSeat *self)
{
  return self->in_flight;
}

static gboolean
any_lasts (const WeirQuotaWindow *windows, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    if (windows[i].length_us > WEIR_QUOTA_BRIEF_US)
      return TRUE;
  return FALSE;
}

/* Room in a minute's allowance is no proof that a day's is not used up. */
static gboolean
has_room (const WeirQuotaWindow *windows, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    if (windows[i].rejected || !(windows[i].used >= 0 && windows[i].used < 1))
      return FALSE;
  return any_lasts (windows, n);
}

/* Those of the last reading that say what a reading of minutes cannot know. */
static void
keep_lasting (WeirPoolSeat *self, const WeirQuotaWindow *before, unsigned n, int64_t now_us)
{
  for (unsigned i = 0; i < n && self->n_windows < WEIR_POOL_WINDOWS_MAX; i++)
    if (any_lasts (&before[i], 1) && before[i].resets_at_us > now_us)
      self->windows[self->n_windows++] = before[i];
}

void
weir_pool_seat_set_windows (WeirPoolSeat *self,
                            const WeirQuotaWindow *windows,
                            unsigned n,
                            int64_t now_us)
{
  WeirQuotaWindow before[WEIR_POOL_WINDOWS_MAX];
  const unsigned n_before = self->n_windows;

  memcpy (before, self->windows, n_before * sizeof *before);
  self->pool->latest_us = MAX (self->pool->latest_us, now_us);
  self->n_windows = n = MIN (n, WEIR_POOL_WINDOWS_MAX);
  for (unsigned i = 0; i < n; i++)
    self->windows[i] = windows[i];
  if (n > 0 && !any_lasts (windows, n))
    keep_lasting (self, before, n_before, now_us);
  self->stopped_until_us = find_stop (self);
  if (has_room (windows, n))
    weir_pool_seat_clear_quota_rests (self);
}

const WeirQuotaWindow *
weir_pool_seat_get_windows (const WeirPoolSeat *self, unsigned *out_n)
{
  *out_n = self->n_windows;
  return self->windows;
}

void
weir_pool_release (WeirPool *self, WeirPoolSeat *seat)
{
  g_return_if_fail (seat->in_flight > 0);
  if (--seat->in_flight == 0)
    weir_pool_seat_give_back (seat);
}

void
weir_pool_count_request (WeirPool *self)
{
  weir_pool_budget_add (&self->budget);
}

gboolean
weir_pool_take_retry (WeirPool *self, int64_t now_us)
{
  return weir_pool_budget_take (&self->budget, now_us);
}

void
weir_pool_foreach_rest (WeirPool *self,
                        int64_t now_us,
                        WeirPoolRestFunc func,
                        gpointer user_data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->seats);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    weir_pool_seat_foreach_rest (value, now_us, func, user_data);
}

void
weir_pool_restore_rest (WeirPool *self, const WeirPoolRest *rest, int64_t now_us)
{
  WeirPoolSeat *seat;

  if (rest->until_us <= now_us || rest->reason <= WEIR_REST_FOR_NOTHING
      || rest->reason >= WEIR_REST_REASON_LAST)
    return;
  self->latest_us = MAX (self->latest_us, now_us);
  if (self->n_unheld >= UNHELD_MAX && !g_hash_table_contains (self->seats, rest->identity))
    return;
  seat = ensure_seat (self, rest->identity);
  if (!seat->rules.disable_cooling)
    weir_pool_seat_restore (seat, rest, now_us);
}
