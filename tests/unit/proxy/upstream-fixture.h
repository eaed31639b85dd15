/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the tests of the upstream leg share: a pool with an authority of its own and a
 * driven clock, and the few things one does with a link. */

#include "proxy/weir-upstream.h"

#include "certificates.h"
#include "far-end.h"

typedef struct
{
  WeirPoller *poller;
  WeirUpstream *upstream;
  TestCertificate *ca;
  char *ca_file;
  GCancellable *cancellable;
  int64_t offset_us; /* of the driven clock */
} Fixture;

typedef struct
{
  gboolean called;
  WeirLink *link;
  GError *error;
} Outcome;

void upstream_fixture_setup (Fixture *self, gconstpointer data);
void upstream_fixture_teardown (Fixture *self, gconstpointer data);
void on_outcome (WeirLink *link, const GError *error, gpointer user_data);
void wait_for (const gboolean *flag);
WeirTarget *
make_target (const char *scheme, const char *host, unsigned port, const char *proxy_url);
WeirLink *connect_target (Fixture *self, const WeirTarget *target, GError **error);
WeirLink *connect_to (Fixture *self,
                      const char *scheme,
                      const char *host,
                      unsigned port,
                      const char *proxy_url,
                      GError **error);
void assert_echoes (WeirLink *link, const char *text);
void assert_works (Fixture *self, const char *scheme, const char *host, unsigned port);
void assert_refused (Fixture *self,
                     const char *scheme,
                     const char *host,
                     unsigned port,
                     WeirError code,
                     const char *word);
FarEnd *make_tls_peer (const TestCertificateRequest *request);
