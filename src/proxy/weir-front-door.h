/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Who may come in: accepted sockets become connections, their heads are admitted or
 * refused, model routes become exchanges, other paths go to libsoup. */

#include "proxy/weir-exchange.h"

#include <sys/socket.h>

typedef struct _WeirFrontDoor WeirFrontDoor;

/* @host (unowned) outlives it. */
WeirFrontDoor *weir_front_door_new (WeirExchangeHost *host);
/* Every connection is closed. */
void weir_front_door_free (WeirFrontDoor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirFrontDoor, weir_front_door_free)

/* New requests are served by @routing (referenced). */
void weir_front_door_set_routing (WeirFrontDoor *self, WeirRouting *routing);
/* New connections speak TLS with @certificate; NULL: plain. */
void weir_front_door_set_certificate (WeirFrontDoor *self, GTlsCertificate *certificate);

/* A WeirAcceptFunc. */
void weir_front_door_accept (int fd, const struct sockaddr_storage *remote, gpointer self);

/* Every kept-alive connection closes; requests on others get 503 and close. @empty is
 * called, from the poller or at once, when none is left. */
void weir_front_door_drain (WeirFrontDoor *self, GFunc empty, gpointer user_data);
/* New connections are let in again; @empty is not called any more. */
void weir_front_door_reopen (WeirFrontDoor *self);
/* What is still under way ends with its dialect's error. */
void weir_front_door_shut_down (WeirFrontDoor *self);

unsigned weir_front_door_count (const WeirFrontDoor *self);
