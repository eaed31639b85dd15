/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Sockets that a service manager opened for this process before it started (socket
 * activation, sd_listen_fds(3)). */

#include <glib.h>
#include <sys/socket.h>

/* A copy of the one that listens at @address, non-blocking and close-on-exec; -1 when there
 * is none.  The inherited one stays open: an address can be left and taken again. */
int weir_inherited_dup_socket (const struct sockaddr_storage *address);
