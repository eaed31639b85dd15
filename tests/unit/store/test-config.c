/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Files and the remarks they get: types, ranges, rules between keys; and the snapshot of a
 * whole file. */

#include "config-sample.h"

#define NO_KEY                                                                             \
  "?api-keys is empty, so every request is refused (401); add a key, or set "              \
  "allow-unauthenticated: true"

/* clang-format off */
static const ConfigSample samples[] = {
  { "good-file-is-silent", KEYED "port: 8317\n", { NULL } },
  { "port-out-of-range", "host: localhost\n" KEYED "port: 99999\n",
    { "!3:7: port must be between 1 and 65535 (found 99999)" } },
  { "port-beyond-64-bits", KEYED "port: 99999999999999999999\n",
    { "!2:7: port must be between 1 and 65535 (found 99999999999999999999)" } },
  { "port-below-zero", KEYED "port: -1\n",
    { "!2:7: port must be between 1 and 65535 (found -1)" } },
  { "port-zero-is-any", KEYED "port: 0\n", { NULL } },
  { "port-in-quotes", KEYED "port: \"8317\"\n", { NULL } },
  { "port-with-a-letter", KEYED "port: \"8317x\"\n",
    { "!2:7: port must be a whole number (found \"8317x\")" } },
  { "port-is-a-list", KEYED "port: [1]\n", { "!2:7: port must be a single value, not a list" } },
  { "key-twice", "port: 1\n" KEYED "port: 2\n",
    { "!3:1: \"port\" is set twice (lines 1 and 3); remove one" } },
  { "slip-in-a-key", KEYED "prot: 8317\n",
    { "?2:1: unknown key \"prot\"; did you mean \"port\"?" } },
  { "slip-in-a-section", KEYED "tls:\n  enabel: true\n",
    { "?3:3: unknown key \"enabel\"; did you mean \"enable\"?" } },
  { "unknown-key", KEYED "frobnicate: 1\n",
    { "?2:1: unknown key \"frobnicate\"; it has no effect" } },
  { "host-is-wide", KEYED "host: 0.0.0.0\n",
    { "!2:7: host 0.0.0.0 would open the proxy to the network; set listen-lan: true if you mean it" } },
  { "host-is-wide-in-brackets", KEYED "host: '[::]'\n",
    { "!2:7: host :: would open the proxy to the network; set listen-lan: true if you mean it" } },
  { "host-is-loopback", KEYED "host: 127.0.0.1\n", { NULL } },
  { "host-is-loopback-in-brackets", KEYED "host: '[::1]'\n", { NULL } },
  { "host-is-a-name", KEYED "host: example.org\n",
    { "!2:7: host must be an IP address, localhost or empty (found \"example.org\")" } },
  { "host-is-empty", KEYED "host: ''\n",
    { "?2:7: an empty host listens on this machine only; set listen-lan: true to let others in" } },
  { "host-is-empty-on-purpose", KEYED "host: ''\nlisten-lan: false\n", { NULL } },
  { "lan-with-keys", KEYED "host: 0.0.0.0\nlisten-lan: true\n", { NULL } },
  { "lan-without-keys", "host: 0.0.0.0\nlisten-lan: true\n",
    { "!2:13: listen-lan needs at least one entry in api-keys" } },
  { "lan-for-everybody", "listen-lan: true\nallow-unauthenticated: true\n",
    { "!1:13: listen-lan needs at least one entry in api-keys",
      "!2:24: allow-unauthenticated is for this machine only; remove it, or listen-lan" } },
  { "no-key", "port: 1\n", { NO_KEY } },
  { "no-key-on-purpose", "allow-unauthenticated: true\n", { NULL } },
  { "sample-key", "api-keys:\n  - your-api-key-1\n",
    { "?2:5: \"your-api-key-1\" is the published sample key; use: sk-weir-*" } },
  { "sample-key-in-the-lan", "listen-lan: true\napi-keys:\n  - \"your-api-key-2\"\n",
    { "!3:5: \"your-api-key-2\" is the published sample key; use: sk-weir-*" } },
  { "short-key", "api-keys: [0123456789abcdefghij, hunter2]\n",
    { "?1:34: item 2 of api-keys is shorter than 20 characters and can be guessed; use a longer one" } },
  { "short-key-in-the-lan", "listen-lan: true\napi-keys: [hunter2]\n",
    { "!2:12: item 1 of api-keys is shorter than 20 characters and can be guessed; use a longer one" } },
  { "empty-and-double-keys", "api-keys:\n- 0123456789abcdefghij\n-\n- ' 0123456789abcdefghij '\n",
    { "?3:2: an empty item of api-keys is left out",
      "?4:3: api-keys holds the same key twice (lines 2 and 4)" } },
  { "key-with-control-character", "allow-unauthenticated: true\napi-keys: [\"0123456789\\x07abcdefghij\"]\n",
    { "!2:12: api-keys holds a control character" } },
  { "keys-are-no-list", "allow-unauthenticated: true\napi-keys: hunter2\n",
    { "!2:11: api-keys must be a list (lines that begin with -)" } },
  { "bool-is-a-word", KEYED "debug: maybe\n",
    { "!2:8: debug must be true or false (found \"maybe\")" } },
  { "seconds-with-a-unit", KEYED "streaming:\n  keepalive-seconds: 10s\n",
    { "!3:22: streaming.keepalive-seconds must be a whole number of seconds, without a unit (found \"10s\")" } },
  { "seconds-below-zero", KEYED "streaming:\n  keepalive-seconds: -5\n",
    { "?3:22: streaming.keepalive-seconds is below zero (found -5); taken as 0" } },
  { "watchdog-of-nothing", KEYED "streaming:\n  head-timeout-seconds: 0\n",
    { "!3:25: streaming.head-timeout-seconds must be between 1 and 86400 (found 0)" } },
  { "strategy-of-nobody", KEYED "routing: {strategy: best}\n",
    { "!2:21: routing.strategy must be one of round-robin, fill-first, weighted-round-robin, quota-aware (found \"best\")" } },
  { "retry-that-is-no-word", KEYED "retry-ambiguous: always\n",
    { "!2:18: retry-ambiguous must be one of never, once (found \"always\")" } },
  { "duration-without-unit-of-time", KEYED "routing: {session-affinity-ttl: 5 parsecs}\n",
    { "!2:33: routing.session-affinity-ttl must be a time such as 90s or 1h30m, of at most 720 hours (found \"5 parsecs\")" } },
  { "duration-of-nothing", KEYED "routing: {session-affinity-ttl: 0s}\n",
    { "!2:33: routing.session-affinity-ttl must be a time such as 90s or 1h30m, of at most 720 hours (found \"0s\")" } },
  { "transient-below-none", KEYED "transient-error-cooldown-seconds: -2\n",
    { "!2:35: transient-error-cooldown-seconds must be between -1 and 86400 (found -2)" } },
  { "quota-exceeded-waits-for-accounts", KEYED "quota-exceeded: {switch-project: true, antigravity-credits: false}\n",
    { "?2:34: accepted, but without effect in this version: quota-exceeded.switch-project" } },
  { "tls-without-files", KEYED "tls:\n  enable: yes\n",
    { "!3:3: tls.enable needs tls.cert and tls.key, paths of PEM files" } },
  { "tls-is-no-map", KEYED "tls: true\n", { "!2:6: tls must be a map (lines of key: value)" } },
  { "null-is-absent", KEYED "port:\nhost: ~\ntls: null\nclaude-api-key:\n", { NULL } },
  { "proxy-of-another-kind", KEYED "proxy-url: ftp://user:hunter2@x\n",
    { "!2:12: proxy-url must be http://, https:// or socks5:// with a host, or direct" } },
  { "proxy-without-scheme", KEYED "proxy-url: user:hunter2@x:1080\n",
    { "!2:12: proxy-url has no scheme; begin it with https://" } },
  { "secret-in-the-wrong-place", KEYED "port: sk-ant-api03-0123456789abcdefghijklmnop\n",
    { "!2:7: port must be a whole number (found \"[redacted]\")" } },
  { "later-keys-in-one-notice", KEYED "pprof: x\nclaude-api-key:\n- api-key: k\n  cloak: {}\n- api-key: l\n  cloak: {}\nws-auth: 1\n",
    { "?2:8: accepted, but without effect in this version: pprof, claude-api-key.cloak, ws-auth" } },
  { "no-map", "- a\n", { "!1:1: the file must hold lines of key: value, such as port: 8317", NO_KEY } },
};
/* clang-format on */

