/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may connect: accepted sockets, handshakes, peers, caps; and how it all ends. */

#include "config.h"

#include "proxy/weir-front-door-private.h"

#include "base/weir-clock.h"
#include "proxy/weir-peer.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS_RESERVED 64
#define CONNECTIONS_MAX 16384

static void
on_request (WeirConnection *connection)
{
  weir_exchange_begin (connection->exchange);
}

static void
on_broken (WeirConnection *connection, const GError *error)
{
  if (connection->exchange != NULL)
    weir_exchange_refuse (connection->exchange, error);
  else
    weir_front_door_refuse (connection, WEIR_DIALECT_OPENAI_CHAT, "-", NULL, error);
}

static void
on_drained (WeirConnection *connection)
{
  weir_exchange_drained (connection->exchange);
}

static void
on_left (WeirConnection *connection)
{
  weir_exchange_left (connection->exchange);
}

static void
on_closed (WeirConnection *connection)
{
  WeirFrontDoor *self = connection->owner;

  g_queue_unlink (&self->connections, &connection->link);
  if (self->draining && g_queue_is_empty (&self->connections) && self->empty != NULL)
    self->empty (self, self->empty_data);
}

static const WeirConnectionOwner connection_owner = {
  .head = weir_front_door_read_head,
  .request = on_request,
  .broken = on_broken,
  .drained = on_drained,
  .left = on_left,
  .closed = on_closed,
};

/* Room for one more: the oldest connection that asks nothing makes it. */
static gboolean
make_room (WeirFrontDoor *self)
{
  if (g_queue_get_length (&self->connections) < self->cap)
    return TRUE;
  for (GList *link = self->connections.head; link != NULL; link = link->next)
    {
      WeirConnection *connection = link->data;

      if (connection->state == WEIR_CONNECTION_HEAD
          || connection->state == WEIR_CONNECTION_LINGERING)
        {
          weir_connection_close (connection);
          return TRUE;
        }
    }
  return FALSE;
}

static void
read_local (WeirConnection *connection)
{
  WeirLocal *out = &connection->local;
  struct sockaddr_storage address = { 0 };
  socklen_t length = sizeof address;

  out->tls = connection->stream.tls != NULL;
  if (getsockname (connection->stream.fd, (struct sockaddr *)&address, &length) == 0)
    weir_peer_describe (&address, out->address, sizeof out->address, &out->port,
                        &out->is_loopback);
}

/* Names the peer, and on loopback asks the kernel whose it is. */
static void
know_peer (WeirFrontDoor *self,
           WeirConnection *connection,
           const struct sockaddr_storage *remote)
{
  struct sockaddr_storage local = { 0 };
  socklen_t length = sizeof local;
  WeirPeer peer = { 0 };
  uint16_t port;

  weir_peer_describe (remote, connection->peer, sizeof connection->peer, &port,
                      &connection->is_loopback);
  if (!connection->is_loopback
      || getsockname (connection->stream.fd, (struct sockaddr *)&local, &length) != 0
      || !weir_peer_lookup ((const struct sockaddr *)&local,
                            (const struct sockaddr *)remote, &peer)
      || !peer.has_owner)
    return; /* unknown: the key alone decides */
  connection->uid = peer.uid;
  g_snprintf (connection->peer, sizeof connection->peer, "uid %u", (unsigned)peer.uid);
  connection->refuse = peer.uid != geteuid ();
  if (connection->refuse
      && (self->foreign_warned_us == 0
          || weir_clock_now_us () - self->foreign_warned_us > 60 * WEIR_USEC_PER_SEC))
    {
      self->foreign_warned_us = weir_clock_now_us ();
      g_message ("refused a connection of another user (uid %u)", (unsigned)peer.uid);
    }
}

static void
admit (WeirFrontDoor *self, const WeirStream *stream, const struct sockaddr_storage *remote)
{
  WeirConnection *connection = weir_connection_new (stream, &connection_owner, self);

  g_queue_push_tail_link (&self->connections, &connection->link);
  read_local (connection);
  know_peer (self, connection, remote);
  weir_connection_start (connection);
}

static void
on_handshake (const WeirStream *stream,
              const struct sockaddr_storage *remote,
              gpointer user_data)
{
  WeirFrontDoor *self = user_data;
  WeirStream unwanted = *stream;

  if (!self->draining && make_room (self))
    admit (self, stream, remote);
  else
    weir_stream_close (&unwanted);
}

void
weir_front_door_accept (int fd, const struct sockaddr_storage *remote, gpointer user_data)
{
  static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                             "Retry-After: 1\r\nConnection: close\r\n\r\n";
  WeirFrontDoor *self = user_data;
  WeirStream stream;

  if (!make_room (self))
    {
      send (fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
      close (fd);
      return;
    }
  if (self->certificate != NULL)
    {
      weir_handshakes_begin (self->handshakes, fd, remote, self->certificate);
      return;
    }
  weir_stream_init_fd (&stream, self->host->poller, fd);
  admit (self, &stream, remote);
}

WeirFrontDoor *
weir_front_door_new (WeirExchangeHost *host)
{
  WeirFrontDoor *self = g_new0 (WeirFrontDoor, 1);
  struct rlimit limit = { 0 };

  self->host = host;
  self->control = weir_control_door_new ();
  self->guesses = weir_guess_limit_new ();
  self->handshakes = weir_handshakes_new (host->poller, on_handshake, self);
  self->since_us = weir_clock_real_us ();
  self->cap = CONNECTIONS_MAX;
  /* one descriptor for the client and one for its upstream */
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS_RESERVED)
    self->cap
        = (unsigned)MIN ((limit.rlim_cur - DESCRIPTORS_RESERVED) / 2, CONNECTIONS_MAX);
  return self;
}

void
weir_front_door_free (WeirFrontDoor *self)
{
  if (self == NULL)
    return;
  self->empty = NULL;
  while (!g_queue_is_empty (&self->connections))
    weir_connection_close (g_queue_peek_head (&self->connections));
  weir_control_door_free (self->control);
  weir_guess_limit_free (self->guesses);
  weir_handshakes_free (self->handshakes);
  g_clear_object (&self->certificate);
  weir_routing_unref (self->routing);
  g_free (self);
}

void
weir_front_door_set_routing (WeirFrontDoor *self, WeirRouting *routing)
{
  WeirRouting *old = self->routing;

  self->host->routing = self->routing = weir_routing_ref (routing);
  weir_routing_unref (old);
}

void
weir_front_door_set_certificate (WeirFrontDoor *self, GTlsCertificate *certificate)
{
  g_set_object (&self->certificate, certificate);
}

void
weir_front_door_drain (WeirFrontDoor *self, GFunc empty, gpointer user_data)
{
  self->draining = TRUE;
  self->empty = empty;
  self->empty_data = user_data;
  for (GList *link = self->connections.head, *next; link != NULL; link = next)
    {
      next = link->next;
      weir_connection_retire (link->data);
    }
  if (g_queue_is_empty (&self->connections))
    empty (self, user_data);
}

void
weir_front_door_reopen (WeirFrontDoor *self)
{
  self->draining = FALSE;
  self->empty = NULL;
}

void
weir_front_door_shut_down (WeirFrontDoor *self)
{
  for (GList *link = self->host->exchanges.head, *next; link != NULL; link = next)
    {
      next = link->next;
      weir_exchange_shut_down (link->data);
    }
}

unsigned
weir_front_door_count (const WeirFrontDoor *self)
{
  return g_queue_get_length ((GQueue *)&self->connections);
}
