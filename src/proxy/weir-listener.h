/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The listening sockets and an accept loop that survives running out of descriptors. */

#include "base/weir-error.h"
#include "proxy/weir-poller.h"

#include <sys/socket.h>

typedef struct _WeirListener WeirListener;

/* @fd is non-blocking, close-on-exec and the callee's. */
typedef void (*WeirAcceptFunc) (int fd,
                                const struct sockaddr_storage *remote,
                                gpointer user_data);

/* Binds and listens; an address that a service manager listens at for this process
 * (weir-inherited) is taken over from it.  @host: "" or "localhost" is 127.0.0.1 and, where
 * there is IPv6, ::1;
 * "*" is every address; else one IP literal.  @port 0: any free one, the same for both.
 * WEIR_ERROR_IO names address, port and, where it can be known, the program that has it. */
WeirListener *weir_listener_new (WeirPoller *poller,
                                 const char *host,
                                 uint16_t port,
                                 WeirAcceptFunc func,
                                 gpointer user_data,
                                 GError **error);
void weir_listener_free (WeirListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirListener, weir_listener_free)

uint16_t weir_listener_get_port (const WeirListener *self);
