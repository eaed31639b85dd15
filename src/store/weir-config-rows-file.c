/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys of the file and of its sections, in the order of the example.  Names, marks and
 * defaults of the shared keys are CLIProxyAPI's (its source of versions 6.9 and 7.2, read
 * 2026-08). */

#include "config.h"

#include "store/weir-config-rows.h"

#define DAY_S 86400

const WeirConfigWord weir_config_strategies[] = {
  { "round-robin", WEIR_STRATEGY_ROUND_ROBIN },
  { "roundrobin", WEIR_STRATEGY_ROUND_ROBIN },
  { "rr", WEIR_STRATEGY_ROUND_ROBIN },
  { "", WEIR_STRATEGY_ROUND_ROBIN },
  { "fill-first", WEIR_STRATEGY_FILL_FIRST },
  { "fillfirst", WEIR_STRATEGY_FILL_FIRST },
  { "ff", WEIR_STRATEGY_FILL_FIRST },
  { "weighted-round-robin", WEIR_STRATEGY_WEIGHTED },
  { "weightedroundrobin", WEIR_STRATEGY_WEIGHTED },
  { "wrr", WEIR_STRATEGY_WEIGHTED },
  { "quota-aware", WEIR_STRATEGY_QUOTA_AWARE },
  { "quotaaware", WEIR_STRATEGY_QUOTA_AWARE },
  { "qa", WEIR_STRATEGY_QUOTA_AWARE },
  { NULL, 0 },
};

static const WeirConfigWord ambiguities[] = {
  { "never", WEIR_RETRY_AMBIGUOUS_NEVER },
  { "once", WEIR_RETRY_AMBIGUOUS_ONCE },
  { NULL, 0 },
};

static const WeirConfigWord secrets[] = {
  { "keyring", WEIR_CONFIG_SECRETS_KEYRING },
  { "file", WEIR_CONFIG_SECRETS_FILE },
  { NULL, 0 },
};

static const WeirConfigWord clicks[] = {
  { "window", WEIR_CONFIG_CLICK_WINDOW },
  { "menu", WEIR_CONFIG_CLICK_MENU },
  { "toggle", WEIR_CONFIG_CLICK_TOGGLE },
  { NULL, 0 },
};

static const WeirConfigWord middle_clicks[] = {
  { "toggle", WEIR_CONFIG_MIDDLE_CLICK_TOGGLE },
  { "refresh", WEIR_CONFIG_MIDDLE_CLICK_REFRESH },
  { "copy", WEIR_CONFIG_MIDDLE_CLICK_COPY },
  { NULL, 0 },
};

