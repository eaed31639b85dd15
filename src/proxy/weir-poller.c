/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The nested epoll descriptor, its GSource and the heap of timers.  What a descriptor or a
 * timer means is its owner's business. */

#include "config.h"

#include "proxy/weir-poller.h"

#include <errno.h>
#include <unistd.h>

#include "base/weir-clock.h"

/* What one turn may do before the other sources of the loop get theirs. */
#define EVENTS_PER_TURN 256
#define TIMERS_PER_TURN 256
/* The kernel sleeps by its own clock: while a test drives ours, look again that often. */
#define DRIVEN_SLEEP_MS 20

typedef struct
{
  GSource base;
  WeirPoller *poller; /* (unowned) */
} PollerSource;

struct _WeirPoller
{
  GSource *source; /* (owned) */
  gpointer tag;    /* (unowned) of the epoll descriptor in @source */
  int epoll_fd;
  int64_t now_us;
  GPtrArray *heap; /* (owned) of WeirTimer (unowned): smallest queued_us first */
  struct epoll_event events[EVENTS_PER_TURN]; /* of the turn under way */
  int next_event;                             /* the first one not delivered */
  int n_events;
  gboolean is_dispatching;
  char *scratch; /* (owned) */
};

static WeirTimer *
heap_get (const WeirPoller *self, unsigned index)
{
  return g_ptr_array_index (self->heap, index);
}

static void
heap_put (WeirPoller *self, unsigned index, WeirTimer *timer)
{
  g_ptr_array_index (self->heap, index) = timer;
  timer->slot = index + 1;
}

static void
heap_move_up (WeirPoller *self, WeirTimer *timer)
{
  unsigned index = timer->slot - 1;

  while (index > 0)
    {
      WeirTimer *parent = heap_get (self, (index - 1) / 2);

      if (parent->queued_us <= timer->queued_us)
        break;
      heap_put (self, index, parent);
      index = (index - 1) / 2;
    }
  heap_put (self, index, timer);
}

static void
heap_move_down (WeirPoller *self, WeirTimer *timer)
{
  unsigned index = timer->slot - 1;

  for (unsigned child = 2 * index + 1; child < self->heap->len; child = 2 * index + 1)
    {
      WeirTimer *smaller = heap_get (self, child);

      if (child + 1 < self->heap->len
          && heap_get (self, child + 1)->queued_us < smaller->queued_us)
        smaller = heap_get (self, child + 1);
      if (timer->queued_us <= smaller->queued_us)
        break;
      child = smaller->slot - 1;
      heap_put (self, index, smaller);
      index = child;
    }
  heap_put (self, index, timer);
}

static gboolean
has_due_timer (const WeirPoller *self)
{
  return self->heap->len > 0 && heap_get (self, 0)->queued_us <= self->now_us;
}

/* Milliseconds until the first timer, rounded up so that the loop never spins on it. */
static int
get_timeout_ms (const WeirPoller *self)
{
  int64_t wait_ms;

  if (self->heap->len == 0)
    return -1;
  wait_ms = (heap_get (self, 0)->queued_us - self->now_us + 999) / 1000;
  if (weir_clock_is_driven ())
    wait_ms = MIN (wait_ms, DRIVEN_SLEEP_MS);
  return (int)CLAMP (wait_ms, 0, G_MAXINT);
}

static gboolean
source_prepare (GSource *source, int *timeout_ms)
{
  WeirPoller *self = ((PollerSource *)source)->poller;

  self->now_us = weir_clock_now_us ();
  *timeout_ms = get_timeout_ms (self);
  return *timeout_ms == 0;
}

static gboolean
source_check (GSource *source)
{
  WeirPoller *self = ((PollerSource *)source)->poller;

  self->now_us = weir_clock_now_us ();
  return g_source_query_unix_fd (source, self->tag) != 0 || has_due_timer (self);
}

static void
deliver_events (WeirPoller *self)
{
  int n_events = epoll_wait (self->epoll_fd, self->events, EVENTS_PER_TURN, 0);

  self->n_events = MAX (n_events, 0);
  for (self->next_event = 0; self->next_event < self->n_events;)
    {
      const struct epoll_event *event = &self->events[self->next_event++];
      WeirWatch *watch = event->data.ptr;
      uint32_t wanted;

      if (watch == NULL)
        continue; /* removed by the func of an earlier one */
      /* what was given up since epoll_wait is not delivered either */
      wanted = event->events & (watch->events | EPOLLERR | EPOLLHUP);
      if (wanted != 0)
        watch->func (watch, wanted);
    }
  self->n_events = self->next_event = 0;
}

