/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is read off a row.  Whose keys are used and in which order is the pool's and the
 * models' business. */

#include "config.h"

#include "providers/weir-provider.h"

/* Other names of the same rows. */
static const char *const aliases[][2] = {
  { "anthropic", "claude" },         { "google", "gemini" }, { "aistudio", "gemini" },
  { "google-ai-studio", "gemini" },  { "kimi", "moonshot" }, { "glm", "zai" },
  { "qwen", "dashscope" },           { "grok", "xai" },      { "azure", "azure-openai" },
  { "openai-compatible", "compat" },
};

const WeirProvider *
weir_provider_lookup (const char *id)
{
  size_t n;
  const WeirProvider *rows = weir_provider_table_get (&n);

  for (size_t i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (aliases[i][0], id))
      id = aliases[i][1];
  for (size_t i = 0; i < n; i++)
    if (g_str_equal (rows[i].id, id))
      return &rows[i];
  return NULL;
}

const char *
weir_auth_get_field (WeirAuth auth, const char **out_prefix)
{
  static const char *const names[WEIR_AUTH_LAST] = {
    [WEIR_AUTH_BEARER] = "Authorization",
    [WEIR_AUTH_X_API_KEY] = "x-api-key",
    [WEIR_AUTH_X_GOOG_API_KEY] = "x-goog-api-key",
    [WEIR_AUTH_API_KEY] = "api-key",
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
