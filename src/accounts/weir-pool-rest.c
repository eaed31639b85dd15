/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who rests, how long, and how a rest ends: what replies mean for the accounts.  A rest is
 * a hint.  It bends the order of picking; it refuses only where the vendor said how long,
 * and even then not for days. */

#include "config.h"

#include "accounts/weir-pool-private.h"

#define SECONDS(n) ((int64_t)(n)*G_USEC_PER_SEC)
#define MINUTES(n) (SECONDS (60) * (n))

/* Upstream names of one seat that rest, at most: with globs, clients choose the names. */
#define CELLS_MAX 256
/* A rest that ended longer ago says nothing about the next one's length. */
#define LEVEL_MEMORY_US MINUTES (30)
/* A request let through that is silent for so long does not hold up the next one. */
#define PATIENCE_US SECONDS (2)
/* Until then whoever waits for somebody else's verdict looks again. */
#define LOOK_AGAIN_US (G_USEC_PER_SEC / 4)
/* Requests that another success lets through, and successes that open: after 1, 2, 4, 8
 * and 16 at a time. */
#define CREDIT 2
#define SUCCESSES_TO_OPEN 31
/* A host that was not reached or is overloaded is avoided for so long, if there is another.
 */
#define SUSPECT_US SECONDS (2)
/* Rests for too high a rate up to here are about the minute, not about a window. */
#define MINUTE_LIMIT_US MINUTES (1)

/* clang-format off */
/* When nobody said how long: the first rest, doubled each time in a row up to the last. */
static const struct
{
  int64_t first_us;
  int64_t last_us;
} backoffs[] = {
  [WEIR_REST_FOR_NOTHING]       = { 0, 0 },
  [WEIR_REST_RATE_LIMIT]        = { SECONDS (1), MINUTES (30) },
  [WEIR_REST_QUOTA]             = { MINUTES (1), MINUTES (30) },
  [WEIR_REST_UNAUTHORIZED]      = { MINUTES (1), MINUTES (15) },
  [WEIR_REST_PAYMENT]           = { MINUTES (1), MINUTES (15) },
  [WEIR_REST_NOT_FOUND]         = { MINUTES (15), MINUTES (15) },
  [WEIR_REST_MODEL_UNSUPPORTED] = { MINUTES (15), MINUTES (15) },
  [WEIR_REST_TRANSIENT]         = { 0, 0 }, /* by the rules */
  [WEIR_REST_OVERLOADED]        = { SECONDS (5), MINUTES (1) },
  [WEIR_REST_CHALLENGE]         = { SECONDS (10), MINUTES (30) },
  [WEIR_REST_UNREACHABLE]       = { SECONDS (2), MINUTES (1) },
};
/* clang-format on */
G_STATIC_ASSERT (G_N_ELEMENTS (backoffs) == WEIR_REST_REASON_LAST);

static WeirPoolCell *
lookup_model (const WeirPoolSeat *seat, const char *upstream_model)
{
  return seat->models != NULL ? g_hash_table_lookup (seat->models, upstream_model) : NULL;
}

/* When the rest stops to refuse. */
static int64_t
get_gate (const WeirPoolCell *cell)
{
  return MIN (cell->until_us, cell->began_us + WEIR_POOL_BLOCK_MAX_US);
}

static gboolean
rests (const WeirPoolCell *cell, int64_t now_us)
{
  return cell->guarded && cell->until_us > now_us;
}

static WeirPoolReadiness
check_cell (const WeirPoolCell *cell, int64_t now_us, int64_t *out_us)
{
  int64_t gate_us;

  if (cell == NULL || !cell->guarded)
    return WEIR_POOL_USABLE;
  gate_us = get_gate (cell);
  if (cell->stated && now_us < gate_us)
    {
      *out_us = gate_us;
      return WEIR_POOL_BLOCKED;
    }
  if (cell->credit == 0 && now_us - cell->admitted_us < PATIENCE_US)
    {
      *out_us = MIN (cell->admitted_us + PATIENCE_US, now_us + LOOK_AGAIN_US);
      return WEIR_POOL_BLOCKED;
    }
  if (now_us >= gate_us)
    return WEIR_POOL_USABLE;
  *out_us = cell->until_us;
  return WEIR_POOL_TRIAL;
}

