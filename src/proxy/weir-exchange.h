/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One client request from its head to the last byte of its answer: which seat is asked,
 * what is sent, when another is tried, what the client gets, and the line in the log.
 *
 *  RECEIVING -> CONNECTING -> AWAITING -> PROBING ---> STREAMING -> DRAINING -> DONE
 *       |           ^            |    \-> GATHERING -> (answer) ------^
 *       v           +-- rotate --+------------+          any state -- client left --> DONE
 *    WAITING -------+  (all rest)
 *
 * The first byte to the client is the commit point: after it nothing is sent again, ever.
 */

#include "chat/weir-response-store.h"
#include "proxy/weir-connection.h"
#include "proxy/weir-proxy.h"
#include "proxy/weir-routes.h"
#include "proxy/weir-routing.h"

typedef struct _WeirExchange WeirExchange;

/* What all exchanges share; the proxy's. */
typedef struct
{
  WeirPoller *poller;                    /* (unowned) */
  WeirUpstream *upstream;                /* (unowned) */
  WeirResponseStore *responses;          /* (unowned) */
  WeirPool *pool;                        /* (unowned) */
  WeirLimits *limits;                    /* (unowned) */
  WeirRouting *routing;                  /* (unowned) of new requests */
  WeirTokenSource tokens;                /* of accounts; none until there are some */
  const WeirTokenSource *service_tokens; /* (unowned) of service accounts */
  WeirLogFunc log;
  gpointer log_data;
  WeirProxyQuotaFunc quota; /* (nullable) */
  gpointer quota_data;
  GFunc began; /* (nullable): of a request that has come */
  gpointer began_data;
  WeirJson table;    /* (owned) of whatever is read, and read out before control returns */
  char instance[17]; /* random name of this process, for Via */
  GQueue exchanges;  /* of WeirExchange, by their link */
  GQueue leavers;    /* ended, but a connect of theirs has not called back yet */
  uint64_t id_base;
  uint64_t n_requests; /* since start */
  uint64_t n_attempts;
  uint64_t n_complete, n_failed, n_cut, n_left, n_refused;
} WeirExchangeHost;

/* Begins at the request's head; the body is still to come.  @model (nullable): the path's,
 * decoded. */
WeirExchange *weir_exchange_new (WeirExchangeHost *host,
                                 WeirRouting *routing,
                                 WeirConnection *connection,
                                 const WeirRoute *route,
                                 const WeirHttpHead *head,
                                 const WeirCaller *caller,
                                 const char *model);

typedef enum
{
  WEIR_EXCHANGE_FIELDS_FEW,        /* those that some provider may see and those that name a
                                      conversation */
  WEIR_EXCHANGE_FIELDS_WITH_AGENT, /* and what says which program the client is */
  WEIR_EXCHANGE_FIELDS_ALL,        /* but credentials and what concerns the connection */
} WeirExchangeFields;

/* (transfer full): the fields of @head that may go on, name NUL value NUL …. */
GString *weir_exchange_dup_fields (const WeirHttpHead *head, WeirExchangeFields which);

/* The body has come. */
void weir_exchange_begin (WeirExchange *self);
/* The connection's word. */
void weir_exchange_drained (WeirExchange *self);
void weir_exchange_left (WeirExchange *self);
/* The request broke before its body was whole. */
void weir_exchange_refuse (WeirExchange *self, const GError *error);
/* Calls @func with what its line in the log would be now; its outcome is NULL. */
void weir_exchange_show (WeirExchange *self, WeirLogFunc func, gpointer user_data);
/* Ends it with its dialect's error now: the program stops. */
void weir_exchange_shut_down (WeirExchange *self);

/* Writes a request id for an answer outside any exchange. */
void weir_exchange_make_id (WeirExchangeHost *host, char out_id[24]);

/* Appends the fields that every answer carries: ids, no caching. */
void weir_exchange_write_fields (GString *out, WeirDialect dialect, const char *id);

/* The end: every connection is closed and the upstream is about to go.  What is left of
 * exchanges goes first; connects under way never call back. */
void weir_exchange_host_clear (WeirExchangeHost *host);
