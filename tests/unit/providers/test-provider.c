/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What must hold for every row, and how a row becomes a path. */

#include "config.h"

#include "providers/weir-provider.h"

#include "base/weir-json.h"
#include "providers/weir-models.h"
#include "providers/weir-provider-fit.h"
#include "providers/weir-provider-oauth.h"

static void
assert_path (const char *path)
{
  const char *brace = strchr (path, '{');

  g_assert_cmpint (*path, ==, '/');
  g_assert_null (strstr (path, "//"));
  g_assert_null (strchr (path, ' '));
  if (brace == NULL)
    return;
  g_assert_true (g_str_has_prefix (brace, "{model}"));
  g_assert_null (strchr (brace + 1, '{'));
}

static void
test_every_row_is_whole (void)
{
  size_t n;
  const WeirProvider *rows = weir_provider_table_get (&n);

  g_assert_cmpuint (n, >, 20);
  for (size_t i = 0; i < n; i++)
    {
      const WeirProvider *row = &rows[i];

      g_test_message ("%s", row->id);
      g_assert_true (weir_provider_lookup (row->id) == row);
      g_assert_nonnull (row->name);
      g_assert_true (row->base_url != NULL || row->base_url_hint != NULL
                     || g_str_equal (row->id, "compat"));
      g_assert_true ((row->renamed[0] == NULL) == (row->renamed[1] == NULL));
      g_assert_cmpint (row->dialect, <, WEIR_DIALECT_LAST);
      g_assert_cmpint (row->auth, <, WEIR_AUTH_LAST);
      g_assert_cmpint (row->auth_elsewhere, <, WEIR_AUTH_LAST);
      if (row->base_url != NULL)
        {
          g_assert_true (g_str_has_prefix (row->base_url, row->keyless ? "http://127.0.0.1:"
                                                                       : "https://"));
          g_assert_false (g_str_has_suffix (row->base_url, "/"));
        }
      g_assert_nonnull (row->paths[WEIR_OPERATION_ANSWER]);
      for (unsigned operation = 0; operation < WEIR_OPERATION_LAST; operation++)
        if (row->paths[operation] != NULL)
          assert_path (row->paths[operation]);
      /* only Gemini names the model in the path, and streams at a path of its own */
      g_assert_true ((row->paths[WEIR_OPERATION_STREAM] != NULL)
                     == (row->dialect == WEIR_DIALECT_GEMINI));
      g_assert_true ((strstr (row->paths[WEIR_OPERATION_ANSWER], "{model}") != NULL)
                     == (row->dialect == WEIR_DIALECT_GEMINI));
      if (row->models_path != NULL)
        assert_path (row->models_path);
      g_assert_nonnull (row->serves[0]);
      g_assert_true ((row->default_field[0] == NULL) == (row->default_field[1] == NULL));
    }
  g_assert_null (weir_provider_lookup (""));
  g_assert_null (weir_provider_lookup ("Claude"));
  g_assert_null (weir_provider_lookup ("claude "));
}

static void
test_every_sign_in_has_somewhere_to_go (void)
{
  size_t n_sign_ins;
  size_t n;
  const WeirProviderOauth *sign_ins = weir_provider_oauth_get_table (&n_sign_ins);
  const WeirProvider *rows = weir_provider_account_table_get (&n);

  g_assert_cmpuint (n, ==, n_sign_ins);
  for (size_t i = 0; i < n_sign_ins; i++)
    {
      const WeirProvider *row = weir_provider_lookup_account (sign_ins[i].id);

      g_test_message ("%s", sign_ins[i].id);
      g_assert_nonnull (row);
      g_assert_true (row >= rows && row < rows + n);
      g_assert_true (g_str_has_prefix (row->base_url, "https://"));
      g_assert_false (g_str_has_suffix (row->base_url, "/"));
      g_assert_cmpint (row->auth, ==, WEIR_AUTH_BEARER);
      assert_path (row->paths[WEIR_OPERATION_ANSWER]);
      g_assert_nonnull (row->serves[0]);
      g_assert_nonnull (row->forwards);
      g_assert_true ((row->merged_field[0] == NULL) == (row->merged_field[1] == NULL));
      /* nobody's name but ours */
      for (const char *const *field = row->fields; field != NULL && *field != NULL;
           field += 2)
        g_assert_cmpstr (field[0], !=, "User-Agent");
    }
  g_assert_null (weir_provider_lookup_account ("gemini"));
}

