/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One new connection: find the way (perhaps through a proxy), connect, look where it led,
 * shake hands.  Each step has its own deadline. */

#include "proxy/weir-poller.h"
#include "proxy/weir-target.h"
#include "proxy/weir-trust.h"

#include <gio/gio.h>

#define WEIR_DIAL_CONNECT_US (10 * G_USEC_PER_SEC)
#define WEIR_DIAL_TLS_US (10 * G_USEC_PER_SEC)

typedef struct _WeirDial WeirDial;

/* @error NULL: @connection and, where the target wants it or the proxy speaks it, @tls
 * round it are ready; (transfer none).  Errors: those of weir_upstream_connect. */
typedef void (*WeirDialFunc) (GSocketConnection *connection,
                              GTlsConnection *tls,
                              const GError *error,
                              gpointer user_data);

typedef struct
{
  WeirPoller *poller;       /* must outlive the dial */
  WeirTrust *trust;         /* is referenced */
  const WeirTarget *target; /* is copied */
  uint16_t own_port;        /* of our own listener, where nobody is let through; or 0 */
  GCancellable *cancellable;
  WeirDialFunc func;
  gpointer user_data;
} WeirDialRequest;

/* (transfer none): the dial frees itself behind the one call of func, which comes from the
 * default main context and never from inside. */
WeirDial *weir_dial_start (const WeirDialRequest *request);

/* Cuts what is under way; func is not called. */
void weir_dial_abandon (WeirDial *self);
