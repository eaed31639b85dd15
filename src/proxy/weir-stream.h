/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One connected socket without blocking, plain or under TLS, watched by the poller.  The
 * same for both legs. */

#include "base/weir-slice.h"
#include "proxy/weir-poller.h"

#include <gio/gio.h>
#include <sys/uio.h>

typedef struct
{
  WeirPoller *poller; /* (unowned) */
  WeirWatch watch;    /* on the descriptor; its func is the owner's */
  int fd; /* -1 when closed; owned through @connection, or itself where that is NULL */
  GSocketConnection *connection; /* (owned) (nullable) what GSocketClient made */
  GTlsConnection *tls;           /* (owned) (nullable): handshake done */
  gboolean tls_readable; /* TLS may hold bytes that the descriptor no longer shows: whoever
                            stopped reading then reads again without an event */
  gboolean tls_unsent;   /* (private) a goodbye under TLS would wait, or has been said */
} WeirStream;

#define WEIR_STREAM_AGAIN ((ssize_t)-1)  /* would block: wait for the watch */
#define WEIR_STREAM_FAILED ((ssize_t)-2) /* reset or broken TLS */

/* Takes an accepted or connected non-blocking @fd. */
void weir_stream_init_fd (WeirStream *self, WeirPoller *poller, int fd);
/* Takes one reference of @connection, and of @tls (nullable) which wraps it. */
void weir_stream_init_connection (WeirStream *self,
                                  WeirPoller *poller,
                                  GSocketConnection *connection,
                                  GTlsConnection *tls);
/* Starts or changes waiting; EPOLLRDHUP is always added. */
gboolean weir_stream_watch (WeirStream *self, WeirWatchFunc func, uint32_t events);
/* > 0 bytes, 0 at a clean end, or one of the two above.  Under TLS the buffer is filled as
 * far as possible: only a full one leaves tls_readable set.  An end without TLS's own
 * goodbye is _FAILED. */
ssize_t weir_stream_read (WeirStream *self, char *buffer, size_t length);
/* >= 0 bytes written (may be fewer), or one of the two above.  At most 64 parts.  The next
 * call begins with the bytes that were not written, and offers no fewer of them than this
 * one did: TLS may have taken a part of them already. */
ssize_t weir_stream_writev (WeirStream *self, const struct iovec *parts, int n_parts);
/* Cuts visibly: linger 0, so the peer sees a reset and never a clean end.  Then close. */
void weir_stream_abort (WeirStream *self);
/* Half-close of the writing side; reading goes on.  Writing afterwards fails. */
void weir_stream_shutdown_write (WeirStream *self);
/* Ends properly, also under TLS where the socket has room for the goodbye; never waits.
 * Harmless on a closed stream. */
void weir_stream_close (WeirStream *self);
gboolean weir_stream_is_open (const WeirStream *self);
