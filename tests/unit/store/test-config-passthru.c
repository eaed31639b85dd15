/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows of passthru, in the file and in the variable. */

#include "config-sample.h"

#include <glib/gstdio.h>

#define VARIABLE "PASSTHRU_MODELS_JSON"
#define ROW KEYED "passthru:\n- model: m\n  base-url: https://x.example/v1\n  "

/* clang-format off */
static const ConfigSample samples[] = {
  { "smallest-row", ROW "api-key: k\n", { NULL } },
  { "row-without-model", KEYED "passthru:\n- base-url: https://x.example\n", { "!3:3: row of passthru has no model" } },
  { "row-without-address", KEYED "passthru:\n- {model: m, api-key: k}\n", { "!3:3: row of passthru has no base-url" } },
  { "row-with-a-plain-address", KEYED "passthru:\n- {model: m, base-url: 'http://192.0.2.1'}\n",
    { "!3:24: base-url of \"passthru:m\" is plain http; the key would travel readable. Use https or set allow-plain: true" } },
  { "row-with-a-strange-protocol", ROW "protocol: gopher\n",
    { "!5:13: protocol must be one of openai, claude, codex (found \"gopher\")" } },
  { "row-with-a-slip", ROW "upstream_model: x\n",
    { "?5:3: unknown key \"upstream_model\"; did you mean \"upstream-model\"?" } },
  { "row-with-idle-keys", ROW "max-tokens: 5\n  truncate-tools: true\n  model-override: {context-length: 7, thinking: {min: 1}}\n",
    { "?6:19: accepted, but without effect in this version: passthru.truncate-tools, passthru.thinking" } },
  { "row-is-no-map", KEYED "passthru: [m]\n", { "!2:12: an item of passthru must be a map with model and base-url" } },
  { "payload-without-models", ROW "payload: {override: {a: 1}, filter: [b], drop-tools: [c]}\n", { NULL } },
};
/* clang-format on */

static WeirConfig *
parse (const char *yaml)
{
  g_autoptr (GError) error = NULL;
  WeirConfig *config = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);

  g_assert_no_error (error);
  return config;
}

static void
test_row_becomes_an_entry (void)
{
  g_autoptr (WeirConfig) config
      = parse ("passthru:\n"
               "- model: m\n  model-routing-name: r\n  upstream-model: u\n"
               "  protocol: Responses\n  base-url: https://x.example/v1/\n"
               "  api-key: a\n  api-keys: [b]\n  proxy-url: direct\n"
               "  headers: {X-A: b}\n  context-window: 5\n  lenient: true\n"
               "  supports-developer-role: false\n  drop-tools: [T]\n"
               "  rate-limit: {request-retry: 2, disable-cooling: true}\n"
               "  payload: {override: {t: 1}}\n"
               "- {model: m, base-url: 'https://y.example', lenient: true,\n"
               "   rate-limit: {disable-model-suspend: false}}\n"
               "claude-api-key: [{api-key: k}]\n");
  const WeirConfigEntry *claude = g_ptr_array_index (config->entries, 0);
  const WeirConfigEntry *row = g_ptr_array_index (config->entries, 1);
  const WeirConfigEntry *other = g_ptr_array_index (config->entries, 2);
  const WeirConfigModel *listed = g_ptr_array_index (row->models, 0);
  const WeirConfigModel *asked = g_ptr_array_index (row->models, 1);
  const WeirConfigModel *plain = g_ptr_array_index (other->models, 0);
  const WeirConfigCredential *first = g_ptr_array_index (row->credentials, 0);
  const WeirConfigCredential *second = g_ptr_array_index (row->credentials, 1);

  g_assert_cmpuint (config->entries->len, ==, 3);
  g_assert_false (claude->is_passthru);
  g_assert_null (claude->payload);
  g_assert_true (row->is_passthru);
  g_assert_cmpint (row->kind, ==, WEIR_CONFIG_CODEX);
  g_assert_cmpstr (row->provider, ==, "codex");
  g_assert_cmpstr (row->name, ==, "passthru:m");
  g_assert_cmpstr (row->base_url, ==, "https://x.example/v1");
  g_assert_cmpuint (row->credentials->len, ==, 2);
  g_assert_true (weir_slice_equal (weir_secret_reveal (first->api_key), WEIR_SLICE ("a")));
  g_assert_true (weir_slice_equal (weir_secret_reveal (second->api_key), WEIR_SLICE ("b")));
  g_assert_cmpstr (second->proxy_url, ==, "direct");
  g_assert_cmpuint (row->models->len, ==, 2);
  g_assert_cmpstr (listed->alias, ==, "r");
  g_assert_cmpstr (listed->name, ==, "u");
  g_assert_cmpuint (listed->max_context_length, ==, 5);
  g_assert_cmpstr (asked->alias, ==, "m");
  g_assert_cmpint (row->request_retry, ==, 2);
  g_assert_cmpint (row->disable_cooling, ==, TRUE);
  g_assert_cmpint (row->supports_developer_role, ==, FALSE);
  g_assert_true (row->lenient);
  g_assert_cmpstr (row->drop_tools[0], ==, "T");
  g_assert_false (weir_payload_is_empty (row->payload));

  g_assert_false (other->lenient);
  g_assert_cmpint (other->disable_cooling, ==, -1);
  g_assert_cmpint (other->supports_developer_role, ==, -1);
  g_assert_cmpuint (other->credentials->len, ==, 1);
  g_assert_cmpuint (other->models->len, ==, 1);
  g_assert_cmpstr (plain->name, ==, "m");
}

