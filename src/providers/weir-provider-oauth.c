/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows of sign-ins.  Endpoints, ids and scopes as the vendors' own open programs had
 * them when they were read (the month stands in each row); what is sent with them is
 * weir-oauth.c's.  Identities of devices and editors, which some of those programs send
 * along, are left out; whether every endpoint answers without has not been seen. */

#include "config.h"

#include "providers/weir-provider-oauth.h"

#include <string.h>

static const char *const claude_extra[] = { "code", "true", NULL };
static const char *const codex_extra[] = {
  "prompt", "login", "id_token_add_organizations", "true", "codex_cli_simplified_flow",
  "true",   NULL
};
/* Google gives a refresh token only to who asks for offline access and consent. */
static const char *const google_extra[]
    = { "access_type", "offline", "prompt", "consent", NULL };

#define GOOGLE_SCOPES                                                                      \
  "https://www.googleapis.com/auth/cloud-platform "                                        \
  "https://www.googleapis.com/auth/userinfo.email "                                        \
  "https://www.googleapis.com/auth/userinfo.profile"

#define CLAUDE_SCOPES                                                                      \
  "user:profile user:inference user:sessions:claude_code user:mcp_servers "                \
  "user:file_upload"

/* clang-format off */
static const WeirProviderOauth rows[] = {
  {
      /* Claude Code's sign-in, read 2026-10; the terms as of 2026-04-04 */
      .id = "claude",
      .name = "Claude",
      .standing = WEIR_OAUTH_LIMITED,
      .sentence = "Anthropic says that a Claude subscription is for Claude's own programs. "
                  "This account serves Claude Code only, unless you allow any client.",
      .client_id = "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
      .authorize_url = "https://claude.ai/oauth/authorize",
      .redirect_uri = "http://localhost:54545/callback",
      .extra = claude_extra,
      .token_url = "https://platform.claude.com/v1/oauth/token",
      .token_body = WEIR_OAUTH_JSON,
      .sends_state = TRUE,
      .scope = CLAUDE_SCOPES,
      .refresh_scope = CLAUDE_SCOPES,
      .usage_page = "https://claude.ai/settings/usage",
      .status_page = "https://status.claude.com",
  },
  {
      /* Codex CLI's sign-in, both ways, read 2026-10 */
      .id = "codex",
      .name = "ChatGPT",
      .standing = WEIR_OAUTH_OPEN,
      .sentence = "You sign in as Codex does, and what is asked counts against the Codex "
                  "limits of your ChatGPT plan.",
      .client_id = "app_EMoamEEZ73f0CkXaXp7hrann",
      .authorize_url = "https://auth.openai.com/oauth/authorize",
      .issuer = "https://auth.openai.com",
      .redirect_uri = "http://localhost:1455/auth/callback",
      .extra = codex_extra,
      .device_url = "https://auth.openai.com/api/accounts/deviceauth/usercode",
      .device_kind = WEIR_OAUTH_DEVICE_REDEEM,
      .device_poll_url = "https://auth.openai.com/api/accounts/deviceauth/token",
      .device_page_url = "https://auth.openai.com/codex/device",
      .device_redirect_uri = "https://auth.openai.com/deviceauth/callback",
      .token_url = "https://auth.openai.com/oauth/token",
      .revoke_url = "https://auth.openai.com/oauth/revoke",
      .revoke_body = WEIR_OAUTH_JSON,
      .scope = "openid email profile offline_access",
      .refresh_scope = "openid profile email",
      .usage_page = "https://chatgpt.com/codex/settings/usage",
      .status_page = "https://status.openai.com",
  },
  {
      /* GitHub's device flow with the client of Copilot's editor plugins, read 2026-10 */
      .id = "copilot",
      .name = "GitHub Copilot",
      .standing = WEIR_OAUTH_LIMITED,
      .sentence = "GitHub documents Copilot for its own programs and editors only. What is "
                  "asked through Weir spends the AI credits of your plan.",
      .client_id = "Iv1.b507a08c87ecfe98",
      .device_url = "https://github.com/login/device/code",
      .token_url = "https://github.com/login/oauth/access_token",
      .scope = "read:user",
      .exchange_url = "https://api.github.com/copilot_internal/v2/token",
      .user_url = "https://api.github.com/user",
      .usage_page = "https://github.com/settings/copilot/features",
      .status_page = "https://www.githubstatus.com",
  },
  {
      /* Kimi CLI's sign-in, read 2026-10 */
      .id = "kimi",
      .name = "Kimi",
      .standing = WEIR_OAUTH_OPEN,
      .sentence = "You sign in as Kimi's coding program does, and what is asked counts "
                  "against your Kimi plan.",
      .client_id = "17e5f671-d194-4dfb-9706-5516cb48c098",
      .device_url = "https://auth.kimi.com/api/oauth/device_authorization",
      .token_url = "https://auth.kimi.com/api/oauth/token",
      .status_is_final = TRUE,
      .usage_page = "https://www.kimi.com/code/console",
      .status_page = "https://status.moonshot.cn",
  },
  {
      /* Grok CLI's sign-in, 2026-10; the endpoints as several open programs name them */
      .id = "xai",
      .name = "Grok",
      .standing = WEIR_OAUTH_OPEN,
      .sentence = "You sign in as the Grok program does, and what is asked counts against "
                  "your Grok plan.",
      .client_id = "b1a00492-073a-47ea-816f-4c329264a828",
      .issuer = "https://auth.x.ai",
      .device_url = "https://auth.x.ai/oauth2/device/code",
      .token_url = "https://auth.x.ai/oauth2/token",
      .scope = "openid profile email offline_access grok-cli:access api:access",
      .status_page = "https://status.x.ai",
  },
  {
      /* Antigravity's sign-in, read 2026-10 */
      .id = "antigravity",
      .name = "Antigravity",
      .standing = WEIR_OAUTH_LIMITED,
      .sentence = "Google offers Antigravity's models in its own programs, and may limit an "
                  "account that other programs use. Google also asks for the client secret "
                  "under oauth-clients in the configuration.",
      .client_id
      = "1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com",
      .secret_place = WEIR_OAUTH_SECRET_IN_BODY,
      .authorize_url = "https://accounts.google.com/o/oauth2/v2/auth",
      .issuer = "https://accounts.google.com",
      .redirect_uri = "http://localhost:51121/oauth-callback",
      .extra = google_extra,
      .token_url = "https://oauth2.googleapis.com/token",
      .revoke_url = "https://oauth2.googleapis.com/revoke",
      .scope = GOOGLE_SCOPES " https://www.googleapis.com/auth/cclog"
                             " https://www.googleapis.com/auth/experimentsandconfigs",
      .user_url = "https://www.googleapis.com/oauth2/v1/userinfo?alt=json",
      .status_page = "https://status.cloud.google.com",
  },
  {
      /* Gemini CLI's sign-in, read 2026-10; closed to individuals on 2026-06-18 */
      .id = "gemini-cli",
      .name = "Gemini Code Assist",
      .standing = WEIR_OAUTH_LIMITED,
      .sentence = "Since June 2026 Google lets only Workspace, Standard and Enterprise "
                  "accounts sign in here; others can use Antigravity or an API key. Google "
                  "also asks for the client secret under oauth-clients in the configuration.",
      .client_id
      = "681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com",
      .secret_place = WEIR_OAUTH_SECRET_IN_BODY,
      .authorize_url = "https://accounts.google.com/o/oauth2/auth",
      .issuer = "https://accounts.google.com",
      .redirect_uri = "http://localhost:8085/oauth2callback",
      .extra = google_extra,
      .token_url = "https://oauth2.googleapis.com/token",
      .revoke_url = "https://oauth2.googleapis.com/revoke",
      .scope = GOOGLE_SCOPES,
      .user_url = "https://www.googleapis.com/oauth2/v1/userinfo?alt=json",
      .status_page = "https://status.cloud.google.com",
  },
  {
      /* Amazon Q Developer's sign-in (aws/amazon-q-developer-cli, 2026-04, read 2026-11),
       * whose clients and names Kiro took over */
      .id = "kiro",
      .name = "Kiro",
      .standing = WEIR_OAUTH_LIMITED,
      .sentence = "Amazon documents Kiro for its own programs only and may limit an account "
                  "that others use; Weir has not been tried with it yet. You sign in with an "
                  "AWS Builder ID; a sign-in by Google, GitHub or a company can be taken over "
                  "from Kiro.",
      .device_url = "https://oidc.us-east-1.amazonaws.com/device_authorization",
      .device_kind = WEIR_OAUTH_DEVICE_AWS,
      .register_url = "https://oidc.us-east-1.amazonaws.com/client/register",
      .start_url = "https://view.awsapps.com/start",
      .token_url = "https://oidc.us-east-1.amazonaws.com/token",
      .scope = "codewhisperer:completions codewhisperer:analysis "
               "codewhisperer:conversations",
      .user_url = "https://q.us-east-1.amazonaws.com/getUsageLimits?origin=AI_EDITOR"
                  "&resourceType=AGENTIC_REQUEST&isEmailRequired=true",
  },
  {
      /* Qwen Code's sign-in, whose free tier ended on 2026-04-15; read 2026-10 */
      .id = "qwen",
      .name = "Qwen",
      .standing = WEIR_OAUTH_ENDED,
      .sentence = "Qwen ended this sign-in in April 2026. An API key works, and accounts "
                  "that were imported are used as long as Qwen takes them.",
      .client_id = "f0304373b74a44d2b584a3fb70ca9e56",
      .token_url = "https://chat.qwen.ai/api/v1/oauth2/token",
      .scope = "openid profile email model.completion",
  },
  {
      /* iFlow CLI's sign-in, which other programs gave up on 2026-04-17; read 2026-10.  The
       * API key that the token gives access to is what serves. */
      .id = "iflow",
      .name = "iFlow",
      .standing = WEIR_OAUTH_ENDED,
      .sentence = "iFlow's sign-in has not worked for other programs since April 2026. An "
                  "API key works, and accounts that were imported are used as long as iFlow "
                  "takes them.",
      .client_id = "10009311001",
      .secret_place = WEIR_OAUTH_SECRET_BASIC,
      .token_url = "https://iflow.cn/oauth/token",
  },
  {
      /* Google, "Using OAuth 2.0 for Server to Server Applications", read 2026-10 */
      .id = "vertex",
      .name = "Vertex AI",
      .standing = WEIR_OAUTH_OPEN,
      .sentence = "Vertex AI is not signed in to: import the key file of a service account "
                  "(weir accounts import FILE). What is asked is billed to its project.",
      .token_url = "https://oauth2.googleapis.com/token",
      .takes_key = TRUE,
  },
};

