/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The other side of a connection, on loopback: servers and proxies with one trick each.
 * Each connection has its own thread; connections are accepted by the default main context.
 */

#include <gio/gio.h>
#include <stdint.h>

typedef enum
{
  PEER_ECHO,       /* sends back what it hears, until the end */
  PEER_SILENT,     /* accepts, then nothing */
  PEER_GARBAGE,    /* answers anything with a line that is not TLS */
  PEER_HTTP_PROXY, /* CONNECT; every name leads to @backend_port on loopback */
  PEER_SOCKS5,     /* the same by SOCKS 5 */
  PEER_HTTP_407,   /* wants a password */
} PeerKind;

typedef struct
{
  PeerKind kind;
  uint16_t port;
  uint16_t backend_port;
  GTlsCertificate *certificate; /* (owned) (nullable): speaks TLS */
  GSocketService *service;      /* (owned) */
  GMutex lock;                  /* of what follows */
  GPtrArray *connections; /* (owned) of GSocketConnection (owned): all ever accepted */
  GPtrArray *streams;     /* (owned) of GIOStream (owned): the same with their TLS */
  gboolean stopped;
  unsigned n_accepted;
  unsigned n_open; /* handlers still running */
  size_t n_heard;  /* payload bytes behind TLS */
  GString *first;  /* (owned) first bytes of the last connection, as they came */
} Peer;

/* (transfer full).  @certificate (nullable) (transfer full). */
Peer *peer_new (PeerKind kind, GTlsCertificate *certificate);
/* Ends its connections and waits for their threads. */
void peer_free (Peer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

unsigned peer_count_accepted (Peer *self);
unsigned peer_count_open (Peer *self);
size_t peer_count_heard (Peer *self);
/* Did @text stand in the first bytes of the last connection? */
gboolean peer_saw (Peer *self, const char *text);
/* Sends @text on the last connection, from here. */
void peer_push (Peer *self, const char *text);
/* Closes the last connection from here. */
void peer_hang_up (Peer *self);