/* What is said of a file with two rows while the variable holds @json; @out_config
 * (nullable). */
static char *
load_with (const char *json, WeirConfig **out_config)
{
  g_autofree char *folder = g_dir_make_tmp ("weir-passthru-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "config.yaml", NULL);
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GString) said = g_string_new (NULL);

  g_assert_true (g_file_set_contents (path,
                                      KEYED
                                      "passthru:\n"
                                      "- {model: One, base-url: 'https://1.example'}\n"
                                      "- {model: two, base-url: 'https://2.example'}\n",
                                      -1, NULL));
  g_chmod (path, 0600);
  g_setenv (VARIABLE, json, TRUE);
  *out_config = weir_config_load (path, &notices, NULL);
  g_unsetenv (VARIABLE);
  for (unsigned i = 0; i < notices->len; i++)
    {
      g_autofree char *line
          = weir_config_notice_format (g_ptr_array_index (notices, i), "f");

      g_string_append_printf (said, "%s\n", line);
    }
  g_unlink (path);
  g_rmdir (folder);
  return g_string_free (g_steal_pointer (&said), FALSE);
}

static void
test_variable_replaces_rows_of_the_same_model (void)
{
  g_autoptr (WeirConfig) config = NULL;
  g_autofree char *said
      = load_with ("[{\"model\":\"one\",\"protocol\":\"claude\","
                   "\"base-url\":\"https:\\/\\/3.example\",\"api-keys\":[\"k1\",\"k2\"],"
                   "\"context-window\":200000,\"headers\":{\"X-Team\":\"a\"},"
                   "\"payload\":{\"override\":{\"temperature\":0.2}}},\n"
                   "{\"model\":\"three\",\"base-url\":\"https://4.example\"}]",
                   &config);
  const WeirConfigEntry *entry = NULL;

  g_assert_cmpstr (said, ==, "");
  g_assert_cmpuint (config->entries->len, ==, 3);
  entry = g_ptr_array_index (config->entries, 0);
  g_assert_cmpstr (entry->base_url, ==, "https://2.example");
  entry = g_ptr_array_index (config->entries, 1);
  g_assert_cmpstr (entry->base_url, ==, "https://3.example");
  g_assert_cmpuint (entry->credentials->len, ==, 2);
  g_assert_cmpuint (entry->line, ==, 0);
  entry = g_ptr_array_index (config->entries, 2);
  g_assert_cmpstr (entry->name, ==, "passthru:three");
}

static void
test_empty_variable_is_none (void)
{
  g_autoptr (WeirConfig) config = NULL;
  g_autofree char *said = load_with ("", &config);

  g_assert_cmpstr (said, ==, "");
  g_assert_cmpuint (config->entries->len, ==, 2);
}

static void
test_broken_variable_is_said (void)
{
  static const struct
  {
    const char *json;
    const char *said;
  } cases[] = {
    { "{}", "f: " VARIABLE
            ", line 1, column 1: passthru must be a list (lines that begin with -)\n" },
    { "[{\"model\":\"a\"}]",
      "f: " VARIABLE ", line 1, column 2: row of passthru has no base-url\n" },
    { "[{\"model\":\"a\",", "f: " VARIABLE ", line 2, column 1: not YAML: *" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WeirConfig) config = NULL;
      g_autofree char *said = load_with (cases[i].json, &config);
      size_t length = strcspn (cases[i].said, "*");

      g_assert_null (config);
      said[MIN (strlen (said), cases[i].said[length] == '*' ? length : strlen (said))]
          = '\0';
      g_assert_cmpmem (said, strlen (said), cases[i].said, length);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ("config-passthru", samples, G_N_ELEMENTS (samples));
  g_test_add_func ("/config-passthru/row-becomes-an-entry", test_row_becomes_an_entry);
  g_test_add_func ("/config-passthru/variable-replaces-rows-of-the-same-model",
                   test_variable_replaces_rows_of_the_same_model);
  g_test_add_func ("/config-passthru/empty-variable-is-none", test_empty_variable_is_none);
  g_test_add_func ("/config-passthru/broken-variable-is-said",
                   test_broken_variable_is_said);
  return g_test_run ();
}
