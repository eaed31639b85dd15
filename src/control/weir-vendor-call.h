/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Calls to the vendors of accounts, whole and bounded: signing in, refreshing, asking who
 * an account is and what is left of it.  Built-in addresses go through `vendor-hosts:` of
 * the configuration; no redirect is followed, no cookie kept, nothing is sent twice.  On
 * the main loop. */

#include "accounts/weir-accounts.h"
#include "proxy/weir-control-session.h"
#include "store/weir-config.h"

#define WEIR_VENDOR_CALL_US (60 * (int64_t)G_USEC_PER_SEC)

typedef struct _WeirVendorCalls WeirVendorCalls;

/* @trust and @config are referenced; @poller must outlive @self and its calls. */
WeirVendorCalls *
weir_vendor_calls_new (WeirPoller *poller, GTlsDatabase *trust, WeirConfig *config);
/* Ends what is under way: nobody is called back. */
void weir_vendor_calls_free (WeirVendorCalls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirVendorCalls, weir_vendor_calls_free)

/* From the next call on. */
void weir_vendor_calls_set_config (WeirVendorCalls *self, WeirConfig *config);
WeirConfig *weir_vendor_calls_get_config (const WeirVendorCalls *self);
/* As weir_upstream_set_own_port. */
void weir_vendor_calls_set_own_port (WeirVendorCalls *self, uint16_t port);

/* What is not said is zero. */
typedef struct
{
  const char *method;             /* "GET" or "POST" */
  const char *url;                /* as it is built in */
  const char *content_type;       /* where there is a body */
  WeirSecret *body;               /* (nullable) (unowned) */
  WeirSecret *authorization;      /* (nullable) (unowned): value of that field */
  const WeirControlField *fields; /* (nullable): besides Authorization, Accept and
                                     User-Agent; ends with a NULL name */
  const char *proxy_url;          /* (nullable): NULL or "": the configuration's */
} WeirVendorCall;

/* Finish gives the body of an answer of any status, WEIR_OAUTH_ANSWER_MAX bytes at most;
 * errors as weir_control_session_get_finish. */
void weir_vendor_calls_ask_async (WeirVendorCalls *self,
                                  const WeirVendorCall *call,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GBytes *
weir_vendor_calls_ask_finish (GAsyncResult *result, unsigned *out_status, GError **error);
/* How long the answer wishes to be left alone from its coming on (RFC 9110, 10.2.3), in
 * microseconds; 0: it does not say, or there was none. */
int64_t weir_vendor_calls_get_retry_us (GAsyncResult *result);

/* What WeirAccounts asks with: a WeirAccountsSendFunc and a WeirAccountsClientFunc, whose
 * @user_data is a WeirVendorCalls.  What get_client gives is valid until the configuration
 * is another one. */
void weir_vendor_calls_send (const WeirOauthRequest *request,
                             const char *proxy_url,
                             WeirAccountsAnswerFunc answer,
                             gpointer answer_data,
                             gpointer user_data);
gboolean weir_vendor_calls_get_client (const WeirProviderOauth *row,
                                       WeirOauthClient *out,
                                       gpointer user_data);
