/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The other side of a connection, on loopback: servers and proxies with one trick each.
 * Each connection has its own thread; connections are accepted by the default main context.
 */

#include <gio/gio.h>
#include <stdint.h>

typedef enum
{
  FAR_END_ECHO,       /* sends back what it hears, until the end */
  FAR_END_SILENT,     /* accepts, then nothing */
  FAR_END_GARBAGE,    /* answers anything with a line that is not TLS */
  FAR_END_SCRIPT,     /* answers the first bytes with @script, then ends */
  FAR_END_RESPOND,    /* answers one request head by @respond, then ends */
  FAR_END_OLD_TLS,    /* TLS 1.1 and nothing newer */
  FAR_END_HTTP_PROXY, /* CONNECT; every name leads to @backend_port on loopback */
  FAR_END_SOCKS5,     /* the same by SOCKS 5 */
  FAR_END_HTTP_407,   /* wants a password */
} FarEndKind;

typedef struct
{
  FarEndKind kind;
  uint16_t port;
  uint16_t backend_port;
  const char *script;
  char *(*respond) (const char *head, gpointer data); /* (transfer full), in a thread */
  gpointer respond_data;
  GTlsCertificate *certificate; /* (owned) (nullable): speaks TLS */
  GSocketService *service;      /* (owned) */
  GMutex lock;                  /* of what follows */
  GPtrArray *connections; /* (owned) of GSocketConnection (owned): all ever accepted */
  GPtrArray *streams;     /* (owned) of GIOStream (owned): the same with their TLS */
  gboolean stopped;
  int handshake_result; /* of FAR_END_OLD_TLS */
  unsigned n_accepted;
  unsigned n_open; /* handlers still running */
  size_t n_heard;  /* payload bytes behind TLS */
  GString *first;  /* (owned) first bytes of the last connection, as they came */
} FarEnd;

/* (transfer full).  @certificate (nullable) (transfer full). */
FarEnd *far_end_new (FarEndKind kind, GTlsCertificate *certificate);
/* Ends its connections and waits for their threads. */
void far_end_free (FarEnd *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FarEnd, far_end_free)

unsigned far_end_count_accepted (FarEnd *self);
unsigned far_end_count_open (FarEnd *self);
size_t far_end_count_heard (FarEnd *self);
/* Did @text stand in the first bytes of the last connection? */
gboolean far_end_saw (FarEnd *self, const char *text);
/* Sends @text on the last connection, from here. */
void far_end_push (FarEnd *self, const char *text);
/* The next close of the last connection is a reset. */
void far_end_arm_reset (FarEnd *self);
/* Closes the last connection from here. */
void far_end_hang_up (FarEnd *self);
