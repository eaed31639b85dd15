/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* TLS handshakes of clients that have just come in, each with its deadline. */

#include "proxy/weir-stream.h"

#include <sys/socket.h>

typedef struct _WeirHandshakes WeirHandshakes;

/* A handshake is done.  The callee takes over @stream. */
typedef void (*WeirHandshakeFunc) (const WeirStream *stream,
                                   const struct sockaddr_storage *remote,
                                   gpointer user_data);

WeirHandshakes *
weir_handshakes_new (WeirPoller *poller, WeirHandshakeFunc func, gpointer user_data);
/* Those under way are given up. */
void weir_handshakes_free (WeirHandshakes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirHandshakes, weir_handshakes_free)

/* Takes @fd.  One that fails, or takes more than 10 s, is closed without a word. */
void weir_handshakes_begin (WeirHandshakes *self,
                            int fd,
                            const struct sockaddr_storage *remote,
                            GTlsCertificate *certificate);
