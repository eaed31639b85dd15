/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Vendors that can be asked what is left, one row each, and what their statuses mean.  A
 * row holds what the endpoint needs in order to answer and no more: nobody is pretended to
 * be somebody else, even where the vendor is slower then.  Qwen's sign-in and iFlow have no
 * such endpoint; Cursor, Warp, Amp and others that are no upstream of ours are left out. */

#include "config.h"

#include "providers/weir-quota-recipe.h"

#include "providers/weir-quota-private.h"

#define BEARER "Bearer "
#define PROJECT "{\"project\":\"{project}\"}"

/* clang-format off */
static const WeirQuotaRecipe recipes[] = {
  /* sign-ins */
  { .id = "claude", .method = "GET", .url = "https://api.anthropic.com/api/oauth/usage", .auth_prefix = BEARER,
    .fields = { "anthropic-beta: oauth-2025-04-20" }, .read = weir_quota_read_claude },
  { .id = "codex", .method = "GET", .url = "https://chatgpt.com/backend-api/wham/usage", .auth_prefix = BEARER,
    .fields = { "ChatGPT-Account-Id: {account}" }, .read = weir_quota_read_codex },
  { .id = "codex-resets", .method = "GET", .url = "https://chatgpt.com/backend-api/wham/rate-limit-reset-credits",
    .auth_prefix = BEARER, .fields = { "ChatGPT-Account-Id: {account}", "OpenAI-Beta: codex-1" },
    .read = weir_quota_read_codex_resets },
  { .id = "copilot", .method = "GET", .url = "https://api.github.com/copilot_internal/user", .auth_prefix = "token ",
    .fields = { "X-Github-Api-Version: 2025-04-01" }, .read = weir_quota_read_copilot },
  { .id = "gemini-cli", .method = "POST", .url = "https://cloudcode-pa.googleapis.com/v1internal:retrieveUserQuota",
    .auth_prefix = BEARER, .body = PROJECT, .read = weir_quota_read_gemini_cli },
  { .id = "antigravity", .method = "POST",
    .url = "https://daily-cloudcode-pa.googleapis.com/v1internal:retrieveUserQuotaSummary",
    .auth_prefix = BEARER, .body = PROJECT, .instead = "antigravity-models", .read = weir_quota_read_antigravity },
  { .id = "antigravity-models", .method = "POST",
    .url = "https://daily-cloudcode-pa.googleapis.com/v1internal:fetchAvailableModels",
    .auth_prefix = BEARER, .body = PROJECT, .read = weir_quota_read_antigravity },
  { .id = "kiro", .method = "GET",
    .url = "https://q.us-east-1.amazonaws.com/getUsageLimits?origin=AI_EDITOR&resourceType=AGENTIC_REQUEST",
    .auth_prefix = BEARER, .read = weir_quota_read_kiro },
  { .id = "xai", .method = "GET", .url = "https://cli-chat-proxy.grok.com/v1/billing?format=credits",
    .auth_prefix = BEARER, .fields = { "x-xai-token-auth: xai-grok-cli" }, .read = weir_quota_read_xai },

  /* keys with a plan */
  { .id = "kimi", .method = "GET", .url = "https://api.kimi.com/coding/v1/usages", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_kimi },
  { .id = "zai", .method = "GET", .url = "https://api.z.ai/api/monitor/usage/quota/limit", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_zai },
  { .id = "bigmodel", .method = "GET", .url = "https://open.bigmodel.cn/api/monitor/usage/quota/limit", .auth_prefix = "",
    .takes_key = TRUE, .read = weir_quota_read_zai },
  { .id = "minimax", .method = "GET", .url = "https://api.minimax.io/v1/api/openplatform/coding_plan/remains",
    .auth_prefix = BEARER, .takes_key = TRUE, .read = weir_quota_read_minimax },
  { .id = "minimax-cn", .method = "GET", .url = "https://api.minimaxi.com/v1/api/openplatform/coding_plan/remains",
    .auth_prefix = BEARER, .takes_key = TRUE, .read = weir_quota_read_minimax },
  { .id = "cline", .method = "GET", .url = "https://api.cline.bot/api/v1/users/me/plan/usage-limits", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_cline },
  { .id = "factory", .method = "GET", .url = "https://api.factory.ai/api/billing/limits", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_factory },

  /* keys with a balance */
  { .id = "openrouter", .method = "GET", .url = "https://openrouter.ai/api/v1/credits", .auth_prefix = BEARER,
    .takes_key = TRUE, .instead = "openrouter-key", .read = weir_quota_read_openrouter },
  { .id = "openrouter-key", .method = "GET", .url = "https://openrouter.ai/api/v1/key", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_openrouter_key },
  { .id = "deepseek", .method = "GET", .url = "https://api.deepseek.com/user/balance", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_deepseek },
  { .id = "moonshot", .method = "GET", .url = "https://api.moonshot.ai/v1/users/me/balance", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_moonshot },
  { .id = "moonshot-cn", .method = "GET", .url = "https://api.moonshot.cn/v1/users/me/balance", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_moonshot },
  { .id = "siliconflow", .method = "GET", .url = "https://api.siliconflow.com/v1/user/info", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_siliconflow },
  { .id = "siliconflow-cn", .method = "GET", .url = "https://api.siliconflow.cn/v1/user/info", .auth_prefix = BEARER,
    .takes_key = TRUE, .read = weir_quota_read_siliconflow },
};
/* clang-format on */