WeirPoolReadiness
weir_pool_seat_check_guarded (const WeirPoolSeat *seat,
                              const char *upstream_model,
                              int64_t now_us,
                              int64_t *out_us)
{
  int64_t account_us = 0, model_us = 0;
  WeirPoolReadiness account, model;

  if (seat->stopped_until_us > now_us)
    {
      *out_us = seat->stopped_until_us;
      return WEIR_POOL_BLOCKED;
    }
  account = check_cell (&seat->account, now_us, &account_us);
  model = check_cell (lookup_model (seat, upstream_model), now_us, &model_us);

  if (account == WEIR_POOL_USABLE && model == WEIR_POOL_USABLE)
    return seat->suspect_until_us > now_us ? WEIR_POOL_SUSPECT : WEIR_POOL_USABLE;
  if (account == model)
    *out_us = MAX (account_us, model_us);
  else
    *out_us = account > model ? account_us : model_us;
  return MAX (account, model);
}

static void
admit_cell (WeirPoolCell *cell, int64_t now_us)
{
  if (cell == NULL || !cell->guarded)
    return;
  cell->credit -= cell->credit > 0;
  cell->admitted_us = now_us;
}

void
weir_pool_seat_admit (WeirPoolSeat *seat, const char *upstream_model, int64_t now_us)
{
  admit_cell (&seat->account, now_us);
  admit_cell (lookup_model (seat, upstream_model), now_us);
}

static WeirPoolRest
describe (const WeirPoolSeat *seat, const char *upstream_model, const WeirPoolCell *cell)
{
  return (WeirPoolRest){
    .identity = seat->identity,
    .model = upstream_model,
    .reason = cell->reason,
    .stated = cell->stated,
    .began_us = cell->began_us,
    .until_us = cell->until_us,
    .level = cell->level,
  };
}

static void
tell (const WeirPoolSeat *seat, const char *upstream_model, const WeirPoolCell *cell)
{
  WeirPoolRest rest = describe (seat, upstream_model, cell);

  if (seat->pool->rest_func != NULL)
    seat->pool->rest_func (&rest, seat->pool->rest_data);
}

/* Makes place for one more: those whose rest is over go, or the one that ends first. */
static void
shrink_models (WeirPoolSeat *seat, int64_t now_us)
{
  GHashTableIter iter;
  gpointer name, value;
  gpointer first = NULL;
  int64_t first_us = INT64_MAX;

  g_hash_table_iter_init (&iter, seat->models);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const WeirPoolCell *cell = value;

      if (!rests (cell, now_us))
        g_hash_table_iter_remove (&iter);
      else if (cell->until_us < first_us)
        {
          first = name;
          first_us = cell->until_us;
        }
    }
  if (g_hash_table_size (seat->models) >= CELLS_MAX)
    g_hash_table_remove (seat->models, first);
}

static WeirPoolCell *
ensure_model (WeirPoolSeat *seat, const char *upstream_model, int64_t now_us)
{
  WeirPoolCell *cell = lookup_model (seat, upstream_model);

  if (cell != NULL)
    return cell;
  if (seat->models == NULL)
    seat->models = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (g_hash_table_size (seat->models) >= CELLS_MAX)
    shrink_models (seat, now_us);
  cell = g_new0 (WeirPoolCell, 1);
  g_hash_table_insert (seat->models, g_strdup (upstream_model), cell);
  return cell;
}

static int64_t
get_backoff (const WeirPoolRules *rules, WeirRestReason reason, unsigned level)
{
  if (reason == WEIR_REST_TRANSIENT)
    return rules->transient_rest_us;
  return MIN (backoffs[reason].first_us << MIN (level - 1, 20), backoffs[reason].last_us);
}

