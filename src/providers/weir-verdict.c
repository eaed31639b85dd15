/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What statuses and words mean: two tables.  Sources: RFC 9110, 15; the error pages of the
 * Anthropic, OpenAI, Gemini, OpenRouter, Groq, Moonshot, Z.ai and Mistral APIs and answers
 * seen in the wild, read 2026-10 and 2026-11. */

#include "config.h"

#include "providers/weir-verdict.h"

#include "providers/weir-verdict-facts.h"
#include "providers/weir-verdict-rule.h"
#include "providers/weir-verdict-when.h"

#define SECONDS(n) ((int64_t)(n)*G_USEC_PER_SEC)
#define MINUTES(n) (SECONDS (60) * (n))
#define HOURS(n) (MINUTES (60) * (n))
/* a daily allowance of Google's */
#define UNTIL_PACIFIC_MIDNIGHT ((int64_t)-1)

/* What a marker looks for. */
typedef enum
{
  WORD,    /* a type, code or reason that is this */
  MENTION, /* this inside a message, type, code or reason */
} MarkerKind;

typedef struct
{
  unsigned from;
  unsigned to;
  WeirVerdictAction action;
  WeirRestScope scope;
  WeirRestReason reason;
  int64_t rest_us;
} Row;

typedef struct
{
  unsigned from; /* statuses; an error inside a stream that says none has 0 */
  unsigned to;
  MarkerKind kind;
  const char *text; /* lower case */
  WeirVerdictAction action;
  WeirRestScope scope;
  WeirRestReason reason;
  int64_t rest_us;
} Marker;

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

#define STOP     WEIR_VERDICT_CLIENT_FAULT, WEIR_REST_NONE, WEIR_REST_FOR_NOTHING, 0
#define OTHER    WEIR_VERDICT_ROTATE, WEIR_REST_NONE, WEIR_REST_FOR_NOTHING, 0
#define ACCOUNT(reason, rest_us) WEIR_VERDICT_ROTATE, WEIR_REST_ACCOUNT, WEIR_REST_ ## reason, rest_us
#define MODEL(reason, rest_us)   WEIR_VERDICT_ROTATE, WEIR_REST_MODEL, WEIR_REST_ ## reason, rest_us