static void
fire_timers (WeirPoller *self)
{
  for (unsigned n = 0; n < TIMERS_PER_TURN && has_due_timer (self); n++)
    {
      WeirTimer *timer = heap_get (self, 0);

      if (timer->due_us > timer->queued_us)
        {
          timer->queued_us = timer->due_us;
          heap_move_down (self, timer);
          continue;
        }
      weir_poller_clear_timer (self, timer);
      timer->func (timer);
    }
}

/* Events first: what has come in time is seen before its deadline strikes. */
static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  WeirPoller *self = ((PollerSource *)source)->poller;

  g_return_val_if_fail (!self->is_dispatching, G_SOURCE_CONTINUE);

  self->is_dispatching = TRUE;
  deliver_events (self);
  fire_timers (self);
  self->is_dispatching = FALSE;
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {
  .prepare = source_prepare,
  .check = source_check,
  .dispatch = source_dispatch,
};

WeirPoller *
weir_poller_new (GMainContext *context)
{
  WeirPoller *self = g_new0 (WeirPoller, 1);

  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    g_error ("cannot make an epoll descriptor: %s", g_strerror (errno));
  self->heap = g_ptr_array_new ();
  self->scratch = g_malloc (WEIR_POLLER_SCRATCH_BYTES);
  self->now_us = weir_clock_now_us ();
  self->source = g_source_new (&source_funcs, sizeof (PollerSource));
  ((PollerSource *)self->source)->poller = self;
  g_source_set_static_name (self->source, "weir-poller");
  /* nobody iterates the loop from inside; GLib, guarding against it, would take our
   * descriptor out of its list and back at each dispatch, and wake itself up twice */
  g_source_set_can_recurse (self->source, TRUE);
  self->tag = g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  g_source_attach (self->source, context);
  return self;
}

void
weir_poller_free (WeirPoller *self)
{
  if (self == NULL)
    return;
  /* what was put off to the next turn, such as the freeing of an owner, is done now */
  while (self->heap->len > 0 && heap_get (self, 0)->due_us <= 0)
    {
      WeirTimer *timer = heap_get (self, 0);

      weir_poller_clear_timer (self, timer);
      timer->func (timer);
    }
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->epoll_fd);
  g_ptr_array_unref (self->heap);
  g_free (self->scratch);
  g_free (self);
}

gboolean
weir_poller_add (WeirPoller *self, WeirWatch *watch, int fd, uint32_t events)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };

  g_return_val_if_fail (!watch->added, FALSE);

  if (epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
    return FALSE;
  watch->fd = fd;
  watch->events = events;
  watch->added = TRUE;
  return TRUE;
}

void
weir_poller_modify (WeirPoller *self, WeirWatch *watch, uint32_t events)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };

  g_return_if_fail (watch->added);

  if (watch->events == events)
    return;
  watch->events = events;
  if (epoll_ctl (self->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) != 0)
    g_critical ("cannot change a watch: %s", g_strerror (errno));
}

void
weir_poller_remove (WeirPoller *self, WeirWatch *watch)
{
  if (!watch->added)
    return;
  epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
  watch->added = FALSE;
  watch->events = 0;
  for (int i = self->next_event; i < self->n_events; i++)
    if (self->events[i].data.ptr == watch)
      self->events[i].data.ptr = NULL;
}

/* Earlier than it stands: it moves up now.  Later: it stays, and moves down when its old
 * time comes; a deadline pushed back by each read costs one move a deadline, not one a
 * read. */
void
weir_poller_set_timer (WeirPoller *self, WeirTimer *timer, int64_t due_us)
{
  timer->due_us = due_us;
  if (timer->slot != 0 && due_us >= timer->queued_us)
    return;
  timer->queued_us = due_us;
  if (timer->slot == 0)
    {
      g_ptr_array_add (self->heap, timer);
      timer->slot = self->heap->len;
    }
  heap_move_up (self, timer);
}

void
weir_poller_clear_timer (WeirPoller *self, WeirTimer *timer)
{
  unsigned index = timer->slot;
  WeirTimer *last;

  if (index == 0)
    return;
  timer->slot = 0;
  last = heap_get (self, self->heap->len - 1);
  g_ptr_array_set_size (self->heap, (int)self->heap->len - 1);
  if (last == timer)
    return;
  heap_put (self, index - 1, last);
  heap_move_up (self, last);
  heap_move_down (self, last);
}

int64_t
weir_poller_get_now_us (WeirPoller *self)
{
  return self->now_us;
}

char *
weir_poller_get_scratch (WeirPoller *self)
{
  return self->scratch;
}