static WeirConfig *
parse (const char *yaml, GPtrArray **out_notices)
{
  g_autoptr (GError) error = NULL;
  WeirConfig *config = weir_config_parse (yaml, strlen (yaml), "f", out_notices, &error);

  g_assert_no_error (error);
  return config;
}

static void
test_snapshot_holds_what_the_file_says (void)
{
  g_autoptr (WeirConfig) config = parse (
      "host: '[::1]'\nport: 65535\ntls: {enable: on, cert: ' c.pem ', key: k.pem}\n"
      "api-keys: [' 0123456789abcdefghij']\nproxy-url: NONE\nupstream-ca-file: ca\n"
      "request-retry: 4\nmax-retry-credentials: 5\nmax-retry-interval: 6\n"
      "streaming: {keepalive-seconds: 7, head-timeout-seconds: 8,\n"
      "  silence-timeout-seconds: 9}\nnonstream-keepalive-interval: 10\n"
      "echo-model: no\ndebug: Yes\nlogging-to-file: TRUE\n"
      "logs-max-total-size-mb: 11\nallow-unauthenticated: true\n",
      NULL);
  g_autoptr (WeirConfig) again = weir_config_ref (config);
  const WeirConfigClientKey *first = g_ptr_array_index (config->client_keys, 0);
  WeirSlice key = weir_secret_reveal (first->key);

  g_assert_true (again == config);
  g_assert_null (config->path);
  g_assert_cmpstr (config->host, ==, "::1");
  g_assert_cmpuint (config->port, ==, 65535);
  g_assert_true (config->tls_enable);
  g_assert_cmpstr (config->tls_certificate, ==, "c.pem");
  g_assert_cmpstr (config->tls_key, ==, "k.pem");
  g_assert_cmpuint (config->client_keys->len, ==, 1);
  g_assert_true (weir_slice_equal (key, WEIR_SLICE ("0123456789abcdefghij")));
  g_assert_cmpstr (config->proxy_url, ==, "direct");
  g_assert_cmpstr (config->upstream_ca_file, ==, "ca");
  g_assert_cmpuint (config->request_retry, ==, 4);
  g_assert_cmpuint (config->max_retry_credentials, ==, 5);
  g_assert_cmpuint (config->max_retry_interval_s, ==, 6);
  g_assert_cmpuint (config->streaming_keepalive_s, ==, 7);
  g_assert_cmpuint (config->head_timeout_s, ==, 8);
  g_assert_cmpuint (config->silence_timeout_s, ==, 9);
  g_assert_cmpuint (config->nonstream_keepalive_s, ==, 10);
  g_assert_false (config->echo_model);
  g_assert_true (config->debug);
  g_assert_true (config->logging_to_file);
  g_assert_cmpuint (config->logs_max_total_size_mb, ==, 11);
  g_assert_true (config->allow_unauthenticated);
}

