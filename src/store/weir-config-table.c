/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of keys and how it is searched.  Names, marks and defaults of the shared keys
 * are CLIProxyAPI's (its source of versions 6.9 and 7.2, read 2026-08); a key of it that
 * has no effect here yet stands at the end, so that a file of it is never called wrong. */

#include "config.h"

#include "store/weir-config-table.h"

#define FILE_ROW WEIR_CONFIG_IN_FILE
#define ENTRY (WEIR_CONFIG_IN_KEY_ENTRY | WEIR_CONFIG_IN_COMPAT)
#define IN_FILE(member) .offset = offsetof (WeirConfig, member)
#define IN_ENTRY(member) .offset = offsetof (WeirConfigDraft, entry.member)
#define IN_OWN(member) .offset = offsetof (WeirConfigDraft, own.member)
#define IN_CREDENTIAL(member)                                                              \
  .offset = offsetof (WeirConfigCredentialDraft, credential.member)
#define RANGE(low, high) .minimum = (low), .maximum = (high)

#define DAY_S 86400

/* clang-format off */
static const WeirConfigKey keys[] = {
  /* where one listens */
  { FILE_ROW, "host", WEIR_CONFIG_TYPE_HOST, IN_FILE (host), .initial = "\"\"",
    .help = "Address to listen on. Empty: this machine only (127.0.0.1 and ::1), and every\n"
            "address with listen-lan: true. Else one IP address, or localhost." },
  { FILE_ROW, "listen-lan", WEIR_CONFIG_TYPE_BOOL, IN_FILE (listen_lan), .initial = "false",
    .since = WEIR_CONFIG_OURS,
    .help = "Let other machines in. Needs at least one entry in api-keys." },
  { FILE_ROW, "port", WEIR_CONFIG_TYPE_PORT, IN_FILE (port), RANGE (0, 65535),
    .initial = "8317", .help = "Port to listen on. 0: any free one." },
  { FILE_ROW, "tls", WEIR_CONFIG_TYPE_SECTION, .inside = WEIR_CONFIG_IN_TLS,
    .help = "Serve HTTPS." },
  { WEIR_CONFIG_IN_TLS, "tls.enable", WEIR_CONFIG_TYPE_BOOL, IN_FILE (tls_enable),
    .initial = "false" },
  { WEIR_CONFIG_IN_TLS, "tls.cert", WEIR_CONFIG_TYPE_STRING, IN_FILE (tls_certificate),
    .initial = "\"\"", .help = "Path of a PEM file." },
  { WEIR_CONFIG_IN_TLS, "tls.key", WEIR_CONFIG_TYPE_STRING, IN_FILE (tls_key),
    .initial = "\"\"", .help = "Path of a PEM file." },

  /* who may come in */
  { FILE_ROW, "api-keys", WEIR_CONFIG_TYPE_SECRETS, IN_FILE (api_keys), .initial = "[]",
    .help = "Keys that clients may present, each of 20 characters or more. Without one every\n"
            "request is refused." },
  { FILE_ROW, "allow-unauthenticated", WEIR_CONFIG_TYPE_BOOL, IN_FILE (allow_unauthenticated),
    .initial = "false", .since = WEIR_CONFIG_OURS,
    .help = "Serve clients of this machine without a key." },

  /* how one gets out */
  { FILE_ROW, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL, IN_FILE (proxy_url),
    .initial = "\"\"",
    .help = "Proxy for upstream connections: http://, https:// or socks5://, or direct for\n"
            "none. Empty: what the environment and the desktop say." },
  { FILE_ROW, "upstream-ca-file", WEIR_CONFIG_TYPE_STRING, IN_FILE (upstream_ca_file),
    .initial = "\"\"", .since = WEIR_CONFIG_OURS,
    .help = "PEM file of further certificate authorities that upstreams may be signed by." },
  { FILE_ROW, "request-retry", WEIR_CONFIG_TYPE_COUNT, IN_FILE (request_retry),
    RANGE (0, 100), .initial = "0", .example = "3",
    .help = "Further rounds over the credentials when all of them failed. Read and "
            "checked, but not in force in this version." },
  { FILE_ROW, "max-retry-credentials", WEIR_CONFIG_TYPE_COUNT,
    IN_FILE (max_retry_credentials), RANGE (0, 10000), .initial = "0",
    .help = "Different credentials tried for a request, at most three. 0: three." },
  { FILE_ROW, "max-retry-interval", WEIR_CONFIG_TYPE_SECONDS, IN_FILE (max_retry_interval_s),
    RANGE (0, DAY_S), .initial = "0", .example = "30",
    .help = "Longest wait in seconds for a credential before a further round. Not in "
            "force in this version." },

  /* keeping connections alive */
  { FILE_ROW, "streaming", WEIR_CONFIG_TYPE_SECTION, .inside = WEIR_CONFIG_IN_STREAMING,
    .help = "Streamed answers." },
  { WEIR_CONFIG_IN_STREAMING, "streaming.keepalive-seconds", WEIR_CONFIG_TYPE_SECONDS,
    IN_FILE (streaming_keepalive_s), RANGE (0, DAY_S), .initial = "15",
    .help = "A comment line to the client after that much silence. 0: never." },
  { WEIR_CONFIG_IN_STREAMING, "streaming.head-timeout-seconds", WEIR_CONFIG_TYPE_SECONDS,
    IN_FILE (head_timeout_s), RANGE (1, DAY_S), .initial = "300", .since = WEIR_CONFIG_OURS,
    .help = "How long an upstream may take until its answer begins." },
  { WEIR_CONFIG_IN_STREAMING, "streaming.silence-timeout-seconds", WEIR_CONFIG_TYPE_SECONDS,
    IN_FILE (silence_timeout_s), RANGE (1, DAY_S), .initial = "300",
    .since = WEIR_CONFIG_OURS,
    .help = "How long an upstream may be silent in the middle of an answer." },
  { FILE_ROW, "nonstream-keepalive-interval", WEIR_CONFIG_TYPE_SECONDS,
    IN_FILE (nonstream_keepalive_s), RANGE (0, DAY_S), .initial = "0",
    .help = "A blank line every so many seconds while a whole answer is awaited. 0: never." },

  /* the rest */
  { FILE_ROW, "echo-model", WEIR_CONFIG_TYPE_BOOL, IN_FILE (echo_model), .initial = "true",
    .since = WEIR_CONFIG_OURS,
    .help = "Offer the model weir/echo, which answers with the question and asks nobody." },
  { FILE_ROW, "debug", WEIR_CONFIG_TYPE_BOOL, IN_FILE (debug), .initial = "false",
    .help = "Log more." },
  { FILE_ROW, "logging-to-file", WEIR_CONFIG_TYPE_BOOL, IN_FILE (logging_to_file),
    .initial = "false", .help = "Log to files instead of the standard output." },
  { FILE_ROW, "logs-max-total-size-mb", WEIR_CONFIG_TYPE_COUNT,
    IN_FILE (logs_max_total_size_mb), RANGE (0, 1048576), .initial = "0",
    .help = "Oldest log files go when all together are larger. 0: no bound." },

  /* upstreams */
  { FILE_ROW, "claude-api-key", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_KEY_ENTRY, .kind = WEIR_CONFIG_CLAUDE,
    .example = "claude-api-key:\n"
               "  - api-key: \"sk-ant-...\"\n"
               "    base-url: \"https://claude.example/\" # only where not Anthropic itself\n"
               "    priority: 10                       # higher ones are tried first\n"
               "    prefix: \"team\"                     # models are also called team/...\n"
               "    proxy-url: \"socks5://127.0.0.1:1080\"\n"
               "    headers:\n"
               "      X-Team: \"blue\"\n"
               "    models:                            # none: all of the upstream's\n"
               "      - name: \"claude-sonnet-4-5\"      # what the upstream calls it\n"
               "        alias: \"sonnet\"                # what clients call it\n"
               "    excluded-models: [\"claude-3-*\"]",
    .help = "Anthropic API keys." },
  { FILE_ROW, "codex-api-key", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_KEY_ENTRY, .kind = WEIR_CONFIG_CODEX,
    .example = "codex-api-key:\n"
               "  - api-key: \"sk-...\"\n"
               "    base-url: \"https://api.openai.com/v1\"",
    .help = "Keys of upstreams that speak OpenAI Responses; base-url is needed, the other keys\n"
            "are those of claude-api-key." },
  { FILE_ROW, "gemini-api-key", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_KEY_ENTRY, .kind = WEIR_CONFIG_GEMINI,
    .example = "gemini-api-key:\n"
               "  - api-key: \"AIza...\"",
    .help = "Google AI Studio keys." },
  { FILE_ROW, "vertex-api-key", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_KEY_ENTRY, .kind = WEIR_CONFIG_VERTEX,
    .example = "vertex-api-key:\n"
               "  - api-key: \"vk-...\"\n"
               "    base-url: \"https://vertex.example/api\"",
    .help = "Keys of upstreams that speak Vertex AI; api-key is needed." },
  { FILE_ROW, "openai-compatibility", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_COMPAT, .kind = WEIR_CONFIG_COMPAT,
    .example = "openai-compatibility:\n"
               "  - name: \"example\"\n"
               "    base-url: \"https://llm.example/v1\"\n"
               "    api-key-entries:                   # none: the upstream asks for no key\n"
               "      - api-key: \"sk-...\"\n"
               "        proxy-url: \"direct\"\n"
               "    models:\n"
               "      - name: \"qwen3-coder\"\n"
               "        alias: \"coder\"\n"
               "  - name: \"far-machine\"\n"
               "    base-url: \"http://192.0.2.7:8000/v1\"\n"
               "    allow-plain: true                  # the key travels readable\n"
               "  - name: \"local\"\n"
               "    disabled: true\n"
               "    base-url: \"http://127.0.0.1:11434/v1\"",
    .help = "Upstreams that speak OpenAI Chat Completions." },

  /* in the items of those lists */
  { WEIR_CONFIG_IN_COMPAT, "name", WEIR_CONFIG_TYPE_STRING, IN_ENTRY (name) },
  { WEIR_CONFIG_IN_COMPAT, "disabled", WEIR_CONFIG_TYPE_BOOL, .since = WEIR_CONFIG_SINCE_7,
    .offset = offsetof (WeirConfigDraft, disabled) },
  { WEIR_CONFIG_IN_KEY_ENTRY, "api-key", WEIR_CONFIG_TYPE_SECRET, IN_OWN (api_key) },
  { WEIR_CONFIG_IN_KEY_ENTRY, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL, IN_OWN (proxy_url) },
  { ENTRY, "base-url", WEIR_CONFIG_TYPE_BASE_URL, IN_ENTRY (base_url) },
  { ENTRY, "prefix", WEIR_CONFIG_TYPE_PREFIX, IN_ENTRY (prefix) },
  { ENTRY, "priority", WEIR_CONFIG_TYPE_NUMBER, IN_ENTRY (priority),
    RANGE (-1000000, 1000000) },
  { ENTRY, "allow-plain", WEIR_CONFIG_TYPE_BOOL, IN_ENTRY (allow_plain),
    .since = WEIR_CONFIG_OURS },
  { ENTRY, "headers", WEIR_CONFIG_TYPE_HEADERS, IN_ENTRY (headers) },
  { ENTRY, "models", WEIR_CONFIG_TYPE_MODELS, IN_ENTRY (models) },
  { ENTRY, "excluded-models", WEIR_CONFIG_TYPE_GLOBS, IN_ENTRY (excluded_models) },
  { WEIR_CONFIG_IN_COMPAT, "api-key-entries", WEIR_CONFIG_TYPE_CREDENTIALS,
    IN_ENTRY (credentials) },
  { WEIR_CONFIG_IN_COMPAT, "api-keys", WEIR_CONFIG_TYPE_CREDENTIAL_KEYS,
    IN_ENTRY (credentials), .since = WEIR_CONFIG_SINCE_OLD },
  { WEIR_CONFIG_IN_CREDENTIAL, "api-key", WEIR_CONFIG_TYPE_SECRET, IN_CREDENTIAL (api_key) },
  { WEIR_CONFIG_IN_CREDENTIAL, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL,
    IN_CREDENTIAL (proxy_url) },
  { WEIR_CONFIG_IN_CREDENTIAL, "disabled", WEIR_CONFIG_TYPE_BOOL, .since = WEIR_CONFIG_OURS,
    .offset = offsetof (WeirConfigCredentialDraft, disabled) },
  { WEIR_CONFIG_IN_MODEL, "name", WEIR_CONFIG_TYPE_STRING,
    .offset = offsetof (WeirConfigModel, name) },
  { WEIR_CONFIG_IN_MODEL, "alias", WEIR_CONFIG_TYPE_STRING,
    .offset = offsetof (WeirConfigModel, alias) },

  /* CLIProxyAPI's keys that a later version brings */
#define LATER(place, name, version) \
  { (place), name, WEIR_CONFIG_TYPE_LATER, .since = WEIR_CONFIG_SINCE_##version }
  LATER (FILE_ROW, "ampcode", OLD),
  LATER (FILE_ROW, "amp-model-mappings", OLD),
  LATER (FILE_ROW, "amp-restrict-management-to-localhost", OLD),
  LATER (FILE_ROW, "amp-upstream-api-key", OLD),
  LATER (FILE_ROW, "amp-upstream-url", OLD),
  LATER (FILE_ROW, "antigravity", 7),
  LATER (FILE_ROW, "antigravity-signature-bypass-strict", 6),
  LATER (FILE_ROW, "antigravity-signature-cache-enabled", 6),
  LATER (FILE_ROW, "auth-auto-refresh-workers", 6),
  LATER (FILE_ROW, "auth-dir", 6),
  LATER (FILE_ROW, "claude-code", 7),
  LATER (FILE_ROW, "claude-header-defaults", 6),
  LATER (FILE_ROW, "codex", 7),
  LATER (FILE_ROW, "codex-header-defaults", 6),
  LATER (FILE_ROW, "commercial-mode", 6),
  LATER (FILE_ROW, "credential-concurrency", 7),
  LATER (FILE_ROW, "credential-in-flight", 7),
  LATER (FILE_ROW, "disable-claude-cloak-mode", 7),
  LATER (FILE_ROW, "disable-cooling", 6),
  LATER (FILE_ROW, "disable-image-generation", 7),
  LATER (FILE_ROW, "enable-gemini-cli-endpoint", OLD),
  LATER (FILE_ROW, "error-logs-max-files", 6),
  LATER (FILE_ROW, "force-model-prefix", 6),
  LATER (FILE_ROW, "generative-language-api-key", OLD),
  LATER (FILE_ROW, "gpt-image-2-base-model", 7),
  LATER (FILE_ROW, "interactions-api-key", 7),
  LATER (FILE_ROW, "oauth-excluded-models", 6),
  LATER (FILE_ROW, "oauth-model-alias", 6),
  LATER (FILE_ROW, "oauth-request-scoped-errors", 7),
  LATER (FILE_ROW, "passthrough-headers", 6),
  LATER (FILE_ROW, "payload", 6),
  LATER (FILE_ROW, "plugins", 7),
  LATER (FILE_ROW, "pprof", 6),
  LATER (FILE_ROW, "quota-exceeded", 6),
  LATER (FILE_ROW, "redis-usage-queue-retention-seconds", 7),
  LATER (FILE_ROW, "remote-management", 6),
  LATER (FILE_ROW, "request-log", 6),
  LATER (FILE_ROW, "routing", 6),
  LATER (FILE_ROW, "save-cooldown-status", 7),
  LATER (FILE_ROW, "transient-error-cooldown-seconds", 7),
  LATER (FILE_ROW, "usage-statistics-enabled", 6),
  LATER (FILE_ROW, "video-result-auth-cache-ttl", 7),
  LATER (FILE_ROW, "ws-auth", 6),
  LATER (FILE_ROW, "xai", 7),
  LATER (FILE_ROW, "xai-api-key", 7),
  LATER (WEIR_CONFIG_IN_STREAMING, "streaming.bootstrap-retries", 6),
  LATER (ENTRY, "disable-cooling", 7),
  LATER (ENTRY, "request-retry", 7),
  LATER (ENTRY, "request-scoped-errors", 7),
  LATER (WEIR_CONFIG_IN_COMPAT, "support-prompt-cache-key", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "alpha-search", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "cloak", 6),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "experimental-cch-signing", 6),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "fingerprint-profile", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "rebuild-mid-system-message", 7),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY, "websockets", 6),
  LATER (WEIR_CONFIG_IN_KEY_ENTRY | WEIR_CONFIG_IN_CREDENTIAL, "weight", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "display-name", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "force-mapping", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "image", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "input-modalities", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "is-compat", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "max-context-length", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "output-modalities", 7),
  LATER (WEIR_CONFIG_IN_MODEL, "thinking", 7),
};
/* clang-format on */

