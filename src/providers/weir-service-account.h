/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A service account of Google: a key file whose holder signs for himself (RFC 7523, section
 * 2.1; Google, "Using OAuth 2.0 for Server to Server Applications", read 2026-10).  Pure,
 * and slow enough for a thread: it signs with RSA. */

#include "base/weir-error.h"
#include "base/weir-secret.h"

#include <stdint.h>

/* (transfer full): the key file on one line, which is what a secret is.  NULL:
 * WEIR_ERROR_CONFIG: it is none, and why not; nothing of it is quoted. */
WeirSecret *weir_service_account_new (WeirSlice file, GError **error);

/* (transfer full) (nullable): the project that the account belongs to. */
char *weir_service_account_dup_project (const WeirSecret *self);
/* (transfer full) (nullable): who it is. */
char *weir_service_account_dup_email (const WeirSecret *self);
/* Its tokens come from @url. */
gboolean weir_service_account_has_endpoint (const WeirSecret *self, const char *url);

/* What is sent for a token, to whom. */
typedef struct
{
  char *url;        /* (owned) the account's token endpoint */
  WeirSecret *body; /* (owned) application/x-www-form-urlencoded */
} WeirServiceAccountAsk;

/* A zeroed one is a valid empty one. */
void weir_service_account_ask_clear (WeirServiceAccountAsk *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WeirServiceAccountAsk, weir_service_account_ask_clear)

/* @now_s: since 1970.  @out must be empty.  WEIR_ERROR_CONFIG: the key does not sign. */
gboolean weir_service_account_sign (const WeirSecret *self,
                                    int64_t now_s,
                                    WeirServiceAccountAsk *out,
                                    GError **error);

/* (transfer full): the token that the endpoint gave, and for how many seconds.
 * WEIR_ERROR_UNAUTHORIZED: it knows the account no longer; WEIR_ERROR_UPSTREAM: later. */
WeirSecret *weir_service_account_read_answer (unsigned status,
                                              WeirSlice body,
                                              int64_t *out_lasts_s,
                                              GError **error);