/* The first marker that holds counts, before the rows of the status. */
static const Marker markers[] = {
  /* pages for browsers */
  {   0, 599, WORD,    WEIR_WORD_CHALLENGE,                   ACCOUNT (CHALLENGE, 0) },
  { 403, 599, MENTION, "just a moment...",                    ACCOUNT (CHALLENGE, 0) },
  { 403, 599, MENTION, "_cf_chl_opt",                         ACCOUNT (CHALLENGE, 0) },
  { 403, 599, MENTION, "challenge-platform",                  ACCOUNT (CHALLENGE, 0) },
  { 403, 599, MENTION, "attention required! | cloudflare",    ACCOUNT (CHALLENGE, 0) },

  /* this request is what is wrong, whoever is asked */
  {   0, 599, WORD,    "context_length_exceeded",             STOP },
  {   0, 599, WORD,    "invalid_prompt",                      STOP },
  {   0, 599, WORD,    "cyber_policy",                        STOP },
  {   0, 599, WORD,    "content_policy_violation",            STOP },
  {   0, 599, WORD,    "message_too_big",                     STOP },
  {   0, 599, WORD,    "string_above_max_length",             STOP },
  {   0, 599, WORD,    "previous_response_not_found",         STOP },
  { 403, 403, MENTION, "requires moderation",                 STOP }, /* OpenRouter */
  { 404, 404, MENTION, "not persisted when",                  STOP }, /* Responses: `store` is false */
  { 429, 429, MENTION, "fast mode",                           STOP }, /* Anthropic: asked for without credits */

  /* this request at this account: nobody rests */
  { 429, 429, MENTION, "extra usage is required",             OTHER }, /* Anthropic: long context */
  { 413, 429, MENTION, "request too large for",               OTHER }, /* OpenAI, Groq: over a minute's tokens */
  { 400, 400, MENTION, "only authorized for use with",        OTHER }, /* Anthropic: subscription's own client */
  { 402, 402, MENTION, "can only afford",                     MODEL (PAYMENT, MINUTES (1)) }, /* OpenRouter */
  { 402, 402, MENTION, "prompt tokens limit exceeded",        MODEL (PAYMENT, MINUTES (1)) }, /* OpenRouter */
  { 404, 404, MENTION, "no endpoints found that support",     OTHER }, /* OpenRouter: tools, images */

  /* keys and sign-ins that are dead, with whatever status */
  {   0, 599, MENTION, "invalid_grant",                       ACCOUNT (UNAUTHORIZED, MINUTES (30)) },
  { 400, 403, WORD,    "api_key_invalid",                     ACCOUNT (UNAUTHORIZED, MINUTES (30)) }, /* Gemini */
  { 400, 403, MENTION, "api key not valid",                   ACCOUNT (UNAUTHORIZED, MINUTES (30)) },
  { 400, 403, MENTION, "api key expired",                     ACCOUNT (UNAUTHORIZED, MINUTES (30)) },
  { 400, 403, MENTION, "incorrect api key",                   ACCOUNT (UNAUTHORIZED, MINUTES (30)) }, /* xAI */
  { 403, 403, MENTION, "reported as leaked",                  ACCOUNT (UNAUTHORIZED, MINUTES (30)) }, /* Gemini */
  {   0, 403, WORD,    "authentication_error",                ACCOUNT (UNAUTHORIZED, MINUTES (30)) },
  {   0, 403, WORD,    "invalid_api_key",                     ACCOUNT (UNAUTHORIZED, MINUTES (30)) },
  {   0, 403, WORD,    "unauthenticated",                     ACCOUNT (UNAUTHORIZED, MINUTES (30)) }, /* Gemini */

  /* money and rights of the whole account */
  {   0, 499, WORD,    "insufficient_quota",                  ACCOUNT (PAYMENT, MINUTES (30)) }, /* OpenAI */
  {   0, 499, WORD,    "billing_hard_limit_reached",          ACCOUNT (PAYMENT, MINUTES (30)) }, /* OpenAI */
  {   0, 499, WORD,    "billing_not_active",                  ACCOUNT (PAYMENT, MINUTES (30)) }, /* OpenAI */
  {   0, 499, WORD,    "billing_error",                       ACCOUNT (PAYMENT, MINUTES (30)) }, /* Anthropic */
  {   0, 499, WORD,    "usage_not_included",                  ACCOUNT (PAYMENT, MINUTES (30)) }, /* ChatGPT */
  {   0, 499, MENTION, "credits_depleted",                    ACCOUNT (PAYMENT, HOURS (1)) },    /* ChatGPT workspaces */
  {   0, 499, WORD,    "exceeded_current_quota_error",        ACCOUNT (PAYMENT, MINUTES (30)) }, /* Moonshot */
  { 400, 429, WORD,    "1113",                                ACCOUNT (PAYMENT, MINUTES (30)) }, /* Z.ai */
  { 400, 429, WORD,    "1309",                                ACCOUNT (PAYMENT, MINUTES (30)) }, /* Z.ai */
  { 400, 403, WORD,    "arrearage",                           ACCOUNT (PAYMENT, MINUTES (30)) }, /* DashScope */
  { 429, 429, WORD,    "insufficient_g1_credits_balance",     MODEL (PAYMENT, MINUTES (30)) },   /* Cloud Code */
  { 400, 429, MENTION, "credit balance is too low",           ACCOUNT (PAYMENT, MINUTES (30)) }, /* Anthropic */
  { 400, 429, MENTION, "insufficient balance",                ACCOUNT (PAYMENT, MINUTES (30)) }, /* DeepSeek, Z.ai */
  { 400, 429, MENTION, "insufficient credits",                ACCOUNT (PAYMENT, MINUTES (30)) }, /* OpenRouter */
  { 400, 429, MENTION, "balance is insufficient",             ACCOUNT (PAYMENT, MINUTES (30)) }, /* SiliconFlow */
  { 403, 429, MENTION, "have any credits",                    ACCOUNT (PAYMENT, MINUTES (30)) }, /* xAI */
  { 403, 429, MENTION, "used all available credits",          ACCOUNT (PAYMENT, MINUTES (30)) }, /* xAI */
  { 400, 412, MENTION, "is suspended",                        ACCOUNT (PAYMENT, MINUTES (30)) }, /* Fireworks, Google */
  { 400, 403, WORD,    "organization_restricted",             ACCOUNT (PAYMENT, MINUTES (30)) }, /* Groq */
  { 400, 403, MENTION, "organization has been disabled",      ACCOUNT (PAYMENT, MINUTES (30)) }, /* Anthropic */
  { 403, 403, WORD,    "temporarily_suspended",               ACCOUNT (PAYMENT, MINUTES (30)) }, /* Kiro */
  { 403, 403, WORD,    "consumer_suspended",                  ACCOUNT (PAYMENT, MINUTES (30)) }, /* Google */
  { 403, 403, WORD,    "billing_disabled",                    ACCOUNT (PAYMENT, MINUTES (30)) }, /* Google */
  { 403, 403, WORD,    "service_disabled",                    ACCOUNT (PAYMENT, MINUTES (30)) }, /* Google */
  { 400, 403, MENTION, "user location is not supported",      ACCOUNT (PAYMENT, MINUTES (30)) }, /* Gemini */
  { 403, 403, WORD,    "unsupported_country_region_territory", ACCOUNT (PAYMENT, MINUTES (30)) }, /* OpenAI */

  /* allowances that are used up */
  { 429, 429, WORD,    WEIR_WORD_WINDOW_ACCOUNT,              ACCOUNT (QUOTA, 0) }, /* Anthropic: 5h, 7d */
  { 429, 429, WORD,    WEIR_WORD_WINDOW_MODEL,                MODEL (QUOTA, 0) },   /* Anthropic: 7d of some models */
  {   0, 499, WORD,    "usage_limit_reached",                 ACCOUNT (QUOTA, 0) }, /* ChatGPT */
  { 400, 429, MENTION, "specified api usage limits",          ACCOUNT (QUOTA, 0) }, /* Anthropic: the user's own cap */
  {   0, 499, MENTION, "free-usage-exhausted",                ACCOUNT (QUOTA, HOURS (24)) }, /* xAI */
  { 429, 429, MENTION, "limit: 0,",                           MODEL (MODEL_UNSUPPORTED, HOURS (12)) }, /* Gemini: not on the free tier */
  { 429, 429, MENTION, "limit: 0\n",                          MODEL (MODEL_UNSUPPORTED, HOURS (12)) }, /* Gemini: not on the free tier */
  { 429, 429, MENTION, "perday",                              MODEL (QUOTA, UNTIL_PACIFIC_MIDNIGHT) }, /* Gemini quotaId */
  { 429, 429, WORD,    "quota_exhausted",                     MODEL (QUOTA, 0) },   /* Cloud Code */
  { 400, 429, WORD,    "monthly_request_count",               ACCOUNT (QUOTA, 0) }, /* Kiro */
  { 400, 429, WORD,    "daily_request_count",                 ACCOUNT (QUOTA, 0) }, /* Kiro */
  { 400, 429, WORD,    "overage_request_limit_exceeded",      ACCOUNT (QUOTA, 0) }, /* Kiro */
  { 402, 429, WORD,    "quota_exceeded",                      ACCOUNT (QUOTA, 0) }, /* Copilot */
  { 429, 429, WORD,    "1304",                                ACCOUNT (QUOTA, 0) }, /* Z.ai: a day's */
  { 429, 429, WORD,    "1308",                                ACCOUNT (QUOTA, 0) }, /* Z.ai: five hours' */
  { 429, 429, WORD,    "1310",                                ACCOUNT (QUOTA, 0) }, /* Z.ai: a week's */
  { 429, 429, MENTION, "usage limit",                         ACCOUNT (QUOTA, 0) }, /* Ollama, Kimi Code */
  { 429, 429, MENTION, "per day",                             MODEL (QUOTA, 0) },   /* OpenAI, Groq, Cerebras */

  /* too busy, which is nobody's fault here */
  {   0, 599, WORD,    "overloaded_error",                    MODEL (OVERLOADED, 0) }, /* Anthropic */
  {   0, 599, WORD,    "engine_overloaded_error",             MODEL (OVERLOADED, 0) }, /* Moonshot */
  {   0, 599, WORD,    "server_is_overloaded",                MODEL (OVERLOADED, 0) }, /* OpenAI */
  {   0, 599, WORD,    "slow_down",                           MODEL (OVERLOADED, 0) }, /* OpenAI */
  {   0, 599, WORD,    "model_capacity_exhausted",            MODEL (OVERLOADED, 0) }, /* Cloud Code */
  {   0, 599, WORD,    "insufficient_model_capacity",         MODEL (OVERLOADED, 0) }, /* Kiro */
  {   0, 599, WORD,    "queue_exceeded",                      MODEL (OVERLOADED, 0) }, /* Cerebras */
  {   0, 599, WORD,    "service_tier_capacity_exceeded",      MODEL (OVERLOADED, 0) }, /* Mistral */
  { 429, 429, WORD,    "1305",                                MODEL (OVERLOADED, 0) }, /* Z.ai */
  { 429, 599, MENTION, "overloaded",                          MODEL (OVERLOADED, 0) },
  { 498, 498, MENTION, "capacity",                            MODEL (OVERLOADED, 0) }, /* Groq: flex */
  {   0,   0, WORD,    "unavailable",                         MODEL (OVERLOADED, 0) }, /* Gemini */

  /* too fast, said with another status */
  {   0,   0, WORD,    "rate_limit_error",                    MODEL (RATE_LIMIT, 0) },
  {   0,   0, WORD,    "resource_exhausted",                  MODEL (RATE_LIMIT, 0) },
  {   0, 403, WORD,    "rate_limit_exceeded",                 MODEL (RATE_LIMIT, 0) },
  { 403, 403, WORD,    "ratelimitexceeded",                   MODEL (RATE_LIMIT, 0) }, /* Google */
  { 403, 403, WORD,    "quotaexceeded",                       MODEL (QUOTA, 0) },      /* Google */
  { 403, 403, WORD,    WEIR_WORD_RETRY_AFTER,                 MODEL (RATE_LIMIT, 0) },

  /* not this model */
  { 400, 400, WORD,    "invalid_model_id",                    MODEL (NOT_FOUND, HOURS (12)) }, /* Kiro */
  { 400, 422, WORD,    "model_not_found",                     MODEL (NOT_FOUND, HOURS (12)) },
  { 400, 422, WORD,    "model_not_supported",                 MODEL (MODEL_UNSUPPORTED, HOURS (12)) }, /* Copilot */
  { 400, 422, MENTION, "model is not supported",              MODEL (MODEL_UNSUPPORTED, HOURS (12)) },
  { 400, 422, MENTION, "model not supported",                 MODEL (MODEL_UNSUPPORTED, HOURS (12)) },
  { 400, 422, MENTION, "unsupported model",                   MODEL (MODEL_UNSUPPORTED, HOURS (12)) },
  { 400, 422, MENTION, "not available for your plan",         MODEL (MODEL_UNSUPPORTED, HOURS (12)) },
  { 400, 422, MENTION, "not supported when using",            MODEL (MODEL_UNSUPPORTED, HOURS (12)) }, /* ChatGPT */
  { 400, 422, MENTION, "model not exist",                     MODEL (NOT_FOUND, HOURS (12)) }, /* DeepSeek */
  { 400, 422, MENTION, "not a valid model",                   MODEL (NOT_FOUND, HOURS (12)) }, /* OpenRouter */
  { 400, 422, MENTION, "unknown model",                       MODEL (NOT_FOUND, HOURS (12)) }, /* Z.ai */
  { 404, 404, MENTION, "model",                               MODEL (NOT_FOUND, HOURS (12)) },
  { 404, 404, WORD,    "invalid_request_error",               STOP },  /* OpenAI: a file, a response */
  { 404, 404, WORD,    "not_found_error",                     OTHER }, /* Anthropic: a file of another account */
  {   0,   0, WORD,    "not_found_error",                     OTHER },
  {   0,   0, WORD,    "permission_error",                    MODEL (PAYMENT, MINUTES (30)) },

  /* a stream's error without a status */
  {   0,   0, WORD,    "invalid_request_error",               STOP },
  {   0,   0, WORD,    "invalid_request",                     STOP },
  {   0,   0, WORD,    "bad_request_error",                   STOP },
  {   0,   0, WORD,    "invalid_argument",                    STOP },
  {   0,   0, WORD,    "invalid_value",                       STOP },
  {   0,   0, WORD,    "unsupported_value",                   STOP },
  {   0,   0, WORD,    "request_too_large",                   STOP },
};