static void
test_empty_file_has_the_defaults (void)
{
  g_autoptr (WeirConfig) config = parse ("# nothing\n", NULL);

  g_assert_cmpstr (config->host, ==, "");
  g_assert_cmpuint (config->port, ==, WEIR_CONFIG_DEFAULT_PORT);
  g_assert_cmpuint (config->streaming_keepalive_s, ==, 15);
  g_assert_cmpuint (config->head_timeout_s, ==, 300);
  g_assert_cmpuint (config->silence_timeout_s, ==, 300);
  g_assert_true (config->echo_model);
  g_assert_cmpuint (config->client_keys->len, ==, 0);
  g_assert_cmpuint (config->entries->len, ==, 0);
}

static void
test_routing_holds_what_the_file_says (void)
{
  g_autoptr (WeirConfig) config = parse (
      "routing: {strategy: WRR, session-affinity: no, session-affinity-ttl: 1h30m}\n"
      "force-model-prefix: true\nretry-ambiguous: never\ndisable-cooling: true\n"
      "save-cooldown-status: false\ntransient-error-cooldown-seconds: -1\n"
      "passthrough-headers: true\nstreaming: {bootstrap-retries: 2}\n"
      "quota-exceeded: {switch-project: true, switch-preview-model: true,\n"
      "  antigravity-credits: true}\n",
      NULL);
  g_autoptr (WeirConfig) absent = parse ("port: 1\n", NULL);

  g_assert_cmpint (config->strategy, ==, WEIR_STRATEGY_WEIGHTED);
  g_assert_false (config->session_affinity);
  g_assert_cmpuint (config->session_affinity_ttl_s, ==, 5400);
  g_assert_true (config->force_model_prefix);
  g_assert_cmpint (config->retry_ambiguous, ==, WEIR_RETRY_AMBIGUOUS_NEVER);
  g_assert_true (config->disable_cooling);
  g_assert_false (config->save_cooldown_status);
  g_assert_cmpint (config->transient_error_cooldown_s, ==, -1);
  g_assert_true (config->passthrough_headers);
  g_assert_cmpuint (config->bootstrap_retries, ==, 2);
  g_assert_true (config->switch_project);
  g_assert_true (config->switch_preview_model);
  g_assert_true (config->antigravity_credits);

  g_assert_cmpint (absent->strategy, ==, WEIR_STRATEGY_ROUND_ROBIN);
  g_assert_true (absent->session_affinity);
  g_assert_cmpuint (absent->session_affinity_ttl_s, ==, 3600);
  g_assert_cmpint (absent->retry_ambiguous, ==, WEIR_RETRY_AMBIGUOUS_ONCE);
  g_assert_cmpint (absent->transient_error_cooldown_s, ==, 0);
}

