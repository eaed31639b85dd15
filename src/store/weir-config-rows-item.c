/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys in the items of lists: entries of the provider lists, and what is inside them.
 */

#include "config.h"

#include "store/weir-config-rows.h"

#define COMPAT WEIR_CONFIG_IN_COMPAT
#define PASSTHRU WEIR_CONFIG_IN_PASSTHRU
#define MODEL (WEIR_CONFIG_IN_MODEL | WEIR_CONFIG_IN_ALIAS)
#define CREDENTIAL WEIR_CONFIG_IN_CREDENTIAL
#define ERROR_RULE WEIR_CONFIG_IN_ERROR_RULE
#define IN_DRAFT(member) .offset = offsetof (WeirConfigDraft, member)
#define IN_MODEL(member) .offset = offsetof (WeirConfigModel, member)
#define IN_RULE(member) .offset = offsetof (WeirConfigErrorRuleDraft, member)

static const WeirConfigWord protocols[] = {
  { "openai", WEIR_CONFIG_COMPAT },
  { "openai-chat", WEIR_CONFIG_COMPAT },
  { "openai_compat", WEIR_CONFIG_COMPAT },
  { "openai-compat", WEIR_CONFIG_COMPAT },
  { "openai-compatibility", WEIR_CONFIG_COMPAT },
  { "claude", WEIR_CONFIG_CLAUDE },
  { "codex", WEIR_CONFIG_CODEX },
  { "responses", WEIR_CONFIG_CODEX },
  { NULL, 0 },
};

static const WeirConfigWord actions[] = {
  { "stop", WEIR_ERROR_RULE_STOP },
  { "stop-and-cooldown", WEIR_ERROR_RULE_STOP_AND_COOLDOWN },
  { "continue", WEIR_ERROR_RULE_CONTINUE },
  { "continue-and-cooldown", WEIR_ERROR_RULE_CONTINUE_AND_COOLDOWN },
  { NULL, 0 },
};

