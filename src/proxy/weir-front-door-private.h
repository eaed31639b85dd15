/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Shared by the two files of the front door: weir-front-door.c (who may connect, the life
 * of connections) and weir-front-door-head.c (what each head asks). */

#include "proxy/weir-control-door.h"
#include "proxy/weir-front-door.h"
#include "proxy/weir-handshakes.h"

struct _WeirFrontDoor
{
  WeirExchangeHost *host;       /* (unowned) */
  WeirRouting *routing;         /* (owned) (nullable) */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  WeirControlDoor *control;     /* (owned) */
  WeirGuessLimit *guesses;      /* (owned) */
  WeirHandshakes *handshakes;   /* (owned) */
  GQueue connections;           /* of WeirConnection, oldest first */
  unsigned cap;
  int64_t since_us; /* real time of the start, for lists */
  int64_t foreign_warned_us;
  gboolean draining;
  GFunc empty; /* (nullable) */
  gpointer empty_data;
};

/* A head has come: the first of the rules in weir-front-door-head.c that it breaks refuses
 * it. */
WeirHeadResult weir_front_door_read_head (WeirConnection *connection,
                                          const WeirHttpHead *head,
                                          WeirSlice raw);

/* Answers with @error in @dialect and closes.  @route: for the log.  @extra_fields
 * (nullable): whole lines. */
void weir_front_door_refuse (WeirConnection *connection,
                             WeirDialect dialect,
                             const char *route,
                             const char *extra_fields,
                             const GError *error);