static void
test_the_names_people_use_are_known (void)
{
  static const char *const names[]
      = { "openrouter",   "groq",     "deepseek",  "together",    "moonshot",
          "kimi",         "zai",      "glm",       "minimax",     "mistral",
          "xai",          "cerebras", "fireworks", "siliconflow", "qwen",
          "dashscope",    "openai",   "anthropic", "google",      "vertex",
          "azure-openai", "ollama",   "lmstudio",  "llamacpp",    "vllm" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_nonnull (weir_provider_lookup (names[i]));
}

static void
assert_fitted (const char *id, const char *body, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) fitted = NULL;

  g_test_message ("%s: %s", id, body);
  g_assert_true (weir_provider_fit_body (weir_provider_lookup (id),
                                         weir_slice_from_string (body), &fitted, &error));
  g_assert_no_error (error);
  if (expected == NULL)
    g_assert_null (fitted);
  else
    g_assert_cmpmem (g_bytes_get_data (fitted, NULL), g_bytes_get_size (fitted), expected,
                     strlen (expected));
}

static void
test_what_a_vendor_refuses_is_taken_out (void)
{
  g_autoptr (GBytes) fitted = NULL;

  assert_fitted ("groq", "{\"a\":1, \"logprobs\":true ,\"b\":2}", "{\"a\":1 ,\"b\":2}");
  assert_fitted ("groq", "{\"a\":1}", NULL);
  assert_fitted ("compat", "{\"logprobs\":true}", NULL);
  assert_fitted ("mistral", "{\"max_completion_tokens\":9,\"stream_options\":{}}",
                 "{\"max_tokens\":9}");
  assert_fitted ("mistral", "{\"max_tokens\":1,\"max_completion_tokens\":9}",
                 "{\"max_tokens\":1}");
  g_assert_false (weir_provider_fit_body (weir_provider_lookup ("groq"), WEIR_SLICE ("[]"),
                                          &fitted, NULL));
  g_assert_false (weir_provider_fit_body (weir_provider_lookup ("groq"), WEIR_SLICE ("{"),
                                          &fitted, NULL));
}

static gboolean
serves (const char *id, const char *model)
{
  const WeirProvider *row = weir_provider_lookup (id);

  for (const char *const *glob = row->serves; *glob != NULL; glob++)
    if (weir_glob_matches (*glob, model))
      return TRUE;
  return FALSE;
}

static void
test_vendors_serve_their_own_names (void)
{
  g_assert_true (serves ("claude", "claude-opus-4"));
  g_assert_false (serves ("claude", "gpt-5"));
  g_assert_true (serves ("codex", "gpt-5"));
  g_assert_true (serves ("codex", "o3"));
  g_assert_true (serves ("codex", "o3-mini"));
  g_assert_false (serves ("codex", "claude-opus-4"));
  g_assert_true (serves ("gemini", "gemini-2.5-pro"));
  g_assert_true (serves ("vertex", "gemini-2.5-pro"));
  g_assert_false (serves ("gemini", "gpt-5"));
  g_assert_true (serves ("compat", "anything/at:all"));
}

static void
test_what_is_not_offered_has_no_path (void)
{
  g_assert_null (weir_provider_dup_path (weir_provider_lookup ("claude"),
                                         WEIR_OPERATION_EMBEDDINGS, "m"));
  g_assert_null (
      weir_provider_dup_path (weir_provider_lookup ("codex"), WEIR_OPERATION_STREAM, "m"));
  g_assert_null (weir_provider_dup_path (weir_provider_lookup ("compat"),
                                         WEIR_OPERATION_COUNT_TOKENS, "m"));
}

static void
test_a_model_cannot_leave_its_path (void)
{
  static const char *const models[] = {
    "gemini-2.5-pro", "tuned/x",
    "../../x",        "..",
    "a?key=b",        "a#b",
    "a%2fb",          "a b",
    "a\r\nX: y",      "m\xc3\xa9 \xe2\x80\xa8",
    "{model}",        "\xff\xfe",
    "a:b@c",          "a;b&c=d",
    "%s%n",
  };
  const WeirProvider *row = weir_provider_lookup ("gemini");

  for (size_t i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *path
          = weir_provider_dup_path (row, WEIR_OPERATION_ANSWER, models[i]);
      const char *start = path + strlen ("/v1beta/models/");
      const char *end = g_strrstr (path, ":generateContent");
      g_autofree char *model = NULL;

      g_assert_true (g_str_has_prefix (path, "/v1beta/models/"));
      g_assert_true (g_str_has_suffix (path, ":generateContent"));
      g_assert_cmpuint (strcspn (start, "/?#{}& \r\n\\\"<>"), ==, strlen (start));
      for (const char *byte = path; *byte != '\0'; byte++)
        g_assert_true (g_ascii_isgraph (*byte));
      model = g_uri_unescape_segment (start, end, NULL);
      if (g_utf8_validate (models[i], -1, NULL))
        g_assert_cmpstr (model, ==, models[i]);
    }
}