/* clang-format off */
static const WeirConfigKey rows[] = {
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
    .initial = "\"\"", .help = "Path of a PEM file: the certificate, then those that signed it." },
  { WEIR_CONFIG_IN_TLS, "tls.key", WEIR_CONFIG_TYPE_STRING, IN_FILE (tls_key),
    .initial = "\"\"", .help = "Path of a PEM file: its private key." },

  /* who may come in */
  { FILE_ROW, "api-keys", WEIR_CONFIG_TYPE_CLIENT_KEYS, IN_FILE (client_keys), .initial = "[]",
    .help = "Keys that clients may present, each of 20 characters or more. Without one every\n"
            "request is refused. An item is the key itself or a map, such as\n"
            "[{key: \"sk-weir-...\", name: \"laptop\", requests-per-minute: 60}], of\n"
            "key: the only one that is needed\n"
            "name, note: for the log, and for you\n"
            "disabled: true refuses it as if it were not there\n"
            "expires: 2030-12-31 (when that day ends, UTC), or 2030-12-31T18:00:00+01:00\n"
            "allowed-models, excluded-models: [\"claude-*\"]; none: all are allowed\n"
            "accounts: names of entries below, [\"groq*\"]; none: all\n"
            "groups: names from groups; none: whatever no group keeps for itself\n"
            "system-prompt: put before the client's own\n"
            "requests-per-minute, tokens-per-minute, requests-per-day, concurrent-requests:\n"
            "limits; 0 or none: no limit" },
  { FILE_ROW, "allow-unauthenticated", WEIR_CONFIG_TYPE_BOOL, IN_FILE (allow_unauthenticated),
    .initial = "false", .since = WEIR_CONFIG_OURS,
    .help = "Serve clients of this machine without a key." },

  { FILE_ROW, "groups", WEIR_CONFIG_TYPE_GROUPS, IN_FILE (groups), .since = WEIR_CONFIG_OURS,
    .example = "groups:\n"
               "  - name: \"work\"\n"
               "    description: \"paid by the company\"\n"
               "    accounts: [\"claude\", \"example*\"]  # names of entries below\n"
               "    prefixes: [\"team\"]                # and the entries with these prefixes\n"
               "    allowed-models: [\"claude-*\"]      # none: all\n"
               "    strategy: fill-first              # none: that of routing\n"
               "    exclude-from-default: true        # only who names the group gets there\n"
               "    fallback: \"default\"               # when no account of it can serve",
    .help = "Parts of the entries below, for clients at /g/NAME/v1/... and for the groups of\n"
            "an item of api-keys." },

  /* how one gets out */
  { FILE_ROW, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL, IN_FILE (proxy_url),
    .initial = "\"\"",
    .help = "Proxy for upstream connections: http://, https:// or socks5://, or direct for\n"
            "none. Empty: what the environment and the desktop say." },
  { FILE_ROW, "upstream-ca-file", WEIR_CONFIG_TYPE_STRING, IN_FILE (upstream_ca_file),
    .initial = "\"\"", .since = WEIR_CONFIG_OURS,
    .help = "PEM file of further certificate authorities that upstreams may be signed by." },
  { FILE_ROW, "secrets", WEIR_CONFIG_TYPE_WORD, IN_FILE (secrets), .words = secrets,
    .initial = "keyring", .since = WEIR_CONFIG_OURS,
    .help = "Where sign-ins lie, and keys that an entry names (api-key: \"vault:NAME\") instead\n"
            "of holding them; weir --store-key NAME puts one there. keyring: the session's\n"
            "keyring. file: $XDG_DATA_HOME/weir/secrets, for machines without a keyring;\n"
            "encrypted where systemd gives the service a credential weir-secrets-key of 64\n"
            "hex digits, else not. A change moves what is there; until that has worked it\n"
            "stays where it was, and weir status says why." },
  { FILE_ROW, "passthrough-headers", WEIR_CONFIG_TYPE_BOOL, IN_FILE (passthrough_headers),
    .initial = "false",
    .help = "Hand further header fields of an upstream's answer on to the client." },

  /* who serves, and what happens when it fails */
  { FILE_ROW, "routing", WEIR_CONFIG_TYPE_SECTION, .inside = WEIR_CONFIG_IN_ROUTING,
    .help = "Which of the credentials that serve a model is asked." },
  { WEIR_CONFIG_IN_ROUTING, "routing.strategy", WEIR_CONFIG_TYPE_WORD, IN_FILE (strategy),
    .words = weir_config_strategies, .initial = "round-robin",
    .help = "round-robin: in turn. fill-first: always the first that can.\n"
            "weighted-round-robin: in turn, as often as their weight says. quota-aware: the\n"
            "one with the most left until its quota is renewed. Where priority differs, the\n"
            "higher one comes first." },
  { WEIR_CONFIG_IN_ROUTING, "routing.session-affinity", WEIR_CONFIG_TYPE_BOOL,
    IN_FILE (session_affinity), .initial = "true", .since = WEIR_CONFIG_SINCE_7,
    .help = "Let a conversation stay with its credential, so that the upstream's prompt\n"
            "cache is used." },
  { WEIR_CONFIG_IN_ROUTING, "routing.session-affinity-ttl", WEIR_CONFIG_TYPE_DURATION,
    IN_FILE (session_affinity_ttl_s), RANGE (1, 30 * DAY_S), .initial = "1h",
    .since = WEIR_CONFIG_SINCE_7,
    .help = "How long after its last request a conversation is remembered, such as 1h30m." },
  { FILE_ROW, "force-model-prefix", WEIR_CONFIG_TYPE_BOOL, IN_FILE (force_model_prefix),
    .initial = "false",
    .help = "Serve an entry with a prefix under prefix/model only, not under model as well." },
  { FILE_ROW, "request-retry", WEIR_CONFIG_TYPE_COUNT, IN_FILE (request_retry),
    RANGE (0, 100), .initial = "0", .example = "3",
    .help = "Further rounds over the credentials when all of them failed before the first\n"
            "byte of an answer." },
  { FILE_ROW, "max-retry-credentials", WEIR_CONFIG_TYPE_COUNT,
    IN_FILE (max_retry_credentials), RANGE (0, 10000), .initial = "0",
    .help = "Different credentials tried in a round. 0: all that serve the model." },
  { FILE_ROW, "max-retry-interval", WEIR_CONFIG_TYPE_SECONDS, IN_FILE (max_retry_interval_s),
    RANGE (0, DAY_S), .initial = "0", .example = "30",
    .help = "Longest wait in seconds for a credential before a further round." },
  { FILE_ROW, "retry-ambiguous", WEIR_CONFIG_TYPE_WORD, IN_FILE (retry_ambiguous),
    .words = ambiguities, .initial = "once", .since = WEIR_CONFIG_OURS,
    .help = "When a connection breaks behind a request that was sent, the upstream may be at\n"
            "work on it and count it. once: it is sent once more, unless that would leave two of\n"
            "something (a stored response, an image). never: the client is told." },
  { FILE_ROW, "disable-cooling", WEIR_CONFIG_TYPE_BOOL, IN_FILE (disable_cooling),
    .initial = "false",
    .help = "Let no credential rest after a failure." },
  { FILE_ROW, "transient-error-cooldown-seconds", WEIR_CONFIG_TYPE_NUMBER,
    IN_FILE (transient_error_cooldown_s), RANGE (-1, DAY_S), .initial = "0",
    .since = WEIR_CONFIG_SINCE_7,
    .help = "How long a credential rests after a passing failure (408, 500, 502, 503, 504).\n"
            "0: 60 seconds. -1: not at all." },
  { FILE_ROW, "save-cooldown-status", WEIR_CONFIG_TYPE_BOOL, IN_FILE (save_cooldown_status),
    .initial = "true", .since = WEIR_CONFIG_SINCE_7,
    .help = "Remember over a restart who rests until when." },
  { FILE_ROW, "quota-exceeded", WEIR_CONFIG_TYPE_SECTION,
    .inside = WEIR_CONFIG_IN_QUOTA_EXCEEDED,
    .help = "What else an account that was signed in to may try when a quota is used up." },
  { WEIR_CONFIG_IN_QUOTA_EXCEEDED, "quota-exceeded.switch-project", WEIR_CONFIG_TYPE_BOOL,
    IN_FILE (switch_project), .is_idle = TRUE, .initial = "false",
    .help = "Another project of the same account. Here each account has one project." },
  { WEIR_CONFIG_IN_QUOTA_EXCEEDED, "quota-exceeded.switch-preview-model",
    WEIR_CONFIG_TYPE_BOOL, IN_FILE (switch_preview_model), .is_idle = TRUE, .initial = "false",
    .help = "The preview of the same model. CLIProxyAPI has no such list any more." },
  { WEIR_CONFIG_IN_QUOTA_EXCEEDED, "quota-exceeded.antigravity-credits",
    WEIR_CONFIG_TYPE_BOOL, IN_FILE (antigravity_credits), .is_idle = TRUE, .initial = "false",
    .help = "Antigravity's paid credits." },

  /* keeping connections alive */
  { FILE_ROW, "streaming", WEIR_CONFIG_TYPE_SECTION, .inside = WEIR_CONFIG_IN_STREAMING,
    .help = "Streamed answers." },
  { WEIR_CONFIG_IN_STREAMING, "streaming.keepalive-seconds", WEIR_CONFIG_TYPE_SECONDS,
    IN_FILE (streaming_keepalive_s), RANGE (0, DAY_S), .initial = "15",
    .help = "A comment line to the client after that much silence. 0: never." },
  { WEIR_CONFIG_IN_STREAMING, "streaming.bootstrap-retries", WEIR_CONFIG_TYPE_COUNT,
    IN_FILE (bootstrap_retries), RANGE (0, 100), .initial = "0",
    .help = "How often a stream that broke before its first byte is asked for anew." },
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

  /* the desktop */
  { FILE_ROW, "tray", WEIR_CONFIG_TYPE_SECTION, .inside = WEIR_CONFIG_IN_TRAY,
    .since = WEIR_CONFIG_OURS, .help = "The icon in the panel." },
  { WEIR_CONFIG_IN_TRAY, "tray.enable", WEIR_CONFIG_TYPE_BOOL, IN_FILE (tray_enable),
    .initial = "true", .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_TRAY, "tray.left-click", WEIR_CONFIG_TYPE_WORD, IN_FILE (tray_left_click),
    .words = clicks, .initial = "window", .since = WEIR_CONFIG_OURS,
    .help = "window: shows the window, or closes the one in front. menu: the menu, as a right\n"
            "click. toggle: stops or starts the proxy." },
  { WEIR_CONFIG_IN_TRAY, "tray.middle-click", WEIR_CONFIG_TYPE_WORD,
    IN_FILE (tray_middle_click), .words = middle_clicks, .initial = "toggle",
    .since = WEIR_CONFIG_OURS,
    .help = "toggle: stops or starts the proxy. refresh: asks the vendors what is left. copy:\n"
            "the address for clients." },
  { WEIR_CONFIG_IN_TRAY, "tray.hide-stopped", WEIR_CONFIG_TYPE_BOOL,
    IN_FILE (tray_hide_stopped), .initial = "false", .since = WEIR_CONFIG_OURS,
    .help = "No icon while the proxy is stopped." },
  { WEIR_CONFIG_IN_TRAY, "tray.show-percent", WEIR_CONFIG_TYPE_BOOL,
    IN_FILE (tray_show_percent), .initial = "false", .since = WEIR_CONFIG_OURS,
    .help = "What is left, beside the icon, in panels that can show it." },
  { WEIR_CONFIG_IN_TRAY, "tray.hide-addresses", WEIR_CONFIG_TYPE_BOOL,
    IN_FILE (tray_hide_addresses), .initial = "false", .since = WEIR_CONFIG_OURS,
    .help = "No mail addresses in menu, notifications and search." },
  { FILE_ROW, "notifications", WEIR_CONFIG_TYPE_BOOL, IN_FILE (notifications),
    .initial = "true", .since = WEIR_CONFIG_OURS,
    .help = "Tell the desktop what runs out, and what needs you." },
  { FILE_ROW, "notify-left", WEIR_CONFIG_TYPE_COUNT, IN_FILE (notify_left), RANGE (0, 99),
    .initial = "20", .since = WEIR_CONFIG_OURS,
    .help = "Percent of a limit that are left when that is told, and when the icon warns.\n"
            "0: not told." },
  { FILE_ROW, "notify-left-last", WEIR_CONFIG_TYPE_COUNT, IN_FILE (notify_left_last),
    RANGE (0, 99), .initial = "5", .since = WEIR_CONFIG_OURS,
    .help = "The same once more, when less is left." },

  /* upstreams */
  { FILE_ROW, "claude-api-key", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_KEY_ENTRY, .kind = WEIR_CONFIG_CLAUDE,
    .example = "claude-api-key:\n"
               "  - api-key: \"sk-ant-...\"\n"
               "    base-url: \"https://claude.example/\" # only where not Anthropic itself\n"
               "    priority: 10                      # higher ones are tried first\n"
               "    weight: 2                         # its part in weighted-round-robin\n"
               "    prefix: \"team\"                    # models are also called team/...\n"
               "    proxy-url: \"socks5://127.0.0.1:1080\"\n"
               "    headers:\n"
               "      X-Team: \"blue\"\n"
               "      X-Request: \"$X-Request\"         # the client's, where it sent one\n"
               "    models:                           # none: all of the upstream's\n"
               "      - name: \"claude-sonnet-4-5\"     # what the upstream calls it\n"
               "        alias: \"sonnet\"               # what clients call it\n"
               "        display-name: \"Sonnet\"\n"
               "        max-context-length: 200000\n"
               "        force-mapping: true           # answers say sonnet as well\n"
               "    excluded-models: [\"claude-3-*\"]\n"
               "    drop-tools: [\"web_search\"]        # tools that it never gets to see\n"
               "    disable-cooling: true             # none: as disable-cooling above\n"
               "    request-retry: 1                  # none: as request-retry above\n"
               "    request-scoped-errors:            # what is the request's own fault\n"
               "      - status: 400\n"
               "        match: [\"prompt is too long\"] # a part of the answer\n"
               "        match-regexr: [\"tokens? > [0-9]+\"]\n"
               "        action: \"stop\"                # or stop-and-cooldown, continue,\n"
               "                                      # continue-and-cooldown",
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
               "  - api-key: \"AIza...\"\n"
               "    name: \"studio\"                    # what accounts: of keys and groups say",
    .help = "Google AI Studio keys." },
  { FILE_ROW, "vertex-api-key", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_KEY_ENTRY, .kind = WEIR_CONFIG_VERTEX,
    .example = "vertex-api-key:\n"
               "  - api-key: \"vk-...\"\n"
               "    base-url: \"https://vertex.example/api\"\n"
               "  - service-account: \"/home/me/weir-vertex.json\" # or vault:NAME\n"
               "    location: \"us-central1\"           # none: global\n"
               "    project-id: \"my-project\"          # none: the file's own",
    .help = "Upstreams that speak Vertex AI: by api-key, or by service-account, the key file of\n"
            "a service account of Google Cloud." },
  { FILE_ROW, "openai-compatibility", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_COMPAT, .kind = WEIR_CONFIG_COMPAT,
    .example = "openai-compatibility:\n"
               "  - name: \"example\"\n"
               "    base-url: \"https://llm.example/v1\"\n"
               "    api-key-entries:                  # none: the upstream asks for no key\n"
               "      - api-key: \"sk-...\"\n"
               "        proxy-url: \"direct\"\n"
               "    models:\n"
               "      - name: \"qwen3-coder\"\n"
               "        alias: \"coder\"\n"
               "  - name: \"far-machine\"\n"
               "    base-url: \"http://192.0.2.7:8000/v1\"\n"
               "    allow-plain: true                 # the key travels readable\n"
               "  - name: \"local\"\n"
               "    disabled: true\n"
               "    base-url: \"http://127.0.0.1:11434/v1\"",
    .help = "Upstreams that speak OpenAI Chat Completions." },
  { FILE_ROW, "providers", WEIR_CONFIG_TYPE_ENTRIES, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_COMPAT, .kind = WEIR_CONFIG_COMPAT, .since = WEIR_CONFIG_OURS,
    .example = "providers:\n"
               "  - provider: groq\n"
               "    api-key: \"gsk_...\"\n"
               "  - provider: ollama                  # on this machine, no key\n"
               "    name: \"cellar\"                    # none: the provider's",
    .help = "Vendors whose address and dialect are known here; the other keys are those of\n"
            "openai-compatibility. There are:" },
  { FILE_ROW, "passthru", WEIR_CONFIG_TYPE_PASSTHRU, IN_FILE (entries),
    .inside = WEIR_CONFIG_IN_PASSTHRU, .since = WEIR_CONFIG_OURS,
    .example = "passthru:\n"
               "  - model: \"glm-x\"                    # what clients call it\n"
               "    protocol: openai                  # or claude, codex\n"
               "    base-url: \"https://llm.example/v1\"\n"
               "    upstream-model: \"glm-x-2026\"      # none: as model\n"
               "    api-key: \"sk-...\"                 # or api-keys: a list\n"
               "    context-window: 128000\n"
               "    max-tokens: 32000                 # of an answer, for lists of models\n"
               "    preserve-reasoning-content: true  # calls of tools never lack a thought\n"
               "    drop-tools: [\"web_search\"]\n"
               "    supports-developer-role: false    # developer messages go as system ones\n"
               "    lenient: true                     # rests after no failure\n"
               "    payload:                          # as payload below, of this row only\n"
               "      override: {temperature: 0.2}",
    .help = "A row a model. The variable PASSTHRU_MODELS_JSON may hold further ones as JSON; it\n"
            "replaces the rows here of the same model." },
  { FILE_ROW, "payload", WEIR_CONFIG_TYPE_PAYLOAD, IN_FILE (payload),
    .example = "payload:\n"
               "  default:                            # where the client said nothing\n"
               "    - models:\n"
               "        - name: \"gemini-2.5-*\"        # * stands for any text\n"
               "          protocol: \"gemini\"          # the upstream's; none: any\n"
               "      params:\n"
               "        generationConfig.thinkingConfig.thinkingBudget: 32768\n"
               "  override:                           # whatever the client said\n"
               "    - models:\n"
               "        - name: \"gpt-*\"\n"
               "          from-protocol: \"claude\"     # the client's\n"
               "          headers: {X-Tier: \"gold*\"}  # of the client\n"
               "          match: [{metadata.client: \"codex\"}] # also not-match\n"
               "          exist: [\"tools\"]            # also not-exist\n"
               "      params: {service_tier: \"priority\"}\n"
               "  override-raw:                       # values are JSON; also default-raw\n"
               "    - models: [{name: \"m\"}]\n"
               "      params: {response_format: '{\"type\": \"json_object\"}'}\n"
               "  filter:                             # taken out\n"
               "    - models: [{name: \"grok-*\"}]\n"
               "      params: [\"logit_bias\"]\n"
               "  drop-tools: [\"web_search\"]          # tools that no upstream gets to see",
    .help = "Changes of request bodies, by path, in the upstream's dialect." },

  /* accounts */
  { FILE_ROW, "oauth-model-alias", WEIR_CONFIG_TYPE_CHANNELS, IN_FILE (channels),
    .inside = WEIR_CONFIG_IN_CHANNEL,
    .example = "oauth-model-alias:\n"
               "  claude:\n"
               "    - name: \"claude-sonnet-4-5-20250929\"\n"
               "      alias: \"cs4.5\"\n"
               "      fork: true                      # the name itself is offered too",
    .help = "Other names for the models of accounts that were signed in to, by their kind." },
  { FILE_ROW, "oauth-excluded-models", WEIR_CONFIG_TYPE_CHANNELS, IN_FILE (channels),
    .inside = WEIR_CONFIG_IN_CHANNEL,
    .example = "oauth-excluded-models:\n"
               "  codex: [\"gpt-5-codex-mini\"]",
    .help = "Models that such accounts do not serve." },
  { FILE_ROW, "oauth-request-scoped-errors", WEIR_CONFIG_TYPE_CHANNELS, IN_FILE (channels),
    .inside = WEIR_CONFIG_IN_CHANNEL, .since = WEIR_CONFIG_SINCE_7,
    .example = "oauth-request-scoped-errors:\n"
               "  claude:\n"
               "    - status: 400\n"
               "      match: [\"prompt is too long\"]\n"
               "      action: \"stop\"",
    .help = "request-scoped-errors of such accounts." },
  { FILE_ROW, "auth-dir", WEIR_CONFIG_TYPE_STRING, IN_FILE (auth_dir), .initial = "\"\"",
    .help = "Folder in which another program (CLIProxyAPI) keeps its sign-ins. They serve here\n"
            "too, as that program renews them; Weir never does. Empty: none." },
  { FILE_ROW, "oauth-clients", WEIR_CONFIG_TYPE_OAUTH_CLIENTS, IN_FILE (oauth_clients),
    .inside = WEIR_CONFIG_IN_OAUTH_CLIENT, .since = WEIR_CONFIG_OURS,
    .example = "oauth-clients:\n"
               "  antigravity:\n"
               "    client-secret: \"vault:antigravity\" # or the secret itself\n"
               "  codex:\n"
               "    client-id: \"app_...\"            # none: the vendor's own program's",
    .help = "Who Weir is to a vendor when you sign in there. Google and iFlow want a client\n"
            "secret, which Weir does not bring along." },
  { FILE_ROW, "vendor-hosts", WEIR_CONFIG_TYPE_VENDOR_HOSTS, IN_FILE (vendor_hosts),
    .since = WEIR_CONFIG_OURS,
    .example = "vendor-hosts:\n"
               "  \"https://claude.ai\": \"https://gateway.example/claude.ai\"",
    .help = "Other addresses for those of vendors that are built in, for a gateway of your own:\n"
            "sign-ins, tokens and requests of accounts then go there." },
};
/* clang-format on */

const WeirConfigRows weir_config_rows_file = { rows, G_N_ELEMENTS (rows) };
