/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one table of errors.  What an error means for an account is a verdict, not an error.
 */

#include "config.h"

#include "base/weir-error.h"

#include <gio/gio.h>

/* clang-format off */
static const WeirErrorInfo infos[WEIR_ERROR_LAST] = {
  /*                                  HTTP  code                      OpenAI type              Anthropic type           Gemini status */
  [WEIR_ERROR_BAD_REQUEST]        = { 400, "bad_request",            "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_BAD_FRAMING]        = { 400, "bad_framing",            "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_BAD_JSON]           = { 400, "invalid_json",           "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_JSON_TOO_DEEP]      = { 400, "json_too_deep",          "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_JSON_DUPLICATE]     = { 400, "json_duplicate_name",    "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_UNSUPPORTED]        = { 400, "unsupported",            "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_THREAD]             = { 400, "thread_unsupported_request", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_CONTEXT]            = { 400, "context_length_exceeded", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_UNAUTHORIZED]       = { 401, "invalid_api_key",        "authentication_error",  "authentication_error",  "UNAUTHENTICATED" },
  [WEIR_ERROR_BILLING]            = { 402, "insufficient_quota",     "insufficient_quota",    "billing_error",         "RESOURCE_EXHAUSTED" },
  [WEIR_ERROR_FORBIDDEN]          = { 403, "forbidden",              "permission_error",      "permission_error",      "PERMISSION_DENIED" },
  [WEIR_ERROR_NOT_FOUND]          = { 404, "not_found",              "invalid_request_error", "not_found_error",       "NOT_FOUND" },
  [WEIR_ERROR_RESPONSE_NOT_FOUND] = { 400, "previous_response_not_found", "invalid_request_error", "not_found_error",    "NOT_FOUND" },
  [WEIR_ERROR_MODEL_NOT_FOUND]    = { 404, "model_not_found",        "invalid_request_error", "not_found_error",       "NOT_FOUND" },
  [WEIR_ERROR_METHOD_NOT_ALLOWED] = { 405, "method_not_allowed",     "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_REQUEST_TIMEOUT]    = { 408, "request_timeout",        "invalid_request_error", "timeout_error",         "DEADLINE_EXCEEDED" },
  [WEIR_ERROR_TOO_LARGE]          = { 413, "request_too_large",      "invalid_request_error", "request_too_large",     "INVALID_ARGUMENT" },
  [WEIR_ERROR_TARGET_TOO_LONG]    = { 414, "target_too_long",        "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_MEDIA_TYPE]         = { 415, "unsupported_media_type", "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_EXPECTATION]        = { 417, "expectation_failed",     "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION" },
  [WEIR_ERROR_MISDIRECTED]        = { 421, "misdirected_request",    "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_UPGRADE_REQUIRED]   = { 426, "upgrade_required",       "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION" },
  [WEIR_ERROR_LIMITED]            = { 429, "rate_limit_exceeded",    "rate_limit_error",      "rate_limit_error",      "RESOURCE_EXHAUSTED" },
  [WEIR_ERROR_HEAD_TOO_LARGE]     = { 431, "head_too_large",         "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_INTERNAL]           = { 500, "internal_error",         "server_error",          "api_error",             "INTERNAL" },
  [WEIR_ERROR_NOT_IMPLEMENTED]    = { 501, "not_implemented",        "invalid_request_error", "invalid_request_error", "UNIMPLEMENTED" },
  [WEIR_ERROR_UPSTREAM]           = { 502, "upstream_error",         "server_error",          "api_error",             "UNAVAILABLE" },
  [WEIR_ERROR_UPSTREAM_TLS]       = { 502, "upstream_tls",           "server_error",          "api_error",             "UNAVAILABLE" },
  [WEIR_ERROR_BAD_UPSTREAM]       = { 502, "bad_upstream_answer",    "server_error",          "api_error",             "INTERNAL" },
  [WEIR_ERROR_CUT]                = { 502, "upstream_cut",           "server_error",          "api_error",             "INTERNAL" },
  [WEIR_ERROR_NO_ACCOUNT]         = { 503, "no_account",             "server_error",          "overloaded_error",      "UNAVAILABLE" },
  [WEIR_ERROR_OVERLOADED]         = { 503, "overloaded",             "server_error",          "overloaded_error",      "UNAVAILABLE" },
  [WEIR_ERROR_SHUTTING_DOWN]      = { 503, "shutting_down",          "server_error",          "overloaded_error",      "UNAVAILABLE" },
  [WEIR_ERROR_UPSTREAM_TIMEOUT]   = { 504, "upstream_timeout",       "server_error",          "timeout_error",         "DEADLINE_EXCEEDED" },
  [WEIR_ERROR_HTTP_VERSION]       = { 505, "http_version",           "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT" },
  [WEIR_ERROR_LOOP]               = { 508, "loop_detected",          "invalid_request_error", "invalid_request_error", "FAILED_PRECONDITION" },
  [WEIR_ERROR_CONFIG]             = { 500, "config",                 "server_error",          "api_error",             "INTERNAL" },
  [WEIR_ERROR_IO]                 = { 500, "io",                     "server_error",          "api_error",             "INTERNAL" },
  [WEIR_ERROR_CANCELLED]          = { 499, "client_left",            "server_error",          "api_error",             "CANCELLED" },
};
/* clang-format on */

G_DEFINE_QUARK (weir - error - quark, weir_error)

const WeirErrorInfo *
weir_error_get_info (WeirError code)
{
  g_return_val_if_fail (code < WEIR_ERROR_LAST, &infos[WEIR_ERROR_INTERNAL]);

  return &infos[code];
}

WeirError
weir_error_get_code (const GError *error)
{
  g_return_val_if_fail (error != NULL, WEIR_ERROR_INTERNAL);

  if (error->domain == WEIR_ERROR && error->code >= 0 && error->code < WEIR_ERROR_LAST)
    return (WeirError)error->code;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return WEIR_ERROR_CANCELLED;
  return WEIR_ERROR_INTERNAL;
}

WeirError
weir_error_from_status (unsigned status)
{
  static const struct
  {
    unsigned status;
    WeirError code;
  } rows[] = {
    { 401, WEIR_ERROR_UNAUTHORIZED },     { 402, WEIR_ERROR_BILLING },
    { 403, WEIR_ERROR_FORBIDDEN },        { 404, WEIR_ERROR_NOT_FOUND },
    { 408, WEIR_ERROR_REQUEST_TIMEOUT },  { 413, WEIR_ERROR_TOO_LARGE },
    { 429, WEIR_ERROR_LIMITED },          { 503, WEIR_ERROR_OVERLOADED },
    { 504, WEIR_ERROR_UPSTREAM_TIMEOUT }, { 529, WEIR_ERROR_OVERLOADED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].status == status)
      return rows[i].code;
  return status >= 400 && status < 500 ? WEIR_ERROR_BAD_REQUEST : WEIR_ERROR_UPSTREAM;
}

gboolean
weir_error_set (GError **error, WeirError code, const char *format, ...)
{
  va_list arguments;

  if (error == NULL)
    return FALSE;
  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (WEIR_ERROR, (int)code, format, arguments));
  va_end (arguments);
  return FALSE;
}
