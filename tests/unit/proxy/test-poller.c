/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The poller: order of timers, safe removal, limits of one turn, the driven clock. */

#include "config.h"

#include "proxy/weir-poller.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/weir-clock.h"

typedef struct
{
  WeirPoller *poller;
  GMainContext *context;
  int64_t offset_us; /* of the driven clock */
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  weir_clock_set_test_offset (&self->offset_us);
  self->context = g_main_context_new ();
  self->poller = weir_poller_new (self->context);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  weir_poller_free (self->poller);
  g_main_context_unref (self->context);
  weir_clock_set_test_offset (NULL);
}

static void
run_turns (Fixture *self, unsigned n)
{
  while (n-- > 0)
    g_main_context_iteration (self->context, FALSE);
}

typedef struct
{
  WeirTimer timer;
  Fixture *fixture;
  int64_t due_us;
  unsigned n_fired;
} Alarm;

static int64_t last_fired_us;

static void
on_alarm (WeirTimer *timer)
{
  Alarm *self = WEIR_CONTAINER_OF (timer, Alarm, timer);

  g_assert_cmpint (self->due_us, <=, weir_poller_get_now_us (self->fixture->poller));
  g_assert_cmpint (last_fired_us, <=, self->due_us);
  g_assert_cmpuint (timer->slot, ==, 0);
  last_fired_us = self->due_us;
  self->n_fired++;
}

/* A thousand timers moved to and fro and some cleared: the others fire once, in order. */
static void
test_timers_fire_in_order (Fixture *self, gconstpointer data)
{
  enum
  {
    N_ALARMS = 200
  };
  g_autofree Alarm *alarms = g_new0 (Alarm, N_ALARMS);
  int64_t start_us = weir_clock_now_us ();

  last_fired_us = 0;
  for (unsigned i = 0; i < N_ALARMS; i++)
    alarms[i] = (Alarm){ .timer.func = on_alarm, .fixture = self };
  for (unsigned n = 0; n < 5000; n++)
    {
      Alarm *alarm = &alarms[g_test_rand_int_range (0, N_ALARMS)];

      alarm->due_us = start_us + g_test_rand_int_range (1000000, 9000000);
      weir_poller_set_timer (self->poller, &alarm->timer, alarm->due_us);
      if (g_test_rand_int_range (0, 4) == 0)
        {
          alarm = &alarms[g_test_rand_int_range (0, N_ALARMS)];
          weir_poller_clear_timer (self->poller, &alarm->timer);
          alarm->due_us = 0;
        }
    }
  run_turns (self, 3);
  g_assert_cmpint (last_fired_us, ==, 0);
  for (unsigned step = 0; step < 100; step++)
    {
      self->offset_us += 100000;
      run_turns (self, 2);
    }
  for (unsigned i = 0; i < N_ALARMS; i++)
    {
      g_assert_cmpuint (alarms[i].n_fired, ==, alarms[i].due_us != 0 ? 1 : 0);
      g_assert_cmpuint (alarms[i].timer.slot, ==, 0);
    }
}

static void
test_later_is_lazy_and_earlier_is_not (Fixture *self, gconstpointer data)
{
  int64_t start_us = weir_clock_now_us ();
  Alarm alarm = { .timer.func = on_alarm, .fixture = self };

  last_fired_us = 0;
  weir_poller_set_timer (self->poller, &alarm.timer, start_us + 2000000);
  weir_poller_set_timer (self->poller, &alarm.timer, start_us + 4000000);
  g_assert_cmpint (alarm.timer.queued_us, ==, start_us + 2000000);
  self->offset_us = 3000000;
  run_turns (self, 1);
  g_assert_cmpuint (alarm.n_fired, ==, 0);
  g_assert_cmpint (alarm.timer.queued_us, ==, start_us + 4000000);
  weir_poller_set_timer (self->poller, &alarm.timer, start_us + 3000000);
  g_assert_cmpint (alarm.timer.queued_us, ==, start_us + 3000000);
  alarm.due_us = start_us + 3000000;
  run_turns (self, 1);
  g_assert_cmpuint (alarm.n_fired, ==, 1);
}

