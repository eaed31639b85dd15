/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whom to ask when, over hours and days of driven time; the floor is watched by the one
 * function that asks. */

#include "config.h"

#include "accounts/weir-quota-plan.h"

#define START_US ((int64_t)1000 * G_USEC_PER_SEC)
#define SECOND ((int64_t)G_TIME_SPAN_SECOND)
#define MINUTE ((int64_t)G_TIME_SPAN_MINUTE)
#define HOUR ((int64_t)G_TIME_SPAN_HOUR)
#define SUBJECTS_MAX 4

typedef struct
{
  WeirQuotaPlan *plan; /* (owned) */
  int64_t now_us;
  int64_t asked_us[SUBJECTS_MAX]; /* of "a", "b", … */
  unsigned n_asked;
  WeirQuotaOutcome outcome;
  int64_t resets_at_us; /* what is read */
} Bench;

static void
bench_clear (Bench *self)
{
  weir_quota_plan_free (self->plan);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static Bench
make_bench (void)
{
  Bench bench = { .plan = weir_quota_plan_new ((uint32_t)g_test_rand_int ()),
                  .now_us = START_US,
                  .outcome = WEIR_QUOTA_READ,
                  .resets_at_us = INT64_MAX };

  for (unsigned i = 0; i < SUBJECTS_MAX; i++)
    bench.asked_us[i] = -WEIR_QUOTA_FLOOR_US;
  return bench;
}

static void
ask (Bench *self, const char *subject)
{
  int64_t *asked_us = &self->asked_us[*subject - 'a'];

  g_assert_cmpint (self->now_us - *asked_us, >=, WEIR_QUOTA_FLOOR_US);
  *asked_us = self->now_us;
  self->n_asked++;
  weir_quota_plan_begin (self->plan, subject, self->now_us);
  weir_quota_plan_end (self->plan, subject, self->outcome, self->resets_at_us, 0,
                       self->now_us);
}

/* Asks whoever is due in the next @us; how many times. */
static unsigned
let_pass (Bench *self, int64_t us)
{
  const int64_t until_us = self->now_us + us;
  const unsigned before = self->n_asked;
  const char *subject;
  int64_t due_us;

  while ((subject = weir_quota_plan_next (self->plan, self->now_us, &due_us)) != NULL
         && due_us <= until_us)
    {
      self->now_us = MAX (self->now_us, due_us);
      /* time alone may have made it later */
      subject = weir_quota_plan_next (self->plan, self->now_us, &due_us);
      if (subject != NULL && due_us <= self->now_us)
        ask (self, subject);
    }
  self->now_us = until_us;
  return self->n_asked - before;
}

static void
set_conditions (Bench *self, WeirQuotaConditions conditions)
{
  weir_quota_plan_set_conditions (self->plan, &conditions, self->now_us);
}

static void
test_the_first_asking_is_soon (void)
{
  g_auto (Bench) bench = make_bench ();

  g_assert_cmpuint (let_pass (&bench, HOUR), ==, 0);
  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  weir_quota_plan_add (bench.plan, "b", bench.now_us);
  g_assert_cmpuint (let_pass (&bench, 15 * SECOND), ==, 2);
  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  g_assert_cmpuint (let_pass (&bench, 30 * MINUTE), ==, 0);
}

static void
test_an_idle_day_is_a_dozen_askings (void)
{
  g_auto (Bench) bench = make_bench ();
  unsigned n;

  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  n = let_pass (&bench, 24 * HOUR);
  g_assert_cmpuint (n, >=, 10);
  g_assert_cmpuint (n, <=, 13);
}

static void
test_an_idle_hour_on_battery_saver_is_silent (void)
{
  static const WeirQuotaConditions sparing[]
      = { { .saves_power = TRUE }, { .is_metered = TRUE }, { .is_offline = TRUE } };

  for (size_t i = 0; i < G_N_ELEMENTS (sparing); i++)
    {
      g_auto (Bench) bench = make_bench ();

      set_conditions (&bench, sparing[i]);
      bench.resets_at_us = bench.now_us + 10 * MINUTE;
      weir_quota_plan_add (bench.plan, "a", bench.now_us);
      weir_quota_plan_note_reading (bench.plan, "a", bench.resets_at_us, bench.now_us);
      weir_quota_plan_add (bench.plan, "b", bench.now_us);
      g_assert_cmpuint (let_pass (&bench, 24 * HOUR), ==, 0);
    }
}

static void
test_use_makes_it_asked_more_often (void)
{
  static const struct
  {
    WeirQuotaConditions conditions;
    gboolean is_used;
    unsigned most; /* in four hours, with the first one */
    unsigned least;
  } rows[] = {
    { { 0 }, FALSE, 3, 2 },
    { { 0 }, TRUE, 17, 14 },
    { { .is_watched = TRUE }, FALSE, 17, 14 },
    { { .is_watched = TRUE }, TRUE, 49, 43 },
    { { .saves_power = TRUE }, TRUE, 9, 7 },
    { { .saves_power = TRUE, .is_watched = TRUE }, FALSE, 9, 7 },
    { { .is_offline = TRUE, .is_watched = TRUE }, TRUE, 0, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Bench) bench = make_bench ();

      set_conditions (&bench, rows[i].conditions);
      weir_quota_plan_add (bench.plan, "a", bench.now_us);
      for (unsigned minute = 0; minute < 240; minute++)
        {
          if (rows[i].is_used)
            weir_quota_plan_note_use (bench.plan, "a", bench.now_us);
          let_pass (&bench, MINUTE);
        }
      g_assert_cmpuint (bench.n_asked, <=, rows[i].most);
      g_assert_cmpuint (bench.n_asked, >=, rows[i].least);
    }
}

static void
test_what_answers_say_spares_askings (void)
{
  g_auto (Bench) bench = make_bench ();

  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  for (unsigned minute = 0; minute < 240; minute++)
    {
      weir_quota_plan_note_use (bench.plan, "a", bench.now_us);
      weir_quota_plan_note_reading (bench.plan, "a", INT64_MAX, bench.now_us);
      let_pass (&bench, MINUTE);
    }
  /* and not all: they do not say everything */
  g_assert_cmpuint (bench.n_asked, >=, 3);
  g_assert_cmpuint (bench.n_asked, <=, 4);
}

static void
test_a_reset_is_read_a_few_seconds_later (void)
{
  g_auto (Bench) bench = make_bench ();

  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  bench.resets_at_us = bench.now_us + 61 * MINUTE;
  weir_quota_plan_note_use (bench.plan, "a", bench.now_us - 5 * HOUR);
  g_assert_cmpuint (let_pass (&bench, 61 * MINUTE), ==, 1);
  g_assert_cmpint (bench.now_us, ==, bench.resets_at_us);
  g_assert_cmpuint (let_pass (&bench, 4 * SECOND), ==, 0);
  g_assert_cmpuint (let_pass (&bench, 6 * MINUTE), ==, 1);
  /* a vendor that goes on telling the old reset is not asked for it again */
  g_assert_cmpuint (let_pass (&bench, 20 * MINUTE), ==, 0);
}

static void
test_failures_are_asked_later_and_later (void)
{
  static const struct
  {
    WeirQuotaOutcome outcome;
    unsigned most; /* in a day, watched and used */
  } rows[] = { { WEIR_QUOTA_LIMITED, 11 },
               { WEIR_QUOTA_UNAVAILABLE, 28 },
               { WEIR_QUOTA_UNREADABLE, 6 } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (Bench) bench = make_bench ();
      unsigned n;

      set_conditions (&bench, (WeirQuotaConditions){ .is_watched = TRUE });
      bench.outcome = rows[i].outcome;
      weir_quota_plan_add (bench.plan, "a", bench.now_us);
      for (n = 0; n < 24 * 60; n++)
        {
          weir_quota_plan_note_use (bench.plan, "a", bench.now_us);
          let_pass (&bench, MINUTE);
        }
      g_assert_cmpuint (bench.n_asked, >, 3);
      g_assert_cmpuint (bench.n_asked, <=, rows[i].most);
      /* and when it answers again all is as before */
      bench.outcome = WEIR_QUOTA_READ;
      let_pass (&bench, 27 * HOUR);
      weir_quota_plan_note_use (bench.plan, "a", bench.now_us);
      let_pass (&bench, 6 * MINUTE);
      g_assert_cmpuint (let_pass (&bench, 12 * MINUTE), >=, 2);
    }
}

static void
test_what_the_vendor_states_holds (void)
{
  g_auto (Bench) bench = make_bench ();

  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  weir_quota_plan_begin (bench.plan, "a", bench.now_us);
  weir_quota_plan_end (bench.plan, "a", WEIR_QUOTA_LIMITED, INT64_MAX, 3 * HOUR,
                       bench.now_us);
  g_assert_cmpuint (weir_quota_plan_wish (bench.plan, "a", bench.now_us), ==, 1);
  g_assert_cmpuint (let_pass (&bench, 3 * HOUR - 1), ==, 0);
  g_assert_cmpuint (let_pass (&bench, 1), ==, 1);
}

static void
test_who_may_not_is_not_asked_again (void)
{
  g_auto (Bench) bench = make_bench ();

  bench.outcome = WEIR_QUOTA_FORBIDDEN;
  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  g_assert_cmpuint (let_pass (&bench, 240 * HOUR), ==, 1);
  /* but by the user's word, once each */
  g_assert_cmpuint (weir_quota_plan_wish (bench.plan, NULL, bench.now_us), ==, 1);
  g_assert_cmpuint (let_pass (&bench, 240 * HOUR), ==, 1);
  bench.outcome = WEIR_QUOTA_SIGN_IN;
  weir_quota_plan_wish (bench.plan, "a", bench.now_us);
  g_assert_cmpuint (let_pass (&bench, 240 * HOUR), ==, 1);
  g_assert_cmpuint (weir_quota_plan_wish (bench.plan, NULL, bench.now_us), ==, 0);
  g_assert_cmpuint (let_pass (&bench, 240 * HOUR), ==, 0);
  bench.outcome = WEIR_QUOTA_READ;
  weir_quota_plan_renew (bench.plan, "a", bench.now_us);
  g_assert_cmpuint (let_pass (&bench, SECOND), ==, 1);
  /* who was let in all the time is not asked for new tokens */
  weir_quota_plan_renew (bench.plan, "a", bench.now_us);
  g_assert_cmpuint (let_pass (&bench, HOUR), ==, 0);
}

static void
test_a_wish_waits_for_the_floor (void)
{
  g_auto (Bench) bench = make_bench ();

  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  g_assert_cmpuint (weir_quota_plan_wish (bench.plan, "a", bench.now_us), ==, 1);
  g_assert_cmpuint (let_pass (&bench, 0), ==, 1);
  g_assert_cmpuint (weir_quota_plan_wish (bench.plan, "a", bench.now_us), ==, 1);
  g_assert_cmpuint (weir_quota_plan_wish (bench.plan, "b", bench.now_us), ==, 0);
  g_assert_cmpuint (let_pass (&bench, WEIR_QUOTA_FLOOR_US - 1), ==, 0);
  g_assert_cmpuint (let_pass (&bench, 1), ==, 1);
  g_assert_cmpuint (let_pass (&bench, HOUR), ==, 0);
}

static void
test_who_is_being_asked_is_not_asked (void)
{
  g_auto (Bench) bench = make_bench ();
  int64_t due_us;

  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  weir_quota_plan_begin (bench.plan, "a", bench.now_us);
  bench.now_us += 24 * HOUR;
  g_assert_null (weir_quota_plan_next (bench.plan, bench.now_us, &due_us));
  g_assert_cmpint (due_us, ==, INT64_MAX);
  g_assert_cmpuint (weir_quota_plan_wish (bench.plan, "a", bench.now_us), ==, 1);
  weir_quota_plan_give_up (bench.plan, "a", bench.now_us);
  /* nothing was sent, so no floor counts, but it is not tried at once */
  g_assert_cmpstr (weir_quota_plan_next (bench.plan, bench.now_us, &due_us), ==, "a");
  g_assert_cmpint (due_us, ==, bench.now_us + MINUTE);
}

static void
test_the_floor_outlives_a_removal (void)
{
  g_auto (Bench) bench = make_bench ();

  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  g_assert_cmpuint (let_pass (&bench, 20 * SECOND), ==, 1);
  weir_quota_plan_remove (bench.plan, "a");
  g_assert_false (weir_quota_plan_has (bench.plan, "a"));
  g_assert_cmpuint (let_pass (&bench, MINUTE), ==, 0);
  weir_quota_plan_add (bench.plan, "a", bench.now_us);
  g_assert_true (weir_quota_plan_has (bench.plan, "a"));
  /* let_pass watches the floor */
  g_assert_cmpuint (let_pass (&bench, 10 * MINUTE), ==, 1);
}

static void
happen (Bench *bench)
{
  const char subject[] = { (char)g_test_rand_int_range ('a', 'a' + SUBJECTS_MAX), '\0' };
  WeirQuotaConditions conditions = { .is_offline = g_test_rand_int_range (0, 4) == 0,
                                     .is_metered = g_test_rand_int_range (0, 3) == 0,
                                     .saves_power = g_test_rand_int_range (0, 3) == 0,
                                     .is_watched = g_test_rand_bit () };

  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      set_conditions (bench, conditions);
      break;
    case 1:
      weir_quota_plan_note_use (bench->plan, subject, bench->now_us);
      break;
    case 2:
      weir_quota_plan_note_reading (
          bench->plan, subject,
          bench->now_us + g_test_rand_int_range (-100, 10000) * SECOND, bench->now_us);
      break;
    case 3:
      weir_quota_plan_wish (bench->plan, g_test_rand_bit () ? subject : NULL,
                            bench->now_us);
      break;
    case 4:
      weir_quota_plan_renew (bench->plan, subject, bench->now_us);
      break;
    case 5:
      weir_quota_plan_remove (bench->plan, subject);
      break;
    default:
      weir_quota_plan_add (bench->plan, subject, bench->now_us);
    }
  bench->outcome = (WeirQuotaOutcome)g_test_rand_int_range (0, WEIR_QUOTA_OUTCOME_LAST);
  bench->resets_at_us = bench->now_us + g_test_rand_int_range (-100, 10000) * SECOND;
}

