/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The machine in a world of numbers: a vault, an escrow, a vendor that takes each refresh
 * token once.  Whatever happens in whatever order, and wherever a life ends, what the
 * machine promises holds. */

#include "config.h"

#include "accounts/weir-refresh.h"
#include "base/weir-clock.h"

#include <stdio.h>

#define SECOND G_USEC_PER_SEC
#define HOUR_US (3600 * (int64_t)SECOND)
#define GENERATIONS_MAX 4096
#define HISTORIES 200
#define STEPS 400

typedef struct
{
  GRand *chance;        /* (owned) */
  WeirRefresh *machine; /* (owned) */
  WeirProviderOauth row;
  int64_t now_us;

  unsigned vault[GENERATIONS_MAX]; /* generation -> number of the token; 0: none */
  uint64_t highest;                /* generation that was ever written anywhere */
  uint64_t escrow;                 /* generation; 0: empty */
  unsigned escrow_number;
  gboolean is_vault_open;
  unsigned vendor;  /* the number it takes */
  gboolean is_lost; /* what it gave last came to nothing on the wire */

  gboolean is_locked;
  char journal[17];
  gboolean has_turn;
  gboolean is_queued;
  gboolean is_refused;
  uint64_t used; /* generation, in this life */
  unsigned used_number;
  WeirRefreshAction waiting; /* what an event has to answer; kind USE: nothing */
  unsigned waiting_number;
  unsigned n_sent;
} World;

static WeirSecret *
make_token (const char *what, unsigned number)
{
  g_autofree char *text = g_strdup_printf ("%s-%u", what, number);

  return weir_secret_new (weir_slice_from_string (text));
}

static unsigned
read_number (const WeirSecret *token)
{
  g_autofree char *text = weir_slice_dup (weir_secret_reveal (token));
  unsigned number = 0;

  g_assert_cmpint (sscanf (text, "refresh-%u", &number), ==, 1);
  return number;
}

static void
fill_tokens (const World *world, unsigned number, WeirAccountTokens *out)
{
  out->access_token = make_token ("access", number);
  out->refresh_token = make_token ("refresh", number);
  out->obtained_us = world->now_us;
  out->expires_us = world->now_us + HOUR_US;
}

static uint64_t
find_newest (const World *world)
{
  for (uint64_t i = GENERATIONS_MAX - 1; i > 0; i--)
    if (world->vault[i] != 0)
      return i;
  return 0;
}

/* --- what the machine wants --- */

static void
check_send (World *world, const WeirRefreshAction *action)
{
  char hash[17];
  unsigned number;

  if (action->is_exchange)
    return;
  number = read_number (action->token);
  weir_secret_get_digest (action->token, hash);
  g_assert_true (world->is_locked);
  g_assert_cmpstr (hash, ==, world->journal);
  /* an old token is never sent, but the one whose answer nobody saw */
  g_assert_true (number == world->vendor || world->is_lost);
  world->n_sent++;
}

static void
check_write (World *world, const WeirRefreshAction *action)
{
  g_assert_cmpuint (action->generation, <, GENERATIONS_MAX);
  if (action->kind == WEIR_REFRESH_KEEP)
    g_assert_cmpuint (action->generation, >, world->highest);
  g_assert_cmpuint (action->generation, >=, world->highest);
  g_assert_true (world->vault[action->generation] == 0
                 || world->vault[action->generation]
                        == read_number (action->tokens->refresh_token));
  world->waiting_number = read_number (action->tokens->refresh_token);
}

static void
erase (World *world, uint64_t keep)
{
  const uint64_t newest = find_newest (world);

  g_assert_cmpuint (keep, <=, newest);
  g_assert_cmpuint (world->vault[newest], >=, world->used_number);
  for (uint64_t i = 0; i < keep; i++)
    world->vault[i] = 0;
}

