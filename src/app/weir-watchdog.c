/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A source that is never ready but hears of every turn of the main loop: GLib calls
 * `prepare` before it waits and `check` behind it.  What lies between a check and the next
 * prepare is the turn.  The thread counts how often it wakes within one turn, so neither
 * suspend nor a stopped process, which stop the thread as well, looks like a hang.  While
 * the loop waits the thread rests, and is woken by the next turn: a program that has
 * nothing to do wakes no processor.  Either says first what it does and then looks at the
 * other (both sequentially consistent), so no turn begins unseen. */

#include "config.h"

#include "app/weir-watchdog.h"

#include "base/weir-clock.h"

#include <stdatomic.h>
#include <stdbool.h>

#define SAY_US ((int64_t)500 * 1000)
#define LOOK_US ((int64_t)2 * G_USEC_PER_SEC)
#define LOOKS_MAX 6                   /* the first may come at any time of the turn */
#define BRIEF_US ((int64_t)20 * 1000) /* a turn that comes alone is over by then */

typedef struct
{
  GSource source;
  WeirWatchdog *owner; /* (unowned) */
} Turn;

struct _WeirWatchdog
{
  WeirLog *log;    /* (unowned) */
  GSource *source; /* (owned) */
  GThread *thread; /* (owned) */
  GMutex lock;
  GCond end;
  gboolean is_ending;      /* under the lock */
  _Atomic int64_t turn_us; /* when this turn began; 0: the loop waits */
  atomic_bool is_resting;  /* the thread, until somebody says @end; set under the lock */
};

static gboolean
turn_prepare (GSource *source, int *out_timeout_ms)
{
  WeirWatchdog *self = ((Turn *)source)->owner;
  const int64_t began_us = atomic_exchange (&self->turn_us, 0);
  const int64_t took_us = began_us != 0 ? g_get_monotonic_time () - began_us : 0;

  *out_timeout_ms = -1;
  if (G_UNLIKELY (took_us > SAY_US))
    weir_log_say (self->log, G_LOG_LEVEL_WARNING,
                  "the main loop stood still for %d ms; every stream waited",
                  (int)(took_us / 1000));
  return FALSE;
}

static void
wake (WeirWatchdog *self)
{
  g_mutex_lock (&self->lock);
  atomic_store (&self->is_resting, FALSE);
  g_cond_signal (&self->end);
  g_mutex_unlock (&self->lock);
}

static gboolean
turn_check (GSource *source)
{
  WeirWatchdog *self = ((Turn *)source)->owner;

  atomic_store (&self->turn_us, g_get_monotonic_time ());
  if (G_UNLIKELY (atomic_load (&self->is_resting)))
    wake (self);
  return FALSE;
}

static gboolean
turn_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
is_debugged (void)
{
  g_autofree char *text = NULL;
  const char *tracer = NULL;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return FALSE;
  tracer = strstr (text, "\nTracerPid:");
  return tracer != NULL
         && g_ascii_strtoull (tracer + strlen ("\nTracerPid:"), NULL, 10) > 0;
}

/* FALSE: the program ends. */
static gboolean
sleep_once (WeirWatchdog *self, int64_t us)
{
  const int64_t until_us = g_get_monotonic_time () + us;
  gboolean is_ending;

  g_mutex_lock (&self->lock);
  while (!self->is_ending && g_cond_wait_until (&self->end, &self->lock, until_us))
    ;
  is_ending = self->is_ending;
  g_mutex_unlock (&self->lock);
  return !is_ending;
}

/* Until the loop does something; when to look at it then. */
static int64_t
rest (WeirWatchdog *self)
{
  const int64_t began_us = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  atomic_store (&self->is_resting, TRUE);
  while (!self->is_ending && atomic_load (&self->is_resting)
         && atomic_load (&self->turn_us) == 0)
    g_cond_wait (&self->end, &self->lock);
  atomic_store (&self->is_resting, FALSE);
  g_mutex_unlock (&self->lock);
  /* a loop that is seldom quiet for long is left to itself */
  return g_get_monotonic_time () - began_us > LOOK_US ? BRIEF_US : LOOK_US;
}

static gpointer
look (gpointer data)
{
  WeirWatchdog *self = data;
  int64_t wait_us = LOOK_US;
  int64_t turn_us = 0;
  unsigned looks = 0;

  while (sleep_once (self, wait_us))
    {
      const int64_t now_us = atomic_load (&self->turn_us);

      wait_us = now_us != 0 ? LOOK_US : rest (self);
      looks = now_us != 0 && now_us == turn_us ? looks + 1 : 0;
      turn_us = now_us;
      if (looks < LOOKS_MAX - 1 || is_debugged ())
        continue;
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, "MESSAGE",
                        "the main loop has stood still for over 10 s; weir aborts");
      abort ();
    }
  return NULL;
}

WeirWatchdog *
weir_watchdog_new (WeirLog *log)
{
  static GSourceFuncs turn_funcs
      = { .prepare = turn_prepare, .check = turn_check, .dispatch = turn_dispatch };
  WeirWatchdog *self = NULL;

  if (weir_clock_is_driven ())
    return NULL;
  self = g_new0 (WeirWatchdog, 1);
  self->log = log;
  g_mutex_init (&self->lock);
  g_cond_init (&self->end);
  self->source = g_source_new (&turn_funcs, sizeof (Turn));
  ((Turn *)self->source)->owner = self;
  /* first in the row, or a source that is ready would hide the turn from it */
  g_source_set_priority (self->source, G_MININT);
  g_source_attach (self->source, NULL);
  self->thread = g_thread_new ("watchdog", look, self);
  return self;
}

void
weir_watchdog_free (WeirWatchdog *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->is_ending = TRUE;
  g_cond_signal (&self->end);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->end);
  g_free (self);
}
