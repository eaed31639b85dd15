/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A quota watch, a vendor on this machine that answers as it is told, and driven time. */

#include "control/weir-quota-watch.h"

#include "../proxy/far-end.h"
#include "proxy/weir-trust.h"

#define MINUTE ((int64_t)G_TIME_SPAN_MINUTE)

typedef struct
{
  int64_t offset_us; /* of the driven clock */
  WeirPoller *poller;
  WeirTrust *trust;
  WeirVendorCalls *calls;
  WeirQuotaWatch *watch;
  FarEnd *vendor;
  char *folder;
  char *history_path;
  GPtrArray *accounts; /* of WeirAccount */
  GString *told;       /* subjects of `read`, and events */
  unsigned n_renewed;  /* tokens that were asked for because one was refused */
  gboolean cannot_renew;
  gboolean has_token;
  GMutex lock; /* of what follows */
  GString *heads;
  unsigned n_asked;
  unsigned status;
  const char *body;
  const char *field; /* (nullable): a line of the head, with its end */
} QuotaFixture;

void quota_fixture_say (QuotaFixture *self, unsigned status, const char *body);
gboolean quota_fixture_was_sent (QuotaFixture *self, const char *text);
void quota_fixture_begin_watch (QuotaFixture *self);
void quota_fixture_set_up (QuotaFixture *self, gconstpointer data);
void quota_fixture_let_loop_run (void);
void quota_fixture_tear_down (QuotaFixture *self, gconstpointer data);
void quota_fixture_wait_asked (QuotaFixture *self, unsigned n);
void quota_fixture_set_account (QuotaFixture *self,
                                const char *id,
                                const char *provider,
                                WeirAccountState state);
WeirQuotaView quota_fixture_get_view (QuotaFixture *self, const char *subject);
