/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Who may speak, decided on the head alone, before any work.  Pure. */

#include "http/weir-http-head.h"

typedef struct
{
  char address[48]; /* of the socket that took the connection, an IP literal without
                       brackets */
  uint16_t port;
  gboolean tls;
  gboolean is_loopback; /* that socket is bound to loopback */
} WeirLocal;

/* Host, Origin, Sec-Fetch-Site and Content-Type, in this order.  FALSE:
 * WEIR_ERROR_MISDIRECTED, _FORBIDDEN or _MEDIA_TYPE.  @form_too: a form will do as well as
 * JSON.  Pages can send forms without asking; the rules before this one keep them out. */
gboolean weir_admission_check_origin (const WeirHttpHead *head,
                                      const WeirLocal *local,
                                      GError **error);
gboolean
weir_admission_check_content (const WeirHttpHead *head, gboolean form_too, GError **error);