/* Whatever happens, in whatever order: `ask` watches the floor. */
static void
test_nothing_breaks_the_floor (void)
{
  for (unsigned round = 0; round < 50; round++)
    {
      g_auto (Bench) bench = make_bench ();

      for (unsigned i = 0; i < 1000; i++)
        {
          happen (&bench);
          let_pass (&bench, g_test_rand_int_range (0, 400) * SECOND);
        }
      g_assert_cmpuint (bench.n_asked, >, 10);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, name) g_test_add_func ("/quota-plan/" path, test_##name)
  ADD ("the-first-asking-is-soon", the_first_asking_is_soon);
  ADD ("an-idle-day-is-a-dozen-askings", an_idle_day_is_a_dozen_askings);
  ADD ("an-idle-hour-on-battery-saver-is-silent", an_idle_hour_on_battery_saver_is_silent);
  ADD ("use-makes-it-asked-more-often", use_makes_it_asked_more_often);
  ADD ("what-answers-say-spares-askings", what_answers_say_spares_askings);
  ADD ("a-reset-is-read-a-few-seconds-later", a_reset_is_read_a_few_seconds_later);
  ADD ("failures-are-asked-later-and-later", failures_are_asked_later_and_later);
  ADD ("what-the-vendor-states-holds", what_the_vendor_states_holds);
  ADD ("who-may-not-is-not-asked-again", who_may_not_is_not_asked_again);
  ADD ("a-wish-waits-for-the-floor", a_wish_waits_for_the_floor);
  ADD ("who-is-being-asked-is-not-asked", who_is_being_asked_is_not_asked);
  ADD ("the-floor-outlives-a-removal", the_floor_outlives_a_removal);
  ADD ("nothing-breaks-the-floor", nothing_breaks_the_floor);
  return g_test_run ();
}