static const char *const reason_names[] = {
  "nothing", "rate-limit", "quota", "unauthorized", "payment", "not-found",
  "model-unsupported", "transient", "overloaded", "challenge", "unreachable",
};

/* Reasons that pass by themselves: how long a reply says so counts for these only. */
static const gboolean passes[] = {
  [WEIR_REST_RATE_LIMIT] = TRUE, [WEIR_REST_QUOTA] = TRUE,     [WEIR_REST_TRANSIENT] = TRUE,
  [WEIR_REST_OVERLOADED] = TRUE, [WEIR_REST_CHALLENGE] = TRUE, [WEIR_REST_UNREACHABLE] = FALSE,
};
/* clang-format on */

G_STATIC_ASSERT (G_N_ELEMENTS (reason_names) == WEIR_REST_REASON_LAST);
G_STATIC_ASSERT (G_N_ELEMENTS (passes) == WEIR_REST_REASON_LAST);

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

static gboolean
marker_holds (const Marker *marker, unsigned status, const WeirVerdictFacts *facts)
{
  if (status < marker->from || status > marker->to)
    return FALSE;
  return marker->kind == WORD ? weir_verdict_facts_has_word (facts, marker->text)
                              : weir_verdict_facts_mention (facts, marker->text);
}

static WeirVerdict
judge (unsigned status, const WeirVerdictFacts *facts, int64_t real_us)
{
  for (size_t i = 0; i < G_N_ELEMENTS (markers); i++)
    if (marker_holds (&markers[i], status, facts))
      return (WeirVerdict){
        .action = markers[i].action,
        .scope = markers[i].scope,
        .reason = markers[i].reason,
        .rest_us = markers[i].rest_us == UNTIL_PACIFIC_MIDNIGHT
                       ? weir_when_get_pacific_midnight (real_us)
                       : markers[i].rest_us,
      };
  return weir_verdict_of_status (status != 0 ? status : 502);
}