static void
on_again (WeirTimer *timer)
{
  Alarm *self = WEIR_CONTAINER_OF (timer, Alarm, timer);

  self->n_fired++;
  weir_poller_set_timer (self->fixture->poller, timer, 0);
}

static void
test_a_timer_that_sets_itself_again_lets_others_live (Fixture *self, gconstpointer data)
{
  Alarm alarm = { .timer.func = on_again, .fixture = self };

  weir_poller_set_timer (self->poller, &alarm.timer, 0);
  run_turns (self, 1);
  g_assert_cmpuint (alarm.n_fired, >=, 1);
  g_assert_cmpuint (alarm.n_fired, <=, 256);
  weir_poller_clear_timer (self->poller, &alarm.timer);
}

/* A blocking turn wakes up by itself although the kernel's clock is not the driven one. */
static gpointer
drive_clock (gpointer data)
{
  Fixture *self = data;

  g_usleep (30000);
  *(volatile int64_t *)&self->offset_us = 3600 * WEIR_USEC_PER_SEC;
  return NULL;
}

static void
test_a_driven_clock_is_looked_at (Fixture *self, gconstpointer data)
{
  Alarm alarm = { .timer.func = on_alarm, .fixture = self };
  int64_t start_us = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("clock", drive_clock, self);

  last_fired_us = 0;
  alarm.due_us = weir_clock_now_us () + 1800 * WEIR_USEC_PER_SEC;
  weir_poller_set_timer (self->poller, &alarm.timer, alarm.due_us);
  while (alarm.n_fired == 0)
    g_main_context_iteration (self->context, TRUE);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 5 * WEIR_USEC_PER_SEC);
  g_thread_join (thread);
}

typedef struct _Pair Pair;
struct _Pair
{
  WeirWatch watch;
  Fixture *fixture;
  int ends[2];
  unsigned n_events;
  uint32_t events;
  Pair *victim; /* (unowned) (nullable) is removed by the first event */
};

static void
pair_init (Pair *self, Fixture *fixture, WeirWatchFunc func, uint32_t events)
{
  *self = (Pair){ .watch.func = func, .fixture = fixture };
  g_assert_no_errno (
      socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, self->ends));
  g_assert_true (weir_poller_add (fixture->poller, &self->watch, self->ends[0], events));
}

static void
pair_clear (Pair *self)
{
  weir_poller_remove (self->fixture->poller, &self->watch);
  weir_poller_remove (self->fixture->poller, &self->watch);
  close (self->ends[0]);
  close (self->ends[1]);
}

static void
on_event (WeirWatch *watch, uint32_t events)
{
  Pair *self = WEIR_CONTAINER_OF (watch, Pair, watch);

  self->n_events++;
  self->events = events;
  if (self->victim != NULL)
    weir_poller_remove (self->fixture->poller, &self->victim->watch);
}

/* Whichever comes first removes the other one: exactly one of the two is called. */
static void
test_a_removed_watch_hears_nothing_in_the_same_turn (Fixture *self, gconstpointer data)
{
  Pair pairs[2];

  for (unsigned i = 0; i < 2; i++)
    {
      pair_init (&pairs[i], self, on_event, EPOLLIN);
      pairs[i].victim = &pairs[1 - i];
      g_assert_cmpint (write (pairs[i].ends[1], "x", 1), ==, 1);
    }
  run_turns (self, 1);
  g_assert_cmpuint (pairs[0].n_events + pairs[1].n_events, ==, 1);
  run_turns (self, 1);
  g_assert_true (pairs[0].n_events == 0 || pairs[1].n_events == 0);
  pair_clear (&pairs[0]);
  pair_clear (&pairs[1]);
}

static void
test_a_watch_may_remove_itself (Fixture *self, gconstpointer data)
{
  Pair pair;

  pair_init (&pair, self, on_event, EPOLLIN);
  pair.victim = &pair;
  g_assert_cmpint (write (pair.ends[1], "x", 1), ==, 1);
  run_turns (self, 3);
  g_assert_cmpuint (pair.n_events, ==, 1);
  pair_clear (&pair);
}

