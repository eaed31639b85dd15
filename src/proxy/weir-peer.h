/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Who is at the other end of a TCP connection inside this machine: the kernel knows
 * (NETLINK_SOCK_DIAG, sock_diag(7)) and tells any user. */

#include <glib.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

typedef struct
{
  uid_t uid; /* of the client's process; (uid_t) -1 without an owner */
  gboolean
      has_owner; /* some process still holds the client's socket: it may have shut down its
                    sending side, but it waits for an answer.  FALSE: closed or gone. */
} WeirPeer;

/* Looks up the client's socket of a connection that we accepted and still hold: @local is
 * our address, @remote the client's; IPv4, IPv6 or IPv4 mapped into IPv6.  Blocks for some
 * 10 us, at worst 50 ms.  FALSE, and @out untouched: not to be known here (no netlink, no
 * such diagnosis in this kernel, another family).  May be called from any thread. */
gboolean weir_peer_lookup (const struct sockaddr *local,
                           const struct sockaddr *remote,
                           WeirPeer *out);

/* An IPv4 or IPv6 address as text of at most @size bytes, without brackets. */
void weir_peer_describe (const struct sockaddr_storage *address,
                         char *out_text,
                         socklen_t size,
                         uint16_t *out_port,
                         gboolean *out_loopback);