static void
test_durations_are_those_of_go (void)
{
  static const struct
  {
    const char *text;
    unsigned seconds;
  } cases[] = { { "1h", 3600 },  { "90s", 90 },    { "1h1m1s", 3661 },  { "1.5h", 5400 },
                { "1500ms", 2 }, { "\"45\"", 45 }, { "720h", 2592000 }, { ".5h", 1800 } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *yaml
          = g_strdup_printf ("routing: {session-affinity-ttl: %s}\n", cases[i].text);
      g_autoptr (WeirConfig) config = parse (yaml, NULL);

      g_assert_cmpuint (config->session_affinity_ttl_s, ==, cases[i].seconds);
    }
}

static void
test_who_listens_wider (void)
{
  static const struct
  {
    const char *yaml;
    gboolean wider;
  } cases[] = {
    { KEYED, FALSE },
    { KEYED "listen-lan: true\n", TRUE },
    { KEYED "listen-lan: true\nhost: 127.0.0.1\n", FALSE },
    { KEYED "listen-lan: true\nhost: localhost\n", FALSE },
    { KEYED "listen-lan: true\nhost: 192.0.2.1\n", TRUE },
    { KEYED "listen-lan: true\nhost: '::'\n", TRUE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WeirConfig) config = parse (cases[i].yaml, NULL);

      g_assert_cmpint (weir_config_listens_wider (config), ==, cases[i].wider);
    }
}

static void
test_remarks_are_bounded_but_one_fatal_is_always_said (void)
{
  g_autoptr (GString) yaml = g_string_new (NULL);
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 1000; i++)
    g_string_append_printf (yaml, "unknown-%d: 1\n", i);
  g_string_append (yaml, "port: x\n");
  g_assert_null (weir_config_parse (yaml->str, yaml->len, "f", &notices, &error));
  g_assert_cmpuint (notices->len, <, 110);
  g_assert_cmpstr (error->message, ==,
                   "f:1001:7: port must be a whole number (found \"x\")");
}

