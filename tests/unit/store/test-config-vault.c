/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keys that a configuration names instead of holding them. */

#include "config.h"

#include "store/weir-config.h"

static const char text[] = "secrets: file\n"
                           "claude-api-key:\n"
                           "  - api-key: \"vault:work\"\n"
                           "gemini-api-key:\n"
                           "  - api-key: \"vault:one\"\n"
                           "  - api-key: \"vault:two\"\n"
                           "openai-compatibility:\n"
                           "  - name: mixed\n"
                           "    base-url: http://127.0.0.1:1/v1\n"
                           "    api-key-entries:\n"
                           "      - api-key: plain\n"
                           "      - api-key: \"vault:a.b@c\"\n"
                           "    models: [{name: m}]\n"
                           "  - name: keyless\n"
                           "    base-url: http://127.0.0.1:1/v1\n"
                           "    models: [{name: n}]\n";

static WeirConfig *
parse (const char *yaml, GPtrArray **out_notices, GError **error)
{
  return weir_config_parse (yaml, strlen (yaml), "weir.yaml", out_notices, error);
}

static const WeirConfigCredential *
get_credential (const WeirConfig *config, unsigned entry, unsigned credential)
{
  const WeirConfigEntry *found = g_ptr_array_index (config->entries, entry);

  g_assert_cmpuint (credential, <, found->credentials->len);
  return g_ptr_array_index (found->credentials, credential);
}

static void
test_names (void)
{
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (WeirConfig) config = parse (text, &notices, NULL);

  g_assert_nonnull (config);
  g_assert_cmpint (config->secrets, ==, WEIR_CONFIG_SECRETS_FILE);
  g_assert_true (weir_config_needs_vault (config));
  g_assert_cmpuint (config->entries->len, ==, 5);
  for (unsigned i = 0; i < config->entries->len; i++)
    g_assert_cmpuint (
        ((const WeirConfigEntry *)g_ptr_array_index (config->entries, i))->credentials->len,
        ==, i == 3 ? 2 : 1);
  g_assert_cmpstr (get_credential (config, 0, 0)->vault_name, !=, NULL);
  g_assert_null (get_credential (config, 0, 0)->api_key);
  g_assert_null (get_credential (config, 3, 0)->vault_name);
  g_assert_nonnull (get_credential (config, 3, 0)->api_key);
  g_assert_cmpstr (get_credential (config, 3, 1)->vault_name, ==, "a.b@c");
  g_assert_null (get_credential (config, 4, 0)->vault_name);
}

static WeirSecret *
know_work (const char *vault_name, char **out_problem, gpointer user_data)
{
  (*(unsigned *)user_data)++;
  if (g_str_equal (vault_name, "work"))
    return weir_secret_new (WEIR_SLICE ("sk-work"));
  *out_problem = g_strdup ("the shop is closed");
  return NULL;
}

static void
test_fill (void)
{
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (WeirConfig) config = parse (text, &notices, NULL);
  const unsigned n_before = notices->len;
  unsigned n_asked = 0;
  unsigned n_filled = 0;

  weir_config_fill_keys (config, know_work, &n_asked, notices);
  g_assert_cmpuint (n_asked, ==, 4);
  g_assert_cmpuint (notices->len, ==, n_before + 3);
  for (unsigned i = n_before; i < notices->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (notices, i);

      g_assert_false (notice->fatal);
      g_assert_cmpuint (notice->line, >, 0);
      g_assert_nonnull (strstr (notice->text, "rests"));
      g_assert_nonnull (strstr (notice->text, "the shop is closed"));
      g_assert_null (strstr (notice->text, "sk-"));
    }
  for (unsigned i = 0; i < config->entries->len; i++)
    {
      const WeirConfigCredential *credential = get_credential (config, i, 0);

      n_filled += credential->vault_name != NULL && credential->api_key != NULL ? 1 : 0;
    }
  g_assert_cmpuint (n_filled, ==, 1);
}

static void
test_bad_names (void)
{
  static const char *const bad[] = { "", " x", "a b", "../a", "-a", "a/b", "\xc3\xa4" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *yaml
          = g_strdup_printf ("claude-api-key:\n  - api-key: \"vault:%s\"\n", bad[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (yaml, NULL, &error));
      g_assert_error (error, WEIR_ERROR, WEIR_ERROR_CONFIG);
      g_assert_nonnull (strstr (error->message, "weir.yaml:2:"));
    }
}

static void
test_none (void)
{
  g_autoptr (WeirConfig) config
      = parse ("claude-api-key:\n  - api-key: sk-vault:x\n", NULL, NULL);

  g_assert_false (weir_config_needs_vault (config));
  g_assert_cmpint (config->secrets, ==, WEIR_CONFIG_SECRETS_KEYRING);
  g_assert_nonnull (get_credential (config, 0, 0)->api_key);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config-vault/a-key-may-be-a-name", test_names);
  g_test_add_func ("/config-vault/keys-are-filled-in-and-what-lacks-is-said", test_fill);
  g_test_add_func ("/config-vault/a-bad-name-is-an-error", test_bad_names);
  g_test_add_func ("/config-vault/other-keys-are-what-they-were", test_none);
  return g_test_run ();
}