/* What the vendor says of the time counts where it is the longer: a daily allowance comes
 * with a delay of seconds. */
static void
settle_rest (WeirVerdict *verdict, int64_t delay_us)
{
  if (!passes[verdict->reason] || delay_us == 0 || delay_us < verdict->rest_us)
    return;
  verdict->rest_us = delay_us;
  verdict->stated = TRUE;
}

/* The user's rule decides who is asked; it also decides whether there is a rest, of which
 * the answer says how long. */
static void
apply_rule (WeirVerdict *verdict, WeirErrorRuleAction action)
{
  const gboolean cools = action == WEIR_ERROR_RULE_STOP_AND_COOLDOWN
                         || action == WEIR_ERROR_RULE_CONTINUE_AND_COOLDOWN;
  const gboolean stops
      = action == WEIR_ERROR_RULE_STOP || action == WEIR_ERROR_RULE_STOP_AND_COOLDOWN;

  if (!cools)
    *verdict = (WeirVerdict){ 0 };
  else if (verdict->scope == WEIR_REST_NONE)
    *verdict = (WeirVerdict){ .scope = WEIR_REST_MODEL, .reason = WEIR_REST_TRANSIENT };
  verdict->action = stops ? WEIR_VERDICT_CLIENT_FAULT : WEIR_VERDICT_ROTATE;
}

