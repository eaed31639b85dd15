/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The provider lists: which entries and items stay, what they become, what is said. */

#include "config-sample.h"

#define COMPAT KEYED "openai-compatibility:\n- name: x\n  base-url: "

/* clang-format off */
static const ConfigSample samples[] = {
  { "plain-http-to-somewhere", COMPAT "http://192.0.2.1/v1\n",
    { "!4:13: base-url of \"x\" is plain http; the key would travel readable. Use https or set allow-plain: true" } },
  { "plain-http-with-consent", COMPAT "http://192.0.2.1/v1\n  allow-plain: true\n", { NULL } },
  { "plain-http-to-loopback", COMPAT "http://localhost:11434/v1\n", { NULL } },
  { "address-with-credentials", COMPAT "https://user:hunter2@x.example\n",
    { "!4:13: base-url of \"x\" has a user name or password in it; put the key into api-key or headers" } },
  { "address-with-fragment", COMPAT "'https://x.example/#hunter2'\n",
    { "!4:13: base-url of \"x\" has a fragment (#...); remove it" } },
  { "address-with-query", COMPAT "https://x.example/?key=hunter2\n",
    { "!4:13: base-url of \"x\" has a query (?...); remove it" } },
  { "address-with-blank", COMPAT "https://x.example/a b\n",
    { "!4:13: base-url of \"x\" holds a blank or another character that no address may hold; write it percent-encoded" } },
  { "address-without-scheme", COMPAT "x.example/v1\n",
    { "!4:13: base-url of \"x\" has no scheme; begin it with https://" } },
  { "address-of-another-scheme", COMPAT "ftp://x.example/v1\n",
    { "!4:13: base-url of \"x\" must begin with https:// or http://" } },
  { "alias-loop",
    COMPAT "https://x.example\n  models:\n  - {name: b, alias: a}\n  - name: a\n    alias: b\n",
    { "!6:5: alias loop: a -> b -> a (lines 6, 7)" } },
  { "alias-of-itself", COMPAT "https://x.example\n  models: [{name: a, alias: a}, {name: b}]\n", { NULL } },
  { "alias-chain", COMPAT "https://x.example\n  models: [{name: b, alias: a}, {name: c, alias: b}]\n", { NULL } },
  { "alias-pool", COMPAT "https://x.example\n  models: [{name: b, alias: a}, {name: c, alias: a}]\n", { NULL } },
  { "model-without-name", COMPAT "https://x.example\n  models:\n  - alias: a\n",
    { "?6:5: model left out: it has no name" } },
  { "vertex-model-without-alias", KEYED "vertex-api-key:\n- api-key: k\n  models:\n  - name: a\n",
    { "?5:5: model left out: it has no alias" } },
  { "header-names-and-values", COMPAT "https://x.example\n  headers:\n    X-A: 1\n    X-Empty: ''\n    X-Copy: $x\n    X-Lone: $\n    Host: h\n    'b d': 1\n    X-C: \"a\\nb\"\n",
    { "?9:13: header X-Lone left out: behind $ stands the name of a header of the client, such as $X-Team",
      "?10:5: header Host left out: it is written for each request anew",
      "!11:5: \"b d\" is no header name; letters, digits and - are",
      "!12:10: header X-C holds a control character" } },
  { "prefix-with-a-slash", COMPAT "https://x.example\n  prefix: a/b\n",
    { "?5:11: prefix left out: it may not hold a slash inside" } },
  { "lacking-entries",
    KEYED "codex-api-key:\n- api-key: a\ngemini-api-key:\n- priority: 1\nvertex-api-key:\n- base-url: https://x.example\n"
    "openai-compatibility:\n- name: y\nclaude-api-key:\n- prefix: p\n",
    { "?3:3: entry of codex-api-key left out: it has no base-url",
      "?5:3: entry of gemini-api-key left out: it has neither api-key nor base-url",
      "?7:3: entry of vertex-api-key left out: it has neither api-key nor service-account",
      "?9:3: entry of openai-compatibility left out: it has no base-url",
      "?11:3: entry of claude-api-key left out: it has neither api-key nor base-url" } },
  { "repeated-entries", KEYED "gemini-api-key:\n- api-key: a\n- api-key: a\n- {api-key: a, prefix: p}\n",
    { "?4:3: entry of gemini-api-key left out: it repeats the one in line 3" } },
  { "names-twice", COMPAT "https://x.example\n- name: x\n  base-url: https://y.example\n",
    { "?5:1: two entries are named \"x\" (lines 3 and 5); give each its own name" } },
  { "without-name", KEYED "openai-compatibility:\n- base-url: https://y.example\n",
    { "?3:3: this entry of openai-compatibility has no name; it is called \"openai-compatibility\"" } },
  { "slip-in-an-entry", KEYED "claude-api-key:\n- api-key: k\n  base_url: https://x.example\n",
    { "?4:3: unknown key \"base_url\"; did you mean \"base-url\"?" } },
  { "all-keys-disabled", COMPAT "https://x.example\n  api-key-entries:\n  - {api-key: k, disabled: true}\n",
    { "?3:3: entry of openai-compatibility left out: all of its keys are disabled" } },
  { "alias-that-is-taken-out", COMPAT "https://x.example\n  models: [{name: m, alias: ab}]\n  excluded-models: [z, 'a*']\n",
    { "?5:29: alias \"ab\" leads to nothing: excluded-models of the same entry (line 6) takes it out; remove one" } },
  { "alias-of-the-built-in-model", COMPAT "https://x.example\n  models: [{name: m, alias: weir/echo}]\n",
    { "!5:29: alias weir/echo is the built-in model's; choose another, or set echo-model: false" } },
  { "alias-of-the-built-in-model-that-is-off", "echo-model: false\n" COMPAT "https://x.example\n  models: [{name: m, alias: weir/echo}]\n",
    { NULL } },
  { "weight-below-zero", COMPAT "https://x.example\n  weight: -2\n",
    { "?5:11: weight is below zero (found -2); taken as 0" } },
  { "weight-that-is-no-number", COMPAT "https://x.example\n  weight: 1.5\n",
    { "!5:11: weight must be a whole number (found \"1.5\")" } },
  { "provider-with-a-slip", KEYED "providers:\n- {provider: groqq, api-key: k}\n",
    { "!3:14: provider \"groqq\" is not known; did you mean \"groq\"?" } },
  { "provider-that-nobody-knows", KEYED "providers:\n- {provider: frobnicator, api-key: k}\n",
    { "!3:14: provider \"frobnicator\" is not known; use openai-compatibility with its base-url" } },
  { "provider-without-key", KEYED "providers:\n- {provider: groq}\n",
    { "?3:3: entry of providers left out: it has no api-key" } },
  { "provider-without-address", KEYED "providers:\n- {provider: azure-openai, api-key: k}\n",
    { "?3:3: entry of providers left out: it has no base-url, such as https://RESOURCE.openai.azure.com/openai/v1" } },
  { "providers-without-names", KEYED "providers:\n- {provider: groq, api-key: a}\n- {provider: groq, api-key: b}\n", { NULL } },
  { "provider-on-this-machine", KEYED "providers: [{provider: ollama}]\n", { NULL } },
  { "service-account-elsewhere", KEYED "claude-api-key:\n- service-account: /k\n",
    { "!3:3: entry of claude-api-key: service-account belongs to vertex-api-key" } },
  { "service-account-and-key", KEYED "vertex-api-key:\n- {api-key: k, service-account: /k}\n",
    { "!3:3: entry of vertex-api-key: it has an api-key and a service-account; one of them is "
      "needed" } },
  { "service-account-without-a-path", KEYED "vertex-api-key:\n- service-account: k.json\n",
    { "!3:3: entry of vertex-api-key: service-account must be an absolute path, or vault:NAME" } },
  { "service-account-nowhere", KEYED "vertex-api-key:\n- {service-account: /k, location: a/b}\n",
    { "!3:3: entry of vertex-api-key: project-id and location are ids: lower case letters, "
      "digits and -" } },
  { "location-of-a-key", KEYED "vertex-api-key:\n- {api-key: k, location: us-central1}\n",
    { "!3:3: entry of vertex-api-key: project-id and location belong to a service-account" } },
  { "service-accounts", KEYED "vertex-api-key:\n- service-account: /k\n- service-account: vault:k\n"
    "- {service-account: ~/k, location: us-central1, project-id: 'a.b:c-1'}\n", { NULL } },
  { "not-a-map", KEYED "claude-api-key:\n- hunter2\n",
    { "!3:3: an item of claude-api-key must be a map (lines of key: value)" } },
  { "not-a-list", KEYED "claude-api-key:\n  api-key: hunter2\n",
    { "!3:3: claude-api-key must be a list (lines that begin with -)" } },
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
assert_credential (const WeirConfigEntry *entry,
                   unsigned index,
                   const char *api_key,
                   const char *proxy_url)
{
  const WeirConfigCredential *credential = g_ptr_array_index (entry->credentials, index);

  g_assert_cmpstr (credential->proxy_url, ==, proxy_url);
  g_assert_cmpint (credential->api_key != NULL, ==, api_key != NULL);
  if (api_key != NULL)
    g_assert_true (weir_slice_equal (weir_secret_reveal (credential->api_key),
                                     weir_slice_from_string (api_key)));
}

static void
test_key_entry_becomes_one_credential (void)
{
  g_autoptr (WeirConfig) config
      = parse ("claude-api-key:\n- api-key: ' k '\n  base-url: https://x.example/v1//\n"
               "  prefix: ' /team/ '\n  priority: -7\n  proxy-url: socks5h://p:1\n"
               "  headers: {X-A: ' b '}\n  models: [{name: n, alias: a}, {name: m}]\n"
               "  excluded-models: [A*, ' a* ', '', b]\n");
  const WeirConfigEntry *entry = g_ptr_array_index (config->entries, 0);
  const WeirConfigModel *first = g_ptr_array_index (entry->models, 0);
  const WeirConfigModel *second = g_ptr_array_index (entry->models, 1);
  const WeirConfigHeader *header = g_ptr_array_index (entry->headers, 0);

  g_assert_cmpint (entry->kind, ==, WEIR_CONFIG_CLAUDE);
  g_assert_cmpstr (entry->name, ==, "claude");
  g_assert_cmpstr (entry->base_url, ==, "https://x.example/v1");
  g_assert_cmpstr (entry->prefix, ==, "team");
  g_assert_cmpint (entry->priority, ==, -7);
  g_assert_cmpuint (entry->line, ==, 2);
  g_assert_cmpuint (entry->credentials->len, ==, 1);
  assert_credential (entry, 0, "k", "socks5://p:1");
  g_assert_cmpstr (header->name, ==, "X-A");
  g_assert_cmpstr (header->value, ==, "b");
  g_assert_cmpstr (first->name, ==, "n");
  g_assert_cmpstr (first->alias, ==, "a");
  g_assert_cmpstr (second->alias, ==, "m");
  g_assert_cmpuint (g_strv_length (entry->excluded_models), ==, 2);
  g_assert_cmpstr (entry->excluded_models[0], ==, "a*");
}

static void
test_compat_entry_gathers_its_keys (void)
{
  g_autoptr (WeirConfig) config
      = parse ("proxy-url: http://p:1\nopenai-compatibility:\n"
               "- name: both\n  base-url: https://x.example\n  api-keys: [a, b]\n"
               "  api-key-entries: [{api-key: c, proxy-url: direct}, {api-key: ''},\n"
               "    {api-key: d, disabled: true}]\n"
               "- name: none\n  base-url: http://127.0.0.1:1\n"
               "- name: off\n  disabled: true\n  base-url: https://y.example\n");
  const WeirConfigEntry *both = g_ptr_array_index (config->entries, 0);
  const WeirConfigEntry *none = g_ptr_array_index (config->entries, 1);

  g_assert_cmpuint (config->entries->len, ==, 2);
  g_assert_cmpstr (both->name, ==, "both");
  g_assert_cmpuint (both->credentials->len, ==, 4);
  assert_credential (both, 0, "a", "http://p:1");
  assert_credential (both, 1, "b", "http://p:1");
  assert_credential (both, 2, "c", "direct");
  assert_credential (both, 3, NULL, "http://p:1");
  g_assert_cmpuint (none->credentials->len, ==, 1);
  assert_credential (none, 0, NULL, "http://p:1");
  g_assert_nonnull (none->excluded_models);
}

static void
test_provider_is_enough (void)
{
  g_autoptr (WeirConfig) config = parse (
      "providers:\n- {provider: groq, api-key: a, weight: 3, request-retry: -7,\n"
      "   disable-cooling: no, proxy-url: direct,\n"
      "   api-key-entries: [{api-key: b, weight: 0}, {api-key: c}]}\n"
      "- provider: anthropic\n  name: mine\n  api-key: d\n"
      "openai-compatibility:\n- {provider: ollama, base-url: 'http://127.0.0.1:1/v1'}\n");
  const WeirConfigEntry *groq = g_ptr_array_index (config->entries, 0);
  const WeirConfigEntry *mine = g_ptr_array_index (config->entries, 1);
  const WeirConfigEntry *ollama = g_ptr_array_index (config->entries, 2);
  static const int weights[] = { 3, 0, 3 };

  g_assert_cmpuint (config->entries->len, ==, 3);
  g_assert_cmpstr (groq->provider, ==, "groq");
  g_assert_cmpstr (groq->name, ==, "groq");
  g_assert_null (groq->base_url);
  g_assert_cmpint (groq->disable_cooling, ==, FALSE);
  g_assert_cmpint (groq->request_retry, ==, -1);
  g_assert_cmpuint (groq->credentials->len, ==, 3);
  assert_credential (groq, 0, "a", "direct");
  assert_credential (groq, 1, "b", "direct");
  assert_credential (groq, 2, "c", "direct");
  for (unsigned i = 0; i < G_N_ELEMENTS (weights); i++)
    g_assert_cmpint (
        ((WeirConfigCredential *)g_ptr_array_index (groq->credentials, i))->weight, ==,
        weights[i]);
  g_assert_cmpstr (mine->provider, ==, "claude");
  g_assert_cmpstr (mine->name, ==, "mine");
  g_assert_cmpint (mine->disable_cooling, ==, -1);
  g_assert_cmpint (mine->weight, ==, 1);
  g_assert_cmpstr (ollama->provider, ==, "ollama");
  g_assert_cmpstr (ollama->base_url, ==, "http://127.0.0.1:1/v1");
}

static void
test_models_hold_what_lists_show (void)
{
  g_autoptr (WeirConfig) config = parse (
      "claude-api-key:\n- api-key: k\n  drop-tools: [B, a, B]\n  headers: {X: $Y}\n"
      "  models: [{name: n, display-name: N m, max-context-length: 7, force-mapping: "
      "yes}]\n");
  const WeirConfigEntry *entry = g_ptr_array_index (config->entries, 0);
  const WeirConfigModel *model = g_ptr_array_index (entry->models, 0);
  const WeirConfigHeader *header = g_ptr_array_index (entry->headers, 0);

  g_assert_cmpstr (entry->provider, ==, "claude");
  g_assert_cmpstr (model->display_name, ==, "N m");
  g_assert_cmpuint (model->max_context_length, ==, 7);
  g_assert_true (model->force_mapping);
  g_assert_cmpstr (header->value, ==, "$Y");
  g_assert_cmpuint (g_strv_length (entry->drop_tools), ==, 2);
  g_assert_cmpstr (entry->drop_tools[0], ==, "B");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ("config-entry", samples, G_N_ELEMENTS (samples));
  g_test_add_func ("/config-entry/key-entry-becomes-one-credential",
                   test_key_entry_becomes_one_credential);
  g_test_add_func ("/config-entry/compat-entry-gathers-its-keys",
                   test_compat_entry_gathers_its_keys);
  g_test_add_func ("/config-entry/provider-is-enough", test_provider_is_enough);
  g_test_add_func ("/config-entry/models-hold-what-lists-show",
                   test_models_hold_what_lists_show);
  return g_test_run ();
}
