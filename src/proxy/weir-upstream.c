/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pool: which connection may serve which target, and how long an idle one is believed.
 * How a connection is made is the dial's business. */

#include "config.h"

#include "proxy/weir-upstream.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/weir-clock.h"
#include "proxy/weir-dial.h"

#define IDLE_US (60 * WEIR_USEC_PER_SEC)
#define IDLE_MAX 64 /* a target */

struct _WeirUpstream
{
  WeirPoller *poller;  /* (unowned) */
  WeirTrust *trust;    /* (owned) */
  GHashTable *lanes;   /* (owned) of WeirTarget (of the lane) to Lane */
  GHashTable *pending; /* (owned) of Pending */
  uint16_t own_port;
  WeirUpstreamCounts counts;
};

/* All connections to one target. */
typedef struct
{
  WeirUpstream *upstream; /* (unowned) */
  WeirTarget *target;     /* (owned) */
  GPtrArray *idle;        /* (owned) of WeirLink (owned): last used last */
  unsigned n_users;       /* links, idle or held, and connects under way */
} Lane;

/* One connect under way. */
typedef struct
{
  Lane *lane;     /* (unowned): counted in its users */
  WeirDial *dial; /* (unowned) */
  WeirUpstreamFunc func;
  gpointer user_data;
} Pending;

static void
lane_free (Lane *self)
{
  weir_target_free (self->target);
  g_ptr_array_unref (self->idle);
  g_free (self);
}

static Lane *
ensure_lane (WeirUpstream *self, const WeirTarget *target)
{
  Lane *lane = g_hash_table_lookup (self->lanes, target);

  if (lane != NULL)
    return lane;
  lane = g_new0 (Lane, 1);
  lane->upstream = self;
  lane->target = weir_target_copy (target);
  lane->idle = g_ptr_array_new ();
  g_hash_table_insert (self->lanes, lane->target, lane);
  return lane;
}

static void
lane_leave (Lane *self)
{
  self->n_users--;
  if (self->n_users == 0)
    g_hash_table_remove (self->upstream->lanes, self->target);
}

static void
link_free (WeirLink *link, Lane *lane)
{
  weir_poller_clear_timer (lane->upstream->poller, &link->idle_timer);
  weir_stream_close (&link->stream);
  g_free (link);
  lane_leave (lane);
}

static void
drop_idle_link (WeirLink *link)
{
  Lane *lane = link->pool;

  g_ptr_array_remove (lane->idle, link);
  lane->upstream->counts.idle--;
  link_free (link, lane);
}

/* Neither bytes nor an end are waiting: what an idle connection says belongs to no request,
 * so it is never read into the next one's answer. */
