/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Status to verdict.  RFC 9110, 15; 529 is Anthropic's overloaded_error (API errors page,
 * read 2026-10). */

#include "config.h"

#include "providers/weir-verdict.h"

#define SECONDS(n) ((int64_t)(n)*G_USEC_PER_SEC)
#define MINUTES(n) (SECONDS (60) * (n))
#define HOURS(n) (MINUTES (60) * (n))

typedef struct
{
  unsigned from;
  unsigned to;
  WeirVerdictAction action;
  WeirRestScope scope;
  WeirRestReason reason;
  int64_t rest_us;
} Row;

/* clang-format off */
static const Row rows[] = {
  /* the first row that holds the status counts */
  { 200, 299, WEIR_VERDICT_FINE,         WEIR_REST_NONE,    WEIR_REST_FOR_NOTHING,  0 },
  /* redirects would carry the key elsewhere */
  { 300, 399, WEIR_VERDICT_NONSENSE,     WEIR_REST_NONE,    WEIR_REST_FOR_NOTHING,  0 },
  { 401, 401, WEIR_VERDICT_ROTATE,       WEIR_REST_ACCOUNT, WEIR_REST_UNAUTHORIZED, MINUTES (30) },
  { 402, 403, WEIR_VERDICT_ROTATE,       WEIR_REST_MODEL,   WEIR_REST_PAYMENT,      MINUTES (30) },
  { 404, 404, WEIR_VERDICT_ROTATE,       WEIR_REST_MODEL,   WEIR_REST_NOT_FOUND,    HOURS (12) },
  { 408, 408, WEIR_VERDICT_ROTATE_ONCE,  WEIR_REST_MODEL,   WEIR_REST_TRANSIENT,    0 },
  { 429, 429, WEIR_VERDICT_ROTATE,       WEIR_REST_MODEL,   WEIR_REST_RATE_LIMIT,   0 },
  { 400, 499, WEIR_VERDICT_CLIENT_FAULT, WEIR_REST_NONE,    WEIR_REST_FOR_NOTHING,  0 },
  { 503, 503, WEIR_VERDICT_ROTATE,       WEIR_REST_MODEL,   WEIR_REST_OVERLOADED,   0 },
  { 529, 529, WEIR_VERDICT_ROTATE,       WEIR_REST_MODEL,   WEIR_REST_OVERLOADED,   0 },
  { 500, 599, WEIR_VERDICT_ROTATE_ONCE,  WEIR_REST_MODEL,   WEIR_REST_TRANSIENT,    0 },
};
/* clang-format on */

WeirVerdict
weir_verdict_of_status (unsigned status)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (status >= rows[i].from && status <= rows[i].to)
      return (WeirVerdict){
        .action = rows[i].action,
        .scope = rows[i].scope,
        .reason = rows[i].reason,
        .rest_us = rows[i].rest_us,
      };
  return (WeirVerdict){ .action = WEIR_VERDICT_NONSENSE };
}

WeirVerdict
weir_verdict_of_reply (const WeirReply *reply)
{
  return weir_verdict_of_status (reply->status);
}

WeirVerdict
weir_verdict_of_failure (WeirError code)
{
  if (code == WEIR_ERROR_UPSTREAM || code == WEIR_ERROR_UPSTREAM_TLS
      || code == WEIR_ERROR_UPSTREAM_TIMEOUT)
    return (WeirVerdict){ .action = WEIR_VERDICT_ROTATE,
                          .scope = WEIR_REST_ACCOUNT,
                          .reason = WEIR_REST_UNREACHABLE };
  if (code == WEIR_ERROR_CUT || code == WEIR_ERROR_BAD_UPSTREAM)
    return (WeirVerdict){ .action = WEIR_VERDICT_ROTATE_ONCE,
                          .scope = WEIR_REST_MODEL,
                          .reason = WEIR_REST_TRANSIENT };
  return (WeirVerdict){ .action = WEIR_VERDICT_CLIENT_FAULT };
}

static const char *const read_fields[] = {
  "retry-after",
  "retry-after-ms",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
  "anthropic-ratelimit-unified-status",
};

gboolean
weir_verdict_reads_field (WeirSlice name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (read_fields); i++)
    if (weir_slice_equal_nocase (name, weir_slice_from_string (read_fields[i])))
      return TRUE;
  return FALSE;
}

static const char *const reason_names[] = {
  "nothing",     "rate-limit",        "quota",     "unauthorized", "payment",
  "not-found",   "model-unsupported", "transient", "overloaded",   "challenge",
  "unreachable",
};

G_STATIC_ASSERT (G_N_ELEMENTS (reason_names) == WEIR_REST_REASON_LAST);

const char *
weir_rest_reason_get_name (WeirRestReason reason)
{
  return reason_names[reason];
}

WeirRestReason
weir_rest_reason_from_name (const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (reason_names); i++)
    if (strcmp (name, reason_names[i]) == 0)
      return (WeirRestReason)i;
  return WEIR_REST_FOR_NOTHING;
}