static void
perform (World *world, const WeirRefreshAction *action)
{
  switch (action->kind)
    {
    case WEIR_REFRESH_USE:
      g_assert_cmpuint (action->generation, >=, world->used);
      world->used = action->generation;
      world->used_number = read_number (action->tokens->refresh_token);
      world->is_refused = weir_refresh_is_refused (world->machine);
      break;
    case WEIR_REFRESH_REFUSE:
      world->is_refused = TRUE;
      break;
    case WEIR_REFRESH_FORGET:
      g_assert_cmpuint (find_newest (world), >=, world->escrow);
      world->escrow = 0;
      break;
    case WEIR_REFRESH_ERASE:
      erase (world, action->generation);
      break;
    case WEIR_REFRESH_DONE:
      g_assert_true (world->has_turn);
      g_assert_false (weir_refresh_is_busy (world->machine));
      world->has_turn = FALSE;
      if (!action->is_escrowed)
        world->is_locked = FALSE;
      break;
    case WEIR_REFRESH_QUEUE:
      g_assert_false (world->has_turn);
      world->is_queued = TRUE;
      break;
    case WEIR_REFRESH_KEEP:
    case WEIR_REFRESH_STORE:
      check_write (world, action);
      world->waiting = *action;
      break;
    case WEIR_REFRESH_SEND:
      check_send (world, action);
      world->waiting = *action;
      break;
    case WEIR_REFRESH_JOURNAL:
      g_strlcpy (world->journal, action->hash, sizeof world->journal);
      world->waiting = *action;
      break;
    case WEIR_REFRESH_LOCK:
    case WEIR_REFRESH_READ_IT:
    case WEIR_REFRESH_COMMIT:
      g_assert_true (world->has_turn);
      world->waiting = *action;
      break;
    case WEIR_REFRESH_FAIL:
    case WEIR_REFRESH_NOTE:
    case WEIR_REFRESH_WAIT:
      break;
    }
}

static void
feed (World *world, WeirRefreshEvent event)
{
  WeirRefreshActions actions;

  weir_refresh_handle (world->machine, &event, world->now_us, world->now_us, &actions);
  for (unsigned i = 0; i < actions.n; i++)
    {
      /* what an event answers comes last */
      if (actions.items[i].kind >= WEIR_REFRESH_LOCK)
        g_assert_cmpuint (i, ==, actions.n - 1);
      perform (world, &actions.items[i]);
    }
}

/* --- what the world answers --- */

static gboolean
happens (World *world, double probability)
{
  return g_rand_double (world->chance) < probability;
}

static void
answer_read (World *world)
{
  g_auto (WeirAccountTokens) tokens = { 0 };
  const uint64_t newest = find_newest (world);
  WeirRefreshEvent event = { .kind = WEIR_REFRESH_READ };

  if (world->escrow > newest)
    {
      fill_tokens (world, world->escrow_number, &tokens);
      event.generation = world->escrow;
      event.is_escrowed = TRUE;
    }
  else
    {
      fill_tokens (world, world->vault[newest], &tokens);
      event.generation = newest;
    }
  event.tokens = &tokens;
  feed (world, event);
}

static void
answer_send (World *world, unsigned number)
{
  static const char *const refusals[]
      = { "{\"error\":\"temporarily_unavailable\"}", "<html>", "" };
  g_autofree char *body = NULL;
  WeirRefreshEvent event = { .kind = WEIR_REFRESH_ANSWERED, .status = 200 };

  if (happens (world, 0.2))
    {
      event.status = happens (world, 0.5) ? 503 : 0;
      event.text
          = weir_slice_from_string (refusals[g_rand_int_range (world->chance, 0, 3)]);
    }
  else if (number != world->vendor)
    {
      event.status = 400;
      event.text = WEIR_SLICE ("{\"error\":\"invalid_grant\"}");
    }
  else
    {
      world->vendor++;
      world->is_lost = happens (world, 0.1);
      event.status = world->is_lost ? 0 : 200;
      body = g_strdup_printf ("{\"access_token\":\"access-%u\",\"refresh_token\":"
                              "\"refresh-%u\",\"expires_in\":3600}",
                              world->vendor, world->vendor);
      if (!world->is_lost)
        event.text = weir_slice_from_string (body);
    }
  feed (world, event);
}

static void
answer_write (World *world, WeirRefreshActionKind kind, uint64_t generation)
{
  const gboolean is_kept = kind == WEIR_REFRESH_KEEP;
  const gboolean ok = is_kept ? happens (world, 0.9) : world->is_vault_open;

  if (ok && is_kept)
    {
      world->escrow = generation;
      world->escrow_number = world->waiting_number;
    }
  if (ok && !is_kept)
    world->vault[generation] = world->waiting_number;
  if (ok)
    world->highest = MAX (world->highest, generation);
  feed (world, (WeirRefreshEvent){
                   .kind = is_kept ? WEIR_REFRESH_KEPT : WEIR_REFRESH_STORED, .ok = ok });
}

