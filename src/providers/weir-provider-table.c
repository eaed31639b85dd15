/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows of vendors.  Addresses are those of the vendors' own API references, read
 * 2026-10; what a row drops is what its vendor answers with 400 or 422. */

#include "config.h"

#include "providers/weir-provider.h"

static const char *const anthropic_forwards[]
    = { "anthropic-version", "anthropic-beta", NULL };
static const char *const openai_forwards[] = { "openai-beta", "idempotency-key", NULL };
static const char *const responses_forwards[]
    = { "openai-beta", "idempotency-key", "session-id",
        "session_id",  "conversation_id", NULL };
static const char *const no_forwards[] = { NULL };

static const char *const claude_serves[] = { "claude-*", NULL };
static const char *const openai_serves[]
    = { "gpt-*", "o1*", "o3*", "o4*", "codex-*", "chatgpt-*", "computer-use-*", NULL };
static const char *const gemini_serves[] = { "gemini-*", "gemma-*", "imagen-*", NULL };
static const char *const minimax_serves[] = { "minimax-*", NULL };
static const char *const serves_any[] = { "*", NULL };

/* Groq: "OpenAI compatibility". */
static const char *const groq_drops[] = { "logprobs", "top_logprobs", "logit_bias", NULL };
/* Mistral's schema forbids members it does not know. */
static const char *const mistral_drops[]
    = { "stream_options", "logprobs",     "top_logprobs", "logit_bias", "user",
        "store",          "service_tier", "metadata",     NULL };

#define CHAT_PATHS                                                                         \
  {                                                                                        \
    [WEIR_OPERATION_ANSWER] = "/chat/completions",                                         \
    [WEIR_OPERATION_COMPLETIONS] = "/completions",                                         \
    [WEIR_OPERATION_EMBEDDINGS] = "/embeddings",                                           \
    [WEIR_OPERATION_IMAGE] = "/images/generations",                                        \
    [WEIR_OPERATION_IMAGE_EDIT] = "/images/edits",                                         \
  }

/* OpenAI Chat Completions and a list of models, at the vendor's address. */
#define CHAT(vendor, title, url, globs)                                                    \
  .id = (vendor), .name = (title), .dialect = WEIR_DIALECT_OPENAI_CHAT, .base_url = (url), \
  .paths = CHAT_PATHS, .models_path = "/models", .serves = (globs),                        \
  .forwards = openai_forwards

#define RESPONSES_PATHS                                                                    \
  {                                                                                        \
    [WEIR_OPERATION_ANSWER] = "/responses",                                                \
    [WEIR_OPERATION_COMPACT] = "/responses/compact",                                       \
    [WEIR_OPERATION_COUNT_TOKENS] = "/responses/input_tokens",                             \
    [WEIR_OPERATION_IMAGE] = "/images/generations",                                        \
    [WEIR_OPERATION_IMAGE_EDIT] = "/images/edits",                                         \
  }

