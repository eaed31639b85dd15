/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Where a request goes: parsed once from a base URL when the configuration is read. */

#include "base/weir-error.h"

#include <stdint.h>

typedef struct
{
  gboolean tls;
  char *host; /* (owned) ASCII name in lower case or IP literal, without brackets */
  uint16_t port;
  char *authority; /* (owned) as the Host field says it: no default port, brackets round
                      IPv6 */
  char *path;      /* (owned) of the base URL, "" or "/v1": no slash at the end */
  char *proxy_url; /* (owned) (nullable): NULL asks the environment and desktop; "direct";
                      http, https, socks5, socks5h URL */
  char *account;   /* (owned) connections of two accounts are never shared: id of the
                      credential (no secret) */
} WeirTarget;

/* (transfer full) (nullable): reads @base_url; WEIR_ERROR_CONFIG for anything but http(s)
 * with host and no user info, query, fragment.  @proxy_url (nullable): "" is NULL;
 * WEIR_ERROR_CONFIG for a scheme we do not speak; it may hold a credential, so no message
 * quotes it.  @account (nullable): NULL is "". */
WeirTarget *weir_target_new (const char *base_url,
                             const char *proxy_url,
                             const char *account,
                             GError **error);
WeirTarget *weir_target_copy (const WeirTarget *self);
void weir_target_free (WeirTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeirTarget, weir_target_free)

/* May requests to one be sent over a connection made for the other?  The path does not
 * count.  For GHashTable. */
unsigned weir_target_hash (gconstpointer target);
gboolean weir_target_equal (gconstpointer a, gconstpointer b);

/* An IP literal of the loopback net, "localhost" or a name under it (RFC 6761, 6.3). */
gboolean weir_target_is_loopback (const WeirTarget *self);
