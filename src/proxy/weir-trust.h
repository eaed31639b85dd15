/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Whom we believe: the system's trust store, loaded once for all connections, and the
 * user's own certificates besides. */

#include "base/weir-error.h"

#include <gio/gio.h>
#include <stdint.h>

/* A GTlsDatabase that verifies chains and does nothing else.  A chain is good when the
 * system's store or the user's file vouches for it; name, dates and strength must be right
 * in either case. */
#define WEIR_TYPE_TRUST (weir_trust_get_type ())
G_DECLARE_FINAL_TYPE (WeirTrust, weir_trust, WEIR, TRUST, GTlsDatabase)

/* (transfer full) (nullable): @ca_file (nullable) is a PEM file with at least one
 * certificate; WEIR_ERROR_CONFIG if it cannot be read.  Blocking: for start and reload. The
 * system's store is loaded when it is first needed. */
WeirTrust *weir_trust_new (const char *ca_file, GError **error);

/* Loads the system's store in a thread, so that the first connection need not wait. */
void weir_trust_prefetch (WeirTrust *self);

/* What is wrong with the @chain a server showed when it should be @host at @port, an
 * authenticated server; 0: nothing. */
GTlsCertificateFlags weir_trust_verify (WeirTrust *self,
                                        GTlsCertificate *chain,
                                        const char *host,
                                        uint16_t port);

/* What @flags say of @certificate, in words for the user: the gravest fault only. */
const char *weir_trust_describe (GTlsCertificate *certificate, GTlsCertificateFlags flags);