/* clang-format off */
static const WeirProvider providers[] = {
  {
      /* Anthropic API reference, Messages, read 2026-10 */
      .id = "claude",
      .name = "Anthropic API",
      .dialect = WEIR_DIALECT_ANTHROPIC,
      .base_url = "https://api.anthropic.com",
      .auth = WEIR_AUTH_X_API_KEY,
      .auth_elsewhere = WEIR_AUTH_BEARER,
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/v1/messages",
          [WEIR_OPERATION_COUNT_TOKENS] = "/v1/messages/count_tokens",
      },
      .models_path = "/v1/models?limit=1000",
      .serves = claude_serves,
      .forwards = anthropic_forwards,
      .default_field = { "anthropic-version", "2023-06-01" },
  },
  {
      /* OpenAI API reference, Responses, read 2026-10 */
      .id = "codex",
      .name = "OpenAI Responses API",
      .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
      .base_url = "https://api.openai.com/v1",
      .paths = RESPONSES_PATHS,
      .models_path = "/models",
      .serves = openai_serves,
      .forwards = responses_forwards,
  },
  {
      /* Gemini API reference, models.generateContent, read 2026-10 */
      .id = "gemini",
      .name = "Gemini API",
      .dialect = WEIR_DIALECT_GEMINI,
      .base_url = "https://generativelanguage.googleapis.com",
      .auth = WEIR_AUTH_X_GOOG_API_KEY,
      .auth_elsewhere = WEIR_AUTH_X_GOOG_API_KEY,
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/v1beta/models/{model}:generateContent",
          [WEIR_OPERATION_STREAM] = "/v1beta/models/{model}:streamGenerateContent",
          [WEIR_OPERATION_COUNT_TOKENS] = "/v1beta/models/{model}:countTokens",
      },
      .models_path = "/v1beta/models?pageSize=1000",
      .serves = gemini_serves,
      .forwards = no_forwards,
  },
  {
      /* Vertex AI in express mode (API key), read 2026-10 */
      .id = "vertex",
      .name = "Vertex AI",
      .dialect = WEIR_DIALECT_GEMINI,
      .base_url = "https://aiplatform.googleapis.com",
      .auth = WEIR_AUTH_X_GOOG_API_KEY,
      .auth_elsewhere = WEIR_AUTH_X_GOOG_API_KEY,
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/v1/publishers/google/models/{model}:generateContent",
          [WEIR_OPERATION_STREAM] = "/v1/publishers/google/models/{model}:streamGenerateContent",
          [WEIR_OPERATION_COUNT_TOKENS] = "/v1/publishers/google/models/{model}:countTokens",
      },
      .serves = gemini_serves,
      .forwards = no_forwards,
      .counts_bare = TRUE,
  },
  {
      /* Vertex AI for a project of one's own, with a token; read 2026-10 */
      .id = "vertex-project",
      .name = "Vertex AI project",
      .dialect = WEIR_DIALECT_GEMINI,
      .base_url_hint = "https://REGION-aiplatform.googleapis.com/v1/projects/ID/locations/REGION",
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/publishers/google/models/{model}:generateContent",
          [WEIR_OPERATION_STREAM] = "/publishers/google/models/{model}:streamGenerateContent",
          [WEIR_OPERATION_COUNT_TOKENS] = "/publishers/google/models/{model}:countTokens",
      },
      .serves = gemini_serves,
      .forwards = no_forwards,
      .counts_bare = TRUE,
  },
  {
      /* anything that speaks OpenAI Chat Completions at a base URL of the user's */
      CHAT ("compat", "OpenAI-compatible", NULL, serves_any),
  },

  /* presets: what `provider:` in an entry may say */
  { CHAT ("openai", "OpenAI", "https://api.openai.com/v1", openai_serves) },
  {
      .id = "openai-responses",
      .name = "OpenAI (Responses)",
      .dialect = WEIR_DIALECT_OPENAI_RESPONSES,
      .base_url = "https://api.openai.com/v1",
      .paths = RESPONSES_PATHS,
      .models_path = "/models",
      .serves = openai_serves,
      .forwards = responses_forwards,
  },
  {
      /* its v1 API: the model is the name of a deployment, no api-version is asked for */
      CHAT ("azure-openai", "Azure OpenAI", NULL, serves_any),
      .base_url_hint = "https://RESOURCE.openai.azure.com/openai/v1",
      .auth = WEIR_AUTH_API_KEY,
      .auth_elsewhere = WEIR_AUTH_API_KEY,
  },
  { CHAT ("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", serves_any) },
  {
      CHAT ("groq", "Groq", "https://api.groq.com/openai/v1", serves_any),
      .drops = groq_drops,
  },
  { CHAT ("deepseek", "DeepSeek", "https://api.deepseek.com", serves_any) },
  { CHAT ("together", "Together AI", "https://api.together.xyz/v1", serves_any) },
  { CHAT ("moonshot", "Moonshot AI", "https://api.moonshot.ai/v1", serves_any) },
  { CHAT ("zai", "Z.ai", "https://api.z.ai/api/paas/v4", serves_any) },
  { CHAT ("zai-coding", "Z.ai coding plan", "https://api.z.ai/api/coding/paas/v4", serves_any) },
  {
      /* over Chat its models put their thoughts into the text */
      .id = "minimax",
      .name = "MiniMax",
      .dialect = WEIR_DIALECT_ANTHROPIC,
      .base_url = "https://api.minimax.io/anthropic",
      .paths = { [WEIR_OPERATION_ANSWER] = "/v1/messages" },
      .serves = minimax_serves,
      .forwards = anthropic_forwards,
      .default_field = { "anthropic-version", "2023-06-01" },
  },
  {
      /* strict about members it does not know */
      CHAT ("mistral", "Mistral AI", "https://api.mistral.ai/v1", serves_any),
      .drops = mistral_drops,
      .renamed = { "max_completion_tokens", "max_tokens" },
  },
  { CHAT ("xai", "xAI", "https://api.x.ai/v1", serves_any) },
  { CHAT ("cerebras", "Cerebras", "https://api.cerebras.ai/v1", serves_any) },
  { CHAT ("fireworks", "Fireworks AI", "https://api.fireworks.ai/inference/v1", serves_any) },
  { CHAT ("siliconflow", "SiliconFlow", "https://api.siliconflow.com/v1", serves_any) },
  {
      CHAT ("dashscope", "Alibaba Cloud Model Studio (Qwen)",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", serves_any),
  },

  /* on this machine, without a key */
  { CHAT ("ollama", "Ollama", "http://127.0.0.1:11434/v1", serves_any), .keyless = TRUE },
  { CHAT ("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1", serves_any), .keyless = TRUE },
  { CHAT ("llamacpp", "llama.cpp server", "http://127.0.0.1:8080/v1", serves_any), .keyless = TRUE },
  { CHAT ("vllm", "vLLM", "http://127.0.0.1:8000/v1", serves_any), .keyless = TRUE },
};
/* clang-format on */

const WeirProvider *
weir_provider_table_get (size_t *out_n)
{
  *out_n = G_N_ELEMENTS (providers);
  return providers;
}
