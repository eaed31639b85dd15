/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who we are to vendors, and where their addresses lead. */

#include "config.h"

#include "config-sample.h"

static const ConfigSample samples[] = {
  {
      "clients-have-an-id-and-a-secret",
      KEYED "oauth-clients:\n"
            "  antigravity: {client-id: x, client-secret: y}\n"
            "  codex: {client-id: z}\n"
            "  kimi:\n",
      { NULL },
  },
  {
      "a-client-of-nobody-is-an-error",
      KEYED "oauth-clients:\n  nobody: {client-id: x}\n",
      { "!3:3: \"nobody\" in oauth-clients is nobody to sign in to; there are claude, *" },
  },
  {
      "two-names-of-one-vendor-are-an-error",
      KEYED "oauth-clients:\n  gemini: {client-id: x}\n  gemini-cli: {client-id: y}\n",
      { "!4:3: oauth-clients names gemini-cli twice (lines 3 and 4); remove one" },
  },
  {
      "clients-are-a-map-of-maps",
      KEYED "oauth-clients:\n  codex: x\n",
      { "!3:10: oauth-clients must be a map (lines of key: value)" },
  },
  {
      "a-client-has-no-other-keys",
      KEYED "oauth-clients:\n  codex: {client-secrat: x}\n",
      { "?3:11: unknown key \"client-secrat\"; did you mean \"client-secret\"?" },
  },
  {
      "a-secret-of-the-vault-has-a-name",
      KEYED "oauth-clients:\n  codex: {client-secret: \"vault:-\"}\n",
      { "!3:3: client-secret \"vault:...\" must name a key by letters, *" },
  },
  {
      "hosts-lead-to-https-or-to-this-machine",
      KEYED "vendor-hosts:\n"
            "  https://claude.ai: http://127.0.0.1:1/claude.ai/\n"
            "  \"https://auth.openai.com:8443\": \"https://gateway.example\"\n"
            "  https://api.github.com: http://[::1]:2\n"
            "  https://unused.example:\n",
      { NULL },
  },
  {
      "plain-http-elsewhere-is-an-error",
      KEYED "vendor-hosts:\n  https://claude.ai: http://gateway.example\n",
      { "!3:22: vendor-hosts of https://claude.ai is plain http; sign-ins would travel "
        "readable. Use https, or an address of this machine" },
  },
  {
      "a-target-with-a-password-is-an-error",
      KEYED "vendor-hosts:\n  https://claude.ai: https://a:b@gateway.example\n",
      { "!3:22: vendor-hosts of https://claude.ai has a user name or password in it; *" },
  },
  {
      "an-origin-has-a-scheme",
      KEYED "vendor-hosts:\n  claude.ai: https://gateway.example\n",
      { "!3:3: \"claude.ai\" in vendor-hosts must be https:// with a host and nothing "
        "behind it, such as https://claude.ai" },
  },
  {
      "an-origin-has-no-path",
      KEYED "vendor-hosts:\n  https://claude.ai/oauth: https://gateway.example\n",
      { "!3:3: \"https://claude.ai/oauth\" in vendor-hosts must be https:// *" },
  },
};

static WeirConfig *
parse (const char *yaml)
{
  g_autoptr (GError) error = NULL;
  WeirConfig *config = weir_config_parse (yaml, strlen (yaml), "f", NULL, &error);

  g_assert_no_error (error);
  return config;
}

static void
test_urls (void)
{
  static const struct
  {
    const char *url;
    const char *led_to;
  } cases[] = {
    { "https://claude.ai", "http://127.0.0.1:1/claude" },
    { "https://claude.ai/oauth/authorize?code=true",
      "http://127.0.0.1:1/claude/oauth/authorize?code=true" },
    { "https://CLAUDE.ai/", "http://127.0.0.1:1/claude/" },
    { "https://claude.ai?x", "http://127.0.0.1:1/claude?x" },
    { "https://claude.aid/oauth", "https://claude.aid/oauth" },
    { "https://claude.ai.evil.example/", "https://claude.ai.evil.example/" },
    { "https://claude.ai@evil.example/", "https://claude.ai@evil.example/" },
    { "https://claude.ai:444/", "https://claude.ai:444/" },
    { "http://claude.ai/", "http://claude.ai/" },
    { "https://a.example/?u=https://claude.ai/",
      "https://a.example/?u=https://claude.ai/" },
    { "", "" },
  };
  g_autoptr (WeirConfig) config
      = parse ("vendor-hosts: {\"https://Claude.ai\": \"http://127.0.0.1:1/claude//\"}\n");
  g_autoptr (WeirConfig) plain = parse ("port: 1\n");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *url = weir_config_dup_vendor_url (config, cases[i].url);
      g_autofree char *same = weir_config_dup_vendor_url (plain, cases[i].url);

      g_assert_cmpstr (url, ==, cases[i].led_to);
      g_assert_cmpstr (same, ==, cases[i].url);
    }
}

static WeirSecret *
know_all (const char *vault_name, char **out_problem, gpointer user_data)
{
  if (strcmp (vault_name, "google") == 0)
    return weir_secret_new (WEIR_SLICE ("told"));
  *out_problem = g_strdup ("lost");
  return NULL;
}

static void
test_clients (void)
{
  g_autoptr (GPtrArray) notices = g_ptr_array_new ();
  g_autoptr (WeirConfig) config
      = parse ("oauth-clients:\n"
               "  google: {client-secret: \"vault:google\"}\n"
               "  iflow: {client-secret: \"vault:lost\"}\n"
               "  codex: {client-id: mine, client-secret: own}\n");
  const WeirConfigOauthClient *google
      = weir_config_lookup_oauth_client (config, "gemini-cli");
  const WeirConfigOauthClient *codex = weir_config_lookup_oauth_client (config, "codex");
  const WeirConfigOauthClient *iflow = weir_config_lookup_oauth_client (config, "iflow");
  const WeirConfigNotice *notice = NULL;
  g_autofree char *text = NULL;

  g_assert_true (weir_config_needs_vault (config));
  g_assert_null (weir_config_lookup_oauth_client (config, "google"));
  g_assert_null (google->client_secret);
  g_assert_cmpstr (google->vault_name, ==, "google");
  g_assert_cmpstr (codex->client_id, ==, "mine");
  g_assert_null (codex->vault_name);
  g_assert_true (
      weir_slice_equal (weir_secret_reveal (codex->client_secret), WEIR_SLICE ("own")));

  weir_config_fill_keys (config, know_all, NULL, notices);
  g_assert_true (
      weir_slice_equal (weir_secret_reveal (google->client_secret), WEIR_SLICE ("told")));
  g_assert_null (iflow->client_secret);
  g_assert_cmpuint (notices->len, ==, 1);
  notice = g_ptr_array_index (notices, 0);
  text = weir_config_notice_format (notice, "f");
  g_assert_cmpstr (
      text, ==, "f:3:3: accounts of iflow lack their client secret \"vault:lost\": lost");
  g_free (notice->text);
  g_free ((gpointer)notice);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ("config-vendor", samples, G_N_ELEMENTS (samples));
  g_test_add_func ("/config-vendor/only-the-very-origin-is-led-elsewhere", test_urls);
  g_test_add_func ("/config-vendor/secrets-of-clients-may-lie-in-the-vault", test_clients);
  return g_test_run ();
}
