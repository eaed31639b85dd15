/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Calls of the control plane (model lists, sign-ins, quotas) by libsoup: rare, small and
 * whole.  One SoupSession a call, so that no two accounts ever share a connection, a cookie
 * or a cache; no redirect is followed, nothing is sent twice, nothing decoded.  Bodies of
 * answers are wiped when they are freed. */

#include "base/weir-secret.h"
#include "proxy/weir-poller.h"
#include "proxy/weir-target.h"

#include <gio/gio.h>

#define WEIR_CONTROL_DEADLINE_US                                                           \
  (30 * G_USEC_PER_SEC) /* from the call to the last byte                                  \
                         */
#define WEIR_CONTROL_BODY_MAX (4u << 20)

typedef struct _WeirControlSession WeirControlSession;

/* One header field of a call. */
typedef struct
{
  const char *name;  /* a token */
  const char *value; /* no control bytes */
} WeirControlField;

/* To be called at the start of main, before any thread: libsoup 3.2 takes HTTP/2 wherever
 * it is offered, and there a refused stream makes it send again without limit. Only an
 * environment variable says no, and it is read at each connection. */
void weir_control_session_prepare_process (void);

/* @trust is referenced; @poller must outlive the session and its calls. */
WeirControlSession *weir_control_session_new (WeirPoller *poller, GTlsDatabase *trust);
/* Calls under way go on: cancel them. */
void weir_control_session_free (WeirControlSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirControlSession, weir_control_session_free)

/* As weir_upstream_set_own_port. */
void weir_control_session_set_own_port (WeirControlSession *self, uint16_t port);

typedef struct
{
  const char *method;             /* "GET" or "POST" */
  const char *path_and_query;     /* "/models?limit=1", behind the target's own path */
  const WeirControlField *fields; /* ends with a NULL name; copied */
  const char *content_type;       /* where there is a body */
  WeirSecret *body;               /* (nullable) (unowned): referenced */
  int64_t deadline_us;            /* from the call to the last byte; 0: 30 s */
  size_t body_max;                /* of the answer; 0: 4 MiB */
} WeirControlCall;

/* weir_control_session_get_finish is its end. */
void weir_control_session_call (WeirControlSession *self,
                                const WeirTarget *target,
                                const WeirControlCall *call,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* A call that is a GET and nothing else. */
void weir_control_session_get (WeirControlSession *self,
                               const WeirTarget *target,
                               const char *path_and_query,
                               const WeirControlField *fields,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

/* (transfer full): the body of a whole answer of any status.  WEIR_ERROR_UPSTREAM,
 * _UPSTREAM_TLS, _UPSTREAM_TIMEOUT, _LOOP, _CANCELLED as for upstream connections;
 * _BAD_UPSTREAM for an answer that is shorter than it says, coded, or too long.  An
 * answer that is cut between two chunks looks whole to libsoup 3.2: the body's own format
 * must show its end. */
GBytes *weir_control_session_get_finish (GAsyncResult *result,
                                         unsigned *out_status,
                                         GError **error);
/* (transfer none) (nullable), as long as @result: the value of a field of that answer;
 * values of several such are joined by ", ". */
const char *weir_control_session_get_field (GAsyncResult *result, const char *name);
