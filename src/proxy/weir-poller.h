/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* All hot sockets behind one epoll descriptor that is one GSource, and all hot timers in
 * one heap of that source.  A GSource a socket makes every turn of the loop cost
 * O(sockets).  One thread: that of the GMainContext. */

#include <glib.h>
#include <stdint.h>
#include <sys/epoll.h>

typedef struct _WeirPoller WeirPoller;
typedef struct _WeirWatch WeirWatch;
typedef struct _WeirTimer WeirTimer;

/* @events: the epoll bits that came (EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR).
 * The watch, and any other, may be removed and its memory freed during the call. */
typedef void (*WeirWatchFunc) (WeirWatch *watch, uint32_t events);
typedef void (*WeirTimerFunc) (WeirTimer *timer);

/* Embedded in its owner; zeroed before the first use; find the owner by WEIR_CONTAINER_OF.
 */
struct _WeirWatch
{
  WeirWatchFunc func; /* may be changed at any time */
  int fd;
  uint32_t events; /* what is registered, 0 when it is not */
  gboolean added;
};

struct _WeirTimer
{
  WeirTimerFunc func;
  int64_t due_us;    /* when it fires */
  int64_t queued_us; /* where it stands in the heap: may be earlier than due_us */
  unsigned slot;     /* 1 + index in the heap; 0 when it is not set */
};

#define WEIR_CONTAINER_OF(pointer, type, member)                                           \
  ((type *)(void *)((char *)(pointer)-offsetof (type, member)))

/* (transfer full): attached to @context (nullable: the default one). */
WeirPoller *weir_poller_new (GMainContext *context);
/* Not from inside a func.  No watch or timer may be set any more. */
/* Timers that are due at 0 are fired. */
void weir_poller_free (WeirPoller *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirPoller, weir_poller_free)

/* Level-triggered.  FALSE when the kernel refuses (descriptor or memory limits). */
gboolean weir_poller_add (WeirPoller *self, WeirWatch *watch, int fd, uint32_t events);
/* Changes what is waited for; no system call when nothing changes.  EPOLLERR and EPOLLHUP
 * come always, also with @events 0: who wants peace removes the watch. */
void weir_poller_modify (WeirPoller *self, WeirWatch *watch, uint32_t events);
/* Before the descriptor is closed.  Harmless on a watch that is not added.  Events of the
 * turn under way are not delivered any more. */
void weir_poller_remove (WeirPoller *self, WeirWatch *watch);

/* (Re)sets a timer to fire once at @due_us (weir_clock_now_us) or soon after, never from
 * inside.  Moving it later is O(1).  While the clock is driven it is looked at every 20 ms.
 */
void weir_poller_set_timer (WeirPoller *self, WeirTimer *timer, int64_t due_us);
/* Harmless on a timer that is not set. */
void weir_poller_clear_timer (WeirPoller *self, WeirTimer *timer);

/* The time at which this turn of the loop began: cheaper than asking the clock. */
int64_t weir_poller_get_now_us (WeirPoller *self);
/* A scratch buffer shared by all on this poller, valid until control returns to it. */
#define WEIR_POLLER_SCRATCH_BYTES (64u << 10)
char *weir_poller_get_scratch (WeirPoller *self);
