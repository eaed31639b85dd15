/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows.  Whose keys are used and in which order is the pool's and the models' business.
 */

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
static const char *const serves_any[] = { "*", NULL };

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
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/responses",
          [WEIR_OPERATION_COMPACT] = "/responses/compact",
      },
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
  },
  {
      /* anything that speaks OpenAI Chat Completions at a base URL of the user's */
      .id = "compat",
      .name = "OpenAI-compatible",
      .dialect = WEIR_DIALECT_OPENAI_CHAT,
      .paths = {
          [WEIR_OPERATION_ANSWER] = "/chat/completions",
          [WEIR_OPERATION_COMPLETIONS] = "/completions",
          [WEIR_OPERATION_EMBEDDINGS] = "/embeddings",
      },
      .models_path = "/models",
      .serves = serves_any,
      .forwards = openai_forwards,
  },
};

const WeirProvider *
weir_provider_lookup (const char *id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (providers); i++)
    if (g_str_equal (providers[i].id, id))
      return &providers[i];
  return NULL;
}

const char *
weir_auth_get_field (WeirAuth auth, const char **out_prefix)
{
  static const char *const names[WEIR_AUTH_LAST] = {
    [WEIR_AUTH_BEARER] = "Authorization",
    [WEIR_AUTH_X_API_KEY] = "x-api-key",
    [WEIR_AUTH_X_GOOG_API_KEY] = "x-goog-api-key",
  };

  g_return_val_if_fail (auth < WEIR_AUTH_LAST, NULL);

  *out_prefix = auth == WEIR_AUTH_BEARER ? "Bearer " : "";
  return names[auth];
}

char *
weir_provider_dup_path (const WeirProvider *self,
                        WeirOperation operation,
                        const char *model)
{
  const char *path = self->paths[operation];
  const char *mark;
  g_autofree char *escaped = NULL;

  if (path == NULL)
    return NULL;
  mark = strstr (path, "{model}");
  if (mark == NULL)
    return g_strdup (path);
  escaped = g_uri_escape_string (model, "@:", FALSE);
  return g_strdup_printf ("%.*s%s%s", (int)(mark - path), path, escaped,
                          mark + strlen ("{model}"));
}

gboolean
weir_provider_forwards (const WeirProvider *self, WeirSlice name)
{
  for (const char *const *field = self->forwards; *field != NULL; field++)
    if (weir_slice_equal_nocase (name, weir_slice_from_string (*field)))
      return TRUE;
  return FALSE;
}
