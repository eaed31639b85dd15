/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows of accounts: where the requests of a signed-in account go.  Endpoints as the
 * vendors' own open programs had them, read 2026-10; what is sent there says who we are.
 * Where such a program names itself, its devices or its editor, those fields are left out
 * or hold our own name; whether every endpoint answers then has not been seen. */

#include "config.h"

#include "providers/weir-hook.h"

#define OUR_NAME "weir/" WEIR_VERSION

static const char *const claude_forwards[]
    = { "anthropic-version", "anthropic-beta", "x-app", NULL };
static const char *const codex_forwards[]
    = { "openai-beta", "session-id", "session_id", "conversation_id", NULL };
static const char *const no_forwards[] = { NULL };

static const char *const claude_serves[] = { "claude-*", NULL };
static const char *const codex_serves[] = { "gpt-5*", "gpt-6*", "codex-*", NULL };
static const char *const copilot_serves[]
    = { "gpt-*", "claude-*", "gemini-*", "grok-*", "o3*", "o4*", "raptor-*", NULL };
static const char *const kimi_serves[] = { "kimi-*", NULL };
static const char *const grok_serves[] = { "grok-*", NULL };
static const char *const gemini_serves[] = { "gemini-*", NULL };
static const char *const antigravity_serves[]
    = { "gemini-*", "claude-*", "gpt-oss-*", NULL };
static const char *const qwen_serves[] = { "coder-model", "vision-model", "qwen3-*", NULL };
static const char *const iflow_serves[]
    = { "qwen3-*", "glm-*", "kimi-*", "deepseek-*", "iflow-*", "minimax-*", NULL };

/* As CLIProxyAPI's list of models had them, read 2026-10. */
static const char *const codex_known[] = { "gpt-5",
                                           "gpt-5-codex",
                                           "gpt-5-codex-mini",
                                           "gpt-5.1",
                                           "gpt-5.1-codex",
                                           "gpt-5.1-codex-mini",
                                           "gpt-5.1-codex-max",
                                           "gpt-5.2",
                                           "gpt-5.2-codex",
                                           "gpt-5.3-codex",
                                           "gpt-5.4",
                                           "gpt-5.4-mini",
                                           "gpt-5.5",
                                           NULL };
static const char *const gemini_known[] = { "gemini-2.5-pro",
                                            "gemini-2.5-flash",
                                            "gemini-2.5-flash-lite",
                                            "gemini-3-pro-preview",
                                            "gemini-3.1-pro-preview",
                                            "gemini-3-flash-preview",
                                            "gemini-3.1-flash-lite-preview",
                                            NULL };
static const char *const antigravity_known[] = { "claude-opus-4-6-thinking",
                                                 "claude-sonnet-4-6",
                                                 "gemini-2.5-flash",
                                                 "gemini-2.5-flash-lite",
                                                 "gemini-3-flash",
                                                 "gemini-3-pro-high",
                                                 "gemini-3-pro-low",
                                                 "gemini-3.1-pro-high",
                                                 "gemini-3.1-pro-low",
                                                 "gpt-oss-120b-medium",
                                                 NULL };
static const char *const qwen_known[] = { "coder-model", NULL };

/* Its names have dots where the vendor of the models has none: nobody asks for theirs here
 * by accident.  As several open programs list them, read 2026-11. */
static const char *const kiro_serves[] = { "claude-*-?.?", "claude-sonnet-4", NULL };
static const char *const kiro_known[] = { "claude-opus-4.6",
                                          "claude-opus-4.5",
                                          "claude-sonnet-4.6",
                                          "claude-sonnet-4.5",
                                          "claude-haiku-4.5",
                                          "claude-sonnet-4",
                                          NULL };

static const char *const codex_fields[] = { "originator", "weir", NULL };
/* GitHub asks every caller for an editor's name and for the version of its interface. */
static const char *const copilot_fields[]
    = { "Editor-Version", OUR_NAME, "X-GitHub-Api-Version", "2025-05-01", NULL };
static const char *const qwen_fields[] = { "X-DashScope-AuthType", "qwen-oauth", NULL };

/* Copilot serves these by Responses only; which others its list tells. */
static const char *const copilot_responses_serves[] = { "*codex*", NULL };

#define CHAT_PATHS                                                                         \
  {                                                                                        \
    [WEIR_OPERATION_ANSWER] = "/chat/completions"                                          \
  }

#define CODE_ASSIST                                                                        \
  .dialect = WEIR_DIALECT_GEMINI, .base_url = "https://cloudcode-pa.googleapis.com",       \
  .paths = {                                                                               \
    [WEIR_OPERATION_ANSWER] = "/v1internal:generateContent",                               \
    [WEIR_OPERATION_STREAM] = "/v1internal:streamGenerateContent",                         \
    [WEIR_OPERATION_COUNT_TOKENS] = "/v1internal:countTokens",                             \
  },                                                                                       \
  .forwards = no_forwards, .counts_bare = TRUE

/* clang-format off */
static const WeirProvider copilot_responses = {
  .id = "copilot-responses",
  .name = "GitHub Copilot",
  .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
  .base_url = "https://api.githubcopilot.com",
  .paths = { [WEIR_OPERATION_ANSWER] = "/responses" },
  .models_path = "/models",
  .serves = copilot_responses_serves,
  .forwards = no_forwards,
  .hook = &weir_hook_copilot,
  .keeps_nothing = TRUE,
  .fields = copilot_fields,
  .endpoint = "/responses",
  .other_endpoint = "/chat/completions",
};