/* @upstream_model NULL: the account. */
static void
begin_rest (WeirPoolSeat *seat,
            const char *upstream_model,
            const WeirVerdict *verdict,
            int64_t now_us)
{
  WeirPoolCell *cell = &seat->account;
  const WeirPoolCell *before
      = upstream_model == NULL ? cell : lookup_model (seat, upstream_model);
  WeirPoolCell after = { .guarded = TRUE, .credit = 1, .level = 1 };
  /* several refusals of one burst are one: none of them was let through since */
  gboolean is_echo = before != NULL && rests (before, now_us) && before->admitted_us == 0;
  int64_t rest_us;

  after.reason = verdict->reason;
  after.stated = verdict->stated && verdict->rest_us > 0;
  after.began_us = is_echo ? before->began_us : now_us;
  if (before != NULL && before->guarded && before->reason == verdict->reason
      && now_us - before->until_us < LEVEL_MEMORY_US)
    after.level = before->level + !is_echo;
  rest_us = verdict->rest_us > 0
                ? MIN (verdict->rest_us, WEIR_VERDICT_REST_MAX_US)
                : get_backoff (&seat->pool->rules, verdict->reason, after.level);
  after.until_us = now_us + rest_us;
  if (rest_us <= 0 || (is_echo && after.until_us <= before->until_us))
    return;
  if (upstream_model != NULL)
    cell = ensure_model (seat, upstream_model, now_us);
  *cell = after;
  tell (seat, upstream_model, cell);
}

/* TRUE when the cell is open now. */
static gboolean
count_success (WeirPoolSeat *seat,
               const char *upstream_model,
               WeirPoolCell *cell,
               int64_t now_us)
{
  gboolean rested = rests (cell, now_us);

  /* whoever was asked before the rest began says nothing about its end */
  if (cell->admitted_us == 0)
    return FALSE;
  cell->until_us = 0;
  cell->level = 0;
  cell->successes++;
  cell->credit += CREDIT;
  if (rested)
    tell (seat, upstream_model, cell);
  if (cell->successes < SUCCESSES_TO_OPEN)
    return FALSE;
  *cell = (WeirPoolCell){ 0 };
  return TRUE;
}

static void
remove_model (WeirPoolSeat *seat, const char *upstream_model)
{
  g_hash_table_remove (seat->models, upstream_model);
  if (g_hash_table_size (seat->models) == 0)
    g_clear_pointer (&seat->models, g_hash_table_unref);
}

static void
report_success (WeirPoolSeat *seat, const char *upstream_model, int64_t now_us)
{
  WeirPoolCell *model = lookup_model (seat, upstream_model);

  if (seat->account.guarded)
    count_success (seat, NULL, &seat->account, now_us);
  if (model != NULL && count_success (seat, upstream_model, model, now_us))
    remove_model (seat, upstream_model);
}

/* A host has answered: it is not suspect, and those that did not answer before are to blame
 * themselves, not the network. */
static void
hear_of_host (WeirPool *pool, const char *host, int64_t now_us)
{
  static const WeirVerdict verdict = { .reason = WEIR_REST_UNREACHABLE };
  GHashTableIter iter;
  gpointer value;

  if (pool->n_unreachable == 0)
    return;
  g_hash_table_iter_init (&iter, pool->seats);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      WeirPoolSeat *seat = value;
      gboolean is_same = g_strcmp0 (seat->host, host) == 0;

      if (is_same)
        seat->suspect_until_us = 0;
      else if (seat->unreachable_us != 0 && !seat->rules.disable_cooling)
        begin_rest (seat, NULL, &verdict, now_us);
      seat->unreachable_us = 0;
    }
  pool->n_unreachable = 0;
}

/* What keeps one seat of a host from serving is likely to keep the others, too. */
static void
suspect_host (WeirPool *pool, const char *host, int64_t now_us)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, pool->seats);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_strcmp0 (((WeirPoolSeat *)value)->host, host) == 0)
      ((WeirPoolSeat *)value)->suspect_until_us = now_us + SUSPECT_US;
}

/* What is no proof that the vendor was reached at all. */
static gboolean
is_answer (const WeirVerdict *verdict)
{
  return verdict->reason != WEIR_REST_UNREACHABLE && verdict->reason != WEIR_REST_TRANSIENT;
}

/* An attempt that says nothing about a rest gives its place to the next. */
static void
give_back (WeirPoolCell *cell)
{
  if (cell != NULL && cell->guarded && cell->credit == 0)
    cell->credit = 1;
}

void
weir_pool_seat_give_back (WeirPoolSeat *seat)
{
  GHashTableIter iter;
  gpointer value;

  give_back (&seat->account);
  if (seat->models == NULL)
    return;
  g_hash_table_iter_init (&iter, seat->models);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    give_back (value);
}

