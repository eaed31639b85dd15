/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The proxy as the application sees it: one listener, one configuration at a time. */

#include "accounts/weir-account.h"
#include "providers/weir-quota.h"
#include "proxy/weir-poller.h"
#include "proxy/weir-token-source.h"
#include "store/weir-config.h"

#include <gio/gio.h>

typedef struct _WeirProxy WeirProxy;

/* One line of the request log, called once a request when it has ended.  Strings are valid
 * during the call; NULL where unknown.  No secret, no prompt. */
typedef struct
{
  uint64_t number;   /* of the request since the start, from 1; later ones are higher */
  const char *id;    /* also in the answer's x-request-id field */
  const char *route; /* "POST /v1/chat/completions", a table's constant */
  const char *client_key; /* digest, 8 hex digits; NULL without */
  const char *model;      /* as the client said it, cleaned */
  const char *upstream_model;
  const char *account; /* "claude", "groq#2" … */
  const char *client_dialect;
  const char *upstream_dialect;
  const char *pass;    /* "untouched", "edited", "translated", "local" */
  const char *losses;  /* what the translation could not say: words, commas between */
  const char *agent;   /* the first word of what the client calls itself */
  const char *outcome; /* "complete", "failed", "cut", "client-left", "refused" */
  const char *error;   /* code of weir-error.h */
  const char *detail;  /* redacted message */
  unsigned status;     /* sent to the client; 0: nothing was sent */
  unsigned attempts;   /* sends upstream */
  uint64_t bytes_in;   /* body of the request */
  uint64_t bytes_out;  /* body of the answer */
  uint64_t tokens_in;  /* WEIR_USAGE_UNKNOWN where nobody said */
  uint64_t tokens_out;
  uint64_t tokens_cached;
  int64_t first_byte_us; /* from the first byte of the request; -1: none */
  int64_t total_us;
} WeirLogRow;

typedef void (*WeirLogFunc) (const WeirLogRow *row, gpointer user_data);

/* @config decides everything but the port: @port_override < 0 takes the configuration's.
 * Nothing listens yet.  WEIR_ERROR_CONFIG or _IO. */
WeirProxy *weir_proxy_new (WeirConfig *config,
                           int port_override,
                           WeirLogFunc log,
                           gpointer user_data,
                           GError **error);
void weir_proxy_free (WeirProxy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirProxy, weir_proxy_free)

/* Once, before it listens: what rests and what client keys have used is read from the file
 * at @path, and kept there for the next start.  Nothing waits for it but weir_proxy_listen,
 * a moment, and the end. */
void weir_proxy_remember (WeirProxy *self, const char *path);

/* Binds and accepts; again, once a drain has ended.  WEIR_ERROR_IO names the address, the
 * port and, where it can be known, the program that holds it. */
gboolean weir_proxy_listen (WeirProxy *self, GError **error);

/* The real port; 0 before listen. */
uint16_t weir_proxy_get_port (const WeirProxy *self);
/* (transfer full): "http://127.0.0.1:8317". */
char *weir_proxy_dup_url (const WeirProxy *self);

/* For calls of the control plane; both live as long as @self. */
WeirPoller *weir_proxy_get_poller (const WeirProxy *self);
GTlsDatabase *weir_proxy_get_trust (const WeirProxy *self);

/* New requests see @config; open ones are not touched.  host, port and tls need a new
 * listener: it is bound first, and on failure the old configuration stays and FALSE says
 * why. */
gboolean weir_proxy_set_config (WeirProxy *self, WeirConfig *config, GError **error);

/* New requests see @accounts (of WeirAccount, referenced; nullable: none) beside the keys
 * of the configuration; open ones are not touched.  An account that cannot serve is left
 * out.  @tokens is copied; what it holds must outlive the proxy or the next call.  A zeroed
 * one ends it: nobody is asked for a token any more. */
void weir_proxy_set_accounts (WeirProxy *self,
                              const GPtrArray *accounts,
                              const WeirTokenSource *tokens);

/* Stops accepting, answers kept-alive connections with 503 and close, lets streams end
 * until
 * @grace_us from now, then ends them with their dialect's error.  @done is called once when
 * the last connection is gone. Calling again
 * with a shorter grace shortens it; the last @done counts, also where all are gone. */
void weir_proxy_drain (WeirProxy *self, int64_t grace_us, GFunc done, gpointer user_data);

/* Ends a drain before its time, so that weir_proxy_listen may be called again; its @done is
 * not called any more.  Connections that were told to go still go. */
void weir_proxy_cancel_drain (WeirProxy *self);

/* Calls @func with a row of each request that is open now, oldest first; what is not known
 * yet is NULL or 0, its outcome too. */
void weir_proxy_foreach_open (WeirProxy *self, WeirLogFunc func, gpointer user_data);
unsigned weir_proxy_count_open (const WeirProxy *self);

/* What somebody who looks on is told of, on the main loop. */
typedef struct
{
  GFunc request_began;  /* of @data NULL */
  GFunc models_changed; /* a vendor has told which models it serves */
  gpointer user_data;
} WeirProxyWatch;

void weir_proxy_set_watch (WeirProxy *self, const WeirProxyWatch *watch);

/* Power or a metered network is to be spared: what nobody waits for is not asked. */
void weir_proxy_set_sparing (WeirProxy *self, gboolean is_sparing);
/* After suspend or on a change of network. */
void weir_proxy_network_changed (WeirProxy *self);

/* --- quotas ---
 *
 * A subject is an account's id, or the identity of a seat that has a key. */

/* The vendor of @subject's seat has begun to answer a client, or has refused.  @reading
 * (nullable): what it says of the quota by the way. */
typedef void (*WeirProxyQuotaFunc) (const char *subject,
                                    const WeirQuotaReading *reading,
                                    gpointer user_data);
/* @func (nullable) must not free the proxy. */
void
weir_proxy_set_quota_func (WeirProxy *self, WeirProxyQuotaFunc func, gpointer user_data);

/* What the vendor of @subject says of its quota, asked apart from any request. */
void weir_proxy_note_quota (WeirProxy *self,
                            const char *subject,
                            const WeirQuotaReading *reading);

/* A seat as it is in the configuration of now; valid during the call. */
typedef struct
{
  const char *id; /* "groq#2" */
  const char *subject;
  const char *base_url;  /* as it is configured, or the vendor's */
  WeirSecret *api_key;   /* (nullable): NULL of an account, and where there is none */
  const char *proxy_url; /* (nullable) */
} WeirProxySeat;

typedef void (*WeirProxySeatFunc) (const WeirProxySeat *seat, gpointer user_data);
void weir_proxy_foreach_seat (WeirProxy *self, WeirProxySeatFunc func, gpointer user_data);

/* (transfer full): state without secrets, as one JSON document (SIGUSR1, diagnostics). */
char *weir_proxy_dump (WeirProxy *self);
