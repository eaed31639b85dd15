/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Connections to vendors: made by GSocketClient (proxies, happy eyeballs), TLS verified
 * against one shared trust store, kept alive in a pool.  HTTP is not spoken here. */

#include "base/weir-error.h"
#include "proxy/weir-stream.h"
#include "proxy/weir-target.h"

typedef struct _WeirUpstream WeirUpstream;

/* One connection to a target.  The holder sets stream.watch.func by weir_stream_watch. */
typedef struct
{
  WeirStream stream;
  gboolean reused;      /* it came from take_idle: it has carried a request before */
  uint64_t n_requests;  /* begun on it, this holder's included: counted by the pool */
  gpointer pool;        /* the pool's own */
  gpointer holder;      /* (unowned) the holder's own, to find itself from a watch */
  WeirTimer idle_timer; /* the pool's own */
} WeirLink;

/* @error NULL: @link is the callee's, to be released or discarded.  Else @link is NULL and
 * @error WEIR_ERROR_UPSTREAM (resolve, refuse, unreachable, proxy), _UPSTREAM_TLS,
 * _UPSTREAM_TIMEOUT (connect 10 s, TLS 10 s), _LOOP (the target is our own listener), or
 * _CANCELLED. Message says which step and host, never a credential.  The link is not
 * watched yet. */
typedef void (*WeirUpstreamFunc) (WeirLink *link, const GError *error, gpointer user_data);

/* @ca_file (nullable): PEM file of CA certificates trusted besides the system's. Fails with
 * WEIR_ERROR_CONFIG if it cannot be read. */
WeirUpstream *weir_upstream_new (WeirPoller *poller, const char *ca_file, GError **error);
/* Closes every idle link and cuts connects under way, whose funcs are not called any more;
 * links still held must be released or discarded first. */
void weir_upstream_free (WeirUpstream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirUpstream, weir_upstream_free)

/* A ready idle link to @target, or NULL: then connect.  Last used first; one that has
 * become readable or has been idle for 60 s has been dropped, and at most 64 are kept.
 * Events do nothing until the caller sets its own watch by weir_stream_watch. */
WeirLink *weir_upstream_take_idle (WeirUpstream *self, const WeirTarget *target);

/* Makes a new connection.  @func is called once, from the main loop, never from inside.  A
 * loopback target is never asked of a proxy.  A name that leads to a link-local or
 * unspecified address is refused (_UPSTREAM) unless @target says that address itself.
 * @cancellable is required: cancelling it answers _CANCELLED and closes what was begun. */
void weir_upstream_connect (WeirUpstream *self,
                            const WeirTarget *target,
                            GCancellable *cancellable,
                            WeirUpstreamFunc func,
                            gpointer user_data);

/* Gives back a link whose last answer ended exactly at its framing and that may be kept
 * alive. */
void weir_upstream_release (WeirUpstream *self, WeirLink *link);
/* Closes a link. */
void weir_upstream_discard (WeirUpstream *self, WeirLink *link);

/* Drops idle links: after suspend, on change of network, or when the configuration changed.
 */
void weir_upstream_drop_idle (WeirUpstream *self);
/* Our own listener's port on loopback: connecting there is refused with _LOOP. 0 forgets.
 */
void weir_upstream_set_own_port (WeirUpstream *self, uint16_t port);

typedef struct
{
  unsigned idle, held, connecting;
  uint64_t connects, failures, reuses; /* since start */
} WeirUpstreamCounts;
void weir_upstream_get_counts (const WeirUpstream *self, WeirUpstreamCounts *out);

/* Loads the trust store ahead of the first TLS connection, in a thread. */
void weir_upstream_prefetch_trust (WeirUpstream *self);

/* The shared trust store with @ca_file's certificates, for the control plane's SoupSession.
 * (transfer none) */
GTlsDatabase *weir_upstream_get_trust (WeirUpstream *self);