static void
test_only_what_is_waited_for_comes (Fixture *self, gconstpointer data)
{
  Pair pair;

  pair_init (&pair, self, on_event, EPOLLOUT);
  g_assert_cmpint (write (pair.ends[1], "x", 1), ==, 1);
  run_turns (self, 1);
  g_assert_cmpuint (pair.events, ==, EPOLLOUT);
  weir_poller_modify (self->poller, &pair.watch, EPOLLIN);
  run_turns (self, 1);
  g_assert_cmpuint (pair.events, ==, EPOLLIN);
  weir_poller_modify (self->poller, &pair.watch, 0);
  run_turns (self, 1);
  g_assert_cmpuint (pair.n_events, ==, 2);
  g_assert_no_errno (shutdown (pair.ends[1], SHUT_RDWR));
  weir_poller_modify (self->poller, &pair.watch, EPOLLRDHUP);
  run_turns (self, 1);
  g_assert_cmpuint (pair.events & EPOLLRDHUP, ==, EPOLLRDHUP);
  pair_clear (&pair);
}

/* More ready sockets than one turn takes: all have their turn, none twice before. */
static void
test_many_events_take_several_turns (Fixture *self, gconstpointer data)
{
  enum
  {
    N_PAIRS = 400
  };
  g_autofree Pair *pairs = g_new0 (Pair, N_PAIRS);
  unsigned n_first = 0;

  for (unsigned i = 0; i < N_PAIRS; i++)
    {
      pair_init (&pairs[i], self, on_event, EPOLLIN);
      g_assert_cmpint (write (pairs[i].ends[1], "x", 1), ==, 1);
    }
  run_turns (self, 1);
  for (unsigned i = 0; i < N_PAIRS; i++)
    n_first += pairs[i].n_events;
  g_assert_cmpuint (n_first, ==, 256);
  run_turns (self, 1);
  for (unsigned i = 0; i < N_PAIRS; i++)
    g_assert_cmpuint (pairs[i].n_events, >=, 1);
  for (unsigned i = 0; i < N_PAIRS; i++)
    pair_clear (&pairs[i]);
}

/* GLib's loop can be woken by itself, which costs four calls of the kernel an event. */
static void
test_an_event_wakes_the_loop_once (Fixture *self, gconstpointer data)
{
  GPollFD fds[8];
  Pair pair;
  int priority;
  int timeout_ms;
  int n_fds;

  pair_init (&pair, self, on_event, EPOLLIN);
  pair.victim = &pair;
  run_turns (self, 1);
  g_assert_cmpint (write (pair.ends[1], "x", 1), ==, 1);
  run_turns (self, 1);
  g_assert_cmpuint (pair.n_events, ==, 1);
  g_assert_true (g_main_context_acquire (self->context));
  g_main_context_prepare (self->context, &priority);
  n_fds = g_main_context_query (self->context, G_MAXINT, &timeout_ms, fds,
                                G_N_ELEMENTS (fds));
  g_assert_cmpint (n_fds, >, 0);
  g_assert_cmpint (n_fds, <=, G_N_ELEMENTS (fds));
  g_assert_cmpint (g_poll (fds, (guint)n_fds, 0), ==, 0);
  g_main_context_release (self->context);
  pair_clear (&pair);
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/poller/timers-fire-in-order", test_timers_fire_in_order);
  ADD ("/poller/later-is-lazy-and-earlier-is-not", test_later_is_lazy_and_earlier_is_not);
  ADD ("/poller/a-timer-that-sets-itself-again-lets-others-live",
       test_a_timer_that_sets_itself_again_lets_others_live);
  ADD ("/poller/a-driven-clock-is-looked-at", test_a_driven_clock_is_looked_at);
  ADD ("/poller/a-removed-watch-hears-nothing-in-the-same-turn",
       test_a_removed_watch_hears_nothing_in_the_same_turn);
  ADD ("/poller/a-watch-may-remove-itself", test_a_watch_may_remove_itself);
  ADD ("/poller/only-what-is-waited-for-comes", test_only_what_is_waited_for_comes);
  ADD ("/poller/many-events-take-several-turns", test_many_events_take_several_turns);
  ADD ("/poller/an-event-wakes-the-loop-once", test_an_event_wakes_the_loop_once);
  return g_test_run ();
}