/* clang-format off */
static const WeirConfigKey rows[] = {
  { COMPAT, "provider", WEIR_CONFIG_TYPE_PROVIDER, IN_ENTRY (provider),
    .since = WEIR_CONFIG_OURS },
  { COMPAT, "name", WEIR_CONFIG_TYPE_STRING, IN_ENTRY (name) },
  { WEIR_CONFIG_IN_KEY_ENTRY, "service-account", WEIR_CONFIG_TYPE_SECRET,
    IN_DRAFT (service_account), .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_KEY_ENTRY, "project-id", WEIR_CONFIG_TYPE_STRING, IN_ENTRY (project),
    .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_KEY_ENTRY, "location", WEIR_CONFIG_TYPE_STRING, IN_ENTRY (location),
    .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_KEY_ENTRY, "name", WEIR_CONFIG_TYPE_STRING, IN_ENTRY (name),
    .since = WEIR_CONFIG_OURS },
  { COMPAT, "disabled", WEIR_CONFIG_TYPE_BOOL, IN_DRAFT (disabled),
    .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY | PASSTHRU, "api-key", WEIR_CONFIG_TYPE_SECRET, IN_OWN (api_key) },
  { ENTRY | PASSTHRU, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL, IN_OWN (proxy_url) },
  { ENTRY | PASSTHRU, "base-url", WEIR_CONFIG_TYPE_BASE_URL, IN_ENTRY (base_url) },
  { ENTRY | PASSTHRU, "headers", WEIR_CONFIG_TYPE_HEADERS, IN_ENTRY (headers) },
  { ENTRY | PASSTHRU, "priority", WEIR_CONFIG_TYPE_NUMBER, IN_ENTRY (priority),
    RANGE (-1000000, 1000000) },
  { ENTRY | PASSTHRU, "weight", WEIR_CONFIG_TYPE_COUNT, IN_ENTRY (weight),
    RANGE (0, 1000000), .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY | PASSTHRU, "allow-plain", WEIR_CONFIG_TYPE_BOOL, IN_ENTRY (allow_plain),
    .since = WEIR_CONFIG_OURS },
  { ENTRY | PASSTHRU, "drop-tools", WEIR_CONFIG_TYPE_STRINGS, IN_ENTRY (drop_tools),
    .since = WEIR_CONFIG_OURS },
  { ENTRY | PASSTHRU, "request-scoped-errors", WEIR_CONFIG_TYPE_ERROR_RULES,
    IN_ENTRY (error_rules), .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY | WEIR_CONFIG_IN_RATE_LIMIT, "disable-cooling", WEIR_CONFIG_TYPE_SWITCH,
    IN_ENTRY (disable_cooling), .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY | WEIR_CONFIG_IN_RATE_LIMIT, "request-retry", WEIR_CONFIG_TYPE_NUMBER,
    IN_ENTRY (request_retry), RANGE (-1000000, 100), .since = WEIR_CONFIG_SINCE_7 },
  { ENTRY, "prefix", WEIR_CONFIG_TYPE_PREFIX, IN_ENTRY (prefix) },
  { ENTRY, "models", WEIR_CONFIG_TYPE_MODELS, IN_ENTRY (models) },
  { ENTRY, "excluded-models", WEIR_CONFIG_TYPE_GLOBS, IN_ENTRY (excluded_models) },
  { COMPAT, "api-key-entries", WEIR_CONFIG_TYPE_CREDENTIALS, IN_ENTRY (credentials) },
  { COMPAT | PASSTHRU, "api-keys", WEIR_CONFIG_TYPE_CREDENTIAL_KEYS, IN_ENTRY (credentials),
    .since = WEIR_CONFIG_SINCE_OLD },

  { PASSTHRU, "model", WEIR_CONFIG_TYPE_STRING, IN_DRAFT (model), .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "model-routing-name", WEIR_CONFIG_TYPE_STRING, IN_DRAFT (routing_name),
    .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "upstream-model", WEIR_CONFIG_TYPE_STRING, IN_DRAFT (upstream_model),
    .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "protocol", WEIR_CONFIG_TYPE_WORD, IN_ENTRY (kind), .words = protocols,
    .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "context-window", WEIR_CONFIG_TYPE_COUNT, IN_DRAFT (context_window),
    RANGE (0, 1000000000), .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "max-tokens", WEIR_CONFIG_TYPE_COUNT, IN_DRAFT (max_tokens),
    RANGE (0, 1000000000), .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "model-override", WEIR_CONFIG_TYPE_SECTION,
    .inside = WEIR_CONFIG_IN_MODEL_OVERRIDE, .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_MODEL_OVERRIDE, "context-length", WEIR_CONFIG_TYPE_COUNT,
    IN_DRAFT (real_context), RANGE (0, 1000000000), .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_MODEL_OVERRIDE, "max-completion-tokens", WEIR_CONFIG_TYPE_COUNT,
    IN_DRAFT (real_output), RANGE (0, 1000000000), .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "preserve-reasoning-content", WEIR_CONFIG_TYPE_BOOL, IN_ENTRY (mends_thinking),
    .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "payload", WEIR_CONFIG_TYPE_PAYLOAD, IN_ENTRY (payload),
    .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "lenient", WEIR_CONFIG_TYPE_BOOL, IN_ENTRY (lenient),
    .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "supports-developer-role", WEIR_CONFIG_TYPE_SWITCH,
    IN_ENTRY (supports_developer_role), .since = WEIR_CONFIG_OURS },
  { PASSTHRU, "rate-limit", WEIR_CONFIG_TYPE_SECTION, .inside = WEIR_CONFIG_IN_RATE_LIMIT,
    .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_RATE_LIMIT, "disable-model-suspend", WEIR_CONFIG_TYPE_SWITCH,
    IN_DRAFT (keeps_model), .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_RATE_LIMIT, "disable-provider-suspend", WEIR_CONFIG_TYPE_SWITCH,
    IN_DRAFT (keeps_provider), .since = WEIR_CONFIG_OURS },

  { CREDENTIAL, "api-key", WEIR_CONFIG_TYPE_SECRET, IN_CREDENTIAL (api_key) },
  { CREDENTIAL, "proxy-url", WEIR_CONFIG_TYPE_PROXY_URL, IN_CREDENTIAL (proxy_url) },
  { CREDENTIAL, "weight", WEIR_CONFIG_TYPE_COUNT, IN_CREDENTIAL (weight), RANGE (0, 1000000),
    .since = WEIR_CONFIG_SINCE_7 },
  { CREDENTIAL, "disabled", WEIR_CONFIG_TYPE_BOOL,
    .offset = offsetof (WeirConfigCredentialDraft, disabled), .since = WEIR_CONFIG_OURS },

  { MODEL, "name", WEIR_CONFIG_TYPE_STRING, IN_MODEL (name) },
  { MODEL, "alias", WEIR_CONFIG_TYPE_STRING, IN_MODEL (alias) },
  { MODEL, "display-name", WEIR_CONFIG_TYPE_STRING, IN_MODEL (display_name),
    .since = WEIR_CONFIG_SINCE_7 },
  { MODEL, "force-mapping", WEIR_CONFIG_TYPE_BOOL, IN_MODEL (force_mapping),
    .since = WEIR_CONFIG_SINCE_7 },
  { MODEL, "max-context-length", WEIR_CONFIG_TYPE_COUNT, IN_MODEL (max_context_length),
    RANGE (0, 1000000000), .since = WEIR_CONFIG_SINCE_7 },
  { WEIR_CONFIG_IN_ALIAS, "fork", WEIR_CONFIG_TYPE_BOOL, IN_MODEL (fork) },

  { ERROR_RULE, "status", WEIR_CONFIG_TYPE_NUMBER, IN_RULE (status), RANGE (100, 599),
    .since = WEIR_CONFIG_SINCE_7 },
  { ERROR_RULE, "match", WEIR_CONFIG_TYPE_STRINGS, IN_RULE (match),
    .since = WEIR_CONFIG_SINCE_7 },
  { ERROR_RULE, "match-regexr", WEIR_CONFIG_TYPE_STRINGS, IN_RULE (regexes),
    .since = WEIR_CONFIG_SINCE_7 },
  { ERROR_RULE, "action", WEIR_CONFIG_TYPE_WORD, IN_RULE (action), .words = actions,
    .since = WEIR_CONFIG_SINCE_7 },

  { WEIR_CONFIG_IN_OAUTH_CLIENT, "client-id", WEIR_CONFIG_TYPE_STRING,
    .offset = offsetof (WeirConfigOauthClient, client_id), .since = WEIR_CONFIG_OURS },
  { WEIR_CONFIG_IN_OAUTH_CLIENT, "client-secret", WEIR_CONFIG_TYPE_SECRET,
    .offset = offsetof (WeirConfigOauthClient, client_secret), .since = WEIR_CONFIG_OURS },

  /* what an oauth-* key holds for one channel */
  { WEIR_CONFIG_IN_CHANNEL, "oauth-model-alias", WEIR_CONFIG_TYPE_ALIASES,
    .offset = offsetof (WeirConfigChannel, models) },
  { WEIR_CONFIG_IN_CHANNEL, "oauth-excluded-models", WEIR_CONFIG_TYPE_GLOBS,
    .offset = offsetof (WeirConfigChannel, excluded_models) },
  { WEIR_CONFIG_IN_CHANNEL, "oauth-request-scoped-errors", WEIR_CONFIG_TYPE_ERROR_RULES,
    .offset = offsetof (WeirConfigChannel, error_rules), .since = WEIR_CONFIG_SINCE_7 },
};
/* clang-format on */

const WeirConfigRows weir_config_rows_item = { rows, G_N_ELEMENTS (rows) };