static const WeirProvider rows[] = {
  {
      .id = "claude",
      .name = "Claude",
      .dialect = WEIR_DIALECT_ANTHROPIC,
      .base_url = "https://api.anthropic.com",
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/v1/messages",
          [WEIR_OPERATION_COUNT_TOKENS] = "/v1/messages/count_tokens",
      },
      .models_path = "/v1/models?limit=1000",
      .serves = claude_serves,
      .forwards = claude_forwards,
      .default_field = { "anthropic-version", "2023-06-01" },
      .merged_field = { "anthropic-beta", "oauth-2025-04-20" },
      .own_client = "claude-cli/",
  },
  {
      /* it lists models for its own program's versions only */
      .id = "codex",
      .name = "ChatGPT",
      .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
      .base_url = "https://chatgpt.com/backend-api/codex",
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/responses",
          [WEIR_OPERATION_COMPACT] = "/responses/compact",
      },
      .serves = codex_serves,
      .known = codex_known,
      .forwards = codex_forwards,
      .hook = &weir_hook_codex,
      .keeps_nothing = TRUE,
      .fields = codex_fields,
      .account_field = "ChatGPT-Account-Id",
  },
  {
      .id = "copilot",
      .name = "GitHub Copilot",
      .dialect = WEIR_DIALECT_OPENAI_CHAT,
      .base_url = "https://api.githubcopilot.com",
      .paths = CHAT_PATHS,
      .models_path = "/models",
      .serves = copilot_serves,
      .forwards = no_forwards,
      .hook = &weir_hook_copilot,
      .fields = copilot_fields,
      .beside = &copilot_responses,
      .excludes = copilot_responses_serves,
      .endpoint = "/chat/completions",
  },
  {
      .id = "kimi",
      .name = "Kimi",
      .dialect = WEIR_DIALECT_OPENAI_CHAT,
      .base_url = "https://api.kimi.com/coding/v1",
      .paths = CHAT_PATHS,
      .models_path = "/models",
      .serves = kimi_serves,
      .forwards = no_forwards,
  },
  {
      .id = "xai",
      .name = "Grok",
      .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
      .base_url = "https://cli-chat-proxy.grok.com/v1",
      .paths = { [WEIR_OPERATION_ANSWER] = "/responses" },
      .models_path = "/models",
      .serves = grok_serves,
      .forwards = no_forwards,
  },
  {
      .id = "antigravity",
      .name = "Antigravity",
      CODE_ASSIST,
      .models_path = "/v1internal:fetchAvailableModels",
      .lists_by_project = TRUE,
      .serves = antigravity_serves,
      .known = antigravity_known,
      .hook = &weir_hook_antigravity,
  },
  {
      .id = "gemini-cli",
      .name = "Gemini Code Assist",
      CODE_ASSIST,
      .serves = gemini_serves,
      .known = gemini_known,
      .hook = &weir_hook_code_assist,
  },
  {
      .id = "kiro",
      .name = "Kiro",
      .dialect = WEIR_DIALECT_ANTHROPIC,
      .base_url = "https://q.us-east-1.amazonaws.com",
      .paths = { [WEIR_OPERATION_ANSWER] = "/generateAssistantResponse" },
      .serves = kiro_serves,
      .known = kiro_known,
      .forwards = no_forwards,
      .hook = &weir_hook_kiro,
  },
  {
      .id = "qwen",
      .name = "Qwen",
      .dialect = WEIR_DIALECT_OPENAI_CHAT,
      .base_url = "https://portal.qwen.ai/v1",
      .paths = CHAT_PATHS,
      .serves = qwen_serves,
      .known = qwen_known,
      .forwards = no_forwards,
      .fields = qwen_fields,
  },
  {
      .id = "iflow",
      .name = "iFlow",
      .dialect = WEIR_DIALECT_OPENAI_CHAT,
      .base_url = "https://apis.iflow.cn/v1",
      .paths = CHAT_PATHS,
      .models_path = "/models",
      .serves = iflow_serves,
      .forwards = no_forwards,
  },
  {
      /* an account says itself where its project is */
      .id = "vertex",
      .name = "Vertex AI",
      .dialect = WEIR_DIALECT_GEMINI,
      .base_url = "https://aiplatform.googleapis.com",
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/publishers/google/models/{model}:generateContent",
          [WEIR_OPERATION_STREAM] = "/publishers/google/models/{model}:streamGenerateContent",
          [WEIR_OPERATION_COUNT_TOKENS] = "/publishers/google/models/{model}:countTokens",
      },
      .serves = gemini_serves,
      .known = gemini_known,
      .forwards = no_forwards,
      .counts_bare = TRUE,
  },
};
/* clang-format on */

const WeirProvider *
weir_provider_account_table_get (size_t *out_n)
{
  *out_n = G_N_ELEMENTS (rows);
  return rows;
}

const WeirProvider *
weir_provider_lookup_account (const char *id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].id, id))
      return &rows[i];
  return NULL;
}