static const WeirErrorRule *
find_rule (const WeirReply *reply, unsigned status)
{
  const WeirSlice text
      = reply->body.length > 0 ? reply->body : weir_slice_from_string (reply->message);

  for (unsigned i = 0; reply->rules != NULL && i < reply->rules->len; i++)
    if (weir_error_rule_holds (g_ptr_array_index (reply->rules, i), status, text))
      return g_ptr_array_index (reply->rules, i);
  return NULL;
}

WeirVerdict
weir_verdict_of_reply (const WeirReply *reply)
{
  const gboolean inside = reply->error_type != NULL || reply->message != NULL;
  const unsigned status = inside && reply->status < 400 ? 0 : reply->status;
  WeirVerdict verdict = weir_verdict_of_status (status);
  g_auto (WeirVerdictFacts) facts = { 0 };
  const WeirErrorRule *rule;

  if (!inside && (status < 400 || status > 599))
    return verdict;
  weir_verdict_facts_read (&facts, reply);
  verdict = judge (status, &facts, reply->real_us);
  rule = find_rule (reply, status);
  if (rule != NULL)
    apply_rule (&verdict, rule->action);
  settle_rest (&verdict, facts.delay_us);
  return verdict;
}

WeirVerdict
weir_verdict_of_failure (WeirError code)
{
  if (code == WEIR_ERROR_UPSTREAM || code == WEIR_ERROR_UPSTREAM_TLS
      || code == WEIR_ERROR_UPSTREAM_TIMEOUT)
    return (WeirVerdict){
      .action = WEIR_VERDICT_ROTATE,
      .scope = WEIR_REST_ACCOUNT,
      .reason = WEIR_REST_UNREACHABLE,
    };
  if (code == WEIR_ERROR_CUT || code == WEIR_ERROR_BAD_UPSTREAM)
    return (WeirVerdict){
      .action = WEIR_VERDICT_ROTATE_ONCE,
      .scope = WEIR_REST_MODEL,
      .reason = WEIR_REST_TRANSIENT,
    };
  return (WeirVerdict){ .action = WEIR_VERDICT_CLIENT_FAULT };
}

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
