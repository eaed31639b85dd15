/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What pool and limits still know after a restart. */

#include "config.h"

#include "proxy/weir-memory.h"

#include "base/weir-clock.h"
#include "store/weir-state.h"

#include <glib/gstdio.h>

#define SECOND_US WEIR_USEC_PER_SEC
#define MINUTE_US (60 * SECOND_US)
#define SEAT "0123456789abcdef"
#define KEY "89abcdef"

static int64_t offset_us; /* of the clock */

/* A program's life between two starts. */
typedef struct
{
  char *folder;       /* (owned) */
  char *path;         /* (owned) of the file */
  WeirPoller *poller; /* (owned) */
  WeirPool *pool;     /* (owned) */
  WeirPoolSeat *seat; /* (owned) */
  WeirLimits *limits; /* (owned) */
  WeirMemory *memory; /* (owned) */
} Life;

static void
begin (Life *life, gboolean keeps_rests)
{
  life->poller = weir_poller_new (NULL);
  life->pool = weir_pool_new ();
  life->seat = weir_pool_ensure_seat (life->pool, SEAT, "host");
  life->limits = weir_limits_new (weir_clock_now_us (), weir_clock_real_us ());
  life->memory
      = weir_memory_new (life->poller, life->pool, life->limits, life->path, keeps_rests);
}

static void
end (Life *life)
{
  g_clear_pointer (&life->memory, weir_memory_free);
  g_clear_pointer (&life->seat, weir_pool_seat_unref);
  g_clear_pointer (&life->pool, weir_pool_free);
  g_clear_pointer (&life->limits, weir_limits_free);
  g_clear_pointer (&life->poller, weir_poller_free);
}

static void
set_up (Life *life, gconstpointer data)
{
  offset_us = 0;
  weir_clock_set_test_offset (&offset_us);
  life->folder = g_dir_make_tmp ("weir-memory-XXXXXX", NULL);
  life->path = g_build_filename (life->folder, "state.db", NULL);
}

static void
tear_down (Life *life, gconstpointer data)
{
  end (life);
  g_remove (life->path);
  g_rmdir (life->folder);
  g_free (life->path);
  g_free (life->folder);
  weir_clock_set_test_offset (NULL);
}

/* --- rests --- */

static void
rest (Life *life, const char *model, WeirRestReason reason, int64_t rest_us)
{
  const WeirVerdict verdict = {
    .action = WEIR_VERDICT_ROTATE,
    .scope = model != NULL ? WEIR_REST_MODEL : WEIR_REST_ACCOUNT,
    .reason = reason,
    .rest_us = rest_us,
    .stated = TRUE,
  };

  weir_pool_report (life->pool, life->seat, model != NULL ? model : "any", &verdict,
                    weir_clock_now_us ());
}

static void
tell_rest (const WeirPoolRest *found, gpointer user_data)
{
  const int64_t now_us = weir_clock_now_us ();

  g_string_append_printf (user_data, "%s%s %s %s %u %d..%d",
                          ((GString *)user_data)->len > 0 ? "; " : "", found->identity,
                          found->model != NULL ? found->model : "-",
                          weir_rest_reason_get_name (found->reason), found->level,
                          (int)((found->began_us - now_us) / SECOND_US),
                          (int)((found->until_us - now_us + SECOND_US / 2) / SECOND_US));
}

/* "identity model reason level began..until", seconds from now; a model's last. */
static char *
tell_rests (Life *life)
{
  GString *out = g_string_new (NULL);

  weir_pool_foreach_rest (life->pool, weir_clock_now_us (), tell_rest, out);
  return g_string_free (out, FALSE);
}

static void
assert_rests (Life *life, const char *wanted)
{
  g_autofree char *found = tell_rests (life);

  g_assert_cmpstr (found, ==, wanted);
}