static void
answer (World *world)
{
  const WeirRefreshAction waiting = world->waiting;
  const unsigned number
      = waiting.kind == WEIR_REFRESH_SEND ? read_number (waiting.token) : 0;

  world->waiting = (WeirRefreshAction){ 0 };
  if (waiting.kind == WEIR_REFRESH_LOCK)
    {
      world->is_locked |= happens (world, 0.9);
      feed (world,
            (WeirRefreshEvent){ .kind = WEIR_REFRESH_LOCKED, .ok = world->is_locked });
    }
  else if (waiting.kind == WEIR_REFRESH_READ_IT)
    answer_read (world);
  else if (waiting.kind == WEIR_REFRESH_JOURNAL)
    feed (world,
          (WeirRefreshEvent){ .kind = WEIR_REFRESH_JOURNALED, .ok = happens (world, 0.9) });
  else if (waiting.kind == WEIR_REFRESH_SEND)
    answer_send (world, number);
  else if (waiting.kind == WEIR_REFRESH_COMMIT)
    feed (world,
          (WeirRefreshEvent){ .kind = WEIR_REFRESH_COMMITTED, .ok = happens (world, 0.9) });
  else
    answer_write (world, waiting.kind, waiting.generation);
}

/* --- lives --- */

static void
begin_life (World *world)
{
  g_auto (WeirAccountTokens) tokens = { 0 };
  const uint64_t newest = find_newest (world);
  const gboolean is_escrowed = world->escrow > newest;

  weir_refresh_free (world->machine);
  world->machine = weir_refresh_new (&world->row, FALSE, g_rand_int (world->chance));
  world->waiting = (WeirRefreshAction){ 0 };
  world->is_locked = FALSE;
  world->has_turn = FALSE;
  world->is_queued = FALSE;
  world->used = 0;
  fill_tokens (world, is_escrowed ? world->escrow_number : world->vault[newest], &tokens);
  feed (world, (WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED,
                                   .tokens = &tokens,
                                   .generation = is_escrowed ? world->escrow : newest,
                                   .floor = world->highest,
                                   .is_escrowed = is_escrowed,
                                   .is_refused = world->is_refused });
}

/* What nobody has put down is lost with the life: from the vendor's answer to the escrow,
 * or, where that fails, to the vault. */
static void
end_life (World *world)
{
  const unsigned held = MAX (world->vault[find_newest (world)],
                             world->escrow > 0 ? world->escrow_number : 0);

  world->is_lost |= held < world->vendor;
  begin_life (world);
}

static void
sign_in_again (World *world)
{
  g_auto (WeirAccountTokens) tokens = { 0 };

  world->vendor += 1;
  world->is_lost = FALSE;
  world->highest = MAX (world->highest, world->used) + 1;
  world->vault[world->highest] = world->vendor;
  world->is_locked = FALSE;
  fill_tokens (world, world->vendor, &tokens);
  feed (world, (WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED,
                                   .tokens = &tokens,
                                   .generation = world->highest });
  g_assert_cmpuint (world->used, ==, world->highest);
}

static void
ask (World *world)
{
  g_autoptr (WeirSecret) refused
      = happens (world, 0.3) ? make_token ("access", world->used_number) : NULL;

  feed (world, (WeirRefreshEvent){ .kind = WEIR_REFRESH_ASKED, .refused = refused });
}

static void
open_vault (World *world, gboolean is_open)
{
  const gboolean is_new = is_open && !world->is_vault_open;

  world->is_vault_open = is_open;
  if (is_new)
    feed (world, (WeirRefreshEvent){ .kind = WEIR_REFRESH_UNLOCKED });
}

static void
step (World *world, gboolean is_kind)
{
  if (world->is_refused && !world->has_turn)
    sign_in_again (world);
  else if (world->waiting.kind != WEIR_REFRESH_USE)
    answer (world);
  else if (world->is_queued)
    {
      world->is_queued = FALSE;
      world->has_turn = TRUE;
      feed (world, (WeirRefreshEvent){ .kind = WEIR_REFRESH_GRANTED });
      if (!weir_refresh_is_busy (world->machine))
        world->has_turn = FALSE;
    }
  else
    feed (world, (WeirRefreshEvent){ .kind = WEIR_REFRESH_TIME });
  if (is_kind)
    return;
  world->now_us += g_rand_int_range (world->chance, 0, 600) * (int64_t)SECOND;
  if (happens (world, 0.1))
    ask (world);
  if (happens (world, 0.05))
    open_vault (world, !world->is_vault_open);
  if (happens (world, 0.03))
    end_life (world);
}

static void
world_init (World *world, uint32_t seed)
{
  *world = (World){ .chance = g_rand_new_with_seed (seed),
                    .row = *weir_provider_oauth_lookup ("claude"),
                    .now_us = 1700000000 * (int64_t)SECOND,
                    .is_vault_open = TRUE,
                    .vendor = 1,
                    .highest = 1 };
  world->vault[1] = 1;
  begin_life (world);
}

static void
world_clear (World *world)
{
  weir_refresh_free (world->machine);
  g_rand_free (world->chance);
}

