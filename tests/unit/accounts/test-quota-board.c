/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is known, what is shown of it, and who is told: examples of cycles, and invariants
 * over whatever comes in. */

#include "config.h"

#include "accounts/weir-quota-board.h"

#include <string.h>

#define START_US ((int64_t)1795168800 * G_USEC_PER_SEC)
#define SECOND ((int64_t)G_TIME_SPAN_SECOND)
#define MINUTE ((int64_t)G_TIME_SPAN_MINUTE)
#define HOUR ((int64_t)G_TIME_SPAN_HOUR)
#define DAY ((int64_t)G_TIME_SPAN_DAY)

typedef struct
{
  WeirQuotaBoard *board; /* (owned) */
  GString *told; /* (owned): "t80:5h " "x:5h " "r:5h ", with the subject before it */
  unsigned n_changed;
  int64_t now_us;
} Bench;

static void
bench_clear (Bench *self)
{
  weir_quota_board_free (self->board);
  g_string_free (self->told, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static void
on_changed (const char *subject, gpointer user_data)
{
  ((Bench *)user_data)->n_changed++;
}

static void
on_event (const WeirQuotaEvent *event, gpointer user_data)
{
  GString *told = ((Bench *)user_data)->told;

  g_string_append (told, event->subject);
  switch (event->kind)
    {
    case WEIR_QUOTA_EVENT_THRESHOLD:
      g_assert_cmpfloat (event->window->used_percent, >=, event->threshold);
      g_string_append_printf (told, ":t%g:", event->threshold);
      break;
    case WEIR_QUOTA_EVENT_EXHAUSTED:
      g_assert_true (event->window->is_rejected || event->window->used_percent >= 100);
      g_string_append (told, ":x:");
      break;
    case WEIR_QUOTA_EVENT_RESET:
      g_string_append (told, ":r:");
      break;
    case WEIR_QUOTA_EVENT_LAST:
      g_assert_not_reached ();
    }
  g_string_append_printf (told, "%s ", event->window->id);
}

static void
bench_init (Bench *self)
{
  const WeirQuotaBoardFuncs funcs = { .changed = on_changed, .event = on_event };

  *self = (Bench){ .board = weir_quota_board_new (),
                   .told = g_string_new (NULL),
                   .now_us = START_US };
  weir_quota_board_set_funcs (self->board, &funcs, self);
}

static WeirQuotaAllowance
make_window (const Bench *self, const char *name, double used, int64_t resets_at_us)
{
  WeirQuotaAllowance allowance = { .used_percent = used,
                                   .resets_at_us = resets_at_us,
                                   .source = WEIR_QUOTA_FROM_FIELDS,
                                   .read_at_us = self->now_us };

  g_strlcpy (allowance.name, name, sizeof allowance.name);
  if (strcmp (name, "5h") == 0)
    allowance.length_us = 5 * HOUR;
  if (strcmp (name, "7d") == 0)
    allowance.length_us = 7 * DAY;
  return allowance;
}

static void
take (Bench *self, const char *name, double used, int64_t resets_at_us)
{
  WeirQuotaReading reading = { .n_allowances = 1 };

  reading.allowances[0] = make_window (self, name, used, resets_at_us);
  weir_quota_board_take (self->board, "a", &reading, self->now_us);
}

static void
assert_told (Bench *self, const char *told)
{
  g_assert_cmpstr (self->told->str, ==, told);
  g_string_truncate (self->told, 0);
}

static WeirQuotaView
get_view (Bench *self, unsigned at)
{
  WeirQuotaView views[WEIR_QUOTA_ALLOWANCES_MAX];
  const unsigned n = weir_quota_board_list_windows (self->board, "a", self->now_us, views,
                                                    G_N_ELEMENTS (views));

  g_assert_cmpuint (at, <, n);
  return views[at];
}

static void
test_each_edge_is_told_once_a_cycle (void)
{
  g_auto (Bench) bench;
  const int64_t first_us = START_US + 3 * HOUR;

  bench_init (&bench);
  take (&bench, "5h", 10, first_us);
  take (&bench, "5h", 79.9, first_us);
  assert_told (&bench, "");
  take (&bench, "5h", 80, first_us);
  assert_told (&bench, "a:t80:5h ");
  take (&bench, "5h", 78, first_us);
  take (&bench, "5h", 94, first_us + MINUTE);
  assert_told (&bench, "");
  take (&bench, "5h", 96, first_us);
  assert_told (&bench, "a:t95:5h ");
  take (&bench, "5h", 100, first_us);
  assert_told (&bench, "a:x:5h ");
  take (&bench, "5h", 100, first_us);
  take (&bench, "5h", 99, first_us);
  take (&bench, "5h", 100, first_us);
  assert_told (&bench, "");
  bench.now_us = first_us + MINUTE;
  take (&bench, "5h", 3, first_us + 5 * HOUR);
  assert_told (&bench, "a:r:5h ");
  take (&bench, "5h", 99, first_us + 5 * HOUR);
  assert_told (&bench, "a:t95:5h ");
}

static void
test_a_reset_comes_with_time (void)
{
  g_auto (Bench) bench;
  const int64_t resets_at_us = START_US + HOUR;
  unsigned n;

  bench_init (&bench);
  g_assert_cmpint (weir_quota_board_tick (bench.board, bench.now_us), ==, 0);
  take (&bench, "5h", 100, resets_at_us);
  assert_told (&bench, "a:x:5h ");
  g_assert_cmpint (weir_quota_board_tick (bench.board, bench.now_us), ==, resets_at_us);
  assert_told (&bench, "");
  bench.now_us = resets_at_us;
  n = bench.n_changed;
  g_assert_cmpint (weir_quota_board_tick (bench.board, bench.now_us), ==, 0);
  assert_told (&bench, "a:r:5h ");
  g_assert_cmpuint (bench.n_changed, ==, n + 1);
  g_assert_cmpint (weir_quota_board_tick (bench.board, bench.now_us), ==, 0);
  assert_told (&bench, "");
  g_assert_cmpuint (bench.n_changed, ==, n + 1);
  /* nobody has read it since */
  g_assert_cmpfloat (get_view (&bench, 0).used_percent, ==, WEIR_QUOTA_UNKNOWN);
  g_assert_cmpint (get_view (&bench, 0).resets_at_us, ==, 0);
  /* a vendor that goes on telling the old one tells nothing */
  take (&bench, "5h", 100, resets_at_us);
  assert_told (&bench, "");
  g_assert_cmpfloat (get_view (&bench, 0).used_percent, ==, WEIR_QUOTA_UNKNOWN);
}

static void
test_a_reset_of_what_was_not_told_is_no_event (void)
{
  g_auto (Bench) bench;

  bench_init (&bench);
  take (&bench, "5h", 60, START_US + HOUR);
  bench.now_us += 2 * HOUR;
  weir_quota_board_tick (bench.board, bench.now_us);
  take (&bench, "5h", 1, START_US + 6 * HOUR);
  assert_told (&bench, "");
}

static void
test_a_window_given_back_early_is_a_new_cycle (void)
{
  g_auto (Bench) bench;

  bench_init (&bench);
  take (&bench, "7d", 100, START_US + 3 * DAY);
  bench.now_us += HOUR;
  take (&bench, "7d", 0, START_US + 3 * DAY);
  take (&bench, "7d", 81, START_US + 3 * DAY);
  assert_told (&bench, "a:x:7d a:r:7d a:t80:7d ");
  /* without a reset that is known, too */
  take (&bench, "premium", 90, 0);
  take (&bench, "premium", 85, 0);
  take (&bench, "premium", 2, 0);
  take (&bench, "premium", 82, 0);
  assert_told (&bench, "a:t80:premium a:r:premium a:t80:premium ");
}

static void
test_a_refusal_is_an_end (void)
{
  g_auto (Bench) bench;
  WeirQuotaReading reading = { .n_allowances = 1 };

  bench_init (&bench);
  reading.allowances[0] = make_window (&bench, "5h", WEIR_QUOTA_UNKNOWN, START_US + HOUR);
  reading.allowances[0].rejected = TRUE;
  weir_quota_board_take (bench.board, "a", &reading, bench.now_us);
  assert_told (&bench, "a:x:5h ");
  g_assert_cmpfloat (get_view (&bench, 0).used_percent, ==, WEIR_QUOTA_UNKNOWN);
  g_assert_true (get_view (&bench, 0).is_rejected);
  bench.now_us += HOUR;
  g_assert_false (get_view (&bench, 0).is_rejected);
}

static void
test_what_was_told_before_a_restart_is_not_told_again (void)
{
  g_auto (Bench) bench;
  WeirQuotaReading reading = { .n_allowances = 2 };

  bench_init (&bench);
  reading.allowances[0] = make_window (&bench, "5h", 85, START_US + HOUR);
  reading.allowances[1] = make_window (&bench, "7d", 100, START_US + DAY);
  bench.now_us += MINUTE;
  weir_quota_board_restore (bench.board, "a", &reading, bench.now_us);
  assert_told (&bench, "");
  take (&bench, "5h", 86, START_US + HOUR);
  take (&bench, "7d", 100, START_US + DAY);
  assert_told (&bench, "");
  take (&bench, "5h", 97, START_US + HOUR);
  assert_told (&bench, "a:t95:5h ");
  /* what is known since is newer */
  weir_quota_board_restore (bench.board, "a", &reading, bench.now_us);
  g_assert_cmpfloat (get_view (&bench, 1).used_percent, ==, 97);
  bench.now_us = START_US + DAY;
  weir_quota_board_tick (bench.board, bench.now_us);
  g_assert_nonnull (strstr (bench.told->str, "a:r:7d "));
  g_assert_nonnull (strstr (bench.told->str, "a:r:5h "));
}

static void
test_a_minute_is_nobodys_business (void)
{
  g_auto (Bench) bench;
  const char *subject = NULL;
  WeirQuotaView view;

  bench_init (&bench);
  take (&bench, "requests", 100, START_US + MINUTE);
  assert_told (&bench, "");
  g_assert_true (get_view (&bench, 0).is_brief);
  g_assert_false (
      weir_quota_board_get_tightest (bench.board, bench.now_us, &subject, &view));
  take (&bench, "7d", 3, START_US + DAY);
  g_assert_cmpstr (get_view (&bench, 0).id, ==, "7d");
  g_assert_true (
      weir_quota_board_get_tightest (bench.board, bench.now_us, &subject, &view));
  g_assert_cmpstr (view.id, ==, "7d");
}

static void
test_the_newest_of_each_window_counts (void)
{
  g_auto (Bench) bench;
  WeirQuotaReading asked = { .n_allowances = 2 };

  bench_init (&bench);
  asked.allowances[0] = make_window (&bench, "5h", 30, START_US + HOUR);
  asked.allowances[1] = make_window (&bench, "7d", 40, START_US + DAY);
  asked.allowances[0].source = asked.allowances[1].source = WEIR_QUOTA_FROM_USAGE;
  bench.now_us += MINUTE;
  take (&bench, "5h", 35, START_US + HOUR);
  weir_quota_board_take (bench.board, "a", &asked, bench.now_us);
  g_assert_cmpfloat (get_view (&bench, 0).used_percent, ==, 40);
  g_assert_cmpfloat (get_view (&bench, 1).used_percent, ==, 35);
  /* what an answer to a later asking leaves out is gone, but not what it cannot know */
  bench.now_us += MINUTE;
  take (&bench, "30d", 7, 0);
  bench.now_us += MINUTE;
  asked.n_allowances = 1;
  asked.allowances[0].read_at_us = bench.now_us;
  weir_quota_board_take (bench.board, "a", &asked, bench.now_us);
  g_assert_cmpstr (get_view (&bench, 0).id, ==, "5h");
  g_assert_cmpstr (get_view (&bench, 1).id, ==, "30d");
  g_assert_cmpuint (weir_quota_board_lookup_reading (bench.board, "a")->n_allowances, ==,
                    2);
}

static void
test_windows_have_names_for_people (void)
{
  static const char *const rows[][2] = {
    { "5h", "5 hours" },
    { "7d", "7 days" },
    { "1d", "1 day" },
    { "90m", "90 minutes" },
    { "premium", "Premium" },
    { "h", "H" },
    { "5", "5" },
    { "5hours", "5hours" },
    { "\303\244", "\303\244" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Bench) bench;

      bench_init (&bench);
      take (&bench, rows[i][0], 7, 0);
      g_assert_cmpstr (get_view (&bench, 0).name, ==, rows[i][1]);
      g_assert_cmpstr (get_view (&bench, 0).id, ==, rows[i][0]);
    }
}

static void
test_a_view_tells_the_pace_and_the_end (void)
{
  g_auto (Bench) bench;
  const int64_t resets_at_us = START_US + 4 * HOUR;
  WeirQuotaView view;

  bench_init (&bench);
  for (unsigned i = 0; i <= 6; i++)
    {
      take (&bench, "5h", 10 + 5 * i, resets_at_us);
      bench.now_us += 5 * MINUTE;
    }
  view = get_view (&bench, 0);
  g_assert_cmpint (view.began_us, ==, START_US - HOUR);
  g_assert_cmpint (view.pace, ==, WEIR_QUOTA_PACE_AHEAD);
  /* a point a minute, 60 are left */
  g_assert_cmpint (view.runs_out_us, ==, START_US + 90 * MINUTE);
}

static void
test_many_samples_are_a_few (void)
{
  g_auto (Bench) bench;
  const int64_t resets_at_us = START_US + 5 * HOUR;

  bench_init (&bench);
  for (unsigned i = 0; i < 5000; i++)
    {
      take (&bench, "5h", i / 100.0, resets_at_us);
      bench.now_us += SECOND;
    }
  g_assert_cmpint (get_view (&bench, 0).runs_out_us, >, START_US + 9900 * SECOND);
  g_assert_cmpint (get_view (&bench, 0).runs_out_us, <, START_US + 10100 * SECOND);
}

static void
test_who_is_left_out_is_not_the_tightest (void)
{
  g_auto (Bench) bench;
  WeirQuotaReading reading = { .n_allowances = 1 };
  const char *subject = NULL;
  WeirQuotaView view;

  bench_init (&bench);
  take (&bench, "5h", 50, START_US + HOUR);
  reading.allowances[0] = make_window (&bench, "7d", 90, START_US + DAY);
  weir_quota_board_take (bench.board, "b", &reading, bench.now_us);
  g_assert_true (
      weir_quota_board_get_tightest (bench.board, bench.now_us, &subject, &view));
  g_assert_cmpstr (subject, ==, "b");
  weir_quota_board_set_counts (bench.board, "b", FALSE);
  g_assert_true (
      weir_quota_board_get_tightest (bench.board, bench.now_us, &subject, &view));
  g_assert_cmpstr (subject, ==, "a");
  weir_quota_board_forget (bench.board, "a");
  g_assert_false (
      weir_quota_board_get_tightest (bench.board, bench.now_us, &subject, &view));
}

static void
test_credits_stand_beside (void)
{
  g_auto (Bench) bench;
  WeirQuotaReading reading
      = { .credits = { .known = TRUE, .left = 12.5, .unit = "USD", .read_at_us = START_US },
          .plan = "plus",
          .plan_read_at_us = START_US };
  WeirQuotaCreditView views[4];

  bench_init (&bench);
  g_assert_cmpuint (weir_quota_board_list_credits (bench.board, "a", views, 4), ==, 0);
  g_assert_cmpstr (weir_quota_board_get_plan (bench.board, "a"), ==, "");
  g_assert_cmpstr (weir_quota_board_get_sentence (bench.board, "a"), ==, "");
  g_assert_null (weir_quota_board_lookup_reading (bench.board, "a"));
  weir_quota_board_take (bench.board, "a", &reading, bench.now_us);
  reading = (WeirQuotaReading){ .resets = { .left = 2, .read_at_us = START_US } };
  weir_quota_board_take (bench.board, "a", &reading, bench.now_us);
  g_assert_cmpuint (weir_quota_board_list_credits (bench.board, "a", views, 1), ==, 1);
  g_assert_cmpuint (weir_quota_board_list_credits (bench.board, "a", views, 4), ==, 2);
  g_assert_cmpfloat (views[0].left, ==, 12.5);
  g_assert_cmpstr (views[0].unit, ==, "USD");
  g_assert_cmpfloat (views[1].left, ==, 2);
  g_assert_cmpstr (weir_quota_board_get_plan (bench.board, "a"), ==, "plus");
  weir_quota_board_set_sentence (bench.board, "a", "Sign in again");
  weir_quota_board_set_sentence (bench.board, "a", "Sign in again");
  g_assert_cmpuint (bench.n_changed, ==, 3);
  weir_quota_board_set_sentence (bench.board, "a", NULL);
  g_assert_cmpstr (weir_quota_board_get_sentence (bench.board, "a"), ==, "");
}

static void
check_views (const Bench *bench)
{
  WeirQuotaView views[WEIR_QUOTA_ALLOWANCES_MAX];
  const unsigned n = weir_quota_board_list_windows (bench->board, "a", bench->now_us, views,
                                                    G_N_ELEMENTS (views));

  for (unsigned i = 0; i < n; i++)
    {
      const WeirQuotaView *view = &views[i];

      g_assert_true (view->used_percent == WEIR_QUOTA_UNKNOWN
                     || (view->used_percent >= 0 && view->used_percent <= 100));
      g_assert_true (view->resets_at_us == 0 || view->resets_at_us > bench->now_us);
      g_assert_true (view->runs_out_us == 0
                     || (view->runs_out_us > bench->now_us
                         && view->runs_out_us <= view->resets_at_us));
      g_assert_true (view->used_percent >= 0 || view->pace == WEIR_QUOTA_PACE_UNKNOWN);
      if (i > 0 && !view->is_rejected && !views[i - 1].is_rejected && !view->is_brief)
        g_assert_cmpfloat (views[i - 1].used_percent, >=, view->used_percent);
    }
}

/* Whatever is read, in any order: what is shown makes sense, and a reset is only told of
 * what was told. */
static void
test_whatever_is_read_makes_sense (void)
{
  static const char *const names[] = { "5h", "7d", "requests", "premium" };

  for (unsigned round = 0; round < 100; round++)
    {
      g_auto (Bench) bench;
      unsigned n_told = 0;

      bench_init (&bench);
      for (unsigned i = 0; i < 200; i++)
        {
          const double used = g_test_rand_int_range (-1, 101);
          const int64_t resets_at_us
              = g_test_rand_bit ()
                    ? 0
                    : bench.now_us + g_test_rand_int_range (-200, 30000) * SECOND;

          take (&bench, names[g_test_rand_int_range (0, 4)], used, resets_at_us);
          bench.now_us += g_test_rand_int_range (0, 1000) * SECOND;
          weir_quota_board_tick (bench.board, bench.now_us);
          check_views (&bench);
        }
      for (const char *at = bench.told->str; (at = strchr (at, ':')) != NULL; at += 3)
        n_told += at[1] == 't' || at[1] == 'x' ? 1 : 0;
      for (const char *at = bench.told->str; (at = strstr (at, ":r:")) != NULL; at += 3)
        n_told -= 1;
      g_assert_cmpint ((int)n_told, >=, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/quota-board/" path, test_##name)
  ADD ("each-edge-is-told-once-a-cycle", each_edge_is_told_once_a_cycle);
  ADD ("a-reset-comes-with-time", a_reset_comes_with_time);
  ADD ("a-reset-of-what-was-not-told-is-no-event",
       a_reset_of_what_was_not_told_is_no_event);
  ADD ("a-window-given-back-early-is-a-new-cycle",
       a_window_given_back_early_is_a_new_cycle);
  ADD ("a-refusal-is-an-end", a_refusal_is_an_end);
  ADD ("what-was-told-before-a-restart-is-not-told-again",
       what_was_told_before_a_restart_is_not_told_again);
  ADD ("a-minute-is-nobodys-business", a_minute_is_nobodys_business);
  ADD ("the-newest-of-each-window-counts", the_newest_of_each_window_counts);
  ADD ("windows-have-names-for-people", windows_have_names_for_people);
  ADD ("a-view-tells-the-pace-and-the-end", a_view_tells_the_pace_and_the_end);
  ADD ("many-samples-are-a-few", many_samples_are_a_few);
  ADD ("who-is-left-out-is-not-the-tightest", who_is_left_out_is_not_the_tightest);
  ADD ("credits-stand-beside", credits_stand_beside);
  ADD ("whatever-is-read-makes-sense", whatever_is_read_makes_sense);
  return g_test_run ();
}