static const struct
{
  const char *name;
  const char *id;
} other_names[] = {
  { "anthropic",      "claude" },
  { "openai",         "codex" },
  { "chatgpt",        "codex" },
  { "github-copilot", "copilot" },
  { "github",         "copilot" },
  { "moonshot",       "kimi" },
  { "grok",           "xai" },
  { "x-ai",           "xai" },
  { "anti-gravity",   "antigravity" },
  { "gemini",         "gemini-cli" },
  { "google",         "gemini-cli" },
  { "i-flow",         "iflow" },
  { "amazon-q",       "kiro" },
  { "codewhisperer",  "kiro" },
};
/* clang-format on */

const WeirProviderOauth *
weir_provider_oauth_get_table (size_t *out_n)
{
  *out_n = G_N_ELEMENTS (rows);
  return rows;
}

const WeirProviderOauth *
weir_provider_oauth_lookup (const char *id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (other_names); i++)
    if (g_ascii_strcasecmp (other_names[i].name, id) == 0)
      id = other_names[i].id;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_ascii_strcasecmp (rows[i].id, id) == 0)
      return &rows[i];
  return NULL;
}

unsigned
weir_provider_oauth_get_port (const WeirProviderOauth *self)
{
  const char *colon;

  if (self->redirect_uri == NULL)
    return 0;
  colon = strrchr (self->redirect_uri, ':');
  return colon != NULL ? (unsigned)g_ascii_strtoull (colon + 1, NULL, 10) : 0;
}
