/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every status that a head may have; replies as vendors send them, one row each. */

#include "config.h"

#include "providers/weir-verdict.h"

/* What the contract's words mean for a status, said another way than by the table. */
static WeirVerdictAction
expected (unsigned status)
{
  switch (status)
    {
    case 401: /* this key */
    case 402: /* its money */
    case 403: /* its rights */
    case 404: /* its models */
    case 429: /* its rate */
    case 503:
    case 529:
      return WEIR_VERDICT_ROTATE;
    case 408:
      return WEIR_VERDICT_ROTATE_ONCE;
    default:
      break;
    }
  switch (status / 100)
    {
    case 2:
      return WEIR_VERDICT_FINE;
    case 4:
      return WEIR_VERDICT_CLIENT_FAULT;
    case 5:
      return WEIR_VERDICT_ROTATE_ONCE;
    default:
      return WEIR_VERDICT_NONSENSE;
    }
}

static void
test_every_status_has_its_verdict (void)
{
  for (unsigned status = 100; status <= 599; status++)
    {
      if (weir_verdict_of_status (status).action != expected (status))
        g_test_message ("status %u", status);
      g_assert_cmpint (weir_verdict_of_status (status).action, ==, expected (status));
    }
}

static void
test_what_is_no_status_is_nonsense (void)
{
  static const unsigned statuses[] = { 0, 1, 99, 600, 999, 1200, UINT_MAX };

  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    g_assert_cmpint (weir_verdict_of_status (statuses[i]).action, ==,
                     WEIR_VERDICT_NONSENSE);
}

/* A moment: 2026-11-20 10:00:00 UTC. */
#define NOW_S 1795168800
#define NOW_US ((int64_t)NOW_S * G_USEC_PER_SEC)

#define STOP WEIR_VERDICT_CLIENT_FAULT, WEIR_REST_NONE, WEIR_REST_FOR_NOTHING, 0, FALSE
#define OTHER WEIR_VERDICT_ROTATE, WEIR_REST_NONE, WEIR_REST_FOR_NOTHING, 0, FALSE
#define ACCOUNT(reason, s, stated)                                                         \
  WEIR_VERDICT_ROTATE, WEIR_REST_ACCOUNT, WEIR_REST_##reason, s, stated
#define MODEL(reason, s, stated)                                                           \
  WEIR_VERDICT_ROTATE, WEIR_REST_MODEL, WEIR_REST_##reason, s, stated
#define ONCE(reason, s, stated)                                                            \
  WEIR_VERDICT_ROTATE_ONCE, WEIR_REST_MODEL, WEIR_REST_##reason, s, stated

typedef struct
{
  const char *name;
  unsigned status;
  const char *fields; /* (nullable) */
  const char *body;   /* (nullable) */
  WeirVerdictAction action;
  WeirRestScope scope;
  WeirRestReason reason;
  double rest_s;
  gboolean stated;
} Case;

#define GOOGLE_TYPE "{\"@type\":\"type.googleapis.com/google.rpc."