static void
test_histories (void)
{
  unsigned n_sent = 0;

  for (unsigned i = 0; i < HISTORIES; i++)
    {
      World world;

      world_init (&world, g_test_rand_int () + i);
      for (unsigned k = 0; k < STEPS; k++)
        step (&world, FALSE);
      open_vault (&world, TRUE);
      for (unsigned k = 0; k < STEPS; k++)
        {
          world.now_us += 60 * (int64_t)SECOND;
          step (&world, TRUE);
        }
      /* where all goes well again it is as the vendor has it */
      while (world.waiting.kind != WEIR_REFRESH_USE || world.is_refused || world.is_lost
             || world.used_number != world.vendor)
        {
          world.now_us += 60 * (int64_t)SECOND;
          step (&world, TRUE);
        }
      n_sent += world.n_sent;
      world_clear (&world);
    }
  g_assert_cmpuint (n_sent, >, HISTORIES * 10);
}

/* --- when --- */

static int64_t
find_wait (WeirRefresh *machine, const WeirAccountTokens *tokens, int64_t real_us)
{
  WeirRefreshActions actions;

  weir_refresh_handle (
      machine,
      &(WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED, .tokens = tokens, .generation = 1 },
      HOUR_US, real_us, &actions);
  for (unsigned i = 0; i < actions.n; i++)
    if (actions.items[i].kind == WEIR_REFRESH_WAIT)
      return actions.items[i].until_us - HOUR_US;
  return -1;
}

/* The wall clock may be anything when a life begins. */
static void
test_when (void)
{
  static const int64_t jumps_us[]
      = { 0, 366 * 24 * HOUR_US, -366 * 24 * HOUR_US, -HOUR_US };
  const int64_t then_us = 1700000000 * (int64_t)SECOND;

  for (unsigned i = 0; i < 200; i++)
    for (unsigned k = 0; k < G_N_ELEMENTS (jumps_us); k++)
      {
        g_autoptr (WeirRefresh) machine
            = weir_refresh_new (weir_provider_oauth_lookup ("claude"), FALSE, i);
        g_auto (WeirAccountTokens) tokens = { 0 };
        int64_t wait_us;

        tokens.access_token = make_token ("access", 1);
        tokens.refresh_token = make_token ("refresh", 1);
        tokens.obtained_us = then_us;
        tokens.expires_us = then_us + HOUR_US;
        wait_us = find_wait (machine, &tokens, then_us + jumps_us[k]);
        g_assert_cmpint (wait_us, <=, (int64_t)(0.85 * (double)HOUR_US));
        if (jumps_us[k] > 0)
          g_assert_cmpint (wait_us, <=, 20 * (int64_t)SECOND);
        else
          g_assert_cmpint (wait_us, >=, (int64_t)(0.75 * (double)HOUR_US));
      }
}

static gboolean
asks_for_turn (WeirRefresh *machine, WeirRefreshEvent event, int64_t now_us)
{
  WeirRefreshActions actions;

  weir_refresh_handle (machine, &event, now_us, now_us, &actions);
  for (unsigned i = 0; i < actions.n; i++)
    if (actions.items[i].kind == WEIR_REFRESH_QUEUE)
      return TRUE;
  return FALSE;
}

static void
test_live (void)
{
  g_autoptr (WeirRefresh) machine
      = weir_refresh_new (weir_provider_oauth_lookup ("claude"), TRUE, 1);
  g_auto (WeirAccountTokens) tokens = { 0 };

  tokens.access_token = make_token ("access", 1);
  tokens.refresh_token = make_token ("refresh", 1);
  tokens.expires_us = 2 * HOUR_US;
  tokens.obtained_us = HOUR_US;
  g_assert_false (asks_for_turn (
      machine,
      (WeirRefreshEvent){ .kind = WEIR_REFRESH_LOADED, .tokens = &tokens, .generation = 1 },
      HOUR_US));
  for (int64_t now_us = HOUR_US; now_us < 100 * HOUR_US; now_us += HOUR_US / 2)
    {
      g_assert_false (
          asks_for_turn (machine, (WeirRefreshEvent){ .kind = WEIR_REFRESH_TIME }, now_us));
      g_assert_false (asks_for_turn (
          machine, (WeirRefreshEvent){ .kind = WEIR_REFRESH_ASKED }, now_us));
    }
  g_assert_false (weir_refresh_is_refused (machine));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refresh/whatever-comes-no-sign-in-is-lost", test_histories);
  g_test_add_func ("/refresh/goes-by-age-whatever-the-wall-clock-says", test_when);
  g_test_add_func ("/refresh/of-what-another-program-renews-is-never-done", test_live);
  return g_test_run ();
}