const WeirQuotaRecipe *
weir_quota_recipe_table_get (size_t *out_n)
{
  *out_n = G_N_ELEMENTS (recipes);
  return recipes;
}

const WeirQuotaRecipe *
weir_quota_recipe_lookup (const char *id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (recipes); i++)
    if (strcmp (recipes[i].id, id) == 0)
      return &recipes[i];
  return NULL;
}

/* Of "https://host:port/path" all before the path. */
static size_t
measure_origin (const char *url)
{
  const char *host = strstr (url, "://");

  return host != NULL ? (size_t)(host - url) + 3 + strcspn (host + 3, "/?#") : 0;
}

const WeirQuotaRecipe *
weir_quota_recipe_lookup_by_url (const char *base_url)
{
  const size_t length = base_url != NULL ? measure_origin (base_url) : 0;

  for (size_t i = 0; i < G_N_ELEMENTS (recipes) && length > 0; i++)
    if (recipes[i].takes_key && measure_origin (recipes[i].url) == length
        && g_ascii_strncasecmp (recipes[i].url, base_url, length) == 0)
      return &recipes[i];
  return NULL;
}

static WeirQuotaOutcome
judge_status (unsigned status)
{
  switch (status)
    {
    case 200:
      return WEIR_QUOTA_READ;
    case 401:
      return WEIR_QUOTA_SIGN_IN;
    case 403:
      return WEIR_QUOTA_FORBIDDEN;
    case 429:
      return WEIR_QUOTA_LIMITED;
    default:
      return status == 408 || status >= 500 ? WEIR_QUOTA_UNAVAILABLE
                                            : WEIR_QUOTA_UNREADABLE;
    }
}

/* Some vendors refuse inside a 200: Z.ai's `code`, MiniMax's base_resp. */
static WeirQuotaOutcome
judge_silence (const WeirJson *json)
{
  if (weir_quota_get_number (json, 0, "code") == 401
      || weir_quota_get_number (json, 0, "base_resp.status_code") == 1004)
    return WEIR_QUOTA_SIGN_IN;
  return WEIR_QUOTA_UNREADABLE;
}

WeirQuotaOutcome
weir_quota_recipe_read (const WeirQuotaRecipe *self,
                        unsigned status,
                        WeirSlice body,
                        int64_t real_us,
                        WeirQuotaReading *out)
{
  const WeirQuotaOutcome outcome = judge_status (status);
  g_auto (WeirJson) json = { 0 };

  weir_quota_reading_init (out);
  if (outcome != WEIR_QUOTA_READ)
    return outcome;
  if (!weir_quota_parse (&json, body))
    return WEIR_QUOTA_UNREADABLE;
  self->read (out, &json, real_us);
  if (weir_quota_reading_says_something (out))
    return WEIR_QUOTA_READ;
  weir_quota_reading_init (out);
  return judge_silence (&json);
}

const char *
weir_quota_outcome_get_name (WeirQuotaOutcome outcome)
{
  static const char *const names[] = {
    [WEIR_QUOTA_READ] = "read",
    [WEIR_QUOTA_SIGN_IN] = "sign-in",
    [WEIR_QUOTA_FORBIDDEN] = "forbidden",
    [WEIR_QUOTA_LIMITED] = "limited",
    [WEIR_QUOTA_UNAVAILABLE] = "unavailable",
    [WEIR_QUOTA_UNREADABLE] = "unreadable",
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (names) == WEIR_QUOTA_OUTCOME_LAST);

  g_return_val_if_fail (outcome < WEIR_QUOTA_OUTCOME_LAST, "");
  return names[outcome];
}