/* clang-format off */
static const Case cases[] = {
  /* statuses alone */
  { "401", 401, NULL, NULL, ACCOUNT (UNAUTHORIZED, 1800, FALSE) },
  { "402", 402, NULL, NULL, MODEL (PAYMENT, 1800, FALSE) },
  { "403", 403, NULL, "{\"error\":{\"type\":\"permission_error\",\"message\":\"no\"}}", MODEL (PAYMENT, 1800, FALSE) },
  { "404", 404, NULL, "404 page not found", MODEL (NOT_FOUND, 43200, FALSE) },
  { "408", 408, NULL, NULL, ONCE (TRANSIENT, 0, FALSE) },
  { "429", 429, NULL, NULL, MODEL (RATE_LIMIT, 0, FALSE) },
  { "500", 500, NULL, "{\"error\":\"boom\"}", ONCE (TRANSIENT, 0, FALSE) },
  { "502-html", 502, NULL, "<html><body>Bad Gateway</body></html>", ONCE (TRANSIENT, 0, FALSE) },
  { "503", 503, NULL, NULL, MODEL (OVERLOADED, 0, FALSE) },
  { "409", 409, NULL, NULL, STOP },
  { "413", 413, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"request_too_large\",\"message\":\"Request exceeds the maximum size\"}}", STOP },
  { "422", 422, NULL, "{\"detail\":[{\"loc\":[\"body\",\"model\"],\"msg\":\"Field required\",\"type\":\"missing\"}]}", STOP },

  /* Retry-After and its kin */
  { "retry-after-seconds", 429, "Retry-After: 20\r\n", NULL, MODEL (RATE_LIMIT, 20, TRUE) },
  { "retry-after-date", 429, "retry-after: Fri, 20 Nov 2026 10:00:45 GMT\r\n", NULL, MODEL (RATE_LIMIT, 45, TRUE) },
  { "retry-after-ms", 429, "Retry-After: 2\r\nretry-after-ms: 1500\r\n", NULL, MODEL (RATE_LIMIT, 1.5, TRUE) },
  { "retry-after-on-503", 503, "Retry-After: 5\r\n", NULL, MODEL (OVERLOADED, 5, TRUE) },
  { "retry-after-on-500", 500, "Retry-After: 7\r\n", NULL, ONCE (TRANSIENT, 7, TRUE) },
  { "retry-after-on-403", 403, "Retry-After: 60\r\n", "{\"message\":\"secondary rate limit\"}", MODEL (RATE_LIMIT, 60, TRUE) },
  { "retry-after-on-401-says-nothing", 401, "Retry-After: 5\r\n", NULL, ACCOUNT (UNAUTHORIZED, 1800, FALSE) },
  { "retry-after-zero", 429, "Retry-After: 0\r\n", NULL, MODEL (RATE_LIMIT, 0, FALSE) },
  { "retry-after-negative", 429, "Retry-After: -5\r\n", NULL, MODEL (RATE_LIMIT, 0, FALSE) },
  { "retry-after-nan", 429, "Retry-After: NaN\r\n", NULL, MODEL (RATE_LIMIT, 0, FALSE) },
  { "retry-after-past-date", 429, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", NULL, MODEL (RATE_LIMIT, 0, FALSE) },
  { "retry-after-impossible-date", 429, "Retry-After: Wed, 99 Foo 9999 99:99:99 GMT\r\n", NULL, MODEL (RATE_LIMIT, 0, FALSE) },
  { "retry-after-overflow", 429, "Retry-After: 99999999999999999999999999999999\r\n", NULL, MODEL (RATE_LIMIT, 691200, TRUE) },
  { "retry-after-far-future", 429, "Retry-After: Fri, 20 Nov 2099 10:00:45 GMT\r\n", NULL, MODEL (RATE_LIMIT, 691200, TRUE) },
  { "ratelimit-reset-of-what-is-used-up", 429, "x-ratelimit-remaining-requests: 12\r\nx-ratelimit-reset-requests: 2h\r\nx-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 6m0s\r\n", NULL, MODEL (RATE_LIMIT, 360, TRUE) },
  { "ratelimit-reset-in-ms", 429, "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 20ms\r\n", NULL, MODEL (RATE_LIMIT, 0.02, TRUE) },
  { "ratelimit-reset-epoch-ms", 429, "X-RateLimit-Limit: 20\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1795168860000\r\n", NULL, MODEL (RATE_LIMIT, 60, TRUE) },
  { "ratelimit-not-used-up", 429, "x-ratelimit-remaining-requests: 12\r\nx-ratelimit-reset-requests: 2h\r\n", NULL, MODEL (RATE_LIMIT, 0, FALSE) },

  /* Anthropic */
  { "anthropic-overloaded", 529, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}", MODEL (OVERLOADED, 0, FALSE) },
  { "anthropic-rate-limit", 429, "retry-after: 13\r\nanthropic-ratelimit-requests-remaining: 0\r\nanthropic-ratelimit-requests-reset: 2026-11-20T10:00:13Z\r\n", "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"This request would exceed your organization's rate limit of 40,000 input tokens per minute.\"}}", MODEL (RATE_LIMIT, 13, TRUE) },
  { "anthropic-iso-reset", 429, "anthropic-ratelimit-input-tokens-remaining: 0\r\nanthropic-ratelimit-input-tokens-reset: 2026-11-20T10:00:30Z\r\n", NULL, MODEL (RATE_LIMIT, 30, TRUE) },
  { "anthropic-5h-rejected", 429, "anthropic-ratelimit-unified-status: rejected\r\nanthropic-ratelimit-unified-reset: 1795176000\r\nanthropic-ratelimit-unified-5h-status: rejected\r\nanthropic-ratelimit-unified-5h-reset: 1795176000\r\nanthropic-ratelimit-unified-7d-status: allowed\r\nanthropic-ratelimit-unified-7d-reset: 1795600000\r\nretry-after: 7200\r\n", "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"This request would exceed your account's rate limit. Please try again later.\"}}", ACCOUNT (QUOTA, 7200, TRUE) },
  { "anthropic-7d-rejected", 429, "Anthropic-Ratelimit-Unified-Status: rejected\r\nAnthropic-Ratelimit-Unified-7d-Status: rejected\r\nAnthropic-Ratelimit-Unified-7d-Reset: 1795341600\r\nAnthropic-Ratelimit-Unified-5h-Status: allowed\r\n", NULL, ACCOUNT (QUOTA, 172800, TRUE) },
  { "anthropic-window-of-some-models", 429, "anthropic-ratelimit-unified-status: rejected\r\nanthropic-ratelimit-unified-5h-status: allowed\r\nanthropic-ratelimit-unified-7d-status: allowed_warning\r\nanthropic-ratelimit-unified-7d_oi-status: rejected\r\nanthropic-ratelimit-unified-7d_oi-reset: 1795255200\r\n", NULL, MODEL (QUOTA, 86400, TRUE) },
  { "anthropic-unknown-window", 429, "anthropic-ratelimit-unified-status: rejected\r\nanthropic-ratelimit-unified-reset: 1795172400\r\n", NULL, ACCOUNT (QUOTA, 3600, TRUE) },
  { "anthropic-overage-off-is-normal", 429, "anthropic-ratelimit-unified-status: allowed\r\nanthropic-ratelimit-unified-overage-status: rejected\r\nretry-after: 3\r\n", NULL, MODEL (RATE_LIMIT, 3, TRUE) },
  { "anthropic-long-context", 429, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"Extra usage is required for long context requests.\"}}", OTHER },
  { "anthropic-fast-mode", 429, "retry-after: 60\r\n", "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"Fast mode requires usage credits.\"}}", STOP },
  { "anthropic-credit", 400, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.\"}}", ACCOUNT (PAYMENT, 1800, FALSE) },
  { "anthropic-own-cap", 400, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"You have reached your specified API usage limits. You will regain access on 2026-11-21 at 00:00 UTC.\"}}", ACCOUNT (QUOTA, 50400, TRUE) },
  { "anthropic-invalid", 400, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"messages: roles must alternate\"}}", STOP },
  { "anthropic-model", 404, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"model: claude-9\"}}", MODEL (NOT_FOUND, 43200, FALSE) },
  { "anthropic-file", 404, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"File not found: file_011\"}}", OTHER },
  { "anthropic-billing", 402, NULL, "{\"type\":\"error\",\"error\":{\"type\":\"billing_error\",\"message\":\"pay\"}}", ACCOUNT (PAYMENT, 1800, FALSE) },

  /* OpenAI and ChatGPT */
  { "openai-rate-limit", 429, NULL, "{\"error\":{\"message\":\"Rate limit reached for gpt-5 in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 6.4s. Visit https://platform.openai.com/account/rate-limits to learn more.\",\"type\":\"tokens\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}", MODEL (RATE_LIMIT, 6.4, TRUE) },
  { "openai-rate-limit-minutes", 429, NULL, "{\"error\":{\"message\":\"Rate limit reached. Please try again in 7m12s.\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}", MODEL (RATE_LIMIT, 432, TRUE) },
  { "openai-per-day", 429, NULL, "{\"error\":{\"message\":\"Rate limit reached for o3 on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}", MODEL (QUOTA, 432, TRUE) },
  { "openai-too-large-for-the-limit", 429, NULL, "{\"error\":{\"message\":\"Request too large for gpt-5 in organization org-x on tokens per min (TPM): Limit 30000, Requested 48000.\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}", OTHER },
  { "groq-too-large-for-the-limit", 413, NULL, "{\"error\":{\"message\":\"Request too large for model `llama` on tokens per minute (TPM): Limit 6000, Requested 9000\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}", OTHER },
  { "openai-insufficient-quota", 429, "Retry-After: 1\r\n", "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and billing details.\",\"type\":\"insufficient_quota\",\"param\":null,\"code\":\"insufficient_quota\"}}", ACCOUNT (PAYMENT, 1800, FALSE) },
  { "openai-bad-key", 401, NULL, "{\"error\":{\"message\":\"Incorrect API key provided: sk-x\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_key\"}}", ACCOUNT (UNAUTHORIZED, 1800, FALSE) },
  { "openai-model", 404, NULL, "{\"error\":{\"message\":\"The model `gpt-9` does not exist or you do not have access to it.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"model_not_found\"}}", MODEL (NOT_FOUND, 43200, FALSE) },
  { "openai-context", 400, NULL, "{\"error\":{\"message\":\"This model's maximum context length is 128000 tokens.\",\"type\":\"invalid_request_error\",\"param\":\"messages\",\"code\":\"context_length_exceeded\"}}", STOP },
  { "openai-context-as-500", 500, NULL, "{\"error\":{\"message\":\"too long\",\"code\":\"context_length_exceeded\"}}", STOP },
  { "openai-previous-response", 404, NULL, "{\"error\":{\"message\":\"Previous response with id 'resp_1' not found.\",\"type\":\"invalid_request_error\",\"param\":\"previous_response_id\",\"code\":\"previous_response_not_found\"}}", STOP },
  { "openai-item-not-persisted", 404, NULL, "{\"error\":{\"message\":\"Item with id 'rs_1' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.\",\"type\":\"invalid_request_error\",\"param\":\"input\",\"code\":null}}", STOP },
  { "openai-file", 404, NULL, "{\"error\":{\"message\":\"No such File object: file-1\",\"type\":\"invalid_request_error\",\"param\":\"id\",\"code\":null}}", STOP },
  { "openai-policy", 400, NULL, "{\"error\":{\"message\":\"blocked\",\"type\":\"invalid_request_error\",\"code\":\"cyber_policy\"}}", STOP },
  { "openai-busy", 503, NULL, "{\"error\":{\"message\":\"Slow down\",\"type\":\"server_error\",\"code\":\"slow_down\"}}", MODEL (OVERLOADED, 0, FALSE) },
  { "chatgpt-resets-at", 429, NULL, "{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"The usage limit has been reached\",\"plan_type\":\"plus\",\"resets_at\":1795172400,\"resets_in_seconds\":3600}}", ACCOUNT (QUOTA, 3600, TRUE) },
  { "chatgpt-resets-in", 429, NULL, "{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"The usage limit has been reached\",\"resets_in_seconds\":120}}", ACCOUNT (QUOTA, 120, TRUE) },
  { "chatgpt-resets-absurd", 429, NULL, "{\"error\":{\"type\":\"usage_limit_reached\",\"resets_at\":-1,\"resets_in_seconds\":1e999}}", ACCOUNT (QUOTA, 0, FALSE) },
  { "chatgpt-resets-far", 429, NULL, "{\"error\":{\"type\":\"usage_limit_reached\",\"resets_at\":99999999999}}", ACCOUNT (QUOTA, 691200, TRUE) },
  { "chatgpt-fields", 429, "x-codex-primary-used-percent: 100\r\nx-codex-primary-reset-after-seconds: 900\r\nx-codex-secondary-used-percent: 40\r\nx-codex-secondary-reset-after-seconds: 400000\r\n", "{\"error\":{\"type\":\"usage_limit_reached\"}}", ACCOUNT (QUOTA, 900, TRUE) },
  { "chatgpt-workspace", 429, NULL, "{\"error\":{\"type\":\"usage_limit_reached\",\"rate_limit_reached_type\":\"workspace_member_credits_depleted\"}}", ACCOUNT (PAYMENT, 3600, FALSE) },
  { "chatgpt-model", 400, NULL, "{\"detail\":\"The 'gpt-9' model is not supported when using Codex with a ChatGPT account.\"}", MODEL (MODEL_UNSUPPORTED, 43200, FALSE) },

  /* Google */
  { "gemini-per-minute", 429, NULL, "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[" GOOGLE_TYPE "QuotaFailure\",\"violations\":[{\"quotaMetric\":\"m\",\"quotaId\":\"GenerateRequestsPerMinutePerProjectPerModel-FreeTier\"}]}," GOOGLE_TYPE "RetryInfo\",\"retryDelay\":\"34.074824224s\"}]}}", MODEL (RATE_LIMIT, 34.074824, TRUE) },
  { "gemini-per-day", 429, NULL, "[{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota. Please retry in 34.07s.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[" GOOGLE_TYPE "QuotaFailure\",\"violations\":[{\"quotaId\":\"GenerateRequestsPerDayPerProjectPerModel-FreeTier\"}]}," GOOGLE_TYPE "RetryInfo\",\"retryDelay\":\"34s\"}]}}]", MODEL (QUOTA, 79200, FALSE) },
  { "gemini-no-free-tier", 429, NULL, "{\"error\":{\"code\":429,\"message\":\"Quota exceeded for metric: generate_content_free_tier_requests, limit: 0, model: gemini-3-pro\\nPlease retry in 45.57s.\",\"status\":\"RESOURCE_EXHAUSTED\"}}", MODEL (MODEL_UNSUPPORTED, 43200, FALSE) },
  { "gemini-retry-in-prose", 429, NULL, "{\"error\":{\"code\":429,\"message\":\"Quota exceeded. Please retry in 45.578569677s.\",\"status\":\"RESOURCE_EXHAUSTED\"}}", MODEL (RATE_LIMIT, 45.578569, TRUE) },
  { "gemini-as-a-string-in-a-gateway", 429, NULL, "{\"error\":{\"message\":\"{\\n \\\"error\\\": {\\\"code\\\": 429, \\\"details\\\": [{\\\"retryDelay\\\": \\\"12s\\\"}]}}\",\"code\":429}}", MODEL (RATE_LIMIT, 12, TRUE) },
  { "gemini-overloaded", 503, NULL, "{\"error\":{\"code\":503,\"message\":\"The model is overloaded. Please try again later.\",\"status\":\"UNAVAILABLE\"}}", MODEL (OVERLOADED, 0, FALSE) },
  { "gemini-bad-key", 400, NULL, "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API key.\",\"status\":\"INVALID_ARGUMENT\",\"details\":[" GOOGLE_TYPE "ErrorInfo\",\"reason\":\"API_KEY_INVALID\"}]}}", ACCOUNT (UNAUTHORIZED, 1800, FALSE) },
  { "gemini-location", 400, NULL, "{\"error\":{\"code\":400,\"message\":\"User location is not supported for the API use.\",\"status\":\"FAILED_PRECONDITION\"}}", ACCOUNT (PAYMENT, 1800, FALSE) },
  { "gemini-invalid", 400, NULL, "{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload received.\",\"status\":\"INVALID_ARGUMENT\"}}", STOP },
  { "cloud-code-quota", 429, NULL, "{\"error\":{\"code\":429,\"message\":\"You have exhausted your capacity on this model. Your quota will reset after 2h7m23s.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[" GOOGLE_TYPE "ErrorInfo\",\"reason\":\"QUOTA_EXHAUSTED\",\"metadata\":{\"quotaResetDelay\":\"2h7m23.5s\",\"quotaResetTimeStamp\":\"2026-11-20T12:07:23Z\"}}," GOOGLE_TYPE "RetryInfo\",\"retryDelay\":\"7643.5s\"}]}}", MODEL (QUOTA, 7643.5, TRUE) },
  { "cloud-code-capacity", 429, NULL, "{\"error\":{\"code\":429,\"message\":\"No capacity available for model x\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"reason\":\"MODEL_CAPACITY_EXHAUSTED\"}]}}", MODEL (OVERLOADED, 0, FALSE) },

  /* others */
  { "openrouter-no-credits", 402, NULL, "{\"error\":{\"message\":\"Insufficient credits. Add more using https://openrouter.ai/credits\",\"code\":402}}", ACCOUNT (PAYMENT, 1800, FALSE) },
  { "openrouter-cannot-afford-this", 402, NULL, "{\"error\":{\"message\":\"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 1234.\",\"code\":402}}", MODEL (PAYMENT, 60, FALSE) },
  { "openrouter-moderation", 403, NULL, "{\"error\":{\"message\":\"Your chosen model requires moderation and your input was flagged\",\"code\":403}}", STOP },
  { "openrouter-fields-as-members", 429, NULL, "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-min.\",\"code\":429,\"metadata\":{\"headers\":{\"X-RateLimit-Limit\":\"20\",\"X-RateLimit-Remaining\":\"0\",\"X-RateLimit-Reset\":\"1795168830000\"}}}}", MODEL (RATE_LIMIT, 30, TRUE) },
  { "openrouter-model", 400, NULL, "{\"error\":{\"message\":\"foo/bar is not a valid model ID\",\"code\":400}}", MODEL (NOT_FOUND, 43200, FALSE) },
  { "openrouter-tools", 404, NULL, "{\"error\":{\"message\":\"No endpoints found that support tool use.\",\"code\":404}}", OTHER },
  { "deepseek-balance", 402, NULL, "{\"error\":{\"message\":\"Insufficient Balance\",\"type\":\"unknown_error\",\"code\":\"invalid_request_error\"}}", ACCOUNT (PAYMENT, 1800, FALSE) },
  { "deepseek-model", 400, NULL, "{\"error\":{\"message\":\"Model Not Exist\",\"type\":\"invalid_request_error\"}}", MODEL (NOT_FOUND, 43200, FALSE) },
  { "moonshot-busy", 429, NULL, "{\"error\":{\"type\":\"engine_overloaded_error\",\"message\":\"The engine is currently overloaded, please try again later\"}}", MODEL (OVERLOADED, 0, FALSE) },
  { "moonshot-rate", 429, NULL, "{\"error\":{\"type\":\"rate_limit_reached_error\",\"message\":\"Your account request reached organization max RPM: 3, please try again after 1 seconds\"}}", MODEL (RATE_LIMIT, 1, TRUE) },
  { "moonshot-money", 429, NULL, "{\"error\":{\"type\":\"exceeded_current_quota_error\",\"message\":\"check your plan\"}}", ACCOUNT (PAYMENT, 1800, FALSE) },
  { "zai-money", 429, NULL, "{\"error\":{\"code\":\"1113\",\"message\":\"Insufficient balance or no resource package. Please recharge.\"}}", ACCOUNT (PAYMENT, 1800, FALSE) },
  { "zai-five-hours", 429, NULL, "{\"error\":{\"code\":\"1308\",\"message\":\"Usage limit reached for 5 hour. Your limit will reset at 2026-11-20 12:00:00\"}}", ACCOUNT (QUOTA, 0, FALSE) },
  { "xai-key", 400, NULL, "{\"code\":\"Client specified an invalid argument\",\"error\":\"Incorrect API key provided: xa***.\"}", ACCOUNT (UNAUTHORIZED, 1800, FALSE) },
  { "xai-free", 429, NULL, "{\"error\":\"free-usage-exhausted\"}", ACCOUNT (QUOTA, 86400, FALSE) },
  { "mistral-capacity", 429, NULL, "{\"object\":\"error\",\"message\":\"Service tier capacity exceeded for this model.\",\"type\":\"service_tier_capacity_exceeded\",\"code\":\"3505\"}", MODEL (OVERLOADED, 0, FALSE) },
  { "copilot-model", 400, NULL, "{\"error\":{\"message\":\"The requested model is not supported.\",\"code\":\"model_not_supported\",\"type\":\"invalid_request_error\"}}", MODEL (MODEL_UNSUPPORTED, 43200, FALSE) },
  { "plan-without-the-model", 422, NULL, "{\"message\":\"This model is not available for your plan\"}", MODEL (MODEL_UNSUPPORTED, 43200, FALSE) },
  { "dead-refresh-token", 400, NULL, "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}", ACCOUNT (UNAUTHORIZED, 1800, FALSE) },
  { "what-an-error-quotes-does-not-count", 422, NULL, "{\"detail\":[{\"msg\":\"Field required\",\"input\":{\"messages\":[{\"type\":\"insufficient_quota\",\"message\":\"unknown model\"}]}}]}", STOP },
  { "what-an-error-quotes-does-not-count-either", 429, NULL, "{\"error\":{\"message\":\"slow\"},\"request\":{\"code\":\"insufficient_quota\",\"resets_in_seconds\":99}}", MODEL (RATE_LIMIT, 0, FALSE) },
  { "challenge-by-field", 403, "cf-mitigated: challenge\r\n", "<!DOCTYPE html>", ACCOUNT (CHALLENGE, 0, FALSE) },
  { "challenge-by-page", 403, NULL, "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>", ACCOUNT (CHALLENGE, 0, FALSE) },
};
/* clang-format on */

static void
check_case (const Case *c)
{
  const WeirVerdict verdict = weir_verdict_of_reply (&(WeirReply){
      .status = c->status,
      .fields = weir_slice_from_string (c->fields),
      .body = weir_slice_from_string (c->body),
      .real_us = NOW_US,
  });
  const double rest_s = (double)verdict.rest_us / G_USEC_PER_SEC;

  if (verdict.action != c->action || verdict.scope != c->scope
      || verdict.reason != c->reason || ABS (rest_s - c->rest_s) > 0.001
      || verdict.stated != c->stated)
    g_error ("%s: action %d scope %d reason %s rest %g stated %d", c->name, verdict.action,
             verdict.scope, weir_rest_reason_get_name (verdict.reason), rest_s,
             verdict.stated);
}

static void
test_every_reply_has_its_verdict (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (&cases[i]);
}

/* No prefix of a body gives a rest that is out of bounds. */
static void
test_any_cut_of_a_body_is_bounded (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (size_t n = 0; cases[i].body != NULL && n <= strlen (cases[i].body); n++)
      {
        const WeirVerdict verdict = weir_verdict_of_reply (&(WeirReply){
            .status = cases[i].status,
            .body = { cases[i].body, n },
            .real_us = NOW_US,
        });

        g_assert_cmpint (verdict.rest_us, >=, 0);
        g_assert_cmpint (verdict.rest_us, <=, WEIR_VERDICT_REST_MAX_US);
        g_assert_true (!verdict.stated || verdict.rest_us > 0);
      }
}

typedef struct
{
  const char *type;
  const char *message;
  unsigned status;
  WeirVerdictAction action;
  WeirRestScope scope;
  WeirRestReason reason;
  double rest_s;
  gboolean stated;
} Inside;

/* clang-format off */
static const Inside insides[] = {
  { "overloaded_error", "Overloaded", 529, MODEL (OVERLOADED, 0, FALSE) },
  { "overloaded_error", "Overloaded", 0, MODEL (OVERLOADED, 0, FALSE) },
  { "rate_limit_exceeded", "Rate limit reached. Please try again in 11.054s.", 429, MODEL (RATE_LIMIT, 11.054, TRUE) },
  { "rate_limit_exceeded", "Rate limit reached. Please try again in 11.054s.", 0, MODEL (RATE_LIMIT, 11.054, TRUE) },
  { "rate_limit_error", "", 0, MODEL (RATE_LIMIT, 0, FALSE) },
  { "insufficient_quota", "You exceeded your current quota", 429, ACCOUNT (PAYMENT, 1800, FALSE) },
  { "usage_limit_reached", "", 200, ACCOUNT (QUOTA, 0, FALSE) },
  { "context_length_exceeded", "too long", 400, STOP },
  { "invalid_request_error", "no", 0, STOP },
  { "INVALID_ARGUMENT", "no", 0, STOP },
  { "authentication_error", "no", 0, ACCOUNT (UNAUTHORIZED, 1800, FALSE) },
  { "UNAVAILABLE", "try later", 0, MODEL (OVERLOADED, 0, FALSE) },
  { "api_error", "Internal server error", 500, ONCE (TRANSIENT, 0, FALSE) },
  { "server_error", "", 0, ONCE (TRANSIENT, 0, FALSE) },
  { "", "{\"error\":{\"type\":\"overloaded_error\"}}", 0, MODEL (OVERLOADED, 0, FALSE) },
};
/* clang-format on */

static void
test_an_error_inside_a_stream_counts_like_one_outside (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (insides); i++)
    {
      const Inside *c = &insides[i];
      const WeirVerdict verdict = weir_verdict_of_reply (&(WeirReply){
          .status = c->status,
          .error_type = c->type,
          .message = c->message,
          .real_us = NOW_US,
      });

      g_test_message ("%s %s", c->type, c->message);
      g_assert_cmpint (verdict.action, ==, c->action);
      g_assert_cmpint (verdict.scope, ==, c->scope);
      g_assert_cmpint (verdict.reason, ==, c->reason);
      g_assert_cmpfloat_with_epsilon ((double)verdict.rest_us / G_USEC_PER_SEC, c->rest_s,
                                      0.001);
      g_assert_cmpint (verdict.stated, ==, c->stated);
    }
}

static void
test_only_what_passes_rests_for_a_failure (void)
{
  for (int code = 0; code < WEIR_ERROR_LAST; code++)
    {
      const WeirVerdict verdict = weir_verdict_of_failure ((WeirError)code);
      const gboolean unreachable = code == WEIR_ERROR_UPSTREAM
                                   || code == WEIR_ERROR_UPSTREAM_TLS
                                   || code == WEIR_ERROR_UPSTREAM_TIMEOUT;
      const gboolean broken = code == WEIR_ERROR_CUT || code == WEIR_ERROR_BAD_UPSTREAM;

      g_assert_cmpint (verdict.rest_us, ==, 0);
      g_assert_cmpint (verdict.reason, ==,
                       unreachable ? WEIR_REST_UNREACHABLE
                       : broken    ? WEIR_REST_TRANSIENT
                                   : WEIR_REST_FOR_NOTHING);
      g_assert_cmpint (verdict.action, ==,
                       unreachable ? WEIR_VERDICT_ROTATE
                       : broken    ? WEIR_VERDICT_ROTATE_ONCE
                                   : WEIR_VERDICT_CLIENT_FAULT);
    }
}

static WeirVerdict
judge_by_rule (WeirErrorRuleAction action, unsigned status, const char *body)
{
  g_autoptr (GPtrArray) rules
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_error_rule_free);
  WeirErrorRule *rule = weir_error_rule_new (status, action);

  weir_error_rule_add_match (rule, "no such thing");
  weir_error_rule_add_match (rule, "Quota");
  g_assert_true (weir_error_rule_add_regex (rule, "busy [0-9]+", NULL));
  g_ptr_array_add (rules, rule);
  return weir_verdict_of_reply (&(WeirReply){
      .status = status,
      .fields = WEIR_SLICE ("Retry-After: 9\r\n"),
      .body = weir_slice_from_string (body),
      .rules = rules,
      .real_us = NOW_US,
  });
}

static void
test_the_users_rule_wins (void)
{
  WeirVerdict verdict;

  verdict = judge_by_rule (WEIR_ERROR_RULE_STOP, 429, "Quota");
  g_assert_cmpint (verdict.action, ==, WEIR_VERDICT_CLIENT_FAULT);
  g_assert_cmpint (verdict.scope, ==, WEIR_REST_NONE);
  verdict = judge_by_rule (WEIR_ERROR_RULE_STOP_AND_COOLDOWN, 429, "Quota");
  g_assert_cmpint (verdict.action, ==, WEIR_VERDICT_CLIENT_FAULT);
  g_assert_cmpint (verdict.reason, ==, WEIR_REST_RATE_LIMIT);
  g_assert_cmpint (verdict.rest_us, ==, 9 * G_USEC_PER_SEC);
  verdict = judge_by_rule (WEIR_ERROR_RULE_CONTINUE, 400, "busy 12");
  g_assert_cmpint (verdict.action, ==, WEIR_VERDICT_ROTATE);
  g_assert_cmpint (verdict.scope, ==, WEIR_REST_NONE);
  verdict = judge_by_rule (WEIR_ERROR_RULE_CONTINUE_AND_COOLDOWN, 400, "busy 12");
  g_assert_cmpint (verdict.action, ==, WEIR_VERDICT_ROTATE);
  g_assert_cmpint (verdict.scope, ==, WEIR_REST_MODEL);
  g_assert_cmpint (verdict.reason, ==, WEIR_REST_TRANSIENT);
  g_assert_cmpint (verdict.rest_us, ==, 9 * G_USEC_PER_SEC);
  /* neither text nor expression holds: the table's word */
  verdict = judge_by_rule (WEIR_ERROR_RULE_CONTINUE, 400, "busy quota");
  g_assert_cmpint (verdict.action, ==, WEIR_VERDICT_CLIENT_FAULT);
}

static void
test_a_bad_expression_is_the_readers_error (void)
{
  g_autoptr (WeirErrorRule) rule = weir_error_rule_new (429, WEIR_ERROR_RULE_STOP);
  g_autoptr (GError) error = NULL;

  g_assert_false (weir_error_rule_add_regex (rule, "(", &error));
  g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
}

/* An expression that backtracks for ever only fails to match. */
static void
test_a_costly_expression_ends (void)
{
  g_autoptr (GPtrArray) rules
      = g_ptr_array_new_with_free_func ((GDestroyNotify)weir_error_rule_free);
  WeirErrorRule *rule = weir_error_rule_new (429, WEIR_ERROR_RULE_STOP);
  g_autofree char *body = g_strnfill (10000, 'a');

  g_assert_true (weir_error_rule_add_regex (rule, "^(a+)+$b", NULL));
  g_ptr_array_add (rules, rule);
  g_assert_cmpint (weir_verdict_of_reply (&(WeirReply){
                                              .status = 429,
                                              .body = weir_slice_from_string (body),
                                              .rules = rules,
                                          })
                       .action,
                   ==, WEIR_VERDICT_ROTATE);
}

static void
test_names_go_both_ways (void)
{
  for (int i = 0; i < WEIR_REST_REASON_LAST; i++)
    g_assert_cmpint (
        weir_rest_reason_from_name (weir_rest_reason_get_name ((WeirRestReason)i)), ==, i);
  g_assert_cmpint (weir_rest_reason_from_name ("x"), ==, WEIR_REST_FOR_NOTHING);
}

static void
test_fields_that_are_read_are_named (void)
{
  g_assert_true (weir_verdict_reads_field (WEIR_SLICE ("Retry-After")));
  g_assert_true (
      weir_verdict_reads_field (WEIR_SLICE ("Anthropic-RateLimit-Unified-5h-Reset")));
  g_assert_true (weir_verdict_reads_field (WEIR_SLICE ("X-RateLimit-Reset-Tokens")));
  g_assert_false (weir_verdict_reads_field (WEIR_SLICE ("Set-Cookie")));
  g_assert_false (weir_verdict_reads_field (WEIR_SLICE ("")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verdict/every-status-has-its-verdict",
                   test_every_status_has_its_verdict);
  g_test_add_func ("/verdict/what-is-no-status-is-nonsense",
                   test_what_is_no_status_is_nonsense);
  g_test_add_func ("/verdict/every-reply-has-its-verdict",
                   test_every_reply_has_its_verdict);
  g_test_add_func ("/verdict/any-cut-of-a-body-is-bounded",
                   test_any_cut_of_a_body_is_bounded);
  g_test_add_func ("/verdict/an-error-inside-a-stream-counts-like-one-outside",
                   test_an_error_inside_a_stream_counts_like_one_outside);
  g_test_add_func ("/verdict/only-what-passes-rests-for-a-failure",
                   test_only_what_passes_rests_for_a_failure);
  g_test_add_func ("/verdict/the-users-rule-wins", test_the_users_rule_wins);
  g_test_add_func ("/verdict/a-bad-expression-is-the-readers-error",
                   test_a_bad_expression_is_the_readers_error);
  g_test_add_func ("/verdict/a-costly-expression-ends", test_a_costly_expression_ends);
  g_test_add_func ("/verdict/names-go-both-ways", test_names_go_both_ways);
  g_test_add_func ("/verdict/fields-that-are-read-are-named",
                   test_fields_that_are_read_are_named);
  return g_test_run ();
}