/* Until the file has been read, where it holds a rest. */
static void
await_rest (Life *life)
{
  for (;;)
    {
      g_autofree char *found = tell_rests (life);

      if (*found != '\0')
        return;
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_a_rest_lasts_over_a_restart (Life *life, gconstpointer data)
{
  begin (life, TRUE);
  rest (life, NULL, WEIR_REST_QUOTA, 60 * MINUTE_US);
  end (life);
  offset_us += 10 * MINUTE_US;
  begin (life, TRUE);
  assert_rests (life, "");
  await_rest (life);
  assert_rests (life, SEAT " - quota 1 -600..3000");
  weir_pool_seat_clear_rests (life->seat);
  end (life);

  begin (life, TRUE);
  rest (life, "gpt", WEIR_REST_RATE_LIMIT, 90 * SECOND_US);
  end (life);
  begin (life, TRUE);
  await_rest (life);
  assert_rests (life, SEAT " gpt rate-limit 1 0..90");
}

static void
test_what_is_short_over_or_cleared_is_gone (Life *life, gconstpointer data)
{
  begin (life, TRUE);
  rest (life, "short", WEIR_REST_RATE_LIMIT, 30 * SECOND_US);
  rest (life, "long", WEIR_REST_RATE_LIMIT, 10 * MINUTE_US);
  end (life);
  begin (life, TRUE);
  await_rest (life);
  assert_rests (life, SEAT " long rate-limit 1 0..600");
  rest (life, "longer", WEIR_REST_QUOTA, 30 * MINUTE_US);
  end (life);
  offset_us += 20 * MINUTE_US;
  begin (life, TRUE);
  await_rest (life);
  assert_rests (life, SEAT " longer quota 1 -1200..600");
}

static void
test_a_clock_set_back_makes_no_rest_begin_later (Life *life, gconstpointer data)
{
  begin (life, TRUE);
  rest (life, NULL, WEIR_REST_QUOTA, 5 * MINUTE_US);
  end (life);
  offset_us -= 60 * MINUTE_US;
  begin (life, TRUE);
  await_rest (life);
  assert_rests (life, SEAT " - quota 1 0..3900");
}

static void
on_loaded (const GPtrArray *rows, gpointer user_data)
{
  *(unsigned *)user_data = 1 + rows->len;
}

static void
on_notice (const char *text, gpointer user_data)
{
  g_error ("%s", text);
}

static const WeirStateFuncs state_funcs = { on_loaded, on_notice };

/* How many rows the file holds. */
static unsigned
count_rows (Life *life)
{
  unsigned n = 0;
  WeirState *state = weir_state_new (life->path, weir_clock_real_us (), &state_funcs, &n);

  while (n == 0)
    g_main_context_iteration (NULL, TRUE);
  weir_state_free (state);
  return n - 1;
}

static void
test_rests_are_kept_where_that_is_wanted (Life *life, gconstpointer data)
{
  begin (life, FALSE);
  rest (life, NULL, WEIR_REST_QUOTA, 60 * MINUTE_US);
  end (life);
  g_assert_cmpuint (count_rows (life), ==, 0);

  begin (life, FALSE);
  weir_memory_set_keeps_rests (life->memory, TRUE);
  rest (life, NULL, WEIR_REST_QUOTA, 60 * MINUTE_US);
  end (life);
  g_assert_cmpuint (count_rows (life), ==, 1);
}

static void
test_rows_of_nobody_are_left (Life *life, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "quota",
    "quota stated 1",
    "quota stated 1 0 more",
    "nothing stated 1 0",
    "quota stated -1 0",
    "quota stated 1 x",
    "quota stated 1 -5",
    "quota stated 99999999999 0",
    "quota  stated 1 0",
  };
  const int64_t until_us = weir_clock_real_us () + 60 * MINUTE_US;
  unsigned n = 0;
  WeirState *state = weir_state_new (life->path, weir_clock_real_us (), &state_funcs, &n);

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *model = g_strdup_printf ("m%zu", i);

      weir_state_put (state, WEIR_STATE_REST, SEAT, model, until_us, texts[i]);
    }
  weir_state_put (state, WEIR_STATE_REST, SEAT, "good", until_us, "quota stated 1 0");
  weir_state_free (state);
  g_assert_cmpuint (count_rows (life), ==, G_N_ELEMENTS (texts) + 1);
  begin (life, TRUE);
  await_rest (life);
  {
    g_autofree char *found = tell_rests (life);

    g_assert_true (g_str_has_prefix (found, SEAT " good quota 1 "));
    g_assert_null (strstr (found, ";"));
  }
}

/* --- windows --- */

static const WeirLimitSet three = { .requests_per_minute = 3 };

static gboolean
ask (Life *life)
{
  WeirReservation reservation = { 0 };
  WeirLimitRefusal refusal;

  return weir_limits_reserve (life->limits, KEY, &three, 0, weir_clock_now_us (),
                              &reservation, &refusal);
}

static void
test_a_burst_counts_after_a_restart (Life *life, gconstpointer data)
{
  static const int64_t jumps_us[] = { 0, 20 * SECOND_US, -60 * MINUTE_US };

  for (size_t i = 0; i < G_N_ELEMENTS (jumps_us); i++)
    {
      begin (life, TRUE);
      rest (life, NULL, WEIR_REST_QUOTA, 60 * MINUTE_US); /* tells that rows have come */
      for (unsigned j = 0; j < 3; j++)
        g_assert_true (ask (life));
      g_assert_false (ask (life));
      end (life);
      offset_us += jumps_us[i];
      begin (life, TRUE);
      await_rest (life);
      g_assert_false (ask (life));
      offset_us += 62 * SECOND_US;
      g_assert_true (ask (life));
      weir_pool_seat_clear_rests (life->seat);
      offset_us += 62 * SECOND_US;
      end (life);
    }
}

static void
test_what_is_used_is_written_within_seconds (Life *life, gconstpointer data)
{
  begin (life, TRUE);
  g_assert_true (ask (life));
  offset_us += 3 * SECOND_US;
  while (count_rows (life) == 0)
    g_main_context_iteration (NULL, FALSE);
}

#define ADD(name, test) g_test_add ("/memory/" name, Life, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-rest-lasts-over-a-restart", test_a_rest_lasts_over_a_restart);
  ADD ("what-is-short-over-or-cleared-is-gone", test_what_is_short_over_or_cleared_is_gone);
  ADD ("a-clock-set-back-makes-no-rest-begin-later",
       test_a_clock_set_back_makes_no_rest_begin_later);
  ADD ("rests-are-kept-where-that-is-wanted", test_rests_are_kept_where_that_is_wanted);
  ADD ("rows-of-nobody-are-left", test_rows_of_nobody_are_left);
  ADD ("a-burst-counts-after-a-restart", test_a_burst_counts_after_a_restart);
  ADD ("what-is-used-is-written-within-seconds",
       test_what_is_used_is_written_within_seconds);
  return g_test_run ();
}