static gboolean
is_quiet (WeirStream *stream)
{
  char byte;

  if (!stream->tls_readable && recv (stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
    return errno == EAGAIN;
  /* TLS may have its own things to say there: tickets, new keys */
  return stream->tls != NULL && weir_stream_read (stream, &byte, 1) == WEIR_STREAM_AGAIN;
}

static void
on_idle_event (WeirWatch *watch, uint32_t events)
{
  WeirStream *stream = WEIR_CONTAINER_OF (watch, WeirStream, watch);
  WeirLink *link = WEIR_CONTAINER_OF (stream, WeirLink, stream);

  if ((events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0 || !is_quiet (stream))
    drop_idle_link (link);
}

/* Until the holder says what it waits for. */
static void
on_early_event (WeirWatch *watch, uint32_t events)
{
}

static void
on_idle_timeout (WeirTimer *timer)
{
  drop_idle_link (WEIR_CONTAINER_OF (timer, WeirLink, idle_timer));
}

WeirUpstream *
weir_upstream_new (WeirPoller *poller, const char *ca_file, GError **error)
{
  g_autoptr (WeirTrust) trust = weir_trust_new (ca_file, error);
  WeirUpstream *self;

  if (trust == NULL)
    return NULL;
  self = g_new0 (WeirUpstream, 1);
  self->poller = poller;
  self->trust = g_steal_pointer (&trust);
  self->lanes = g_hash_table_new_full (weir_target_hash, weir_target_equal, NULL,
                                       (GDestroyNotify)lane_free);
  self->pending = g_hash_table_new (NULL, NULL);
  return self;
}

void
weir_upstream_free (WeirUpstream *self)
{
  GHashTableIter iter;
  gpointer pending;

  if (self == NULL)
    return;
  weir_upstream_drop_idle (self);
  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, &pending, NULL))
    {
      weir_dial_abandon (((Pending *)pending)->dial);
      g_free (pending);
    }
  g_hash_table_unref (self->pending);
  g_hash_table_unref (self->lanes);
  g_object_unref (self->trust);
  g_free (self);
}

WeirLink *
weir_upstream_take_idle (WeirUpstream *self, const WeirTarget *target)
{
  Lane *lane;

  /* looked up in each round: a lane goes with the last of its links */
  while ((lane = g_hash_table_lookup (self->lanes, target)) != NULL && lane->idle->len > 0)
    {
      WeirLink *link = g_ptr_array_index (lane->idle, lane->idle->len - 1);

      if (!is_quiet (&link->stream))
        {
          drop_idle_link (link);
          continue;
        }
      g_ptr_array_set_size (lane->idle, (int)lane->idle->len - 1);
      weir_poller_clear_timer (self->poller, &link->idle_timer);
      link->stream.watch.func = on_early_event;
      link->reused = TRUE;
      link->n_requests++;
      self->counts.idle--;
      self->counts.held++;
      self->counts.reuses++;
      return link;
    }
  return NULL;
}

static void
on_dialled (GSocketConnection *connection,
            GTlsConnection *tls,
            const GError *error,
            gpointer user_data)
{
  g_autofree Pending *pending = user_data;
  Lane *lane = pending->lane;
  WeirUpstream *self = lane->upstream;
  WeirLink *link;

  g_hash_table_remove (self->pending, pending);
  self->counts.connecting--;
  if (error != NULL)
    {
      self->counts.failures++;
      lane_leave (lane);
      pending->func (NULL, error, pending->user_data);
      return;
    }
  self->counts.connects++;
  self->counts.held++;
  link = g_new0 (WeirLink, 1);
  weir_stream_init_connection (&link->stream, self->poller, connection, tls);
  link->pool = lane; /* its user is now the link */
  link->n_requests = 1;
  link->idle_timer.func = on_idle_timeout;
  pending->func (link, NULL, pending->user_data);
}

void
weir_upstream_connect (WeirUpstream *self,
                       const WeirTarget *target,
                       GCancellable *cancellable,
                       WeirUpstreamFunc func,
                       gpointer user_data)
{
  Pending *pending;
  WeirDialRequest request;

  g_return_if_fail (G_IS_CANCELLABLE (cancellable) && func != NULL);

  pending = g_new0 (Pending, 1);
  pending->lane = ensure_lane (self, target);
  pending->lane->n_users++;
  pending->func = func;
  pending->user_data = user_data;
  request = (WeirDialRequest){
    .poller = self->poller,
    .trust = self->trust,
    .target = target,
    .own_port = self->own_port,
    .cancellable = cancellable,
    .func = on_dialled,
    .user_data = pending,
  };
  g_hash_table_add (self->pending, pending);
  self->counts.connecting++;
  pending->dial = weir_dial_start (&request);
}

void
weir_upstream_release (WeirUpstream *self, WeirLink *link)
{
  Lane *lane = link->pool;

  /* a plain socket's watch tells what is waiting there; what TLS holds is not seen by it */
  if (!weir_stream_is_open (&link->stream)
      || (link->stream.tls != NULL && !is_quiet (&link->stream))
      || !weir_stream_watch (&link->stream, on_idle_event, EPOLLIN))
    {
      weir_upstream_discard (self, link);
      return;
    }
  link->holder = NULL;
  if (lane->idle->len >= IDLE_MAX)
    drop_idle_link (g_ptr_array_index (lane->idle, 0));
  g_ptr_array_add (lane->idle, link);
  self->counts.held--;
  self->counts.idle++;
  weir_poller_set_timer (self->poller, &link->idle_timer,
                         weir_poller_get_now_us (self->poller) + IDLE_US);
}

void
weir_upstream_discard (WeirUpstream *self, WeirLink *link)
{
  self->counts.held--;
  link_free (link, link->pool);
}

void
weir_upstream_drop_idle (WeirUpstream *self)
{
  g_autoptr (GPtrArray) links = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer lane;

  g_hash_table_iter_init (&iter, self->lanes);
  while (g_hash_table_iter_next (&iter, NULL, &lane))
    g_ptr_array_extend (links, ((Lane *)lane)->idle, NULL, NULL);
  for (unsigned i = 0; i < links->len; i++)
    drop_idle_link (g_ptr_array_index (links, i));
}

void
weir_upstream_set_own_port (WeirUpstream *self, uint16_t port)
{
  self->own_port = port;
}

void
weir_upstream_get_counts (const WeirUpstream *self, WeirUpstreamCounts *out)
{
  *out = self->counts;
}

void
weir_upstream_prefetch_trust (WeirUpstream *self)
{
  weir_trust_prefetch (self->trust);
}

GTlsDatabase *
weir_upstream_get_trust (WeirUpstream *self)
{
  return G_TLS_DATABASE (self->trust);
}
