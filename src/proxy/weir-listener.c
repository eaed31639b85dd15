/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sockets that listen.  Who may come in is the front door's business. */

#include "config.h"

#include "proxy/weir-listener.h"

#include "base/weir-clock.h"
#include "proxy/weir-inherited.h"
#include "proxy/weir-port-holder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define SOCKETS_MAX 2
#define BACKLOG 4096
#define ACCEPTS_PER_TURN 64
#define PAUSE_US (100 * 1000)
#define PORT_TRIES 16

typedef struct
{
  WeirWatch watch;
  WeirTimer pause;
  WeirListener *listener; /* (unowned) */
  int fd;                 /* -1: none */
} Socket;

struct _WeirListener
{
  WeirPoller *poller; /* (unowned) */
  Socket sockets[SOCKETS_MAX];
  unsigned n_sockets;
  WeirAcceptFunc func;
  gpointer user_data;
  uint16_t port;
  int reserve_fd; /* given up for a moment when none is left */
  int64_t warned_us;
};

static void
open_reserve (WeirListener *self)
{
  if (self->reserve_fd < 0)
    self->reserve_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Out of descriptors: the reserve lets one client in far enough to be told, then a pause.
 */
static void
shed_one (Socket *socket)
{
  static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                             "Retry-After: 1\r\nConnection: close\r\n\r\n";
  WeirListener *self = socket->listener;
  int64_t now_us = weir_clock_now_us ();

  if (self->reserve_fd >= 0)
    {
      int fd;

      close (self->reserve_fd);
      self->reserve_fd = -1;
      fd = accept4 (socket->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0)
        {
          send (fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
          close (fd);
        }
      open_reserve (self);
    }
  if (self->warned_us == 0 || now_us - self->warned_us > 60 * WEIR_USEC_PER_SEC)
    {
      g_message ("no descriptors are left for new connections; trying again");
      self->warned_us = now_us;
    }
  weir_poller_modify (self->poller, &socket->watch, 0);
  weir_poller_set_timer (self->poller, &socket->pause, now_us + PAUSE_US);
}

static void
on_pause_over (WeirTimer *timer)
{
  Socket *socket = WEIR_CONTAINER_OF (timer, Socket, pause);

  open_reserve (socket->listener);
  weir_poller_modify (socket->listener->poller, &socket->watch, EPOLLIN);
}

static void
on_incoming (WeirWatch *watch, uint32_t events)
{
  Socket *socket = WEIR_CONTAINER_OF (watch, Socket, watch);
  WeirListener *self = socket->listener;

  for (int i = 0; i < ACCEPTS_PER_TURN; i++)
    {
      struct sockaddr_storage remote = { 0 };
      socklen_t length = sizeof remote;
      int fd = accept4 (socket->fd, (struct sockaddr *)&remote, &length,
                        SOCK_NONBLOCK | SOCK_CLOEXEC);

      if (fd >= 0)
        {
          const int yes = 1;

          setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
          self->func (fd, &remote, self->user_data);
        }
      else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        {
          shed_one (socket);
          return;
        }
      else if (errno == EAGAIN)
        return;
      /* anything else concerns that one client alone (accept(2)) */
    }
}

static int
open_socket (const struct sockaddr_storage *address, socklen_t length)
{
  const int yes = 1;
  int fd = weir_inherited_dup_socket (address);

  if (fd >= 0)
    return fd;
  fd = socket (address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address->ss_family == AF_INET6)
    setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  if (bind (fd, (const struct sockaddr *)address, length) == 0 && listen (fd, BACKLOG) == 0)
    return fd;
  {
    int saved = errno;

    close (fd);
    errno = saved;
  }
  return -1;
}

/* Fills in an address from an IP literal; 0 when it is none. */
static socklen_t
make_address (const char *literal, uint16_t port, struct sockaddr_storage *out)
{
  struct sockaddr_in *v4 = (struct sockaddr_in *)out;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

  *out = (struct sockaddr_storage){ 0 };
  if (inet_pton (AF_INET, literal, &v4->sin_addr) == 1)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons (port);
      return sizeof *v4;
    }
  if (inet_pton (AF_INET6, literal, &v6->sin6_addr) == 1)
    {
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons (port);
      return sizeof *v6;
    }
  return 0;
}

static uint16_t
read_port (int fd)
{
  struct sockaddr_storage address = { 0 };
  socklen_t length = sizeof address;

  if (getsockname (fd, (struct sockaddr *)&address, &length) != 0)
    return 0;
  return ntohs (address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                              : ((struct sockaddr_in *)&address)->sin_port);
}

static void
close_sockets (WeirListener *self)
{
  for (unsigned i = 0; i < self->n_sockets; i++)
    {
      weir_poller_remove (self->poller, &self->sockets[i].watch);
      weir_poller_clear_timer (self->poller, &self->sockets[i].pause);
      close (self->sockets[i].fd);
    }
  self->n_sockets = 0;
}

static gboolean
add_socket (WeirListener *self, const char *literal, uint16_t port, int *out_errno)
{
  struct sockaddr_storage address;
  socklen_t length = make_address (literal, port, &address);
  Socket *socket = &self->sockets[self->n_sockets];

  socket->fd = length > 0 ? open_socket (&address, length) : -1;
  *out_errno = length > 0 ? errno : EINVAL;
  if (socket->fd < 0)
    return FALSE;
  socket->listener = self;
  socket->watch.func = on_incoming;
  socket->pause.func = on_pause_over;
  self->n_sockets++;
  if (!weir_poller_add (self->poller, &socket->watch, socket->fd, EPOLLIN))
    {
      *out_errno = errno;
      return FALSE;
    }
  self->port = read_port (socket->fd);
  return TRUE;
}

#define WAY_OUT "stop it, or set another port with --port or \"port:\" in the configuration"

/* A panel's row is short, so who it is comes first. */
static gboolean
say_why (const char *literal, uint16_t port, int code, GError **error)
{
  g_autofree char *holder = code == EADDRINUSE ? weir_port_holder_dup_name (port) : NULL;

  if (holder != NULL)
    return weir_error_set (error, WEIR_ERROR_IO, "port %u is used by %s on %s; " WAY_OUT,
                           port, holder, literal);
  return weir_error_set (error, WEIR_ERROR_IO, "cannot listen on %s port %u: %s%s", literal,
                         port, g_strerror (code), code == EADDRINUSE ? "; " WAY_OUT : "");
}

/* Both loopback addresses with one port.  A machine without IPv6 has one of them. */
static gboolean
bind_pair (
    WeirListener *self, const char *v4, const char *v6, uint16_t port, GError **error)
{
  int code = 0;

  for (int i = 0; i < PORT_TRIES; i++)
    {
      if (!add_socket (self, v4, port, &code))
        return say_why (v4, port, code, error);
      if (add_socket (self, v6, self->port, &code) || code == EADDRNOTAVAIL
          || code == EAFNOSUPPORT)
        return TRUE;
      if (port != 0 || code != EADDRINUSE)
        return say_why (v6, port, code, error);
      close_sockets (self); /* the free port of one is taken for the other: another one */
    }
  return say_why (v6, port, code, error);
}

WeirListener *
weir_listener_new (WeirPoller *poller,
                   const char *host,
                   uint16_t port,
                   WeirAcceptFunc func,
                   gpointer user_data,
                   GError **error)
{
  g_autoptr (WeirListener) self = g_new0 (WeirListener, 1);
  int code = 0;
  gboolean bound;

  self->poller = poller;
  self->func = func;
  self->user_data = user_data;
  self->reserve_fd = -1;
  open_reserve (self);
  if (*host == '\0' || g_str_equal (host, "localhost"))
    bound = bind_pair (self, "127.0.0.1", "::1", port, error);
  else if (g_str_equal (host, "*"))
    bound = bind_pair (self, "0.0.0.0", "::", port, error);
  else
    bound = add_socket (self, host, port, &code) || say_why (host, port, code, error);
  return bound ? g_steal_pointer (&self) : NULL;
}

void
weir_listener_free (WeirListener *self)
{
  if (self == NULL)
    return;
  close_sockets (self);
  if (self->reserve_fd >= 0)
    close (self->reserve_fd);
  g_free (self);
}

uint16_t
weir_listener_get_port (const WeirListener *self)
{
  return self->port;
}