void
weir_pool_report (WeirPool *self,
                  WeirPoolSeat *seat,
                  const char *upstream_model,
                  const WeirVerdict *verdict,
                  int64_t now_us)
{
  self->latest_us = MAX (self->latest_us, now_us);
  if (is_answer (verdict))
    hear_of_host (self, seat->host, now_us);
  if (verdict->reason == WEIR_REST_UNREACHABLE)
    {
      self->n_unreachable += seat->unreachable_us == 0;
      seat->unreachable_us = now_us;
    }
  if (verdict->reason == WEIR_REST_UNREACHABLE || verdict->reason == WEIR_REST_OVERLOADED)
    suspect_host (self, seat->host, now_us);
  if (verdict->action == WEIR_VERDICT_FINE)
    report_success (seat, upstream_model, now_us);
  else if (verdict->scope == WEIR_REST_NONE || verdict->reason == WEIR_REST_UNREACHABLE
           || seat->rules.disable_cooling)
    {
      give_back (&seat->account);
      give_back (lookup_model (seat, upstream_model));
    }
  else
    begin_rest (seat, verdict->scope == WEIR_REST_ACCOUNT ? NULL : upstream_model, verdict,
                now_us);
}

static void
end_rest (WeirPoolSeat *seat, const char *upstream_model, WeirPoolCell *cell)
{
  gboolean was_said = cell->until_us != 0;

  cell->until_us = 0;
  if (was_said)
    tell (seat, upstream_model, cell);
}

/* Ends the rests of @seat that @ends takes, by word of somebody who knows. */
static void
end_rests (WeirPoolSeat *seat, gboolean (*ends) (const WeirPoolCell *cell))
{
  GHashTableIter iter;
  gpointer name, value;

  if (seat->account.guarded && ends (&seat->account))
    {
      end_rest (seat, NULL, &seat->account);
      seat->account = (WeirPoolCell){ 0 };
    }
  if (seat->models == NULL)
    return;
  g_hash_table_iter_init (&iter, seat->models);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (ends (value))
      {
        end_rest (seat, name, value);
        g_hash_table_iter_remove (&iter);
      }
  if (g_hash_table_size (seat->models) == 0)
    g_clear_pointer (&seat->models, g_hash_table_unref);
}

static gboolean
is_any (const WeirPoolCell *cell)
{
  return TRUE;
}

static gboolean
is_of_a_window (const WeirPoolCell *cell)
{
  return cell->reason == WEIR_REST_QUOTA
         || (cell->reason == WEIR_REST_RATE_LIMIT
             && cell->until_us - cell->began_us > MINUTE_LIMIT_US);
}

void
weir_pool_seat_clear_rests (WeirPoolSeat *self)
{
  end_rests (self, is_any);
  self->suspect_until_us = 0;
  if (self->unreachable_us != 0)
    self->pool->n_unreachable--;
  self->unreachable_us = 0;
}

void
weir_pool_seat_clear_quota_rests (WeirPoolSeat *self)
{
  end_rests (self, is_of_a_window);
}

void
weir_pool_seat_foreach_rest (const WeirPoolSeat *seat,
                             int64_t now_us,
                             WeirPoolRestFunc func,
                             gpointer user_data)
{
  GHashTableIter iter;
  gpointer name, value;

  if (rests (&seat->account, now_us))
    {
      WeirPoolRest rest = describe (seat, NULL, &seat->account);

      func (&rest, user_data);
    }
  if (seat->models == NULL)
    return;
  g_hash_table_iter_init (&iter, seat->models);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (rests (value, now_us))
      {
        WeirPoolRest rest = describe (seat, name, value);

        func (&rest, user_data);
      }
}

void
weir_pool_seat_restore (WeirPoolSeat *seat, const WeirPoolRest *rest, int64_t now_us)
{
  WeirPoolCell *cell
      = rest->model != NULL ? ensure_model (seat, rest->model, now_us) : &seat->account;

  *cell = (WeirPoolCell){
    .guarded = TRUE,
    .stated = rest->stated,
    .reason = rest->reason,
    .level = MAX (rest->level, 1),
    .credit = 1,
    .began_us = MIN (rest->began_us, now_us),
    .until_us = MIN (rest->until_us, now_us + WEIR_VERDICT_REST_MAX_US),
  };
}