const WeirConfigKey *
weir_config_table_get (size_t *out_n_keys)
{
  *out_n_keys = G_N_ELEMENTS (keys);
  return keys;
}

const char *
weir_config_key_get_name (const WeirConfigKey *key)
{
  const char *dot = strrchr (key->path, '.');

  return dot != NULL ? dot + 1 : key->path;
}

const WeirConfigKey *
weir_config_table_lookup (unsigned place, const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    if ((keys[i].places & place) != 0
        && strcmp (weir_config_key_get_name (&keys[i]), name) == 0)
      return &keys[i];
  return NULL;
}

const WeirConfigKey *
weir_config_table_lookup_path (const char *path)
{
  unsigned places = WEIR_CONFIG_IN_FILE | WEIR_CONFIG_IN_TLS | WEIR_CONFIG_IN_STREAMING;

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    if ((keys[i].places & places) != 0 && strcmp (keys[i].path, path) == 0)
      return &keys[i];
  return NULL;
}

#define MAX_NAME 48

/* Damerau-Levenshtein: letters inserted, left out, changed, or swapped with their
 * neighbour.  Case does not count; both are at most MAX_NAME long. */
static unsigned
measure_distance (const char *a, const char *b)
{
  unsigned cost[MAX_NAME + 1][MAX_NAME + 1];
  size_t n = strlen (a);
  size_t m = strlen (b);

  for (size_t i = 0; i <= n; i++)
    cost[i][0] = (unsigned)i;
  for (size_t j = 0; j <= m; j++)
    cost[0][j] = (unsigned)j;
  for (size_t i = 1; i <= n; i++)
    for (size_t j = 1; j <= m; j++)
      {
        char one = g_ascii_tolower (a[i - 1]);
        char other = g_ascii_tolower (b[j - 1]);
        unsigned best = MIN (cost[i - 1][j], cost[i][j - 1]) + 1;

        best = MIN (best, cost[i - 1][j - 1] + (one != other ? 1 : 0));
        if (i > 1 && j > 1 && one == g_ascii_tolower (b[j - 2])
            && other == g_ascii_tolower (a[i - 2]))
          best = MIN (best, cost[i - 2][j - 2] + 1);
        cost[i][j] = best;
      }
  return cost[n][m];
}

const WeirConfigKey *
weir_config_table_suggest (unsigned place, const char *name)
{
  size_t length = strlen (name);
  unsigned nearest = length <= 4 ? 2 : length <= 8 ? 3 : 4; /* a slip is less than that */
  const WeirConfigKey *found = NULL;

  if (length > MAX_NAME)
    return NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *candidate = weir_config_key_get_name (&keys[i]);
      unsigned distance = 0;

      if ((keys[i].places & place) == 0 || strlen (candidate) > MAX_NAME)
        continue;
      distance = measure_distance (name, candidate);
      if (distance >= nearest || distance >= strlen (candidate))
        continue;
      nearest = distance;
      found = &keys[i];
    }
  return found;
}