static void
test_a_plain_path_ignores_the_model (void)
{
  g_autofree char *path = weir_provider_dup_path (weir_provider_lookup ("claude"),
                                                  WEIR_OPERATION_ANSWER, "a/b");

  g_assert_cmpstr (path, ==, "/v1/messages");
}

/* Fields that say who the client is, or that the upstream leg writes itself. */
static void
test_nothing_private_is_forwarded (void)
{
  static const char *const never[] = {
    "authorization",
    "x-api-key",
    "x-goog-api-key",
    "cookie",
    "host",
    "origin",
    "referer",
    "forwarded",
    "x-forwarded-for",
    "x-real-ip",
    "via",
    "connection",
    "content-length",
    "content-type",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "accept-encoding",
    "keep-alive",
    "proxy-authorization",
    "",
  };

  size_t n;
  const WeirProvider *rows = weir_provider_table_get (&n);

  for (size_t i = 0; i < n; i++)
    {
      const WeirProvider *row = &rows[i];

      for (size_t j = 0; j < G_N_ELEMENTS (never); j++)
        g_assert_false (weir_provider_forwards (row, weir_slice_from_string (never[j])));
      for (const char *const *field = row->forwards; *field != NULL; field++)
        {
          g_autofree char *lower = g_ascii_strdown (*field, -1);
          g_autofree char *upper = g_ascii_strup (*field, -1);
          g_autofree char *longer = g_strconcat (*field, "x", NULL);
          WeirSlice shorter = { *field, strlen (*field) - 1 };

          g_assert_cmpstr (*field, ==, lower);
          g_assert_true (weir_provider_forwards (row, weir_slice_from_string (lower)));
          g_assert_true (weir_provider_forwards (row, weir_slice_from_string (upper)));
          g_assert_false (weir_provider_forwards (row, weir_slice_from_string (longer)));
          g_assert_false (weir_provider_forwards (row, shorter));
        }
    }
  g_assert_true (weir_provider_forwards (weir_provider_lookup ("claude"),
                                         WEIR_SLICE ("Anthropic-Beta")));
}

static void
test_each_key_has_its_field (void)
{
  const char *prefix = NULL;

  g_assert_cmpstr (weir_auth_get_field (WEIR_AUTH_BEARER, &prefix), ==, "Authorization");
  g_assert_cmpstr (prefix, ==, "Bearer ");
  g_assert_cmpstr (weir_auth_get_field (WEIR_AUTH_X_API_KEY, &prefix), ==, "x-api-key");
  g_assert_cmpstr (prefix, ==, "");
  g_assert_cmpstr (weir_auth_get_field (WEIR_AUTH_X_GOOG_API_KEY, &prefix), ==,
                   "x-goog-api-key");
  g_assert_cmpstr (prefix, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/what-a-vendor-refuses-is-taken-out",
                   test_what_a_vendor_refuses_is_taken_out);
  g_test_add_func ("/provider/the-names-people-use-are-known",
                   test_the_names_people_use_are_known);
  g_test_add_func ("/provider/every-sign-in-has-somewhere-to-go",
                   test_every_sign_in_has_somewhere_to_go);
  g_test_add_func ("/provider/every-row-is-whole", test_every_row_is_whole);
  g_test_add_func ("/provider/vendors-serve-their-own-names",
                   test_vendors_serve_their_own_names);
  g_test_add_func ("/provider/what-is-not-offered-has-no-path",
                   test_what_is_not_offered_has_no_path);
  g_test_add_func ("/provider/a-model-cannot-leave-its-path",
                   test_a_model_cannot_leave_its_path);
  g_test_add_func ("/provider/a-plain-path-ignores-the-model",
                   test_a_plain_path_ignores_the_model);
  g_test_add_func ("/provider/nothing-private-is-forwarded",
                   test_nothing_private_is_forwarded);
  g_test_add_func ("/provider/each-key-has-its-field", test_each_key_has_its_field);
  return g_test_run ();
}