#define CANARY "sk-ant-api03-CANARYcanary0123456789CANARY"
static const char *const leaky_files[] = {
  "port: " CANARY "\n",
  "debug: " CANARY "\n",
  "host: " CANARY "\n",
  "tls: " CANARY "\n",
  "proxy-url: " CANARY "\n",
  "proxy-url: http://me:CANARY@ x\n",
  "api-keys: " CANARY "\n",
  "api-keys:\n- " CANARY "\n- " CANARY "\n",
  "api-keys:\n- {" CANARY ": 1}\n",
  "api-keys: [\"" CANARY "\\x01\"]\n",
  "api-keys: [CANARY]\n",
  "listen-lan: true\napi-keys: [your-api-key-CANARY]\n",
  CANARY ": 1\n" CANARY ": 2\n",
  CANARY "\n",
  "api-keys: [" CANARY "\n",
  "api-keys: \"" CANARY "\n",
  "claude-api-key: " CANARY "\n",
  "claude-api-key: [" CANARY "]\n",
  "claude-api-key:\n- api-key: [" CANARY "]\n",
  "claude-api-key:\n- api-key: k\n  base-url: https://me:CANARY@x\n",
  "claude-api-key:\n- api-key: k\n  base-url: CANARY\n",
  "claude-api-key:\n- api-key: k\n  prefix: CANARY/CANARY\n",
  "claude-api-key:\n- api-key: k\n  headers: {X: \"CANARY\\n\", Y: $CANARY, Z: "
  "[CANARY]}\n",
  "claude-api-key:\n- api-key: k\n  models: [CANARY]\n",
  "gemini-api-key:\n- api-key: CANARY\n- api-key: CANARY\n",
  "openai-compatibility:\n- name: " CANARY "\n  base-url: x\n",
  "api-keys:\n- {name: CANARY, kye: " CANARY "}\n",
  "api-keys:\n- {name: " CANARY ", key: " CANARY "1, groups: [" CANARY "]}\n",
  "api-keys:\n- {key: " CANARY "1, accounts: [" CANARY "], expires: " CANARY "}\n",
  "api-keys:\n- {key: " CANARY "}\n- {key: " CANARY "}\n",
  "api-keys:\n- {name: " CANARY ", key: a1234567890123456789}\n"
  "- {name: " CANARY ", key: b1234567890123456789}\n",
  "groups: [{name: " CANARY "}]\n",
  "groups: [{name: " CANARY "}, {name: " CANARY "}]\n",
  "groups: [{name: g, accounts: [" CANARY "], prefixes: [" CANARY "]}]\n",
  "providers: [{provider: " CANARY ", api-key: " CANARY "}]\n",
  "passthru: [{model: " CANARY ", base-url: x, api-key: " CANARY "}]\n",
  "passthru: [{api-key: " CANARY "}]\n",
  "payload: {override: [{models: [{name: m}], params: {\"a..b\": " CANARY "}}]}\n",
  "payload: {override-raw: [{models: [{name: m}], params: {a: " CANARY "}}]}\n",
};

/* A key that slipped into any place, also a wrong one. */
static void
test_no_remark_holds_a_secret (void)
{

  for (size_t i = 0; i < G_N_ELEMENTS (leaky_files); i++)
    {
      g_autoptr (GPtrArray) notices = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (WeirConfig) config = weir_config_parse (
          leaky_files[i], strlen (leaky_files[i]), "f", &notices, &error);

      g_assert_cmpuint (notices->len, >, 0);
      for (unsigned j = 0; j < notices->len; j++)
        g_assert_null (
            strstr (((WeirConfigNotice *)g_ptr_array_index (notices, j))->text, "CANARY"));
      g_assert_true (config != NULL || strstr (error->message, "CANARY") == NULL);
    }
}

/* As a file of CLIProxyAPI is, with sixty of its keys: none is called wrong. */
static void
test_file_of_cliproxyapi_is_accepted (void)
{
  g_autofree char *yaml = NULL;
  g_autoptr (GPtrArray) notices = NULL;
  g_autoptr (WeirConfig) config = NULL;

  g_assert_true (g_file_get_contents (SOURCE_ROOT "/tests/unit/store/cliproxyapi.yaml",
                                      &yaml, NULL, NULL));
  config = parse (yaml, &notices);
  for (unsigned i = 0; i < notices->len; i++)
    {
      const WeirConfigNotice *notice = g_ptr_array_index (notices, i);

      g_assert_null (strstr (notice->text, "unknown key"));
    }
  g_assert_cmpuint (config->entries->len, ==, 6);
  g_assert_cmpuint (config->request_retry, ==, 3);
  g_assert_cmpuint (notices->len, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ("config", samples, G_N_ELEMENTS (samples));
  g_test_add_func ("/config/snapshot-holds-what-the-file-says",
                   test_snapshot_holds_what_the_file_says);
  g_test_add_func ("/config/empty-file-has-the-defaults", test_empty_file_has_the_defaults);
  g_test_add_func ("/config/routing-holds-what-the-file-says",
                   test_routing_holds_what_the_file_says);
  g_test_add_func ("/config/durations-are-those-of-go", test_durations_are_those_of_go);
  g_test_add_func ("/config/who-listens-wider", test_who_listens_wider);
  g_test_add_func ("/config/remarks-are-bounded-but-one-fatal-is-always-said",
                   test_remarks_are_bounded_but_one_fatal_is_always_said);
  g_test_add_func ("/config/no-remark-holds-a-secret", test_no_remark_holds_a_secret);
  g_test_add_func ("/config/file-of-cliproxyapi-is-accepted",
                   test_file_of_cliproxyapi_is_accepted);
  return g_test_run ();
}
